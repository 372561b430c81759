#include "tests/model/lib_contracts.h"
#include "tests/model/lib_logs.h"

/* Constants of contracts-abi/dev/ReputationLedger.sol. */
#define FIRST_SCORE 100
#define MOST_SCORE 1000

/* Points are 2, and 1 if in time; a rating of 5, 4, 3, 2, 1 adds 3, 2, 1, 0,
 * -1; none adds nothing. */
static int points(bool on_time, unsigned rating)
{
	return 2 + on_time + (rating ? (int)rating - 2 : 0);
}

static void mark(struct world *w, unsigned worker, const char *type, int given)
{
	struct mark *m = world_mark(w, MARK_REPUTATION);

	m->worker = worker;
	m->type = type;
	m->points = given;
	m->score = w->now.reputations[worker].score;
}

void reputation_task(struct world *w, const struct call *call)
{
	struct reputation *r = &w->now.reputations[call->a];
	unsigned rating = (unsigned)call->duration % 6;
	bool on_time = call->duration / 6 % 2;

	if (w->now.paused[WHO_REPUTATION])
		return;
	if (r->tasks++ == 0)
		r->score = FIRST_SCORE;
	r->score += (unsigned)points(on_time, rating);
	if (r->score > MOST_SCORE)
		r->score = MOST_SCORE;
	mark(w, call->a, on_time ? "task_completed" : "task_late",
	     points(on_time, rating));
	LOG_EVENT(&w->script, wallet_of(WHO_REPUTATION),
		  "TaskRecorded(address,uint256,bool,uint8,uint256)", 2,
		  word_of_address(wallet_of(call->a)), word_of_u64(call->id),
		  word_of_u64(on_time), word_of_u64(rating),
		  word_of_u64(r->score));
}

void reputation_dispute(struct world *w, const struct call *call)
{
	struct reputation *r = &w->now.reputations[call->a];
	unsigned severity = 1 + (unsigned)call->duration % 5;
	unsigned lost = 10 * severity;

	if (w->now.paused[WHO_REPUTATION])
		return;
	r->score = r->score > lost ? r->score - lost : 0;
	mark(w, call->a, "dispute_filed", -(int)lost);
	LOG_EVENT(&w->script, wallet_of(WHO_REPUTATION),
		  "DisputeRecorded(address,uint256,uint8,uint256,uint256)", 2,
		  word_of_address(wallet_of(call->a)), word_of_u64(call->id),
		  word_of_u64(severity), word_of_u64(lost),
		  word_of_u64(r->score));
}

void reputation_update(struct world *w, const struct call *call)
{
	w->now.reputations[call->a].score =
	    (unsigned)(call->duration * 7) % (MOST_SCORE + 1);
}
