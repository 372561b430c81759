select held, term, owner, (select count(*) from chain.deferred_indexes)
from chain.take_lease($1::bigint, $2::uuid, $3::text,
	$4::bigint * interval '1 millisecond', $5::integer)
