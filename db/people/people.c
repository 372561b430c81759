#include "db/people/people.h"

#include "db/pg/sql.h"
#include "embedded/queries.h"
#include <string.h>

#define TIMEOUT_MS 30000

struct people {
	struct pg *pg;
	struct arena *arena;
	enum person_kind kind;
	const char *key; /* show: what was asked for, in the arena */
	people_cb cb;
	void *arg;
};

/* A constraint that what a person typed can break, and how to say so. */
static const struct rule {
	const char *constraint;
	enum err code;
	const char *sentence;
} rules[] = {
    {"idx_workers_email", ERR_CONFLICT,
     "a worker with this email is registered already"},
    {"idx_workers_wallet", ERR_CONFLICT,
     "a worker with this wallet is registered already (a deleted one's wallet "
     "is not free)"},
    {"platforms_email_key", ERR_CONFLICT,
     "a platform with this email is registered already"},
    {"platforms_wallet_key", ERR_CONFLICT,
     "a platform with this wallet is registered already (a deleted one's "
     "wallet is not free)"},
    {"idx_platforms_api_key", ERR_CONFLICT,
     "another platform has this API key: make another"},
    {"workers_email_check", ERR_USAGE, "this is no email address"},
    {"platforms_email_check", ERR_USAGE, "this is no email address"},
    {"workers_display_name_check", ERR_USAGE,
     "the name must have 1 to 200 characters"},
    {"platforms_name_check", ERR_USAGE,
     "the name must have 1 to 200 characters"},
    {"workers_wallet_address_check", ERR_USAGE,
     "the zero address is no wallet"},
    {"platforms_wallet_address_check", ERR_USAGE,
     "the zero address is no wallet"},
};

static const struct {
	enum person_kind kind;
	const char *column;
	const char *query;
} secrets[] = {
    [SECRET_API_KEY_HASH] = {PERSON_PLATFORM, "platforms.api_key_hash",
			     queries_people_set_api_key_hash},
    [SECRET_WEBHOOK_SECRET] = {PERSON_PLATFORM, "platforms.webhook_secret",
			       queries_people_set_webhook_secret},
    [SECRET_PASSWORD_HASH] = {PERSON_WORKER, "workers.password_hash",
			      queries_people_set_password_hash},
    [SECRET_WALLET_ID] = {PERSON_WORKER, "workers.wallet_id",
			  queries_people_set_wallet_id},
};

enum person_kind person_secret_kind(enum person_secret secret)
{
	return secrets[secret].kind;
}

const char *person_secret_column(enum person_secret secret)
{
	return secrets[secret].column;
}

static enum err translate(const struct people *p, enum err err,
			  const struct fault *said, struct fault *fault)
{
	const char *constraint = pg_last_error(p->pg)->constraint;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].constraint, constraint) == 0)
			return fault_set(fault, rules[i].code, "%s",
					 rules[i].sentence);
	*fault = *said;
	return err;
}

static const char *kept(struct sql_rows *rows, struct arena *arena)
{
	const char *text = arena_strdup(arena, sql_text(rows));

	if (!text)
		rows->err = ERR_NOMEM;
	return text;
}

void person_read(struct person *out, enum person_kind kind,
		 struct sql_rows *rows, struct arena *arena)
{
	out->kind = kind;
	out->id = sql_uuid(rows);
	out->name = kept(rows, arena);
	out->email = kept(rows, arena);
	out->has_wallet = !sql_is_null(rows);
	if (out->has_wallet)
		out->wallet = sql_address_text(rows);
	out->status = kept(rows, arena);
	out->created_at = kept(rows, arena);
	out->total_tasks = sql_u64(rows);
	out->total_usdc = sql_usdc(rows);
	if (kind == PERSON_WORKER)
		out->score = sql_u64(rows);
	else
		out->unique_workers = sql_u64(rows);
}

static void on_people(void *arg, enum err err, const struct fault *said,
		      PGresult *const *results, size_t n)
{
	struct people p = *(struct people *)arg;
	struct fault fault = {.code = OK};
	struct person *list = NULL;
	const PGresult *result;
	struct sql_rows rows;

	if (err) {
		err = translate(&p, err, said, &fault);
		p.cb(p.arg, err, &fault, NULL, 0);
		return;
	}
	/* The last statement's; who acts may have been said before it. */
	result = results[n - 1];
	list = ARENA_ARRAY(p.arena, struct person, sql_count(result) + 1);
	sql_rows(&rows, result);
	n = 0;
	if (!list)
		rows.err = ERR_NOMEM;
	while (sql_next(&rows))
		person_read(&list[n++], p.kind, &rows, p.arena);
	err = sql_end(&rows, p.kind == PERSON_WORKER ? "workers" : "platforms",
		      &fault);
	if (!err && p.key && n == 0)
		err = fault_set(&fault, ERR_MISSING,
				"no %s has the id, email or wallet \"%s\"",
				p.kind == PERSON_WORKER ? "worker" : "platform",
				p.key);
	p.cb(p.arg, err, &fault, err ? NULL : list, err ? 0 : n);
}

static struct people *start(struct pg *pg, struct arena *arena,
			    enum person_kind kind, people_cb cb, void *arg,
			    enum err *err)
{
	struct people *p;

	*err = pg_is_busy(pg) ? ERR_BUSY : OK;
	if (*err)
		return NULL;
	p = pg_scratch(pg, sizeof(*p));
	if (!p) {
		*err = ERR_NOMEM;
		return NULL;
	}
	*p = (struct people){pg, arena, kind, NULL, cb, arg};
	return p;
}

enum err people_add(struct pg *pg, struct arena *arena,
		    const struct actor *actor, const struct person_new *person,
		    people_cb cb, void *arg)
{
	enum err err;
	struct people *p = start(pg, arena, person->kind, cb, arg, &err);
	bool worker = person->kind == PERSON_WORKER;
	struct sql_batch sql;

	if (!p)
		return err;
	sql_init(&sql);
	sql_add_actor(&sql, actor);
	sql_add(&sql, worker ? queries_people_add_worker
			     : queries_people_add_platform);
	sql_put_text(&sql, person->name);
	sql_put_text(&sql, person->email);
	if (person->wallet)
		sql_put_address_text(&sql, person->wallet);
	else
		sql_put_null(&sql);
	if (!worker)
		sql_put_text(&sql, person->api_key_hash);
	err = sql_send(&sql, pg, TIMEOUT_MS, on_people, p);
	sql_free(&sql);
	return err;
}

enum err people_set_secret(struct pg *pg, struct arena *arena,
			   const struct actor *actor, enum person_secret secret,
			   const char *key, const char *value, people_cb cb,
			   void *arg)
{
	enum err err;
	struct people *p =
	    start(pg, arena, secrets[secret].kind, cb, arg, &err);
	struct sql_batch sql;

	if (!p)
		return err;
	p->key = arena_strdup(arena, key);
	if (!p->key)
		return ERR_NOMEM;
	sql_init(&sql);
	sql_add_actor(&sql, actor);
	sql_add(&sql, secrets[secret].query);
	person_put_key(&sql, key);
	sql_put_text(&sql, value);
	err = sql_send(&sql, pg, TIMEOUT_MS, on_people, p);
	sql_free(&sql);
	return err;
}

enum err people_by_api_key(struct pg *pg, struct arena *arena,
			   const struct actor *actor, const char *api_key_hash,
			   people_cb cb, void *arg)
{
	enum err err;
	struct people *p = start(pg, arena, PERSON_PLATFORM, cb, arg, &err);
	struct sql_batch sql;

	if (!p)
		return err;
	sql_init(&sql);
	sql_add_actor(&sql, actor);
	sql_add(&sql, queries_people_by_api_key);
	sql_put_text(&sql, api_key_hash);
	err = sql_send(&sql, pg, TIMEOUT_MS, on_people, p);
	sql_free(&sql);
	return err;
}

static const char *const sorts[PEOPLE_SORTS] = {
    [PEOPLE_BY_CREATED] = "created",
    [PEOPLE_BY_SCORE] = "score",
    [PEOPLE_BY_EARNED] = "earned",
};

bool people_sort_parse(enum people_sort *out, const char *name)
{
	for (int i = 0; i < PEOPLE_SORTS; i++) {
		if (strcmp(sorts[i], name) != 0)
			continue;
		*out = (enum people_sort)i;
		return true;
	}
	return false;
}

bool people_status_exists(const char *name)
{
	return strcmp(name, "active") == 0 || strcmp(name, "inactive") == 0 ||
	       strcmp(name, "suspended") == 0;
}

void person_put_key(struct sql_batch *batch, const char *key)
{
	struct uuid id = {{0}};

	sql_put_text(batch, key);
	if (key && uuid_parse(&id, key) != OK)
		id = (struct uuid){{0}};
	sql_put_uuid(batch, &id);
}

static enum err find(struct people *p, const struct people_filter *filter)
{
	bool worker = p->kind == PERSON_WORKER;
	struct sql_batch sql;
	enum err err;

	sql_init(&sql);
	sql_add(&sql,
		worker ? queries_people_workers : queries_people_platforms);
	person_put_key(&sql, p->key);
	sql_put_u64(&sql, filter->limit);
	if (worker) {
		sql_put_text(&sql, filter->status);
		sql_put_u64(&sql, filter->min_score);
		sql_put_text(&sql, sorts[filter->sort]);
	}
	err = sql_send(&sql, p->pg, TIMEOUT_MS, on_people, p);
	sql_free(&sql);
	return err;
}

enum err people_list(struct pg *pg, struct arena *arena, enum person_kind kind,
		     const struct people_filter *filter, people_cb cb,
		     void *arg)
{
	enum err err;
	struct people *p = start(pg, arena, kind, cb, arg, &err);

	return p ? find(p, filter) : err;
}

enum err people_show(struct pg *pg, struct arena *arena, enum person_kind kind,
		     const char *key, people_cb cb, void *arg)
{
	enum err err;
	struct people *p = start(pg, arena, kind, cb, arg, &err);

	if (!p)
		return err;
	p->key = arena_strdup(arena, key);
	if (!p->key)
		return ERR_NOMEM;
	return find(p, &(struct people_filter){.limit = 1});
}
