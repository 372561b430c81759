#include "tests/node/cast.h"

#include <stdlib.h>
#include <string.h>

#include <secp256k1_recovery.h>

#include "common/keccak.h"
#include "tests/node/dice.h"
#include "tests/node/must.h"

/* Every n-th wallet of ours belongs to a platform. */
#define PLATFORM_EVERY 4

static const char *const signatures[TOPICS] = {
    [TOPIC_TRANSFER] = "Transfer(address,address,uint256)",
    [TOPIC_STREAM_CREATED] =
	"StreamCreated(uint256,address,address,uint256,uint256,uint256)",
    [TOPIC_PAYMENT_RELEASED] =
	"PaymentReleased(uint256,address,uint256,uint256)",
    [TOPIC_EARNINGS_CLAIMED] = "EarningsClaimed(uint256,address,uint256)",
    [TOPIC_STREAM_PAUSED] = "StreamPaused(uint256,address)",
    [TOPIC_STREAM_RESUMED] = "StreamResumed(uint256,address)",
    [TOPIC_STREAM_CANCELLED] = "StreamCancelled(uint256,address,uint256)",
    [TOPIC_STREAM_COMPLETED] = "StreamCompleted(uint256,uint256)",
    [TOPIC_APPROVAL] = "Approval(address,address,uint256)",
    [TOPIC_PAUSED] = "Paused(address)",
};

/* The generator of secp256k1, x (SEC 2, 2.4.1); its y is even. */
static const uint8_t generator_x[32] = {
    0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0, 0x62,
    0x95, 0xce, 0x87, 0x0b, 0x07, 0x02, 0x9b, 0xfc, 0xdb, 0x2d, 0xce,
    0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98};

/* Byte pairs of the hash, each modulo 2048: Yellow Paper 4.3.1. */
static void set_bits(uint16_t bits[3], const void *bytes, size_t len)
{
	const struct hash hash = keccak256(bytes, len);

	for (unsigned i = 0; i < 3; i++)
		bits[i] =
		    (uint16_t)((hash.b[2 * i] << 8 | hash.b[2 * i + 1]) & 2047);
}

struct cast_word cast_word_of(const void *bytes, size_t len)
{
	struct cast_word word = {0};

	must(len <= sizeof(word.word.b));
	memcpy(word.word.b + sizeof(word.word.b) - len, bytes, len);
	set_bits(word.bits, word.word.b, sizeof(word.word.b));
	return word;
}

struct cast_word cast_word_bare(const void *bytes, size_t len)
{
	struct cast_word word = cast_word_of(bytes, len);

	set_bits(word.bits, bytes, len);
	return word;
}

bool cast_in_bloom(const struct bloom *bloom, const struct cast_word *word)
{
	for (unsigned i = 0; i < 3; i++)
		if (!(bloom->b[255 - (word->bits[i] >> 3)] &
		      1u << (word->bits[i] & 7)))
			return false;
	return true;
}

void cast_bloom(struct bloom *bloom, const struct cast_word *word)
{
	for (unsigned i = 0; i < 3; i++)
		bloom->b[255 - (word->bits[i] >> 3)] |=
		    (uint8_t)(1u << (word->bits[i] & 7));
}

static struct hash drawn(uint64_t seed, const char *what, uint64_t n)
{
	struct {
		uint64_t seed, n;
		char what[16];
	} text = {seed, n, ""};

	(void)snprintf(text.what, sizeof(text.what), "%s", what);
	return keccak256(&text, sizeof(text));
}

static void make_contracts(struct cast *cast)
{
	struct address address;

	must(address_parse(&address, CAST_TOKEN) == OK);
	cast->contracts[CONTRACT_TOKEN] =
	    cast_word_bare(address.b, sizeof(address.b));
	must(address_parse(&address, CAST_STREAMING) == OK);
	cast->contracts[CONTRACT_STREAMING] =
	    cast_word_bare(address.b, sizeof(address.b));
	cast->parties[CAST_CONTRACT] =
	    cast_word_of(address.b, sizeof(address.b));
	for (unsigned i = CONTRACT_OTHER_TOKEN; i < CONTRACTS; i++) {
		const struct hash hash = drawn(cast->seed, "contract", i);

		cast->contracts[i] = cast_word_bare(hash.b, sizeof(address.b));
	}
}

static void make_account(struct cast *cast, unsigned i)
{
	struct cast_account *account = &cast->accounts[i];
	secp256k1_pubkey key;
	uint8_t point[65];
	size_t len = sizeof(point);
	struct hash hash;

	account->key = drawn(cast->seed, "account", i);
	must(secp256k1_ec_pubkey_create(cast->secp, &key, account->key.b));
	must(secp256k1_ec_pubkey_serialize(cast->secp, point, &len, &key,
					   SECP256K1_EC_UNCOMPRESSED));
	hash = keccak256(point + 1, sizeof(point) - 1);
	memcpy(account->address.b, hash.b + 12, sizeof(account->address.b));
	account->r_key = account->key;
	must(secp256k1_ec_seckey_tweak_mul(cast->secp, account->r_key.b,
					   generator_x));
}

struct cast *cast_new(uint64_t seed, uint64_t chain_id, uint32_t n_ours,
		      uint32_t strangers)
{
	struct cast *cast = calloc(1, sizeof(*cast));

	must(cast && n_ours >= 8 && strangers >= 2);
	cast->seed = seed;
	cast->chain_id = chain_id;
	cast->n_ours = n_ours;
	cast->n_parties = CAST_WALLETS + n_ours + strangers;
	cast->parties = calloc(cast->n_parties, sizeof(*cast->parties));
	cast->secp = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
	must(cast->parties && cast->secp);
	cast->parties[CAST_NOBODY] = cast_word_of("", 0);
	for (uint32_t i = CAST_WALLETS; i < cast->n_parties; i++) {
		const struct hash hash = drawn(seed, "wallet", i);

		cast->parties[i] = cast_word_of(hash.b, sizeof(struct address));
	}
	for (unsigned i = 0; i < TOPICS; i++) {
		const struct hash topic =
		    keccak256(signatures[i], strlen(signatures[i]));

		cast->topics[i] = cast_word_of(topic.b, sizeof(topic.b));
	}
	make_contracts(cast);
	for (unsigned i = 0; i < CAST_ACCOUNTS; i++)
		make_account(cast, i);
	return cast;
}

void cast_free(struct cast *cast)
{
	secp256k1_context_destroy(cast->secp);
	free(cast->parties);
	free(cast);
}

struct address cast_address(const struct cast *cast, uint32_t party)
{
	struct address address;

	must(party < cast->n_parties);
	memcpy(address.b, cast->parties[party].word.b + 12, sizeof(address.b));
	return address;
}

bool cast_is_ours(const struct cast *cast, uint32_t party)
{
	return party >= CAST_WALLETS && party < CAST_WALLETS + cast->n_ours;
}

bool cast_is_platform(const struct cast *cast, uint32_t party)
{
	return cast_is_ours(cast, party) &&
	       (party - CAST_WALLETS) % PLATFORM_EVERY == 0;
}

uint32_t cast_fee_wallet(const struct cast *cast)
{
	return CAST_WALLETS + cast->n_ours;
}

int cast_account_of(const struct cast *cast, const struct address *address)
{
	for (int i = 0; i < CAST_ACCOUNTS; i++)
		if (address_eq(&cast->accounts[i].address, address))
			return i;
	return -1;
}

void cast_sign(const struct cast *cast, unsigned account,
	       struct transaction *tx)
{
	uint64_t parity = 0;
	struct hash s;

	if (tx->type == TRANSACTION_LEGACY)
		tx->v = 35 + 2 * cast->chain_id;
	must(transaction_signing_hash(&s, tx) == OK);
	must(secp256k1_ec_seckey_tweak_add(cast->secp, s.b,
					   cast->accounts[account].r_key.b));
	if (s.b[0] & 0x80) { /* above half the order: EIP-2 wants the other */
		must(secp256k1_ec_seckey_negate(cast->secp, s.b));
		parity = 1;
	}
	tx->v = tx->type == TRANSACTION_LEGACY ? tx->v + parity : parity;
	tx->r = u256_from_be(generator_x, sizeof(generator_x));
	tx->s = u256_from_be(s.b, sizeof(s.b));
}
