#include "db/pg/pg_target.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "db/pg/neon.h"
#include "tests/fuzz/fuzz.h"

/* Reads: bytes that say how name servers answer (up to a NUL byte), then the
 * URL of a database, in which the byte 0x01 stands for a password that nobody
 * escaped. Name servers and libpq's connecting are left out: what
 * would be asked of them is looked at here.
 *
 * Holds: a URL becomes as many hosts as addresses as ports, of which each port
 * is one; Neon is never reached without TLS; what is refused says why without
 * the password; and a target can be freed at any moment. */

#define PASSWORD "hunter2"
#define IN_URL ":p@" PASSWORD "@"

static struct {
	struct input answers;
	uv_getaddrinfo_t *request;
	uv_getaddrinfo_cb cb;
	bool done;
	enum err err;
	bool has_addresses; /* in the URL itself */
	bool shown;	    /* the password stands where a name should */
} world;

/* In place of libuv's. */
int uv_getaddrinfo(uv_loop_t *loop, uv_getaddrinfo_t *request,
		   uv_getaddrinfo_cb cb, const char *host, const char *service,
		   const struct addrinfo *hints)
{
	CHECK(!loop && host && *host && !service && hints);
	CHECK(!world.request);
	if (input_byte(&world.answers) == 'x')
		return UV_ENOMEM;
	world.request = request;
	world.cb = cb;
	return 0;
}

int uv_cancel(uv_req_t *request)
{
	CHECK((void *)request == (void *)world.request);
	return UV_EBUSY;
}

void uv_freeaddrinfo(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;

		free(list->ai_addr);
		free(list);
		list = next;
	}
}

static struct addrinfo *an_address(bool v6, struct addrinfo *next)
{
	struct addrinfo *info = calloc(1, sizeof(*info));
	struct sockaddr_in6 *address = calloc(1, sizeof(*address));

	CHECK(info && address);
	address->sin6_family = v6 ? AF_INET6 : AF_INET;
	info->ai_family = address->sin6_family;
	info->ai_addr = (struct sockaddr *)address;
	info->ai_next = next;
	return info;
}

/* The answer to the lookup under way: an error, or up to 15 addresses. */
static void answer(void)
{
	uint8_t how = input_byte(&world.answers);
	uv_getaddrinfo_t *request = world.request;
	struct addrinfo *list = NULL;

	world.request = NULL;
	if (how % 16 == 0) {
		world.cb(request, UV_EAI_NONAME, NULL);
		return;
	}
	for (int i = 0; i < how % 16; i++)
		list = an_address(how & 0x10, list);
	world.cb(request, 0, list);
}

static size_t count(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ',';
	return n;
}

/* In place of libpq's: it would begin to connect. */
PGconn *PQconnectStartParams(const char *const *keywords,
			     const char *const *values, int expand)
{
	const char *host = NULL, *hostaddr = NULL, *port = NULL, *mode = NULL;

	CHECK(expand == 0);
	for (size_t i = 0; keywords[i]; i++) {
		CHECK(values[i]);
		if (strcmp(keywords[i], "host") == 0)
			host = values[i];
		else if (strcmp(keywords[i], "hostaddr") == 0)
			hostaddr = values[i];
		else if (strcmp(keywords[i], "port") == 0)
			port = values[i];
		else if (strcmp(keywords[i], "sslmode") == 0)
			mode = values[i];
	}
	if (host && neon_by_hosts(host) != NEON_NONE)
		CHECK(mode && strcmp(mode, "disable") != 0 &&
		      strcmp(mode, "allow") != 0 &&
		      strcmp(mode, "prefer") != 0);
	if (host && hostaddr && port && !world.has_addresses)
		CHECK(count(host) == count(hostaddr) &&
		      count(port) == count(host));
	return NULL;
}

static void on_ready(void *arg, enum err err, const struct fault *fault)
{
	(void)arg;
	CHECK(!world.done);
	world.done = true;
	world.err = err;
	if (err != OK)
		check_fault(err, fault);
	CHECK(world.shown || !strstr(fault->text, PASSWORD));
}

static void check_target(const char *url, bool frees_early)
{
	struct pg_target *target = NULL;
	struct fault fault = {0};
	enum err err =
	    pg_target_start(&target, NULL, url, on_ready, NULL, &fault);

	if (err != OK) {
		CHECK(!target && !world.done);
		check_fault(err, &fault);
		CHECK(world.shown || !strstr(fault.text, PASSWORD));
		return;
	}
	while (world.request && !frees_early)
		answer();
	CHECK(world.done || frees_early);
	if (world.done && world.err == OK)
		CHECK(!pg_target_connect(target));
	pg_target_free(target);
	while (world.request)
		answer(); /* which finds nobody */
}

/* Whether it may be shown: it stands elsewhere than a password. */
static bool may_show(const char *text)
{
	static const char scheme[] = "postgresql://";
	const char *secret = strchr(text, 1);

	return strstr(text, "hunter") || strchr(text, '%') ||
	       strncmp(text, scheme, strlen(scheme)) != 0 || !secret ||
	       strchr(secret + 1, 1) ||
	       secret > text + strlen(scheme) +
			    strcspn(text + strlen(scheme), ":@/?");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	size_t len;
	char *answers = input_text(&in, '\0', &len);
	char *raw = input_text(&in, '\0', NULL);
	struct buf text = with_secret(raw, strlen(raw), IN_URL);
	const char *url = text.data;
	const char *mode = NULL;

	memset(&world, 0, sizeof(world));
	world.shown = may_show(raw);
	world.has_addresses = strstr(url, "hostaddr") || strchr(url, '%');
	world.answers = (struct input){(const uint8_t *)answers, len};
	CHECK(neon_text(neon_by_hosts(url)));
	CHECK(neon_by_url(url) == NEON_NONE || strcasestr(url, "neon") ||
	      strchr(url, '%'));
	if (neon_sslmode(&mode, NEON_DIRECT, url, NULL) == OK)
		CHECK(mode && strcmp(mode, "disable") != 0);
	check_target(url, input_byte(&world.answers) == 'f');
	buf_free(&text);
	free(raw);
	free(answers);
	return 0;
}
