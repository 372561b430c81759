#include "contracts-abi/mapping_read.h"

#include "common/buf.h"
#include "common/nearest.h"
#include "contracts-abi/catalog.h"
#include <stdio.h>
#include <string.h>

#define MAX_ENTRIES 64
#define MAX_DECIMALS 24 /* so that 10^(decimals - 6) fits 64 bits */

enum err mapping_wrong(const struct mapping_reader *r, const char *fmt, ...)
{
	char what[320];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return fault_set(r->fault, ERR_SYNTAX, "mapping %s%s: %s", r->file,
			 r->place, what);
}

enum err mapping_no_memory(const struct mapping_reader *r)
{
	return fault_set(r->fault, ERR_NOMEM, "mapping %s: %s", r->file,
			 err_text(ERR_NOMEM));
}

enum err mapping_no_such(const struct mapping_reader *r, const char *what,
			 const char *word, mapping_name_fn names,
			 const void *arg)
{
	struct nearest nearest;
	struct buf all;
	const char *name;
	enum err err;

	nearest_init(&nearest, word, strlen(word));
	buf_init(&all, 240);
	for (size_t i = 0; (name = names(arg, i)); i++) {
		nearest_try(&nearest, name, strlen(name));
		buf_printf(&all, "%s%s", i ? ", " : "", name);
	}
	if (nearest.found)
		err = mapping_wrong(r,
				    "%s \"%.64s\" is not known; the nearest is "
				    "\"%s\"",
				    what, word, nearest.found);
	else
		err = mapping_wrong(
		    r, "%s \"%.64s\" is not known; known are %s%s", what, word,
		    all.data, all.err ? ", ..." : "");
	buf_free(&all);
	return err;
}

const char *mapping_listed(const void *arg, size_t i)
{
	return ((const char *const *)arg)[i];
}

enum err mapping_check_keys(const struct mapping_reader *r, json_t *object,
			    const char *const *known)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		size_t i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return mapping_no_such(r, "the key", key,
					       mapping_listed, known);
	}
	return OK;
}

enum err mapping_read_scaled(const struct mapping_reader *r, json_t *value,
			     const char *key, const char *field, bool is_amount,
			     const char **name, int *more_decimals)
{
	const char *const keys[] = {key, "decimals", NULL};
	json_t *decimals = json_object_get(value, "decimals");
	enum err err = mapping_check_keys(r, value, keys);

	if (err != OK)
		return err;
	*name = json_string_value(json_object_get(value, key));
	if (!*name || !json_is_integer(decimals) ||
	    json_integer_value(decimals) < 0 ||
	    json_integer_value(decimals) > MAX_DECIMALS)
		return mapping_wrong(r,
				     "the field \"%s\": write {\"%s\": NAME, "
				     "\"decimals\": 0 to %d}",
				     field, key, MAX_DECIMALS);
	if (!is_amount)
		return mapping_wrong(r,
				     "the field \"%s\" is no amount and has no "
				     "decimals",
				     field);
	*more_decimals = (int)json_integer_value(decimals) - USDC_DECIMALS;
	return OK;
}

static const struct {
	const char *name;
	enum contract_trait trait;
} traits[] = {
    {"claims_release", TRAIT_CLAIMS_RELEASE},
    {"open_ended", TRAIT_OPEN_ENDED},
    {"claims_after_cancel", TRAIT_CLAIMS_AFTER_CANCEL},
    {"ids_return", TRAIT_IDS_RETURN},
};
#define N_TRAITS (sizeof(traits) / sizeof(traits[0]))

static const char *name_of_trait(const void *arg, size_t i)
{
	(void)arg;
	return i < N_TRAITS ? traits[i].name : NULL;
}

static enum err read_traits(struct mapping_reader *r, json_t *list)
{
	size_t i;
	json_t *item;

	if (list && !json_is_array(list))
		return mapping_wrong(r, "\"traits\" must be an array of names");
	json_array_foreach(list, i, item)
	{
		const char *name = json_string_value(item);
		size_t k = 0;

		while (k < N_TRAITS && name &&
		       strcmp(traits[k].name, name) != 0)
			k++;
		if (!name || k == N_TRAITS)
			return mapping_no_such(r, "the trait", name ? name : "",
					       name_of_trait, NULL);
		r->traits |= traits[k].trait;
	}
	return OK;
}

static bool is_reputation(const struct mapping_entry *entry)
{
	return event_family(entry->kind) == FAMILY_REPUTATION;
}

/* Entries of one event are its parts, in their order. A log makes at most one
 * reputation event, which is known by its log. */
static enum err chain_entry(const struct mapping_reader *r,
			    struct mapping_entry *entries, size_t i)
{
	for (size_t k = i; k-- > 0;) {
		if (entries[k].event != entries[i].event)
			continue;
		if (is_reputation(&entries[k]) && is_reputation(&entries[i]))
			return mapping_wrong(r, "one event means one of "
						"reputation at most");
		entries[k].next = &entries[i];
		entries[i].part = (uint8_t)(entries[k].part + 1);
		if (entries[i].part == MAPPING_MAX_PARTS)
			return mapping_wrong(r,
					     "one event means at most %d "
					     "of ours",
					     MAPPING_MAX_PARTS);
		break;
	}
	return OK;
}

static enum err read_entries(struct mapping_reader *r, json_t *list,
			     struct mapping *out)
{
	size_t n = json_array_size(list);
	struct mapping_entry *entries;

	if (n == 0 || n > MAX_ENTRIES)
		return mapping_wrong(
		    r, "\"events\" must be an array of 1 to %d", MAX_ENTRIES);
	entries = ARENA_ARRAY(r->arena, struct mapping_entry, n);
	if (!entries)
		return mapping_no_memory(r);
	for (size_t i = 0; i < n; i++) {
		enum err err = mapping_read_entry(r, i, json_array_get(list, i),
						  &entries[i]);

		if (err == OK)
			err = chain_entry(r, entries, i);
		if (err != OK)
			return err;
	}
	out->entries = entries;
	out->n_entries = n;
	return OK;
}

/* A name that is there, and is kept. NULL as *out: there is none. */
static enum err read_name(const struct mapping_reader *r, json_t *root,
			  const char *key, const char **out)
{
	json_t *value = json_object_get(root, key);
	const char *text = json_string_value(value);

	*out = NULL;
	if (!value)
		return OK;
	if (!text || *text == '\0')
		return mapping_wrong(r, "\"%s\" must be a text", key);
	*out = arena_strdup(r->arena, text);
	return *out ? OK : mapping_no_memory(r);
}

static enum err read_abi(struct mapping_reader *r, const char *name,
			 struct abi *abi, mapping_abi_fn read, void *arg)
{
	struct bytes text;
	enum err err = read(arg, name, r->arena, &text, r->fault);

	if (err == OK)
		err = abi_parse(abi, r->arena, name, (const char *)text.data,
				text.len, r->fault);
	r->abi = abi;
	return err;
}

static enum err read_root(struct mapping_reader *r, json_t *root,
			  struct mapping *out, mapping_abi_fn read, void *arg)
{
	static const char *const keys[] = {"name",     "abi",	 "token_getter",
					   "traits",   "events", "getters",
					   "statuses", NULL};
	const char *abi_name = NULL;
	struct abi abi;
	enum err err;

	if (!json_is_object(root))
		return mapping_wrong(r, "not a JSON object");
	err = mapping_check_keys(r, root, keys);
	if (err == OK)
		err = read_name(r, root, "name", &out->name);
	if (err == OK)
		err = read_name(r, root, "abi", &abi_name);
	if (err == OK)
		err = read_name(r, root, "token_getter", &out->token_getter);
	if (err == OK && out->token_getter &&
	    strlen(out->token_getter) > CATALOG_GETTER_MAX)
		err = mapping_wrong(r, "\"token_getter\" is longer than %d",
				    CATALOG_GETTER_MAX);
	if (err == OK && (!out->name || !abi_name))
		err = mapping_wrong(r, "it needs \"name\", and \"abi\": the "
				       "file of its ABI, beside it");
	if (err == OK)
		err = read_traits(r, json_object_get(root, "traits"));
	if (err == OK)
		err = read_abi(r, abi_name, &abi, read, arg);
	if (err == OK)
		err = read_entries(r, json_object_get(root, "events"), out);
	if (err == OK)
		err = mapping_read_getters(r, root, out);
	out->traits = r->traits;
	return err;
}

enum err mapping_parse(struct mapping *out, struct arena *arena,
		       const char *file, struct bytes text, mapping_abi_fn abi,
		       void *arg, struct fault *fault)
{
	struct mapping_reader reader = {
	    .arena = arena, .file = file, .fault = fault};
	struct mapping mapping = {0};
	json_error_t at;
	json_t *root;
	enum err err;

	root = json_loadb((const char *)text.data, text.len,
			  JSON_REJECT_DUPLICATES, &at);
	if (!root)
		return fault_set(fault, ERR_SYNTAX, "mapping %s, line %d: %s",
				 file, at.line, at.text);
	err = read_root(&reader, root, &mapping, abi, arg);
	json_decref(root);
	if (err == OK)
		*out = mapping;
	return err;
}
