#include "daemon/reconcile/quarantine.h"

#include <stdlib.h>
#include <string.h>

static int fact_cmp(const struct place *a, uint8_t a_part,
		    const struct place *b, uint8_t b_part)
{
	int c = place_cmp(a, b);

	if (c == 0)
		c = hash_cmp(&a->block_hash, &b->block_hash);
	return c ? c : a_part - b_part;
}

static int row_cmp(const void *a, const void *b)
{
	const struct quarantine_row *x = a, *y = b;

	return fact_cmp(&x->at, x->part, &y->at, y->part);
}

static enum err add(struct output *out, const struct event_row *event,
		    const char *reason)
{
	struct quarantine_row row = {
	    .at = event->at,
	    .contract = event->contract,
	    .part = event->part,
	    .n_topics = event->n_topics,
	    .data = event->data,
	    .reason = reason,
	};

	memcpy(row.topics, event->topics, sizeof(row.topics));
	return output_quarantine(out, &row);
}

/* reason: why it belongs there; held: it is there. Either may be NULL. */
static enum err settle(struct output *out, const struct event_row *event,
		       const char *reason, const struct quarantine_row *held)
{
	if (!reason)
		return held ? output_release(out, held) : OK;
	if (held && strcmp(held->reason, reason) == 0)
		return OK;
	return add(out, event, reason);
}

enum err quarantine_settle(struct output *out, const struct reconcile_input *in,
			   const char *const *reasons)
{
	size_t n = in->n_quarantined, j = 0;
	struct quarantine_row *held =
	    ARENA_ARRAY(out->arena, struct quarantine_row, n);
	enum err err = OK;

	if (!held)
		return ERR_NOMEM;
	if (n) {
		memcpy(held, in->quarantined, n * sizeof(*held));
		qsort(held, n, sizeof(*held), row_cmp);
	}
	for (size_t i = 0; i < in->n_events && err == OK; i++) {
		const struct event_row *event = &in->events[i];
		int c = 1;

		for (; j < n; j++) {
			c = fact_cmp(&held[j].at, held[j].part, &event->at,
				     event->part);
			if (c >= 0)
				break;
		}
		err = settle(out, event, reasons[i],
			     j < n && c == 0 ? &held[j] : NULL);
	}
	return err;
}
