#ifndef GS_TESTS_LIB_SCENE_H
#define GS_TESTS_LIB_SCENE_H

#include "tests/unit/lib_books.h"

/* A chain, the books that follow it, and the calls of PaymentStreaming with
 * the logs that they leave, in their order. */
struct scene {
	struct script script;
	struct books *books;
	size_t fed;    /* blocks of the script */
	unsigned fork; /* of the blocks to come */
	uint64_t finalized;
};

/* Two workers, two platforms (registered), a stranger. */
#define W wallet(10)
#define W2 wallet(11)
#define P wallet(20)
#define P2 wallet(21)
#define X wallet(30)
#define ZERO ((struct address){{0}})
#define U(n) u256_from_u64(n)
#define DURATION 1000
#define INTERVAL 100

struct scene *scene_new(void);
/* Checks the books against themselves and against a sync from scratch of the
 * chain as it stands, then frees. */
void scene_end(struct scene *scene);

int64_t scene_time(uint64_t block_number);
/* Begins the next block (the first is 1), and a transaction in it. */
void scene_block(struct scene *scene);
void scene_tx(struct scene *scene, unsigned tx);
/* Both, with a transaction of the block's number. */
struct script *scene_next(struct scene *scene);
/* Feeds the blocks that were not fed, in one batch. */
void scene_feed(struct scene *scene);
/* Only block `number`, which may be older than others. */
void scene_feed_one(struct scene *scene, uint64_t number);
void scene_finalize(struct scene *scene, uint64_t number);
/* Takes away all blocks above ancestor, from chain and books. */
void scene_reorg(struct scene *scene, uint64_t ancestor);

void pay(struct script *s, struct address from, struct address to,
	 uint64_t amount);
void create(struct script *s, uint64_t id, struct address worker,
	    struct address platform, uint64_t total);
void release(struct script *s, uint64_t id, struct address worker,
	     uint64_t amount, uint64_t total_released);
void complete(struct script *s, uint64_t id, struct address worker,
	      uint64_t amount, uint64_t total_released);
void claim(struct script *s, uint64_t id, struct address worker,
	   uint64_t amount);
void pause_stream(struct script *s, uint64_t id);
void resume_stream(struct script *s, uint64_t id);
/* part: the worker's; 0 moves nothing. */
void cancel(struct script *s, uint64_t id, struct address worker,
	    struct address platform, uint64_t part, uint64_t refund);

void assert_amounts(const struct stream_row *row, uint64_t total,
		    uint64_t released, uint64_t claimed, uint64_t refunded);
/* The transaction is there, placed, of this type, and on that stream (an advance,
 * a repayment: loan); id 0: on none. */
void assert_paid(struct scene *scene, unsigned tx, struct address from,
		 struct address to, uint64_t amount, unsigned k,
		 enum transaction_type type, uint64_t id);
void assert_unpaid(struct scene *scene, unsigned tx, struct address from,
		   struct address to, uint64_t amount);

#endif
