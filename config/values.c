#include "config/values.h"

#include <string.h>

#include "common/log.h"
#include "common/u256.h"

/* A depth beyond this is a typing error: about a day of the fastest chains. */
#define CONFIRMATIONS_MAX 100000
#define QUORUM_MAX 1000
#define POLL_MS_MIN 50
#define POLL_MS_MAX 600000
#define INTERVAL_MS_MIN 1000u
#define INTERVAL_MS_MAX 2592000000u /* 30 days */
#define LABEL_MAX 64
#define ABI_PATH_MAX 1024

static const char *const verify_names[] = {
    [VERIFY_RECEIPTS] = "receipts",
    [VERIFY_BLOOM] = "bloom",
    [VERIFY_OFF] = "off",
};

const char *verify_mode_name(enum verify_mode mode)
{
	return verify_names[mode];
}

PARSER(parse_name)
{
	(void)config;
	for (int i = 0; i < 2; i++) {
		if (strcmp(text, option->names[i]) == 0) {
			*(bool *)out = i == 1;
			return OK;
		}
	}
	return fault_set(fault, ERR_USAGE, "expected %s or %s",
			 option->names[0], option->names[1]);
}

PARSER(parse_profile)
{
	const struct chain_profile *profile = chain_profile_named(text);
	char suggestion[PROFILE_SUGGESTION_SIZE];

	(void)option;
	(void)config;
	if (!profile)
		return fault_set(fault, ERR_USAGE, "no chain that is known: %s",
				 chain_profile_suggest(suggestion, text));
	*(const struct chain_profile **)out = profile;
	return OK;
}

PARSER(parse_number)
{
	uint64_t v;

	(void)config;
	if (decimal_parse_u64(&v, text) != OK || v < option->min ||
	    v > option->max)
		return fault_set(fault, ERR_USAGE,
				 "expected a whole number from %llu to %llu",
				 (unsigned long long)option->min,
				 (unsigned long long)option->max);
	*(uint64_t *)out = v;
	return OK;
}

PARSER(parse_quorum)
{
	uint64_t v;

	(void)option;
	(void)config;
	if (decimal_parse_u64(&v, text) != OK || v == 0 || v > QUORUM_MAX)
		return fault_set(fault, ERR_USAGE,
				 "expected a whole number, 1 or more");
	*(unsigned *)out = (unsigned)v;
	return OK;
}

PARSER(parse_confirmations)
{
	uint64_t depth = 0;

	(void)option;
	(void)out;
	if (strcmp(text, "finalized") != 0 &&
	    (decimal_parse_u64(&depth, text) != OK || depth == 0 ||
	     depth > CONFIRMATIONS_MAX))
		return fault_set(fault, ERR_USAGE,
				 "expected finalized, or a depth in blocks "
				 "from 1 to %d (0 would call a block final "
				 "that nothing stands on)",
				 CONFIRMATIONS_MAX);
	config->chain.confirmations = depth;
	config->chain.finalized_tag = depth == 0;
	return OK;
}

PARSER(parse_verify)
{
	const size_t n = sizeof(verify_names) / sizeof(verify_names[0]);

	(void)option;
	(void)config;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(text, verify_names[i]) == 0) {
			*(enum verify_mode *)out = (enum verify_mode)i;
			return OK;
		}
	}
	return fault_set(fault, ERR_USAGE, "expected receipts, bloom or off");
}

/* The milliseconds in a unit; 0 for a unit we do not know. */
static uint64_t unit_ms(const char *unit)
{
	if (strcmp(unit, "ms") == 0)
		return 1;
	if (strcmp(unit, "s") == 0)
		return 1000;
	if (strcmp(unit, "m") == 0)
		return 60000;
	if (strcmp(unit, "h") == 0)
		return 3600000;
	if (strcmp(unit, "d") == 0)
		return 86400000;
	return 0;
}

/* A number and its unit as milliseconds from min to max. */
static bool read_ms(uint64_t *out, const char *text, uint64_t min, uint64_t max)
{
	size_t n = strspn(text, "0123456789");
	char digits[16] = "";
	uint64_t v;

	if (n < sizeof(digits))
		memcpy(digits, text, n);
	if (decimal_parse_u64(&v, digits) != OK || v > max)
		return false;
	*out = v * unit_ms(text + n);
	return *out >= min && *out <= max;
}

PARSER(parse_duration)
{
	uint64_t v = 0;

	(void)option;
	(void)config;
	if (strcmp(text, "auto") != 0 &&
	    !read_ms(&v, text, POLL_MS_MIN, POLL_MS_MAX))
		return fault_set(fault, ERR_USAGE,
				 "expected auto, or a time with its unit from "
				 "50ms to 10m, for example 250ms or 2s");
	*(unsigned *)out = (unsigned)v;
	return OK;
}

PARSER(parse_interval)
{
	uint64_t v = 0;

	(void)option;
	(void)config;
	if (strcmp(text, "off") != 0 &&
	    !read_ms(&v, text, INTERVAL_MS_MIN, INTERVAL_MS_MAX))
		return fault_set(fault, ERR_USAGE,
				 "expected off, or a time with its unit from "
				 "1s to 30d, for example 24h");
	*(uint64_t *)out = v;
	return OK;
}

PARSER(parse_decimals)
{
	uint64_t v;

	(void)option;
	(void)config;
	(void)out;
	if (decimal_parse_u64(&v, text) != OK || v != USDC_DECIMALS)
		return fault_set(fault, ERR_USAGE,
				 "expected %d: amounts are kept as USDC, and "
				 "a token with other decimals is another one",
				 USDC_DECIMALS);
	return OK;
}

PARSER(parse_address)
{
	struct address address;
	enum err err;

	(void)option;
	err =
	    address_accept(&address, text, config->accept_unchecksummed, fault);
	if (err != OK)
		return err;
	if (address_is_zero(&address))
		return fault_set(fault, ERR_USAGE,
				 "the zero address is nobody's: write the "
				 "address that is meant");
	*(struct address *)out = address;
	return OK;
}

PARSER(parse_label)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._:-";
	size_t len = strlen(text);
	char *copy;

	(void)option;
	(void)config;
	if (len == 0 || len > LABEL_MAX || text[strspn(text, allowed)])
		return fault_set(fault, ERR_USAGE,
				 "expected a name of up to %d letters, "
				 "digits, dots, hyphens and underscores",
				 LABEL_MAX);
	copy = strdup(text);
	if (!copy)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	*(char **)out = copy;
	return OK;
}

/* A name of a label's letters, or a path of any. */
PARSER(parse_abi)
{
	size_t len = strlen(text);
	bool is_path = strchr(text, '/') ||
		       (len > 5 && strcmp(text + len - 5, ".json") == 0);
	char *copy;

	if (!is_path || len > ABI_PATH_MAX)
		return parse_label(option, config, out, text, fault);
	copy = strdup(text);
	if (!copy)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	*(char **)out = copy;
	return OK;
}

PARSER(parse_log_level)
{
	enum log_level level;

	(void)option;
	(void)config;
	if (!log_level_parse(&level, text))
		return fault_set(fault, ERR_USAGE,
				 "expected error, warn, info or debug");
	*(int *)out = (int)level;
	return OK;
}
