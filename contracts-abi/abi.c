#include "contracts-abi/abi.h"

#include "common/buf.h"
#include "common/keccak.h"
#include <jansson.h>
#include <string.h>

#define WORD 32
#define MAX_TOPICS 4
#define MAX_NAME 256
/* Above a name and ABI_MAX_PARAMS types. */
#define MAX_SIGNATURE 1024

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

/* The number in "uint256", canonical: "uint" or "uint08" would make another
 * signature than the contract's. */
static bool parse_size(const char *text, unsigned max, unsigned *out)
{
	unsigned n = 0;

	if (*text == '0' || *text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (unsigned)(*text - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

static bool parse_integer_type(const char *bits, enum abi_kind kind,
			       struct abi_type *out)
{
	unsigned n;

	if (!parse_size(bits, 256, &n) || n % 8 != 0)
		return false;
	*out = (struct abi_type){kind, (uint8_t)(n / 8)};
	return true;
}

static bool parse_type(const char *text, struct abi_type *out)
{
	unsigned n;

	if (strcmp(text, "address") == 0) {
		*out = (struct abi_type){ABI_ADDRESS, 20};
		return true;
	}
	if (strcmp(text, "bool") == 0) {
		*out = (struct abi_type){ABI_BOOL, 1};
		return true;
	}
	if (strncmp(text, "uint", 4) == 0)
		return parse_integer_type(text + 4, ABI_UINT, out);
	if (strncmp(text, "int", 3) == 0)
		return parse_integer_type(text + 3, ABI_INT, out);
	if (strncmp(text, "bytes", 5) == 0 && parse_size(text + 5, WORD, &n)) {
		*out = (struct abi_type){ABI_BYTES, (uint8_t)n};
		return true;
	}
	return false;
}

static enum err read_param(const struct reader *r, json_t *json,
			   struct abi_param *out)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	const char *type = json_string_value(json_object_get(json, "type"));
	json_t *indexed = json_object_get(json, "indexed");

	if (!name || !type || !json_is_boolean(indexed))
		return wrong(r, "an input needs name, type and indexed");
	if (!parse_type(type, &out->type))
		return wrong(r, "an input's type is not a canonical static "
				"type of one word");
	out->name = arena_strdup(r->arena, name);
	out->indexed = json_is_true(indexed);
	return out->name ? OK : no_memory(r);
}

static enum err read_params(const struct reader *r, json_t *inputs,
			    struct abi_event *event)
{
	size_t n = json_array_size(inputs);
	struct abi_param *params;

	if (!json_is_array(inputs) || n > ABI_MAX_PARAMS)
		return wrong(r, "inputs must be an array of at most 16");
	params = ARENA_ARRAY(r->arena, struct abi_param, n + 1);
	if (!params)
		return no_memory(r);
	event->n_topics = 1;
	for (size_t i = 0; i < n; i++) {
		enum err err =
		    read_param(r, json_array_get(inputs, i), &params[i]);

		if (err)
			return err;
		if (params[i].indexed)
			event->n_topics++;
		else
			event->data_len += WORD;
	}
	if (event->n_topics > MAX_TOPICS)
		return wrong(r, "more than three inputs are indexed");
	event->params = params;
	event->n_params = n;
	return OK;
}

/* read_param has seen that every type is there and canonical. */
static enum err sign(const struct reader *r, json_t *inputs,
		     struct abi_event *event)
{
	struct buf text;

	buf_init(&text, MAX_SIGNATURE);
	buf_puts(&text, event->name);
	buf_putc(&text, '(');
	for (size_t i = 0; i < event->n_params; i++) {
		json_t *input = json_array_get(inputs, i);
		json_t *type = json_object_get(input, "type");

		if (i > 0)
			buf_putc(&text, ',');
		buf_puts(&text, json_string_value(type));
	}
	buf_putc(&text, ')');
	event->topic0 = keccak256(text.data, text.len);
	if (!text.err)
		event->signature = arena_strdup(r->arena, text.data);
	buf_free(&text);
	return event->signature ? OK : no_memory(r);
}

static enum err read_event(struct reader *r, json_t *json,
			   struct abi_event *event)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	json_t *inputs = json_object_get(json, "inputs");
	enum err err;

	if (!name || !is_identifier(name))
		return wrong(r, "an event without a proper name");
	r->event = name;
	if (json_is_true(json_object_get(json, "anonymous")))
		return wrong(r, "anonymous events have no topic0");
	event->name = arena_strdup(r->arena, name);
	if (!event->name)
		return no_memory(r);
	err = read_params(r, inputs, event);
	return err ? err : sign(r, inputs, event);
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
		if (strcmp(abi->events[i].name, name) == 0)
			return &abi->events[i];
	return NULL;
}

static bool all_are(const uint8_t *data, size_t len, uint8_t byte)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != byte)
			return false;
	return true;
}

/* NULL for a clean word, else what is wrong with it. */
static const char *dirt(const struct abi_type *type, const struct hash *word)
{
	size_t unused = WORD - type->bytes;
	const uint8_t *b = word->b;

	switch (type->kind) {
	case ABI_UINT:
		return all_are(b, unused, 0) ? NULL
					     : "an integer exceeds its type";
	case ABI_INT:
		return all_are(b, unused, b[unused] & 0x80 ? 0xff : 0)
			   ? NULL
			   : "an integer exceeds its type";
	case ABI_ADDRESS:
		return all_are(b, unused, 0) ? NULL
					     : "an address exceeds 160 bits";
	case ABI_BOOL:
		return all_are(b, unused, 0) && b[unused] <= 1
			   ? NULL
			   : "a bool is neither 0 nor 1";
	case ABI_BYTES:
		return all_are(b + type->bytes, unused, 0)
			   ? NULL
			   : "fixed bytes are not padded with zeros";
	}
	return "a type that is not known";
}

static const char *misfit(const struct abi_event *event,
			  const struct hash *topics, size_t n_topics,
			  size_t data_len)
{
	if (n_topics != event->n_topics)
		return "the number of topics is not the event's";
	if (!hash_eq(&topics[0], &event->topic0))
		return "topic0 is not the event's";
	if (data_len < event->data_len)
		return "the data is too short";
	if (data_len > event->data_len)
		return "the data is too long";
	return NULL;
}

enum err abi_decode(const struct abi_event *event, const struct hash *topics,
		    size_t n_topics, struct bytes data,
		    struct hash words[ABI_MAX_PARAMS], const char **why)
{
	const char *wrong_with = misfit(event, topics, n_topics, data.len);
	struct hash found[ABI_MAX_PARAMS];
	size_t topic = 1, offset = 0;

	for (size_t i = 0; !wrong_with && i < event->n_params; i++) {
		if (event->params[i].indexed) {
			found[i] = topics[topic++];
		} else {
			memcpy(found[i].b, data.data + offset, WORD);
			offset += WORD;
		}
		wrong_with = dirt(&event->params[i].type, &found[i]);
	}
	if (wrong_with) {
		*why = wrong_with;
		return ERR_SYNTAX;
	}
	memcpy(words, found, event->n_params * sizeof(found[0]));
	return OK;
}
