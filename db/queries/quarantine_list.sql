-- The first $3 that have a higher id than $2; $4: those that were dropped, too.
select coalesce(json_agg(json_build_object('id', q.id,
	'kind', case when q.malformed then 'malformed'
		else 'contradicting' end,
	'block', q.block_number, 'block_hash', chain.hex(q.block_hash),
	'log_index', q.log_index, 'part', q.part,
	'tx_hash', chain.hex(q.tx_hash), 'contract', chain.hex(q.contract),
	'reason', q.reason, 'since', q.created_at,
	'retrying', q.retry_job is not null,
	'dropped', case when q.dropped_at is not null then json_build_object(
		'at', q.dropped_at, 'by', q.dropped_by,
		'reason', q.dropped_reason) end)
	order by q.id), '[]')::text
from (
	select *
	from chain.quarantine
	where chain_id = $1::bigint and not orphaned and id > $2::bigint
		and ($4::boolean or dropped_at is null)
	order by id
	limit $3::bigint
) q
