#include "daemon/audit/kinds.h"

#include <stdio.h>
#include <string.h>

#include "daemon/audit/getter.h"
#include "daemon/reconcile/decode.h"
#include "daemon/reconcile/loan_fold.h"
#include "daemon/reconcile/stream_fold.h"

static const char *const stream_statuses[] = {"active", "paused", "completed",
					      "cancelled"};
static const char *const loan_statuses[] = {"pending",	"approved", "disbursed",
					    "repaying", "repaid",   "defaulted",
					    "cancelled"};

/* The words: the structs that getStreamDetails and getLoanDetails return
 * (contracts-abi/payment-streaming.json, micro-loan.json). */
const struct object_kind object_kinds[] = {
    {
	.kind = AUDIT_STREAMS,
	.name = "stream",
	.role = ROLE_STREAMING,
	.abi = "PaymentStreaming",
	.getter = "getStreamDetails(uint256)",
	.counter = "streamCount()",
	.words = 11,
	.wallets = {"worker", "platform"},
	.wallet_words = {1, 2},
	.amounts = {"total", "released", "claimed"},
	.amount_words = {3, 4, 5},
	.status_word = 10,
	.statuses = stream_statuses,
	.n_statuses = sizeof(stream_statuses) / sizeof(*stream_statuses),
    },
    {
	.kind = AUDIT_LOANS,
	.name = "loan",
	.role = ROLE_LOANS,
	.abi = "MicroLoan",
	.getter = "getLoanDetails(uint256)",
	.counter = "loanCount()",
	.words = 14,
	.wallets = {"worker"},
	.wallet_words = {1},
	.amounts = {"requested", "approved", "fee", "owed", "repaid"},
	.amount_words = {2, 3, 5, 6, 7},
	.status_word = 13,
	.statuses = loan_statuses,
	.n_statuses = sizeof(loan_statuses) / sizeof(*loan_statuses),
    },
};
const size_t n_object_kinds = sizeof(object_kinds) / sizeof(*object_kinds);

const struct object_kind *object_kind_of(const struct config_contract *c)
{
	for (size_t i = 0; i < n_object_kinds; i++)
		if (object_kinds[i].role == c->role &&
		    strcmp(object_kinds[i].abi, c->abi) == 0)
			return &object_kinds[i];
	return NULL;
}

bool object_read(struct audit_object *out, const struct object_kind *kind,
		 const struct bytes *answer)
{
	struct u256 word;
	uint64_t status;

	if (answer->len != kind->words * GETTER_WORD)
		return false;
	word = getter_word(answer, kind->status_word);
	if (!u256_to_u64(&status, &word) || status >= kind->n_statuses)
		return false;
	*out = (struct audit_object){.id = getter_word(answer, 0),
				     .status = kind->statuses[status]};
	for (size_t i = 0; kind->amounts[i]; i++)
		out->amounts[i] = getter_word(answer, kind->amount_words[i]);
	for (size_t i = 0; kind->wallets[i]; i++)
		if (!getter_address(&out->wallets[i], answer,
				    kind->wallet_words[i]))
			return false;
	return true;
}

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

bool object_fold(struct audit_object *out, const struct object_kind *kind,
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
		if (kind->kind == AUDIT_STREAMS)
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

size_t object_compare(struct unlike out[UNLIKE_MOST],
		      const struct object_kind *kind,
		      const struct audit_object *books,
		      const struct audit_object *chain)
{
	size_t n = 0;

	for (size_t i = 0; kind->wallets[i]; i++) {
		if (address_eq(&books->wallets[i], &chain->wallets[i]))
			continue;
		out[n] = (struct unlike){.what = kind->wallets[i]};
		address_format(out[n].expected, &books->wallets[i]);
		address_format(out[n++].found, &chain->wallets[i]);
	}
	for (size_t i = 0; kind->amounts[i]; i++)
		if (amounts(&out[n], &books->amounts[i], &chain->amounts[i]))
			out[n++].what = kind->amounts[i];
	if (strcmp(books->status, chain->status) != 0) {
		struct unlike *u = &out[n++];

		*u = (struct unlike){.what = "status"};
		(void)snprintf(u->expected, sizeof(u->expected), "%s",
			       books->status);
		(void)snprintf(u->found, sizeof(u->found), "%s", chain->status);
	}
	return n;
}
