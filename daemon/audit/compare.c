#include "daemon/audit/compare.h"

#include <stdio.h>

static void amounts(struct unlike *out, size_t *n, const char *what,
		    const struct u256 *books, const struct u256 *chain)
{
	bool less = u256_cmp(chain, books) < 0;
	struct u256 difference = {{0}};
	char text[USDC_TEXT_SIZE];
	struct unlike *u = &out[*n];

	if (u256_cmp(chain, books) == 0)
		return;
	if (!u256_sub(&difference, less ? books : chain, less ? chain : books))
		return; /* cannot be: the larger less the smaller */
	u->what = what;
	usdc_format(u->expected, books);
	usdc_format(u->found, chain);
	(void)snprintf(u->difference, sizeof(u->difference), "%s%s",
		       less ? "-" : "", usdc_format(text, &difference));
	(*n)++;
}

static void wallets(struct unlike *out, size_t *n, const char *what,
		    const struct address *books, const struct address *chain)
{
	struct unlike *u = &out[*n];

	if (address_eq(books, chain))
		return;
	u->what = what;
	address_format(u->expected, books);
	address_format(u->found, chain);
	u->difference[0] = '\0';
	(*n)++;
}

static void statuses(struct unlike *out, size_t *n, enum stream_status books,
		     enum stream_status chain)
{
	struct unlike *u = &out[*n];

	if (books == chain)
		return;
	u->what = "status";
	(void)snprintf(u->expected, sizeof(u->expected), "%s",
		       stream_status_name(books));
	(void)snprintf(u->found, sizeof(u->found), "%s",
		       stream_status_name(chain));
	u->difference[0] = '\0';
	(*n)++;
}

size_t compare_stream(struct unlike out[COMPARE_MOST],
		      const struct stream_row *books,
		      const struct stream_row *chain)
{
	size_t n = 0;

	wallets(out, &n, "worker", &books->worker_wallet,
		&chain->worker_wallet);
	wallets(out, &n, "platform", &books->platform_wallet,
		&chain->platform_wallet);
	amounts(out, &n, "total", &books->total, &chain->total);
	amounts(out, &n, "released", &books->released, &chain->released);
	amounts(out, &n, "claimed", &books->claimed, &chain->claimed);
	statuses(out, &n, books->status, chain->status);
	return n;
}
