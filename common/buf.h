#ifndef GS_COMMON_BUF_H
#define GS_COMMON_BUF_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

/* A growing text or byte buffer with a hard cap. Its error is sticky: after
 * the first failure every further call does nothing, so that a writer checks
 * once, at its end. data is always NUL-terminated (the NUL is not in len). */
struct buf {
	char *data; /* "" before the first byte; owned by the buf */
	size_t len;
	size_t size;
	size_t cap;
	enum err err; /* OK, ERR_NOMEM or ERR_LIMIT */
};

void buf_init(struct buf *buf, size_t cap);
void buf_free(struct buf *buf);
void buf_reset(struct buf *buf); /* len 0, error cleared, memory kept */

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_hex(struct buf *buf, const void *data, size_t len);

#endif
