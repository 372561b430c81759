#include "daemon/reconcile/decode.h"

bool event_row_decode(struct event *out, const struct catalog *catalog,
		      const struct event_row *row)
{
	const struct raw_log log = {
	    .address = row->contract,
	    .n_topics = row->n_topics,
	    .topics = {row->topics[0], row->topics[1], row->topics[2],
		       row->topics[3]},
	    .data = row->data,
	};
	struct catalog_events found;
	const char *why = NULL;

	if (catalog_decode(catalog, &log, &found, &why) != CATALOG_EVENT)
		return false;
	for (size_t i = 0; i < found.n; i++) {
		struct u256 subject = event_subject(&found.all[i]);

		if (found.all[i].part != row->part ||
		    found.all[i].kind != (enum event_kind)row->kind ||
		    u256_cmp(&subject, &row->subject) != 0)
			continue;
		*out = found.all[i];
		return true;
	}
	return false;
}
