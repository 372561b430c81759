#include "daemon/reconcile/native.h"

bool native_is(enum event_kind kind)
{
	return kind == EVENT_NATIVE_TRANSFER || kind == EVENT_NATIVE_MINTED ||
	       kind == EVENT_NATIVE_BURNED;
}

enum err natives_add(struct natives *natives, struct arena *arena,
		     const struct event *event, const struct block_log *log)
{
	struct native *all = arena_grow(arena, natives->all, natives->n,
					&natives->room, sizeof(*all));
	struct event transfer = *event;

	if (!all)
		return ERR_NOMEM;
	natives->all = all;
	transfer.kind = EVENT_TRANSFER;
	transfer.amount =
	    u256_div_u64(&event->amount, NATIVE_PER_UNIT, &transfer.dust);
	all[natives->n++] = (struct native){.transfer = transfer, .log = log};
	return OK;
}

static bool says_the_same(const struct event *native,
			  const struct event *transfer)
{
	return native->dust == 0 &&
	       u256_cmp(&native->amount, &transfer->amount) == 0 &&
	       address_eq(&native->from, &transfer->from) &&
	       address_eq(&native->to, &transfer->to);
}

void natives_consume(struct natives *natives, const struct event *transfer)
{
	for (size_t i = natives->n; i-- > 0;) {
		struct native *native = &natives->all[i];

		if (native->consumed ||
		    !says_the_same(&native->transfer, transfer))
			continue;
		native->consumed = true;
		return;
	}
}
