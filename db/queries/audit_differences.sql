-- Accounts ($4) that had $6 after block $5 and $7 after block $2, of which that
-- is not what the transfers in between say. $3: decimals of those balances.
with account as (
	select *
	from unnest($4::bytea[], $5::bigint[], $6::numeric[], $7::numeric[])
		with ordinality a (account, opened, opening, closing, i)
), moved as (
	select a.i, t.amount, t.dust
	from account a
	join chain.transfers t on t.to_wallet = a.account
		and t.block_number > a.opened
	where t.chain_id = $1::bigint and not t.orphaned
		and t.block_number <= $2::bigint
	union all
	select a.i, -t.amount, -t.dust
	from account a
	join chain.transfers t on t.from_wallet = a.account
		and t.block_number > a.opened
	where t.chain_id = $1::bigint and not t.orphaned
		and t.block_number <= $2::bigint
), sums as (
	select i, case $3::integer
		when 18 then sum(amount) * 1000000000000 + sum(dust)
		else sum(amount) end as amount
	from moved
	group by i
), books as (
	select a.i, a.account, a.closing,
		a.opening + coalesce(s.amount, 0) as expected,
		case $3::integer when 18 then 0.000000000000000001
			else 0.000001 end as unit
	from account a
	left join sums s using (i)
)
select account, (expected * unit)::text, (closing * unit)::text,
	((closing - expected) * unit)::text, closing > expected
from books
where closing <> expected
order by i
