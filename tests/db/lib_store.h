#ifndef GS_TESTS_DB_LIB_STORE_H
#define GS_TESTS_DB_LIB_STORE_H

#include "db/store/store.h"
#include "lib_db.h"

/* A store on a fresh schema, driven until each answer is there. Every call must
 * succeed unless it returns the error. */
struct shop {
	struct db db;
	struct store *store;
	struct arena *arena;
	struct uuid holder;
	struct lease lease;
	struct loaded *loaded;
	struct store_done done;
	struct resume resume;
	struct job_row job;
	bool job_finished;
	size_t n_jobs;
	const struct address *wallets;
	size_t n_wallets;
	char *text;
};

#define SHOP_CHAIN 31337
#define SHOP_START 10 /* the chain's start block */

/* fresh: drops and applies the schema, identifies the chain, takes the lease.
 * Else another process's connection to what is there. */
void shop_open(struct shop *shop, bool fresh);
void shop_close(struct shop *shop);

enum err shop_begin(struct shop *shop, const struct facts *facts);
enum err shop_rollback(struct shop *shop, uint64_t ancestor);
/* Holder and term are filled in. */
enum err shop_commit(struct shop *shop, struct store_commit commit);
void shop_abandon(struct shop *shop);
/* True: the lease is ours. */
bool shop_lease(struct shop *shop, unsigned ttl_ms);
void shop_release(struct shop *shop);
void shop_resume(struct shop *shop, const struct address *sources, size_t n);
const char *shop_status(struct shop *shop, const struct address *sources,
			size_t n);
void shop_add_job(struct shop *shop, uint64_t from, uint64_t to, bool rescan);
enum err shop_get_job(struct shop *shop, uint64_t id);
void shop_jobs(struct shop *shop);
/* Both set wallets. */
void shop_job_wallets(struct shop *shop, uint64_t id);
void shop_wallets(struct shop *shop, const struct address *after);

/* Values told apart by one byte. */
struct hash hash_of(uint8_t seed);
struct address address_of(uint8_t seed);
struct uuid uuid_of(uint8_t seed);
/* Block n of branch, transaction tx, log index; time is 1000 * n. */
struct place place_of(uint64_t n, uint8_t branch, uint8_t tx, uint32_t index);
struct block_row block_of(uint64_t n, uint8_t branch, bool has_facts);
struct event_row event_of(struct place at, uint64_t stream);
struct transfer_row transfer_of(struct place at, uint8_t from, uint8_t to,
				struct u256 amount);
/* The row of that transfer: a submitted payout. */
struct transaction_row payout_of(const struct transfer_row *t, uint8_t id);
struct stream_row stream_of(uint64_t stream, uint8_t id);

extern const struct address shop_token, shop_contract;

#endif
