#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/schema/describe.h"
#include "lib_db.h"

#define RENEW                                                                  \
	"db/schema.txt is not what the migrations make; look at the "          \
	"difference, then run: tests/lib/renew-schema && ./dev build"

struct bench {
	struct db db;
	struct arena *arena;
	struct schema_lines found;
	struct difference *items;
	size_t n;
};

static void on_described(void *arg, enum err err, const struct fault *fault,
			 const struct schema_lines *lines)
{
	struct bench *bench = arg;

	if (lines)
		bench->found = *lines;
	bench->db.err = err;
	bench->db.fault = *fault;
	bench->db.done = true;
}

static void open_bench(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	bench->arena = arena_new(32 << 20);
	assert_non_null(bench->arena);
	db_open(&bench->db);
	db_reset(&bench->db);
}

static void close_bench(struct bench *bench)
{
	db_close(&bench->db);
	arena_free(bench->arena);
}

static void compare(struct bench *bench)
{
	struct schema_lines expected = {.n = 0};

	assert_int_equal(
	    describe(bench->db.pg, bench->arena, on_described, bench), OK);
	db_wait(&bench->db);
	if (bench->db.err)
		fail_msg("%s", bench->db.fault.text);
	assert_int_equal(describe_expected(&expected, bench->arena), OK);
	assert_true(expected.n > 1000);
	assert_int_equal(schema_compare(&bench->items, &bench->n, bench->arena,
					&expected, &bench->found),
			 OK);
}

static void test_as_expected(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench);
	compare(&bench);
	for (size_t i = 0; i < bench.n; i++)
		print_error(
		    "%s: expected \"%s\", found \"%s\"\n", bench.items[i].name,
		    bench.items[i].expected ? bench.items[i].expected : "",
		    bench.items[i].found ? bench.items[i].found : "");
	if (bench.n)
		fail_msg(RENEW);
	close_bench(&bench);
}

static bool is_described(const struct bench *bench, const char *name)
{
	for (size_t i = 0; i < bench->found.n; i++)
		if (strcmp(bench->found.items[i].name, name) == 0)
			return true;
	return false;
}

/* Everything that the migrations make. */
static const char names_query[] =
    "with n as (select oid, nspname from pg_namespace "
    "where nspname in ('public', 'chain', 'stats')) "
    "select string_agg(name, E'\n') from ("
    "select format('%I.%I', nspname, relname) "
    "from pg_class c join n on n.oid = relnamespace "
    "where relkind in ('r', 'p', 'v', 'm', 'f') union "
    "select format('%I.%I', nspname, typname) "
    "from pg_type t join n on n.oid = typnamespace "
    "where typtype in ('e', 'd', 'r') union "
    "select format('%I.%I(%s)', nspname, proname, "
    "pg_get_function_identity_arguments(p.oid)) "
    "from pg_proc p join n on n.oid = pronamespace) made (name)";

/* A new table, view or type of public has to be named in describe.sql. */
static void test_nothing_is_left_out(void **state)
{
	struct bench bench;
	char *names, *rest = NULL;
	size_t n = 0;

	(void)state;
	open_bench(&bench);
	compare(&bench);
	db_run(&bench.db, "set search_path = pg_catalog");
	names = strdup(db_text(&bench.db, names_query));
	assert_non_null(names);
	for (char *name = strtok_r(names, "\n", &rest); name;
	     name = strtok_r(NULL, "\n", &rest), n++)
		if (!is_described(&bench, name))
			fail_msg("db/queries/describe.sql leaves out %s", name);
	assert_true(n > 80);
	free(names);
	close_bench(&bench);
}

/* PostgreSQL 15 prints other words for a view of one relation than 16. */
static void test_view_of_one_relation(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench);
	db_run(&bench.db, "create view chain.one as select c.name, c.checksum "
			  "from chain.migrations c where c.name <> ''");
	compare(&bench);
	assert_int_equal(bench.n, 3);
	assert_string_equal(bench.items[0].name, "chain.one");
	assert_string_equal(bench.items[0].found,
			    "view, md5 0289492f884ae040b0b51e9fa3ae1792");
	assert_true(bench.items[1].within && bench.items[2].within);
	close_bench(&bench);
}

/* One change, and the one difference it makes. */
static const struct change {
	const char *sql, *name, *expected, *found;
} changes[] = {
    {"alter table public.workers add shoe_size int",
     "public.workers column shoe_size", NULL, "integer"},
    {"alter table public.tasks drop due_date cascade",
     "public.tasks column due_date", "timestamp with time zone", NULL},
    {"alter table public.workers alter email drop not null",
     "public.workers column email", "text not null", "text"},
    {"alter table public.tasks alter title type text collate \"C\"",
     "public.tasks column title", "text not null",
     "text collate \"C\" not null"},
    {"alter table public.loans alter repayment_task_count set default 6",
     "public.loans column repayment_task_count", "integer not null default 5",
     "integer not null default 6"},
    {"alter table chain.jobs alter id set generated by default",
     "chain.jobs column id", "bigint not null generated always as identity",
     "bigint not null generated by default as identity"},
    {"alter table public.loans add twice numeric "
     "generated always as (fee_usdc * 2) stored",
     "public.loans column twice", NULL,
     "numeric generated always as (fee_usdc * (2)::numeric)"},
    {"alter table public.loans add constraint rich check (fee_usdc > 1) "
     "not valid",
     "public.loans constraint rich", NULL,
     "CHECK ((fee_usdc > (1)::numeric)) NOT VALID"},
    {"create index slow on public.tasks (title)", "public.tasks index slow",
     NULL, "CREATE INDEX slow ON public.tasks USING btree (title)"},
    {"update pg_index set indisvalid = false "
     "where indexrelid = 'public.idx_tasks_status'::regclass",
     "public.tasks index idx_tasks_status",
     "CREATE INDEX idx_tasks_status ON public.tasks USING btree (status)",
     "CREATE INDEX idx_tasks_status ON public.tasks USING btree (status), "
     "invalid"},
    {"alter table public.streams disable trigger touch",
     "public.streams trigger touch",
     "CREATE TRIGGER touch BEFORE UPDATE ON public.streams FOR EACH ROW "
     "EXECUTE FUNCTION public.gigstream_touch()",
     "CREATE TRIGGER touch BEFORE UPDATE ON public.streams FOR EACH ROW "
     "EXECUTE FUNCTION public.gigstream_touch(), disabled"},
    {"alter table public.tasks set (fillfactor = 50)", "public.tasks", "table",
     "table, fillfactor=50"},
    {"alter table public.tasks enable row level security", "public.tasks",
     "table", "table, row security"},
    {"alter table stats.days set unlogged", "stats.days", "table",
     "table, unlogged"},
    {"alter type public.task_type add value 'gift' before 'fixed'",
     "public.task_type", "enum fixed, time_based, milestone",
     "enum gift, fixed, time_based, milestone"},
    {"comment on column public.tasks.title is 'what'",
     "public.tasks column title comment", NULL, "what"},
    {"comment on view public.loan_repayment_status_view is null",
     "public.loan_repayment_status_view comment",
     "Per loan: what is repaid, what is overdue, what has defaulted.", NULL},
    {"grant update (email) on public.workers to gigstream_readonly",
     "public.workers column email grant gigstream_readonly", NULL, "update"},
    {"revoke usage on schema chain from gigstream_api",
     "chain grant gigstream_api", "usage", NULL},
    {"revoke usage on schema public from gigstream_api",
     "public grant gigstream_api", "usage", NULL},
    {"grant select on public.workers to public", "public.workers grant public",
     NULL, "select"},
    {"grant execute on function public.gigstream_touch() to public",
     "public.gigstream_touch() grant public", NULL, "execute"},
    {"alter function chain.hex(bytea) security definer", "chain.hex(b bytea)",
     "function returns text, sql, immutable, strict, parallel safe, md5 x",
     "function returns text, sql, immutable, strict, parallel safe, security "
     "definer, md5 x"},
    {"create table chain.more ()", "chain.more", NULL, "table"},
    {"create type stats.mood as enum ('good', 'bad')", "stats.mood", NULL,
     "enum good, bad"},
};

/* Cuts the md5 sum, which says nothing to a reader of the list above. */
static const char *plain(char out[512], const char *definition)
{
	char *sum;

	snprintf(out, 512, "%s", definition);
	sum = strstr(out, ", md5 ");
	if (sum)
		strcpy(sum, ", md5 x");
	return out;
}

static void check_change(struct bench *bench, const struct change *change)
{
	const struct difference *d;
	char text[512];

	db_run(&bench->db, "begin");
	db_run(&bench->db, change->sql);
	compare(bench);
	db_run(&bench->db, "rollback");
	for (size_t i = 1; i < bench->n; i++)
		if (!bench->items[i].within)
			fail_msg("%s: %s", change->sql, bench->items[i].name);
	assert_true(bench->n > 0);
	d = bench->items;
	assert_string_equal(d->name, change->name);
	assert_true(!d->expected == !change->expected);
	assert_true(!d->found == !change->found);
	if (d->expected)
		assert_string_equal(plain(text, d->expected), change->expected);
	if (d->found)
		assert_string_equal(plain(text, d->found), change->found);
}

static void test_each_change_is_found(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		bench.found = (struct schema_lines){.n = 0};
		arena_reset(bench.arena);
		check_change(&bench, &changes[i]);
	}
	close_bench(&bench);
}

/* What the application has beside ours, how the database prints things, and
 * where it looks for names. */
static void test_what_is_no_difference(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench);
	db_run(&bench.db,
	       "create table public.invoices (id int primary key, "
	       "worker_id uuid references public.workers);"
	       "create view public.rich as select * from public.workers;"
	       "create function public.my_own() returns int language sql "
	       "as 'select 1';"
	       "create type public.colour as enum ('red');"
	       "create schema other; create table other.workers (id int);"
	       "grant select on public.invoices to gigstream_api;"
	       "set search_path = other, public, chain;"
	       "set quote_all_identifiers = on; set timezone = 'Asia/Tokyo'");
	compare(&bench);
	assert_int_equal(bench.n, 0);
	assert_db(&bench.db, "show quote_all_identifiers", "on");
	db_run(&bench.db, "drop schema other cascade; "
			  "drop table public.invoices; drop view public.rich; "
			  "drop function public.my_own(); "
			  "drop type public.colour");
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_as_expected),
	    cmocka_unit_test(test_nothing_is_left_out),
	    cmocka_unit_test(test_view_of_one_relation),
	    cmocka_unit_test(test_each_change_is_found),
	    cmocka_unit_test(test_what_is_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
