#ifndef GS_CHAIN_PACE_H
#define GS_CHAIN_PACE_H

#include <stdint.h>

/* How many calls a second a node grants: as configured, and as learned from
 * what it refuses. Pure; times are milliseconds of any clock that only goes
 * forward. Spaced by the generic cell rate algorithm (ITU-T I.371, annex A),
 * with bursts of up to a second's worth. */
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
/* The time from which on so many calls may be sent; now: at once. */
uint64_t pace_ready_at(const struct pace *pace, uint32_t calls, uint64_t now);
void pace_sent(struct pace *pace, uint32_t calls, uint64_t now);
/* The node said "too many": half of what it got in a second, from here on; one
 * wave of refusals counts once. */
void pace_refused(struct pace *pace, uint64_t now);
/* It answered: after some seconds of that, a quarter more. */
void pace_fine(struct pace *pace, uint64_t now);

#endif
