#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <secp256k1.h>

#include "chain/parse.h"
#include "common/keccak.h"
#include "tests/unit/lib_files.h"
#include "tests/unit/lib_raw.h"

/* unprotected, protected (EIP-155's example), types 1 to 4, protected with
 * the other parity. */
#define N_OWN 7

static struct arena *arena;
static secp256k1_context *secp;

/* parse_transactions of a block with this one transaction. */
static enum err parse_one(struct transaction *tx, const char *object,
			  struct fault *fault)
{
	struct transactions txs;
	struct json_doc *doc;
	struct buf text;
	enum err err;

	buf_init(&text, 1 << 20);
	buf_printf(&text, "{\"transactions\":[%s]}", object);
	assert_int_equal(text.err, OK);
	doc = json_doc_of(text.data);
	err = parse_transactions(&txs, json_doc_root(doc), arena, fault);
	if (err == OK)
		*tx = txs.list[0];
	json_doc_free(doc);
	buf_free(&text);
	return err;
}

static struct hash hash_one(const struct transaction *tx)
{
	struct hash hash;
	struct buf out;

	buf_init(&out, 1 << 20);
	transaction_encode(&out, tx);
	assert_int_equal(out.err, OK);
	hash = keccak256(out.data, out.len);
	buf_free(&out);
	return hash;
}

static char *print(const struct json *value)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	json_print(&text, value);
	assert_int_equal(text.err, OK);
	return text.data;
}

/* The key 0x46... of EIP-155, whose example is "legacy". */
#define SIGNER "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"

static void assert_sender(const struct transaction *tx, const char *want)
{
	struct address sender;
	char text[ADDRESS_TEXT_SIZE];

	assert_int_equal(transaction_sender(&sender, tx, secp), OK);
	assert_string_equal(address_format(text, &sender), want);
}

/* All types, signed and encoded by viem. */
static void all_types_are_known(void **state)
{
	struct json_doc *doc = own_json("unit/data/transactions.json");
	const struct json *list = json_doc_root(doc);

	(void)state;
	assert_int_equal(json_count(list), N_OWN);
	for (size_t i = 0; i < N_OWN; i++) {
		const struct json *test = json_element(list, i);
		struct bytes want =
		    hex_bytes(arena, json_text(json_at(test, "raw"), NULL));
		char *text = print(json_at(test, "json"));
		struct transaction tx;
		struct buf out;

		assert_int_equal(parse_one(&tx, text, NULL), OK);
		buf_init(&out, 1 << 20);
		transaction_encode(&out, &tx);
		assert_int_equal(out.len, want.len);
		assert_memory_equal(out.data, want.data, want.len);
		assert_sender(&tx, SIGNER);
		buf_free(&out);
		free(text);
	}
	json_doc_free(doc);
}

static void every_bit_counts(void **state)
{
	static const char *const names[] = {
	    "type",
	    "nonce",
	    "gas",
	    "to",
	    "value",
	    "input",
	    "gasPrice",
	    "maxPriorityFeePerGas",
	    "chainId",
	    "address",
	    "storageKeys",
	    "maxFeePerGas",
	    "v",
	    "yParity",
	    "r",
	    "s",
	    "maxFeePerBlobGas",
	    "blobVersionedHashes",
	};
	struct json_doc *doc = own_json("unit/data/transactions.json");

	(void)state;
	for (size_t i = 0; i < N_OWN; i++) {
		const struct json *test = json_element(json_doc_root(doc), i);
		const struct json *object = json_at(test, "json");
		struct hash want =
		    hash_from(json_text(json_at(test, "hash"), NULL));

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			char *text = flip_bit(object, names[k], 0);
			struct transaction tx;
			struct hash hash;

			/* v is not read where there is yParity */
			if (!text || (strcmp(names[k], "v") == 0 &&
				      json_member(object, "yParity"))) {
				free(text);
				continue;
			}
			if (parse_one(&tx, text, NULL) == OK) {
				hash = hash_one(&tx);
				if (hash_eq(&hash, &want))
					fail_msg("%zu: %s does not count", i,
						 names[k]);
			}
			free(text);
		}
	}
	json_doc_free(doc);
}

static void authorizations_count(void **state)
{
	static const char *const names[] = {"chainId", "address", "nonce",
					    "yParity", "r",	  "s"};
	struct json_doc *doc = own_json("unit/data/transactions.json");
	const struct json *test = json_element(json_doc_root(doc), 5);
	const struct json *object = json_at(test, "json");
	struct hash want = hash_from(json_text(json_at(test, "hash"), NULL));

	(void)state;
	/* the nth of each: two in the list, one outside (address: none) */
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		for (size_t nth = 0; nth < 3; nth++) {
			char *text = flip_bit(object, names[k], nth);
			struct transaction tx;
			struct hash hash;

			if (!text)
				continue;
			assert_int_equal(parse_one(&tx, text, NULL), OK);
			hash = hash_one(&tx);
			assert_false(hash_eq(&hash, &want));
			free(text);
		}
	}
	json_doc_free(doc);
}

#define TX(fields)                                                             \
	"{\"nonce\":\"0x0\",\"gas\":\"0x5208\",\"value\":\"0x0\","             \
	"\"input\":\"0x\",\"r\":\"0x1\",\"s\":\"0x1\"" fields "}"
#define FEES ",\"maxFeePerGas\":\"0x1\",\"maxPriorityFeePerGas\":\"0x1\""

static void strange_transactions_are_refused(void **state)
{
	static const struct {
		const char *text, *fault;
		enum err err;
	} cases[] = {
	    {"\"0x00\"", "transaction 0: is a string", ERR_NONSENSE},
	    {"null", "transaction 0: is null", ERR_NONSENSE},
	    {TX(""), "gasPrice", ERR_NONSENSE},
	    {TX(",\"gasPrice\":\"0x1\""), "v is absent", ERR_NONSENSE},
	    {TX(",\"gasPrice\":\"0x1\",\"v\":\"0x1b\",\"type\":\"0x7e\""),
	     "0x7e", ERR_USAGE},
	    {TX(",\"gasPrice\":\"0x1\",\"v\":\"0x1b\",\"type\":\"0x5\""),
	     "chain.verify", ERR_USAGE},
	    {TX(",\"gasPrice\":\"0x1\",\"v\":\"0x1b\",\"to\":\"0x12\""), "to",
	     ERR_NONSENSE},
	    {TX(",\"gasPrice\":\"0x1\",\"v\":\"0x10000000000000000\""), "v",
	     ERR_NONSENSE},
	    {TX(",\"type\":\"0x2\",\"gasPrice\":\"0x1\",\"v\":\"0x0\""),
	     "maxPriorityFeePerGas", ERR_NONSENSE},
	    {TX(",\"type\":\"0x2\",\"v\":\"0x0\"" FEES), "chainId",
	     ERR_NONSENSE},
	    {TX(",\"type\":\"0x2\",\"v\":\"0x0\",\"chainId\":\"0x1\"" FEES),
	     "accessList", ERR_NONSENSE},
	    {TX(",\"type\":\"0x2\",\"v\":\"0x0\",\"chainId\":\"0x1\","
		"\"accessList\":[{}]" FEES),
	     "accessList[0]: address", ERR_NONSENSE},
	    {TX(",\"type\":\"0x3\",\"v\":\"0x0\",\"chainId\":\"0x1\","
		"\"accessList\":[],\"maxFeePerBlobGas\":\"0x1\"" FEES),
	     "blobVersionedHashes", ERR_NONSENSE},
	    {TX(",\"type\":\"0x4\",\"v\":\"0x0\",\"chainId\":\"0x1\","
		"\"accessList\":[],\"authorizationList\":[0]" FEES),
	     "authorizationList[0]", ERR_NONSENSE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = {0};
		struct transaction tx;

		if (parse_one(&tx, cases[i].text, &fault) != cases[i].err)
			fail_msg("case %zu: %s", i, fault.text);
		if (!strstr(fault.text, cases[i].fault))
			fail_msg("case %zu says: %s", i, fault.text);
	}
}

/* Before yParity had its name it was v in every type. */
static void parity_may_be_called_v(void **state)
{
	struct transaction tx;

	(void)state;
	assert_int_equal(
	    parse_one(&tx,
		      TX(",\"type\":\"0x2\",\"v\":\"0x1\",\"chainId\":\"0x1\","
			 "\"accessList\":[]" FEES),
		      NULL),
	    OK);
	assert_int_equal(tx.v, 1);
}

static void no_signature_is_nobody(void **state)
{
	static const uint64_t bad_v[] = {0, 1, 26, 29, 34};
	struct transaction tx = {.v = 27};
	struct address sender;

	(void)state;
	assert_int_equal(transaction_sender(&sender, &tx, secp), ERR_MISSING);
	tx.r = tx.s = u256_from_u64(1);
	assert_int_equal(transaction_sender(&sender, &tx, secp), OK);
	memset(&tx.r, 0xff, sizeof(tx.r)); /* above the curve's order */
	assert_int_equal(transaction_sender(&sender, &tx, secp), ERR_MISSING);
	tx.r = u256_from_u64(1);
	for (size_t i = 0; i < sizeof(bad_v) / sizeof(bad_v[0]); i++) {
		tx.v = bad_v[i];
		assert_int_equal(transaction_sender(&sender, &tx, secp),
				 ERR_MISSING);
	}
	tx.type = TRANSACTION_DYNAMIC_FEE;
	tx.v = 2;
	assert_int_equal(transaction_sender(&sender, &tx, secp), ERR_MISSING);
}

/* All bodies of chain.rlp: decoded, encoded again, rooted. */
static void corpus_chain(void **state)
{
	size_t len, seen[TRANSACTION_TYPES] = {0};
	char *text = corpus_text("execution-apis/chain.rlp", &len);
	struct bytes rest = {(uint8_t *)text, len};

	(void)state;
	while (rest.len > 0) {
		struct rlp_item block, parts[4], items[64];
		struct transaction list[64];
		struct transactions txs = {.list = list};
		struct header header;
		struct hash root;

		assert_int_equal(rlp_next(&block, &rest), OK);
		assert_in_range(raw_items(parts, 4, block.payload), 3, 4);
		raw_header(&header, parts[0].whole);
		txs.n = raw_items(items, 64, parts[1].payload);
		for (size_t i = 0; i < txs.n; i++) {
			raw_transaction(&list[i], &items[i], arena);
			seen[list[i].type]++;
		}
		assert_int_equal(transactions_root(&root, &txs, arena), OK);
		assert_true(hash_eq(&root, &header.transactions_root));
	}
	free(text);
	assert_int_equal(seen[0] + seen[1] + seen[2] + seen[3] + seen[4], 249);
	for (size_t i = 0; i < TRANSACTION_TYPES; i++)
		assert_true(seen[i] > 0);
}

/* Finds the transaction of a receipt in chain.rlp by its hash. */
static bool find_in_chain(struct transaction *out, struct bytes chain,
			  const struct hash *want)
{
	while (chain.len > 0) {
		struct rlp_item block, parts[4], items[64];
		size_t n;

		assert_int_equal(rlp_next(&block, &chain), OK);
		(void)raw_items(parts, 4, block.payload);
		n = raw_items(items, 64, parts[1].payload);
		for (size_t i = 0; i < n; i++) {
			struct hash hash;

			raw_transaction(out, &items[i], arena);
			hash = hash_one(out);
			if (hash_eq(&hash, want))
				return true;
		}
	}
	return false;
}

/* A node's `from` and `transactionHash`, for each type. */
static void corpus_senders(void **state)
{
	static const char *const names[] = {"legacy-receipt", "legacy-contract",
					    "access-list",    "dynamic-fee",
					    "blob-tx",	      "setcode-tx"};
	size_t len;
	char *text = corpus_text("execution-apis/chain.rlp", &len);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct json_doc *doc;
		const struct json *receipt;
		struct transaction tx;
		struct hash want;
		char name[96];

		(void)snprintf(
		    name, sizeof(name),
		    "execution-apis/eth_getTransactionReceipt/get-%s.io",
		    names[i]);
		doc = corpus_reply(name);
		receipt = json_at(json_doc_root(doc), "result");
		want = hash_from(
		    json_text(json_at(receipt, "transactionHash"), NULL));
		assert_true(find_in_chain(
		    &tx, (struct bytes){(uint8_t *)text, len}, &want));
		assert_sender(&tx, json_text(json_at(receipt, "from"), NULL));
		json_doc_free(doc);
	}
	free(text);
}

/* 147 real ones of types 0 to 3: hash and sender of each, and the root. */
static void corpus_mainnet(void **state)
{
	struct json_doc *doc = corpus_json("mainnet/block-19900000.json");
	const struct json *block =
	    json_at(json_doc_root(doc), "0/response/result");
	const struct json *list = json_at(block, "transactions");
	struct hash want =
	    hash_from(json_text(json_at(block, "transactionsRoot"), NULL));
	struct transactions txs;
	struct hash root;

	(void)state;
	assert_int_equal(parse_transactions(&txs, block, arena, NULL), OK);
	assert_int_equal(txs.n, 147);
	assert_int_equal(transactions_root(&root, &txs, arena), OK);
	assert_true(hash_eq(&root, &want));
	for (size_t i = 0; i < txs.n; i++) {
		const struct json *object = json_element(list, i);
		struct hash hash =
		    keccak256(txs.encoded[i].data, txs.encoded[i].len);
		char text[HASH_TEXT_SIZE];

		assert_string_equal(hash_format(text, &hash),
				    json_text(json_at(object, "hash"), NULL));
		assert_sender(&txs.list[i],
			      json_text(json_at(object, "from"), NULL));
	}
	json_doc_free(doc);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(64u << 20);
	secp = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
	return arena && secp ? 0 : -1;
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
	    cmocka_unit_test(all_types_are_known),
	    cmocka_unit_test(every_bit_counts),
	    cmocka_unit_test(authorizations_count),
	    cmocka_unit_test(strange_transactions_are_refused),
	    cmocka_unit_test(parity_may_be_called_v),
	    cmocka_unit_test(no_signature_is_nobody),
	    cmocka_unit_test(corpus_chain),
	    cmocka_unit_test(corpus_senders),
	    cmocka_unit_test(corpus_mainnet),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
