#include "common/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A salt that no hash has. */
#define NOBODYS_SETTING "$2b$10$......................"

static bool is_hashable(struct bytes password)
{
	return password.len > 0 && password.len <= PASSWORD_MAX &&
	       !memchr(password.data, '\0', password.len);
}

/* setting: a salt or a whole hash. */
static enum err run_bcrypt(char hash[PASSWORD_HASH_SIZE], const char *setting,
			   struct bytes password)
{
	struct crypt_data *work = calloc(1, sizeof(*work));
	char phrase[PASSWORD_MAX + 1] = "";
	enum err err = ERR_SYNTAX;
	const char *made;

	if (!work)
		return ERR_NOMEM;
	memcpy(phrase, password.data, password.len);
	made = crypt_r(phrase, setting, work);
	if (made && strlen(made) == PASSWORD_HASH_SIZE - 1) {
		memcpy(hash, made, PASSWORD_HASH_SIZE);
		err = OK;
	}
	explicit_bzero(phrase, sizeof(phrase));
	explicit_bzero(work, sizeof(*work));
	free(work);
	return err;
}

enum err password_hash(char hash[PASSWORD_HASH_SIZE], struct bytes password,
		       struct fault *fault)
{
	char salt[CRYPT_GENSALT_OUTPUT_SIZE];
	enum err err;

	if (password.len == 0)
		return fault_set(fault, ERR_USAGE,
				 "the password is empty: give at least one "
				 "character");
	if (password.len > PASSWORD_MAX)
		return fault_set(fault, ERR_USAGE,
				 "the password has %zu bytes: bcrypt takes %d; "
				 "give a shorter one",
				 password.len, PASSWORD_MAX);
	if (!is_hashable(password))
		return fault_set(fault, ERR_USAGE,
				 "the password has a NUL byte inside: bcrypt "
				 "would stop reading there; give one without");
	/* Without bytes of ours the salt comes from the system's generator. */
	if (!crypt_gensalt_rn("$2b$", PASSWORD_COST, NULL, 0, salt,
			      (int)sizeof(salt)))
		return fault_set(fault, ERR_IO, "cannot make a salt: %s",
				 strerror(errno));
	err = run_bcrypt(hash, salt, password);
	if (err != OK)
		return fault_set(fault, err, "cannot hash the password: %s",
				 err_text(err));
	return OK;
}

/* crypt_r knows weaker kinds, too, and $2x$, which has a known fault. */
static bool is_bcrypt(const char *hash)
{
	return strlen(hash) == PASSWORD_HASH_SIZE - 1 &&
	       memcmp(hash, "$2", 2) == 0 && strchr("aby", hash[2]) &&
	       hash[3] == '$';
}

static bool same(const char *a, const char *b)
{
	unsigned char differ = 0;

	for (size_t i = 0; i < PASSWORD_HASH_SIZE - 1; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

bool password_verify(const char *hash, struct bytes password)
{
	char made[PASSWORD_HASH_SIZE];
	bool ok;

	if ((hash && !is_bcrypt(hash)) || !is_hashable(password) ||
	    run_bcrypt(made, hash ? hash : NOBODYS_SETTING, password) != OK)
		return false;
	ok = hash && same(hash, made);
	explicit_bzero(made, sizeof(made));
	return ok;
}
