#include "daemon/reconcile/transactions.h"

#include "daemon/reconcile/classify.h"
#include "daemon/reconcile/intents.h"
#include <inttypes.h>
#include <stdlib.h>

/* A movement, or a stored row, under its identity. */
struct entry {
	const struct hash *tx_hash;
	const struct address *from, *to;
	const struct u256 *amount;
	uint32_t ordinal; /* a movement's log index until it is counted */
	struct movement *movement;
	const struct transaction_row *stored;
};

struct settling {
	struct output *out;
	const struct reconcile_input *in;
	const struct known_parties *parties;
	struct intents intents;
	uint64_t now_ms;
};

/* Equal ones differ at most in their ordinal. */
static int equal_cmp(const struct entry *x, const struct entry *y)
{
	int c = hash_cmp(x->tx_hash, y->tx_hash);

	if (c == 0)
		c = address_cmp(x->from, y->from);
	if (c == 0)
		c = address_cmp(x->to, y->to);
	return c ? c : u256_cmp(x->amount, y->amount);
}

static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = equal_cmp(x, y);

	if (c == 0)
		c = (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
	return c;
}

/* Counts equal movements in log order; in between, a movement may be in one
 * block only. */
static enum err count(struct entry *entries, size_t n, struct fault *fault)
{
	for (size_t i = 0; i < n; i++) {
		const struct entry *last = i ? &entries[i - 1] : NULL;
		const struct place *at = &entries[i].movement->fact->at;
		char text[HASH_TEXT_SIZE];

		if (last && hash_eq(last->tx_hash, entries[i].tx_hash) &&
		    !hash_eq(&last->movement->fact->at.block_hash,
			     &at->block_hash))
			return fault_set(
			    fault, ERR_BUG,
			    "transaction %s stands in two blocks, of which one "
			    "is at height %" PRIu64,
			    hash_format(text, &at->tx_hash), at->block_number);
		entries[i].ordinal = last && equal_cmp(last, &entries[i]) == 0
					 ? last->ordinal + 1
					 : 0;
		entries[i].movement->ordinal = entries[i].ordinal;
	}
	return OK;
}

static enum err list_movements(struct entry **out, struct arena *arena,
			       struct movement *movements, size_t n,
			       struct fault *fault)
{
	struct entry *list = ARENA_ARRAY(arena, struct entry, n);

	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct transfer_row *fact = movements[i].fact;

		list[i] = (struct entry){
		    .tx_hash = &fact->at.tx_hash,
		    .from = &fact->from,
		    .to = &fact->to,
		    .amount = &fact->amount,
		    .ordinal = fact->at.log_index,
		    .movement = &movements[i],
		};
	}
	if (n)
		qsort(list, n, sizeof(*list), entry_cmp);
	*out = list;
	return count(list, n, fault);
}

/* The stored rows that the chain may decide about. */
static enum err list_stored(struct entry **out, size_t *n, struct arena *arena,
			    const struct reconcile_input *in)
{
	struct entry *list =
	    ARENA_ARRAY(arena, struct entry, in->n_transactions);
	size_t found = 0;

	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < in->n_transactions; i++) {
		const struct transaction_row *row = &in->transactions[i];

		if (row->is_open || row->status == STATUS_PENDING ||
		    row->status == STATUS_CANCELLED)
			continue;
		list[found++] = (struct entry){
		    .tx_hash = &row->tx_hash,
		    .from = &row->from,
		    .to = &row->to,
		    .amount = &row->amount,
		    .ordinal = row->ordinal,
		    .stored = row,
		};
	}
	if (found)
		qsort(list, found, sizeof(*list), entry_cmp);
	*out = list;
	*n = found;
	return OK;
}

static bool same_block(const struct transaction_row *a,
		       const struct transaction_row *b)
{
	if (a->has_block != b->has_block)
		return false;
	return !a->has_block || (a->block_number == b->block_number &&
				 hash_eq(&a->block_hash, &b->block_hash) &&
				 a->log_index == b->log_index);
}

/* Two rows of one identity. */
static bool same_row(const struct transaction_row *a,
		     const struct transaction_row *b)
{
	return a->type == b->type && a->status == b->status &&
	       uuid_eq(&a->worker_id, &b->worker_id) &&
	       uuid_eq(&a->platform_id, &b->platform_id) &&
	       object_cmp(&a->stream, &b->stream) == 0 &&
	       object_cmp(&a->loan, &b->loan) == 0 && same_block(a, b) &&
	       a->confirmations == b->confirmations &&
	       a->submitted_at == b->submitted_at &&
	       a->confirmed_at == b->confirmed_at;
}

static const struct object_ref none;

static struct object_ref stream_of(const struct movement *movement)
{
	const struct stream_row *stream = movement->stream;

	return stream ? (struct object_ref){stream->contract,
					    stream->contract_stream_id}
		      : none;
}

static struct object_ref loan_of(const struct movement *movement)
{
	const struct loan_row *loan = movement->loan;

	return loan
		   ? (struct object_ref){loan->contract, loan->contract_loan_id}
		   : none;
}

/* What an application intended stays what it said: only what it left open is
 * filled in. Whoever gave the hash has told when it was sent. */
static void name(struct transaction_row *row, const struct verdict *verdict,
		 int64_t block_time)
{
	if (!row->is_intent)
		row->type = verdict->type;
	if (!row->is_intent || uuid_is_nil(&row->worker_id))
		row->worker_id = verdict->worker_id;
	if (!row->is_intent || uuid_is_nil(&row->platform_id))
		row->platform_id = verdict->platform_id;
	if (!row->hash_given || row->submitted_at == 0)
		row->submitted_at = block_time;
}

/* Places row where the movement stands; status says whether it is final. */
static void place(struct transaction_row *row, const struct movement *movement,
		  const struct verdict *verdict,
		  const struct reconcile_input *in)
{
	const struct place *at = &movement->fact->at;
	struct transaction_row before = *row;

	name(row, verdict, at->block_time);
	row->tx_hash = at->tx_hash;
	row->ordinal = movement->ordinal;
	row->has_hash = true;
	row->is_open = false;
	row->stream = stream_of(movement);
	row->loan = loan_of(movement);
	row->has_block = true;
	row->block_number = at->block_number;
	row->block_hash = at->block_hash;
	row->log_index = at->log_index;
	if ((in->has_finalized && at->block_number <= in->finalized) ||
	    (before.status == STATUS_CONFIRMED && same_block(row, &before)))
		row->status = STATUS_CONFIRMED;
	else
		row->status = STATUS_SUBMITTED;
	row->confirmed_at =
	    row->status == STATUS_CONFIRMED ? at->block_time : 0;
	if (row->status != before.status || !same_block(row, &before))
		row->confirmations = in->head > at->block_number
					 ? in->head - at->block_number + 1
					 : 1;
}

/* Did its block change? That is told even where the status stays, since a
 * reorg is never silent. A rollback takes the block before the row gets here;
 * its confirmations still tell that it had one. */
static bool moved(const struct transaction_row *before,
		  const struct transaction_row *row)
{
	return !same_block(before, row) ||
	       (!row->has_block && before->confirmations > 0);
}

static enum err put(const struct settling *s,
		    const struct transaction_row *before,
		    const struct transaction_row *row, const char *reason,
		    const struct place *at)
{
	struct transition_row transition = {
	    .row = s->out->changes.n_transactions,
	    .from = before ? (int)before->status : -1,
	    .to = row->status,
	    .reason = s->in->reason ? s->in->reason : reason,
	    .block_number = at ? at->block_number : 0,
	    .block_time = at ? at->block_time : 0,
	};
	enum err err = output_transaction(s->out, row, !before);

	if (err != OK)
		return err;
	if (before && before->status == row->status && !moved(before, row))
		return OK;
	return output_transition(s->out, &transition);
}

static enum err appear(const struct settling *s,
		       const struct movement *movement,
		       const struct verdict *verdict)
{
	const struct transfer_row *fact = movement->fact;
	struct transaction_row row = {
	    .status = STATUS_PENDING,
	    .from = fact->from,
	    .to = fact->to,
	    .amount = fact->amount,
	};
	enum err err = uuid_v7(&row.id, s->now_ms);

	if (err != OK)
		return err;
	place(&row, movement, verdict, s->in);
	return put(s, NULL, &row, classify_reason(movement), &fact->at);
}

static enum err stand(const struct settling *s, const struct movement *movement,
		      const struct transaction_row *stored,
		      const struct verdict *verdict)
{
	struct transaction_row row = *stored;
	const char *reason = classify_reason(movement);

	place(&row, movement, verdict, s->in);
	if (same_row(&row, stored))
		return OK;
	if (stored->status == STATUS_FAILED)
		reason = "included";
	else if (same_block(&row, stored))
		reason = "final";
	return put(s, stored, &row, reason, &movement->fact->at);
}

/* What stood does not any more. */
static enum err fall(const struct settling *s,
		     const struct transaction_row *stored, const char *reason)
{
	struct transaction_row row = *stored;

	if (stored->status == STATUS_FAILED)
		return OK;
	row.status = STATUS_SUBMITTED;
	row.stream = row.loan = none;
	row.has_block = false;
	row.block_number = 0;
	row.block_hash = (struct hash){{0}};
	row.log_index = 0;
	row.confirmations = 0;
	row.confirmed_at = 0;
	if (same_row(&row, stored))
		return OK;
	return put(s, stored, &row, reason, NULL);
}

/* Gives each movement its stored row; those without a movement fall. */
static enum err join(const struct settling *s, const struct entry *stood,
		     size_t n, const struct entry *stored, size_t n_stored)
{
	enum err err = OK;
	size_t i = 0;

	for (size_t j = 0; j < n_stored && err == OK; j++) {
		while (i < n && entry_cmp(&stood[i], &stored[j]) < 0)
			i++;
		if (i < n && entry_cmp(&stood[i], &stored[j]) == 0)
			stood[i].movement->row = stored[j].stored;
		else
			err = fall(s, stored[j].stored, "reorg");
	}
	return err;
}

/* The intent that this movement turns out to be; where the chain has a row of
 * its own for it already, that one is taken over. NULL: none. An escrow has
 * reached nobody, whoever intended it: its claims are the payments. */
static enum err match(struct settling *s, const struct movement *movement,
		      const struct transaction_row **intent)
{
	const struct transaction_row *born = movement->row;

	*intent = NULL;
	if ((born && born->is_intent) || movement->role == ROLE_ESCROW)
		return OK;
	*intent = intents_take(&s->intents, movement->fact);
	if (!*intent || !born)
		return OK;
	return output_taken(s->out, &born->id, &(*intent)->id);
}

/* A movement that is none of the books' own, but whose payment was intended. */
static struct verdict intended(const struct settling *s,
			       const struct transaction_row *row)
{
	return (struct verdict){
	    .type = row->type,
	    .worker_id = known_worker(s->parties, &row->to),
	    .platform_id = known_platform(s->parties, &row->from),
	};
}

/* Paid by hand, and known as such. */
static bool is_plain(const struct settling *s, const struct movement *movement,
		     const struct transaction_row *row)
{
	return movement->role == ROLE_PLAIN && row->status != STATUS_FAILED &&
	       object_is_none(&row->stream) && object_is_none(&row->loan) &&
	       !known_contract(s->in->rules, &row->from);
}

/* A plain Transfer tells by its wallets what it is. Where nobody has one of them
 * any more (its worker was deleted, or has another), it says nothing against the
 * row, which outlives that. */
static bool outlives(const struct settling *s, const struct movement *movement,
		     const struct transaction_row *row)
{
	struct uuid payee = known_worker(s->parties, &row->to);
	struct uuid payer = known_worker(s->parties, &row->from);
	struct uuid refunded = known_platform(s->parties, &row->to);

	if (!is_plain(s, movement, row))
		return false;
	if (row->type == TYPE_PAYOUT)
		return uuid_is_nil(&payee);
	return row->type == TYPE_REFUND &&
	       (uuid_is_nil(&payer) || uuid_is_nil(&refunded));
}

/* Of an equal verdict on a plain Transfer, what its wallets do not tell now. */
static void keep_links(struct verdict *verdict, const struct settling *s,
		       const struct movement *movement,
		       const struct transaction_row *row)
{
	if (row->type != verdict->type || !is_plain(s, movement, row))
		return;
	known_keep(&verdict->worker_id, &row->worker_id);
	known_keep(&verdict->platform_id, &row->platform_id);
}

static enum err settle(struct settling *s, const struct movement *movement)
{
	const struct transaction_row *row, *intent;
	struct verdict verdict;
	enum err err = match(s, movement, &intent);

	if (err != OK)
		return err;
	row = intent ? intent : movement->row;
	if (!classify(&verdict, movement, s->in->rules, s->parties)) {
		if (!row)
			return OK;
		if (row->is_intent)
			verdict = intended(s, row);
		else if (outlives(s, movement, row))
			verdict = (struct verdict){.type = row->type};
		else
			return fall(s, row, "reclassified");
	}
	if (!row)
		return appear(s, movement, &verdict);
	keep_links(&verdict, s, movement, row);
	return stand(s, movement, row, &verdict);
}

enum err transactions_settle(struct output *out,
			     const struct reconcile_input *in,
			     struct movement *movements, size_t n,
			     const struct known_parties *parties,
			     uint64_t now_ms, struct fault *fault)
{
	struct settling s = {
	    .out = out, .in = in, .parties = parties, .now_ms = now_ms};
	struct entry *stood, *stored;
	size_t n_stored;
	enum err err;

	err = list_movements(&stood, out->arena, movements, n, fault);
	if (err == OK)
		err = list_stored(&stored, &n_stored, out->arena, in);
	if (err == OK)
		err = intents_init(&s.intents, out->arena, in->transactions,
				   in->n_transactions);
	if (err == OK)
		err = join(&s, stood, n, stored, n_stored);
	/* In the order of the chain: the oldest intent meets the first. */
	for (size_t i = 0; i < n && err == OK; i++)
		err = settle(&s, &movements[i]);
	return err;
}
