#ifndef GS_CONFIG_VALUES_H
#define GS_CONFIG_VALUES_H

#include "config/options.h"

/* How the text of each kind of option is read (see option_parse_fn). */

#define PARSER(name)                                                           \
	enum err name(const struct option *option, struct config *config,      \
		      void *out, const char *text, struct fault *fault)

MUST_CHECK PARSER(parse_name);	  /* bool: option->names[1] is true */
MUST_CHECK PARSER(parse_profile); /* const struct chain_profile * */
MUST_CHECK PARSER(parse_number);  /* uint64_t: option->min to option->max */
MUST_CHECK PARSER(parse_quorum);  /* unsigned */
MUST_CHECK PARSER(parse_confirmations); /* "finalized" or a depth */
MUST_CHECK PARSER(parse_verify);	/* enum verify_mode */
MUST_CHECK PARSER(parse_duration);	/* unsigned ms; "auto" is 0 */
MUST_CHECK PARSER(parse_interval);	/* uint64_t ms; "off" is 0 */
MUST_CHECK PARSER(parse_decimals);	/* nothing is stored: it must be 6 */
MUST_CHECK PARSER(parse_address);	/* struct address, EIP-55 */
MUST_CHECK PARSER(parse_label);	  /* char *: one word, for logs and metrics */
MUST_CHECK PARSER(parse_abi);	  /* char *: a label, or a path */
MUST_CHECK PARSER(parse_rpc_url); /* char * */
MUST_CHECK PARSER(parse_rpc_url_file);
MUST_CHECK PARSER(parse_database_url); /* char * */
MUST_CHECK PARSER(parse_database_url_file);
MUST_CHECK PARSER(parse_secret_key); /* struct secret_key * */
MUST_CHECK PARSER(parse_secret_key_file);
MUST_CHECK PARSER(parse_listen); /* "127.0.0.1:8080", "[::1]:8080" or "off" */
MUST_CHECK PARSER(parse_log_level); /* int: enum log_level */

/* The one line of the file at path (absolute), read as parse reads it. */
enum err parse_file(option_parse_fn parse, const struct option *option,
		    struct config *config, void *out, const char *path,
		    struct fault *fault) MUST_CHECK;

/* The host of a URL that parse_rpc_url took, without user, password, path and
 * query; never NULL but when memory is out. The caller frees it. */
char *url_host(const char *url);

#endif
