#include "daemon/audit/getter.h"

#include <string.h>

#include "common/keccak.h"

#define WORD 32

/* The words of a stream's answer, in the order of the contract's struct. */
enum stream_word {
	STREAM_ID,
	STREAM_WORKER,
	STREAM_PLATFORM,
	STREAM_TOTAL,
	STREAM_RELEASED,
	STREAM_CLAIMED,
	STREAM_START,
	STREAM_DURATION,
	STREAM_INTERVAL,
	STREAM_LAST_RELEASE,
	STREAM_STATUS,
	STREAM_WORDS
};

static void put_selector(uint8_t *call, const char *signature)
{
	const struct hash hash = keccak256(signature, strlen(signature));

	memcpy(call, hash.b, 4);
}

void getter_balance(uint8_t call[GETTER_SIZE], const struct address *owner)
{
	memset(call, 0, GETTER_SIZE);
	put_selector(call, "balanceOf(address)");
	memcpy(call + GETTER_SIZE - sizeof(owner->b), owner->b,
	       sizeof(owner->b));
}

void getter_stream(uint8_t call[GETTER_SIZE], const struct u256 *id)
{
	put_selector(call, "getStreamDetails(uint256)");
	u256_to_be(call + 4, id);
}

void getter_stream_count(uint8_t call[GETTER_COUNT_SIZE])
{
	put_selector(call, "streamCount()");
}

bool getter_word(struct u256 *out, const struct bytes *answer)
{
	if (answer->len != WORD)
		return false;
	*out = u256_from_be(answer->data, WORD);
	return true;
}

static struct u256 word(const struct bytes *answer, enum stream_word i)
{
	return u256_from_be(answer->data + i * WORD, WORD);
}

/* False where the upper twelve bytes are not zero. */
static bool address_word(struct address *out, const struct bytes *answer,
			 enum stream_word i)
{
	static const uint8_t zero[WORD - sizeof(out->b)];
	const uint8_t *at = answer->data + i * WORD;

	memcpy(out->b, at + sizeof(zero), sizeof(out->b));
	return memcmp(at, zero, sizeof(zero)) == 0;
}

bool getter_read_stream(struct stream_row *out, const struct bytes *answer)
{
	uint64_t status;
	struct u256 last;

	if (answer->len != STREAM_WORDS * WORD)
		return false;
	last = word(answer, STREAM_STATUS);
	if (!u256_to_u64(&status, &last) || status >= STREAM_STATUSES)
		return false;
	*out = (struct stream_row){
	    .contract_stream_id = word(answer, STREAM_ID),
	    .total = word(answer, STREAM_TOTAL),
	    .released = word(answer, STREAM_RELEASED),
	    .claimed = word(answer, STREAM_CLAIMED),
	    /* The contract's enum has the order of ours. */
	    .status = (enum stream_status)status,
	};
	return address_word(&out->worker_wallet, answer, STREAM_WORKER) &&
	       address_word(&out->platform_wallet, answer, STREAM_PLATFORM);
}
