#include "chain/chunk.h"

/* What a batch of bodies should weigh. */
#define BODY_BYTES_SMALL (512u << 10)
#define BODY_BYTES_LARGE (8u << 20)

static void take_receipt(const void *arg, void *out, const struct json *element,
			 struct arena *arena)
{
	(void)arg;
	parse_next_receipt(out, element, arena);
}

const struct reply_reader chunk_reader = {
    .size = sizeof(struct read_receipts),
    .element = take_receipt,
};

/* The receipts that were read while the reply arrived, proven. */
static enum err prove_receipts(struct receipts *out, struct chunk *chunk,
			       const struct header *header,
			       const struct rpc_result *result,
			       struct fault *fault)
{
	const struct read_receipts *read = result->read;

	if (!read) /* null, or no array */
		return proof_receipts(out, header, result->value,
				      chunk->scratch, fault);
	if (read->err != OK)
		return fault_set(fault, read->err, "%s", read->fault.text);
	*out = read->receipts;
	return proof_receipt_list(out, header, chunk->scratch, fault);
}

/* Block i with what is ours in it; body and receipts are replies, and not
 * looked at where the bloom excludes us. */
static enum err read_block(struct chunk *chunk, size_t i,
			   const struct rpc_result *receipts_result,
			   const struct json *body, struct fault *fault)
{
	const struct header *header = &chunk->headers[i];
	struct receipts receipts;
	struct transactions transactions;
	bool ours;
	enum err err;

	if (!proof_may_concern(chunk->prover, header))
		return proof_block(&chunk->blocks[i], chunk->prover, header,
				   NULL, NULL, chunk->out, fault);
	err = prove_receipts(&receipts, chunk, header, receipts_result, fault);
	if (err != OK)
		return err;
	ours = proof_count(chunk->prover, &receipts) > 0;
	if (ours) {
		err = proof_transactions(&transactions, header, body,
					 chunk->scratch, fault);
		if (err != OK)
			return err;
	}
	return proof_block(&chunk->blocks[i], chunk->prover, header, &receipts,
			   ours ? &transactions : NULL, chunk->out, fault);
}

enum err chunk_suspect(struct chunk *chunk, size_t i, struct fault *fault)
{
	(void)source_blame(fault, &chunk->ask, chunk_number(chunk, i));
	chunk->suspect = (struct suspect){.is_set = true,
					  .number = chunk_number(chunk, i),
					  .hash = chunk->headers[i].hash,
					  .endpoint = chunk->ask.endpoint,
					  .fault = *fault};
	return fault->code;
}

/* The header at that height is known again: if it is the same, the node had
 * sent something wrong under it. */
static void clear_suspect(struct chunk *chunk, size_t i)
{
	struct suspect *suspect = &chunk->suspect;

	if (!suspect->is_set || suspect->number != chunk_number(chunk, i))
		return;
	if (hash_eq(&suspect->hash, &chunk->headers[i].hash))
		source_incomplete(chunk->source, suspect->endpoint,
				  &suspect->fault);
	suspect->is_set = false;
}

/* The header of block i, from a reply: proven, and the one asked for. */
static enum err read_header(struct chunk *chunk, size_t i,
			    const struct json *value, struct fault *fault)
{
	struct header *header = &chunk->headers[i];
	enum err err = proof_header(header, value, chunk->headers_arena, fault);

	if (err == OK)
		err = proof_is_number(header, chunk_number(chunk, i), fault);
	if (err != OK) {
		(void)source_blame(fault, &chunk->ask, chunk_number(chunk, i));
		if (err != ERR_NOT_YET)
			source_incomplete(chunk->source, chunk->ask.endpoint,
					  fault);
		return err;
	}
	clear_suspect(chunk, i);
	return OK;
}

enum err chunk_read_at_once(struct chunk *chunk, const struct rpc_reply *reply,
			    struct fault *fault)
{
	const struct rpc_result *r = reply->results;
	enum err err = OK;

	for (size_t i = 0; i < chunk->n && err == OK; i++)
		err = read_header(chunk, i, r[2 * i].value, fault);
	for (size_t i = 0; i < chunk->n && err == OK; i++) {
		err =
		    read_block(chunk, i, &r[2 * i + 1], r[2 * i].value, fault);
		if (err != OK)
			err = chunk_suspect(chunk, i, fault);
	}
	return err;
}

enum err chunk_read_headers(struct chunk *chunk, const struct rpc_reply *reply,
			    struct fault *fault)
{
	enum err err = OK;

	for (size_t i = 0; i < chunk->n_asked && err == OK; i++) {
		err = read_header(chunk, chunk->filled, reply->results[i].value,
				  fault);
		if (err == OK)
			chunk->filled++;
	}
	if (err == OK)
		portion_fine(&ask_limits(&chunk->ask)->header_batch,
			     chunk->n_asked);
	return err;
}

enum err chunk_read_bodies(struct chunk *chunk, const struct rpc_reply *reply,
			   struct fault *fault)
{
	const struct rpc_result *r = reply->results;
	enum err err;

	for (size_t j = 0; j < chunk->n_asked; j++) {
		size_t i = chunk->asked[j];

		err =
		    read_block(chunk, i, &r[2 * j], r[2 * j + 1].value, fault);
		if (err != OK)
			return chunk_suspect(chunk, i, fault);
		chunk->pending[i] = false;
	}
	chunk->failures = 0;
	if (reply->bytes > BODY_BYTES_LARGE)
		portion_slow(&ask_limits(&chunk->ask)->body_batch,
			     chunk->n_asked);
	else if (reply->bytes < BODY_BYTES_SMALL)
		portion_fine(&ask_limits(&chunk->ask)->body_batch,
			     chunk->n_asked);
	return OK;
}

enum err chunk_read_excluded(struct chunk *chunk, struct fault *fault)
{
	enum err err = OK;

	for (size_t i = 0; i < chunk->n && err == OK; i++) {
		chunk->pending[i] =
		    proof_may_concern(chunk->prover, &chunk->headers[i]);
		if (!chunk->pending[i])
			err = read_block(chunk, i, NULL, NULL, fault);
	}
	return err;
}
