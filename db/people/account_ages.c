#include "db/people/account_ages.h"

#include "db/pg/sql.h"
#include "embedded/queries.h"

#define TIMEOUT_MS 600000

struct asked {
	account_ages_cb cb;
	void *arg;
};

static void on_updated(void *arg, enum err err, const struct fault *said,
		       PGresult *const *results, size_t n)
{
	struct asked asked = *(struct asked *)arg;
	struct account_ages ages = {.changed = 0};
	struct fault fault = {.code = OK};
	struct sql_rows rows;

	(void)n;
	if (err) {
		asked.cb(asked.arg, err, said, NULL);
		return;
	}
	sql_rows(&rows, results[0]);
	while (sql_next(&rows)) {
		ages.done_already = sql_is_null(&rows);
		if (!ages.done_already)
			ages.changed = sql_u64(&rows);
		ages.next_ms = sql_u64(&rows);
	}
	err = sql_end(&rows, "account ages", &fault);
	asked.cb(asked.arg, err, &fault, err ? NULL : &ages);
}

enum err account_ages_update(struct pg *pg, account_ages_cb cb, void *arg)
{
	static const struct pg_statement statement = {.sql =
							  queries_account_ages};
	struct asked *asked;

	if (pg_is_busy(pg))
		return ERR_BUSY;
	asked = pg_scratch(pg, sizeof(*asked));
	if (!asked)
		return ERR_NOMEM;
	*asked = (struct asked){cb, arg};
	return pg_round_trip(pg, &statement, 1, TIMEOUT_MS, on_updated, asked);
}
