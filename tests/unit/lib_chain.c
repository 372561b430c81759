#include "tests/unit/lib_chain.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "chain/trie.h"
#include "common/keccak.h"

#define ARENA_CAP (256u << 20)
#define GAS 50000
#define FIRST_TIME 1700000000u

static const char transfer[] = "Transfer(address,address,uint256)";

struct made_chain *made_new(void)
{
	struct arena *arena = arena_new(ARENA_CAP);
	struct made_chain *chain;

	assert_non_null(arena);
	chain = ARENA_NEW(arena, struct made_chain);
	assert_non_null(chain);
	chain->arena = arena;
	return chain;
}

void made_free(struct made_chain *chain)
{
	arena_free(chain->arena);
}

void made_cut(struct made_chain *chain, uint64_t number)
{
	assert_true(number < chain->n);
	chain->n = (size_t)number;
}

struct address made_holder(uint64_t n)
{
	const struct hash hash = keccak256(&n, sizeof(n));
	struct address address;

	memcpy(address.b, hash.b, sizeof(address.b));
	return address;
}

static struct hash topic_of(const struct address *address)
{
	struct hash topic = {{0}};

	memcpy(topic.b + 12, address->b, sizeof(address->b));
	return topic;
}

static void make_transfer(struct made_chain *chain, struct raw_log *log,
			  uint64_t block, size_t i)
{
	const struct address from = made_holder(block);
	const struct address to = made_holder(block + i + 1);
	const struct u256 amount = u256_from_u64(1000 * block + i);
	uint8_t word[32];

	u256_to_be(word, &amount);
	assert_int_equal(address_parse(&log->address, MADE_TOKEN), OK);
	log->n_topics = 3;
	log->topics[0] = keccak256(transfer, sizeof(transfer) - 1);
	log->topics[1] = topic_of(&from);
	log->topics[2] = topic_of(&to);
	log->data = arena_copy(chain->arena, word, sizeof(word));
	assert_non_null(log->data.data);
}

static void make_other(struct made_chain *chain, struct raw_log *log,
		       uint64_t block, size_t i)
{
	(void)chain;
	log->address = made_holder(1000000 + block);
	log->n_topics = 1;
	log->topics[0] = keccak256(&i, sizeof(i));
	log->data = (struct bytes){(const uint8_t *)"", 0};
}

static void make_transaction(struct transaction *tx, uint64_t block, size_t i,
			     unsigned fork)
{
	*tx = (struct transaction){
	    .nonce = 100 * block + i,
	    .gas_price = u256_from_u64(1000000000u + fork),
	    .gas = GAS,
	    .has_to = true,
	    .to = made_holder(i),
	    .input = {(const uint8_t *)"", 0},
	    .v = 27,
	    .r = u256_from_u64(0x123456789abcdef),
	    .s = u256_from_u64(0xfedcba987654321 + i),
	};
}

/* Each log in a transaction of its own; ours come last. */
static void make_body(struct made_chain *chain, struct made_block *block,
		      const struct made_plan *plan)
{
	size_t n = plan->transfers + plan->others;
	uint64_t number = block->header.number;

	block->transactions.n = block->receipts.n = n;
	block->transactions.list =
	    ARENA_ARRAY(chain->arena, struct transaction, n);
	block->receipts.list = ARENA_ARRAY(chain->arena, struct receipt, n);
	block->tx_hashes = ARENA_ARRAY(chain->arena, struct hash, n);
	assert_true(block->transactions.list && block->receipts.list &&
		    block->tx_hashes);
	for (size_t i = 0; i < n; i++) {
		struct receipt *receipt = &block->receipts.list[i];

		make_transaction(&block->transactions.list[i], number, i,
				 plan->fork);
		receipt->status = true;
		receipt->cumulative_gas = GAS * (i + 1);
		receipt->n_logs = 1;
		receipt->logs = ARENA_NEW(chain->arena, struct raw_log);
		assert_non_null(receipt->logs);
		if (i < plan->others)
			make_other(chain, receipt->logs, number, i);
		else
			make_transfer(chain, receipt->logs, number,
				      i - plan->others);
		receipt_bloom(&receipt->bloom, receipt);
		bloom_merge(&block->header.logs_bloom, &receipt->bloom);
	}
}

static void seal(struct made_chain *chain, struct made_block *block)
{
	struct header *header = &block->header;
	const struct transactions *txs = &block->transactions;

	assert_int_equal(transactions_root(&header->transactions_root,
					   &block->transactions, chain->arena),
			 OK);
	assert_int_equal(receipts_root(&header->receipts_root, &block->receipts,
				       chain->arena),
			 OK);
	for (size_t i = 0; i < txs->n; i++)
		block->tx_hashes[i] =
		    keccak256(txs->encoded[i].data, txs->encoded[i].len);
	assert_int_equal(header_hash(&header->hash, header), OK);
}

void made_add(struct made_chain *chain, const struct made_plan *plan)
{
	struct made_block *block;

	chain->blocks = arena_grow(chain->arena, chain->blocks, chain->n,
				   &chain->room, sizeof(*chain->blocks));
	assert_non_null(chain->blocks);
	block = &chain->blocks[chain->n];
	memset(block, 0, sizeof(*block));
	block->header = (struct header){
	    .number = chain->n,
	    .timestamp = FIRST_TIME + 12 * chain->n,
	    .gas_limit = 30000000,
	    .gas_used = GAS * (plan->transfers + plan->others),
	    .miner = made_holder(plan->fork),
	    .extra_data = {(const uint8_t *)"made", 4},
	    .n_fields = HEADER_BASE_FEE,
	    .base_fee = u256_from_u64(7),
	};
	if (chain->n > 0)
		block->header.parent_hash = block[-1].header.hash;
	make_body(chain, block, plan);
	seal(chain, block);
	chain->n++;
}

void made_add_many(struct made_chain *chain, size_t n,
		   const struct made_plan *plan)
{
	for (size_t i = 0; i < n; i++)
		made_add(chain, plan);
}

const struct made_block *made_by_hash(const struct made_chain *chain,
				      const struct hash *hash)
{
	for (size_t i = 0; i < chain->n; i++)
		if (hash_eq(&chain->blocks[i].header.hash, hash))
			return &chain->blocks[i];
	return NULL;
}
