#ifndef GS_TESTS_LIB_MODEL_H
#define GS_TESTS_LIB_MODEL_H

#include "tests/unit/lib_scene.h"

/* PaymentStreaming and its users, slow and obvious: calls are made at random,
 * leave their logs in a script, and can be undone block by block. A transaction
 * that lost its block may be included again, with whatever its calls do then.
 */
struct model;

struct model *model_new(uint64_t seed);
void model_free(struct model *model);

uint64_t model_random(struct model *model, uint64_t below);

struct script *model_script(struct model *model);
/* Mines the next block, of some transactions. */
void model_mine(struct model *model);
/* Forgets the blocks above ancestor. */
void model_reorg(struct model *model, uint64_t ancestor);
size_t model_streams(const struct model *model);
/* The row says what the contract's getter says. */
void model_assert_stream(const struct model *model,
			 const struct stream_row *row);
/* What the contract holds for its streams. */
uint64_t model_escrow(const struct model *model);

#endif
