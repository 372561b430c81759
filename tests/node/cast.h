#ifndef GS_TESTS_NODE_CAST_H
#define GS_TESTS_NODE_CAST_H

#include "chain/bloom.h"
#include "chain/transaction.h"

/* Who appears in a synthetic chain: contracts, wallets, and the accounts that
 * sign. All follow from the seed. */

#define CAST_TOKEN "0x1c7d4b196cb0c7b01d743fbc6116a902379c7238"
#define CAST_STREAMING "0x5a443704dd4b594b382c22a083e2bd3090a6fef3"

/* A word as topics have it, and the bits of a bloom that it sets. */
struct cast_word {
	struct hash word;
	uint16_t bits[3];
};

/* Parties are numbered: nobody, the streaming contract, then the wallets. */
#define CAST_NOBODY 0u /* the zero address: mints and burns */
#define CAST_CONTRACT 1u
#define CAST_WALLETS 2u

enum cast_topic {
	TOPIC_TRANSFER,
	TOPIC_STREAM_CREATED,
	TOPIC_PAYMENT_RELEASED,
	TOPIC_EARNINGS_CLAIMED,
	TOPIC_STREAM_PAUSED,
	TOPIC_STREAM_RESUMED,
	TOPIC_STREAM_CANCELLED,
	TOPIC_STREAM_COMPLETED,
	TOPIC_APPROVAL,
	TOPIC_PAUSED,
	TOPICS
};

enum cast_contract {
	CONTRACT_TOKEN,
	CONTRACT_STREAMING,
	CONTRACT_OTHER_TOKEN, /* speaks like the token, and is another */
	CONTRACT_STRANGER,
	CONTRACTS
};

#define CAST_ACCOUNTS 32

struct cast_account {
	struct hash key;
	struct hash r_key; /* see cast_sign() */
	struct address address;
};

struct cast {
	uint64_t seed, chain_id;
	uint32_t n_ours;    /* wallets to be registered: the first ones */
	uint32_t n_parties; /* CAST_WALLETS + wallets */
	struct cast_word *parties;
	struct cast_word topics[TOPICS];
	struct cast_word contracts[CONTRACTS];
	struct cast_account accounts[CAST_ACCOUNTS];
	struct secp256k1_context_struct *secp;
};

/* n_ours >= 8, strangers >= 2. */
struct cast *cast_new(uint64_t seed, uint64_t chain_id, uint32_t n_ours,
		      uint32_t strangers);
void cast_free(struct cast *cast);

struct address cast_address(const struct cast *cast, uint32_t party);
/* Every fourth wallet of ours is a platform's, the others are workers'. */
bool cast_is_ours(const struct cast *cast, uint32_t party);
bool cast_is_platform(const struct cast *cast, uint32_t party);
/* The first stranger; a test may configure it as a fee wallet. */
uint32_t cast_fee_wallet(const struct cast *cast);
/* The number of the account with that address; -1: none. */
int cast_account_of(const struct cast *cast, const struct address *address);

/* Signs with account's key (v, r, s), validly (EIP-155, EIP-2), and at the cost
 * of a hash: the nonce of every signature is 1, so that r is the generator's x
 * and s = z + r * key. Whoever sees one knows the key, and may. */
void cast_sign(const struct cast *cast, unsigned account,
	       struct transaction *tx);

/* The word of bytes that are not in the cast, such as a stream's number. */
struct cast_word cast_word_of(const void *bytes, size_t len);
/* The same with the bits of the bytes as they are: a log's own address. */
struct cast_word cast_word_bare(const void *bytes, size_t len);
void cast_bloom(struct bloom *bloom, const struct cast_word *word);
bool cast_in_bloom(const struct bloom *bloom, const struct cast_word *word);

#endif
