#include "chain/estimate.h"

/* Requests under way at a time (ENDPOINT_IN_FLIGHT). */
#define AT_A_TIME 4
/* Spans are no longer than that, so that no eth_getLogs is. */
#define SPAN_MOST 1024

static void add(struct estimate *e, double requests, double bytes)
{
	e->requests += requests;
	e->bytes += bytes;
}

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void add_headers(struct estimate *e, const struct estimate_sample *s,
			double n)
{
	add(e, n / (double)s->header_batch,
	    n * share((double)s->header_bytes, (double)s->blocks));
}

/* Unknown where there are some, but none could be read. */
static void add_bodies(struct estimate *e, const struct estimate_sample *s,
		       double n)
{
	if (n > 0 && s->bodies == 0)
		e->known = false;
	add(e, n / (double)s->body_batch,
	    n * share((double)s->body_bytes, (double)s->bodies));
}

static void add_logs(struct estimate *e, const struct estimate_sample *s,
		     double n)
{
	double span = s->log_blocks < SPAN_MOST ? (double)s->log_blocks
						: (double)SPAN_MOST;

	add(e, n / span, n * share((double)s->log_bytes, (double)s->blocks));
}

/* A request costs the way to the node and back, and what it carries. */
static double seconds_of(const struct estimate *e,
			 const struct estimate_sample *s)
{
	double carrying = s->seconds - s->quickest * s->requests;
	double a_byte =
	    carrying > 0 ? share(carrying, (double)s->all_bytes) : 0;

	return (e->requests * s->quickest + e->bytes * a_byte) / AT_A_TIME;
}

struct estimate estimate_of(enum verify_mode mode,
			    const struct estimate_sample *s, uint64_t blocks)
{
	struct estimate e = {.known = s->blocks > 0};
	double n = (double)blocks;
	double concerned = n * share((double)s->concerned, (double)s->blocks);
	double with_logs = n * share((double)s->with_logs, (double)s->blocks);
	/* Where blooms are wrong, there may be logs without them. */
	double in_vain = concerned > with_logs ? concerned - with_logs : 0;

	switch (mode) {
	case VERIFY_RECEIPTS:
		add_headers(&e, s, n);
		add_bodies(&e, s, concerned);
		break;
	case VERIFY_BLOOM:
		add_logs(&e, s, n);
		add_headers(&e, s, n);
		/* A false positive: by hash, then header and body. */
		add(&e, in_vain / (double)s->header_batch, 0);
		add_headers(&e, s, in_vain);
		add_bodies(&e, s, in_vain);
		break;
	case VERIFY_OFF:
		add_logs(&e, s, n);
		add_headers(&e, s, with_logs);
		break;
	}
	e.seconds = seconds_of(&e, s);
	return e;
}
