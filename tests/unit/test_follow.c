#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chain/follow.h"

/* A block of branch `branch`: its hash says number and branch; up to `fork`
 * all branches share the hashes of branch 0. */
static struct hash hash_at(uint64_t number, unsigned branch, uint64_t fork)
{
	struct hash hash = {{0}};

	hash.b[0] = number <= fork ? 0 : (uint8_t)branch;
	for (int i = 0; i < 8; i++)
		hash.b[31 - i] = (uint8_t)(number >> (8 * i));
	return hash;
}

static struct block_ref block(uint64_t number, unsigned branch, uint64_t fork)
{
	struct block_ref ref = {.number = number, .timestamp = 1};

	ref.hash = hash_at(number, branch, fork);
	if (number > 0)
		ref.parent_hash = hash_at(number - 1, branch, fork);
	return ref;
}

static void add(struct follow *follow, uint64_t from, uint64_t to,
		unsigned branch, uint64_t fork)
{
	for (uint64_t i = from; i <= to; i++) {
		struct block_ref ref = block(i, branch, fork);

		assert_int_equal(follow_add(follow, &ref), OK);
	}
}

static struct follow_decision decide(const struct follow *follow,
				     uint64_t number, unsigned branch,
				     uint64_t fork)
{
	struct block_ref theirs = block(number, branch, fork);

	return follow_decide(follow, &theirs);
}

/* Plays the node of a branch: from its latest header to a verdict. */
static struct follow_decision settle(const struct follow *follow,
				     uint64_t latest, unsigned branch,
				     uint64_t fork)
{
	struct follow_decision d = decide(follow, latest, branch, fork);
	bool differs = false;

	while (d.step == FOLLOW_COMPARE) {
		struct block_ref theirs = block(d.number, branch, fork);
		const struct block_ref *ours = follow_at(follow, d.number);

		d = follow_compare(follow, &theirs, differs);
		differs = differs || !hash_eq(&ours->hash, &theirs.hash);
	}
	return d;
}

static void begins_at_start_block(void **state)
{
	struct follow follow;
	struct follow_decision d;

	(void)state;
	follow_init(&follow, 100);
	assert_int_equal(decide(&follow, 99, 0, 0).step, FOLLOW_WAIT);
	d = decide(&follow, 120, 0, 0);
	assert_int_equal(d.step, FOLLOW_APPLY);
	assert_int_equal(d.from, 100);
	assert_int_equal(d.to, 120);
	follow_free(&follow);
}

/* A range that somebody asked for may lie far below it. */
static void a_tip_below_start_block_is_not_where_to_go_on(void **state)
{
	struct follow follow;
	struct follow_decision d;

	(void)state;
	follow_init(&follow, 100);
	add(&follow, 0, 5, 0, 0);
	assert_int_equal(decide(&follow, 99, 0, 0).step, FOLLOW_WAIT);
	d = decide(&follow, 120, 0, 0);
	assert_int_equal(d.step, FOLLOW_APPLY);
	assert_int_equal(d.from, 100);
	assert_int_equal(d.to, 120);
	add(&follow, 99, 99, 0, 0);
	assert_int_equal(decide(&follow, 100, 0, 0).from, 100);
	follow_free(&follow);
}

static void applies_what_extends(void **state)
{
	struct follow follow;
	struct follow_decision d;

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 0, 10, 0, 0);
	d = decide(&follow, 11, 0, 0);
	assert_int_equal(d.step, FOLLOW_APPLY);
	assert_int_equal(d.from, 11);
	assert_int_equal(d.to, 11);
	d = decide(&follow, 15, 0, 0);
	assert_int_equal(d.from, 11);
	assert_int_equal(d.to, 15);
	assert_int_equal(decide(&follow, 10, 0, 0).step, FOLLOW_WAIT);
	assert_int_equal(decide(&follow, 7, 0, 0).step, FOLLOW_WAIT);
	follow_free(&follow);
}

static void rolls_back_to_the_shared_block(void **state)
{
	static const uint64_t depths[] = {1, 2, 5, 50};
	struct follow follow;
	struct follow_decision d;

	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		uint64_t shared = 100 - depths[i];

		follow_init(&follow, 0);
		add(&follow, 0, 100, 0, 0);
		follow_set_final(&follow, 40);
		/* the other branch: longer, as long, shorter */
		for (uint64_t latest = shared + 1; latest <= 102; latest++) {
			d = settle(&follow, latest, 1, shared);
			if (latest == 102) {
				/* two ahead: a span, whose parent tells */
				assert_int_equal(d.step, FOLLOW_APPLY);
				continue;
			}
			assert_int_equal(d.step, FOLLOW_ROLLBACK);
			assert_int_equal(d.number, shared);
		}
		follow_free(&follow);
	}
}

/* Behind a balancer, left behind, or syncing: on whatever branch. */
static void a_head_below_what_is_final_decides_nothing(void **state)
{
	struct follow follow;

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 0, 100, 0, 0);
	assert_int_equal(settle(&follow, 39, 1, 30).step, FOLLOW_ROLLBACK);
	follow_set_final(&follow, 40);
	assert_int_equal(settle(&follow, 39, 1, 30).step, FOLLOW_WAIT);
	assert_int_equal(settle(&follow, 5, 1, 0).step, FOLLOW_WAIT);
	assert_int_equal(settle(&follow, 39, 0, 0).step, FOLLOW_WAIT);
	assert_int_equal(settle(&follow, 40, 1, 30).step, FOLLOW_HALT);
	assert_int_equal(settle(&follow, 41, 1, 30).step, FOLLOW_HALT);
	follow_free(&follow);
}

/* What an operator accepts, down to the block that both chains share. */
static void finality_can_be_taken_back(void **state)
{
	struct follow follow;
	struct follow_decision d;

	(void)state;
	follow_init(&follow, 0);
	follow_unset_final(&follow, 7); /* none yet: none after */
	assert_false(follow.has_finalized);
	add(&follow, 0, 100, 0, 0);
	follow_set_final(&follow, 40);
	follow_unset_final(&follow, 50);
	assert_int_equal(follow.finalized, 40);
	follow_unset_final(&follow, 30);
	d = settle(&follow, 101, 1, 30);
	assert_int_equal(d.step, FOLLOW_ROLLBACK);
	assert_int_equal(d.number, 30);
	follow_free(&follow);
}

static void halts_below_what_is_final(void **state)
{
	struct follow follow;
	struct follow_decision d;
	struct hash ours = hash_at(40, 0, 0), theirs = hash_at(40, 1, 30);

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 0, 100, 0, 0);
	follow_set_final(&follow, 40);
	d = settle(&follow, 101, 1, 40);
	assert_int_equal(d.step, FOLLOW_ROLLBACK);
	assert_int_equal(d.number, 40);
	d = settle(&follow, 101, 1, 30);
	assert_int_equal(d.step, FOLLOW_HALT);
	assert_int_equal(d.number, 40);
	assert_true(hash_eq(&d.ours, &ours));
	assert_true(hash_eq(&d.theirs, &theirs));
	follow_free(&follow);
}

static void halts_below_what_is_remembered(void **state)
{
	struct follow follow;

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 50, 100, 0, 0);
	assert_int_equal(settle(&follow, 101, 1, 20).step, FOLLOW_HALT);
	follow_free(&follow);
	/* but all that stands since start_block may go */
	follow_init(&follow, 50);
	add(&follow, 50, 100, 0, 0);
	assert_int_equal(settle(&follow, 101, 1, 20).step, FOLLOW_ROLLBACK);
	assert_int_equal(settle(&follow, 101, 1, 20).number, 49);
	follow_free(&follow);
}

static void final_blocks_in_a_gap_are_shared(void **state)
{
	struct follow follow;
	struct follow_decision d;

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 10, 10, 0, 0);
	add(&follow, 31, 40, 0, 0);
	follow_set_final(&follow, 30);
	d = settle(&follow, 41, 1, 30);
	assert_int_equal(d.step, FOLLOW_ROLLBACK);
	assert_int_equal(d.number, 30);
	follow_free(&follow);
}

static void a_node_that_flaps_undoes_nothing(void **state)
{
	struct follow follow;
	struct block_ref same = block(100, 0, 0);
	struct follow_decision d;

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 0, 105, 0, 0);
	d = decide(&follow, 100, 1, 50);
	assert_int_equal(d.step, FOLLOW_COMPARE);
	assert_int_equal(d.number, 100);
	/* asked again, it is on our chain */
	d = follow_compare(&follow, &same, false);
	assert_int_equal(d.step, FOLLOW_WAIT);
	follow_free(&follow);
}

static void fits_by_hash_and_by_links(void **state)
{
	struct follow follow;
	struct block_ref refs[3];

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 0, 10, 0, 0);
	add(&follow, 14, 20, 0, 0);
	for (unsigned i = 0; i < 3; i++)
		refs[i] = block(11 + i, 0, 0);
	assert_true(follow_fits(&follow, refs, 3));
	refs[0].parent_hash.b[0] = 9; /* not on our block 10 */
	assert_false(follow_fits(&follow, refs, 3));
	refs[0] = block(11, 0, 0);
	refs[2] = block(13, 1, 12); /* our block 14 stands on another */
	assert_false(follow_fits(&follow, refs, 3));
	refs[0] = block(5, 1, 4); /* we have another block 5 */
	assert_false(follow_fits(&follow, refs, 1));
	follow_free(&follow);
}

static void forgets_what_is_old_but_not_the_tip(void **state)
{
	struct follow follow;

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 0, 500, 0, 0);
	follow_set_final(&follow, 400);
	assert_null(follow_at(&follow, 400 - FOLLOW_KEEP - 1));
	assert_non_null(follow_at(&follow, 400 - FOLLOW_KEEP));
	follow_set_final(&follow, 300); /* never back */
	assert_int_equal(follow.finalized, 400);
	follow_set_final(&follow, 100000);
	assert_int_equal(follow_tip(&follow)->number, 500);
	follow_free(&follow);
}

static void refuses_two_hashes_at_one_number(void **state)
{
	struct follow follow;
	struct block_ref other = block(5, 1, 4);

	(void)state;
	follow_init(&follow, 0);
	add(&follow, 0, 10, 0, 0);
	add(&follow, 5, 5, 0, 0);
	assert_int_equal(follow.n, 11);
	assert_int_equal(follow_add(&follow, &other), ERR_CONFLICT);
	follow_truncate(&follow, 4);
	assert_int_equal(follow_add(&follow, &other), OK);
	follow_free(&follow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(begins_at_start_block),
	    cmocka_unit_test(a_tip_below_start_block_is_not_where_to_go_on),
	    cmocka_unit_test(applies_what_extends),
	    cmocka_unit_test(rolls_back_to_the_shared_block),
	    cmocka_unit_test(halts_below_what_is_final),
	    cmocka_unit_test(a_head_below_what_is_final_decides_nothing),
	    cmocka_unit_test(finality_can_be_taken_back),
	    cmocka_unit_test(halts_below_what_is_remembered),
	    cmocka_unit_test(final_blocks_in_a_gap_are_shared),
	    cmocka_unit_test(a_node_that_flaps_undoes_nothing),
	    cmocka_unit_test(fits_by_hash_and_by_links),
	    cmocka_unit_test(forgets_what_is_old_but_not_the_tip),
	    cmocka_unit_test(refuses_two_hashes_at_one_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
