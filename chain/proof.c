#include "chain/proof.h"

#include "common/keccak.h"

/* ERR_UNPROVEN for two hashes that differ, both named. */
static enum err compare(const struct header *header, const char *what,
			const struct hash *computed, const struct hash *claimed,
			struct fault *fault)
{
	char a[HASH_TEXT_SIZE], b[HASH_TEXT_SIZE];

	if (hash_eq(computed, claimed))
		return OK;
	return fault_set(fault, ERR_UNPROVEN,
			 "block %llu: the %s the node sent hashes to %s, but"
			 " should to %s",
			 (unsigned long long)header->number, what,
			 hash_format(a, computed), hash_format(b, claimed));
}

static enum err no_memory(const struct header *header, enum err err,
			  struct fault *fault)
{
	return fault_set(fault, err, "block %llu cannot be proven: %s",
			 (unsigned long long)header->number, err_text(err));
}

enum err proof_header(struct header *out, const struct json *block,
		      struct arena *arena, struct fault *fault)
{
	struct header header;
	struct hash hash;
	enum err err = parse_header(&header, block, arena, fault);

	if (err != OK)
		return err;
	err = header_hash(&hash, &header);
	if (err != OK)
		return no_memory(&header, err, fault);
	err = compare(&header, "header", &hash, &header.hash, fault);
	if (err == OK)
		*out = header;
	return err;
}

enum err proof_is_number(const struct header *header, uint64_t number,
			 struct fault *fault)
{
	if (header->number == number)
		return OK;
	return fault_set(fault, ERR_NONSENSE,
			 "asked for block %llu, the node sent block %llu",
			 (unsigned long long)number,
			 (unsigned long long)header->number);
}

enum err proof_is_hash(const struct header *header, const struct hash *hash,
		       struct fault *fault)
{
	char a[HASH_TEXT_SIZE], b[HASH_TEXT_SIZE];

	if (hash_eq(&header->hash, hash))
		return OK;
	return fault_set(fault, ERR_NONSENSE,
			 "asked for block %s, the node sent block %s",
			 hash_format(a, hash), hash_format(b, &header->hash));
}

enum err proof_is_child(const struct header *child,
			const struct block_ref *parent, struct fault *fault)
{
	char a[HASH_TEXT_SIZE], b[HASH_TEXT_SIZE];

	if (parent->number < UINT64_MAX &&
	    child->number == parent->number + 1 &&
	    hash_eq(&child->parent_hash, &parent->hash))
		return OK;
	return fault_set(fault, ERR_UNPROVEN,
			 "block %llu names the parent %s, but block %llu is %s",
			 (unsigned long long)child->number,
			 hash_format(a, &child->parent_hash),
			 (unsigned long long)parent->number,
			 hash_format(b, &parent->hash));
}

bool proof_may_concern(const struct prover *prover, const struct header *header)
{
	if (prover->whole)
		return true;
	for (size_t i = 0; i < prover->n_interests; i++) {
		const struct catalog_interest *want = &prover->interests[i];

		if (bloom_has(&header->logs_bloom, want->address.b,
			      sizeof(want->address.b)) &&
		    bloom_has(&header->logs_bloom, want->topic0.b,
			      sizeof(want->topic0.b)))
			return true;
	}
	return false;
}

/* The receipts hash to the root, so what is wrong now is in the block itself:
 * a chain like that would hide logs from us. */
static enum err check_blooms(const struct receipts *receipts,
			     const struct header *header, struct fault *fault)
{
	struct bloom block = {{0}};
	unsigned long long number = header->number;

	for (size_t i = 0; i < receipts->n; i++) {
		struct bloom computed;

		receipt_bloom(&computed, &receipts->list[i]);
		if (!bloom_eq(&computed, &receipts->list[i].bloom))
			return fault_set(fault, ERR_UNPROVEN,
					 "block %llu: the logs of receipt %zu"
					 " do not make its logsBloom",
					 number, i);
		bloom_merge(&block, &computed);
	}
	if (!bloom_eq(&block, &header->logs_bloom))
		return fault_set(fault, ERR_UNPROVEN,
				 "block %llu: its receipts' logs do not make"
				 " its logsBloom",
				 number);
	return OK;
}

enum err proof_receipt_list(const struct receipts *receipts,
			    const struct header *header, struct arena *arena,
			    struct fault *fault)
{
	struct hash root;
	enum err err = receipts_root(&root, receipts, arena);

	if (err != OK)
		return no_memory(header, err, fault);
	err = compare(header, "list of receipts", &root, &header->receipts_root,
		      fault);
	return err == OK ? check_blooms(receipts, header, fault) : err;
}

enum err proof_receipts(struct receipts *out, const struct header *header,
			const struct json *result, struct arena *arena,
			struct fault *fault)
{
	struct receipts receipts;
	enum err err = parse_receipts(&receipts, result, arena, fault);

	if (err == OK)
		err = proof_receipt_list(&receipts, header, arena, fault);
	if (err == OK)
		*out = receipts;
	return err;
}

enum err proof_transactions(struct transactions *out,
			    const struct header *header,
			    const struct json *block, struct arena *arena,
			    struct fault *fault)
{
	struct transactions txs;
	struct hash root;
	enum err err = parse_transactions(&txs, block, arena, fault);

	if (err != OK)
		return err;
	err = transactions_root(&root, &txs, arena);
	if (err != OK)
		return no_memory(header, err, fault);
	err = compare(header, "list of transactions", &root,
		      &header->transactions_root, fault);
	if (err == OK)
		*out = txs;
	return err;
}

static bool concerns(const struct prover *prover, const struct raw_log *log)
{
	if (log->n_topics == 0)
		return false;
	for (size_t i = 0; i < prover->n_interests; i++)
		if (address_eq(&prover->interests[i].address, &log->address) &&
		    hash_eq(&prover->interests[i].topic0, &log->topics[0]))
			return true;
	return false;
}

static size_t count_in(const struct prover *prover,
		       const struct receipt *receipt)
{
	size_t n = 0;

	for (size_t i = 0; i < receipt->n_logs; i++)
		n += concerns(prover, &receipt->logs[i]);
	return n;
}

size_t proof_count(const struct prover *prover, const struct receipts *receipts)
{
	size_t n = 0;

	for (size_t i = 0; i < receipts->n; i++)
		n += count_in(prover, &receipts->list[i]);
	return n;
}

/* What the logs of one transaction share. */
static enum err describe_tx(struct block_log *out, const struct prover *prover,
			    const struct transactions *txs, size_t i)
{
	enum err err = ERR_MISSING;

	if (prover->secp)
		err = transaction_sender(&out->sender, &txs->list[i],
					 prover->secp);
	if (err != OK && err != ERR_MISSING)
		return err;
	out->has_sender = err == OK;
	out->nonce = txs->list[i].nonce;
	out->tx_index = (uint32_t)i;
	out->tx_hash = keccak256(txs->encoded[i].data, txs->encoded[i].len);
	return OK;
}

/* Appends the logs of receipt that concern us; the first stands at place. */
static enum err add_logs(struct block *out, const struct prover *prover,
			 const struct receipt *receipt, size_t place,
			 const struct block_log *shared, struct arena *arena)
{
	for (size_t i = 0; i < receipt->n_logs; i++) {
		const struct raw_log *raw = &receipt->logs[i];
		struct block_log *log;

		if (!concerns(prover, raw))
			continue;
		log = &out->logs[out->n_logs];
		*log = *shared;
		log->log_index = (uint32_t)(place + i);
		log->raw = *raw;
		log->raw.data =
		    arena_copy(arena, raw->data.data, raw->data.len);
		if (!log->raw.data.data)
			return ERR_NOMEM;
		out->n_logs++;
	}
	return OK;
}

static enum err fill_block(struct block *out, const struct prover *prover,
			   const struct receipts *receipts,
			   const struct transactions *txs, struct arena *arena)
{
	size_t place = 0;
	enum err err = OK;

	out->logs =
	    ARENA_ARRAY(arena, struct block_log, proof_count(prover, receipts));
	if (!out->logs)
		return ERR_NOMEM;
	for (size_t i = 0; i < receipts->n && err == OK; i++) {
		const struct receipt *receipt = &receipts->list[i];
		struct block_log shared = {0};

		if (count_in(prover, receipt) > 0) {
			err = describe_tx(&shared, prover, txs, i);
			if (err == OK)
				err = add_logs(out, prover, receipt, place,
					       &shared, arena);
		}
		place += receipt->n_logs;
	}
	return err;
}

enum err proof_block(struct block *out, const struct prover *prover,
		     const struct header *header,
		     const struct receipts *receipts,
		     const struct transactions *transactions,
		     struct arena *arena, struct fault *fault)
{
	struct block block = {0};
	enum err err = header_ref(&block.ref, header);

	if (err != OK)
		return fault_set(fault, ERR_NONSENSE,
				 "block %llu: its timestamp is out of range",
				 (unsigned long long)header->number);
	if (receipts && proof_count(prover, receipts) > 0) {
		if (!transactions)
			return fault_set(fault, ERR_BUG,
					 "block %llu: logs of ours, but no"
					 " transactions were fetched",
					 (unsigned long long)header->number);
		if (transactions->n != receipts->n)
			return fault_set(fault, ERR_UNPROVEN,
					 "block %llu: %zu transactions, but"
					 " %zu receipts",
					 (unsigned long long)header->number,
					 transactions->n, receipts->n);
		err = fill_block(&block, prover, receipts, transactions, arena);
		if (err != OK)
			return no_memory(header, err, fault);
	}
	*out = block;
	return OK;
}
