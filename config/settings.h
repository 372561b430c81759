#ifndef GS_CONFIG_SETTINGS_H
#define GS_CONFIG_SETTINGS_H

#include "config/options.h"
#include <stdbool.h>
#include <stddef.h>

/* What the file and the environment say, as text, before it is understood:
 * a flat list, so that what wins over what is decided in one place. */
struct setting {
	const struct option *option;
	size_t item; /* of the option's list */
	char *text;
	/* Where it was found: a line of the file, or one of these names. */
	size_t line;
	char *env;
	const char *credential;
};

struct settings {
	const char *file; /* for messages; NULL: none was read */
	struct setting *items;
	size_t n, room;
	size_t list_len[LIST_FEE_WALLETS + 1];
};

void settings_free(struct settings *settings);

/* Appends a copy of like with a copy of text; ERR_USAGE: the list is full. */
enum err settings_add(struct settings *settings, const struct setting *like,
		      const char *text, struct fault *fault) MUST_CHECK;

/* Is there one for the option's place, or anything in its list? */
bool settings_has(const struct settings *settings, const struct option *option);
/* Drops what the file says of the option's place or its whole list. */
void settings_drop_file(struct settings *settings, const struct option *option);

/* Puts "FILE:LINE: path: " or the variable's name in front of why. */
enum err settings_fault(const struct settings *settings,
			const struct setting *setting, enum err code,
			const char *why, struct fault *fault);
/* "line 12" or the variable's name, for a second place in a sentence. */
#define PLACE_SIZE 96
const char *setting_place(char text[PLACE_SIZE], const struct setting *setting);

/* config/yaml.c: the file, at settings->file. */
enum err settings_read_file(struct settings *settings,
			    struct fault *fault) MUST_CHECK;
/* config/environment.c: GIGSTREAM_* over the file, then, for what is still
 * silent, systemd credentials, DATABASE_URL and RPC_URL. */
enum err settings_read_environment(struct settings *settings,
				   struct fault *fault) MUST_CHECK;

/* config/profile_apply.c: what chain.profile says of the chain, where file and
 * environment are silent. */
enum err settings_fill_profile(struct settings *settings,
			       struct fault *fault) MUST_CHECK;
/* Refuses a chain.id that is not the profile's, and a token that is not the
 * chain's USDC: by the profile's word, or because it is known to be another.
 * Completes config->chain with what is known of that chain. */
enum err config_check_profile(struct config *config,
			      const struct settings *settings,
			      struct fault *fault) MUST_CHECK;

#endif
