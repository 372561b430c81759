#include "daemon/sync/watchlist.h"

#include <stdlib.h>
#include <string.h>

void watchlist_init(struct watchlist *list)
{
	memset(list, 0, sizeof(*list));
}

void watchlist_free(struct watchlist *list)
{
	free(list->slots);
	watchlist_init(list);
}

/* The slot that holds wallet, or the empty one where it would go. */
static size_t slot_of(const struct watchlist *list,
		      const struct address *wallet)
{
	uint64_t key;
	size_t i;

	/* Ends of addresses are as random as hashes; beginnings are chosen by
	 * those who like zeros. The multiplier is 2^64 / golden ratio. */
	memcpy(&key, wallet->b + sizeof(wallet->b) - sizeof(key), sizeof(key));
	i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (list->size - 1);
	while (!address_is_zero(&list->slots[i]) &&
	       !address_eq(&list->slots[i], wallet))
		i = (i + 1) & (list->size - 1);
	return i;
}

static enum err grow(struct watchlist *list)
{
	struct watchlist bigger = {.size = list->size ? 2 * list->size : 64};

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->size; i++)
		if (!address_is_zero(&list->slots[i]))
			bigger.slots[slot_of(&bigger, &list->slots[i])] =
			    list->slots[i];
	bigger.n = list->n;
	free(list->slots);
	*list = bigger;
	return OK;
}

enum err watchlist_add(struct watchlist *list, const struct address *wallet)
{
	size_t i;

	if (address_is_zero(wallet))
		return OK;
	if (2 * (list->n + 1) > list->size) {
		enum err err = grow(list);

		if (err)
			return err;
	}
	i = slot_of(list, wallet);
	if (address_is_zero(&list->slots[i])) {
		list->slots[i] = *wallet;
		list->n++;
	}
	return OK;
}

bool watchlist_has(const struct watchlist *list, const struct address *wallet)
{
	return list->size > 0 && !address_is_zero(wallet) &&
	       !address_is_zero(&list->slots[slot_of(list, wallet)]);
}
