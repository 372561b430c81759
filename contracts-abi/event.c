#include "contracts-abi/event.h"

#include <stddef.h>
#include <string.h>

const char *event_kind_name(int kind)
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
	    [EVENT_RECIPIENT_CHANGED] = "RecipientChanged",
	    [EVENT_LOAN_REQUESTED] = "LoanRequested",
	    [EVENT_LOAN_APPROVED] = "LoanApproved",
	    [EVENT_LOAN_DISBURSED] = "LoanDisbursed",
	    [EVENT_REPAYMENT_MADE] = "RepaymentMade",
	    [EVENT_LOAN_REPAID] = "LoanRepaid",
	    [EVENT_LOAN_DEFAULTED] = "LoanDefaulted",
	    [EVENT_LOAN_CANCELLED] = "LoanCancelled",
	    [EVENT_TASK_RECORDED] = "TaskRecorded",
	    [EVENT_DISPUTE_RECORDED] = "DisputeRecorded",
	    [EVENT_MINT] = "Mint",
	    [EVENT_BURN] = "Burn",
	    [EVENT_BLACKLISTED] = "Blacklisted",
	    [EVENT_UNBLACKLISTED] = "UnBlacklisted",
	    [EVENT_TOKEN_PAUSED] = "Pause",
	    [EVENT_TOKEN_UNPAUSED] = "Unpause",
	    [EVENT_TOKEN_UPGRADED] = "Upgraded",
	    [EVENT_NATIVE_TRANSFER] = "NativeCoinTransferred",
	    [EVENT_NATIVE_MINTED] = "NativeCoinMinted",
	    [EVENT_NATIVE_BURNED] = "NativeCoinBurned",
	    [EVENT_CONTRACT_PAUSED] = "Paused",
	    [EVENT_CONTRACT_UNPAUSED] = "Unpaused",
	    [EVENT_OWNER_CHANGED] = "OwnershipTransferred",
	    [EVENT_APPROVER_ADDED] = "ApproverAdded",
	    [EVENT_APPROVER_REMOVED] = "ApproverRemoved",
	    [EVENT_RECORDER_ADDED] = "AuthorizedRecorderAdded",
	    [EVENT_RECORDER_REMOVED] = "AuthorizedRecorderRemoved",
	};

	return kind >= 0 && kind < EVENT_KINDS ? names[kind] : NULL;
}

bool event_kind_parse(enum event_kind *out, const char *name)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		const char *known = event_kind_name(kind);

		if (known && strcmp(known, name) == 0) {
			*out = (enum event_kind)kind;
			return true;
		}
	}
	return false;
}

enum event_family event_family(enum event_kind kind)
{
	if (kind >= EVENT_CONTRACT_PAUSED)
		return FAMILY_CONTRACT;
	if (kind >= EVENT_MINT || kind == EVENT_TRANSFER)
		return FAMILY_TOKEN;
	if (kind >= EVENT_TASK_RECORDED)
		return FAMILY_REPUTATION;
	return kind >= EVENT_LOAN_REQUESTED ? FAMILY_LOANS : FAMILY_STREAMS;
}

struct u256 event_subject(const struct event *event)
{
	switch (event_family(event->kind)) {
	case FAMILY_STREAMS:
	case FAMILY_LOANS:
		return event->id;
	case FAMILY_REPUTATION:
		return u256_from_be(event->worker.b, sizeof(event->worker.b));
	case FAMILY_TOKEN:
	case FAMILY_CONTRACT:
		break;
	}
	return u256_from_be(event->account.b, sizeof(event->account.b));
}
