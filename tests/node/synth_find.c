#include <stdlib.h>
#include <string.h>

#include "tests/node/must.h"
#include "tests/node/synth_impl.h"

/* Transactions by their hash: an index that is made when it is first asked
 * for. A hash can be in a block of each branch: an entry for each. */

static uint64_t key_of(const struct hash *hash)
{
	uint64_t key;

	memcpy(&key, hash->b, sizeof(key));
	return key ? key : 1;
}

static void put(struct synth *s, uint64_t key, synth_index block)
{
	size_t place = key & (s->by_tx_size - 1);

	while (s->by_tx[place].key)
		place = (place + 1) & (s->by_tx_size - 1);
	s->by_tx[place] = (struct synth_tx){key, block};
}

static void make_room(struct synth *s, size_t more)
{
	struct synth_tx *old = s->by_tx;
	size_t size = s->by_tx_size;

	if (2 * (s->n_tx + more) <= size)
		return;
	s->by_tx_size = size ? size : 1024;
	while (2 * (s->n_tx + more) > s->by_tx_size)
		s->by_tx_size *= 2;
	s->by_tx = calloc(s->by_tx_size, sizeof(*s->by_tx));
	must(s->by_tx);
	for (size_t i = 0; i < size; i++)
		if (old[i].key)
			put(s, old[i].key, old[i].block);
	free(old);
}

static void index_block(struct synth *s, synth_index block)
{
	struct synth_body body;

	arena_reset(s->scratch);
	synth_body(&body, s, block, s->scratch);
	make_room(s, body.receipts.n);
	for (size_t i = 0; i < body.receipts.n; i++)
		put(s, key_of(&body.hashes[i]), block);
	s->n_tx += body.receipts.n;
}

static bool is_in(struct synth *s, synth_index block, const struct hash *hash,
		  size_t *at)
{
	struct synth_body body;

	arena_reset(s->scratch);
	synth_body(&body, s, block, s->scratch);
	for (*at = 0; *at < body.receipts.n; ++*at)
		if (hash_eq(&body.hashes[*at], hash))
			return true;
	return false;
}

bool synth_transaction(struct synth *s, synth_index tip,
		       const struct hash *hash, synth_index *block, size_t *at)
{
	uint64_t key = key_of(hash);

	for (; s->txs_of < s->n; s->txs_of++)
		index_block(s, s->txs_of);
	if (s->by_tx_size == 0)
		return false;
	for (size_t place = key & (s->by_tx_size - 1); s->by_tx[place].key;
	     place = (place + 1) & (s->by_tx_size - 1)) {
		synth_index found = s->by_tx[place].block, standing;

		if (s->by_tx[place].key != key ||
		    !synth_at(s, tip, s->blocks[found].number, &standing) ||
		    standing != found || !is_in(s, found, hash, at))
			continue;
		*block = found;
		return true;
	}
	return false;
}
