#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/pg/pool.h"
#include "lib_db.h"

/* One loop for all: an onlooker's connection, and the pool that is looked at,
 * whose connections the server knows as "pooled". */
struct rig {
	struct db db;
	struct pool *pool;
	int calls;	/* of all guests */
	int order[600]; /* guests by number, as they were served */
};

struct guest {
	struct pool_request request;
	struct rig *rig;
	int number;
	int calls;
	enum err err;
	struct fault fault;
	struct pg *pg;
	int answers; /* of a round trip */
	enum err answer;
	char text[64];
	void (*then)(struct guest *guest);
};

static void open_pool(struct rig *rig, const char *url,
		      struct pool_limits limits)
{
	rig->pool = pool_new(&rig->db.loop, url, &limits);
	assert_non_null(rig->pool);
}

static void open_rig(struct rig *rig, struct pool_limits limits)
{
	char *url = db_url_with("application_name", "pooled");

	memset(rig, 0, sizeof(*rig));
	db_open(&rig->db);
	open_pool(rig, url, limits);
	free(url);
}

/* Fails if anything is left on the loop. */
static void close_rig(struct rig *rig)
{
	if (rig->pool)
		pool_close(rig->pool, NULL, NULL);
	db_close(&rig->db);
}

static void on_lent(void *arg, enum err err, const struct fault *fault,
		    struct pg *pg)
{
	struct guest *guest = arg;

	guest->calls++;
	guest->err = err;
	guest->fault = *fault;
	guest->pg = pg;
	guest->rig->order[guest->rig->calls++] = guest->number;
	assert_int_equal(err == OK, pg != NULL);
	if (guest->then)
		guest->then(guest);
}

static void ask(struct rig *rig, struct guest *guest, unsigned timeout_ms)
{
	guest->rig = rig;
	assert_int_equal(pool_acquire(rig->pool, &guest->request, timeout_ms,
				      on_lent, guest),
			 OK);
	assert_int_equal(guest->calls, 0);
}

static void wait_for(struct rig *rig, const int *calls)
{
	while (*calls == 0)
		assert_true(uv_run(&rig->db.loop, UV_RUN_ONCE) || *calls);
}

static void get(struct rig *rig, struct guest *guest)
{
	ask(rig, guest, DB_TIMEOUT_MS);
	wait_for(rig, &guest->calls);
	if (guest->err != OK)
		fail_msg("%s", guest->fault.text);
}

static void on_answer(void *arg, enum err err, const struct fault *fault,
		      PGresult *const *results, size_t n)
{
	struct guest *guest = arg;

	guest->answers++;
	guest->answer = err;
	guest->fault = *fault;
	if (n && PQntuples(results[0]))
		snprintf(guest->text, sizeof(guest->text), "%s",
			 PQgetvalue(results[0], 0, 0));
}

static void start(struct guest *guest, const char *sql)
{
	const struct pg_statement statement = {.sql = sql};

	guest->answers = 0;
	assert_int_equal(pg_round_trip(guest->pg, &statement, 1, DB_TIMEOUT_MS,
				       on_answer, guest),
			 OK);
}

static const char *text(struct guest *guest, const char *sql)
{
	start(guest, sql);
	wait_for(guest->rig, &guest->answers);
	return guest->text;
}

#define MY_PID "select pg_backend_pid()"
#define BACKENDS                                                               \
	"select count(*) from pg_stat_activity where application_name = "      \
	"'pooled'"

static void assert_counts(struct rig *rig, size_t connecting, size_t lent,
			  size_t idle, size_t waiting)
{
	struct pool_counts counts = pool_counts(rig->pool);

	assert_int_equal(counts.connecting, connecting);
	assert_int_equal(counts.lent, lent);
	assert_int_equal(counts.idle, idle);
	assert_int_equal(counts.waiting, waiting);
}

static const struct pool_limits one = {1, 100, 10000, 0};
static const struct pool_limits two = {2, 100, 10000, 0};

static void test_lends_again(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};
	char pid[64];

	(void)state;
	open_rig(&rig, two);
	assert_counts(&rig, 0, 0, 0, 0);
	get(&rig, &a);
	assert_int_equal(pool_acquire(rig.pool, &a.request, 1, on_lent, &a),
			 ERR_BUSY);
	snprintf(pid, sizeof(pid), "%s", text(&a, MY_PID));
	assert_counts(&rig, 0, 1, 0, 0);
	pool_release(&a.request);
	pool_release(&a.request);
	assert_counts(&rig, 0, 0, 1, 0);
	get(&rig, &b);
	assert_string_equal(text(&b, MY_PID), pid);
	pool_release(&b.request);
	assert_db(&rig.db, BACKENDS, "1");
	close_rig(&rig);
}

/* So that those not needed grow old and go. */
static void test_lends_what_was_used_last(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2}, c = {.number = 3};
	uint64_t now;

	(void)state;
	open_rig(&rig, two);
	get(&rig, &a);
	get(&rig, &b);
	pool_release(&b.request);
	for (now = uv_now(&rig.db.loop); uv_now(&rig.db.loop) == now;)
		uv_update_time(&rig.db.loop);
	pool_release(&a.request);
	get(&rig, &c);
	assert_ptr_equal(c.pg, a.pg);
	close_rig(&rig);
}

static void test_idle_ones_go(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, (struct pool_limits){2, 0, 10000, 50});
	get(&rig, &a);
	get(&rig, &b);
	assert_db(&rig.db, BACKENDS, "2");
	pool_release(&a.request);
	pool_release(&b.request);
	assert_counts(&rig, 0, 0, 2, 0);
	while (pool_counts(rig.pool).idle)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	db_await(&rig.db, BACKENDS, "0");
	a.calls = 0;
	get(&rig, &a);
	pool_release(&a.request);
	close_rig(&rig);
}

static void test_limit_of_connections(void **state)
{
	struct rig rig;
	struct guest g[3] = {{.number = 0}, {.number = 1}, {.number = 2}};

	(void)state;
	open_rig(&rig, two);
	get(&rig, &g[0]);
	get(&rig, &g[1]);
	ask(&rig, &g[2], DB_TIMEOUT_MS);
	assert_db(&rig.db, BACKENDS, "2");
	assert_int_equal(g[2].calls, 0);
	assert_counts(&rig, 0, 2, 0, 1);
	pool_release(&g[1].request);
	assert_int_equal(g[2].calls, 0);
	wait_for(&rig, &g[2].calls);
	assert_ptr_equal(g[2].pg, g[1].pg);
	assert_db(&rig.db, BACKENDS, "2");
	close_rig(&rig);
}

static void test_limit_of_waiting(void **state)
{
	struct rig rig;
	struct guest g[5] = {{.number = 0}};

	(void)state;
	open_rig(&rig, (struct pool_limits){1, 2, 10000, 0});
	for (int i = 0; i < 3; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	assert_int_equal(pool_acquire(rig.pool, &g[3].request, DB_TIMEOUT_MS,
				      on_lent, &g[3]),
			 ERR_LIMIT);
	wait_for(&rig, &g[0].calls);
	assert_int_equal(pool_acquire(rig.pool, &g[3].request, DB_TIMEOUT_MS,
				      on_lent, &g[3]),
			 ERR_LIMIT);
	pool_release(&g[0].request);
	ask(&rig, &g[4], DB_TIMEOUT_MS);
	wait_for(&rig, &g[1].calls);
	pool_release(&g[1].request);
	wait_for(&rig, &g[2].calls);
	pool_release(&g[2].request);
	wait_for(&rig, &g[4].calls);
	assert_int_equal(g[3].calls, 0);
	close_rig(&rig);
}

static void release(struct guest *guest)
{
	pool_release(&guest->request);
}

static void test_first_come_first_served(void **state)
{
	struct rig rig;
	struct guest g[20];

	(void)state;
	open_rig(&rig, one);
	memset(g, 0, sizeof(g));
	for (int i = 0; i < 20; i++) {
		g[i].number = i;
		g[i].then = release;
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	}
	pool_release(&g[0].request);
	pool_release(&g[7].request);
	pool_release(&g[19].request);
	wait_for(&rig, &g[18].calls);
	assert_int_equal(rig.calls, 17);
	for (int i = 1, at = 0; i < 19; i++)
		if (i != 7)
			assert_int_equal(rig.order[at++], i);
	assert_counts(&rig, 0, 0, 1, 0);
	close_rig(&rig);
}

static void test_deadline_while_waiting(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2}, c = {.number = 3};
	struct guest later = {.number = 4};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	ask(&rig, &c, DB_TIMEOUT_MS);
	ask(&rig, &later, 60);
	ask(&rig, &b, 30);
	wait_for(&rig, &b.calls);
	assert_int_equal(later.calls, 0);
	wait_for(&rig, &later.calls);
	assert_int_equal(later.err, ERR_TIMEOUT);
	assert_int_equal(b.err, ERR_TIMEOUT);
	assert_string_equal(b.fault.text,
			    "no connection to the database was free in time: "
			    "1 of at most 1 are in use");
	assert_int_equal(c.calls, 0);
	pool_release(&b.request);
	pool_release(&a.request);
	wait_for(&rig, &c.calls);
	assert_int_equal(c.err, OK);
	close_rig(&rig);
}

/* A server that accepts and says nothing; returns its socket. */
static int silent_server(char url[128])
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(url, 128, "postgresql://u:sesame99@127.0.0.1:%d/x",
		 ntohs(at.sin_port));
	return fd;
}

static void test_deadline_while_connecting(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest a = {.number = 1}, b = {.number = 2};
	char url[128];
	int fd = silent_server(url);

	(void)state;
	db_open(&rig.db);
	open_pool(&rig, url, (struct pool_limits){2, 9, 200, 0});
	ask(&rig, &a, 30);
	ask(&rig, &b, DB_TIMEOUT_MS);
	wait_for(&rig, &a.calls);
	assert_int_equal(a.err, ERR_TIMEOUT);
	assert_non_null(strstr(a.fault.text, "is it reachable"));
	assert_counts(&rig, 2, 0, 0, 1);
	wait_for(&rig, &b.calls); /* the deadline of the connecting itself */
	assert_int_equal(b.err, ERR_TIMEOUT);
	assert_counts(&rig, 0, 0, 0, 0);
	close_rig(&rig);
	close(fd);
}

static void test_cancel_while_connecting(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest a = {.number = 1}, b = {.number = 2};
	char url[128];
	int fd = silent_server(url);

	(void)state;
	db_open(&rig.db);
	open_pool(&rig, url, two);
	ask(&rig, &a, DB_TIMEOUT_MS);
	pool_release(&a.request); /* before anything was done for it */
	uv_run(&rig.db.loop, UV_RUN_NOWAIT);
	assert_counts(&rig, 0, 0, 0, 0);
	ask(&rig, &b, DB_TIMEOUT_MS);
	while (pool_counts(rig.pool).connecting == 0)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	pool_release(&b.request);
	uv_run(&rig.db.loop, UV_RUN_NOWAIT);
	assert_counts(&rig, 1, 0, 0, 0);
	close_rig(&rig);
	close(fd);
	assert_int_equal(rig.calls, 0);
}

#define SLEEP "select pg_sleep(20)"
#define SLEEPERS                                                               \
	"select count(*) from pg_stat_activity where application_name = "      \
	"'pooled' and state = 'active'"

/* Given back busy: cancelled at the server, and another is made. */
static void test_cancel_while_working(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	start(&a, SLEEP);
	ask(&rig, &b, DB_TIMEOUT_MS);
	db_await(&rig.db, SLEEPERS, "1");
	pool_release(&a.request);
	wait_for(&rig, &b.calls);
	assert_int_equal(b.err, OK);
	db_await(&rig.db, SLEEPERS, "0");
	db_await(&rig.db, BACKENDS, "1");
	assert_int_equal(a.answers, 0);
	assert_string_equal(text(&b, "select 7"), "7");
	close_rig(&rig);
}

/* Who gets it next gets the same connection, clean. */
static void given_back_within(const char *statement, enum err answer)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};
	char pid[64];

	open_rig(&rig, one);
	get(&rig, &a);
	snprintf(pid, sizeof(pid), "%s", text(&a, MY_PID));
	(void)text(&a, "begin");
	(void)text(&a, "create table public.half_done (x int)");
	(void)text(&a, statement);
	assert_int_equal(a.answer, answer);
	pool_release(&a.request);
	assert_counts(&rig, 0, 0, 1, 0);
	get(&rig, &b);
	assert_false(pg_in_transaction(b.pg));
	assert_string_equal(text(&b, MY_PID), pid);
	assert_string_equal(
	    text(&b, "select to_regclass('public.half_done') is null"), "t");
	close_rig(&rig);
}

static void test_given_back_in_a_transaction(void **state)
{
	(void)state;
	given_back_within("select 1", OK);
}

static void test_given_back_in_a_failed_transaction(void **state)
{
	(void)state;
	given_back_within("select 1/0", ERR_DATABASE);
}

/* Ends a backend and waits until it is gone, without turning our loop. */
static void kill_backend(const char *pid)
{
	PGconn *conn = PQconnectdb(getenv("DATABASE_URL"));
	const char *gone = "f";
	PGresult *result;

	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	PQclear(PQexecParams(conn, "select pg_terminate_backend($1::int)", 1,
			     NULL, &pid, NULL, NULL, 0));
	for (int i = 0; i < 2000 && *gone == 'f'; i++) {
		usleep(5000);
		result = PQexecParams(conn,
				      "select not exists (select from "
				      "pg_stat_activity where pid = $1::int)",
				      1, NULL, &pid, NULL, NULL, 0);
		gone = *PQgetvalue(result, 0, 0) == 't' ? "t" : "f";
		PQclear(result);
	}
	assert_string_equal(gone, "t");
	PQfinish(conn);
}

/* The socket has not been looked at since. */
static void test_killed_while_idle(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	(void)text(&a, MY_PID);
	pool_release(&a.request);
	kill_backend(a.text);
	get(&rig, &b);
	assert_string_equal(text(&b, "select 7"), "7");
	assert_int_equal(b.answer, OK);
	close_rig(&rig);
}

static void test_killed_while_lent(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	(void)text(&a, MY_PID);
	ask(&rig, &b, DB_TIMEOUT_MS);
	kill_backend(a.text);
	start(&a, "select 1");
	wait_for(&rig, &a.answers);
	assert_int_equal(a.answer, ERR_TRANSPORT);
	assert_int_equal(b.calls, 0);
	pool_release(&a.request);
	wait_for(&rig, &b.calls);
	assert_string_equal(text(&b, "select 7"), "7");
	close_rig(&rig);
}

/* Told to all who wait; and the server is not asked again at once. */
static void test_refused(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest g[5], late = {.number = 9};
	char url[128];
	uint64_t before;

	(void)state;
	memset(g, 0, sizeof(g));
	close(silent_server(url)); /* nobody listens there now */
	db_open(&rig.db);
	open_pool(&rig, url, two);
	for (int i = 0; i < 5; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	before = uv_hrtime();
	for (int i = 0; i < 5; i++) {
		wait_for(&rig, &g[i].calls);
		assert_int_equal(g[i].err, ERR_TRANSPORT);
		assert_non_null(strstr(g[i].fault.text, "Connection refused"));
		assert_null(strstr(g[i].fault.text, "sesame99"));
	}
	ask(&rig, &late, DB_TIMEOUT_MS);
	wait_for(&rig, &late.calls);
	assert_int_equal(late.err, ERR_TRANSPORT);
	assert_true(uv_hrtime() - before > 200000000);
	close_rig(&rig);
}

/* A server that has no room for more than one: the others wait for that. */
static void test_server_is_full(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest g[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
	char *same = db_url_with("application_name", "pooled");
	char url[1024];

	(void)state;
	snprintf(url, sizeof(url), "%s user='pool_guest' password='knock'",
		 same);
	free(same);
	db_open(&rig.db);
	db_run(&rig.db,
	       "drop role if exists pool_guest; create role pool_guest "
	       "login password 'knock' connection limit 1");
	open_pool(&rig, url, (struct pool_limits){3, 9, 10000, 0});
	for (int i = 0; i < 3; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	wait_for(&rig, &g[0].calls);
	while (pool_counts(rig.pool).connecting)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	assert_counts(&rig, 0, 1, 0, 2);
	/* It gets room: the pool finds out by itself. */
	db_run(&rig.db, "alter role pool_guest connection limit 2");
	wait_for(&rig, &g[1].calls);
	pool_release(&g[0].request);
	wait_for(&rig, &g[2].calls);
	for (int i = 0; i < 3; i++)
		assert_int_equal(g[i].err, OK);
	pool_close(rig.pool, NULL, NULL);
	rig.pool = NULL;
	db_await(&rig.db, BACKENDS, "0");
	db_run(&rig.db, "drop role pool_guest");
	close_rig(&rig);
}

static void on_last_answer(void *arg, enum err err, const struct fault *fault,
			   PGresult *const *results, size_t n)
{
	struct guest *guest = arg;

	on_answer(arg, err, fault, results, n);
	pool_release(&guest->request);
}

static void work(struct guest *guest)
{
	const struct pg_statement s = {.sql = MY_PID};

	assert_int_equal(guest->err, OK);
	assert_int_equal(pg_round_trip(guest->pg, &s, 1, DB_TIMEOUT_MS,
				       on_last_answer, guest),
			 OK);
}

static void test_500_requests_over_5_connections(void **state)
{
	static struct guest g[500];
	struct rig rig;
	char pids[5][64] = {""};

	(void)state;
	memset(g, 0, sizeof(g));
	open_rig(&rig, (struct pool_limits){5, 495, 10000, 0});
	for (int i = 0; i < 500; i++) {
		g[i].number = i;
		g[i].then = work;
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	}
	for (int i = 0; i < 500; i++) {
		int known = 0;

		wait_for(&rig, &g[i].answers);
		assert_int_equal(g[i].answer, OK);
		assert_int_equal(rig.order[i], i);
		while (known < 5 && *pids[known] &&
		       strcmp(pids[known], g[i].text) != 0)
			known++;
		assert_true(known < 5);
		memcpy(pids[known], g[i].text, sizeof(g[i].text));
	}
	assert_counts(&rig, 0, 0, 5, 0);
	close_rig(&rig);
}

static void on_closed(void *arg)
{
	++*(int *)arg;
}

static void test_close_with_everything_under_way(void **state)
{
	struct rig rig;
	struct pool *full;
	struct guest g[6];
	char url[128];
	int closed = 0, fd = silent_server(url);

	(void)state;
	memset(g, 0, sizeof(g));
	open_rig(&rig, (struct pool_limits){3, 9, 10000, 0});
	for (int i = 0; i < 3; i++)
		get(&rig, &g[i]);
	start(&g[0], SLEEP);
	(void)text(&g[1], "begin");
	ask(&rig, &g[3], DB_TIMEOUT_MS);
	db_await(&rig.db, SLEEPERS, "1");
	full = rig.pool;
	open_pool(&rig, url, one);
	ask(&rig, &g[4], DB_TIMEOUT_MS);
	ask(&rig, &g[5], DB_TIMEOUT_MS);
	while (pool_counts(rig.pool).connecting == 0)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	pool_close(full, on_closed, &closed);
	pool_close(rig.pool, on_closed, &closed);
	assert_int_equal(closed, 0);
	for (int i = 0; i < 6; i++) {
		assert_null(g[i].request.pg);
		pool_release(&g[i].request);
	}
	rig.pool = NULL;
	db_await(&rig.db, BACKENDS, "0");
	assert_int_equal(closed, 2);
	close_rig(&rig);
	for (int i = 3; i < 6; i++)
		assert_int_equal(g[i].calls, 0);
	assert_int_equal(g[0].answers, 0);
	close(fd);
}

static void close_pool(struct guest *guest)
{
	pool_close(guest->rig->pool, NULL, NULL);
	guest->rig->pool = NULL;
}

static void test_close_in_a_callback(void **state)
{
	struct rig rig;
	struct guest g[4];
	char *url = db_url_with("application_name", "pooled");

	(void)state;
	memset(g, 0, sizeof(g));
	open_rig(&rig, one);
	g[0].then = close_pool;
	for (int i = 0; i < 2; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	wait_for(&rig, &g[0].calls);
	open_pool(&rig, url, one);
	free(url);
	g[2].then = close_pool;
	for (int i = 2; i < 4; i++)
		ask(&rig, &g[i], 0); /* refused, both at the same time */
	wait_for(&rig, &g[2].calls);
	assert_int_equal(g[2].err, ERR_TIMEOUT);
	close_rig(&rig);
	assert_int_equal(g[1].calls + g[3].calls, 0);
}

static void free_owner(struct guest *guest)
{
	guest->rig->db.done = true;
	pool_release(&guest->request);
	free(guest);
}

static void test_owner_freed_in_its_callback(void **state)
{
	struct rig rig;
	struct guest *guest = calloc(1, sizeof(*guest));

	(void)state;
	assert_non_null(guest);
	guest->then = free_owner;
	open_rig(&rig, one);
	ask(&rig, guest, DB_TIMEOUT_MS);
	db_wait(&rig.db);
	assert_counts(&rig, 0, 0, 1, 0);
	close_rig(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lends_again),
	    cmocka_unit_test(test_lends_what_was_used_last),
	    cmocka_unit_test(test_idle_ones_go),
	    cmocka_unit_test(test_limit_of_connections),
	    cmocka_unit_test(test_limit_of_waiting),
	    cmocka_unit_test(test_first_come_first_served),
	    cmocka_unit_test(test_deadline_while_waiting),
	    cmocka_unit_test(test_deadline_while_connecting),
	    cmocka_unit_test(test_cancel_while_connecting),
	    cmocka_unit_test(test_cancel_while_working),
	    cmocka_unit_test(test_given_back_in_a_transaction),
	    cmocka_unit_test(test_given_back_in_a_failed_transaction),
	    cmocka_unit_test(test_killed_while_idle),
	    cmocka_unit_test(test_killed_while_lent),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_server_is_full),
	    cmocka_unit_test(test_500_requests_over_5_connections),
	    cmocka_unit_test(test_close_with_everything_under_way),
	    cmocka_unit_test(test_close_in_a_callback),
	    cmocka_unit_test(test_owner_freed_in_its_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
