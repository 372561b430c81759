#ifndef GS_CHAIN_REPLY_H
#define GS_CHAIN_REPLY_H

#include "chain/json.h"
#include "common/arena.h"

/* The body of a JSON-RPC reply, read while it arrives. An array that a call
 * results in may be large (logs, receipts); whoever asked can read it element
 * by element, and then only the element that is still arriving is held:
 *
 *   arrives   [{"id":7,"result":[{..},{..},{..}]},{"id":8,"result":{..}}]
 *   is kept   [{"id":7,"result":[]},              {"id":8,"result":{..}}]
 *
 * Which call an array answers may come behind it, so that every array of the
 * reply is read in the same way. */

/* Reads such arrays. */
struct reply_reader {
	/* Bytes of what one array becomes, which are zero at first. */
	size_t size;
	/* Its next element becomes part of out; what that keeps goes into
	 * arena. What is wrong with it is noted in out: the rest of the reply
	 * is still to be read. element lives during the call. */
	void (*element)(const void *arg, void *out, const struct json *element,
			struct arena *arena);
	const void *arg;
};

/* Answers that are read so, from the first; arrays of others are kept. */
#define REPLY_ARRAYS_MOST 128

struct reply {
	const struct reply_reader *reader; /* NULL: all is kept; borrowed */
	struct buf kept;
	struct json_doc *element; /* the last one */
	struct buf partial;	  /* what has arrived of an element */
	struct arena *arena;
	void *arrays[REPLY_ARRAYS_MOST]; /* by answer; NULL: it has none */
	enum err err;			 /* sticky */
	struct fault fault;
	size_t bytes; /* that have arrived */

	/* Where it is, outside and inside an array that is read. */
	unsigned depth;	      /* open brackets, those of an element left out */
	unsigned entry_depth; /* at which members of an answer stand */
	size_t n_entries;     /* answers that have begun */
	bool in_string, escaped;
	char name[sizeof("result\"") - 1]; /* a member's, or its beginning */
	size_t name_len;
	/* Behind "result", behind the colon after it. */
	enum { REPLY_ELSEWHERE, REPLY_NAME, REPLY_COLON } lead;
	void *array;	   /* the one that is arriving, or NULL */
	size_t n_elements; /* of it */
	size_t inside;	   /* open brackets of its element */
};

/* cap: bytes of the body. ERR_NOMEM. */
enum err reply_init(struct reply *reply, const struct reply_reader *reader,
		    size_t cap) MUST_CHECK;
void reply_free(struct reply *reply);
/* The next piece. ERR_LIMIT above cap, ERR_NOMEM; what is no JSON is only told
 * at the end. */
enum err reply_add(struct reply *reply, const char *data,
		   size_t len) MUST_CHECK;
/* All of it has arrived: what was kept. Errors are those of json_doc_parse. */
enum err reply_end(struct reply *reply, struct json_doc **out,
		   struct fault *fault) MUST_CHECK;
/* What the array became that answer i (in the reply's order) results in; NULL:
 * that is no array, or there is no reader. value: what was kept of it. Lives
 * as long as reply. ERR_NOMEM. */
enum err reply_array(void **out, struct reply *reply, size_t i,
		     const struct json *value) MUST_CHECK;

#endif
