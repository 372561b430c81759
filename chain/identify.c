#include <inttypes.h>

#include "chain/asker.h"
#include "common/bytes.h"

/* One that serves another chain is asked again after so long: it may have been
 * mended. */
#define FOREIGN_MS 60000u

void identify_init(struct asker *asker, uint64_t chain_id)
{
	asker->chain_id = chain_id;
	rpc_batch_init(&asker->who_are_you);
	rpc_batch_add(&asker->who_are_you, "eth_chainId", "[]");
}

bool identify_is_due(const struct asker *asker, const struct endpoint *endpoint)
{
	return asker->chain_id != 0 && endpoint->identity != IDENTITY_OURS;
}

enum err identify_fault(const struct asker *asker,
			const struct endpoint *endpoint, struct fault *fault)
{
	return fault_set(
	    fault, ERR_USAGE,
	    "the node %s serves chain %" PRIu64 ", but chain.id is %" PRIu64
	    ": correct chain.id or chain.rpc",
	    endpoint->node.name, endpoint->foreign_id, asker->chain_id);
}

enum err identify_read(struct asker *asker, struct endpoint *endpoint,
		       const struct rpc_reply *reply, struct fault *fault)
{
	const char *text = json_text(reply->results[0].value, NULL);
	uint64_t id;

	if (!text || quantity_parse(&id, text) != OK)
		return fault_set(fault, ERR_NONSENSE,
				 "node %s answers eth_chainId with no number",
				 endpoint->node.name);
	if (id == asker->chain_id) {
		endpoint->identity = IDENTITY_OURS;
		return OK;
	}
	endpoint->identity = IDENTITY_FOREIGN;
	endpoint->identity_until = uv_now(asker->loop) + FOREIGN_MS;
	endpoint->foreign_id = id;
	(void)identify_fault(asker, endpoint, fault);
	if (asker->observer.incomplete)
		asker->observer.incomplete(asker->observer.arg,
					   endpoint->node.name, fault->text);
	return ERR_USAGE;
}
