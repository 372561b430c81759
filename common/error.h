#ifndef GS_COMMON_ERROR_H
#define GS_COMMON_ERROR_H

/* Errors of the whole project: one negative enum, and a fault that carries
 * the sentence a person reads. Lower layers return them and never log. */

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* name, what it means to the caller */
#define ERR_MAP(X)                                                             \
	X(NOMEM, "out of memory")                                              \
	X(LIMIT, "a hard limit was reached")                                   \
	X(RANGE, "a number is out of range")                                   \
	X(SYNTAX, "malformed input")                                           \
	X(USAGE, "wrong usage or configuration")                               \
	X(MISSING, "not found")                                                \
	X(CONFLICT, "already there, or refused by a rule")                     \
	X(EXPIRED, "its time is over")                                         \
	X(IO, "a system call failed")                                          \
	X(TRANSPORT, "the peer could not be reached or hung up")               \
	X(TIMEOUT, "no answer in time")                                        \
	X(BUSY, "the peer asks us to come back later")                         \
	X(TOO_LARGE, "the peer refuses the size of the request")               \
	X(NOT_YET, "the peer does not have it yet")                            \
	X(REFUSED, "the peer answered with an error")                          \
	X(NONSENSE, "the peer answered with something else than was asked")    \
	X(UNPROVEN, "the reply contradicts the block's hashes")                \
	X(DATABASE, "the database refused a statement")                        \
	X(LEASE_LOST, "another process leads")                                 \
	X(CANCELLED, "cancelled by its owner")                                 \
	X(BUG, "an invariant of ours is broken")

enum err {
	OK = 0,
	ERR_BEFORE_FIRST = -1000,
#define ERR_ENUM(name, text) ERR_##name,
	ERR_MAP(ERR_ENUM)
#undef ERR_ENUM
};

/* The text of ERR_MAP; "ok" for OK; never NULL. */
const char *err_text(enum err code);

/* What went wrong, where, and what to do about it. Zero-initialise. */
struct fault {
	enum err code;
	char text[512];
};

/* Writes code and sentence into fault (NULL is allowed) and returns code,
 * so that callers write `return fault_set(...)`. A text too long is cut. */
enum err fault_set(struct fault *fault, enum err code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
