#include "contracts-abi/mapping.h"

#include <string.h>

static struct address address_of(const struct hash *word)
{
	struct address address;

	memcpy(address.b, word->b + sizeof(*word) - sizeof(address.b),
	       sizeof(address.b));
	return address;
}

static bool holds(const struct mapping_condition *condition,
		  const struct hash *words, const struct address *token)
{
	static const struct hash zero;
	const struct hash *word = &words[condition->param];
	struct address address = address_of(word);

	return condition->is_token ? address_eq(&address, token)
				   : !hash_eq(word, &zero);
}

/* From their unit to ours. What is below one of ours is left out: nobody can
 * pay it. */
static bool scale(struct u256 *amount, int more_decimals)
{
	uint64_t factor = 1;

	for (int i = 0; i < more_decimals || i < -more_decimals; i++)
		factor *= 10;
	if (more_decimals < 0)
		return u256_mul_u64(amount, amount, factor);
	*amount = u256_div_u64(amount, factor, NULL);
	return true;
}

static bool set_number(struct u256 *out, const struct mapping_field *field,
		       const struct hash *words)
{
	const struct hash *word = &words[field->param];

	if (field->from == FROM_NUMBER) {
		*out = field->number;
		return true;
	}
	*out = u256_from_be(word->b, sizeof(word->b));
	return scale(out, field->more_decimals);
}

static bool set_field(struct event *event, const struct mapping_field *field,
		      const struct hash *words, const struct address *contract)
{
	void *member = (char *)event + field->field->offset;

	switch (field->field->type) {
	case FIELD_ADDRESS:
		*(struct address *)member =
		    field->from == FROM_CONTRACT
			? *contract
			: address_of(&words[field->param]);
		return true;
	case FIELD_FLAG:
		*(bool *)member = words[field->param].b[31];
		return true;
	case FIELD_NUMBER:
		break;
	}
	return set_number(member, field, words);
}

enum err mapping_apply(struct event *out, const struct mapping *mapping,
		       const struct mapping_entry *entry,
		       const struct hash words[ABI_MAX_PARAMS],
		       const struct address *contract,
		       const struct address *token, const char **why)
{
	struct event event = {
	    .kind = entry->kind,
	    .part = entry->part,
	    .traits = mapping->traits,
	    .money = entry->money,
	};

	for (size_t i = 0; i < entry->n_conditions; i++)
		if (!holds(&entry->conditions[i], words, token))
			return ERR_MISSING;
	for (size_t i = 0; i < entry->n_fields; i++)
		if (!set_field(&event, &entry->fields[i], words, contract)) {
			*why = "an amount exceeds 256 bits in our unit";
			return ERR_RANGE;
		}
	*out = event;
	return OK;
}
