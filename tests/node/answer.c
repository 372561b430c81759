#include "tests/node/answer.h"

#include <inttypes.h>
#include <string.h>

#include "common/keccak.h"
#include "tests/node/must.h"
#include "tests/node/text.h"

#define BODY_CAP ((size_t)4 << 30)

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static void tell(struct question *q)
{
	*q->told = true;
}

static bool by_number(const struct question *q, uint64_t number,
		      synth_index *out)
{
	if (q->twist == TWIST_BLOCK_BEHIND &&
	    number + q->size > synth_block(q->synth, q->tip)->number) {
		*q->told = true;
		return false;
	}
	return synth_at(q->synth, q->tip, number, out);
}

/* What is final as far as this endpoint can know: on its own chain. */
static bool own_final(const struct question *q, uint64_t *final)
{
	uint64_t head = synth_block(q->synth, q->tip)->number;
	synth_index ours, theirs;

	if (!synth_final(q->synth, final))
		return false;
	if (*final > head)
		*final = head;
	while (synth_at(q->synth, q->tip, *final, &ours) &&
	       (!synth_at(q->synth, synth_head(q->synth), *final, &theirs) ||
		ours != theirs))
		--*final;
	return true;
}

static bool by_tag(const struct question *q, const char *tag, synth_index *out)
{
	uint64_t head = synth_block(q->synth, q->tip)->number, final = 0;
	bool has_final = own_final(q, &final);

	if (q->twist == TWIST_STALE_HEAD) {
		*q->told = true;
		head -= q->size < head ? q->size : head;
	}
	if (final > head)
		final = head;
	if (is(tag, "latest") || is(tag, "pending"))
		return by_number(q, head, out);
	if (is(tag, "earliest"))
		return by_number(q, 0, out);
	if (!is(tag, "finalized") && !is(tag, "safe"))
		return false;
	if (q->twist == TWIST_FINAL_AHEAD || q->twist == TWIST_FINAL_NULL)
		*q->told = true;
	if (q->twist == TWIST_FINAL_AHEAD)
		return by_number(q, head, out);
	return has_final && q->twist != TWIST_FINAL_NULL &&
	       by_number(q, final, out);
}

bool answer_block(const struct question *q, const struct json *name,
		  synth_index *out)
{
	const char *text = json_text(name, NULL);
	struct hash hash;
	uint64_t number;

	if (json_kind(name) == JSON_KIND_OBJECT) {
		const struct json *inner = json_member(name, "blockHash");

		return answer_block(
		    q, inner ? inner : json_member(name, "blockNumber"), out);
	}
	if (!text)
		return by_tag(q, "latest", out);
	if (hash_parse(&hash, text) == OK)
		return synth_by_hash(q->synth, &hash, out);
	if (quantity_parse(&number, text) == OK)
		return by_number(q, number, out);
	return by_tag(q, text, out);
}

bool answer_blocks(const struct question *q, uint64_t *from, uint64_t *to)
{
	const struct json *first = json_element(q->params, 0);
	synth_index block;
	bool is_logs = is(q->method, "eth_getLogs");

	if (is_logs && !json_member(first, "blockHash")) {
		const char *a =
		    json_text(json_member(first, "fromBlock"), NULL);
		const char *b = json_text(json_member(first, "toBlock"), NULL);

		return a && b && quantity_parse(from, a) == OK &&
		       quantity_parse(to, b) == OK;
	}
	if (!is_logs && strncmp(q->method, "eth_getBlock", 12) != 0)
		return false;
	if (!answer_block(q, first, &block))
		return false;
	*from = *to = synth_block(q->synth, block)->number;
	return true;
}

static void put_error(struct buf *out, int code, const char *message)
{
	buf_printf(out, "\"error\":{\"code\":%d,\"message\":\"%s\"}", code,
		   message);
}

static void put_result(struct buf *out, const char *json)
{
	buf_printf(out, "\"result\":%s", json);
}

/* Another block than was asked for. */
static synth_index twist_block(struct question *q, synth_index index)
{
	uint64_t number = synth_block(q->synth, index)->number;
	synth_index other = index;

	if (q->twist == TWIST_OTHER_BRANCH)
		(void)synth_other(q->synth, number, &other);
	if (q->twist == TWIST_OTHER_BLOCK &&
	    !synth_at(q->synth, q->tip, number ? number - 1 : 1, &other))
		other = index;
	if (other != index)
		tell(q);
	return other;
}

static void twist_header(struct question *q, struct header *header)
{
	switch (q->twist) {
	case TWIST_OTHER_HASH:
		header->hash.b[31] ^= 1;
		break;
	case TWIST_OTHER_PARENT:
		header->parent_hash.b[31] ^= 1;
		break;
	case TWIST_OTHER_TIME:
		header->timestamp++;
		break;
	default:
		return;
	}
	tell(q);
}

static size_t any(struct question *q, size_t n)
{
	return (size_t)dice_below(&q->dice, n);
}

/* The transactions of the body, or those of the block before. */
static void twist_transactions(struct question *q, struct synth_body *body,
			       synth_index index, struct arena *arena)
{
	struct transactions *txs = &body->transactions;
	size_t n = txs->n, i;

	if (q->twist == TWIST_TXS_OTHER) {
		synth_body(body, q->synth, synth_block(q->synth, index)->parent,
			   arena);
		if (n + body->transactions.n > 0)
			tell(q);
		return;
	}
	if (n == 0 ||
	    (q->twist != TWIST_TX_MISSING && q->twist != TWIST_TX_TWICE &&
	     q->twist != TWIST_TX_CHANGED))
		return;
	i = any(q, n);
	tell(q);
	if (q->twist == TWIST_TX_MISSING) {
		memmove(&txs->list[i], &txs->list[i + 1],
			(n - i - 1) * sizeof(*txs->list));
		memmove(&body->hashes[i], &body->hashes[i + 1],
			(n - i - 1) * sizeof(*body->hashes));
		memmove(&body->senders[i], &body->senders[i + 1],
			(n - i - 1) * sizeof(struct address *));
		txs->n--;
	} else if (q->twist == TWIST_TX_CHANGED || n == 1) {
		txs->list[i].nonce++;
		body->hashes[i].b[0] ^= 1;
	} else {
		txs->list[i] = txs->list[(i + 1) % n];
		body->hashes[i] = body->hashes[(i + 1) % n];
		body->senders[i] = body->senders[(i + 1) % n];
	}
}

static void put_block(struct buf *out, struct question *q, synth_index index,
		      struct arena *arena)
{
	struct synth_body body = {0};
	struct header header;
	bool full = false;

	index = twist_block(q, index);
	synth_header(&header, q->synth, index);
	twist_header(q, &header);
	(void)!json_bool(&full, json_element(q->params, 1));
	synth_body(&body, q->synth, index, arena);
	twist_transactions(q, &body, index, arena);
	text_block(out, &header, &body.transactions, body.hashes, body.senders,
		   full);
}

/* Any receipt that has logs; NULL: none has. */
static struct receipt *any_logged(struct question *q, struct receipts *receipts)
{
	size_t start;

	if (receipts->n == 0)
		return NULL;
	start = any(q, receipts->n);
	for (size_t i = 0; i < receipts->n; i++) {
		size_t at = (start + i) % receipts->n;

		if (receipts->list[at].n_logs > 0)
			return &receipts->list[at];
	}
	return NULL;
}

static bool twist_log(struct question *q, struct receipts *receipts,
		      struct arena *arena)
{
	struct receipt *receipt = any_logged(q, receipts);
	struct raw_log *log;
	uint8_t *data;

	if (!receipt)
		return false;
	log = &receipt->logs[any(q, receipt->n_logs)];
	if (q->twist == TWIST_LOGS_MISSING) {
		for (size_t i = 0; i < receipts->n; i++)
			receipts->list[i].n_logs = 0;
	} else if (q->twist == TWIST_LOG_MISSING) {
		*log = receipt->logs[--receipt->n_logs];
	} else if (log->data.len == 0) {
		log->address.b[0] ^= 1;
	} else {
		data = arena_alloc(arena, 1, log->data.len);
		must(data);
		memcpy(data, log->data.data, log->data.len);
		data[log->data.len - 1] ^= 1;
		log->data.data = data;
	}
	return true;
}

static bool twist_receipts(struct question *q, struct receipts *r,
			   struct arena *arena)
{
	struct receipt kept;
	size_t i;

	if (r->n == 0)
		return false;
	i = any(q, r->n);
	switch (q->twist) {
	case TWIST_RECEIPT_MISSING:
		memmove(&r->list[i], &r->list[i + 1],
			(--r->n - i) * sizeof(*r->list));
		return true;
	case TWIST_RECEIPT_TWICE:
		if (r->n == 1)
			return false;
		r->list[i] = r->list[(i + 1) % r->n];
		return true;
	case TWIST_RECEIPT_FAILED:
		r->list[i].status = !r->list[i].status;
		return true;
	case TWIST_RECEIPTS_SWAPPED:
		kept = r->list[i];
		r->list[i] = r->list[r->n - 1 - i];
		r->list[r->n - 1 - i] = kept;
		return 2 * i + 1 != r->n;
	case TWIST_BLOOM_CHANGED:
		r->list[i].bloom.b[any(q, 256)] ^= 16;
		return true;
	case TWIST_LOG_MISSING:
	case TWIST_LOGS_MISSING:
	case TWIST_LOG_CHANGED:
		return twist_log(q, r, arena);
	default:
		return false;
	}
}

static void put_receipts(struct buf *out, struct question *q, synth_index index,
			 struct arena *arena)
{
	struct text_place place = {0};
	struct synth_body body;
	struct header header;

	if (q->twist == TWIST_RECEIPTS_OTHER) {
		size_t n = synth_block(q->synth, index)->n_txs;

		index = synth_block(q->synth, index)->parent;
		if (n + synth_block(q->synth, index)->n_txs > 0)
			tell(q);
	}
	synth_header(&header, q->synth, index);
	synth_body(&body, q->synth, index, arena);
	if (twist_receipts(q, &body.receipts, arena))
		tell(q);
	place.header = &header;
	buf_putc(out, '[');
	for (size_t i = 0; i < body.receipts.n; i++) {
		const struct receipt *receipt = &body.receipts.list[i];

		buf_puts(out, i > 0 ? "," : "");
		place.hash = &body.hashes[i];
		place.tx_index = i;
		text_receipt(out, &place, &body.transactions.list[i], receipt);
		place.log_index += receipt->n_logs;
		place.gas_before = receipt->cumulative_gas;
	}
	buf_putc(out, ']');
}

/* eth_getTransactionReceipt; twists it as the whole block's receipts. */
static void put_receipt(struct buf *out, struct question *q, synth_index index,
			size_t at, struct arena *arena)
{
	struct text_place place = {0};
	struct synth_body body;
	struct header header;

	synth_header(&header, q->synth, index);
	synth_body(&body, q->synth, index, arena);
	place.header = &header;
	place.hash = &body.hashes[at];
	place.tx_index = at;
	for (size_t i = 0; i < at; i++)
		place.log_index += body.receipts.list[i].n_logs;
	if (at > 0)
		place.gas_before = body.receipts.list[at - 1].cumulative_gas;
	body.receipts.list += at;
	body.receipts.n = 1;
	if (q->twist != TWIST_RECEIPT_MISSING &&
	    twist_receipts(q, &body.receipts, arena))
		tell(q);
	text_receipt(out, &place, &body.transactions.list[at],
		     &body.receipts.list[0]);
}

/* eth_getTransactionByHash */
static void put_transaction(struct buf *out, struct question *q,
			    synth_index index, size_t at, struct arena *arena)
{
	struct text_place place = {0};
	struct synth_body body;
	struct header header;

	synth_header(&header, q->synth, index);
	synth_body(&body, q->synth, index, arena);
	place.header = &header;
	place.hash = &body.hashes[at];
	place.tx_index = at;
	text_transaction(out, &place, &body.transactions.list[at],
			 body.senders[at]);
}

static void answer_a_block(struct buf *out, struct question *q)
{
	struct arena *arena = arena_new(BODY_CAP);
	synth_index index;

	must(arena);
	buf_puts(out, "\"result\":");
	if (!answer_block(q, json_element(q->params, 0), &index))
		buf_puts(out, "null");
	else if (is(q->method, "eth_getBlockReceipts"))
		put_receipts(out, q, index, arena);
	else
		put_block(out, q, index, arena);
	arena_free(arena);
}

/* One that is in no block of the chain is null: it has no pool. */
static void answer_by_hash(struct buf *out, struct question *q)
{
	const char *text = json_text(json_element(q->params, 0), NULL);
	struct arena *arena = arena_new(BODY_CAP);
	struct hash hash;
	synth_index index;
	size_t at;

	must(arena);
	if (!text || hash_parse(&hash, text) != OK) {
		put_error(out, -32602, "invalid argument 0");
	} else if (!synth_transaction(q->synth, q->tip, &hash, &index, &at)) {
		put_result(out, "null");
	} else {
		buf_puts(out, "\"result\":");
		if (is(q->method, "eth_getTransactionByHash"))
			put_transaction(out, q, index, at, arena);
		else
			put_receipt(out, q, index, at, arena);
	}
	arena_free(arena);
}

static bool is_contract(const struct json *address, const char *which)
{
	const char *text = json_text(address, NULL);
	struct address a, b;

	return text && address_parse(&a, text) == OK &&
	       address_parse(&b, which) == OK && address_eq(&a, &b);
}

static void answer_code(struct buf *out, struct question *q)
{
	const struct json *address = json_element(q->params, 0);
	bool is_ours = is_contract(address, CAST_TOKEN) ||
		       is_contract(address, CAST_STREAMING);

	put_result(out, is_ours ? "\"0x6001\"" : "\"0x\"");
}

static bool calls(const struct json *call, const char *contract,
		  const char *signature)
{
	const struct hash hash = keccak256(signature, strlen(signature));
	const char *data = json_text(json_member(call, "data"), NULL);
	char selector[9];

	hex_encode(selector, hash.b, 4);
	return data && strncmp(data, "0x", 2) == 0 &&
	       strcmp(data + 2, selector) == 0 &&
	       is_contract(json_member(call, "to"), contract);
}

static void answer_contract(struct buf *out, struct question *q)
{
	const struct json *call = json_element(q->params, 0);

	if (calls(call, CAST_TOKEN, "decimals()"))
		buf_printf(out, "\"result\":\"0x%064x\"", USDC_DECIMALS);
	else if (calls(call, CAST_STREAMING, "usdcToken()"))
		buf_printf(out, "\"result\":\"0x%024x%s\"", 0, &CAST_TOKEN[2]);
	else
		put_error(out, 3, "execution reverted");
}

static void answer_count(struct buf *out, struct question *q)
{
	const char *text = json_text(json_element(q->params, 0), NULL);
	struct address address;
	synth_index at;
	int account;

	if (!text || address_parse(&address, text) != OK) {
		put_error(out, -32602, "invalid argument 0");
		return;
	}
	account = cast_account_of(synth_cast(q->synth), &address);
	if (!answer_block(q, json_element(q->params, 1), &at))
		put_error(out, -32000, "header not found");
	else if (account < 0)
		put_result(out, "\"0x0\"");
	else
		buf_printf(out, "\"result\":\"0x%" PRIx64 "\"",
			   synth_nonce(q->synth, (unsigned)account, at));
}

static void answer_number(struct buf *out, struct question *q)
{
	synth_index head;

	must(answer_block(q, NULL, &head));
	buf_printf(out, "\"result\":\"0x%" PRIx64 "\"",
		   synth_block(q->synth, head)->number);
}

static void answer_chain(struct buf *out, struct question *q)
{
	buf_printf(out, "\"result\":\"0x%" PRIx64 "\"",
		   synth_rules_in(q->synth)->chain_id);
}

static void answer_syncing(struct buf *out, struct question *q)
{
	(void)q;
	put_result(out, "false");
}

static const struct {
	const char *name;
	void (*answer)(struct buf *out, struct question *q);
} methods[] = {
    {"eth_getBlockByNumber", answer_a_block},
    {"eth_getBlockByHash", answer_a_block},
    {"eth_getBlockReceipts", answer_a_block},
    {"eth_getTransactionByHash", answer_by_hash},
    {"eth_getTransactionReceipt", answer_by_hash},
    {"eth_getLogs", answer_logs},
    {"eth_getTransactionCount", answer_count},
    {"eth_chainId", answer_chain},
    {"eth_blockNumber", answer_number},
    {"eth_syncing", answer_syncing},
    {"eth_getCode", answer_code},
    {"eth_call", answer_contract},
};

void answer_call(struct buf *out, struct question *q)
{
	if (q->twist == TWIST_FINAL_ERROR &&
	    is(json_text(json_element(q->params, 0), NULL), "finalized")) {
		tell(q);
		put_error(out, -39001, "Unknown block");
		return;
	}
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!is(q->method, methods[i].name))
			continue;
		methods[i].answer(out, q);
		return;
	}
	put_error(out, -32601, "the method does not exist");
}
