-- The same for those that blocks from $2 on were read for.
update chain.watched w
set since = c.start_block
from chain.chains c
where c.chain_id = $1::bigint and w.chain_id = $1::bigint
	and w.since > $2::bigint and w.since > c.start_block
	and chain.covered(w.chain_id, w.wallet)
		@> int8range(c.start_block, w.since)
