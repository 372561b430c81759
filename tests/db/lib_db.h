#ifndef GS_TESTS_DB_LIB_DB_H
#define GS_TESTS_DB_LIB_DB_H

#include "db/pg/pg.h"

/* A connection for tests, driven until each answer is there. */
struct db {
	uv_loop_t loop;
	struct pg *pg;
	bool done;
	enum err err;
	struct fault fault;
	char *text; /* the last result's first value, or NULL */
};

#define DB_TIMEOUT_MS 30000

/* Connects to DATABASE_URL; fails the test if it cannot. */
void db_open(struct db *db);
/* Another address; does not connect. */
void db_open_url(struct db *db, const char *url);
enum err db_connect(struct db *db, unsigned timeout_ms);
void db_close(struct db *db);
/* Whether a pooler stands in between: each transaction may then have another
 * backend. */
bool db_is_pooled(struct db *db);
/* Runs the loop until db->done. */
void db_wait(struct db *db);

/* DATABASE_URL with one keyword changed, as "key='value' ..."; malloced. */
char *db_url_with(const char *keyword, const char *value);

enum err db_try(struct db *db, const char *script);
void db_run(struct db *db, const char *script); /* must succeed */
/* The first value of a query, valid until the next call; must succeed. */
const char *db_text(struct db *db, const char *sql);
#define assert_db(db, sql, value)                                              \
	assert_string_equal(db_text((db), (sql)), (value))

/* Asks again and again until the value is that. */
void db_await(struct db *db, const char *sql, const char *value);

/* Drops what is ours and applies the schema anew. */
void db_reset(struct db *db);

#endif
