#include "chain/rlp.h"

#include <string.h>

#define STRING 0x80
#define LIST 0xc0
#define SHORT_MAX 55 /* a longer payload has its length spelled out */

/* The big-endian digits of value without leading zeros; 0 has none. */
static size_t digits_of(uint8_t out[8], uint64_t value)
{
	size_t n = 0;

	for (int shift = 56; shift >= 0; shift -= 8)
		if (n > 0 || value >> shift)
			out[n++] = (uint8_t)(value >> shift);
	return n;
}

static size_t encode_header(uint8_t out[9], uint8_t base, size_t len)
{
	size_t n;

	if (len <= SHORT_MAX) {
		out[0] = (uint8_t)(base + len);
		return 1;
	}
	n = digits_of(out + 1, len);
	out[0] = (uint8_t)(base + SHORT_MAX + n);
	return 1 + n;
}

void rlp_put_bytes(struct buf *out, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t header[9];

	if (len != 1 || bytes[0] >= STRING)
		buf_add(out, header, encode_header(header, STRING, len));
	buf_add(out, data, len);
}

size_t rlp_encode_u64(uint8_t out[RLP_U64_SIZE], uint64_t value)
{
	size_t n = digits_of(out + 1, value);

	if (n == 1 && value < STRING) {
		out[0] = (uint8_t)value;
		return 1;
	}
	out[0] = (uint8_t)(STRING + n);
	return 1 + n;
}

void rlp_put_u64(struct buf *out, uint64_t value)
{
	uint8_t text[RLP_U64_SIZE];

	buf_add(out, text, rlp_encode_u64(text, value));
}

void rlp_put_u256(struct buf *out, const struct u256 *value)
{
	uint8_t digits[32];
	size_t zeros = 0;

	u256_to_be(digits, value);
	while (zeros < sizeof(digits) && digits[zeros] == 0)
		zeros++;
	rlp_put_bytes(out, digits + zeros, sizeof(digits) - zeros);
}

size_t rlp_open_list(struct buf *out)
{
	return out->len;
}

/* The header's length is known only now: the payload makes room for it. */
void rlp_close_list(struct buf *out, size_t mark)
{
	size_t len = out->len - mark;
	uint8_t header[9];
	size_t n = encode_header(header, LIST, len);

	buf_add(out, header, n);
	if (out->err != OK)
		return;
	memmove(out->data + mark + n, out->data + mark, len);
	memcpy(out->data + mark, header, n);
}

/* The length in the n bytes behind the first one, for a long item. */
static enum err long_length(size_t *out, const struct bytes *in, size_t n)
{
	uint64_t len = 0;

	if (n > in->len - 1 || in->data[1] == 0)
		return ERR_SYNTAX;
	for (size_t i = 1; i <= n; i++)
		len = len << 8 | in->data[i];
	if (len <= SHORT_MAX || len > SIZE_MAX)
		return ERR_SYNTAX;
	*out = (size_t)len;
	return OK;
}

enum err rlp_next(struct rlp_item *item, struct bytes *in)
{
	size_t header = 1;
	size_t len;
	uint8_t first, base;

	if (in->len == 0)
		return ERR_SYNTAX;
	first = in->data[0];
	base = first >= LIST ? LIST : STRING;
	if (first < STRING) {
		header = 0;
		len = 1;
	} else if (first - base <= SHORT_MAX) {
		len = (size_t)(first - base);
	} else {
		header += (size_t)(first - base - SHORT_MAX);
		if (long_length(&len, in, header - 1) != OK)
			return ERR_SYNTAX;
	}
	if (len > in->len - header)
		return ERR_SYNTAX;
	if (first == STRING + 1 && in->data[1] < STRING)
		return ERR_SYNTAX;
	item->is_list = first >= LIST;
	item->payload = (struct bytes){in->data + header, len};
	item->whole = (struct bytes){in->data, header + len};
	in->data += header + len;
	in->len -= header + len;
	return OK;
}

static enum err check_items(struct bytes items, int depth)
{
	struct rlp_item item;
	enum err err = OK;

	if (depth > RLP_MAX_DEPTH)
		return ERR_LIMIT;
	while (err == OK && items.len > 0) {
		err = rlp_next(&item, &items);
		if (err == OK && item.is_list)
			err = check_items(item.payload, depth + 1);
	}
	return err;
}

enum err rlp_check(struct bytes text)
{
	struct bytes rest = text;
	struct rlp_item item;

	if (rlp_next(&item, &rest) != OK || rest.len > 0)
		return ERR_SYNTAX;
	return check_items(text, 0);
}

enum err rlp_u256(struct u256 *out, const struct rlp_item *item)
{
	if (item->is_list)
		return ERR_SYNTAX;
	if (item->payload.len > 0 && item->payload.data[0] == 0)
		return ERR_SYNTAX;
	if (item->payload.len > 32)
		return ERR_RANGE;
	*out = u256_from_be(item->payload.data, item->payload.len);
	return OK;
}

enum err rlp_u64(uint64_t *out, const struct rlp_item *item)
{
	struct u256 wide;
	enum err err = rlp_u256(&wide, item);

	if (err != OK)
		return err;
	return u256_to_u64(out, &wide) ? OK : ERR_RANGE;
}
