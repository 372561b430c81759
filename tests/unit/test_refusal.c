#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "chain/refusal.h"
#include "tests/unit/lib_files.h"

/* What nodes say, word for word: their documentation and issue trackers. */
static const struct {
	const char *who;
	int64_t code;
	const char *message;
	const char *data;
	enum err err;
} said[] = {
    {"Infura", -32005,
     "query returned more than 10000 results. Try with this block range"
     " [0x1, 0x2].",
     "{\"from\":\"0x1\",\"limit\":10000,\"to\":\"0x2\"}", ERR_TOO_LARGE},
    {"zkSync", -32602,
     "query returned more than 10000 results. Try with this block range"
     " [0x1, 0x2].",
     NULL, ERR_TOO_LARGE},
    {"Gnosis", -32602, "invalid params",
     "query exceeds max results 10000, retry with the range 1-2",
     ERR_TOO_LARGE},
    {"Ronin", -32602, "invalid params",
     "requested block range 500 exceeds the limit of 200", ERR_TOO_LARGE},
    {"Alchemy", -32600,
     "You can make eth_getLogs requests with up to a 500 block range. Based"
     " on your parameters, this block range should work: [0x1, 0x2]",
     NULL, ERR_TOO_LARGE},
    {"Alchemy, size", -32602, "Log response size exceeded.", NULL,
     ERR_TOO_LARGE},
    {"QuickNode, Base", -32614, "eth_getLogs is limited to a 10,000 range",
     NULL, ERR_TOO_LARGE},
    {"1RPC", -32602, "eth_getLogs is limited to 0 - 50 blocks range", NULL,
     ERR_TOO_LARGE},
    {"Cloudflare", -32047, "range too large. Max range: 800", NULL,
     ERR_TOO_LARGE},
    {"Ankr", -32600, "block range is too wide", NULL, ERR_TOO_LARGE},
    {"Arbitrum", -32000, "logs matched by query exceeds limit of 10000", NULL,
     ERR_TOO_LARGE},
    {"Avalanche", -32000,
     "requested too many blocks from 1 to 9000, maximum is set to 2048", NULL,
     ERR_TOO_LARGE},
    {"Cronos", -32000, "maximum [from, to] blocks distance: 2000", NULL,
     ERR_TOO_LARGE},
    {"zkEVM", -32000, "block range too large", NULL, ERR_TOO_LARGE},
    {"Monad", -32000, "block range too large, max range: 1000", NULL,
     ERR_TOO_LARGE},
    {"Sonic", -32000, "too wide blocks range, the limit is 100", NULL,
     ERR_TOO_LARGE},
    {"Harmony", -32000, "query must be smaller than size 1024", NULL,
     ERR_TOO_LARGE},
    {"Linea", -32602, "range 20000 exceeds limit of 10000", NULL,
     ERR_TOO_LARGE},
    {"Celo", -32602, "query exceeds range, max block range 5000", NULL,
     ERR_TOO_LARGE},
    {"Mantle", -32602, "block range greater than 10000 max", NULL,
     ERR_TOO_LARGE},
    {"reth", -32602,
     "query exceeds max results 20000, retry with the range 1-2", NULL,
     ERR_TOO_LARGE},
    {"reth, span", -32602, "query exceeds max block range 100000", NULL,
     ERR_TOO_LARGE},
    {"Arc, gateway", -32012, "requested range too large", NULL, ERR_TOO_LARGE},
    {"Morph", -32000, "block range is larger than max block range", NULL,
     ERR_TOO_LARGE},
    {"Base, backend", -32020, "backend response too large", NULL,
     ERR_TOO_LARGE},
    {"BSC", -32005, "limit exceeded", NULL, ERR_TOO_LARGE},
    {"PublicNode, span", -32701, "exceed maximum block range: 50000", NULL,
     ERR_TOO_LARGE},
    {"dRPC, free", 35, "ranges over 10000 blocks are not supported on freetier",
     NULL, ERR_TOO_LARGE},
    {"Chainstack", -32000, "Block range limit exceeded.", NULL, ERR_TOO_LARGE},
    {"Arc, high", -32600, "block range too high", NULL, ERR_TOO_LARGE},
    {"cdk-erigon", -32005, "block range too large", NULL, ERR_TOO_LARGE},
    {"Infura, span", -32602, "range 20000 exceeds limit of 10000", NULL,
     ERR_TOO_LARGE},
    {"geth, batch", -32600, "batch too large", NULL, ERR_TOO_LARGE},
    {"geth, bytes", -32003, "response too large", NULL, ERR_TOO_LARGE},
    {"Arc, batch", -32600, "batch size 101 exceeds limit of 100", NULL,
     ERR_TOO_LARGE},
    {"jsonrpsee, none", -32005, "Batched requests are not supported", NULL,
     ERR_TOO_LARGE},
    {"jsonrpsee, request", -32007, "Request is too big", NULL, ERR_TOO_LARGE},
    {"jsonrpsee, response", -32008, "Response is too big", NULL, ERR_TOO_LARGE},
    {"jsonrpsee, batch", -32010, "The batch request was too large", NULL,
     ERR_TOO_LARGE},
    {"jsonrpsee, answer", -32011, "The batch response was too large", NULL,
     ERR_TOO_LARGE},

    {"geth, topics", -32602, "invalid argument 0: exceed max topics", NULL,
     ERR_TOO_LARGE},
    {"Erigon, topics", -32602,
     "query exceeds the maximum of 1000 addresses or topics per search "
     "position",
     NULL, ERR_TOO_LARGE},

    {"Alchemy, rate", 429,
     "Your app has exceeded its compute units per second capacity.", NULL,
     ERR_BUSY},
    {"QuickNode, rate", -32012, "credits limited to 6000/sec", NULL, ERR_BUSY},
    {"QuickNode, second", -32007,
     "50/second request limit reached - reduce calls per second", NULL,
     ERR_BUSY},
    {"Infura, rate", -32005, "project ID request rate exceeded",
     "{\"rate\":{\"allowed_rps\":1,\"backoff_seconds\":30}}", ERR_BUSY},
    {"Infura, day", -32005,
     "daily request count exceeded, request rate limited", NULL, ERR_BUSY},
    {"BlockVision", -32605, "exceeded", NULL, ERR_BUSY},
    {"jsonrpsee, busy", -32009, "Server is busy, try again later", NULL,
     ERR_BUSY},
    {"somebody", -32603, "Internal error", NULL, ERR_BUSY},
    {"EIP-1474, away", -32002, "Resource unavailable", NULL, ERR_BUSY},

    {"geth, ahead", -32602, "block range extends beyond current head block",
     NULL, ERR_NOT_YET},
    {"reth, ahead", -32000, "block range extends beyond current head block",
     NULL, ERR_NOT_YET},
    {"behind", -32602,
     "block 10 is beyond the latest block 9 of this node, retry later", NULL,
     ERR_NOT_YET},
    {"tag", -39001, "Unknown block", NULL, ERR_NOT_YET},
    {"geth, hash", -32000, "unknown block", NULL, ERR_NOT_YET},
    {"geth, call", -32000, "header not found", NULL, ERR_NOT_YET},
    {"import", -32000, "block not yet imported", NULL, ERR_NOT_YET},
    {"balancer", -32014, "requested data not available", NULL, ERR_NOT_YET},
    {"Avalanche, ahead", -32000,
     "requested from block 10 to 10 after last accepted block 9", NULL,
     ERR_NOT_YET},
    {"EIP-1474, none", -32001, "Resource not found", NULL, ERR_NOT_YET},

    {"geth, slow", -32002, "request timed out", NULL, ERR_TIMEOUT},
    {"Go", -32000, "context deadline exceeded", NULL, ERR_TIMEOUT},
    {"dRPC, slow", 30, "Request timeout on the free tier", NULL, ERR_TIMEOUT},
    {"HTTP code", 408, "Request Timeout", NULL, ERR_TIMEOUT},

    {"pruned", 4444, "Pruned history unavailable", NULL, ERR_REFUSED},
    {"PublicNode", -32701, "Archive requests require a personal token", NULL,
     ERR_REFUSED},
    {"PublicNode, params", -32602, "Archive requests require a personal token",
     NULL, ERR_REFUSED},
    {"revert", 3, "execution reverted", "0x08c379a0", ERR_REFUSED},
    {"revert, old", -32000, "execution reverted", NULL, ERR_REFUSED},
    {"method", -32601, "Method not found", NULL, ERR_REFUSED},
    {"params", -32602, "invalid params", NULL, ERR_REFUSED},
    {"EIP-1474, method", -32004, "Method not supported", NULL, ERR_REFUSED},
    {"EIP-1474, version", -32006, "JSON-RPC version not supported", NULL,
     ERR_REFUSED},
    {"reversed", -32602, "invalid block range params", NULL, ERR_REFUSED},
    {"input", -32000, "invalid input", NULL, ERR_REFUSED},
    {"nothing", 0, NULL, NULL, ERR_REFUSED},
};

static void each_row(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct refusal refusal =
		    refusal_of(said[i].code, said[i].message, said[i].data);

		if (refusal.err == said[i].err)
			continue;
		print_error("%s: %s, not %s\n", said[i].who,
			    err_text(refusal.err), err_text(said[i].err));
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static struct refusal of_text(const char *text)
{
	struct json_doc *doc = json_doc_of(text);
	struct refusal refusal = refusal_of_error(json_doc_root(doc));

	json_doc_free(doc);
	return refusal;
}

static void error_objects(void **state)
{
	struct refusal refusal;

	(void)state;
	refusal = of_text("{\"code\":-32005,\"message\":\"x\",\"data\":{"
			  "\"rate\":{\"backoff_seconds\":7}}}");
	assert_int_equal(refusal.err, ERR_BUSY);
	assert_int_equal(refusal.retry_after_ms, 7000);
	refusal = of_text("{\"code\":-32005,\"message\":\"x\",\"data\":{"
			  "\"rate\":{\"backoff_seconds\":86400}}}");
	assert_int_equal(refusal.retry_after_ms, 60000);
	refusal = of_text("{\"code\":-32602,\"message\":\"invalid params\","
			  "\"data\":\"exceeds max results 1\"}");
	assert_int_equal(refusal.err, ERR_TOO_LARGE);
	refusal = of_text("{\"code\":\"a\",\"message\":{},\"data\":[]}");
	assert_int_equal(refusal.err, ERR_REFUSED);
	assert_int_equal(of_text("\"no object\"").err, ERR_REFUSED);
}

static void methods(void **state)
{
	(void)state;
	assert_true(refusal_of(-32601, "x", NULL).unknown_method);
	assert_true(refusal_of(-32000,
			       "the method eth_getBlockReceipts does not"
			       " exist/is not available",
			       NULL)
			.unknown_method);
	assert_false(refusal_of(4444, "x", NULL).unknown_method);
}

/* Geth, Nethermind, Besu, Reth, OpenEthereum: a state that is too old. */
static void old_states(void **state)
{
	static const char *const words[] = {
	    "missing trie node 8b16 (path ) state 0x59 is not available",
	    "required historical state unavailable (reexec=128)",
	    "historical state not available in path scheme yet",
	    "No state available for block 0x12",
	    "World state unavailable",
	    "state at block #5 is pruned",
	    "your node is running with state pruning",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct refusal refusal = refusal_of(-32000, words[i], NULL);

		assert_int_equal(refusal.err, ERR_REFUSED);
		assert_true(refusal.pruned);
	}
	assert_true(refusal_of(4444, "x", NULL).pruned);
	assert_false(refusal_of(3, "execution reverted", NULL).pruned);
	assert_int_equal(
	    refusal_of(-32000, "header for hash not found", NULL).err,
	    ERR_NOT_YET);
}

/* Only these slow us down: "busy" may be the node's own trouble. */
static void rates(void **state)
{
	(void)state;
	assert_true(refusal_of(429, "x", NULL).too_often);
	assert_true(refusal_of(-32005, "x", NULL).too_often);
	assert_true(refusal_of(-32000, "too many requests", NULL).too_often);
	assert_true(
	    refusal_of(-32012, "credits limited to 6000/sec", NULL).too_often);
	assert_true(refusal_of_status(429, 0).too_often);
	assert_false(refusal_of(-32603, "Internal error", NULL).too_often);
	assert_false(refusal_of(-32009, "Server is busy", NULL).too_often);
	assert_false(
	    refusal_of(-32602, "query exceeds max results 5", NULL).too_often);
	assert_false(refusal_of_status(503, 1000).too_often);
}

/* Fewer blocks would not help. */
static void topics(void **state)
{
	(void)state;
	assert_true(refusal_of(-32602, "exceed max topics", NULL).topics);
	assert_false(refusal_of(-32602, "block range too wide", NULL).topics);
}

static void statuses(void **state)
{
	(void)state;
	assert_int_equal(refusal_of_status(429, 5000).err, ERR_BUSY);
	assert_int_equal(refusal_of_status(429, 5000).retry_after_ms, 5000);
	assert_int_equal(refusal_of_status(503, 1000).retry_after_ms, 1000);
	assert_int_equal(refusal_of_status(502, 0).err, ERR_BUSY);
	assert_int_equal(refusal_of_status(413, 0).err, ERR_TOO_LARGE);
	assert_int_equal(refusal_of_status(408, 0).err, ERR_TIMEOUT);
	assert_int_equal(refusal_of_status(504, 0).err, ERR_TIMEOUT);
	assert_int_equal(refusal_of_status(401, 0).err, ERR_REFUSED);
	assert_int_equal(refusal_of_status(301, 0).err, ERR_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_row), cmocka_unit_test(error_objects),
	    cmocka_unit_test(methods),	cmocka_unit_test(old_states),
	    cmocka_unit_test(rates),	cmocka_unit_test(topics),
	    cmocka_unit_test(statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
