#include "tests/node/content.h"

#include <string.h>

#include "tests/node/dice.h"
#include "tests/node/must.h"

/* What dice are thrown for: the c of dice_of(). */
enum purpose {
	FOR_BLOCK = 1u << 24, /* below: transactions by their index */
	FOR_STREAMS,
	FOR_CREATION, /* + the stream's number in its block */
	FOR_STEP = FOR_CREATION + 8,
};

#define STREAMS_MOST 7 /* in a block */
#define USDC UINT64_C(1000000)

static struct content_item *add(struct content_items *items,
				struct arena *arena, enum content_deed deed,
				uint64_t branch, uint64_t number)
{
	struct content_item *item;

	items->list = arena_grow(arena, items->list, items->n, &items->room,
				 sizeof(*items->list));
	must(items->list);
	item = &items->list[items->n];
	*item = (struct content_item){.deed = deed,
				      .index = (uint32_t)items->n,
				      .branch = branch,
				      .number = number};
	items->n++;
	return item;
}

/* The dice of a block stand here after what must be known of it first. */
static bool is_empty(struct dice *dice, const struct cast *cast,
		     const struct content_step *step, uint64_t number)
{
	*dice = dice_of(cast->seed, step->branch, number, FOR_BLOCK);
	return dice_chance(dice, step->density->empty) || number == 0;
}

static uint32_t any_of_ours(const struct cast *cast, struct dice *dice,
			    bool platform)
{
	uint32_t i = (uint32_t)dice_below(dice, cast->n_ours / 4);

	i = 4 * i + (platform ? 0 : 1 + (uint32_t)dice_below(dice, 3));
	return CAST_WALLETS + i;
}

static uint32_t any_stranger(const struct cast *cast, struct dice *dice)
{
	uint32_t first = cast_fee_wallet(cast);

	return first + (uint32_t)dice_below(dice, cast->n_parties - first);
}

static unsigned streams_begun(const struct cast *cast,
			      const struct content_step *step, uint64_t number)
{
	struct dice dice;
	unsigned n = step->density->streams / 1000;

	if (is_empty(&dice, cast, step, number))
		return 0;
	dice = dice_of(cast->seed, step->branch, number, FOR_STREAMS);
	n += dice_chance(&dice, step->density->streams % 1000);
	return n < STREAMS_MOST ? n : STREAMS_MOST;
}

/* Numbers follow from the block, so that forks give one number to two. */
static struct content_stream stream_begun(const struct cast *cast,
					  const struct content_step *step,
					  uint64_t number, unsigned i)
{
	struct dice dice =
	    dice_of(cast->seed, step->branch, number, FOR_CREATION + i);
	struct content_stream stream = {
	    .id = number * (STREAMS_MOST + 1) + i + 1,
	    .total = USDC + dice_below(&dice, 5000 * USDC),
	    .duration = 3600 + dice_below(&dice, 1000000),
	    .interval = 60 + dice_below(&dice, 1000),
	};

	stream.platform = dice_chance(&dice, 200)
			      ? any_stranger(cast, &dice)
			      : any_of_ours(cast, &dice, true);
	stream.worker = dice_chance(&dice, 200)
			    ? any_stranger(cast, &dice)
			    : any_of_ours(cast, &dice, false);
	return stream;
}

static enum content_deed draw_deed(struct dice *dice,
				   const struct content_stream *s)
{
	bool may_claim = s->released > s->claimed;
	uint64_t throw = dice_below(dice, 100);

	switch (s->status) {
	case STREAM_RUNS:
		if (throw < 50)
			return DEED_RELEASE;
		if (throw < 75)
			return may_claim ? DEED_CLAIM : DEED_RELEASE;
		return throw < 90 ? DEED_PAUSE : DEED_CANCEL;
	case STREAM_RESTS:
		if (throw < 55)
			return DEED_RESUME;
		if (throw < 80)
			return may_claim ? DEED_CLAIM : DEED_RESUME;
		return DEED_CANCEL;
	case STREAM_DONE:
		return may_claim ? DEED_CLAIM : DEED_NOISE;
	case STREAM_GONE:
		break;
	}
	return DEED_NOISE;
}

/* What a stream does in a block: DEED_NOISE is nothing. */
static enum content_deed stream_deed(struct dice *dice, uint64_t *amount,
				     const struct content_stream *s)
{
	uint64_t left = s->total - s->released;
	enum content_deed deed;

	*amount = 0;
	if (!dice_chance(dice, 220))
		return DEED_NOISE;
	deed = draw_deed(dice, s);
	if (deed == DEED_RELEASE) {
		*amount = 1 + dice_below(dice, s->total / 2);
		if (*amount >= left) {
			*amount = left;
			deed = DEED_COMPLETE;
		}
	} else if (deed == DEED_CLAIM) {
		*amount = s->released - s->claimed;
	}
	return deed;
}

static void stream_go_on(struct content_stream *s, enum content_deed deed,
			 uint64_t amount)
{
	if (deed == DEED_RELEASE || deed == DEED_COMPLETE)
		s->released += amount;
	if (deed == DEED_CLAIM)
		s->claimed += amount;
	if (deed == DEED_COMPLETE)
		s->status = STREAM_DONE;
	if (deed == DEED_PAUSE)
		s->status = STREAM_RESTS;
	if (deed == DEED_RESUME)
		s->status = STREAM_RUNS;
	if (deed == DEED_CANCEL)
		s->status = STREAM_GONE;
}

/* A stream begun `age` blocks before this one, up to what it does here. */
static void add_stream(struct content_items *out, struct arena *arena,
		       const struct cast *cast,
		       const struct content_step *steps, size_t age,
		       uint64_t number, unsigned i)
{
	struct content_stream stream =
	    stream_begun(cast, &steps[age], number - age, i);
	enum content_deed deed = DEED_CREATE;
	uint64_t amount = stream.total;
	struct content_item *item;

	for (size_t left = age; left > 0; left--) {
		const struct content_step *step = &steps[left - 1];
		uint64_t at = number - (left - 1);
		struct dice dice;

		stream_go_on(&stream, deed, amount);
		deed = DEED_NOISE;
		if (is_empty(&dice, cast, step, at))
			continue;
		dice =
		    dice_of(cast->seed, step->branch, at, FOR_STEP + stream.id);
		deed = stream_deed(&dice, &amount, &stream);
	}
	if (deed == DEED_NOISE)
		return;
	item = add(out, arena, deed, steps[0].branch, number);
	item->stream = stream;
	item->amount = amount;
}

static void add_streams(struct content_items *out, struct arena *arena,
			const struct cast *cast,
			const struct content_step *steps, size_t n_steps,
			uint64_t number)
{
	for (size_t age = 0; age < n_steps && age <= number; age++) {
		unsigned n = streams_begun(cast, &steps[age], number - age);

		for (unsigned i = 0; i < n; i++)
			add_stream(out, arena, cast, steps, age, number, i);
	}
}

static void add_payments(struct content_items *out, struct arena *arena,
			 const struct content_step *step, uint64_t number)
{
	const struct density *d = step->density;

	for (uint32_t left = d->transfers; left > 0;) {
		struct content_item *item =
		    add(out, arena, DEED_PAY, step->branch, number);

		item->logs = left < d->batch ? left : d->batch;
		item->ours = d->ours;
		item->payouts = d->payouts;
		left -= item->logs;
	}
}

void content_items(struct content_items *out, struct arena *arena,
		   const struct cast *cast, const struct content_step *steps,
		   size_t n_steps, uint64_t number)
{
	const struct density *d = steps[0].density;
	struct dice dice;

	if (is_empty(&dice, cast, &steps[0], number))
		return;
	if (dice_chance(&dice, d->busy))
		add_payments(out, arena, &steps[0], number);
	for (uint32_t i = 0; i < d->noise; i++)
		add(out, arena, DEED_NOISE, steps[0].branch, number)->ours =
		    dice_chance(&dice, d->odd);
	if (dice_chance(&dice, d->failed))
		add(out, arena, DEED_FAIL, steps[0].branch, number);
	add_streams(out, arena, cast, steps, n_steps, number);
	must(out->n < 1u << CONTENT_NONCE_BITS);
}

static struct dice item_dice(const struct cast *cast,
			     const struct content_item *item)
{
	return dice_of(cast->seed, item->branch, item->number, item->index);
}

/* Every way a transfer can go; mostly what a payment team cares about. */
static void draw_transfer(struct content_saying *out, const struct cast *cast,
			  struct dice *dice)
{
	uint64_t throw = dice_below(dice, 100);
	bool from_us = throw < 45 || (throw >= 60 && throw < 92);

	out->from = from_us ? any_of_ours(cast, dice, throw < 45 || throw >= 84)
			    : any_stranger(cast, dice);
	out->to = any_of_ours(cast, dice, throw >= 60 && throw < 72);
	if (throw >= 76 && throw < 88)
		out->to = any_stranger(cast, dice);
	if (throw >= 88 && throw < 90)
		out->to = cast_fee_wallet(cast);
	if (throw == 92)
		out->to = out->from;
	if (throw == 93 || throw == 94)
		out->from = CAST_NOBODY;
	if (throw == 95)
		out->to = CAST_NOBODY;
	if (throw >= 98)
		out->to = CAST_CONTRACT; /* a donation */
	out->amount =
	    throw >= 96 && throw < 98 ? 0 : 1 + dice_below(dice, 1000 * USDC);
}

static void draw_payout(struct content_saying *out, const struct cast *cast,
			struct dice *dice)
{
	out->from = any_of_ours(cast, dice, true);
	out->to = any_of_ours(cast, dice, false);
	out->amount = 1 + dice_below(dice, 1000 * USDC);
}

static size_t say_payments(struct content_saying *out, const struct cast *cast,
			   const struct content_item *item)
{
	struct dice dice = item_dice(cast, item);

	for (uint32_t i = 0; i < item->logs; i++) {
		struct content_saying *s = &out[i];

		*s = (struct content_saying){.kind = SAYS_TRANSFER};
		if (i > 0 && dice_chance(&dice, 50)) {
			*s = out[i - 1]; /* twice the same */
		} else if (dice_chance(&dice, item->ours)) {
			if (item->payouts > 0 &&
			    dice_chance(&dice, item->payouts))
				draw_payout(s, cast, &dice);
			else
				draw_transfer(s, cast, &dice);
		} else {
			s->from = any_stranger(cast, &dice);
			s->to = any_stranger(cast, &dice);
			s->amount = 1 + dice_below(&dice, 1000 * USDC);
		}
	}
	return item->logs;
}

static void say_transfer(struct content_saying *out, uint32_t from, uint32_t to,
			 uint64_t amount)
{
	*out = (struct content_saying){
	    .kind = SAYS_TRANSFER, .from = from, .to = to, .amount = amount};
}

static struct content_saying of_stream(enum content_kind kind,
				       const struct content_item *item)
{
	const struct content_stream *s = &item->stream;

	return (struct content_saying){.kind = kind,
				       .id = s->id,
				       .from = s->platform,
				       .to = s->worker,
				       .amount = item->amount,
				       .total = s->total,
				       .duration = s->duration,
				       .interval = s->interval};
}

/* A cancel pays the worker what is released and not claimed, without an event
 * of its own. */
static size_t say_cancel(struct content_saying *out,
			 const struct content_item *item)
{
	const struct content_stream *s = &item->stream;
	uint64_t refund = s->total - s->released;
	size_t n = 0;

	if (s->released > s->claimed)
		say_transfer(&out[n++], CAST_CONTRACT, s->worker,
			     s->released - s->claimed);
	say_transfer(&out[n++], CAST_CONTRACT, s->platform, refund);
	out[n] = of_stream(SAYS_CANCELLED, item);
	out[n++].amount = refund;
	return n;
}

static size_t say_release(struct content_saying *out,
			  const struct content_item *item)
{
	size_t n = 0;

	if (item->deed == DEED_COMPLETE) {
		out[n] = of_stream(SAYS_COMPLETED, item);
		out[n++].amount = item->stream.total;
	}
	out[n] = of_stream(SAYS_RELEASED, item);
	out[n++].total = item->stream.released + item->amount;
	return n;
}

/* The order of the logs of each call is the real contract's. */
size_t content_say(struct content_saying *out, const struct cast *cast,
		   const struct content_item *item)
{
	const struct content_stream *s = &item->stream;

	switch (item->deed) {
	case DEED_FAIL:
		return 0;
	case DEED_NOISE:
		out[0] = (struct content_saying){
		    .kind = item->ours ? SAYS_ODD : SAYS_NOISE,
		    .chance = item_dice(cast, item).state,
		};
		return 1;
	case DEED_PAY:
		return say_payments(out, cast, item);
	case DEED_CREATE:
		say_transfer(&out[0], s->platform, CAST_CONTRACT, s->total);
		out[1] = of_stream(SAYS_CREATED, item);
		return 2;
	case DEED_RELEASE:
	case DEED_COMPLETE:
		return say_release(out, item);
	case DEED_CLAIM:
		say_transfer(&out[0], CAST_CONTRACT, s->worker, item->amount);
		out[1] = of_stream(SAYS_CLAIMED, item);
		return 2;
	case DEED_PAUSE:
		out[0] = of_stream(SAYS_PAUSED, item);
		return 1;
	case DEED_RESUME:
		out[0] = of_stream(SAYS_RESUMED, item);
		return 1;
	case DEED_CANCEL:
		return say_cancel(out, item);
	}
	return 0;
}

uint64_t content_nonce(const struct content_item *item)
{
	return item->number << CONTENT_NONCE_BITS | item->index;
}

/* The same account on every branch: of two transactions with one nonce only
 * one can be included. */
unsigned content_account(const struct cast *cast,
			 const struct content_item *item)
{
	struct dice dice = dice_of(cast->seed, 0, item->number, item->index);

	return (unsigned)dice_below(&dice, CAST_ACCOUNTS);
}

uint64_t content_gas(const struct content_item *item)
{
	return 60000 + UINT64_C(30000) * item->logs;
}
