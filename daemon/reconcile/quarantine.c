#include "daemon/reconcile/quarantine.h"

#include <stdlib.h>
#include <string.h>

static int fact_cmp(const struct place *a, const struct place *b)
{
	int c = place_cmp(a, b);

	return c ? c : hash_cmp(&a->block_hash, &b->block_hash);
}

static int row_cmp(const void *a, const void *b)
{
	const struct quarantine_row *x = a, *y = b;

	return fact_cmp(&x->at, &y->at);
}

static enum err add(struct output *out, const struct event_row *event,
		    const char *reason)
{
	struct quarantine_row row = {
	    .at = event->at,
	    .contract = event->contract,
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

		while (j < n && fact_cmp(&held[j].at, &event->at) < 0)
			j++;
		err = settle(out, event, reasons[i],
			     j < n && fact_cmp(&held[j].at, &event->at) == 0
				 ? &held[j]
				 : NULL);
	}
	return err;
}
