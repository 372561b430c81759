-- Every registered wallet, adopted or not, and those that once were.
select wallet from chain.watched where chain_id = $1::bigint
union
select chain.unhex(wallet_address) from public.workers
union
select chain.unhex(wallet_address) from public.platforms
where wallet_address is not null
order by 1
