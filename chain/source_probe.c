#include <inttypes.h>
#include <stdlib.h>

#include "chain/chunk.h"
#include "chain/trie.h"

/* Whether config.chain.verify can prove this chain:
 *
 *   HEADER ──► RECEIPTS ──► done
 *     ▲  │ no transactions in it, or not the hash we compute: the one below
 *     └──┘
 *
 * A single header that does not fit its hash is a lie, or a broken node; as
 * many as STRANGE in a row, from several nodes where there are several, are
 * another chain's rules. */
#define STRANGE 3
#define DEEPEST 16 /* below the head; all empty: there is nothing to see */
#define ARENA_CAP (64u << 20)

struct probe {
	struct source_request base;
	struct ask ask;
	struct arena *arena;
	uint64_t number;	 /* of the last header */
	unsigned depth, strange; /* headers read; those that did not fit */
	struct prover prover;
	struct chunk chunk;
	struct block block;
	source_probe_cb cb;
	void *arg;
};

static void probe_free(struct source_request *request)
{
	struct probe *probe = (struct probe *)request;

	ask_end(&probe->ask);
	if (probe->chunk.source)
		chunk_free(&probe->chunk);
	arena_free(probe->arena);
	free(probe);
}

static void finish(struct probe *probe, enum err err, const struct fault *fault)
{
	static const struct fault none;
	const struct fault copy = fault ? *fault : none;
	source_probe_cb cb = probe->cb;
	void *arg = probe->arg;

	source_cancel(&probe->base);
	cb(arg, err, &copy);
}

static void ask_header(struct probe *probe)
{
	struct rpc_batch *batch = ask_begin(&probe->ask);

	if (probe->depth == 0)
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"latest\",false]");
	else
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",false]", probe->number - 1);
	ask_send(&probe->ask, 0);
}

static void look_below(struct probe *probe, enum err err,
		       const struct fault *fault)
{
	if (++probe->depth == DEEPEST || probe->number == 0)
		finish(probe, err, fault);
	else
		ask_header(probe);
}

static void found_strange(struct probe *probe, const struct fault *fault)
{
	struct fault ours;

	source_incomplete(probe->base.source, probe->ask.endpoint, fault);
	if (++probe->strange < STRANGE) {
		look_below(probe, fault->code, fault);
		return;
	}
	fault_set(&ours, ERR_USAGE,
		  "the headers of %u blocks down to %" PRIu64 " do not hash to"
		  " what node %s calls them: this chain has fields of its own"
		  " in them (Avalanche's extDataHash, say) and cannot be proven"
		  " by Ethereum's rules; set chain.verify: off to believe the"
		  " node",
		  STRANGE, probe->number, ask_endpoint(&probe->ask));
	finish(probe, ERR_USAGE, &ours);
}

static void look_at_receipts(struct probe *probe)
{
	struct fault fault;
	enum err err;

	probe->block.ref.number = probe->number;
	err = chunk_start(&probe->chunk, &probe->block, 1, false, 0);
	if (err == OK)
		return;
	fault_set(&fault, err, "reading receipts: %s", err_text(err));
	finish(probe, err, &fault);
}

static void read_header(struct probe *probe, const struct json *value)
{
	bool all = probe->base.source->config->chain.verify == VERIFY_RECEIPTS;
	struct fault fault = {0};
	struct header header;
	enum err err = parse_header(&header, value, probe->arena, &fault);

	if (err != OK) {
		finish(probe, err, &fault);
		return;
	}
	probe->number = header.number;
	err = proof_header(&header, value, probe->arena, &fault);
	if (err == ERR_UNPROVEN) {
		found_strange(probe, &fault);
		return;
	}
	probe->strange = 0;
	if (err != OK || !all)
		finish(probe, err, &fault);
	else if (hash_eq(&header.transactions_root, &trie_empty_root))
		look_below(probe, OK, NULL);
	else
		look_at_receipts(probe);
}

static void on_header(void *arg, const struct ask_answer *answer)
{
	struct probe *probe = arg;

	if (answer->err != OK)
		finish(probe, answer->err, answer->fault);
	else
		read_header(probe, answer->reply->results[0].value);
}

static void on_receipts(void *arg, enum err err, const struct fault *fault)
{
	finish(arg, err, fault);
}

enum err source_probe(struct source *source, source_probe_cb cb, void *arg,
		      struct source_request **out)
{
	const struct ask_rules rules = {.attempts = SOURCE_ATTEMPTS};
	struct probe *probe = calloc(1, sizeof(*probe));
	enum err err = ERR_NOMEM;

	if (!probe)
		return ERR_NOMEM;
	probe->cb = cb;
	probe->arg = arg;
	probe->prover = source->prover;
	probe->prover.secp = NULL;
	probe->prover.whole = true;
	request_open(&probe->base, source, probe_free);
	ask_init(&probe->ask, source->asker, &rules, on_header, probe);
	probe->arena = arena_new(ARENA_CAP);
	if (probe->arena)
		err = chunk_init(&probe->chunk, source, &probe->prover,
				 probe->arena, on_receipts, probe);
	if (err != OK) {
		source_cancel(&probe->base);
		return err;
	}
	ask_header(probe);
	*out = &probe->base;
	return OK;
}
