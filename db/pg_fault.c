#include "db/pg_fault.h"

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
     "the schema is older than this program; run: gigstreamd db migrate"},
    {"42501", ERR_DATABASE,
     "connect as a role that has this right, or grant it"},
    {"25006", ERR_BUSY,
     "this server only reads; point database.url at the primary"},
    {"53100", ERR_BUSY, "make room on the database's disk"},
};

/* The server's messages can be translated; ours is then given without advice. */
static const struct remedy connection_remedies[] = {
    {"Connection refused", ERR_TRANSPORT,
     "is PostgreSQL running, and listening there? See database.url"},
    {"No such file or directory", ERR_TRANSPORT,
     "is PostgreSQL running on this machine? See database.url"},
    {"starting up", ERR_TRANSPORT, NULL},
    {"shutting down", ERR_TRANSPORT, NULL},
    {"in recovery mode", ERR_TRANSPORT, NULL},
    {"too many clients", ERR_TRANSPORT, NULL},
    {"remaining connection slots", ERR_TRANSPORT, NULL},
    {"no encryption", ERR_REFUSED,
     "if the server demands TLS, add ?sslmode=require to database.url"},
    {"connection is insecure", ERR_REFUSED,
     "the server demands TLS: add ?sslmode=require to database.url"},
    {"SSL required", ERR_REFUSED,
     "the server demands TLS: add ?sslmode=require to database.url"},
    {"server does not support SSL", ERR_REFUSED,
     "the server offers no TLS: enable it there, or change sslmode in "
     "database.url"},
    {"certificate", ERR_REFUSED, "see sslmode and sslrootcert in database.url"},
    {"authentication failed", ERR_REFUSED,
     "check user and password in database.url"},
    {"no password supplied", ERR_REFUSED,
     "put the password into database.url, PGPASSWORD or ~/.pgpass"},
    {"does not exist", ERR_REFUSED,
     "create it, or correct the name in database.url"},
    {"no pg_hba.conf entry", ERR_REFUSED,
     "allow this host, user and database in pg_hba.conf"},
    {"FATAL:", ERR_REFUSED, NULL},
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

enum err pg_fault_result(struct fault *fault, struct pg_error *error,
			 const PGresult *result)
{
	const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *hint = field(result, PG_DIAG_MESSAGE_HINT);

	snprintf(error->sqlstate, sizeof(error->sqlstate), "%s",
		 field(result, PG_DIAG_SQLSTATE));
	snprintf(error->constraint, sizeof(error->constraint), "%s",
		 field(result, PG_DIAG_CONSTRAINT_NAME));
	if (!*message)
		message = PQresultErrorMessage(result);
	for (size_t i = 0; i < COUNT(statement_remedies); i++)
		if (strcmp(statement_remedies[i].key, error->sqlstate) == 0)
			return fault_set(fault, statement_remedies[i].code,
					 "%s: %s", message,
					 statement_remedies[i].advice);
	return fault_set(fault, pg_fault_code(error->sqlstate),
			 "%s%s%s (SQLSTATE %s)", message, *hint ? ": " : "",
			 hint, *error->sqlstate ? error->sqlstate : "unknown");
}

/* libpq's messages span lines, one per address that was tried. */
static void one_line(char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = *c == '\n' ? ';' : ' ';
}

/* libpq does not print passwords; should it ever, this one is not passed on. */
static void hide(char *text, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	char *at = text;

	if (len < 3)
		return;
	while ((at = strstr(at, secret))) {
		memset(at, '*', len);
		at += len;
	}
}

enum err pg_fault_text(struct fault *fault, const char *message,
		       const char *password, bool was_connected)
{
	enum err code = ERR_TRANSPORT;
	const char *advice = NULL;
	char text[384];

	snprintf(text, sizeof(text), "%s",
		 message && *message ? message : "the connection was lost");
	one_line(text);
	hide(text, password);
	for (size_t i = 0; !was_connected && i < COUNT(connection_remedies);
	     i++) {
		if (!strstr(text, connection_remedies[i].key))
			continue;
		code = connection_remedies[i].code;
		advice = connection_remedies[i].advice;
		break;
	}
	return fault_set(fault, code, "%s%s%s", text, advice ? ": " : "",
			 advice ? advice : "");
}

enum err pg_fault_connection(struct fault *fault, const PGconn *conn,
			     bool was_connected)
{
	return pg_fault_text(fault, PQerrorMessage(conn), PQpass(conn),
			     was_connected);
}
