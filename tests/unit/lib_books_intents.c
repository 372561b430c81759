#include "tests/unit/lib_books_inside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What applications do: chain.intents and its triggers. */

static struct stored_transaction *intent(struct books *b, size_t i)
{
	assert_true(i < b->intents.n);
	return &b->transactions.at[b->intents.at[i]];
}

void books_attach(struct books *b, size_t i, unsigned tx)
{
	struct stored_transaction *t = intent(b, i);

	assert_true(t->row.is_open);
	t->row.has_hash = t->row.hash_given = true;
	t->row.tx_hash = tx_hash_of(tx);
	index_add(&b->transactions_by_tx, tx_key(&t->row.tx_hash),
		  b->intents.at[i]);
}

static void add(struct books *b, struct transaction_row row)
{
	uint32_t at = (uint32_t)b->transactions.n;

	row.id = (struct uuid){{3, (uint8_t)b->intents.n}};
	row.status = STATUS_PENDING;
	row.is_intent = row.is_open = true;
	*LIST_ADD(&b->transactions) =
	    (struct stored_transaction){.row = row, .told = STATUS_PENDING};
	*LIST_ADD(&b->intents) = at;
	index_add(&b->transactions_by_id, uuid_key(&row.id), at);
	if (row.has_hash)
		index_add(&b->transactions_by_tx, tx_key(&row.tx_hash), at);
}

void books_intend(struct books *b, enum transaction_type type, unsigned tx,
		  struct address from, struct address to, struct u256 amount)
{
	add(b, (struct transaction_row){
		   .type = type,
		   .from = from,
		   .to = to,
		   .amount = amount,
		   .after = b->head,
	       });
	if (tx)
		books_attach(b, b->intents.n - 1, tx);
}

void books_intend_since(struct books *b, size_t i, int64_t since)
{
	intent(b, i)->row.since = since;
}

void books_copy_intents(struct books *to, const struct books *from)
{
	for (size_t i = 0; i < from->intents.n; i++) {
		const struct transaction_row *row =
		    &from->transactions.at[from->intents.at[i]].row;

		add(to, (struct transaction_row){
			    .type = row->type,
			    .from = row->from,
			    .to = row->to,
			    .amount = row->amount,
			    .after = row->after,
			    .since = row->since,
			    .has_hash = row->hash_given,
			    .hash_given = row->hash_given,
			    .tx_hash = row->tx_hash,
			});
	}
}

void books_lose(struct books *b, size_t i)
{
	struct stored_transaction *t = intent(b, i);

	assert_int_equal(t->row.status, STATUS_SUBMITTED);
	assert_false(t->row.has_block);
	t->row.status = t->told = STATUS_FAILED;
	t->row.is_open = true;
	t->row.has_hash = t->row.hash_given;
}
