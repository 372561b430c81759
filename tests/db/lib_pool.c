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

#include "lib_pool.h"

const struct pool_limits one = {1, 100, 10000, 0};
const struct pool_limits two = {2, 100, 10000, 0};

void open_pool(struct rig *rig, const char *url, struct pool_limits limits)
{
	rig->pool = pool_new(&rig->db.loop, url, &limits);
	assert_non_null(rig->pool);
}

void open_rig(struct rig *rig, struct pool_limits limits)
{
	char *url = db_url_with("application_name", "pooled");

	memset(rig, 0, sizeof(*rig));
	db_open(&rig->db);
	open_pool(rig, url, limits);
	free(url);
}

void close_rig(struct rig *rig)
{
	if (rig->pool)
		pool_close(rig->pool, NULL, NULL);
	db_close(&rig->db);
}

void on_lent(void *arg, enum err err, const struct fault *fault, struct pg *pg)
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

void ask(struct rig *rig, struct guest *guest, unsigned timeout_ms)
{
	guest->rig = rig;
	assert_int_equal(pool_acquire(rig->pool, &guest->request, timeout_ms,
				      on_lent, guest),
			 OK);
	assert_int_equal(guest->calls, 0);
}

void wait_for(struct rig *rig, const int *calls)
{
	while (*calls == 0)
		assert_true(uv_run(&rig->db.loop, UV_RUN_ONCE) || *calls);
}

void get(struct rig *rig, struct guest *guest)
{
	ask(rig, guest, DB_TIMEOUT_MS);
	wait_for(rig, &guest->calls);
	if (guest->err != OK)
		fail_msg("%s", guest->fault.text);
}

void on_answer(void *arg, enum err err, const struct fault *fault,
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

void start(struct guest *guest, const char *sql)
{
	const struct pg_statement statement = {.sql = sql};

	guest->answers = 0;
	assert_int_equal(pg_round_trip(guest->pg, &statement, 1, DB_TIMEOUT_MS,
				       on_answer, guest),
			 OK);
}

const char *text(struct guest *guest, const char *sql)
{
	start(guest, sql);
	wait_for(guest->rig, &guest->answers);
	return guest->text;
}

void assert_counts(struct rig *rig, size_t connecting, size_t lent, size_t idle,
		   size_t waiting)
{
	struct pool_counts counts = pool_counts(rig->pool);

	assert_int_equal(counts.connecting, connecting);
	assert_int_equal(counts.lent, lent);
	assert_int_equal(counts.idle, idle);
	assert_int_equal(counts.waiting, waiting);
}

int silent_server(char url[128])
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
