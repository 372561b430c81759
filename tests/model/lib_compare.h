#ifndef GS_TESTS_MODEL_COMPARE_H
#define GS_TESTS_MODEL_COMPARE_H

#include "tests/model/lib_expected.h"
#include "tests/unit/lib_books.h"

/* Holds every row of the books against what it must be, and asserts that there
 * are no others; of a hostile world, the rows that its hostile contract does
 * not touch. The books were told every block of the world, and of blocks
 * up to finalized that they are final. keep_all: they keep all Transfers. */
void compare(const struct world *world, const struct registry *registry,
	     struct books *books, uint64_t finalized, bool keep_all);

#endif
