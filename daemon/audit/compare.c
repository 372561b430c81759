#include "daemon/audit/compare.h"

#include <stdio.h>
#include <string.h>

#include "daemon/reconcile/decode.h"
#include "daemon/reconcile/loan_fold.h"
#include "daemon/reconcile/stream_fold.h"

_Static_assert(GETTER_WALLETS == AUDIT_WALLETS &&
		   GETTER_AMOUNTS == AUDIT_AMOUNTS,
	       "the books have a place for each that a contract can say");

static void of_stream(struct audit_object *out, const struct stream_row *row)
{
	*out = (struct audit_object){
	    .id = row->contract_stream_id,
	    .wallets = {row->worker_wallet, row->platform_wallet},
	    .amounts = {row->total, row->released, row->claimed},
	    .status = stream_status_name(row->status),
	};
}

static void of_loan(struct audit_object *out, const struct loan_row *row)
{
	*out = (struct audit_object){
	    .id = row->contract_loan_id,
	    .wallets = {row->worker_wallet},
	    .amounts = {row->requested, row->approved, row->fee, row->owed,
			row->repaid},
	    .status = loan_status_name(row->status),
	};
}

bool object_fold(struct audit_object *out, enum audit_kind kind,
		 const struct catalog *catalog, const struct event_row *events,
		 size_t n)
{
	struct stream_fold stream = {.exists = false};
	struct loan_fold loan = {.exists = false};
	struct event event;
	struct fault fault;
	const char *why = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct event_row *e = &events[i];

		if (event_row_decode(&event, catalog, e, &fault) != OK)
			continue;
		if (kind == AUDIT_STREAMS)
			why = stream_fold_apply(&stream, &event, &e->contract,
						&e->at);
		else
			why = loan_fold_apply(&loan, &event, &e->contract,
					      &e->at);
	}
	(void)why;
	if (stream.exists)
		of_stream(out, &stream.row);
	if (loan.exists)
		of_loan(out, &loan.row);
	return stream.exists || loan.exists;
}

static bool wallets(struct unlike *out, const struct address *books,
		    const struct address *chain)
{
	if (address_eq(books, chain))
		return false;
	address_format(out->expected, books);
	address_format(out->found, chain);
	return true;
}

static bool amounts(struct unlike *out, const struct u256 *books,
		    const struct u256 *chain)
{
	bool less = u256_cmp(chain, books) < 0;
	struct u256 difference;
	char text[USDC_TEXT_SIZE];

	if (u256_cmp(chain, books) == 0 ||
	    !u256_sub(&difference, less ? books : chain, less ? chain : books))
		return false;
	usdc_format(out->expected, books);
	usdc_format(out->found, chain);
	(void)snprintf(out->difference, sizeof(out->difference), "%s%s",
		       less ? "-" : "", usdc_format(text, &difference));
	return true;
}

static bool statuses(struct unlike *out, const char *books, const char *chain)
{
	if (strcmp(books, chain) == 0)
		return false;
	(void)snprintf(out->expected, sizeof(out->expected), "%s", books);
	(void)snprintf(out->found, sizeof(out->found), "%s", chain);
	return true;
}

static bool differ(struct unlike *out, const struct getter_field *field,
		   const struct audit_object *books,
		   const struct getters_said *chain)
{
	*out = (struct unlike){.what = field->name};
	switch (field->type) {
	case GETTER_WALLET:
		return wallets(out, &books->wallets[field->place],
			       &chain->wallets[field->place]);
	case GETTER_AMOUNT:
		return amounts(out, &books->amounts[field->place],
			       &chain->amounts[field->place]);
	case GETTER_STATUS:
		break;
	}
	return statuses(out, books->status, chain->status);
}

size_t object_compare(struct unlike out[GETTER_FIELDS],
		      const struct getters *getters,
		      const struct audit_object *books,
		      const struct getters_said *chain)
{
	size_t n = 0;

	for (size_t i = 0; i < getters->n; i++)
		if (chain->has[i] &&
		    differ(&out[n], getters->all[i].field, books, chain))
			n++;
	return n;
}
