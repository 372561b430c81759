#ifndef GS_TESTS_NODE_LIES_H
#define GS_TESTS_NODE_LIES_H

#include "tests/node/answer.h"
#include "tests/node/web.h"

/* Everything a node can do wrong, by name: one row of the table each. */

enum lie_level {
	LIE_TWIST, /* of one call: its answer says something else */
	LIE_CALL,  /* of one call: its text is another */
	LIE_BATCH, /* of the answers to one request */
	LIE_HTTP,  /* of the reply as HTTP */
};

/* One answer of a reply: `{"jsonrpc":...}`. */
struct lie_entry {
	size_t at, len; /* in the body */
};

/* What a lie of that level has in hand. */
struct lie_hand {
	struct dice dice;
	uint64_t size; /* the lie's, or the rule's own */
	/* LIE_CALL: from there on the text is `"result":...` or `"error":...` */
	struct buf *out;
	size_t start;
	uint64_t from, to; /* the blocks it is about, if has_blocks */
	bool has_blocks;
	/* LIE_BATCH: entries may be dropped, repeated (there is room for one
	 * more) and moved; text at the end of the body may become one. */
	struct lie_entry *entries;
	size_t n;
	bool is_batch; /* an array is due */
	/* LIE_HTTP */
	struct web_reply *reply;
};

struct lie {
	const char *name;
	const char *what; /* for a person: "a receipt is missing" */
	enum lie_level level;
	const char *methods; /* those it fits, blanks between; NULL: all */
	uint64_t size;	     /* what `size` is if nobody says; 0: it has none */
	enum twist twist;    /* LIE_TWIST */
	/* The others; false: there was nothing to lie about. */
	bool (*tell)(struct lie_hand *hand);
};

extern const struct lie lies[];
extern const size_t n_lies;

/* NULL: there is none of that name. */
const struct lie *lie_named(const char *name);
bool lie_fits(const struct lie *lie, const char *method);

/* The tell functions of lies_call.c, lies_batch.c and lies_http.c. */
#define LIE_TELLS(X)                                                           \
	X(null)                                                                \
	X(empty_array)                                                         \
	X(empty_object)                                                        \
	X(number)                                                              \
	X(boolean)                                                             \
	X(word)                                                                \
	X(long_text)                                                           \
	X(deep)                                                                \
	X(nothing_said)                                                        \
	X(result_and_error)                                                    \
	X(plain_numbers)                                                       \
	X(padded_numbers)                                                      \
	X(field_renamed)                                                       \
	X(field_null)                                                          \
	X(not_hex)                                                             \
	X(short_hex)                                                           \
	X(internal)                                                            \
	X(not_found)                                                           \
	X(unknown_method)                                                      \
	X(pruned)                                                              \
	X(rate)                                                                \
	X(rate_429)                                                            \
	X(range_cap)                                                           \
	X(range_hint)                                                          \
	X(result_cap)                                                          \
	X(id_wrong)                                                            \
	X(id_text)                                                             \
	X(id_null)                                                             \
	X(entry_missing)                                                       \
	X(entry_twice)                                                         \
	X(entries_reversed)                                                    \
	X(entries_none)                                                        \
	X(object_for_batch)                                                    \
	X(batch_cap)                                                           \
	X(busy)                                                                \
	X(busy_for)                                                            \
	X(busy_until)                                                          \
	X(broken)                                                              \
	X(bad_gateway)                                                         \
	X(unavailable)                                                         \
	X(forbidden)                                                           \
	X(garbage)                                                             \
	X(web_page)                                                            \
	X(empty_body)                                                          \
	X(cut)                                                                 \
	X(hang_up)                                                             \
	X(silent)                                                              \
	X(slow)                                                                \
	X(late)                                                                \
	X(chunked)                                                             \
	X(huge)                                                                \
	X(deep_body)
#define LIE_TELL(name) bool lie_##name(struct lie_hand *hand);
LIE_TELLS(LIE_TELL)
#undef LIE_TELL

#endif
