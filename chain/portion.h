#ifndef GS_CHAIN_PORTION_H
#define GS_CHAIN_PORTION_H

#include <stdint.h>

/* How much to ask for at once, learned from how it goes. Pure. */
struct portion {
	uint64_t now;
	uint64_t ceiling; /* refused above it, last we tried */
	uint64_t most;	  /* never above this */
	unsigned successes;
};

void portion_init(struct portion *portion, uint64_t first, uint64_t most);
/* asked was refused as too much: half of it from here on, and only after many
 * successes more again. */
void portion_refused(struct portion *portion, uint64_t asked);
/* asked took too long: half of it, for now. */
void portion_slow(struct portion *portion, uint64_t asked);
/* asked went well: grow by a quarter, up to the ceiling. */
void portion_fine(struct portion *portion, uint64_t asked);

#endif
