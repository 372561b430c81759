#include "contracts-abi/catalog.h"

#include "contracts-abi/abi.h"
#include "embedded/abis.h"
#include <stdlib.h>
#include <string.h>

/* Which field of struct event a parameter of a contract's event becomes. An
 * event that is not here is not followed; one that is, has all its parameters
 * here. A new contract is its ABI JSON beside this file and its lines here. */
struct meaning {
	const char *abi, *event, *param;
	enum event_kind kind;
	enum abi_kind type;
	size_t offset;
};

/* clang-format off */
/* The type follows from the field, so that the two cannot disagree. */
#define TYPE_OF(field_)							\
	_Generic(((struct event *)0)->field_,				\
		 struct address: ABI_ADDRESS, struct u256: ABI_UINT,		\
		 bool: ABI_BOOL)
#define MEANS(abi_, event_, param_, kind_, field_)			\
	{abi_, event_, param_, kind_, TYPE_OF(field_),			\
	 offsetof(struct event, field_)}
#define USDC(...) MEANS("USDC", __VA_ARGS__)
#define NATIVE(...) MEANS("NativeCoin", __VA_ARGS__)
#define STREAMS(...) MEANS("PaymentStreaming", __VA_ARGS__)
#define LOANS(...) MEANS("MicroLoan", __VA_ARGS__)
#define REPUTATION(...) MEANS("ReputationLedger", __VA_ARGS__)

static const struct meaning meanings[] = {
	USDC("Transfer", "from", EVENT_TRANSFER, from),
	USDC("Transfer", "to", EVENT_TRANSFER, to),
	USDC("Transfer", "value", EVENT_TRANSFER, amount),

	NATIVE("Transfer", "from", EVENT_NATIVE_TRANSFER, from),
	NATIVE("Transfer", "to", EVENT_NATIVE_TRANSFER, to),
	NATIVE("Transfer", "value", EVENT_NATIVE_TRANSFER, amount),

	NATIVE("NativeCoinTransferred", "from", EVENT_NATIVE_TRANSFER, from),
	NATIVE("NativeCoinTransferred", "to", EVENT_NATIVE_TRANSFER, to),
	NATIVE("NativeCoinTransferred", "amount", EVENT_NATIVE_TRANSFER, amount),

	NATIVE("NativeCoinMinted", "recipient", EVENT_NATIVE_MINTED, to),
	NATIVE("NativeCoinMinted", "amount", EVENT_NATIVE_MINTED, amount),

	NATIVE("NativeCoinBurned", "from", EVENT_NATIVE_BURNED, from),
	NATIVE("NativeCoinBurned", "amount", EVENT_NATIVE_BURNED, amount),

	STREAMS("StreamCreated", "streamId", EVENT_STREAM_CREATED, id),
	STREAMS("StreamCreated", "worker", EVENT_STREAM_CREATED, worker),
	STREAMS("StreamCreated", "platform", EVENT_STREAM_CREATED, platform),
	STREAMS("StreamCreated", "totalAmount", EVENT_STREAM_CREATED, amount),
	STREAMS("StreamCreated", "duration", EVENT_STREAM_CREATED, duration),
	STREAMS("StreamCreated", "releaseInterval", EVENT_STREAM_CREATED,
		release_interval),

	STREAMS("PaymentReleased", "streamId", EVENT_PAYMENT_RELEASED,
		id),
	STREAMS("PaymentReleased", "worker", EVENT_PAYMENT_RELEASED, worker),
	STREAMS("PaymentReleased", "amount", EVENT_PAYMENT_RELEASED, amount),
	STREAMS("PaymentReleased", "totalReleased", EVENT_PAYMENT_RELEASED,
		total_released),

	STREAMS("EarningsClaimed", "streamId", EVENT_EARNINGS_CLAIMED,
		id),
	STREAMS("EarningsClaimed", "worker", EVENT_EARNINGS_CLAIMED, worker),
	STREAMS("EarningsClaimed", "amount", EVENT_EARNINGS_CLAIMED, amount),

	STREAMS("StreamPaused", "streamId", EVENT_STREAM_PAUSED, id),
	STREAMS("StreamPaused", "by", EVENT_STREAM_PAUSED, by),

	STREAMS("StreamResumed", "streamId", EVENT_STREAM_RESUMED, id),
	STREAMS("StreamResumed", "by", EVENT_STREAM_RESUMED, by),

	STREAMS("StreamCancelled", "streamId", EVENT_STREAM_CANCELLED,
		id),
	STREAMS("StreamCancelled", "by", EVENT_STREAM_CANCELLED, by),
	STREAMS("StreamCancelled", "refundAmount", EVENT_STREAM_CANCELLED,
		amount),

	STREAMS("StreamCompleted", "streamId", EVENT_STREAM_COMPLETED,
		id),
	STREAMS("StreamCompleted", "totalPaid", EVENT_STREAM_COMPLETED, amount),

	LOANS("LoanRequested", "loanId", EVENT_LOAN_REQUESTED, id),
	LOANS("LoanRequested", "worker", EVENT_LOAN_REQUESTED, worker),
	LOANS("LoanRequested", "requestedAmount", EVENT_LOAN_REQUESTED, amount),

	LOANS("LoanApproved", "loanId", EVENT_LOAN_APPROVED, id),
	LOANS("LoanApproved", "approvedAmount", EVENT_LOAN_APPROVED, amount),
	LOANS("LoanApproved", "feeRateBps", EVENT_LOAN_APPROVED, fee_bps),

	LOANS("LoanDisbursed", "loanId", EVENT_LOAN_DISBURSED, id),
	LOANS("LoanDisbursed", "worker", EVENT_LOAN_DISBURSED, worker),
	LOANS("LoanDisbursed", "amount", EVENT_LOAN_DISBURSED, amount),

	LOANS("RepaymentMade", "loanId", EVENT_REPAYMENT_MADE, id),
	LOANS("RepaymentMade", "amount", EVENT_REPAYMENT_MADE, amount),
	LOANS("RepaymentMade", "remainingBalance", EVENT_REPAYMENT_MADE, remaining),

	LOANS("LoanRepaid", "loanId", EVENT_LOAN_REPAID, id),
	LOANS("LoanRepaid", "totalRepaid", EVENT_LOAN_REPAID, amount),

	LOANS("LoanDefaulted", "loanId", EVENT_LOAN_DEFAULTED, id),
	LOANS("LoanDefaulted", "remainingBalance", EVENT_LOAN_DEFAULTED, remaining),

	LOANS("LoanCancelled", "loanId", EVENT_LOAN_CANCELLED, id),

	REPUTATION("TaskRecorded", "worker", EVENT_TASK_RECORDED, worker),
	REPUTATION("TaskRecorded", "taskId", EVENT_TASK_RECORDED, id),
	REPUTATION("TaskRecorded", "onTime", EVENT_TASK_RECORDED, on_time),
	REPUTATION("TaskRecorded", "rating", EVENT_TASK_RECORDED, rating),
	REPUTATION("TaskRecorded", "newScore", EVENT_TASK_RECORDED, new_score),

	REPUTATION("DisputeRecorded", "worker", EVENT_DISPUTE_RECORDED, worker),
	REPUTATION("DisputeRecorded", "taskId", EVENT_DISPUTE_RECORDED, id),
	REPUTATION("DisputeRecorded", "severity", EVENT_DISPUTE_RECORDED, severity),
	REPUTATION("DisputeRecorded", "pointsLost", EVENT_DISPUTE_RECORDED, points_lost),
	REPUTATION("DisputeRecorded", "newScore", EVENT_DISPUTE_RECORDED, new_score),
};
/* clang-format on */

/* The ABIs we ship, and their files without the ending. */
static const struct {
	const char *name, *file;
} shipped[] = {
    {"USDC", "usdc"},
    {"PaymentStreaming", "payment-streaming"},
    {"MicroLoan", "micro-loan"},
    {"ReputationLedger", "reputation-ledger"},
    {"NativeCoin", "native-coin"},
};

#define N_SHIPPED (sizeof(shipped) / sizeof(shipped[0]))
#define N_MEANINGS (sizeof(meanings) / sizeof(meanings[0]))

/* An event we follow: its meanings, in the order of its parameters. */
struct followed {
	const char *abi;
	enum event_kind kind;
	const struct abi_event *event;
	const struct meaning *params[ABI_MAX_PARAMS];
};

#define ABI_MEMORY (4 << 20)

struct catalog {
	struct arena *arena; /* holds the events and what they point to */
	struct followed *followed;
	size_t n_followed, room_followed;
	/* Sorted by address, then topic0; spoken[i] belongs to interests[i]. */
	struct catalog_interest *interests;
	const struct followed **spoken;
	size_t n_interests;
};

static const struct meaning *meaning_of(const char *abi, const char *event,
					const char *param)
{
	for (size_t i = 0; i < N_MEANINGS; i++) {
		const struct meaning *m = &meanings[i];

		if (strcmp(m->abi, abi) == 0 && strcmp(m->event, event) == 0 &&
		    (!param || strcmp(m->param, param) == 0))
			return m;
	}
	return NULL;
}

/* ERR_BUG: the table above and the JSON beside it disagree. */
static enum err follow_event(struct catalog *catalog, const char *abi,
			     const struct abi_event *event, struct fault *fault)
{
	struct followed new = {.abi = abi, .event = event};
	struct followed *grown;

	for (size_t i = 0; i < event->n_params; i++) {
		const struct abi_param *param = &event->params[i];
		const struct meaning *m =
		    meaning_of(abi, event->name, param->name);

		if (!m || (i > 0 && m->kind != new.kind) ||
		    m->type != param->type.kind)
			return fault_set(fault, ERR_BUG,
					 "%s %s: no field for parameter %s",
					 abi, event->name, param->name);
		new.params[i] = m;
		new.kind = m->kind;
	}
	grown =
	    arena_grow(catalog->arena, catalog->followed, catalog->n_followed,
		       &catalog->room_followed, sizeof(new));
	if (!grown)
		return fault_set(fault, ERR_NOMEM, "reading ABI %s: %s", abi,
				 err_text(ERR_NOMEM));
	catalog->followed = grown;
	catalog->followed[catalog->n_followed++] = new;
	return OK;
}

static const struct embedded *file_named(const char *name)
{
	for (const struct embedded *file = embedded_abis; file->name; file++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}

static enum err read_abi(struct catalog *catalog, const char *name,
			 const char *file_name, struct fault *fault)
{
	const struct embedded *file = file_named(file_name);
	struct abi abi;
	enum err err;

	if (!file)
		return fault_set(fault, ERR_BUG, "no file %s.json for ABI %s",
				 file_name, name);
	err =
	    abi_parse(&abi, catalog->arena, name, file->text, file->len, fault);
	for (size_t i = 0; !err && i < abi.n_events; i++)
		if (meaning_of(name, abi.events[i].name, NULL))
			err =
			    follow_event(catalog, name, &abi.events[i], fault);
	return err;
}

enum err catalog_new(struct catalog **out, struct fault *fault)
{
	struct catalog *catalog = calloc(1, sizeof(*catalog));
	enum err err = OK;

	if (catalog)
		catalog->arena = arena_new(ABI_MEMORY);
	if (!catalog || !catalog->arena) {
		catalog_free(catalog);
		return fault_set(fault, ERR_NOMEM, "reading the ABIs: %s",
				 err_text(ERR_NOMEM));
	}
	for (size_t i = 0; !err && i < N_SHIPPED; i++)
		err =
		    read_abi(catalog, shipped[i].name, shipped[i].file, fault);
	if (err) {
		catalog_free(catalog);
		return err;
	}
	*out = catalog;
	return OK;
}

void catalog_free(struct catalog *catalog)
{
	if (!catalog)
		return;
	free(catalog->interests);
	free(catalog->spoken);
	arena_free(catalog->arena);
	free(catalog);
}

static int interest_cmp(const struct catalog_interest *a,
			const struct address *address,
			const struct hash *topic0)
{
	int order = address_cmp(&a->address, address);

	return order ? order : hash_cmp(&a->topic0, topic0);
}

/* The first interest that is not below (address, topic0). */
static size_t lower_bound(const struct catalog *catalog,
			  const struct address *address,
			  const struct hash *topic0)
{
	size_t low = 0, high = catalog->n_interests;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (interest_cmp(&catalog->interests[middle], address, topic0) <
		    0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The caller has made room for one more. */
static void insert(struct catalog *catalog, const struct address *address,
		   const struct followed *followed)
{
	const struct hash *topic0 = &followed->event->topic0;
	size_t at = lower_bound(catalog, address, topic0);
	size_t above = catalog->n_interests - at;

	memmove(&catalog->interests[at + 1], &catalog->interests[at],
		above * sizeof(catalog->interests[0]));
	memmove(&catalog->spoken[at + 1], &catalog->spoken[at],
		above * sizeof(catalog->spoken[0]));
	catalog->interests[at] = (struct catalog_interest){*address, *topic0};
	catalog->spoken[at] = followed;
	catalog->n_interests++;
}

static enum err make_room(struct catalog *catalog, size_t more)
{
	size_t n = catalog->n_interests + more;
	struct catalog_interest *interests;
	const struct followed **spoken;

	interests = reallocarray(catalog->interests, n, sizeof(*interests));
	if (!interests)
		return ERR_NOMEM;
	catalog->interests = interests;
	spoken = reallocarray(catalog->spoken, n, sizeof(*spoken));
	if (!spoken)
		return ERR_NOMEM;
	catalog->spoken = spoken;
	return OK;
}

static bool is_known(const struct catalog *catalog,
		     const struct address *address)
{
	static const struct hash lowest;
	size_t at = lower_bound(catalog, address, &lowest);

	return at < catalog->n_interests &&
	       address_eq(&catalog->interests[at].address, address);
}

enum err catalog_add(struct catalog *catalog, const struct address *address,
		     const char *abi, struct fault *fault)
{
	char text[ADDRESS_TEXT_SIZE];
	size_t n = 0;

	for (size_t i = 0; i < catalog->n_followed; i++)
		n += strcmp(catalog->followed[i].abi, abi) == 0;
	if (n == 0)
		return fault_set(fault, ERR_MISSING,
				 "no ABI named \"%s\" is known; use %s, %s, "
				 "%s or %s",
				 abi, shipped[0].name, shipped[1].name,
				 shipped[2].name, shipped[3].name);
	if (is_known(catalog, address))
		return fault_set(fault, ERR_CONFLICT,
				 "contract %s is configured twice: name it "
				 "once",
				 address_checksum(text, address));
	if (make_room(catalog, n))
		return fault_set(fault, ERR_NOMEM, "adding contract %s: %s",
				 address_checksum(text, address),
				 err_text(ERR_NOMEM));
	for (size_t i = 0; i < catalog->n_followed; i++)
		if (strcmp(catalog->followed[i].abi, abi) == 0)
			insert(catalog, address, &catalog->followed[i]);
	return OK;
}

size_t catalog_interests(const struct catalog *catalog,
			 const struct catalog_interest **out)
{
	*out = catalog->interests;
	return catalog->n_interests;
}

static const struct followed *find(const struct catalog *catalog,
				   const struct raw_log *log)
{
	size_t at;

	if (log->n_topics == 0)
		return NULL;
	at = lower_bound(catalog, &log->address, &log->topics[0]);
	if (at == catalog->n_interests ||
	    interest_cmp(&catalog->interests[at], &log->address,
			 &log->topics[0]) != 0)
		return NULL;
	return catalog->spoken[at];
}

static void set_field(struct event *event, const struct meaning *meaning,
		      const struct hash *word)
{
	void *field = (char *)event + meaning->offset;
	struct u256 number;

	switch (meaning->type) {
	case ABI_ADDRESS:
		memcpy(field, word->b + 12, sizeof(struct address));
		break;
	case ABI_BOOL:
		*(bool *)field = word->b[31];
		break;
	case ABI_UINT:
	case ABI_INT:
	case ABI_BYTES:
		number = u256_from_be(word->b, sizeof(word->b));
		memcpy(field, &number, sizeof(number));
		break;
	}
}

enum catalog_match catalog_decode(const struct catalog *catalog,
				  const struct raw_log *log,
				  struct event *event, const char **why)
{
	const struct followed *followed = find(catalog, log);
	struct hash words[ABI_MAX_PARAMS];

	if (!followed)
		return CATALOG_NOT_OURS;
	if (abi_decode(followed->event, log->topics, log->n_topics, log->data,
		       words, why) != OK)
		return CATALOG_MALFORMED;
	*event = (struct event){.kind = followed->kind};
	for (size_t i = 0; i < followed->event->n_params; i++)
		set_field(event, followed->params[i], &words[i]);
	return CATALOG_EVENT;
}
