#include <stdio.h>
#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

/* An operator's words about reorgs too deep, and what helps to find them. */

static void tell_word(struct store *store, const struct fault *fault)
{
	bool told = fault->code == OK && store->found;

	store->cb.word(store->arg, fault->code, fault,
		       told ? &store->word : NULL);
}

static void read_standing(struct standing *out, struct sql_rows *rows)
{
	uint64_t *const counts[] = {&out->blocks, &out->events, &out->transfers,
				    &out->transactions, &out->confirmed};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*counts[i] = sql_is_null(rows) ? 0 : sql_u64(rows);
}

static void read_word(struct reorg_word *word, struct sql_rows *rows)
{
	word->id = sql_u64(rows);
	word->to = sql_u64(rows);
	word->hash = sql_hash(rows);
	(void)snprintf(word->actor, sizeof(word->actor), "%s", sql_text(rows));
	(void)snprintf(word->request_id, sizeof(word->request_id), "%s",
		       sql_text(rows));
	word->settled = !sql_is_null(rows);
	word->done = word->settled && strcmp(sql_text(rows), "done") == 0;
	(void)snprintf(word->reason, sizeof(word->reason), "%s",
		       sql_text(rows));
	read_standing(&word->undone, rows);
}

/* The last statement's row. */
static void on_word_of(struct store *store, const PGresult *result)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, result); sql_next(&rows);) {
		read_word(&store->word, &rows);
		store->found = true;
	}
	err = sql_end(&rows, "chain.reorgs", &fault);
	store_end(store, err, &fault);
}

static void on_open(struct store *store, PGresult *const *results)
{
	on_word_of(store, results[0]);
}

static void on_got(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err;

	if (sql_count(results[0]) > 0) {
		on_word_of(store, results[0]);
		return;
	}
	err = fault_set(&fault, ERR_MISSING, "there is no such word");
	store_end(store, err, &fault);
}

/* Behind the actor and the withdrawal. */
static void on_added(struct store *store, PGresult *const *results)
{
	on_word_of(store, results[2]);
}

static enum err start(struct store *store, store_tell tell, void *arg)
{
	enum err err = store_start(store, tell, NULL, arg);

	store->found = false;
	return err;
}

enum err store_reorg_add(struct store *store, uint64_t to,
			 const struct hash *hash, const struct actor *actor,
			 store_word_cb cb, void *arg)
{
	enum err err = start(store, tell_word, arg);

	if (err)
		return err;
	store->cb.word = cb;
	sql_add_actor(&store->sql, actor);
	store_add(store, queries_reorg_withdraw);
	store_add(store, queries_reorg_add);
	sql_put_u64(&store->sql, to);
	sql_put_hash(&store->sql, hash);
	sql_put_text(&store->sql, actor->id);
	sql_put_text(&store->sql, actor->request_id);
	return store_send_first(store, on_added);
}

enum err store_reorg_get(struct store *store, uint64_t id, store_word_cb cb,
			 void *arg)
{
	enum err err = start(store, tell_word, arg);

	if (err)
		return err;
	store->cb.word = cb;
	store_add(store, queries_reorg_get);
	sql_put_u64(&store->sql, id);
	return store_send_first(store, on_got);
}

enum err store_reorg_open(struct store *store, store_word_cb cb, void *arg)
{
	enum err err = start(store, tell_word, arg);

	if (err)
		return err;
	store->cb.word = cb;
	store_add(store, queries_reorg_open);
	return store_send_first(store, on_open);
}

enum err store_reorg_refuse(struct store *store, uint64_t id,
			    const char *reason, store_done_cb cb, void *arg)
{
	enum err err = start(store, store_tell_done, arg);

	if (err)
		return err;
	store->cb.done = cb;
	memset(&store->done, 0, sizeof(store->done));
	store_add(store, queries_reorg_refuse);
	sql_put_u64(&store->sql, id);
	sql_put_text(&store->sql, reason);
	return store_send_first(store, store_finished);
}

static void tell_look(struct store *store, const struct fault *fault)
{
	store->cb.look(store->arg, fault->code, fault,
		       fault->code == OK ? &store->look : NULL);
}

static void read_look(struct reorg_look *look, struct sql_rows *rows)
{
	look->has_hash = !sql_is_null(rows);
	if (look->has_hash)
		look->hash = sql_hash(rows);
	look->has_below = !sql_is_null(rows);
	if (look->has_below)
		look->below.number = sql_u64(rows);
	if (!sql_is_null(rows))
		look->below.hash = sql_hash(rows);
	look->has_tip = !sql_is_null(rows);
	if (look->has_tip)
		look->tip = sql_u64(rows);
	look->has_finalized = !sql_is_null(rows);
	if (look->has_finalized)
		look->finalized = sql_u64(rows);
	read_standing(&look->above, rows);
}

static void on_look(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[0]); sql_next(&rows);)
		read_look(&store->look, &rows);
	err = sql_end(&rows, "a block of ours", &fault);
	store_end(store, err, &fault);
}

enum err store_reorg_look(struct store *store, uint64_t block, store_look_cb cb,
			  void *arg)
{
	enum err err = start(store, tell_look, arg);

	if (err)
		return err;
	store->cb.look = cb;
	memset(&store->look, 0, sizeof(store->look));
	store_add(store, queries_reorg_look);
	sql_put_u64(&store->sql, block);
	return store_send_first(store, on_look);
}

static void tell_block(struct store *store, const struct fault *fault)
{
	bool told = fault->code == OK && store->found;

	store->cb.block(store->arg, fault->code, fault,
			told ? &store->block : NULL);
}

static void on_block(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[0]); sql_next(&rows);) {
		store->block = (struct block_row){.number = sql_u64(&rows)};
		store->block.hash = sql_hash(&rows);
		store->found = true;
	}
	err = sql_end(&rows, "chain.blocks", &fault);
	store_end(store, err, &fault);
}

enum err store_block_between(struct store *store, uint64_t above,
			     uint64_t below, store_block_cb cb, void *arg)
{
	enum err err = start(store, tell_block, arg);

	if (err)
		return err;
	store->cb.block = cb;
	store_add(store, queries_block_between);
	sql_put_u64(&store->sql, above);
	sql_put_u64(&store->sql, below);
	return store_send_first(store, on_block);
}
