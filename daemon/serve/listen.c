#include "daemon/serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Only what needs no resolver, which would block. Returns the length. */
static socklen_t address_of(union any_address *out, const char *host,
			    uint16_t port)
{
	memset(out, 0, sizeof(*out));
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		return sizeof(out->v4);
	}
	if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(port);
		return sizeof(out->v6);
	}
	return 0;
}

static enum err explain(struct fault *fault, int error, const char *host,
			uint16_t port)
{
	const char *open = strchr(host, ':') ? "[" : "";
	const char *shut = *open ? "]" : "";

	if (error == EADDRINUSE)
		return fault_set(fault, ERR_CONFLICT,
				 "http.listen: %s%s%s:%u is in use by another "
				 "process; stop it (ss -ltnp shows who it is) "
				 "or choose another port",
				 open, host, shut, port);
	if (error == EADDRNOTAVAIL)
		return fault_set(fault, ERR_USAGE,
				 "http.listen: this machine has no address %s; "
				 "127.0.0.1 is always there",
				 host);
	return fault_set(fault, error == EACCES ? ERR_USAGE : ERR_IO,
			 "http.listen: cannot listen on %s%s%s:%u: %s", open,
			 host, shut, port, strerror(error));
}

static bool bind_and_listen(int fd, const union any_address *address,
			    socklen_t len)
{
	static const int yes = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ==
		   0 &&
	       bind(fd, &address->any, len) == 0 && listen(fd, 128) == 0;
}

enum err listen_on(int *fd, uint16_t *bound, const char *host, uint16_t port,
		   struct fault *fault)
{
	union any_address address;
	socklen_t len = address_of(&address, host, port);
	int found, error;

	if (len == 0)
		return fault_set(fault, ERR_USAGE,
				 "http.listen: \"%s\" is no IPv4 or IPv6 "
				 "address; write one, e.g. 127.0.0.1:9464",
				 host);
	found = socket(address.any.sa_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (found < 0)
		return explain(fault, errno, host, port);
	if (!bind_and_listen(found, &address, len) ||
	    getsockname(found, &address.any, &len) != 0) {
		error = errno;
		close(found);
		return explain(fault, error, host, port);
	}
	*fd = found;
	/* The port stands at the same place in both. */
	*bound = ntohs(address.v4.sin_port);
	return OK;
}
