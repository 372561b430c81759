#ifndef GS_DAEMON_COMMAND_PEOPLE_PRINT_H
#define GS_DAEMON_COMMAND_PEOPLE_PRINT_H

#include "common/buf.h"
#include "db/people/people.h"

/* "worker" or "platform". */
const char *people_kind(enum person_kind kind);

/* A table with heads, or one JSON array; all of one kind. False: no memory. */
bool people_print_table(enum person_kind kind, const struct person *list,
			size_t n);
bool people_print_json_array(const struct person *list, size_t n);

/* One a line "key  value", or one JSON object. api_key: shown where it is not
 * NULL, that is once, when it is made. */
void people_print_text(const struct person *person, const char *api_key);
bool people_print_json(const struct person *person, const char *api_key);
/* The members of that object, without its braces. */
void people_put_members(struct buf *out, const struct person *person,
			const char *api_key);

#endif
