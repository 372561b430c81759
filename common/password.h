#ifndef GS_COMMON_PASSWORD_H
#define GS_COMMON_PASSWORD_H

#include "common/bytes.h"
#include <stdbool.h>

/* Passwords as bcrypt hashes (Provos and Mazières, "A Future-Adaptable Password
 * Scheme", USENIX 1999), by libxcrypt (crypt(5)). Both calls take about 60 ms,
 * on purpose: where a loop must go on, call them from a worker thread. */

#define PASSWORD_COST 10
/* bcrypt does not see what follows its 72nd byte. */
#define PASSWORD_MAX 72
/* "$2b$10$", 22 characters of salt, 31 of hash, NUL. */
#define PASSWORD_HASH_SIZE 61

/* Hashes password with a new random salt. ERR_USAGE: it is empty, too long, or
 * has a NUL inside, where bcrypt would stop reading; ERR_IO: the system has no
 * random bytes. Nothing of the password stays in memory here. */
enum err password_hash(char hash[PASSWORD_HASH_SIZE], struct bytes password,
		       struct fault *fault) MUST_CHECK;

/* Whether hash, of the kind $2a$, $2b$ or $2y$ and of any cost, was made of
 * this password; false for any other hash, and for a password that
 * password_hash refuses. How long it takes tells nothing of how much of the
 * hash fits, nor whether there is one: NULL is false after as long as a hash of
 * PASSWORD_COST takes. */
bool password_verify(const char *hash, struct bytes password) MUST_CHECK;

#endif
