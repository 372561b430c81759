#ifndef GS_CONFIG_OPTIONS_H
#define GS_CONFIG_OPTIONS_H

#include "config/config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one table of options. The reader of the file, the environment, the
 * defaults, what is required and which key a mistyped one was meant to be all
 * derive from it. */

/* The lists of the configuration; an option of LIST_NONE stands alone. */
enum list {
	LIST_NONE,
	LIST_RPC,
	LIST_STREAMING,
	LIST_LOANS,
	LIST_REPUTATION,
	LIST_FEE_WALLETS
};

struct option;

/* Reads text into out (the option's place) or, for what does not fit one
 * place, into config. The fault says what was expected, never the value: it
 * may be a secret in the wrong place. The caller adds where it stands. */
typedef enum err (*option_parse_fn)(const struct option *option,
				    struct config *config, void *out,
				    const char *text, struct fault *fault);

struct option {
	/* "section.key" or "list[].key": where it stands in the file. */
	const char *path;
	enum list list;
	size_t offset; /* in struct config, or in the list's item */
#define OFFSET_NONE SIZE_MAX
	option_parse_fn parse;
	const char *fallback;	/* the text parsed when nothing is given */
	const char *example;	/* the option is required, for instance so */
	const char *also;	/* one more environment variable, asked last */
	const char *credential; /* the name of a systemd credential */
	const char *names[2];	/* parse_name: what false and true are called */
	uint64_t min, max;	/* parse_number */
};

/* In the order in which they are parsed. */
extern const struct option options[];
extern const size_t n_options;

/* GIGSTREAM_CHAIN_ID for chain.id, GIGSTREAM_CHAIN_RPC_URL for
 * chain.rpc[].url, GIGSTREAM_FEE_WALLETS for fee_wallets[]. */
#define OPTION_ENV_SIZE 64
const char *option_env(char name[OPTION_ENV_SIZE], const struct option *option);

/* Where in the file we are: the first len characters of a path, "" at the top,
 * "chain." inside that section, "chain.rpc[]" at an item of that list. */
struct prefix {
	const char *path;
	size_t len;
};

enum child { CHILD_UNKNOWN, CHILD_OPTION, CHILD_SECTION, CHILD_LIST };

/* What key names directly under prefix. *first becomes the first option of
 * that path, *under the prefix of what it holds. */
enum child option_child(const struct option **first, struct prefix *under,
			struct prefix prefix, const char *key);

/* "did you mean start_block?", or the keys that are valid under prefix. */
#define SUGGESTION_SIZE 200
const char *option_suggest(char text[SUGGESTION_SIZE], struct prefix prefix,
			   const char *key);
/* The option whose environment variable name is one typing error away. */
const struct option *option_suggest_env(const char *name);

#endif
