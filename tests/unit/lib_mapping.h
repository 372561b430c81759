#ifndef GS_TESTS_LIB_MAPPING_H
#define GS_TESTS_LIB_MAPPING_H

#include "contracts-abi/mapping.h"

/* Mappings as tests write them: with single quotes for double ones. */

/* The text with double quotes; what is beyond size is cut. */
const char *quoted(char *out, size_t size, const char *text);

/* mapping_parse of json, in which "x.json" is the ABI of that text. */
enum err parse_mapping(struct mapping *out, struct arena *arena,
		       const char *abi, const char *json, struct fault *fault);

/* A mapping that is wrong, and what must be said of it. */
struct wrong_mapping {
	const char *json, *says;
};
/* Fails the test unless each is refused with that, and out left alone. */
void expect_wrong(const char *abi, const struct wrong_mapping *list, size_t n);

#endif
