#include "config/config.h"

const char *verify_mode_name(enum verify_mode mode)
{
	static const char *const names[] = {
	    [VERIFY_RECEIPTS] = "receipts",
	    [VERIFY_BLOOM] = "bloom",
	    [VERIFY_OFF] = "off",
	};

	return names[mode];
}
