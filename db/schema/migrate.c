#include "db/schema/migrate.h"

#include "common/keccak.h"
#include "db/pg/sql.h"
#include "embedded/migrations.h"
#include "embedded/queries.h"
#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS 600000 /* an index on a large table takes its time */
#define MIGRATIONS_MAX 512

/* What every migrating process agrees on: "gigstream" in ASCII, cut to 64 bits. */
#define LOCK "select pg_advisory_xact_lock(7451607227412902241)"

struct migrate {
	struct pg *pg;
	bool force;
	size_t n_applied;
	const struct embedded *current;
	struct migration list[MIGRATIONS_MAX];
	size_t n;
	migrate_step_cb step;
	union {
		migrate_run_cb run;
		migrate_cb done;
		migrate_status_cb status;
	} cb;
	void *arg;
	struct fault fault; /* kept while rolling back */
};

static void next(struct migrate *m);

const char *migration_state_name(enum migration_state state)
{
	static const char *const names[] = {
	    [MIGRATION_PENDING] = "pending",
	    [MIGRATION_APPLIED] = "applied",
	    [MIGRATION_EDITED] = "edited",
	    [MIGRATION_UNKNOWN] = "unknown",
	};

	return names[state];
}

static void checksum(char text[HASH_TEXT_SIZE], const struct embedded *e)
{
	struct hash h = keccak256(e->text, e->len);

	hash_format(text, &h);
}

static const struct embedded *find(const char *name)
{
	const struct embedded *e = embedded_migrations;

	while (e->name && strcmp(e->name, name) != 0)
		e++;
	return e->name ? e : NULL;
}

/* The row of chain.migrations with this name, -1: none. */
static int row_of(const PGresult *applied, const char *name)
{
	for (int i = 0; applied && i < PQntuples(applied); i++)
		if (strcmp(PQgetvalue(applied, i, 0), name) == 0)
			return i;
	return -1;
}

static enum err add(struct migrate *m, const char *name,
		    enum migration_state state, const char *applied_at)
{
	if (m->n == MIGRATIONS_MAX)
		return ERR_LIMIT;
	m->list[m->n++] = (struct migration){name, state, applied_at};
	return OK;
}

/* Ours in their order, then what only the database knows. applied: NULL where
 * there is no schema. */
static enum err compare(struct migrate *m, const PGresult *applied)
{
	const struct embedded *e;
	char text[HASH_TEXT_SIZE];
	enum err err = OK;

	m->n = 0;
	for (e = embedded_migrations; e->name && !err; e++) {
		int row = row_of(applied, e->name);
		bool same;

		if (row < 0) {
			err = add(m, e->name, MIGRATION_PENDING, "");
			continue;
		}
		checksum(text, e);
		same = strcmp(PQgetvalue(applied, row, 1), text) == 0;
		err =
		    add(m, e->name, same ? MIGRATION_APPLIED : MIGRATION_EDITED,
			PQgetvalue(applied, row, 2));
	}
	for (int i = 0; applied && i < PQntuples(applied) && !err; i++)
		if (!find(PQgetvalue(applied, i, 0)))
			err = add(m, PQgetvalue(applied, i, 0),
				  MIGRATION_UNKNOWN, PQgetvalue(applied, i, 2));
	return err;
}

static const struct migration *first(const struct migrate *m,
				     enum migration_state state)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].state == state)
			return &m->list[i];
	return NULL;
}

/* What forbids to go on, whatever is pending. */
static enum err judge(const struct migrate *m, struct fault *fault)
{
	const struct migration *unknown = first(m, MIGRATION_UNKNOWN);
	const struct migration *edited = first(m, MIGRATION_EDITED);

	if (unknown)
		return fault_set(
		    fault, ERR_CONFLICT,
		    "the database has the migration %s, which this "
		    "program does not know: it is newer; install a "
		    "newer gigstreamd",
		    unknown->name);
	if (edited && !m->force)
		return fault_set(fault, ERR_CONFLICT,
				 "the migration %s was applied from another "
				 "text than this program's: restore the file, "
				 "or, in development, run: gigstreamd db push "
				 "--force",
				 edited->name);
	return OK;
}

static void on_rolled_back(void *arg, enum err err, const struct fault *fault,
			   PGresult *const *results, size_t n)
{
	struct migrate *m = arg;
	struct fault first_fault = m->fault;

	(void)err;
	(void)fault;
	(void)results;
	(void)n;
	m->cb.run(m->arg, first_fault.code, &first_fault, m->n_applied);
}

static void run_failed(struct migrate *m, enum err err,
		       const struct fault *fault)
{
	static const struct pg_statement rollback = {.sql = "rollback"};

	m->fault = *fault;
	m->fault.code = err;
	if (pg_in_transaction(m->pg) &&
	    pg_round_trip(m->pg, &rollback, 1, TIMEOUT_MS, on_rolled_back, m) ==
		OK)
		return;
	on_rolled_back(m, err, fault, NULL, 0);
}

static void tell(const struct migrate *m, bool applied)
{
	if (m->step)
		m->step(m->arg, m->current->name, applied);
}

static void on_committed(void *arg, enum err err, const struct fault *fault,
			 PGresult *const *results, size_t n)
{
	struct migrate *m = arg;

	(void)results;
	(void)n;
	if (err) {
		run_failed(m, err, fault);
	} else if (m->current) {
		m->n_applied++;
		tell(m, true);
		next(m);
	} else {
		m->cb.run(m->arg, OK, fault, m->n_applied);
	}
}

/* Records the migration in hand, and what was forced, and commits. */
static void record(struct migrate *m)
{
	struct sql_batch sql;
	struct fault fault = {.code = OK};
	char text[HASH_TEXT_SIZE];
	enum err err;

	sql_init(&sql);
	for (size_t i = 0; i < m->n; i++) {
		const struct embedded *e = find(m->list[i].name);

		if (!e ||
		    (e != m->current && m->list[i].state != MIGRATION_EDITED))
			continue;
		checksum(text, e);
		sql_add(&sql, queries_migrations_add);
		sql_put_text(&sql, e->name);
		sql_put_text(&sql, text);
	}
	sql_add(&sql, "commit");
	err = sql_send(&sql, m->pg, TIMEOUT_MS, on_committed, m);
	sql_free(&sql);
	if (err) {
		fault_set(&fault, err, "%s", err_text(err));
		run_failed(m, err, &fault);
	}
}

static void on_script(void *arg, enum err err, const struct fault *fault,
		      PGresult *const *results, size_t n)
{
	struct migrate *m = arg;
	struct fault named;

	(void)results;
	(void)n;
	if (err) {
		fault_set(&named, err,
			  "migration %s failed and left nothing behind: %s",
			  m->current->name, fault->text);
		run_failed(m, err, &named);
		return;
	}
	record(m);
}

static void on_whole(void *arg, enum err err, const struct fault *fault,
		     PGresult *const *results, size_t n)
{
	struct migrate *m = arg;
	struct fault busy;

	(void)results;
	(void)n;
	if (!err) {
		err = pg_script(m->pg, m->current->text, TIMEOUT_MS, on_script,
				m);
		fault_set(&busy, err, "%s", err_text(err));
		fault = &busy;
	}
	if (err)
		run_failed(m, err, fault);
}

static void on_locked(void *arg, enum err err, const struct fault *fault,
		      PGresult *const *results, size_t n)
{
	struct migrate *m = arg;
	struct fault judged = {.code = OK};
	const struct migration *pending;

	if (!err) {
		fault = &judged;
		err = compare(m, results[n - 1]);
	}
	if (!err)
		err = judge(m, &judged);
	if (err) {
		run_failed(m, err, fault);
		return;
	}
	pending = first(m, MIGRATION_PENDING);
	m->current = pending ? find(pending->name) : NULL;
	if (!pending) {
		record(m);
		return;
	}
	tell(m, false);
	err = pg_script(m->pg, queries_migrations_indexes, TIMEOUT_MS, on_whole,
			m);
	if (err) {
		fault_set(&judged, err, "%s", err_text(err));
		run_failed(m, err, &judged);
	}
}

/* Another process may have applied some in between: the list is read anew, in
 * the lock, for each. */
static enum err begin(struct migrate *m)
{
	static const struct pg_statement statements[] = {
	    {.sql = "begin"},
	    {.sql = LOCK},
	    /* To open a table makes the backend see what others committed
	     * while it waited; CREATE SCHEMA alone believes its cache. */
	    {.sql = "select from pg_catalog.pg_namespace limit 1"},
	    {.sql = "create schema if not exists chain"},
	    {.sql = queries_migrations_table},
	    {.sql = queries_migrations_list},
	};

	return pg_round_trip(m->pg, statements,
			     sizeof(statements) / sizeof(statements[0]),
			     TIMEOUT_MS, on_locked, m);
}

static void next(struct migrate *m)
{
	struct fault fault = {.code = OK};
	enum err err = begin(m);

	if (err) {
		fault_set(&fault, err, "%s", err_text(err));
		run_failed(m, err, &fault);
	}
}

static struct migrate *start(struct pg *pg, void *arg, enum err *err)
{
	struct migrate *m = NULL;

	*err = pg_is_busy(pg) ? ERR_BUSY : OK;
	if (*err)
		return NULL;
	m = pg_scratch(pg, sizeof(*m));
	if (!m) {
		*err = ERR_NOMEM;
		return NULL;
	}
	m->pg = pg;
	m->arg = arg;
	return m;
}

enum err migrate_run(struct pg *pg, bool force, migrate_step_cb step,
		     migrate_run_cb cb, void *arg)
{
	enum err err;
	struct migrate *m = start(pg, arg, &err);

	if (!m)
		return err;
	m->force = force;
	m->step = step;
	m->cb.run = cb;
	return begin(m);
}

/* Reads the list: a missing table is an empty one. */
static enum err read_list(struct migrate *m, enum err err,
			  const struct fault *said, PGresult *const *results,
			  struct fault *fault)
{
	const char *state = pg_last_error(m->pg)->sqlstate;

	if (err == ERR_DATABASE &&
	    (strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0))
		return compare(m, NULL);
	if (err) {
		*fault = *said;
		return err;
	}
	return compare(m, results[0]);
}

static void on_check(void *arg, enum err err, const struct fault *said,
		     PGresult *const *results, size_t n)
{
	struct migrate *m = arg;
	struct fault fault = {.code = OK};
	const struct migration *pending;

	(void)n;
	err = read_list(m, err, said, results, &fault);
	if (!err)
		err = judge(m, &fault);
	pending = err ? NULL : first(m, MIGRATION_PENDING);
	if (pending == &m->list[0])
		err = fault_set(&fault, ERR_MISSING,
				"the schema is not applied; run: gigstreamd db "
				"push");
	else if (pending)
		err = fault_set(&fault, ERR_MISSING,
				"the schema is older than this program (it "
				"lacks %s); run: gigstreamd db migrate",
				pending->name);
	m->cb.done(m->arg, err, &fault);
}

static const struct pg_statement list_statement = {.sql =
						       queries_migrations_list};

enum err migrate_check(struct pg *pg, migrate_cb cb, void *arg)
{
	enum err err;
	struct migrate *m = start(pg, arg, &err);

	if (!m)
		return err;
	m->cb.done = cb;
	return pg_round_trip(pg, &list_statement, 1, TIMEOUT_MS, on_check, m);
}

static void on_status(void *arg, enum err err, const struct fault *said,
		      PGresult *const *results, size_t n)
{
	struct migrate *m = arg;
	struct fault fault = {.code = OK};

	(void)n;
	err = read_list(m, err, said, results, &fault);
	m->cb.status(m->arg, err, &fault, err ? NULL : m->list, err ? 0 : m->n);
}

enum err migrate_status(struct pg *pg, migrate_status_cb cb, void *arg)
{
	enum err err;
	struct migrate *m = start(pg, arg, &err);

	if (!m)
		return err;
	m->cb.status = cb;
	return pg_round_trip(pg, &list_statement, 1, TIMEOUT_MS, on_status, m);
}

static void on_dropped(void *arg, enum err err, const struct fault *fault,
		       PGresult *const *results, size_t n)
{
	struct migrate *m = arg;

	(void)results;
	(void)n;
	m->cb.done(m->arg, err, fault);
}

enum err migrate_drop(struct pg *pg, migrate_cb cb, void *arg)
{
	enum err err;
	struct migrate *m = start(pg, arg, &err);

	if (!m)
		return err;
	m->cb.done = cb;
	return pg_script(pg, queries_drop, TIMEOUT_MS, on_dropped, m);
}
