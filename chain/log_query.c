#include "chain/log_query.h"

#include <inttypes.h>

#define FILTER_CAP (1u << 20)

static void add_addresses(struct buf *out, const struct prover *prover)
{
	char text[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < prover->n_interests; i++) {
		const struct address *address = &prover->interests[i].address;
		size_t first = 0;

		while (!address_eq(&prover->interests[first].address, address))
			first++;
		if (first == i)
			buf_printf(out, "%s\"%s\"", i > 0 ? "," : "",
				   address_format(text, address));
	}
}

static void add_topics(struct buf *out, const struct prover *prover)
{
	char text[HASH_TEXT_SIZE];

	for (size_t i = 0; i < prover->n_interests; i++) {
		const struct hash *topic0 = &prover->interests[i].topic0;
		size_t first = 0;

		while (!hash_eq(&prover->interests[first].topic0, topic0))
			first++;
		if (first == i)
			buf_printf(out, "%s\"%s\"", i > 0 ? "," : "",
				   hash_format(text, topic0));
	}
}

enum err log_query_filter(struct buf *out, const struct prover *prover)
{
	buf_init(out, FILTER_CAP);
	if (prover->n_interests == 0)
		return ERR_USAGE;
	buf_puts(out, "\"address\":[");
	add_addresses(out, prover);
	buf_puts(out, "],\"topics\":[[");
	add_topics(out, prover);
	buf_puts(out, "]]");
	return out->err;
}

uint64_t log_query_end(const struct portion *portion, uint64_t next,
		       uint64_t to)
{
	return to - next < portion->now ? to : next + portion->now - 1;
}

void log_query_add(struct rpc_batch *batch, uint64_t from, uint64_t to,
		   const char *filter)
{
	rpc_batch_add(batch, "eth_getLogs",
		      "[{\"fromBlock\":\"0x%" PRIx64
		      "\",\"toBlock\":\"0x%" PRIx64 "\",%s}]",
		      from, to, filter);
}

void log_query_head(struct rpc_batch *batch, uint64_t to)
{
	rpc_batch_add(batch, "eth_getBlockByNumber",
		      "[\"0x%" PRIx64 "\",false]", to);
}

enum err log_query_check_head(struct hash *hash, const struct json *header,
			      uint64_t to, struct arena *scratch,
			      struct fault *fault)
{
	struct header parsed;
	enum err err = parse_header(&parsed, header, scratch, fault);

	if (err == OK)
		err = proof_is_number(&parsed, to, fault);
	if (err == OK)
		*hash = parsed.hash;
	return err;
}
