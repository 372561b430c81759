-- A page of the registered wallets, adopted or not, and of those that once were:
-- the ones after $2. Where the chain is not known yet, they stand with their
-- owners only.
(
	select wallet from chain.watched
	where chain_id = $1::bigint and wallet > $2::bytea
	order by wallet
	limit 100000
)
union all
(
	select r.wallet
	from (
		select chain.unhex(wallet_address) from public.workers
		union
		select chain.unhex(wallet_address) from public.platforms
		where wallet_address is not null
	) r (wallet)
	where not exists (select from chain.chains where chain_id = $1::bigint)
		and r.wallet > $2::bytea
	order by r.wallet
	limit 100000
)
