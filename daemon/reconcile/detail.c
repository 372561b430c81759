#include "daemon/reconcile/detail.h"

#include <stddef.h>

#include "common/buf.h"
#include "daemon/reconcile/decode.h"

enum form { FORM_ADDRESS, FORM_NUMBER, FORM_BOOL };

/* Which fields of struct event a kind has, and what they are called. */
struct field {
	enum event_kind kind;
	const char *key;
	enum form form;
	size_t offset;
};

#define FORM_OF(member)                                                        \
	_Generic(((struct event *)0)->member, struct address                   \
		 : FORM_ADDRESS, struct u256                                   \
		 : FORM_NUMBER, bool                                           \
		 : FORM_BOOL)
#define FIELD(kind, key, member)                                               \
	{                                                                      \
		EVENT_##kind, key, FORM_OF(member),                            \
		    offsetof(struct event, member)                             \
	}

static const struct field fields[] = {
    FIELD(TASK_RECORDED, "worker", worker),
    FIELD(TASK_RECORDED, "task", id),
    FIELD(TASK_RECORDED, "on_time", on_time),
    FIELD(TASK_RECORDED, "rating", rating),
    FIELD(TASK_RECORDED, "new_score", new_score),
    FIELD(DISPUTE_RECORDED, "worker", worker),
    FIELD(DISPUTE_RECORDED, "task", id),
    FIELD(DISPUTE_RECORDED, "severity", severity),
    FIELD(DISPUTE_RECORDED, "points_lost", points_lost),
    FIELD(DISPUTE_RECORDED, "new_score", new_score),
    FIELD(MINT, "minter", from),
    FIELD(MINT, "to", to),
    FIELD(MINT, "amount", amount),
    FIELD(BURN, "burner", from),
    FIELD(BURN, "amount", amount),
    FIELD(BLACKLISTED, "account", account),
    FIELD(UNBLACKLISTED, "account", account),
    FIELD(TOKEN_UPGRADED, "implementation", account),
    FIELD(CONTRACT_PAUSED, "by", by),
    FIELD(CONTRACT_UNPAUSED, "by", by),
    FIELD(OWNER_CHANGED, "from", from),
    FIELD(OWNER_CHANGED, "to", to),
    FIELD(APPROVER_ADDED, "account", account),
    FIELD(APPROVER_REMOVED, "account", account),
    FIELD(RECORDER_ADDED, "account", account),
    FIELD(RECORDER_REMOVED, "account", account),
};

static void put_field(struct buf *out, const struct field *field,
		      const struct event *event)
{
	const void *at = (const char *)event + field->offset;
	char address[ADDRESS_TEXT_SIZE], number[U256_TEXT_SIZE];

	buf_printf(out, "\"%s\":", field->key);
	switch (field->form) {
	case FORM_ADDRESS:
		buf_printf(out, "\"%s\"", address_format(address, at));
		break;
	case FORM_NUMBER:
		buf_printf(out, "\"%s\"", u256_format(number, at));
		break;
	case FORM_BOOL:
		buf_puts(out, *(const bool *)at ? "true" : "false");
		break;
	}
}

#define DETAIL_MOST 1024 /* five fields of at most 78 digits */

const char *event_detail(struct arena *arena, const struct event *event)
{
	struct buf text;
	char *detail = NULL;
	size_t n = 0;

	buf_init(&text, DETAIL_MOST);
	buf_putc(&text, '{');
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].kind != event->kind)
			continue;
		if (n++)
			buf_putc(&text, ',');
		put_field(&text, &fields[i], event);
	}
	buf_putc(&text, '}');
	if (text.err == OK)
		detail = arena_strdup(arena, text.data);
	buf_free(&text);
	return detail;
}

enum err details_set(struct event_row *rows, size_t n, struct arena *arena,
		     const struct catalog *catalog, struct fault *fault)
{
	struct event event;
	enum err err;

	for (size_t i = 0; i < n; i++) {
		if (rows[i].kind < FOLDED_KINDS)
			continue;
		err = event_row_decode(&event, catalog, &rows[i], fault);
		if (err != OK)
			return err;
		rows[i].detail = event_detail(arena, &event);
		if (!rows[i].detail)
			return ERR_NOMEM;
	}
	return OK;
}

static bool is_over(const struct u256 *number, uint64_t most)
{
	uint64_t small;

	return !u256_to_u64(&small, number) || small > most;
}

#define SCORE_MOST 1000 /* MAX_SCORE of ReputationLedger */

const char *event_doubt(const struct event *event)
{
	if (event_family(event->kind) != FAMILY_REPUTATION)
		return NULL;
	if (is_over(&event->new_score, SCORE_MOST))
		return "a score above 1000";
	if (is_over(&event->rating, 5))
		return "a rating above 5";
	if (is_over(&event->points_lost, SCORE_MOST))
		return "more points are lost than a score can have";
	return NULL;
}
