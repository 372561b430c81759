#include <stdlib.h>
#include <string.h>

#include "chain/log_query.h"
#include "chain/source_request.h"
#include "common/keccak.h"

/* Which blocks hold Transfers of some wallets: the wallets in groups, as many as
 * a node takes for one topic, each group over the whole range in steps, each
 * step two queries. */

#define SCRATCH_CAP (256u << 20)
#define FILTER_CAP (64u << 10)
/* Numbers at most: a wallet in more blocks than this is no wallet. */
#define NUMBERS_MOST (32u << 20)

/* What moves USDC, with the wallets concerned in the topics: of the token, and
 * of the chain, where USDC is its own money (contracts-abi/native-coin.json). */
static const char *const movements[] = {
    "Transfer(address,address,uint256)",
    "NativeCoinTransferred(address,address,uint256)",
    "NativeCoinMinted(address,uint256)",
    "NativeCoinBurned(address,uint256)",
};

struct blocks_request {
	struct source_request base;
	struct ask ask;
	struct address *wallets;
	size_t n_wallets;
	/* The wallets of the present group; equal: it has no size yet. */
	size_t group, group_end;
	uint64_t from, to, next, asked_to;
	struct arena *scratch;
	uint64_t *numbers;
	size_t n, room;
	unsigned failures;
	source_blocks_cb cb;
	void *arg;
};

static void blocks_free(struct source_request *request)
{
	struct blocks_request *q = (struct blocks_request *)request;

	if (q->ask.asker)
		ask_end(&q->ask);
	arena_free(q->scratch);
	free(q->wallets);
	free(q->numbers);
	free(q);
}

static int compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Ascending, each once. */
static void tidy(struct blocks_request *q)
{
	size_t kept = 0;

	if (q->n == 0)
		return;
	qsort(q->numbers, q->n, sizeof(*q->numbers), compare);
	for (size_t i = 1; i < q->n; i++)
		if (q->numbers[i] != q->numbers[kept])
			q->numbers[++kept] = q->numbers[i];
	q->n = kept + 1;
}

static void finish(struct blocks_request *q, enum err err,
		   const struct fault *fault)
{
	const struct fault copy = *fault;
	source_blocks_cb cb = q->cb;
	void *arg = q->arg;
	uint64_t *numbers;
	size_t n;

	tidy(q);
	numbers = q->numbers;
	n = q->n;
	q->numbers = NULL;
	source_cancel(&q->base);
	cb(arg, err, &copy, err == OK ? numbers : NULL, err == OK ? n : 0);
	free(numbers);
}

static const struct config *config_of(const struct blocks_request *q)
{
	return q->base.source->config;
}

static void add_addresses(struct buf *out, const struct config *config)
{
	char text[ADDRESS_TEXT_SIZE];

	buf_printf(out, "\"address\":[\"%s\"",
		   address_format(text, &config->contracts.usdc));
	for (size_t i = 0; i < config->chain.n_natives; i++)
		buf_printf(out, ",\"%s\"",
			   address_format(text, &config->chain.natives[i]));
	buf_puts(out, "],");
}

static void add_movements(struct buf *out, const struct config *config)
{
	size_t n = config->chain.n_natives > 0
		       ? sizeof(movements) / sizeof(movements[0])
		       : 1;
	char text[HASH_TEXT_SIZE];

	for (size_t i = 0; i < n; i++) {
		const struct hash topic0 =
		    keccak256(movements[i], strlen(movements[i]));

		buf_printf(out, "%s\"%s\"", i > 0 ? "," : "",
			   hash_format(text, &topic0));
	}
}

/* topics: [movements, from] or [movements, null, to]; an address as a topic has
 * twelve zero bytes before it. */
static void add_filter(struct buf *out, const struct blocks_request *q,
		       const char *skip)
{
	char text[HASH_TEXT_SIZE];
	struct hash word = {{0}};

	add_addresses(out, config_of(q));
	buf_puts(out, "\"topics\":[[");
	add_movements(out, config_of(q));
	buf_printf(out, "],%s[", skip);
	for (size_t i = q->group; i < q->group_end; i++) {
		memcpy(word.b + 12, q->wallets[i].b, sizeof(q->wallets[i].b));
		buf_printf(out, "%s\"%s\"", i > q->group ? "," : "",
			   hash_format(text, &word));
	}
	buf_puts(out, "]]");
}

static void begin_group(struct blocks_request *q, size_t first)
{
	q->group = q->group_end = first;
	q->next = q->from;
}

/* As large as the node takes that is asked first. */
static void size_group(struct blocks_request *q)
{
	size_t most = (size_t)ask_limits(&q->ask)->log_topics.now;

	q->group_end =
	    q->n_wallets - q->group < most ? q->n_wallets : q->group + most;
}

static enum err ask(struct blocks_request *q, uint64_t delay_ms)
{
	struct rpc_batch *batch = ask_begin(&q->ask);
	struct buf filter;
	enum err err;

	if (q->group_end == q->group)
		size_group(q);
	q->asked_to =
	    log_query_end(&ask_limits(&q->ask)->log_blocks, q->next, q->to);
	q->ask.height = q->asked_to;
	buf_init(&filter, FILTER_CAP);
	add_filter(&filter, q, "");
	log_query_add(batch, q->next, q->asked_to, filter.data);
	buf_reset(&filter);
	add_filter(&filter, q, "null,");
	log_query_add(batch, q->next, q->asked_to, filter.data);
	log_query_head(batch, q->asked_to);
	err = filter.err;
	buf_free(&filter);
	if (err == OK)
		ask_send(&q->ask, delay_ms);
	return err;
}

static enum err take(struct blocks_request *q, uint64_t number)
{
	uint64_t *grown;

	if (q->n > 0 && q->numbers[q->n - 1] == number)
		return OK;
	if (q->n == q->room) {
		tidy(q);
		if (q->n >= NUMBERS_MOST)
			return ERR_LIMIT;
		q->room = q->n ? 2 * q->n : 256;
		grown = realloc(q->numbers, q->room * sizeof(*grown));
		if (!grown)
			return ERR_NOMEM;
		q->numbers = grown;
	}
	q->numbers[q->n++] = number;
	return OK;
}

static bool was_asked_for(const struct blocks_request *q,
			  const struct found_log *log)
{
	const struct config *config = config_of(q);
	const struct address *emitter = &log->raw.address;
	bool ours = address_eq(emitter, &config->contracts.usdc);

	for (size_t i = 0; i < config->chain.n_natives; i++)
		ours |= address_eq(emitter, &config->chain.natives[i]);
	return ours && log->block_number >= q->next &&
	       log->block_number <= q->asked_to;
}

static enum err read_logs(struct blocks_request *q, const struct json *result,
			  struct fault *fault)
{
	struct found_logs logs;
	enum err err = parse_logs(&logs, result, q->scratch, fault);

	for (size_t i = 0; err == OK && i < logs.n; i++) {
		const struct found_log *log = &logs.list[i];

		if (!was_asked_for(q, log))
			return fault_set(fault, ERR_NONSENSE,
					 "eth_getLogs gives a log that was not"
					 " asked for, of block %llu",
					 (unsigned long long)log->block_number);
		if (log->removed)
			continue;
		err = take(q, log->block_number);
		if (err != OK)
			fault_set(fault, err, "too many blocks of transfers");
	}
	return err;
}

static enum err read_answer(struct blocks_request *q,
			    const struct rpc_reply *reply, struct fault *fault)
{
	size_t queries = reply->n - 1;
	struct hash last;
	enum err err =
	    log_query_check_head(&last, reply->results[queries].value,
				 q->asked_to, q->scratch, fault);

	for (size_t i = 0; err == OK && i < queries; i++)
		err = read_logs(q, reply->results[i].value, fault);
	if (err != OK)
		return source_blame(fault, &q->ask, q->asked_to);
	portion_fine(&ask_limits(&q->ask)->log_blocks,
		     q->asked_to - q->next + 1);
	portion_fine(&ask_limits(&q->ask)->log_topics, q->group_end - q->group);
	return OK;
}

/* What is next after next..asked_to of this group; false: nothing. */
static bool advance(struct blocks_request *q)
{
	q->failures = 0;
	if (q->asked_to < q->to) {
		q->next = q->asked_to + 1;
		return true;
	}
	if (q->group_end == q->n_wallets)
		return false;
	begin_group(q, q->group_end);
	return true;
}

/* The group is too large for the node: a smaller one, over the whole range.
 * False: a single wallet is. */
static bool shrink_group(struct blocks_request *q)
{
	size_t asked = q->group_end - q->group;

	if (asked == 1)
		return false;
	portion_refused(&ask_limits(&q->ask)->log_topics, asked);
	begin_group(q, q->group);
	return true;
}

/* How long to wait before asking again; false: give up. */
static bool recover(struct blocks_request *q, enum err err, bool topics,
		    uint64_t *delay_ms)
{
	struct portion *portion = &ask_limits(&q->ask)->log_blocks;
	uint64_t asked = q->asked_to - q->next + 1;

	if (topics)
		return shrink_group(q);
	switch (source_remedy(err, asked > 1, &q->failures)) {
	case REMEDY_NONE:
		return false;
	case REMEDY_LESS:
		if (err == ERR_TIMEOUT)
			portion_slow(portion, asked);
		else
			portion_refused(portion, asked);
		return true;
	case REMEDY_AGAIN:
	case REMEDY_ANEW:
		*delay_ms = source_pause(err, q->failures);
		return true;
	}
	return false;
}

static void on_answer(void *arg, const struct ask_answer *answer)
{
	struct blocks_request *q = arg;
	bool topics = answer->refusal.topics;
	struct fault fault = {0};
	uint64_t delay_ms = 0;
	enum err err = answer->err;

	if (err == ERR_NONSENSE) {
		/* Repeated often enough below. */
		finish(q, err, answer->fault);
		return;
	}
	if (err != OK)
		fault = *answer->fault;
	else
		err = read_answer(q, answer->reply, &fault);
	arena_reset(q->scratch);
	/* A block that is too much for eth_getLogs may hold one: it is read as
	 * a whole, and told then. */
	if (err == ERR_TOO_LARGE && !topics && q->asked_to == q->next) {
		err = take(q, q->next);
		if (err != OK)
			fault_set(&fault, err, "too many blocks of transfers");
	}
	if (err == OK && !advance(q)) {
		finish(q, OK, &fault);
		return;
	}
	if (err != OK && !recover(q, err, topics, &delay_ms)) {
		finish(q, err, &fault);
		return;
	}
	err = ask(q, delay_ms);
	if (err != OK) {
		fault_set(&fault, err, "asking for transfers: %s",
			  err_text(err));
		finish(q, err, &fault);
	}
}

static enum err init(struct blocks_request *q, const struct address *wallets)
{
	const struct ask_rules rules = {.attempts = SOURCE_ATTEMPTS,
					.shrinks = true};

	q->scratch = arena_new(SCRATCH_CAP);
	q->wallets = calloc(q->n_wallets, sizeof(*q->wallets));
	if (!q->scratch || !q->wallets)
		return ERR_NOMEM;
	memcpy(q->wallets, wallets, q->n_wallets * sizeof(*wallets));
	ask_init(&q->ask, q->base.source->asker, &rules, on_answer, q);
	begin_group(q, 0);
	return ask(q, 0);
}

enum err source_transfer_blocks(struct source *source,
				const struct address *wallets, size_t n_wallets,
				uint64_t from, uint64_t to, source_blocks_cb cb,
				void *arg, struct source_request **out)
{
	struct blocks_request *q;
	enum err err;

	if (from > to || n_wallets == 0)
		return ERR_RANGE;
	q = calloc(1, sizeof(*q));
	if (!q)
		return ERR_NOMEM;
	q->n_wallets = n_wallets;
	q->from = from;
	q->to = to;
	q->cb = cb;
	q->arg = arg;
	request_open(&q->base, source, blocks_free);
	err = init(q, wallets);
	if (err != OK) {
		source_cancel(&q->base);
		return err;
	}
	*out = &q->base;
	return OK;
}
