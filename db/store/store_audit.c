#include "db/store/audit.h"

#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void put_addresses(struct sql_batch *sql, const struct address *list,
			  size_t n)
{
	sql_columns(sql, 1);
	for (size_t i = 0; i < n; i++)
		sql_put_address(sql, &list[i]);
	sql_columns(sql, 0);
}

static void tell_block(struct store *store, const struct fault *fault)
{
	store->cb.audit_block(store->arg, fault->code, fault,
			      &store->audit.block);
}

static void on_block(struct store *store, PGresult *const *results)
{
	struct audit_block *block = &store->audit.block;
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	*block = (struct audit_block){.known = false};
	for (sql_rows(&rows, results[0]); sql_next(&rows);) {
		block->known = true;
		block->has_number = !sql_is_null(&rows);
		if (block->has_number)
			block->number = sql_u64(&rows);
		block->has_hash = !sql_is_null(&rows);
		if (block->has_hash)
			block->hash = sql_hash(&rows);
		block->has_tip = !sql_is_null(&rows);
		if (block->has_tip)
			block->tip = sql_u64(&rows);
		block->is_final = sql_bool(&rows);
		block->wallets = sql_u64(&rows);
		block->objects = sql_u64(&rows);
		block->now = sql_text(&rows);
	}
	err = sql_end(&rows, "the block to audit", &fault);
	store_end(store, err, &fault);
}

enum err store_audit_block(struct store *store, const uint64_t *number,
			   const struct address *contracts, size_t n_contracts,
			   store_audit_block_cb cb, void *arg)
{
	enum err err = store_start(store, tell_block, NULL, arg);

	if (err)
		return err;
	store->cb.audit_block = cb;
	store_add(store, queries_audit_block);
	if (number)
		sql_put_u64(&store->sql, *number);
	else
		sql_put_null(&store->sql);
	put_addresses(&store->sql, contracts, n_contracts);
	return store_send_first(store, on_block);
}

static void tell_accounts(struct store *store, const struct fault *fault)
{
	store->cb.audit_accounts(store->arg, fault->code, fault,
				 store->audit.accounts, store->audit.n);
}

static void read_account(struct audit_account *a, struct sql_rows *rows)
{
	a->account = sql_address(rows);
	a->covered = !sql_is_null(rows);
	if (a->covered)
		a->first = sql_u64(rows);
	a->has_opening = !sql_is_null(rows);
	if (a->has_opening)
		a->opening_block = sql_u64(rows);
	if (!sql_is_null(rows))
		a->opening = sql_u256(rows);
}

static void on_accounts(struct store *store, PGresult *const *results)
{
	struct audit_account *list = ARENA_ARRAY(
	    store->arena, struct audit_account, sql_count(results[0]) + 1);
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	size_t n = 0;
	enum err err;

	if (!list) {
		store_end(store, ERR_NOMEM, NULL);
		return;
	}
	for (sql_rows(&rows, results[0]); sql_next(&rows);)
		read_account(&list[n++], &rows);
	store->audit.accounts = list;
	store->audit.n = n;
	err = sql_end(&rows, "accounts to audit", &fault);
	store_end(store, err, &fault);
}

enum err store_audit_wallets(struct store *store, struct arena *arena,
			     const struct address *contracts,
			     size_t n_contracts, uint64_t number,
			     const struct address *after, size_t most,
			     store_audit_accounts_cb cb, void *arg)
{
	enum err err = store_start(store, tell_accounts, arena, arg);

	if (err)
		return err;
	store->cb.audit_accounts = cb;
	store_add(store, queries_audit_wallets);
	sql_put_address(&store->sql, &contracts[0]);
	sql_put_u64(&store->sql, number);
	put_addresses(&store->sql, contracts, n_contracts);
	if (after)
		sql_put_address(&store->sql, after);
	else
		sql_put_null(&store->sql);
	sql_put_u64(&store->sql, most);
	return store_send_first(store, on_accounts);
}

enum err store_audit_contracts(struct store *store, struct arena *arena,
			       const struct address *contracts,
			       size_t n_contracts, uint64_t number,
			       store_audit_accounts_cb cb, void *arg)
{
	enum err err = store_start(store, tell_accounts, arena, arg);

	if (err)
		return err;
	store->cb.audit_accounts = cb;
	store_add(store, queries_audit_contracts);
	sql_put_address(&store->sql, &contracts[0]);
	sql_put_u64(&store->sql, number);
	put_addresses(&store->sql, contracts + 1, n_contracts - 1);
	return store_send_first(store, on_accounts);
}

static void tell_unlike(struct store *store, const struct fault *fault)
{
	store->cb.audit_unlike(store->arg, fault->code, fault,
			       store->audit.unlike, store->audit.n);
}

static void on_differences(struct store *store, PGresult *const *results)
{
	struct audit_unlike *list = ARENA_ARRAY(
	    store->arena, struct audit_unlike, sql_count(results[0]) + 1);
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	size_t n = 0;
	enum err err;

	if (!list) {
		store_end(store, ERR_NOMEM, NULL);
		return;
	}
	for (sql_rows(&rows, results[0]); sql_next(&rows); n++) {
		list[n].account = sql_address(&rows);
		list[n].expected = arena_strdup(store->arena, sql_text(&rows));
		list[n].found = arena_strdup(store->arena, sql_text(&rows));
		list[n].difference =
		    arena_strdup(store->arena, sql_text(&rows));
		list[n].more = sql_bool(&rows);
		if (!list[n].expected || !list[n].found || !list[n].difference)
			rows.err = ERR_NOMEM;
	}
	store->audit.unlike = list;
	store->audit.n = n;
	err = sql_end(&rows, "balances that differ", &fault);
	store_end(store, err, &fault);
}

enum err store_audit_differences(struct store *store, struct arena *arena,
				 uint64_t number, unsigned decimals,
				 const struct audit_balance *balances, size_t n,
				 store_audit_unlike_cb cb, void *arg)
{
	enum err err = store_start(store, tell_unlike, arena, arg);

	if (err)
		return err;
	store->cb.audit_unlike = cb;
	store_add(store, queries_audit_differences);
	sql_put_u64(&store->sql, number);
	sql_put_u64(&store->sql, decimals);
	sql_columns(&store->sql, 4);
	for (size_t i = 0; i < n; i++) {
		sql_put_address(&store->sql, &balances[i].account);
		sql_put_u64(&store->sql, balances[i].opened);
		sql_put_u256(&store->sql, &balances[i].opening);
		sql_put_u256(&store->sql, &balances[i].closing);
	}
	return store_send_first(store, on_differences);
}

enum err store_audit_openings(struct store *store, uint64_t number,
			      const struct audit_balance *balances, size_t n,
			      store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	store_add(store, queries_audit_openings);
	sql_put_u64(&store->sql, number);
	sql_columns(&store->sql, 2);
	for (size_t i = 0; i < n; i++) {
		sql_put_address(&store->sql, &balances[i].account);
		sql_put_u256(&store->sql, &balances[i].closing);
	}
	return store_send_first(store, store_finished);
}

static void tell_objects(struct store *store, const struct fault *fault)
{
	store->cb.audit_objects(store->arg, fault->code, fault,
				store->audit.objects, store->audit.n);
}

static void read_object(struct audit_object *o, struct store *store,
			struct sql_rows *rows)
{
	size_t wallets = store->audit.kind == AUDIT_STREAMS ? 2 : 1;
	size_t amounts = store->audit.kind == AUDIT_STREAMS ? 3 : 5;

	o->id = sql_u256(rows);
	o->is_newer = sql_bool(rows);
	o->has_no_facts = sql_bool(rows);
	o->status = arena_strdup(store->arena, sql_text(rows));
	if (!o->status)
		rows->err = ERR_NOMEM;
	for (size_t i = 0; i < wallets; i++)
		o->wallets[i] = sql_address_text(rows);
	for (size_t i = 0; i < amounts; i++)
		o->amounts[i] = sql_usdc(rows);
}

static void on_objects(struct store *store, PGresult *const *results)
{
	struct audit_object *list = ARENA_ARRAY(
	    store->arena, struct audit_object, sql_count(results[0]) + 1);
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	size_t n = 0;
	enum err err;

	if (!list) {
		store_end(store, ERR_NOMEM, NULL);
		return;
	}
	for (sql_rows(&rows, results[0]); sql_next(&rows);)
		read_object(&list[n++], store, &rows);
	store->audit.objects = list;
	store->audit.n = n;
	err = sql_end(&rows, "streams or loans to audit", &fault);
	store_end(store, err, &fault);
}

enum err store_audit_objects(struct store *store, struct arena *arena,
			     enum audit_kind kind,
			     const struct address *contract, uint64_t number,
			     const struct u256 *after, size_t most,
			     store_audit_objects_cb cb, void *arg)
{
	enum err err = store_start(store, tell_objects, arena, arg);

	if (err)
		return err;
	store->cb.audit_objects = cb;
	store->audit.kind = kind;
	store_add(store, kind == AUDIT_STREAMS ? queries_audit_streams
					       : queries_audit_loans);
	sql_put_address(&store->sql, contract);
	sql_put_u64(&store->sql, number);
	if (after)
		sql_put_u256(&store->sql, after);
	else
		sql_put_null(&store->sql);
	sql_put_u64(&store->sql, most);
	return store_send_first(store, on_objects);
}

static void tell_events(struct store *store, const struct fault *fault)
{
	store->cb.audit_events(store->arg, fault->code, fault,
			       store->loaded->events, store->loaded->n_events);
}

static void on_events(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err =
	    store_read_events(store->loaded, store->arena, results[0], &fault);

	store_end(store, err, &fault);
}

enum err store_audit_events(struct store *store, struct arena *arena,
			    const struct address *contract, uint64_t number,
			    const struct u256 *ids, size_t n,
			    store_audit_events_cb cb, void *arg)
{
	enum err err = store_start(store, tell_events, arena, arg);

	if (err)
		return err;
	store->cb.audit_events = cb;
	store->loaded = ARENA_NEW(arena, struct loaded);
	if (!store->loaded) {
		store->tell = NULL;
		return ERR_NOMEM;
	}
	store_add(store, queries_audit_events);
	sql_put_address(&store->sql, contract);
	sql_put_u64(&store->sql, number);
	sql_columns(&store->sql, 1);
	for (size_t i = 0; i < n; i++)
		sql_put_u256(&store->sql, &ids[i]);
	return store_send_first(store, on_events);
}

static void tell_last(struct store *store, const struct fault *fault)
{
	store->cb.audit_last(store->arg, fault->code, fault,
			     &store->audit.last);
}

static void on_last(struct store *store, PGresult *const *results)
{
	struct audit_last *last = &store->audit.last;
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	*last = (struct audit_last){.found = false};
	for (sql_rows(&rows, results[0]); sql_next(&rows);) {
		last->found = true;
		last->number = sql_u64(&rows);
		last->differences = sql_u64(&rows);
		last->wallets = sql_u64(&rows);
		last->age_ms = sql_u64(&rows);
		last->finished = sql_i64(&rows);
	}
	err = sql_end(&rows, "chain.audits", &fault);
	store_end(store, err, &fault);
}

enum err store_audit_last(struct store *store, store_audit_last_cb cb,
			  void *arg)
{
	enum err err = store_start(store, tell_last, NULL, arg);

	if (err)
		return err;
	store->cb.audit_last = cb;
	store_add(store, queries_audit_last);
	return store_send_first(store, on_last);
}

static void on_added(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = OK;

	if (sql_count(results[0]) == 0)
		err = fault_set(&fault, ERR_CONFLICT,
				"the audited block was rolled back meanwhile: "
				"run it again");
	store_end(store, err, &fault);
}

enum err store_audit_add(struct store *store, const struct audit_record *record,
			 store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	store_add(store, queries_audit_add);
	sql_put_u64(&store->sql, record->number);
	sql_put_hash(&store->sql, &record->hash);
	sql_put_u64(&store->sql, record->differences);
	sql_put_text(&store->sql, record->summary);
	sql_put_text(&store->sql, record->started);
	return store_send_first(store, on_added);
}
