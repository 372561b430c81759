#ifndef GS_DAEMON_COMMAND_PROFILE_PRINT_H
#define GS_DAEMON_COMMAND_PROFILE_PRINT_H

#include "db/people/profile.h"

/* What people_print_text prints of the worker, and a table each of the newest
 * tasks and transactions. False: no memory. */
bool profile_print_text(const struct profile *profile);
/* The worker's JSON object, with the arrays "tasks" and "transactions", their
 * members named as the columns are. False: no memory. */
bool profile_print_json(const struct profile *profile);

#endif
