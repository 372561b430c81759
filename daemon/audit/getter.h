#ifndef GS_DAEMON_AUDIT_GETTER_H
#define GS_DAEMON_AUDIT_GETTER_H

#include "common/address.h"
#include "common/u256.h"
#include "contracts-abi/abi.h"

/* Calls of getters (Solidity ABI specification: a selector, then words of 32
 * bytes). Pure. */
#define GETTER_WORD 32
#define GETTER_SIZE (ABI_SELECTOR + GETTER_WORD)

/* A function that takes one word. One that takes none is the first ABI_SELECTOR
 * bytes. */
void getter_call(uint8_t call[GETTER_SIZE], const struct abi_function *function,
		 const struct u256 *argument);

/* The token's balanceOf(address), and an answer of one word; false for any
 * other. */
void getter_balance_of(uint8_t call[GETTER_SIZE], const struct address *owner);
bool getter_number(struct u256 *out, const struct bytes *answer) MUST_CHECK;

#endif
