#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/reply.h"
#include "tests/unit/lib_files.h"

/* What an array becomes here: the text of its elements. */
struct seen {
	size_t n;
	char text[256];
};

static void take(const void *arg, void *out, const struct json *element,
		 struct arena *arena)
{
	struct seen *seen = out;
	struct buf text;

	(void)arena;
	assert_string_equal(arg, "arg");
	buf_init(&text, sizeof(seen->text));
	json_print(&text, element);
	assert_int_equal(text.err, OK);
	strncat(seen->text, text.data, sizeof(seen->text) - 1);
	strncat(seen->text, ";", 2);
	seen->n++;
	buf_free(&text);
}

static const struct reply_reader reader = {sizeof(struct seen), take, "arg"};

/* The text in two pieces, or one byte after the other (cut SIZE_MAX). */
static void add_all(struct reply *reply, const char *text, size_t cut)
{
	size_t len = strlen(text);

	if (cut <= len) {
		assert_int_equal(reply_add(reply, text, cut), OK);
		assert_int_equal(reply_add(reply, text + cut, len - cut), OK);
		return;
	}
	for (size_t i = 0; i < len; i++)
		assert_int_equal(reply_add(reply, text + i, 1), OK);
}

struct expected {
	const char *text, *kept;
	/* What the first two answers' arrays become; NULL: they have none. */
	const char *arrays[2];
};

static void check_array(struct reply *reply, size_t i,
			const struct json *answer, const char *want)
{
	void *array;

	assert_int_equal(
	    reply_array(&array, reply, i, json_member(answer, "result")), OK);
	assert_int_equal(array != NULL, want != NULL);
	if (want)
		assert_string_equal(((struct seen *)array)->text, want);
}

static void check(const struct expected *want, size_t cut)
{
	struct fault fault = {0};
	struct json_doc *doc;
	const struct json *root;
	struct reply reply;
	struct buf kept;
	bool batch;

	assert_int_equal(reply_init(&reply, &reader, 4096), OK);
	add_all(&reply, want->text, cut);
	if (reply_end(&reply, &doc, &fault) != OK)
		fail_msg("%s, cut at %zu: %s", want->text, cut, fault.text);
	root = json_doc_root(doc);
	batch = json_kind(root) == JSON_KIND_ARRAY;
	buf_init(&kept, 4096);
	json_print(&kept, root);
	assert_string_equal(kept.data, want->kept);
	for (size_t i = 0; i < 2; i++)
		check_array(&reply, i,
			    batch    ? json_element(root, i)
			    : i == 0 ? root
				     : NULL,
			    want->arrays[i]);
	buf_free(&kept);
	json_doc_free(doc);
	reply_free(&reply);
}

static void arrays_are_read_wherever_they_are_cut(void **state)
{
	static const struct expected cases[] = {
	    {"{\"id\":7,\"result\":[{\"a\":[1,2]},{\"b\":{\"c\":3}}]}",
	     "{\"id\":7,\"result\":[]}",
	     {"{\"a\":[1,2]};{\"b\":{\"c\":3}};"}},
	    {" [ { \"result\" : [ 1 , \"]\\\"[,\" , null ] , \"id\" : 7 } ,"
	     " {\"result\":{\"x\":[5]},\"id\":8} ] ",
	     "[{\"result\":[],\"id\":7},{\"result\":{\"x\":[5]},\"id\":8}]",
	     {"1;\"]\\\"[,\";null;"}},
	    {"[{\"id\":1,\"result\":null},{\"id\":2,\"result\":[[\"\\\\\"]]}]",
	     "[{\"id\":1,\"result\":null},{\"id\":2,\"result\":[]}]",
	     {NULL, "[\"\\\\\"];"}},
	    {"[{\"result\":[ \n]},{\"result\":[{}]}]",
	     "[{\"result\":[]},{\"result\":[]}]",
	     {"", "{};"}},
	    /* Not what a call results in. */
	    {"{\"a\":{\"result\":[1]},\"b\":\"result\",\"c\":[2],"
	     "\"results\":[3],\"resul\":[4],\"resultresult\":[5]}",
	     "{\"a\":{\"result\":[1]},\"b\":\"result\",\"c\":[2],"
	     "\"results\":[3],\"resul\":[4],\"resultresult\":[5]}",
	     {NULL}},
	    {"{\"x\":\"result\",\"result\":[6]}",
	     "{\"x\":\"result\",\"result\":[]}",
	     {"6;"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++)
			check(&cases[i], cut);
		check(&cases[i], SIZE_MAX);
	}
}

/* The same name in other letters: then all of it is kept, and read later. */
static void a_name_with_escapes(void **state)
{
	static const struct expected want = {
	    "{\"res\\u0075lt\":[{\"a\":1},2]}",
	    "{\"result\":[{\"a\":1},2]}",
	    {"{\"a\":1};2;"},
	};

	(void)state;
	check(&want, 0);
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const bad[] = {
	    "{\"result\":[1,]}",
	    "{\"result\":[,1]}",
	    "{\"result\":[1 2]}",
	    "{\"result\":[{\"a\":1,\"a\":2}]}",
	    "{\"result\":[\"\xff\"]}",
	    "{\"result\":[\"\\ud800\"]}",
	    "{\"result\":[{]}]}",
	    "{\"result\":[}]}",
	    "{\"result\":[[}]]}",
	    "{\"result\":[1}",
	    "{\"result\":[1",
	    "{\"result\":[\"\\",
	    "{\"result\":[1]",
	    "{\"result\":[1]]",
	    "{\"result\":[1],\"result\":[2]}",
	    "{\"result\":[1] [2]}",
	    "{\"x\":\"result\":[1]}",
	    "{\"result\":[01]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (size_t cut = 0; cut <= strlen(bad[i]); cut++) {
			struct fault fault = {0};
			struct json_doc *doc;
			struct reply reply;

			assert_int_equal(reply_init(&reply, &reader, 4096), OK);
			add_all(&reply, bad[i], cut);
			if (reply_end(&reply, &doc, &fault) != ERR_NONSENSE)
				fail_msg("%s was accepted", bad[i]);
			assert_non_null(strstr(fault.text, "no JSON at byte"));
			reply_free(&reply);
		}
	}
}

static void without_a_reader_all_is_kept(void **state)
{
	static const char text[] = "{\"result\":[1,2]}";
	struct json_doc *doc;
	struct reply reply;
	void *array = &reply;

	(void)state;
	assert_int_equal(reply_init(&reply, NULL, 4096), OK);
	assert_int_equal(reply_add(&reply, text, strlen(text)), OK);
	assert_int_equal(reply_end(&reply, &doc, NULL), OK);
	assert_int_equal(json_count(json_member(json_doc_root(doc), "result")),
			 2);
	assert_int_equal(reply_array(&array, &reply, 0,
				     json_member(json_doc_root(doc), "result")),
			 OK);
	assert_null(array);
	json_doc_free(doc);
	reply_free(&reply);
}

static void count(const void *arg, void *out, const struct json *element,
		  struct arena *arena)
{
	(void)arg;
	(void)arena;
	assert_int_equal(json_kind(element), JSON_KIND_OBJECT);
	++*(size_t *)out;
}

/* As curl hands it over: of a large reply one element is held, no more. */
static void a_large_reply_is_not_held(void **state)
{
	static const struct reply_reader counter = {sizeof(size_t), count,
						    NULL};
	static const char element[] = "{\"address\":\"0x11\",\"topics\":[\"0x"
				      "2222\"],\"data\":\"0x3333\"},";
	const size_t times = 100000;
	struct reply reply;
	struct buf text;

	(void)state;
	buf_init(&text, 1u << 24);
	buf_puts(&text, "{\"result\":[");
	for (size_t i = 0; i < times; i++)
		buf_puts(&text, element);
	buf_puts(&text, "{}]}");
	assert_int_equal(text.err, OK);
	assert_int_equal(reply_init(&reply, &counter, 1u << 24), OK);
	for (size_t at = 0; at < text.len; at += 1000)
		assert_int_equal(
		    reply_add(&reply, text.data + at,
			      text.len - at < 1000 ? text.len - at : 1000),
		    OK);
	assert_string_equal(reply.kept.data, "{\"result\":[]}");
	assert_int_equal(*(size_t *)reply.arrays[0], times + 1);
	assert_true(reply.bytes == text.len);
	assert_true(reply.partial.size < 1024 && reply.kept.size < 1024);
	assert_true(arena_used(reply.arena) < 1024);
	reply_free(&reply);
	buf_free(&text);
}

static void the_cap_holds(void **state)
{
	static const char text[] = "{\"result\":[1,2,3,4,5]}";
	struct reply reply;

	(void)state;
	assert_int_equal(reply_init(&reply, &reader, 20), OK);
	assert_int_equal(reply_add(&reply, text, 20), OK);
	assert_int_equal(reply_add(&reply, text + 20, 1), ERR_LIMIT);
	reply_free(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arrays_are_read_wherever_they_are_cut),
	    cmocka_unit_test(a_name_with_escapes),
	    cmocka_unit_test(what_is_no_json_is_refused),
	    cmocka_unit_test(without_a_reader_all_is_kept),
	    cmocka_unit_test(a_large_reply_is_not_held),
	    cmocka_unit_test(the_cap_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
