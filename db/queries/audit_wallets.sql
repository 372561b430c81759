-- $2: the token, $3: the block, $4: the contracts. $6 wallets after the wallet $5
-- (NULL: from the first): where what is known of each begins.
with page as (
	select w.wallet, w.since
	from chain.watched w
	where w.chain_id = $1::bigint and w.wallet <> all ($4::bytea[])
		and w.wallet > coalesce($5::bytea, ''::bytea)
	order by w.wallet
	limit $6::bigint
), token as (
	select chain.covered($1::bigint, $2::bytea) as ranges
)
select p.wallet, chain.unbroken(
		t.ranges * case when p.since is null then '{}'
			else int8multirange(int8range(p.since, null)) end
			+ chain.covered($1::bigint, p.wallet),
		$3::bigint),
	o.block_number, o.balance
from page p
cross join token t
left join chain.openings o on o.chain_id = $1::bigint and o.account = p.wallet
order by p.wallet
