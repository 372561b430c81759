#include "daemon/serve/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <jansson.h>
#include <string.h>

/* A daemon at the head of a chain with a block every two seconds. */
static struct health healthy(void)
{
	return (struct health){
	    .database_ok = true,
	    .rpc_ok = true,
	    .phase = HEALTH_WORKING,
	    .has_head = true,
	    .head = 1000,
	    .head_age = 1,
	    .block_seconds = 2,
	    .promised_seconds = 2,
	    .has_indexed = true,
	    .indexed = 1000,
	    .commit_age = 1,
	};
}

/* Renders, and checks what always holds; the caller frees it. */
static json_t *checks_of(const struct health *health, bool ready)
{
	struct buf out;
	json_t *root, *check, *checks;
	const char *name;
	bool all = true;

	buf_init(&out, 16384);
	assert_int_equal(health_render(health, &out), ready);
	root = json_loads(out.data, 0, NULL);
	buf_free(&out);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "status")),
			    !ready		    ? "unready"
			    : health->audit_warning ? "warning"
						    : "ready");
	checks = json_object_get(root, "checks");
	assert_int_equal(json_object_size(checks),
			 4 + health->quorum_asked + health->audited);
	json_object_foreach(checks, name, check)
	{
		assert_true(json_is_boolean(json_object_get(check, "ok")));
		assert_true(json_is_string(json_object_get(check, "reason")));
		if (strcmp(name, "audit") != 0) /* that only warns */
			all = all && json_is_true(json_object_get(check, "ok"));
	}
	assert_int_equal(all, ready);
	return root;
}

static void expect(const struct health *health, const char *name, bool ok,
		   const char *words, bool ready)
{
	json_t *root = checks_of(health, ready);
	json_t *check = json_object_get(json_object_get(root, "checks"), name);
	const char *reason =
	    json_string_value(json_object_get(check, "reason"));

	assert_int_equal(json_is_true(json_object_get(check, "ok")), ok);
	if (!strstr(reason, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, reason, words);
	json_decref(root);
}

static void test_ready(void **state)
{
	struct health health = healthy();

	(void)state;
	expect(&health, "database", true, "connected", true);
	expect(&health, "rpc", true, "answering", true);
	expect(&health, "chain", true, "moves", true);
	expect(&health, "sync", true, "level with the head", true);
	/* Two nodes: the one asked last may be a block behind us. */
	health.indexed = 1001;
	expect(&health, "sync", true, "level with the head", true);
}

static void test_quorum(void **state)
{
	struct health health = healthy();

	(void)state;
	health.quorum_asked = true;
	expect(&health, "quorum", true, "agreeing", true);
	health.quorum_reason = "1 of 2 endpoints";
	expect(&health, "quorum", false, "1 of 2", false);
	expect(&health, "sync", true, "level with the head", false);
}

static void test_audit_only_warns(void **state)
{
	struct health health = healthy();

	(void)state;
	health.audited = true;
	expect(&health, "audit", true, "no difference", true);
	health.audit_warning = "2 things differ";
	expect(&health, "audit", false, "2 things differ", true);
	health.database_ok = false;
	health.database_reason = "gone";
	expect(&health, "audit", false, "2 things differ", false);
}

static void test_dead_database(void **state)
{
	struct health health = healthy();

	(void)state;
	health.database_ok = false;
	health.database_reason = "no answer from \"db\"\n";
	health.phase = HEALTH_WAITING;
	expect(&health, "database", false, "no answer from \"db\"\n", false);
	expect(&health, "rpc", true, "answering", false);
	expect(&health, "chain", true, "moves", false);
	expect(&health, "sync", false, "waiting for the database", false);
}

static void test_dead_node(void **state)
{
	struct health health = healthy();

	(void)state;
	health.rpc_ok = false;
	health.rpc_reason = "connection refused";
	health.head_age = 500;
	expect(&health, "database", true, "connected", false);
	expect(&health, "rpc", false, "connection refused", false);
	/* Not called quiet: nobody knows. */
	expect(&health, "chain", false, "not known", false);
	expect(&health, "sync", true, "last known head", false);
	health.rpc_reason = NULL;
	expect(&health, "rpc", false, "not reached yet", false);
}

static void test_behind(void **state)
{
	struct health health = healthy();

	(void)state;
	health.indexed = 985; /* thirty seconds */
	expect(&health, "sync", true, "level", true);
	health.indexed = 984;
	expect(&health, "sync", false, "behind: 16 blocks", false);
	expect(&health, "chain", true, "moves", false);
	/* A slow chain: three blocks are always allowed. */
	health.promised_seconds = 600;
	health.indexed = 997;
	expect(&health, "sync", true, "level", true);
	health.indexed = 996;
	expect(&health, "sync", false, "behind: 4 blocks", false);
	/* Not known how fast it is. */
	health.promised_seconds = health.block_seconds = 0;
	health.indexed = 990;
	expect(&health, "sync", true, "level", true);
	health.indexed = 989;
	expect(&health, "sync", false, "behind: 11 blocks", false);
}

static void test_quiet_chain(void **state)
{
	struct health health = healthy();

	(void)state;
	health.head_age = health.commit_age = 61;
	expect(&health, "chain", false, "quiet: the node answers", false);
	expect(&health, "sync", true, "level", false);
	expect(&health, "rpc", true, "answering", false);
	/* Where no blocks are promised, that is nothing wrong. */
	health.promised_seconds = 0;
	expect(&health, "chain", true, "quiet: the node answers", true);
	/* A chain with ten minutes between blocks is not quiet yet. */
	health.promised_seconds = 600;
	health.head_age = 3000;
	expect(&health, "chain", true, "moves", true);
}

static void test_stuck(void **state)
{
	struct health health = healthy();

	(void)state;
	health.indexed = 999;
	health.commit_age = 300;
	/* After a pause the first new block is no reason for an alarm. */
	expect(&health, "sync", true, "level", true);
	health.head_age = 61;
	health.promised_seconds = 0;
	expect(&health, "sync", false, "stuck: 1 block behind", false);
}

static void test_phases(void **state)
{
	struct health health = healthy();

	(void)state;
	health.phase = HEALTH_STARTING;
	expect(&health, "sync", false, "first checks", false);
	health.phase = HEALTH_BUILDING;
	expect(&health, "sync", false,
	       "building indexes that a backfill left out", false);
	health.phase = HEALTH_STANDBY;
	health.phase_reason = "host7:4321";
	expect(&health, "sync", true, "another process leads: host7:4321",
	       true);
	health.phase = HEALTH_HALTED;
	health.phase_reason = "block 7 was 0xaa, is 0xbb";
	expect(&health, "sync", false, "halted: block 7 was 0xaa, is 0xbb",
	       false);
	health.phase = HEALTH_STOPPING;
	health.phase_reason = NULL;
	expect(&health, "sync", false, "stopping", false);
	health = healthy();
	health.has_indexed = false;
	expect(&health, "sync", false, "nothing is indexed yet", false);
	health.has_head = false;
	expect(&health, "chain", false, "not told its head", false);
}

static void test_never_latched(void **state)
{
	struct health health = healthy();

	(void)state;
	health.rpc_ok = false;
	json_decref(checks_of(&health, false));
	health.rpc_ok = true;
	json_decref(checks_of(&health, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ready),
	    cmocka_unit_test(test_quorum),
	    cmocka_unit_test(test_audit_only_warns),
	    cmocka_unit_test(test_dead_database),
	    cmocka_unit_test(test_dead_node),
	    cmocka_unit_test(test_behind),
	    cmocka_unit_test(test_quiet_chain),
	    cmocka_unit_test(test_stuck),
	    cmocka_unit_test(test_phases),
	    cmocka_unit_test(test_never_latched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
