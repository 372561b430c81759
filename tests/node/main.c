#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node/must.h"
#include "tests/node/scripted_impl.h"

/* The scripted node as a program: see tests/node/scripted.h. */

static const char usage[] =
    "usage: scripted-node [--port N] [--seed N] [--rules JSON] [--until-eof]\n"
    "rules: {\"chain_id\", \"ours\", \"strangers\", \"first_time\", "
    "\"block_time\",\n        \"header_fields\", \"density\": {...}, \"keep\": "
    "0 or 1}\n";

struct program {
	uv_loop_t loop;
	uv_signal_t term, interrupt;
	uv_pipe_t input;
	bool has_input;
	struct scripted *node;
	struct synth *synth;
};

__attribute__((noreturn)) static void wrong(const char *what)
{
	(void)fprintf(stderr, "scripted-node: %s\n%s", what, usage);
	exit(2);
}

static uint64_t number_of(const char *text)
{
	uint64_t value;

	if (decimal_parse_u64(&value, text) != OK)
		wrong(text);
	return value;
}

static uint64_t member(const struct json *object, const char *name,
		       uint64_t otherwise)
{
	int64_t value;

	if (json_kind(json_member(object, name)) == JSON_KIND_ABSENT)
		return otherwise;
	if (!json_int(&value, json_member(object, name)) || value < 0)
		wrong(name);
	return (uint64_t)value;
}

static void read_rules(struct synth_rules *rules, const char *text)
{
	const char *why;
	struct fault fault = {0};
	struct json_doc *doc;
	const struct json *root;

	if (json_doc_parse(&doc, text, strlen(text), &fault) != OK)
		wrong(fault.text);
	root = json_doc_root(doc);
	rules->chain_id = member(root, "chain_id", rules->chain_id);
	rules->ours = (uint32_t)member(root, "ours", rules->ours);
	rules->strangers =
	    (uint32_t)member(root, "strangers", rules->strangers);
	rules->first_time = member(root, "first_time", rules->first_time);
	rules->block_time =
	    (uint32_t)member(root, "block_time", rules->block_time);
	rules->header_fields =
	    (unsigned)member(root, "header_fields", rules->header_fields);
	rules->keep = member(root, "keep", 0) != 0;
	if (!script_density(&rules->density, json_member(root, "density"),
			    &why))
		wrong(why);
	json_doc_free(doc);
}

static void end(struct program *p)
{
	if (!p->node)
		return;
	scripted_close(p->node);
	p->node = NULL;
	uv_close((uv_handle_t *)&p->term, NULL);
	uv_close((uv_handle_t *)&p->interrupt, NULL);
	if (p->has_input)
		uv_close((uv_handle_t *)&p->input, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	end(handle->data);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
	static char ignored[256];

	(void)handle;
	(void)size;
	*out = uv_buf_init(ignored, sizeof(ignored));
}

static void on_input(uv_stream_t *stream, ssize_t n, const uv_buf_t *data)
{
	(void)data;
	if (n < 0)
		end(stream->data);
}

static void watch(struct program *p, bool until_eof)
{
	must(uv_signal_init(&p->loop, &p->term) == 0);
	must(uv_signal_init(&p->loop, &p->interrupt) == 0);
	p->term.data = p->interrupt.data = p->input.data = p;
	must(uv_signal_start(&p->term, on_signal, SIGTERM) == 0);
	must(uv_signal_start(&p->interrupt, on_signal, SIGINT) == 0);
	if (!until_eof)
		return;
	p->has_input = true;
	must(uv_pipe_init(&p->loop, &p->input, 0) == 0);
	must(uv_pipe_open(&p->input, 0) == 0);
	must(uv_read_start((uv_stream_t *)&p->input, on_room, on_input) == 0);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"port", required_argument, NULL, 'p'},
	    {"seed", required_argument, NULL, 's'},
	    {"rules", required_argument, NULL, 'r'},
	    {"until-eof", no_argument, NULL, 'e'},
	    {0},
	};
	struct synth_rules rules = synth_rules_of(1);
	struct program p = {0};
	bool until_eof = false;
	uint64_t port = 0;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'p')
			port = number_of(optarg);
		else if (c == 's')
			rules.seed = number_of(optarg);
		else if (c == 'r')
			read_rules(&rules, optarg);
		else if (c == 'e')
			until_eof = true;
		else
			wrong("unknown option");
	}
	if (port > UINT16_MAX || optind != argc)
		wrong("arguments");
	(void)signal(SIGPIPE, SIG_IGN);
	must(uv_loop_init(&p.loop) == 0);
	p.synth = synth_new(&rules);
	p.node = scripted_new(&p.loop, (uint16_t)port, p.synth);
	watch(&p, until_eof);
	printf("%s\n", scripted_url(p.node));
	(void)fflush(stdout);
	(void)uv_run(&p.loop, UV_RUN_DEFAULT);
	must(uv_loop_close(&p.loop) == 0);
	synth_free(p.synth);
	return 0;
}
