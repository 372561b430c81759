#include <inttypes.h>

#include "tests/node/must.h"
#include "tests/node/scripted_impl.h"

/* What really happened, for whoever checks: not decoded from logs, but as it
 * was meant before there were any. */

#define BODY_CAP ((size_t)4 << 30)

static const char *const names[SAYS_KINDS] = {
    [SAYS_TRANSFER] = "Transfer",
    [SAYS_CREATED] = "StreamCreated",
    [SAYS_RELEASED] = "PaymentReleased",
    [SAYS_CLAIMED] = "EarningsClaimed",
    [SAYS_PAUSED] = "StreamPaused",
    [SAYS_RESUMED] = "StreamResumed",
    [SAYS_CANCELLED] = "StreamCancelled",
    [SAYS_COMPLETED] = "StreamCompleted",
    [SAYS_ODD] = "odd",
};

static void put_party(struct buf *out, const struct cast *cast,
		      const char *name, uint32_t party)
{
	const struct address address = cast_address(cast, party);
	char text[ADDRESS_TEXT_SIZE];

	buf_printf(out, ",\"%s\":\"%s\"", name, address_format(text, &address));
}

/* Amounts are texts: they may be above what a JSON number of others holds. */
static void put_saying(struct buf *out, const struct cast *cast,
		       const struct content_saying *s, size_t log_index)
{
	buf_printf(out, "{\"logIndex\":%zu,\"event\":\"%s\"", log_index,
		   names[s->kind]);
	if (s->kind != SAYS_ODD) {
		put_party(out, cast, "from", s->from);
		put_party(out, cast, "to", s->to);
		buf_printf(out,
			   ",\"id\":%" PRIu64 ",\"amount\":\"%" PRIu64
			   "\",\"total\":\"%" PRIu64 "\",\"duration\":%" PRIu64
			   ",\"interval\":%" PRIu64,
			   s->id, s->amount, s->total, s->duration,
			   s->interval);
	}
	buf_putc(out, '}');
}

static bool concerns(const struct content_saying *said, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (said[i].kind != SAYS_NOISE)
			return true;
	return false;
}

/* A transaction, if any log of it is of our contracts; returns its logs. */
static size_t put_transaction(struct buf *out, const struct cast *cast,
			      const struct synth_body *body, size_t i,
			      size_t log_index, struct arena *arena,
			      const char **comma)
{
	const struct content_item *item = &body->items[i];
	size_t room = item->logs + CONTENT_SAYINGS;
	struct content_saying *said =
	    ARENA_ARRAY(arena, struct content_saying, room);
	size_t n = content_say(said, cast, item);
	const struct cast_account *account =
	    &cast->accounts[content_account(cast, item)];
	char hash[HASH_TEXT_SIZE], sender[ADDRESS_TEXT_SIZE];

	must(said);
	if (!concerns(said, n))
		return n;
	buf_printf(out,
		   "%s{\"hash\":\"%s\",\"index\":%zu,\"sender\":\"%s\","
		   "\"nonce\":%" PRIu64 ",\"logs\":[",
		   *comma, hash_format(hash, &body->hashes[i]), i,
		   address_format(sender, &account->address),
		   content_nonce(item));
	*comma = ",";
	for (size_t j = 0; j < n; j++) {
		buf_puts(out, j > 0 ? "," : "");
		put_saying(out, cast, &said[j], log_index + j);
	}
	buf_puts(out, "]}");
	return n;
}

static void put_block(struct buf *out, const struct synth *synth,
		      synth_index index, struct arena *arena)
{
	const struct synth_block *block = synth_block(synth, index);
	const struct cast *cast = synth_cast(synth);
	char text[HASH_TEXT_SIZE];
	struct synth_body body;
	const char *comma = "";
	size_t logs = 0;

	synth_body(&body, synth, index, arena);
	buf_printf(
	    out,
	    "{\"number\":%" PRIu64 ",\"hash\":\"%s\",\"timestamp\":%" PRIu64
	    ",\"transactions\":[",
	    block->number, hash_format(text, &block->hash), block->timestamp);
	for (size_t i = 0; i < body.receipts.n; i++)
		logs +=
		    put_transaction(out, cast, &body, i, logs, arena, &comma);
	buf_puts(out, "]}");
}

void script_truth(struct buf *out, struct synth *synth, uint64_t from,
		  uint64_t to)
{
	struct arena *arena = arena_new(BODY_CAP);
	synth_index head = synth_head(synth), index;

	must(arena);
	buf_puts(out, "\"blocks\":[");
	for (uint64_t n = from; n <= to && synth_at(synth, head, n, &index);
	     n++) {
		buf_puts(out, n > from ? "," : "");
		put_block(out, synth, index, arena);
		arena_reset(arena);
	}
	buf_puts(out, "]");
	arena_free(arena);
}
