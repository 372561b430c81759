#include "contracts-abi/mapping.h"

#include "contracts-abi/word.h"

static bool holds(const struct mapping_condition *condition,
		  const struct hash *words, const struct address *token)
{
	static const struct hash zero;
	const struct hash *word = &words[condition->param];
	struct address address = word_address(word);

	return condition->is_token ? address_eq(&address, token)
				   : !hash_eq(word, &zero);
}

static bool set_number(struct u256 *out, const struct mapping_field *field,
		       const struct hash *words)
{
	if (field->from == FROM_NUMBER) {
		*out = field->number;
		return true;
	}
	return word_amount(out, &words[field->param], field->more_decimals);
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
			: word_address(&words[field->param]);
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
