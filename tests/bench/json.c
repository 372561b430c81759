#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yajl/yajl_parse.h>

#include "chain/parse.h"
#include "chain/reply.h"

/* bench_json FILE: reads the reply of eth_getLogs in FILE again and again, by
 * each engine, and prints for each the MB and the logs it reads a second. ./dev
 * bench json runs it beside json_simdjson.cpp. */

#define SECONDS 2.0
/* What curl hands over at a time. */
#define PIECE (16u << 10)

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_json: %s\n", what);
	exit(1);
}

/* The tree, and nothing read from it. */
static size_t by_jansson(const char *text, size_t len)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	size_t n = json_array_size(json_object_get(root, "result"));

	json_decref(root);
	return n;
}

static int on_bytes(void *arg, const unsigned char *text, size_t len)
{
	(void)arg;
	(void)text;
	(void)len;
	return 1;
}

static int on_start(void *arg)
{
	++*(size_t *)arg;
	return 1;
}

/* The callbacks, which do nothing. */
static size_t by_yajl(const char *text, size_t len)
{
	static const yajl_callbacks callbacks = {
	    .yajl_string = on_bytes,
	    .yajl_map_key = on_bytes,
	    .yajl_start_map = on_start,
	};
	size_t n = 0;
	yajl_handle yajl = yajl_alloc(&callbacks, NULL, &n);

	must(yajl, "no memory");
	for (size_t at = 0; at < len; at += PIECE)
		must(yajl_parse(yajl, (const unsigned char *)text + at,
				len - at < PIECE ? len - at : PIECE) ==
			 yajl_status_ok,
		     "yajl refuses it");
	must(yajl_complete_parse(yajl) == yajl_status_ok, "yajl refuses it");
	yajl_free(yajl);
	return n - 1; /* the reply is an object, too */
}

/* The index of the whole. */
static size_t by_index(const char *text, size_t len)
{
	struct json_doc *doc;
	size_t n;

	must(json_doc_parse(&doc, text, len, NULL) == OK, "it is refused");
	n = json_count(json_member(json_doc_root(doc), "result"));
	json_doc_free(doc);
	return n;
}

static void take_log(const void *arg, void *out, const struct json *element,
		     struct arena *arena)
{
	struct found_log log;

	(void)arg;
	if (parse_next_log(&log, out, element, arena) == OK)
		parse_keep_log(out, &log, arena);
}

/* As the daemon does it: every log decoded and kept. */
static size_t by_us(const char *text, size_t len)
{
	static const struct reply_reader reader = {sizeof(struct found_logs),
						   take_log, NULL};
	const struct found_logs *logs;
	struct json_doc *doc;
	struct reply reply;
	size_t n;

	must(reply_init(&reply, &reader, len) == OK, "no memory");
	for (size_t at = 0; at < len; at += PIECE)
		must(reply_add(&reply, text + at,
			       len - at < PIECE ? len - at : PIECE) == OK,
		     "it is refused");
	must(reply_end(&reply, &doc, NULL) == OK, "it is refused");
	logs = reply.arrays[0];
	must(logs && logs->err == OK, "its logs are refused");
	n = logs->n;
	json_doc_free(doc);
	reply_free(&reply);
	return n;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(const char *name, size_t (*read)(const char *, size_t),
		    const char *text, size_t len)
{
	double began = now(), seconds;
	size_t logs = read(text, len), times = 1;

	must(logs > 0, "there are no logs in it");
	while ((seconds = now() - began) < SECONDS) {
		must(read(text, len) == logs, "another number of logs");
		times++;
	}
	printf("%s\t%.0f\t%.0f\n", name, (double)(times * len) / 1e6 / seconds,
	       (double)(times * logs) / seconds);
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	struct buf text;
	char piece[65536];
	size_t n;

	must(file, "bench_json FILE");
	buf_init(&text, 1u << 28);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(&text, piece, n);
	must(!ferror(file) && text.err == OK, "the file cannot be read");
	(void)fclose(file);
	measure("jansson", by_jansson, text.data, text.len);
	measure("yajl", by_yajl, text.data, text.len);
	measure("index", by_index, text.data, text.len);
	measure("logs", by_us, text.data, text.len);
	buf_free(&text);
	return 0;
}
