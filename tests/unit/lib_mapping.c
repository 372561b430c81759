#include "tests/unit/lib_mapping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX 4096

const char *quoted(char *out, size_t size, const char *text)
{
	size_t i = 0;

	for (; text[i] && i + 1 < size; i++)
		out[i] = text[i] == '\'' ? '"' : text[i];
	out[i] = '\0';
	return out;
}

static enum err give_abi(void *arg, const char *name, struct arena *arena,
			 struct bytes *text, struct fault *fault)
{
	char json[TEXT_MAX];

	if (strcmp(name, "x.json") != 0)
		return fault_set(fault, ERR_USAGE, "no file %s", name);
	quoted(json, sizeof(json), *(const char **)arg);
	*text = arena_copy(arena, json, strlen(json));
	return OK;
}

enum err parse_mapping(struct mapping *out, struct arena *arena,
		       const char *abi, const char *json, struct fault *fault)
{
	char text[TEXT_MAX];

	quoted(text, sizeof(text), json);
	return mapping_parse(
	    out, arena, "x.mapping.json",
	    (struct bytes){(const uint8_t *)text, strlen(text)}, give_abi, &abi,
	    fault);
}

void expect_wrong(const char *abi, const struct wrong_mapping *list, size_t n)
{
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < n; i++) {
		struct mapping mapping = {.n_entries = 77};
		struct fault fault = {0};

		if (parse_mapping(&mapping, arena, abi, list[i].json, &fault) ==
		    OK)
			fail_msg("accepted: %s", list[i].json);
		if (!strstr(fault.text, list[i].says))
			fail_msg("%s\n says: %s\n  not: %s", list[i].json,
				 fault.text, list[i].says);
		assert_int_equal(mapping.n_entries, 77);
	}
	arena_free(arena);
}
