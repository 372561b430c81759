select chain.identify($1::bigint, $2::bytea, $3::bigint, $4::bytea)
