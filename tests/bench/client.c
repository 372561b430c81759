#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/uuid.h"
#include "db/pg/tx.h"

/* bench_client OPERATION N: does it N times through the C client, one after the
 * other, on the database DATABASE_URL, and prints how many microseconds each
 * took. tests/bench/db.mjs runs it beside pgbench doing the same; beside
 * "connect" it runs "libpq", the same as plainly as libpq can. */

#define TIMEOUT_MS 60000

struct bench {
	uv_loop_t loop;
	struct pool *pool;
	struct tx tx;
	const char *view;
	size_t n, done;
	uint64_t began;
	void (*fill)(struct bench *bench);
	bool fresh; /* a connection of its own each time */
};

static const char find_worker[] =
    "select id, display_name, wallet_address, status, reputation_score, "
    "total_tasks, total_earned from public.workers "
    "where lower(email) = $1 and deleted_at is null";
static const char add_task[] =
    "insert into public.tasks (worker_id, platform_id, title, type, "
    "payment_amount_usdc) values ($1::uuid, $2::uuid, 'A task', 'fixed', 12.5) "
    "returning id";
static const char add_known_task[] =
    "insert into public.tasks (id, worker_id, platform_id, title, type, "
    "payment_amount_usdc) values ($1::uuid, $2::uuid, $3::uuid, 'A task', "
    "'fixed', 12.5)";
static const char add_payout[] =
    "insert into public.transactions (task_id, worker_id, platform_id, type, "
    "amount_usdc, from_wallet, to_wallet, chain_id) values ($1::uuid, "
    "$2::uuid, $3::uuid, 'payout', 12.5, '0x' || repeat('1', 40), '0x' || "
    "repeat('2', 40), 1)";
static const char start_task[] =
    "update public.tasks set status = 'in_progress' where id = $1::uuid";

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_client: %s: %s\n", what, why);
	exit(1);
}

static void fill_query(struct bench *bench)
{
	char email[64];

	snprintf(email, sizeof(email), "g%d@example.com", 1 + rand() % 5000);
	sql_add(&bench->tx.sql, find_worker);
	sql_put_text(&bench->tx.sql, email);
}

static void put_people(struct sql_batch *sql)
{
	sql_put_text(sql, getenv("BENCH_WORKER"));
	sql_put_text(sql, getenv("BENCH_PLATFORM"));
}

static void fill_insert(struct bench *bench)
{
	sql_add(&bench->tx.sql, add_task);
	put_people(&bench->tx.sql);
}

static void fill_transaction(struct bench *bench)
{
	struct sql_batch *sql = &bench->tx.sql;
	struct uuid id;

	if (uuid_v7(&id, uv_hrtime() / 1000000) != OK)
		die("uuid", "no random bytes");
	sql_add(sql, add_known_task);
	sql_put_uuid(sql, &id);
	put_people(sql);
	sql_add(sql, add_payout);
	sql_put_uuid(sql, &id);
	put_people(sql);
	sql_add(sql, start_task);
	sql_put_uuid(sql, &id);
}

static void fill_view(struct bench *bench)
{
	sql_add(&bench->tx.sql, bench->view);
}

static void begin(struct bench *bench);

static void on_pool_closed(void *arg)
{
	begin(arg);
}

static void on_done(void *arg, enum err err, const struct fault *fault,
		    PGresult *const *results, size_t n)
{
	struct bench *bench = arg;

	(void)results;
	(void)n;
	if (err)
		die("a statement failed", fault->text);
	printf("%" PRIu64 "\n", (uv_hrtime() - bench->began) / 1000);
	tx_end(&bench->tx);
	bench->done++;
	if (bench->fresh || bench->done == bench->n)
		pool_close(bench->pool, on_pool_closed, bench);
	else
		begin(bench);
}

static void begin(struct bench *bench)
{
	static const struct pool_limits limits = {
	    .connections = 1, .waiting = 1, .connect_ms = TIMEOUT_MS};

	if (bench->done == bench->n)
		return;
	bench->began = uv_hrtime();
	if (bench->fresh || bench->done == 0)
		bench->pool =
		    pool_new(&bench->loop, getenv("DATABASE_URL"), &limits);
	if (!bench->pool)
		die("pool", "no memory");
	tx_begin(&bench->tx, bench->pool, TIMEOUT_MS);
	bench->fill(bench);
	if (tx_commit(&bench->tx, on_done, bench) != OK)
		die("tx_commit", "refused");
}

static void connect_plainly(const char *url, size_t n)
{
	static const char *const email[] = {"g1@example.com"};

	for (size_t i = 0; i < n; i++) {
		uint64_t began = uv_hrtime();
		PGconn *conn = PQconnectdb(url);
		PGresult *result = PQexecParams(conn, find_worker, 1, NULL,
						email, NULL, NULL, 0);

		if (PQntuples(result) != 1)
			die("libpq", PQerrorMessage(conn));
		printf("%" PRIu64 "\n", (uv_hrtime() - began) / 1000);
		PQclear(result);
		PQfinish(conn);
	}
}

static void choose(struct bench *bench, const char *operation)
{
	if (strcmp(operation, "connect") == 0) {
		bench->fill = fill_query;
		bench->fresh = true;
	} else if (strcmp(operation, "query") == 0) {
		bench->fill = fill_query;
	} else if (strcmp(operation, "insert") == 0) {
		bench->fill = fill_insert;
	} else if (strcmp(operation, "transaction") == 0) {
		bench->fill = fill_transaction;
	} else {
		bench->fill = fill_view;
		bench->view = operation;
	}
}

int main(int argc, char **argv)
{
	struct bench bench = {.n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0};

	if (bench.n == 0 || !getenv("DATABASE_URL"))
		die("usage", "DATABASE_URL=... bench_client "
			     "connect|libpq|query|insert|transaction|SQL N");
	if (strcmp(argv[1], "libpq") == 0) {
		connect_plainly(getenv("DATABASE_URL"), bench.n);
		return 0;
	}
	choose(&bench, argv[1]);
	if (uv_loop_init(&bench.loop) != 0)
		die("loop", "cannot be made");
	begin(&bench);
	(void)uv_run(&bench.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&bench.loop) == 0 ? 0 : 1;
}
