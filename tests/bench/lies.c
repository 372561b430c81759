#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain/source.h"
#include "tests/node/must.h"
#include "tests/node/scripted.h"

/* bench_lies MODE N [SEED]: asks the scripted node for spans of blocks, each
 * time with one lie told once about one of them, until N were told; and prints
 * for each lie how often it was told, caught (the reply was refused, and asked
 * for again), harmless (it was taken, and what was handed over is true all the
 * same) and missed (what was handed over is not true). tests/bench/proof.mjs
 * runs it for each MODE of chain.verify. */

#define BLOCKS 400
#define SPAN_MOST 20
#define WORKERS 16
#define LIES_MOST 128
#define ARENA_CAP (64u << 20)

enum fate { CAUGHT, HARMLESS, MISSED, FATES };

struct worker {
	struct bench *bench;
	char endpoint[8], url[64];
	struct config config;
	struct config_endpoint rpc;
	struct source *source;
	struct arena *arena;
	struct source_request *request;
	struct dice dice;
	uint64_t from, to;
	const struct lie_rule *rule; /* NULL: the honest run before it */
	uint64_t calls;		     /* that the honest run took */
	uint64_t before;
	bool refused; /* a reply of this run */
};

struct bench {
	uv_loop_t loop;
	struct synth *synth;
	struct scripted *node;
	struct catalog *catalog;
	enum verify_mode mode;
	struct worker workers[WORKERS];
	struct span *truth;
	struct arena *truth_arena;
	uint64_t wanted, told;
	uint64_t fates[LIES_MOST][FATES]; /* by the lie's row */
	unsigned open;
};

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "bench_lies: %s\n", what);
	exit(1);
}

/* Lies about what stands in blocks, their receipts and logs; what is left
 * concerns the head and its finality. */
static bool is_about_content(const struct lie *lie)
{
	static const char *const others[] = {"stale_head", "final_ahead",
					     "final_null", "final_error"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(lie->name, others[i]) == 0)
			return false;
	return lie->level == LIE_TWIST || strcmp(lie->name, "null") == 0 ||
	       strcmp(lie->name, "empty_array") == 0;
}

static const struct lie *pick_lie(struct dice *dice)
{
	const struct lie *lie;

	do
		lie = &lies[dice_below(dice, n_lies)];
	while (!is_about_content(lie));
	return lie;
}

static bool log_eq(const struct block_log *a, const struct block_log *b)
{
	if (a->log_index != b->log_index || a->tx_index != b->tx_index ||
	    !hash_eq(&a->tx_hash, &b->tx_hash) ||
	    !address_eq(&a->raw.address, &b->raw.address) ||
	    a->raw.n_topics != b->raw.n_topics ||
	    a->raw.data.len != b->raw.data.len)
		return false;
	for (size_t i = 0; i < a->raw.n_topics; i++)
		if (!hash_eq(&a->raw.topics[i], &b->raw.topics[i]))
			return false;
	return memcmp(a->raw.data.data, b->raw.data.data, a->raw.data.len) == 0;
}

static bool block_eq(const struct block *a, const struct block *b)
{
	if (a->n_logs != b->n_logs || !hash_eq(&a->ref.hash, &b->ref.hash) ||
	    !hash_eq(&a->ref.parent_hash, &b->ref.parent_hash) ||
	    a->ref.timestamp != b->ref.timestamp)
		return false;
	for (size_t i = 0; i < a->n_logs; i++)
		if (!log_eq(&a->logs[i], &b->logs[i]))
			return false;
	return true;
}

/* Every block that it has is true, and none with logs of ours is missing. */
static bool is_true(const struct bench *bench, const struct span *span)
{
	size_t at = 0;

	for (uint64_t number = span->from; number <= span->to; number++) {
		const struct block *truth = &bench->truth->blocks[number];
		bool there = at < span->n_blocks &&
			     span->blocks[at].ref.number == number;

		if (there && !block_eq(truth, &span->blocks[at++]))
			return false;
		if (!there && truth->n_logs > 0)
			return false;
	}
	return at == span->n_blocks;
}

static uint64_t calls_of(const struct worker *w)
{
	return scripted_counts(w->bench->node, w->endpoint).calls;
}

static void on_request(void *arg, const char *endpoint, const char *method,
		       const char *outcome, double seconds)
{
	struct worker *w = arg;

	(void)endpoint;
	(void)method;
	(void)seconds;
	w->refused |= strcmp(outcome, "ok") != 0;
}

static void on_incomplete(void *arg, const char *endpoint, const char *why)
{
	struct worker *w = arg;

	(void)endpoint;
	(void)why;
	w->refused = true;
}

static void ask(struct worker *w);

static void count(struct worker *w, enum err err, const struct span *span)
{
	struct bench *bench = w->bench;
	enum fate fate = CAUGHT;

	if (w->rule->told == 0)
		return;
	bench->told++;
	if (err == OK && !is_true(bench, span))
		fate = MISSED;
	else if (err == OK && !w->refused &&
		 calls_of(w) - w->before <= w->calls)
		fate = HARMLESS;
	bench->fates[w->rule->lie - lies][fate]++;
}

static void on_closed(void *arg)
{
	struct bench *bench = arg;

	if (--bench->open == 0)
		scripted_close(bench->node);
}

static void on_span(void *arg, enum err err, const struct fault *fault,
		    struct span *span)
{
	struct worker *w = arg;
	struct lie_rule rule;

	if (!w->rule) {
		if (err != OK || !is_true(w->bench, span))
			die(err != OK ? fault->text : "an honest run differs");
		w->calls = calls_of(w) - w->before;
		rule = lie_rule_of(pick_lie(&w->dice)->name);
		rule.from = rule.to =
		    w->from + dice_below(&w->dice, w->to - w->from + 1);
		rule.left = 1;
		w->rule = scripted_lie(w->bench->node, w->endpoint, &rule);
	} else {
		count(w, err, span);
		scripted_honest(w->bench->node, w->endpoint);
		w->rule = NULL;
		w->from = 1 + dice_below(&w->dice, BLOCKS - SPAN_MOST);
		w->to = w->from + dice_below(&w->dice, SPAN_MOST);
	}
	if (w->bench->told < w->bench->wanted)
		ask(w);
	else
		source_close(w->source, on_closed, w->bench);
}

static void ask(struct worker *w)
{
	arena_reset(w->arena);
	w->refused = false;
	w->before = calls_of(w);
	if (source_span(w->source, w->from, w->to, true, w->arena, on_span, w,
			&w->request) != OK)
		die("a span cannot be asked for");
}

static struct source *open_source(struct worker *w, enum verify_mode mode)
{
	const struct source_observer observer = {
	    .arg = w, .request = on_request, .incomplete = on_incomplete};
	struct source *source;
	struct fault fault;

	w->rpc = (struct config_endpoint){.name = w->endpoint, .url = w->url};
	w->config.chain.rpc = &w->rpc;
	w->config.chain.n_rpc = 1;
	w->config.chain.quorum = 1;
	w->config.chain.finalized_tag = true;
	w->config.chain.verify = mode;
	if (source_new(&source, &w->bench->loop, &w->config, w->bench->catalog,
		       &observer, &fault) != OK)
		die(fault.text);
	return source;
}

static void start_worker(struct bench *bench, size_t i, uint64_t seed)
{
	struct worker *w = &bench->workers[i];
	char name[sizeof(w->endpoint)];

	w->bench = bench;
	(void)snprintf(name, sizeof(name), "w%zu", i % WORKERS);
	memcpy(w->endpoint, name, sizeof(name));
	(void)snprintf(w->url, sizeof(w->url), "%s%s",
		       scripted_url(bench->node), name);
	w->arena = arena_new(ARENA_CAP);
	w->dice = dice_of(seed, i, 0, 0);
	w->from = w->to = 1 + i;
	if (!w->arena)
		die("out of memory");
	w->source = open_source(w, bench->mode);
	bench->open++;
	ask(w);
}

static void on_truth(void *arg, enum err err, const struct fault *fault,
		     struct span *span)
{
	struct bench *bench = arg;

	if (err != OK)
		die(fault->text);
	bench->truth = span;
}

static void on_truth_closed(void *arg)
{
	(void)arg;
}

/* What an honest node's blocks hold, proven. */
static void learn_truth(struct bench *bench)
{
	struct worker honest = {.bench = bench, .endpoint = "honest"};
	struct source_request *request;

	(void)snprintf(honest.url, sizeof(honest.url), "%shonest",
		       scripted_url(bench->node));
	honest.source = open_source(&honest, VERIFY_RECEIPTS);
	if (source_span(honest.source, 0, BLOCKS, true, bench->truth_arena,
			on_truth, bench, &request) != OK)
		die("the truth cannot be asked for");
	while (!bench->truth)
		(void)uv_run(&bench->loop, UV_RUN_ONCE);
	source_close(honest.source, on_truth_closed, NULL);
	for (int i = 0; i < 100; i++)
		(void)uv_run(&bench->loop, UV_RUN_NOWAIT);
}

static void follow(struct catalog *catalog, const char *text, const char *abi)
{
	struct address address;
	struct fault fault;

	if (address_parse(&address, text) != OK ||
	    catalog_add(catalog, &address, abi, &fault) != OK)
		die("the contracts cannot be followed");
}

static void print(const struct bench *bench)
{
	for (size_t i = 0; i < n_lies; i++) {
		const uint64_t *fates = bench->fates[i];

		if (fates[CAUGHT] + fates[HARMLESS] + fates[MISSED] > 0)
			printf("%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
			       "\n",
			       lies[i].name, lies[i].what, fates[CAUGHT],
			       fates[HARMLESS], fates[MISSED]);
	}
}

static enum verify_mode mode_of(const char *name)
{
	static const enum verify_mode modes[] = {VERIFY_RECEIPTS, VERIFY_BLOOM,
						 VERIFY_OFF};

	for (size_t i = 0; i < 3; i++)
		if (strcmp(verify_mode_name(modes[i]), name) == 0)
			return modes[i];
	die("MODE is receipts, bloom or off");
}

int main(int argc, char **argv)
{
	static struct bench bench;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	struct synth_rules rules = synth_rules_of(seed);
	struct fault fault;

	if (argc < 3 || n_lies > LIES_MOST)
		die("usage: bench_lies receipts|bloom|off N [SEED]");
	bench.mode = mode_of(argv[1]);
	bench.wanted = strtoull(argv[2], NULL, 10);
	bench.truth_arena = arena_new(ARENA_CAP);
	if (uv_loop_init(&bench.loop) != 0 || !bench.truth_arena ||
	    catalog_new(&bench.catalog, &fault) != OK)
		die("out of memory");
	follow(bench.catalog, CAST_TOKEN, "USDC");
	follow(bench.catalog, CAST_STREAMING, "PaymentStreaming");
	bench.synth = synth_new(&rules);
	/* Half of what there is was forked away, so that lies can tell of it. */
	synth_mine(bench.synth, BLOCKS, NULL);
	synth_fork(bench.synth, BLOCKS - 1, 500);
	synth_mine(bench.synth, BLOCKS - 1, NULL);
	bench.node = scripted_new(&bench.loop, 0, bench.synth);
	learn_truth(&bench);
	for (size_t i = 0; i < WORKERS; i++)
		start_worker(&bench, i, seed);
	(void)uv_run(&bench.loop, UV_RUN_DEFAULT);
	print(&bench);
	return 0;
}
