#include "db/pg/pg_target.h"

#include "common/buf.h"
#include "common/bytes.h"
#include "db/pg/neon.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 16
/* Above the longest name (253, RFC 1035) and the longest path of a socket. */
#define HOST_LEN_MAX 255
#define PORT_LEN_MAX 5
/* For the hosts that need no address and as many addresses of the others. */
#define LIST_CAP (2 * HOSTS_MAX * (HOST_LEN_MAX + 1))
#define PARAMS_MAX 96

struct pg_target {
	uv_loop_t *loop;
	pg_target_cb ready;
	void *arg;
	PQconninfoOption *options;
	const char *sslmode; /* NULL: libpq's default */
	char *names;	     /* the list of hosts, cut in place */
	char *ports;
	const char *host[HOSTS_MAX], *port[HOSTS_MAX];
	size_t n_hosts, next;
	/* the expanded lists: as many names as addresses as ports */
	struct buf host_list, addr_list, port_list;
	size_t n_addrs;
	struct lookup *lookup; /* under way, or NULL */
	struct fault fault;    /* of the last name that did not resolve */
};

/* Outlives a target that is freed before the answer comes. */
struct lookup {
	uv_getaddrinfo_t request;
	struct pg_target *target; /* NULL: nobody waits any more */
};

static void next_host(struct pg_target *target);

static const char *option(const struct pg_target *target, const char *keyword,
			  const char *variable)
{
	const PQconninfoOption *o = target->options;

	for (; o->keyword; o++)
		if (strcmp(o->keyword, keyword) == 0 && o->val && *o->val)
			return o->val;
	return variable ? getenv(variable) : NULL;
}

/* Cuts text at its commas, in place. The number of parts; 0: too many. */
static size_t split(const char *parts[HOSTS_MAX], char *text)
{
	size_t n = 0;

	while (text) {
		if (n == HOSTS_MAX)
			return 0;
		parts[n++] = strsep(&text, ",");
	}
	return n;
}

static bool is_port(const char *text)
{
	uint64_t v;

	return !*text ||
	       (strlen(text) <= PORT_LEN_MAX &&
		decimal_parse_u64(&v, text) == OK && v > 0 && v < 65536);
}

/* What stands behind an @ in a password that should have been written as %40: it
 * must not be shown as the name of a host. One in front makes a socket's name
 * (unix(7), abstract). */
static bool is_password(const char *host)
{
	return *host && strchr(host + 1, '@');
}

/* Fills host, port (one for each host), and sslmode. */
static enum err read_hosts(struct pg_target *target, struct fault *fault)
{
	const char *host = option(target, "host", "PGHOST");
	const char *port = option(target, "port", "PGPORT");
	size_t n_ports;
	enum err err =
	    neon_sslmode(&target->sslmode, neon_by_hosts(host),
			 option(target, "sslmode", "PGSSLMODE"), fault);

	if (err != OK)
		return err;
	target->names = strdup(host ? host : "");
	target->ports = strdup(port ? port : "");
	if (!target->names || !target->ports)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	target->n_hosts = split(target->host, target->names);
	n_ports = split(target->port, target->ports);
	if (!target->n_hosts || !n_ports ||
	    (n_ports > 1 && n_ports != target->n_hosts))
		return fault_set(fault, ERR_USAGE,
				 "database.url: at most %d hosts, with one "
				 "port for all or one for each",
				 HOSTS_MAX);
	for (size_t i = 0; i < n_ports; i++)
		if (!is_port(target->port[i]))
			return fault_set(
			    fault, ERR_USAGE,
			    "database.url: the port is not a number from 1 to "
			    "65535 (in a password, write / : @ # ? %% as "
			    "%%XX)");
	for (size_t i = 0; i < target->n_hosts; i++)
		if (is_password(target->host[i]) ||
		    strlen(target->host[i]) > HOST_LEN_MAX)
			return fault_set(
			    fault, ERR_USAGE,
			    "database.url: a host's name has an @ in it, or is "
			    "longer than %d characters (in a password, write "
			    "/ : @ # ? %% as %%XX)",
			    HOST_LEN_MAX);
	for (size_t i = n_ports; i < target->n_hosts; i++)
		target->port[i] = target->port[0];
	return OK;
}

static void add_address(struct pg_target *target, const char *host,
			const char *address, const char *port)
{
	const char *comma = target->n_addrs++ ? "," : "";

	buf_printf(&target->host_list, "%s%s", comma, host);
	buf_printf(&target->addr_list, "%s%s", comma, address);
	buf_printf(&target->port_list, "%s%s", comma, port);
}

static void finish(struct pg_target *target)
{
	struct fault fault = {.code = OK};

	if (target->n_addrs == 0)
		fault = target->fault;
	else if (target->host_list.err || target->addr_list.err ||
		 target->port_list.err)
		fault_set(&fault, ERR_NOMEM, "out of memory");
	target->ready(target->arg, fault.code, &fault);
}

static void on_address(uv_getaddrinfo_t *request, int status,
		       struct addrinfo *found)
{
	struct lookup *lookup = request->data;
	struct pg_target *target = lookup->target;
	char text[64];
	size_t i;

	free(lookup);
	if (!target) {
		uv_freeaddrinfo(found);
		return;
	}
	target->lookup = NULL;
	i = target->next++;
	if (status < 0)
		fault_set(&target->fault, ERR_TRANSPORT,
			  "the database's host \"%s\" is not found: %s: see "
			  "database.url",
			  target->host[i], uv_strerror(status));
	for (struct addrinfo *a = found; a && target->n_addrs < HOSTS_MAX;
	     a = a->ai_next)
		if (uv_ip_name(a->ai_addr, text, sizeof(text)) == 0)
			add_address(target, target->host[i], text,
				    target->port[i]);
	uv_freeaddrinfo(found);
	next_host(target);
}

static enum err look_up(struct pg_target *target, const char *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup)
		return ERR_NOMEM;
	lookup->target = target;
	lookup->request.data = lookup;
	if (uv_getaddrinfo(target->loop, &lookup->request, on_address, host,
			   NULL, &hints) < 0) {
		free(lookup);
		return ERR_IO;
	}
	target->lookup = lookup;
	return OK;
}

static bool is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return uv_inet_pton(AF_INET, host, bytes) == 0 ||
	       uv_inet_pton(AF_INET6, host, bytes) == 0;
}

/* Sockets (a path, an abstract name, or nothing) have no address; an address
 * needs no lookup (whose threads would cost a command a millisecond). */
static void next_host(struct pg_target *target)
{
	for (; target->next < target->n_hosts; target->next++) {
		const char *host = target->host[target->next];

		if (is_address(host)) {
			add_address(target, host, host,
				    target->port[target->next]);
			continue;
		}
		if (*host && *host != '/' && *host != '@') {
			if (look_up(target, host) == OK)
				return;
			fault_set(&target->fault, ERR_TRANSPORT,
				  "the database's host \"%s\" cannot be "
				  "looked up",
				  host);
			continue;
		}
		add_address(target, host, "", target->port[target->next]);
	}
	finish(target);
}

enum err pg_target_start(struct pg_target **out, uv_loop_t *loop,
			 const char *url, pg_target_cb ready, void *arg,
			 struct fault *fault)
{
	struct pg_target *target = calloc(1, sizeof(*target));
	char *message = NULL;
	enum err err;

	if (!target)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	target->loop = loop;
	target->ready = ready;
	target->arg = arg;
	buf_init(&target->host_list, LIST_CAP);
	buf_init(&target->addr_list, LIST_CAP);
	buf_init(&target->port_list, LIST_CAP);
	/* libpq's message quotes the URL, and so its password. */
	target->options = PQconninfoParse(url, &message);
	PQfreemem(message);
	err = target->options
		  ? read_hosts(target, fault)
		  : fault_set(fault, ERR_USAGE,
			      "database.url is malformed: it reads "
			      "postgresql://USER:PASSWORD@HOST:PORT/NAME (in a "
			      "password, write / : @ # ? %% as %%XX)");
	if (err != OK) {
		pg_target_free(target);
		return err;
	}
	*out = target;
	if (option(target, "hostaddr", "PGHOSTADDR"))
		ready(arg, OK, &target->fault);
	else
		next_host(target);
	return OK;
}

void pg_target_free(struct pg_target *target)
{
	if (!target)
		return;
	if (target->lookup) {
		target->lookup->target = NULL;
		/* A lookup that has begun cannot be stopped: it then ends in
		 * on_address, which finds nobody. */
		(void)uv_cancel((uv_req_t *)&target->lookup->request);
	}
	PQconninfoFree(target->options);
	free(target->names);
	free(target->ports);
	buf_free(&target->host_list);
	buf_free(&target->addr_list);
	buf_free(&target->port_list);
	free(target);
}

/* What holds unless the URL says otherwise. gssencmode: its negotiation may
 * block on a name service. */
static const char *const defaults[][2] = {
    {"application_name", "gigstreamd"}, {"client_encoding", "UTF8"},
    {"gssencmode", "disable"},		{"keepalives_idle", "30"},
    {"keepalives_interval", "10"},	{"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
};

PGconn *pg_target_connect(const struct pg_target *target)
{
	const char *keys[PARAMS_MAX], *values[PARAMS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		keys[n] = defaults[i][0];
		values[n++] = defaults[i][1];
	}
	/* The last value of a keyword counts. */
	for (const PQconninfoOption *o = target->options;
	     o->keyword && n < PARAMS_MAX - 5; o++) {
		if (!o->val || !*o->val)
			continue;
		keys[n] = o->keyword;
		values[n++] = o->val;
	}
	if (target->sslmode) {
		keys[n] = "sslmode";
		values[n++] = target->sslmode;
	}
	if (target->n_addrs) {
		keys[n] = "host";
		values[n++] = target->host_list.data;
		keys[n] = "hostaddr";
		values[n++] = target->addr_list.data;
		keys[n] = "port";
		values[n++] = target->port_list.data;
	}
	keys[n] = NULL;
	values[n] = NULL;
	return PQconnectStartParams(keys, values, 0);
}
