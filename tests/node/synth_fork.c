#include "tests/node/dice.h"
#include "tests/node/must.h"
#include "tests/node/synth_impl.h"

/* Forks, and what becomes of the payments that lose their block. */

#define CARRY UINT64_C(0xca44)

void synth_carry_due(struct synth *s, struct synth_block *block)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_waiting; i++) {
		if (s->waiting[i].due > block->number) {
			s->waiting[kept++] = s->waiting[i];
			continue;
		}
		s->carried = synth_grow(s->carried, s->n_carried,
					&s->carried_room, sizeof(*s->carried));
		s->carried[s->n_carried++] = s->waiting[i].item;
		block->n_carried++;
	}
	s->n_waiting = kept;
}

static bool is_same(const struct content_item *a, const struct content_item *b)
{
	return a->branch == b->branch && a->number == b->number &&
	       a->index == b->index;
}

/* Whether the item is in the chain, which has it not below block `from` unless
 * it was born there. */
static bool is_included(const struct synth *s, const struct content_item *item,
			uint64_t from)
{
	if (item->number < s->length &&
	    s->blocks[s->chain[item->number]].branch == item->branch)
		return true;
	for (uint64_t n = from; n < s->length; n++) {
		const struct synth_block *b = &s->blocks[s->chain[n]];

		for (uint32_t i = 0; i < b->n_carried; i++)
			if (is_same(&s->carried[b->carried + i], item))
				return true;
	}
	return false;
}

static void wait_for(struct synth *s, const struct content_item *item,
		     uint64_t due)
{
	s->waiting = synth_grow(s->waiting, s->n_waiting, &s->waiting_room,
				sizeof(*s->waiting));
	s->waiting[s->n_waiting++] = (struct synth_waiting){*item, due};
}

/* Lets payments of a block that is off the chain wait for another one: from
 * block `from` on, within `within` blocks. */
static void drop(struct synth *s, synth_index index, unsigned carry,
		 uint64_t from, uint64_t within)
{
	struct synth_body body;

	if (carry == 0)
		return;
	arena_reset(s->scratch);
	synth_body(&body, s, index, s->scratch);
	for (size_t i = 0; i < body.receipts.n; i++) {
		const struct content_item *item = &body.items[i];
		struct dice dice =
		    dice_of(s->rules.seed ^ CARRY, item->branch ^ s->branches,
			    item->number, item->index);

		if (item->deed == DEED_PAY && dice_chance(&dice, carry) &&
		    !is_included(s, item, from))
			wait_for(s, item,
				 s->length + dice_below(&dice, within));
	}
}

static void begin_branch(struct synth *s)
{
	struct dice dice = dice_of(s->rules.seed, ++s->branches, 0, 0);

	s->branch = dice_next(&dice);
}

static void lower_final(struct synth *s)
{
	if (s->final >= s->length)
		s->final = s->length - 1;
}

void synth_fork(struct synth *s, uint64_t depth, unsigned carry)
{
	size_t old = s->length;

	must(depth < s->length);
	s->length -= (size_t)depth;
	begin_branch(s);
	lower_final(s);
	for (size_t n = s->length; n < old; n++)
		drop(s, s->chain[n], carry, s->length, depth + 2);
}

/* Puts head and all below it into the chain; returns the first number that
 * changes. */
static uint64_t lay(struct synth *s, synth_index head)
{
	uint64_t number = s->blocks[head].number;
	size_t length = (size_t)number + 1;

	while (s->chain_room < length)
		s->chain = synth_grow(s->chain, s->chain_room, &s->chain_room,
				      sizeof(*s->chain));
	for (;; number--) {
		if (number < s->length && s->chain[number] == head)
			break;
		s->chain[number] = head;
		head = s->blocks[head].parent;
	}
	s->length = length;
	return number + 1;
}

void synth_switch(struct synth *s, synth_index head, unsigned carry)
{
	synth_index old = synth_head(s), tip = old;
	uint64_t from = lay(s, head);
	size_t kept = 0;

	begin_branch(s);
	lower_final(s);
	for (size_t i = 0; i < s->n_waiting; i++)
		if (!is_included(s, &s->waiting[i].item, from))
			s->waiting[kept++] = s->waiting[i];
	s->n_waiting = kept;
	while (s->blocks[tip].number >= from) {
		drop(s, tip, carry, from, 4);
		tip = s->blocks[tip].parent;
	}
}

uint64_t synth_nonce(const struct synth *s, unsigned account, synth_index at)
{
	uint64_t number = s->blocks[at].number;
	uint64_t nonce = (number + 1) << CONTENT_NONCE_BITS;

	for (size_t i = 0; i < s->n_waiting; i++) {
		const struct content_item *item = &s->waiting[i].item;

		if (content_account(s->cast, item) == account &&
		    content_nonce(item) < nonce)
			nonce = content_nonce(item);
	}
	for (uint64_t n = number + 1; n < s->length; n++) {
		const struct synth_block *b = &s->blocks[s->chain[n]];

		for (uint32_t i = 0; i < b->n_carried; i++) {
			const struct content_item *item =
			    &s->carried[b->carried + i];

			if (content_account(s->cast, item) == account &&
			    content_nonce(item) < nonce)
				nonce = content_nonce(item);
		}
	}
	return nonce;
}
