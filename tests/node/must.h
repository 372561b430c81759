#ifndef GS_TESTS_NODE_MUST_H
#define GS_TESTS_NODE_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* What fails in a test's own node is the test's fault: it says where, and the
 * program ends. */
#define must(condition)                                                        \
	((condition) ? (void)0 : must_fail(#condition, __FILE__, __LINE__))

__attribute__((noreturn)) static inline void
must_fail(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: must hold: %s\n", file, line, what);
	abort();
}

#endif
