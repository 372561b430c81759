-- Takes up to $2 new ones up: what has a hash was sent. Returns the transactions
-- of the chain that may be them. What an application is about to change is
-- left for the next time.
with known as (
	update chain.intents i
	set is_new = false, head = coalesce(i.head, n.head_number)
	from (
		select i.id, c.head_number
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
	returning i.id, i.head
), sent as (
	update public.transactions t
	set status = 'submitted', submitted_at = coalesce(t.submitted_at, now())
	from known k
	where t.id = k.id and t.status = 'pending' and t.tx_hash is not null
	returning t.id
), told as (
	insert into chain.transitions (chain_id, subject, row_id, from_status,
		to_status, reason)
	select $1::bigint, 'transaction', id, 'pending', 'submitted', 'sent'
	from sent
)
select f.tx_hash
from known k
join public.transactions t on t.id = k.id
join chain.transfers f on f.chain_id = $1::bigint
	and f.tx_hash = chain.unhex(t.tx_hash) and not f.orphaned
union
select f.tx_hash
from known k
join public.transactions t on t.id = k.id and t.tx_hash is null
join chain.transfers f on f.chain_id = $1::bigint and not f.orphaned
	and f.block_number > k.head
	and f.from_wallet = chain.unhex(t.from_wallet)
	and f.to_wallet = chain.unhex(t.to_wallet)
	and f.amount = t.amount_usdc * 1000000
