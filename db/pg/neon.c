#include "db/pg/neon.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DOMAIN ".neon.tech"
#define POOLER "-pooler"
#define WAKE_MS 60000

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && strncasecmp(text + len - n, end, n) == 0;
}

static enum neon by_host(const char *host, size_t len)
{
	if (len && host[len - 1] == '.') /* the root of all names */
		len--;
	if (!ends_with(host, len, DOMAIN))
		return NEON_NONE;
	return ends_with(host, strcspn(host, "."), POOLER) ? NEON_POOLED
							   : NEON_DIRECT;
}

enum neon neon_by_hosts(const char *hosts)
{
	enum neon found = NEON_NONE;

	while (hosts && *hosts) {
		size_t len = strcspn(hosts, ",");
		enum neon one = by_host(hosts, len);

		if (one > found)
			found = one;
		hosts += len + (hosts[len] == ',');
	}
	return found;
}

enum neon neon_by_url(const char *url)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	const char *hosts = getenv("PGHOST");
	enum neon neon;

	if (!options)
		return NEON_NONE;
	for (const PQconninfoOption *o = options; o->keyword; o++)
		if (strcmp(o->keyword, "host") == 0 && o->val && *o->val)
			hosts = o->val;
	neon = neon_by_hosts(hosts);
	PQconninfoFree(options);
	return neon;
}

const char *neon_text(enum neon neon)
{
	switch (neon) {
	case NEON_NONE:
		break;
	case NEON_DIRECT:
		return "Neon";
	case NEON_POOLED:
		return "Neon, pooled";
	}
	return "";
}

enum err neon_sslmode(const char **out, enum neon neon, const char *given,
		      struct fault *fault)
{
	static const char *const weak[] = {"disable", "allow", "prefer"};

	bool unset = !given || !*given;

	*out = unset ? NULL : given;
	if (neon == NEON_NONE)
		return OK;
	if (unset)
		*out = "require";
	for (size_t i = 0; !unset && i < sizeof(weak) / sizeof(weak[0]); i++)
		if (strcmp(given, weak[i]) == 0)
			return fault_set(
			    fault, ERR_USAGE,
			    "database.url: Neon is reached with TLS only, and "
			    "sslmode=%s may do without: leave it out, or write "
			    "sslmode=require or verify-full",
			    weak[i]);
	return OK;
}

unsigned neon_patience_ms(enum neon neon, unsigned timeout_ms)
{
	return neon && timeout_ms < WAKE_MS ? WAKE_MS : timeout_ms;
}
