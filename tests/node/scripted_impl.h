#ifndef GS_TESTS_NODE_SCRIPTED_IMPL_H
#define GS_TESTS_NODE_SCRIPTED_IMPL_H

#include "tests/node/scripted.h"

/* The inside of scripted.h; for scripted*.c and script*.c alone. */

#define METHODS_MOST 32
#define RULES_MOST 128

struct endpoint {
	struct endpoint *next;
	char name[64];
	unsigned number; /* for its dice */
	struct lie_rule *rules[RULES_MOST];
	size_t n_rules;
	uint64_t lag;
	bool stays;
	synth_index head; /* if it stays */
	struct scripted_counts counts;
	struct {
		char name[48];
		uint64_t calls;
	} methods[METHODS_MOST];
	uint64_t told[128]; /* by the lie's place in the table */
};

struct scripted {
	struct web *web;
	struct synth *synth;
	struct endpoint *endpoints;
	char url[64];
	void (*after)(void *arg);
	void *after_arg;
};

/* By the path, or by its name; made if need be. */
struct endpoint *scripted_endpoint(struct scripted *node, const char *name);
/* The newest block it has. */
synth_index scripted_tip(const struct scripted *node,
			 const struct endpoint *endpoint);

/* A web_answer; arg is the node. */
void scripted_answer(void *arg, const struct web_request *request,
		     struct web_reply *reply);

/* A command; false: there is none of that name. Appends `"result":...` or
 * `"error":...`. */
bool script_call(struct buf *out, struct scripted *node,
		 struct endpoint *endpoint, const char *method,
		 const struct json *params);
/* `"blocks":[...]` of script_truth, as far as from..to are there. */
void script_truth(struct buf *out, struct synth *synth, uint64_t from,
		  uint64_t to);
/* Reads the members of a density that are there; false: an unknown or bad one,
 * whose name is put into *why. */
bool script_density(struct density *out, const struct json *object,
		    const char **why);

#endif
