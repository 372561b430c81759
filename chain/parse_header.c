#include "chain/fields.h"
#include "chain/parse.h"

/* How many fields the header has. Forks appended them one behind the other,
 * so that a hole among them is no header of any fork. */
static unsigned count_fields(struct fields *f)
{
	static const char *const optional[] = {
	    "baseFeePerGas",	     "withdrawalsRoot",
	    "blobGasUsed",	     "excessBlobGas",
	    "parentBeaconBlockRoot", "requestsHash",
	    "blockAccessListHash",   "slotNumber",
	};
	const unsigned max = sizeof(optional) / sizeof(optional[0]);
	unsigned n = 0;

	_Static_assert(HEADER_FRONTIER +
			       sizeof(optional) / sizeof(optional[0]) ==
			   HEADER_SLOT_NUMBER,
		       "a name for each optional field");
	while (n < max && fields_has(f, optional[n]))
		n++;
	for (unsigned i = n + 1; i < max; i++)
		if (fields_has(f, optional[i]))
			fields_refuse(f, ERR_NONSENSE, "has %s but no %s",
				      optional[i], optional[n]);
	return HEADER_FRONTIER + n;
}

static void read_optional(struct fields *f, struct header *h)
{
	if (h->n_fields >= HEADER_BASE_FEE)
		fields_u256(f, "baseFeePerGas", &h->base_fee);
	if (h->n_fields >= HEADER_WITHDRAWALS_ROOT)
		fields_hash(f, "withdrawalsRoot", &h->withdrawals_root);
	if (h->n_fields >= HEADER_BLOB_GAS_USED)
		fields_u64(f, "blobGasUsed", &h->blob_gas_used);
	if (h->n_fields >= HEADER_EXCESS_BLOB_GAS)
		fields_u64(f, "excessBlobGas", &h->excess_blob_gas);
	if (h->n_fields >= HEADER_BEACON_ROOT)
		fields_hash(f, "parentBeaconBlockRoot", &h->beacon_root);
	if (h->n_fields >= HEADER_REQUESTS_HASH)
		fields_hash(f, "requestsHash", &h->requests_hash);
	if (h->n_fields >= HEADER_ACCESS_LIST_HASH)
		fields_hash(f, "blockAccessListHash", &h->access_list_hash);
	if (h->n_fields >= HEADER_SLOT_NUMBER)
		fields_u64(f, "slotNumber", &h->slot_number);
}

enum err parse_header(struct header *out, const struct json *block,
		      struct arena *arena, struct fault *fault)
{
	struct header h = {0};
	struct fields f;
	enum err err = fields_result(block, JSON_KIND_OBJECT, "block", fault);

	if (err != OK)
		return err;
	fields_open(&f, block, fault, "block");
	fields_hash(&f, "hash", &h.hash);
	fields_hash(&f, "parentHash", &h.parent_hash);
	fields_hash(&f, "sha3Uncles", &h.ommers_hash);
	fields_address(&f, "miner", &h.miner);
	fields_hash(&f, "stateRoot", &h.state_root);
	fields_hash(&f, "transactionsRoot", &h.transactions_root);
	fields_hash(&f, "receiptsRoot", &h.receipts_root);
	fields_fixed(&f, "logsBloom", h.logs_bloom.b, sizeof(h.logs_bloom.b));
	fields_u256(&f, "difficulty", &h.difficulty);
	fields_u64(&f, "number", &h.number);
	fields_u64(&f, "gasLimit", &h.gas_limit);
	fields_u64(&f, "gasUsed", &h.gas_used);
	fields_u64(&f, "timestamp", &h.timestamp);
	fields_data(&f, "extraData", &h.extra_data, HEADER_MAX_EXTRA, arena);
	fields_hash(&f, "mixHash", &h.mix_hash);
	fields_fixed(&f, "nonce", h.nonce, sizeof(h.nonce));
	h.n_fields = count_fields(&f);
	read_optional(&f, &h);
	if (f.err == OK)
		*out = h;
	return f.err;
}
