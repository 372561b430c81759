#include "daemon/reconcile/intents.h"

#include "daemon/reconcile/classify.h"
#include <stdlib.h>

struct intent {
	const struct transaction_row *row; /* those of one array: by age */
	bool taken;
};

static int payment_cmp(const struct transaction_row *row,
		       const struct address *from, const struct address *to,
		       const struct u256 *amount)
{
	int c = address_cmp(&row->from, from);

	if (c == 0)
		c = address_cmp(&row->to, to);
	return c ? c : u256_cmp(&row->amount, amount);
}

static int intent_cmp(const void *a, const void *b)
{
	const struct transaction_row *x = ((const struct intent *)a)->row;
	const struct transaction_row *y = ((const struct intent *)b)->row;
	int c = payment_cmp(x, &y->from, &y->to, &y->amount);

	return c ? c : (x > y) - (x < y);
}

/* What was cancelled is meant no more. */
static bool is_open(const struct transaction_row *row)
{
	return row->is_intent && row->is_open &&
	       row->status != STATUS_CANCELLED;
}

enum err intents_init(struct intents *intents, struct arena *arena,
		      const struct transaction_row *rows, size_t n)
{
	struct intent *list;
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += is_open(&rows[i]);
	list = ARENA_ARRAY(arena, struct intent, found);
	if (!list)
		return ERR_NOMEM;
	found = 0;
	for (size_t i = 0; i < n; i++)
		if (is_open(&rows[i]))
			list[found++] = (struct intent){.row = &rows[i]};
	if (found)
		qsort(list, found, sizeof(*list), intent_cmp);
	*intents = (struct intents){list, found};
	return OK;
}

/* The first of those for this payment, taken or not; n: there is none. */
static size_t first(const struct intents *intents,
		    const struct transfer_row *fact)
{
	size_t low = 0, high = intents->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (payment_cmp(intents->list[middle].row, &fact->from,
				&fact->to, &fact->amount) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct transaction_row *intents_take(struct intents *intents,
					   const struct transfer_row *fact)
{
	struct intent *found = NULL;

	if (!classify_moves(fact))
		return NULL;
	for (size_t i = first(intents, fact); i < intents->n; i++) {
		struct intent *intent = &intents->list[i];
		const struct transaction_row *row = intent->row;

		if (payment_cmp(row, &fact->from, &fact->to, &fact->amount) !=
		    0)
			break;
		if (intent->taken)
			continue;
		if (row->has_hash &&
		    hash_eq(&row->tx_hash, &fact->at.tx_hash)) {
			found = intent;
			break;
		}
		if (!row->has_hash && !found &&
		    fact->at.block_number > row->after &&
		    fact->at.block_time >= row->since)
			found = intent;
	}
	if (!found)
		return NULL;
	found->taken = true;
	return found->row;
}
