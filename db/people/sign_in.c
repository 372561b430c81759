#include "db/people/sign_in.h"

#include "embedded/queries.h"
#include <string.h>

#define SUSPENDED "suspended"

void sign_in_ask_password(struct sql_batch *sql, const char *key)
{
	sql_add(sql, queries_sign_in_password);
	person_put_key(sql, key);
}

enum err sign_in_read_password(struct stored_password *out, struct arena *arena,
			       const PGresult *result, struct fault *fault)
{
	struct sql_rows rows;

	memset(out, 0, sizeof(*out));
	sql_rows(&rows, result);
	if (sql_next(&rows)) {
		out->worker = sql_uuid(&rows);
		if (!sql_is_null(&rows)) {
			out->hash = arena_strdup(arena, sql_text(&rows));
			if (!out->hash)
				rows.err = ERR_NOMEM;
		}
		out->suspended = strcmp(sql_text(&rows), SUSPENDED) == 0;
		(void)sql_next(&rows);
	}
	return sql_end(&rows, "workers", fault);
}

void sign_in_ask_worker(struct sql_batch *sql, const struct actor *actor,
			const struct stored_password *stored, bool fits)
{
	sql_add_actor(sql, actor);
	sql_add(sql, queries_sign_in_worker);
	sql_put_uuid(sql, &stored->worker);
	sql_put_text(sql, fits ? stored->hash : NULL);
}

void sign_in_ask_platform(struct sql_batch *sql, const struct actor *actor,
			  const char *api_key_hash)
{
	sql_add_actor(sql, actor);
	sql_add(sql, queries_sign_in_platform);
	sql_put_text(sql, api_key_hash);
}

enum err sign_in_read(struct person *out, enum person_kind kind,
		      struct arena *arena, const PGresult *result,
		      struct fault *fault)
{
	struct sql_rows rows;
	bool found;
	enum err err;

	sql_rows(&rows, result);
	found = sql_next(&rows);
	if (found) {
		person_read(out, kind, &rows, arena);
		(void)sql_next(&rows);
	}
	err = sql_end(&rows, kind == PERSON_WORKER ? "workers" : "platforms",
		      fault);
	if (err == OK && !found)
		err = fault_set(fault, ERR_MISSING, "nobody is signed in");
	return err;
}

bool person_is_suspended(const struct person *person)
{
	return strcmp(person->status, SUSPENDED) == 0;
}
