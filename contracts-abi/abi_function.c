#include "contracts-abi/abi_read.h"

#include "common/keccak.h"
#include <string.h>

static enum err read_inputs(struct type_reader *r, json_t *list,
			    struct abi_function *out)
{
	struct hash hash;
	enum err err;

	buf_printf(r->signature, "%s(", out->name);
	err = types_read(r, list, &out->inputs, NULL);
	buf_putc(r->signature, ')');
	if (err == OK && r->signature->err == ERR_LIMIT) {
		r->why = "its signature is too long";
		err = ERR_SYNTAX;
	}
	if (err == OK)
		err = r->signature->err;
	if (err != OK)
		return err;
	hash = keccak256(r->signature->data, r->signature->len);
	memcpy(out->selector, hash.b, sizeof(out->selector));
	out->signature = arena_strdup(r->arena, r->signature->data);
	return out->signature ? OK : ERR_NOMEM;
}

/* The outputs' types are in no signature: what is written of them is left. */
static enum err read_outputs(struct type_reader *r, json_t *list,
			     struct abi_function *out)
{
	enum err err;

	r->n_params = 0;
	err = types_read(r, list, &out->outputs, NULL);
	if (err != OK)
		return err;
	out->n_results = r->n_params;
	out->results = types_keep_params(r);
	return out->results ? OK : ERR_NOMEM;
}

enum err abi_read_function(struct arena *arena, const char *name, json_t *json,
			   struct abi_function *out)
{
	struct abi_param params[ABI_MAX_PARAMS];
	struct buf text;
	struct type_reader types = {
	    .arena = arena, .signature = &text, .params = params};
	enum err err;

	*out = (struct abi_function){.name = name};
	buf_init(&text, ABI_MAX_SIGNATURE);
	err = read_inputs(&types, json_object_get(json, "inputs"), out);
	if (err == OK)
		err =
		    read_outputs(&types, json_object_get(json, "outputs"), out);
	buf_free(&text);
	if (err == ERR_SYNTAX)
		*out = (struct abi_function){.name = name,
					     .unreadable = types.why};
	return err == ERR_SYNTAX ? OK : err;
}
