#include "db/rows.h"

#include <string.h>

static const char *const task_types[TASK_TYPES] = {
    [TASK_FIXED] = "fixed",
    [TASK_TIME_BASED] = "time_based",
    [TASK_MILESTONE] = "milestone",
};

static const char *const task_statuses[TASK_STATUSES] = {
    [TASK_CREATED] = "created",		[TASK_ASSIGNED] = "assigned",
    [TASK_IN_PROGRESS] = "in_progress", [TASK_COMPLETED] = "completed",
    [TASK_DISPUTED] = "disputed",	[TASK_CANCELLED] = "cancelled",
};

static const char *const stream_statuses[STREAM_STATUSES] = {
    [STREAM_ACTIVE] = "active",
    [STREAM_PAUSED] = "paused",
    [STREAM_COMPLETED] = "completed",
    [STREAM_CANCELLED] = "cancelled",
};

static const char *const loan_statuses[LOAN_STATUSES] = {
    [LOAN_PENDING] = "pending",	    [LOAN_APPROVED] = "approved",
    [LOAN_DISBURSED] = "disbursed", [LOAN_ACTIVE] = "active",
    [LOAN_REPAYING] = "repaying",   [LOAN_REPAID] = "repaid",
    [LOAN_DEFAULTED] = "defaulted", [LOAN_CANCELLED] = "cancelled",
};

static const char *const transaction_types[TRANSACTION_TYPES] = {
    [TYPE_PAYOUT] = "payout", [TYPE_ADVANCE] = "advance",
    [TYPE_REFUND] = "refund", [TYPE_REPAYMENT] = "repayment",
    [TYPE_FEE] = "fee",
};

static const char *const transaction_statuses[TRANSACTION_STATUSES] = {
    [STATUS_PENDING] = "pending",     [STATUS_SUBMITTED] = "submitted",
    [STATUS_CONFIRMED] = "confirmed", [STATUS_FAILED] = "failed",
    [STATUS_CANCELLED] = "cancelled",
};

static const char *const transfer_roles[TRANSFER_ROLES] = {
    [ROLE_PLAIN] = "plain",
    [ROLE_ESCROW] = "escrow",
    [ROLE_CLAIM] = "claim",
    [ROLE_CANCEL_PAYOUT] = "cancel_payout",
    [ROLE_CANCEL_REFUND] = "cancel_refund",
    [ROLE_ADVANCE] = "advance",
    [ROLE_REPAYMENT] = "repayment",
};

/* The index of name in names, -1 if it is not there. */
static int index_of(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *task_type_name(enum task_type type)
{
	return task_types[type];
}

const char *task_status_name(enum task_status status)
{
	return task_statuses[status];
}

const char *stream_status_name(enum stream_status status)
{
	return stream_statuses[status];
}

const char *loan_status_name(enum loan_status status)
{
	return loan_statuses[status];
}

const char *transaction_type_name(enum transaction_type type)
{
	return transaction_types[type];
}

const char *transaction_status_name(enum transaction_status status)
{
	return transaction_statuses[status];
}

const char *transfer_role_name(enum transfer_role role)
{
	return transfer_roles[role];
}

bool task_type_parse(enum task_type *out, const char *name)
{
	int i = index_of(task_types, TASK_TYPES, name);

	if (i >= 0)
		*out = (enum task_type)i;
	return i >= 0;
}

bool task_status_parse(enum task_status *out, const char *name)
{
	int i = index_of(task_statuses, TASK_STATUSES, name);

	if (i >= 0)
		*out = (enum task_status)i;
	return i >= 0;
}

bool stream_status_parse(enum stream_status *out, const char *name)
{
	int i = index_of(stream_statuses, STREAM_STATUSES, name);

	if (i >= 0)
		*out = (enum stream_status)i;
	return i >= 0;
}

bool loan_status_parse(enum loan_status *out, const char *name)
{
	int i = index_of(loan_statuses, LOAN_STATUSES, name);

	if (i >= 0)
		*out = (enum loan_status)i;
	return i >= 0;
}

bool transaction_type_parse(enum transaction_type *out, const char *name)
{
	int i = index_of(transaction_types, TRANSACTION_TYPES, name);

	if (i >= 0)
		*out = (enum transaction_type)i;
	return i >= 0;
}

bool transaction_status_parse(enum transaction_status *out, const char *name)
{
	int i = index_of(transaction_statuses, TRANSACTION_STATUSES, name);

	if (i >= 0)
		*out = (enum transaction_status)i;
	return i >= 0;
}

bool transfer_role_parse(enum transfer_role *out, const char *name)
{
	int i = index_of(transfer_roles, TRANSFER_ROLES, name);

	if (i >= 0)
		*out = (enum transfer_role)i;
	return i >= 0;
}

bool object_is_none(const struct object_ref *ref)
{
	return address_is_zero(&ref->contract);
}

int object_cmp(const struct object_ref *a, const struct object_ref *b)
{
	int c = address_cmp(&a->contract, &b->contract);

	return c ? c : u256_cmp(&a->id, &b->id);
}

int place_cmp(const struct place *a, const struct place *b)
{
	if (a->block_number != b->block_number)
		return a->block_number < b->block_number ? -1 : 1;
	if (a->log_index != b->log_index)
		return a->log_index < b->log_index ? -1 : 1;
	return 0;
}
