#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "config/values.h"

const char *contract_role_key(enum contract_role role)
{
	static const char *const keys[] = {
	    [ROLE_STREAMING] = "contracts.streaming",
	    [ROLE_LOANS] = "contracts.loans",
	    [ROLE_REPUTATION] = "contracts.reputation",
	};

	return keys[role];
}

/* Of the lists of contracts, which stand in the order of the roles. */
static enum contract_role role_of(enum list list)
{
	return (enum contract_role)(list - LIST_STREAMING);
}

/* The item-th of a role. */
static struct config_contract *contract_of(struct config *config,
					   enum contract_role role, size_t item)
{
	struct config_contract *contract = config->contracts.items;

	while (contract->role < role)
		contract++;
	return contract + item;
}

static void *list_item(struct config *config, enum list list, size_t item)
{
	switch (list) {
	case LIST_NONE:
		break;
	case LIST_RPC:
		return &config->chain.rpc[item];
	case LIST_STREAMING:
	case LIST_LOANS:
	case LIST_REPUTATION:
		return contract_of(config, role_of(list), item);
	case LIST_FEE_WALLETS:
		return &config->fee_wallets[item];
	}
	return config;
}

static bool make_contracts(struct config *config,
			   const struct settings *settings)
{
	size_t n = 0;

	for (enum list list = LIST_STREAMING; list <= LIST_REPUTATION; list++)
		n += settings->list_len[list];
	config->contracts.items =
	    calloc(n + 1, sizeof(*config->contracts.items));
	if (!config->contracts.items)
		return false;
	for (enum list list = LIST_STREAMING; list <= LIST_REPUTATION; list++)
		for (size_t i = 0; i < settings->list_len[list]; i++)
			config->contracts.items[config->contracts.n++].role =
			    role_of(list);
	return true;
}

static bool make_lists(struct config *config, const struct settings *settings)
{
	size_t n_rpc = settings->list_len[LIST_RPC];
	size_t n_fee_wallets = settings->list_len[LIST_FEE_WALLETS];

	/* one more, so that an empty list is no NULL */
	config->chain.rpc = calloc(n_rpc + 1, sizeof(*config->chain.rpc));
	config->fee_wallets =
	    calloc(n_fee_wallets + 1, sizeof(*config->fee_wallets));
	if (!config->chain.rpc || !config->fee_wallets)
		return false;
	config->chain.n_rpc = n_rpc;
	config->n_fee_wallets = n_fee_wallets;
	return make_contracts(config, settings);
}

static const struct setting *find(const struct settings *settings,
				  const struct option *option, size_t item)
{
	for (size_t i = 0; i < settings->n; i++)
		if (settings->items[i].option == option &&
		    settings->items[i].item == item)
			return &settings->items[i];
	return NULL;
}

/* The option's value in one place: what is set, or else its fallback. */
static enum err apply_one(struct config *config,
			  const struct settings *settings,
			  const struct option *option, size_t item,
			  struct fault *fault)
{
	const struct setting *setting = find(settings, option, item);
	const char *text = setting ? setting->text : option->fallback;
	char *out = list_item(config, option->list, item);
	struct fault inner = {0};
	enum err err;

	if (!text)
		return OK;
	if (option->offset != OFFSET_NONE)
		out += option->offset;
	err = option->parse(option, config, out, text, &inner);
	if (err == OK || err == ERR_NOMEM)
		return err == OK ? OK : fault_set(fault, err, "out of memory");
	if (!setting)
		return fault_set(fault, ERR_BUG, "the default of %s: %s",
				 option->path, inner.text);
	return settings_fault(settings, setting, ERR_USAGE, inner.text, fault);
}

static enum err apply(struct config *config, const struct settings *settings,
		      struct fault *fault)
{
	for (size_t i = 0; i < n_options; i++) {
		enum list list = options[i].list;
		size_t n = list == LIST_NONE ? 1 : settings->list_len[list];

		for (size_t item = 0; item < n; item++) {
			enum err err = apply_one(config, settings, &options[i],
						 item, fault);

			if (err != OK)
				return err;
		}
	}
	return OK;
}

static enum err require(const struct settings *settings, const char *section,
			struct fault *fault)
{
	for (size_t i = 0; i < n_options; i++) {
		const struct option *option = &options[i];
		char env[OPTION_ENV_SIZE];

		if (!option->example || settings_has(settings, option) ||
		    strncmp(option->path, section, strlen(section)) != 0)
			continue;
		return fault_set(
		    fault, ERR_USAGE,
		    "%s is not set: write it into %.200s, or set "
		    "%s%s%s; for example %s",
		    option->path,
		    settings->file ? settings->file
				   : "a file named by --config",
		    option_env(env, option), option->also ? " or " : "",
		    option->also ? option->also : "", option->example);
	}
	return OK;
}

/* Says why of a list's item, at the first line (or variable) of it. */
static enum err item_fault(const struct settings *settings, enum list list,
			   size_t item, const char *why, struct fault *fault)
{
	for (size_t i = 0; i < settings->n; i++)
		if (settings->items[i].option->list == list &&
		    settings->items[i].item == item)
			return settings_fault(settings, &settings->items[i],
					      ERR_USAGE, why, fault);
	return fault_set(fault, ERR_BUG, "a list's item without a setting");
}

static enum err name_endpoints(struct config *config,
			       const struct settings *settings,
			       struct fault *fault)
{
	struct config_endpoint *rpc = config->chain.rpc;

	for (size_t i = 0; i < config->chain.n_rpc; i++) {
		if (!rpc[i].url)
			return item_fault(settings, LIST_RPC, i,
					  "the endpoint has no url: write url "
					  "or url_file beside its name",
					  fault);
		if (!rpc[i].name)
			rpc[i].name = url_host(rpc[i].url);
		if (!rpc[i].name)
			return fault_set(fault, ERR_NOMEM, "out of memory");
		for (size_t j = 0; j < i; j++)
			if (strcmp(rpc[i].name, rpc[j].name) == 0)
				return item_fault(
				    settings, LIST_RPC, i,
				    "another endpoint has the same name (the "
				    "URL's host where none is given): give "
				    "each a name of its own",
				    fault);
		for (size_t j = 0; j < i; j++)
			if (strcmp(rpc[i].url, rpc[j].url) == 0)
				return item_fault(
				    settings, LIST_RPC, i,
				    "another endpoint has the same URL: a node "
				    "has one word, however often it is named",
				    fault);
	}
	return OK;
}

static enum err check_quorum(const struct config *config,
			     const struct settings *settings,
			     struct fault *fault)
{
	char why[160];

	if (config->chain.n_rpc == 0 || config->chain.quorum == 1)
		return OK;
	if (config->chain.verify == VERIFY_OFF)
		(void)snprintf(why, sizeof(why),
			       "endpoints agree on hashes, which chain.verify: "
			       "off does not compute: write receipts or bloom, "
			       "or a quorum of 1");
	else if (config->chain.quorum > config->chain.n_rpc)
		(void)snprintf(why, sizeof(why),
			       "%u endpoints cannot agree: chain.rpc names "
			       "%zu; name more, or lower the quorum",
			       config->chain.quorum, config->chain.n_rpc);
	else
		return OK;
	for (size_t i = 0; i < settings->n; i++)
		if (settings->items[i].option->parse == parse_quorum)
			return settings_fault(settings, &settings->items[i],
					      ERR_USAGE, why, fault);
	return fault_set(fault, ERR_BUG, "a quorum without a setting");
}

/* Nothing is read before the chain's start block, whatever a contract says. */
static enum err complete_contracts(struct config *config,
				   const struct settings *settings,
				   struct fault *fault)
{
	size_t item = 0;

	for (size_t i = 0; i < config->contracts.n; i++, item++) {
		struct config_contract *contract = &config->contracts.items[i];

		if (i > 0 && contract->role != contract[-1].role)
			item = 0;
		if (address_is_zero(&contract->address))
			return item_fault(settings,
					  LIST_STREAMING + contract->role, item,
					  "the contract has no address: write "
					  "one beside it",
					  fault);
		if (contract->start_block < config->chain.start_block)
			contract->start_block = config->chain.start_block;
	}
	return OK;
}

static enum err refuse_same_address(const struct settings *settings,
				    const struct setting *one,
				    const struct setting *other,
				    struct fault *fault)
{
	char place[PLACE_SIZE], why[256];
	struct address a, b;

	if (address_parse(&a, one->text) != OK ||
	    address_parse(&b, other->text) != OK || !address_eq(&a, &b))
		return OK;
	(void)snprintf(why, sizeof(why),
		       "%s is already %s (%s): an address has one role, and is "
		       "named once",
		       one->text, other->option->path,
		       setting_place(place, other));
	return settings_fault(settings, one, ERR_USAGE, why, fault);
}

static enum err check_roles(const struct settings *settings,
			    struct fault *fault)
{
	const struct setting *all = settings->items;

	for (size_t i = 0; i < settings->n; i++) {
		if (all[i].option->parse != parse_address)
			continue;
		for (size_t j = 0; j < i; j++) {
			enum err err;

			if (all[j].option->parse != parse_address)
				continue;
			err = refuse_same_address(settings, &all[i], &all[j],
						  fault);
			if (err != OK)
				return err;
		}
	}
	return OK;
}

static enum err read_settings(struct settings *settings, struct fault *fault)
{
	enum err err = OK;

	if (settings->file)
		err = settings_read_file(settings, fault);
	if (err == OK)
		err = settings_read_environment(settings, fault);
	if (err == OK)
		err = settings_fill_profile(settings, fault);
	return err;
}

static enum err fill(struct config *config, const struct settings *settings,
		     const char *section, struct fault *fault)
{
	enum err err;

	if (!make_lists(config, settings))
		return fault_set(fault, ERR_NOMEM, "out of memory");
	err = apply(config, settings, fault);
	if (err == OK)
		err = require(settings, section, fault);
	if (err == OK)
		err = config_check_profile(config, settings, fault);
	if (err == OK)
		err = name_endpoints(config, settings, fault);
	if (err == OK)
		err = check_quorum(config, settings, fault);
	if (err == OK)
		err = complete_contracts(config, settings, fault);
	return err == OK ? check_roles(settings, fault) : err;
}

/* section: the prefix of what is required; "": everything. */
static enum err load(struct config **out, const char *path, const char *section,
		     struct fault *fault)
{
	struct settings settings = {.file = path};
	struct config *config = calloc(1, sizeof(*config));
	enum err err;

	*out = NULL;
	if (!config)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	err = read_settings(&settings, fault);
	if (err == OK)
		err = fill(config, &settings, section, fault);
	settings_free(&settings);
	if (err != OK) {
		config_free(config);
		return err;
	}
	*out = config;
	return OK;
}

enum err config_load(struct config **out, const char *path, struct fault *fault)
{
	return load(out, path, "", fault);
}

enum err config_load_database(struct config **out, const char *path,
			      struct fault *fault)
{
	return load(out, path, "database.", fault);
}

static void free_key(struct secret_key *key)
{
	if (key)
		explicit_bzero(key, sizeof(*key));
	free(key);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->chain.n_rpc; i++) {
		free(config->chain.rpc[i].name);
		free(config->chain.rpc[i].url);
	}
	for (size_t i = 0; i < config->contracts.n; i++)
		free(config->contracts.items[i].abi);
	free(config->chain.rpc);
	free(config->contracts.items);
	free(config->fee_wallets);
	free(config->database.url);
	free_key(config->database.encryption_key);
	free_key(config->auth.token_key);
	free(config->http.host);
	free(config);
}
