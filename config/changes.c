#include "config/changes.h"

#include <string.h>

/* Equal, or neither is there. */
static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_key(const struct secret_key *a, const struct secret_key *b)
{
	return a && b ? memcmp(a, b, sizeof(*a)) == 0 : a == b;
}

static bool same_contract(const struct config_contract *a,
			  const struct config_contract *b)
{
	return address_eq(&a->address, &b->address) &&
	       same_text(a->abi, b->abi) && a->start_block == b->start_block;
}

static bool same_contracts(const struct config *a, const struct config *b,
			   enum contract_role role)
{
	const struct config_contract *x = a->contracts.items;
	const struct config_contract *y = b->contracts.items;
	size_t n = a->contracts.n, m = b->contracts.n;

	for (; n > 0 && x->role < role; n--)
		x++;
	for (; m > 0 && y->role < role; m--)
		y++;
	for (; n > 0 && m > 0 && x->role == role && y->role == role; n--, m--)
		if (!same_contract(x++, y++))
			return false;
	return (n == 0 || x->role != role) && (m == 0 || y->role != role);
}

static bool same_wallets(const struct config *a, const struct config *b)
{
	if (a->n_fee_wallets != b->n_fee_wallets)
		return false;
	for (size_t i = 0; i < a->n_fee_wallets; i++)
		if (!address_eq(&a->fee_wallets[i], &b->fee_wallets[i]))
			return false;
	return true;
}

static bool same_depth(const struct config *a, const struct config *b)
{
	return a->chain.finalized_tag == b->chain.finalized_tag &&
	       (a->chain.finalized_tag ||
		a->chain.confirmations == b->chain.confirmations);
}

size_t config_changes(const struct config *running, const struct config *wanted,
		      const char *keys[CONFIG_CHANGES_MOST])
{
	const struct config *a = running, *b = wanted;
	const struct {
		const char *key;
		bool same;
	} all[] = {
	    {"chain.id", a->chain.id == b->chain.id},
	    {"chain.quorum", a->chain.quorum == b->chain.quorum},
	    {"chain.start_block", a->chain.start_block == b->chain.start_block},
	    {"chain.confirmations", same_depth(a, b)},
	    {"chain.verify", a->chain.verify == b->chain.verify},
	    {"chain.poll_interval", a->chain.poll_ms == b->chain.poll_ms},
	    {"contracts.usdc",
	     address_eq(&a->contracts.usdc, &b->contracts.usdc)},
	    {"contracts.streaming", same_contracts(a, b, ROLE_STREAMING)},
	    {"contracts.loans", same_contracts(a, b, ROLE_LOANS)},
	    {"contracts.reputation", same_contracts(a, b, ROLE_REPUTATION)},
	    {"fee_wallets", same_wallets(a, b)},
	    {"transfers", a->transfers_all == b->transfers_all},
	    {"intents.dropped_after",
	     a->dropped_after_ms == b->dropped_after_ms},
	    {"database.url", same_text(a->database.url, b->database.url)},
	    {"database.encryption_key",
	     same_key(a->database.encryption_key, b->database.encryption_key)},
	    {"auth.token_key", same_key(a->auth.token_key, b->auth.token_key)},
	    {"audit.interval", a->audit.interval_ms == b->audit.interval_ms},
	    {"http.listen", same_text(a->http.host, b->http.host) &&
				a->http.port == b->http.port},
	    {"log.format", a->log.json == b->log.json},
	};
	size_t n = 0;

	_Static_assert(sizeof(all) / sizeof(all[0]) <= CONFIG_CHANGES_MOST,
		       "room for every key");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!all[i].same)
			keys[n++] = all[i].key;
	return n;
}
