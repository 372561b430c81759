#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/source.h"
#include "tests/unit/lib_chain.h"
#include "tests/unit/lib_node.h"

/* Nodes, each with a chain of its own, and what they agree on; and a
 * second node that answers where the first is slow. */

#define N 4
#define USUAL 3 /* configured, unless a test says otherwise */
#define BLOCKS 12

static const struct made_plan plain = {.transfers = 1};
static const struct made_plan forked = {.transfers = 1, .fork = 1};

struct peer {
	struct made_chain *chain;
	struct node_script script;
	struct node *node;
	enum web_manner manner;
	unsigned calls;
	bool limited; /* answers 429 */
	bool foreign; /* serves chain 5 */
	int status;   /* HTTP's; 0: 200 */
	bool pruned;  /* refuses receipts */
	bool strange; /* its headers do not hash to what it calls them */
};

static struct {
	uv_loop_t loop;
	struct peer peers[N];
	struct config config;
	struct config_endpoint endpoints[N];
	struct catalog *catalog;
	struct arena *arena;
	struct source *source;
	unsigned incomplete;
	char blamed[32];
	bool done;
	enum err err;
	struct fault fault;
	struct source_agreement agreement;
	struct source_head head;
	struct span *span;
} t;

/* The newest block under a hash that is not its own. */
static void put_strange(struct buf *out, const struct made_chain *chain)
{
	struct made_block block = chain->blocks[chain->n - 1];

	block.header.hash.b[0] ^= 1;
	buf_puts(out, "\"result\":");
	made_block_json(out, &block, false);
}

static void on_call(void *arg, const char *method, const struct json *params,
		    struct buf *out)
{
	struct peer *peer = arg;

	if (peer->foreign && strcmp(method, "eth_chainId") == 0) {
		buf_puts(out, "\"result\":\"0x5\"");
		return;
	}
	peer->calls++;
	if (peer->strange && strcmp(method, "eth_getBlockByNumber") == 0) {
		put_strange(out, peer->chain);
		return;
	}
	if (peer->pruned && strcmp(method, "eth_getBlockReceipts") == 0) {
		buf_puts(out, "\"error\":{\"code\":4444,\"message\":\"Pruned "
			      "history unavailable\"}");
		return;
	}
	made_call(peer->chain, method, params, out);
}

static void on_reply(void *arg, const struct json *request,
		     struct node_reply *reply)
{
	struct peer *peer = arg;

	(void)request;
	reply->manner = peer->manner;
	if (peer->status) {
		reply->status = peer->status;
		buf_reset(&reply->body);
		buf_puts(&reply->body, "no");
	}
	if (peer->limited) {
		reply->status = 429;
		reply->headers = "Retry-After: 1\r\n";
	}
}

static void on_incomplete(void *arg, const char *endpoint, const char *why)
{
	(void)arg;
	assert_true(*why);
	t.incomplete++;
	(void)snprintf(t.blamed, sizeof(t.blamed), "%s", endpoint);
}

static int setup(void **state)
{
	static const char *const names[N] = {"a", "b", "c", "d"};
	struct address token;
	struct fault fault;

	(void)state;
	memset(&t, 0, sizeof(t));
	assert_int_equal(uv_loop_init(&t.loop), 0);
	for (size_t i = 0; i < N; i++) {
		struct peer *peer = &t.peers[i];

		peer->chain = made_new();
		made_add_many(peer->chain, BLOCKS, &plain);
		peer->chain->has_final = true;
		peer->chain->final = 8;
		peer->script = (struct node_script){peer, on_call, on_reply};
		peer->node = node_new(&t.loop, &peer->script);
		t.endpoints[i].name = strdup(names[i]);
		t.endpoints[i].url = strdup(node_url(peer->node));
	}
	t.config.chain.rpc = t.endpoints;
	t.config.chain.n_rpc = USUAL;
	t.config.chain.quorum = 2;
	t.config.chain.finalized_tag = true;
	t.config.chain.verify = VERIFY_RECEIPTS;
	assert_int_equal(address_parse(&token, MADE_TOKEN), OK);
	assert_int_equal(catalog_new(&t.catalog, &fault), OK);
	assert_int_equal(catalog_add(t.catalog, &token, "USDC", &fault), OK);
	t.arena = arena_new(64u << 20);
	assert_non_null(t.arena);
	return 0;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static int teardown(void **state)
{
	bool closed = false;

	(void)state;
	if (t.source) {
		source_close(t.source, on_closed, &closed);
		loop_until(&t.loop, &closed);
	}
	for (size_t i = 0; i < N; i++) {
		node_close(t.peers[i].node);
		made_free(t.peers[i].chain);
		free(t.endpoints[i].name);
		free(t.endpoints[i].url);
	}
	catalog_free(t.catalog);
	arena_free(t.arena);
	loop_end(&t.loop);
	return 0;
}

static void start(void)
{
	const struct source_observer observer = {.incomplete = on_incomplete};
	struct fault fault;

	assert_int_equal(source_new(&t.source, &t.loop, &t.config, t.catalog,
				    &observer, &fault),
			 OK);
}

static enum err head(void);

/* From block `number` on, the chain of peer i is another one. */
static void fork_peer(size_t i, uint64_t number)
{
	made_cut(t.peers[i].chain, number);
	made_add_many(t.peers[i].chain, BLOCKS - number, &forked);
}

static void answered(enum err err, const struct fault *fault)
{
	t.done = true;
	t.err = err;
	if (err != OK)
		t.fault = *fault;
}

static void on_agreement(void *arg, enum err err, const struct fault *fault,
			 const struct source_agreement *agreement)
{
	(void)arg;
	if (err == OK)
		t.agreement = *agreement;
	answered(err, fault);
}

static enum err agree(uint64_t at_most)
{
	struct source_request *request;

	if (!t.source)
		start();
	t.done = false;
	assert_int_equal(
	    source_agree(t.source, at_most, on_agreement, NULL, &request), OK);
	loop_until(&t.loop, &t.done);
	return t.err;
}

static void agreed(uint64_t final, uint64_t number, unsigned endpoints)
{
	const struct made_chain *chain = t.peers[0].chain;

	assert_int_equal(t.agreement.final, final);
	assert_int_equal(t.agreement.ref.number, number);
	assert_memory_equal(&t.agreement.ref.hash,
			    &chain->blocks[number].header.hash, 32);
	assert_int_equal(t.agreement.endpoints, endpoints);
}

static void all_agree(void **state)
{
	(void)state;
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(8, 8, 3);
	/* The tag names the block's hash: one question each was enough. */
	assert_int_equal(t.peers[0].calls, 1);
	assert_int_equal(agree(5), OK);
	agreed(8, 5, 3);
	assert_int_equal(t.incomplete, 0);
}

static void finality_differs(void **state)
{
	(void)state;
	t.peers[0].chain->final = 4;
	t.peers[1].chain->final = 6;
	t.peers[2].chain->final = 9;
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(6, 6, 2);
	t.config.chain.quorum = 3;
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(4, 4, 3);
}

static void one_lies(void **state)
{
	(void)state;
	fork_peer(2, 7);
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(8, 8, 2);
	assert_int_equal(t.incomplete, 1);
	assert_string_equal(t.blamed, "c");
	/* Told once; below the fork it is with the others again. */
	assert_int_equal(agree(UINT64_MAX), OK);
	assert_int_equal(t.incomplete, 1);
	assert_int_equal(agree(6), OK);
	agreed(8, 6, 3);
}

/* The one that calls most final is alone with that. */
static void one_lies_about_finality(void **state)
{
	(void)state;
	fork_peer(2, 7);
	t.peers[2].chain->final = 11;
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(8, 8, 2);
	assert_string_equal(t.blamed, "c");
}

/* It calls nothing final that it would be caught at, and yet is. */
static void one_lies_and_calls_little_final(void **state)
{
	(void)state;
	fork_peer(2, 7);
	t.peers[2].chain->final = 3;
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(8, 8, 2);
	assert_int_equal(t.incomplete, 1);
	assert_string_equal(t.blamed, "c");
	/* What it says of older blocks does not whitewash it. */
	assert_int_equal(agree(6), OK);
	t.peers[2].calls = 0;
	for (int i = 0; i < 10; i++)
		assert_int_equal(head(), OK);
	assert_int_equal(t.peers[2].calls, 0);
}

/* Who calls too much final does not hold up the others. */
static void a_lower_height_will_do(void **state)
{
	(void)state;
	fork_peer(0, 7);
	t.peers[0].chain->final = 11;
	t.peers[1].chain->final = 8;
	t.peers[2].chain->final = 6;
	assert_int_equal(agree(UINT64_MAX), OK);
	assert_int_equal(t.agreement.final, 6);
	assert_int_equal(t.agreement.ref.number, 6);
	assert_int_equal(t.agreement.endpoints, 3);
}

static void a_silent_one_does_not_hold_up(void **state)
{
	uint64_t before;

	(void)state;
	t.peers[2].manner = WEB_SILENT;
	start();
	before = uv_hrtime();
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(8, 8, 2);
	assert_true(uv_hrtime() - before < 5000000000u);
}

static void nobody_agrees(void **state)
{
	(void)state;
	t.config.chain.quorum = 3;
	fork_peer(1, 7);
	assert_int_equal(agree(UINT64_MAX), ERR_UNPROVEN);
	assert_non_null(strstr(t.fault.text, "disagree on block 8"));
	assert_non_null(strstr(t.fault.text, "2 of 3"));
	assert_int_equal(t.incomplete, 0); /* who lies is not known */
	assert_int_equal(agree(6), OK);
	agreed(8, 6, 3);
}

/* Each half would be a quorum: none of them is. */
static void two_halves_contradict_each_other(void **state)
{
	(void)state;
	t.config.chain.n_rpc = 4;
	fork_peer(0, 7);
	fork_peer(1, 7);
	assert_int_equal(agree(UINT64_MAX), ERR_UNPROVEN);
	assert_int_equal(t.incomplete, 0);
	/* Below the fork they are one. */
	assert_int_equal(agree(6), OK);
	assert_int_equal(t.agreement.endpoints, 4);
}

static void one_is_down(void **state)
{
	(void)state;
	t.peers[1].manner = WEB_HANGS_UP;
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(8, 8, 2);
	t.config.chain.quorum = 3;
	assert_int_equal(agree(UINT64_MAX), ERR_NOT_YET);
	assert_non_null(strstr(t.fault.text, "2 of 3"));
	assert_non_null(strstr(t.fault.text, "node b"));
	t.peers[2].manner = WEB_HANGS_UP;
	assert_int_equal(agree(UINT64_MAX), ERR_NOT_YET);
	assert_non_null(strstr(t.fault.text, "1 of 3"));
	assert_non_null(strstr(t.fault.text, "node b"));
	assert_non_null(strstr(t.fault.text, "node c"));
}

static void nothing_is_final(void **state)
{
	(void)state;
	t.peers[0].chain->has_final = t.peers[1].chain->has_final = false;
	assert_int_equal(agree(UINT64_MAX), ERR_NOT_YET);
	assert_non_null(strstr(t.fault.text, "1 of 3"));
}

static void final_by_depth(void **state)
{
	(void)state;
	t.config.chain.finalized_tag = false;
	t.config.chain.confirmations = 4;
	fork_peer(2, 5);
	assert_int_equal(agree(UINT64_MAX), OK);
	agreed(7, 7, 2); /* the head is block 11 */
	assert_string_equal(t.blamed, "c");
}

static void on_head(void *arg, enum err err, const struct fault *fault,
		    const struct source_head *head)
{
	(void)arg;
	if (err == OK)
		t.head = *head;
	answered(err, fault);
}

static enum err head(void)
{
	struct source_request *request;

	if (!t.source)
		start();
	t.done = false;
	assert_int_equal(source_head(t.source, on_head, NULL, &request), OK);
	loop_until(&t.loop, &t.done);
	return t.err;
}

/* A silent node would hold up the head for ten seconds. */
static void a_second_is_asked_where_the_first_is_slow(void **state)
{
	uint64_t before;

	(void)state;
	t.peers[0].manner = WEB_SILENT;
	start();
	before = uv_hrtime();
	assert_int_equal(head(), OK);
	assert_true(uv_hrtime() - before < 3000000000u);
	assert_int_equal(t.head.latest.number, BLOCKS - 1);
	assert_int_equal(t.peers[0].calls, 2);
	assert_int_equal(t.peers[1].calls, 2);
	assert_int_equal(t.peers[2].calls, 0);
}

static void on_span(void *arg, enum err err, const struct fault *fault,
		    struct span *span)
{
	(void)arg;
	t.span = span;
	answered(err, fault);
}

static enum err span(uint64_t from, uint64_t to)
{
	struct source_request *request;

	if (!t.source)
		start();
	t.done = false;
	assert_int_equal(source_span(t.source, from, to, true, t.arena, on_span,
				     NULL, &request),
			 OK);
	loop_until(&t.loop, &t.done);
	return t.err;
}

static void new_blocks_are_hedged_too(void **state)
{
	(void)state;
	t.peers[0].manner = WEB_SILENT;
	assert_int_equal(span(10, 11), OK);
	assert_true(t.peers[0].calls > 0 && t.peers[1].calls > 0);
}

static void who_lies_is_asked_no_more(void **state)
{
	unsigned calls;

	(void)state;
	fork_peer(0, 7);
	assert_int_equal(agree(UINT64_MAX), OK);
	assert_string_equal(t.blamed, "a");
	calls = t.peers[0].calls;
	for (int i = 0; i < 10; i++)
		assert_int_equal(head(), OK);
	assert_int_equal(span(1, 11), OK);
	assert_int_equal(t.peers[0].calls, calls);
}

static void a_laggard_is_passed_over(void **state)
{
	(void)state;
	made_cut(t.peers[0].chain, 10);
	assert_int_equal(span(1, 11), OK);
	assert_int_equal(t.incomplete, 0);
	assert_int_equal(t.span->n_blocks, 11);
}

static void a_rate_limit_moves_the_work(void **state)
{
	(void)state;
	t.peers[0].limited = true;
	assert_int_equal(span(1, 11), OK);
	assert_true(t.peers[1].calls > 0);
}

/* Its key has expired: whatever it is asked, others answer. */
static void one_that_refuses_all_is_left(void **state)
{
	(void)state;
	t.peers[0].status = 403;
	t.config.chain.id = 31337;
	for (int i = 0; i < 5; i++)
		assert_int_equal(head(), OK);
	assert_int_equal(span(1, 11), OK);
	t.peers[1].status = t.peers[2].status = 403;
	assert_int_equal(head(), ERR_REFUSED);
	assert_non_null(strstr(t.fault.text, "403"));
}

static void what_one_has_pruned_another_has(void **state)
{
	(void)state;
	t.peers[0].pruned = t.peers[2].pruned = true;
	for (int i = 0; i < 3; i++)
		assert_int_equal(span(1, 11), OK);
	t.peers[1].pruned = true;
	assert_int_equal(span(1, 11), ERR_REFUSED);
}

/* A slow one costs its first hedge, and is asked last from then on. */
static void a_slow_one_is_not_asked_first_again(void **state)
{
	unsigned calls;

	(void)state;
	t.peers[0].manner = WEB_SILENT;
	for (int i = 0; i < 3; i++)
		assert_int_equal(head(), OK);
	calls = t.peers[0].calls;
	for (int i = 0; i < 10; i++)
		assert_int_equal(head(), OK);
	assert_int_equal(t.peers[0].calls, calls);
}

/* What is cancelled by its owner says nothing of how fast a node is. */
static void what_is_cancelled_is_not_slow(void **state)
{
	struct source_request *request;

	(void)state;
	t.config.chain.n_rpc = t.config.chain.quorum = 1;
	t.peers[0].manner = WEB_SILENT;
	start();
	t.done = false;
	assert_int_equal(source_span(t.source, 1, 11, true, t.arena, on_span,
				     NULL, &request),
			 OK);
	while (t.peers[0].calls == 0)
		(void)uv_run(&t.loop, UV_RUN_ONCE);
	for (uint64_t asked = uv_now(&t.loop); uv_now(&t.loop) < asked + 20;)
		(void)uv_run(&t.loop, UV_RUN_NOWAIT);
	source_cancel(request);
	assert_true(source_endpoint(t.source, 0).latency_seconds == 0);
}

static void on_probed(void *arg, enum err err, const struct fault *fault)
{
	(void)arg;
	answered(err, fault);
}

static enum err probe(void)
{
	struct source_request *request;

	start();
	t.done = false;
	assert_int_equal(source_probe(t.source, on_probed, NULL, &request), OK);
	loop_until(&t.loop, &t.done);
	return t.err;
}

/* One liar does not tell what chain it is, where others can be asked. */
static void a_strange_header_is_held_against_others(void **state)
{
	(void)state;
	t.peers[0].strange = true;
	assert_int_equal(probe(), OK);
	assert_string_equal(t.blamed, "a");
}

static void all_headers_are_strange(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		t.peers[i].strange = true;
	assert_int_equal(probe(), ERR_USAGE);
	assert_non_null(strstr(t.fault.text, "chain.verify: off"));
}

static void another_chain_is_never_read(void **state)
{
	(void)state;
	t.config.chain.id = 31337;
	t.peers[0].foreign = true;
	fork_peer(0, 1);
	assert_int_equal(head(), OK);
	assert_string_equal(t.blamed, "a");
	assert_int_equal(t.incomplete, 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(span(1, 11), OK);
	assert_int_equal(t.peers[0].calls, 0);
	assert_int_equal(t.incomplete, 1);
}

static void only_another_chain(void **state)
{
	(void)state;
	t.config.chain.id = 31337;
	for (size_t i = 0; i < N; i++)
		t.peers[i].foreign = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(head(), ERR_USAGE);
		assert_non_null(strstr(
		    t.fault.text, "serves chain 5, but chain.id is 31337"));
	}
	for (size_t i = 0; i < N; i++)
		assert_int_equal(t.peers[i].calls, 0);
}

static void endpoints_can_be_exchanged(void **state)
{
	struct config other = t.config;
	struct fault fault;
	unsigned calls;

	(void)state;
	t.config.chain.n_rpc = t.config.chain.quorum = 1;
	assert_int_equal(head(), OK);
	assert_int_equal(t.peers[2].calls, 0);
	other.chain.rpc = &t.endpoints[2];
	other.chain.n_rpc = 1;
	assert_int_equal(source_set_endpoints(t.source, &other, &fault), OK);
	calls = t.peers[0].calls;
	assert_int_equal(head(), OK);
	assert_int_equal(t.peers[2].calls, 2);
	assert_int_equal(t.peers[0].calls, calls);
	other.chain.n_rpc = 0;
	assert_int_equal(source_set_endpoints(t.source, &other, &fault),
			 ERR_USAGE);
	assert_int_equal(head(), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_agree),
	    TEST(finality_differs),
	    TEST(one_lies),
	    TEST(one_lies_about_finality),
	    TEST(one_lies_and_calls_little_final),
	    TEST(a_lower_height_will_do),
	    TEST(a_silent_one_does_not_hold_up),
	    TEST(nobody_agrees),
	    TEST(two_halves_contradict_each_other),
	    TEST(one_is_down),
	    TEST(nothing_is_final),
	    TEST(final_by_depth),
	    TEST(a_second_is_asked_where_the_first_is_slow),
	    TEST(new_blocks_are_hedged_too),
	    TEST(who_lies_is_asked_no_more),
	    TEST(a_laggard_is_passed_over),
	    TEST(a_rate_limit_moves_the_work),
	    TEST(one_that_refuses_all_is_left),
	    TEST(what_one_has_pruned_another_has),
	    TEST(a_slow_one_is_not_asked_first_again),
	    TEST(what_is_cancelled_is_not_slow),
	    TEST(a_strange_header_is_held_against_others),
	    TEST(all_headers_are_strange),
	    TEST(another_chain_is_never_read),
	    TEST(only_another_chain),
	    TEST(endpoints_can_be_exchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
