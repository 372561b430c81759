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

static enum err read_log(struct found_log *log, const struct json *object,
			 size_t i, struct arena *arena, struct fault *fault)
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

enum err parse_next_log(struct found_log *out, struct found_logs *logs,
			const struct json *element, struct arena *arena)
{
	*out = (struct found_log){0};
	if (logs->err == OK && logs->n_read == MAX_LOGS)
		logs->err =
		    fault_set(&logs->fault, ERR_NONSENSE,
			      "more than %u logs in one reply", MAX_LOGS);
	if (logs->err == OK)
		logs->err =
		    read_log(out, element, logs->n_read++, arena, &logs->fault);
	return logs->err;
}

void parse_keep_log(struct found_logs *logs, const struct found_log *log,
		    struct arena *arena)
{
	struct found_log *list =
	    arena_grow(arena, logs->list, logs->n, &logs->room, sizeof(*list));

	if (!list) {
		logs->err = fault_set(&logs->fault, ERR_NOMEM,
				      "no room for %zu logs", logs->n);
		return;
	}
	logs->list = list;
	list[logs->n++] = *log;
}

enum err parse_logs(struct found_logs *out, const struct json *result,
		    struct arena *arena, struct fault *fault)
{
	const struct json *element = json_first(result);
	enum err err = fields_result(result, JSON_KIND_ARRAY, "logs", fault);
	struct found_log log;

	*out = (struct found_logs){0};
	if (err != OK)
		return err;
	for (size_t n = json_count(result); n > 0; n--) {
		if (parse_next_log(&log, out, element, arena) != OK)
			break;
		parse_keep_log(out, &log, arena);
		element = json_next(element);
	}
	if (out->err != OK)
		return fault_set(fault, out->err, "%s", out->fault.text);
	return OK;
}
