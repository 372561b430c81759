#include <inttypes.h>

#include "daemon/audit/audit.h"

struct part {
	const char *plural, *singular;
	const struct audit_counts *counts;
};
#define PARTS 4

static void parts_of(struct part parts[PARTS], const struct audit_result *r)
{
	parts[0] = (struct part){"wallets", "wallet", &r->wallets};
	parts[1] = (struct part){"contracts", "contract", &r->contracts};
	parts[2] = (struct part){"streams", "stream", &r->streams};
	parts[3] = (struct part){"loans", "loan", &r->loans};
}

void audit_put_counts(struct buf *json, const struct audit_result *result)
{
	struct part parts[PARTS];

	parts_of(parts, result);
	for (size_t i = 0; i < PARTS; i++) {
		const struct audit_counts *c = parts[i].counts;

		buf_printf(json,
			   "%s\"%s\":{\"checked\":%" PRIu64
			   ",\"differ\":%" PRIu64 ",\"explained\":%" PRIu64
			   ",\"uncovered\":%" PRIu64 ",\"no_state\":%" PRIu64
			   "}",
			   i > 0 ? "," : "", parts[i].plural, c->checked,
			   c->differ, c->explained, c->uncovered, c->no_state);
	}
}

static void put_some(struct buf *text, uint64_t n, const char *what)
{
	if (n > 0)
		buf_printf(text, ", %" PRIu64 " %s", n, what);
}

void audit_put_sentence(struct buf *text, const struct audit_result *result)
{
	struct part parts[PARTS];

	parts_of(parts, result);
	for (size_t i = 0; i < PARTS; i++) {
		const struct audit_counts *c = parts[i].counts;
		uint64_t ties = c->checked - c->differ - c->explained;

		buf_printf(
		    text, "%s%" PRIu64 " %s", i > 0 ? "; " : "", c->checked,
		    c->checked == 1 ? parts[i].singular : parts[i].plural);
		if (ties < c->checked)
			put_some(text, ties, "as it should be");
		put_some(text, c->differ, "not as the books say");
		put_some(text, c->explained, "with less, by gas or unlogged");
		put_some(text, c->uncovered, "not covered");
		put_some(text, c->no_state,
			 "not checked: no node has the state it began with");
	}
}
