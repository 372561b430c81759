#ifndef GS_COMMON_KECCAK_H
#define GS_COMMON_KECCAK_H

#include "common/bytes.h"

/* Keccak-256 as Ethereum uses it (the original padding 0x01, not SHA-3's
 * 0x06: Yellow Paper, section 3), on nettle's permutation. */
struct hash keccak256(const void *data, size_t len);

#endif
