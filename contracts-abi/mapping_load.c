#include "contracts-abi/mapping_load.h"

#include "common/file.h"
#include "embedded/abis.h"
#include <string.h>

#define FILE_MAX (1 << 20)
#define JSON_ENDING ".json"
/* Of embedded names, which have lost their ".json". */
#define MAPPING_ENDING ".mapping"

static bool ends_in(const char *text, const char *ending)
{
	size_t len = strlen(text), n = strlen(ending);

	return len >= n && strcmp(text + len - n, ending) == 0;
}

static enum err shipped_abi(void *arg, const char *name, struct arena *arena,
			    struct bytes *text, struct fault *fault)
{
	(void)arg;
	(void)arena;
	for (const struct embedded *f = embedded_abis; f->name; f++) {
		size_t len = strlen(f->name);

		if (strncmp(f->name, name, len) != 0 ||
		    strcmp(name + len, JSON_ENDING) != 0)
			continue;
		*text = (struct bytes){(const uint8_t *)f->text, f->len};
		return OK;
	}
	return fault_set(fault, ERR_SYNTAX, "no ABI %s is shipped", name);
}

enum err mapping_load_shipped(const struct mapping **out, size_t *n,
			      struct arena *arena, struct fault *fault)
{
	struct mapping *all;
	size_t count = 0;

	for (const struct embedded *f = embedded_abis; f->name; f++)
		count += ends_in(f->name, MAPPING_ENDING);
	all = ARENA_ARRAY(arena, struct mapping, count);
	if (!all)
		return fault_set(fault, ERR_NOMEM, "reading the mappings: %s",
				 err_text(ERR_NOMEM));
	*out = all;
	*n = count;
	for (const struct embedded *f = embedded_abis; f->name; f++) {
		struct bytes text = {(const uint8_t *)f->text, f->len};
		enum err err = OK;

		if (ends_in(f->name, MAPPING_ENDING))
			err = mapping_parse(all++, arena, f->name, text,
					    shipped_abi, NULL, fault);
		if (err != OK)
			return err;
	}
	return OK;
}

bool mapping_is_path(const char *text)
{
	return strchr(text, '/') || ends_in(text, JSON_ENDING);
}

static enum err read_file(struct bytes *out, struct arena *arena,
			  const char *path, struct fault *fault)
{
	struct fault inner = {0};
	struct buf buf;
	enum err err;

	buf_init(&buf, FILE_MAX);
	err = file_read(&buf, path, &inner);
	if (err == OK) {
		*out = arena_copy(arena, buf.data, buf.len);
		err = out->data ? OK : ERR_NOMEM;
	}
	buf_free(&buf);
	if (err == ERR_NOMEM)
		return fault_set(fault, err, "reading %s: %s", path,
				 err_text(err));
	return err == OK ? OK
			 : fault_set(fault, ERR_USAGE, "file %s %s", path,
				     inner.text);
}

/* arg: the mapping's own path. Its ABI's is relative to it. */
static enum err file_abi(void *arg, const char *name, struct arena *arena,
			 struct bytes *text, struct fault *fault)
{
	const char *mapping = arg, *slash = strrchr(mapping, '/');
	struct buf path;
	enum err err;

	buf_init(&path, 4096);
	if (slash && name[0] != '/')
		buf_add(&path, mapping, (size_t)(slash - mapping) + 1);
	buf_puts(&path, name);
	if (path.err == OK)
		err = read_file(text, arena, path.data, fault);
	else
		err = fault_set(fault, path.err,
				"the path of the ABI that "
				"mapping %s names: %s",
				mapping, err_text(path.err));
	buf_free(&path);
	return err;
}

enum err mapping_load_file(struct mapping *out, struct arena *arena,
			   const char *path, struct fault *fault)
{
	char *copy = arena_strdup(arena, path);
	struct bytes text;
	enum err err;

	if (!copy)
		return fault_set(fault, ERR_NOMEM, "reading %s: %s", path,
				 err_text(ERR_NOMEM));
	err = read_file(&text, arena, path, fault);
	if (err == OK)
		err = mapping_parse(out, arena, path, text, file_abi, copy,
				    fault);
	if (err == ERR_SYNTAX || err == ERR_LIMIT)
		err = ERR_USAGE;
	if (fault && err != OK)
		fault->code = err;
	/* A file goes by its path: its name may be one of ours. */
	if (err == OK)
		out->name = copy;
	return err;
}
