#include "daemon/command/profile_print.h"

#include "daemon/command/output.h"
#include "daemon/command/people_print.h"
#include "daemon/serve/json_put.h"
#include <stdlib.h>

#define COLUMNS 5

/* What stands in a table but is not text in the row itself. */
struct cells {
	char amount[USDC_TEXT_SIZE];
	char hash[HASH_TEXT_SIZE];
};

/* A table's cells, the heads still to be filled in; false: no memory. */
static bool table_new(const char ***texts, struct cells **cells, size_t n)
{
	*texts = calloc((n + 1) * COLUMNS, sizeof(**texts));
	*cells = calloc(n + 1, sizeof(**cells));
	if (*texts && *cells)
		return true;
	free(*texts);
	free(*cells);
	return false;
}

static void table_print(const char *title, const char **texts,
			struct cells *cells, size_t n)
{
	printf("\n%s%s\n", title, n ? "" : ": none");
	if (n)
		output_table(stdout, texts, n + 1, COLUMNS);
	free(texts);
	free(cells);
}

static bool print_tasks(const struct profile *profile)
{
	const char **texts, **row;
	struct cells *cells;

	if (!table_new(&texts, &cells, profile->n_tasks))
		return false;
	row = texts;
	row[0] = "created";
	row[1] = "status";
	row[2] = "type";
	row[3] = "USDC";
	row[4] = "title";
	for (size_t i = 0; i < profile->n_tasks; i++) {
		const struct profile_task *t = &profile->tasks[i];

		row += COLUMNS;
		row[0] = t->created_at;
		row[1] = task_status_name(t->status);
		row[2] = task_type_name(t->type);
		row[3] = usdc_format(cells[i].amount, &t->payment);
		row[4] = t->title;
	}
	table_print("newest tasks", texts, cells, profile->n_tasks);
	return true;
}

static bool print_transactions(const struct profile *profile)
{
	const char **texts, **row;
	struct cells *cells;

	if (!table_new(&texts, &cells, profile->n_transactions))
		return false;
	row = texts;
	row[0] = "submitted";
	row[1] = "status";
	row[2] = "type";
	row[3] = "USDC";
	row[4] = "transaction hash";
	for (size_t i = 0; i < profile->n_transactions; i++) {
		const struct profile_transaction *t = &profile->transactions[i];

		row += COLUMNS;
		row[0] = t->submitted_at;
		row[1] = transaction_status_name(t->status);
		row[2] = transaction_type_name(t->type);
		row[3] = usdc_format(cells[i].amount, &t->amount);
		row[4] = t->has_tx_hash
			     ? hash_format(cells[i].hash, &t->tx_hash)
			     : NULL;
	}
	table_print("newest transactions", texts, cells,
		    profile->n_transactions);
	return true;
}

bool profile_print_text(const struct profile *profile)
{
	people_print_text(&profile->worker, NULL);
	return print_tasks(profile) && print_transactions(profile);
}

static void put_usdc(struct buf *out, const char *name,
		     const struct u256 *units)
{
	char text[USDC_TEXT_SIZE];

	json_put_text(out, name, usdc_format(text, units));
}

static void put_task(struct buf *out, const struct profile_task *t)
{
	char id[UUID_TEXT_SIZE];

	json_put_text(out, "id", uuid_format(id, &t->id));
	json_put_text(out, "title", t->title);
	json_put_text(out, "type", task_type_name(t->type));
	json_put_text(out, "status", task_status_name(t->status));
	put_usdc(out, "payment_amount_usdc", &t->payment);
	put_usdc(out, "paid_amount_usdc", &t->paid);
	json_put_text(out, "created_at", t->created_at);
	json_put_text(out, "due_date", t->due_date);
	json_put_text(out, "completed_at", t->completed_at);
}

static void put_transaction(struct buf *out,
			    const struct profile_transaction *t)
{
	char id[UUID_TEXT_SIZE], from[ADDRESS_TEXT_SIZE], to[ADDRESS_TEXT_SIZE];
	char hash[HASH_TEXT_SIZE];

	json_put_text(out, "id", uuid_format(id, &t->id));
	json_put_text(out, "type", transaction_type_name(t->type));
	json_put_text(out, "status", transaction_status_name(t->status));
	put_usdc(out, "amount_usdc", &t->amount);
	put_usdc(out, "fee_usdc", &t->fee);
	json_put_text(out, "from_wallet", address_format(from, &t->from));
	json_put_text(out, "to_wallet", address_format(to, &t->to));
	json_put_text(out, "tx_hash",
		      t->has_tx_hash ? hash_format(hash, &t->tx_hash) : NULL);
	if (t->has_block)
		json_put_u64(out, "block_number", t->block_number);
	else
		json_put_text(out, "block_number", NULL);
	json_put_text(out, "created_at", t->created_at);
	json_put_text(out, "submitted_at", t->submitted_at);
	json_put_text(out, "confirmed_at", t->confirmed_at);
}

bool profile_print_json(const struct profile *profile)
{
	struct buf out;
	bool ok;

	buf_init(&out, 1u << 20);
	buf_putc(&out, '{');
	people_put_members(&out, &profile->worker, NULL);
	json_put_name(&out, "tasks");
	buf_putc(&out, '[');
	for (size_t i = 0; i < profile->n_tasks; i++) {
		buf_puts(&out, i ? ",\n{" : "{");
		put_task(&out, &profile->tasks[i]);
		buf_putc(&out, '}');
	}
	buf_putc(&out, ']');
	json_put_name(&out, "transactions");
	buf_putc(&out, '[');
	for (size_t i = 0; i < profile->n_transactions; i++) {
		buf_puts(&out, i ? ",\n{" : "{");
		put_transaction(&out, &profile->transactions[i]);
		buf_putc(&out, '}');
	}
	buf_puts(&out, "]}");
	ok = out.err == OK;
	if (ok)
		puts(out.data);
	buf_free(&out);
	return ok;
}
