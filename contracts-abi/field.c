#include "contracts-abi/field.h"

#include <string.h>

#define FIELDS(X)                                                              \
	X(id)                                                                  \
	X(from)                                                                \
	X(to)                                                                  \
	X(worker)                                                              \
	X(platform)                                                            \
	X(by)                                                                  \
	X(account)                                                             \
	X(amount)                                                              \
	X(total_released)                                                      \
	X(remaining)                                                           \
	X(fee_bps)                                                             \
	X(duration)                                                            \
	X(release_interval)                                                    \
	X(start)                                                               \
	X(end)                                                                 \
	X(on_time)                                                             \
	X(rating)                                                              \
	X(severity)                                                            \
	X(points_lost)                                                         \
	X(new_score)

/* The type follows from the member, so that the two cannot disagree. */
#define TYPE_OF(member)                                                        \
	_Generic(((struct event *)0)->member, struct address                   \
		 : FIELD_ADDRESS, struct u256                                  \
		 : FIELD_NUMBER, bool                                          \
		 : FIELD_FLAG)
#define FIELD(member)                                                          \
	{#member, TYPE_OF(member), offsetof(struct event, member)},

const struct event_field event_fields[EVENT_FIELDS] = {FIELDS(FIELD)};

#define INDEX(member) AT_##member,
enum { FIELDS(INDEX) AT_END };
_Static_assert(AT_END == EVENT_FIELDS, "EVENT_FIELDS counts them");

#define F(member) (UINT32_C(1) << AT_##member)

static const struct field_rule rules[EVENT_KINDS] = {
    [EVENT_TRANSFER] = {F(from) | F(to) | F(amount), 0},
    [EVENT_STREAM_CREATED] = {F(id) | F(worker) | F(platform) | F(amount),
			      F(duration) | F(end) | F(start) |
				  F(release_interval) | F(from)},
    [EVENT_PAYMENT_RELEASED] = {F(id) | F(amount) | F(total_released),
				F(worker)},
    [EVENT_EARNINGS_CLAIMED] = {F(id) | F(amount), F(worker) | F(to)},
    [EVENT_STREAM_PAUSED] = {F(id), F(by)},
    [EVENT_STREAM_RESUMED] = {F(id), F(by)},
    [EVENT_STREAM_CANCELLED] = {F(id) | F(amount), F(by)},
    [EVENT_STREAM_COMPLETED] = {F(id) | F(amount), 0},
    [EVENT_RECIPIENT_CHANGED] = {F(id) | F(to), F(from)},
    [EVENT_LOAN_REQUESTED] = {F(id) | F(worker) | F(amount), 0},
    [EVENT_LOAN_APPROVED] = {F(id) | F(amount) | F(fee_bps), 0},
    [EVENT_LOAN_DISBURSED] = {F(id) | F(worker) | F(amount), 0},
    [EVENT_REPAYMENT_MADE] = {F(id) | F(amount) | F(remaining), 0},
    [EVENT_LOAN_REPAID] = {F(id) | F(amount), 0},
    [EVENT_LOAN_DEFAULTED] = {F(id) | F(remaining), 0},
    [EVENT_LOAN_CANCELLED] = {F(id), 0},
    [EVENT_TASK_RECORDED] = {F(worker) | F(id) | F(on_time) | F(rating) |
				 F(new_score),
			     0},
    [EVENT_DISPUTE_RECORDED] = {F(worker) | F(id) | F(severity) |
				    F(points_lost) | F(new_score),
				0},
    [EVENT_MINT] = {F(from) | F(to) | F(amount), 0},
    [EVENT_BURN] = {F(from) | F(amount), 0},
    [EVENT_BLACKLISTED] = {F(account), 0},
    [EVENT_UNBLACKLISTED] = {F(account), 0},
    [EVENT_TOKEN_UPGRADED] = {F(account), 0},
    [EVENT_NATIVE_TRANSFER] = {F(from) | F(to) | F(amount), 0},
    [EVENT_NATIVE_MINTED] = {F(to) | F(amount), 0},
    [EVENT_NATIVE_BURNED] = {F(from) | F(amount), 0},
    [EVENT_CONTRACT_PAUSED] = {0, F(by)},
    [EVENT_CONTRACT_UNPAUSED] = {0, F(by)},
    [EVENT_OWNER_CHANGED] = {F(from) | F(to), 0},
    [EVENT_APPROVER_ADDED] = {F(account), 0},
    [EVENT_APPROVER_REMOVED] = {F(account), 0},
    [EVENT_RECORDER_ADDED] = {F(account), 0},
    [EVENT_RECORDER_REMOVED] = {F(account), 0},
};

struct field_rule field_rule(enum event_kind kind, unsigned traits)
{
	struct field_rule rule = rules[kind];
	uint32_t unknown = 0; /* to a stream without total and end */

	if (!(traits & TRAIT_OPEN_ENDED))
		return rule;
	if (kind == EVENT_STREAM_CREATED)
		unknown = F(amount) | F(duration) | F(end);
	else if (kind == EVENT_STREAM_CANCELLED)
		unknown = F(amount);
	rule.needs &= ~unknown;
	rule.may &= ~unknown;
	return rule;
}

uint32_t field_bit(const char *name)
{
	for (size_t i = 0; i < EVENT_FIELDS; i++)
		if (strcmp(event_fields[i].name, name) == 0)
			return UINT32_C(1) << i;
	return 0;
}

bool field_is_amount(const struct event_field *field)
{
	const uint32_t amounts = F(amount) | F(total_released) | F(remaining);

	return (amounts >> (field - event_fields)) & 1;
}
