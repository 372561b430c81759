#ifndef GS_CONTRACTS_ABI_FIELD_H
#define GS_CONTRACTS_ABI_FIELD_H

#include "contracts-abi/event.h"
#include <stddef.h>
#include <stdint.h>

/* The fields of struct event by name, and which kind has which: what a mapping
 * may fill. README.md, "Adding a contract", has them as a table. */

enum field_type { FIELD_ADDRESS, FIELD_NUMBER, FIELD_FLAG };

struct event_field {
	const char *name; /* "worker", "amount" */
	enum field_type type;
	size_t offset; /* of a struct address, struct u256 or bool */
};

#define EVENT_FIELDS 20
extern const struct event_field event_fields[EVENT_FIELDS];

/* Bits, each 1 << the field's index in event_fields. */
struct field_rule {
	uint32_t needs, may;
};
/* What an event of this kind must say, of a contract with these traits, and
 * what it may say besides. */
struct field_rule field_rule(enum event_kind kind, unsigned traits);

/* The field's bit; 0: none has that name. */
uint32_t field_bit(const char *name);

/* Is this an amount of the token? */
bool field_is_amount(const struct event_field *field);

#endif
