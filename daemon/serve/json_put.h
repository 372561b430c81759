#ifndef GS_DAEMON_SERVE_JSON_PUT_H
#define GS_DAEMON_SERVE_JSON_PUT_H

#include "common/buf.h"
#include <stdbool.h>
#include <stdint.h>

/* Writing JSON (RFC 8259), piece by piece. */

/* Appends text as a quoted string; NULL as null. What is no UTF-8 becomes
 * U+FFFD. */
void json_put_string(struct buf *out, const char *text);

/* Appends `"name":`, after a comma where a member went before. */
void json_put_name(struct buf *out, const char *name);

/* json_put_name and the value. */
void json_put_text(struct buf *out, const char *name, const char *text);
void json_put_bool(struct buf *out, const char *name, bool value);
void json_put_u64(struct buf *out, const char *name, uint64_t value);
/* Three decimals; what no JSON number can say becomes null. */
void json_put_seconds(struct buf *out, const char *name, double value);

#endif
