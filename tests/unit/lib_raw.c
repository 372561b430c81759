#include "tests/unit/lib_raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

size_t raw_items(struct rlp_item *items, size_t max, struct bytes payload)
{
	size_t n = 0;

	while (payload.len > 0) {
		assert_true(n < max);
		assert_int_equal(rlp_next(&items[n++], &payload), OK);
	}
	return n;
}

static void take(void *out, size_t len, const struct rlp_item *item)
{
	assert_false(item->is_list);
	assert_int_equal(item->payload.len, len);
	memcpy(out, item->payload.data, len);
}

static void take_u64(uint64_t *out, const struct rlp_item *item)
{
	assert_int_equal(rlp_u64(out, item), OK);
}

static void take_u256(struct u256 *out, const struct rlp_item *item)
{
	assert_int_equal(rlp_u256(out, item), OK);
}

static void raw_optional(struct header *out, const struct rlp_item *items,
			 size_t n)
{
	if (n > 15)
		take_u256(&out->base_fee, &items[15]);
	if (n > 16)
		take(&out->withdrawals_root, 32, &items[16]);
	if (n > 17)
		take_u64(&out->blob_gas_used, &items[17]);
	if (n > 18)
		take_u64(&out->excess_blob_gas, &items[18]);
	if (n > 19)
		take(&out->beacon_root, 32, &items[19]);
	if (n > 20)
		take(&out->requests_hash, 32, &items[20]);
	if (n > 21)
		take(&out->access_list_hash, 32, &items[21]);
	if (n > 22)
		take_u64(&out->slot_number, &items[22]);
}

void raw_header(struct header *out, struct bytes rlp)
{
	struct rlp_item items[HEADER_SLOT_NUMBER], list;
	size_t n;

	assert_int_equal(rlp_next(&list, &rlp), OK);
	n = raw_items(items, HEADER_SLOT_NUMBER, list.payload);
	assert_in_range(n, HEADER_FRONTIER, HEADER_SLOT_NUMBER);
	*out = (struct header){.n_fields = (unsigned)n};
	take(&out->parent_hash, 32, &items[0]);
	take(&out->ommers_hash, 32, &items[1]);
	take(&out->miner, 20, &items[2]);
	take(&out->state_root, 32, &items[3]);
	take(&out->transactions_root, 32, &items[4]);
	take(&out->receipts_root, 32, &items[5]);
	take(&out->logs_bloom, 256, &items[6]);
	take_u256(&out->difficulty, &items[7]);
	take_u64(&out->number, &items[8]);
	take_u64(&out->gas_limit, &items[9]);
	take_u64(&out->gas_used, &items[10]);
	take_u64(&out->timestamp, &items[11]);
	out->extra_data = items[12].payload;
	take(&out->mix_hash, 32, &items[13]);
	take(out->nonce, 8, &items[14]);
	raw_optional(out, items, n);
}

static struct hash *raw_hashes(size_t *n, const struct rlp_item *list,
			       struct arena *arena)
{
	struct rlp_item items[256];
	struct hash *hashes;

	*n = raw_items(items, 256, list->payload);
	hashes = ARENA_ARRAY(arena, struct hash, *n);
	assert_non_null(hashes);
	for (size_t i = 0; i < *n; i++)
		take(&hashes[i], 32, &items[i]);
	return hashes;
}

static void raw_access_list(struct transaction *out,
			    const struct rlp_item *list, struct arena *arena)
{
	struct rlp_item items[256], tuple[2];

	out->n_access = raw_items(items, 256, list->payload);
	out->access_list = ARENA_ARRAY(arena, struct access, out->n_access);
	assert_non_null(out->access_list);
	for (size_t i = 0; i < out->n_access; i++) {
		struct access *access = &out->access_list[i];

		assert_int_equal(raw_items(tuple, 2, items[i].payload), 2);
		take(&access->address, 20, &tuple[0]);
		access->keys = raw_hashes(&access->n_keys, &tuple[1], arena);
	}
}

static void raw_authorizations(struct transaction *out,
			       const struct rlp_item *list, struct arena *arena)
{
	struct rlp_item items[256], tuple[6];
	size_t n = raw_items(items, 256, list->payload);

	out->authorizations = ARENA_ARRAY(arena, struct authorization, n);
	assert_non_null(out->authorizations);
	for (size_t i = 0; i < n; i++) {
		struct authorization *a = &out->authorizations[i];

		assert_int_equal(raw_items(tuple, 6, items[i].payload), 6);
		take_u256(&a->chain_id, &tuple[0]);
		take(&a->address, 20, &tuple[1]);
		take_u64(&a->nonce, &tuple[2]);
		take_u64(&a->y_parity, &tuple[3]);
		take_u256(&a->r, &tuple[4]);
		take_u256(&a->s, &tuple[5]);
	}
	out->n_authorizations = n;
}

/* gas, to, value, input; returns the item behind them. */
static const struct rlp_item *raw_call(struct transaction *out,
				       const struct rlp_item *at)
{
	take_u64(&out->gas, at++);
	out->has_to = at->payload.len > 0;
	if (out->has_to)
		take(&out->to, 20, at);
	at++;
	take_u256(&out->value, at++);
	out->input = (at++)->payload;
	return at;
}

static const struct rlp_item *raw_typed(struct transaction *out,
					const struct rlp_item *at,
					struct arena *arena)
{
	take_u64(&out->chain_id, at++);
	take_u64(&out->nonce, at++);
	if (out->type == TRANSACTION_ACCESS_LIST) {
		take_u256(&out->gas_price, at++);
	} else {
		take_u256(&out->max_priority_fee, at++);
		take_u256(&out->max_fee, at++);
	}
	at = raw_call(out, at);
	raw_access_list(out, at++, arena);
	if (out->type == TRANSACTION_BLOB) {
		take_u256(&out->max_blob_fee, at++);
		out->blob_hashes = raw_hashes(&out->n_blob_hashes, at++, arena);
	}
	if (out->type == TRANSACTION_SET_CODE)
		raw_authorizations(out, at++, arena);
	return at;
}

void raw_transaction(struct transaction *out, const struct rlp_item *item,
		     struct arena *arena)
{
	struct rlp_item items[16], list = *item;
	struct bytes rest = item->payload;
	const struct rlp_item *at = items;
	size_t n;

	*out = (struct transaction){0};
	if (!item->is_list) {
		out->type = rest.data[0];
		rest.data++;
		rest.len--;
		assert_int_equal(rlp_next(&list, &rest), OK);
		assert_int_equal(rest.len, 0);
	}
	n = raw_items(items, 16, list.payload);
	if (out->type == TRANSACTION_LEGACY) {
		take_u64(&out->nonce, at++);
		take_u256(&out->gas_price, at++);
		at = raw_call(out, at);
	} else {
		at = raw_typed(out, at, arena);
	}
	take_u64(&out->v, at++);
	take_u256(&out->r, at++);
	take_u256(&out->s, at++);
	assert_int_equal(at - items, n);
}

static void raw_log(struct raw_log *out, struct bytes payload)
{
	struct rlp_item items[3], topics[4];

	assert_int_equal(raw_items(items, 3, payload), 3);
	take(&out->address, 20, &items[0]);
	out->n_topics = (uint8_t)raw_items(topics, 4, items[1].payload);
	for (size_t i = 0; i < out->n_topics; i++)
		take(&out->topics[i], 32, &topics[i]);
	assert_false(items[2].is_list);
	out->data = items[2].payload;
}

static void raw_logs(struct receipt *out, const struct rlp_item *list,
		     struct arena *arena)
{
	struct rlp_item items[256];

	assert_true(list->is_list);
	out->n_logs = raw_items(items, 256, list->payload);
	out->logs = ARENA_ARRAY(arena, struct raw_log, out->n_logs);
	assert_non_null(out->logs);
	for (size_t i = 0; i < out->n_logs; i++)
		raw_log(&out->logs[i], items[i].payload);
}

void raw_receipt(struct receipt *out, struct bytes rlp, struct arena *arena)
{
	struct rlp_item list, items[4];
	uint64_t status = 0;

	*out = (struct receipt){0};
	assert_true(rlp.len > 0);
	if (rlp.data[0] < 0xc0) {
		out->type = rlp.data[0];
		rlp.data++;
		rlp.len--;
	}
	assert_int_equal(rlp_next(&list, &rlp), OK);
	assert_int_equal(rlp.len, 0);
	assert_int_equal(raw_items(items, 4, list.payload), 4);
	out->has_root = items[0].payload.len == 32;
	if (out->has_root)
		take(&out->root, 32, &items[0]);
	else
		take_u64(&status, &items[0]);
	assert_in_range(status, 0, 1);
	out->status = status == 1;
	take_u64(&out->cumulative_gas, &items[1]);
	take(&out->bloom, 256, &items[2]);
	raw_logs(out, &items[3], arena);
}
