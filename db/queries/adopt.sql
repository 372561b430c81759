-- $2: the tip, $3: the start block, $4: the contracts, $5: how many at most.
select *
from chain.adopt($1::bigint, $2::bigint, $3::bigint, $4::bytea[], $5::integer)
	adopted
