#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/people/profile.h"
#include "lib_tx.h"

struct desk {
	struct teller t;
	struct arena *arena;
	struct profile profile;
	struct fault fault;
};

#define ANN "'0x' || repeat('a1', 20)"
#define BEN "'0x' || repeat('b2', 20)"
#define HASH                                                                   \
	"0xcccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

/* Ann has 12 tasks and 3 transactions, Ben one of each. */
#define ROWS                                                                   \
	"insert into public.platforms (name, email, api_key_hash) values "     \
	"('P', 'p@x.org', repeat('0', 64));"                                   \
	"insert into public.workers (display_name, email, wallet_address) "    \
	"values ('Ann', 'Ann@x.org', " ANN "), ('Ben', 'b@x.org', " BEN ");"   \
	"insert into public.tasks (worker_id, platform_id, title, type, "      \
	"payment_amount_usdc, created_at) select w.id, p.id, 'task ' || n, "   \
	"'fixed', n, timestamptz '2026-01-01Z' + n * interval '1 hour' from "  \
	"public.workers w, public.platforms p, generate_series(1, 12) n "      \
	"where "                                                               \
	"w.display_name = 'Ann' or n = 1;"                                     \
	"update public.tasks set deleted_at = now() where title = 'task 11';"  \
	"insert into public.transactions (worker_id, type, status, "           \
	"amount_usdc, from_wallet, to_wallet, chain_id, tx_hash, log_index, "  \
	"block_number, block_hash, submitted_at, created_at) select w.id, "    \
	"'payout', 'submitted', n * 1.5, " BEN ", " ANN ", 31337, '" HASH      \
	"', n, 7, '" HASH "', timestamptz '2026-01-02Z', timestamptz "         \
	"'2026-01-02Z' + n * interval '1 hour' from public.workers w, "        \
	"generate_series(1, 2) n where w.display_name = 'Ann';"                \
	"insert into public.transactions (worker_id, type, amount_usdc, "      \
	"from_wallet, to_wallet, chain_id, created_at) select w.id, "          \
	"'advance', 8, " BEN ", " ANN ", 31337, timestamptz '2026-02-01Z' "    \
	"from public.workers w"

static int open_desk(void **state)
{
	static struct desk desk;

	memset(&desk, 0, sizeof(desk));
	teller_open(&desk.t, 1);
	db_reset(&desk.t.db);
	db_run(&desk.t.db, ROWS);
	desk.arena = arena_new(1 << 20);
	assert_non_null(desk.arena);
	*state = &desk;
	return 0;
}

static int close_desk(void **state)
{
	struct desk *desk = *state;

	arena_free(desk->arena);
	teller_close(&desk->t);
	return 0;
}

static enum err look(struct desk *desk, const char *key, uint64_t newest)
{
	enum err err;

	teller_begin(&desk->t);
	profile_ask(&desk->t.tx.sql, key, newest);
	err = teller_commit(&desk->t);
	tx_end(&desk->t.tx);
	if (err != OK)
		fail_msg("%s", desk->t.fault.text);
	assert_int_equal(desk->t.n, PROFILE_RESULTS);
	return profile_read(&desk->profile, desk->arena, key, desk->t.results,
			    &desk->fault);
}

static void assert_usdc(const struct u256 *units, const char *text)
{
	char own[USDC_TEXT_SIZE];

	assert_string_equal(usdc_format(own, units), text);
}

static void test_worker(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(look(desk, "ann@x.org", 10), OK);
	assert_string_equal(desk->profile.worker.name, "Ann");
	assert_int_equal(desk->profile.worker.score, 100);
}

static void test_tasks(void **state)
{
	struct desk *desk = *state;
	const struct profile_task *task;

	assert_int_equal(look(desk, "ann@x.org", 10), OK);
	assert_int_equal(desk->profile.n_tasks, 10);
	task = &desk->profile.tasks[0];
	assert_string_equal(task->title, "task 12");
	assert_int_equal(task->type, TASK_FIXED);
	assert_int_equal(task->status, TASK_CREATED);
	assert_usdc(&task->payment, "12.000000");
	assert_usdc(&task->paid, "0.000000");
	assert_string_equal(task->created_at, "2026-01-01T12:00:00Z");
	assert_null(task->due_date);
	assert_null(task->completed_at);
	assert_string_equal(task[1].title, "task 10"); /* 11 is deleted */
	assert_string_equal(task[9].title, "task 2");
}

static void test_transactions(void **state)
{
	struct desk *desk = *state;
	const struct profile_transaction *t;
	char hash[HASH_TEXT_SIZE];

	assert_int_equal(look(desk, "ann@x.org", 10), OK);
	assert_int_equal(desk->profile.n_transactions, 3);
	t = desk->profile.transactions;
	assert_int_equal(t[0].type, TYPE_ADVANCE);
	assert_int_equal(t[0].status, STATUS_PENDING);
	assert_false(t[0].has_tx_hash);
	assert_false(t[0].has_block);
	assert_null(t[0].submitted_at);
	assert_usdc(&t[1].amount, "3.000000");
	assert_int_equal(t[1].status, STATUS_SUBMITTED);
	assert_int_equal(t[1].from.b[0], 0xb2);
	assert_int_equal(t[1].to.b[0], 0xa1);
	assert_true(t[1].has_tx_hash);
	assert_string_equal(hash_format(hash, &t[1].tx_hash), HASH);
	assert_true(t[1].has_block);
	assert_int_equal(t[1].block_number, 7);
	assert_string_equal(t[1].submitted_at, "2026-01-02T00:00:00Z");
	assert_null(t[1].confirmed_at);
	assert_usdc(&t[2].amount, "1.500000");
}

/* Each key finds the same worker, in any case, and only that one's rows. */
static void test_keys(void **state)
{
	struct desk *desk = *state;
	char id[UUID_TEXT_SIZE];

	assert_int_equal(look(desk, "B@X.ORG", 10), OK);
	assert_string_equal(desk->profile.worker.name, "Ben");
	assert_int_equal(desk->profile.n_tasks, 1);
	assert_int_equal(desk->profile.n_transactions, 1);
	uuid_format(id, &desk->profile.worker.id);
	for (char *c = id; *c; c++)
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	assert_int_equal(look(desk, id, 10), OK);
	assert_string_equal(desk->profile.worker.name, "Ben");
	assert_int_equal(desk->profile.n_tasks, 1);
	assert_int_equal(
	    look(desk, "0xB2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2", 10), OK);
	assert_string_equal(desk->profile.worker.name, "Ben");
	assert_int_equal(desk->profile.n_transactions, 1);
	assert_int_equal(look(desk, "nobody", 10), ERR_MISSING);
	assert_string_equal(desk->fault.text,
			    "no worker has the id, email or wallet \"nobody\"");
}

static void test_limit(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(look(desk, "ann@x.org", 2), OK);
	assert_int_equal(desk->profile.n_tasks, 2);
	assert_int_equal(desk->profile.n_transactions, 2);
	assert_int_equal(look(desk, "ann@x.org", 0), OK);
	assert_int_equal(desk->profile.n_tasks, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worker),	 cmocka_unit_test(test_tasks),
	    cmocka_unit_test(test_transactions), cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, open_desk, close_desk);
}
