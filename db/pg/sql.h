#ifndef GS_DB_PG_SQL_H
#define GS_DB_PG_SQL_H

#include "common/arena.h"
#include "common/buf.h"
#include "db/pg/pg.h"
#include "db/pg/sql_copy.h"
#include "db/rows.h"

/* Statements with their parameters, built value by value, and results, read
 * value by value in the order of their columns. Both keep their first error, so
 * that whoever uses them checks once, at the end. */

#define SQL_PARAMS_MAX 24

struct sql_statement {
	const char *text;
	bool is_copy;
	struct copy_rows rows; /* of a copy, instead of all that follows */
	struct buf params[SQL_PARAMS_MAX];
	bool null[SQL_PARAMS_MAX];
	bool array[SQL_PARAMS_MAX];
	size_t n_params;
	/* the arrays being filled, row by row: the last n_columns params */
	size_t n_columns, column, n_values;
};

/* What one round trip sends. */
struct sql_batch {
	struct sql_statement *items;
	size_t n, room;
	enum err err;	   /* ERR_NOMEM, ERR_LIMIT, ERR_BUG */
	struct buf copied; /* the rows under way; kept for the next ones */
};

void sql_init(struct sql_batch *batch);
void sql_free(struct sql_batch *batch);
void sql_reset(struct sql_batch *batch); /* no statements, no error */

/* Begins a statement, whose parameters follow as calls of sql_put_*: $1, $2...
 * text must live until sql_send. Returns its index, that of its result. */
size_t sql_add(struct sql_batch *batch, const char *text);
/* Begins `copy ... from stdin (format binary)`, which must be alone in its
 * batch: the values that follow are its rows, one after the other. types: a letter
 * for each column (db/pg/sql_copy.h). */
void sql_add_copy(struct sql_batch *batch, const char *text, const char *types);
/* From here on the statement's values go round n more parameters, which are
 * arrays, for unnest: the values of the first row, of the second... With 0 they
 * are single parameters again. */
void sql_columns(struct sql_batch *batch, size_t n);

void sql_put_null(struct sql_batch *batch);
void sql_put_u64(struct sql_batch *batch, uint64_t v);
void sql_put_i64(struct sql_batch *batch, int64_t v);
void sql_put_bool(struct sql_batch *batch, bool v);
void sql_put_text(struct sql_batch *batch, const char *text); /* NULL: NULL */
void sql_put_u256(struct sql_batch *batch, const struct u256 *v);
void sql_put_usdc(struct sql_batch *batch, const struct u256 *units);
void sql_put_uuid(struct sql_batch *batch,
		  const struct uuid *id); /* nil: NULL */
/* bytea */
void sql_put_bytes(struct sql_batch *batch, const void *data, size_t len);
void sql_put_hash(struct sql_batch *batch, const struct hash *h);
void sql_put_address(struct sql_batch *batch, const struct address *a);
/* text, "0x..." */
void sql_put_hash_text(struct sql_batch *batch, const struct hash *h);
void sql_put_address_text(struct sql_batch *batch, const struct address *a);
/* Six values: number, hash, time, tx_index, log_index, tx_hash. */
void sql_put_place(struct sql_batch *batch, const struct place *at);
/* One bytea of n times 32 bytes. */
void sql_put_topics(struct sql_batch *batch, const struct hash *topics,
		    size_t n);

/* Sends and empties the batch. Errors: those of the batch, of pg_round_trip. */
enum err sql_send(struct sql_batch *batch, struct pg *pg, unsigned timeout_ms,
		  pg_results_cb cb, void *arg) MUST_CHECK;
/* The same between two statements without parameters (NULL: none), whose
 * results come first and last. */
enum err sql_send_between(struct sql_batch *batch, const char *first,
			  const char *last, struct pg *pg, unsigned timeout_ms,
			  pg_results_cb cb, void *arg) MUST_CHECK;

struct sql_rows {
	const PGresult *result;
	int row, column;
	enum err err; /* ERR_DATABASE: a value is not what we stored */
};

void sql_rows(struct sql_rows *rows, const PGresult *result);
/* The next row; false after the last one, and after an error. */
bool sql_next(struct sql_rows *rows);
/* The error, with a sentence that names what was read. */
enum err sql_end(const struct sql_rows *rows, const char *what,
		 struct fault *fault) MUST_CHECK;
size_t sql_count(const PGresult *result);    /* rows returned */
size_t sql_affected(const PGresult *result); /* rows changed */

/* Skips a NULL and says so; a value stays for the next read. */
bool sql_is_null(struct sql_rows *rows);
/* Each reads the next column. What may be NULL: uuid (nil), time (0). */
uint64_t sql_u64(struct sql_rows *rows);
int64_t sql_i64(struct sql_rows *rows);
bool sql_bool(struct sql_rows *rows);
int64_t sql_time(struct sql_rows *rows);     /* a bigint of Unix seconds */
const char *sql_text(struct sql_rows *rows); /* "" for NULL; in the result */
struct u256 sql_u256(struct sql_rows *rows);
struct u256 sql_usdc(struct sql_rows *rows);
struct uuid sql_uuid(struct sql_rows *rows);
struct hash sql_hash(struct sql_rows *rows);
struct address sql_address(struct sql_rows *rows);
struct hash sql_hash_text(struct sql_rows *rows);
struct address sql_address_text(struct sql_rows *rows);
struct place sql_place(struct sql_rows *rows);
struct bytes sql_bytes(struct sql_rows *rows, struct arena *arena);
size_t sql_topics(struct sql_rows *rows, struct hash topics[4]);
void sql_bad(struct sql_rows *rows); /* the value just read makes no sense */

#endif
