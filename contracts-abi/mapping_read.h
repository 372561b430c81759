#ifndef GS_CONTRACTS_ABI_MAPPING_READ_H
#define GS_CONTRACTS_ABI_MAPPING_READ_H

#include "contracts-abi/mapping.h"
#include <jansson.h>

/* The inside of mapping_parse(). */

struct mapping_reader {
	struct arena *arena;
	const char *file;
	char place[96]; /* ", events[3] (Withdraw)"; "" at the top */
	const struct abi *abi;
	unsigned traits;
	struct fault *fault;
};

/* ERR_SYNTAX with a sentence that says where. */
enum err mapping_wrong(const struct mapping_reader *r, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
enum err mapping_no_memory(const struct mapping_reader *r);

/* Names that are right in some place, one after the other; NULL: no more. */
typedef const char *(*mapping_name_fn)(const void *arg, size_t i);
/* The same for an arg that is an array of names, which NULL ends. */
const char *mapping_listed(const void *arg, size_t i);
/* `what "word" is not known; the nearest is ...`, or all that are. */
enum err mapping_no_such(const struct mapping_reader *r, const char *what,
			 const char *word, mapping_name_fn names,
			 const void *arg);
/* An object has only keys of the list, which NULL ends. */
enum err mapping_check_keys(const struct mapping_reader *r, json_t *object,
			    const char *const *known) MUST_CHECK;

/* {KEY: "amount", "decimals": 18} as the value of the field: the name, which is
 * the object's, and how many decimals more than the token's. Only an amount has
 * that. */
enum err mapping_read_scaled(const struct mapping_reader *r, json_t *value,
			     const char *key, const char *field, bool is_amount,
			     const char **name, int *more_decimals) MUST_CHECK;

/* mapping_entry.c: the i-th of "events". part and next are left alone. */
enum err mapping_read_entry(struct mapping_reader *r, size_t i, json_t *json,
			    struct mapping_entry *out) MUST_CHECK;

/* mapping_getters.c: "getters" and "statuses" of root, once out has its
 * entries. */
enum err mapping_read_getters(struct mapping_reader *r, json_t *root,
			      struct mapping *out) MUST_CHECK;

#endif
