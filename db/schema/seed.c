#include "db/schema/seed.h"

#include "common/buf.h"
#include "db/pg/sql.h"
#include "embedded/queries.h"
#include "embedded/seed.h"

#define TIMEOUT_MS 60000

struct seed {
	struct pg *pg;
	struct seeded seeded;
	seed_cb cb;
	void *arg;
	struct fault fault; /* kept while rolling back */
};

static void on_rolled_back(void *arg, enum err err, const struct fault *fault,
			   PGresult *const *results, size_t n)
{
	struct seed seed = *(struct seed *)arg;

	(void)err;
	(void)fault;
	(void)results;
	(void)n;
	seed.cb(seed.arg, seed.fault.code, &seed.fault, NULL);
}

static void failed(struct seed *seed, enum err err, const struct fault *fault)
{
	static const struct pg_statement rollback = {.sql = "rollback"};

	seed->fault = *fault;
	seed->fault.code = err;
	if (pg_in_transaction(seed->pg) &&
	    pg_round_trip(seed->pg, &rollback, 1, TIMEOUT_MS, on_rolled_back,
			  seed) == OK)
		return;
	on_rolled_back(seed, err, fault, NULL, 0);
}

static enum err read_counts(uint64_t counts[SEED_TABLES],
			    const PGresult *result, struct fault *fault)
{
	struct sql_rows rows;

	sql_rows(&rows, result);
	while (sql_next(&rows))
		for (size_t i = 0; i < SEED_TABLES; i++)
			counts[i] = sql_u64(&rows);
	return sql_end(&rows, "the number of rows", fault);
}

/* Refuses where a row is there that is no demo data. */
static enum err judge(const PGresult *foreign, struct fault *fault)
{
	struct sql_rows rows;
	struct buf list;
	enum err err;

	buf_init(&list, sizeof(fault->text));
	sql_rows(&rows, foreign);
	while (sql_next(&rows)) {
		buf_printf(&list, "%s%s", list.len ? ", " : "",
			   sql_text(&rows));
		buf_printf(&list, " %s", sql_text(&rows));
	}
	err = sql_end(&rows, "what is there", fault);
	if (!err && list.len)
		err = fault_set(fault, ERR_CONFLICT,
				"this database holds more than demo data (%s); "
				"demo data goes where nothing else is: make "
				"another database for it",
				list.data);
	buf_free(&list);
	return err;
}

static void on_committed(void *arg, enum err err, const struct fault *said,
			 PGresult *const *results, size_t n)
{
	struct seed *seed = arg;
	struct fault fault = {.code = OK};
	struct seed done;

	(void)n;
	if (err) {
		failed(seed, err, said);
		return;
	}
	err = read_counts(seed->seeded.after, results[0], &fault);
	done = *seed;
	done.cb(done.arg, err, &fault, err ? NULL : &done.seeded);
}

static void on_script(void *arg, enum err err, const struct fault *said,
		      PGresult *const *results, size_t n)
{
	static const struct pg_statement statements[] = {
	    {.sql = queries_seed_count},
	    {.sql = "commit"},
	};
	struct seed *seed = arg;
	struct fault fault = *said;

	(void)results;
	(void)n;
	if (!err) {
		err = pg_round_trip(seed->pg, statements, 2, TIMEOUT_MS,
				    on_committed, seed);
		if (!err)
			return;
		fault_set(&fault, err, "%s", err_text(err));
	}
	failed(seed, err, &fault);
}

static void on_judged(void *arg, enum err err, const struct fault *said,
		      PGresult *const *results, size_t n)
{
	struct seed *seed = arg;
	struct fault fault = *said;

	if (!err)
		err = judge(results[n - 2], &fault);
	if (!err)
		err = read_counts(seed->seeded.before, results[n - 1], &fault);
	if (!err) {
		err =
		    pg_script(seed->pg, seed_seed, TIMEOUT_MS, on_script, seed);
		if (!err)
			return;
		fault_set(&fault, err, "%s", err_text(err));
	}
	failed(seed, err, &fault);
}

enum err seed_run(struct pg *pg, seed_cb cb, void *arg)
{
	static const struct pg_statement statements[] = {
	    {.sql = "begin"},
	    {.sql = queries_seed_lock},
	    {.sql = queries_seed_foreign},
	    {.sql = queries_seed_count},
	};
	struct seed *seed;

	if (pg_is_busy(pg))
		return ERR_BUSY;
	seed = pg_scratch(pg, sizeof(*seed));
	if (!seed)
		return ERR_NOMEM;
	*seed = (struct seed){.pg = pg, .cb = cb, .arg = arg};
	return pg_round_trip(pg, statements,
			     sizeof(statements) / sizeof(statements[0]),
			     TIMEOUT_MS, on_judged, seed);
}
