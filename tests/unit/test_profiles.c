#include "config/profiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_config.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ARC_USDC "0x3600000000000000000000000000000000000000"
#define SEPOLIA_USDC "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238"
#define POLYGON_USDC_E "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"
#define SOME_TOKEN "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

static struct address address_of(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(&address, text), OK);
	return address;
}

static void must_be_checksummed(const char *text)
{
	struct fault fault = {0};
	struct address address;

	if (address_accept(&address, text, false, &fault) != OK)
		fail_msg("%s: %s", text, fault.text);
}

static void the_table_is_sound(void **state)
{
	(void)state;
	assert_int_equal(n_chain_profiles, 14);
	for (size_t i = 0; i < n_chain_profiles; i++) {
		const struct chain_profile *p = &chain_profiles[i];

		must_be_checksummed(p->usdc);
		for (size_t k = 0; k < PROFILE_NATIVES; k++)
			if (p->natives[k])
				must_be_checksummed(p->natives[k]);
		/* Names and ids tell them apart: the first found is it. */
		assert_ptr_equal(chain_profile_named(p->name), p);
		assert_ptr_equal(chain_profile_of(p->id), p);
	}
	assert_null(chain_profile_named("mainnet"));
	assert_null(chain_profile_of(31337));
}

static void each_profile_is_a_configuration(void **state)
{
	char text[256], usdc[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < n_chain_profiles; i++) {
		const struct chain_profile *p = &chain_profiles[i];
		struct config *c;

		(void)snprintf(text, sizeof(text),
			       "chain: {profile: %s, rpc: [http://localhost]}\n"
			       "database: {url: postgresql:///gig}\n",
			       p->name);
		c = load_text(*state, text);
		assert_int_equal(c->chain.id, p->id);
		assert_ptr_equal(c->chain.profile, p);
		assert_string_equal(address_checksum(usdc, &c->contracts.usdc),
				    p->usdc);
		assert_string_equal(verify_mode_name(c->chain.verify),
				    p->verify);
		assert_int_equal(c->chain.n_natives, p->natives[0] ? 2 : 0);
		config_free(c);
	}
}

/* Three lines, or none but the environment. */
static void a_newcomer_sets_a_url(void **state)
{
	struct address emitter =
	    address_of("0xfffffffffffffffffffffffffffffffffffffffe");
	struct config *c;

	(void)state;
	setenv("GIGSTREAM_CHAIN_PROFILE", "arc-testnet", 1);
	setenv("RPC_URL", "https://rpc.testnet.arc.network", 1);
	setenv("DATABASE_URL", "postgresql:///gig", 1);
	c = load(NULL);
	assert_int_equal(c->chain.id, 5042002);
	assert_int_equal(c->chain.n_natives, 2);
	assert_true(address_eq(&c->chain.natives[0], &emitter));
	config_free(c);
	unsetenv("GIGSTREAM_CHAIN_PROFILE");
}

/* What is said wins where it does not contradict; a chain that is named by its
 * id is known as well. */
static void what_is_said_wins(void **state)
{
	struct config *c = load_text(
	    *state, "chain: {profile: base, id: 8453, verify: 'off', rpc: "
		    "[http://localhost]}\n"
		    "database: {url: postgresql:///gig}\n");

	assert_int_equal(c->chain.verify, VERIFY_OFF);
	config_free(c);
	c = load_text(*state, "chain: {id: 5042, rpc: [http://localhost]}\n"
			      "database: {url: postgresql:///gig}\n"
			      "contracts: {usdc: {address: '" ARC_USDC "'}}\n");
	assert_string_equal(c->chain.profile->name, "arc");
	assert_int_equal(c->chain.n_natives, 2);
	config_free(c);
	/* A token of somebody's own, and a chain of a developer's. */
	c = load_text(*state,
		      "chain: {id: 5042002, rpc: [http://localhost]}\n"
		      "database: {url: postgresql:///gig}\n"
		      "contracts: {usdc: {address: '" SOME_TOKEN "'}}\n");
	assert_null(c->chain.profile);
	assert_int_equal(c->chain.n_natives, 0);
	config_free(c);
	c = load_text(*state,
		      "chain: {id: 31337, rpc: [http://localhost]}\n"
		      "database: {url: postgresql:///gig}\n"
		      "contracts: {usdc: {address: '" SEPOLIA_USDC "'}}\n");
	assert_null(c->chain.profile);
	config_free(c);
}

static void what_contradicts(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
	    {"chain: {profile: arc-tesnet}",
	     ":1: chain.profile: no chain that is known: did you mean "
	     "arc-testnet?"},
	    {"chain: {profile: zzzzzzzzzzzzzzzz}",
	     "expected arc, arc-testnet, ethereum, sepolia, base"},
	    {"chain: {profile: arc-testnet}", "chain.rpc[].url is not set"},
	    {"chain:\n  profile: arc-testnet\n  id: 5042\n  rpc: [http://x]\n"
	     "database: {url: postgresql:///g}",
	     ":3: chain.id: chain 5042 is not arc-testnet, which chain.profile "
	     "(line 2) names and which is chain 5042002: correct one of them, "
	     "or leave chain.id out"},
	    {"chain: {profile: arc-testnet, rpc: [http://x]}\n"
	     "database: {url: postgresql:///g}\n"
	     "contracts: {usdc: {address: '" SEPOLIA_USDC "'}}",
	     ":3: contracts.usdc.address: " SEPOLIA_USDC
	     " is USDC on Ethereum Sepolia (chain 11155111); USDC on Arc "
	     "testnet (chain 5042002) is " ARC_USDC
	     ": correct it, or leave it out"},
	    {"chain: {profile: arc-testnet, rpc: [http://x]}\n"
	     "database: {url: postgresql:///g}\n"
	     "contracts: {usdc: {address: '" SOME_TOKEN "'}}",
	     SOME_TOKEN " is another token; USDC on Arc testnet"},
	    {"chain: {id: 5042002, rpc: [http://x]}\n"
	     "database: {url: postgresql:///g}\n"
	     "contracts: {usdc: {address: '" SEPOLIA_USDC "'}}",
	     "is USDC on Ethereum Sepolia (chain 11155111); USDC on Arc "
	     "testnet (chain 5042002) is " ARC_USDC
	     ": correct it, or chain.id"},
	    {"chain: {id: 137, rpc: [http://x]}\n"
	     "database: {url: postgresql:///g}\n"
	     "contracts: {usdc: {address: '" POLYGON_USDC_E "'}}",
	     "is USDC.e on Polygon PoS (chain 137), which Circle does not "
	     "issue; USDC on Polygon PoS (chain 137) is "
	     "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359"},
	    {"chain: {id: 56, rpc: [http://x]}\n"
	     "database: {url: postgresql:///g}\n"
	     "contracts: {usdc: {address: "
	     "'0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d'}}",
	     "is Binance-Peg USDC on BNB Smart Chain (chain 56), which Circle "
	     "does not issue: correct it, or chain.id"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		refuse_text(*state, cases[i].text, cases[i].expected);
}

static void tokens_have_titles(void **state)
{
	char text[TOKEN_TITLE_SIZE] = "untouched";
	struct address none = address_of(SOME_TOKEN);
	struct address sepolia = address_of(SEPOLIA_USDC);

	(void)state;
	assert_null(token_title(text, &none));
	assert_null(token_title_other(text, &none));
	assert_null(token_title_other(text, &sepolia));
	assert_string_equal(text, "untouched");
	assert_string_equal(token_title(text, &sepolia),
			    "USDC on Ethereum Sepolia (chain 11155111)");
	assert_true(chain_has_token(chain_profile_named("sepolia"), &sepolia));
	assert_false(chain_has_token(chain_profile_named("arc"), &sepolia));
	assert_false(chain_has_token(NULL, &sepolia));
}

/* All names are in it. */
static void the_names_are_listed(void **state)
{
	char text[PROFILE_SUGGESTION_SIZE];

	(void)state;
	chain_profile_suggest(text, "zzzzzzzzzzzzzzzz");
	for (size_t i = 0; i < n_chain_profiles; i++)
		assert_non_null(strstr(text, chain_profiles[i].name));
	assert_string_equal(chain_profile_suggest(text, "polgon"),
			    "did you mean polygon?");
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_is_sound),
	    TEST(each_profile_is_a_configuration),
	    TEST(a_newcomer_sets_a_url),
	    TEST(what_is_said_wins),
	    TEST(what_contradicts),
	    cmocka_unit_test(tokens_have_titles),
	    cmocka_unit_test(the_names_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
