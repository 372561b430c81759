#include "contracts-abi/mapping.h"

#include <string.h>

#include "embedded/abis.h"
#include "tests/fuzz/fuzz.h"

/* Reads: the text of a mapping, which may name any ABI that we ship; after a
 * NUL, the words of a log, or of an answer.
 *
 * Holds: a mapping that is read has a name, and entries of which each fills
 * what its kind needs from words that its event has; parts follow one another;
 * and an event that is made of any words is of that kind and of the mapping's
 * traits, or the log is not ours, or a sentence says why not. Getters are of a
 * family that the events are of, ask functions that take one word, each once and
 * for something, and read words of what these return; an answer is taken only
 * into the places that they name. */

static enum err shipped(void *arg, const char *name, struct arena *arena,
			struct bytes *text, struct fault *fault)
{
	(void)arg;
	(void)arena;
	for (const struct embedded *f = embedded_abis; f->name; f++) {
		size_t len = strlen(f->name);

		if (strncmp(f->name, name, len) != 0 ||
		    strcmp(name + len, ".json") != 0)
			continue;
		*text = (struct bytes){(const uint8_t *)f->text, f->len};
		return OK;
	}
	return fault_set(fault, ERR_SYNTAX, "no such ABI");
}

static uint32_t filled(const struct mapping_entry *entry)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < entry->n_fields; i++) {
		const struct mapping_field *field = &entry->fields[i];
		uint32_t bit = field_bit(field->field->name);

		CHECK(bit != 0 && !(bits & bit));
		CHECK(field->from != FROM_PARAM ||
		      (field->param < entry->event->n_params &&
		       abi_is_word(&entry->event->params[field->param])));
		bits |= bit;
	}
	return bits;
}

static void check_entry(const struct mapping *mapping,
			const struct mapping_entry *entry)
{
	struct field_rule rule = field_rule(entry->kind, mapping->traits);
	uint32_t bits = filled(entry);

	CHECK(event_kind_name(entry->kind));
	CHECK((bits & rule.needs) == rule.needs);
	CHECK((bits & ~(rule.needs | rule.may)) == 0);
	CHECK(entry->part < MAPPING_MAX_PARTS);
	for (size_t i = 0; i < entry->n_conditions; i++)
		CHECK(entry->conditions[i].param < entry->event->n_params);
	if (entry->next) {
		CHECK(entry->next->event == entry->event);
		CHECK(entry->next->part == entry->part + 1);
	}
}

static void check_event(const struct mapping *mapping,
			const struct mapping_entry *entry,
			const struct hash *words)
{
	const struct address contract = {{1}}, token = {{2}};
	const char *why = NULL;
	struct event event;
	enum err err = mapping_apply(&event, mapping, entry, words, &contract,
				     &token, &why);

	CHECK(err == OK || err == ERR_MISSING || err == ERR_RANGE);
	CHECK((err == ERR_RANGE) == (why != NULL));
	CHECK(err != ERR_MISSING || entry->n_conditions > 0);
	if (err != OK)
		return;
	CHECK(event.kind == entry->kind && event.part == entry->part);
	CHECK(event.traits == mapping->traits && event.money == entry->money);
}

static bool has_family(const struct mapping *mapping, enum event_family family)
{
	for (size_t i = 0; i < mapping->n_entries; i++)
		if (event_family(mapping->entries[i].kind) == family)
			return true;
	return false;
}

static void check_getters(const struct mapping *mapping,
			  const struct getters *g)
{
	bool used[GETTER_FIELDS] = {false};

	CHECK(has_family(mapping, g->family));
	CHECK(g->n > 0 && g->n <= GETTER_FIELDS);
	for (size_t i = 0; i < g->n; i++) {
		const struct getter *getter = &g->all[i];
		const struct abi_function *f;

		CHECK(getter->function < g->n_functions);
		f = g->functions[getter->function];
		CHECK(getter->result < f->n_results);
		CHECK(abi_is_word(&f->results[getter->result]));
		CHECK(getter->more_decimals == 0 ||
		      getter->field->type == GETTER_AMOUNT);
		CHECK(getter->field->type != GETTER_STATUS ||
		      g->n_statuses > 0);
		used[getter->function] = true;
	}
	for (size_t i = 0; i < g->n_functions; i++)
		CHECK(used[i] && !g->functions[i]->unreadable &&
		      g->functions[i]->inputs.len == 32);
	if (g->count)
		CHECK(g->count_result < g->count->n_results &&
		      g->count->inputs.n == 0);
}

static void check_answers(const struct getters *g, const void *data, size_t len)
{
	for (size_t i = 0; i < g->n_functions; i++) {
		size_t wanted = g->functions[i]->outputs.len;
		struct bytes answer = {data, len < wanted ? len : wanted};
		struct getters_said said = {.status = NULL};
		const char *why = NULL;
		enum err err = getters_take(&said, g, i, answer, &why);

		CHECK((err == OK) == (why == NULL));
		for (size_t k = 0; k < g->n; k++)
			CHECK(!said.has[k] || g->all[k].function == i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	struct bytes text = {data, end ? (size_t)(end - data) : size};
	struct input rest = {data + text.len, size - text.len};
	struct arena *arena = fuzz_arena();
	struct hash words[ABI_MAX_PARAMS];
	struct mapping mapping = {0};
	struct fault fault = {0};
	enum err err = mapping_parse(&mapping, arena, "fuzzed", text, shipped,
				     NULL, &fault);

	if (err != OK) {
		check_fault(err, &fault);
		CHECK(!mapping.entries);
	} else {
		CHECK(mapping.name && mapping.n_entries > 0);
	}
	(void)input_byte(&rest);
	input_take(&rest, words, sizeof(words));
	for (size_t i = 0; i < mapping.n_entries; i++) {
		check_entry(&mapping, &mapping.entries[i]);
		check_event(&mapping, &mapping.entries[i], words);
	}
	if (mapping.getters) {
		check_getters(&mapping, mapping.getters);
		check_answers(mapping.getters, words, sizeof(words));
	}
	arena_free(arena);
	return 0;
}
