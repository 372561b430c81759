-- All events of the streams and loans ($2, $3), of those that share a transaction
-- with them, and so on; beginning with those of the transactions $4, too. (Kinds
-- 1 to 49 are of streams and loans.) And the other events of these
-- transactions.
with recursive closure (contract, subject) as (
	(
		select * from unnest($2::bytea[], $3::numeric[])
		union
		select e.contract, e.subject
		from unnest($4::bytea[]) t (hash)
		join chain.events e on e.chain_id = $1::bigint
			and e.tx_hash = t.hash and not e.orphaned
			and e.kind < 50
	)
	union
	select b.contract, b.subject
	from closure c
	join chain.events a on a.chain_id = $1::bigint
		and a.contract = c.contract and a.subject = c.subject
		and not a.orphaned
	join chain.events b on b.chain_id = $1::bigint
		and b.tx_hash = a.tx_hash and not b.orphaned and b.kind < 50
), found as (
	select e.*
	from closure c
	join chain.events e on e.chain_id = $1::bigint
		and e.contract = c.contract and e.subject = c.subject
		and not e.orphaned
	union all
	select e.*
	from unnest($4::bytea[]) t (hash)
	join chain.events e on e.chain_id = $1::bigint and e.tx_hash = t.hash
		and not e.orphaned and e.kind >= 50
)
select e.block_number, e.block_hash, e.block_time, e.tx_index, e.log_index,
	e.tx_hash, e.contract, e.kind, e.part, e.subject, e.topics, e.data
from found e
order by e.block_number, e.log_index, e.part
