#ifndef GS_CONFIG_CHANGES_H
#define GS_CONFIG_CHANGES_H

#include "config/config.h"

/* What differs between the configuration that runs and one that was read anew,
 * of what a program takes over at its start only: not chain.rpc, not log.level.
 * keys gets their names (static text), as the file has them; returns how many,
 * at most CONFIG_CHANGES_MOST. */
#define CONFIG_CHANGES_MOST 20
size_t config_changes(const struct config *running, const struct config *wanted,
		      const char *keys[CONFIG_CHANGES_MOST]);

#endif
