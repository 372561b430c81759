#include "daemon/reconcile/facts.h"

#include "daemon/reconcile/detail.h"
#include "daemon/reconcile/known.h"
#include "daemon/reconcile/native.h"
#include <string.h>

struct reader {
	struct facts facts;
	struct arena *arena;
	const struct facts_scope *scope;
	struct natives natives; /* of one transaction at a time */
	size_t event_room, transfer_room, malformed_room;
};

static struct place place_of(const struct block_ref *block,
			     const struct block_log *log)
{
	return (struct place){
	    .block_number = block->number,
	    .block_hash = block->hash,
	    .block_time = block->timestamp,
	    .tx_index = log->tx_index,
	    .log_index = log->log_index,
	    .tx_hash = log->tx_hash,
	};
}

static enum err add_event(struct reader *r, const struct block_ref *block,
			  const struct block_log *log,
			  const struct event *event)
{
	struct facts *f = &r->facts;
	struct event_row *rows = arena_grow(r->arena, f->events, f->n_events,
					    &r->event_room, sizeof(*rows));

	if (!rows)
		return ERR_NOMEM;
	f->events = rows;
	rows[f->n_events] = (struct event_row){
	    .at = place_of(block, log),
	    .contract = log->raw.address,
	    .kind = (int16_t)event->kind,
	    .part = event->part,
	    .subject = event_subject(event),
	    .n_topics = log->raw.n_topics,
	    .data = log->raw.data,
	};
	memcpy(rows[f->n_events].topics, log->raw.topics,
	       sizeof(log->raw.topics));
	if (event->kind >= FOLDED_KINDS) {
		rows[f->n_events].detail = event_detail(r->arena, event);
		if (!rows[f->n_events].detail)
			return ERR_NOMEM;
	}
	f->n_events++;
	return OK;
}

static enum err add_transfer(struct reader *r, const struct block_ref *block,
			     const struct block_log *log,
			     const struct event *event, bool is_ours)
{
	struct facts *f = &r->facts;
	struct transfer_row *rows =
	    arena_grow(r->arena, f->transfers, f->n_transfers,
		       &r->transfer_room, sizeof(*rows));

	if (!rows)
		return ERR_NOMEM;
	f->transfers = rows;
	rows[f->n_transfers++] = (struct transfer_row){
	    .at = place_of(block, log),
	    .from = event->from,
	    .to = event->to,
	    .amount = event->amount,
	    .dust = event->dust,
	    .role = ROLE_PLAIN,
	    .has_sender = log->has_sender,
	    .sender = log->sender,
	    .nonce = log->nonce,
	    .is_ours = is_ours,
	};
	return OK;
}

static enum err add_malformed(struct reader *r, const struct block_ref *block,
			      const struct block_log *log, const char *why)
{
	struct facts *f = &r->facts;
	struct quarantine_row *rows =
	    arena_grow(r->arena, f->malformed, f->n_malformed,
		       &r->malformed_room, sizeof(*rows));

	if (!rows)
		return ERR_NOMEM;
	f->malformed = rows;
	rows[f->n_malformed] = (struct quarantine_row){
	    .at = place_of(block, log),
	    .contract = log->raw.address,
	    .n_topics = log->raw.n_topics,
	    .data = log->raw.data,
	    .reason = why,
	};
	memcpy(rows[f->n_malformed++].topics, log->raw.topics,
	       sizeof(log->raw.topics));
	return OK;
}

static bool touches(const struct facts_scope *scope,
		    const struct address *wallet)
{
	return scope->watched(scope->arg, wallet) ||
	       known_contract(scope->rules, wallet) ||
	       known_fee_wallet(scope->rules, wallet);
}

/* Of the token's events these are the common ones, most of them others'. */
static bool moves_or_makes_money(enum event_kind kind)
{
	return kind == EVENT_TRANSFER || kind == EVENT_MINT ||
	       kind == EVENT_BURN;
}

static enum err keep_event(struct reader *r, const struct block_ref *block,
			   const struct block_log *log,
			   const struct event *event, bool of_money)
{
	bool is_ours = !moves_or_makes_money(event->kind) || of_money ||
		       touches(r->scope, &event->from) ||
		       touches(r->scope, &event->to);

	if (!is_ours && !r->scope->transfers_all)
		return OK;
	if (event->kind == EVENT_TRANSFER)
		return add_transfer(r, block, log, event, is_ours);
	return add_event(r, block, log, event);
}

static enum err read_event(struct reader *r, const struct block_ref *block,
			   const struct block_log *log,
			   const struct event *event, bool of_money)
{
	if (native_is(event->kind))
		return natives_add(&r->natives, r->arena, event, log);
	if (event->kind == EVENT_TRANSFER)
		natives_consume(&r->natives, event);
	return keep_event(r, block, log, event, of_money);
}

static enum err read_log(struct reader *r, const struct block_ref *block,
			 const struct block_log *log, bool of_money)
{
	struct catalog_events events;
	const char *why;
	enum err err = OK;

	switch (catalog_decode(r->scope->rules->catalog, &log->raw, &events,
			       &why)) {
	case CATALOG_NOT_OURS:
		break;
	case CATALOG_MALFORMED:
		return add_malformed(r, block, log, why);
	case CATALOG_EVENT:
		for (size_t i = 0; i < events.n && err == OK; i++)
			err =
			    read_event(r, block, log, &events.all[i], of_money);
		break;
	}
	return err;
}

_Static_assert((int)EVENT_TASK_RECORDED == FOLDED_KINDS &&
		   (int)EVENT_LOAN_CANCELLED < FOLDED_KINDS,
	       "the database tells by the kind what is folded");
_Static_assert(IS_SWITCH_KIND(EVENT_BLACKLISTED) &&
		   IS_SWITCH_KIND(EVENT_UNBLACKLISTED) &&
		   IS_SWITCH_KIND(EVENT_TOKEN_PAUSED) &&
		   IS_SWITCH_KIND(EVENT_TOKEN_UNPAUSED) &&
		   IS_SWITCH_KIND(EVENT_CONTRACT_PAUSED) &&
		   IS_SWITCH_KIND(EVENT_CONTRACT_UNPAUSED) &&
		   !IS_SWITCH_KIND(EVENT_MINT) && !IS_SWITCH_KIND(EVENT_BURN),
	       "and what blocks money");

/* May any Transfer of its transaction be the money of this log? */
static bool speaks_of_money(const struct catalog *catalog,
			    const struct block_log *log)
{
	struct catalog_events events;
	const char *why;

	return catalog_claims_money(catalog, &log->raw) &&
	       catalog_decode(catalog, &log->raw, &events, &why) ==
		   CATALOG_EVENT;
}

/* What the chain logged of its own money, and the token did not. */
static enum err read_natives(struct reader *r, const struct block_ref *block,
			     bool of_money)
{
	enum err err = OK;

	for (size_t i = 0; i < r->natives.n && err == OK; i++) {
		const struct native *native = &r->natives.all[i];

		if (!native->consumed)
			err = keep_event(r, block, native->log,
					 &native->transfer, of_money);
	}
	r->natives.n = 0;
	return err;
}

/* One transaction's logs. Where one of them is of a stream or a loan, any of
 * its Transfers may be the money of it. */
static enum err read_transaction(struct reader *r,
				 const struct block_ref *block,
				 const struct block_log *logs, size_t n)
{
	bool of_money = false;
	enum err err = OK;

	for (size_t i = 0; i < n && !of_money; i++)
		of_money = speaks_of_money(r->scope->rules->catalog, &logs[i]);
	for (size_t i = 0; i < n && err == OK; i++)
		err = read_log(r, block, &logs[i], of_money);
	return err == OK ? read_natives(r, block, of_money) : err;
}

static enum err read_logs(struct reader *r, const struct block *block)
{
	size_t end;
	enum err err = OK;

	for (size_t i = 0; i < block->n_logs && err == OK; i = end) {
		end = i + 1;
		while (end < block->n_logs && hash_eq(&block->logs[end].tx_hash,
						      &block->logs[i].tx_hash))
			end++;
		err =
		    read_transaction(r, &block->ref, &block->logs[i], end - i);
	}
	return err;
}

static size_t facts_count(const struct facts *f)
{
	return f->n_events + f->n_transfers + f->n_malformed;
}

enum err facts_read(struct facts *out, struct arena *arena,
		    const struct span *span, const struct facts_scope *scope)
{
	struct reader r = {.arena = arena, .scope = scope};

	r.facts.blocks = ARENA_ARRAY(arena, struct block_row, span->n_blocks);
	if (!r.facts.blocks)
		return ERR_NOMEM;
	for (size_t i = 0; i < span->n_blocks; i++) {
		const struct block *block = &span->blocks[i];
		size_t before = facts_count(&r.facts);
		enum err err = read_logs(&r, block);

		if (err != OK)
			return err;
		r.facts.blocks[r.facts.n_blocks++] = (struct block_row){
		    .number = block->ref.number,
		    .hash = block->ref.hash,
		    .parent_hash = block->ref.parent_hash,
		    .timestamp = block->ref.timestamp,
		    .has_facts = facts_count(&r.facts) > before,
		};
	}
	*out = r.facts;
	return OK;
}

/* A block of that one log. */
static enum err retry(struct reader *r, struct held_row *held)
{
	const struct quarantine_row *row = &held->row;
	struct catalog_events events;
	const char *why;
	struct block_log log = {
	    .log_index = row->at.log_index,
	    .tx_index = row->at.tx_index,
	    .tx_hash = row->at.tx_hash,
	    .raw = {.address = row->contract,
		    .n_topics = row->n_topics,
		    .data = row->data},
	};
	const struct block block = {
	    .ref = {.number = row->at.block_number,
		    .hash = row->at.block_hash,
		    .timestamp = row->at.block_time},
	    .logs = &log,
	    .n_logs = 1,
	};

	memcpy(log.raw.topics, row->topics, sizeof(row->topics));
	held->decoded = held->malformed &&
			catalog_decode(r->scope->rules->catalog, &log.raw,
				       &events, &why) == CATALOG_EVENT;
	return read_logs(r, &block);
}

enum err facts_retry(struct facts *out, struct arena *arena,
		     struct held_row *held, size_t n,
		     const struct facts_scope *scope)
{
	struct reader r = {.arena = arena, .scope = scope};
	enum err err = OK;

	for (size_t i = 0; i < n && err == OK; i++)
		err = retry(&r, &held[i]);
	*out = r.facts;
	return err;
}

/* first and second, one after the other: second itself, where there is no
 * first. NULL: out of memory. */
static void *joined(struct arena *arena, const void *first, size_t n_first,
		    void *second, size_t n_second, size_t size)
{
	char *both;

	if (n_first > SIZE_MAX - n_second)
		return NULL;
	if (n_first == 0 && n_second > 0)
		return second;
	both = arena_alloc(arena, n_first + n_second, size);
	if (both && n_first)
		memcpy(both, first, n_first * size);
	if (both && n_second)
		memcpy(both + n_first * size, second, n_second * size);
	return both;
}

enum err facts_join(struct reconcile_input *in, struct arena *arena,
		    const struct facts *facts, const struct loaded *loaded)
{
	static const struct facts none;
	struct event_row *events;
	struct transfer_row *transfers;

	if (!facts)
		facts = &none;
	events = joined(arena, loaded->events, loaded->n_events, facts->events,
			facts->n_events, sizeof(*events));
	transfers =
	    joined(arena, loaded->transfers, loaded->n_transfers,
		   facts->transfers, facts->n_transfers, sizeof(*transfers));
	if (!events || !transfers)
		return ERR_NOMEM;
	in->events = events;
	in->n_events = loaded->n_events + facts->n_events;
	in->transfers = transfers;
	in->n_transfers = loaded->n_transfers + facts->n_transfers;
	in->streams = loaded->streams;
	in->n_streams = loaded->n_streams;
	in->loans = loaded->loans;
	in->n_loans = loaded->n_loans;
	in->transactions = loaded->transactions;
	in->n_transactions = loaded->n_transactions;
	in->parties = loaded->parties;
	in->n_parties = loaded->n_parties;
	in->quarantined = loaded->quarantined;
	in->n_quarantined = loaded->n_quarantined;
	return OK;
}
