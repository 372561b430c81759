#include "contracts-abi/getters.h"

#include "contracts-abi/word.h"

static const struct getter_field of_streams[] = {
    {"worker", GETTER_WALLET, 0},
    {"platform", GETTER_WALLET, 1},
    {"total", GETTER_AMOUNT, 0},
    {"released", GETTER_AMOUNT, 1},
    {"claimed", GETTER_AMOUNT, 2},
    {"status", GETTER_STATUS, 0},
    {.name = NULL},
};

static const struct getter_field of_loans[] = {
    {"worker", GETTER_WALLET, 0},   {"requested", GETTER_AMOUNT, 0},
    {"approved", GETTER_AMOUNT, 1}, {"fee", GETTER_AMOUNT, 2},
    {"owed", GETTER_AMOUNT, 3},	    {"repaid", GETTER_AMOUNT, 4},
    {"status", GETTER_STATUS, 0},   {.name = NULL},
};

const struct getter_field *getter_fields(enum event_family family)
{
	return family == FAMILY_LOANS ? of_loans : of_streams;
}

const char *const *getter_statuses(enum event_family family)
{
	static const char *const streams[] = {"active", "paused", "completed",
					      "cancelled", NULL};
	static const char *const loans[] = {
	    "pending", "approved",  "disbursed", "repaying",
	    "repaid",  "defaulted", "cancelled", NULL};

	return family == FAMILY_LOANS ? loans : streams;
}

/* Sets *has, unless it is a status that says nothing. NULL: done. */
static const char *take(struct getters_said *said, bool *has,
			const struct getters *getters,
			const struct getter *getter, const struct hash *word)
{
	const size_t place = getter->field->place;
	const struct u256 number = u256_from_be(word->b, sizeof(word->b));
	uint64_t status;

	*has = true;
	switch (getter->field->type) {
	case GETTER_WALLET:
		said->wallets[place] = word_address(word);
		return NULL;
	case GETTER_AMOUNT:
		return word_amount(&said->amounts[place], word,
				   getter->more_decimals)
			   ? NULL
			   : "an amount exceeds 256 bits in our unit";
	case GETTER_STATUS:
		break;
	}
	if (!u256_to_u64(&status, &number) || status >= getters->n_statuses)
		return "its status is none of the mapping's \"statuses\"";
	said->status = getters->statuses[status];
	*has = said->status;
	return NULL;
}

enum err getters_take(struct getters_said *said, const struct getters *getters,
		      size_t i, struct bytes answer, const char **why)
{
	struct hash words[ABI_MAX_PARAMS];
	const char *wrong = NULL;

	if (abi_decode_answer(getters->functions[i], answer, words, why) != OK)
		return ERR_SYNTAX;
	for (size_t k = 0; k < getters->n && !wrong; k++) {
		const struct getter *g = &getters->all[k];

		if (g->function == i)
			wrong = take(said, &said->has[k], getters, g,
				     &words[g->result]);
	}
	if (wrong)
		*why = wrong;
	return wrong ? ERR_SYNTAX : OK;
}

bool getters_take_count(struct u256 *out, const struct getters *getters,
			struct bytes answer)
{
	struct hash words[ABI_MAX_PARAMS];
	const char *why;

	if (abi_decode_answer(getters->count, answer, words, &why) != OK)
		return false;
	*out = u256_from_be(words[getters->count_result].b, sizeof(words[0].b));
	return true;
}
