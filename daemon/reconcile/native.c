#include "daemon/reconcile/native.h"

bool native_is(const struct reading *reading)
{
	if (reading->match != CATALOG_EVENT)
		return false;
	switch (reading->event.kind) {
	case EVENT_NATIVE_TRANSFER:
	case EVENT_NATIVE_MINTED:
	case EVENT_NATIVE_BURNED:
		return true;
	default:
		return false;
	}
}

static bool says_the_same(const struct reading *native,
			  const struct event *transfer)
{
	const struct event *event = &native->event;

	return native->dust == 0 &&
	       u256_cmp(&event->amount, &transfer->amount) == 0 &&
	       address_eq(&event->from, &transfer->from) &&
	       address_eq(&event->to, &transfer->to);
}

/* Among the n that precede the Transfer. There may be none: of nothing, or to
 * oneself, only the token speaks. */
static void consume(struct reading *readings, size_t n,
		    const struct event *transfer)
{
	while (n-- > 0) {
		if (!native_is(&readings[n]) ||
		    !says_the_same(&readings[n], transfer))
			continue;
		readings[n].match = CATALOG_NOT_OURS;
		return;
	}
}

void native_settle(struct reading *readings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reading *reading = &readings[i];

		if (native_is(reading))
			reading->event.amount =
			    u256_div_u64(&reading->event.amount,
					 NATIVE_PER_UNIT, &reading->dust);
		else if (reading->match == CATALOG_EVENT &&
			 reading->event.kind == EVENT_TRANSFER)
			consume(readings, i, &reading->event);
	}
	for (size_t i = 0; i < n; i++)
		if (native_is(&readings[i]))
			readings[i].event.kind = EVENT_TRANSFER;
}
