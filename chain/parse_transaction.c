#include "chain/fields.h"
#include "chain/parse.h"

/* Hard limits on one block: gas allows far less. */
#define MAX_TRANSACTIONS (1u << 20)
#define MAX_ELEMENTS (1u << 20)
#define MAX_INPUT (32u << 20)

static void read_type(struct fields *f, enum transaction_type *out)
{
	uint64_t type = TRANSACTION_LEGACY;

	if (fields_has(f, "type"))
		fields_u64(f, "type", &type);
	if (type >= TRANSACTION_TYPES)
		fields_refuse(f, ERR_USAGE,
			      "its type 0x%llx is none of Ethereum's (0 to %d):"
			      " this chain cannot be proven by its"
			      " transactions; set chain.verify: bloom",
			      (unsigned long long)type, TRANSACTION_TYPES - 1);
	else
		*out = (enum transaction_type)type;
}

/* An array of hashes in memory of arena. */
static void read_hashes(struct fields *f, const char *name, struct hash **out,
			size_t *n, struct arena *arena)
{
	size_t room = json_count(fields_array(f, name, MAX_ELEMENTS));

	*out = fields_room(f, arena, room, sizeof(**out));
	fields_hashes(f, name, *out, n, room);
}

static void read_access_list(struct fields *f, struct transaction *tx,
			     struct arena *arena)
{
	const struct json *list = fields_array(f, "accessList", MAX_ELEMENTS);
	const struct json *element = json_first(list);
	size_t n = json_count(list);

	tx->access_list = fields_room(f, arena, n, sizeof(*tx->access_list));
	for (size_t i = 0; i < n && f->err == OK; i++) {
		struct access *access = &tx->access_list[i];
		struct fields entry;

		fields_open(&entry, element, f->fault, "%s, accessList[%zu]",
			    f->what, i);
		fields_address(&entry, "address", &access->address);
		read_hashes(&entry, "storageKeys", &access->keys,
			    &access->n_keys, arena);
		f->err = entry.err;
		element = json_next(element);
	}
	tx->n_access = n;
}

static void read_authorization(struct fields *f, struct authorization *out)
{
	fields_u256(f, "chainId", &out->chain_id);
	fields_address(f, "address", &out->address);
	fields_u64(f, "nonce", &out->nonce);
	fields_u64(f, "yParity", &out->y_parity);
	fields_u256(f, "r", &out->r);
	fields_u256(f, "s", &out->s);
}

static void read_authorizations(struct fields *f, struct transaction *tx,
				struct arena *arena)
{
	const struct json *list =
	    fields_array(f, "authorizationList", MAX_ELEMENTS);
	const struct json *element = json_first(list);
	size_t n = json_count(list);

	tx->authorizations =
	    fields_room(f, arena, n, sizeof(*tx->authorizations));
	for (size_t i = 0; i < n && f->err == OK; i++) {
		struct fields entry;

		fields_open(&entry, element, f->fault,
			    "%s, authorizationList[%zu]", f->what, i);
		read_authorization(&entry, &tx->authorizations[i]);
		f->err = entry.err;
		element = json_next(element);
	}
	tx->n_authorizations = n;
}

/* The fields that some types have. */
static void read_typed(struct fields *f, struct transaction *tx,
		       struct arena *arena)
{
	if (tx->type <= TRANSACTION_ACCESS_LIST) {
		fields_u256(f, "gasPrice", &tx->gas_price);
	} else {
		fields_u256(f, "maxPriorityFeePerGas", &tx->max_priority_fee);
		fields_u256(f, "maxFeePerGas", &tx->max_fee);
	}
	if (tx->type >= TRANSACTION_ACCESS_LIST) {
		fields_u64(f, "chainId", &tx->chain_id);
		read_access_list(f, tx, arena);
	}
	if (tx->type == TRANSACTION_BLOB) {
		fields_u256(f, "maxFeePerBlobGas", &tx->max_blob_fee);
		read_hashes(f, "blobVersionedHashes", &tx->blob_hashes,
			    &tx->n_blob_hashes, arena);
	}
	if (tx->type == TRANSACTION_SET_CODE)
		read_authorizations(f, tx, arena);
}

/* Nodes older than execution-apis' yParity call it v in every type. */
static void read_signature(struct fields *f, struct transaction *tx)
{
	bool by_parity =
	    tx->type != TRANSACTION_LEGACY && fields_has(f, "yParity");

	fields_u64(f, by_parity ? "yParity" : "v", &tx->v);
	fields_u256(f, "r", &tx->r);
	fields_u256(f, "s", &tx->s);
}

static enum err read_transaction(struct transaction *tx,
				 const struct json *object, size_t i,
				 struct arena *arena, struct fault *fault)
{
	struct fields f;

	fields_open(&f, object, fault, "transaction %zu", i);
	read_type(&f, &tx->type);
	fields_u64(&f, "nonce", &tx->nonce);
	fields_u64(&f, "gas", &tx->gas);
	tx->has_to = fields_has(&f, "to");
	if (tx->has_to)
		fields_address(&f, "to", &tx->to);
	fields_u256(&f, "value", &tx->value);
	fields_data(&f, "input", &tx->input, MAX_INPUT, arena);
	read_typed(&f, tx, arena);
	read_signature(&f, tx);
	return f.err;
}

enum err parse_transaction(struct transaction *out, const struct json *result,
			   size_t i, struct arena *arena, struct fault *fault)
{
	struct transaction tx = {0};
	enum err err =
	    fields_result(result, JSON_KIND_OBJECT, "transaction", fault);

	if (err == OK)
		err = read_transaction(&tx, result, i, arena, fault);
	if (err == OK)
		*out = tx;
	return err;
}

enum err parse_transactions(struct transactions *out, const struct json *block,
			    struct arena *arena, struct fault *fault)
{
	struct transactions txs = {0};
	const struct json *list, *element;
	struct fields f;
	enum err err = fields_result(block, JSON_KIND_OBJECT, "block", fault);

	if (err != OK)
		return err;
	fields_open(&f, block, fault, "block");
	list = fields_array(&f, "transactions", MAX_TRANSACTIONS);
	txs.n = json_count(list);
	element = json_first(list);
	txs.list = fields_room(&f, arena, txs.n, sizeof(*txs.list));
	err = f.err;
	for (size_t i = 0; i < txs.n && err == OK; i++) {
		err = read_transaction(&txs.list[i], element, i, arena, fault);
		element = json_next(element);
	}
	if (err == OK)
		*out = txs;
	return err;
}
