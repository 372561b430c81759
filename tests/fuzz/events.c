#include <string.h>

#include "contracts-abi/catalog.h"
#include "tests/fuzz/fuzz.h"

/* Reads: a log: a byte that says whose (0 a stranger's, 1 USDC's, else the
 * streaming contract's), a byte that says how many topics, and an event whose
 * topic0 it has (none of ours: topic0 itself comes next), then topics and
 * data.
 *
 * Holds: an event that is decoded, encoded again, is that very log; what is no
 * event of ours is of another address or topic0. */

static struct catalog *catalog;
static const struct address usdc = {{1}}, streaming = {{2}}, stranger = {{3}};

static void set_up(void)
{
	if (catalog)
		return;
	CHECK(catalog_new(&catalog, NULL) == OK);
	CHECK(catalog_add(catalog, &usdc, "USDC", NULL) == OK);
	CHECK(catalog_add(catalog, &streaming, "PaymentStreaming", NULL) == OK);
}

/* The words of an event in the order of its topics and data, as Solidity
 * writes them: here once more, apart from the table that the catalog has. */
struct words {
	struct hash topics[3];
	size_t n_topics; /* without topic0 */
	struct hash data[4];
	size_t n_data;
};

static struct hash of_address(const struct address *address)
{
	struct hash word = {{0}};

	memcpy(word.b + 12, address->b, sizeof(address->b));
	return word;
}

static struct hash of_number(const struct u256 *number)
{
	struct hash word;

	u256_to_be(word.b, number);
	return word;
}

static void topic(struct words *w, struct hash word)
{
	w->topics[w->n_topics++] = word;
}

static void datum(struct words *w, struct hash word)
{
	w->data[w->n_data++] = word;
}

static void encode_stream(struct words *w, const struct event *e)
{
	topic(w, of_number(&e->id));
	switch (e->kind) {
	case EVENT_STREAM_CREATED:
		topic(w, of_address(&e->worker));
		topic(w, of_address(&e->platform));
		datum(w, of_number(&e->amount));
		datum(w, of_number(&e->duration));
		datum(w, of_number(&e->release_interval));
		break;
	case EVENT_PAYMENT_RELEASED:
		topic(w, of_address(&e->worker));
		datum(w, of_number(&e->amount));
		datum(w, of_number(&e->total_released));
		break;
	case EVENT_EARNINGS_CLAIMED:
		topic(w, of_address(&e->worker));
		datum(w, of_number(&e->amount));
		break;
	case EVENT_STREAM_PAUSED:
	case EVENT_STREAM_RESUMED:
		topic(w, of_address(&e->by));
		break;
	case EVENT_STREAM_CANCELLED:
		topic(w, of_address(&e->by));
		datum(w, of_number(&e->amount));
		break;
	default:
		CHECK(e->kind == EVENT_STREAM_COMPLETED);
		datum(w, of_number(&e->amount));
	}
}

static void encode_token(struct words *w, const struct event *e)
{
	switch (e->kind) {
	case EVENT_TRANSFER:
	case EVENT_MINT:
		topic(w, of_address(&e->from));
		topic(w, of_address(&e->to));
		datum(w, of_number(&e->amount));
		break;
	case EVENT_BURN:
		topic(w, of_address(&e->from));
		datum(w, of_number(&e->amount));
		break;
	case EVENT_BLACKLISTED:
	case EVENT_UNBLACKLISTED:
		topic(w, of_address(&e->account));
		break;
	case EVENT_TOKEN_UPGRADED:
		datum(w, of_address(&e->account));
		break;
	default:
		CHECK(e->kind == EVENT_TOKEN_PAUSED ||
		      e->kind == EVENT_TOKEN_UNPAUSED);
	}
}

static void encode_contract(struct words *w, const struct event *e)
{
	if (e->kind == EVENT_OWNER_CHANGED) {
		topic(w, of_address(&e->from));
		topic(w, of_address(&e->to));
	} else {
		CHECK(e->kind == EVENT_CONTRACT_PAUSED ||
		      e->kind == EVENT_CONTRACT_UNPAUSED);
		datum(w, of_address(&e->by));
	}
}

static void encode(struct words *w, const struct event *e)
{
	*w = (struct words){0};
	if (event_family(e->kind) == FAMILY_TOKEN)
		encode_token(w, e);
	else if (event_family(e->kind) == FAMILY_CONTRACT)
		encode_contract(w, e);
	else
		encode_stream(w, e);
}

static void check_event(const struct raw_log *log, const struct event *event)
{
	struct words w;

	encode(&w, event);
	CHECK(log->n_topics == w.n_topics + 1);
	CHECK(memcmp(&log->topics[1], w.topics,
		     w.n_topics * sizeof(w.topics[0])) == 0);
	CHECK(log->data.len == w.n_data * sizeof(w.data[0]));
	CHECK(w.n_data == 0 ||
	      memcmp(log->data.data, w.data, log->data.len) == 0);
	CHECK((event_family(event->kind) == FAMILY_TOKEN) ==
	      address_eq(&log->address, &usdc));
}

static bool is_interest(const struct raw_log *log)
{
	const struct catalog_interest *all;
	size_t n = catalog_interests(catalog, &all);

	for (size_t i = 0; i < n; i++)
		if (log->n_topics > 0 &&
		    address_eq(&all[i].address, &log->address) &&
		    hash_eq(&all[i].topic0, &log->topics[0]))
			return true;
	return false;
}

static void read_log(struct raw_log *log, struct input *in)
{
	const struct catalog_interest *all;
	size_t n = catalog_interests(catalog, &all);
	uint8_t who = input_byte(in), event;

	*log = (struct raw_log){0};
	log->address = who == 0 ? stranger : who == 1 ? usdc : streaming;
	log->n_topics = input_byte(in) % 5;
	event = input_byte(in);
	for (size_t i = 0; i < log->n_topics; i++) {
		if (i == 0 && event < n)
			log->topics[0] = all[event].topic0;
		else
			input_take(in, log->topics[i].b, 32);
	}
	log->data = (struct bytes){in->at, in->left};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	const char *why = NULL;
	struct raw_log log;
	struct catalog_events events;

	set_up();
	read_log(&log, &in);
	switch (catalog_decode(catalog, &log, &events, &why)) {
	case CATALOG_NOT_OURS:
		CHECK(!is_interest(&log));
		break;
	case CATALOG_EVENT:
		CHECK(is_interest(&log));
		CHECK(events.n == 1);
		check_event(&log, &events.all[0]);
		break;
	case CATALOG_MALFORMED:
		CHECK(is_interest(&log));
		CHECK(why && *why);
		break;
	}
	return 0;
}
