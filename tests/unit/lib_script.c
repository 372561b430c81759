#include "tests/unit/lib_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/keccak.h"

#define SCRIPT_CAP ((size_t)8 << 30)

void script_init(struct script *s)
{
	*s = (struct script){.arena = arena_new(SCRIPT_CAP)};
	assert_non_null(s->arena);
}

void script_free(struct script *s)
{
	arena_free(s->arena);
	free(s->blocks);
}

struct address wallet(unsigned n)
{
	struct address a = {{0xab}};

	for (int i = 0; i < 4; i++)
		a.b[16 + i] = (uint8_t)(n >> (24 - 8 * i));
	return a;
}

struct hash tx_hash_of(unsigned tx)
{
	return keccak256(&tx, sizeof(tx));
}

void script_block(struct script *s, uint64_t number, unsigned fork,
		  int64_t time)
{
	struct {
		uint64_t number, fork;
	} id = {number, fork};
	struct block *block;

	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->blocks = realloc(s->blocks, s->room * sizeof(*s->blocks));
		assert_non_null(s->blocks);
	}
	block = &s->blocks[s->n];
	*block = (struct block){
	    .ref = {.number = number,
		    .hash = keccak256(&id, sizeof(id)),
		    .timestamp = time},
	};
	if (s->n)
		block->ref.parent_hash = block[-1].ref.hash;
	s->n++;
	s->log_room = 0;
	s->tx_index = s->log_index = 0;
}

void script_tx(struct script *s, unsigned tx)
{
	s->tx_hash = tx_hash_of(tx);
	s->tx_index++;
}

void script_others(struct script *s, uint32_t logs)
{
	s->log_index += logs;
}

void script_cut(struct script *s, size_t n)
{
	s->n = n;
}

static struct hash topic0(const char *signature)
{
	return keccak256(signature, strlen(signature));
}

void log_raw(struct script *s, const struct address *address,
	     const char *signature, const struct hash *words, size_t n_topics,
	     size_t n_words)
{
	struct block *block = &s->blocks[s->n - 1];
	struct block_log *log;
	size_t len = (n_words - n_topics) * sizeof(*words);

	block->logs = arena_grow(s->arena, block->logs, block->n_logs,
				 &s->log_room, sizeof(*log));
	assert_non_null(block->logs);
	log = &block->logs[block->n_logs++];
	*log = (struct block_log){
	    .log_index = s->log_index++,
	    .tx_index = s->tx_index,
	    .tx_hash = s->tx_hash,
	    .raw =
		{
		    .address = *address,
		    .n_topics = (uint8_t)(n_topics + 1),
		    .data = arena_copy(s->arena, words + n_topics, len),
		},
	    .has_sender = true,
	    .sender = wallet(9999),
	    .nonce = 7,
	};
	assert_non_null(log->raw.data.data);
	log->raw.topics[0] = topic0(signature);
	memcpy(&log->raw.topics[1], words, n_topics * sizeof(*words));
}

struct hash word(struct u256 v)
{
	struct hash h;

	u256_to_be(h.b, &v);
	return h;
}

struct hash padded(struct address a)
{
	struct hash h = {{0}};

	memcpy(h.b + 12, a.b, sizeof(a.b));
	return h;
}

#define LOG(s, address, signature, n_topics, ...)                              \
	do {                                                                   \
		const struct hash words[] = {__VA_ARGS__};                     \
		log_raw(s, &(address), signature, words, n_topics,             \
			sizeof(words) / sizeof(*words));                       \
	} while (0)

void log_transfer(struct script *s, struct address token, struct address from,
		  struct address to, struct u256 amount)
{
	LOG(s, token, "Transfer(address,address,uint256)", 2, padded(from),
	    padded(to), word(amount));
}

void log_native(struct script *s, struct address authority, struct address from,
		struct address to, struct u256 amount)
{
	if (address_is_zero(&from))
		LOG(s, authority, "NativeCoinMinted(address,uint256)", 1,
		    padded(to), word(amount));
	else if (address_is_zero(&to))
		LOG(s, authority, "NativeCoinBurned(address,uint256)", 1,
		    padded(from), word(amount));
	else
		LOG(s, authority,
		    "NativeCoinTransferred(address,address,uint256)", 2,
		    padded(from), padded(to), word(amount));
}

void log_created(struct script *s, struct address contract, struct u256 id,
		 struct address worker, struct address platform,
		 struct u256 total, struct u256 duration, struct u256 interval)
{
	LOG(s, contract,
	    "StreamCreated(uint256,address,address,uint256,uint256,uint256)", 3,
	    word(id), padded(worker), padded(platform), word(total),
	    word(duration), word(interval));
}

void log_released(struct script *s, struct address contract, struct u256 id,
		  struct address worker, struct u256 amount,
		  struct u256 total_released)
{
	LOG(s, contract, "PaymentReleased(uint256,address,uint256,uint256)", 2,
	    word(id), padded(worker), word(amount), word(total_released));
}

void log_claimed(struct script *s, struct address contract, struct u256 id,
		 struct address worker, struct u256 amount)
{
	LOG(s, contract, "EarningsClaimed(uint256,address,uint256)", 2,
	    word(id), padded(worker), word(amount));
}

void log_paused(struct script *s, struct address contract, struct u256 id,
		struct address by)
{
	LOG(s, contract, "StreamPaused(uint256,address)", 2, word(id),
	    padded(by));
}

void log_resumed(struct script *s, struct address contract, struct u256 id,
		 struct address by)
{
	LOG(s, contract, "StreamResumed(uint256,address)", 2, word(id),
	    padded(by));
}

void log_cancelled(struct script *s, struct address contract, struct u256 id,
		   struct address by, struct u256 refund)
{
	LOG(s, contract, "StreamCancelled(uint256,address,uint256)", 2,
	    word(id), padded(by), word(refund));
}

void log_completed(struct script *s, struct address contract, struct u256 id,
		   struct u256 total_paid)
{
	LOG(s, contract, "StreamCompleted(uint256,uint256)", 1, word(id),
	    word(total_paid));
}
