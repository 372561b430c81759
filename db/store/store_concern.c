#include <stdlib.h>
#include <string.h>

#include "db/store/store_impl.h"

void concern_add_object(struct concern *c, struct arena *arena,
			const struct address *contract, const struct u256 *id)
{
	struct object_ref *list = arena_grow(arena, c->objects, c->n_objects,
					     &c->room_objects, sizeof(*list));

	if (!list) {
		c->failed = true;
		return;
	}
	c->objects = list;
	list[c->n_objects++] = (struct object_ref){*contract, *id};
}

void concern_add_tx(struct concern *c, struct arena *arena,
		    const struct hash *tx)
{
	struct hash *list =
	    arena_grow(arena, c->txs, c->n_txs, &c->room_txs, sizeof(*list));

	if (!list) {
		c->failed = true;
		return;
	}
	c->txs = list;
	list[c->n_txs++] = *tx;
}

void concern_add_wallet(struct concern *c, struct arena *arena,
			const struct address *wallet)
{
	struct address *list = arena_grow(arena, c->wallets, c->n_wallets,
					  &c->room_wallets, sizeof(*list));

	if (!list) {
		c->failed = true;
		return;
	}
	c->wallets = list;
	list[c->n_wallets++] = *wallet;
}

static void add_word(struct concern *c, struct arena *arena,
		     const uint8_t *word)
{
	static const uint8_t zeros[12];
	struct address wallet;

	if (memcmp(word, zeros, sizeof(zeros)) != 0)
		return;
	memcpy(wallet.b, word + sizeof(zeros), sizeof(wallet.b));
	concern_add_wallet(c, arena, &wallet);
}

void concern_add_topics(struct concern *c, struct arena *arena,
			const struct hash *topics, size_t n)
{
	for (size_t i = 1; i < n; i++)
		add_word(c, arena, topics[i].b);
}

void concern_add_data(struct concern *c, struct arena *arena, struct bytes data)
{
	const size_t word = sizeof(struct hash);

	for (size_t at = 0; data.len - at >= word; at += word)
		add_word(c, arena, data.data + at);
}

static int ref_cmp(const void *a, const void *b)
{
	return object_cmp(a, b);
}

static int tx_cmp(const void *a, const void *b)
{
	return hash_cmp(a, b);
}

static int wallet_cmp(const void *a, const void *b)
{
	return address_cmp(a, b);
}

/* Sorts n items and drops all but one of equals; how many are left. */
static size_t unique(void *items, size_t n, size_t size,
		     int (*cmp)(const void *a, const void *b))
{
	char *list = items;
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(items, n, size, cmp);
	for (size_t i = 1; i < n; i++)
		if (cmp(list + kept * size, list + i * size) != 0)
			memmove(list + ++kept * size, list + i * size, size);
	return kept + 1;
}

void concern_settle(struct concern *c)
{
	c->n_objects =
	    unique(c->objects, c->n_objects, sizeof(*c->objects), ref_cmp);
	c->n_txs = unique(c->txs, c->n_txs, sizeof(*c->txs), tx_cmp);
	c->n_wallets =
	    unique(c->wallets, c->n_wallets, sizeof(*c->wallets), wallet_cmp);
}

bool concern_has_tx(const struct concern *c, const struct hash *tx)
{
	return c->n_txs > 0 &&
	       bsearch(tx, c->txs, c->n_txs, sizeof(*c->txs), tx_cmp) != NULL;
}

void concern_put_objects(const struct concern *c, struct sql_batch *sql)
{
	sql_columns(sql, 2);
	for (size_t i = 0; i < c->n_objects; i++) {
		sql_put_address(sql, &c->objects[i].contract);
		sql_put_u256(sql, &c->objects[i].id);
	}
}

void concern_put_txs(const struct concern *c, struct sql_batch *sql)
{
	sql_columns(sql, 1);
	for (size_t i = 0; i < c->n_txs; i++)
		sql_put_hash(sql, &c->txs[i]);
}

void concern_put_wallets(const struct concern *c, struct sql_batch *sql)
{
	sql_columns(sql, 1);
	for (size_t i = 0; i < c->n_wallets; i++)
		sql_put_address(sql, &c->wallets[i]);
}
