update chain.chains
set head_number = $2::bigint, head_time = $3::bigint,
	final_number = greatest(final_number, $4::bigint),
	final_hash = case
		when $4::bigint > final_number or final_number is null
			then $5::bytea
		when $4::bigint = final_number
			then coalesce($5::bytea, final_hash)
		else final_hash end,
	updated_at = now()
where chain_id = $1::bigint
