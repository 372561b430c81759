#include "db/pg/pg_fault.h"

#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "tests/fuzz/fuzz.h"

/* Reads: a byte that says whether we were connected, then what libpq says, a
 * server's words included, in which the byte 0x01 stands for the password.
 *
 * Holds: it becomes a sentence of one line, without the password or a beginning
 * of it, of a code that says whether to try again. */

#define PASSWORD "hunter2-0123456789-hunter3"
#define PASSWORD_START "hunter2"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	bool was_connected = input_byte(&in) & 1, shown;
	char *raw = input_text(&in, '\0', NULL);
	struct fault fault = {0};
	struct buf said = with_secret(raw, strlen(raw), PASSWORD);
	enum err err;

	shown = strstr(raw, PASSWORD_START) != NULL;
	err = pg_fault_text(&fault, said.data, PASSWORD, was_connected);
	check_fault(err, &fault);
	CHECK(err == ERR_TRANSPORT || err == ERR_REFUSED || err == ERR_USAGE);
	CHECK(!was_connected || err == ERR_TRANSPORT);
	CHECK(!strchr(fault.text, '\n'));
	CHECK(shown || !strstr(fault.text, PASSWORD_START));
	CHECK(pg_fault_code(raw) != OK);
	buf_free(&said);
	free(raw);
	return 0;
}
