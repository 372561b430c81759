#include "contracts-abi/abi.h"

#include <string.h>

/* The data of a log, or of an answer, value by value, held against the one encoding there is:
 * the heads of a sequence stand together, and behind them the tails of its
 * dynamic values, in their order and without a gap (Solidity ABI specification,
 * "Formal Specification of the Encoding" and "Strict Encoding Mode"). */

#define WORD 32

struct walk {
	struct bytes data;
	struct hash *words; /* of the parameters, as they come */
	size_t n_words;
	unsigned arrays; /* that we are in: what is in them has no word */
	const char *why; /* what is wrong; NULL: nothing yet */
};

static bool wrong(struct walk *w, const char *why)
{
	w->why = why;
	return false;
}

bool abi_is_word(const struct abi_param *param)
{
	return param->type.kind <= ABI_BYTES;
}

static bool all_are(const uint8_t *data, size_t len, uint8_t byte)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != byte)
			return false;
	return true;
}

/* NULL for a clean word, else what is wrong with it. */
static const char *dirt(const struct abi_type *type, const uint8_t *b)
{
	size_t unused = WORD - type->bytes;

	switch (type->kind) {
	case ABI_UINT:
		return all_are(b, unused, 0) ? NULL
					     : "an integer exceeds its type";
	case ABI_INT:
		return all_are(b, unused, b[unused] & 0x80 ? 0xff : 0)
			   ? NULL
			   : "an integer exceeds its type";
	case ABI_ADDRESS:
		return all_are(b, unused, 0) ? NULL
					     : "an address exceeds 160 bits";
	case ABI_BOOL:
		return all_are(b, unused, 0) && b[unused] <= 1
			   ? NULL
			   : "a bool is neither 0 nor 1";
	case ABI_BYTES:
		return all_are(b + type->bytes, unused, 0)
			   ? NULL
			   : "fixed bytes are not padded with zeros";
	case ABI_BLOB:
	case ABI_ARRAY:
	case ABI_TUPLE:
		break; /* as a topic: a hash */
	}
	return NULL;
}

static void add_word(struct walk *w, const uint8_t *word)
{
	if (w->arrays > 0)
		return;
	if (word)
		memcpy(w->words[w->n_words].b, word, WORD);
	else
		w->words[w->n_words] = (struct hash){{0}};
	w->n_words++;
}

/* The number in the word at `at`; false: the data ends before, or it is more
 * than the data has bytes, which no offset and no length is. */
static bool take_number(struct walk *w, size_t at, size_t *out)
{
	const uint8_t *b;
	uint64_t n = 0;

	if (w->data.len < WORD || at > w->data.len - WORD)
		return wrong(w, "the data is too short");
	b = w->data.data + at;
	for (size_t i = WORD - sizeof(n); i < WORD; i++)
		n = n << 8 | b[i];
	if (!all_are(b, WORD - sizeof(n), 0) || n > w->data.len)
		return wrong(w, "an offset or a length points beyond the data");
	*out = (size_t)n;
	return true;
}

static bool walk_value(struct walk *w, const struct abi_type *type, size_t at,
		       size_t *end);

/* n values of a sequence that begins at base: of the types one by one, or (the
 * elements of an array) all of the first. */
static bool walk_sequence(struct walk *w, const struct abi_type *types,
			  size_t n, bool alike, size_t base, size_t *end)
{
	size_t head = base, tail = base, offset, ignored;

	for (size_t i = 0; i < n; i++)
		tail += types[alike ? 0 : i].head;
	if (tail > w->data.len)
		return wrong(w, "the data is too short");
	for (size_t i = 0; i < n; i++) {
		const struct abi_type *type = &types[alike ? 0 : i];

		if (!type->dynamic) {
			if (!walk_value(w, type, head, &ignored))
				return false;
		} else {
			if (!take_number(w, head, &offset))
				return false;
			if (offset != tail - base)
				return wrong(w, "an offset does not lead to "
						"where its value stands");
			if (!walk_value(w, type, tail, &tail))
				return false;
		}
		head += type->head;
	}
	*end = tail;
	return true;
}

static bool walk_blob(struct walk *w, size_t at, size_t *end)
{
	size_t len, padded;

	if (!take_number(w, at, &len))
		return false;
	at += WORD;
	padded = (len + WORD - 1) / WORD * WORD;
	if (padded > w->data.len - at)
		return wrong(w, "the data is too short");
	if (!all_are(w->data.data + at + len, padded - len, 0))
		return wrong(w, "bytes are not padded with zeros");
	*end = at + padded;
	return true;
}

static bool walk_array(struct walk *w, const struct abi_type *type, size_t at,
		       size_t *end)
{
	const struct abi_type *element = type->parts;
	size_t n = type->n;
	bool fits;

	if (n == 0) {
		if (!take_number(w, at, &n))
			return false;
		at += WORD;
	}
	if (n > (w->data.len - at) / element->head)
		return wrong(w, "the data is too short");
	w->arrays++;
	fits = walk_sequence(w, element, n, true, at, end);
	w->arrays--;
	return fits;
}

/* One value, which begins at `at`: its head if it is static, else its tail. */
static bool walk_value(struct walk *w, const struct abi_type *type, size_t at,
		       size_t *end)
{
	switch (type->kind) {
	case ABI_BLOB:
		add_word(w, NULL);
		return walk_blob(w, at, end);
	case ABI_ARRAY:
		add_word(w, NULL);
		return walk_array(w, type, at, end);
	case ABI_TUPLE:
		return walk_sequence(w, type->parts, type->n, false, at, end);
	default:
		w->why = dirt(type, w->data.data + at);
		add_word(w, w->data.data + at);
		*end = at + WORD;
		return !w->why;
	}
}

static const char *misfit(const struct abi_event *event,
			  const struct hash *topics, size_t n_topics)
{
	if (n_topics != event->n_topics)
		return "the number of topics is not the event's";
	if (!hash_eq(&topics[0], &event->topic0))
		return "topic0 is not the event's";
	return NULL;
}

static const char *walk_data(struct walk *w, const struct abi_values *values)
{
	size_t end;

	if (w->data.len > values->len && !values->dynamic)
		return "the data is too long";
	if (!walk_sequence(w, values->types, values->n, false, 0, &end))
		return w->why;
	return end < w->data.len ? "the data is too long" : NULL;
}

enum err abi_decode(const struct abi_event *event, const struct hash *topics,
		    size_t n_topics, struct bytes data,
		    struct hash words[ABI_MAX_PARAMS], const char **why)
{
	struct hash of_data[ABI_MAX_PARAMS], found[ABI_MAX_PARAMS];
	struct walk walk = {.data = data, .words = of_data};
	const char *bad = misfit(event, topics, n_topics);
	size_t topic = 1, datum = 0;

	if (!bad)
		bad = walk_data(&walk, &event->data);
	for (size_t i = 0; !bad && i < event->n_params; i++) {
		const struct abi_param *param = &event->params[i];

		found[i] = param->indexed ? topics[topic++] : of_data[datum++];
		if (param->indexed)
			bad = dirt(&param->type, found[i].b);
	}
	if (bad) {
		*why = bad;
		return ERR_SYNTAX;
	}
	memcpy(words, found, event->n_params * sizeof(found[0]));
	return OK;
}

enum err abi_decode_answer(const struct abi_function *function,
			   struct bytes data, struct hash words[ABI_MAX_PARAMS],
			   const char **why)
{
	struct hash found[ABI_MAX_PARAMS];
	struct walk walk = {.data = data, .words = found};
	const char *bad = walk_data(&walk, &function->outputs);

	if (bad) {
		*why = bad;
		return ERR_SYNTAX;
	}
	memcpy(words, found, walk.n_words * sizeof(found[0]));
	return OK;
}

const char *abi_look(const struct abi_event *event, size_t i,
		     const struct hash *topics, size_t n_topics,
		     struct bytes data, struct hash *word)
{
	const struct abi_param *param = &event->params[i];
	size_t topic = 1, at = 0;

	for (size_t j = 0; j < i; j++)
		if (event->params[j].indexed)
			topic++;
		else
			at += event->params[j].type.head;
	memset(word, 0, sizeof(*word));
	if (param->indexed ? topic >= n_topics
			   : data.len < WORD || at > data.len - WORD)
		return "it is missing";
	memcpy(word->b, param->indexed ? topics[topic].b : data.data + at,
	       WORD);
	return dirt(&param->type, word->b);
}
