#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/utf8.h"

#define MESSAGE_SIZE 2048
/* The longest escape writes 6 bytes for one; the rest is time and level. */
#define LINE_SIZE (6 * MESSAGE_SIZE + 128)

static const struct {
	const char *name;
	int priority; /* sd-daemon(3) */
} levels[] = {
    [LOG_ERROR] = {"error", 3},
    [LOG_WARN] = {"warn", 4},
    [LOG_INFO] = {"info", 6},
    [LOG_DEBUG] = {"debug", 7},
};

bool log_level_parse(enum log_level *out, const char *name)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		if (strcmp(levels[i].name, name) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

const char *log_level_name(enum log_level level)
{
	return levels[level].name;
}

/* systemd.exec(5): the variable names the device and inode of the journal's
 * socket; a child whose stderr goes elsewhere inherits it all the same. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	char end;

	if (!stream ||
	    sscanf(stream, "%llu:%llu%c", &device, &inode, &end) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

void logger_init(struct logger *logger, enum log_level level, bool json)
{
	logger->level = level;
	logger->json = json;
	logger->journal = stderr_is_journal();
}

static char *escape_json(char *at, const char *s, size_t len)
{
	if (len == 0)
		return stpcpy(at, "\\ufffd");
	if (utf8_is_control(s))
		return at + sprintf(at, "\\u%04x", (unsigned char)s[len - 1]);
	if (*s == '"' || *s == '\\')
		*at++ = '\\';
	return mempcpy(at, s, len);
}

static char *escape_text(char *at, const char *s, size_t len)
{
	if (len > 0 && !utf8_is_control(s))
		return mempcpy(at, s, len);
	if (*s == '\n')
		return stpcpy(at, "\\n");
	if (*s == '\t')
		return stpcpy(at, "\\t");
	return at + sprintf(at, "\\x%02x", (unsigned char)s[len ? len - 1 : 0]);
}

static char *escape(char *at, const char *message, bool json)
{
	while (*message) {
		size_t len = utf8_length(message);

		at = json ? escape_json(at, message, len)
			  : escape_text(at, message, len);
		message += len ? len : 1;
	}
	return at;
}

static char *put_time(char *at)
{
	struct timespec now;
	struct tm tm;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0 ||
	    !gmtime_r(&now.tv_sec, &tm))
		return stpcpy(at, "-");
	at += strftime(at, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	return at + sprintf(at, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static char *put_line(char *at, const struct logger *logger,
		      enum log_level level, const char *message)
{
	if (logger->json) {
		at = put_time(stpcpy(at, "{\"time\":\""));
		at += sprintf(at, "\",\"level\":\"%s\",\"message\":\"",
			      levels[level].name);
		at = stpcpy(escape(at, message, true), "\"}");
	} else if (logger->journal) {
		at += sprintf(at, "<%d>", levels[level].priority);
		at = escape(at, message, false);
	} else {
		at = put_time(at);
		at += sprintf(at, " %-5s ", levels[level].name);
		at = escape(at, message, false);
	}
	*at++ = '\n';
	return at;
}

/* One write(2), so that lines of several processes do not mix; more only where
 * the kernel took a part. There is nobody to tell of a failure. */
static void write_all(const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

void log_write(const struct logger *logger, enum log_level level,
	       const char *fmt, ...)
{
	char message[MESSAGE_SIZE], line[LINE_SIZE];
	int saved = errno;
	va_list args;
	int len;

	if (level > logger->level)
		return;
	va_start(args, fmt);
	len = vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (len < 0)
		strcpy(message, "(a message that could not be formatted)");
	else if ((size_t)len >= sizeof(message))
		strcpy(message + sizeof(message) - 4, "...");
	write_all(line,
		  (size_t)(put_line(line, logger, level, message) - line));
	errno = saved;
}
