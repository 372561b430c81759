#include "chain/parse_log.h"

#include "chain/parse.h"

/* Hard limits on what one reply may hold: nodes refuse far less. */
#define MAX_LOGS (1u << 20)
#define MAX_DATA (32u << 20)

void parse_raw_log(struct fields *f, struct raw_log *log, struct arena *arena)
{
	size_t n = 0;

	fields_address(f, "address", &log->address);
	fields_hashes(f, "topics", log->topics, &n, 4);
	log->n_topics = (uint8_t)n;
	fields_data(f, "data", &log->data, MAX_DATA, arena);
}

static void read_index(struct fields *f, const char *name, uint32_t *out)
{
	uint64_t index = 0;

	fields_u64(f, name, &index);
	if (index > UINT32_MAX)
		fields_refuse(f, ERR_NONSENSE, "%s is above 32 bits", name);
	*out = (uint32_t)index;
}

static enum err parse_found_log(struct found_log *log,
				const struct json *object, size_t i,
				struct arena *arena, struct fault *fault)
{
	struct fields f;

	fields_open(&f, object, fault, "log %zu", i);
	fields_u64(&f, "blockNumber", &log->block_number);
	fields_hash(&f, "blockHash", &log->block_hash);
	fields_hash(&f, "transactionHash", &log->tx_hash);
	read_index(&f, "transactionIndex", &log->tx_index);
	read_index(&f, "logIndex", &log->log_index);
	if (fields_has(&f, "removed"))
		fields_bool(&f, "removed", &log->removed);
	parse_raw_log(&f, &log->raw, arena);
	return f.err;
}

enum err parse_logs(struct found_logs *out, const struct json *result,
		    struct arena *arena, struct fault *fault)
{
	struct found_logs logs;
	enum err err = fields_result(result, JSON_KIND_ARRAY, "logs", fault);

	if (err != OK)
		return err;
	logs.n = json_count(result);
	if (logs.n > MAX_LOGS)
		return fault_set(fault, ERR_NONSENSE,
				 "%zu logs in one reply: more than %u", logs.n,
				 MAX_LOGS);
	logs.list = ARENA_ARRAY(arena, struct found_log, logs.n);
	if (!logs.list)
		return fault_set(fault, ERR_NOMEM, "no room for %zu logs",
				 logs.n);
	for (size_t i = 0; i < logs.n && err == OK; i++)
		err = parse_found_log(&logs.list[i], json_element(result, i), i,
				      arena, fault);
	if (err == OK)
		*out = logs;
	return err;
}
