#include <inttypes.h>
#include <string.h>

#include "tests/node/lies.h"

/* Lies about the answers to one request. Entries are views of the body, and
 * what is appended to it can become one. */

static struct lie_entry *any_entry(struct lie_hand *hand)
{
	return &hand->entries[dice_below(&hand->dice, hand->n)];
}

static size_t append(struct lie_hand *hand, const char *text)
{
	size_t at = hand->out->len;

	buf_puts(hand->out, text);
	return at;
}

/* The entry again, with this in place of its id's text. */
static void with_id(struct lie_hand *hand, struct lie_entry *entry,
		    const char *before, const char *after, bool keep)
{
	static const char name[] = "\"id\":";
	struct buf *out = hand->out;
	const char *text = out->data + entry->at;
	size_t from = (size_t)(strstr(text, name) - text) + strlen(name);
	size_t to = from + strcspn(text + from, ",}");
	struct buf made;

	buf_init(&made, WEB_BODY_CAP);
	buf_add(&made, text, from);
	buf_puts(&made, before);
	if (keep)
		buf_add(&made, text + from, to - from);
	buf_puts(&made, after);
	buf_add(&made, text + to, entry->len - to);
	entry->at = out->len;
	entry->len = made.len;
	buf_add(out, made.data, made.len);
	buf_free(&made);
}

bool lie_id_wrong(struct lie_hand *hand)
{
	with_id(hand, any_entry(hand), "9", "", true);
	return true;
}

bool lie_id_text(struct lie_hand *hand)
{
	for (size_t i = 0; i < hand->n; i++)
		with_id(hand, &hand->entries[i], "\"", "\"", true);
	return true;
}

bool lie_id_null(struct lie_hand *hand)
{
	with_id(hand, any_entry(hand), "null", "", false);
	return true;
}

bool lie_entry_missing(struct lie_hand *hand)
{
	if (!hand->is_batch)
		return false;
	*any_entry(hand) = hand->entries[hand->n - 1];
	hand->n--;
	return true;
}

bool lie_entry_twice(struct lie_hand *hand)
{
	struct lie_entry entry = *any_entry(hand);

	if (!hand->is_batch)
		return false;
	hand->entries[hand->n++] = entry;
	return true;
}

bool lie_entries_reversed(struct lie_hand *hand)
{
	for (size_t i = 0; i < hand->n / 2; i++) {
		struct lie_entry kept = hand->entries[i];

		hand->entries[i] = hand->entries[hand->n - 1 - i];
		hand->entries[hand->n - 1 - i] = kept;
	}
	return hand->n > 1;
}

bool lie_entries_none(struct lie_hand *hand)
{
	bool was = hand->is_batch && hand->n > 0;

	hand->is_batch = true;
	hand->n = 0;
	return was;
}

bool lie_object_for_batch(struct lie_hand *hand)
{
	bool was = hand->is_batch;

	hand->is_batch = false;
	hand->n = 1;
	return was;
}

bool lie_batch_cap(struct lie_hand *hand)
{
	char text[160];

	if (hand->n <= hand->size)
		return false;
	(void)snprintf(text, sizeof(text),
		       "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":"
		       "-32600,\"message\":\"batch size %zu exceeds limit of "
		       "%" PRIu64 "\"}}",
		       hand->n, hand->size);
	hand->is_batch = false;
	hand->n = 1;
	hand->entries[0].at = append(hand, text);
	hand->entries[0].len = strlen(text);
	return true;
}
