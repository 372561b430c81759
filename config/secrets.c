#include <stdlib.h>
#include <string.h>

#include "config/file.h"
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

PARSER(parse_encryption_key)
{
	struct seal_key **key = out;
	struct seal_key *made;

	(void)option;
	(void)config;
	if (*key)
		return fault_set(fault, ERR_USAGE,
				 "encryption_key and encryption_key_file are "
				 "both given: keep one");
	made = malloc(sizeof(*made));
	if (!made)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	if (seal_key_parse(made, text) != OK) {
		free(made);
		return fault_set(fault, ERR_USAGE,
				 "expected a key of 32 bytes, as base64 "
				 "(openssl rand -base64 32) or as 64 hex "
				 "digits (its value is not shown)");
	}
	*key = made;
	return OK;
}

PARSER(parse_encryption_key_file)
{
	return parse_file(parse_encryption_key, option, config, out, text,
			  fault);
}
