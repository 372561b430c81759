#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chain/parse.h"
#include "tests/fuzz/fuzz.h"

/* Reads: logs as eth_getLogs gives them.
 *
 * Holds: logs that are read are what the text says, as far as another reader
 * (strtoull, strcasecmp) understands it; and written as JSON once more, they are
 * read as the same. */

#define TEXT_CAP (4u << 20)

static void put_raw(struct buf *out, const struct raw_log *log)
{
	char text[HASH_TEXT_SIZE];

	buf_printf(out, "\"address\":\"%s\",\"topics\":[",
		   address_format(text, &log->address));
	for (size_t i = 0; i < log->n_topics; i++)
		buf_printf(out, "%s\"%s\"", i ? "," : "",
			   hash_format(text, &log->topics[i]));
	buf_puts(out, "],\"data\":\"0x");
	buf_hex(out, log->data.data, log->data.len);
	buf_putc(out, '"');
}

static void put_log(struct buf *out, const struct found_log *log)
{
	char block[HASH_TEXT_SIZE], tx[HASH_TEXT_SIZE];

	buf_printf(
	    out,
	    "{\"blockNumber\":\"0x%" PRIx64 "\",\"blockHash\":\"%s\","
	    "\"transactionHash\":\"%s\",\"transactionIndex\":\"0x%" PRIx32
	    "\",\"logIndex\":\"0x%" PRIx32 "\",\"removed\":%s,",
	    log->block_number, hash_format(block, &log->block_hash),
	    hash_format(tx, &log->tx_hash), log->tx_index, log->log_index,
	    log->removed ? "true" : "false");
	put_raw(out, &log->raw);
	buf_putc(out, '}');
}

static void put_logs(struct buf *out, const struct found_logs *logs)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < logs->n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_log(out, &logs->list[i]);
	}
	buf_putc(out, ']');
	CHECK(out->err == OK);
}

static bool is_number(const struct json *log, const char *name, uint64_t value)
{
	const char *text = json_text(json_member(log, name), NULL);

	return text && strtoull(text, NULL, 16) == value;
}

static bool is_text(const struct json *log, const char *name, const char *value)
{
	const char *text = json_text(json_member(log, name), NULL);

	return text && strcasecmp(text, value) == 0;
}

static void check_log(const struct found_log *log, const struct json *said)
{
	char text[HASH_TEXT_SIZE];

	CHECK(is_number(said, "blockNumber", log->block_number));
	CHECK(is_number(said, "transactionIndex", log->tx_index));
	CHECK(is_number(said, "logIndex", log->log_index));
	CHECK(is_text(said, "blockHash", hash_format(text, &log->block_hash)));
	CHECK(
	    is_text(said, "transactionHash", hash_format(text, &log->tx_hash)));
	CHECK(
	    is_text(said, "address", address_format(text, &log->raw.address)));
	CHECK(json_count(json_member(said, "topics")) == log->raw.n_topics);
}

static void check_logs(const struct found_logs *logs, struct arena *arena)
{
	struct found_logs again;
	struct json_doc *doc;
	struct buf text, other;

	buf_init(&text, TEXT_CAP);
	buf_init(&other, TEXT_CAP);
	put_logs(&text, logs);
	doc = input_json((const uint8_t *)text.data, text.len);
	CHECK(doc);
	CHECK(parse_logs(&again, json_doc_root(doc), arena, NULL) == OK);
	put_logs(&other, &again);
	CHECK(other.len == text.len);
	CHECK(memcmp(other.data, text.data, text.len) == 0);
	json_doc_free(doc);
	buf_free(&other);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc = input_json(data, size);
	struct arena *arena = fuzz_arena();
	struct found_logs logs;
	struct fault fault = {0};
	enum err err;

	if (!doc) {
		arena_free(arena);
		return 0;
	}
	err = parse_logs(&logs, json_doc_root(doc), arena, &fault);
	if (err != OK)
		check_fault(err, &fault);
	for (size_t i = 0; err == OK && i < logs.n; i++)
		check_log(&logs.list[i], json_element(json_doc_root(doc), i));
	if (err == OK)
		check_logs(&logs, arena);
	json_doc_free(doc);
	arena_free(arena);
	return 0;
}
