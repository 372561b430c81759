#include "db/people/profile.h"

#include "embedded/queries.h"

void profile_ask(struct sql_batch *sql, const char *key, uint64_t newest)
{
	sql_add(sql, queries_people_workers);
	person_put_key(sql, key);
	sql_put_u64(sql, 1);
	sql_put_null(sql);
	sql_put_u64(sql, 0);
	sql_put_text(sql, "created");
	sql_add(sql, queries_profile_tasks);
	person_put_key(sql, key);
	sql_put_u64(sql, newest);
	sql_add(sql, queries_profile_transactions);
	person_put_key(sql, key);
	sql_put_u64(sql, newest);
}

/* A copy in the arena; NULL for NULL. */
static const char *kept(struct sql_rows *rows, struct arena *arena)
{
	const char *text;

	if (sql_is_null(rows))
		return NULL;
	text = arena_strdup(arena, sql_text(rows));
	if (!text)
		rows->err = ERR_NOMEM;
	return text;
}

static void read_task(struct profile_task *t, struct sql_rows *rows,
		      struct arena *arena)
{
	t->id = sql_uuid(rows);
	t->title = kept(rows, arena);
	if (!task_type_parse(&t->type, sql_text(rows)) ||
	    !task_status_parse(&t->status, sql_text(rows)))
		sql_bad(rows);
	t->payment = sql_usdc(rows);
	t->paid = sql_usdc(rows);
	t->created_at = kept(rows, arena);
	t->due_date = kept(rows, arena);
	t->completed_at = kept(rows, arena);
}

static void read_transaction(struct profile_transaction *t,
			     struct sql_rows *rows, struct arena *arena)
{
	t->id = sql_uuid(rows);
	if (!transaction_type_parse(&t->type, sql_text(rows)) ||
	    !transaction_status_parse(&t->status, sql_text(rows)))
		sql_bad(rows);
	t->amount = sql_usdc(rows);
	t->fee = sql_usdc(rows);
	t->from = sql_address_text(rows);
	t->to = sql_address_text(rows);
	t->has_tx_hash = !sql_is_null(rows);
	if (t->has_tx_hash)
		t->tx_hash = sql_hash_text(rows);
	t->has_block = !sql_is_null(rows);
	if (t->has_block)
		t->block_number = sql_u64(rows);
	t->created_at = kept(rows, arena);
	t->submitted_at = kept(rows, arena);
	t->confirmed_at = kept(rows, arena);
}

static enum err read_worker(struct person *out, struct arena *arena,
			    const char *key, const PGresult *result,
			    struct fault *fault)
{
	struct sql_rows rows;

	sql_rows(&rows, result);
	if (!sql_next(&rows))
		return fault_set(fault, ERR_MISSING,
				 "no worker has the id, email or wallet \"%s\"",
				 key);
	person_read(out, PERSON_WORKER, &rows, arena);
	(void)sql_next(&rows);
	return sql_end(&rows, "workers", fault);
}

static enum err read_tasks(struct profile *out, struct arena *arena,
			   const PGresult *result, struct fault *fault)
{
	struct profile_task *list =
	    ARENA_ARRAY(arena, struct profile_task, sql_count(result) + 1);
	struct sql_rows rows;

	if (!list)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	sql_rows(&rows, result);
	while (sql_next(&rows))
		read_task(&list[out->n_tasks++], &rows, arena);
	out->tasks = list;
	return sql_end(&rows, "tasks", fault);
}

static enum err read_transactions(struct profile *out, struct arena *arena,
				  const PGresult *result, struct fault *fault)
{
	struct profile_transaction *list = ARENA_ARRAY(
	    arena, struct profile_transaction, sql_count(result) + 1);
	struct sql_rows rows;

	if (!list)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	sql_rows(&rows, result);
	while (sql_next(&rows))
		read_transaction(&list[out->n_transactions++], &rows, arena);
	out->transactions = list;
	return sql_end(&rows, "transactions", fault);
}

enum err profile_read(struct profile *out, struct arena *arena, const char *key,
		      PGresult *const results[PROFILE_RESULTS],
		      struct fault *fault)
{
	struct profile p = {.n_tasks = 0};
	enum err err = read_worker(&p.worker, arena, key, results[0], fault);

	if (!err)
		err = read_tasks(&p, arena, results[1], fault);
	if (!err)
		err = read_transactions(&p, arena, results[2], fault);
	if (!err)
		*out = p;
	return err;
}
