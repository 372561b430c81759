#include <string.h>

#include "daemon/audit/audit_impl.h"
#include "daemon/audit/compare.h"
#include "daemon/audit/getter.h"

/* The streams of one contract after the other, page by page:
 *
 *   count ─► read ─► events (of those that have newer ones) ─► ask ─► compare
 *
 * What the books say is the row, or, where facts above the audited block are in
 * it, the fold of those up to it. */

static void next_contract(struct audit *audit);
static void read_page(struct audit *audit);

static const struct address *contract_of(const struct audit *audit)
{
	return &audit->contracts[audit->contract];
}

/* "stream 0x../7" */
#define SUBJECT_SIZE (24 + ADDRESS_TEXT_SIZE + 2 * U256_TEXT_SIZE)
static void name(char text[SUBJECT_SIZE], const struct audit *audit,
		 const struct u256 *id)
{
	char address[ADDRESS_TEXT_SIZE], number[U256_TEXT_SIZE];

	(void)snprintf(text, SUBJECT_SIZE, "stream %s/%s",
		       address_format(address, contract_of(audit)),
		       u256_format(number, id));
}

static void report(struct audit *audit, const struct audit_difference *d)
{
	audit_report(audit, &audit->result.streams, d);
}

/* The contract's ids are 1, 2, 3...: those between two of ours are missing. */
static void report_gap(struct audit *audit, const struct u256 *above,
		       const struct u256 *below)
{
	const struct u256 one = u256_from_u64(1);
	char subject[SUBJECT_SIZE], last[U256_TEXT_SIZE];
	struct u256 from, to;

	if (!u256_add(&from, above, &one) || !u256_sub(&to, below, &one))
		return;
	if (u256_cmp(&to, &audit->count) > 0)
		to = audit->count;
	if (!audit->has_count || u256_cmp(&from, &to) > 0)
		return;
	name(subject, audit, &from);
	if (u256_cmp(&from, &to) < 0)
		(void)snprintf(subject + strlen(subject),
			       sizeof(subject) - strlen(subject), " to %s",
			       u256_format(last, &to));
	audit->result.streams.differ++;
	report(audit, &(struct audit_difference){
			  .subject = subject,
			  .expected = "no stream",
			  .found = "a stream",
			  .explanation = "the contract has it, the books do "
					 "not"});
}

static void report_unknown(struct audit *audit, const struct audit_stream *s)
{
	char subject[SUBJECT_SIZE];

	name(subject, audit, &s->row.contract_stream_id);
	audit->result.streams.differ++;
	report(audit, &(struct audit_difference){
			  .subject = subject,
			  .expected = "a stream",
			  .found = "no stream",
			  .explanation = "the contract does not know it"});
}

static void compare(struct audit *audit, const struct audit_stream *s,
		    const struct stream_row *chain)
{
	struct unlike list[COMPARE_MOST];
	size_t n = compare_stream(list, &s->row, chain);
	char subject[SUBJECT_SIZE];

	if (n > 0)
		audit->result.streams.differ++;
	for (size_t i = 0; i < n; i++) {
		name(subject, audit, &s->row.contract_stream_id);
		(void)snprintf(subject + strlen(subject),
			       sizeof(subject) - strlen(subject), " %s",
			       list[i].what);
		report(audit,
		       &(struct audit_difference){
			   .subject = subject,
			   .expected = list[i].expected,
			   .found = list[i].found,
			   .difference = list[i].difference[0]
					     ? list[i].difference
					     : NULL,
			   .explanation =
			       s->has_no_facts
				   ? "no fact stands behind the row"
				   : "the row is not what the contract says"});
	}
}

/* The last page is read: what comes after the last of our ids? */
static void end_contract(struct audit *audit)
{
	const struct u256 one = u256_from_u64(1);
	struct u256 end;

	if (audit->has_count && u256_add(&end, &audit->count, &one))
		report_gap(audit, &audit->after, &end);
	next_contract(audit);
}

static void judge(struct audit *audit, const struct state_answer *answers,
		  struct fault *fault)
{
	struct stream_row chain;

	for (size_t i = 0; i < audit->n_streams; i++) {
		const struct audit_stream *s = &audit->streams[i];

		report_gap(audit, &audit->after, &s->row.contract_stream_id);
		audit->has_after = true;
		audit->after = s->row.contract_stream_id;
		audit->result.streams.checked++;
		if (answers[i].reverted)
			report_unknown(audit, s);
		else if (getter_read_stream(&chain, &answers[i].value))
			compare(audit, s, &chain);
		else
			fault_set(fault, ERR_NONSENSE,
				  "getStreamDetails of the contract answers "
				  "what is no stream");
	}
}

static void on_answers(void *arg, enum err err, const struct fault *fault,
		       const struct state_answer *answers)
{
	struct audit *audit = arg;
	struct fault wrong = {.code = OK};

	audit->request = NULL;
	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	judge(audit, answers, &wrong);
	if (wrong.code) {
		audit_fail(audit, wrong.code, &wrong);
		return;
	}
	audit_step(audit, audit->n_streams);
	if (audit->n_streams == AUDIT_STREAMS)
		read_page(audit);
	else
		end_contract(audit);
}

static void ask(struct audit *audit)
{
	size_t n = audit->n_streams;
	struct state_question *q =
	    ARENA_ARRAY(audit->arena, struct state_question, n);
	uint8_t *calls = arena_alloc(audit->arena, n, GETTER_SIZE);
	enum err err = ERR_NOMEM;

	for (size_t i = 0; q && calls && i < n; i++) {
		uint8_t *call = calls + i * GETTER_SIZE;

		getter_stream(call, &audit->streams[i].row.contract_stream_id);
		q[i] = (struct state_question){.kind = STATE_CALL,
					       .to = *contract_of(audit),
					       .data = {call, GETTER_SIZE}};
	}
	if (q && calls)
		err = source_state(audit->setup.source, &audit->block, q, n,
				   audit->arena, on_answers, audit,
				   &audit->request);
	if (err)
		audit_fail_to(audit, err, "cannot ask the node for streams");
}

/* The event at hand as catalog and fold know it. What the fold refuses stands
 * in quarantine. */
static void apply(const struct audit *audit, struct stream_fold *fold,
		  const struct event_row *row)
{
	const struct raw_log log = {
	    .address = row->contract,
	    .n_topics = row->n_topics,
	    .topics = {row->topics[0], row->topics[1], row->topics[2],
		       row->topics[3]},
	    .data = row->data,
	};
	const char *why;
	struct event event;

	if (catalog_decode(audit->setup.catalog, &log, &event, &why) ==
	    CATALOG_EVENT)
		why = stream_fold_apply(fold, &event, &row->contract, &row->at);
	(void)why;
}

/* Both lists are in the order of their ids. */
static void on_events(void *arg, enum err err, const struct fault *fault,
		      const struct event_row *events, size_t n)
{
	struct audit *audit = arg;
	size_t at = 0;

	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	for (size_t i = 0; i < audit->n_streams; i++) {
		struct audit_stream *s = &audit->streams[i];
		struct stream_fold fold = {.exists = false};

		if (!s->is_newer)
			continue;
		for (; at < n && u256_cmp(&events[at].subject,
					  &s->row.contract_stream_id) <= 0;
		     at++)
			apply(audit, &fold, &events[at]);
		if (fold.exists)
			s->row = fold.row;
	}
	ask(audit);
}

static void ask_events(struct audit *audit)
{
	struct u256 *ids =
	    ARENA_ARRAY(audit->arena, struct u256, audit->n_streams);
	enum err err = ERR_NOMEM;
	size_t n = 0;

	for (size_t i = 0; ids && i < audit->n_streams; i++)
		if (audit->streams[i].is_newer)
			ids[n++] = audit->streams[i].row.contract_stream_id;
	if (ids && n == 0) {
		ask(audit);
		return;
	}
	if (ids)
		err = store_audit_events(
		    audit->store, audit->arena, contract_of(audit),
		    audit->block.number, ids, n, on_events, audit);
	if (err)
		audit_fail_to(audit, err, "cannot read events");
}

static void on_page(void *arg, enum err err, const struct fault *fault,
		    struct audit_stream *streams, size_t n)
{
	struct audit *audit = arg;

	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	audit->streams = streams;
	audit->n_streams = n;
	if (audit->complete[audit->contract] && n > 0) {
		ask_events(audit);
		return;
	}
	if (n > 0) {
		audit->result.streams.uncovered += n;
		audit->has_after = true;
		audit->after = streams[n - 1].row.contract_stream_id;
		audit_step(audit, n);
	}
	if (n == AUDIT_STREAMS)
		read_page(audit);
	else
		end_contract(audit);
}

static void read_page(struct audit *audit)
{
	enum err err;

	arena_reset(audit->arena);
	err = store_audit_streams(audit->store, audit->arena,
				  contract_of(audit), audit->block.number,
				  audit->has_after ? &audit->after : NULL,
				  AUDIT_STREAMS, on_page, audit);
	if (err)
		audit_fail_to(audit, err, "cannot read streams");
}

static void on_count(void *arg, enum err err, const struct fault *fault,
		     const struct state_answer *answers)
{
	struct audit *audit = arg;

	audit->request = NULL;
	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	audit->has_count = !answers[0].reverted &&
			   getter_word(&audit->count, &answers[0].value);
	read_page(audit);
}

static void ask_count(struct audit *audit)
{
	struct state_question *q =
	    ARENA_NEW(audit->arena, struct state_question);
	uint8_t *call = arena_alloc(audit->arena, 1, GETTER_COUNT_SIZE);
	enum err err = ERR_NOMEM;

	if (q && call) {
		getter_stream_count(call);
		*q = (struct state_question){.kind = STATE_CALL,
					     .to = *contract_of(audit),
					     .data = {call, GETTER_COUNT_SIZE}};
		err = source_state(audit->setup.source, &audit->block, q, 1,
				   audit->arena, on_count, audit,
				   &audit->request);
	}
	if (err)
		audit_fail_to(audit, err, "cannot ask the node for streams");
}

/* Only ABIs whose getters we know. */
static bool is_known(const struct audit *audit)
{
	const struct config_contract *c =
	    &audit->setup.config->contracts.items[audit->contract - 1];

	return c->role == ROLE_STREAMING &&
	       strcmp(c->abi, "PaymentStreaming") == 0;
}

static void next_contract(struct audit *audit)
{
	do
		audit->contract++;
	while (audit->contract < audit->n_contracts && !is_known(audit));
	audit->has_count = false;
	audit->has_after = false;
	audit->after = u256_from_u64(0);
	arena_reset(audit->arena);
	if (audit->contract == audit->n_contracts)
		audit_record(audit);
	else if (audit->complete[audit->contract])
		ask_count(audit);
	else
		read_page(audit);
}

void streams_start(struct audit *audit)
{
	audit->contract = 0; /* the token, which is none of them */
	next_contract(audit);
}
