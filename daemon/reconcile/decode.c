#include "daemon/reconcile/decode.h"

#include <inttypes.h>

enum err event_row_decode(struct event *out, const struct catalog *catalog,
			  const struct event_row *row, struct fault *fault)
{
	struct raw_log log = {
	    .address = row->contract,
	    .n_topics = row->n_topics,
	    .topics = {row->topics[0], row->topics[1], row->topics[2],
		       row->topics[3]},
	    .data = row->data,
	};
	char contract[ADDRESS_TEXT_SIZE];
	struct catalog_events found;
	const char *why = NULL;

	(void)catalog_decode(catalog, &log, &found, &why);
	for (size_t i = 0; i < found.n; i++) {
		struct u256 subject = event_subject(&found.all[i]);

		if (found.all[i].part != row->part ||
		    found.all[i].kind != (enum event_kind)row->kind ||
		    u256_cmp(&subject, &row->subject) != 0)
			continue;
		*out = found.all[i];
		return OK;
	}
	return fault_set(fault, ERR_USAGE,
			 "the stored event %" PRIu32 " of block %" PRIu64
			 " is not one of contract %s as configured; list the "
			 "contract again under contracts",
			 row->at.log_index, row->at.block_number,
			 address_format(contract, &row->contract));
}
