-- Wallets registered since the last commit: they follow from the block after
-- the tip ($2) on, a history job owns $3..$2, and streams that name them are
-- linked at once. A contract (in $4, or covered before it was ever adopted) is
-- no wallet.
with newcomers as (
	select w.wallet
	from chain.watched w
	where w.chain_id = $1::bigint and (w.since is null or not w.linked)
		and w.wallet <> all ($4::bytea[])
		and (w.since is not null or not exists (
			select from chain.coverage c
			where c.chain_id = w.chain_id and c.source = w.wallet))
), adopted as (
	update chain.watched w
	set since = coalesce(w.since, $2::bigint + 1), linked = true,
		adopted_at = coalesce(w.adopted_at, now())
	from newcomers n
	where w.chain_id = $1::bigint and w.wallet = n.wallet
	returning w.wallet
), history as (
	insert into chain.jobs (chain_id, kind, wallets, from_block, to_block)
	select $1::bigint, 'history', array_agg(wallet order by wallet),
		$3::bigint, $2::bigint
	from adopted
	having count(*) > 0 and $3::bigint <= $2::bigint
), concerned as (
	select s.id
	from adopted a
	join public.streams s on s.worker_wallet = chain.hex(a.wallet)
		and s.worker_id is null
	union
	select s.id
	from adopted a
	join public.streams s on s.platform_wallet = chain.hex(a.wallet)
		and s.platform_id is null
), linked as (
	update public.streams s
	set worker_id = coalesce(s.worker_id, (select w.id
			from public.workers w
			where w.wallet_address = s.worker_wallet)),
		platform_id = coalesce(s.platform_id, (select p.id
			from public.platforms p
			where p.wallet_address = s.platform_wallet))
	from concerned c
	where s.id = c.id and s.chain_id = $1::bigint
	returning s.id, s.worker_id, s.platform_id
), linked_transactions as (
	update public.transactions t
	set worker_id = coalesce(t.worker_id, l.worker_id),
		platform_id = coalesce(t.platform_id, l.platform_id)
	from linked l
	where t.stream_id = l.id
)
select wallet from adopted
