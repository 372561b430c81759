#include "contracts-abi/catalog.h"

#include "common/nearest.h"
#include "contracts-abi/mapping_load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOG_MEMORY (16 << 20)
_Static_assert(MAPPING_MAX_PARTS == CATALOG_MAX_EVENTS,
	       "each part of an event has its place");

/* What an address says with a topic0. */
struct meaning {
	const struct mapping *mapping;
	const struct mapping_entry *entry; /* the first of its event */
};

struct catalog {
	struct arena *arena; /* holds the mappings and what they point to */
	const struct mapping *shipped;
	size_t n_shipped;
	struct address token; /* zero: none was added */
	/* Sorted by address, then topic0; meanings[i] belongs to
	 * interests[i]. */
	struct catalog_interest *interests;
	struct meaning *meanings;
	size_t n_interests;
};

enum err catalog_new(struct catalog **out, struct fault *fault)
{
	struct catalog *catalog = calloc(1, sizeof(*catalog));
	enum err err;

	if (catalog)
		catalog->arena = arena_new(CATALOG_MEMORY);
	if (!catalog || !catalog->arena) {
		catalog_free(catalog);
		return fault_set(fault, ERR_NOMEM, "reading the mappings: %s",
				 err_text(ERR_NOMEM));
	}
	err = mapping_load_shipped(&catalog->shipped, &catalog->n_shipped,
				   catalog->arena, fault);
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
	free(catalog->meanings);
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
		   struct meaning meaning)
{
	const struct hash *topic0 = &meaning.entry->event->topic0;
	size_t at = lower_bound(catalog, address, topic0);
	size_t above = catalog->n_interests - at;

	memmove(&catalog->interests[at + 1], &catalog->interests[at],
		above * sizeof(catalog->interests[0]));
	memmove(&catalog->meanings[at + 1], &catalog->meanings[at],
		above * sizeof(catalog->meanings[0]));
	catalog->interests[at] = (struct catalog_interest){*address, *topic0};
	catalog->meanings[at] = meaning;
	catalog->n_interests++;
}

static enum err make_room(struct catalog *catalog, size_t more)
{
	size_t n = catalog->n_interests + more;
	struct catalog_interest *interests;
	struct meaning *meanings;

	interests = reallocarray(catalog->interests, n, sizeof(*interests));
	if (!interests)
		return ERR_NOMEM;
	catalog->interests = interests;
	meanings = reallocarray(catalog->meanings, n, sizeof(*meanings));
	if (!meanings)
		return ERR_NOMEM;
	catalog->meanings = meanings;
	return OK;
}

/* The first interest of an address; NULL: it is not here. */
static const struct meaning *meaning_of(const struct catalog *catalog,
					const struct address *address)
{
	static const struct hash lowest;
	size_t at = lower_bound(catalog, address, &lowest);

	if (at == catalog->n_interests ||
	    !address_eq(&catalog->interests[at].address, address))
		return NULL;
	return &catalog->meanings[at];
}

static enum err no_such_mapping(const struct catalog *catalog, const char *name,
				struct fault *fault)
{
	struct nearest nearest;
	char all[256] = "";
	size_t len = 0;

	nearest_init(&nearest, name, strlen(name));
	for (size_t i = 0; i < catalog->n_shipped; i++) {
		const char *known = catalog->shipped[i].name;
		int n = snprintf(all + len, sizeof(all) - len, "%s%s",
				 i ? ", " : "", known);

		if (n > 0 && (size_t)n < sizeof(all) - len)
			len += (size_t)n;
		nearest_try(&nearest, known, strlen(known));
	}
	return fault_set(fault, ERR_USAGE,
			 "no ABI named \"%.64s\" is shipped%s%s%s; there are "
			 "%s, or write the path of a mapping (README, \"Adding "
			 "a contract\")",
			 name, nearest.found ? " (the nearest is " : "",
			 nearest.found ? nearest.found : "",
			 nearest.found ? ")" : "", all);
}

static enum err find_mapping(struct catalog *catalog, const char *abi,
			     const struct mapping **out, struct fault *fault)
{
	struct mapping *own;

	for (size_t i = 0; i < catalog->n_interests; i++)
		if (strcmp(catalog->meanings[i].mapping->name, abi) == 0) {
			*out = catalog->meanings[i].mapping;
			return OK;
		}
	for (size_t i = 0; i < catalog->n_shipped; i++)
		if (strcmp(catalog->shipped[i].name, abi) == 0) {
			*out = &catalog->shipped[i];
			return OK;
		}
	if (!mapping_is_path(abi))
		return no_such_mapping(catalog, abi, fault);
	own = ARENA_NEW(catalog->arena, struct mapping);
	if (!own)
		return fault_set(fault, ERR_NOMEM, "reading %s: %s", abi,
				 err_text(ERR_NOMEM));
	*out = own;
	return mapping_load_file(own, catalog->arena, abi, fault);
}

enum err catalog_add(struct catalog *catalog, const struct address *address,
		     const char *abi, struct fault *fault)
{
	const struct mapping *mapping = NULL;
	char text[ADDRESS_TEXT_SIZE];
	enum err err = find_mapping(catalog, abi, &mapping, fault);

	if (err)
		return err;
	if (meaning_of(catalog, address))
		return fault_set(fault, ERR_CONFLICT,
				 "contract %s is configured twice: name it "
				 "once",
				 address_checksum(text, address));
	if (make_room(catalog, mapping->n_entries))
		return fault_set(fault, ERR_NOMEM, "adding contract %s: %s",
				 address_checksum(text, address),
				 err_text(ERR_NOMEM));
	for (size_t i = 0; i < mapping->n_entries; i++)
		if (mapping->entries[i].part == 0)
			insert(catalog, address,
			       (struct meaning){mapping, &mapping->entries[i]});
	if (strcmp(abi, CATALOG_TOKEN) == 0)
		catalog->token = *address;
	return OK;
}

const char *catalog_token_getter(const struct catalog *catalog,
				 const struct address *address)
{
	const struct meaning *meaning = meaning_of(catalog, address);

	return meaning ? meaning->mapping->token_getter : NULL;
}

const struct getters *catalog_getters(const struct catalog *catalog,
				      const struct address *address)
{
	const struct meaning *meaning = meaning_of(catalog, address);

	return meaning ? meaning->mapping->getters : NULL;
}

size_t catalog_interests(const struct catalog *catalog,
			 const struct catalog_interest **out)
{
	*out = catalog->interests;
	return catalog->n_interests;
}

static const struct meaning *find(const struct catalog *catalog,
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
	return &catalog->meanings[at];
}

const struct abi_event *catalog_claims(const struct catalog *catalog,
				       const struct raw_log *log)
{
	const struct meaning *meaning = find(catalog, log);

	return meaning ? meaning->entry->event : NULL;
}

bool catalog_claims_money(const struct catalog *catalog,
			  const struct raw_log *log)
{
	const struct meaning *meaning = find(catalog, log);
	enum event_family family;

	if (!meaning)
		return false;
	family = event_family(meaning->entry->kind);
	return family == FAMILY_STREAMS || family == FAMILY_LOANS;
}

enum catalog_match catalog_decode(const struct catalog *catalog,
				  const struct raw_log *log,
				  struct catalog_events *events,
				  const char **why)
{
	const struct meaning *meaning = find(catalog, log);
	struct hash words[ABI_MAX_PARAMS];

	events->n = 0;
	if (!meaning)
		return CATALOG_NOT_OURS;
	if (abi_decode(meaning->entry->event, log->topics, log->n_topics,
		       log->data, words, why) != OK)
		return CATALOG_MALFORMED;
	for (const struct mapping_entry *e = meaning->entry; e; e = e->next) {
		enum err err =
		    mapping_apply(&events->all[events->n], meaning->mapping, e,
				  words, &log->address, &catalog->token, why);

		if (err == ERR_RANGE) {
			events->n = 0;
			return CATALOG_MALFORMED;
		}
		events->n += err == OK;
	}
	return events->n ? CATALOG_EVENT : CATALOG_NOT_OURS;
}
