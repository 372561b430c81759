#include "tests/model/lib_contracts.h"

#define LIVELY 32 /* the newest streams are the ones that are called */
#define COHORT 4  /* one transaction calls streams of one cohort */

void calls_make(struct world *w, const struct call *call)
{
	static void (*const make[CALL_KINDS])(struct world * w,
					      const struct call *call) = {
	    [CALL_PAY] = token_pay,
	    [CALL_MINT] = token_mint,
	    [CALL_BURN] = token_burn,
	    [CALL_BLACKLIST] = token_blacklist,
	    [CALL_CREATE] = streaming_create,
	    [CALL_RELEASE] = streaming_release,
	    [CALL_CLAIM] = streaming_claim,
	    [CALL_PAUSE] = streaming_pause,
	    [CALL_RESUME] = streaming_resume,
	    [CALL_CANCEL] = streaming_cancel,
	    [CALL_PAUSE_ALL] = streaming_pause_all,
	    [CALL_RESUME_ALL] = streaming_resume_all,
	    [CALL_NOISE] = noise,
	};

	make[call->kind](w, call);
}

static enum call_kind draw_kind(struct world *w)
{
	static const unsigned permille[CALL_KINDS] = {
	    [CALL_PAY] = 130,	  [CALL_MINT] = 30,	[CALL_BURN] = 10,
	    [CALL_BLACKLIST] = 6, [CALL_CREATE] = 80,	[CALL_RELEASE] = 390,
	    [CALL_CLAIM] = 160,	  [CALL_PAUSE] = 40,	[CALL_RESUME] = 70,
	    [CALL_CANCEL] = 30,	  [CALL_PAUSE_ALL] = 2, [CALL_RESUME_ALL] = 22,
	    [CALL_NOISE] = 30,
	};
	uint64_t left = world_draw(w, 1000);

	for (unsigned kind = 0; kind < CALL_KINDS; kind++) {
		if (left < permille[kind])
			return (enum call_kind)kind;
		left -= permille[kind];
	}
	return CALL_PAY;
}

static unsigned draw_person(struct world *w)
{
	return FIRST_PERSON +
	       (unsigned)world_draw(w, PEOPLE_END - FIRST_PERSON);
}

/* Few different ones, so that many are equal; some of any size. */
static struct u256 draw_amount(struct world *w)
{
	switch (world_draw(w, 8)) {
	case 0:
		return u256_from_u64(world_draw(w, 1000000));
	case 1:
		return u256_from_u64(world_draw(w, 1000000000000));
	default:
		return u256_from_u64(world_draw(w, 6));
	}
}

/* Who is paid: mostly a person; a contract, the token and the one who pays,
 * too. */
static unsigned draw_payee(struct world *w, unsigned payer)
{
	switch (world_draw(w, 24)) {
	case 0:
		return payer;
	case 1:
		return WHO_STREAMS + (unsigned)world_draw(w, 2);
	case 2:
		return WHO_FEES;
	case 3:
		return WHO_TOKEN;
	default:
		return draw_person(w);
	}
}

/* On the contract's streams, the newest of which is in the cohort. */
static struct call draw_call(struct world *w, unsigned contract,
			     uint64_t cohort)
{
	struct call c = {
	    .kind = draw_kind(w),
	    .contract = contract,
	    .id = cohort + world_draw(w, COHORT),
	    .amount = draw_amount(w),
	    .everything = world_draw(w, 40) == 0,
	    .duration = 60 + (int64_t)world_draw(w, 600),
	    .interval = 60,
	    .a = draw_person(w),
	    .b = draw_person(w),
	};

	c.interval += (int64_t)world_draw(w, 2) *
		      (int64_t)world_draw(w, (uint64_t)c.duration - 59);
	if (c.kind == CALL_PAY)
		c.b = draw_payee(w, c.a);
	else if (c.kind == CALL_CREATE)
		c.a = draw_payee(w, c.b);
	return c;
}

/* What is made twice, or beside another: two equal streams, a donation beside
 * an equal stream, one that is cancelled at once, two equal claims. */
static void draw_pair(struct world *w, struct tx *tx)
{
	struct call *first = &tx->calls[0], *second = &tx->calls[1];

	tx->n = 2;
	first->kind = CALL_CREATE;
	first->b = draw_person(w);
	*second = *first;
	switch (world_draw(w, 4)) {
	case 0:
		break;
	case 1:
		first->kind = CALL_PAY;
		first->a = second->b;
		first->b = second->contract;
		break;
	case 2:
		second->kind = CALL_CANCEL;
		second->id = 0;
		break;
	default:
		tx->n = 4;
		first->kind = second->kind = CALL_RELEASE;
		second->id = first->id + 1;
		tx->calls[2] = *first;
		tx->calls[3] = *second;
		tx->calls[2].kind = tx->calls[3].kind = CALL_CLAIM;
		break;
	}
}

static uint64_t newest_id(const struct world *w, unsigned contract)
{
	for (size_t i = w->now.n_streams; i-- > 0;)
		if (w->now.streams[i].contract == contract)
			return w->now.streams[i].id;
	return 0;
}

struct tx calls_draw(struct world *w)
{
	struct tx tx = {.id = w->next_tx++, .n = 1};
	unsigned contract = WHO_STREAMS + (world_draw(w, 4) == 0);
	uint64_t newest = newest_id(w, contract);
	uint64_t cohort =
	    (newest > LIVELY ? newest - LIVELY : 0) + world_draw(w, LIVELY);

	if (world_draw(w, 4) == 0)
		tx.n = 1 + world_draw(w, TX_CALLS);
	cohort -= cohort % COHORT;
	for (size_t i = 0; i < tx.n; i++) {
		tx.calls[i] = draw_call(w, contract, cohort);
		if (i && world_draw(w, 3) == 0)
			tx.calls[i] = tx.calls[i - 1];
	}
	if (world_draw(w, 16) == 0)
		draw_pair(w, &tx);
	return tx;
}
