update chain.reorgs
set outcome = 'refused', reason = 'another word came after it',
	settled_at = now()
where chain_id = $1::bigint and settled_at is null
