#ifndef GS_TESTS_DB_LIB_POOL_H
#define GS_TESTS_DB_LIB_POOL_H

#include "db/pg/pool.h"
#include "lib_db.h"

/* A pool under test, and its guests. One loop for all: the pool's, and the
 * connection's of an onlooker; the server knows the pool's as "pooled". */
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

extern const struct pool_limits one, two; /* so many connections */

void open_rig(struct rig *rig, struct pool_limits limits);
/* A further one, or the only one, at another address. */
void open_pool(struct rig *rig, const char *url, struct pool_limits limits);
/* Fails if anything is left on the loop. */
void close_rig(struct rig *rig);

/* pool_acquire, which must start; and until its callback says OK. */
void ask(struct rig *rig, struct guest *guest, unsigned timeout_ms);
void get(struct rig *rig, struct guest *guest);
/* The callback of pool_acquire; and of a guest's round trip. */
void on_lent(void *arg, enum err err, const struct fault *fault, struct pg *pg);
void on_answer(void *arg, enum err err, const struct fault *fault,
	       PGresult *const *results, size_t n);
/* Turns the loop until the count is not 0. */
void wait_for(struct rig *rig, const int *calls);
/* A statement on the guest's connection; and its first value. */
void start(struct guest *guest, const char *sql);
const char *text(struct guest *guest, const char *sql);

void assert_counts(struct rig *rig, size_t connecting, size_t lent, size_t idle,
		   size_t waiting);

/* A server that accepts and says nothing; returns its socket. */
int silent_server(char url[128]);

#define MY_PID "select pg_backend_pid()"
#define BACKENDS                                                               \
	"select count(*) from pg_stat_activity where datname = "               \
	"current_database() and application_name = "                           \
	"'pooled'"
#define SLEEP "select pg_sleep(20)"
#define SLEEPERS                                                               \
	"select count(*) from pg_stat_activity where datname = "               \
	"current_database() and application_name = "                           \
	"'pooled' and state = 'active'"

#endif
