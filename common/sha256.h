#ifndef GS_COMMON_SHA256_H
#define GS_COMMON_SHA256_H

#include "common/bytes.h"

/* SHA-256 (FIPS 180-4). */
struct hash sha256(const void *data, size_t len);

#endif
