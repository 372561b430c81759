#include "tests/model/lib_contracts.h"
#include "tests/model/lib_sums.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Nothing came from nowhere, and nothing is lost. */
static void check(const struct stream *s)
{
	assert_true(u256_cmp(&s->claimed, &s->released) <= 0);
	assert_true(u256_cmp(&s->released, &s->total) <= 0);
	assert_true(
	    equal(plus(plus(s->claimed, s->refunded), s->escrow), s->total));
}

/* From what the contract holds for the stream to the worker or platform. */
static void pay_out(struct world *w, struct stream *s, unsigned to,
		    struct u256 amount, enum cause cause)
{
	struct u256 *held = &w->now.held[s->contract];

	s->escrow = minus(s->escrow, amount);
	*held = minus(*held, amount);
	token_move(w, s->contract, to, amount,
		   (struct why){cause, s->contract, s->id});
}

/* NULL: there is none. */
static struct stream *find(struct world *w, const struct call *call)
{
	for (size_t i = w->now.n_streams; i-- > 0;) {
		struct stream *s = &w->now.streams[i];

		if (s->contract == call->contract &&
		    (call->id == 0 || s->id == call->id))
			return s;
	}
	return NULL;
}

static uint64_t next_id(const struct world *w, unsigned contract)
{
	uint64_t id = 1;

	for (size_t i = 0; i < w->now.n_streams; i++)
		id += w->now.streams[i].contract == contract;
	return id;
}

void streaming_create(struct world *w, const struct call *call)
{
	struct stream s = {
	    .contract = call->contract,
	    .worker = call->a,
	    .platform = call->b,
	    .id = next_id(w, call->contract),
	    .total = call->everything ? w->now.balances[call->b] : call->amount,
	    .start = world_time(w),
	    .duration = call->duration,
	    .interval = call->interval,
	    .last_release = world_time(w),
	};

	if (w->now.paused[s.contract] || u256_is_zero(&s.total) ||
	    w->now.n_streams == MOST_STREAMS ||
	    !token_can_move(w, s.platform, s.contract, &s.total))
		return;
	s.escrow = s.total;
	w->now.held[s.contract] = plus(w->now.held[s.contract], s.total);
	w->now.streams[w->now.n_streams++] = s;
	token_move(w, s.platform, s.contract, s.total,
		   (struct why){BY_CREATE, s.contract, s.id});
	world_mark(w, MARK_OBJECT);
	log_created(&w->script, wallet_of(s.contract), u256_from_u64(s.id),
		    wallet_of(s.worker), wallet_of(s.platform), s.total,
		    u256_from_u64((uint64_t)s.duration),
		    u256_from_u64((uint64_t)s.interval));
}

/* All that may have been released by now. */
static bool due_by_now(struct u256 *out, const struct stream *s, int64_t now)
{
	int64_t elapsed = now - s->start;

	if (elapsed < s->duration)
		return portion(out, s->total, (uint64_t)elapsed,
			       (uint64_t)s->duration);
	*out = s->total;
	return true;
}

void streaming_release(struct world *w, const struct call *call)
{
	struct stream *s = find(w, call);
	struct u256 due;
	struct u256 id;

	if (!s || w->now.paused[s->contract] || s->status != STREAM_ACTIVE ||
	    world_time(w) < s->last_release + s->interval ||
	    !due_by_now(&due, s, world_time(w)) || equal(due, s->released))
		return;
	id = u256_from_u64(s->id);
	due = minus(due, s->released);
	s->released = plus(s->released, due);
	s->last_release = world_time(w);
	check(s);
	if (equal(s->released, s->total)) {
		s->status = STREAM_COMPLETED;
		s->completed_at = world_time(w);
		world_mark(w, MARK_OBJECT);
		log_completed(&w->script, wallet_of(s->contract), id, s->total);
	}
	world_mark(w, MARK_OBJECT);
	log_released(&w->script, wallet_of(s->contract), id,
		     wallet_of(s->worker), due, s->released);
}

void streaming_claim(struct world *w, const struct call *call)
{
	struct stream *s = find(w, call);
	struct u256 due;

	if (!s || w->now.paused[s->contract] || s->worker < FIRST_PERSON)
		return;
	due = minus(s->released, s->claimed);
	if (u256_is_zero(&due) ||
	    !token_can_move(w, s->contract, s->worker, &due))
		return;
	s->claimed = s->released;
	pay_out(w, s, s->worker, due, BY_CLAIM);
	check(s);
	world_mark(w, MARK_OBJECT);
	log_claimed(&w->script, wallet_of(s->contract), u256_from_u64(s->id),
		    wallet_of(s->worker), due);
}

void streaming_pause(struct world *w, const struct call *call)
{
	struct stream *s = find(w, call);

	if (!s || s->status != STREAM_ACTIVE)
		return;
	s->status = STREAM_PAUSED;
	s->paused_at = world_time(w);
	world_mark(w, MARK_OBJECT);
	log_paused(&w->script, wallet_of(s->contract), u256_from_u64(s->id),
		   wallet_of(s->platform));
}

void streaming_resume(struct world *w, const struct call *call)
{
	struct stream *s = find(w, call);

	if (!s || s->status != STREAM_PAUSED)
		return;
	s->status = STREAM_ACTIVE;
	s->paused_at = 0;
	s->last_release = world_time(w);
	world_mark(w, MARK_OBJECT);
	log_resumed(&w->script, wallet_of(s->contract), u256_from_u64(s->id),
		    wallet_of(call->a));
}

void streaming_cancel(struct world *w, const struct call *call)
{
	struct stream *s = find(w, call);
	struct u256 part, refund;

	if (!s || (s->status != STREAM_ACTIVE && s->status != STREAM_PAUSED))
		return;
	part = minus(s->released, s->claimed);
	refund = minus(s->total, s->released);
	if (!token_can_move(w, s->contract, s->platform, &refund) ||
	    (!u256_is_zero(&part) &&
	     !token_can_move(w, s->contract, s->worker, &part)))
		return;
	s->status = STREAM_CANCELLED;
	s->cancelled_at = world_time(w);
	s->refunded = refund;
	s->claimed = s->released;
	if (!u256_is_zero(&part))
		pay_out(w, s, s->worker, part, BY_CANCEL_PAYOUT);
	pay_out(w, s, s->platform, refund, BY_CANCEL_REFUND);
	check(s);
	world_mark(w, MARK_OBJECT);
	log_cancelled(&w->script, wallet_of(s->contract), u256_from_u64(s->id),
		      wallet_of(call->a), refund);
}

void streaming_check(const struct world *w)
{
	struct u256 held[PEOPLE_END] = {{{0}}};

	for (size_t i = 0; i < w->now.n_streams; i++) {
		const struct stream *s = &w->now.streams[i];

		check(s);
		held[s->contract] = plus(held[s->contract], s->escrow);
	}
	for (unsigned who = WHO_STREAMS; who <= WHO_STREAMS2; who++)
		assert_true(equal(held[who], w->now.held[who]));
}
