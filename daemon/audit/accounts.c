#include <stdlib.h>
#include <string.h>

#include "daemon/audit/audit_impl.h"
#include "daemon/audit/getter.h"

/* A page of accounts:
 *
 *   read ─► closing ─► opening, block by block ─► compare ─► codes ─► keep ─►
 *                                                 (where the token is the coin)
 */

static void read_page(struct audit *audit);
static void ask_openings(struct audit *audit);

static struct audit_counts *counts_of(struct audit *audit)
{
	return audit->of_contracts ? &audit->result.contracts
				   : &audit->result.wallets;
}

static void on_kept(void *arg, enum err err, const struct fault *fault,
		    const struct store_done *done)
{
	struct audit *audit = arg;

	(void)done;
	if (err)
		audit->result.unrecorded = *fault;
	audit_step(audit, audit->n_read);
	if (audit->of_contracts) {
		audit->of_contracts = false;
		read_page(audit);
	} else if (audit->n_read == AUDIT_ACCOUNTS) {
		read_page(audit);
	} else {
		objects_start(audit);
	}
}

/* What they have now is what a later audit can begin with. */
static void keep(struct audit *audit)
{
	const struct fault none = {.code = OK};
	struct audit_balance *list =
	    ARENA_ARRAY(audit->arena, struct audit_balance, audit->n_page + 1);
	size_t n = 0;
	enum err err = ERR_NOMEM;

	for (size_t i = 0; list && i < audit->n_page; i++) {
		const struct account *a = &audit->page[i];

		if (!a->has_opening)
			list[n++] = (struct audit_balance){
			    .account = a->books.account, .closing = a->closing};
	}
	counts_of(audit)->no_state += n;
	if (list && (n == 0 || !audit->is_final)) {
		on_kept(audit, OK, &none, NULL);
		return;
	}
	if (list)
		err = store_audit_openings(audit->store, audit->block.number,
					   list, n, on_kept, audit);
	if (err)
		audit_fail_to(audit, err, "cannot keep balances");
}

static const char *explain(const struct audit *audit,
			   const struct audit_unlike *u, bool pays_gas)
{
	if (audit->is_coin && !u->more && pays_gas)
		return "gas or unlogged";
	if (u->more)
		return "the books lack something that came in, or hold "
		       "something going out that is not the chain's";
	return "the books lack something that went out, or hold something "
	       "coming in that is not the chain's";
}

static void report(struct audit *audit, const struct audit_unlike *u,
		   bool pays_gas)
{
	char subject[16 + ADDRESS_TEXT_SIZE] = "wallet ";
	struct audit_difference d = {
	    .subject = subject,
	    .expected = u->expected,
	    .found = u->found,
	    .difference = u->difference,
	    .explanation = explain(audit, u, pays_gas),
	    .explained = audit->is_coin && !u->more && pays_gas,
	};

	if (audit->of_contracts)
		strcpy(subject, "contract ");
	address_format(subject + strlen(subject), &u->account);
	if (!d.explained)
		counts_of(audit)->differ++;
	audit_report(audit, counts_of(audit), &d);
}

/* EIP-7702: an account whose code only names another's still sends its own
 * transactions. */
static bool pays_gas(const struct bytes *code)
{
	static const uint8_t delegation[] = {0xef, 0x01, 0x00};

	return code->len == 0 ||
	       (code->len == sizeof(delegation) + 20 &&
		memcmp(code->data, delegation, sizeof(delegation)) == 0);
}

static void on_codes(void *arg, enum err err, const struct fault *fault,
		     const struct state_answer *answers)
{
	struct audit *audit = arg;

	audit->request = NULL;
	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	for (size_t i = 0; i < audit->n_unlike; i++)
		report(audit, &audit->unlike[i], pays_gas(&answers[i].value));
	keep(audit);
}

static void ask_codes(struct audit *audit)
{
	struct state_question *q =
	    ARENA_ARRAY(audit->arena, struct state_question, audit->n_unlike);
	enum err err = ERR_NOMEM;

	for (size_t i = 0; q && i < audit->n_unlike; i++)
		q[i] = (struct state_question){.kind = STATE_CODE,
					       .to = audit->unlike[i].account};
	if (q)
		err = source_state(audit->setup.source, &audit->block, q,
				   audit->n_unlike, audit->arena, on_codes,
				   audit, &audit->request);
	if (err)
		audit_fail_to(audit, err, "cannot ask the node for codes");
}

static void on_unlike(void *arg, enum err err, const struct fault *fault,
		      const struct audit_unlike *list, size_t n)
{
	struct audit *audit = arg;

	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	audit->unlike = list;
	audit->n_unlike = n;
	if (audit->is_coin && n > 0 && !audit->of_contracts) {
		ask_codes(audit);
		return;
	}
	for (size_t i = 0; i < n; i++)
		report(audit, &list[i], false);
	keep(audit);
}

static void compare(struct audit *audit)
{
	struct audit_balance *list =
	    ARENA_ARRAY(audit->arena, struct audit_balance, audit->n_page + 1);
	size_t n = 0;
	enum err err = ERR_NOMEM;

	for (size_t i = 0; list && i < audit->n_page; i++) {
		const struct account *a = &audit->page[i];

		if (a->has_opening)
			list[n++] =
			    (struct audit_balance){.account = a->books.account,
						   .opened = a->opened,
						   .opening = a->opening,
						   .closing = a->closing};
	}
	counts_of(audit)->checked += n;
	if (list)
		err = store_audit_differences(
		    audit->store, audit->arena, audit->block.number,
		    audit->is_coin ? 18 : USDC_DECIMALS, list, n, on_unlike,
		    audit);
	if (err)
		audit_fail_to(audit, err, "cannot add up the transfers");
}

/* From..to of the page, in the state of block. */
static void ask_balances(struct audit *audit, const struct block_ref *block,
			 size_t from, size_t to, source_state_cb cb)
{
	size_t n = to - from;
	struct state_question *q =
	    ARENA_ARRAY(audit->arena, struct state_question, n);
	uint8_t *calls = arena_alloc(audit->arena, n, GETTER_SIZE);
	enum err err = ERR_NOMEM;

	for (size_t i = 0; q && calls && i < n; i++) {
		const struct address *a = &audit->page[from + i].books.account;
		uint8_t *call = calls + i * GETTER_SIZE;

		getter_balance_of(call, a);
		q[i] = (struct state_question){.kind = STATE_CALL,
					       .to = audit->contracts[0],
					       .data = {call, GETTER_SIZE}};
		if (audit->is_coin)
			q[i] = (struct state_question){.kind = STATE_BALANCE,
						       .to = *a};
	}
	if (q && calls)
		err = source_state(audit->setup.source, block, q, n,
				   audit->arena, cb, audit, &audit->request);
	if (err)
		audit_fail_to(audit, err, "cannot ask the node for balances");
}

/* Before its deployment the token knows of no balance: it answers nothing. */
static bool read_balance(struct u256 *out, const struct state_answer *answer)
{
	*out = u256_from_u64(0);
	return !answer->reverted &&
	       (answer->value.len == 0 || getter_number(out, &answer->value));
}

static void fail_balance(struct audit *audit, const struct account *account)
{
	char address[ADDRESS_TEXT_SIZE];
	struct fault fault;
	enum err err = fault_set(
	    &fault, ERR_NONSENSE, "balanceOf(%s) of the token is no number",
	    address_format(address, &account->books.account));

	audit_fail(audit, err, &fault);
}

/* The group's state is gone: what an audit saw later must do, if every block
 * since then was read. */
static void use_seen(struct audit *audit)
{
	for (size_t i = audit->group; i < audit->group_end; i++) {
		struct account *a = &audit->page[i];
		uint64_t block = a->books.opening_block;

		a->has_opening = a->books.has_opening && block >= a->opened &&
				 block < audit->block.number;
		a->opening = a->books.opening;
		a->opened = block;
	}
}

static void on_openings(void *arg, enum err err, const struct fault *fault,
			const struct state_answer *answers)
{
	struct audit *audit = arg;

	audit->request = NULL;
	if (err && err != ERR_MISSING) {
		audit_fail(audit, err, fault);
		return;
	}
	if (err) {
		audit->has_gone = true;
		audit->gone = audit->page[audit->group].opened;
		use_seen(audit);
	}
	for (size_t i = audit->group; !err && i < audit->group_end; i++) {
		struct account *a = &audit->page[i];

		if (!read_balance(&a->opening, &answers[i - audit->group])) {
			fail_balance(audit, a);
			return;
		}
		a->has_opening = true;
	}
	audit->group = audit->group_end;
	ask_openings(audit);
}

static void on_opening_ref(void *arg, enum err err, const struct fault *fault,
			   const struct block_ref *ref)
{
	struct audit *audit = arg;

	audit->request = NULL;
	if (err)
		audit_fail(audit, err, fault);
	else
		ask_balances(audit, ref, audit->group, audit->group_end,
			     on_openings);
}

/* The accounts from `group` on whose books begin after one block. */
static uint64_t find_group(struct audit *audit)
{
	uint64_t block = audit->page[audit->group].opened;
	size_t end = audit->group;

	while (end < audit->n_page && audit->page[end].opened == block)
		end++;
	audit->group_end = end;
	return block;
}

static void ask_openings(struct audit *audit)
{
	enum err err;

	while (audit->group < audit->n_page) {
		uint64_t block = find_group(audit);

		if (!audit->has_gone || block > audit->gone) {
			err =
			    source_ref(audit->setup.source, block,
				       on_opening_ref, audit, &audit->request);
			if (err)
				audit_fail_to(audit, err,
					      "cannot ask the node");
			return;
		}
		use_seen(audit);
		audit->group = audit->group_end;
	}
	compare(audit);
}

static void fail_state(struct audit *audit, const struct fault *fault)
{
	struct fault gone;
	enum err err = fault->code;

	if (err == ERR_MISSING)
		err = fault_set(&gone, err,
				"no node has the state of block %llu any more: "
				"audit a newer one, or add an archive node to "
				"chain.rpc (%s)",
				(unsigned long long)audit->block.number,
				fault->text);
	audit_fail(audit, err, err == ERR_MISSING ? &gone : fault);
}

static void on_closings(void *arg, enum err err, const struct fault *fault,
			const struct state_answer *answers)
{
	struct audit *audit = arg;

	audit->request = NULL;
	if (err) {
		fail_state(audit, fault);
		return;
	}
	for (size_t i = 0; i < audit->n_page; i++) {
		struct account *a = &audit->page[i];

		if (!read_balance(&a->closing, &answers[i])) {
			fail_balance(audit, a);
			return;
		}
	}
	audit->group = 0;
	ask_openings(audit);
}

static int by_opened(const void *left, const void *right)
{
	const struct account *a = left, *b = right;

	return (a->opened > b->opened) - (a->opened < b->opened);
}

/* Those whose books reach the block; what a contract's objects need to know. */
static void take(struct audit *audit, const struct audit_account *list,
		 size_t n)
{
	const struct config *config = audit->setup.config;

	audit->n_page = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t start = config->chain.start_block;

		if (audit->of_contracts) {
			uint64_t own = config->contracts.items[i].start_block;

			audit->complete[i + 1] =
			    list[i].covered &&
			    list[i].first <= (own > start ? own : start);
		}
		if (!list[i].covered)
			continue;
		audit->page[audit->n_page++] = (struct account){
		    .books = list[i],
		    /* Before the first block nobody had anything to read. */
		    .opened = list[i].first > 0 ? list[i].first - 1 : 0,
		};
	}
	counts_of(audit)->uncovered += n - audit->n_page;
	if (audit->n_page > 0)
		qsort(audit->page, audit->n_page, sizeof(*audit->page),
		      by_opened);
}

static void on_page(void *arg, enum err err, const struct fault *fault,
		    struct audit_account *list, size_t n)
{
	const struct fault none = {.code = OK};
	struct audit *audit = arg;

	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	audit->n_read = n;
	audit->page = ARENA_ARRAY(audit->arena, struct account, n + 1);
	if (!audit->page) {
		audit_fail_to(audit, ERR_NOMEM, "a page of accounts");
		return;
	}
	if (n > 0 && !audit->of_contracts) {
		audit->has_last = true;
		audit->last = list[n - 1].account;
	}
	take(audit, list, n);
	if (audit->n_page == 0)
		on_kept(audit, OK, &none, NULL);
	else
		ask_balances(audit, &audit->block, 0, audit->n_page,
			     on_closings);
}

static void read_page(struct audit *audit)
{
	enum err err;

	arena_reset(audit->arena);
	if (audit->of_contracts)
		err = store_audit_contracts(
		    audit->store, audit->arena, audit->contracts,
		    audit->n_contracts, audit->block.number, on_page, audit);
	else
		err = store_audit_wallets(audit->store, audit->arena,
					  audit->contracts, audit->n_contracts,
					  audit->block.number,
					  audit->has_last ? &audit->last : NULL,
					  AUDIT_ACCOUNTS, on_page, audit);
	if (err)
		audit_fail_to(audit, err, "cannot read accounts");
}

void accounts_start(struct audit *audit)
{
	audit->of_contracts = true;
	read_page(audit);
}
