#ifndef GS_DB_PEOPLE_ACCOUNT_AGES_H
#define GS_DB_PEOPLE_ACCOUNT_AGES_H

#include "db/pg/pg.h"
#include <stdint.h>

/* workers.account_age_days, brought up to date: once a day (UTC), whoever asks
 * first (public.gigstream_update_account_ages). */
struct account_ages {
	bool done_already; /* today; then nothing was changed */
	uint64_t changed;  /* workers */
	uint64_t next_ms;  /* until the next day begins at the database */
};

/* One call at a time per connection, which must be connected. A million workers
 * take half a minute; it waits for ten. A start that fails never calls back. */
typedef void (*account_ages_cb)(void *arg, enum err err,
				const struct fault *fault,
				const struct account_ages *ages);
enum err account_ages_update(struct pg *pg, account_ages_cb cb,
			     void *arg) MUST_CHECK;

#endif
