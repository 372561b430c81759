-- $2: the token, $3: the block, $4: the contracts: where what is known of each
-- begins.
select a.contract, chain.unbroken(chain.covered($1::bigint, $2::bytea)
		* chain.covered($1::bigint, a.contract), $3::bigint),
	o.block_number, o.balance
from unnest($4::bytea[]) with ordinality a (contract, i)
left join chain.openings o on o.chain_id = $1::bigint
	and o.account = a.contract
order by a.i
