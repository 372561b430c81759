#include "tests/unit/lib_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/options.h"

const char config_good[] =
    "chain:\n"
    "  id: 5042002\n"
    "  rpc:\n"
    "    - name: arc\n"
    "      max_in_flight: 8\n"
    "      max_per_second: 300\n"
    "      url: https://rpc.testnet.arc.network/v1\n"
    "    - url: http://user:" SECRET "@backup.example:8545/" SECRET "?k=" SECRET
    "\n"
    "    - http://[::1]:8545\n"
    "  quorum: 2\n"
    "  start_block: 100\n"
    "  confirmations: 12\n"
    "  verify: bloom\n"
    "  poll_interval: 250ms\n"
    "contracts:\n"
    "  usdc: {address: \"0x3600000000000000000000000000000000000000\", "
    "decimals: 6}\n"
    "  streaming:\n"
    "    - address: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n"
    "      start_block: 200\n"
    "    - 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359\n"
    "  loans:\n"
    "    - address: 0x27b1fdb04752bbc536007a920d24acb045561c26\n"
    "      abi: Advances\n"
    "  reputation: [0x52908400098527886E0F7030069857D2E4169EE7]\n"
    "fee_wallets:\n"
    "  - 0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB\n"
    "transfers: all\n"
    "database: {url: 'postgresql://me:" SECRET "@db.example/gig', "
    "encryption_key: " SECRET SECRET SECRET SECRET SECRET SECRET "A=}\n"
    "auth: {token_key: '" SECRET SECRET SECRET SECRET SECRET SECRET "E='}\n"
    "audit: {interval: 7d}\n"
    "http: {listen: '[::1]:9000'}\n"
    "log: {level: debug, format: json}\n";

const char config_least[] = "database: {url: postgresql:///gig}\n"
			    "contracts: {usdc: {address: "
			    "\"0x3600000000000000000000000000000000000000\"}}\n"
			    "chain: {id: 9, rpc: [http://localhost:8545]}\n";

static void clear_environment(void)
{
	char name[OPTION_ENV_SIZE];

	for (size_t i = 0; i < n_options; i++)
		unsetenv(option_env(name, &options[i]));
	unsetenv("DATABASE_URL");
	unsetenv("RPC_URL");
	unsetenv("CREDENTIALS_DIRECTORY");
}

int folder_make(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	strcpy(f->path, "/tmp/test_config.XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	(void)snprintf(f->file, sizeof(f->file), "%s/c.yaml", f->path);
	(void)snprintf(f->secret, sizeof(f->secret), "%s/database_url",
		       f->path);
	clear_environment();
	*state = f;
	return 0;
}

int folder_remove(void **state)
{
	struct folder *f = *state;
	int rc;

	unlink(f->file);
	unlink(f->secret);
	rc = rmdir(f->path);
	free(f);
	return rc;
}

void write_bytes(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

struct config *load(const char *path)
{
	struct config *config = NULL;
	struct fault fault = {0};

	if (config_load(&config, path, &fault) != OK)
		fail_msg("refused: %s", fault.text);
	assert_non_null(config);
	return config;
}

struct config *load_text(const struct folder *f, const char *text)
{
	write_text(f->file, text);
	return load(f->file);
}

void refuse(const char *path, const char *expected)
{
	struct config *config = (struct config *)(uintptr_t)path;
	struct fault fault = {0};

	assert_int_equal(config_load(&config, path, &fault), ERR_USAGE);
	assert_null(config);
	assert_int_equal(fault.code, ERR_USAGE);
	if (!strstr(fault.text, expected))
		fail_msg("expected \"%s\" in \"%s\"", expected, fault.text);
	if (strstr(fault.text, SECRET))
		fail_msg("a secret in \"%s\"", fault.text);
}

void refuse_text(const struct folder *f, const char *text, const char *expected)
{
	write_text(f->file, text);
	refuse(f->file, expected);
}
