#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "common/log.h"

/* stderr becomes a file for the time of one test. */
struct capture {
	FILE *file;
	int saved;
	char text[32768];
};

static int setup(void **state)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (!c)
		return -1;
	c->file = tmpfile();
	c->saved = dup(STDERR_FILENO);
	*state = c;
	return c->file && c->saved >= 0 &&
		       dup2(fileno(c->file), STDERR_FILENO) >= 0
		   ? 0
		   : -1;
}

static int teardown(void **state)
{
	struct capture *c = *state;

	unsetenv("JOURNAL_STREAM");
	(void)dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	fclose(c->file);
	free(c);
	return 0;
}

/* What was written since the last call. */
static const char *captured(struct capture *c)
{
	ssize_t n = pread(STDERR_FILENO, c->text, sizeof(c->text) - 1, 0);

	assert_true(n >= 0);
	c->text[n] = '\0';
	assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
	assert_int_equal(lseek(STDERR_FILENO, 0, SEEK_SET), 0);
	return c->text;
}

static void text_lines(void **state)
{
	struct logger logger;
	const char *line;

	logger_init(&logger, LOG_INFO, false);
	log_info(&logger, "block %d", 7);
	line = captured(*state);
	/* 2026-11-23T12:00:00.123Z info  block 7 */
	assert_int_equal(strlen(line), 24 + 1 + 6 + 7 + 1);
	assert_int_equal(line[10], 'T');
	assert_int_equal(line[19], '.');
	assert_int_equal(line[23], 'Z');
	assert_string_equal(line + 24, " info  block 7\n");
	log_error(&logger, "x");
	assert_string_equal(captured(*state) + 24, " error x\n");
}

static void levels_are_kept(void **state)
{
	struct logger logger;
	enum log_level level = LOG_WARN;

	logger_init(&logger, LOG_WARN, false);
	log_info(&logger, "no");
	log_debug(&logger, "no");
	assert_string_equal(captured(*state), "");
	log_warn(&logger, "yes");
	assert_string_not_equal(captured(*state), "");
	assert_true(log_level_parse(&level, "debug") && level == LOG_DEBUG);
	assert_false(log_level_parse(&level, "INFO"));
	assert_false(log_level_parse(&level, ""));
	assert_int_equal(level, LOG_DEBUG);
	assert_string_equal(log_level_name(LOG_ERROR), "error");
}

static void controls_are_escaped(void **state)
{
	struct logger logger;

	logger_init(&logger, LOG_INFO, false);
	log_info(&logger, "a\nb\tc\x1b[31m\x7f\xc2\x9b\xff\xc3(\xc3\xa9 \\");
	assert_string_equal(captured(*state) + 31,
			    "a\\nb\\tc\\x1b[31m\\x7f\\x9b\\xff\\xc3(\xc3\xa9 "
			    "\\\n");
}

static void json_lines(void **state)
{
	struct logger logger;
	const char *line;
	json_t *json;

	logger_init(&logger, LOG_INFO, true);
	log_warn(&logger, "a\n\"b\"\\\x01\xc2\x9b\xff\xed\xa0\x80\xf0\x9f\x98"
			  "\x80");
	line = captured(*state);
	assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
	json = json_loads(line, 0, NULL);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "level")),
			    "warn");
	assert_int_equal(
	    strlen(json_string_value(json_object_get(json, "time"))), 24);
	assert_string_equal(json_string_value(json_object_get(json, "message")),
			    "a\n\"b\"\\\x01\xc2\x9b\xef\xbf\xbd\xef\xbf\xbd\xef"
			    "\xbf\xbd\xef\xbf\xbd\xf0\x9f\x98\x80");
	json_decref(json);
}

static void a_long_message_is_cut(void **state)
{
	struct logger logger;
	char longer[10000];
	const char *line;

	memset(longer, '\x01', sizeof(longer) - 1); /* the longest escape */
	longer[sizeof(longer) - 1] = '\0';
	for (int json = 0; json < 2; json++) {
		logger_init(&logger, LOG_INFO, json);
		log_info(&logger, "%s", longer);
		line = captured(*state);
		assert_non_null(strstr(line, json ? "...\"}\n" : "...\n"));
		assert_true(strlen(line) < 6 * 2048 + 128);
	}
}

static void the_journal_gets_priorities(void **state)
{
	struct logger logger;
	struct stat st;
	char stream[64];

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%llu:%llu",
		       (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	logger_init(&logger, LOG_DEBUG, false);
	log_error(&logger, "e\nx");
	log_warn(&logger, "w");
	log_info(&logger, "i");
	log_debug(&logger, "d");
	assert_string_equal(captured(*state), "<3>e\\nx\n<4>w\n<6>i\n<7>d\n");
	/* inherited from a service, but stderr goes elsewhere */
	assert_int_equal(setenv("JOURNAL_STREAM", "1:1", 1), 0);
	logger_init(&logger, LOG_DEBUG, false);
	assert_false(logger.journal);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(text_lines),
	    TEST(levels_are_kept),
	    TEST(controls_are_escaped),
	    TEST(json_lines),
	    TEST(a_long_message_is_cut),
	    TEST(the_journal_gets_priorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
