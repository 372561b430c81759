#include <inttypes.h>
#include <string.h>

#include "daemon/serve/metrics.h"
#include "daemon/sync/engine.h"

/* A contract's first owner comes with it: the one before is nobody. */
static bool is_first_owner(const struct event_row *event)
{
	return event->detail &&
	       strstr(event->detail,
		      "\"from\":\"0x"
		      "0000000000000000000000000000000000000000\"");
}

/* What an operator has to know of at once, since it changes what money can do;
 * NULL: nothing. */
static const char *meaning(const struct event_row *event)
{
	switch (event->kind) {
	case EVENT_TOKEN_UPGRADED:
		return "the token's code is replaced: see that it still is "
		       "what this program expects";
	case EVENT_TOKEN_PAUSED:
		return "the token is paused: nobody can be paid";
	case EVENT_TOKEN_UNPAUSED:
		return "the token is no longer paused";
	case EVENT_CONTRACT_PAUSED:
		return "the contract is paused: nobody can be paid from it";
	case EVENT_CONTRACT_UNPAUSED:
		return "the contract is no longer paused";
	case EVENT_OWNER_CHANGED:
		return is_first_owner(event) ? NULL
					     : "the contract has another owner";
	default:
		return NULL;
	}
}

void alerts_tell(const struct sync *sync, const struct facts *facts)
{
	char contract[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < facts->n_events; i++) {
		const struct event_row *e = &facts->events[i];
		const char *what = meaning(e);
		const char *label = event_kind_name(e->kind);

		if (!what)
			continue;
		log_warn(sync->logger, "%s: %s of %s in block %" PRIu64 " %s",
			 what, label, address_checksum(contract, &e->contract),
			 e->at.block_number, e->detail ? e->detail : "");
		if (sync->metrics)
			metrics_add(sync->metrics, METRIC_ALERTS, &label, 1);
	}
}
