#ifndef GS_CHAIN_BLOOM_H
#define GS_CHAIN_BLOOM_H

#include <stdbool.h>
#include <stdint.h>

#include "contracts-abi/catalog.h"

/* The logs bloom of receipts and headers: 2048 bits, three for each address
 * and topic (Yellow Paper 4.3.1). A miss proves absence; a hit proves
 * nothing. Data is not in it. */
struct bloom {
	uint8_t b[256];
};

void bloom_add(struct bloom *bloom, const void *data, size_t len);
bool bloom_has(const struct bloom *bloom, const void *data, size_t len);
void bloom_add_log(struct bloom *bloom, const struct raw_log *log);
void bloom_merge(struct bloom *bloom, const struct bloom *other);
bool bloom_eq(const struct bloom *a, const struct bloom *b);

#endif
