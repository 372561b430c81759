with failed as (
	update public.transactions t
	set status = 'failed', error_message = x.reason
	from unnest($2::uuid[], $3::text[]) x (id, reason)
	where t.id = x.id and t.chain_id = $1::bigint
		and t.status = 'submitted' and t.block_number is null
	returning t.id, x.reason
)
insert into chain.transitions (chain_id, subject, row_id, from_status,
	to_status, reason)
select $1::bigint, 'transaction', id, 'submitted', 'failed', reason
from failed
