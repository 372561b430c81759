#ifndef GS_DB_PEOPLE_SIGN_IN_H
#define GS_DB_PEOPLE_SIGN_IN_H

#include "db/people/people.h"
#include "db/pg/sql.h"

/* Signing in, statement by statement; public.audit_logs keeps each attempt with
 * the action that the actor names. A worker takes two round trips, whether
 * there is one or not:
 *
 *	sign_in_ask_password(&sql, "ann@example.com");
 *	... the result comes ...
 *	err = sign_in_read_password(&stored, arena, result, &fault);
 *	fits = password_verify(stored.hash, password);
 *	sign_in_ask_worker(&sql, &actor, &stored, fits);
 *	... the last result comes ...
 *	err = sign_in_read(&ann, PERSON_WORKER, arena, result, &fault);
 */
struct stored_password {
	struct uuid worker; /* nil: nobody has the key */
	const char *hash;   /* in the arena; NULL: none is set */
	bool suspended;
};

/* key: an id, an email or a wallet. */
void sign_in_ask_password(struct sql_batch *sql, const char *key);
enum err sign_in_read_password(struct stored_password *out, struct arena *arena,
			       const PGresult *result,
			       struct fault *fault) MUST_CHECK;

/* Signs the worker in (workers.last_login_at) where the password fits, is still
 * the same, and the worker is not suspended. actor: the worker, where it fits;
 * else whoever tried. */
void sign_in_ask_worker(struct sql_batch *sql, const struct actor *actor,
			const struct stored_password *stored, bool fits);
/* The platform that has the API key of this hash. actor: whoever tries. */
void sign_in_ask_platform(struct sql_batch *sql, const struct actor *actor,
			  const char *api_key_hash);

/* Who that is, from the last result of either; ERR_MISSING: nobody. A platform
 * is found where it is suspended, too: see person_is_suspended. */
enum err sign_in_read(struct person *out, enum person_kind kind,
		      struct arena *arena, const PGresult *result,
		      struct fault *fault) MUST_CHECK;

/* Suspended people do not sign in, and their tokens are worth nothing. */
bool person_is_suspended(const struct person *person);

#endif
