#ifndef GS_TESTS_LIB_RIG_H
#define GS_TESTS_LIB_RIG_H

#include "chain/source.h"
#include "tests/unit/lib_chain.h"
#include "tests/unit/lib_node.h"

/* A source, the node it asks, and the chain behind that: all on one loop. */
struct rig {
	uv_loop_t *loop;
	struct made_chain *chain;
	struct node_script script;
	struct node *node; /* NULL: nobody listens */
	struct config config;
	struct config_endpoint endpoints[2]; /* "first"; "second", unused */
	struct catalog *catalog;
	struct source *source;
	struct arena *arena;

	/* How the node departs from the truth; both may be NULL. call appends
	 * and returns true to answer in its own way. */
	bool (*call)(struct rig *rig, const char *method,
		     const struct json *params, struct buf *out);
	void (*reply)(struct rig *rig, const struct json *request,
		      struct node_reply *reply);
	unsigned lies;		  /* for them to count in, */
	unsigned most;		  /* and to stop at */
	uint64_t from;		  /* the first block they are about */
	struct made_chain *other; /* the test's own */

	unsigned incomplete;
	unsigned believed;
	unsigned failed_requests;
	char why[512]; /* the last incomplete one */

	/* What came of the last question. */
	struct source_request *request;
	bool done;
	unsigned answers;
	enum err err;
	struct fault fault;
	struct source_head head;
	struct block_ref ref;
	struct span *span;
	char text[128];
	struct source_transaction tx;
	uint64_t numbers[64];
	size_t n_numbers;
};

/* A chain of n blocks of this plan; the source is not started. */
struct rig *rig_new(uv_loop_t *loop, size_t n, const struct made_plan *plan);
void rig_start(struct rig *rig);
void rig_close_source(struct rig *rig); /* and waits for it */
void rig_free(struct rig *rig);

/* Start a question; rig_wait waits for its answer and returns its err. */
void rig_head(struct rig *rig);
void rig_next(struct rig *rig, uint64_t number); /* sets head and span */
void rig_ref(struct rig *rig, uint64_t number);
void rig_call(struct rig *rig, const char *method);
void rig_transaction(struct rig *rig, const struct hash *hash);
void rig_span(struct rig *rig, uint64_t from, uint64_t to);
void rig_blocks(struct rig *rig, const struct address *wallets, size_t n,
		uint64_t from, uint64_t to);
enum err rig_wait(struct rig *rig);
/* The request is still under way, or was until now: nothing may come of it. */
void rig_cancel(struct rig *rig);

/* The span is from..to of the chain, and holds its transfers, all of them. */
void rig_check_span(const struct rig *rig, uint64_t from, uint64_t to);

#endif
