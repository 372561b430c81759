#include "chain/receipt.h"

#include "chain/rlp.h"
#include "chain/trie.h"

/* Of one receipt: logs cost gas by the byte, no block comes near this. */
#define MAX_ENCODED (64u << 20)

static void put_log(struct buf *out, const struct raw_log *log)
{
	size_t list = rlp_open_list(out);
	size_t topics;

	rlp_put_bytes(out, log->address.b, sizeof(log->address.b));
	topics = rlp_open_list(out);
	for (size_t i = 0; i < log->n_topics; i++)
		rlp_put_bytes(out, log->topics[i].b, sizeof(log->topics[i].b));
	rlp_close_list(out, topics);
	rlp_put_bytes(out, log->data.data, log->data.len);
	rlp_close_list(out, list);
}

void receipt_encode(struct buf *out, const struct receipt *receipt)
{
	size_t list, logs;

	if (receipt->type > 0)
		buf_putc(out, (char)receipt->type);
	list = rlp_open_list(out);
	if (receipt->has_root)
		rlp_put_bytes(out, receipt->root.b, sizeof(receipt->root.b));
	else
		rlp_put_u64(out, receipt->status);
	rlp_put_u64(out, receipt->cumulative_gas);
	rlp_put_bytes(out, receipt->bloom.b, sizeof(receipt->bloom.b));
	logs = rlp_open_list(out);
	for (size_t i = 0; i < receipt->n_logs; i++)
		put_log(out, &receipt->logs[i]);
	rlp_close_list(out, logs);
	rlp_close_list(out, list);
}

void receipt_bloom(struct bloom *out, const struct receipt *receipt)
{
	*out = (struct bloom){{0}};
	for (size_t i = 0; i < receipt->n_logs; i++)
		bloom_add_log(out, &receipt->logs[i]);
}

static void encode_item(struct buf *out, const void *receipt)
{
	receipt_encode(out, receipt);
}

enum err receipts_root(struct hash *out, const struct receipts *receipts,
		       struct arena *arena)
{
	struct bytes *values;
	enum err err = trie_values(&values, receipts->list, receipts->n,
				   sizeof(*receipts->list), encode_item,
				   MAX_ENCODED, arena);

	if (err != OK)
		return err;
	return trie_ordered_root(out, values, receipts->n, arena);
}
