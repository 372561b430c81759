#ifndef GS_DB_PEOPLE_PEOPLE_H
#define GS_DB_PEOPLE_PEOPLE_H

#include "common/address.h"
#include "common/arena.h"
#include "common/u256.h"
#include "common/uuid.h"
#include "db/people/actor.h"
#include "db/pg/pg.h"

/* Workers and platforms, as the command line registers and shows them. */
enum person_kind { PERSON_WORKER, PERSON_PLATFORM };

struct person {
	enum person_kind kind;
	struct uuid id;
	const char *name, *email;
	bool has_wallet; /* always, for a worker */
	struct address wallet;
	const char *status;
	const char *created_at; /* RFC 3339, UTC */
	uint64_t total_tasks;
	struct u256 total_usdc;	 /* base units: earned, or paid out */
	uint64_t score;		 /* worker: reputation, 0..1000 */
	uint64_t unique_workers; /* platform */
};

/* A row of people_workers.sql or people_platforms.sql; its strings go into the
 * arena. */
struct sql_rows;
void person_read(struct person *out, enum person_kind kind,
		 struct sql_rows *rows, struct arena *arena);
/* Puts the two parameters that find one: an id, an email or a wallet (NULL:
 * any). */
struct sql_batch;
void person_put_key(struct sql_batch *batch, const char *key);

struct person_new {
	enum person_kind kind;
	const char *name, *email;
	const struct address *wallet; /* NULL: none yet (a platform only) */
	const char *api_key_hash;     /* platform: SHA-256, 64 hex digits */
};

enum people_sort {
	PEOPLE_BY_CREATED, /* the oldest first */
	PEOPLE_BY_SCORE,   /* the highest first */
	PEOPLE_BY_EARNED,  /* likewise */
	PEOPLE_SORTS
};
/* Status, score and sort are of workers; platforms come oldest first. */
struct people_filter {
	uint64_t limit;
	const char *status; /* NULL: any */
	uint64_t min_score; /* 0..1000 */
	enum people_sort sort;
};
/* False, with out untouched, for a name we do not know: "created", "score",
 * "earned"; "active", "inactive", "suspended". */
bool people_sort_parse(enum people_sort *out, const char *name) MUST_CHECK;
bool people_status_exists(const char *name);

/* What is secret about them, as it is stored. */
enum person_secret {
	SECRET_API_KEY_HASH,   /* platform: SHA-256, 64 hex digits */
	SECRET_WEBHOOK_SECRET, /* platform: sealed (common/seal.h) */
	SECRET_PASSWORD_HASH,  /* worker: bcrypt (common/password.h) */
	SECRET_WALLET_ID,      /* worker: the Circle wallet, sealed */
};
enum person_kind person_secret_kind(enum person_secret secret);
/* "platforms.api_key_hash"; what is sealed is bound to it and the row's id. */
const char *person_secret_column(enum person_secret secret);

/* One call at a time per connection; it must be connected. The list and its
 * strings live in the arena. A start that fails never calls back. */
typedef void (*people_cb)(void *arg, enum err err, const struct fault *fault,
			  const struct person *list, size_t n);

/* Registers one, and calls back with it; actor: who asks for it. ERR_CONFLICT:
 * the email or the wallet is another's; ERR_USAGE: the database does not take
 * the value. */
enum err people_add(struct pg *pg, struct arena *arena,
		    const struct actor *actor, const struct person_new *person,
		    people_cb cb, void *arg) MUST_CHECK;
/* Replaces that secret of the one with this id, email or wallet, and calls back
 * with them: from the commit on, the old one is worth nothing. ERR_MISSING if
 * there is none. */
enum err people_set_secret(struct pg *pg, struct arena *arena,
			   const struct actor *actor, enum person_secret secret,
			   const char *key, const char *value, people_cb cb,
			   void *arg) MUST_CHECK;
/* Calls back with the platform that has the API key of this hash, or with none;
 * the audit keeps that actor asked. */
enum err people_by_api_key(struct pg *pg, struct arena *arena,
			   const struct actor *actor, const char *api_key_hash,
			   people_cb cb, void *arg) MUST_CHECK;
/* Those that are not deleted and fit the filter. */
enum err people_list(struct pg *pg, struct arena *arena, enum person_kind kind,
		     const struct people_filter *filter, people_cb cb,
		     void *arg) MUST_CHECK;
/* The one with this id, email or wallet; ERR_MISSING if there is none. */
enum err people_show(struct pg *pg, struct arena *arena, enum person_kind kind,
		     const char *key, people_cb cb, void *arg) MUST_CHECK;

#endif
