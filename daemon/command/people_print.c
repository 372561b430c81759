#include "daemon/command/people_print.h"

#include "daemon/command/output.h"
#include "daemon/serve/json_put.h"
#include <inttypes.h>
#include <stdlib.h>

const char *people_kind(enum person_kind kind)
{
	return kind == PERSON_WORKER ? "worker" : "platform";
}

#define COLUMNS 6

/* What stands in a table but is not text in the row itself. */
struct cells {
	char id[UUID_TEXT_SIZE];
	char wallet[ADDRESS_TEXT_SIZE];
};

/* People read the checksum form, programs the stored one. */
static const char *wallet_text(char text[ADDRESS_TEXT_SIZE],
			       const struct person *person, bool stored)
{
	if (!person->has_wallet)
		return NULL;
	return stored ? address_format(text, &person->wallet)
		      : address_checksum(text, &person->wallet);
}

bool people_print_table(enum person_kind kind, const struct person *list,
			size_t n)
{
	const char **texts = calloc((n + 1) * COLUMNS, sizeof(*texts));
	struct cells *cells = calloc(n + 1, sizeof(*cells));
	const char **row = texts;

	if (!texts || !cells) {
		free(texts);
		free(cells);
		return false;
	}
	row[0] = kind == PERSON_WORKER ? "worker id" : "platform id";
	row[1] = "wallet";
	row[2] = "email";
	row[3] = "name";
	row[4] = "status";
	row[5] = "registered";
	for (size_t i = 0; i < n; i++) {
		row += COLUMNS;
		row[0] = uuid_format(cells[i].id, &list[i].id);
		row[1] = wallet_text(cells[i].wallet, &list[i], false);
		row[2] = list[i].email;
		row[3] = list[i].name;
		row[4] = list[i].status;
		row[5] = list[i].created_at;
	}
	output_table(stdout, texts, n + 1, COLUMNS);
	free(texts);
	free(cells);
	return true;
}

static void put_text(const char *key, const char *value)
{
	printf("%-16s", key);
	output_text(stdout, value);
	putchar('\n');
}

static void put_number(const char *key, uint64_t value)
{
	printf("%-16s%" PRIu64 "\n", key, value);
}

void people_print_text(const struct person *person, const char *api_key)
{
	bool worker = person->kind == PERSON_WORKER;
	char id[UUID_TEXT_SIZE], wallet[ADDRESS_TEXT_SIZE];
	char total[USDC_TEXT_SIZE];

	put_text(worker ? "worker" : "platform", uuid_format(id, &person->id));
	put_text("name", person->name);
	put_text("email", person->email);
	put_text("wallet", wallet_text(wallet, person, false));
	put_text("status", person->status);
	put_text("registered", person->created_at);
	put_number("tasks", person->total_tasks);
	put_text(worker ? "earned USDC" : "paid out USDC",
		 usdc_format(total, &person->total_usdc));
	if (worker)
		put_number("reputation", person->score);
	else
		put_number("workers", person->unique_workers);
	if (api_key)
		printf("%-16s%s\n", "API key", api_key);
}

void people_put_members(struct buf *out, const struct person *person,
			const char *api_key)
{
	bool worker = person->kind == PERSON_WORKER;
	char id[UUID_TEXT_SIZE], wallet[ADDRESS_TEXT_SIZE];
	char total[USDC_TEXT_SIZE];

	json_put_text(out, "id", uuid_format(id, &person->id));
	json_put_text(out, "name", person->name);
	json_put_text(out, "email", person->email);
	json_put_text(out, "wallet_address", wallet_text(wallet, person, true));
	json_put_text(out, "status", person->status);
	json_put_text(out, "created_at", person->created_at);
	json_put_u64(out, "total_tasks", person->total_tasks);
	json_put_text(out, worker ? "total_earned" : "total_payouts",
		      usdc_format(total, &person->total_usdc));
	if (worker)
		json_put_u64(out, "reputation_score", person->score);
	else
		json_put_u64(out, "unique_workers", person->unique_workers);
	if (api_key)
		json_put_text(out, "api_key", api_key);
}

/* Each object is printed before the next is formed: memory stays flat. */
static bool print_one(const struct person *person, const char *api_key)
{
	struct buf out;
	bool ok;

	buf_init(&out, 1u << 16);
	buf_putc(&out, '{');
	people_put_members(&out, person, api_key);
	buf_putc(&out, '}');
	ok = out.err == OK;
	if (ok)
		fputs(out.data, stdout);
	buf_free(&out);
	return ok;
}

bool people_print_json(const struct person *person, const char *api_key)
{
	bool ok = print_one(person, api_key);

	putchar('\n');
	return ok;
}

bool people_print_json_array(const struct person *list, size_t n)
{
	bool ok = true;

	putchar('[');
	for (size_t i = 0; i < n && ok; i++) {
		if (i > 0)
			fputs(",\n", stdout);
		ok = print_one(&list[i], NULL);
	}
	puts("]");
	return ok;
}
