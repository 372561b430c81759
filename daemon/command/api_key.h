#ifndef GS_DAEMON_COMMAND_API_KEY_H
#define GS_DAEMON_COMMAND_API_KEY_H

#include "common/bytes.h"

/* "gsk_", then 256 bits from getrandom(2) in hex. The prefix lets scanners of
 * leaked secrets recognise it. */
#define API_KEY_SIZE 69

/* What is stored: the SHA-256 of the key's text, in hex. A slow hash is for
 * what people can remember; nobody guesses 256 bits. */
#define API_KEY_HASH_SIZE 65

enum err api_key_make(char key[API_KEY_SIZE], struct fault *fault) MUST_CHECK;
const char *api_key_hash(char hash[API_KEY_HASH_SIZE], const char *key);
/* The hash of the key on stdin; errors: those of secret_read. */
enum err api_key_read(char hash[API_KEY_HASH_SIZE],
		      struct fault *fault) MUST_CHECK;

#endif
