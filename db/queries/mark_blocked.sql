-- $2: everything may have changed; else the streams $3.
select chain.mark_blocked($1::bigint, $2::boolean, $3::uuid[])
