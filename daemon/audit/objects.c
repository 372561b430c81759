#include <stddef.h>
#include <string.h>

#include "daemon/audit/audit_impl.h"
#include "daemon/audit/getter.h"

/* The streams or loans of one contract after the other, page by page:
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

static struct audit_counts *counts_of(struct audit *audit)
{
	return audit->kind == AUDIT_STREAMS ? &audit->result.streams
					    : &audit->result.loans;
}

static const char *kind_name(const struct audit *audit)
{
	return audit->kind == AUDIT_STREAMS ? "stream" : "loan";
}

/* "stream 0x../7" */
#define SUBJECT_SIZE (24 + ADDRESS_TEXT_SIZE + 2 * U256_TEXT_SIZE)
static void name(char text[SUBJECT_SIZE], const struct audit *audit,
		 const struct u256 *id)
{
	char address[ADDRESS_TEXT_SIZE], number[U256_TEXT_SIZE];

	(void)snprintf(text, SUBJECT_SIZE, "%s %s/%s", kind_name(audit),
		       address_format(address, contract_of(audit)),
		       u256_format(number, id));
}

static void report(struct audit *audit, const struct audit_difference *d)
{
	audit_report(audit, counts_of(audit), d);
}

/* Where ids are 1, 2, 3...: those between two of ours are missing. */
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
	counts_of(audit)->differ++;
	report(audit, &(struct audit_difference){
			  .subject = subject,
			  .expected = "nothing",
			  .found = kind_name(audit),
			  .explanation = "the contract has it, the books do "
					 "not"});
}

static void report_unknown(struct audit *audit, const struct audit_object *s)
{
	char subject[SUBJECT_SIZE];

	name(subject, audit, &s->id);
	counts_of(audit)->differ++;
	report(audit, &(struct audit_difference){
			  .subject = subject,
			  .expected = kind_name(audit),
			  .found = "nothing",
			  .explanation = "the contract does not know it"});
}

static void compare(struct audit *audit, const struct audit_object *s,
		    const struct getters_said *chain)
{
	struct unlike list[GETTER_FIELDS];
	size_t n = object_compare(list, audit->getters, s, chain);
	char subject[SUBJECT_SIZE];

	if (n > 0)
		counts_of(audit)->differ++;
	for (size_t i = 0; i < n; i++) {
		name(subject, audit, &s->id);
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

/* One whose getters all refuse is not there. Where some do, such as that of the
 * owner of an NFT which was burned, the others speak. */
static enum err judge_one(struct audit *audit, const struct audit_object *s,
			  const struct state_answer *answers,
			  struct fault *fault)
{
	const struct getters *getters = audit->getters;
	struct getters_said chain = {.status = NULL};
	char subject[SUBJECT_SIZE];
	size_t refused = 0;

	for (size_t i = 0; i < getters->n_functions; i++) {
		const char *why = NULL;

		if (answers[i].reverted) {
			refused++;
			continue;
		}
		if (getters_take(&chain, getters, i, answers[i].value, &why) ==
		    OK)
			continue;
		name(subject, audit, &s->id);
		return fault_set(fault, ERR_NONSENSE,
				 "%s: what %s answers is "
				 "not what its ABI says: "
				 "%s",
				 subject, getters->functions[i]->signature,
				 why);
	}
	if (refused == getters->n_functions)
		report_unknown(audit, s);
	else
		compare(audit, s, &chain);
	return OK;
}

static enum err judge(struct audit *audit, const struct state_answer *answers,
		      struct fault *fault)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < audit->n_objects; i++) {
		const struct audit_object *s = &audit->objects[i];

		report_gap(audit, &audit->after, &s->id);
		audit->has_after = true;
		audit->after = s->id;
		counts_of(audit)->checked++;
		err = judge_one(audit, s, answers, fault);
		answers += audit->getters->n_functions;
	}
	return err;
}

static void on_answers(void *arg, enum err err, const struct fault *fault,
		       const struct state_answer *answers)
{
	struct audit *audit = arg;
	struct fault wrong;

	audit->request = NULL;
	if (!err) {
		fault = &wrong;
		err = judge(audit, answers, &wrong);
	}
	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	audit_step(audit, audit->n_objects);
	if (audit->n_objects == AUDIT_OBJECTS)
		read_page(audit);
	else
		end_contract(audit);
}

/* Each getter of each of the page. */
static void ask(struct audit *audit)
{
	const struct getters *getters = audit->getters;
	size_t n = audit->n_objects * getters->n_functions;
	struct state_question *q =
	    ARENA_ARRAY(audit->arena, struct state_question, n);
	uint8_t *calls = arena_alloc(audit->arena, n, GETTER_SIZE);
	enum err err = ERR_NOMEM;

	for (size_t i = 0; q && calls && i < n; i++) {
		uint8_t *call = calls + i * GETTER_SIZE;

		getter_call(call, getters->functions[i % getters->n_functions],
			    &audit->objects[i / getters->n_functions].id);
		q[i] = (struct state_question){.kind = STATE_CALL,
					       .to = *contract_of(audit),
					       .data = {call, GETTER_SIZE}};
	}
	if (q && calls)
		err = source_state(audit->setup.source, &audit->block, q, n,
				   audit->arena, on_answers, audit,
				   &audit->request);
	if (err)
		audit_fail_to(audit, err, "cannot ask the node for objects");
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
	for (size_t i = 0; i < audit->n_objects; i++) {
		struct audit_object *s = &audit->objects[i];
		size_t from = at;

		if (!s->is_newer)
			continue;
		while (at < n && u256_cmp(&events[at].subject, &s->id) == 0)
			at++;
		if (!object_fold(s, audit->kind, audit->setup.catalog,
				 events + from, at - from))
			s->has_no_facts = true;
	}
	ask(audit);
}

static void ask_events(struct audit *audit)
{
	struct u256 *ids =
	    ARENA_ARRAY(audit->arena, struct u256, audit->n_objects);
	enum err err = ERR_NOMEM;
	size_t n = 0;

	for (size_t i = 0; ids && i < audit->n_objects; i++)
		if (audit->objects[i].is_newer)
			ids[n++] = audit->objects[i].id;
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
		    struct audit_object *objects, size_t n)
{
	struct audit *audit = arg;

	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	audit->objects = objects;
	audit->n_objects = n;
	if (audit->complete[audit->contract] && n > 0) {
		ask_events(audit);
		return;
	}
	if (n > 0) {
		counts_of(audit)->uncovered += n;
		audit->has_after = true;
		audit->after = objects[n - 1].id;
		audit_step(audit, n);
	}
	if (n == AUDIT_OBJECTS)
		read_page(audit);
	else
		end_contract(audit);
}

static void read_page(struct audit *audit)
{
	enum err err;

	arena_reset(audit->arena);
	err = store_audit_objects(audit->store, audit->arena, audit->kind,
				  contract_of(audit), audit->block.number,
				  audit->has_after ? &audit->after : NULL,
				  AUDIT_OBJECTS, on_page, audit);
	if (err)
		audit_fail_to(audit, err, "cannot read streams or loans");
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
	audit->has_count =
	    !answers[0].reverted &&
	    getters_take_count(&audit->count, audit->getters, answers[0].value);
	read_page(audit);
}

static void ask_count(struct audit *audit)
{
	struct state_question *q =
	    ARENA_NEW(audit->arena, struct state_question);
	enum err err = ERR_NOMEM;

	if (q) {
		*q = (struct state_question){
		    .kind = STATE_CALL,
		    .to = *contract_of(audit),
		    .data = {audit->getters->count->selector, ABI_SELECTOR}};
		err = source_state(audit->setup.source, &audit->block, q, 1,
				   audit->arena, on_count, audit,
				   &audit->request);
	}
	if (err)
		audit_fail_to(audit, err, "cannot ask the node for objects");
}

/* Only those that can be asked. */
static void next_contract(struct audit *audit)
{
	audit->getters = NULL;
	while (!audit->getters && ++audit->contract < audit->n_contracts)
		audit->getters =
		    catalog_getters(audit->setup.catalog, contract_of(audit));
	if (!audit->getters) {
		audit_record(audit);
		return;
	}
	audit->kind = audit->getters->family == FAMILY_STREAMS ? AUDIT_STREAMS
							       : AUDIT_LOANS;
	audit->has_count = false;
	audit->has_after = false;
	audit->after = u256_from_u64(0);
	arena_reset(audit->arena);
	if (audit->complete[audit->contract] && audit->getters->count)
		ask_count(audit);
	else
		read_page(audit);
}

void objects_start(struct audit *audit)
{
	audit->contract = 0; /* the token, which is none of them */
	next_contract(audit);
}
