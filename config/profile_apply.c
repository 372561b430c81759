#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/profiles.h"
#include "config/settings.h"
#include "config/values.h"

/* What chain.profile fills in, and what contradicts it. */

static const struct option *option_at(const char *path)
{
	for (size_t i = 0; i < n_options; i++)
		if (strcmp(options[i].path, path) == 0)
			return &options[i];
	return NULL;
}

static const struct setting *setting_of(const struct settings *settings,
					const char *path)
{
	for (size_t i = 0; i < settings->n; i++)
		if (strcmp(settings->items[i].option->path, path) == 0)
			return &settings->items[i];
	return NULL;
}

static enum err fill(struct settings *settings, const struct setting *given,
		     const char *path, const char *text, struct fault *fault)
{
	struct setting like = *given;

	like.option = option_at(path);
	if (!like.option)
		return fault_set(fault, ERR_BUG, "no option %s", path);
	if (settings_has(settings, like.option))
		return OK;
	return settings_add(settings, &like, text, fault);
}

enum err settings_fill_profile(struct settings *settings, struct fault *fault)
{
	const struct setting *found = setting_of(settings, "chain.profile");
	const struct chain_profile *profile =
	    found ? chain_profile_named(found->text) : NULL;
	struct setting given;
	char id[24];
	enum err err;

	if (!profile) /* the option's parser says what is wrong */
		return OK;
	given = *found; /* the list grows below */
	(void)snprintf(id, sizeof(id), "%" PRIu64, profile->id);
	err = fill(settings, &given, "chain.id", id, fault);
	if (err == OK)
		err = fill(settings, &given, "chain.verify", profile->verify,
			   fault);
	if (err == OK)
		err = fill(settings, &given, "contracts.usdc.address",
			   profile->usdc, fault);
	return err;
}

static enum err check_id(const struct config *config,
			 const struct settings *settings, struct fault *fault)
{
	const struct chain_profile *profile = config->chain.profile;
	const struct setting *id = setting_of(settings, "chain.id");
	const struct setting *named = setting_of(settings, "chain.profile");
	char place[PLACE_SIZE], why[256];

	if (!profile || !id || !named || config->chain.id == profile->id)
		return OK;
	(void)snprintf(why, sizeof(why),
		       "chain %" PRIu64 " is not %s, which chain.profile (%s) "
		       "names and which is chain %" PRIu64
		       ": correct one of them, or leave chain.id out",
		       config->chain.id, profile->name,
		       setting_place(place, named), profile->id);
	return settings_fault(settings, id, ERR_USAGE, why, fault);
}

/* Refuses the token: it is another, and what is right. chain: NULL where that
 * is not known. */
static enum err refuse_token(const struct config *config,
			     const struct settings *settings,
			     const struct chain_profile *chain, const char *is,
			     struct fault *fault)
{
	const struct setting *usdc =
	    setting_of(settings, "contracts.usdc.address");
	char right[192] = "", why[448];

	if (!usdc)
		return OK;
	if (chain)
		(void)snprintf(right, sizeof(right),
			       "; USDC on %s (chain %" PRIu64 ") is %s",
			       chain->title, chain->id, chain->usdc);
	(void)snprintf(why, sizeof(why), "%s is %s%s: correct it, or %s",
		       usdc->text, is, right,
		       config->chain.profile ? "leave it out" : "chain.id");
	return settings_fault(settings, usdc, ERR_USAGE, why, fault);
}

/* On a chain that we do not know (a development node's) any token may be USDC,
 * but for those that are not even on their own. */
static enum err check_token(const struct config *config,
			    const struct settings *settings,
			    struct fault *fault)
{
	const struct chain_profile *chain = chain_profile_of(config->chain.id);
	const struct address *token = &config->contracts.usdc;
	char title[TOKEN_TITLE_SIZE];
	const char *is = token_title_other(title, token);

	if (chain_has_token(chain, token))
		return OK;
	if (!is && chain)
		is = token_title(title, token);
	if (!is && config->chain.profile)
		is = "another token";
	return is ? refuse_token(config, settings, chain, is, fault) : OK;
}

static enum err read_natives(struct config *config, struct fault *fault)
{
	const struct chain_profile *profile = config->chain.profile;

	for (size_t i = 0; profile && i < PROFILE_NATIVES; i++) {
		const char *text = profile->natives[i];

		if (!text)
			break;
		if (address_parse(&config->chain.natives[i], text) != OK)
			return fault_set(fault, ERR_BUG,
					 "the profile %s has no address %s",
					 profile->name, text);
		config->chain.n_natives++;
	}
	return OK;
}

enum err config_check_profile(struct config *config,
			      const struct settings *settings,
			      struct fault *fault)
{
	const struct chain_profile *chain = chain_profile_of(config->chain.id);
	enum err err = check_id(config, settings, fault);

	if (err == OK)
		err = check_token(config, settings, fault);
	if (err != OK)
		return err;
	config->chain.profile =
	    chain_has_token(chain, &config->contracts.usdc) ? chain : NULL;
	return read_natives(config, fault);
}
