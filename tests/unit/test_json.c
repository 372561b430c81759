#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/fields.h"
#include "tests/unit/lib_files.h"

static enum err parse(const char *text, size_t len, struct fault *fault)
{
	struct json_doc *doc = NULL;
	enum err err = json_doc_parse(&doc, text, len, fault);

	assert_true((err == OK) == (doc != NULL));
	json_doc_free(doc);
	return err;
}

static void values_are_reached(void **state)
{
	struct json_doc *doc = json_doc_of(
	    "{\"a\":[1,\"x\",null,true],\"b\":{\"c\":-5},\"r\":1.5}");
	const struct json *root = json_doc_root(doc);
	const struct json *array = json_member(root, "a");
	int64_t number = 7;
	size_t len = 0;
	bool truth = false;

	(void)state;
	assert_int_equal(json_kind(root), JSON_KIND_OBJECT);
	assert_int_equal(json_count(root), 3);
	assert_int_equal(json_kind(array), JSON_KIND_ARRAY);
	assert_int_equal(json_count(array), 4);
	assert_true(json_int(&number, json_element(array, 0)));
	assert_int_equal(number, 1);
	assert_string_equal(json_text(json_element(array, 1), &len), "x");
	assert_int_equal(len, 1);
	assert_int_equal(json_kind(json_element(array, 2)), JSON_KIND_NULL);
	assert_true(json_bool(&truth, json_element(array, 3)));
	assert_true(truth);
	assert_true(json_int(&number, json_at(root, "b/c")));
	assert_int_equal(number, -5);
	assert_int_equal(json_kind(json_member(root, "r")), JSON_KIND_REAL);
	json_doc_free(doc);
}

/* The absent value answers every question. */
static void absence_is_a_value(void **state)
{
	struct json_doc *doc = json_doc_of("\"text\"");
	const struct json *text = json_doc_root(doc);
	int64_t number = 7;
	bool truth = true;
	struct buf out;

	(void)state;
	assert_null(json_member(NULL, "a"));
	assert_null(json_member(text, "a"));
	assert_null(json_element(NULL, 0));
	assert_null(json_element(text, 0));
	assert_null(json_text(NULL, NULL));
	assert_int_equal(json_count(NULL), 0);
	assert_int_equal(json_count(text), 0);
	assert_int_equal(json_kind(NULL), JSON_KIND_ABSENT);
	assert_false(json_int(&number, text));
	assert_false(json_int(&number, NULL));
	assert_false(json_bool(&truth, NULL));
	assert_int_equal(number, 7);
	buf_init(&out, 16);
	json_print(&out, NULL);
	assert_string_equal(out.data, "null");
	buf_free(&out);
	json_doc_free(doc);
	json_doc_free(NULL);
}

static void printing_gives_it_back(void **state)
{
	static const char text[] =
	    "{\"a\":[1,\"x\\n\",null,true,{}],\"b\":\"0x00\"}";
	struct json_doc *doc = json_doc_of(text);
	struct buf out;

	(void)state;
	buf_init(&out, 256);
	json_print(&out, json_doc_root(doc));
	assert_int_equal(out.err, OK);
	assert_string_equal(out.data, text);
	buf_free(&out);
	buf_init(&out, 8);
	json_print(&out, json_doc_root(doc));
	assert_int_equal(out.err, ERR_LIMIT);
	buf_free(&out);
	json_doc_free(doc);
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    " ",
	    "<html><body>502 Bad Gateway</body></html>",
	    "{\"result\":",
	    "{\"a\":1,\"a\":1}",
	    "{\"a\":1} trailing",
	    "{'a':1}",
	    "[1,]",
	    "nul",
	    "\"\xff\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault fault = {0};

		if (parse(bad[i], strlen(bad[i]), &fault) != ERR_NONSENSE)
			fail_msg("%s was accepted", bad[i]);
		assert_non_null(strstr(fault.text, "no JSON at byte"));
	}
}

/* "0x1\u0000junk" must not pass for "0x1". */
static void a_nul_hides_nothing(void **state)
{
	struct json_doc *doc = json_doc_of("{\"n\":\"0x1\\u0000junk\"}");
	struct fault fault = {0};
	struct fields f;
	uint64_t n = 7;

	(void)state;
	assert_int_equal(parse("1\0", 2, &fault), ERR_NONSENSE);
	assert_int_equal(parse("1\0]", 3, &fault), ERR_NONSENSE);
	assert_null(json_text(json_at(json_doc_root(doc), "n"), NULL));
	fields_open(&f, json_doc_root(doc), &fault, "thing");
	fields_u64(&f, "n", &n);
	assert_int_equal(f.err, ERR_NONSENSE);
	assert_int_equal(n, 7);
	json_doc_free(doc);
}

static void check_quantity(const char *value, enum err want64, enum err want256)
{
	char text[256];
	struct json_doc *doc;
	struct fault fault = {0};
	struct fields f;
	struct u256 wide;
	uint64_t n = 7;

	(void)snprintf(text, sizeof(text), "{\"n\":%s}", value);
	doc = json_doc_of(text);
	fields_open(&f, json_doc_root(doc), &fault, "thing");
	fields_u64(&f, "n", &n);
	if (f.err != want64)
		fail_msg("%s as 64 bits: %s", value, fault.text);
	if (want64 != OK)
		assert_non_null(strstr(fault.text, "thing: n "));
	fields_open(&f, json_doc_root(doc), &fault, "thing");
	fields_u256(&f, "n", &wide);
	if (f.err != want256)
		fail_msg("%s as 256 bits: %s", value, fault.text);
	json_doc_free(doc);
}

static void quantities_follow_the_grammar(void **state)
{
	static const char *const good[] = {"\"0x0\"", "\"0x1\"", "\"0xa0\"",
					   "\"0xffffffffffffffff\""};
	static const char *const bad[] = {
	    "\"0x\"",  "\"0x00\"", "\"0x01\"", "\"1\"",	   "\"\"", "\"0X1\"",
	    "\"0xA\"", "\"0x1 \"", "\" 0x1\"", "\"0x-1\"", "1",	   "null",
	    "true",    "[]",	   "{}",       "1.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_quantity(good[i], OK, OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_quantity(bad[i], ERR_NONSENSE, ERR_NONSENSE);
	check_quantity("\"0x10000000000000000\"", ERR_NONSENSE, OK);
	check_quantity("\"0xffffffffffffffffffffffffffffffffffffffffffffffffff"
		       "ffffffffffffff\"",
		       ERR_NONSENSE, OK);
	check_quantity("\"0x10000000000000000000000000000000000000000000000000"
		       "000000000000000\"",
		       ERR_NONSENSE, ERR_NONSENSE);
}

static void the_first_error_stays(void **state)
{
	struct json_doc *doc = json_doc_of("{\"a\":\"x\",\"b\":\"y\"}");
	struct arena *arena = arena_new(1024);
	struct fault fault = {0};
	struct fields f;
	struct bytes data = {NULL, 0};
	uint64_t n;

	(void)state;
	assert_non_null(arena);
	fields_open(&f, json_doc_root(doc), &fault, "thing %d", 5);
	fields_u64(&f, "a", &n);
	fields_u64(&f, "b", &n);
	fields_data(&f, "b", &data, 8, arena);
	assert_null(fields_array(&f, "b", 8));
	assert_null(fields_room(&f, arena, 1, 1));
	assert_int_equal(f.err, ERR_NONSENSE);
	assert_int_equal(fault.code, ERR_NONSENSE);
	assert_string_equal(fault.text, "thing 5: a is no quantity");
	assert_null(data.data);
	arena_free(arena);
	json_doc_free(doc);
}

static void sizes_are_capped(void **state)
{
	struct json_doc *doc = json_doc_of("{\"d\":\"0x112233\",\"a\":[1,2]}");
	struct arena *arena = arena_new(1024);
	struct fields f;
	struct bytes data;

	(void)state;
	assert_non_null(arena);
	fields_open(&f, json_doc_root(doc), NULL, "thing");
	fields_data(&f, "d", &data, 3, arena);
	assert_non_null(fields_array(&f, "a", 2));
	assert_int_equal(f.err, OK);
	assert_int_equal(data.len, 3);
	assert_memory_equal(data.data, "\x11\x22\x33", 3);
	fields_data(&f, "d", &data, 2, arena);
	assert_int_equal(f.err, ERR_NONSENSE);
	fields_open(&f, json_doc_root(doc), NULL, "thing");
	assert_null(fields_array(&f, "a", 1));
	assert_int_equal(f.err, ERR_NONSENSE);
	fields_open(&f, json_doc_root(doc), NULL, "thing");
	assert_null(fields_room(&f, arena, SIZE_MAX, 2));
	assert_int_equal(f.err, ERR_NOMEM);
	arena_free(arena);
	json_doc_free(doc);
}

/* RFC 8259 leaves names that stand twice to the reader: we refuse them, so
 * that nobody reads a field other than we did. The engine has no NUL in
 * names. */
static bool refused_on_purpose(const char *name)
{
	return strcmp(name, "y_object_duplicated_key.json") == 0 ||
	       strcmp(name, "y_object_duplicated_key_and_value.json") == 0 ||
	       strcmp(name, "y_object_escaped_null_in_key.json") == 0;
}

static void corpus_hostile(void **state)
{
	DIR *folder = opendir(CORPORA "/json/test_parsing");
	const struct dirent *entry;
	size_t n = 0;

	(void)state;
	if (!folder) {
		print_message("skipped: no json in the corpora\n");
		skip();
	}
	while ((entry = readdir(folder))) {
		char path[512];
		size_t len;
		char *text;
		bool good;

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "json/test_parsing/%s",
			       entry->d_name);
		text = corpus_text(path, &len);
		good = parse(text, len, NULL) == OK;
		if (entry->d_name[0] == 'n' && good)
			fail_msg("%s was accepted", entry->d_name);
		if (entry->d_name[0] == 'y' &&
		    good == refused_on_purpose(entry->d_name))
			fail_msg("%s: %d", entry->d_name, good);
		free(text);
		n++;
	}
	(void)closedir(folder);
	assert_true(n > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_reached),
	    cmocka_unit_test(absence_is_a_value),
	    cmocka_unit_test(printing_gives_it_back),
	    cmocka_unit_test(what_is_no_json_is_refused),
	    cmocka_unit_test(a_nul_hides_nothing),
	    cmocka_unit_test(quantities_follow_the_grammar),
	    cmocka_unit_test(the_first_error_stays),
	    cmocka_unit_test(sizes_are_capped),
	    cmocka_unit_test(corpus_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
