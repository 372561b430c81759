#include "chain/pace.h"

#include <stdbool.h>

#define SECOND_MS 1000u
#define SECOND_US 1000000u
/* Between two raises of a learned rate. */
#define PATIENCE_MS 2000u
#define BURST_US 500000u
/* A learned rate that has grown so far is none. */
#define PACE_MOST 100000u

void pace_configure(struct pace *pace, uint32_t ceiling)
{
	bool learned = pace->per_second != pace->ceiling;

	if (!learned || (ceiling != 0 && pace->per_second > ceiling))
		pace->per_second = ceiling;
	pace->ceiling = ceiling;
}

uint64_t pace_ready_at(const struct pace *pace, uint64_t now)
{
	if (pace->per_second == 0 || pace->next_us <= now * 1000 + BURST_US)
		return now;
	return (pace->next_us - BURST_US + 999) / 1000;
}

static void count(struct pace *pace, uint32_t calls, uint64_t now)
{
	uint64_t second = now / SECOND_MS;

	if (second != pace->second) {
		pace->sent_before = second == pace->second + 1 ? pace->sent : 0;
		pace->sent = 0;
		pace->second = second;
	}
	pace->sent += calls;
}

void pace_sent(struct pace *pace, uint32_t calls, uint64_t now)
{
	count(pace, calls, now);
	if (pace->per_second == 0)
		return;
	if (pace->next_us < now * 1000)
		pace->next_us = now * 1000;
	pace->next_us += (uint64_t)calls * SECOND_US / pace->per_second;
}

void pace_refused(struct pace *pace, uint64_t now)
{
	uint32_t least = PACE_LEAST, most;

	if (pace->changed_at != 0 && now < pace->changed_at + SECOND_MS)
		return;
	count(pace, 0, now);
	most = pace->sent > pace->sent_before ? pace->sent : pace->sent_before;
	if (pace->per_second != 0 && most > pace->per_second)
		most = pace->per_second;
	if (pace->ceiling != 0 && least > pace->ceiling)
		least = pace->ceiling;
	pace->per_second = most / 2 > least ? most / 2 : least;
	pace->changed_at = now;
}

void pace_fine(struct pace *pace, uint64_t now)
{
	if (pace->per_second == pace->ceiling ||
	    now < pace->changed_at + PATIENCE_MS)
		return;
	pace->per_second += pace->per_second / 4 + 1;
	if (pace->ceiling != 0 ? pace->per_second > pace->ceiling
			       : pace->per_second > PACE_MOST)
		pace->per_second = pace->ceiling;
	pace->changed_at = now;
}
