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
 * HASH   all name the block at that height; the word of those counts that call
 *        as much final. Where they do not agree, the next lower height that one
 *        of them calls final is tried: who calls too much final delays nobody
 *
 * An endpoint that names another hash than the quorum is asked last until it
 * agrees at that height or above. */
enum round { ROUND_FINAL, ROUND_HASH };

#define HEADERS_CAP (4u << 20)

/* What one endpoint says. */
struct word {
	struct agreement *agreement;
	struct ask ask;
	struct endpoint *endpoint;
	bool answered; /* who has not is not asked for a hash */
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

/* Why each of those that said nothing did not, as far as there is room. */
static void put_excuses(char *text, size_t size, const struct agreement *a)
{
	size_t used = 0;

	(void)snprintf(text, size, "the others have not come so far");
	for (size_t i = 0; i < a->n && used < size; i++) {
		const char *why = a->words[i].fault.text;

		if (*why)
			used +=
			    (size_t)snprintf(text + used, size - used,
					     "%s%.140s", used ? "; " : "", why);
	}
}

static void too_few(struct agreement *a, size_t n, const char *what)
{
	char why[320];
	struct fault fault;

	put_excuses(why, sizeof(why), a);
	fault_set(&fault, ERR_NOT_YET,
		  "%zu of %zu endpoints %s, chain.quorum is %u: %s", n, a->n,
		  what, config_of(a)->chain.quorum, why);
	finish(a, ERR_NOT_YET, &fault, NULL);
}

/* How many call at least this number final. */
static size_t count_final(const struct agreement *a, uint64_t number)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->words[i].has_final && a->words[i].final >= number;
	return n;
}

static bool names_height(const struct word *word)
{
	return word->has_ref && word->ref.number == word->agreement->height;
}

/* Its word on the hash at the height counts. */
static bool counts(const struct word *word)
{
	return names_height(word) && word->has_final &&
	       word->final >= word->agreement->height;
}

static size_t count_hash(const struct agreement *a, const struct hash *hash)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += counts(&a->words[i]) &&
		     hash_eq(&a->words[i].ref.hash, hash);
	return n;
}

/* The block that most endpoints name. No other may have a quorum, too: then two
 * halves contradict each other, and none of them is right for sure. */
static const struct word *most_named(const struct agreement *a, size_t *n)
{
	const struct word *best = NULL;
	unsigned quorum = config_of(a)->chain.quorum;

	*n = 0;
	for (size_t i = 0; i < a->n; i++) {
		const struct word *word = &a->words[i];
		size_t same = counts(word) ? count_hash(a, &word->ref.hash) : 0;

		if (best && same >= quorum && *n >= quorum &&
		    !hash_eq(&best->ref.hash, &word->ref.hash))
			return NULL;
		if (same > *n) {
			best = word;
			*n = same;
		}
	}
	return best;
}

/* Remembers who is with the quorum and who is not. */
static void judge(struct agreement *a, struct word *word,
		  const struct word *quorum, size_t n)
{
	struct endpoint *endpoint = word->endpoint;
	struct source_observer *observer = &a->base.source->observer;
	char ours[HASH_TEXT_SIZE], theirs[HASH_TEXT_SIZE];
	struct fault fault;

	if (hash_eq(&word->ref.hash, &quorum->ref.hash)) {
		if (a->height >= endpoint->disagrees_at)
			endpoint->disagrees = false;
		return;
	}
	if (endpoint->disagrees)
		return;
	endpoint->disagrees = true;
	endpoint->disagrees_at = a->height;
	fault_set(&fault, ERR_UNPROVEN,
		  "node %s names block %" PRIu64 " %s, but %zu others name it "
		  "%s: it is asked last from here on",
		  endpoint->node.name, a->height,
		  hash_format(theirs, &word->ref.hash), n,
		  hash_format(ours, &quorum->ref.hash));
	if (observer->incomplete)
		observer->incomplete(observer->arg, endpoint->node.name,
				     fault.text);
}

static void enter_hash(struct agreement *a, uint64_t at_most);

/* The next lower block that one of them calls final; false: there is none. */
static bool go_lower(struct agreement *a)
{
	bool found = false;
	uint64_t next = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct word *word = &a->words[i];

		if (!word->has_final || word->final >= a->height ||
		    (found && word->final <= next))
			continue;
		next = word->final;
		found = true;
	}
	if (found)
		enter_hash(a, next);
	return found;
}

static void disagree(struct agreement *a, size_t most, size_t named)
{
	struct fault fault;

	if (go_lower(a))
		return;
	if (named < config_of(a)->chain.quorum) {
		too_few(a, named, "name a final block");
		return;
	}
	fault_set(&fault, ERR_UNPROVEN,
		  "the endpoints disagree on block %" PRIu64
		  ", which they call final: at most %zu of %zu name the same "
		  "hash, chain.quorum is %u; nothing more is confirmed until "
		  "they agree",
		  a->height, most, named, config_of(a)->chain.quorum);
	finish(a, ERR_UNPROVEN, &fault, NULL);
}

static void settle(struct agreement *a)
{
	struct source_agreement result = {.final = a->final};
	const struct fault none = {0};
	size_t named = 0, most;
	const struct word *word = most_named(a, &most);

	for (size_t i = 0; i < a->n; i++)
		named += counts(&a->words[i]);
	if (!word || most < config_of(a)->chain.quorum) {
		disagree(a, most, named);
		return;
	}
	for (size_t i = 0; i < a->n; i++)
		if (names_height(&a->words[i]))
			judge(a, &a->words[i], word, most);
	result.ref = word->ref;
	result.endpoints = (unsigned)most;
	finish(a, OK, &none, &result);
}

static void ask_word(struct word *word, const char *block)
{
	rpc_batch_add(ask_begin(&word->ask), "eth_getBlockByNumber",
		      "[\"%s\",false]", block);
	word->agreement->pending++;
	ask_send(&word->ask, 0);
}

static void enter_hash(struct agreement *a, uint64_t at_most)
{
	unsigned quorum = config_of(a)->chain.quorum;
	char number[24];

	a->round = ROUND_HASH;
	a->final = 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->words[i].has_final && a->words[i].final > a->final &&
		    a->words[i].final <= at_most &&
		    count_final(a, a->words[i].final) >= quorum)
			a->final = a->words[i].final;
	if (count_final(a, a->final) < quorum) {
		too_few(a, count_final(a, a->final), "name a final block");
		return;
	}
	a->height = a->final < a->at_most ? a->final : a->at_most;
	(void)snprintf(number, sizeof(number), "0x%" PRIx64, a->height);
	for (size_t i = 0; i < a->n; i++)
		if (a->words[i].answered && !names_height(&a->words[i]))
			ask_word(&a->words[i], number);
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

	word->answered = true;
	if (config->chain.finalized_tag) {
		word->has_final = word->has_ref = true;
		word->final = ref->number;
		word->ref = *ref;
	} else if (ref->number >= depth) {
		word->has_final = true;
		word->final = ref->number - depth;
	}
}

/* It has answered, and calls nothing final yet. */
static bool has_none_final(const struct word *word, enum err err)
{
	return word->agreement->round == ROUND_FINAL && err == ERR_NOT_YET;
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
	if (has_none_final(word, err))
		word->answered = true;
	if (err == OK && a->round == ROUND_FINAL) {
		read_final(word, &ref);
	} else if (err == OK) {
		word->has_ref = true;
		word->ref = ref;
	}
	if (--a->pending > 0)
		return;
	if (a->round == ROUND_FINAL)
		enter_hash(a, UINT64_MAX);
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
	const struct ask_rules rules = {
	    .attempts = 1, .urgent = true, .brief = true};
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
