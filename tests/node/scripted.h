#ifndef GS_TESTS_NODE_SCRIPTED_H
#define GS_TESTS_NODE_SCRIPTED_H

#include "tests/node/lies.h"

/* A scripted Ethereum node: a synthetic chain served as JSON-RPC over HTTP, by
 * endpoints that share the truth and lie each for itself. An endpoint is the
 * path of a URL, and there when somebody first asks: http://127.0.0.1:PORT/a.
 *
 * In a test's own process, by the functions below. As a program,
 * `scripted-node [--port N] [--seed N] [--rules JSON]`: it prints its URL,
 * serves until SIGTERM (or its standard input ends, with --until-eof), and is
 * commanded by JSON-RPC on the same port. Each command takes one object of
 * named parameters (as `params` or as its only element) and answers when it has
 * taken effect. Those in [] may be left out.
 *
 *   script_mine      [blocks: 1], [density: {empty, busy, transfers, batch,
 *                    ours, payouts, noise, odd, failed, streams}] (struct
 *                    density; what is left out is the rules')
 *   script_fork      depth, [blocks: depth + 1], [carry: 500], [density]: the
 *                    newest `depth` blocks go, others come; of the payments
 *                    that lost their block `carry` in 1000 are included again
 *   script_switch    hash, [carry: 500]: a block that was forked away, and those
 *                    below it, are the chain again
 *   script_finalize  number | behind: blocks below the head
 *   script_lie       lie, [endpoint: the path's], [method], [from, to: blocks],
 *                    [chance: 1000] in 1000, [count: for ever], [size]
 *                    -> {rule}; of several that fit, the first is told
 *   script_honest    [endpoint: all]: no more lies, no lag
 *   script_lag       blocks, [endpoint]: it has not heard of the newest
 *   script_stay      hash, [endpoint]: this block is its head, whatever the
 *                    others say, and what is final no more than the chain has
 *                    in common with it; without hash: no more
 *   script_head      -> {number, hash, finalized, at: Unix time in ms, from when
 *                    on it has been so}
 *   script_truth     from, to -> blocks with what their logs say
 *   script_cast      -> {token, streaming, wallets: [{address, role}]}; role:
 *                    worker, platform, stranger, fee
 *   script_lies      -> the table of lies, [{name, what, level, methods, size}]
 *   script_counts    [endpoint], [reset: false] -> {requests, calls, bytes_in,
 *                    bytes_out, methods: {name: calls}, lies: {name: told}}
 *
 * script_mine, _fork, _switch and _finalize answer as script_head does. */
struct scripted;

/* synth is borrowed. port 0: the system's choice. */
struct scripted *scripted_new(uv_loop_t *loop, uint16_t port,
			      struct synth *synth);
void scripted_close(struct scripted *node);
/* "http://127.0.0.1:PORT/"; an endpoint's URL has its name behind it. */
const char *scripted_url(const struct scripted *node);

struct lie_rule {
	const struct lie *lie;
	char method[40];   /* "": those that the lie fits */
	uint64_t from, to; /* blocks; 0..UINT64_MAX: also what is about none */
	unsigned chance;   /* of 1000 */
	int64_t left;	   /* how often yet; below 0: for ever */
	uint64_t size;
	/* What came of it. */
	uint64_t asked, told;
};
/* Always, for ever, as the table says. */
struct lie_rule lie_rule_of(const char *lie);
/* Arms the rule at the endpoint; the result is valid until scripted_honest. */
const struct lie_rule *scripted_lie(struct scripted *node, const char *endpoint,
				    const struct lie_rule *rule);
/* endpoint NULL: all. */
void scripted_honest(struct scripted *node, const char *endpoint);
void scripted_lag(struct scripted *node, const char *endpoint, uint64_t blocks);
void scripted_stay(struct scripted *node, const char *endpoint,
		   synth_index head);

struct scripted_counts {
	uint64_t requests, calls, bytes_in, bytes_out;
};
struct scripted_counts scripted_counts(struct scripted *node,
				       const char *endpoint);
/* Calls of one method so far. */
uint64_t scripted_calls(struct scripted *node, const char *endpoint,
			const char *method);

/* Calls this after each request but the script's own, when its answer is made
 * and not yet sent: where the world may move on. */
void scripted_after(struct scripted *node, void (*after)(void *arg), void *arg);

#endif
