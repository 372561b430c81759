#include "contracts-abi/abi.h"

#include "common/keccak.h"
#include "contracts-abi/abi_type.h"
#include <jansson.h>
#include <string.h>

#define MAX_TOPICS 4
#define MAX_NAME 256
/* Above a name and ABI_MAX_PARAMS types of the longer kind. */
#define MAX_SIGNATURE 2048

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

static enum err no_type(const struct reader *r, const struct type_reader *types,
			enum err err)
{
	return err == ERR_NOMEM ? no_memory(r) : wrong(r, types->why);
}

/* The inputs that are not indexed make the data; all make the signature. */
static enum err read_input(const struct reader *r, json_t *json,
			   struct type_reader *types, struct abi_event *event,
			   struct abi_type *data)
{
	json_t *indexed = json_object_get(json, "indexed");
	struct abi_type type;
	enum err err;

	if (!json_is_boolean(indexed))
		return wrong(r, "an input needs name, type and indexed");
	err = type_read(types, json, json_is_true(indexed), &type);
	if (err)
		return no_type(r, types, err);
	if (json_is_true(indexed)) {
		event->n_topics++;
		return OK;
	}
	data[event->n_data++] = type;
	event->data_len += type.head;
	event->dynamic = event->dynamic || type.dynamic;
	return OK;
}

static enum err read_inputs(const struct reader *r, json_t *inputs,
			    struct type_reader *types, struct abi_event *event)
{
	size_t n = json_array_size(inputs);
	struct abi_type *data;

	if (!json_is_array(inputs) || n > ABI_MAX_PARAMS)
		return wrong(r, "inputs must be an array of at most 32");
	data = ARENA_ARRAY(r->arena, struct abi_type, n + 1);
	if (!data)
		return no_memory(r);
	event->data = data;
	event->n_topics = 1;
	for (size_t i = 0; i < n; i++) {
		enum err err;

		if (i > 0)
			buf_putc(types->signature, ',');
		err = read_input(r, json_array_get(inputs, i), types, event,
				 data);
		if (err)
			return err;
	}
	if (event->n_topics > MAX_TOPICS)
		return wrong(r, "more than three inputs are indexed");
	return OK;
}

static enum err keep_params(const struct reader *r,
			    const struct type_reader *types,
			    struct abi_event *event)
{
	struct abi_param *params =
	    ARENA_ARRAY(r->arena, struct abi_param, types->n_params + 1);

	if (!params)
		return no_memory(r);
	memcpy(params, types->params, types->n_params * sizeof(*params));
	event->params = params;
	event->n_params = types->n_params;
	return OK;
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
	enum err err;

	buf_init(&text, MAX_SIGNATURE);
	buf_puts(&text, event->name);
	buf_putc(&text, '(');
	err = read_inputs(r, inputs, &types, event);
	buf_putc(&text, ')');
	if (!err)
		err = sign(r, &text, event);
	if (!err)
		err = keep_params(r, &types, event);
	buf_free(&text);
	return err;
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

static enum err read_entries(struct reader *r, json_t *root, struct abi *abi)
{
	struct abi_event *events;
	size_t i;
	json_t *entry;

	if (!json_is_array(root))
		return wrong(r, "not a JSON array");
	events =
	    ARENA_ARRAY(r->arena, struct abi_event, json_array_size(root) + 1);
	if (!events)
		return no_memory(r);
	abi->events = events;
	json_array_foreach(root, i, entry)
	{
		const char *type =
		    json_string_value(json_object_get(entry, "type"));
		struct abi_event *event = &events[abi->n_events];
		enum err err;

		r->event = NULL;
		if (!type)
			return wrong(r, "an entry without a type");
		if (strcmp(type, "event") != 0)
			continue;
		err = read_event(r, entry, event);
		if (err)
			return err;
		if (has_signature(abi, &event->topic0))
			return wrong(r, "the same signature stands twice");
		abi->n_events++;
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
