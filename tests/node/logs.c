#include <string.h>

#include "tests/node/content.h"
#include "tests/node/dice.h"
#include "tests/node/must.h"

/* From what a transaction does to the transaction itself, its logs and its
 * receipt. */

struct writer {
	const struct cast *cast;
	struct arena *arena;
	struct raw_log *log;
	struct bloom *bloom;
};

static void begin(struct writer *w, enum cast_contract contract)
{
	const struct cast_word *word = &w->cast->contracts[contract];

	memcpy(w->log->address.b, word->word.b + 12, sizeof(w->log->address.b));
	cast_bloom(w->bloom, word);
}

static void topic(struct writer *w, const struct cast_word *word)
{
	w->log->topics[w->log->n_topics++] = word->word;
	cast_bloom(w->bloom, word);
}

static void topic_party(struct writer *w, uint32_t party)
{
	topic(w, &w->cast->parties[party]);
}

static void topic_number(struct writer *w, uint64_t number)
{
	const struct u256 value = u256_from_u64(number);
	struct cast_word word;
	uint8_t bytes[32];

	u256_to_be(bytes, &value);
	word = cast_word_of(bytes, sizeof(bytes));
	topic(w, &word);
}

static void data(struct writer *w, const void *bytes, size_t len)
{
	w->log->data = arena_copy(w->arena, bytes, len);
	must(w->log->data.data);
}

static void data_numbers(struct writer *w, const uint64_t *numbers, size_t n)
{
	uint8_t words[4 * 32];

	for (size_t i = 0; i < n; i++) {
		const struct u256 value = u256_from_u64(numbers[i]);

		u256_to_be(words + 32 * i, &value);
	}
	data(w, words, 32 * n);
}

static void write_transfer(struct writer *w, enum cast_contract contract,
			   uint32_t from, uint32_t to, uint64_t amount)
{
	begin(w, contract);
	topic(w, &w->cast->topics[TOPIC_TRANSFER]);
	topic_party(w, from);
	topic_party(w, to);
	data_numbers(w, &amount, 1);
}

static void write_created(struct writer *w, const struct content_saying *s)
{
	const uint64_t numbers[] = {s->total, s->duration, s->interval};

	begin(w, CONTRACT_STREAMING);
	topic(w, &w->cast->topics[TOPIC_STREAM_CREATED]);
	topic_number(w, s->id);
	topic_party(w, s->to);
	topic_party(w, s->from);
	data_numbers(w, numbers, 3);
}

/* The events of a stream that exists: its number, maybe a party, numbers. */
static void write_event(struct writer *w, enum cast_topic what,
			const struct content_saying *s, const uint32_t *party,
			size_t n_numbers)
{
	const uint64_t numbers[] = {s->amount, s->total};

	begin(w, CONTRACT_STREAMING);
	topic(w, &w->cast->topics[what]);
	topic_number(w, s->id);
	if (party)
		topic_party(w, *party);
	data_numbers(w, numbers, n_numbers);
}

/* What others log: the same topics from other addresses, other topics from
 * ours, shapes of every kind. */
static void write_noise(struct writer *w, struct dice dice)
{
	const struct cast *cast = w->cast;
	uint64_t throw = dice_below(&dice, 100);
	uint32_t a = (uint32_t)dice_below(&dice, cast->n_parties);
	uint32_t b = (uint32_t)dice_below(&dice, cast->n_parties);
	uint64_t amount = dice_next(&dice);
	uint8_t odd[97] = {1};

	if (throw < 70) {
		write_transfer(w, CONTRACT_OTHER_TOKEN, a, b, amount);
	} else if (throw < 90) {
		begin(w, CONTRACT_STRANGER);
		if (throw < 80)
			topic_number(w, amount);
		data(w, odd, amount % sizeof(odd));
	} else if (throw < 95) { /* ERC-721: its Transfer has four topics */
		begin(w, CONTRACT_STRANGER);
		topic(w, &cast->topics[TOPIC_TRANSFER]);
		topic_party(w, a);
		topic_party(w, b);
		topic_number(w, amount);
		data(w, "", 0);
	} else if (throw < 99) {
		begin(w, CONTRACT_TOKEN);
		topic(w, &cast->topics[TOPIC_APPROVAL]);
		topic_party(w, a);
		topic_party(w, b);
		data_numbers(w, &amount, 1);
	} else {
		begin(w, CONTRACT_STREAMING);
		topic(w, &cast->topics[TOPIC_PAUSED]);
		data(w, cast->parties[a].word.b, 32);
	}
}

/* Ours by address and first topic, but not what the ABI describes. */
static void write_odd(struct writer *w, struct dice dice)
{
	const uint64_t numbers[] = {1, 2, 3};
	uint8_t dirty[32] = {1};
	struct cast_word word = cast_word_of(dirty, sizeof(dirty));

	switch (dice_below(&dice, 3)) {
	case 0: /* a topic too few */
		begin(w, CONTRACT_TOKEN);
		topic(w, &w->cast->topics[TOPIC_TRANSFER]);
		topic_party(w, CAST_WALLETS);
		data_numbers(w, numbers, 1);
		return;
	case 1: /* data too long */
		begin(w, CONTRACT_STREAMING);
		topic(w, &w->cast->topics[TOPIC_STREAM_PAUSED]);
		topic_number(w, 1);
		topic_party(w, CAST_WALLETS);
		data_numbers(w, numbers, 3);
		return;
	default: /* an address of more than 160 bits */
		begin(w, CONTRACT_TOKEN);
		topic(w, &w->cast->topics[TOPIC_TRANSFER]);
		topic(w, &word);
		topic_party(w, CAST_WALLETS);
		data_numbers(w, numbers, 1);
	}
}

static void write_log(struct writer *w, const struct content_saying *s)
{
	switch (s->kind) {
	case SAYS_TRANSFER:
		write_transfer(w, CONTRACT_TOKEN, s->from, s->to, s->amount);
		return;
	case SAYS_CREATED:
		write_created(w, s);
		return;
	case SAYS_RELEASED:
		write_event(w, TOPIC_PAYMENT_RELEASED, s, &s->to, 2);
		return;
	case SAYS_CLAIMED:
		write_event(w, TOPIC_EARNINGS_CLAIMED, s, &s->to, 1);
		return;
	case SAYS_PAUSED:
		write_event(w, TOPIC_STREAM_PAUSED, s, &s->from, 0);
		return;
	case SAYS_RESUMED:
		write_event(w, TOPIC_STREAM_RESUMED, s, &s->from, 0);
		return;
	case SAYS_CANCELLED:
		write_event(w, TOPIC_STREAM_CANCELLED, s, &s->from, 1);
		return;
	case SAYS_COMPLETED:
		write_event(w, TOPIC_STREAM_COMPLETED, s, NULL, 1);
		return;
	case SAYS_ODD:
		write_odd(w, (struct dice){s->chance});
		return;
	case SAYS_NOISE:
	case SAYS_KINDS:
		write_noise(w, (struct dice){s->chance});
	}
}

static void make_receipt(struct receipt *receipt, const struct cast *cast,
			 const struct content_item *item, struct arena *arena)
{
	struct content_saying few[CONTENT_SAYINGS], *said = few;
	struct writer w = {cast, arena, NULL, &receipt->bloom};

	if (item->deed == DEED_PAY && item->logs > CONTENT_SAYINGS) {
		said = ARENA_ARRAY(arena, struct content_saying, item->logs);
		must(said);
	}
	receipt->status = item->deed != DEED_FAIL;
	receipt->n_logs = content_say(said, cast, item);
	receipt->logs = ARENA_ARRAY(arena, struct raw_log, receipt->n_logs);
	must(receipt->logs);
	for (size_t i = 0; i < receipt->n_logs; i++) {
		w.log = &receipt->logs[i];
		write_log(&w, &said[i]);
	}
}

/* EIP-2718's types, most of them of the newer kind. */
static void set_type(struct transaction *tx, const struct cast *cast,
		     struct dice *dice, struct arena *arena)
{
	uint64_t throw = dice_below(dice, 100);

	tx->type = throw < 30	? TRANSACTION_LEGACY
		   : throw < 35 ? TRANSACTION_ACCESS_LIST
		   : throw < 96 ? TRANSACTION_DYNAMIC_FEE
		   : throw < 98 ? TRANSACTION_BLOB
				: TRANSACTION_SET_CODE;
	if (tx->type != TRANSACTION_LEGACY)
		tx->chain_id = cast->chain_id;
	if (tx->type <= TRANSACTION_ACCESS_LIST) {
		tx->gas_price = u256_from_u64(1000000000);
	} else {
		tx->max_priority_fee = u256_from_u64(1000000);
		tx->max_fee = u256_from_u64(2000000000);
	}
	if (tx->type == TRANSACTION_BLOB) {
		tx->n_blob_hashes = 1;
		tx->max_blob_fee = u256_from_u64(1);
		tx->blob_hashes = ARENA_NEW(arena, struct hash);
		must(tx->blob_hashes);
		tx->blob_hashes->b[0] = 1; /* EIP-4844's version */
	}
	if (tx->type == TRANSACTION_SET_CODE) {
		tx->n_authorizations = 1;
		tx->authorizations = ARENA_NEW(arena, struct authorization);
		must(tx->authorizations);
		tx->authorizations->nonce = tx->nonce;
		tx->authorizations->r = u256_from_u64(1);
		tx->authorizations->s = u256_from_u64(1);
	}
}

static enum cast_contract called(const struct content_item *item)
{
	if (item->deed == DEED_NOISE || item->deed == DEED_FAIL)
		return CONTRACT_STRANGER;
	if (item->deed == DEED_PAY)
		return item->logs == 1 ? CONTRACT_TOKEN : CONTRACT_STRANGER;
	return CONTRACT_STREAMING;
}

/* Its input is of the usual length, and tells transactions apart that have a
 * nonce in common: those of two branches. */
static void make_transaction(struct transaction *tx, const struct cast *cast,
			     const struct content_item *item,
			     struct arena *arena)
{
	const struct cast_word *to = &cast->contracts[called(item)];
	struct dice dice =
	    dice_of(cast->seed, item->branch, item->number, ~item->index);
	uint8_t input[36];

	for (size_t i = 0; i < sizeof(input); i += sizeof(uint64_t)) {
		uint64_t some = dice_next(&dice);
		size_t n = sizeof(input) - i;

		memcpy(input + i, &some, n < sizeof(some) ? n : sizeof(some));
	}
	tx->nonce = content_nonce(item);
	tx->gas = 2 * content_gas(item);
	tx->has_to = true;
	memcpy(tx->to.b, to->word.b + 12, sizeof(tx->to.b));
	tx->input = arena_copy(arena, input, sizeof(input));
	must(tx->input.data);
	set_type(tx, cast, &dice, arena);
	cast_sign(cast, content_account(cast, item), tx);
}

void content_make(struct transaction *tx, struct receipt *receipt,
		  const struct cast *cast, const struct content_item *item,
		  struct arena *arena)
{
	*tx = (struct transaction){0};
	*receipt = (struct receipt){0};
	make_transaction(tx, cast, item, arena);
	receipt->type = (uint8_t)tx->type;
	make_receipt(receipt, cast, item, arena);
}
