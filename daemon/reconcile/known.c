#include "daemon/reconcile/known.h"

#include <stdlib.h>
#include <string.h>

static bool among(const struct address *list, size_t n,
		  const struct address *address)
{
	for (size_t i = 0; i < n; i++)
		if (address_eq(&list[i], address))
			return true;
	return false;
}

bool known_contract(const struct reconcile_rules *rules,
		    const struct address *address)
{
	return address_eq(&rules->token, address) ||
	       among(rules->contracts, rules->n_contracts, address);
}

bool known_fee_wallet(const struct reconcile_rules *rules,
		      const struct address *address)
{
	return among(rules->fee_wallets, rules->n_fee_wallets, address);
}

static int party_cmp(const void *a, const void *b)
{
	const struct party_row *x = a, *y = b;

	return address_cmp(&x->wallet, &y->wallet);
}

enum err known_parties_init(struct known_parties *parties, struct arena *arena,
			    const struct party_row *rows, size_t n)
{
	struct party_row *sorted = ARENA_ARRAY(arena, struct party_row, n);

	if (!sorted)
		return ERR_NOMEM;
	if (n) {
		memcpy(sorted, rows, n * sizeof(*rows));
		qsort(sorted, n, sizeof(*sorted), party_cmp);
	}
	*parties = (struct known_parties){sorted, n};
	return OK;
}

/* NULL: not registered. */
static const struct party_row *find(const struct known_parties *parties,
				    const struct address *wallet)
{
	struct party_row key = {.wallet = *wallet};

	return parties->n ? bsearch(&key, parties->rows, parties->n,
				    sizeof(key), party_cmp)
			  : NULL;
}

struct uuid known_worker(const struct known_parties *parties,
			 const struct address *wallet)
{
	const struct party_row *party = find(parties, wallet);

	return party ? party->worker_id : (struct uuid){0};
}

struct uuid known_platform(const struct known_parties *parties,
			   const struct address *wallet)
{
	const struct party_row *party = find(parties, wallet);

	return party ? party->platform_id : (struct uuid){0};
}

void known_keep(struct uuid *link, const struct uuid *stored)
{
	if (uuid_is_nil(link))
		*link = *stored;
}
