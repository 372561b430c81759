#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/keccak.h"
#include "config/profiles.h"
#include "daemon/sync/engine.h"

/* What must be true of the node before anything is written: one question after
 * the other, each a row of the table. The answers are hex texts in JSON. */

/* A getter of the token (contracts-abi/usdc.json). */
#define TOKEN_DECIMALS "decimals"

enum step {
	STEP_CODE,
	STEP_DECIMALS,
	STEP_PAYS_IN,
	STEP_PROOF, /* before any header is believed proven */
	STEP_GENESIS,
	STEP_START_BLOCK
};

static void ask(struct sync *sync);

static void pass(struct sync *sync)
{
	sync->rpc_ok = true;
	sync->poll_failures = 0;
	sync->check_step++;
	ask(sync);
	engine_step(sync);
}

/* The configuration contradicts the chain: no waiting mends it. */
static void refuse(struct sync *sync, const struct fault *fault)
{
	engine_end(sync, ERR_USAGE, fault);
	engine_step(sync);
}

/* The configuration does not fit the chain (ERR_USAGE), or there is hope. */
static void retry(struct sync *sync, enum err err, const struct fault *fault)
{
	if (err == ERR_USAGE) {
		refuse(sync, fault);
		return;
	}
	if (sync->poll_failures++ == 0)
		log_warn(sync->logger, "the node: %s", fault->text);
	sync->rpc_ok = false;
	sync->rpc_fault = *fault;
	engine_wait(sync, engine_backoff(sync->poll_failures, 5000));
	engine_step(sync);
}

static const struct address *checked_contract(const struct sync *sync)
{
	return &sync->contracts[sync->check_contract];
}

/* What the configuration says of a contract; NULL: it is the token. */
static const struct config_contract *configured(const struct sync *sync)
{
	return sync->check_contract == 0
		   ? NULL
		   : &sync->config->contracts.items[sync->check_contract - 1];
}

/* Only contracts that hold one token are asked which. */
static bool is_asked(const struct sync *sync)
{
	return sync->check_step != STEP_PAYS_IN ||
	       catalog_token_getter(sync->catalog, checked_contract(sync));
}

static void next_contract(struct sync *sync)
{
	do
		sync->check_contract++;
	while (sync->check_contract < sync->n_contracts && !is_asked(sync));
	if (sync->check_contract < sync->n_contracts) {
		ask(sync);
		engine_step(sync);
		return;
	}
	sync->check_contract = 0;
	pass(sync);
}

static void on_code(struct sync *sync, const char *result)
{
	char address[ADDRESS_TEXT_SIZE];
	struct fault fault;

	if (strcmp(result, "\"0x\"") != 0) {
		next_contract(sync);
		return;
	}
	fault_set(&fault, ERR_USAGE,
		  "there is no contract at %s on chain %" PRIu64 ": correct %s",
		  address_checksum(address, checked_contract(sync)),
		  sync->config->chain.id,
		  configured(sync) ? contract_role_key(configured(sync)->role)
				   : "contracts.usdc.address");
	refuse(sync, &fault);
}

/* The single word of an eth_call's result. */
static bool word_of(struct u256 *out, const char *result)
{
	uint8_t word[32];
	size_t len = strlen(result);

	if (len != 2 + 2 + 64 || strncmp(result, "\"0x", 3) != 0 ||
	    hex_decode(word, sizeof(word), result + 3, 64) != OK)
		return false;
	*out = u256_from_be(word, sizeof(word));
	return true;
}

static void on_decimals(struct sync *sync, const char *result)
{
	char address[ADDRESS_TEXT_SIZE];
	const struct u256 six = u256_from_u64(USDC_DECIMALS);
	struct fault fault;
	struct u256 decimals;

	if (word_of(&decimals, result) && u256_cmp(&decimals, &six) == 0) {
		pass(sync);
		return;
	}
	fault_set(&fault, ERR_USAGE,
		  "decimals() of contracts.usdc.address %s answers %.70s, not "
		  "6: it is not USDC",
		  address_checksum(address, &sync->contracts[0]), result);
	refuse(sync, &fault);
}

/* The address in the single word of an eth_call's result. */
static bool address_in(struct address *out, const char *result)
{
	uint8_t word[32];
	struct u256 value, least = {{0, 0, (uint64_t)1 << 32, 0}}; /* 2^160 */

	if (!word_of(&value, result) || u256_cmp(&value, &least) >= 0)
		return false;
	u256_to_be(word, &value);
	memcpy(out->b, word + 12, sizeof(out->b));
	return true;
}

/* ", which is USDC on Ethereum Sepolia (chain 11155111)", or "". */
static const char *which_is(char text[TOKEN_TITLE_SIZE + 16],
			    const struct address *token)
{
	char title[TOKEN_TITLE_SIZE];

	text[0] = '\0';
	if (token_title(title, token) || token_title_other(title, token))
		(void)snprintf(text, TOKEN_TITLE_SIZE + 16, ", which is %s",
			       title);
	return text;
}

static void on_pays_in(struct sync *sync, const char *result)
{
	char contract[ADDRESS_TEXT_SIZE], usdc[ADDRESS_TEXT_SIZE];
	char token[ADDRESS_TEXT_SIZE], known[TOKEN_TITLE_SIZE + 16] = "";
	struct address got;
	struct fault fault;
	bool is_address = address_in(&got, result);

	if (is_address && address_eq(&got, &sync->contracts[0])) {
		next_contract(sync);
		return;
	}
	fault_set(&fault, ERR_USAGE,
		  "the contract %s of %s pays in token %.70s%s, not in "
		  "contracts.usdc.address %s: none of its money is USDC; "
		  "correct one of them",
		  address_checksum(contract, checked_contract(sync)),
		  contract_role_key(configured(sync)->role),
		  is_address ? address_checksum(token, &got) : result,
		  is_address ? which_is(known, &got) : "",
		  address_checksum(usdc, &sync->contracts[0]));
	refuse(sync, &fault);
}

static void differs(struct sync *sync, uint64_t number,
		    const struct hash *stored, const struct hash *theirs)
{
	char a[HASH_TEXT_SIZE], b[HASH_TEXT_SIZE];
	struct fault fault;

	fault_set(&fault, ERR_USAGE,
		  "this is another chain than the database's: block %" PRIu64
		  " is %s at the node and %s in the database; use another "
		  "database (or gigstreamd db drop --yes) for a new chain",
		  number, hash_format(a, theirs), hash_format(b, stored));
	refuse(sync, &fault);
}

static void on_genesis(struct sync *sync, const struct block_ref *ref)
{
	if (sync->resume.known &&
	    !hash_eq(&sync->resume.genesis_hash, &ref->hash)) {
		differs(sync, 0, &sync->resume.genesis_hash, &ref->hash);
		return;
	}
	sync->genesis_hash = ref->hash;
	pass(sync);
}

static void on_identified(void *arg, enum err err, const struct fault *fault,
			  const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	if (err)
		engine_database_failed(sync, err, fault);
	else
		engine_enter(sync, SYNC_IDLE);
	engine_step(sync);
}

static void on_start_block(struct sync *sync, const struct block_ref *ref)
{
	enum err err;

	if (sync->resume.known && sync->resume.start_block == ref->number &&
	    !hash_eq(&sync->resume.start_hash, &ref->hash)) {
		differs(sync, ref->number, &sync->resume.start_hash,
			&ref->hash);
		return;
	}
	if (sync->options.mode == SYNC_DRY_RUN) {
		engine_enter(sync, SYNC_IDLE);
		engine_step(sync);
		return;
	}
	err = store_identify(sync->store, &sync->genesis_hash, ref->number,
			     &ref->hash, on_identified, sync);
	if (err)
		engine_database_refused(sync, err);
}

static void on_ref(void *arg, enum err err, const struct fault *fault,
		   const struct block_ref *ref)
{
	struct sync *sync = arg;

	sync->check_request = NULL;
	if (err)
		retry(sync, err, fault);
	else if (sync->check_step == STEP_GENESIS)
		on_genesis(sync, ref);
	else
		on_start_block(sync, ref);
}

static void on_result(void *arg, enum err err, const struct fault *fault,
		      const char *result)
{
	struct sync *sync = arg;
	struct fault nonsense;

	sync->check_request = NULL;
	/* A call that reverts is an answer too: the contract is another one.
	 * execution-apis: code 3, "execution reverted". */
	if (err == ERR_REFUSED && !strstr(fault->text, "revert"))
		err = ERR_NONSENSE; /* the node's own trouble: asked again */
	if (err == ERR_REFUSED && sync->check_step == STEP_DECIMALS) {
		on_decimals(sync, fault->text);
		return;
	}
	if (err == ERR_REFUSED && sync->check_step == STEP_PAYS_IN) {
		on_pays_in(sync, fault->text);
		return;
	}
	/* Whatever the contract is, each answer is a hex text; null is what a
	 * node says whose state is not there. */
	if (!err && strncmp(result, "\"0x", 3) != 0) {
		err = fault_set(&nonsense, ERR_NONSENSE,
				"node %s answers %.40s to a question about "
				"its state",
				source_endpoint(sync->source, 0).name, result);
		fault = &nonsense;
	}
	if (err) {
		retry(sync, err, fault);
		return;
	}
	switch ((enum step)sync->check_step) {
	case STEP_CODE:
		on_code(sync, result);
		break;
	case STEP_DECIMALS:
		on_decimals(sync, result);
		break;
	case STEP_PAYS_IN:
		on_pays_in(sync, result);
		break;
	case STEP_PROOF:
	case STEP_GENESIS:
	case STEP_START_BLOCK:
		break;
	}
}

static void on_probed(void *arg, enum err err, const struct fault *fault)
{
	struct sync *sync = arg;

	sync->check_request = NULL;
	if (err)
		retry(sync, err, fault);
	else
		pass(sync);
}

/* A call's data begins with the first four bytes of its signature's hash
 * (Solidity ABI specification, "Function Selector"). */
static enum err call(struct sync *sync, const struct address *to,
		     const char *getter)
{
	char address[ADDRESS_TEXT_SIZE], selector[9], params[160];
	char signature[CATALOG_GETTER_MAX + sizeof("()")];
	struct hash hash;

	(void)snprintf(signature, sizeof(signature), "%s()", getter);
	hash = keccak256(signature, strlen(signature));
	hex_encode(selector, hash.b, 4);
	(void)snprintf(params, sizeof(params),
		       "[{\"to\":\"%s\",\"data\":\"0x%s\"},\"latest\"]",
		       address_format(address, to), selector);
	return source_call(sync->source, "eth_call", params, on_result, sync,
			   &sync->check_request);
}

static void ask(struct sync *sync)
{
	const struct fault fault = {ERR_NOMEM, "cannot ask the node"};
	char address[ADDRESS_TEXT_SIZE], params[64];
	enum err err = OK;

	while (sync->check_contract < sync->n_contracts && !is_asked(sync))
		sync->check_contract++;
	if (sync->check_contract == sync->n_contracts) {
		sync->check_contract = 0;
		sync->check_step++;
	}
	if (sync->check_step == STEP_PROOF &&
	    sync->config->chain.verify == VERIFY_OFF)
		sync->check_step++;
	switch ((enum step)sync->check_step) {
	case STEP_CODE:
		(void)snprintf(params, sizeof(params), "[\"%s\",\"latest\"]",
			       address_format(address, checked_contract(sync)));
		err = source_call(sync->source, "eth_getCode", params,
				  on_result, sync, &sync->check_request);
		break;
	case STEP_DECIMALS:
		err = call(sync, &sync->contracts[0], TOKEN_DECIMALS);
		break;
	case STEP_PAYS_IN:
		err = call(sync, checked_contract(sync),
			   catalog_token_getter(sync->catalog,
						checked_contract(sync)));
		break;
	case STEP_PROOF:
		err = source_probe(sync->source, on_probed, sync,
				   &sync->check_request);
		break;
	case STEP_GENESIS:
		err = source_ref(sync->source, 0, on_ref, sync,
				 &sync->check_request);
		break;
	case STEP_START_BLOCK:
		err = source_ref(sync->source, sync->config->chain.start_block,
				 on_ref, sync, &sync->check_request);
		break;
	}
	if (err)
		retry(sync, err, &fault);
}

void check_start(struct sync *sync)
{
	sync->check_step = STEP_CODE;
	sync->check_contract = 0;
	ask(sync);
}
