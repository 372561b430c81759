#ifndef GS_CHAIN_PACE_H
#define GS_CHAIN_PACE_H

#include <stdint.h>

/* How many calls a second a node grants: as configured, and as learned from
 * what it refuses. Pure; times are milliseconds of any clock that only goes
 * forward. A bucket that leaks (ITU-T I.371, annex A): whatever is sent counts as
 * a debt that is worked off at the rate, and the next may be sent while that is
 * less than half a second's worth. So a large batch has its turn as a single
 * call has, and what follows it waits the longer. */
struct pace {
	uint32_t ceiling;    /* configured; 0: none */
	uint32_t per_second; /* present; 0: unlimited */
	uint64_t next_us;    /* when all that was sent is worked off */
	uint64_t changed_at; /* when per_second last changed */
	/* What was sent in this second and in the one before it. */
	uint64_t second;
	uint32_t sent, sent_before;
};

/* Zeroed is unlimited. A ceiling of before goes; what was learned below the new
 * one stays. */
void pace_configure(struct pace *pace, uint32_t ceiling);
/* The time from which on the next may be sent; now: at once. */
uint64_t pace_ready_at(const struct pace *pace, uint64_t now);
void pace_sent(struct pace *pace, uint32_t calls, uint64_t now);
/* The node said "too many": half of what it got in a second, from here on, but
 * not below PACE_LEAST; one wave of refusals counts once. */
#define PACE_LEAST 10u
void pace_refused(struct pace *pace, uint64_t now);
/* It answered: after two seconds of that, a quarter more. */
void pace_fine(struct pace *pace, uint64_t now);

#endif
