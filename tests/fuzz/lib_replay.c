#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/fuzz.h"

/* The other main of a target: feeds it every file of the folder named by the
 * first argument, the empty input first. A name given as a file is fed
 * alone. */

static const char *folder;

static void feed(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size = -1;

	if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	rewind(file);
	/* of its very size, so that a sanitizer sees who reads on */
	data = malloc(size > 0 ? (size_t)size : 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)size, file), size);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

static void what_is_kept(void **state)
{
	DIR *files;
	const struct dirent *entry;
	size_t n = 0;

	(void)state;
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	files = opendir(folder);
	if (!files && errno == ENOTDIR) {
		feed(folder);
		return;
	}
	if (!files)
		fail_msg("%s: %s", folder, strerror(errno));
	while ((entry = readdir(files))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		assert_in_range(snprintf(path, sizeof(path), "%s/%s", folder,
					 entry->d_name),
				1, sizeof(path) - 1);
		feed(path);
		n++;
	}
	(void)closedir(files);
	print_message("%zu inputs of %s\n", n, folder);
	assert_true(n > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_kept)};

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER|FILE\n", argv[0]);
		return 2;
	}
	folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
