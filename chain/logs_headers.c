#include "chain/logs.h"

#include <inttypes.h>
#include <string.h>

/* A span this short has all its blocks, so that the head can be followed. */
#define SPAN_WHOLE 16

static bool is_whole(const struct logs_request *q)
{
	return q->to - q->from < SPAN_WHOLE;
}

/* Whose header is wanted after that one; *taken counts the logs found up to
 * there. */
static uint64_t number_after(const struct logs_request *q, uint64_t number,
			     size_t *taken)
{
	if (q->bloom || is_whole(q))
		return number + 1;
	while (*taken < q->n_found && q->found[*taken].block_number <= number)
		++*taken;
	return *taken < q->n_found ? q->found[*taken].block_number : q->to;
}

void logs_ask_headers(struct logs_request *q)
{
	struct rpc_batch *batch = ask_begin(&q->ask);
	size_t most = ask_most(&q->ask, &ask_limits(&q->ask)->header_batch, 1);
	size_t taken = q->taken;
	uint64_t number = q->at;

	q->n_asked = 0;
	while (q->n_asked < most && number <= q->asked_to) {
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",false]", number);
		q->asked[q->n_asked++] = number;
		q->ask.height = number;
		if (number == q->asked_to)
			return;
		number = number_after(q, number, &taken);
	}
}

bool logs_piece_ends(const struct logs_request *q)
{
	return q->at > q->asked_to;
}

/* Where a block of that number stands, or would stand. */
static size_t place_of(const struct logs_request *q, uint64_t number)
{
	size_t i = q->n_blocks;

	while (i > 0 && q->blocks[i - 1].ref.number >= number)
		i--;
	return i;
}

static const struct block *kept(const struct logs_request *q, uint64_t number)
{
	size_t i = place_of(q, number);

	return i < q->n_blocks && q->blocks[i].ref.number == number
		   ? &q->blocks[i]
		   : NULL;
}

enum err logs_keep(struct logs_request *q, const struct block *block)
{
	size_t i = place_of(q, block->ref.number);
	struct block *grown;

	if (!kept(q, block->ref.number)) {
		grown = arena_grow(q->arena, q->blocks, q->n_blocks,
				   &q->blocks_room, sizeof(*q->blocks));
		if (!grown)
			return ERR_NOMEM;
		q->blocks = grown;
		memmove(&grown[i + 1], &grown[i],
			(q->n_blocks - i) * sizeof(*grown));
		q->n_blocks++;
	}
	q->blocks[i] = *block;
	return OK;
}

static bool fits_bloom(const struct bloom *bloom, const struct raw_log *log)
{
	if (!bloom_has(bloom, log->address.b, sizeof(log->address.b)))
		return false;
	for (size_t i = 0; i < log->n_topics; i++)
		if (!bloom_has(bloom, log->topics[i].b,
			       sizeof(log->topics[i].b)))
			return false;
	return true;
}

static enum err check_log(const struct block_ref *ref,
			  const struct bloom *bloom,
			  const struct found_log *log, struct fault *fault)
{
	if (!hash_eq(&log->block_hash, &ref->hash))
		return fault_set(fault, ERR_UNPROVEN,
				 "its logs are of another block at that"
				 " height");
	if (bloom && !fits_bloom(bloom, &log->raw))
		return fault_set(fault, ERR_UNPROVEN,
				 "its log %u is not in the block's logsBloom",
				 log->log_index);
	return OK;
}

enum err logs_fill(struct logs_request *q, const struct block_ref *ref,
		   const struct bloom *bloom, const struct found_log *logs,
		   size_t n, struct fault *fault)
{
	struct block block = {.ref = *ref, .n_logs = n};
	enum err err = OK;

	block.logs = ARENA_ARRAY(q->arena, struct block_log, n);
	if (!block.logs)
		return fault_set(fault, ERR_NOMEM, "too many logs");
	for (size_t i = 0; i < n && err == OK; i++) {
		err = check_log(ref, bloom, &logs[i], fault);
		block.logs[i] = (struct block_log){
		    .log_index = logs[i].log_index,
		    .tx_index = logs[i].tx_index,
		    .tx_hash = logs[i].tx_hash,
		    .raw = logs[i].raw,
		};
	}
	if (err == OK && logs_keep(q, &block) != OK)
		err = fault_set(fault, ERR_NOMEM, "too many blocks");
	return err;
}

/* The header's block with the logs that were found of it. */
static enum err take_logs(struct logs_request *q, const struct header *header,
			  const struct block_ref *ref, struct fault *fault)
{
	const struct found_log *logs = q->found + q->taken;
	size_t n = 0;

	while (q->taken + n < q->n_found && logs[n].block_number == ref->number)
		n++;
	q->taken += n;
	if (q->bloom && n == 0 && proof_may_concern(&q->prover, header))
		q->suspects[q->n_suspects++] = (struct suspect_block){
		    .ref = *ref, .bloom = header->logs_bloom};
	if (n == 0 && ref->number != q->from && ref->number != q->to &&
	    !is_whole(q))
		return OK;
	return logs_fill(q, ref, q->bloom ? &header->logs_bloom : NULL, logs, n,
			 fault);
}

/* Receipts have told of it already; is it that block? */
static enum err same_block(const struct block *block,
			   const struct block_ref *ref, struct fault *fault)
{
	if (hash_eq(&block->ref.hash, &ref->hash))
		return OK;
	return fault_set(fault, ERR_NOT_YET,
			 "it was another block when its receipts were read");
}

static enum err read_ref(struct logs_request *q, uint64_t number,
			 struct header *header, struct block_ref *ref,
			 const struct json *value, struct fault *fault)
{
	enum err err =
	    source_header(q->base.source, header, value, q->scratch, fault);

	if (err == OK)
		err = proof_is_number(header, number, fault);
	if (err == OK && q->has_before && q->before.number + 1 == number)
		err = proof_is_child(header, &q->before, fault);
	if (err == OK && header_ref(ref, header) != OK)
		err = fault_set(fault, ERR_NONSENSE,
				"its timestamp is out of range");
	/* A block without logs does not tell that another was asked for them:
	 * the last one does, with all below it. No fault of the node's. */
	if (err == OK && number == q->asked_to &&
	    !hash_eq(&header->hash, &q->last))
		err = fault_set(fault, ERR_NOT_YET,
				"it was another block when its logs were read");
	return err;
}

static enum err read_header(struct logs_request *q, uint64_t number,
			    const struct json *value, struct fault *fault)
{
	const struct block *known = kept(q, number);
	struct header header;
	struct block_ref ref;
	enum err err = read_ref(q, number, &header, &ref, value, fault);

	if (err == OK)
		err = known ? same_block(known, &ref, fault)
			    : take_logs(q, &header, &ref, fault);
	if (err != OK)
		return source_blame(fault, &q->ask, number);
	q->before = ref;
	q->has_before = true;
	q->at = number == q->asked_to ? number + 1
				      : number_after(q, number, &q->taken);
	return OK;
}

enum err logs_read_headers(struct logs_request *q,
			   const struct rpc_reply *reply, size_t first,
			   struct fault *fault)
{
	size_t read = 0;
	enum err err = OK;

	/* No more than there is room for suspects; the rest is asked again. */
	while (read < q->n_asked && q->n_suspects < SUSPECTS_MOST &&
	       err == OK) {
		err = read_header(q, q->asked[read],
				  reply->results[first + read].value, fault);
		read++;
	}
	if (err == OK && first == 0)
		portion_fine(&ask_limits(&q->ask)->header_batch, q->n_asked);
	return err;
}
