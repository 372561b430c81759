-- Ids of rows that were deleted, as chain.transitions remembers them. Row $2 (an
-- index) of kind $3 is to begin in block $4; they are in the order in which one
-- commit tells them. An id is known where as many rows began in the block and are
-- not there any more, all told by one commit.
with wanted as (
	select w.i, w.subject, w.block_number,
		row_number() over (partition by w.subject, w.block_number
			order by w.i) as nth,
		count(*) over (partition by w.subject, w.block_number) as n
	from unnest($2::bigint[], $3::text[], $4::bigint[])
		w (i, subject, block_number)
), begun as (
	select t.subject, t.block_number, t.row_id, min(t.id) as first,
		min(t.at) as at
	from (select distinct subject, block_number from wanted) w
	join chain.transitions t on t.chain_id = $1::bigint
		and t.block_number = w.block_number and t.subject = w.subject
		and t.from_status is null
	group by t.subject, t.block_number, t.row_id
), lost as (
	select b.subject, b.block_number, b.row_id,
		row_number() over (partition by b.subject, b.block_number
			order by b.first) as nth,
		count(*) over (partition by b.subject, b.block_number) as n,
		min(b.at) over (partition by b.subject, b.block_number)
			= max(b.at) over (partition by b.subject,
				b.block_number) as at_once
	from begun b
	where not exists (select from public.streams where id = b.row_id)
		and not exists (select from public.loans where id = b.row_id)
		and not exists (select from public.transactions
			where id = b.row_id)
		and not exists (select from chain.transitions g
			where g.row_id = b.row_id and g.to_status is null
				and g.id > b.first)
)
select w.i, l.row_id
from wanted w
join lost l using (subject, block_number, nth, n)
where l.at_once
