#include <stdlib.h>
#include <string.h>

#include "config/secret_file.h"
#include "config/values.h"

/* Values that are secrets, and files that hold one: no fault shows a value. */

enum err parse_file(option_parse_fn parse, const struct option *option,
		    struct config *config, void *out, const char *path,
		    struct fault *fault)
{
	struct fault inner = {0};
	char *text;
	enum err err;

	if (path[0] != '/')
		return fault_set(fault, ERR_USAGE,
				 "expected the absolute path of a file that "
				 "holds it");
	err = file_read_secret(&text, path, &inner);
	if (err != OK)
		return fault_set(fault, ERR_USAGE, "file %.200s %s", path,
				 inner.text);
	err = parse(option, config, out, text, &inner);
	explicit_bzero(text, strlen(text));
	free(text);
	if (err != OK)
		return fault_set(fault, err, "file %.200s: %s", path,
				 inner.text);
	return OK;
}

/* option is "x.key_file": "x.key" stands before it in the table. */
static enum err both_given(const struct option *option, struct fault *fault)
{
	const char *file = strrchr(option->path, '.') + 1;

	return fault_set(fault, ERR_USAGE,
			 "%.*s and %s are both given: keep one",
			 (int)(strlen(file) - strlen("_file")), file, file);
}

PARSER(parse_secret_key)
{
	struct secret_key **key = out;
	struct secret_key *made;

	(void)config;
	if (*key)
		return both_given(option, fault);
	made = malloc(sizeof(*made));
	if (!made)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	if (secret_key_parse(made, text) != OK) {
		free(made);
		return fault_set(fault, ERR_USAGE,
				 "expected a key of 32 bytes, as base64 "
				 "(openssl rand -base64 32) or as 64 hex "
				 "digits (its value is not shown)");
	}
	*key = made;
	return OK;
}

PARSER(parse_secret_key_file)
{
	return parse_file(parse_secret_key, option, config, out, text, fault);
}
