#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib_store.h"

#define ARENA_CAP ((size_t)256 << 20)

const struct address shop_token = {{0x70}}, shop_contract = {{0xc0}};

static enum err waited(struct shop *shop)
{
	db_wait(&shop->db);
	return shop->db.err;
}

static void must(struct shop *shop)
{
	if (waited(shop) != OK)
		fail_msg("%s", shop->db.fault.text);
}

static void answered(struct shop *shop, enum err err, const struct fault *fault)
{
	shop->db.err = err;
	shop->db.fault = *fault;
	shop->db.done = true;
}

static void on_loaded(void *arg, enum err err, const struct fault *fault,
		      struct loaded *loaded)
{
	struct shop *shop = arg;

	shop->loaded = loaded;
	answered(shop, err, fault);
}

static void on_done(void *arg, enum err err, const struct fault *fault,
		    const struct store_done *done)
{
	struct shop *shop = arg;

	shop->done = *done;
	answered(shop, err, fault);
}

static void on_lease(void *arg, enum err err, const struct fault *fault,
		     const struct lease *lease)
{
	struct shop *shop = arg;

	if (lease)
		shop->lease = *lease;
	answered(shop, err, fault);
}

static void on_resume(void *arg, enum err err, const struct fault *fault,
		      const struct resume *resume)
{
	struct shop *shop = arg;

	if (resume)
		shop->resume = *resume;
	answered(shop, err, fault);
}

static void on_text(void *arg, enum err err, const struct fault *fault,
		    const char *text)
{
	struct shop *shop = arg;

	free(shop->text);
	shop->text = text ? strdup(text) : NULL;
	answered(shop, err, fault);
}

static void on_job(void *arg, enum err err, const struct fault *fault,
		   const struct job_row *job, bool finished)
{
	struct shop *shop = arg;

	if (job)
		shop->job = *job;
	shop->job_finished = finished;
	answered(shop, err, fault);
}

static void on_jobs(void *arg, enum err err, const struct fault *fault,
		    const struct job_row *jobs, size_t n)
{
	struct shop *shop = arg;

	shop->n_jobs = n;
	if (n)
		shop->job = jobs[0];
	answered(shop, err, fault);
}

static void on_wallets(void *arg, enum err err, const struct fault *fault,
		       const struct address *wallets, size_t n)
{
	struct shop *shop = arg;

	shop->wallets = wallets;
	shop->n_wallets = n;
	answered(shop, err, fault);
}

void shop_open(struct shop *shop, bool fresh)
{
	struct hash genesis = hash_of(1), first = hash_of(SHOP_START);

	memset(shop, 0, sizeof(*shop));
	db_open(&shop->db);
	if (fresh)
		db_reset(&shop->db);
	assert_int_equal(uuid_v7(&shop->holder, 1), OK);
	shop->arena = arena_new(ARENA_CAP);
	assert_non_null(shop->arena);
	assert_int_equal(store_new(&shop->store, shop->db.pg, SHOP_CHAIN), OK);
	if (!fresh)
		return;
	assert_int_equal(store_identify(shop->store, &genesis, SHOP_START,
					&first, on_done, shop),
			 OK);
	must(shop);
	assert_true(shop_lease(shop, 60000));
}

void shop_close(struct shop *shop)
{
	db_close(&shop->db);
	store_free(shop->store);
	arena_free(shop->arena);
	free(shop->text);
}

enum err shop_begin(struct shop *shop, const struct facts *facts)
{
	assert_int_equal(
	    store_begin(shop->store, shop->arena, facts, on_loaded, shop), OK);
	return waited(shop);
}

enum err shop_rollback(struct shop *shop, uint64_t ancestor)
{
	assert_int_equal(store_begin_rollback(shop->store, shop->arena,
					      ancestor, NULL, on_loaded, shop),
			 OK);
	return waited(shop);
}

enum err shop_commit(struct shop *shop, struct store_commit commit)
{
	commit.holder = shop->holder;
	commit.term = shop->lease.term;
	assert_int_equal(
	    store_commit(shop->store, shop->arena, &commit, on_done, shop), OK);
	return waited(shop);
}

void shop_abandon(struct shop *shop)
{
	assert_int_equal(store_abandon(shop->store, on_done, shop), OK);
	must(shop);
}

bool shop_lease(struct shop *shop, unsigned ttl_ms)
{
	assert_int_equal(store_lease(shop->store, &shop->holder, "a \"test\"",
				     ttl_ms, on_lease, shop),
			 OK);
	must(shop);
	return shop->lease.held;
}

void shop_release(struct shop *shop)
{
	assert_int_equal(
	    store_lease_release(shop->store, &shop->holder, on_done, shop), OK);
	must(shop);
}

void shop_resume(struct shop *shop, const struct address *sources, size_t n)
{
	assert_int_equal(
	    store_resume(shop->store, shop->arena, sources, n, on_resume, shop),
	    OK);
	must(shop);
}

const char *shop_status(struct shop *shop, const struct address *sources,
			size_t n)
{
	assert_int_equal(store_status(shop->store, sources, n, on_text, shop),
			 OK);
	must(shop);
	return shop->text;
}

void shop_add_job(struct shop *shop, uint64_t from, uint64_t to, bool rescan)
{
	assert_int_equal(
	    store_job_add(shop->store, from, to, rescan, on_job, shop), OK);
	must(shop);
}

enum err shop_get_job(struct shop *shop, uint64_t id)
{
	assert_int_equal(store_job_get(shop->store, id, on_job, shop), OK);
	return waited(shop);
}

void shop_jobs(struct shop *shop)
{
	assert_int_equal(store_jobs(shop->store, shop->arena, on_jobs, shop),
			 OK);
	must(shop);
}

void shop_job_wallets(struct shop *shop, uint64_t id)
{
	assert_int_equal(
	    store_job_wallets(shop->store, shop->arena, id, on_wallets, shop),
	    OK);
	must(shop);
}

void shop_wallets(struct shop *shop, const struct address *after)
{
	assert_int_equal(
	    store_wallets(shop->store, shop->arena, after, on_wallets, shop),
	    OK);
	must(shop);
}

struct hash hash_of(uint8_t seed)
{
	struct hash h;

	memset(h.b, seed, sizeof(h.b));
	return h;
}

struct address address_of(uint8_t seed)
{
	struct address a;

	memset(a.b, seed, sizeof(a.b));
	return a;
}

struct uuid uuid_of(uint8_t seed)
{
	struct uuid id;

	memset(id.b, seed, sizeof(id.b));
	return id;
}

static struct hash block_hash(uint64_t n, uint8_t branch)
{
	struct hash h = hash_of(branch);

	for (int i = 0; i < 8; i++)
		h.b[i] = (uint8_t)(n >> (8 * i));
	return h;
}

struct place place_of(uint64_t n, uint8_t branch, uint8_t tx, uint32_t index)
{
	return (struct place){
	    .block_number = n,
	    .block_hash = block_hash(n, branch),
	    .block_time = (int64_t)n * 1000,
	    .tx_index = tx,
	    .log_index = index,
	    .tx_hash = hash_of(tx),
	};
}

struct block_row block_of(uint64_t n, uint8_t branch, bool has_facts)
{
	return (struct block_row){
	    .number = n,
	    .hash = block_hash(n, branch),
	    .parent_hash = block_hash(n - 1, branch),
	    .timestamp = (int64_t)n * 1000,
	    .has_facts = has_facts,
	};
}

struct event_row event_of(struct place at, uint64_t stream)
{
	static const uint8_t data[5] = {1, 2, 3, 4, 5};
	struct event_row e = {
	    .at = at,
	    .contract = shop_contract,
	    .kind = 1,
	    .subject = u256_from_u64(stream),
	    .n_topics = 3,
	    .topics = {hash_of(9), {{0}}, {{0}}},
	    .data = {data, sizeof(data)},
	};

	u256_to_be(e.topics[1].b, &e.subject);
	memset(e.topics[2].b + 12, 0x33, 20);
	return e;
}

struct transfer_row transfer_of(struct place at, uint8_t from, uint8_t to,
				struct u256 amount)
{
	return (struct transfer_row){
	    .at = at,
	    .from = address_of(from),
	    .to = address_of(to),
	    .amount = amount,
	    .role = ROLE_PLAIN,
	};
}

struct transaction_row payout_of(const struct transfer_row *t, uint8_t id)
{
	return (struct transaction_row){
	    .id = uuid_of(id),
	    .type = TYPE_PAYOUT,
	    .status = STATUS_SUBMITTED,
	    .tx_hash = t->at.tx_hash,
	    .from = t->from,
	    .to = t->to,
	    .amount = t->amount,
	    .has_block = true,
	    .block_number = t->at.block_number,
	    .block_hash = t->at.block_hash,
	    .log_index = t->at.log_index,
	    .confirmations = 1,
	    .submitted_at = t->at.block_time,
	};
}

struct stream_row stream_of(uint64_t stream, uint8_t id)
{
	return (struct stream_row){
	    .id = uuid_of(id),
	    .contract = shop_contract,
	    .contract_stream_id = u256_from_u64(stream),
	    .worker_wallet = address_of(0x33),
	    .platform_wallet = address_of(0x44),
	    .total = u256_from_u64(1000000),
	    .start_time = 5000,
	    .end_time = 6000,
	    .release_interval = u256_from_u64(60),
	    .status = STREAM_ACTIVE,
	};
}
