#include "chain/pace.h"

#include <stdbool.h>

#define SECOND_MS 1000u
#define SECOND_US 1000000u
/* Between two raises of a learned rate. */
#define PATIENCE_MS 10000u

void pace_configure(struct pace *pace, uint32_t ceiling)
{
	bool learned = pace->per_second != pace->ceiling;

	if (!learned || (ceiling != 0 && pace->per_second > ceiling))
		pace->per_second = ceiling;
	pace->ceiling = ceiling;
}

static uint64_t cost_us(const struct pace *pace, uint32_t calls)
{
	return (uint64_t)calls * SECOND_US / pace->per_second;
}

uint64_t pace_ready_at(const struct pace *pace, uint32_t calls, uint64_t now)
{
	uint64_t cost, burst;

	if (pace->per_second == 0)
		return now;
	/* More calls than a second grants wait until all else is done. */
	cost = cost_us(pace, calls);
	burst = cost < SECOND_US ? SECOND_US - cost : 0;
	if (pace->next_us <= now * 1000 + burst)
		return now;
	return (pace->next_us - burst + 999) / 1000;
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
	pace->next_us += cost_us(pace, calls);
}

void pace_refused(struct pace *pace, uint64_t now)
{
	uint32_t most;

	if (pace->changed_at != 0 && now < pace->changed_at + SECOND_MS)
		return;
	count(pace, 0, now);
	most = pace->sent > pace->sent_before ? pace->sent : pace->sent_before;
	if (pace->per_second != 0 && most > pace->per_second)
		most = pace->per_second;
	pace->per_second = most > 1 ? most / 2 : 1;
	pace->changed_at = now;
}

void pace_fine(struct pace *pace, uint64_t now)
{
	if (pace->per_second == pace->ceiling ||
	    now < pace->changed_at + PATIENCE_MS)
		return;
	pace->per_second += pace->per_second / 4 + 1;
	if (pace->ceiling != 0 && pace->per_second > pace->ceiling)
		pace->per_second = pace->ceiling;
	pace->changed_at = now;
}
