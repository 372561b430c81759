#include "contracts-abi/abi.h"

#include "common/keccak.h"
#include "contracts-abi/abi_read.h"
#include <jansson.h>
#include <string.h>

#define MAX_TOPICS 4
#define MAX_NAME 256

/* Where a sentence about a mistake in the JSON says it is. */
struct reader {
	struct arena *arena;
	const char *abi;
	const char *event;
	struct fault *fault;
};

static enum err wrong(const struct reader *r, const char *what)
{
	return fault_set(r->fault, ERR_SYNTAX, "ABI %s%s%s: %s", r->abi,
			 r->event ? ", event " : "", r->event ? r->event : "",
			 what);
}

static enum err no_memory(const struct reader *r)
{
	return fault_set(r->fault, ERR_NOMEM, "ABI %s: %s", r->abi,
			 err_text(ERR_NOMEM));
}

static bool is_identifier(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_$";
	static const char digits[] = "0123456789";

	for (size_t i = 0; text[i]; i++)
		if (!strchr(letters, text[i]) &&
		    !(i > 0 && strchr(digits, text[i])))
			return false;
	return text[0] != '\0' && strlen(text) <= MAX_NAME;
}

static enum err sign(const struct reader *r, const struct buf *text,
		     struct abi_event *event)
{
	if (text->err)
		return text->err == ERR_NOMEM
			   ? no_memory(r)
			   : wrong(r, "its signature is too long");
	event->topic0 = keccak256(text->data, text->len);
	event->signature = arena_strdup(r->arena, text->data);
	return event->signature ? OK : no_memory(r);
}

static enum err read_params(const struct reader *r, json_t *inputs,
			    struct abi_event *event)
{
	struct abi_param params[ABI_MAX_PARAMS];
	struct buf text;
	struct type_reader types = {
	    .arena = r->arena, .signature = &text, .params = params};
	size_t n_indexed = 0;
	enum err err;

	buf_init(&text, ABI_MAX_SIGNATURE);
	buf_printf(&text, "%s(", event->name);
	err = types_read(&types, inputs, &event->data, &n_indexed);
	buf_putc(&text, ')');
	if (err)
		err = err == ERR_NOMEM ? no_memory(r) : wrong(r, types.why);
	else if (n_indexed >= MAX_TOPICS)
		err = wrong(r, "more than three inputs are indexed");
	else
		err = sign(r, &text, event);
	buf_free(&text);
	if (err)
		return err;
	event->n_topics = (uint8_t)(1 + n_indexed);
	event->n_params = types.n_params;
	event->params = types_keep_params(&types);
	return event->params ? OK : no_memory(r);
}

static enum err read_event(struct reader *r, json_t *json,
			   struct abi_event *event)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	json_t *inputs = json_object_get(json, "inputs");

	if (!name || !is_identifier(name))
		return wrong(r, "an event without a proper name");
	r->event = name;
	if (json_is_true(json_object_get(json, "anonymous")))
		return wrong(r, "anonymous events have no topic0");
	event->name = arena_strdup(r->arena, name);
	if (!event->name)
		return no_memory(r);
	return read_params(r, inputs, event);
}

static bool has_signature(const struct abi *abi, const struct hash *topic0)
{
	for (size_t i = 0; i < abi->n_events; i++)
		if (hash_eq(&abi->events[i].topic0, topic0))
			return true;
	return false;
}

static enum err add_event(struct reader *r, json_t *json, struct abi *abi,
			  struct abi_event *event)
{
	enum err err = read_event(r, json, event);

	if (err)
		return err;
	if (has_signature(abi, &event->topic0))
		return wrong(r, "the same signature stands twice");
	abi->n_events++;
	return OK;
}

/* One without a proper name is nobody's to call. */
static enum err add_function(const struct reader *r, json_t *json,
			     struct abi *abi, struct abi_function *function)
{
	const char *name = json_string_value(json_object_get(json, "name"));

	if (!name || !is_identifier(name))
		return OK;
	name = arena_strdup(r->arena, name);
	if (!name || abi_read_function(r->arena, name, json, function))
		return no_memory(r);
	abi->n_functions++;
	return OK;
}

static enum err read_entries(struct reader *r, json_t *root, struct abi *abi)
{
	size_t n = json_array_size(root);
	struct abi_event *events =
	    ARENA_ARRAY(r->arena, struct abi_event, n + 1);
	struct abi_function *functions =
	    ARENA_ARRAY(r->arena, struct abi_function, n + 1);

	if (!json_is_array(root))
		return wrong(r, "not a JSON array");
	if (!events || !functions)
		return no_memory(r);
	abi->events = events;
	abi->functions = functions;
	for (size_t i = 0; i < n; i++) {
		json_t *entry = json_array_get(root, i);
		const char *type =
		    json_string_value(json_object_get(entry, "type"));
		enum err err = OK;

		r->event = NULL;
		if (!type)
			return wrong(r, "an entry without a type");
		if (strcmp(type, "event") == 0)
			err = add_event(r, entry, abi, &events[abi->n_events]);
		else if (strcmp(type, "function") == 0)
			err = add_function(r, entry, abi,
					   &functions[abi->n_functions]);
		if (err)
			return err;
	}
	return OK;
}

enum err abi_parse(struct abi *out, struct arena *arena, const char *name,
		   const char *json, size_t len, struct fault *fault)
{
	struct reader reader = {.arena = arena, .abi = name, .fault = fault};
	struct abi abi = {0};
	json_error_t at;
	json_t *root;
	enum err err;

	root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &at);
	if (!root)
		return fault_set(fault, ERR_SYNTAX, "ABI %s, line %d: %s", name,
				 at.line, at.text);
	err = read_entries(&reader, root, &abi);
	json_decref(root);
	if (!err)
		*out = abi;
	return err;
}

const struct abi_event *abi_event_named(const struct abi *abi, const char *name)
{
	for (size_t i = 0; i < abi->n_events; i++)
		if (strcmp(abi->events[i].name, name) == 0 ||
		    strcmp(abi->events[i].signature, name) == 0)
			return &abi->events[i];
	return NULL;
}

static bool is_called(const char *text, const char *name, size_t len)
{
	return text && strlen(text) == len && memcmp(text, name, len) == 0;
}

const struct abi_function *abi_function_named(const struct abi *abi,
					      const char *name, size_t len)
{
	for (size_t i = 0; i < abi->n_functions; i++)
		if (is_called(abi->functions[i].name, name, len) ||
		    is_called(abi->functions[i].signature, name, len))
			return &abi->functions[i];
	return NULL;
}
