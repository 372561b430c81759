#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chain/asker.h"
#include "chain/source_request.h"

/* What a quorum says, in two rounds of questions to all endpoints:
 *
 *   FINAL ──► HASH ──► done
 *
 * FINAL  each names its final block; the quorum-th highest of their numbers is
 *        what a quorum calls final
 * HASH   those that call that much final name the block at one height
 *
 * An endpoint that is alone with its hash contradicts the quorum, and is asked
 * last until it agrees again. */
enum round { ROUND_FINAL, ROUND_HASH };

#define HEADERS_CAP (4u << 20)

/* What one endpoint says. */
struct word {
	struct agreement *agreement;
	struct ask ask;
	struct endpoint *endpoint;
	bool has_final;
	uint64_t final;
	bool has_ref; /* the block it names at ref.number */
	struct block_ref ref;
	struct fault fault; /* why it has said nothing */
};

struct agreement {
	struct source_request base;
	enum round round;
	struct arena *arena;
	uint64_t at_most, final, height;
	size_t pending; /* answers of this round */
	source_agreement_cb cb;
	void *arg;
	size_t n;
	struct word words[];
};

static void agreement_free(struct source_request *request)
{
	struct agreement *a = (struct agreement *)request;

	for (size_t i = 0; i < a->n; i++)
		ask_end(&a->words[i].ask);
	arena_free(a->arena);
	free(a);
}

static void finish(struct agreement *a, enum err err, const struct fault *fault,
		   const struct source_agreement *result)
{
	const struct fault copy = *fault;
	source_agreement_cb cb = a->cb;
	void *arg = a->arg;

	source_cancel(&a->base);
	cb(arg, err, &copy, err == OK ? result : NULL);
}

static const struct config *config_of(const struct agreement *a)
{
	return a->base.source->config;
}

/* The sentence of an endpoint that said nothing, for the fault. */
static const char *excuse(const struct agreement *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->words[i].fault.text[0])
			return a->words[i].fault.text;
	return "the others have not come so far";
}

static void too_few(struct agreement *a, size_t n, const char *what)
{
	struct fault fault;
	enum err err =
	    fault_set(&fault, ERR_NOT_YET,
		      "%zu of %zu endpoints %s, chain.quorum is %u: %.300s", n,
		      a->n, what, config_of(a)->chain.quorum, excuse(a));

	finish(a, err, &fault, NULL);
}

/* How many call at least this number final. */
static size_t count_final(const struct agreement *a, uint64_t number)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->words[i].has_final && a->words[i].final >= number;
	return n;
}

/* How many name this block at the height. */
static size_t count_hash(const struct agreement *a, const struct hash *hash)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->words[i].has_ref &&
		     a->words[i].ref.number == a->height &&
		     hash_eq(&a->words[i].ref.hash, hash);
	return n;
}

/* The block that most endpoints name. */
static const struct word *most_named(const struct agreement *a, size_t *n)
{
	const struct word *best = NULL;

	*n = 0;
	for (size_t i = 0; i < a->n; i++) {
		const struct word *word = &a->words[i];
		size_t same;

		if (!word->has_ref || word->ref.number != a->height)
			continue;
		same = count_hash(a, &word->ref.hash);
		if (same > *n) {
			best = word;
			*n = same;
		}
	}
	return best;
}

/* Remembers who is with the quorum and who is not. */
static void judge_endpoints(struct agreement *a, const struct word *quorum)
{
	char ours[HASH_TEXT_SIZE], theirs[HASH_TEXT_SIZE];
	struct fault fault;

	for (size_t i = 0; i < a->n; i++) {
		struct word *word = &a->words[i];
		bool before = word->endpoint->disagrees;

		if (!word->has_ref || word->ref.number != a->height)
			continue;
		word->endpoint->disagrees =
		    !hash_eq(&word->ref.hash, &quorum->ref.hash);
		if (!word->endpoint->disagrees || before)
			continue;
		fault_set(&fault, ERR_UNPROVEN,
			  "node %s names block %" PRIu64 " %s, but %u others "
			  "name it %s: it is asked last from here on",
			  word->endpoint->node.name, a->height,
			  hash_format(theirs, &word->ref.hash),
			  config_of(a)->chain.quorum,
			  hash_format(ours, &quorum->ref.hash));
		if (a->base.source->observer.incomplete)
			a->base.source->observer.incomplete(
			    a->base.source->observer.arg,
			    word->endpoint->node.name, fault.text);
	}
}

static void settle(struct agreement *a)
{
	struct source_agreement result = {.final = a->final};
	size_t named = 0, most;
	const struct word *word = most_named(a, &most);
	struct fault fault = {0};

	for (size_t i = 0; i < a->n; i++)
		named +=
		    a->words[i].has_ref && a->words[i].ref.number == a->height;
	if (named < config_of(a)->chain.quorum) {
		too_few(a, named, "name a final block");
		return;
	}
	if (most < config_of(a)->chain.quorum) {
		fault_set(&fault, ERR_UNPROVEN,
			  "the endpoints disagree on block %" PRIu64
			  ", which they call final: at most %zu of %zu name "
			  "the same hash, chain.quorum is %u; nothing more is "
			  "confirmed until they agree",
			  a->height, most, named, config_of(a)->chain.quorum);
		finish(a, ERR_UNPROVEN, &fault, NULL);
		return;
	}
	judge_endpoints(a, word);
	result.ref = word->ref;
	result.endpoints = (unsigned)most;
	finish(a, OK, &fault, &result);
}

static void ask_word(struct word *word, const char *block)
{
	rpc_batch_add(ask_begin(&word->ask), "eth_getBlockByNumber",
		      "[\"%s\",false]", block);
	word->agreement->pending++;
	ask_send(&word->ask, 0);
}

static void enter_hash(struct agreement *a)
{
	unsigned quorum = config_of(a)->chain.quorum;
	char number[24];

	a->round = ROUND_HASH;
	a->final = 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->words[i].has_final && a->words[i].final > a->final &&
		    count_final(a, a->words[i].final) >= quorum)
			a->final = a->words[i].final;
	if (count_final(a, a->final) < quorum) {
		too_few(a, count_final(a, a->final), "name a final block");
		return;
	}
	a->height = a->final < a->at_most ? a->final : a->at_most;
	(void)snprintf(number, sizeof(number), "0x%" PRIx64, a->height);
	for (size_t i = 0; i < a->n; i++) {
		struct word *word = &a->words[i];

		if (word->has_final && word->final >= a->height &&
		    !(word->has_ref && word->ref.number == a->height))
			ask_word(word, number);
	}
	if (a->pending == 0)
		settle(a);
}

/* A header, held against its own hash. */
static enum err read_ref(struct word *word, struct block_ref *out,
			 const struct json *value, struct fault *fault)
{
	struct agreement *a = word->agreement;
	struct header header;
	enum err err =
	    source_header(a->base.source, &header, value, a->arena, fault);

	if (err == OK && a->round == ROUND_HASH)
		err = proof_is_number(&header, a->height, fault);
	if (err == OK && header_ref(out, &header) != OK)
		err = fault_set(fault, ERR_NONSENSE,
				"its number or timestamp is out of range");
	return err;
}

static void read_final(struct word *word, const struct block_ref *ref)
{
	const struct config *config = config_of(word->agreement);
	uint64_t depth = config->chain.confirmations;

	if (config->chain.finalized_tag) {
		word->has_final = word->has_ref = true;
		word->final = ref->number;
		word->ref = *ref;
	} else if (ref->number >= depth) {
		word->has_final = true;
		word->final = ref->number - depth;
	}
}

static void on_answer(void *arg, const struct ask_answer *answer)
{
	struct word *word = arg;
	struct agreement *a = word->agreement;
	struct block_ref ref;
	struct fault fault;
	enum err err = answer->err;

	if (err == OK) {
		err = read_ref(word, &ref, answer->reply->results[0].value,
			       &fault);
		if (err != OK)
			fault_set(&word->fault, err, "node %s: %.400s",
				  word->endpoint->node.name, fault.text);
		if (err == ERR_UNPROVEN || err == ERR_NONSENSE)
			source_incomplete(a->base.source, word->endpoint,
					  &word->fault);
	} else {
		word->fault = *answer->fault;
	}
	if (err == OK && a->round == ROUND_FINAL) {
		read_final(word, &ref);
	} else if (err == OK) {
		word->has_ref = true;
		word->ref = ref;
	}
	if (--a->pending > 0)
		return;
	if (a->round == ROUND_FINAL)
		enter_hash(a);
	else
		settle(a);
}

/* Those that fail are left out as long as there are enough without them: an
 * answer that does not come would hold up all. */
static bool can_spare_failing(const struct agreement *a, uint64_t now)
{
	size_t healthy = 0;

	for (size_t i = 0; i < a->n; i++)
		healthy += endpoint_is_healthy(a->words[i].endpoint, now);
	return healthy >= config_of(a)->chain.quorum;
}

static void enter_final(struct agreement *a)
{
	struct asker *asker = a->base.source->asker;
	uint64_t now = uv_now(asker->loop);
	bool spare = can_spare_failing(a, now);
	const char *tag =
	    config_of(a)->chain.finalized_tag ? "finalized" : "latest";

	a->round = ROUND_FINAL;
	for (size_t i = 0; i < a->n; i++)
		if (!spare || a->words[i].endpoint->avoid_until <= now)
			ask_word(&a->words[i], tag);
}

enum err source_agree(struct source *source, uint64_t at_most,
		      source_agreement_cb cb, void *arg,
		      struct source_request **out)
{
	const struct ask_rules rules = {.attempts = 1, .urgent = true};
	struct asker *asker = source->asker;
	size_t n = asker->n_endpoints;
	struct agreement *a = calloc(1, sizeof(*a) + n * sizeof(a->words[0]));

	if (!a)
		return ERR_NOMEM;
	a->arena = arena_new(HEADERS_CAP);
	if (!a->arena) {
		free(a);
		return ERR_NOMEM;
	}
	a->at_most = at_most;
	a->cb = cb;
	a->arg = arg;
	a->n = n;
	request_open(&a->base, source, agreement_free);
	for (size_t i = 0; i < n; i++) {
		struct word *word = &a->words[i];

		word->agreement = a;
		word->endpoint = asker->endpoints[i];
		ask_init(&word->ask, asker, &rules, on_answer, word);
		word->ask.only = word->endpoint;
	}
	enter_final(a);
	*out = &a->base;
	return OK;
}
