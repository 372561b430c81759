#ifndef GS_TESTS_LIB_LIES_H
#define GS_TESTS_LIB_LIES_H

#include "tests/unit/lib_rig.h"

/* What a failing or lying node says, for struct rig; each rig->most times. */

/* Counts one; false when it was told often enough. */
bool lie_again(struct rig *rig);
/* The block a call is about; NULL where there is none. */
const struct made_block *lie_asked(const struct rig *rig,
				   const struct json *params);

#define LIE_REPLY(name)                                                        \
	void lie_##name(struct rig *rig, const struct json *request,           \
			struct node_reply *reply)
#define LIE_CALL(name)                                                         \
	bool lie_##name(struct rig *rig, const char *method,                   \
			const struct json *params, struct buf *out)

/* About the whole reply; `moves` replaces the blocks from 8 on, once. */
LIE_REPLY(garbage);
LIE_REPLY(web_page);
LIE_REPLY(nothing);
LIE_REPLY(half);
LIE_REPLY(hangs_up);
LIE_REPLY(error_object);
LIE_REPLY(limited);
LIE_REPLY(limited_for_long);
LIE_REPLY(moves);

/* About single calls, by their methods. */
LIE_CALL(other_block);
LIE_CALL(other_hash);
LIE_CALL(receipt_left_out);
LIE_CALL(receipt_changed);
LIE_CALL(no_receipts);
LIE_CALL(null_receipts);
LIE_CALL(null_blocks);
LIE_CALL(unknown_method);
LIE_CALL(other_transactions);
LIE_CALL(other_range);
LIE_CALL(other_addresses);
LIE_CALL(lags);
LIE_CALL(stale_logs);
LIE_CALL(logs_twice);

#endif
