#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/values.h"

/* A URL may hold a key or a password: no fault here shows one. */

static bool is_plain_ascii(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text >= 0x7f)
			return false;
	return true;
}

/* What follows the scheme ("https://"), or NULL. Schemes ignore case. */
static const char *skip_scheme(const char *url, const char *scheme)
{
	size_t len = strlen(scheme);

	return strncasecmp(url, scheme, len) == 0 ? url + len : NULL;
}

/* RFC 3986, 3.2: [userinfo "@"] host [":" port]. The host and what follows
 * it, or NULL where that is no host and port. */
static const char *find_host(size_t *len, const char *url)
{
	const char *host = skip_scheme(url, "https://");
	const char *end, *port;

	if (!host)
		host = skip_scheme(url, "http://");
	if (!host || !is_plain_ascii(host))
		return NULL;
	end = host + strcspn(host, "/?#");
	for (const char *p = host; p < end; p++)
		if (*p == '@')
			host = p + 1;
	*len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	if (*len == 0 || host + *len > end)
		return NULL;
	port = host + *len;
	if (port < end &&
	    (*port != ':' || port + 1 == end ||
	     strspn(port + 1, "0123456789") + 1 != (size_t)(end - port)))
		return NULL;
	return host;
}

char *url_host(const char *url)
{
	size_t len;
	const char *host = find_host(&len, url);

	return strndup(host ? host : "endpoint",
		       host ? len : strlen("endpoint"));
}

static enum err keep(char **out, const char *url, struct fault *fault)
{
	char *copy;

	if (*out)
		return fault_set(fault, ERR_USAGE,
				 "url and url_file are both given: keep one");
	copy = strdup(url);
	if (!copy)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	*out = copy;
	return OK;
}

PARSER(parse_rpc_url)
{
	size_t len;

	(void)option;
	(void)config;
	if (!find_host(&len, text))
		return fault_set(fault, ERR_USAGE,
				 "not a URL of the form http://HOST[:PORT]/... "
				 "or https://... (its value may hold a key and "
				 "is not shown)");
	return keep(out, text, fault);
}

PARSER(parse_database_url)
{
	(void)option;
	(void)config;
	if (!is_plain_ascii(text) || (!skip_scheme(text, "postgresql://") &&
				      !skip_scheme(text, "postgres://")))
		return fault_set(fault, ERR_USAGE,
				 "not a URL of the form postgresql://USER@HOST/"
				 "DATABASE (its value may hold a password and "
				 "is not shown)");
	return keep(out, text, fault);
}

PARSER(parse_rpc_url_file)
{
	return parse_file(parse_rpc_url, option, config, out, text, fault);
}

PARSER(parse_database_url_file)
{
	return parse_file(parse_database_url, option, config, out, text, fault);
}

/* The host of "HOST:PORT" in text (cut in place) as a numeric address. */
static const char *listen_host(char *text)
{
	size_t len = strlen(text);
	struct in6_addr in6;
	struct in_addr in;

	if (strcmp(text, "localhost") == 0)
		return "127.0.0.1";
	if (inet_pton(AF_INET, text, &in) == 1)
		return text;
	if (len < 2 || text[0] != '[' || text[len - 1] != ']')
		return NULL;
	text[len - 1] = '\0';
	return inet_pton(AF_INET6, text + 1, &in6) == 1 ? text + 1 : NULL;
}

PARSER(parse_listen)
{
	char copy[INET6_ADDRSTRLEN + 16];
	char *colon = NULL;
	const char *host = NULL;
	uint64_t port = 0;

	(void)option;
	(void)out;
	if (strcmp(text, "off") == 0)
		return OK; /* http.host stays NULL */
	if (strlen(text) < sizeof(copy)) {
		colon = strrchr(strcpy(copy, text), ':');
		if (colon && decimal_parse_u64(&port, colon + 1) == OK) {
			*colon = '\0';
			host = listen_host(copy);
		}
	}
	if (!host || port > UINT16_MAX)
		return fault_set(fault, ERR_USAGE,
				 "expected an address and a port, for example "
				 "127.0.0.1:8080 or [::1]:8080, or off");
	config->http.host = strdup(host);
	if (!config->http.host)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	config->http.port = (uint16_t)port;
	return OK;
}
