#include "chain/asker.h"

#include <stdlib.h>
#include <string.h>

static void free_endpoints(struct asker *asker)
{
	for (size_t i = 0; i < asker->n_endpoints; i++)
		endpoint_free(asker->endpoints[i]);
	while (asker->retired) {
		struct endpoint *next = asker->retired->retired;

		endpoint_free(asker->retired);
		asker->retired = next;
	}
	free(asker->endpoints);
}

static void part_closed(void *arg)
{
	struct asker *asker = arg;

	if (--asker->open_handles > 0)
		return;
	asker->closed(asker->closed_arg);
	free_endpoints(asker);
	rpc_batch_free(&asker->who_are_you);
	free(asker);
}

static void on_timer_closed(uv_handle_t *handle)
{
	part_closed(handle->data);
}

void asker_close(struct asker *asker, void (*closed)(void *arg), void *arg)
{
	asker->closing = true;
	asker->open_handles = 2;
	asker->closed = closed;
	asker->closed_arg = arg;
	uv_close((uv_handle_t *)&asker->timer, on_timer_closed);
	http_close(asker->http, part_closed, asker);
}

static void on_timer(uv_timer_t *timer)
{
	asker_pump(timer->data);
}

void asker_wake(struct asker *asker, uint64_t ms)
{
	if (!asker->closing)
		(void)uv_timer_start(&asker->timer, on_timer, ms, 0);
}

static struct endpoint *find(struct endpoint *const *list, size_t n,
			     const struct config_endpoint *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i]->name, wanted->name) == 0 &&
		    strcmp(list[i]->url, wanted->url) == 0)
			return list[i];
	return NULL;
}

static bool holds(struct endpoint *const *list, size_t n,
		  const struct endpoint *endpoint)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == endpoint)
			return true;
	return false;
}

/* Fills list with the wanted ones, those known among them; false: out of
 * memory, and nothing has changed. */
static bool gather(const struct asker *asker, struct endpoint **list,
		   const struct config_endpoint *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		list[i] =
		    find(asker->endpoints, asker->n_endpoints, &wanted[i]);
		if (!list[i])
			list[i] = endpoint_new(wanted[i].name, wanted[i].url);
		if (list[i])
			continue;
		while (i-- > 0)
			if (!holds(asker->endpoints, asker->n_endpoints,
				   list[i]))
				endpoint_free(list[i]);
		return false;
	}
	return true;
}

enum err asker_set_endpoints(struct asker *asker, const struct config *config,
			     struct fault *fault)
{
	const struct config_endpoint *wanted = config->chain.rpc;
	size_t n = config->chain.n_rpc;
	struct endpoint **list;

	if (n == 0)
		return fault_set(fault, ERR_USAGE,
				 "no node is configured: set chain.rpc");
	list = calloc(n, sizeof(struct endpoint *));
	if (!list || !gather(asker, list, wanted, n)) {
		free(list);
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	}
	for (size_t i = 0; i < n; i++)
		endpoint_configure(list[i], wanted[i].max_in_flight,
				   wanted[i].max_per_second);
	for (size_t i = 0; i < asker->n_endpoints; i++) {
		struct endpoint *before = asker->endpoints[i];

		if (holds(list, n, before))
			continue;
		before->retired = asker->retired;
		asker->retired = before;
	}
	free(asker->endpoints);
	asker->endpoints = list;
	asker->n_endpoints = n;
	if (asker->loop)
		asker_wake(asker, 0); /* who waited need not, perhaps */
	return OK;
}

enum err asker_new(struct asker **out, uv_loop_t *loop,
		   const struct config *config,
		   const struct source_observer *observer, struct fault *fault)
{
	struct asker *asker = calloc(1, sizeof(*asker));
	enum err err;

	if (!asker)
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	err = asker_set_endpoints(asker, config, fault);
	if (err == OK)
		err = http_new(&asker->http, loop, fault);
	if (err != OK) {
		free_endpoints(asker);
		free(asker);
		return err;
	}
	asker->loop = loop;
	asker->next_id = 1;
	identify_init(asker, config->chain.id);
	if (observer)
		asker->observer = *observer;
	(void)uv_timer_init(loop, &asker->timer); /* never fails */
	asker->timer.data = asker;
	*out = asker;
	return OK;
}

const struct endpoint_limits *asker_limits(const struct asker *asker)
{
	static const struct endpoint_want anything = {.calls = 1};

	return &endpoint_pick(asker->endpoints, asker->n_endpoints, &anything,
			      uv_now(asker->loop))
		    ->limits;
}

void asker_distrust(struct asker *asker, struct endpoint *endpoint)
{
	endpoint_failed(endpoint, uv_now(asker->loop));
}
