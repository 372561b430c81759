#include "common/buf.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/serve/json_put.h"
#include "daemon/sync/sync.h"
#include "db/pg/neon.h"
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

/* The configuration as it is in force, in the form of the file. What may hold
 * a secret is shown as far as it cannot. */

static void put_address(struct buf *out, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	buf_printf(out, "\"%s\"\n", address_checksum(text, address));
}

/* RFC 3986: keys stand in the user part, the path or the query. */
static void put_rpc_url(struct buf *out, const char *url)
{
	const char *host = strstr(url, "://");
	size_t len;

	host = host ? host + 3 : url;
	buf_add(out, url, (size_t)(host - url));
	len = strcspn(host, "/?#");
	for (const char *at = memchr(host, '@', len); at;
	     at = memchr(host, '@', len)) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	buf_add(out, host, len);
	if (host[len] && strcmp(host + len, "/") != 0)
		buf_puts(out, "/(hidden)");
}

/* 0: it was not given. */
static void put_limit(struct buf *out, const char *key, uint64_t value)
{
	if (value)
		buf_printf(out, "      %s: %" PRIu64 "\n", key, value);
}

/* What is known of the chain, for people. */
static void put_profile(struct buf *out, const struct config *config)
{
	const struct chain_profile *profile = config->chain.profile;
	char text[ADDRESS_TEXT_SIZE];

	if (!profile)
		return;
	buf_printf(out, "  # %s: %s\n", profile->title,
		   profile->instant
		       ? "a block is final when it is there"
		       : "a block is final some time after it is there");
	if (config->chain.n_natives > 0)
		buf_puts(out, "  # USDC is its own money; it logs that itself, "
			      "from");
	for (size_t i = 0; i < config->chain.n_natives; i++)
		buf_printf(out, " %s",
			   address_checksum(text, &config->chain.natives[i]));
	buf_puts(out, config->chain.n_natives > 0 ? "\n" : "");
	buf_printf(out, "  profile: %s\n", profile->name);
}

static void put_chain(struct buf *out, const struct config *config)
{
	buf_puts(out, "chain:\n");
	put_profile(out, config);
	buf_printf(out, "  id: %" PRIu64 "\n  rpc:\n", config->chain.id);
	for (size_t i = 0; i < config->chain.n_rpc; i++) {
		const struct config_endpoint *rpc = &config->chain.rpc[i];

		buf_puts(out, "    - name: ");
		json_put_string(out, rpc->name);
		buf_puts(out, "\n      url: \"");
		put_rpc_url(out, rpc->url);
		buf_puts(out, "\"\n");
		put_limit(out, "max_in_flight", rpc->max_in_flight);
		put_limit(out, "max_per_second", rpc->max_per_second);
	}
	buf_printf(out, "  quorum: %u\n  start_block: %" PRIu64 "\n",
		   config->chain.quorum, config->chain.start_block);
	if (config->chain.finalized_tag)
		buf_puts(out, "  confirmations: finalized\n");
	else
		buf_printf(out, "  confirmations: %" PRIu64 "\n",
			   config->chain.confirmations);
	buf_printf(out, "  verify: %s\n  poll_interval: ",
		   verify_mode_name(config->chain.verify));
	if (config->chain.poll_ms)
		buf_printf(out, "%ums\n", config->chain.poll_ms);
	else
		buf_puts(out, "auto\n");
}

static void put_interval(struct buf *out, uint64_t ms)
{
	if (ms)
		buf_printf(out, "%" PRIu64 "s\n", ms / 1000);
	else
		buf_puts(out, "off\n");
}

static void put_contract_list(struct buf *out, const struct config *config,
			      const char *key, enum contract_role role)
{
	size_t n = 0;

	buf_printf(out, "  %s:", key);
	for (size_t i = 0; i < config->contracts.n; i++) {
		const struct config_contract *c = &config->contracts.items[i];

		if (c->role != role)
			continue;
		buf_puts(out, n++ ? "    - address: " : "\n    - address: ");
		put_address(out, &c->address);
		buf_puts(out, "      abi: ");
		json_put_string(out, c->abi);
		buf_printf(out, "\n      start_block: %" PRIu64 "\n",
			   c->start_block);
	}
	if (n == 0)
		buf_puts(out, " []\n");
}

static void put_contracts(struct buf *out, const struct config *config)
{
	buf_puts(out, "contracts:\n  usdc:\n    address: ");
	put_address(out, &config->contracts.usdc);
	buf_puts(out, "    decimals: 6\n");
	put_contract_list(out, config, "streaming", ROLE_STREAMING);
	put_contract_list(out, config, "loans", ROLE_LOANS);
	put_contract_list(out, config, "reputation", ROLE_REPUTATION);
	buf_puts(out, config->n_fee_wallets ? "fee_wallets:\n"
					    : "fee_wallets: []\n");
	for (size_t i = 0; i < config->n_fee_wallets; i++) {
		buf_puts(out, "  - ");
		put_address(out, &config->fee_wallets[i]);
	}
	buf_printf(out, "transfers: %s\nintents:\n  dropped_after: ",
		   config->transfers_all ? "all" : "watched");
	put_interval(out, config->dropped_after_ms);
	buf_printf(out, "accept_unchecksummed: %s\n",
		   config->accept_unchecksummed ? "true" : "false");
}

static const char *database_option(const PQconninfoOption *options,
				   const char *keyword)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val && *options->val ? options->val
							     : NULL;
	return NULL;
}

static void put_option(struct buf *out, const char *keyword, const char *value)
{
	if (!value)
		return;
	buf_printf(out, " %s=", keyword);
	json_put_string(out, value);
}

/* Only what names the place. libpq takes both forms of a URL apart. */
static enum err put_database(struct buf *out, const char *url, bool has_key,
			     struct fault *fault)
{
	static const char *const shown[] = {"host", "hostaddr", "port",
					    "dbname", "user"};
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	enum neon neon = neon_by_url(url);
	const char *sslmode;
	enum err err;

	if (!options)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	sslmode = database_option(options, "sslmode");
	err = neon_sslmode(&sslmode, neon,
			   sslmode ? sslmode : getenv("PGSSLMODE"), fault);
	buf_puts(out, "database:\n  url: (hidden) #");
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		put_option(out, shown[i], database_option(options, shown[i]));
	put_option(out, "sslmode", sslmode);
	if (neon)
		buf_printf(out, " (%s)", neon_text(neon));
	buf_puts(out, has_key ? "\n  encryption_key: (hidden)\n" : "\n");
	PQconninfoFree(options);
	return err;
}

static void put_process(struct buf *out, const struct config *config)
{
	bool v6 = config->http.host && strchr(config->http.host, ':');

	buf_puts(out, "audit:\n  interval: ");
	put_interval(out, config->audit.interval_ms);
	buf_puts(out, "http:\n  listen: ");
	if (config->http.host)
		buf_printf(out, "\"%s%s%s:%u\"\n", v6 ? "[" : "",
			   config->http.host, v6 ? "]" : "", config->http.port);
	else
		buf_puts(out, "off\n");
	buf_printf(out, "log:\n  level: %s\n  format: %s\n",
		   log_level_name((enum log_level)config->log.level),
		   config->log.json ? "json" : "text");
}

/* What the daemon would find out at its start: are the mappings right? */
static enum err check_mappings(const struct config *config, struct fault *fault)
{
	struct catalog *catalog = NULL;
	enum err err = sync_catalog(&catalog, config, fault);

	catalog_free(catalog);
	return err;
}

static enum cli_exit run(struct command *command)
{
	const struct config *config = command->config;
	enum cli_exit code = CLI_DONE;
	struct fault fault = {.code = OK};
	struct buf out;

	buf_init(&out, 1u << 20);
	put_chain(&out, config);
	put_contracts(&out, config);
	if (check_mappings(config, &fault) == OK &&
	    put_database(&out, config->database.url,
			 config->database.encryption_key, &fault) == OK) {
		if (config->auth.token_key)
			buf_puts(&out, "auth:\n  token_key: (hidden)\n");
		put_process(&out, config);
		fault.code = out.err;
	}
	if (fault.code == OK)
		fputs(out.data, stdout);
	else
		code = command_fail(&fault);
	buf_free(&out);
	return code;
}

const struct cli_command command_check_config = {
    .name = "check-config",
    .help = "print the configuration in force, without secrets",
    .more = "Reads the file and the environment as the daemon does. Exit 2 if "
	    "anything is wrong.",
    .run = run,
};
