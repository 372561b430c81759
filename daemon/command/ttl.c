#include "daemon/command/ttl.h"

#include "common/bytes.h"
#include "common/token.h"
#include <string.h>

#define TTL_MIN 60

/* 0: no unit that we know. */
static uint64_t unit_seconds(const char *unit)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].unit, unit) == 0)
			return units[i].seconds;
	return 0;
}

enum err ttl_read(int64_t *out, const struct cli *cli, struct fault *fault)
{
	const char *given = cli_value(cli, "ttl");
	const char *text = given ? given : TTL_DEFAULT;
	size_t n = strspn(text, "0123456789");
	char digits[16] = "";
	uint64_t v = 0;

	if (n < sizeof(digits))
		memcpy(digits, text, n);
	if (decimal_parse_u64(&v, digits) != OK || v > TOKEN_TTL_MAX ||
	    (v *= unit_seconds(text + n)) < TTL_MIN || v > TOKEN_TTL_MAX)
		return fault_set(fault, ERR_USAGE,
				 "--ttl %.32s: a time with its unit from 1m to "
				 "30d, for example 90s, 15m or 12h",
				 text);
	*out = (int64_t)v;
	return OK;
}
