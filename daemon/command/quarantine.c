#include "daemon/command/quarantine.h"

#include "common/bytes.h"

enum err quarantine_parse_id(uint64_t *out, const char *text,
			     struct fault *fault)
{
	uint64_t id;

	if (decimal_parse_u64(&id, text) != OK || id > INT64_MAX)
		return fault_set(fault, ERR_USAGE,
				 "%.40s is no id; see: gigstreamd quarantine "
				 "list",
				 text);
	*out = id;
	return OK;
}
