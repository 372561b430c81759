#include <stdlib.h>

#include "chain/asker.h"
#include "chain/fields.h"
#include "chain/parse.h"
#include "chain/source_request.h"
#include "common/keccak.h"

/* One transaction and its receipt, whose logs are not needed. */
#define TRANSACTION_CAP (64u << 20)

struct lookup {
	struct source_request base;
	struct ask ask;
	struct arena *arena;
	struct hash hash;
	source_transaction_cb cb;
	void *arg;
};

static void lookup_free(struct source_request *request)
{
	struct lookup *lookup = (struct lookup *)request;

	ask_end(&lookup->ask);
	arena_free(lookup->arena);
	free(lookup);
}

/* That these are the fields of what was asked for: they hash to its hash. */
static enum err prove(const struct lookup *lookup, const struct transaction *tx,
		      struct fault *fault)
{
	struct buf encoded;
	struct hash hash = {{0}};
	enum err err;

	buf_init(&encoded, TRANSACTION_CAP);
	transaction_encode(&encoded, tx);
	err = encoded.err;
	if (err == OK)
		hash = keccak256(encoded.data, encoded.len);
	buf_free(&encoded);
	if (err != OK)
		return fault_set(fault, err, "%s", err_text(err));
	return hash_eq(&hash, &lookup->hash)
		   ? OK
		   : fault_set(fault, ERR_UNPROVEN,
			       "what it has hashes to another transaction");
}

/* Who signed it, which must be who the node says it is. */
static enum err read_sender(const struct lookup *lookup,
			    struct source_transaction *out,
			    const struct transaction *tx,
			    const struct json *result, struct fault *fault)
{
	char signer[ADDRESS_TEXT_SIZE], claimed[ADDRESS_TEXT_SIZE];
	struct address from = {{0}};
	struct fields f;
	enum err err =
	    transaction_sender(&out->sender, tx, lookup->base.source->secp);

	if (err == ERR_MISSING)
		return fault_set(fault, ERR_UNPROVEN,
				 "its signature is nobody's");
	if (err != OK)
		return fault_set(fault, err, "%s", err_text(err));
	out->nonce = tx->nonce;
	fields_open(&f, result, fault, "transaction");
	fields_address(&f, "from", &from);
	if (f.err != OK || address_eq(&from, &out->sender))
		return f.err;
	return fault_set(fault, ERR_UNPROVEN, "%s signed it, not its `from` %s",
			 address_format(signer, &out->sender),
			 address_format(claimed, &from));
}

/* Its receipt, which must be of the same transaction in the same block; a node
 * that has none says null, and then it is not mined. */
static enum err read_receipt(const struct lookup *lookup,
			     struct source_transaction *out,
			     const struct json *transaction,
			     const struct json *receipt, struct fault *fault)
{
	struct hash of = {{0}}, block = {{0}};
	uint64_t status = 0, number = 0;
	struct fields f, r;

	fields_open(&f, transaction, fault, "transaction");
	if (!fields_has(&f, "blockHash") ||
	    json_kind(receipt) != JSON_KIND_OBJECT)
		return f.err;
	fields_hash(&f, "blockHash", &out->block_hash);
	fields_u64(&f, "blockNumber", &out->block_number);
	if (f.err != OK)
		return f.err;
	fields_open(&r, receipt, fault, "receipt");
	fields_hash(&r, "transactionHash", &of);
	fields_hash(&r, "blockHash", &block);
	fields_u64(&r, "blockNumber", &number);
	fields_u64(&r, "status", &status);
	if (r.err != OK)
		return r.err;
	if (!hash_eq(&of, &lookup->hash) || status > 1)
		return fault_set(fault, ERR_UNPROVEN,
				 "its receipt is of another transaction, or of "
				 "no known outcome");
	/* Behind a balancer the two answers may be of two nodes. */
	if (number != out->block_number || !hash_eq(&block, &out->block_hash))
		return OK;
	out->mined = true;
	out->succeeded = status == 1;
	return OK;
}

static enum err read_answer(const struct lookup *lookup,
			    struct source_transaction *out,
			    const struct rpc_reply *reply, struct fault *fault)
{
	const struct json *result = reply->results[0].value;
	struct transaction tx;
	enum err err = parse_transaction(&tx, result, 0, lookup->arena, fault);

	if (err == OK)
		err = prove(lookup, &tx, fault);
	if (err == OK)
		err = read_sender(lookup, out, &tx, result, fault);
	if (err == OK)
		err = read_receipt(lookup, out, result, reply->results[1].value,
				   fault);
	return err;
}

static void on_answer(void *arg, const struct ask_answer *answer)
{
	struct lookup *lookup = arg;
	source_transaction_cb cb = lookup->cb;
	void *cb_arg = lookup->arg;
	struct source_transaction tx = {0};
	char text[HASH_TEXT_SIZE];
	struct fault fault = {0}, said;
	enum err err = answer->err;

	if (err != OK) {
		fault = *answer->fault;
	} else {
		err = read_answer(lookup, &tx, answer->reply, &said);
		if (err != OK)
			fault_set(&fault, err,
				  "node %s, asked for transaction %s: %s",
				  ask_endpoint(&lookup->ask),
				  hash_format(text, &lookup->hash), said.text);
		if (err == ERR_UNPROVEN || err == ERR_NONSENSE)
			source_incomplete(lookup->base.source,
					  lookup->ask.endpoint, &fault);
	}
	source_cancel(&lookup->base);
	cb(cb_arg, err, &fault, err == OK ? &tx : NULL);
}

enum err source_transaction(struct source *source, const struct hash *hash,
			    source_transaction_cb cb, void *arg,
			    struct source_request **out)
{
	const struct ask_rules rules = {
	    .attempts = 1 + (unsigned)source->asker->n_endpoints,
	};
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	char text[HASH_TEXT_SIZE];
	struct rpc_batch *batch;

	if (!lookup)
		return ERR_NOMEM;
	lookup->arena = arena_new(TRANSACTION_CAP);
	if (!lookup->arena) {
		free(lookup);
		return ERR_NOMEM;
	}
	lookup->hash = *hash;
	lookup->cb = cb;
	lookup->arg = arg;
	request_open(&lookup->base, source, lookup_free);
	ask_init(&lookup->ask, source->asker, &rules, on_answer, lookup);
	batch = ask_begin(&lookup->ask);
	hash_format(text, hash);
	rpc_batch_add(batch, "eth_getTransactionByHash", "[\"%s\"]", text);
	rpc_batch_add(batch, "eth_getTransactionReceipt", "[\"%s\"]", text);
	ask_send(&lookup->ask, 0);
	*out = &lookup->base;
	return OK;
}
