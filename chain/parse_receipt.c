#include "chain/parse.h"
#include "chain/parse_log.h"

/* Hard limits on one block: gas allows far less. */
#define MAX_RECEIPTS (1u << 20)
#define MAX_LOGS (1u << 20)

static void read_type(struct fields *f, uint8_t *out)
{
	uint64_t type = 0;

	if (fields_has(f, "type"))
		fields_u64(f, "type", &type);
	if (type > RECEIPT_MAX_TYPE)
		fields_refuse(
		    f, ERR_USAGE,
		    "its type 0x%llx is none of Ethereum's (0 to %d):"
		    " this chain cannot be proven by its receipts; set"
		    " chain.verify: bloom",
		    (unsigned long long)type, RECEIPT_MAX_TYPE);
	else
		*out = (uint8_t)type;
}

/* EIP-658 put the status where the state root had been. */
static void read_outcome(struct fields *f, struct receipt *receipt)
{
	uint64_t status = 0;

	receipt->has_root = !fields_has(f, "status") && fields_has(f, "root");
	if (receipt->has_root) {
		fields_hash(f, "root", &receipt->root);
		return;
	}
	fields_u64(f, "status", &status);
	if (status > 1)
		fields_refuse(f, ERR_NONSENSE, "status is neither 0 nor 1");
	receipt->status = status == 1;
}

static void read_logs(struct fields *f, struct receipt *receipt,
		      struct arena *arena)
{
	const struct json *logs = fields_array(f, "logs", MAX_LOGS);
	const struct json *element = json_first(logs);
	size_t n = json_count(logs);

	receipt->logs = fields_room(f, arena, n, sizeof(*receipt->logs));
	for (size_t i = 0; i < n && f->err == OK; i++) {
		struct fields log;

		fields_open(&log, element, f->fault, "%s, log %zu", f->what, i);
		parse_raw_log(&log, &receipt->logs[i], arena);
		f->err = log.err;
		element = json_next(element);
	}
	receipt->n_logs = n;
}

static enum err read_receipt(struct receipt *receipt, const struct json *object,
			     size_t i, struct arena *arena, struct fault *fault)
{
	struct fields f;

	fields_open(&f, object, fault, "receipt %zu", i);
	read_type(&f, &receipt->type);
	read_outcome(&f, receipt);
	fields_u64(&f, "cumulativeGasUsed", &receipt->cumulative_gas);
	fields_fixed(&f, "logsBloom", receipt->bloom.b,
		     sizeof(receipt->bloom.b));
	read_logs(&f, receipt, arena);
	return f.err;
}

enum err parse_receipt(struct receipt *out, const struct json *result, size_t i,
		       struct arena *arena, struct fault *fault)
{
	struct receipt receipt = {0};
	enum err err =
	    fields_result(result, JSON_KIND_OBJECT, "receipt", fault);

	if (err == OK)
		err = read_receipt(&receipt, result, i, arena, fault);
	if (err == OK)
		*out = receipt;
	return err;
}

void parse_next_receipt(struct read_receipts *out, const struct json *element,
			struct arena *arena)
{
	struct receipts *all = &out->receipts;

	if (out->err != OK)
		return;
	all->list = arena_grow(arena, all->list, all->n, &out->room,
			       sizeof(*all->list));
	if (!all->list)
		out->err = fault_set(&out->fault, ERR_NOMEM,
				     "no room for %zu receipts", all->n);
	else if (all->n == MAX_RECEIPTS)
		out->err = fault_set(&out->fault, ERR_NONSENSE,
				     "more than %u receipts in one block",
				     MAX_RECEIPTS);
	else
		out->err = read_receipt(&all->list[all->n], element, all->n,
					arena, &out->fault);
	if (out->err == OK)
		all->n++;
}

enum err parse_receipts(struct receipts *out, const struct json *result,
			struct arena *arena, struct fault *fault)
{
	struct read_receipts read = {0};
	const struct json *element = json_first(result);
	enum err err =
	    fields_result(result, JSON_KIND_ARRAY, "receipts", fault);

	if (err != OK)
		return err;
	for (size_t n = json_count(result); n > 0; n--) {
		parse_next_receipt(&read, element, arena);
		element = json_next(element);
	}
	if (read.err != OK)
		return fault_set(fault, read.err, "%s", read.fault.text);
	*out = read.receipts;
	return OK;
}
