#include <stdlib.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

/* Many new facts of blocks of which nothing is stored. They are copied, and what
 * the database knows of their transactions is nothing, but for what was intended
 * or lost its block. */

#define BULK_FACTS 256
/* Of what is in no block: more are looked up by the transactions' hashes. */
#define UNPLACED_MOST 1000

bool bulk_is_worth_it(const struct facts *facts)
{
	return facts->n_events + facts->n_transfers >= BULK_FACTS;
}

void bulk_add_ask(struct store *store)
{
	const struct facts *facts = store->facts;

	store->first = store_add(store, queries_is_fresh);
	sql_put_u64(&store->sql, facts->blocks[0].number);
	sql_put_u64(&store->sql, facts->blocks[facts->n_blocks - 1].number);
	store_add(store, queries_unplaced);
	sql_put_u64(&store->sql, UNPLACED_MOST + 1);
}

/* What is in no block: by its hash, or by who pays whom. */
struct unplaced {
	struct hash *hashes;
	struct pair {
		struct address from, to;
	} * pairs;
	size_t n_hashes, n_pairs;
};

static int hash_order(const void *a, const void *b)
{
	return hash_cmp(a, b);
}

static int pair_order(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int c = address_cmp(&x->from, &y->from);

	return c ? c : address_cmp(&x->to, &y->to);
}

static enum err read_unplaced(struct unplaced *out, struct arena *arena,
			      const PGresult *result, struct fault *fault)
{
	size_t n = sql_count(result);
	struct sql_rows rows;

	*out = (struct unplaced){
	    .hashes = ARENA_ARRAY(arena, struct hash, n),
	    .pairs = ARENA_ARRAY(arena, struct pair, n),
	};
	if (!out->hashes || !out->pairs)
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	for (sql_rows(&rows, result); sql_next(&rows);) {
		bool by_pair = sql_is_null(&rows);
		struct pair pair;

		if (!by_pair)
			out->hashes[out->n_hashes++] = sql_hash(&rows);
		pair.from = sql_address(&rows);
		pair.to = sql_address(&rows);
		if (by_pair)
			out->pairs[out->n_pairs++] = pair;
	}
	qsort(out->hashes, out->n_hashes, sizeof(*out->hashes), hash_order);
	qsort(out->pairs, out->n_pairs, sizeof(*out->pairs), pair_order);
	return sql_end(&rows, "transactions without a block", fault);
}

static bool may_be_unplaced(const struct unplaced *u,
			    const struct transfer_row *t)
{
	const struct pair pair = {t->from, t->to};

	return bsearch(&t->at.tx_hash, u->hashes, u->n_hashes,
		       sizeof(*u->hashes), hash_order) ||
	       bsearch(&pair, u->pairs, u->n_pairs, sizeof(pair), pair_order);
}

static void concern_fresh(struct store *store, const struct unplaced *unplaced)
{
	const struct facts *facts = store->facts;
	struct concern *c = &store->concern;

	concern_new_events(store, facts);
	for (size_t i = 0; i < facts->n_transfers; i++) {
		const struct transfer_row *t = &facts->transfers[i];
		bool may_be = may_be_unplaced(unplaced, t);

		if (may_be)
			concern_add_tx(c, store->arena, &t->at.tx_hash);
		if (!may_be && !t->is_ours)
			continue;
		concern_add_wallet(c, store->arena, &t->from);
		concern_add_wallet(c, store->arena, &t->to);
	}
}

enum err bulk_read_answer(struct store *store, PGresult *const *results,
			  struct fault *fault)
{
	const PGresult *unplaced = results[store->first + 1];
	struct unplaced list;
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[store->first]); sql_next(&rows);)
		store->is_fresh = sql_bool(&rows);
	err = sql_end(&rows, "whether blocks are fresh", fault);
	if (err || sql_count(unplaced) > UNPLACED_MOST)
		store->is_fresh = false;
	if (!store->is_fresh)
		return err;
	err = read_unplaced(&list, store->arena, unplaced, fault);
	if (!err)
		concern_fresh(store, &list);
	return err;
}

static int role_order(const void *a, const void *b)
{
	const struct transfer_row *x = a, *y = b;

	return place_cmp(&x->at, &y->at);
}

/* As reconciled: it says which of the roles are not the facts' own. */
static enum transfer_role role_of(const struct changes *changes,
				  const struct transfer_row *fact)
{
	const struct transfer_row *found =
	    changes && changes->n_roles
		? bsearch(fact, changes->roles, changes->n_roles, sizeof(*fact),
			  role_order)
		: NULL;

	return found ? found->role : fact->role;
}

/* Each puts the statements of a round trip; false: there is nothing to send. */

static bool copy_events(struct store *store)
{
	const struct facts *facts = store->commit->facts;

	if (facts->n_events == 0)
		return false;
	sql_add_copy(&store->sql, queries_copy_events, "llxliixxssnxxj");
	for (size_t i = 0; i < facts->n_events; i++) {
		sql_put_u64(&store->sql, store->chain_id);
		store_put_event(&store->sql, &facts->events[i]);
	}
	return true;
}

static bool copy_transfers(struct store *store)
{
	const struct facts *facts = store->commit->facts;

	if (facts->n_transfers == 0)
		return false;
	sql_add_copy(&store->sql, queries_copy_transfers, "llxliixxxnltxn");
	for (size_t i = 0; i < facts->n_transfers; i++) {
		const struct transfer_row *t = &facts->transfers[i];

		sql_put_u64(&store->sql, store->chain_id);
		store_put_transfer(&store->sql, t,
				   role_of(store->commit->changes, t));
	}
	return true;
}

/* All that is not copied: what goes or moves away makes room here. */
static bool write_changes(struct store *store)
{
	if (store->commit->changes)
		store_write_changes(store, store->commit->changes);
	return store->sql.n > 0;
}

static bool copy_transactions(struct store *store)
{
	const struct changes *c = store->commit->changes;
	bool any = false;

	for (size_t i = 0; c && i < c->n_transactions; i++) {
		if (!store_is_copied(store, c, i))
			continue;
		if (!any)
			sql_add_copy(&store->sql, queries_copy_transactions,
				     "luttttt" /* to_wallet */
				     "niuultilzz");
		any = true;
		sql_put_u64(&store->sql, store->chain_id);
		store_put_transaction(&store->sql, &c->transactions[i], false);
	}
	return any;
}

static bool copy_transitions(struct store *store)
{
	const struct changes *c = store->commit->changes;

	if (!c || c->n_transitions == 0)
		return false;
	sql_add_copy(&store->sql, queries_copy_transitions, "ltutttlz");
	for (size_t i = 0; i < c->n_transitions; i++) {
		sql_put_u64(&store->sql, store->chain_id);
		store_put_transition(&store->sql, c, &c->transitions[i]);
	}
	return true;
}

static bool (*const steps[])(struct store *store) = {
    copy_events,       copy_transfers,	 write_changes,
    copy_transactions, copy_transitions,
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static bool put_next(struct store *store)
{
	while (store->bulk_at < STEPS)
		if (steps[store->bulk_at++](store))
			return true;
	return false;
}

static void on_written(struct store *store, PGresult *const *results)
{
	(void)results;
	if (put_next(store))
		store_send(store, on_written);
	else
		store_commit_rest(store);
}

enum err bulk_write(struct store *store)
{
	store->bulk_at = 0;
	(void)put_next(store); /* the facts: there are many */
	return store_send_first(store, on_written);
}
