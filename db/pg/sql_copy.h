#ifndef GS_DB_PG_SQL_COPY_H
#define GS_DB_PG_SQL_COPY_H

#include "common/buf.h"
#include "common/u256.h"
#include "common/uuid.h"

/* The inside of sql_add_copy(): the values of COPY's binary format, each as the
 * receive function of its column's type takes it (PostgreSQL manual, COPY, "File
 * Formats"; src/backend/utils/adt). What a column cannot hold is ERR_BUG. */

/* A column's type, by its letter. */
enum copy_type {
	COPY_BIGINT = 'l',
	COPY_INTEGER = 'i',
	COPY_SMALLINT = 's',
	COPY_BOOLEAN = 'b',
	COPY_NUMERIC = 'n',
	COPY_BYTEA = 'x',
	COPY_TEXT = 't', /* or an enum */
	COPY_JSONB = 'j',
	COPY_UUID = 'u',
	COPY_TIMESTAMPTZ = 'z', /* given as Unix seconds, 0: NULL */
};

struct copy_rows {
	const char *types; /* one letter each */
	size_t column;	   /* the next value's */
	struct buf data;
};

/* types must live as long as the rows. */
void copy_begin(struct copy_rows *rows, const char *types, size_t cap);
/* Ends the data; returns its error. */
enum err copy_end(struct copy_rows *rows) MUST_CHECK;

void copy_null(struct copy_rows *rows);
void copy_i64(struct copy_rows *rows, int64_t v);
void copy_u64(struct copy_rows *rows, uint64_t v);
void copy_bool(struct copy_rows *rows, bool v);
void copy_u256(struct copy_rows *rows, const struct u256 *v);
void copy_usdc(struct copy_rows *rows, const struct u256 *units);
void copy_uuid(struct copy_rows *rows, const struct uuid *id);
void copy_text(struct copy_rows *rows, const char *text);
void copy_bytes(struct copy_rows *rows, const void *data, size_t len);

#endif
