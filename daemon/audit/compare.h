#ifndef GS_DAEMON_AUDIT_COMPARE_H
#define GS_DAEMON_AUDIT_COMPARE_H

#include "db/rows.h"

/* What two words about one thing differ in. Pure. */
struct unlike {
	const char *what; /* "released" */
	char expected[USDC_TEXT_SIZE], found[USDC_TEXT_SIZE];
	/* found less expected, with its sign; "" for what is no amount */
	char difference[USDC_TEXT_SIZE + 1];
};

/* A stream in the books and at its contract: worker, platform, amounts, status.
 * Returns how many of them differ. */
#define COMPARE_MOST 6
size_t compare_stream(struct unlike out[COMPARE_MOST],
		      const struct stream_row *books,
		      const struct stream_row *chain);

#endif
