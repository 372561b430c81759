#include "chain/chunk.h"
#include "common/keccak.h"

/* The receipts of a block one by one: first its transactions, which prove by
 * transactionsRoot and so yield the hashes to ask for; what a node says of
 * hashes and places is never read. Together the receipts must hash to
 * receiptsRoot, as if they had come at once. */

void chunk_reset_single(struct chunk *chunk)
{
	chunk->single.has_transactions = false;
	arena_reset(chunk->single.arena);
}

static void ask_transactions(struct chunk *chunk, struct rpc_batch *batch)
{
	struct single *single = &chunk->single;
	char hash[HASH_TEXT_SIZE];

	single->i = 0;
	while (!chunk->pending[single->i])
		single->i++;
	chunk->n_asked = 1;
	rpc_batch_add(batch, "eth_getBlockByHash", "[\"%s\",true]",
		      hash_format(hash, &chunk->headers[single->i].hash));
}

static void ask_receipts(struct chunk *chunk, struct rpc_batch *batch)
{
	const struct single *single = &chunk->single;
	size_t left = single->receipts.n - single->got;
	size_t most =
	    ask_most(&chunk->ask, &ask_limits(&chunk->ask)->receipt_batch, 1);

	chunk->n_asked = left < most ? left : most;
	for (size_t i = 0; i < chunk->n_asked; i++) {
		const struct bytes *tx =
		    &single->transactions.encoded[single->got + i];
		const struct hash hash = keccak256(tx->data, tx->len);
		char text[HASH_TEXT_SIZE];

		rpc_batch_add(batch, "eth_getTransactionReceipt", "[\"%s\"]",
			      hash_format(text, &hash));
	}
}

void chunk_ask_single(struct chunk *chunk)
{
	struct rpc_batch *batch = ask_begin(&chunk->ask);

	if (chunk->single.has_transactions)
		ask_receipts(chunk, batch);
	else
		ask_transactions(chunk, batch);
	chunk->ask.height = chunk->headers[chunk->single.i].number;
}

static enum err read_transactions(struct chunk *chunk, const struct json *body,
				  struct fault *fault)
{
	struct single *single = &chunk->single;
	enum err err = proof_transactions(&single->transactions,
					  &chunk->headers[single->i], body,
					  single->arena, fault);

	if (err != OK)
		return err;
	single->receipts.n = single->transactions.n;
	single->receipts.list =
	    ARENA_ARRAY(single->arena, struct receipt, single->receipts.n);
	if (!single->receipts.list)
		return fault_set(fault, ERR_NOMEM, "no room for %zu receipts",
				 single->receipts.n);
	single->got = 0;
	single->has_transactions = true;
	return OK;
}

static enum err read_receipts(struct chunk *chunk,
			      const struct rpc_reply *reply,
			      struct fault *fault)
{
	struct single *single = &chunk->single;
	enum err err = OK;

	for (size_t i = 0; i < chunk->n_asked && err == OK; i++) {
		err = parse_receipt(&single->receipts.list[single->got],
				    reply->results[i].value, single->got,
				    single->arena, fault);
		if (err == OK)
			single->got++;
	}
	if (err == OK)
		portion_fine(&ask_limits(&chunk->ask)->receipt_batch,
			     chunk->n_asked);
	return err;
}

/* All of them are there. */
static enum err finish(struct chunk *chunk, struct fault *fault)
{
	struct single *single = &chunk->single;
	const struct header *header = &chunk->headers[single->i];
	enum err err =
	    proof_receipt_list(&single->receipts, header, single->arena, fault);

	if (err == OK)
		err = proof_block(&chunk->blocks[single->i], chunk->prover,
				  header, &single->receipts,
				  &single->transactions, chunk->out, fault);
	if (err != OK)
		return err;
	chunk->pending[single->i] = false;
	chunk->failures = 0;
	chunk_reset_single(chunk);
	return OK;
}

enum err chunk_read_single(struct chunk *chunk, const struct rpc_reply *reply,
			   struct fault *fault)
{
	const struct single *single = &chunk->single;
	enum err err =
	    single->has_transactions
		? read_receipts(chunk, reply, fault)
		: read_transactions(chunk, reply->results[0].value, fault);

	if (err == OK && single->got == single->receipts.n)
		err = finish(chunk, fault);
	if (err != OK)
		return chunk_suspect(chunk, single->i, fault);
	return OK;
}
