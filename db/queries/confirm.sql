-- $2: the final block, $3: the head. Returns how many there were of each type.
with confirmed as (
	update public.transactions t
	set status = 'confirmed',
		confirmations = greatest($3::bigint - t.block_number + 1, 0),
		confirmed_at = coalesce((select chain.to_time(b.time)
			from chain.blocks b
			where b.chain_id = t.chain_id
				and b.number = t.block_number), t.submitted_at)
	where t.chain_id = $1::bigint and t.status = 'submitted'
		and t.block_number <= $2::bigint
	returning t.id, t.type, t.block_number, t.confirmed_at
), told as (
	insert into chain.transitions (chain_id, subject, row_id, from_status,
		to_status, reason, block_number, block_time)
	select $1::bigint, 'transaction', id, 'submitted', 'confirmed', 'final',
		block_number, confirmed_at
	from confirmed
)
select type::text, count(*) from confirmed group by type
