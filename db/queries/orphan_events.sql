with lost as (
	update chain.events set orphaned = true
	where chain_id = $1::bigint and block_number > $2::bigint
		and not orphaned
	returning contract, stream_id, tx_hash, topics
)
select distinct contract, stream_id, tx_hash, topics from lost
