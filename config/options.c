#include "config/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/nearest.h"
#include "config/values.h"

#define AT(member) .offset = offsetof(struct config, member)
#define RPC_AT(member)                                                         \
	.list = LIST_RPC, .offset = offsetof(struct config_endpoint, member)
#define CONTRACT_AT(list_, member)                                             \
	.list = list_, .offset = offsetof(struct config_contract, member)
/* A list of contracts that speak abi_ where nothing else is said. */
#define CONTRACTS(path_, list_, abi_)                                          \
	{.path = path_ "[].address",                                           \
	 CONTRACT_AT(list_, address),                                          \
	 .parse = parse_address},                                              \
	    {.path = path_ "[].abi",                                           \
	     CONTRACT_AT(list_, abi),                                          \
	     .parse = parse_abi,                                               \
	     .fallback = abi_},                                                \
	{                                                                      \
		.path = path_ "[].start_block",                                \
		CONTRACT_AT(list_, start_block), .parse = parse_number,        \
		.max = INT64_MAX                                               \
	}

/* accept_unchecksummed stands before every address, since it rules them. The
 * first option of a list is what an item means that is no mapping. */
const struct option options[] = {
    {.path = "accept_unchecksummed",
     AT(accept_unchecksummed),
     .parse = parse_name,
     .names = {"false", "true"},
     .fallback = "false"},
    {.path = "chain.profile", AT(chain.profile), .parse = parse_profile},
    {.path = "chain.id",
     AT(chain.id),
     .parse = parse_number,
     .min = 1,
     .max = INT64_MAX,
     .example = "5042002"},
    {.path = "chain.rpc[].url",
     RPC_AT(url),
     .parse = parse_rpc_url,
     .also = "RPC_URL",
     .credential = "rpc_url",
     .example = "https://rpc.testnet.arc.network"},
    {.path = "chain.rpc[].url_file", RPC_AT(url), .parse = parse_rpc_url_file},
    {.path = "chain.rpc[].name", RPC_AT(name), .parse = parse_label},
    {.path = "chain.rpc[].max_in_flight",
     RPC_AT(max_in_flight),
     .parse = parse_number,
     .min = 1,
     .max = 1000},
    {.path = "chain.rpc[].max_per_second",
     RPC_AT(max_per_second),
     .parse = parse_number,
     .min = 1,
     .max = 1000000},
    {.path = "chain.quorum",
     AT(chain.quorum),
     .parse = parse_quorum,
     .fallback = "1"},
    {.path = "chain.start_block",
     AT(chain.start_block),
     .parse = parse_number,
     .max = INT64_MAX,
     .fallback = "0"},
    {.path = "chain.confirmations",
     AT(chain.confirmations),
     .parse = parse_confirmations,
     .fallback = "finalized"},
    {.path = "chain.verify",
     AT(chain.verify),
     .parse = parse_verify,
     .fallback = "receipts"},
    {.path = "chain.poll_interval",
     AT(chain.poll_ms),
     .parse = parse_duration,
     .fallback = "auto"},
    {.path = "contracts.usdc.address",
     AT(contracts.usdc),
     .parse = parse_address,
     .example = "0x3600000000000000000000000000000000000000"},
    {.path = "contracts.usdc.decimals",
     .offset = OFFSET_NONE,
     .parse = parse_decimals},
    CONTRACTS("contracts.streaming", LIST_STREAMING, "PaymentStreaming"),
    CONTRACTS("contracts.loans", LIST_LOANS, "MicroLoan"),
    CONTRACTS("contracts.reputation", LIST_REPUTATION, "ReputationLedger"),
    {.path = "fee_wallets[]",
     .list = LIST_FEE_WALLETS,
     .offset = 0,
     .parse = parse_address},
    {.path = "transfers",
     AT(transfers_all),
     .parse = parse_name,
     .names = {"watched", "all"},
     .fallback = "watched"},
    {.path = "intents.dropped_after",
     AT(dropped_after_ms),
     .parse = parse_interval,
     .fallback = "24h"},
    {.path = "database.url",
     AT(database.url),
     .parse = parse_database_url,
     .also = "DATABASE_URL",
     .credential = "database_url",
     .example = "postgresql://gigstream@localhost/gigstream"},
    {.path = "database.url_file",
     AT(database.url),
     .parse = parse_database_url_file},
    {.path = "database.encryption_key",
     AT(database.encryption_key),
     .parse = parse_secret_key,
     .credential = "encryption_key"},
    {.path = "database.encryption_key_file",
     AT(database.encryption_key),
     .parse = parse_secret_key_file},
    {.path = "auth.token_key",
     AT(auth.token_key),
     .parse = parse_secret_key,
     .credential = "token_key"},
    {.path = "auth.token_key_file",
     AT(auth.token_key),
     .parse = parse_secret_key_file},
    {.path = "audit.interval",
     AT(audit.interval_ms),
     .parse = parse_interval,
     .fallback = "24h"},
    {.path = "http.listen",
     AT(http.host),
     .parse = parse_listen,
     .fallback = "127.0.0.1:8080"},
    {.path = "log.level",
     AT(log.level),
     .parse = parse_log_level,
     .fallback = "info"},
    {.path = "log.format",
     AT(log.json),
     .parse = parse_name,
     .names = {"text", "json"},
     .fallback = "text"},
};

const size_t n_options = sizeof(options) / sizeof(*options);

const char *option_env(char name[OPTION_ENV_SIZE], const struct option *option)
{
	char *at = stpcpy(name, "GIGSTREAM_");
	const char *end = name + OPTION_ENV_SIZE - 1;

	for (const char *p = option->path; *p && at < end; p++) {
		if (*p == '.')
			*at++ = '_';
		else if (*p != '[' && *p != ']')
			*at++ = (char)toupper((unsigned char)*p);
	}
	*at = '\0';
	return name;
}

/* The key of option directly under prefix (not terminated), or NULL. */
static const char *segment(size_t *len, const struct option *option,
			   struct prefix prefix)
{
	const char *key = option->path + prefix.len;

	if (strncmp(option->path, prefix.path, prefix.len) != 0)
		return NULL;
	key += *key == '.' && prefix.len > 0; /* of an item: "chain.rpc[]" */
	*len = strcspn(key, ".[");
	return *len ? key : NULL;
}

enum child option_child(const struct option **first, struct prefix *under,
			struct prefix prefix, const char *key)
{
	for (size_t i = 0; i < n_options; i++) {
		size_t len;
		const char *name = segment(&len, &options[i], prefix);

		if (!name || strlen(key) != len || strncmp(name, key, len) != 0)
			continue;
		*first = &options[i];
		under->path = options[i].path;
		under->len = (size_t)(name + len - options[i].path);
		switch (name[len]) {
		case '\0':
			return CHILD_OPTION;
		case '[':
			under->len += strlen("[]");
			return CHILD_LIST;
		default:
			under->len += strlen(".");
			return CHILD_SECTION;
		}
	}
	return CHILD_UNKNOWN;
}

/* The keys under prefix, each once, as "a, b, c". */
static void list_keys(char *text, size_t size, struct prefix prefix)
{
	const char *before = "";
	size_t before_len = 0, used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n_options; i++) {
		size_t len;
		const char *key = segment(&len, &options[i], prefix);

		/* options of one section stand together in the table */
		if (!key ||
		    (len == before_len && strncmp(key, before, len) == 0))
			continue;
		if (used + len + 3 > size)
			return;
		used += (size_t)snprintf(text + used, size - used, "%s%.*s",
					 used ? ", " : "", (int)len, key);
		before = key;
		before_len = len;
	}
}

static const char *suggest_sibling(char text[SUGGESTION_SIZE],
				   struct prefix prefix, const char *key)
{
	size_t best = nearest_limit(key) + 1;
	bool found = false;

	for (size_t i = 0; i < n_options; i++) {
		size_t len, distance;
		const char *name = segment(&len, &options[i], prefix);

		if (!name)
			continue;
		distance = nearest_distance(key, strlen(key), name, len);
		if (distance >= best)
			continue;
		best = distance;
		found = true;
		(void)snprintf(text, SUGGESTION_SIZE, "did you mean %.*s?",
			       (int)len, name);
	}
	return found ? text : NULL;
}

/* The last key of some other path: written in the wrong section. */
static const char *suggest_elsewhere(char text[SUGGESTION_SIZE],
				     const char *key)
{
	for (size_t i = 0; i < n_options; i++) {
		const char *dot = strrchr(options[i].path, '.');

		if (!dot || strcmp(dot + 1, key) != 0)
			continue;
		(void)snprintf(text, SUGGESTION_SIZE, "did you mean %s?",
			       options[i].path);
		return text;
	}
	return NULL;
}

const char *option_suggest(char text[SUGGESTION_SIZE], struct prefix prefix,
			   const char *key)
{
	static const char intro[] = "the keys here are ";

	if (suggest_sibling(text, prefix, key) || suggest_elsewhere(text, key))
		return text;
	memcpy(text, intro, sizeof(intro));
	list_keys(text + sizeof(intro) - 1, SUGGESTION_SIZE - sizeof(intro),
		  prefix);
	return text;
}

const struct option *option_suggest_env(const char *name)
{
	char right[OPTION_ENV_SIZE];

	for (size_t i = 0; i < n_options; i++) {
		option_env(right, &options[i]);
		if (nearest_distance(name, strlen(name), right,
				     strlen(right)) <= 2)
			return &options[i];
	}
	return NULL;
}
