#include "db/schema/describe.h"

#include "db/pg/sql.h"
#include "embedded/queries.h"
#include "embedded/schema.h"

#define TIMEOUT_MS 60000

struct describe {
	struct arena *arena;
	describe_cb cb;
	void *arg;
};

static enum err add_row(struct schema_lines *lines, struct sql_rows *rows,
			struct arena *arena)
{
	struct schema_line line;

	line.name = arena_strdup(arena, sql_text(rows));
	line.definition = arena_strdup(arena, sql_text(rows));
	if (!line.name || !line.definition)
		return ERR_NOMEM;
	return schema_lines_add(lines, arena, line);
}

static void on_described(void *arg, enum err err, const struct fault *said,
			 PGresult *const *results, size_t n)
{
	struct describe d = *(struct describe *)arg;
	struct schema_lines lines = {.n = 0};
	struct fault fault = {.code = OK};
	struct sql_rows rows;

	if (err) {
		d.cb(d.arg, err, said, NULL);
		return;
	}
	sql_rows(&rows, results[n - 1]);
	while (sql_next(&rows))
		rows.err = add_row(&lines, &rows, d.arena);
	err = sql_end(&rows, "the schema", &fault);
	schema_lines_sort(&lines);
	d.cb(d.arg, err, &fault, err ? NULL : &lines);
}

/* Lines; definitions are printed as the settings will have it. */
static enum err ask(struct pg *pg, const char *sql, struct arena *arena,
		    describe_cb cb, void *arg)
{
	const struct pg_statement statements[] = {
	    {.sql = queries_describe_settings},
	    {.sql = sql},
	};
	struct describe *d;

	if (pg_is_busy(pg))
		return ERR_BUSY;
	d = pg_scratch(pg, sizeof(*d));
	if (!d)
		return ERR_NOMEM;
	*d = (struct describe){arena, cb, arg};
	return pg_round_trip(pg, statements,
			     sizeof(statements) / sizeof(statements[0]),
			     TIMEOUT_MS, on_described, d);
}

enum err describe(struct pg *pg, struct arena *arena, describe_cb cb, void *arg)
{
	return ask(pg, queries_describe, arena, cb, arg);
}

enum err describe_deferred(struct pg *pg, struct arena *arena, describe_cb cb,
			   void *arg)
{
	return ask(pg, queries_deferred_indexes, arena, cb, arg);
}

enum err describe_expected(struct schema_lines *lines, struct arena *arena)
{
	enum err err = schema_lines_parse(lines, arena, schema_schema);

	if (!err)
		schema_lines_sort(lines);
	return err;
}
