#include "tests/model/lib_contracts.h"
#include "tests/model/lib_logs.h"

#define FIRST_SCORE 100
#define MOST_SCORE 1000

/* Points are 2, and 1 if in time; a rating of 5, 4, 3, 2, 1 adds 3, 2, 1, 0,
 * -1; none adds nothing. */
static unsigned points(bool on_time, unsigned rating)
{
	return 2 + on_time + (rating ? rating - 2 : 0);
}

void reputation_task(struct world *w, const struct call *call)
{
	struct reputation *r = &w->now.reputations[call->a];
	unsigned rating = (unsigned)call->duration % 6;
	bool on_time = call->interval % 2;

	if (w->now.paused[WHO_REPUTATION])
		return;
	if (r->tasks++ == 0)
		r->score = FIRST_SCORE;
	r->score += points(on_time, rating);
	if (r->score > MOST_SCORE)
		r->score = MOST_SCORE;
	world_mark(w, MARK_REPUTATION);
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
	world_mark(w, MARK_REPUTATION);
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
