#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/proof.h"
#include "contracts-abi/catalog.h"
#include "tests/node/answer.h"

/* The synthetic chain of the scripted node is one that the daemon's own proofs
 * accept, the same whenever it is made, and consistent in what it says. */

#define BLOCKS 2500

static struct synth *synth;
static struct catalog *catalog;
static struct prover prover;
static struct arena *arena;

static int setup(void **state)
{
	struct synth_rules rules = synth_rules_of(11);
	struct address address;
	struct fault fault;

	(void)state;
	rules.density.odd = 20;
	synth = synth_new(&rules);
	assert_int_equal(catalog_new(&catalog, &fault), OK);
	assert_int_equal(address_parse(&address, CAST_TOKEN), OK);
	assert_int_equal(catalog_add(catalog, &address, "USDC", &fault), OK);
	assert_int_equal(address_parse(&address, CAST_STREAMING), OK);
	assert_int_equal(
	    catalog_add(catalog, &address, "PaymentStreaming", &fault), OK);
	prover.n_interests = catalog_interests(catalog, &prover.interests);
	prover.secp = synth_cast(synth)->secp;
	arena = arena_new(256u << 20);
	assert_non_null(arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	catalog_free(catalog);
	synth_free(synth);
	return 0;
}

static struct json_doc *doc_of(const char *text, size_t len)
{
	struct json_doc *doc;
	struct fault fault = {0};

	assert_int_equal(json_doc_parse(&doc, text, len, &fault), OK);
	return doc;
}

/* The answer to a call, as a document of {"result": ...}. */
static struct json_doc *ask(const char *method, const char *params)
{
	struct json_doc *given = doc_of(params, strlen(params)), *answer;
	bool told = false;
	struct question q = {.synth = synth,
			     .tip = synth_head(synth),
			     .method = method,
			     .params = json_doc_root(given),
			     .told = &told};
	struct buf text;

	buf_init(&text, 1u << 30);
	buf_putc(&text, '{');
	answer_call(&text, &q);
	buf_putc(&text, '}');
	answer = doc_of(text.data, text.len);
	buf_free(&text);
	json_doc_free(given);
	return answer;
}

static struct json_doc *ask_block(const char *method, uint64_t number,
				  const char *more)
{
	char params[64];

	(void)snprintf(params, sizeof(params), "[\"0x%" PRIx64 "\"%s]", number,
		       more);
	return ask(method, params);
}

static const struct json *result(const struct json_doc *doc)
{
	const struct json *found = json_member(json_doc_root(doc), "result");

	assert_non_null(found);
	return found;
}

static void check_senders(const struct block *block)
{
	for (size_t i = 0; i < block->n_logs; i++) {
		assert_true(block->logs[i].has_sender);
		assert_true(cast_account_of(synth_cast(synth),
					    &block->logs[i].sender) >= 0);
	}
}

/* Block `number` proves as the node shows it, and stands on `parent`. */
static size_t prove(uint64_t number, struct block_ref *parent)
{
	struct json_doc *shown =
	    ask_block("eth_getBlockByNumber", number, ",true");
	struct json_doc *logs = ask_block("eth_getBlockReceipts", number, "");
	struct fault fault = {0};
	struct transactions txs;
	struct receipts receipts;
	struct header header;
	struct block block;
	size_t n;

	arena_reset(arena);
	assert_int_equal(proof_header(&header, result(shown), arena, &fault),
			 OK);
	assert_int_equal(proof_is_number(&header, number, &fault), OK);
	if (number > 0)
		assert_int_equal(proof_is_child(&header, parent, &fault), OK);
	assert_int_equal(header_ref(parent, &header), OK);
	assert_int_equal(
	    proof_receipts(&receipts, &header, result(logs), arena, &fault),
	    OK);
	assert_int_equal(
	    proof_transactions(&txs, &header, result(shown), arena, &fault),
	    OK);
	n = proof_count(&prover, &receipts);
	assert_true(n == 0 || proof_may_concern(&prover, &header));
	assert_int_equal(proof_block(&block, &prover, &header, &receipts, &txs,
				     arena, &fault),
			 OK);
	assert_int_equal(block.n_logs, n);
	check_senders(&block);
	for (size_t i = 0; i < txs.n; i++) /* EIP-2: in the lower half */
		assert_int_equal(txs.list[i].s.w[3] >> 63, 0);
	json_doc_free(shown);
	json_doc_free(logs);
	return n;
}

static void prove_all(uint64_t from)
{
	struct block_ref parent = {0};
	uint64_t head = synth_block(synth, synth_head(synth))->number;
	size_t logs = 0;

	if (from > 0)
		(void)prove(from - 1, &(struct block_ref){0});
	for (uint64_t n = from; n <= head; n++)
		logs += prove(n, &parent);
	assert_true(logs > head - from);
}

static void every_block_proves(void **state)
{
	(void)state;
	synth_mine(synth, BLOCKS, NULL);
	prove_all(0);
}

static void forks_prove(void **state)
{
	(void)state;
	synth_mine(synth, 60, NULL);
	for (unsigned i = 0; i < 100; i++) {
		synth_fork(synth, i % 17, 600);
		synth_mine(synth, i % 19 + 1, NULL);
	}
	prove_all(0);
}

static void all_headers_prove(void **state)
{
	(void)state;
	for (unsigned n = HEADER_FRONTIER; n <= HEADER_SLOT_NUMBER; n++) {
		struct synth_rules rules = synth_rules_of(n);

		synth_free(synth);
		rules.header_fields = n;
		synth = synth_new(&rules);
		synth_mine(synth, 40, NULL);
		prove_all(0);
	}
}

/* The same commands, given in another portioning. */
static void is_the_same_again(void **state)
{
	struct synth_rules rules = *synth_rules_in(synth);
	struct synth *again = synth_new(&rules), *other;
	const struct hash *a, *b;

	(void)state;
	synth_mine(synth, 100, NULL);
	synth_fork(synth, 10, 500);
	synth_mine(synth, 30, NULL);
	synth_mine(again, 60, NULL);
	synth_mine(again, 40, NULL);
	synth_fork(again, 10, 500);
	synth_mine(again, 1, NULL);
	synth_mine(again, 29, NULL);
	a = &synth_block(synth, synth_head(synth))->hash;
	b = &synth_block(again, synth_head(again))->hash;
	assert_memory_equal(a, b, sizeof(*a));
	rules.seed++;
	other = synth_new(&rules);
	synth_mine(other, 120, NULL);
	b = &synth_block(other, synth_head(other))->hash;
	assert_memory_not_equal(a, b, sizeof(*a));
	synth_free(other);
	synth_free(again);
}

static int compare_hashes(const void *a, const void *b)
{
	return hash_cmp(a, b);
}

/* The hashes of all transactions of the chain, ascending, each once. */
static struct hash *all_transactions(size_t *n)
{
	uint64_t head = synth_block(synth, synth_head(synth))->number;
	struct hash *list = NULL;
	synth_index index;

	*n = 0;
	for (uint64_t number = 0; number <= head; number++) {
		struct synth_body body;
		size_t more;

		assert_true(synth_at(synth, synth_head(synth), number, &index));
		arena_reset(arena);
		synth_body(&body, synth, index, arena);
		more = body.receipts.n;
		list = realloc(list, (*n + more + 1) * sizeof(*list));
		assert_non_null(list);
		if (more > 0)
			memcpy(list + *n, body.hashes, more * sizeof(*list));
		*n += more;
	}
	qsort(list, *n, sizeof(*list), compare_hashes);
	for (size_t i = 1; i < *n; i++)
		assert_false(hash_eq(&list[i - 1], &list[i]));
	return list;
}

static size_t in_common(const struct hash *a, size_t n_a, const struct hash *b,
			size_t n_b)
{
	size_t n = 0;

	for (size_t i = 0; i < n_a; i++)
		n += bsearch(&a[i], b, n_b, sizeof(*b), compare_hashes) != NULL;
	return n;
}

/* Payments come again after a fork, in other blocks; and not twice when the
 * first branch comes back. */
static void payments_are_included_again(void **state)
{
	size_t n_before, n_after, n_below, n;
	struct hash *before, *after, *below, *back;
	synth_index first;

	(void)state;
	synth_mine(synth, 20, NULL);
	below = all_transactions(&n_below);
	synth_mine(synth, 10, NULL);
	before = all_transactions(&n_before);
	first = synth_head(synth);
	synth_fork(synth, 10, 700);
	synth_mine(synth, 15, NULL);
	after = all_transactions(&n_after);
	n = in_common(before, n_before, after, n_after) - n_below;
	assert_in_range(n, 3, n_before - n_below - 1);
	synth_switch(synth, first, 700);
	assert_int_equal(synth_head(synth), first);
	synth_mine(synth, 15, NULL);
	back = all_transactions(&n);
	assert_int_equal(in_common(before, n_before, back, n), n_before);
	assert_true(in_common(after, n_after, back, n) > n_below);
	free(below);
	free(before);
	free(after);
	free(back);
}

/* What still waits when the first branch comes back stands there already. */
static void payments_that_wait_are_not_included_twice(void **state)
{
	struct hash *first, *back;
	size_t n_first, n;
	synth_index head;

	(void)state;
	synth_mine(synth, 30, NULL);
	first = all_transactions(&n_first);
	head = synth_head(synth);
	synth_fork(synth, 10, 1000);
	synth_mine(synth, 2, NULL);
	synth_switch(synth, head, 1000);
	synth_mine(synth, 20, NULL);
	back = all_transactions(&n);
	assert_int_equal(in_common(first, n_first, back, n), n_first);
	free(first);
	free(back);
}

/* A fork gives one number to two streams. */
static void streams_have_twins(void **state)
{
	struct density many = synth_rules_in(synth)->density;
	struct content_item old[2] = {0};

	(void)state;
	many.empty = 0;
	many.streams = 1000;
	for (unsigned branch = 0; branch < 2; branch++) {
		struct synth_body body;

		synth_mine(synth, 1, &many);
		arena_reset(arena);
		synth_body(&body, synth, synth_head(synth), arena);
		for (size_t i = 0; i < body.receipts.n; i++)
			if (body.items[i].deed == DEED_CREATE)
				old[branch] = body.items[i];
		synth_fork(synth, 1, 0);
	}
	assert_int_equal(old[0].deed, DEED_CREATE);
	assert_int_equal(old[0].stream.id, old[1].stream.id);
	assert_int_not_equal(old[0].amount, old[1].amount);
}

struct fold {
	uint64_t total, released, claimed;
	bool exists, paused, ended;
};

static void fold_one(struct fold *f, const struct content_saying *s)
{
	if (s->kind == SAYS_CREATED) {
		assert_false(f->exists);
		*f = (struct fold){.exists = true, .total = s->total};
		return;
	}
	assert_true(f->exists);
	assert_true(f->total > 0);
	if (s->kind == SAYS_RELEASED) {
		f->released += s->amount;
		assert_int_equal(f->released, s->total);
	}
	if (s->kind == SAYS_CLAIMED)
		f->claimed += s->amount;
	if (s->kind == SAYS_PAUSED || s->kind == SAYS_RESUMED) {
		assert_int_equal(f->paused, s->kind == SAYS_RESUMED);
		f->paused = !f->paused;
	}
	if (s->kind == SAYS_CANCELLED) {
		assert_false(f->ended);
		assert_int_equal(f->released + s->amount, f->total);
	}
	f->ended |= s->kind == SAYS_CANCELLED || s->kind == SAYS_COMPLETED;
	assert_true(f->claimed <= f->released && f->released <= f->total);
}

/* Through forks, too, streams are what the contract would let happen. */
static void streams_obey_the_contract(void **state)
{
	static struct fold folds[8 * 600];
	unsigned kinds[SAYS_KINDS] = {0};

	(void)state;
	memset(folds, 0, sizeof(folds));
	for (unsigned i = 0; i < 50; i++) {
		synth_mine(synth, 13, NULL);
		synth_fork(synth, i % 10, 500);
	}
	for (uint64_t n = 0; n <= synth_block(synth, synth_head(synth))->number;
	     n++) {
		struct content_saying said[64];
		struct synth_body body;
		synth_index index;

		assert_true(synth_at(synth, synth_head(synth), n, &index));
		arena_reset(arena);
		synth_body(&body, synth, index, arena);
		for (size_t i = 0; i < body.receipts.n; i++) {
			size_t m = content_say(said, synth_cast(synth),
					       &body.items[i]);

			assert_int_equal(m, body.receipts.list[i].n_logs);
			for (size_t j = 0; j < m; j++) {
				kinds[said[j].kind]++;
				if (said[j].kind < SAYS_CREATED ||
				    said[j].kind > SAYS_COMPLETED)
					continue;
				assert_true(said[j].id < 8 * 600);
				fold_one(&folds[said[j].id], &said[j]);
			}
		}
	}
	for (unsigned i = 0; i < SAYS_KINDS; i++)
		assert_true(kinds[i] > 0);
}

static void assert_same(const struct json *one, const struct json *other)
{
	struct buf a, b;

	buf_init(&a, 1u << 20);
	buf_init(&b, 1u << 20);
	json_print(&a, one);
	json_print(&b, other);
	assert_string_equal(a.data, b.data);
	buf_free(&a);
	buf_free(&b);
}

/* What eth_getLogs finds is what the receipts hold. */
static void logs_are_the_receipts(void **state)
{
	struct json_doc *found;
	size_t n = 0;

	(void)state;
	synth_mine(synth, 300, NULL);
	found = ask("eth_getLogs",
		    "[{\"fromBlock\":\"0x0\",\"toBlock\":\"0x12c\",\"address\":"
		    "\"" CAST_TOKEN "\",\"topics\":[[\"0xddf252ad1be2c89b69c2b0"
		    "68fc378daa952ba7f163c4a11628f55a4df523b3ef\"]]}]");
	for (uint64_t number = 0; number <= 300; number++) {
		struct json_doc *doc =
		    ask_block("eth_getBlockReceipts", number, "");

		for (size_t i = 0; i < json_count(result(doc)); i++) {
			const struct json *logs =
			    json_member(json_element(result(doc), i), "logs");

			for (size_t j = 0; j < json_count(logs); j++) {
				const struct json *log = json_element(logs, j);
				const char *topic = json_text(
				    json_element(json_member(log, "topics"), 0),
				    NULL);
				const char *address = json_text(
				    json_member(log, "address"), NULL);

				if (!topic ||
				    strcmp(address, CAST_TOKEN) != 0 ||
				    strncmp(topic, "0xddf252ad", 10) != 0)
					continue;
				assert_same(log,
					    json_element(result(found), n++));
			}
		}
		json_doc_free(doc);
	}
	assert_true(n > 500);
	assert_int_equal(json_count(result(found)), n);
	json_doc_free(found);
}

/* What `method` answers by the hash `name` of one in the list is that one. */
static size_t ask_each(const struct json *list, const char *name,
		       const char *method)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *shown = json_element(list, i);
		struct json_doc *one;
		char params[80];

		(void)snprintf(params, sizeof(params), "[\"%s\"]",
			       json_text(json_member(shown, name), NULL));
		one = ask(method, params);
		assert_same(shown, result(one));
		json_doc_free(one);
	}
	return json_count(list);
}

/* eth_getTransactionReceipt says what eth_getBlockReceipts does, and
 * eth_getTransactionByHash what stands in a block. */
static void by_hash_as_in_the_block(void **state)
{
	size_t n = 0;

	(void)state;
	synth_mine(synth, 40, NULL);
	synth_fork(synth, 10, 900);
	synth_mine(synth, 12, NULL);
	for (uint64_t number = 0; number <= 42; number++) {
		struct json_doc *receipts =
		    ask_block("eth_getBlockReceipts", number, "");
		struct json_doc *block =
		    ask_block("eth_getBlockByNumber", number, ",true");

		n += ask_each(result(receipts), "transactionHash",
			      "eth_getTransactionReceipt");
		(void)ask_each(json_member(result(block), "transactions"),
			       "hash", "eth_getTransactionByHash");
		json_doc_free(receipts);
		json_doc_free(block);
	}
	assert_true(n > 200);
}

/* density.payouts of those that touch a wallet of ours. */
static void payouts_go_from_platforms_to_workers(void **state)
{
	const struct density density = {.busy = 1000,
					.transfers = 50,
					.batch = 1,
					.ours = 1000,
					.payouts = 1000};
	const struct cast *cast = synth_cast(synth);
	struct content_saying said;
	struct synth_body body;

	(void)state;
	synth_mine(synth, 20, &density);
	for (synth_index index = 1; index < synth_count(synth); index++) {
		arena_reset(arena);
		synth_body(&body, synth, index, arena);
		assert_int_equal(body.receipts.n, 50);
		for (size_t i = 0; i < body.receipts.n; i++) {
			assert_int_equal(
			    content_say(&said, cast, &body.items[i]), 1);
			assert_true(cast_is_ours(cast, said.from));
			assert_true(cast_is_platform(cast, said.from));
			assert_true(cast_is_ours(cast, said.to));
			assert_false(cast_is_platform(cast, said.to));
			assert_true(said.amount > 0);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_block_proves),
	    TEST(forks_prove),
	    TEST(all_headers_prove),
	    TEST(is_the_same_again),
	    TEST(payments_are_included_again),
	    TEST(payments_that_wait_are_not_included_twice),
	    TEST(streams_have_twins),
	    TEST(streams_obey_the_contract),
	    TEST(logs_are_the_receipts),
	    TEST(by_hash_as_in_the_block),
	    TEST(payouts_go_from_platforms_to_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
