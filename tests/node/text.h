#ifndef GS_TESTS_NODE_TEXT_H
#define GS_TESTS_NODE_TEXT_H

#include "chain/header.h"
#include "chain/receipt.h"
#include "chain/transaction.h"
#include "common/buf.h"

/* Blocks as JSON-RPC shows them (execution-apis, src/schemas), written straight
 * into a buffer. */

/* A block's transactions; hashes, senders and transactions->list[i] belong
 * together. senders NULL: they are not said. */
void text_block(struct buf *out, const struct header *header,
		const struct transactions *transactions,
		const struct hash *hashes, const struct address *const *senders,
		bool full);

/* Where a receipt stands: which transaction's, and how many logs of the block
 * precede its own. */
struct text_place {
	const struct header *header;
	const struct hash *hash; /* of the transaction */
	size_t tx_index;
	size_t log_index;
	uint64_t gas_before; /* cumulative */
};
/* from: its sender; NULL: not said. */
void text_transaction(struct buf *out, const struct text_place *place,
		      const struct transaction *tx, const struct address *from);
void text_receipt(struct buf *out, const struct text_place *place,
		  const struct transaction *tx, const struct receipt *receipt);
/* log i of the receipt at place. */
void text_log(struct buf *out, const struct text_place *place,
	      const struct raw_log *log, size_t i);

/* "name":"0x..." and a comma; a QUANTITY, a DATA. */
void text_quantity(struct buf *out, const char *name, uint64_t value);
void text_data(struct buf *out, const char *name, const void *data, size_t len);

#endif
