#include "contracts-abi/mapping_read.h"

#include <stdio.h>
#include <string.h>

#define MAX_STATUSES 32
#define MAX_KEYS (GETTER_FIELDS + 2)

static void set_place(struct mapping_reader *r, const char *key,
		      const char *field)
{
	(void)snprintf(r->place, sizeof(r->place), ", %s%s", key, field);
}

static const char *name_of_function(const void *arg, size_t i)
{
	const struct abi *abi = arg;

	return i < abi->n_functions ? abi->functions[i].name : NULL;
}

static const char *name_of_result(const void *arg, size_t i)
{
	const struct abi_function *function = arg;

	return i < function->n_results ? function->results[i].name : NULL;
}

/* Of the first len bytes of text: its name, or its signature. */
static enum err find_function(const struct mapping_reader *r, const char *text,
			      size_t len, const struct abi_function **out)
{
	const struct abi *abi = r->abi;
	const struct abi_function *f = abi_function_named(abi, text, len);
	char word[65];

	(void)snprintf(word, sizeof(word), "%.*s", (int)(len < 64 ? len : 64),
		       text);
	if (!f && abi->n_functions == 0)
		return mapping_wrong(r, "the ABI has no functions");
	if (!f)
		return mapping_no_such(r, "the function", word,
				       name_of_function, abi);
	if (f->unreadable)
		return mapping_wrong(r, "the function \"%s\": %s", word,
				     f->unreadable);
	for (const struct abi_function *other = f + 1;
	     other < abi->functions + abi->n_functions; other++)
		if (strlen(f->name) == len && strcmp(other->name, f->name) == 0)
			return mapping_wrong(
			    r,
			    "the ABI has more than one function of that name; "
			    "write its signature, such as %.128s",
			    f->signature);
	*out = f;
	return OK;
}

/* Which of its words; name NULL: its only one. */
static enum err find_result(const struct mapping_reader *r,
			    const struct abi_function *f, const char *name,
			    size_t *out)
{
	size_t i = 0;

	if (f->n_results == 0)
		return mapping_wrong(r, "the function \"%s\" returns nothing",
				     f->name);
	if (!name && f->n_results > 1)
		return mapping_wrong(r,
				     "the function \"%s\" has %zu outputs; "
				     "write \"%s.OUTPUT\"",
				     f->name, f->n_results, f->name);
	while (name && i < f->n_results && strcmp(f->results[i].name, name))
		i++;
	if (i == f->n_results)
		return mapping_no_such(r, "the output", name, name_of_result,
				       f);
	if (!abi_is_word(&f->results[i]))
		return mapping_wrong(r,
				     "the output \"%s\" of \"%s\" has no word "
				     "of its own: it is an array, bytes or the "
				     "like",
				     f->results[i].name, f->name);
	*out = i;
	return OK;
}

/* "getStreamDetails.worker": a function and one of its outputs. */
static enum err find(const struct mapping_reader *r, const char *text,
		     const struct abi_function **function, size_t *result)
{
	size_t len = strcspn(text, ".");
	enum err err = find_function(r, text, len, function);

	if (err != OK)
		return err;
	return find_result(r, *function, text[len] ? text + len + 1 : NULL,
			   result);
}

static bool takes_id(const struct abi_function *f)
{
	const struct abi_type *type = f->inputs.types;

	return f->inputs.n == 1 &&
	       (type->kind == ABI_UINT ||
		(type->kind == ABI_BYTES && type->bytes == 32));
}

static bool fits(enum getter_type getter, enum abi_kind kind)
{
	switch (getter) {
	case GETTER_WALLET:
		return kind == ABI_ADDRESS;
	case GETTER_STATUS:
		return kind == ABI_UINT || kind == ABI_BOOL;
	case GETTER_AMOUNT:
		break;
	}
	return kind == ABI_UINT;
}

static enum err check(const struct mapping_reader *r,
		      const struct getter_field *field,
		      const struct abi_function *f, size_t result)
{
	static const char *const wanted[] = {
	    [GETTER_WALLET] = "an address",
	    [GETTER_AMOUNT] = "a uint",
	    [GETTER_STATUS] = "a uint or bool",
	};

	if (!takes_id(f))
		return mapping_wrong(r,
				     "the function %.128s must take the id, "
				     "a uint or bytes32, and nothing else",
				     f->signature);
	if (!fits(field->type, f->results[result].type.kind))
		return mapping_wrong(r,
				     "it takes %s, which the output \"%s\" of "
				     "\"%s\" is not",
				     wanted[field->type],
				     f->results[result].name, f->name);
	return OK;
}

/* Functions are asked once each. */
static size_t add_function(struct getters *getters,
			   const struct abi_function *function)
{
	size_t i = 0;

	while (i < getters->n_functions && getters->functions[i] != function)
		i++;
	getters->functions[i] = function;
	if (i == getters->n_functions)
		getters->n_functions++;
	return i;
}

static enum err read_getter(struct mapping_reader *r, json_t *value,
			    const struct getter_field *field,
			    struct getters *out)
{
	struct getter getter = {.field = field};
	const struct abi_function *function = NULL;
	const char *text = json_string_value(value);
	enum err err = OK;

	if (json_is_object(value))
		err = mapping_read_scaled(r, value, "getter", field->name,
					  field->type == GETTER_AMOUNT, &text,
					  &getter.more_decimals);
	else if (!text)
		err = mapping_wrong(r, "it takes the name of a function, or "
				       "\"FUNCTION.OUTPUT\"");
	if (err == OK)
		err = find(r, text, &function, &getter.result);
	if (err == OK)
		err = check(r, field, function, getter.result);
	if (err != OK)
		return err;
	getter.function = add_function(out, function);
	out->all[out->n++] = getter;
	return OK;
}

static enum err read_count(struct mapping_reader *r, json_t *value,
			   struct getters *out)
{
	const char *text = json_string_value(value);
	const struct abi_function *f = NULL;
	enum err err;

	if (!value)
		return OK;
	set_place(r, "getters.", "count");
	if (!text)
		return mapping_wrong(r, "it takes the name of a function");
	err = find(r, text, &f, &out->count_result);
	if (err != OK)
		return err;
	if (f->inputs.n > 0 ||
	    f->results[out->count_result].type.kind != ABI_UINT)
		return mapping_wrong(
		    r,
		    "the function %.128s must take nothing and "
		    "return a uint: ids are 1 to that",
		    f->signature);
	out->count = f;
	return OK;
}

static enum err read_fields(struct mapping_reader *r, json_t *object,
			    struct getters *out)
{
	const struct getter_field *fields = getter_fields(out->family);
	const char *keys[MAX_KEYS] = {"count"};
	enum err err;

	set_place(r, "getters", "");
	if (!json_is_object(object))
		return mapping_wrong(r, "it must be an object");
	for (size_t i = 0; fields[i].name; i++)
		keys[i + 1] = fields[i].name;
	err = mapping_check_keys(r, object, keys);
	for (size_t i = 0; err == OK && fields[i].name; i++) {
		json_t *value = json_object_get(object, fields[i].name);

		set_place(r, "getters.", fields[i].name);
		if (value)
			err = read_getter(r, value, &fields[i], out);
	}
	if (err == OK && out->n == 0) {
		set_place(r, "getters", "");
		err = mapping_wrong(r, "it names nothing that the contract "
				       "says of one");
	}
	return err == OK ? read_count(r, json_object_get(object, "count"), out)
			 : err;
}

static enum err read_status(struct mapping_reader *r, json_t *item,
			    const char *const *known, const char **out)
{
	const char *word = json_string_value(item);

	*out = NULL;
	if (json_is_null(item))
		return OK;
	for (size_t i = 0; known[i] && word; i++)
		if (strcmp(known[i], word) == 0) {
			*out = known[i];
			return OK;
		}
	return word ? mapping_no_such(r, "the status", word, mapping_listed,
				      known)
		    : mapping_wrong(r, "a status is one of our words, or null: "
				       "it says nothing");
}

/* By the contract's numbers, from 0. */
static enum err read_statuses(struct mapping_reader *r, json_t *list,
			      struct getters *out)
{
	const char *const *known = getter_statuses(out->family);
	size_t n = json_array_size(list);
	const char **statuses = ARENA_ARRAY(r->arena, const char *, n + 1);
	enum err err = OK;

	if (n == 0 || n > MAX_STATUSES)
		return mapping_wrong(r, "it must be an array of 1 to %d",
				     MAX_STATUSES);
	if (!statuses)
		return mapping_no_memory(r);
	for (size_t i = 0; err == OK && i < n; i++)
		err = read_status(r, json_array_get(list, i), known,
				  &statuses[i]);
	out->statuses = statuses;
	out->n_statuses = n;
	return err;
}

/* Both have one, or none. */
static enum err read_numbers(struct mapping_reader *r, json_t *list,
			     struct getters *out)
{
	bool has_status = false;

	for (size_t i = 0; i < out->n; i++)
		if (out->all[i].field->type == GETTER_STATUS)
			has_status = true;
	set_place(r, "statuses", "");
	if (has_status && !list)
		return mapping_wrong(r, "getters.status needs it: our word for "
					"each number of the contract, from 0");
	if (list && !has_status)
		return mapping_wrong(r, "it is of no use without "
					"getters.status");
	return list ? read_statuses(r, list, out) : OK;
}

/* The family that the events are of. */
static enum err find_family(struct mapping_reader *r,
			    const struct mapping *mapping,
			    enum event_family *out)
{
	bool streams = false, loans = false;

	set_place(r, "getters", "");
	for (size_t i = 0; i < mapping->n_entries; i++) {
		enum event_family f = event_family(mapping->entries[i].kind);

		streams = streams || f == FAMILY_STREAMS;
		loans = loans || f == FAMILY_LOANS;
	}
	if (streams == loans)
		return mapping_wrong(r,
				     "they are of streams, or of loans: the "
				     "events are of %s",
				     streams ? "both" : "neither");
	*out = streams ? FAMILY_STREAMS : FAMILY_LOANS;
	return OK;
}

enum err mapping_read_getters(struct mapping_reader *r, json_t *root,
			      struct mapping *out)
{
	json_t *object = json_object_get(root, "getters");
	json_t *statuses = json_object_get(root, "statuses");
	struct getters *getters = ARENA_NEW(r->arena, struct getters);
	enum err err;

	if (!object && !statuses)
		return OK;
	if (!getters)
		return mapping_no_memory(r);
	err = find_family(r, out, &getters->family);
	if (err == OK)
		err = read_fields(r, object, getters);
	if (err == OK)
		err = read_numbers(r, statuses, getters);
	out->getters = getters;
	return err;
}
