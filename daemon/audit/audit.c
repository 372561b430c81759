#include "daemon/audit/audit_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page of accounts or streams, and all that is said of it. */
#define PAGE_CAP (64u << 20)

void audit_fail(struct audit *audit, enum err err, const struct fault *fault)
{
	const struct audit_observer *o = &audit->setup.observer;
	const struct fault copy = *fault;

	o->done(o->arg, err, &copy, NULL);
}

void audit_fail_to(struct audit *audit, enum err err, const char *what)
{
	struct fault fault;

	fault_set(&fault, err, "%s: %s", what, err_text(err));
	audit_fail(audit, err, &fault);
}

void audit_report(struct audit *audit, struct audit_counts *counts,
		  const struct audit_difference *difference)
{
	const struct audit_observer *o = &audit->setup.observer;

	if (difference->explained)
		counts->explained++;
	else
		audit->result.differences++;
	o->difference(o->arg, difference);
}

void audit_step(struct audit *audit, uint64_t done)
{
	const struct audit_observer *o = &audit->setup.observer;

	audit->done += done;
	if (audit->all < audit->done)
		audit->all = audit->done;
	if (o->progress)
		o->progress(o->arg, audit->done, audit->all);
}

static void tell(struct audit *audit)
{
	const struct audit_observer *o = &audit->setup.observer;
	const struct audit_result result = audit->result;
	const struct fault none = {.code = OK};

	o->done(o->arg, OK, &none, &result);
}

/* Whoever may not write is told the result all the same. */
static void on_recorded(void *arg, enum err err, const struct fault *fault,
			const struct store_done *done)
{
	struct audit *audit = arg;

	(void)done;
	if (err == ERR_CONFLICT) {
		audit_fail(audit, err, fault);
		return;
	}
	if (err)
		audit->result.unrecorded = *fault;
	tell(audit);
}

void audit_record(struct audit *audit)
{
	struct audit_record record = {
	    .number = audit->block.number,
	    .hash = audit->block.hash,
	    .differences = audit->result.differences,
	    .started = audit->started,
	};
	struct buf summary;
	enum err err;

	buf_init(&summary, 4096);
	buf_putc(&summary, '{');
	audit_put_counts(&summary, &audit->result);
	buf_putc(&summary, '}');
	record.summary = summary.data;
	err = summary.err;
	if (!err)
		err =
		    store_audit_add(audit->store, &record, on_recorded, audit);
	buf_free(&summary);
	if (err)
		audit_fail_to(audit, err, "cannot record the audit");
}

static void on_ref(void *arg, enum err err, const struct fault *fault,
		   const struct block_ref *ref)
{
	struct audit *audit = arg;
	char ours[HASH_TEXT_SIZE], theirs[HASH_TEXT_SIZE];
	struct fault other;

	audit->request = NULL;
	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	if (audit->has_known && !hash_eq(&audit->known, &ref->hash)) {
		err = fault_set(&other, ERR_CONFLICT,
				"block %" PRIu64 " is %s here and %s at the "
				"node: wait until the daemon has followed it",
				ref->number, hash_format(ours, &audit->known),
				hash_format(theirs, &ref->hash));
		audit_fail(audit, err, &other);
		return;
	}
	audit->block = *ref;
	audit->result.number = ref->number;
	audit->result.hash = ref->hash;
	accounts_start(audit);
}

/* What the database says of the block that is asked for. */
static enum err judge_block(const struct audit *audit,
			    const struct audit_block *block,
			    struct fault *fault)
{
	if (!block->known)
		return fault_set(fault, ERR_MISSING,
				 "the database has nothing of chain %" PRIu64
				 " yet: run gigstreamd run, or backfill",
				 audit->setup.config->chain.id);
	if (!block->has_number || !block->has_tip)
		return fault_set(
		    fault, ERR_NOT_YET,
		    "no block is both indexed and final yet: wait, "
		    "or name one with --at");
	if (block->number > block->tip)
		return fault_set(fault, ERR_NOT_YET,
				 "block %" PRIu64 " is not indexed yet: the "
				 "newest is %" PRIu64,
				 block->number, block->tip);
	return OK;
}

static void on_block(void *arg, enum err err, const struct fault *fault,
		     const struct audit_block *block)
{
	struct audit *audit = arg;
	struct fault wrong;

	if (!err) {
		fault = &wrong;
		err = judge_block(audit, block, &wrong);
	}
	if (err) {
		audit_fail(audit, err, fault);
		return;
	}
	audit->is_final = block->is_final;
	audit->has_known = block->has_hash;
	audit->known = block->hash;
	audit->all = block->wallets + block->objects + audit->n_contracts - 1;
	(void)snprintf(audit->started, sizeof(audit->started), "%s",
		       block->now);
	err = source_ref(audit->setup.source, block->number, on_ref, audit,
			 &audit->request);
	if (err)
		audit_fail_to(audit, err, "cannot ask the node");
}

static enum err init(struct audit *audit)
{
	const struct config *config = audit->setup.config;

	audit->n_contracts = 1 + config->contracts.n;
	audit->contracts =
	    calloc(audit->n_contracts, sizeof(*audit->contracts));
	audit->complete = calloc(audit->n_contracts, sizeof(*audit->complete));
	audit->arena = arena_new(PAGE_CAP);
	if (!audit->contracts || !audit->complete || !audit->arena)
		return ERR_NOMEM;
	audit->contracts[0] = config->contracts.usdc;
	for (size_t i = 1; i < audit->n_contracts; i++)
		audit->contracts[i] = config->contracts.items[i - 1].address;
	audit->is_coin = config->chain.n_natives > 0;
	return store_new(&audit->store, audit->setup.pg, config->chain.id);
}

enum err audit_new(struct audit **out, const struct audit_setup *setup)
{
	struct audit *audit = calloc(1, sizeof(*audit));
	enum err err;

	if (!audit)
		return ERR_NOMEM;
	audit->setup = *setup;
	err = init(audit);
	if (!err)
		err = store_audit_block(
		    audit->store, setup->has_number ? &setup->number : NULL,
		    audit->contracts, audit->n_contracts, on_block, audit);
	if (err) {
		audit_free(audit);
		return err;
	}
	*out = audit;
	return OK;
}

void audit_free(struct audit *audit)
{
	if (!audit)
		return;
	source_cancel(audit->request);
	store_free(audit->store);
	arena_free(audit->arena);
	free(audit->contracts);
	free(audit->complete);
	free(audit);
}
