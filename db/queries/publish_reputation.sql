-- $2, $3: the blocks that were read (NULL: none); $4: the final block.
select chain.publish_reputation($1::bigint, $2::bigint, $3::bigint, $4::bigint)
