#include "chain/endpoint.h"

#include <stdlib.h>
#include <string.h>

#define AVOID_FIRST_MS 1000u
#define AVOID_DOUBLINGS 5
#define LAG_MS 1000u
/* What was measured so long ago says nothing of now: it is asked once, to
 * see. */
#define STALE_MS 60000u
/* An answer above this takes its time on the wire. */
#define SMALL_BYTES (64u << 10)
#define HEDGE_MS_LEAST 30u
#define HEDGE_MS_MOST 1000u
#define HEDGE_MS_UNKNOWN 200u

#define HEADER_BATCH_FIRST 50
#define BODY_BATCH_FIRST 8
#define RECEIPT_BATCH_FIRST 50
#define STATE_BATCH_FIRST 50
#define LOG_BLOCKS_FIRST 2000
#define LOG_BLOCKS_MOST 100000
/* go-ethereum and those who follow it take 1,000 (maxSubTopics), Hedera's relay
 * 100. */
#define LOG_TOPICS_MOST 500

struct endpoint *endpoint_new(const char *name, const char *url)
{
	struct endpoint *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->name = strdup(name);
	e->url = strdup(url);
	if (!e->name || !e->url) {
		endpoint_free(e);
		return NULL;
	}
	e->node = (struct rpc_node){e->name, e->url};
	e->max_in_flight = ENDPOINT_IN_FLIGHT;
	portion_init(&e->limits.header_batch, HEADER_BATCH_FIRST,
		     HEADER_BATCH_MOST);
	portion_init(&e->limits.body_batch, BODY_BATCH_FIRST, BODY_BATCH_MOST);
	portion_init(&e->limits.log_blocks, LOG_BLOCKS_FIRST, LOG_BLOCKS_MOST);
	portion_init(&e->limits.log_topics, LOG_TOPICS_MOST, LOG_TOPICS_MOST);
	portion_init(&e->limits.receipt_batch, RECEIPT_BATCH_FIRST,
		     RECEIPT_BATCH_MOST);
	portion_init(&e->limits.state_batch, STATE_BATCH_FIRST,
		     STATE_BATCH_MOST);
	return e;
}

void endpoint_free(struct endpoint *endpoint)
{
	if (!endpoint)
		return;
	free(endpoint->name);
	free(endpoint->url);
	free(endpoint);
}

void endpoint_configure(struct endpoint *endpoint, unsigned max_in_flight,
			unsigned max_per_second)
{
	endpoint->max_in_flight =
	    max_in_flight ? max_in_flight : ENDPOINT_IN_FLIGHT;
	pace_configure(&endpoint->pace, max_per_second);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

bool endpoint_is_foreign(const struct endpoint *endpoint, uint64_t now)
{
	return endpoint->identity == IDENTITY_FOREIGN &&
	       endpoint->identity_until > now;
}

/* The better, the lower. */
enum grade { FINE, LAGS, FAILS, DISAGREES, FOREIGN };

static enum grade grade_of(const struct endpoint *e,
			   const struct endpoint_want *want, uint64_t now)
{
	if (endpoint_is_foreign(e, now))
		return FOREIGN;
	if (e->disagrees)
		return DISAGREES;
	if (e->avoid_until > now || e->closed_until > now)
		return FAILS;
	if (want->height > 0 && want->height >= e->lacks &&
	    now < e->lacks_until)
		return LAGS;
	return FINE;
}

static uint64_t cost_of(const struct endpoint *e, uint64_t now)
{
	if (now >= e->asked_at + STALE_MS && e->in_flight == 0)
		return 0;
	return (uint64_t)e->latency_us * (1 + e->in_flight) *
	       (TROUBLE_ALL + 8 * e->trouble) / TROUBLE_ALL;
}

uint64_t endpoint_ready_at(const struct endpoint *endpoint,
			   const struct endpoint_want *want, uint64_t now)
{
	if (!want->urgent && endpoint->in_flight >= endpoint->max_in_flight)
		return UINT64_MAX;
	return later(later(now, endpoint->closed_until),
		     pace_ready_at(&endpoint->pace, now));
}

/* Is a to be asked rather than b, which stands before it in the list? */
static bool is_better(const struct endpoint *a, const struct endpoint *b,
		      const struct endpoint_want *want, uint64_t now)
{
	enum grade of_a = grade_of(a, want, now), of_b = grade_of(b, want, now);
	uint64_t a_ready = endpoint_ready_at(a, want, now);
	uint64_t b_ready = endpoint_ready_at(b, want, now);

	if (of_a != of_b && (of_a >= FAILS || of_b >= FAILS))
		return of_a < of_b;
	if (of_a == FAILS)
		return later(a->avoid_until, a->closed_until) <
		       later(b->avoid_until, b->closed_until);
	if (a_ready != b_ready)
		return a_ready < b_ready;
	if (of_a != of_b)
		return of_a < of_b;
	return cost_of(a, now) < cost_of(b, now);
}

static bool is_wanted(const struct endpoint *endpoint,
		      const struct endpoint_want *want)
{
	for (size_t i = 0; i < want->n_excepted; i++)
		if (want->excepted[i] == endpoint)
			return false;
	return endpoint != want->except;
}

struct endpoint *endpoint_pick(struct endpoint *const *endpoints, size_t n,
			       const struct endpoint_want *want, uint64_t now)
{
	struct endpoint *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!is_wanted(endpoints[i], want))
			continue;
		if (!best || is_better(endpoints[i], best, want, now))
			best = endpoints[i];
	}
	return best;
}

bool endpoint_is_healthy(const struct endpoint *endpoint, uint64_t now)
{
	static const struct endpoint_want anything;

	return grade_of(endpoint, &anything, now) < FAILS;
}

const char *endpoint_state(const struct endpoint *endpoint, uint64_t now)
{
	if (endpoint_is_foreign(endpoint, now))
		return "foreign";
	if (endpoint->disagrees)
		return "disagrees";
	if (endpoint->closed_until > now)
		return "limited";
	if (endpoint->avoid_until > now)
		return "failing";
	return endpoint->lacks_until > now ? "lags" : "good";
}

uint64_t endpoint_hedge_ms(const struct endpoint *endpoint)
{
	uint64_t ms = (uint64_t)endpoint->latency_us * 3 / 1000;

	if (endpoint->latency_us == 0)
		return HEDGE_MS_UNKNOWN;
	return ms < HEDGE_MS_LEAST  ? HEDGE_MS_LEAST
	       : ms > HEDGE_MS_MOST ? HEDGE_MS_MOST
				    : ms;
}

void endpoint_asked(struct endpoint *endpoint, const struct endpoint_want *want,
		    uint64_t now)
{
	endpoint->asked_at = now;
	pace_sent(&endpoint->pace, want->calls, now);
	if (!want->urgent)
		endpoint->in_flight++;
}

/* An exponential mean, an eighth of the new at a time. */
static uint32_t mean(uint32_t before, uint32_t value)
{
	return (uint32_t)(((uint64_t)before * 7 + value + 4) / 8);
}

void endpoint_succeeded(struct endpoint *endpoint, double seconds, size_t bytes,
			uint64_t now)
{
	uint32_t us = seconds < 1e-6  ? 1
		      : seconds > 600 ? 600000000u
				      : (uint32_t)(seconds * 1e6);

	endpoint->failures = 0;
	endpoint->avoid_until = 0;
	endpoint->trouble = mean(endpoint->trouble, 0);
	if (bytes <= SMALL_BYTES)
		endpoint->latency_us =
		    endpoint->latency_us ? mean(endpoint->latency_us, us) : us;
	pace_fine(&endpoint->pace, now);
}

void endpoint_failed(struct endpoint *endpoint, uint64_t now)
{
	unsigned doublings = endpoint->failures < AVOID_DOUBLINGS
				 ? endpoint->failures
				 : AVOID_DOUBLINGS;

	endpoint->failures++;
	endpoint->trouble = mean(endpoint->trouble, TROUBLE_ALL);
	endpoint->avoid_until = now + ((uint64_t)AVOID_FIRST_MS << doublings);
}

void endpoint_refused(struct endpoint *endpoint, uint32_t retry_after_ms,
		      uint64_t now)
{
	pace_refused(&endpoint->pace, now);
	endpoint_close(endpoint, retry_after_ms, now);
}

void endpoint_close(struct endpoint *endpoint, uint32_t retry_after_ms,
		    uint64_t now)
{
	endpoint_failed(endpoint, now);
	if (retry_after_ms > 0)
		endpoint->closed_until =
		    later(endpoint->closed_until, now + retry_after_ms);
}

void endpoint_outrun(struct endpoint *endpoint, uint64_t ms)
{
	uint32_t us = ms < 60000 ? (uint32_t)ms * 1000 : 60000000u;

	if (endpoint->latency_us < us)
		endpoint->latency_us = us;
}

void endpoint_lags(struct endpoint *endpoint, uint64_t height, uint64_t now)
{
	if (now >= endpoint->lacks_until || height < endpoint->lacks)
		endpoint->lacks = height;
	endpoint->lacks_until = now + LAG_MS;
}
