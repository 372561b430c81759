#include "db/pg/pg_fault.h"

#include "common/buf.h"
#include <stdio.h>
#include <string.h>

struct remedy {
	const char *key; /* an SQLSTATE, or words of the message */
	enum err code;
	const char *advice;
};

static const struct remedy statement_remedies[] = {
    {"42P01", ERR_DATABASE,
     "the schema is not applied; run: gigstreamd db push"},
    {"3F000", ERR_DATABASE,
     "the schema is not applied; run: gigstreamd db push"},
    {"42883", ERR_DATABASE,
     "the schema is not applied, or older than this program; run: gigstreamd "
     "db push"},
    {"42703", ERR_DATABASE,
     "the schema is older than this program, or was edited; run: gigstreamd db "
     "migrate, in development: gigstreamd db push --force"},
    {"42501", ERR_DATABASE,
     "connect as a role that has this right, or grant it"},
    {"25006", ERR_BUSY,
     "this server only reads; point database.url at the primary"},
    {"53100", ERR_BUSY, "make room on the database's disk"},
};

/* What a server, or who stands before it, says instead of letting us in. It can
 * be translated; it is then given without advice. */
static const struct remedy answer_remedies[] = {
    {"starting up", ERR_TRANSPORT, NULL},
    {"shutting down", ERR_TRANSPORT, NULL},
    {"in recovery mode", ERR_TRANSPORT, NULL},
    {"too many clients", ERR_TRANSPORT,
     "end idle ones, or raise max_connections"},
    {"too many connections", ERR_TRANSPORT,
     "end idle ones, or raise the limit"},
    {"remaining connection slots", ERR_TRANSPORT,
     "end idle connections, or raise max_connections"},
    /* an endpoint of Neon's, a database of PgBouncer's */
    {"is disabled", ERR_REFUSED,
     "enable it (Neon: in its console; PgBouncer: ENABLE)"},
    {"been disabled", ERR_REFUSED, "enable it in Neon's console"},
    /* Neon's: its database is waking up, or many are */
    {"ouldn't connect to compute node", ERR_TRANSPORT, NULL},
    {"ontrol plane request failed", ERR_TRANSPORT, NULL},
    {"Failed to acquire permit", ERR_TRANSPORT, NULL},
    {"ndpoint ID is not specified", ERR_REFUSED,
     "let database.url name Neon's whole host, not its address"},
    /* PgBouncer's own */
    {"query_wait_timeout", ERR_TRANSPORT,
     "the pooler has no connection to spare, or does not reach the server: "
     "raise its default_pool_size, or start the server"},
    {"server_login_retry", ERR_TRANSPORT,
     "the pooler does not get into the server: is PostgreSQL running there "
     "(sudo systemctl start postgresql), and does it take the pooler's "
     "password?"},
    {"no more connections allowed", ERR_TRANSPORT,
     "raise the pooler's max_client_conn"},
    {"(server down)", ERR_TRANSPORT,
     "the pooler does not reach the server, or is paused: start PostgreSQL "
     "there (sudo systemctl start postgresql)"},
    {"no such database", ERR_REFUSED,
     "name it among the pooler's [databases], or correct database.url"},
    {"no such user", ERR_REFUSED,
     "name it in the pooler's auth_file, or correct database.url"},
    {"unsupported startup parameter", ERR_REFUSED,
     "leave it out of database.url, or name it among the pooler's "
     "ignore_startup_parameters"},
    {"no encryption", ERR_REFUSED,
     "if the server demands TLS, add sslmode=require to database.url; if not, "
     "allow this host, user and database in its pg_hba.conf"},
    {"connection is insecure", ERR_REFUSED,
     "the server demands TLS: add sslmode=require to database.url"},
    {"SSL required", ERR_REFUSED,
     "the server demands TLS: add sslmode=require to database.url"},
    {"server does not support SSL", ERR_REFUSED,
     "the server offers no TLS: enable it there, or change sslmode in "
     "database.url"},
    {"does not match host name", ERR_REFUSED,
     "put a name that the certificate has into database.url, or have one "
     "issued for this name"},
    {"certificate verify failed", ERR_REFUSED,
     "the server's certificate has expired, or is not signed by the "
     "authority whose file sslrootcert names in database.url"},
    {"root certificate file", ERR_REFUSED,
     "let sslrootcert in database.url name the authority's file; for a public "
     "one that is /etc/ssl/certs/ca-certificates.crt"},
    {"certificate", ERR_REFUSED,
     "see sslcert, sslkey and sslrootcert in database.url"},
    {"invalid sslmode value", ERR_USAGE,
     "in database.url it is disable, allow, prefer, require, verify-ca or "
     "verify-full"},
    {"authentication failed", ERR_REFUSED,
     "check user and password in database.url"},
    {"no password supplied", ERR_REFUSED,
     "put the password into database.url, PGPASSWORD or ~/.pgpass"},
    {"does not exist", ERR_REFUSED,
     "create it, or correct the name in database.url"},
    {"no pg_hba.conf entry", ERR_REFUSED,
     "allow this host, user and database in its pg_hba.conf"},
    {"FATAL:", ERR_REFUSED, NULL},
    {"ERROR:", ERR_REFUSED, NULL},
};

/* Nobody answered there. */
static const struct remedy silence_remedies[] = {
    {"Connection refused", ERR_TRANSPORT,
     "start PostgreSQL there (sudo systemctl start postgresql), or correct "
     "host and port in database.url"},
    {"No such file or directory", ERR_TRANSPORT,
     "start PostgreSQL on this machine (sudo systemctl start postgresql), or "
     "correct the host in database.url"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum err pg_fault_code(const char *sqlstate)
{
	if (strcmp(sqlstate, "GSL01") == 0)
		return ERR_LEASE_LOST;
	if (strncmp(sqlstate, "57P0", 4) == 0 ||
	    strncmp(sqlstate, "08", 2) == 0)
		return ERR_TRANSPORT;
	if (strncmp(sqlstate, "40", 2) == 0 ||
	    strncmp(sqlstate, "53", 2) == 0 || strcmp(sqlstate, "55P03") == 0 ||
	    strcmp(sqlstate, "57014") == 0)
		return ERR_BUSY;
	return ERR_DATABASE;
}

static const char *field(const PGresult *result, int code)
{
	const char *text = PQresultErrorField(result, code);

	return text ? text : "";
}

static const struct remedy *find(const struct remedy *table, size_t n,
				 const char *line)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(line, table[i].key))
			return &table[i];
	return NULL;
}

/* By its SQLSTATE; a pooler that gives us up says why in words alone. */
static const struct remedy *find_statement(const char *sqlstate,
					   const char *message)
{
	const struct remedy *remedy;

	for (size_t i = 0; i < COUNT(statement_remedies); i++)
		if (strcmp(statement_remedies[i].key, sqlstate) == 0)
			return &statement_remedies[i];
	if (strncmp(sqlstate, "08", 2) != 0)
		return NULL;
	remedy = find(answer_remedies, COUNT(answer_remedies), message);
	return remedy && remedy->code == ERR_TRANSPORT && remedy->advice
		   ? remedy
		   : NULL;
}

enum err pg_fault_result(struct fault *fault, struct pg_error *error,
			 const PGresult *result)
{
	const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *hint = field(result, PG_DIAG_MESSAGE_HINT);
	const struct remedy *remedy;

	snprintf(error->sqlstate, sizeof(error->sqlstate), "%s",
		 field(result, PG_DIAG_SQLSTATE));
	snprintf(error->constraint, sizeof(error->constraint), "%s",
		 field(result, PG_DIAG_CONSTRAINT_NAME));
	if (!*message)
		message = PQresultErrorMessage(result);
	remedy = find_statement(error->sqlstate, message);
	if (remedy)
		return fault_set(fault, remedy->code, "%s: %s", message,
				 remedy->advice);
	return fault_set(fault, pg_fault_code(error->sqlstate),
			 "%s%s%s (SQLSTATE %s)", message, *hint ? ": " : "",
			 hint, *error->sqlstate ? error->sqlstate : "unknown");
}

/* libpq does not print passwords; should it ever, this one is not passed on, nor
 * its beginning at the end of a text that was cut. */
static void hide(char *text, const char *secret, bool is_cut)
{
	size_t len = secret ? strlen(secret) : 0;

	for (size_t left = strlen(text); len >= 3 && left > 0; text++, left--) {
		size_t n = is_cut && left < len ? left : len;

		if (strncmp(text, secret, n) == 0)
			memset(text, '*', n);
	}
}

/* Puts what libpq said, cut at its line ends, into text, and finds the remedy of
 * the first attempt that met a server: of several addresses some may be
 * nobody's, and where TLS failed libpq tries again without it, whose failure is
 * not the cause. */
static const struct remedy *digest(char *text, size_t size, char *said)
{
	const struct remedy *answer = NULL, *silence = NULL;
	size_t len = 0;

	for (char *line = strsep(&said, "\n"); line;
	     line = strsep(&said, "\n")) {
		if (!*line || *line == '\t') /* its advice: ours says more */
			continue;
		if (!answer)
			answer =
			    find(answer_remedies, COUNT(answer_remedies), line);
		if (!silence)
			silence = find(silence_remedies,
				       COUNT(silence_remedies), line);
		(void)snprintf(text + len, size - len, "%s%s", len ? "; " : "",
			       line);
		len = strlen(text);
	}
	while (len && text[len - 1] == '.')
		text[--len] = '\0';
	return answer ? answer : silence;
}

enum err pg_fault_text(struct fault *fault, const char *message,
		       const char *password, bool was_connected)
{
	static const struct remedy none = {"", ERR_TRANSPORT, NULL};
	const struct remedy *remedy;
	char said[1024], text[320] = "";
	size_t len;

	len = strlen(message);
	(void)snprintf(said, sizeof(said), "%s", message);
	hide(said, password, len >= sizeof(said));
	remedy = digest(text, sizeof(text), said);
	if (was_connected || !remedy)
		remedy = &none;
	return fault_set(fault, remedy->code, "%s%s%s",
			 text[0] ? text : "the connection was lost",
			 remedy->advice ? ": " : "",
			 remedy->advice ? remedy->advice : "");
}

/* libpq names a server by its address, since that is what we gave it; the name
 * is what people know it by. */
static void put_named(struct buf *out, const char *said, const char *name,
		      const char *address)
{
	char quoted[128];
	const char *at;

	(void)snprintf(quoted, sizeof(quoted), "\"%s\"", address);
	while ((at = strstr(said, quoted))) {
		buf_add(out, said, (size_t)(at - said));
		buf_printf(out, "\"%s\" (%s)", name, address);
		said = at + strlen(quoted);
	}
	buf_puts(out, said);
}

enum err pg_fault_connection(struct fault *fault, const PGconn *conn,
			     bool was_connected)
{
	const char *said = PQerrorMessage(conn), *name = PQhost(conn);
	const char *address = PQhostaddr(conn);
	struct buf named;
	enum err err;

	buf_init(&named, 65536);
	if (name && *name && address && *address && strcmp(name, address) != 0)
		put_named(&named, said, name, address);
	err = pg_fault_text(fault, named.len ? named.data : said, PQpass(conn),
			    was_connected);
	buf_free(&named);
	return err;
}
