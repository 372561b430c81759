update chain.reorgs set outcome = 'refused', reason = $3::text,
	settled_at = now()
where chain_id = $1::bigint and id = $2::bigint and settled_at is null
