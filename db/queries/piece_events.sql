-- Of the blocks $2..$3.
select distinct contract, subject, kind < 50 as folded, tx_hash, topics
from chain.events
where chain_id = $1::bigint and not orphaned
	and block_number between $2::bigint and $3::bigint
