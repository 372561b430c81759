#include "chain/portion.h"

/* Successes at the ceiling before it is tried again. */
#define PATIENCE 64

void portion_init(struct portion *portion, uint64_t first, uint64_t most)
{
	*portion =
	    (struct portion){.now = first, .ceiling = most, .most = most};
}

/* Several answers to questions of one size may come in a row: the size asked
 * is halved, not the present one. */
void portion_slow(struct portion *portion, uint64_t asked)
{
	uint64_t half = asked > 1 ? asked / 2 : 1;

	if (half < portion->now)
		portion->now = half;
	portion->successes = 0;
}

void portion_refused(struct portion *portion, uint64_t asked)
{
	portion_slow(portion, asked);
	if (portion->now < portion->ceiling)
		portion->ceiling = portion->now;
}

void portion_fine(struct portion *portion, uint64_t asked)
{
	if (asked < portion->now)
		return;
	if (portion->now < portion->ceiling) {
		portion->now += portion->now / 4 + 1;
		if (portion->now > portion->ceiling)
			portion->now = portion->ceiling;
		return;
	}
	if (portion->ceiling == portion->most ||
	    ++portion->successes < PATIENCE)
		return;
	portion->successes = 0;
	portion->ceiling += portion->ceiling / 2 + 1;
	if (portion->ceiling > portion->most)
		portion->ceiling = portion->most;
}
