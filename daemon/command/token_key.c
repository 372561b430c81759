#include "daemon/command/token_key.h"

const struct secret_key *token_key(const struct config *config,
				   struct fault *fault)
{
	if (!config->auth.token_key)
		(void)fault_set(
		    fault, ERR_USAGE,
		    "auth.token_key is not set, and tokens are signed with it: "
		    "make a key (umask 077; openssl rand -base64 32 > FILE) "
		    "and name the file as auth.token_key_file or "
		    "GIGSTREAM_AUTH_TOKEN_KEY_FILE");
	return config->auth.token_key;
}
