#include "chain/endpoint.h"

#define AVOID_FIRST_MS 1000u
#define AVOID_DOUBLINGS 5

bool endpoint_is_healthy(const struct endpoint *endpoint, uint64_t now)
{
	return endpoint->avoid_until <= now && endpoint->closed_until <= now;
}

static uint64_t usable_at(const struct endpoint *endpoint)
{
	return endpoint->closed_until > endpoint->avoid_until
		   ? endpoint->closed_until
		   : endpoint->avoid_until;
}

struct endpoint *endpoint_pick(struct endpoint *endpoints, size_t n,
			       uint64_t now)
{
	struct endpoint *best = &endpoints[0];

	for (size_t i = 0; i < n; i++) {
		if (endpoint_is_healthy(&endpoints[i], now))
			return &endpoints[i];
		if (usable_at(&endpoints[i]) < usable_at(best))
			best = &endpoints[i];
	}
	return best;
}

void endpoint_succeeded(struct endpoint *endpoint)
{
	endpoint->failures = 0;
	endpoint->avoid_until = 0;
}

void endpoint_failed(struct endpoint *endpoint, uint64_t now,
		     uint32_t retry_after_ms)
{
	unsigned doublings = endpoint->failures < AVOID_DOUBLINGS
				 ? endpoint->failures
				 : AVOID_DOUBLINGS;

	endpoint->failures++;
	endpoint->avoid_until = now + ((uint64_t)AVOID_FIRST_MS << doublings);
	if (retry_after_ms > 0)
		endpoint->closed_until = now + retry_after_ms;
}
