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

/* 32 bytes: 01 and no more; and another of 02. */
#define KEY "0101010101010101010101010101010101010101010101010101010101010101"
#define OTHER_KEY "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="

static void set_all_from_environment(void)
{
	setenv("GIGSTREAM_CHAIN_QUORUM", "1", 1);
	setenv("GIGSTREAM_CHAIN_ID", "7", 1);
	setenv("GIGSTREAM_CHAIN_RPC_URL", "http://one:1", 1);
	setenv("GIGSTREAM_CHAIN_RPC_NAME", "the-one", 1);
	setenv("GIGSTREAM_CHAIN_START_BLOCK", "300", 1);
	setenv("GIGSTREAM_CHAIN_CONFIRMATIONS", "finalized", 1);
	setenv("GIGSTREAM_CHAIN_VERIFY", "receipts", 1);
	setenv("GIGSTREAM_CHAIN_POLL_INTERVAL", "2s", 1);
	setenv("GIGSTREAM_CONTRACTS_USDC_ADDRESS",
	       "0x27b1fdb04752bbc536007a920d24acb045561c26", 1);
	setenv("GIGSTREAM_CONTRACTS_STREAMING_ADDRESS",
	       "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb", 1);
	setenv("GIGSTREAM_CONTRACTS_LOANS_ADDRESS",
	       "0xde709f2102306220921060314715629080e2fb77", 1);
	setenv("GIGSTREAM_CONTRACTS_REPUTATION_ADDRESS",
	       "0x52908400098527886E0F7030069857D2E4169EE7", 1);
	setenv("GIGSTREAM_FEE_WALLETS",
	       "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed, "
	       "0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb",
	       1);
	setenv("GIGSTREAM_TRANSFERS", "watched", 1);
	setenv("GIGSTREAM_ACCEPT_UNCHECKSUMMED", "true", 1);
	setenv("GIGSTREAM_DATABASE_URL", "postgresql://env/x", 1);
	setenv("GIGSTREAM_DATABASE_ENCRYPTION_KEY", KEY, 1);
	setenv("DATABASE_URL", "postgresql://not-this/x", 1);
	setenv("RPC_URL", "http://not-this", 1);
	setenv("GIGSTREAM_HTTP_LISTEN", "off", 1);
	setenv("GIGSTREAM_LOG_LEVEL", "warn", 1);
	setenv("GIGSTREAM_LOG_FORMAT", "text", 1);
}

static void check_environment(struct config *c)
{
	assert_int_equal(c->chain.id, 7);
	assert_int_equal(c->chain.n_rpc, 1);
	assert_string_equal(c->chain.rpc[0].url, "http://one:1");
	assert_string_equal(c->chain.rpc[0].name, "the-one");
	assert_int_equal(c->chain.start_block, 300);
	assert_true(c->chain.finalized_tag);
	assert_int_equal(c->chain.verify, VERIFY_RECEIPTS);
	assert_int_equal(c->chain.poll_ms, 2000);
	assert_int_equal(c->contracts.usdc.b[0], 0x27);
	assert_int_equal(c->contracts.n, 3);
	assert_int_equal(c->contracts.items[2].role, ROLE_REPUTATION);
	assert_int_equal(c->contracts.items[0].start_block, 300);
	assert_int_equal(c->n_fee_wallets, 2);
	assert_false(c->transfers_all);
	assert_true(c->accept_unchecksummed);
	assert_string_equal(c->database.url, "postgresql://env/x");
	assert_int_equal(c->database.encryption_key->b[31], 1);
	assert_null(c->http.host);
	assert_int_equal(c->log.level, LOG_WARN);
	assert_false(c->log.json);
	config_free(c);
}

static void the_environment_wins(void **state)
{
	set_all_from_environment();
	check_environment(load_text(*state, config_good));
	check_environment(load(NULL)); /* and is enough alone */
}

static void mistakes_in_the_environment(void **state)
{
	setenv("GIGSTREAM_CHAIN_ID", "one", 1);
	refuse_text(*state, config_good,
		    "GIGSTREAM_CHAIN_ID (environment): expected");
	setenv("GIGSTREAM_CHAIN_ID", "", 1); /* empty is unset */
	setenv("GIGSTREAM_CHAIN_STRAT_BLOCK", "1", 1);
	refuse_text(*state, config_good,
		    "GIGSTREAM_CHAIN_STRAT_BLOCK (environment): "
		    "no such option: did you mean "
		    "GIGSTREAM_CHAIN_START_BLOCK?");
	unsetenv("GIGSTREAM_CHAIN_STRAT_BLOCK");
	setenv("GIGSTREAM_PORT_8080_TCP_ADDR", "somebody else's", 1);
	config_free(load_text(*state, config_good));
	unsetenv("GIGSTREAM_PORT_8080_TCP_ADDR");
	setenv("GIGSTREAM_DATABASE_URL", SECRET, 1);
	refuse_text(*state, config_good,
		    "GIGSTREAM_DATABASE_URL (environment): not");
	setenv("GIGSTREAM_CHAIN_RPC_NAME", "a", 1);
	unsetenv("GIGSTREAM_DATABASE_URL");
	refuse_text(*state, config_good, "the endpoint has no url");
}

/* GIGSTREAM_DATABASE_URL, the file, a credential, DATABASE_URL: in turn. */
static void where_a_secret_comes_from(void **state)
{
	const struct folder *f = *state;
	char text[1024];
	struct config *c;

	(void)snprintf(text, sizeof(text), "%s",
		       strchr(config_least, '\n') + 1);
	write_text(f->file, text);
	refuse(f->file, "GIGSTREAM_DATABASE_URL or DATABASE_URL; for example "
			"postgresql://");
	setenv("DATABASE_URL", "postgres://plain/x", 1);
	c = load(f->file);
	assert_string_equal(c->database.url, "postgres://plain/x");
	config_free(c);

	write_text(f->secret, "postgresql://me:" SECRET "@credential/x\n");
	setenv("CREDENTIALS_DIRECTORY", f->path, 1);
	c = load(f->file);
	assert_string_equal(c->database.url,
			    "postgresql://me:" SECRET "@credential/x");
	config_free(c);

	c = load_text(f, config_least);
	assert_string_equal(c->database.url, "postgresql:///gig");
	config_free(c);
	setenv("GIGSTREAM_DATABASE_URL_FILE", f->secret, 1);
	c = load(f->file);
	assert_non_null(strstr(c->database.url, "@credential/x"));
	config_free(c);
}

static void files_of_secrets_that_are_none(void **state)
{
	const struct folder *f = *state;

	setenv("CREDENTIALS_DIRECTORY", f->path, 1);
	write_text(f->file, strchr(config_least, '\n') + 1);
	write_text(f->secret, "\n");
	refuse(f->file, "credential database_url: is empty");
	write_text(f->secret, SECRET "\n" SECRET "\n");
	refuse(f->file, "credential database_url: holds more than one line");
	write_text(f->secret, SECRET);
	refuse(f->file, "credential database_url: not a URL");
	setenv("GIGSTREAM_DATABASE_URL_FILE", f->secret, 1);
	refuse(f->file, "GIGSTREAM_DATABASE_URL_FILE (environment): file ");
	setenv("GIGSTREAM_DATABASE_URL", "postgresql://x/y", 1);
	write_text(f->secret, "postgresql://x/y");
	refuse(f->file, "url and url_file are both given: keep one");
}

static void has_key(const char *file, uint8_t byte)
{
	struct config *c = load(file);

	assert_non_null(c->database.encryption_key);
	assert_int_equal(c->database.encryption_key->b[0], byte);
	assert_int_equal(c->database.encryption_key->b[31], byte);
	config_free(c);
}

/* The variable, the file (or the file it names), a credential: in turn. */
static void where_the_key_comes_from(void **state)
{
	const struct folder *f = *state;
	char credential[128];
	struct config *c = load_text(f, config_least);

	assert_null(c->database.encryption_key); /* it is not required */
	config_free(c);
	(void)snprintf(credential, sizeof(credential), "%s/encryption_key",
		       f->path);
	write_text(credential, KEY "\n");
	setenv("CREDENTIALS_DIRECTORY", f->path, 1);
	has_key(f->file, 1);
	write_text(credential, SECRET "\n");
	refuse(f->file, "credential encryption_key: expected a key of 32 ");

	write_text(f->secret, OTHER_KEY "\n");
	setenv("GIGSTREAM_DATABASE_ENCRYPTION_KEY_FILE", f->secret, 1);
	has_key(f->file, 2);
	setenv("GIGSTREAM_DATABASE_ENCRYPTION_KEY", KEY, 1);
	refuse(f->file, "encryption_key and encryption_key_file are both "
			"given: keep one");
	unsetenv("GIGSTREAM_DATABASE_ENCRYPTION_KEY_FILE");
	has_key(f->file, 1);
	setenv("GIGSTREAM_DATABASE_ENCRYPTION_KEY", SECRET KEY, 1);
	refuse(f->file, "GIGSTREAM_DATABASE_ENCRYPTION_KEY (environment): "
			"expected a key");
	assert_int_equal(unlink(credential), 0);
}

/* The two keys have places of their own. */
static void where_the_token_key_comes_from(void **state)
{
	const struct folder *f = *state;
	char credential[128];
	struct config *c = load_text(f, config_least);

	assert_null(c->auth.token_key);
	config_free(c);
	(void)snprintf(credential, sizeof(credential), "%s/token_key", f->path);
	write_text(credential, OTHER_KEY "\n");
	setenv("CREDENTIALS_DIRECTORY", f->path, 1);
	c = load(f->file);
	assert_null(c->database.encryption_key);
	assert_int_equal(c->auth.token_key->b[31], 2);
	config_free(c);
	setenv("GIGSTREAM_AUTH_TOKEN_KEY", KEY, 1);
	c = load(f->file);
	assert_int_equal(c->auth.token_key->b[31], 1);
	config_free(c);
	setenv("GIGSTREAM_AUTH_TOKEN_KEY_FILE", credential, 1);
	refuse(f->file, "token_key and token_key_file are both given: keep "
			"one");
	assert_int_equal(unlink(credential), 0);
}

static void the_database_alone(void **state)
{
	const struct folder *f = *state;
	struct config *c = NULL;
	struct fault fault = {0};

	write_text(f->file, "log: {level: warn}\n");
	assert_int_equal(config_load_database(&c, f->file, &fault), ERR_USAGE);
	assert_non_null(strstr(fault.text, "database.url is not set"));
	write_text(f->file, "database: {url: postgresql:///gig}\n");
	assert_int_equal(config_load_database(&c, f->file, &fault), OK);
	assert_string_equal(c->database.url, "postgresql:///gig");
	assert_int_equal(c->chain.id, 0);
	assert_int_equal(c->chain.n_rpc, 0);
	config_free(c);
	refuse(f->file, "chain.id is not set");
	write_text(f->file, "database: {url: postgresql:///gig}\n"
			    "chain: {id: x}\n");
	assert_int_equal(config_load_database(&c, f->file, &fault), ERR_USAGE);
	assert_null(c);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
	    TEST(the_environment_wins),
	    TEST(mistakes_in_the_environment),
	    TEST(where_a_secret_comes_from),
	    TEST(files_of_secrets_that_are_none),
	    TEST(where_the_key_comes_from),
	    TEST(where_the_token_key_comes_from),
	    TEST(the_database_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
