-- The wallets of the finished history $2: where all below was read for one, the
-- token's coverage is its own from the start block on.
update chain.watched w
set since = c.start_block
from chain.chains c, chain.jobs j, unnest(j.wallets) x (wallet)
where c.chain_id = $1::bigint
	and j.chain_id = c.chain_id and j.id = $2::bigint and j.kind = 'history'
	and w.chain_id = c.chain_id and w.wallet = x.wallet
	and w.since > c.start_block
	and chain.covered(w.chain_id, w.wallet)
		@> int8range(c.start_block, w.since)
