#ifndef GS_COMMON_LOG_H
#define GS_COMMON_LOG_H

#include "common/error.h"
#include <stdbool.h>

/* Lines to stderr: for people (text) or machines (one JSON object a line).
 * Under systemd (JOURNAL_STREAM) text lines carry a priority prefix (<6>...)
 * instead of a time. Only daemon/ logs. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct logger {
	enum log_level level;
	bool json;
	bool journal;
};

/* False, with out untouched, for a name we do not know. */
bool log_level_parse(enum log_level *out, const char *name) MUST_CHECK;
const char *log_level_name(enum log_level level);
void logger_init(struct logger *logger, enum log_level level, bool json);
/* One line, whatever it is made of: control characters are escaped. */
void log_write(const struct logger *logger, enum log_level level,
	       const char *fmt, ...) PRINTF_LIKE(3, 4);
#define log_error(l, ...) log_write((l), LOG_ERROR, __VA_ARGS__)
#define log_warn(l, ...) log_write((l), LOG_WARN, __VA_ARGS__)
#define log_info(l, ...) log_write((l), LOG_INFO, __VA_ARGS__)
#define log_debug(l, ...) log_write((l), LOG_DEBUG, __VA_ARGS__)

#endif
