#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/changes.h"

static char one[] = "one", other[] = "other", url[] = "http://a/key";

/* Enough of a configuration to tell apart. */
struct made {
	struct config config;
	struct config_endpoint rpc[2];
	struct config_contract streaming[1];
	struct address wallets[1];
	struct secret_key key;
};

static struct config *make(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->rpc[0] = (struct config_endpoint){.name = one, .url = url};
	made->rpc[1] = (struct config_endpoint){.name = other, .url = url};
	made->streaming[0].abi = one;
	made->config = (struct config){
	    .chain = {.id = 1,
		      .rpc = made->rpc,
		      .n_rpc = 2,
		      .quorum = 1,
		      .finalized_tag = true},
	    .contracts = {.items = made->streaming, .n = 1},
	    .fee_wallets = made->wallets,
	    .n_fee_wallets = 1,
	    .database = {.url = url, .encryption_key = &made->key},
	    .http = {.host = one, .port = 1},
	};
	return &made->config;
}

static void expect(const struct config *a, const struct config *b,
		   const char *key)
{
	const char *keys[CONFIG_CHANGES_MOST];
	size_t n = config_changes(a, b, keys);

	assert_int_equal(n, 1);
	assert_string_equal(keys[0], key);
	n = config_changes(b, a, keys);
	assert_int_equal(n, 1);
}

#define EXPECT(change, key)                                                    \
	do {                                                                   \
		b = make(&second);                                             \
		change;                                                        \
		expect(a, b, key);                                             \
	} while (0)

static void what_takes_a_restart_is_named(void **state)
{
	const char *keys[CONFIG_CHANGES_MOST];
	struct made first, second;
	struct config *a = make(&first), *b = make(&second);

	(void)state;
	assert_int_equal(config_changes(a, b, keys), 0);
	EXPECT(b->chain.id = 2, "chain.id");
	EXPECT(b->chain.quorum = 2, "chain.quorum");
	EXPECT(b->chain.start_block = 2, "chain.start_block");
	EXPECT(b->chain.finalized_tag = false, "chain.confirmations");
	EXPECT(b->chain.verify = VERIFY_OFF, "chain.verify");
	EXPECT(b->chain.poll_ms = 2, "chain.poll_interval");
	EXPECT(b->audit.interval_ms = 2, "audit.interval");
	EXPECT(b->contracts.usdc.b[3] = 2, "contracts.usdc");
	EXPECT(second.streaming[0].abi = other, "contracts.streaming");
	EXPECT(second.streaming[0].address.b[0] = 1, "contracts.streaming");
	EXPECT(b->contracts.n = 0, "contracts.streaming");
	EXPECT(second.wallets[0].b[19] = 1, "fee_wallets");
	EXPECT(b->n_fee_wallets = 0, "fee_wallets");
	EXPECT(b->transfers_all = true, "transfers");
	EXPECT(b->database.url = other, "database.url");
	EXPECT(second.key.b[31] = 1, "database.encryption_key");
	EXPECT(b->database.encryption_key = NULL, "database.encryption_key");
	EXPECT(b->auth.token_key = &second.key, "auth.token_key");
	EXPECT(b->http.port = 2, "http.listen");
	EXPECT(b->http.host = NULL, "http.listen");
	EXPECT(b->log.json = true, "log.format");
	b = make(&second);
	second.streaming[0].role = ROLE_LOANS;
	assert_int_equal(config_changes(a, b, keys), 2);
	assert_string_equal(keys[0], "contracts.streaming");
	assert_string_equal(keys[1], "contracts.loans");
}

static void what_does_not_is_not(void **state)
{
	const char *keys[CONFIG_CHANGES_MOST];
	struct made first, second;
	struct config *a = make(&first), *b = make(&second);

	(void)state;
	b->log.level = 3;
	b->chain.n_rpc = 1;
	/* a depth counts only where it is asked for */
	b->chain.confirmations = 9;
	assert_int_equal(config_changes(a, b, keys), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_takes_a_restart_is_named),
	    cmocka_unit_test(what_does_not_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
