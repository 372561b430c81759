#include "tests/model/lib_contracts.h"
#include "tests/model/lib_sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define START 1700000000
#define DAY 86400

struct address wallet_of(unsigned who)
{
	return who == NOBODY ? (struct address){{0}} : wallet(who);
}

uint64_t world_draw(struct world *w, uint64_t below)
{
	return dice_below(&w->dice, below);
}

int64_t world_time(const struct world *w)
{
	return w->script.blocks[w->script.n - 1].ref.timestamp;
}

struct place world_place(const struct world *w)
{
	const struct script *s = &w->script;
	const struct block_ref *block = &s->blocks[s->n - 1].ref;

	return (struct place){
	    .block_number = block->number,
	    .block_hash = block->hash,
	    .block_time = block->timestamp,
	    .tx_index = s->tx_index,
	    .log_index = s->log_index,
	    .tx_hash = s->tx_hash,
	};
}

struct mark *world_mark(struct world *w, enum mark_kind kind)
{
	if (w->n_marks == w->room_marks) {
		w->room_marks = w->room_marks ? w->room_marks * 2 : 256;
		w->marks = realloc(w->marks, w->room_marks * sizeof(*w->marks));
		assert_non_null(w->marks);
	}
	w->marks[w->n_marks] = (struct mark){
	    .at = world_place(w),
	    .kind = kind,
	};
	return &w->marks[w->n_marks++];
}

static void mint(struct world *w, unsigned who, struct u256 amount)
{
	struct call call = {.kind = CALL_MINT, .a = who, .amount = amount};

	calls_make(w, &call);
}

/* The first block, and the money: now and then all that there can be. */
static void endow(struct world *w)
{
	struct u256 left = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

	script_block(&w->script, 1, w->fork, START);
	script_tx(&w->script, w->tx = w->next_tx++);
	mint(w, WHO_LOANS, u256_from_u64(world_draw(w, 1000000000)));
	for (unsigned who = FIRST_PERSON; who < PEOPLE_END; who++)
		mint(w, who, u256_from_u64(world_draw(w, 1000000000)));
	left = minus(left, w->now.minted);
	if (world_draw(w, 2))
		mint(w, FIRST_PERSON, left);
}

struct world *world_new(uint64_t seed, bool is_hostile)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->mined = calloc(REMEMBERED, sizeof(*w->mined));
	assert_non_null(w->mined);
	w->dice = dice_of(seed, 0, 0, 0);
	w->hostile = is_hostile;
	script_init(&w->script);
	endow(w);
	return w;
}

void world_free(struct world *w)
{
	script_free(&w->script);
	free(w->mined);
	free(w->moves);
	free(w->marks);
	free(w);
}

/* One that waits, or a new one. */
static struct tx next_tx(struct world *w)
{
	size_t i;
	struct tx tx;

	if (!w->n_waiting || world_draw(w, 2))
		return calls_draw(w);
	i = world_draw(w, w->n_waiting);
	tx = w->waiting[i];
	w->waiting[i] = w->waiting[--w->n_waiting];
	return tx;
}

static void run_tx(struct world *w, const struct tx *tx)
{
	w->tx = tx->id;
	script_tx(&w->script, tx->id);
	for (size_t i = 0; i < tx->n; i++) {
		uint32_t before;

		script_others(&w->script, (uint32_t)world_draw(w, 2));
		before = w->script.log_index;
		calls_make(w, &tx->calls[i]);
		if (w->script.log_index != before)
			token_check(w);
	}
}

/* Blocks may share their time; now and then days pass. */
static int64_t step(struct world *w)
{
	if (world_draw(w, 400) == 0)
		return (int64_t)(1 + world_draw(w, 40)) * DAY;
	return (int64_t)world_draw(w, 40);
}

void world_mine(struct world *w)
{
	uint64_t number = w->script.n + 1;
	struct mined *block = &w->mined[number % REMEMBERED];

	block->before = w->now;
	block->moves_before = w->n_moves;
	block->marks_before = w->n_marks;
	block->n_txs = world_draw(w, BLOCK_TXS + 1);
	script_block(&w->script, number, w->fork, world_time(w) + step(w));
	for (size_t i = 0; i < block->n_txs; i++) {
		block->txs[i] = next_tx(w);
		run_tx(w, &block->txs[i]);
	}
	w->logs += w->script.blocks[number - 1].n_logs;
}

void world_reorg(struct world *w, uint64_t ancestor)
{
	assert_true(ancestor && w->script.n - ancestor <= REMEMBERED);
	for (uint64_t number = w->script.n; number > ancestor; number--) {
		const struct mined *block = &w->mined[number % REMEMBERED];

		for (size_t i = 0; i < block->n_txs; i++)
			if (w->n_waiting < WAITING)
				w->waiting[w->n_waiting++] = block->txs[i];
		w->now = block->before;
		w->n_moves = block->moves_before;
		w->n_marks = block->marks_before;
	}
	script_cut(&w->script, ancestor);
	w->fork++;
}

void world_check(const struct world *w)
{
	token_check(w);
	streaming_check(w);
	lending_check(w);
}
