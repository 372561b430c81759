#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <secp256k1.h>

#include "chain/parse_log.h"
#include "chain/proof.h"
#include "tests/unit/lib_files.h"

/* The own block: six transactions, one of each kind, all by SIGNER; logs 3, 4
 * and 6 are Transfers of USDC, in transactions 2 and 5. Log 2 is USDC's, but
 * an Approval; log 0 is a Transfer, but not USDC's; log 1 has no topics. */
#define BLOCK "unit/data/proof-block.json"
#define RECEIPTS "unit/data/proof-receipts.json"
#define SIGNER "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"
#define USDC "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
#define TRANSFER                                                               \
	"0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"

static struct arena *arena;
static struct catalog_interest interest;
static struct prover prover = {.interests = &interest, .n_interests = 1};
static secp256k1_context *secp;

/* The four steps as a caller takes them, up to the block. */
static enum err prove(struct block *out, const struct json *block,
		      const struct json *result, struct arena *memory,
		      struct fault *fault)
{
	struct header header;
	struct receipts receipts;
	struct transactions txs;
	enum err err = proof_header(&header, block, memory, fault);

	if (err == OK)
		err = proof_receipts(&receipts, &header, result, memory, fault);
	if (err == OK)
		err = proof_transactions(&txs, &header, block, memory, fault);
	if (err == OK)
		err = proof_block(out, &prover, &header, &receipts, &txs,
				  memory, fault);
	return err;
}

static void places_are_computed(void **state)
{
	static const struct {
		uint32_t log, tx;
		uint64_t nonce;
		const char *tx_hash;
	} want[] = {
	    {3, 2, 10,
	     "0x32f7ff9de2d376d4ba64c1f8d11d7e2a3131aa35c23f8148c407e30dfbd2935"
	     "f"},
	    {4, 2, 10,
	     "0x32f7ff9de2d376d4ba64c1f8d11d7e2a3131aa35c23f8148c407e30dfbd2935"
	     "f"},
	    {6, 5, 12,
	     "0x1731c5de246f62f6ba9c03b92a8d6206f2b02349519c14e33d7d8437025e8c6"
	     "7"},
	};
	struct json_doc *doc = own_json(BLOCK), *receipts = own_json(RECEIPTS);
	struct fault fault = {0};
	struct block block;
	char text[HASH_TEXT_SIZE];

	(void)state;
	if (prove(&block, json_doc_root(doc), json_doc_root(receipts), arena,
		  &fault) != OK)
		fail_msg("%s", fault.text);
	json_doc_free(doc);
	json_doc_free(receipts);
	assert_int_equal(block.ref.number, 20000000);
	assert_int_equal(block.ref.timestamp, 0x665ba27f);
	assert_int_equal(block.n_logs, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct block_log *log = &block.logs[i];

		assert_int_equal(log->log_index, want[i].log);
		assert_int_equal(log->tx_index, want[i].tx);
		assert_int_equal(log->nonce, want[i].nonce);
		assert_string_equal(hash_format(text, &log->tx_hash),
				    want[i].tx_hash);
		assert_true(log->has_sender);
		assert_string_equal(address_format(text, &log->sender), SIGNER);
		assert_true(address_eq(&log->raw.address, &interest.address));
		assert_int_equal(log->raw.n_topics, 3);
		assert_int_equal(log->raw.data.len, 32);
	}
	assert_int_equal(block.logs[1].raw.data.data[31], 2);
}

/* What is kept must not hang on the memory of the receipts. */
static void the_block_outlives_its_receipts(void **state)
{
	struct json_doc *doc = own_json(BLOCK), *json = own_json(RECEIPTS);
	struct arena *scratch = arena_new(1 << 20);
	struct header header;
	struct receipts receipts;
	struct transactions txs;
	struct block block;

	(void)state;
	assert_non_null(scratch);
	assert_int_equal(
	    proof_header(&header, json_doc_root(doc), scratch, NULL), OK);
	assert_int_equal(proof_receipts(&receipts, &header, json_doc_root(json),
					scratch, NULL),
			 OK);
	assert_int_equal(proof_count(&prover, &receipts), 3);
	assert_int_equal(proof_transactions(&txs, &header, json_doc_root(doc),
					    scratch, NULL),
			 OK);
	assert_int_equal(
	    proof_block(&block, &prover, &header, &receipts, &txs, arena, NULL),
	    OK);
	json_doc_free(doc);
	json_doc_free(json);
	arena_free(scratch);
	assert_int_equal(block.logs[2].raw.data.data[0], 0xff);
}

/* Flips one bit of a field; says what came of it. */
static enum err prove_flipped(struct block *out, bool in_receipts,
			      const char *name, size_t nth)
{
	struct json_doc *doc = own_json(BLOCK), *receipts = own_json(RECEIPTS);
	struct json_doc **bent = in_receipts ? &receipts : &doc;
	char *text = flip_bit(json_doc_root(*bent), name, nth);
	struct fault fault = {0};
	enum err err;

	assert_non_null(text);
	json_doc_free(*bent);
	*bent = json_doc_of(text);
	free(text);
	err = prove(out, json_doc_root(doc), json_doc_root(receipts), arena,
		    &fault);
	assert_int_equal(fault.code, err);
	assert_true(err == OK || strlen(fault.text) > 20);
	json_doc_free(doc);
	json_doc_free(receipts);
	return err;
}

static void one_bit_is_enough_to_refuse(void **state)
{
	static const struct {
		bool in_receipts;
		const char *name;
		size_t nth;
	} cases[] = {
	    {false, "hash", 0},
	    {false, "parentHash", 0},
	    {false, "receiptsRoot", 0},
	    {false, "transactionsRoot", 0},
	    {false, "logsBloom", 0},
	    {false, "number", 0},
	    {false, "timestamp", 0},
	    {false, "nonce", 1},
	    {false, "value", 2},
	    {false, "input", 0},
	    {false, "r", 3},
	    {false, "to", 4},
	    {true, "status", 1},
	    {true, "cumulativeGasUsed", 5},
	    {true, "logsBloom", 2},
	    {true, "address", 3},
	    {true, "topics", 4},
	    {true, "data", 3},
	};
	struct block block;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (prove_flipped(&block, cases[i].in_receipts, cases[i].name,
				  cases[i].nth) != ERR_UNPROVEN)
			fail_msg("a bit of %s does not count", cases[i].name);
}

/* An element left out or moved, as a lying or a hasty node would. */
static void a_list_must_be_whole(void **state)
{
	struct json_doc *doc = own_json(BLOCK), *json = own_json(RECEIPTS);
	const struct json *list = json_doc_root(json);
	struct header header;

	(void)state;
	assert_int_equal(proof_header(&header, json_doc_root(doc), arena, NULL),
			 OK);
	for (size_t without = 0; without <= 6; without++) {
		struct receipts receipts;
		struct json_doc *cut;
		struct fault fault = {0};
		struct buf text;

		buf_init(&text, 1 << 20);
		buf_putc(&text, '[');
		for (size_t i = 0; i < 6; i++) {
			if (i == without)
				continue;
			if (text.len > 1)
				buf_putc(&text, ',');
			json_print(&text, json_element(list, i));
		}
		buf_putc(&text, ']');
		cut = json_doc_of(text.data);
		assert_int_equal(proof_receipts(&receipts, &header,
						json_doc_root(cut), arena,
						&fault),
				 without == 6 ? OK : ERR_UNPROVEN);
		json_doc_free(cut);
		buf_free(&text);
	}
	json_doc_free(doc);
	json_doc_free(json);
}

/* Receipts that do hash to a root, in a block whose bloom hides their logs:
 * the header is made for them here. */
static void false_blooms_are_refused(void **state)
{
	struct json_doc *doc = own_json(BLOCK), *json = own_json(RECEIPTS);
	struct receipts receipts, bent;
	struct header header;
	struct fault fault = {0};

	(void)state;
	assert_int_equal(proof_header(&header, json_doc_root(doc), arena, NULL),
			 OK);
	header.logs_bloom = (struct bloom){{0}};
	assert_int_equal(proof_receipts(&receipts, &header, json_doc_root(json),
					arena, &fault),
			 ERR_UNPROVEN);
	assert_non_null(strstr(fault.text, "logsBloom"));
	json_doc_free(json);

	json = own_json(RECEIPTS);
	assert_int_equal(
	    parse_receipts(&bent, json_doc_root(json), arena, NULL), OK);
	{
		char *text = flip_bit(json_doc_root(json), "logsBloom", 5);
		struct json_doc *flipped = json_doc_of(text);

		assert_int_equal(
		    parse_receipts(&bent, json_doc_root(flipped), arena, NULL),
		    OK);
		assert_int_equal(
		    receipts_root(&header.receipts_root, &bent, arena), OK);
		fault = (struct fault){0};
		assert_int_equal(proof_receipts(&receipts, &header,
						json_doc_root(flipped), arena,
						&fault),
				 ERR_UNPROVEN);
		assert_non_null(strstr(fault.text, "receipt 5"));
		json_doc_free(flipped);
		free(text);
	}
	json_doc_free(json);
	json_doc_free(doc);
}

static void blooms_exclude(void **state)
{
	struct json_doc *doc = own_json(BLOCK);
	struct catalog_interest other = {.address = {{0x77}}};
	struct prover stranger = {.interests = &other, .n_interests = 1};
	struct header header;
	struct block block;

	(void)state;
	assert_int_equal(proof_header(&header, json_doc_root(doc), arena, NULL),
			 OK);
	assert_true(proof_may_concern(&prover, &header));
	assert_false(proof_may_concern(&stranger, &header));
	other.address = interest.address; /* the topic is still absent */
	assert_false(proof_may_concern(&stranger, &header));
	assert_int_equal(
	    proof_block(&block, &stranger, &header, NULL, NULL, arena, NULL),
	    OK);
	assert_int_equal(block.n_logs, 0);
	assert_int_equal(block.ref.number, 20000000);
	json_doc_free(doc);
}

/* Neither do logs without topics match a topic of zeros. */
static void no_topic_is_not_zero(void **state)
{
	struct json_doc *json = own_json(RECEIPTS);
	struct catalog_interest zero = {.topic0 = {{0}}};
	struct prover stranger = {.interests = &zero, .n_interests = 1};
	struct receipts receipts;

	(void)state;
	assert_int_equal(
	    parse_receipts(&receipts, json_doc_root(json), arena, NULL), OK);
	zero.address = receipts.list[0].logs[1].address;
	assert_int_equal(receipts.list[0].logs[1].n_topics, 0);
	assert_int_equal(proof_count(&stranger, &receipts), 0);
	json_doc_free(json);
}

static void a_receipt_needs_its_transaction(void **state)
{
	struct json_doc *doc = own_json(BLOCK), *json = own_json(RECEIPTS);
	struct header header;
	struct receipts receipts;
	struct transactions txs;
	struct block block;

	(void)state;
	assert_int_equal(proof_header(&header, json_doc_root(doc), arena, NULL),
			 OK);
	assert_int_equal(proof_receipts(&receipts, &header, json_doc_root(json),
					arena, NULL),
			 OK);
	assert_int_equal(
	    proof_transactions(&txs, &header, json_doc_root(doc), arena, NULL),
	    OK);
	assert_int_equal(
	    proof_block(&block, &prover, &header, &receipts, NULL, arena, NULL),
	    ERR_BUG);
	txs.n--;
	assert_int_equal(
	    proof_block(&block, &prover, &header, &receipts, &txs, arena, NULL),
	    ERR_UNPROVEN);
	json_doc_free(doc);
	json_doc_free(json);
}

static void hashes_only_are_no_transactions(void **state)
{
	struct json_doc *doc = own_json(BLOCK);
	struct json_doc *light = json_doc_of("{\"transactions\":[\"0x01\"]}");
	struct json_doc *null = json_doc_of("null");
	struct transactions txs;
	struct header header;

	(void)state;
	assert_int_equal(proof_header(&header, json_doc_root(doc), arena, NULL),
			 OK);
	assert_int_equal(proof_transactions(&txs, &header, json_doc_root(light),
					    arena, NULL),
			 ERR_NONSENSE);
	assert_int_equal(
	    proof_transactions(&txs, &header, json_doc_root(null), arena, NULL),
	    ERR_NOT_YET);
	json_doc_free(null);
	json_doc_free(light);
	json_doc_free(doc);
}

static void the_wrong_block_is_refused(void **state)
{
	struct json_doc *doc = own_json(BLOCK);
	struct block_ref parent = {.number = 19999999};
	struct header header;
	struct hash other = {{1}};

	(void)state;
	assert_int_equal(proof_header(&header, json_doc_root(doc), arena, NULL),
			 OK);
	assert_int_equal(proof_is_number(&header, 20000000, NULL), OK);
	assert_int_equal(proof_is_number(&header, 20000001, NULL),
			 ERR_NONSENSE);
	assert_int_equal(proof_is_hash(&header, &header.hash, NULL), OK);
	assert_int_equal(proof_is_hash(&header, &other, NULL), ERR_NONSENSE);
	parent.hash = header.parent_hash;
	assert_int_equal(proof_is_child(&header, &parent, NULL), OK);
	parent.number--;
	assert_int_equal(proof_is_child(&header, &parent, NULL), ERR_UNPROVEN);
	parent.number++;
	parent.hash = other;
	assert_int_equal(proof_is_child(&header, &parent, NULL), ERR_UNPROVEN);
	json_doc_free(doc);
}

static void a_full_arena_is_said(void **state)
{
	struct json_doc *doc = own_json(BLOCK), *receipts = own_json(RECEIPTS);
	size_t refused = 0;

	(void)state;
	for (size_t cap = 0; cap < 32768; cap += 128) {
		struct arena *tight = arena_new(cap);
		struct block block;
		enum err err;

		assert_non_null(tight);
		err = prove(&block, json_doc_root(doc), json_doc_root(receipts),
			    tight, NULL);
		assert_true(err == OK || err == ERR_NOMEM);
		refused += err != OK;
		arena_free(tight);
	}
	assert_in_range(refused, 1, 255);
	json_doc_free(doc);
	json_doc_free(receipts);
}

/* How many USDC Transfers of the block are where the node says they are. The
 * corpus has no transactions of these blocks. */
/* The real Transfers of USDC in them, decoded. */
static size_t count_transfers(const struct receipts *receipts)
{
	struct catalog *catalog;
	size_t n = 0;

	assert_int_equal(catalog_new(&catalog, NULL), OK);
	assert_int_equal(catalog_add(catalog, &interest.address, "USDC", NULL),
			 OK);
	for (size_t i = 0; i < receipts->n; i++) {
		for (size_t k = 0; k < receipts->list[i].n_logs; k++) {
			const struct raw_log *log = &receipts->list[i].logs[k];
			const char *why = "";
			struct catalog_events found;
			const struct event *event = &found.all[0];
			uint8_t amount[32];

			switch (catalog_decode(catalog, log, &found, &why)) {
			case CATALOG_NOT_OURS:
				continue;
			case CATALOG_MALFORMED:
				fail_msg("receipt %zu, log %zu: %s", i, k, why);
				break;
			case CATALOG_EVENT:
				break;
			}
			assert_int_equal(event->kind, EVENT_TRANSFER);
			assert_memory_equal(event->from.b,
					    log->topics[1].b + 12, 20);
			assert_memory_equal(event->to.b, log->topics[2].b + 12,
					    20);
			u256_to_be(amount, &event->amount);
			assert_memory_equal(amount, log->data.data, 32);
			n++;
		}
	}
	catalog_free(catalog);
	return n;
}

static void check_mainnet(const char *number, size_t n)
{
	char name[64];
	struct json_doc *header_doc, *doc;
	const struct json *list;
	struct header header;
	struct receipts receipts;
	struct fault fault = {0};
	size_t logs = 0;

	(void)snprintf(name, sizeof(name), "mainnet/header-%s.json", number);
	header_doc = corpus_json(name);
	(void)snprintf(name, sizeof(name), "mainnet/receipts-%s.json", number);
	doc = corpus_json(name);
	list = json_at(json_doc_root(doc), "0/response/result");
	assert_int_equal(proof_header(&header,
				      json_at(json_doc_root(header_doc),
					      "0/response/result"),
				      arena, NULL),
			 OK);
	assert_true(proof_may_concern(&prover, &header));
	if (proof_receipts(&receipts, &header, list, arena, &fault) != OK)
		fail_msg("%s", fault.text);
	assert_int_equal(proof_count(&prover, &receipts), n);
	assert_int_equal(count_transfers(&receipts), n);
	for (size_t i = 0; i < receipts.n; i++) {
		const struct json *claimed =
		    json_at(json_element(list, i), "logs");

		for (size_t k = 0; k < receipts.list[i].n_logs; k++) {
			const struct json *log = json_element(claimed, k);
			uint64_t index;

			assert_int_equal(
			    quantity_parse(
				&index,
				json_text(json_at(log, "logIndex"), NULL)),
			    OK);
			assert_int_equal(index, logs++);
		}
	}
	json_doc_free(header_doc);
	json_doc_free(doc);
}

static void corpus_mainnet(void **state)
{
	(void)state;
	check_mainnet("12000000", 6);
	check_mainnet("17000000", 1);
	check_mainnet("18000000", 13);
}

static void corpus_full_block(void **state)
{
	struct json_doc *doc = corpus_json("mainnet/block-19900000.json");
	const struct json *block =
	    json_at(json_doc_root(doc), "0/response/result");
	struct transactions txs;
	struct header header;

	(void)state;
	assert_int_equal(proof_header(&header, block, arena, NULL), OK);
	assert_true(proof_may_concern(&prover, &header));
	assert_int_equal(proof_transactions(&txs, &header, block, arena, NULL),
			 OK);
	assert_int_equal(txs.n, 147);
	json_doc_free(doc);
}

/* Block 54 of the corpus chain, whole. */
static void corpus_whole_block(void **state)
{
	struct json_doc *doc =
	    corpus_reply("execution-apis/eth_getBlockByNumber/get-latest.io");
	struct json_doc *receipts = corpus_reply(
	    "execution-apis/eth_getBlockReceipts/get-block-receipts-latest.io");
	const struct json *list = json_at(json_doc_root(receipts), "result");
	struct catalog_interest saved = interest;
	struct fault fault = {0};
	struct raw_log first;
	struct fields f;
	struct block block;

	(void)state;
	fields_open(&f, json_at(list, "1/logs/0"), &fault, "log");
	parse_raw_log(&f, &first, arena);
	assert_int_equal(f.err, OK);
	interest.address = first.address;
	interest.topic0 = first.topics[0];
	if (prove(&block, json_at(json_doc_root(doc), "result"), list, arena,
		  &fault) != OK)
		fail_msg("%s", fault.text);
	interest = saved;
	assert_true(block.n_logs > 0);
	assert_int_equal(block.logs[0].tx_index, 1);
	assert_int_equal(block.logs[0].log_index, 0);
	{
		struct hash want = hash_from(
		    json_text(json_at(list, "1/transactionHash"), NULL));
		char text[ADDRESS_TEXT_SIZE];

		assert_true(hash_eq(&want, &block.logs[0].tx_hash));
		assert_string_equal(address_format(text, &block.logs[0].sender),
				    json_text(json_at(list, "1/from"), NULL));
	}
	json_doc_free(doc);
	json_doc_free(receipts);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(256u << 20);
	secp = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
	prover.secp = secp;
	interest.topic0 = hash_from(TRANSFER);
	return arena && secp && address_parse(&interest.address, USDC) == OK
		   ? 0
		   : -1;
}

static int tear_down(void **state)
{
	(void)state;
	secp256k1_context_destroy(secp);
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(places_are_computed),
	    cmocka_unit_test(the_block_outlives_its_receipts),
	    cmocka_unit_test(one_bit_is_enough_to_refuse),
	    cmocka_unit_test(a_list_must_be_whole),
	    cmocka_unit_test(false_blooms_are_refused),
	    cmocka_unit_test(blooms_exclude),
	    cmocka_unit_test(no_topic_is_not_zero),
	    cmocka_unit_test(a_receipt_needs_its_transaction),
	    cmocka_unit_test(hashes_only_are_no_transactions),
	    cmocka_unit_test(the_wrong_block_is_refused),
	    cmocka_unit_test(a_full_arena_is_said),
	    cmocka_unit_test(corpus_mainnet),
	    cmocka_unit_test(corpus_full_block),
	    cmocka_unit_test(corpus_whole_block),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
