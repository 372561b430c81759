#ifndef GS_DAEMON_SYNC_BEAT_H
#define GS_DAEMON_SYNC_BEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When to ask a node for its head again: just after a block is due, quickly
 * then, and rarely in between. The beat is learned from when blocks were seen,
 * never from what they, or a node, say of the time. Pure: times are microseconds
 * of one clock that only goes forward.
 *
 * Some chains keep to a grid, others count from the last block; so a block is
 * due in the narrower of two windows: where the newest blocks lie around the
 * line through them, and where they lie after the one before.
 *
 *   last block          lo                 hi
 *   ──┼──────────────────┼──┼──┼──┼──┼──┼──┼───┼───────┼──────────► asked
 *                         a step each        ever longer: it is late
 */
#define BEAT_KEEP 16
struct beat {
	struct beat_block {
		uint64_t number;
		uint64_t at;
	} blocks[BEAT_KEEP]; /* that the beat is known by, oldest first */
	size_t n;
	bool begun;
	struct beat_block last; /* the head; at first, since it is asked for */
	uint64_t lacked_at;	/* when the next one was not there */
	uint64_t travel;	/* to the node and back */
	unsigned hits;	 /* in a row, that were there when first asked for */
	unsigned strays; /* in a row, that came far from where they should */
};

/* An answer: the number of the node's head, when it was asked for, and now. A
 * head below one that was seen (a reorg, another node) says nothing. */
void beat_answer(struct beat *beat, uint64_t number, uint64_t asked,
		 uint64_t now);
/* When to ask next: now, or later. */
uint64_t beat_next(const struct beat *beat, uint64_t now);

#endif
