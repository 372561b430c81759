#ifndef GS_TESTS_LIB_SCRIPT_H
#define GS_TESTS_LIB_SCRIPT_H

#include "chain/block.h"

/* A made-up chain: blocks of transactions of logs, as the source hands them
 * over. Every function asserts that there is memory. */
struct script {
	struct arena *arena;
	struct block *blocks;
	size_t n, room;
	size_t log_room;	      /* of the last block */
	uint32_t tx_index, log_index; /* the next ones of the last block */
	struct hash tx_hash;
};

void script_init(struct script *script);
void script_free(struct script *script);

/* The n-th wallet or contract; never zero. */
struct address wallet(unsigned n);
struct hash tx_hash_of(unsigned tx);

/* Begins a block; fork tells blocks of one height apart. */
void script_block(struct script *s, uint64_t number, unsigned fork,
		  int64_t time);
/* Begins a transaction, which keeps its hash in whatever block it stands. */
void script_tx(struct script *s, unsigned tx);
/* Logs of others that stand in between. */
void script_others(struct script *s, uint32_t logs);
/* Takes the blocks from index n on away. */
void script_cut(struct script *s, size_t n);

/* ABI words. */
struct hash word(struct u256 v);
struct hash padded(struct address a);

/* Any log. words: 32 bytes each; the first n_topics are topics. */
void log_raw(struct script *s, const struct address *address,
	     const char *signature, const struct hash *words, size_t n_topics,
	     size_t n_words);

void log_transfer(struct script *s, struct address token, struct address from,
		  struct address to, struct u256 amount);
/* Of the chain itself, before its hardfork: from or to may be zero. */
void log_native(struct script *s, struct address authority, struct address from,
		struct address to, struct u256 amount);
void log_created(struct script *s, struct address contract, struct u256 id,
		 struct address worker, struct address platform,
		 struct u256 total, struct u256 duration, struct u256 interval);
void log_released(struct script *s, struct address contract, struct u256 id,
		  struct address worker, struct u256 amount,
		  struct u256 total_released);
void log_claimed(struct script *s, struct address contract, struct u256 id,
		 struct address worker, struct u256 amount);
void log_paused(struct script *s, struct address contract, struct u256 id,
		struct address by);
void log_resumed(struct script *s, struct address contract, struct u256 id,
		 struct address by);
void log_cancelled(struct script *s, struct address contract, struct u256 id,
		   struct address by, struct u256 refund);
void log_completed(struct script *s, struct address contract, struct u256 id,
		   struct u256 total_paid);

#endif
