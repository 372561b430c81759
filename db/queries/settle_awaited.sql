-- $2 id, $3 hash, $4 verdict (NULL: a node has it), $5 sender, $6 nonce and $7
-- block, where they are known; $8 the token. A hash that nobody gave, but that
-- was found by its transfer, is gone with its transaction: the intent is free
-- for another one. A mismatch needs a block that was read for one of its wallets.
with asked as (
	select x.*, i.id as intent, i.head,
		i.id is not null and not i.hash_given as is_free
	from unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[],
		$6::numeric[], $7::bigint[])
		x (id, hash, verdict, sender, nonce, block)
	join public.transactions t on t.id = x.id and t.tx_hash = x.hash
	left join chain.intents i on i.id = x.id
	where t.chain_id = $1::bigint and t.status = 'submitted'
		and t.block_number is null
		and (x.verdict is distinct from 'mismatch' or exists (
			select from chain.wallet_coverage($1::bigint,
				$8::bytea) w
			where w.wallet in (chain.unhex(t.from_wallet),
					chain.unhex(t.to_wallet))
				and w.ranges @> x.block))
	for update of t skip locked
), seen as (
	update chain.intents i
	set sender = a.sender, nonce = a.nonce,
		seen_at = case when a.verdict is null then now()
			else i.seen_at end
	from asked a
	where i.id = a.intent and a.sender is not null
		and not (a.is_free and a.verdict is not null)
), failed as (
	update public.transactions t
	set status = 'failed', error_message = a.verdict || coalesce((
			select ' by ' || chain.hex(f.tx_hash)
			from chain.transfers f
			where a.verdict = 'replaced'
				and f.chain_id = $1::bigint
				and not f.orphaned
				and f.block_number > a.head
				and f.sender = a.sender and f.nonce = a.nonce
			limit 1), ''),
		tx_hash = case when not a.is_free then t.tx_hash end,
		ordinal = case when a.intent is null then t.ordinal end
	from asked a
	where t.id = a.id and a.verdict is not null
	returning t.id, a.verdict
), freed as (
	update chain.intents i
	set is_new = true, sender = null, nonce = null
	from asked a
	where i.id = a.intent and a.is_free and a.verdict is not null
)
insert into chain.transitions (chain_id, subject, row_id, from_status,
	to_status, reason)
select $1::bigint, 'transaction', id, 'submitted', 'failed', verdict
from failed
