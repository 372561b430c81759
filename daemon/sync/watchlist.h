#ifndef GS_DAEMON_SYNC_WATCHLIST_H
#define GS_DAEMON_SYNC_WATCHLIST_H

#include "common/address.h"
#include <stdbool.h>
#include <stddef.h>

/* The registered wallets, as a set: 20 bytes a slot, at most half full. */
struct watchlist {
	struct address *slots; /* the zero address marks an empty one */
	size_t n, size;	       /* size is 0 or a power of two */
};

void watchlist_init(struct watchlist *list);
void watchlist_free(struct watchlist *list);
/* Adding one twice is fine; the zero address is never a wallet and ignored. */
enum err watchlist_add(struct watchlist *list,
		       const struct address *wallet) MUST_CHECK;
bool watchlist_has(const struct watchlist *list, const struct address *wallet);

#endif
