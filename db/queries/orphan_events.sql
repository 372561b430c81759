with lost as (
	update chain.events set orphaned = true
	where chain_id = $1::bigint and block_number > $2::bigint
		and not orphaned
	returning contract, subject, kind, tx_hash, topics
)
select distinct contract, subject, kind < 50 as folded, tx_hash, topics
from lost
