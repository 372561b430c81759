#include "chain/rlp.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Reads: any bytes, twice: as RLP, and as a recipe for a tree of items.
 *
 * Holds: what is accepted encodes back to the very same bytes; what the recipe
 * writes is accepted; and nothing that is accepted can have a byte more, or
 * less. */

#define TEXT_CAP (16u << 20)
#define DEPTH_MOST 20 /* of a recipe */

static void put_integers(struct buf *out, const struct rlp_item *item)
{
	size_t mark = out->len;
	struct u256 wide;
	uint64_t narrow;
	enum err err = rlp_u256(&wide, item);

	if (rlp_u64(&narrow, item) == OK) {
		CHECK(err == OK && wide.w[0] == narrow);
		rlp_put_u64(out, narrow);
		CHECK(out->len - mark == item->whole.len);
		CHECK(memcmp(out->data + mark, item->whole.data,
			     item->whole.len) == 0);
		out->len = mark;
	}
	if (err == OK) {
		rlp_put_u256(out, &wide);
		CHECK(out->len - mark == item->whole.len);
		out->len = mark;
	}
}

/* Writes once more what stands in text. */
static void copy(struct buf *out, struct bytes text)
{
	struct rlp_item item;

	while (text.len > 0) {
		size_t mark;

		CHECK(rlp_next(&item, &text) == OK);
		if (item.is_list) {
			mark = rlp_open_list(out);
			copy(out, item.payload);
			rlp_close_list(out, mark);
		} else {
			put_integers(out, &item);
			rlp_put_bytes(out, item.payload.data, item.payload.len);
		}
	}
}

static void check_text(struct bytes text)
{
	struct bytes more = {text.data, text.len - 1};
	struct buf out;

	if (rlp_check(text) != OK)
		return;
	buf_init(&out, TEXT_CAP);
	copy(&out, text);
	CHECK(out.err == OK && out.len == text.len);
	CHECK(memcmp(out.data, text.data, text.len) == 0);
	CHECK(rlp_check(more) != OK);
	buf_putc(&out, 0);
	more = (struct bytes){(const uint8_t *)out.data, out.len};
	CHECK(rlp_check(more) != OK);
	buf_free(&out);
}

/* A byte of the recipe says what comes: a list, or a string so long. */
static void cook(struct buf *out, struct input *recipe, int depth)
{
	uint8_t what = input_byte(recipe);
	uint8_t bytes[1 << 10];
	size_t mark, len;

	if (what >= 0xc0 && depth < DEPTH_MOST) {
		mark = rlp_open_list(out);
		for (int n = what & 0x0f; n > 0 && recipe->left > 0; n--)
			cook(out, recipe, depth + 1);
		rlp_close_list(out, mark);
	} else if (what >= 0x80) {
		len = (size_t)(what & 0x3f) * (what & 0x40 ? 16 : 1);
		input_take(recipe, bytes, len);
		rlp_put_bytes(out, bytes, len);
	} else {
		rlp_put_u64(out, what);
	}
}

static void check_recipe(struct input recipe)
{
	struct buf out;

	buf_init(&out, TEXT_CAP);
	cook(&out, &recipe, 0);
	CHECK(out.err == OK);
	CHECK(rlp_check((struct bytes){(const uint8_t *)out.data, out.len}) ==
	      OK);
	check_text((struct bytes){(const uint8_t *)out.data, out.len});
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_text((struct bytes){data, size});
	check_recipe((struct input){data, size});
	return 0;
}
