#ifndef GS_DAEMON_RECONCILE_KNOWN_H
#define GS_DAEMON_RECONCILE_KNOWN_H

#include "daemon/reconcile/reconcile.h"

/* Who an address is, as far as we know. */

/* The token, or a contract that the configuration names. */
bool known_contract(const struct reconcile_rules *rules,
		    const struct address *address);
bool known_fee_wallet(const struct reconcile_rules *rules,
		      const struct address *address);

/* The registered wallets of one run, sorted for the look-up. */
struct known_parties {
	const struct party_row *rows;
	size_t n;
};

/* Sorts a copy of rows into the arena. ERR_NOMEM. */
enum err known_parties_init(struct known_parties *parties, struct arena *arena,
			    const struct party_row *rows, size_t n) MUST_CHECK;
/* Nil for a wallet that is not registered as one. */
struct uuid known_worker(const struct known_parties *parties,
			 const struct address *wallet);
struct uuid known_platform(const struct known_parties *parties,
			   const struct address *wallet);

/* Of a stored row: whose wallet nobody has now is still whom it was linked to,
 * who may have another one by now. */
void known_keep(struct uuid *link, const struct uuid *stored);

#endif
