#include <stdlib.h>
#include <string.h>

#include "db/pg/sql.h"

void sql_rows(struct sql_rows *rows, const PGresult *result)
{
	*rows = (struct sql_rows){.result = result, .row = -1};
}

void sql_bad(struct sql_rows *rows)
{
	if (rows->err == OK)
		rows->err = ERR_DATABASE;
}

bool sql_next(struct sql_rows *rows)
{
	/* Every column is read, or the statement and its reader differ. */
	if (rows->row >= 0 && rows->column != PQnfields(rows->result) &&
	    rows->err == OK)
		rows->err = ERR_BUG;
	rows->row++;
	rows->column = 0;
	return rows->err == OK && rows->row < PQntuples(rows->result);
}

enum err sql_end(const struct sql_rows *rows, const char *what,
		 struct fault *fault)
{
	const char *name;

	if (rows->err == OK)
		return OK;
	if (rows->err != ERR_DATABASE)
		return fault_set(fault, rows->err, "reading %s: %s", what,
				 err_text(rows->err));
	name = rows->column > 0 ? PQfname(rows->result, rows->column - 1) : "";
	return fault_set(fault, ERR_DATABASE,
			 "reading %s: row %d holds a value in column \"%s\" "
			 "that was never stored by this program",
			 what, rows->row + 1, name ? name : "");
}

size_t sql_count(const PGresult *result)
{
	return (size_t)PQntuples(result);
}

size_t sql_affected(const PGresult *result)
{
	/* libpq gives the count of the command's tag; "" where it has none */
	return (size_t)strtoull(PQcmdTuples((PGresult *)(uintptr_t)result),
				NULL, 10);
}

bool sql_is_null(struct sql_rows *rows)
{
	if (rows->err == OK &&
	    !PQgetisnull(rows->result, rows->row, rows->column))
		return false;
	rows->column++;
	return true;
}

/* The next value, "" for NULL (*null says so); "" after an error, too. */
static const char *next(struct sql_rows *rows, bool *null)
{
	int column = rows->column++;

	*null = true;
	if (rows->err != OK)
		return "";
	if (column >= PQnfields(rows->result)) {
		rows->err = ERR_BUG;
		return "";
	}
	*null = PQgetisnull(rows->result, rows->row, column);
	return PQgetvalue(rows->result, rows->row, column);
}

static const char *required(struct sql_rows *rows)
{
	bool null;
	const char *text = next(rows, &null);

	if (null)
		sql_bad(rows);
	return text;
}

uint64_t sql_u64(struct sql_rows *rows)
{
	uint64_t v = 0;

	if (decimal_parse_u64(&v, required(rows)) != OK)
		sql_bad(rows);
	return v;
}

int64_t sql_i64(struct sql_rows *rows)
{
	const char *text = required(rows);
	bool negative = *text == '-';
	uint64_t v = 0;

	if (decimal_parse_u64(&v, text + negative) != OK || v > INT64_MAX)
		sql_bad(rows);
	return negative ? -(int64_t)v : (int64_t)v;
}

bool sql_bool(struct sql_rows *rows)
{
	const char *text = required(rows);

	if (strcmp(text, "t") != 0 && strcmp(text, "f") != 0)
		sql_bad(rows);
	return *text == 't';
}

int64_t sql_time(struct sql_rows *rows)
{
	return sql_is_null(rows) ? 0 : sql_i64(rows);
}

const char *sql_text(struct sql_rows *rows)
{
	bool null;

	return next(rows, &null);
}

struct u256 sql_u256(struct sql_rows *rows)
{
	struct u256 v = {{0}};

	if (u256_parse(&v, required(rows)) != OK)
		sql_bad(rows);
	return v;
}

struct u256 sql_usdc(struct sql_rows *rows)
{
	struct u256 v = {{0}};

	if (usdc_parse(&v, required(rows)) != OK)
		sql_bad(rows);
	return v;
}

struct uuid sql_uuid(struct sql_rows *rows)
{
	struct uuid id = {{0}};

	if (!sql_is_null(rows) && uuid_parse(&id, required(rows)) != OK)
		sql_bad(rows);
	return id;
}

/* bytea_output = hex, PostgreSQL's default: "\x" and digits. */
static const char *hex_digits(struct sql_rows *rows, size_t *len)
{
	const char *text = required(rows);

	if (strncmp(text, "\\x", 2) != 0) {
		sql_bad(rows);
		*len = 0;
		return "";
	}
	*len = strlen(text + 2);
	return text + 2;
}

struct hash sql_hash(struct sql_rows *rows)
{
	struct hash h = {{0}};
	size_t len;
	const char *digits = hex_digits(rows, &len);

	if (hex_decode(h.b, sizeof(h.b), digits, len) != OK)
		sql_bad(rows);
	return h;
}

struct address sql_address(struct sql_rows *rows)
{
	struct address a = {{0}};
	size_t len;
	const char *digits = hex_digits(rows, &len);

	if (hex_decode(a.b, sizeof(a.b), digits, len) != OK)
		sql_bad(rows);
	return a;
}

struct hash sql_hash_text(struct sql_rows *rows)
{
	struct hash h = {{0}};

	if (hash_parse(&h, required(rows)) != OK)
		sql_bad(rows);
	return h;
}

struct address sql_address_text(struct sql_rows *rows)
{
	struct address a = {{0}};

	if (address_parse(&a, required(rows)) != OK)
		sql_bad(rows);
	return a;
}

static uint32_t u32(struct sql_rows *rows)
{
	uint64_t v = sql_u64(rows);

	if (v > UINT32_MAX)
		sql_bad(rows);
	return (uint32_t)v;
}

struct place sql_place(struct sql_rows *rows)
{
	struct place at;

	at.block_number = sql_u64(rows);
	at.block_hash = sql_hash(rows);
	at.block_time = sql_i64(rows);
	at.tx_index = u32(rows);
	at.log_index = u32(rows);
	at.tx_hash = sql_hash(rows);
	return at;
}

struct bytes sql_bytes(struct sql_rows *rows, struct arena *arena)
{
	struct bytes out = {(const uint8_t *)"", 0};
	size_t len;
	const char *digits = hex_digits(rows, &len);
	uint8_t *data;

	if (rows->err != OK || len == 0)
		return out;
	data = arena_alloc(arena, len / 2 + 1, 1);
	if (!data) {
		rows->err = ERR_NOMEM;
		return out;
	}
	if (len % 2 || hex_decode(data, len / 2, digits, len) != OK) {
		sql_bad(rows);
		return out;
	}
	return (struct bytes){data, len / 2};
}

size_t sql_topics(struct sql_rows *rows, struct hash topics[4])
{
	size_t len, n;
	const char *digits = hex_digits(rows, &len);

	n = len / 64;
	if (n > 4 || hex_decode((uint8_t *)topics, n * 32, digits, len) != OK) {
		sql_bad(rows);
		return 0;
	}
	return n;
}
