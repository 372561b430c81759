#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/pg/pg_impl.h"

/* Statements that the server has prepared for this connection, each when it is
 * first sent. A plan costs more than a small statement's execution; for a large
 * one its own is worth it, so that it goes without. */
#define SMALL_BYTES 8192
#define NAME_SIZE 32
/* Then they are made anew: tables have grown, and who analyzes them is behind. */
#define LIFE_MS 30000

void pg_keep_plans(struct pg *pg)
{
	pg->plans.wanted = true;
}

static void forget(struct pg_plans *plans)
{
	for (size_t i = 0; i < plans->n; i++)
		free(plans->list[i].text);
	plans->n = 0;
	plans->stale = false;
	plans->generation++;
}

void pg_plans_disconnected(struct pg *pg)
{
	forget(&pg->plans);
	pg->plans.backend = 0;
}

static bool is_small(const struct pg_statement *s)
{
	size_t bytes = 0;

	for (int i = 0; i < s->n_params; i++)
		bytes += s->params[i] ? strlen(s->params[i]) : 0;
	return bytes < SMALL_BYTES;
}

/* The text may have been replaced by another one at the same place. NULL: there
 * is no room for it. */
static struct pg_plan *plan_of(struct pg *pg, const char *sql)
{
	struct pg_plans *plans = &pg->plans;
	struct pg_plan *plan = plans->list;
	char *text;

	for (size_t i = 0; i < plans->n; i++, plan++)
		if (plan->sql == sql && strcmp(plan->text, sql) == 0)
			return plan;
	if (plans->n == PG_PLANS_MOST)
		return NULL;
	text = strdup(sql);
	if (!text)
		return NULL;
	*plan = (struct pg_plan){.sql = sql, .text = text};
	if (plans->n++ == 0)
		plans->since = uv_now(pg->loop);
	return plan;
}

static bool expect(struct pg *pg, enum pg_answer answer)
{
	pg->answers[pg->n_answers++] = answer;
	return true;
}

static bool send_unplanned(struct pg *pg, const struct pg_statement *s)
{
	return PQsendQueryParams(pg->conn, s->sql, s->n_params, NULL, s->params,
				 NULL, NULL, 0) == 1 &&
	       expect(pg, PG_ANSWER);
}

static bool send_planned(struct pg *pg, const struct pg_statement *s)
{
	struct pg_plans *plans = &pg->plans;
	struct pg_plan *plan = plan_of(pg, s->sql);
	char name[NAME_SIZE];

	if (!plan)
		return send_unplanned(pg, s);
	(void)snprintf(name, sizeof(name), "gs_%u_%zu", plans->generation,
		       (size_t)(plan - plans->list));
	if (!plan->sent) {
		if (PQsendPrepare(pg->conn, name, s->sql, 0, NULL) != 1)
			return false;
		plan->sent = true;
		(void)expect(pg, PG_ANSWER_PREPARED);
		plan->answer = pg->n_answers;
	}
	return PQsendQueryPrepared(pg->conn, name, s->n_params, s->params, NULL,
				   NULL, 0) == 1 &&
	       expect(pg, PG_ANSWER);
}

static bool send_ours(struct pg *pg, const char *sql, enum pg_answer answer)
{
	return PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0) ==
		   1 &&
	       expect(pg, answer);
}

/* Behind a pooler the next transaction may meet another server, which does not
 * know our names: whether there is one is seen from the server's process. */
static bool find_out(struct pg *pg)
{
	return !pg->plans.wanted || pg->plans.backend ||
	       send_ours(pg, "select pg_backend_pid()", PG_ANSWER_BACKEND);
}

static bool renew(struct pg *pg)
{
	struct pg_plans *plans = &pg->plans;

	if (plans->n == 0 || PQtransactionStatus(pg->conn) != PQTRANS_IDLE ||
	    (!plans->stale && uv_now(pg->loop) - plans->since < LIFE_MS))
		return true;
	forget(plans);
	return send_ours(pg, "deallocate all", PG_ANSWER_NONE);
}

bool pg_expect_answers(struct pg *pg, size_t n)
{
	/* Each may be prepared first, and two are ours. */
	enum pg_answer *answers =
	    realloc(pg->answers, (2 * n + 2) * sizeof(*answers));

	if (answers)
		pg->answers = answers;
	return answers != NULL;
}

bool pg_send_statements(struct pg *pg, const struct pg_statement *s, size_t n)
{
	struct pg_plans *plans = &pg->plans;
	bool keeps = plans->backend && plans->backend == pg_backend(pg);

	if (!find_out(pg) || !renew(pg))
		return false;
	keeps = keeps && !plans->stale;
	for (size_t i = 0; i < n; i++) {
		bool ok = keeps && s[i].n_params > 0 && is_small(&s[i])
			      ? send_planned(pg, &s[i])
			      : send_unplanned(pg, &s[i]);

		if (!ok)
			return false;
	}
	return true;
}

bool pg_take_answer(struct pg *pg, const PGresult *result)
{
	enum pg_answer answer = pg->at_answer < pg->n_answers
				    ? pg->answers[pg->at_answer++]
				    : PG_ANSWER;

	if (answer == PG_ANSWER_BACKEND && PQntuples(result) == 1)
		pg->plans.backend = atoi(PQgetvalue(result, 0, 0));
	return answer != PG_ANSWER;
}

void pg_plans_done(struct pg *pg)
{
	struct pg_plans *plans = &pg->plans;

	/* "Cached plan must not change result type": the schema is another. */
	if (strcmp(pg->error.sqlstate, "0A000") == 0)
		plans->stale = true;
	for (size_t i = 0; i < plans->n; i++) {
		struct pg_plan *plan = &plans->list[i];

		/* What came after a failure was not prepared. */
		if (plan->answer > pg->at_answer)
			plan->sent = false;
		plan->answer = 0;
	}
}
