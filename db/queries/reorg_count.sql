-- What the word $2 undoes, before it is undone. No row: it is settled already.
update chain.reorgs
set (blocks, events, transfers, transactions, confirmed) =
	(select * from chain.standing_above(chain_id, to_block))
where chain_id = $1::bigint and id = $2::bigint and settled_at is null
returning id
