#include "tests/model/lib_contracts.h"
#include "tests/model/lib_logs.h"

static void set_paused(struct world *w, const struct call *call, bool paused)
{
	if (w->now.paused[call->contract] == paused)
		return;
	w->now.paused[call->contract] = paused;
	world_mark(w, MARK_OTHER);
	LOG_EVENT(&w->script, wallet_of(call->contract),
		  paused ? "Paused(address)" : "Unpaused(address)", 0,
		  word_of_address(wallet_of(call->a)));
}

void owner_pause(struct world *w, const struct call *call)
{
	set_paused(w, call, true);
}

void owner_resume(struct world *w, const struct call *call)
{
	set_paused(w, call, false);
}

void owner_transfer(struct world *w, const struct call *call)
{
	world_mark(w, MARK_OTHER);
	LOG_EVENT(&w->script, wallet_of(call->contract),
		  "OwnershipTransferred(address,address)", 2,
		  word_of_address(wallet_of(call->a)),
		  word_of_address(wallet_of(call->b)));
}
