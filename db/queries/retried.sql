-- $3: tried; $2: those of them that are facts now.
with decoded as (
	delete from chain.quarantine
	where chain_id = $1::bigint and id = any ($2::bigint[])
)
update chain.quarantine set retry_job = null
where chain_id = $1::bigint and id = any ($3::bigint[])
	and id <> all ($2::bigint[])
