#ifndef GS_TESTS_LIB_RAW_H
#define GS_TESTS_LIB_RAW_H

#include "chain/header.h"
#include "chain/receipt.h"
#include "chain/rlp.h"
#include "chain/transaction.h"

/* Consensus bytes back into our structs, to hold the encoders against blocks
 * that others wrote. What does not decode fails the test. */

/* The items of a list; returns how many there are, at most max. */
size_t raw_items(struct rlp_item *items, size_t max, struct bytes payload);
void raw_header(struct header *out, struct bytes rlp);
/* rlp: as receiptsRoot holds it; in memory of arena and of rlp. */
void raw_receipt(struct receipt *out, struct bytes rlp, struct arena *arena);
/* item: as it stands in a block's body, a list or a string with a type. */
void raw_transaction(struct transaction *out, const struct rlp_item *item,
		     struct arena *arena);

#endif
