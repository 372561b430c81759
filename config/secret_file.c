#include "config/secret_file.h"

#include "common/file.h"
#include <stdbool.h>
#include <string.h>

#define SECRET_MAX (16 * 1024)

static bool has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

enum err file_read_secret(char **out, const char *path, struct fault *fault)
{
	struct buf buf;
	enum err err;

	buf_init(&buf, SECRET_MAX);
	err = file_read(&buf, path, fault);
	if (err == OK) {
		while (buf.len && strchr(" \t\r\n", buf.data[buf.len - 1]))
			buf.len--;
		if (buf.len == 0)
			err = fault_set(fault, ERR_SYNTAX, "is empty");
		else if (has_control(buf.data, buf.len))
			err = fault_set(fault, ERR_SYNTAX,
					"holds more than one line of text");
	}
	if (err == OK) {
		*out = strndup(buf.data, buf.len);
		if (!*out)
			err = fault_set(fault, ERR_NOMEM, "out of memory");
	}
	buf_free(&buf);
	return err;
}
