select chain.take_over($1::bigint, $2::uuid[], $3::uuid[])
