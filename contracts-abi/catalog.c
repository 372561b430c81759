#include "contracts-abi/catalog.h"

const char *event_kind_name(enum event_kind kind)
{
	static const char *const names[EVENT_KINDS] = {
	    [EVENT_TRANSFER] = "Transfer",
	    [EVENT_STREAM_CREATED] = "StreamCreated",
	    [EVENT_PAYMENT_RELEASED] = "PaymentReleased",
	    [EVENT_EARNINGS_CLAIMED] = "EarningsClaimed",
	    [EVENT_STREAM_PAUSED] = "StreamPaused",
	    [EVENT_STREAM_RESUMED] = "StreamResumed",
	    [EVENT_STREAM_CANCELLED] = "StreamCancelled",
	    [EVENT_STREAM_COMPLETED] = "StreamCompleted",
	};

	return names[kind];
}
