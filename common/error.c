#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>

const char *err_text(enum err code)
{
	switch (code) {
	case OK:
		return "ok";
	case ERR_BEFORE_FIRST:
		break;
#define ERR_CASE(name, text)                                                   \
	case ERR_##name:                                                       \
		return text;
		ERR_MAP(ERR_CASE)
#undef ERR_CASE
	}
	return "unknown error";
}

enum err fault_set(struct fault *fault, enum err code, const char *fmt, ...)
{
	va_list args;

	if (!fault)
		return code;
	fault->code = code;
	va_start(args, fmt);
	(void)vsnprintf(fault->text, sizeof(fault->text), fmt, args);
	va_end(args);
	return code;
}
