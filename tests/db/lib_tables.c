#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib_tables.h"

/* A table as sorted lines of text, one a row. */
struct lines {
	char **at;
	size_t n, room;
};

PRINTF_LIKE(2, 3)
static void add(struct lines *lines, const char *fmt, ...)
{
	char text[1200];
	va_list args;

	va_start(args, fmt);
	assert_in_range(vsnprintf(text, sizeof(text), fmt, args), 1,
			sizeof(text) - 1);
	va_end(args);
	if (lines->n == lines->room) {
		lines->room = lines->room ? lines->room * 2 : 64;
		lines->at =
		    realloc(lines->at, lines->room * sizeof(*lines->at));
		assert_non_null(lines->at);
	}
	lines->at[lines->n] = strdup(text);
	assert_non_null(lines->at[lines->n++]);
}

static int line_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* query: the lines of a table. Frees those that are wanted. */
static void check(struct db *db, const char *query, struct lines *wanted)
{
	char *sql, *rest, *line;

	assert_true(asprintf(&sql,
			     "select coalesce(string_agg(line, E'\\n' order by "
			     "line collate \"C\"), '') from (%s) x (line)",
			     query) > 0);
	db_text(db, sql);
	rest = db->text;
	if (wanted->n)
		qsort(wanted->at, wanted->n, sizeof(*wanted->at), line_cmp);
	for (size_t i = 0; i < wanted->n; i++) {
		line = strsep(&rest, "\n");
		if (!line || strcmp(line, wanted->at[i]) != 0)
			fail_msg("wanted: %s\nstored: %s", wanted->at[i],
				 line ? line : "nothing");
		free(wanted->at[i]);
	}
	if (rest && *rest)
		fail_msg("more than is wanted: %s", rest);
	free(wanted->at);
	free(sql);
}

struct text {
	char s[ADDRESS_TEXT_SIZE + USDC_TEXT_SIZE];
};

/* As row()::text has NULL. */
static struct text id_text(const struct uuid *id)
{
	struct text text = {""};

	if (!uuid_is_nil(id))
		uuid_format(text.s, id);
	return text;
}

static struct text time_text(int64_t time)
{
	struct text text = {""};

	if (time)
		snprintf(text.s, sizeof(text.s), "%lld", (long long)time);
	return text;
}

static struct text address_text(const struct address *address)
{
	struct text text;

	address_format(text.s, address);
	return text;
}

static struct text money_text(const struct u256 *amount)
{
	struct text text;

	usdc_format(text.s, amount);
	return text;
}

static struct text hash_text(const struct hash *hash)
{
	struct text text;

	hash_format(text.s, hash);
	return text;
}

static struct text object_text(const struct object_ref *ref)
{
	struct text text = {","};

	if (!object_is_none(ref)) {
		address_format(text.s, &ref->contract);
		text.s[ADDRESS_TEXT_SIZE - 1] = ',';
		u256_format(text.s + ADDRESS_TEXT_SIZE, &ref->id);
	}
	return text;
}

static void check_streams(struct db *db, const struct play *play)
{
	static const char query[] =
	    "select row(contract_address, contract_stream_id, worker_wallet, "
	    "platform_wallet, worker_id, platform_id, total_amount_usdc, "
	    "released_amount_usdc, claimed_amount_usdc, refunded_amount_usdc, "
	    "status, date_part('epoch', start_time), "
	    "date_part('epoch', end_time), release_interval, "
	    "date_part('epoch', next_release_at), "
	    "date_part('epoch', paused_at), date_part('epoch', completed_at), "
	    "date_part('epoch', cancelled_at))::text from public.streams";
	struct lines lines = {0};

	for (size_t i = 0; i < play->world->now.n_streams; i++) {
		const struct stream *s = &play->world->now.streams[i];
		struct stream_row r = expected_stream(&play->registry, s);

		add(&lines,
		    "(%s,%llu,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%lld,%s,%s,%s,%s"
		    ")",
		    address_text(&r.contract).s, (unsigned long long)s->id,
		    address_text(&r.worker_wallet).s,
		    address_text(&r.platform_wallet).s, id_text(&r.worker_id).s,
		    id_text(&r.platform_id).s, money_text(&r.total).s,
		    money_text(&r.released).s, money_text(&r.claimed).s,
		    money_text(&r.refunded).s, stream_status_name(r.status),
		    time_text(r.start_time).s, time_text(r.end_time).s,
		    (long long)s->interval, time_text(r.next_release_at).s,
		    time_text(r.paused_at).s, time_text(r.completed_at).s,
		    time_text(r.cancelled_at).s);
	}
	check(db, query, &lines);
}

static void check_loans(struct db *db, const struct play *play)
{
	static const char query[] =
	    "select row(contract_address, contract_loan_id, worker_wallet, "
	    "worker_id, requested_amount_usdc, "
	    "coalesce(approved_amount_usdc, 0)::numeric(78,6), fee_usdc, "
	    "(fee_percentage * 100)::integer, total_owed_usdc, "
	    "repaid_amount_usdc, remaining_balance_usdc, tasks_repaid, status, "
	    "date_part('epoch', requested_at), "
	    "date_part('epoch', approved_at), "
	    "date_part('epoch', disbursed_at), date_part('epoch', due_date), "
	    "date_part('epoch', repaid_at), "
	    "date_part('epoch', defaulted_at))::text from public.loans";
	struct lines lines = {0};

	for (size_t i = 0; i < play->world->now.n_loans; i++) {
		const struct loan *l = &play->world->now.loans[i];
		struct loan_row r =
		    expected_loan(&play->registry, l, play->finalized);

		add(&lines,
		    "(%s,%llu,%s,%s,%s,%s,%s,%u,%s,%s,%s,%u,%s,%s,%s,%s,%s,%s,"
		    "%s)",
		    address_text(&r.contract).s, (unsigned long long)l->id,
		    address_text(&r.worker_wallet).s, id_text(&r.worker_id).s,
		    money_text(&r.requested).s, money_text(&r.approved).s,
		    money_text(&r.fee).s, r.fee_bps, money_text(&r.owed).s,
		    money_text(&r.repaid).s, money_text(&r.remaining).s,
		    r.repayments, loan_status_name(r.status),
		    time_text(r.requested_at).s, time_text(r.approved_at).s,
		    time_text(r.disbursed_at).s, time_text(r.due_at).s,
		    time_text(r.repaid_at).s, time_text(r.defaulted_at).s);
	}
	check(db, query, &lines);
}

static void check_transactions(struct db *db, const struct play *play)
{
	static const char query[] =
	    "select row(t.tx_hash, t.from_wallet, t.to_wallet, t.amount_usdc, "
	    "t.ordinal, t.type, t.status, t.worker_id, t.platform_id, "
	    "s.contract_address, s.contract_stream_id, l.contract_address, "
	    "l.contract_loan_id, t.block_number, t.block_hash, t.log_index, "
	    "date_part('epoch', t.submitted_at), "
	    "date_part('epoch', t.confirmed_at))::text "
	    "from public.transactions t "
	    "left join public.streams s on s.id = t.stream_id "
	    "left join public.loans l on l.id = t.loan_id "
	    "where t.block_number is not null";
	struct lines lines = {0};

	for (size_t i = 0; i < play->world->n_moves; i++) {
		struct transaction_row r;

		if (!expected_transaction(&r, play->world, &play->registry,
					  &play->world->moves[i],
					  play->finalized))
			continue;
		add(&lines,
		    "(%s,%s,%s,%s,%u,%s,%s,%s,%s,%s,%s,%llu,%s,%u,%s,%s)",
		    hash_text(&r.tx_hash).s, address_text(&r.from).s,
		    address_text(&r.to).s, money_text(&r.amount).s, r.ordinal,
		    transaction_type_name(r.type),
		    transaction_status_name(r.status), id_text(&r.worker_id).s,
		    id_text(&r.platform_id).s, object_text(&r.stream).s,
		    object_text(&r.loan).s, (unsigned long long)r.block_number,
		    hash_text(&r.block_hash).s, r.log_index,
		    time_text(r.submitted_at).s, time_text(r.confirmed_at).s);
	}
	check(db, query, &lines);
}

/* What a reorg took out of the chain waits, and stands on nothing. */
static void check_orphans(struct db *db)
{
	assert_db(db,
		  "select count(*) from public.transactions "
		  "where block_number is null and (status <> 'submitted' "
		  "or block_hash is not null or stream_id is not null "
		  "or loan_id is not null or confirmed_at is not null)",
		  "0");
}

/* Of final blocks and registered workers only. */
static void check_reputation(struct db *db, const struct play *play)
{
	static const char query[] =
	    "select row(block_hash, log_index, worker_id, worker_wallet, "
	    "event_type, points_delta, new_score)::text "
	    "from public.reputation_events";
	struct lines lines = {0};

	for (size_t i = 0; i < play->world->n_marks; i++) {
		const struct mark *m = &play->world->marks[i];
		const struct uuid *worker = &play->registry.worker[m->worker];
		struct address wallet = wallet_of(m->worker);

		if (m->kind != MARK_REPUTATION || uuid_is_nil(worker) ||
		    m->at.block_number > play->finalized)
			continue;
		add(&lines, "(%s,%u,%s,%s,%s,%d,%u)",
		    hash_text(&m->at.block_hash).s, m->at.log_index,
		    id_text(worker).s, address_text(&wallet).s, m->type,
		    m->points, m->score);
	}
	check(db, query, &lines);
}

void tables_check(struct db *db, const struct play *play)
{
	check_streams(db, play);
	check_loans(db, play);
	check_transactions(db, play);
	check_orphans(db);
	check_reputation(db, play);
}
