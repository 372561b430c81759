#include "tests/node/synth.h"

#include <stdlib.h>
#include <string.h>

#include "chain/trie.h"
#include "common/keccak.h"
#include "tests/node/dice.h"
#include "tests/node/must.h"
#include "tests/node/synth_impl.h"

#define SCRATCH_CAP ((size_t)4 << 30)
#define KEPT_CAP ((size_t)64 << 30)
#define SHUFFLE UINT64_C(0x5faff1e)

/* EIP-7685: the SHA-256 of no requests at all. */
static const char no_requests[] =
    "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct synth_rules synth_rules_of(uint64_t seed)
{
	return (struct synth_rules){
	    .seed = seed,
	    .chain_id = 31337,
	    .ours = 32,
	    .strangers = 32,
	    .first_time = 1700000000,
	    .block_time = 12,
	    .header_fields = HEADER_REQUESTS_HASH,
	    .density = {.empty = 100,
			.busy = 700,
			.transfers = 4,
			.batch = 2,
			.ours = 500,
			.noise = 3,
			.failed = 100,
			.streams = 400},
	};
}

void *synth_grow(void *list, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return list;
	*room = *room ? *room + *room / 2 : 64;
	list = realloc(list, *room * size);
	must(list);
	return list;
}

static bool density_eq(const struct density *a, const struct density *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static uint32_t density_index(struct synth *s, const struct density *density)
{
	must(density->batch > 0);
	for (size_t i = s->n_densities; i > 0; i--)
		if (density_eq(&s->densities[i - 1], density))
			return (uint32_t)(i - 1);
	s->densities = synth_grow(s->densities, s->n_densities,
				  &s->density_room, sizeof(*s->densities));
	s->densities[s->n_densities] = *density;
	return (uint32_t)s->n_densities++;
}

const struct cast *synth_cast(const struct synth *synth)
{
	return synth->cast;
}

const struct synth_rules *synth_rules_in(const struct synth *synth)
{
	return &synth->rules;
}

const struct synth_block *synth_block(const struct synth *synth,
				      synth_index index)
{
	must(index < synth->n);
	return &synth->blocks[index];
}

synth_index synth_count(const struct synth *synth)
{
	return synth->n;
}

synth_index synth_head(const struct synth *synth)
{
	return synth->chain[synth->length - 1];
}

bool synth_at(const struct synth *s, synth_index tip, uint64_t number,
	      synth_index *out)
{
	while (s->blocks[tip].number > number) {
		uint64_t at = s->blocks[tip].number;

		if (at < s->length && s->chain[at] == tip) {
			*out = s->chain[number];
			return true;
		}
		tip = s->blocks[tip].parent;
	}
	*out = tip;
	return s->blocks[tip].number == number;
}

bool synth_other(const struct synth *s, uint64_t number, synth_index *out)
{
	for (synth_index i = s->n; i-- > 0;) {
		if (s->blocks[i].number != number ||
		    (number < s->length && s->chain[number] == i))
			continue;
		*out = i;
		return true;
	}
	return false;
}

/* Open addressing; entries are 1 + the index, 0 is free. */
static size_t slot_of(const struct synth *s, const struct hash *hash)
{
	uint64_t place;

	memcpy(&place, hash->b, sizeof(place));
	place &= s->by_hash_size - 1;
	while (s->by_hash[place] &&
	       !hash_eq(&s->blocks[s->by_hash[place] - 1].hash, hash))
		place = (place + 1) & (s->by_hash_size - 1);
	return place;
}

static void remember(struct synth *s, synth_index index)
{
	if (2 * (size_t)s->n > s->by_hash_size) {
		free(s->by_hash);
		s->by_hash_size = s->by_hash_size ? 4 * s->by_hash_size : 1024;
		s->by_hash = calloc(s->by_hash_size, sizeof(*s->by_hash));
		must(s->by_hash);
		for (synth_index i = 0; i < index; i++)
			s->by_hash[slot_of(s, &s->blocks[i].hash)] = i + 1;
	}
	s->by_hash[slot_of(s, &s->blocks[index].hash)] = index + 1;
}

bool synth_by_hash(const struct synth *s, const struct hash *hash,
		   synth_index *out)
{
	uint32_t found = s->by_hash[slot_of(s, hash)];

	if (!found)
		return false;
	*out = found - 1;
	return true;
}

static size_t steps_of(struct content_step steps[CONTENT_MEMORY + 1],
		       const struct synth *s, synth_index index)
{
	size_t n = 0;

	for (;;) {
		const struct synth_block *b = &s->blocks[index];

		steps[n++] =
		    (struct content_step){b->branch, &s->densities[b->density]};
		if (b->number == 0 || n == CONTENT_MEMORY + 1)
			return n;
		index = b->parent;
	}
}

static void shuffle(struct content_items *items, struct dice dice)
{
	for (size_t i = items->n; i > 1; i--) {
		size_t j = dice_below(&dice, i);
		struct content_item item = items->list[j];

		items->list[j] = items->list[i - 1];
		items->list[i - 1] = item;
	}
}

static void items_of(struct content_items *out, const struct synth *s,
		     synth_index index, struct arena *arena)
{
	const struct synth_block *b = &s->blocks[index];
	struct content_step steps[CONTENT_MEMORY + 1];
	size_t n = steps_of(steps, s, index);

	content_items(out, arena, s->cast, steps, n, b->number);
	for (uint32_t i = 0; i < b->n_carried; i++) {
		out->list = arena_grow(arena, out->list, out->n, &out->room,
				       sizeof(*out->list));
		must(out->list);
		out->list[out->n++] = s->carried[b->carried + i];
	}
	shuffle(out, dice_of(s->rules.seed, b->branch, b->number, SHUFFLE));
}

static void make_body(struct synth_body *out, const struct synth *s,
		      synth_index index, struct arena *arena)
{
	struct content_items items = {0};
	uint64_t gas = 0;
	struct buf text;

	items_of(&items, s, index, arena);
	*out = (struct synth_body){.items = items.list};
	out->transactions.n = out->receipts.n = items.n;
	out->transactions.list =
	    ARENA_ARRAY(arena, struct transaction, items.n);
	out->receipts.list = ARENA_ARRAY(arena, struct receipt, items.n);
	out->hashes = ARENA_ARRAY(arena, struct hash, items.n);
	out->senders = ARENA_ARRAY(arena, const struct address *, items.n);
	must(out->transactions.list && out->receipts.list && out->hashes &&
	     out->senders);
	buf_init(&text, 1u << 20);
	for (size_t i = 0; i < items.n; i++) {
		content_make(&out->transactions.list[i], &out->receipts.list[i],
			     s->cast, &items.list[i], arena);
		gas += content_gas(&items.list[i]);
		out->receipts.list[i].cumulative_gas = gas;
		buf_reset(&text);
		transaction_encode(&text, &out->transactions.list[i]);
		must(text.err == OK);
		out->hashes[i] = keccak256(text.data, text.len);
		out->senders[i] =
		    &s->cast->accounts[content_account(s->cast, &items.list[i])]
			 .address;
	}
	buf_free(&text);
}

void synth_body(struct synth_body *out, const struct synth *s,
		synth_index index, struct arena *arena)
{
	if (s->rules.keep)
		*out = s->bodies[index];
	else
		make_body(out, s, index, arena);
}

/* The first time that it is made. */
static void first_body(struct synth_body *out, struct synth *s,
		       synth_index index)
{
	arena_reset(s->scratch);
	make_body(out, s, index, s->rules.keep ? s->kept : s->scratch);
	if (!s->rules.keep)
		return;
	s->bodies =
	    synth_grow(s->bodies, index, &s->bodies_room, sizeof(*s->bodies));
	s->bodies[index] = *out;
}

void synth_header(struct header *out, const struct synth *s, synth_index index)
{
	const struct synth_block *b = &s->blocks[index];

	*out = (struct header){
	    .hash = b->hash,
	    .number = b->number,
	    .timestamp = b->timestamp,
	    .gas_limit = UINT64_C(1) << 50,
	    .gas_used = b->gas_used,
	    .transactions_root = b->transactions_root,
	    .receipts_root = b->receipts_root,
	    .logs_bloom = b->bloom,
	    .extra_data = {(const uint8_t *)"synthetic", 9},
	    .n_fields = s->rules.header_fields,
	    .base_fee = u256_from_u64(7),
	    .withdrawals_root = trie_empty_root,
	};
	if (b->number > 0)
		out->parent_hash = s->blocks[b->parent].hash;
	/* keccak256(RLP([])): no ommers (EIP-3675). */
	must(hash_parse(&out->ommers_hash,
			"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a"
			"142fd40d49347") == OK);
	must(hash_parse(&out->requests_hash, no_requests) == OK);
	memcpy(out->mix_hash.b, &b->branch, sizeof(b->branch));
}

/* Makes the block once to learn its roots. */
static void seal(struct synth *s, synth_index index)
{
	struct synth_block *b = &s->blocks[index];
	struct synth_body body;
	struct header header;

	first_body(&body, s, index);
	must(transactions_root(&b->transactions_root, &body.transactions,
			       s->scratch) == OK);
	must(receipts_root(&b->receipts_root, &body.receipts, s->scratch) ==
	     OK);
	for (size_t i = 0; i < body.receipts.n; i++) {
		bloom_merge(&b->bloom, &body.receipts.list[i].bloom);
		b->n_logs += (uint32_t)body.receipts.list[i].n_logs;
		b->gas_used = body.receipts.list[i].cumulative_gas;
	}
	b->n_txs = (uint32_t)body.receipts.n;
	synth_header(&header, s, index);
	must(header_hash(&b->hash, &header) == OK);
	arena_reset(s->scratch);
}

static void mine_one(struct synth *s, uint32_t density)
{
	synth_index index = s->n;
	struct synth_block *b;

	s->blocks = synth_grow(s->blocks, s->n, &s->room, sizeof(*s->blocks));
	s->chain =
	    synth_grow(s->chain, s->length, &s->chain_room, sizeof(*s->chain));
	b = &s->blocks[index];
	*b = (struct synth_block){
	    .number = s->length,
	    .branch = s->branch,
	    .parent = s->length ? s->chain[s->length - 1] : 0,
	    .density = density,
	    .carried = (uint32_t)s->n_carried,
	    .timestamp = s->rules.first_time + s->length * s->rules.block_time +
			 s->branch % s->rules.block_time,
	};
	synth_carry_due(s, b);
	s->chain[s->length++] = index;
	s->n++;
	seal(s, index);
	remember(s, index);
}

void synth_mine(struct synth *s, uint64_t n, const struct density *density)
{
	uint32_t index =
	    density_index(s, density ? density : &s->rules.density);

	while (n-- > 0)
		mine_one(s, index);
}

struct synth *synth_new(const struct synth_rules *rules)
{
	struct synth *s = calloc(1, sizeof(*s));

	must(s);
	s->rules = *rules;
	s->cast = cast_new(rules->seed, rules->chain_id, rules->ours,
			   rules->strangers);
	s->scratch = arena_new(SCRATCH_CAP);
	s->kept = arena_new(KEPT_CAP);
	must(s->scratch && s->kept && rules->block_time > 0);
	synth_mine(s, 1, NULL);
	return s;
}

void synth_free(struct synth *s)
{
	cast_free(s->cast);
	arena_free(s->scratch);
	arena_free(s->kept);
	free(s->bodies);
	free(s->blocks);
	free(s->chain);
	free(s->by_hash);
	free(s->densities);
	free(s->carried);
	free(s->waiting);
	free(s->by_tx);
	free(s);
}

void synth_finalize(struct synth *s, uint64_t number)
{
	s->has_final = true;
	s->final = number < s->length ? number : s->length - 1;
}

bool synth_final(const struct synth *s, uint64_t *number)
{
	*number = s->final;
	return s->has_final;
}
