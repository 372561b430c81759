#include "tests/model/lib_contracts.h"

#define LIVELY 20 /* the newest streams are the ones that are called */
#define COHORT 4  /* one transaction calls streams of one cohort */
#define LIVELY_LOANS 12

typedef void (*call_fn)(struct world *w, const struct call *call);

static const struct {
	call_fn make;
	unsigned permille;
} kinds[CALL_KINDS] = {
    [CALL_PAY] = {token_pay, 60},
    [CALL_MINT] = {token_mint, 20},
    [CALL_BURN] = {token_burn, 10},
    [CALL_BLACKLIST] = {token_blacklist, 4},
    [CALL_CREATE] = {streaming_create, 30},
    [CALL_RELEASE] = {streaming_release, 390},
    [CALL_CLAIM] = {streaming_claim, 140},
    [CALL_PAUSE] = {streaming_pause, 40},
    [CALL_RESUME] = {streaming_resume, 60},
    [CALL_CANCEL] = {streaming_cancel, 20},
    [CALL_REQUEST] = {lending_request, 15},
    [CALL_APPROVE] = {lending_approve, 30},
    [CALL_REPAY] = {lending_repay, 90},
    [CALL_DEFAULT] = {lending_default, 10},
    [CALL_CANCEL_LOAN] = {lending_cancel, 4},
    [CALL_WITHDRAW] = {lending_withdraw, 6},
    [CALL_TASK] = {reputation_task, 24},
    [CALL_DISPUTE] = {reputation_dispute, 6},
    [CALL_SCORE] = {reputation_update, 2},
    [CALL_PAUSE_ALL] = {owner_pause, 3},
    [CALL_RESUME_ALL] = {owner_resume, 20},
    [CALL_TRANSFER_OWNER] = {owner_transfer, 1},
    [CALL_NOISE] = {noise, 15},
    [CALL_HOSTILE] = {hostile, 0}, /* drawn apart */
};

void calls_make(struct world *w, const struct call *call)
{
	kinds[call->kind].make(w, call);
}

static enum call_kind draw_kind(struct world *w)
{
	uint64_t left = world_draw(w, 1000);

	if (w->hostile && world_draw(w, 6) == 0)
		return CALL_HOSTILE;
	for (unsigned kind = 0; kind < CALL_KINDS; kind++) {
		if (left < kinds[kind].permille)
			return (enum call_kind)kind;
		left -= kinds[kind].permille;
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
		return u256_from_u64(world_draw(w, 1000000000));
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

static unsigned draw_contract(struct world *w)
{
	static const unsigned contracts[] = {WHO_STREAMS, WHO_STREAMS2,
					     WHO_LOANS, WHO_REPUTATION};

	return contracts[world_draw(w, sizeof(contracts) / sizeof(*contracts))];
}

static uint64_t newest_stream(const struct world *w, unsigned contract)
{
	for (size_t i = w->now.n_streams; i-- > 0;)
		if (w->now.streams[i].contract == contract)
			return w->now.streams[i].id;
	return 0;
}

/* One of the newest, or none yet. */
static uint64_t draw_loan(struct world *w)
{
	uint64_t newest = w->now.n_loans + 1;

	return newest > LIVELY_LOANS ? newest - world_draw(w, LIVELY_LOANS)
				     : 1 + world_draw(w, newest);
}

/* Whom and what it is about, where that is no stream. */
static void draw_subject(struct world *w, struct call *c)
{
	switch (c->kind) {
	case CALL_PAY:
		c->b = draw_payee(w, c->a);
		if (world_draw(w, 16))
			break;
		c->b = WHO_LOANS;
		c->everything = false;
		break;
	case CALL_CREATE:
		c->a = draw_payee(w, c->b);
		break;
	case CALL_APPROVE:
	case CALL_REPAY:
	case CALL_DEFAULT:
	case CALL_CANCEL_LOAN:
		c->id = draw_loan(w);
		c->everything |= world_draw(w, 4) == 0;
		break;
	case CALL_PAUSE_ALL:
	case CALL_RESUME_ALL:
	case CALL_TRANSFER_OWNER:
		c->contract = draw_contract(w);
		break;
	default:
		break;
	}
}

/* contract and cohort: which streams it may be about. */
static struct call draw_call(struct world *w, unsigned contract,
			     uint64_t cohort)
{
	struct call c = {
	    .kind = draw_kind(w),
	    .contract = contract,
	    .id = cohort + world_draw(w, COHORT),
	    .amount = draw_amount(w),
	    .everything = world_draw(w, 40) == 0,
	    .duration = 60 + (int64_t)world_draw(w, 3000),
	    .interval = 60,
	    .a = draw_person(w),
	    .b = draw_person(w),
	};

	if (world_draw(w, 4) == 0)
		c.interval += (int64_t)world_draw(w, (uint64_t)c.duration - 59);
	draw_subject(w, &c);
	return c;
}

/* Two equal streams, a donation beside an equal stream, one that is cancelled
 * at once, two claims that may be equal. */
static void draw_streams(struct world *w, struct tx *tx, unsigned contract)
{
	struct call *first = &tx->calls[0], *second = &tx->calls[1];

	tx->n = 2;
	first->kind = CALL_CREATE;
	first->contract = contract;
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

/* A loan that is asked for, granted and repaid at once, with money that goes
 * the same ways for nothing: a withdrawal to its worker, a donation of his. */
static void draw_loans(struct world *w, struct tx *tx)
{
	static const enum call_kind order[TX_CALLS] = {
	    CALL_REQUEST, CALL_APPROVE, CALL_PAY, CALL_REPAY};
	struct call call = tx->calls[0];

	call.a = draw_person(w);
	call.b = WHO_LOANS;
	call.id = 0;
	call.everything = false;
	tx->n = TX_CALLS;
	for (size_t i = 0; i < TX_CALLS; i++) {
		tx->calls[i] = call;
		tx->calls[i].kind = order[i];
	}
	if (world_draw(w, 2))
		tx->calls[2].kind = CALL_REPAY;
	if (world_draw(w, 4) == 0)
		tx->calls[0].kind = CALL_WITHDRAW;
}

struct tx calls_draw(struct world *w)
{
	struct tx tx = {.id = w->next_tx++, .n = 1};
	bool second = !w->hostile && world_draw(w, 4) == 0;
	unsigned contract = second ? WHO_STREAMS2 : WHO_STREAMS;
	uint64_t newest = newest_stream(w, contract);
	uint64_t cohort = world_draw(w, LIVELY);

	if (newest > LIVELY)
		cohort += newest - LIVELY;
	cohort -= cohort % COHORT;
	if (world_draw(w, 4) == 0)
		tx.n = 1 + world_draw(w, TX_CALLS);
	for (size_t i = 0; i < tx.n; i++) {
		tx.calls[i] = draw_call(w, contract, cohort);
		if (i && world_draw(w, 3) == 0)
			tx.calls[i] = tx.calls[i - 1];
	}
	switch (world_draw(w, 40)) {
	case 0:
		draw_streams(w, &tx, contract);
		break;
	case 1:
		draw_loans(w, &tx);
		break;
	default:
		break;
	}
	return tx;
}
