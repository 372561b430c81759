-- The end of the piece that begins after block $2 (NULL: no facts are left), of
-- about $4 facts up to block $3; and what is final.
select chain.piece_end($1::bigint, $2::bigint, $3::bigint, $4::integer),
	c.head_number, c.final_number
from chain.chains c
where c.chain_id = $1::bigint
