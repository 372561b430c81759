#include "db/pg/sql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PARAM_CAP ((size_t)512 << 20) /* PostgreSQL's own limit is 1 GB */

void sql_init(struct sql_batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	buf_init(&batch->copied, 0);
}

void sql_reset(struct sql_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		for (size_t p = 0; p < batch->items[i].n_params; p++)
			buf_free(&batch->items[i].params[p]);
		if (batch->items[i].is_copy)
			buf_free(&batch->items[i].rows.data);
	}
	batch->n = 0;
	batch->err = OK;
}

void sql_free(struct sql_batch *batch)
{
	sql_reset(batch);
	buf_free(&batch->copied);
	free(batch->items);
	sql_init(batch);
}

static bool grow(struct sql_batch *batch)
{
	size_t room = batch->room ? batch->room * 2 : 4;
	struct sql_statement *items =
	    realloc(batch->items, room * sizeof(*items));

	if (!items) {
		batch->err = ERR_NOMEM;
		return false;
	}
	batch->items = items;
	batch->room = room;
	return true;
}

size_t sql_add(struct sql_batch *batch, const char *text)
{
	if (batch->err || (batch->n == batch->room && !grow(batch)))
		return 0;
	memset(&batch->items[batch->n], 0, sizeof(*batch->items));
	batch->items[batch->n].text = text;
	return batch->n++;
}

void sql_add_copy(struct sql_batch *batch, const char *text, const char *types)
{
	size_t at = sql_add(batch, text);

	if (batch->err)
		return;
	batch->items[at].is_copy = true;
	copy_begin(&batch->items[at].rows, types, PARAM_CAP);
	if (at > 0)
		batch->err = ERR_BUG;
}

/* The rows of a copy that is being filled; NULL: none is. */
static struct copy_rows *copied(const struct sql_batch *batch)
{
	struct sql_statement *s;

	if (batch->err || batch->n == 0)
		return NULL;
	s = &batch->items[batch->n - 1];
	return s->is_copy ? &s->rows : NULL;
}

/* A new parameter of the last statement; NULL with the error set. */
static struct buf *new_param(struct sql_batch *batch)
{
	struct sql_statement *s;
	struct buf *param;

	if (batch->err)
		return NULL;
	s = &batch->items[batch->n - 1];
	if (s->n_params == SQL_PARAMS_MAX) {
		batch->err = ERR_BUG;
		return NULL;
	}
	param = &s->params[s->n_params++];
	buf_init(param, PARAM_CAP);
	return param;
}

void sql_columns(struct sql_batch *batch, size_t n)
{
	struct sql_statement *s;
	struct buf *param;

	if (batch->err)
		return;
	s = &batch->items[batch->n - 1];
	if (s->column != 0)
		batch->err = ERR_BUG; /* the last row is not complete */
	for (size_t i = 0; i < n; i++) {
		param = new_param(batch);
		if (!param)
			return;
		buf_putc(param, '{');
		s->array[s->n_params - 1] = true;
	}
	s->n_columns = n;
	s->n_values = 0;
}

/* Where the next value goes; *in_array: as an element, its comma written. */
static struct buf *next_value(struct sql_batch *batch, bool *in_array)
{
	struct sql_statement *s;
	struct buf *param;

	if (batch->err)
		return NULL;
	s = &batch->items[batch->n - 1];
	*in_array = s->n_columns > 0;
	if (!*in_array)
		return new_param(batch);
	param = &s->params[s->n_params - s->n_columns + s->column];
	s->column = (s->column + 1) % s->n_columns;
	if (s->n_values++ >= s->n_columns)
		buf_putc(param, ',');
	return param;
}

void sql_put_null(struct sql_batch *batch)
{
	struct copy_rows *rows = copied(batch);
	struct sql_statement *s;
	struct buf *param;
	bool in_array;

	if (rows) {
		copy_null(rows);
		return;
	}
	param = next_value(batch, &in_array);
	if (!param)
		return;
	if (in_array) {
		buf_puts(param, "NULL");
		return;
	}
	s = &batch->items[batch->n - 1];
	s->null[s->n_params - 1] = true;
}

/* For text that needs no quotes: digits, hex, uuids. */
static void put_plain(struct sql_batch *batch, const char *text)
{
	struct copy_rows *rows = copied(batch);
	struct buf *param;
	bool in_array;

	if (rows) {
		copy_text(rows, text);
		return;
	}
	param = next_value(batch, &in_array);
	if (param)
		buf_puts(param, text);
}

void sql_put_u64(struct sql_batch *batch, uint64_t v)
{
	struct copy_rows *rows = copied(batch);
	char text[24];

	if (rows) {
		copy_u64(rows, v);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64, v);
	put_plain(batch, text);
}

void sql_put_i64(struct sql_batch *batch, int64_t v)
{
	struct copy_rows *rows = copied(batch);
	char text[24];

	if (rows) {
		copy_i64(rows, v);
		return;
	}
	snprintf(text, sizeof(text), "%" PRId64, v);
	put_plain(batch, text);
}

void sql_put_bool(struct sql_batch *batch, bool v)
{
	struct copy_rows *rows = copied(batch);

	if (rows)
		copy_bool(rows, v);
	else
		put_plain(batch, v ? "t" : "f");
}

void sql_put_text(struct sql_batch *batch, const char *text)
{
	bool in_array;
	struct buf *param;

	if (!text) {
		sql_put_null(batch);
		return;
	}
	if (copied(batch)) {
		copy_text(copied(batch), text);
		return;
	}
	param = next_value(batch, &in_array);
	if (!param)
		return;
	if (!in_array) {
		buf_puts(param, text);
		return;
	}
	buf_putc(param, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(param, '\\');
		buf_putc(param, *text);
	}
	buf_putc(param, '"');
}

void sql_put_u256(struct sql_batch *batch, const struct u256 *v)
{
	struct copy_rows *rows = copied(batch);
	char text[U256_TEXT_SIZE];

	if (rows)
		copy_u256(rows, v);
	else
		put_plain(batch, u256_format(text, v));
}

void sql_put_usdc(struct sql_batch *batch, const struct u256 *units)
{
	struct copy_rows *rows = copied(batch);
	char text[USDC_TEXT_SIZE];

	if (rows)
		copy_usdc(rows, units);
	else
		put_plain(batch, usdc_format(text, units));
}

void sql_put_uuid(struct sql_batch *batch, const struct uuid *id)
{
	struct copy_rows *rows = copied(batch);
	char text[UUID_TEXT_SIZE];

	if (uuid_is_nil(id))
		sql_put_null(batch);
	else if (rows)
		copy_uuid(rows, id);
	else
		put_plain(batch, uuid_format(text, id));
}

void sql_put_bytes(struct sql_batch *batch, const void *data, size_t len)
{
	struct copy_rows *rows = copied(batch);
	struct buf *param;
	bool in_array;

	if (rows) {
		copy_bytes(rows, data, len);
		return;
	}
	param = next_value(batch, &in_array);
	if (!param)
		return;
	buf_puts(param, in_array ? "\"\\\\x" : "\\x");
	buf_hex(param, data, len);
	if (in_array)
		buf_putc(param, '"');
}

void sql_put_hash(struct sql_batch *batch, const struct hash *h)
{
	sql_put_bytes(batch, h->b, sizeof(h->b));
}

void sql_put_address(struct sql_batch *batch, const struct address *a)
{
	sql_put_bytes(batch, a->b, sizeof(a->b));
}

void sql_put_hash_text(struct sql_batch *batch, const struct hash *h)
{
	char text[HASH_TEXT_SIZE];

	put_plain(batch, hash_format(text, h));
}

void sql_put_address_text(struct sql_batch *batch, const struct address *a)
{
	char text[ADDRESS_TEXT_SIZE];

	put_plain(batch, address_format(text, a));
}

void sql_put_place(struct sql_batch *batch, const struct place *at)
{
	sql_put_u64(batch, at->block_number);
	sql_put_hash(batch, &at->block_hash);
	sql_put_i64(batch, at->block_time);
	sql_put_u64(batch, at->tx_index);
	sql_put_u64(batch, at->log_index);
	sql_put_hash(batch, &at->tx_hash);
}

void sql_put_topics(struct sql_batch *batch, const struct hash *topics,
		    size_t n)
{
	sql_put_bytes(batch, topics, n * sizeof(*topics));
}

/* Closes the arrays and gathers a statement's parameters. */
static enum err finish(struct sql_statement *s, const char **values)
{
	if (s->column != 0)
		return ERR_BUG;
	for (size_t i = 0; i < s->n_params; i++) {
		struct buf *param = &s->params[i];

		if (s->array[i])
			buf_putc(param, '}');
		if (param->err)
			return param->err;
		values[i] = s->null[i] ? NULL : param->data;
	}
	return OK;
}

/* All statements of the batch from *s on; their parameters into values. */
static enum err gather(struct sql_batch *batch, struct pg_statement *s,
		       const char **values)
{
	enum err err = batch->err;

	for (size_t i = 0; i < batch->n && !err; i++, s++) {
		err = finish(&batch->items[i], values);
		s->sql = batch->items[i].text;
		s->n_params = (int)batch->items[i].n_params;
		s->params = values;
		values += batch->items[i].n_params;
	}
	return err;
}

enum err sql_send_between(struct sql_batch *batch, const char *first,
			  const char *last, struct pg *pg, unsigned timeout_ms,
			  pg_results_cb cb, void *arg)
{
	size_t n = 0;
	struct pg_statement *statements =
	    calloc(batch->n + 2, sizeof(*statements));
	const char **values =
	    calloc(batch->n * SQL_PARAMS_MAX + 1, sizeof(*values));
	enum err err = ERR_NOMEM;

	if (statements && values) {
		if (first)
			statements[n++].sql = first;
		err = gather(batch, statements + n, values);
		n += batch->n;
		if (last)
			statements[n++].sql = last;
	}
	if (!err)
		err = pg_round_trip(pg, statements, n, timeout_ms, cb, arg);
	free(values);
	free(statements);
	sql_reset(batch);
	return err;
}

static enum err send_copy(struct sql_batch *batch, struct pg *pg,
			  unsigned timeout_ms, pg_results_cb cb, void *arg)
{
	struct sql_statement *s = &batch->items[0];
	enum err err = batch->err ? batch->err : copy_end(&s->rows);

	buf_free(&batch->copied);
	batch->copied = s->rows.data;
	buf_init(&s->rows.data, 0);
	if (!err)
		err = pg_copy(pg, s->text, batch->copied.data,
			      batch->copied.len, timeout_ms, cb, arg);
	sql_reset(batch);
	return err;
}

enum err sql_send(struct sql_batch *batch, struct pg *pg, unsigned timeout_ms,
		  pg_results_cb cb, void *arg)
{
	if (batch->n > 0 && batch->items[0].is_copy)
		return send_copy(batch, pg, timeout_ms, cb, arg);
	return sql_send_between(batch, NULL, NULL, pg, timeout_ms, cb, arg);
}
