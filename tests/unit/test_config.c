#include "tests/unit/lib_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void a_whole_file(void **state)
{
	struct config *c = load_text(*state, config_good);
	char text[ADDRESS_TEXT_SIZE];

	assert_int_equal(c->chain.id, 5042002);
	assert_int_equal(c->chain.n_rpc, 3);
	assert_string_equal(c->chain.rpc[0].name, "arc");
	assert_string_equal(c->chain.rpc[0].url,
			    "https://rpc.testnet.arc.network/v1");
	assert_string_equal(c->chain.rpc[1].name, "backup.example");
	assert_non_null(strstr(c->chain.rpc[1].url, SECRET));
	assert_string_equal(c->chain.rpc[2].name, "[::1]");
	assert_int_equal(c->chain.quorum, 2);
	assert_int_equal(c->chain.rpc[0].max_in_flight, 8);
	assert_int_equal(c->chain.rpc[0].max_per_second, 300);
	assert_int_equal(c->chain.rpc[1].max_in_flight, 0);
	assert_int_equal(c->chain.start_block, 100);
	assert_false(c->chain.finalized_tag);
	assert_int_equal(c->chain.confirmations, 12);
	assert_int_equal(c->chain.verify, VERIFY_BLOOM);
	assert_int_equal(c->chain.poll_ms, 250);
	assert_int_equal(c->audit.interval_ms, 7u * 24 * 3600 * 1000);
	assert_string_equal(address_format(text, &c->contracts.usdc),
			    "0x3600000000000000000000000000000000000000");
	assert_int_equal(c->contracts.n, 4);
	assert_int_equal(c->contracts.items[1].role, ROLE_STREAMING);
	assert_int_equal(c->contracts.items[2].role, ROLE_LOANS);
	assert_string_equal(c->contracts.items[2].abi, "Advances");
	assert_int_equal(c->contracts.items[3].role, ROLE_REPUTATION);
	assert_string_equal(c->contracts.items[3].abi, "ReputationLedger");
	assert_string_equal(c->contracts.items[0].abi, "PaymentStreaming");
	assert_int_equal(c->contracts.items[0].start_block, 200);
	assert_int_equal(c->contracts.items[1].start_block, 100);
	assert_string_equal(
	    address_checksum(text, &c->contracts.items[1].address),
	    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359");
	assert_int_equal(c->n_fee_wallets, 1);
	assert_true(c->transfers_all);
	assert_false(c->accept_unchecksummed);
	assert_non_null(strstr(c->database.url, "@db.example/gig"));
	/* the six bits of each letter, RFC 4648 */
	assert_int_equal(c->database.encryption_key->b[0], 0x86);
	assert_int_equal(c->database.encryption_key->b[1], 0xe9);
	assert_int_equal(c->auth.token_key->b[0], 0x86);
	assert_int_equal(c->database.encryption_key->b[31] & 3, 0);
	assert_int_equal(c->auth.token_key->b[31] & 3, 1);
	assert_string_equal(c->http.host, "::1");
	assert_int_equal(c->http.port, 9000);
	assert_int_equal(c->log.level, LOG_DEBUG);
	assert_true(c->log.json);
	config_free(c);
	config_free(NULL);
}

static void defaults(void **state)
{
	struct config *c = load_text(*state, config_least);

	assert_string_equal(c->chain.rpc[0].name, "localhost");
	assert_int_equal(c->chain.quorum, 1);
	assert_int_equal(c->chain.start_block, 0);
	assert_true(c->chain.finalized_tag);
	assert_int_equal(c->chain.verify, VERIFY_RECEIPTS);
	assert_string_equal(verify_mode_name(c->chain.verify), "receipts");
	assert_int_equal(c->chain.poll_ms, 0);
	assert_int_equal(c->audit.interval_ms, 24 * 3600 * 1000);
	assert_int_equal(c->contracts.n, 0);
	assert_int_equal(c->n_fee_wallets, 0);
	assert_false(c->transfers_all);
	assert_string_equal(c->http.host, "127.0.0.1");
	assert_int_equal(c->http.port, 8080);
	assert_int_equal(c->log.level, LOG_INFO);
	assert_false(c->log.json);
	config_free(c);
}

static void the_example_parses(void **state)
{
	const char *tests = strstr(__FILE__, "tests/unit/");
	struct config *c;
	char path[512];

	(void)state;
	assert_non_null(tests);
	(void)snprintf(path, sizeof(path), "%.*sconfig/gigstreamd.yaml",
		       (int)(tests - __FILE__), __FILE__);
	refuse(path, "chain.rpc[].url is not set");
	setenv("RPC_URL", "https://rpc.testnet.arc.network", 1);
	refuse(path, "database.url is not set");
	setenv("DATABASE_URL", "postgresql:///gig", 1);
	c = load(path);
	assert_int_equal(c->chain.id, 5042002);
	assert_string_equal(c->chain.rpc[0].name, "rpc.testnet.arc.network");
	config_free(c);
}

/* Text alone, before anything is missing: file, line and what to do. */
static const struct {
	const char *text, *expected;
} errors[] = {
    {"", "chain.id is not set: write it into /tmp/"},
    {"---\n", "GIGSTREAM_CHAIN_ID"},
    {"chain: {id: 1}", "GIGSTREAM_CHAIN_RPC_URL or RPC_URL"},
    {"chain:\n  id: 1\n  start_blok: 2",
     "c.yaml:3: unknown key start_blok in chain: did you mean start_block?"},
    {"chian: {}", ":1: unknown key chian: did you mean chain?"},
    {"\n\nstart_block: 1", ":3: unknown key start_block: did you mean "
			   "chain.start_block?"},
    {"chain: {rpc: [{nmae: x}]}", "in chain.rpc: did you mean name?"},
    {"contracts: {usdc: {adress: x}}", "did you mean address?"},
    {"contracts.usdc: {}", "unknown key (not shown)"},
    {"wallets: []", "did you mean fee_wallets?"},
    {"servers: x", "the keys here are accept_unchecksummed, chain, contracts"},
    {"profile: x", "did you mean chain.profile?"},
    {"chain: {network: arc}", "unknown key network in chain: the keys here"},
    {"postgres://me:" SECRET "@db/x: 1", "unknown key (not shown)"},
    {"chain: 5", ":1: chain: expected keys with values"},
    {"chain: [a]", ":1: chain: expected keys with values"},
    {"chain: {rpc: http://x}", "chain.rpc: expected a list"},
    {"chain: {rpc: {url: http://x}}", "chain.rpc: expected a list"},
    {"chain: {id: [1]}", "chain.id: expected one value"},
    {"chain: {id: {a: 1}}", "chain.id: expected one value"},
    {"fee_wallets: [{address: x}]", "fee_wallets[]: expected one value"},
    {"fee_wallets: [[x]]", "fee_wallets[]: expected one value"},
    {"chain: {id: }", "chain.id: has no value"},
    {"chain: {id: ~}", "chain.id: has no value"},
    {"chain: {id: ''}", "chain.id: has no value"},
    {"contracts: {streaming: [{}]}", "contracts.streaming: is empty"},
    {"log: {}", ":1: log: is empty"},
    {"log: {level: \"in\\0fo\"}", "NUL"},
    {"log: {level: info}\nhttp: {listen: 'off'}\nlog: {format: json}",
     ":3: log is already given in line 1"},
    {"log:\n  level: info\n  level: warn", ":3: log.level is already given "
					   "in line 2"},
    {"? [a]\n: b", "expected a key"},
    {"just words " SECRET, ":1: expected keys with values"},
    {"[1, 2]", ":1: expected keys with values"},
    {"log: {level: info}\n--- \nlog: {level: info}", "a second document"},
    {"log: &a {level: info}\nhttp: *a", ":2: aliases"},
    {"log: {<<: *a}", "unknown key"},
    {"chain:\n  id: 1\n id: 2", "broken YAML"},
    {"log: {level: 'info " SECRET, "broken YAML"},
    {"log: {level: info", "broken YAML"},
    {"\tlog: {}", "broken YAML"},
    {"log: {level: @x}", ":1: broken YAML"},
    {"log:\n  level: \xff\xfe", ":2: not UTF-8 text"},
    {"log:\n\n  level: \x01", ":3: not UTF-8 text"},
    {"chain: {id: 0}", "expected a whole number from 1 to"},
    {"chain: {id: -1}", "expected a whole number"},
    {"chain: {id: 1.5}", "expected a whole number"},
    {"chain: {id: 0x10}", "expected a whole number"},
    {"chain: {id: 9223372036854775808}", "expected a whole number"},
    {"chain: {id: 99999999999999999999999}", "expected a whole number"},
    {"chain: {start_block: latest}", "chain.start_block: expected a whole"},
    {"chain: {id: 9, quorum: 2, rpc: [http://localhost]}\n"
     "database: {url: postgresql:///g}\n"
     "contracts: {usdc: {address: "
     "\"0x3600000000000000000000000000000000000000\"}}",
     ":1: chain.quorum: 2 endpoints cannot agree: chain.rpc names 1"},
    {"chain: {id: 9, quorum: 2, verify: 'off', rpc: [http://a, http://b]}\n"
     "database: {url: postgresql:///g}\n"
     "contracts: {usdc: {address: "
     "\"0x3600000000000000000000000000000000000000\"}}",
     ":1: chain.quorum: endpoints agree on hashes, which chain.verify: off"},
    {"chain: {id: 9, rpc: [{name: a, url: http://h}, {name: b, url: "
     "http://h}]}\n"
     "database: {url: postgresql:///g}\n"
     "contracts: {usdc: {address: "
     "\"0x3600000000000000000000000000000000000000\"}}",
     "another endpoint has the same URL"},
    {"chain: {quorum: 1001}", "expected a whole number, 1 or more"},
    {"chain: {quorum: 0}", "expected a whole number, 1 or more"},
    {"chain: {verify: recipts}", "expected receipts, bloom or off"},
    {"chain: {confirmations: 0}", "expected finalized, or a depth"},
    {"chain: {confirmations: 100001}", "expected finalized, or a depth"},
    {"chain: {confirmations: latest}", "expected finalized, or a depth"},
    {"audit: {interval: auto}", "expected off, or a time with its unit"},
    {"audit: {interval: 999ms}", "expected off, or a time with its unit"},
    {"audit: {interval: 31d}", "expected off, or a time with its unit"},
    {"audit: {interval: 24}", "expected off, or a time with its unit"},
    {"chain: {poll_interval: 5}", "a time with its unit"},
    {"chain: {poll_interval: 5h}", "a time with its unit"},
    {"chain: {poll_interval: 49ms}", "a time with its unit"},
    {"chain: {poll_interval: 601s}", "a time with its unit"},
    {"chain: {poll_interval: 11m}", "a time with its unit"},
    {"chain: {poll_interval: -1s}", "a time with its unit"},
    {"chain: {poll_interval: ms}", "a time with its unit"},
    {"chain: {poll_interval: 18446744073709551617ms}", "a time with its unit"},
    {"transfers: some", "expected watched or all"},
    {"accept_unchecksummed: yes", "expected false or true"},
    {"log: {level: loud}", "expected error, warn, info or debug"},
    {"log: {format: xml}", "expected text or json"},
    {"contracts: {loans: [{}]}", "contracts.loans: is empty"},
    {"contracts: {usdc: {decimals: 18}}", "expected 6"},
    {"contracts: {usdc: {address: x}}", "not an address"},
    {"contracts: {usdc: {address: "
     "'0x0000000000000000000000000000000000000000'}}",
     "the zero address"},
    {"contracts:\n  usdc:\n    address: "
     "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed",
     ":3: contracts.usdc.address: address "
     "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed has a wrong checksum"},
    {"fee_wallets: [0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed]",
     "write 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
    {"contracts: {streaming: [{address: "
     "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed, abi: 'a b'}]}",
     "expected a name"},
    {"chain: {rpc: [ftp://u:" SECRET "@x]}", "not a URL of the form http"},
    {"chain: {rpc: ['http://']}", "not a URL of the form http"},
    {"chain: {rpc: ['http:///" SECRET "']}", "not a URL of the form http"},
    {"chain: {rpc: ['http://u:" SECRET "@']}", "not a URL of the form http"},
    {"chain: {rpc: ['http://x:8545" SECRET "']}", "not a URL of the form"},
    {"chain: {rpc: ['http://x:']}", "not a URL of the form http"},
    {"chain: {rpc: ['http://[::1']}", "not a URL of the form http"},
    {"chain: {rpc: ['http://u:pa/" SECRET "@x']}", "not a URL of the form"},
    {"chain: {rpc: ['http://x/a b']}", "not a URL of the form http"},
    {"chain: {rpc: [{name: 'https://" SECRET "', url: http://x}]}",
     "chain.rpc[].name: expected a name"},
    {"chain: {rpc: [~]}", "chain.rpc[].url: has no value"},
    {"chain: {rpc: [{url: http://x, url_file: /nowhere}]}",
     "chain.rpc[].url_file: file /nowhere cannot be opened: No such file"},
    {"chain: {rpc: [{url_file: 'https://u:" SECRET "@x'}]}",
     "expected the absolute path"},
    {"database: {url: 'mysql://me:" SECRET "@db/x'}", "not a URL of the form"},
    {"database: {url: 'host=db password=" SECRET "'}", "not a URL of the"},
    {"database: {url_file: /}", "file / is a directory"},
    {"database: {url: postgresql:///x, encryption_key: " SECRET "}",
     "database.encryption_key: expected a key of 32 bytes, as base64 (openssl "
     "rand -base64 32) or as 64 hex digits"},
    {"database: {encryption_key_file: " SECRET "}",
     "expected the absolute path of a file that holds it"},
    {"database: {encryption_key_file: /nowhere}", "file /nowhere cannot be"},
    {"database: {encryption_kye: x}", "did you mean encryption_key?"},
    {"auth: {token_key: " SECRET "}",
     "auth.token_key: expected a key of 32 bytes, as base64"},
    {"auth: {tokenkey: x}", "did you mean token_key?"},
    {"http: {listen: 8080}", "expected an address and a port"},
    {"http: {listen: ':8080'}", "expected an address and a port"},
    {"http: {listen: '127.0.0.1:65536'}", "expected an address and a port"},
    {"http: {listen: '127.0.0.1:'}", "expected an address and a port"},
    {"http: {listen: '::1:80'}", "expected an address and a port"},
    {"http: {listen: '[::1]80'}", "expected an address and a port"},
    {"http: {listen: '[]:80'}", "expected an address and a port"},
    {"http: {listen: 'example.org:80'}", "expected an address and a port"},
};

static void each_error(void **state)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		refuse_text(*state, errors[i].text, errors[i].expected);
}

/* What only shows where everything else is there. */
static void errors_between_values(void **state)
{
	static const struct {
		const char *more, *expected;
	} cases[] = {
	    {"fee_wallets: ['0x3600000000000000000000000000000000000000']",
	     ":4: fee_wallets[]: 0x3600000000000000000000000000000000000000 "
	     "is already contracts.usdc.address (line 2)"},
	    {"fee_wallets:\n- 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
	     "- 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
	     "is already fee_wallets[] (line 5)"},
	    {"fee_wallets:\n- 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
	     "- 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed\n"
	     "accept_unchecksummed: true",
	     "is already fee_wallets[] (line 5)"},
	};
	char text[1024];

	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", config_least,
			       cases[i].more);
		refuse_text(*state, text, cases[i].expected);
	}
	setenv("GIGSTREAM_FEE_WALLETS",
	       "0x3600000000000000000000000000000000000000", 1);
	refuse_text(*state, config_least,
		    "GIGSTREAM_FEE_WALLETS (environment): ");
}

static void errors_in_lists(void **state)
{
	static const char head[] =
	    "database: {url: postgresql:///gig}\n"
	    "contracts:\n"
	    "  usdc: {address: "
	    "\"0x3600000000000000000000000000000000000000\"}\n";
	static const struct {
		const char *more, *expected;
	} cases[] = {
	    {"  streaming: [{abi: X}]\nchain: {id: 9, rpc: [http://x]}",
	     ":4: contracts.streaming[].abi: the contract has no address"},
	    {"  streaming: "
	     "[\"0x52908400098527886E0F7030069857D2E4169EE7\"]\n"
	     "  loans: [{abi: X}]\nchain: {id: 9, rpc: [http://x]}",
	     ":5: contracts.loans[].abi: the contract has no address"},
	    {"chain:\n  id: 9\n  rpc:\n  - name: a",
	     ":7: chain.rpc[].name: the endpoint has no url"},
	    {"chain: {id: 9, rpc: [http://x:1, http://x:2]}",
	     "another endpoint has the same name"},
	    {"chain: {id: 9, rpc: [http://a,http://b,http://c,http://d,"
	     "http://e,http://f,http://g,http://h,http://i,http://j,http://k,"
	     "http://l,http://m,http://n,http://o,http://p,http://q]}",
	     "more than 16 items"},
	};
	char text[1024];

	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", head, cases[i].more);
		refuse_text(*state, text, cases[i].expected);
	}
}

static void files_that_are_none(void **state)
{
	const struct folder *f = *state;
	char *large = malloc(1024 * 1024 + 2);

	refuse("/nonexistent/c.yaml", "/nonexistent/c.yaml: cannot be opened: "
				      "No such file or directory");
	refuse(f->path, "is a directory: name the file inside it");
	refuse("/dev/zero", "larger than 1048576 bytes");
	assert_non_null(large);
	memset(large, '#', 1024 * 1024 + 1);
	write_bytes(f->file, large, 1024 * 1024 + 1);
	refuse(f->file, "larger than 1048576 bytes");
	memset(large, '[', 1024 * 1024);
	write_bytes(f->file, large, 1024 * 1024);
	refuse(f->file, ":1: expected keys with values");
	free(large);
	if (geteuid() != 0) {
		write_text(f->file, config_least);
		assert_int_equal(chmod(f->file, 0), 0);
		refuse(f->file, "cannot be opened: Permission denied");
	}
}

static void what_may_be_left_empty(void **state)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "%sfee_wallets:\nlog:\nhttp: ~\n",
		       config_least);
	config_free(load_text(*state, text));
	(void)snprintf(text, sizeof(text), "%sfee_wallets: []\n", config_least);
	config_free(load_text(*state, text));
	(void)snprintf(text, sizeof(text), "%shttp: {listen: localhost:0}\n",
		       config_least);
	config_free(load_text(*state, text));
}

#define DAMAGED_SIZE 4096
/* Every cut and many a changed byte of a good file: an answer, no crash. */
static void damaged_files(void **state)
{
	const struct folder *f = *state;
	size_t n = strlen(config_good);
	unsigned seed = 20261123;

	assert_true(n < DAMAGED_SIZE);
	print_message("seed %u\n", seed);
	for (size_t i = 0; i < 3 * n; i++) {
		char text[DAMAGED_SIZE];
		struct config *config;
		struct fault fault = {0};

		memcpy(text, config_good, n + 1);
		if (i >= n) {
			seed = seed * 1103515245 + 12345;
			text[i % n] = (char)(seed >> 16);
		}
		write_bytes(f->file, text, i < n ? i : n);
		if (config_load(&config, f->file, &fault) != OK)
			assert_string_not_equal(fault.text, "");
		config_free(config);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
	    TEST(a_whole_file),		 TEST(defaults),
	    TEST(the_example_parses),	 TEST(each_error),
	    TEST(errors_between_values), TEST(errors_in_lists),
	    TEST(files_that_are_none),	 TEST(what_may_be_left_empty),
	    TEST(damaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
