#ifndef GS_COMMON_TOKEN_H
#define GS_COMMON_TOKEN_H

#include "common/secret_key.h"
#include "common/uuid.h"
#include <stdint.h>

/* What somebody has who has signed in: a JSON Web Token (RFC 7519), signed as
 * common/jws.h says, with the header {"alg":"HS256","typ":"JWT"} in this very
 * spelling and these claims, each exactly once and no other:
 *
 *	iss	"gigstream"
 *	sub	the UUID of the worker or platform
 *	aud	"worker" or "platform": whose part of an interface it opens, and
 *		so which table sub is of. Any JWT library checks it.
 *	iat	when it was issued, in Unix seconds
 *	exp	from when on it is worth nothing, likewise: later than iat, by
 *		at most TOKEN_TTL_MAX
 *	jti	a UUID v7, which no other token has
 *
 * Whoever has the key can check tokens, and make them. */

enum token_audience { TOKEN_WORKER, TOKEN_PLATFORM };

struct token {
	enum token_audience audience;
	struct uuid subject, id;
	int64_t issued, expires; /* Unix seconds */
};

#define TOKEN_MAX 511
#define TOKEN_SIZE (TOKEN_MAX + 1)
#define TOKEN_TTL_MAX (30 * 86400) /* seconds */
/* How far, in seconds, the clock of whoever issued may be ahead of ours. */
#define TOKEN_LEEWAY 60

/* "worker" or "platform". */
const char *token_audience_name(enum token_audience audience);

/* A token for subject from now on, for ttl seconds (1 to TOKEN_TTL_MAX), with
 * an id of its own. ERR_BUG: a value is out of range; ERR_IO: the system has no
 * random bytes; ERR_NOMEM. The caller wipes text (explicit_bzero). */
enum err token_make(char text[TOKEN_SIZE], const struct secret_key *key,
		    enum token_audience audience, const struct uuid *subject,
		    int64_t now, int64_t ttl, struct fault *fault) MUST_CHECK;

/* ERR_SYNTAX: text is no token of the form above; ERR_CONFLICT: it was not
 * signed with this key, was changed, or was signed for something else;
 * ERR_EXPIRED: it was good, until now or earlier; ERR_NOT_YET: it was issued
 * more than TOKEN_LEEWAY after now. On failure out is untouched, and no fault
 * shows text. */
enum err token_read(struct token *out, const char *text,
		    const struct secret_key *key, int64_t now,
		    struct fault *fault) MUST_CHECK;

/* Unix seconds as people and JSON have them: RFC 3339, UTC; years 1970 to
 * 9999. Returns text. */
#define TOKEN_TIME_SIZE 21
const char *token_time(char text[TOKEN_TIME_SIZE], int64_t time);

#endif
