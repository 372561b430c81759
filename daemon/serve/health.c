#include "daemon/serve/health.h"

#include "daemon/serve/json_put.h"
#include <inttypes.h>

/* Less than this is nothing to speak of: a poll, a commit, a hiccup. */
#define GRACE_SECONDS 30.0
#define GRACE_BLOCKS 3
/* Where the block time is not known. */
#define GRACE_BLOCKS_UNKNOWN 10
/* A chain is quiet after so many times its usual interval. */
#define QUIET_INTERVALS 10

static const char *const phase_names[HEALTH_PHASES] = {
    [HEALTH_WAITING] = "waiting",   [HEALTH_STARTING] = "starting",
    [HEALTH_BUILDING] = "building", [HEALTH_STANDBY] = "standby",
    [HEALTH_WORKING] = "working",   [HEALTH_HALTED] = "halted",
    [HEALTH_STOPPING] = "stopping",
};

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static void check_open(struct buf *json, const char *name, bool ok,
		       const char *reason)
{
	json_put_name(json, name);
	buf_putc(json, '{');
	json_put_bool(json, "ok", ok);
	json_put_text(json, "reason", reason);
}

static bool check_simple(struct buf *json, const char *name, bool ok,
			 const char *good, const char *bad)
{
	check_open(json, name, ok, ok ? good : bad ? bad : "not reached yet");
	buf_putc(json, '}');
	return ok;
}

/* A chain that stands still is a fault only where blocks are promised. */
static bool check_chain(const struct health *health, struct buf *json)
{
	double usual = health->promised_seconds > 0 ? health->promised_seconds
						    : health->block_seconds;
	bool known = health->rpc_ok && health->has_head;
	bool quiet =
	    known && health->head_age >
			 larger(2 * GRACE_SECONDS, QUIET_INTERVALS * usual);
	bool ok = known && !(quiet && health->promised_seconds > 0);
	struct buf reason;

	buf_init(&reason, 256);
	if (!health->rpc_ok)
		buf_puts(&reason, "not known while rpc is not ok");
	else if (!health->has_head)
		buf_puts(&reason, "the node has not told its head yet");
	else if (quiet)
		buf_printf(&reason,
			   "quiet: the node answers, but has had no new block "
			   "for %.0f s",
			   health->head_age);
	else
		buf_puts(&reason, "the head moves");
	if (quiet && usual > 0)
		buf_printf(&reason, " (usual: one every %.1f s)", usual);
	check_open(json, "chain", ok, reason.data);
	buf_free(&reason);
	json_put_bool(json, "quiet", quiet);
	if (health->has_head) {
		json_put_u64(json, "head", health->head);
		json_put_seconds(json, "head_age_seconds", health->head_age);
	}
	buf_putc(json, '}');
	return ok;
}

static uint64_t lag_of(const struct health *health)
{
	return health->head > health->indexed ? health->head - health->indexed
					      : 0;
}

static uint64_t lag_allowed(const struct health *health)
{
	double usual = health->promised_seconds > 0 ? health->promised_seconds
						    : health->block_seconds;

	if (!(usual > 0))
		return GRACE_BLOCKS_UNKNOWN;
	/* Also keeps the quotient within an integer's range. */
	return (uint64_t)larger(GRACE_BLOCKS,
				GRACE_SECONDS / larger(usual, 1e-3));
}

/* Working: level with the head, or how far behind it. */
static bool judge_lag(const struct health *health, struct buf *reason)
{
	uint64_t lag;

	if (!health->has_head) {
		buf_puts(reason, "the node has not told its head yet");
		return false;
	}
	if (!health->has_indexed) {
		buf_puts(reason, "nothing is indexed yet");
		return false;
	}
	lag = lag_of(health);
	if (lag > 0 && health->commit_age > 2 * GRACE_SECONDS &&
	    health->head_age > 2 * GRACE_SECONDS) {
		buf_printf(reason,
			   "stuck: %" PRIu64 " block%s behind, and nothing "
			   "was committed for %.0f s; the log says why",
			   lag, lag == 1 ? "" : "s", health->commit_age);
		return false;
	}
	if (lag > lag_allowed(health)) {
		buf_printf(reason, "behind: %" PRIu64 " blocks to go", lag);
		return false;
	}
	buf_printf(reason, "level with the %shead",
		   health->rpc_ok ? "" : "last known ");
	return true;
}

static bool judge_sync(const struct health *health, struct buf *reason)
{
	static const char *const sentences[HEALTH_PHASES] = {
	    [HEALTH_WAITING] = "waiting for the database",
	    [HEALTH_STARTING] = "the first checks are under way",
	    [HEALTH_BUILDING] = "building indexes that a backfill left out",
	    [HEALTH_STANDBY] = "standing by: another process leads",
	    [HEALTH_WORKING] = "working",
	    [HEALTH_HALTED] = "halted",
	    [HEALTH_STOPPING] = "stopping",
	};
	bool ok = health->phase == HEALTH_STANDBY;

	if (health->phase == HEALTH_WORKING)
		ok = judge_lag(health, reason);
	else
		buf_puts(reason, sentences[health->phase]);
	if (health->phase_reason)
		buf_printf(reason, ": %s", health->phase_reason);
	return ok;
}

static bool check_sync(const struct health *health, struct buf *json)
{
	struct buf reason;
	bool ok;

	buf_init(&reason, 2048);
	ok = judge_sync(health, &reason);
	check_open(json, "sync", ok, reason.data);
	buf_free(&reason);
	json_put_text(json, "phase", phase_names[health->phase]);
	if (health->has_indexed) {
		json_put_u64(json, "indexed", health->indexed);
		json_put_seconds(json, "commit_age_seconds",
				 health->commit_age);
	}
	if (health->has_indexed && health->has_head)
		json_put_u64(json, "lag_blocks", lag_of(health));
	buf_putc(json, '}');
	return ok;
}

bool health_render(const struct health *health, struct buf *json)
{
	bool warns = health->audited && health->audit_warning;
	struct buf checks;
	bool ok;

	buf_init(&checks, 8192);
	ok = check_simple(&checks, "database", health->database_ok, "connected",
			  health->database_reason);
	ok &= check_simple(&checks, "rpc", health->rpc_ok, "answering",
			   health->rpc_reason);
	if (health->quorum_asked)
		ok &= check_simple(&checks, "quorum", !health->quorum_reason,
				   "agreeing", health->quorum_reason);
	ok &= check_chain(health, &checks);
	ok &= check_sync(health, &checks);
	if (health->audited)
		(void)check_simple(&checks, "audit", !warns, "no difference",
				   health->audit_warning);
	ok &= checks.err == OK;
	buf_putc(json, '{');
	json_put_text(json, "status",
		      !ok     ? "unready"
		      : warns ? "warning"
			      : "ready");
	json_put_name(json, "checks");
	buf_printf(json, "{%s}}\n", checks.data);
	buf_free(&checks);
	return ok;
}
