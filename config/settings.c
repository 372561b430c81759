#include "config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 32

/* The most items of each list: more is a mistake. */
static const size_t list_max[] = {
    [LIST_NONE] = 1,   [LIST_RPC] = 16,	       [LIST_STREAMING] = 64,
    [LIST_LOANS] = 64, [LIST_REPUTATION] = 64, [LIST_FEE_WALLETS] = 256,
};

static void setting_free(struct setting *setting)
{
	free(setting->text);
	free(setting->env);
}

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->n; i++)
		setting_free(&settings->items[i]);
	free(settings->items);
	*settings = (struct settings){0};
}

static bool reserve(struct settings *settings)
{
	size_t room = settings->room ? settings->room * 2 : FIRST_ROOM;
	struct setting *items;

	if (settings->n < settings->room)
		return true;
	items = realloc(settings->items, room * sizeof(*items));
	if (!items)
		return false;
	settings->items = items;
	settings->room = room;
	return true;
}

enum err settings_add(struct settings *settings, const struct setting *like,
		      const char *text, struct fault *fault)
{
	enum list list = like->option->list;
	struct setting new = *like;

	if (like->item >= list_max[list]) {
		char why[64];

		(void)snprintf(why, sizeof(why), "more than %zu items",
			       list_max[list]);
		return settings_fault(settings, like, ERR_USAGE, why, fault);
	}
	new.text = strdup(text);
	new.env = like->env ? strdup(like->env) : NULL;
	if (!new.text || (like->env && !new.env) || !reserve(settings)) {
		setting_free(&new);
		return fault_set(fault, ERR_NOMEM, "out of memory");
	}
	settings->items[settings->n++] = new;
	if (settings->list_len[list] <= new.item)
		settings->list_len[list] = new.item + 1;
	return OK;
}

/* Two options share a place where one is the other's file. */
static bool concerns(const struct setting *setting, const struct option *option)
{
	if (setting->option->list != option->list)
		return false;
	return option->list != LIST_NONE ||
	       setting->option->offset == option->offset;
}

bool settings_has(const struct settings *settings, const struct option *option)
{
	for (size_t i = 0; i < settings->n; i++)
		if (concerns(&settings->items[i], option))
			return true;
	return false;
}

void settings_drop_file(struct settings *settings, const struct option *option)
{
	size_t kept = 0;

	for (size_t i = 0; i < settings->n; i++) {
		struct setting *setting = &settings->items[i];

		if (!setting->env && concerns(setting, option))
			setting_free(setting);
		else
			settings->items[kept++] = *setting;
	}
	if (kept < settings->n)
		settings->list_len[option->list] = 0;
	settings->n = kept;
}

enum err settings_fault(const struct settings *settings,
			const struct setting *setting, enum err code,
			const char *why, struct fault *fault)
{
	const char *path = setting->option->path;

	if (setting->env)
		return fault_set(fault, code, "%s (environment): %s",
				 setting->env, why);
	if (setting->credential)
		return fault_set(fault, code, "credential %s: %s",
				 setting->credential, why);
	return fault_set(fault, code, "%s:%zu: %s: %s", settings->file,
			 setting->line, path, why);
}

const char *setting_place(char text[PLACE_SIZE], const struct setting *setting)
{
	if (setting->env)
		(void)snprintf(text, PLACE_SIZE, "%s", setting->env);
	else
		(void)snprintf(text, PLACE_SIZE, "line %zu", setting->line);
	return text;
}
