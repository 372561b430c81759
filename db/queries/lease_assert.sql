select chain.assert_lease($1::bigint, $2::uuid, $3::bigint)
