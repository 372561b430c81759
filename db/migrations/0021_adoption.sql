-- As before, and of a wallet that is watched from now on, what is known already
-- is linked and told at once: its loans too, and its reputation.
create or replace function chain.adopt(chain bigint, tip bigint, start bigint,
	contracts bytea[]) returns setof bytea
language plpgsql as $$
declare
	wallets bytea[];
	names text[];
	linked uuid[];
begin
	with newcomers as (
		select w.wallet
		from chain.watched w
		where w.chain_id = chain and (w.since is null or not w.linked)
			and w.wallet <> all (contracts)
			and (w.since is not null or not exists (
				select from chain.coverage c
				where c.chain_id = w.chain_id
					and c.source = w.wallet))
	), adopted as (
		update chain.watched w
		set since = coalesce(w.since, tip + 1), linked = true,
			adopted_at = coalesce(w.adopted_at, now())
		from newcomers n
		where w.chain_id = chain and w.wallet = n.wallet
		returning w.wallet
	)
	select array_agg(wallet order by wallet) into wallets from adopted;
	if wallets is null then
		return;
	end if;
	if start <= tip then
		insert into chain.jobs (chain_id, kind, wallets, from_block,
			to_block)
		values (chain, 'history', wallets, start, tip);
	end if;
	names := array(select chain.hex(w) from unnest(wallets) w);
	with changed as (
		update public.streams s
		set worker_id = coalesce(s.worker_id, (select w.id
				from public.workers w
				where w.wallet_address = s.worker_wallet)),
			platform_id = coalesce(s.platform_id, (select p.id
				from public.platforms p
				where p.wallet_address = s.platform_wallet))
		where s.chain_id = chain
			and ((s.worker_id is null
					and s.worker_wallet = any (names))
				or (s.platform_id is null
					and s.platform_wallet = any (names)))
		returning s.id
	)
	select array_agg(id) into linked from changed;
	update public.transactions t
	set worker_id = coalesce(t.worker_id, s.worker_id),
		platform_id = coalesce(t.platform_id, s.platform_id)
	from public.streams s
	where t.stream_id = any (linked) and s.id = t.stream_id;
	with changed as (
		update public.loans l
		set worker_id = w.id
		from public.workers w
		where l.chain_id = chain and l.worker_id is null
			and l.worker_wallet = any (names)
			and w.wallet_address = l.worker_wallet
		returning l.id
	)
	select array_agg(id) into linked from changed;
	update public.transactions t
	set worker_id = l.worker_id
	from public.loans l
	where t.loan_id = any (linked) and l.id = t.loan_id
		and t.worker_id is null;
	perform chain.publish_reputation_of(chain, names);
	return query select unnest(wallets);
end
$$;
