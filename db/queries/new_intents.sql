-- Takes up to $2 new ones up: what has a hash was sent (again, where it had
-- failed with another one). Returns the transactions of the chain that may be
-- them. What an application is about to change is left for the next time. The
-- transfers since the oldest head are read once, however many wait for one (those
-- with a hash stay in the list, without a head: the planner must not take it for
-- a short one).
with known as (
	update chain.intents i
	set is_new = false, head = coalesce(i.head, n.head_number)
	from (
		select i.id, c.head_number, t.status
		from chain.intents i
		join public.transactions t on t.id = i.id
		join chain.chains c on c.chain_id = i.chain_id
		where i.chain_id = $1::bigint and i.is_new
			and c.head_number is not null
		order by i.id
		limit $2::bigint
		for update of i, t skip locked
	) n
	where i.id = n.id
	returning i.id, i.head, i.since, n.status
), sent as (
	update public.transactions t
	set status = 'submitted', submitted_at = coalesce(t.submitted_at, now()),
		error_message = null
	from known k
	where t.id = k.id and t.status in ('pending', 'failed')
		and t.tx_hash is not null
	returning t.id, k.status
), told as (
	insert into chain.transitions (chain_id, subject, row_id, from_status,
		to_status, reason)
	select $1::bigint, 'transaction', id, status, 'submitted', 'sent'
	from sent
), wanted as materialized (
	select case when t.tx_hash is null then k.head end as head,
		coalesce(k.since, 0) as since,
		chain.unhex(t.from_wallet) as from_wallet,
		chain.unhex(t.to_wallet) as to_wallet,
		t.amount_usdc * 1000000 as amount
	from known k
	join public.transactions t on t.id = k.id
)
select f.tx_hash
from known k
join public.transactions t on t.id = k.id
join chain.transfers f on f.chain_id + 0 = $1::bigint
	and f.tx_hash = chain.unhex(t.tx_hash) and not f.orphaned
union
select f.tx_hash
from chain.transfers f
join wanted w using (from_wallet, to_wallet, amount)
where f.chain_id = $1::bigint and not f.orphaned
	and f.block_number > (select min(head) from wanted)
	and f.block_number > w.head and f.block_time >= w.since
