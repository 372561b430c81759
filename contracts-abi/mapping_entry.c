#include "contracts-abi/mapping_read.h"

#include <stdio.h>
#include <string.h>

static const char *name_of_kind(const void *arg, size_t i)
{
	(void)arg;
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		if (event_kind_name(kind) && i-- == 0)
			return event_kind_name(kind);
	return NULL;
}

static const char *name_of_event(const void *arg, size_t i)
{
	const struct abi *abi = arg;

	return i < abi->n_events ? abi->events[i].name : NULL;
}

static const char *name_of_param(const void *arg, size_t i)
{
	const struct abi_event *event = arg;

	return i < event->n_params ? event->params[i].name : NULL;
}

static const char *name_of_field(const void *arg, size_t i)
{
	(void)arg;
	return i < EVENT_FIELDS ? event_fields[i].name : NULL;
}

static enum err find_param(const struct mapping_reader *r,
			   const struct abi_event *event, const char *name,
			   size_t *out)
{
	for (size_t i = 0; i < event->n_params; i++) {
		if (strcmp(event->params[i].name, name) != 0)
			continue;
		if (!abi_is_word(&event->params[i]))
			return mapping_wrong(
			    r,
			    "the parameter \"%s\" has no word of "
			    "its own: it is an array, bytes or the "
			    "like",
			    name);
		*out = i;
		return OK;
	}
	return mapping_no_such(r, "the parameter", name, name_of_param, event);
}

/* An address is an address, a flag a bool, a number a uint or 32 bytes. */
static bool fits(enum field_type field, const struct abi_type *type)
{
	switch (field) {
	case FIELD_ADDRESS:
		return type->kind == ABI_ADDRESS;
	case FIELD_FLAG:
		return type->kind == ABI_BOOL;
	case FIELD_NUMBER:
		break;
	}
	return type->kind == ABI_UINT ||
	       (type->kind == ABI_BYTES && type->bytes == 32);
}

static enum err read_param(const struct mapping_reader *r,
			   const struct abi_event *event, const char *name,
			   struct mapping_field *out)
{
	static const char *const wanted[] = {
	    [FIELD_ADDRESS] = "an address",
	    [FIELD_FLAG] = "a bool",
	    [FIELD_NUMBER] = "a uint or bytes32",
	};
	enum err err = find_param(r, event, name, &out->param);

	if (err != OK)
		return err;
	if (!fits(out->field->type, &event->params[out->param].type))
		return mapping_wrong(r,
				     "the field \"%s\" takes %s, which the "
				     "parameter \"%s\" is not",
				     out->field->name, wanted[out->field->type],
				     name);
	return OK;
}

static enum err read_value(const struct mapping_reader *r,
			   const struct abi_event *event, json_t *value,
			   struct mapping_field *out)
{
	const char *text = json_string_value(value);

	if (json_is_object(value)) {
		enum err err = mapping_read_scaled(
		    r, value, "param", out->field->name,
		    field_is_amount(out->field), &text, &out->more_decimals);

		return err == OK ? read_param(r, event, text, out) : err;
	}
	if (json_is_integer(value) && json_integer_value(value) >= 0 &&
	    out->field->type == FIELD_NUMBER) {
		out->from = FROM_NUMBER;
		out->number =
		    u256_from_u64((uint64_t)json_integer_value(value));
		return OK;
	}
	if (!text)
		return mapping_wrong(
		    r,
		    "the field \"%s\" takes the name of a "
		    "parameter%s",
		    out->field->name,
		    out->field->type == FIELD_NUMBER ? ", or a number" : "");
	if (strcmp(text, "@contract") == 0 &&
	    out->field->type == FIELD_ADDRESS) {
		out->from = FROM_CONTRACT;
		return OK;
	}
	return read_param(r, event, text, out);
}

static const char *first_of(uint32_t bits)
{
	size_t i = 0;

	while (!(bits >> i & 1))
		i++;
	return event_fields[i].name;
}

static enum err check_fields(const struct mapping_reader *r,
			     const struct mapping_entry *entry, uint32_t filled)
{
	struct field_rule rule = field_rule(entry->kind, r->traits);
	const char *kind = event_kind_name(entry->kind);
	const uint32_t either = field_bit("duration") | field_bit("end");
	uint32_t ends = filled & either;

	if (filled & ~(rule.needs | rule.may))
		return mapping_wrong(
		    r, "%s has no field \"%s\"", kind,
		    first_of(filled & ~(rule.needs | rule.may)));
	if (rule.needs & ~filled)
		return mapping_wrong(r, "%s needs the field \"%s\"", kind,
				     first_of(rule.needs & ~filled));
	if ((rule.may & either) && (ends == 0 || ends == either))
		return mapping_wrong(
		    r,
		    "%s needs the field \"duration\" or \"end\", "
		    "and not both",
		    kind);
	return OK;
}

static enum err read_fields(const struct mapping_reader *r, json_t *object,
			    struct mapping_entry *entry)
{
	struct mapping_field *fields = ARENA_ARRAY(
	    r->arena, struct mapping_field, json_object_size(object) + 1);
	uint32_t filled = 0;
	const char *key;
	json_t *value;

	if (object && !json_is_object(object))
		return mapping_wrong(r, "\"fields\" must be an object");
	if (!fields)
		return mapping_no_memory(r);
	json_object_foreach(object, key, value)
	{
		struct mapping_field *field = &fields[entry->n_fields];
		uint32_t bit = field_bit(key);
		size_t at = 0;
		enum err err;

		if (bit == 0)
			return mapping_no_such(r, "the field", key,
					       name_of_field, NULL);
		while (bit >> at != 1)
			at++;
		field->field = &event_fields[at];
		err = read_value(r, entry->event, value, field);
		if (err != OK)
			return err;
		filled |= bit;
		entry->n_fields++;
	}
	entry->fields = fields;
	return check_fields(r, entry, filled);
}

static enum err read_condition(const struct mapping_reader *r,
			       const struct abi_event *event, const char *param,
			       json_t *value, struct mapping_condition *out)
{
	const char *text = json_string_value(value);
	enum err err = find_param(r, event, param, &out->param);

	if (err != OK)
		return err;
	out->is_token = text && strcmp(text, "@token") == 0;
	if (!out->is_token && !(text && strcmp(text, "@nonzero") == 0))
		return mapping_wrong(
		    r,
		    "only_if \"%s\": write \"@token\" (it is our "
		    "token) or \"@nonzero\"",
		    param);
	if (out->is_token && event->params[out->param].type.kind != ABI_ADDRESS)
		return mapping_wrong(r,
				     "only_if \"%s\": only an address can be "
				     "\"@token\"",
				     param);
	return OK;
}

static enum err read_conditions(const struct mapping_reader *r, json_t *object,
				struct mapping_entry *entry)
{
	struct mapping_condition *conditions = ARENA_ARRAY(
	    r->arena, struct mapping_condition, json_object_size(object) + 1);
	const char *key;
	json_t *value;

	if (object && !json_is_object(object))
		return mapping_wrong(r, "\"only_if\" must be an object");
	if (!conditions)
		return mapping_no_memory(r);
	json_object_foreach(object, key, value)
	{
		enum err err =
		    read_condition(r, entry->event, key, value,
				   &conditions[entry->n_conditions++]);

		if (err != OK)
			return err;
	}
	entry->conditions = conditions;
	return OK;
}

static enum err read_money(const struct mapping_reader *r, json_t *value,
			   struct mapping_entry *entry)
{
	static const char *const words[] = {
	    [MONEY_BEFORE] = "before",
	    [MONEY_AFTER] = "after",
	    [MONEY_NONE] = "none",
	};
	const char *text = json_string_value(value);

	if (!value)
		return OK;
	for (size_t i = 0; text && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(text, words[i]) == 0) {
			entry->money = (enum event_money)i;
			return OK;
		}
	return mapping_wrong(r,
			     "\"money\" is where the USDC Transfer stands: "
			     "\"before\" the event, \"after\" it, or \"none\"");
}

static enum err find_event(const struct mapping_reader *r, const char *name,
			   const struct abi_event **out)
{
	const struct abi_event *found = abi_event_named(r->abi, name);

	if (!found)
		return mapping_no_such(r, "the event", name, name_of_event,
				       r->abi);
	for (const struct abi_event *e = found + 1;
	     e < r->abi->events + r->abi->n_events; e++)
		if (strcmp(e->name, name) == 0)
			return mapping_wrong(
			    r,
			    "the ABI has more than one event of "
			    "that name; write its signature, such "
			    "as %.128s",
			    found->signature);
	*out = found;
	return OK;
}

enum err mapping_read_entry(struct mapping_reader *r, size_t i, json_t *json,
			    struct mapping_entry *out)
{
	static const char *const keys[] = {"event",   "is",    "fields",
					   "only_if", "money", NULL};
	const char *event = json_string_value(json_object_get(json, "event"));
	const char *is = json_string_value(json_object_get(json, "is"));
	enum err err;

	(void)snprintf(r->place, sizeof(r->place), ", events[%zu] (%.64s)", i,
		       event ? event : "?");
	if (!event || !is)
		return mapping_wrong(
		    r, "an event needs \"event\", a name of the ABI, "
		       "and \"is\", a kind of ours");
	err = mapping_check_keys(r, json, keys);
	if (err == OK)
		err = find_event(r, event, &out->event);
	if (err == OK && !event_kind_parse(&out->kind, is))
		err = mapping_no_such(r, "the kind", is, name_of_kind, NULL);
	if (err == OK)
		err = read_fields(r, json_object_get(json, "fields"), out);
	if (err == OK)
		err = read_conditions(r, json_object_get(json, "only_if"), out);
	return err == OK ? read_money(r, json_object_get(json, "money"), out)
			 : err;
}
