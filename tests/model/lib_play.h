#ifndef GS_TESTS_MODEL_PLAY_H
#define GS_TESTS_MODEL_PLAY_H

#include "tests/model/lib_expected.h"

/* A world at random, told in random batches, in order and out of it, twice,
 * with reorgs, while wallets register. Now and then what is left is told. */
struct play;

/* Who is told. The node is at the world's newest block and the play's final
 * one. */
struct listener {
	/* Knows by itself what it was told already that concerns a new wallet,
	 * but for its Transfers; else every log that names it comes again. */
	bool adopts;
	/* Ascending; not always all blocks between the first and the last. */
	void (*feed)(void *arg, const struct play *play,
		     const struct block *blocks, size_t n);
	/* The blocks above ancestor are gone. */
	void (*rollback)(void *arg, const struct play *play, uint64_t ancestor);
	struct uuid (*add_worker)(void *arg, struct address wallet);
	struct uuid (*add_platform)(void *arg, struct address wallet);
	/* All was told: what must hold now? */
	void (*settled)(void *arg, const struct play *play);
};

struct play {
	struct world *world;
	struct registry registry;
	uint64_t finalized;
	const struct listener *listener;
	void *arg;
	bool *told; /* by block number - 1 */
	size_t room;
};

void play_init(struct play *play, uint64_t seed, bool hostile,
	       const struct listener *listener, void *arg);
void play_free(struct play *play);
/* Until there were so many logs; the last call is settled(). */
void play_run(struct play *play, size_t logs);

/* The number that an environment variable is set to. */
uint64_t from_environment(const char *name, uint64_t otherwise);

#endif
