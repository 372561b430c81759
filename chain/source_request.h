#ifndef GS_CHAIN_SOURCE_REQUEST_H
#define GS_CHAIN_SOURCE_REQUEST_H

#include "chain/ask.h"
#include "chain/proof.h"

/* What the parts of the source share; nobody else includes this. */

struct source {
	const struct config *config;
	struct asker *asker;
	struct source_observer observer;
	struct prover prover;
	struct secp256k1_context_struct *secp;
	struct source_request *requests;
	uint64_t highest; /* block that was had; not what a node only names */
	unsigned head_polls;
	/* The chain has receipts of types that we do not know. */
	bool no_receipts;
	bool closing;
	void (*closed)(void *arg);
	void *closed_arg;
};

/* The head of every kind of request. */
struct source_request {
	struct source *source;
	struct source_request *next, **link;
	/* Cancels what is under way and frees the request. */
	void (*free)(struct source_request *request);
};

void request_open(struct source_request *request, struct source *source,
		  void (*free)(struct source_request *request));

/* source_span under VERIFY_OFF and VERIFY_BLOOM (chain/logs.h). */
enum err logs_span(struct source *source, uint64_t from, uint64_t to,
		   struct arena *arena, source_span_cb cb, void *arg,
		   struct source_request **out) MUST_CHECK;

/* A span up to this block was had. */
void source_reached(struct source *source, uint64_t number);

/* Proven and linked blocks as a span, which is had herewith. NULL: no memory. */
struct span *source_span_of(struct source *source, struct arena *arena,
			    struct block *blocks, size_t n);

/* Counts a reply that did not prove, and asks others first for a while. */
void source_incomplete(struct source *source, struct endpoint *endpoint,
		       const struct fault *fault);

/* A header as chain.verify wants it: proven, or believed (VERIFY_OFF). */
enum err source_header(const struct source *source, struct header *out,
		       const struct json *block, struct arena *arena,
		       struct fault *fault) MUST_CHECK;

/* Puts the node and the block before the sentence; returns fault->code. */
enum err source_blame(struct fault *fault, const struct ask *ask,
		      uint64_t number);

/* How often what failed is asked again before the request fails. */
#define SOURCE_ATTEMPTS 6

/* What to do when an answer is none. */
enum remedy {
	REMEDY_NONE,  /* fail */
	REMEDY_LESS,  /* ask for less, at once */
	REMEDY_AGAIN, /* the same once more, after ask_backoff(*failures) */
	REMEDY_ANEW,  /* so, but from the beginning: the chain may have moved */
};
/* divisible: less can be asked for. *failures counts; a timeout, which costs
 * half a minute, counts twice. */
enum remedy source_remedy(enum err err, bool divisible, unsigned *failures);
/* How long to wait before that, after so many failures. What is not there yet is
 * asked for again soon: it is about to come, or one of several nodes behind a
 * balancer has it. */
uint64_t source_pause(enum err err, unsigned failures);

#endif
