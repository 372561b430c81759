#ifndef GS_TESTS_DB_LIB_SCENE_H
#define GS_TESTS_DB_LIB_SCENE_H

#include "lib_store.h"

/* What every test of the projections starts from: stream 1 created in block
 * 11, transaction 7, beside a payout of 2^256-1 from 0x55 to 0x33. */
struct scene {
	struct block_row blocks[2];
	struct event_row event;
	struct transfer_row transfer;
	struct transaction_row payout;
	struct stream_row stream;
	struct quarantine_row malformed;
	struct transition_row transitions[2];
	bool yes[1];
	struct facts facts;
	struct changes changes;
};

/* branch: of block 11. */
void scene_make(struct scene *scene, uint8_t branch);
struct store_commit scene_commit_of(const struct scene *scene);
/* Fails the test, with the fault, where the store does not succeed. */
void scene_begin(struct shop *shop, const struct facts *facts);
void scene_commit(struct shop *shop, struct store_commit commit);
/* Makes it, and commits it. */
void scene_play(struct shop *shop, struct scene *scene, uint8_t branch);

/* Blocks; events, transfers, quarantine that stand; streams, transactions,
 * transitions. */
#define COUNTS                                                                 \
	"select concat_ws(' ', (select count(*) from chain.blocks), "          \
	"(select count(*) from chain.events where not orphaned), "             \
	"(select count(*) from chain.transfers where not orphaned), "          \
	"(select count(*) from chain.quarantine where not orphaned), "         \
	"(select count(*) from public.streams), "                              \
	"(select count(*) from public.transactions), "                         \
	"(select count(*) from chain.transitions))"

#endif
