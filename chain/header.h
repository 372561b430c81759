#ifndef GS_CHAIN_HEADER_H
#define GS_CHAIN_HEADER_H

#include "chain/block.h"
#include "chain/bloom.h"
#include "common/buf.h"

/* A block's header: Yellow Paper 4.3, then the fields that forks appended.
 * They came in this order and a header has them from the front on, so their
 * number says which it has. */
enum header_fields {
	HEADER_FRONTIER = 15,
	HEADER_BASE_FEE,	 /* London, EIP-1559 */
	HEADER_WITHDRAWALS_ROOT, /* Shanghai, EIP-4895 */
	HEADER_BLOB_GAS_USED,	 /* Cancun, EIP-4844 */
	HEADER_EXCESS_BLOB_GAS,	 /* Cancun, EIP-4844 */
	HEADER_BEACON_ROOT,	 /* Cancun, EIP-4788 */
	HEADER_REQUESTS_HASH,	 /* Prague, EIP-7685; Osaka adds none */
	HEADER_ACCESS_LIST_HASH, /* Amsterdam, EIP-7928 */
	HEADER_SLOT_NUMBER,	 /* Amsterdam, EIP-7843 */
};

#define HEADER_MAX_EXTRA 65536 /* 32 on mainnet; Clique lists signers in it */

struct header {
	struct hash hash; /* as the node says, until proof_header proves it */
	struct hash parent_hash;
	struct hash ommers_hash;
	struct address miner;
	struct hash state_root;
	struct hash transactions_root;
	struct hash receipts_root;
	struct bloom logs_bloom;
	struct u256 difficulty;
	uint64_t number;
	uint64_t gas_limit;
	uint64_t gas_used;
	uint64_t timestamp;
	struct bytes extra_data; /* borrowed */
	struct hash mix_hash;
	uint8_t nonce[8];
	unsigned n_fields; /* HEADER_FRONTIER..HEADER_SLOT_NUMBER */
	struct u256 base_fee;
	struct hash withdrawals_root;
	uint64_t blob_gas_used;
	uint64_t excess_blob_gas;
	struct hash beacon_root;
	struct hash requests_hash;
	struct hash access_list_hash;
	uint64_t slot_number;
};

/* Appends the header's RLP. */
void header_encode(struct buf *out, const struct header *header);
/* keccak256 of that. ERR_NOMEM, or ERR_LIMIT for a huge extra_data. */
enum err header_hash(struct hash *out, const struct header *header) MUST_CHECK;

/* Its place, with header->hash as it stands. ERR_RANGE for a number or a
 * timestamp that no int64_t (and no bigint of SQL) holds. */
enum err header_ref(struct block_ref *out,
		    const struct header *header) MUST_CHECK;

#endif
