#include <stdlib.h>
#include <string.h>

#include "tests/node/answer.h"
#include "tests/node/must.h"
#include "tests/node/text.h"

/* eth_getLogs: blocks whose bloom excludes the filter are not made. */

#define BODY_CAP ((size_t)4 << 30)

/* The alternatives for one place; none: anything fits. */
struct choice {
	struct cast_word *list; /* ascending */
	size_t n;
};

struct filter {
	struct choice address;
	struct choice topics[4];
	size_t n_topics; /* a log must have so many */
};

/* Where each log of the answer begins. */
struct found {
	size_t at;
	uint64_t block;
};

struct finding {
	struct filter filter;
	struct found *list;
	size_t n, room;
	bool goes_on; /* there are logs before the first */
};

static int compare(const void *a, const void *b)
{
	const struct cast_word *left = a, *right = b;

	return memcmp(left->word.b, right->word.b, sizeof(left->word.b));
}

/* len: of the bytes, 20 or 32, as the bloom has them. */
static bool read_word(struct cast_word *out, const struct json *value,
		      size_t len)
{
	const char *text = json_text(value, NULL);
	uint8_t bytes[32];

	if (!text || strncmp(text, "0x", 2) != 0 ||
	    hex_decode(bytes, len, text + 2, strlen(text + 2)) != OK)
		return false;
	*out = cast_word_bare(bytes, len);
	return true;
}

static bool read_choice(struct choice *out, const struct json *value,
			size_t len)
{
	bool is_list = json_kind(value) == JSON_KIND_ARRAY;
	size_t n = is_list ? json_count(value) : 1;

	if (json_kind(value) == JSON_KIND_ABSENT ||
	    json_kind(value) == JSON_KIND_NULL || n == 0)
		return true;
	out->list = calloc(n, sizeof(*out->list));
	must(out->list);
	for (out->n = 0; out->n < n; out->n++)
		if (!read_word(&out->list[out->n],
			       is_list ? json_element(value, out->n) : value,
			       len))
			return false;
	qsort(out->list, n, sizeof(*out->list), compare);
	return true;
}

static bool read_filter(struct filter *out, const struct json *filter)
{
	const struct json *topics = json_member(filter, "topics");

	out->n_topics = json_count(topics);
	if (out->n_topics > 4 ||
	    !read_choice(&out->address, json_member(filter, "address"), 20))
		return false;
	for (size_t i = 0; i < out->n_topics; i++)
		if (!read_choice(&out->topics[i], json_element(topics, i), 32))
			return false;
	return true;
}

static void finding_free(struct finding *finding)
{
	free(finding->filter.address.list);
	for (size_t i = 0; i < 4; i++)
		free(finding->filter.topics[i].list);
	free(finding->list);
}

static bool blooms(const struct choice *choice, const struct bloom *bloom)
{
	for (size_t i = 0; i < choice->n; i++)
		if (cast_in_bloom(bloom, &choice->list[i]))
			return true;
	return choice->n == 0;
}

static bool may_hold(const struct filter *filter, const struct bloom *bloom)
{
	bool may = blooms(&filter->address, bloom);

	for (size_t i = 0; i < filter->n_topics && may; i++)
		may = blooms(&filter->topics[i], bloom);
	return may;
}

static bool has(const struct choice *choice, const uint8_t *bytes, size_t len)
{
	struct cast_word key = {0};

	if (choice->n == 0)
		return true;
	memcpy(key.word.b + sizeof(key.word.b) - len, bytes, len);
	return bsearch(&key, choice->list, choice->n, sizeof(key), compare) !=
	       NULL;
}

static bool passes(const struct filter *filter, const struct raw_log *log)
{
	if (log->n_topics < filter->n_topics ||
	    !has(&filter->address, log->address.b, sizeof(log->address.b)))
		return false;
	for (size_t i = 0; i < filter->n_topics; i++)
		if (!has(&filter->topics[i], log->topics[i].b, 32))
			return false;
	return true;
}

static void put_log(struct buf *out, struct finding *finding,
		    const struct text_place *place, const struct raw_log *log,
		    size_t i)
{
	if (finding->n == finding->room) {
		finding->room = finding->room ? 2 * finding->room : 64;
		finding->list = realloc(finding->list,
					finding->room * sizeof(struct found));
		must(finding->list);
	}
	buf_puts(out, finding->n > 0 || finding->goes_on ? "," : "");
	finding->list[finding->n++] =
	    (struct found){out->len, place->header->number};
	text_log(out, place, log, i);
}

static void put_logs_of(struct buf *out, struct finding *finding,
			const struct synth *synth, synth_index index,
			struct arena *arena)
{
	struct text_place place = {0};
	struct synth_body body;
	struct header header;

	synth_header(&header, synth, index);
	synth_body(&body, synth, index, arena);
	place.header = &header;
	for (size_t i = 0; i < body.receipts.n; i++) {
		const struct receipt *receipt = &body.receipts.list[i];

		place.hash = &body.hashes[i];
		place.tx_index = i;
		for (size_t j = 0; j < receipt->n_logs; j++)
			if (passes(&finding->filter, &receipt->logs[j]))
				put_log(out, finding, &place, &receipt->logs[j],
					j);
		place.log_index += receipt->n_logs;
	}
}

static void put_range(struct buf *out, struct finding *finding,
		      const struct synth *synth, synth_index tip, uint64_t from,
		      uint64_t to)
{
	uint64_t head = synth_block(synth, tip)->number;
	struct arena *arena = arena_new(BODY_CAP);
	synth_index index;

	must(arena);
	for (uint64_t n = from; n <= to && n <= head; n++) {
		must(synth_at(synth, tip, n, &index));
		if (may_hold(&finding->filter,
			     &synth_block(synth, index)->bloom))
			put_logs_of(out, finding, synth, index, arena);
		arena_reset(arena);
	}
	arena_free(arena);
}

/* Changes the first digit behind `name` in the log that begins at `at`. */
static void spoil(struct buf *out, size_t at, const char *name)
{
	char *digit = strstr(out->data + at, name);

	must(digit);
	digit += strlen(name);
	*digit = *digit == '5' ? '6' : '5';
}

/* Takes out the logs first..last of the answer, and a comma with them. */
static void cut(struct buf *out, const struct finding *finding, size_t first,
		size_t last)
{
	size_t from = finding->list[first].at;
	size_t to =
	    last + 1 < finding->n ? finding->list[last + 1].at : out->len;

	if (last + 1 == finding->n && first > 0)
		from--;
	memmove(out->data + from, out->data + to, out->len - to);
	out->len -= to - from;
	out->data[out->len] = '\0';
}

static void twist_found(struct buf *out, struct question *q,
			const struct finding *finding)
{
	size_t i = (size_t)dice_below(&q->dice, finding->n), j = i;
	size_t at = finding->list[i].at;
	char *text;

	switch (q->twist) {
	case TWIST_LOGS_MISSING:
		while (i > 0 &&
		       finding->list[i - 1].block == finding->list[j].block)
			i--;
		while (j + 1 < finding->n &&
		       finding->list[j + 1].block == finding->list[i].block)
			j++;
		cut(out, finding, i, j);
		break;
	case TWIST_LOG_MISSING:
		cut(out, finding, i, i);
		break;
	case TWIST_LOG_CHANGED:
		spoil(out, at, "\"topics\":[\"0x");
		break;
	case TWIST_LOG_STALE:
		spoil(out, at, "\"blockHash\":\"0x");
		break;
	case TWIST_LOG_REMOVED:
		text = strstr(out->data + at, "\"removed\":false");
		must(text);
		memcpy(text, "\"removed\":true ", 15);
		break;
	case TWIST_LOG_TWICE:
		j = i + 1 < finding->n ? finding->list[i + 1].at - 1 : out->len;
		text = strndup(out->data + at, j - at);
		must(text);
		buf_printf(out, ",%s", text);
		free(text);
		break;
	default:
		return;
	}
	*q->told = true;
}

/* A log of the first block that has one beyond what was asked for. */
static void put_foreign(struct buf *out, struct question *q,
			struct finding *finding, uint64_t to)
{
	struct finding all = {.goes_on = finding->n > 0};
	uint64_t head = synth_block(q->synth, q->tip)->number;
	size_t before = out->len;

	for (uint64_t n = to + 1; n <= head && out->len == before; n++)
		put_range(out, &all, q->synth, q->tip, n, n);
	if (all.n > 0)
		*q->told = true;
	free(all.list);
}

void answer_logs(struct buf *out, struct question *q)
{
	const struct json *first = json_element(q->params, 0);
	const struct json *hash = json_member(first, "blockHash");
	synth_index tip = q->tip, from, to;
	struct finding finding = {0};

	if (!read_filter(&finding.filter, first)) {
		buf_puts(out, "\"error\":{\"code\":-32602,\"message\":"
			      "\"invalid filter\"}");
	} else if (hash && !answer_block(q, hash, &tip)) {
		buf_puts(out, "\"error\":{\"code\":-32000,\"message\":"
			      "\"unknown block\"}");
	} else {
		const char *last =
		    json_text(json_member(first, "toBlock"), NULL);
		uint64_t a = synth_block(q->synth, tip)->number, b = a;

		if (!hash &&
		    answer_block(q, json_member(first, "fromBlock"), &from))
			a = synth_block(q->synth, from)->number;
		else if (!hash)
			a++; /* beyond the head: nothing */
		if (!hash && last &&
		    answer_block(q, json_member(first, "toBlock"), &to))
			b = synth_block(q->synth, to)->number;
		buf_puts(out, "\"result\":[");
		put_range(out, &finding, q->synth, tip, a, b);
		if (finding.n > 0)
			twist_found(out, q, &finding);
		if (q->twist == TWIST_LOG_FOREIGN)
			put_foreign(out, q, &finding, b);
		buf_puts(out, "]");
	}
	finding_free(&finding);
}
