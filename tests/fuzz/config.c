#include "config/config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

/* Reads: the configuration file, then the environment: each entry follows a NUL
 * byte. The byte 0x01 stands for a secret, which no honest key, number or name
 * looks like.
 *
 * Holds: what is refused says where and why, and never shows the secret; what
 * is accepted keeps the promises of config.h; and the database alone can be
 * asked for wherever everything can. */

#define SECRET "pass!word~of+ours"
#define ENTRIES_MOST 32

/* A name or a path may be shown, and so a secret has no business in one. */
static bool may_show(const char *text, bool is_file)
{
	const char *secret = strstr(text, SECRET);

	if (is_file)
		return strstr(text, "_file");
	return secret &&
	       (secret < strchrnul(text, '=') || strstr(text, "_FILE=") ||
		strstr(text, "CREDENTIALS_DIRECTORY="));
}

/* In memory, as /proc/self/fd/N. */
static int file_of(const char *text)
{
	static int fd = -1;
	size_t len = strlen(text);

	if (fd < 0)
		fd = memfd_create("fuzzed", MFD_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(pwrite(fd, text, len, 0) == (ssize_t)len);
	return fd;
}

static void check_endpoints(const struct config *config)
{
	for (size_t i = 0; i < config->chain.n_rpc; i++) {
		const struct config_endpoint *one = &config->chain.rpc[i];

		CHECK(one->url && strncasecmp(one->url, "http", 4) == 0);
		CHECK(one->name && *one->name);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(config->chain.rpc[k].name, one->name) !=
			      0);
	}
}

static void check_addresses(const struct config *config)
{
	const struct config_contract *contracts = config->contracts.items;

	for (size_t i = 0; i < config->contracts.n; i++) {
		CHECK(contracts[i].abi);
		CHECK(i == 0 || contracts[i].role >= contracts[i - 1].role);
		CHECK(!address_is_zero(&contracts[i].address));
		CHECK(!address_eq(&contracts[i].address,
				  &config->contracts.usdc));
		CHECK(contracts[i].start_block >= config->chain.start_block);
	}
	for (size_t i = 0; i < config->n_fee_wallets; i++) {
		CHECK(!address_is_zero(&config->fee_wallets[i]));
		for (size_t k = 0; k < i; k++)
			CHECK(!address_eq(&config->fee_wallets[i],
					  &config->fee_wallets[k]));
	}
}

static void check_rest(const struct config *config)
{
	unsigned char address[sizeof(struct in6_addr)];

	CHECK(config->chain.start_block <= INT64_MAX);
	CHECK(config->chain.finalized_tag ==
	      (config->chain.confirmations == 0));
	CHECK(config->chain.poll_ms == 0 ||
	      (config->chain.poll_ms >= 50 && config->chain.poll_ms <= 600000));
	CHECK(config->log.level >= 0 && config->log.level <= 3);
	CHECK(config->database.url &&
	      strncasecmp(config->database.url, "postgres", 8) == 0);
	if (config->http.host)
		CHECK(inet_pton(AF_INET, config->http.host, address) == 1 ||
		      inet_pton(AF_INET6, config->http.host, address) == 1);
}

static void check_loading(const char *path, bool shown)
{
	struct config *config, *database;
	struct fault fault = {0};
	enum err err = config_load(&config, path, &fault), other;

	if (err == OK) {
		CHECK(config->chain.id >= 1 && config->chain.id <= INT64_MAX);
		CHECK(config->chain.n_rpc >= 1);
		CHECK(!address_is_zero(&config->contracts.usdc));
		check_endpoints(config);
		check_addresses(config);
		check_rest(config);
	} else {
		CHECK(!config && err == ERR_USAGE);
		check_fault(err, &fault);
		CHECK(shown || !strstr(fault.text, "pass!word"));
	}
	other = config_load_database(&database, path, NULL);
	CHECK(err != OK || other == OK);
	if (other == OK) {
		check_endpoints(database);
		check_addresses(database);
		check_rest(database);
	}
	config_free(database);
	config_free(config);
}

/* A path that a file is read from can be that of a pipe, which never ends: no
 * input may wait for one. */
static bool waits(const char *text)
{
	return strstr(text, "/dev") || strstr(text, "/proc") ||
	       strstr(text, "/sys");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *entries[ENTRIES_MOST + 1] = {NULL}, **before = environ;
	struct buf texts[ENTRIES_MOST + 1];
	struct input in = {data, size};
	bool shown = false, hangs = false;
	char path[64];
	size_t n = 0;

	do {
		char *raw = input_text(&in, '\0', NULL);

		texts[n] = with_secret(raw, strlen(raw), SECRET);
		shown |= may_show(texts[n].data, n == 0);
		hangs |= waits(texts[n++].data);
		free(raw);
	} while (n <= ENTRIES_MOST && in.left > 0);
	for (size_t i = 1; i < n; i++)
		entries[i - 1] = texts[i].data;
	if (!hangs) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
			       file_of(texts[0].data));
		environ = entries;
		check_loading(path, shown);
		environ = before;
	}
	while (n > 0)
		buf_free(&texts[--n]);
	return 0;
}
