#include "tests/unit/lib_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CALLS 3	   /* of one transaction */
#define WAITING 64 /* transactions without a block */
#define BLOCK_TXS 6
#define LIVELY 32 /* the newest streams are the ones that are called */
#define COHORT 4  /* one transaction calls streams of one cohort */
#define ACTORS 24 /* wallets that pay each other */

struct getter {
	uint64_t total, released, claimed, refunded;
	int64_t start, duration, interval, last_release;
	int64_t paused_at, completed_at, cancelled_at;
	enum stream_status status;
	unsigned worker, platform; /* wallets */
};

enum call_kind {
	CALL_PAY,
	CALL_DONATE_AND_CREATE,
	CALL_CREATE,
	CALL_RELEASE,
	CALL_CLAIM,
	CALL_PAUSE,
	CALL_RESUME,
	CALL_CANCEL,
	CALL_HOSTILE,
	CALL_KINDS
};

/* Its arguments are drawn once: what it does depends on when it is made. */
struct call {
	enum call_kind kind;
	uint64_t id, amount;
	unsigned a, b; /* wallets */
	int64_t duration, interval;
};

struct tx {
	unsigned id;
	size_t n;
	struct call calls[CALLS];
};

struct undo {
	size_t stream;
	struct getter before;
};

struct mined {
	struct tx txs[BLOCK_TXS];
	size_t n;
	size_t streams; /* before it */
	struct undo *undo;
	size_t n_undo, undo_room;
	int64_t time;
};

struct model {
	struct script script;
	uint64_t random;
	unsigned next_tx, fork;
	struct getter *streams; /* stream id - 1 */
	size_t n, room;
	struct mined *blocks;
	size_t n_blocks, block_room;
	struct tx waiting[WAITING];
	size_t n_waiting;
};

struct model *model_new(uint64_t seed)
{
	struct model *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->random = seed ? seed : 1;
	script_init(&m->script);
	return m;
}

void model_free(struct model *m)
{
	for (size_t i = 0; i < m->block_room; i++)
		free(m->blocks[i].undo);
	free(m->blocks);
	free(m->streams);
	script_free(&m->script);
	free(m);
}

/* xorshift64* */
uint64_t model_random(struct model *m, uint64_t below)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (m->random * UINT64_C(0x2545f4914f6cdd1d) >> 16) % below;
}

struct script *model_script(struct model *m)
{
	return &m->script;
}

size_t model_streams(const struct model *m)
{
	return m->n;
}

/* A stream that is about to change; remembered once a change. */
static struct getter *touch(struct model *m, uint64_t id)
{
	struct mined *block = &m->blocks[m->n_blocks - 1];

	if (block->n_undo == block->undo_room) {
		block->undo_room = block->undo_room ? block->undo_room * 2 : 8;
		block->undo = realloc(block->undo,
				      block->undo_room * sizeof(*block->undo));
		assert_non_null(block->undo);
	}
	block->undo[block->n_undo++] =
	    (struct undo){id - 1, m->streams[id - 1]};
	return &m->streams[id - 1];
}

static void do_create(struct model *m, const struct call *c, int64_t now)
{
	struct script *s = &m->script;
	uint64_t id = m->n + 1;

	if (m->n == m->room) {
		m->room = m->room ? m->room * 2 : 256;
		m->streams = realloc(m->streams, m->room * sizeof(*m->streams));
		assert_non_null(m->streams);
	}
	m->streams[m->n++] = (struct getter){
	    .total = c->amount,
	    .start = now,
	    .last_release = now,
	    .duration = c->duration,
	    .interval = c->interval,
	    .worker = c->a,
	    .platform = c->b,
	};
	pay(s, wallet(c->b), STREAMS, c->amount);
	log_created(s, STREAMS, U(id), wallet(c->a), wallet(c->b), U(c->amount),
		    U((uint64_t)c->duration), U((uint64_t)c->interval));
}

static void do_release(struct model *m, uint64_t id, int64_t now)
{
	struct getter *g = &m->streams[id - 1];
	struct script *s = &m->script;
	int64_t elapsed = now - g->start;
	uint64_t due = g->total;

	if (g->status != STREAM_ACTIVE || now - g->last_release < g->interval)
		return;
	if (elapsed < g->duration)
		due = g->total * (uint64_t)elapsed / (uint64_t)g->duration;
	if (due <= g->released)
		return;
	g = touch(m, id);
	due -= g->released;
	g->released += due;
	g->last_release = now;
	if (g->released >= g->total) {
		g->status = STREAM_COMPLETED;
		g->completed_at = now;
		log_completed(s, STREAMS, U(id), U(g->released));
	}
	release(s, id, wallet(g->worker), due, g->released);
}

static void do_claim(struct model *m, uint64_t id)
{
	uint64_t due = m->streams[id - 1].released - m->streams[id - 1].claimed;

	if (!due)
		return;
	touch(m, id)->claimed += due;
	claim(&m->script, id, wallet(m->streams[id - 1].worker), due);
}

static void do_pause(struct model *m, uint64_t id, int64_t now)
{
	struct getter *g = &m->streams[id - 1];

	if (g->status != STREAM_ACTIVE)
		return;
	g = touch(m, id);
	g->status = STREAM_PAUSED;
	g->paused_at = now;
	pause_stream(&m->script, id);
}

static void do_resume(struct model *m, uint64_t id, int64_t now)
{
	struct getter *g = &m->streams[id - 1];

	if (g->status != STREAM_PAUSED)
		return;
	g = touch(m, id);
	g->status = STREAM_ACTIVE;
	g->paused_at = 0;
	g->last_release = now;
	resume_stream(&m->script, id);
}

static void do_cancel(struct model *m, uint64_t id, int64_t now)
{
	struct getter *g = &m->streams[id - 1];
	uint64_t part = g->released - g->claimed;

	if (g->status != STREAM_ACTIVE && g->status != STREAM_PAUSED)
		return;
	g = touch(m, id);
	g->status = STREAM_CANCELLED;
	g->cancelled_at = now;
	g->refunded = g->total - g->released;
	g->claimed += part;
	cancel(&m->script, id, wallet(g->worker), wallet(g->platform), part,
	       g->refunded);
}

/* Another contract says whatever it likes: nothing is modelled, but the books
 * must stay whole, and come out the same in whatever order they are told. */
static void do_hostile(struct model *m, const struct call *c)
{
	struct script *s = &m->script;
	struct address a = wallet(c->a), b = wallet(c->b);
	struct u256 id = U(c->id / 16), amount = U(c->amount % 4);
	struct u256 sum = U(c->amount % 7), huge = {{0, 0, 0, 1ull << 62}};

	if (c->duration % 3)
		log_transfer(s, TOKEN, STREAMS2, a, amount);
	switch (c->interval % 9) {
	case 0:
	case 1:
		log_transfer(s, TOKEN, b, STREAMS2, sum);
		log_created(s, STREAMS2, id, a, b, sum,
			    c->duration % 5 ? U(60) : huge, U(60));
		break;
	case 2:
	case 3:
		log_released(s, STREAMS2, id, a, amount, sum);
		break;
	case 4:
		log_claimed(s, STREAMS2, id, a, amount);
		break;
	case 5:
		log_paused(s, STREAMS2, id, b);
		break;
	case 6:
		log_resumed(s, STREAMS2, id, b);
		break;
	case 7:
		log_transfer(s, TOKEN, STREAMS2, b, sum);
		log_cancelled(s, STREAMS2, id, b, sum);
		break;
	default:
		log_completed(s, STREAMS2, id, sum);
		break;
	}
}

static void make(struct model *m, const struct call *c, int64_t now)
{
	if (c->kind >= CALL_RELEASE && c->kind <= CALL_CANCEL &&
	    (c->id == 0 || c->id > m->n))
		return; /* reverts */
	switch (c->kind) {
	case CALL_PAY:
		pay(&m->script, wallet(c->a), wallet(c->b), c->amount % 5);
		break;
	case CALL_DONATE_AND_CREATE:
		pay(&m->script, wallet(c->b), STREAMS, c->amount);
		do_create(m, c, now);
		break;
	case CALL_CREATE:
		do_create(m, c, now);
		break;
	case CALL_RELEASE:
		do_release(m, c->id, now);
		break;
	case CALL_CLAIM:
		do_claim(m, c->id);
		break;
	case CALL_PAUSE:
		do_pause(m, c->id, now);
		break;
	case CALL_RESUME:
		do_resume(m, c->id, now);
		break;
	case CALL_CANCEL:
		do_cancel(m, c->id, now);
		break;
	case CALL_HOSTILE:
		do_hostile(m, c);
		break;
	case CALL_KINDS:
		break;
	}
}

static enum call_kind draw_kind(struct model *m)
{
	static const unsigned weights[CALL_KINDS] = {
	    [CALL_PAY] = 10,	[CALL_DONATE_AND_CREATE] = 1,
	    [CALL_CREATE] = 8,	[CALL_RELEASE] = 40,
	    [CALL_CLAIM] = 20,	[CALL_PAUSE] = 5,
	    [CALL_RESUME] = 10, [CALL_CANCEL] = 2,
	    [CALL_HOSTILE] = 4,
	};
	uint64_t left = model_random(m, 100);

	for (unsigned kind = 0; kind < CALL_KINDS; kind++) {
		if (left < weights[kind])
			return (enum call_kind)kind;
		left -= weights[kind];
	}
	return CALL_PAY;
}

static struct tx draw_tx(struct model *m)
{
	struct tx tx = {.id = m->next_tx++, .n = 1};
	uint64_t newest = m->n > LIVELY ? m->n - LIVELY : 0;
	uint64_t cohort = newest + model_random(m, LIVELY);

	if (model_random(m, 4) == 0)
		tx.n = 1 + model_random(m, CALLS);
	cohort -= cohort % COHORT;
	for (size_t i = 0; i < tx.n; i++) {
		struct call *c = &tx.calls[i];

		c->kind = draw_kind(m);
		c->id = cohort + model_random(m, COHORT);
		c->amount = 1 + model_random(m, 1000);
		c->a = 10 + (unsigned)model_random(m, ACTORS);
		c->b = 10 + (unsigned)model_random(m, ACTORS);
		c->duration = 60 + (int64_t)model_random(m, 600);
		c->interval = 1 + (int64_t)model_random(m, 60);
		if (i && model_random(m, 3) == 0)
			*c = tx.calls[i - 1];
	}
	return tx;
}

/* One that waits, or a new one. */
static struct tx next_tx(struct model *m)
{
	size_t i;
	struct tx tx;

	if (!m->n_waiting || model_random(m, 2))
		return draw_tx(m);
	i = model_random(m, m->n_waiting);
	tx = m->waiting[i];
	m->waiting[i] = m->waiting[--m->n_waiting];
	return tx;
}

static struct mined *next_block(struct model *m)
{
	struct mined *block;

	if (m->n_blocks == m->block_room) {
		size_t room = m->block_room ? m->block_room * 2 : 64;

		m->blocks = realloc(m->blocks, room * sizeof(*m->blocks));
		assert_non_null(m->blocks);
		for (size_t i = m->block_room; i < room; i++)
			m->blocks[i].undo = NULL;
		m->block_room = room;
	}
	block = &m->blocks[m->n_blocks];
	if (!block->undo)
		block->undo_room = 0;
	block->n = block->n_undo = 0;
	block->streams = m->n;
	block->time = m->n_blocks ? block[-1].time : 1700000000;
	m->n_blocks++;
	return block;
}

void model_mine(struct model *m)
{
	struct mined *block = next_block(m);
	size_t txs = model_random(m, BLOCK_TXS + 1);

	block->time += (int64_t)model_random(m, 30); /* may repeat */
	script_block(&m->script, m->n_blocks, m->fork, block->time);
	while (block->n < txs) {
		struct tx *tx = &block->txs[block->n++];

		*tx = next_tx(m);
		script_tx(&m->script, tx->id);
		script_others(&m->script, (uint32_t)model_random(m, 3));
		for (size_t i = 0; i < tx->n; i++)
			make(m, &tx->calls[i], block->time);
	}
}

void model_reorg(struct model *m, uint64_t ancestor)
{
	while (m->n_blocks > ancestor) {
		struct mined *block = &m->blocks[--m->n_blocks];

		while (block->n_undo) {
			struct undo *undo = &block->undo[--block->n_undo];

			m->streams[undo->stream] = undo->before;
		}
		m->n = block->streams;
		for (size_t i = 0; i < block->n; i++)
			if (m->n_waiting < WAITING)
				m->waiting[m->n_waiting++] = block->txs[i];
	}
	script_cut(&m->script, ancestor);
	m->fork++;
}

void model_assert_stream(const struct model *m, const struct stream_row *row)
{
	struct address worker, platform, contract = STREAMS;
	const struct getter *g;
	uint64_t id;

	assert_non_null(row);
	assert_true(address_eq(&row->contract, &contract));
	assert_true(u256_to_u64(&id, &row->contract_stream_id));
	assert_in_range(id, 1, m->n);
	g = &m->streams[id - 1];
	worker = wallet(g->worker);
	platform = wallet(g->platform);
	assert_true(address_eq(&row->worker_wallet, &worker));
	assert_true(address_eq(&row->platform_wallet, &platform));
	assert_amounts(row, g->total, g->released, g->claimed, g->refunded);
	assert_int_equal(row->status, g->status);
	assert_int_equal(row->start_time, g->start);
	assert_int_equal(row->end_time, g->start + g->duration);
	assert_int_equal(
	    row->next_release_at,
	    g->status == STREAM_ACTIVE ? g->last_release + g->interval : 0);
	assert_int_equal(row->paused_at, g->paused_at);
	assert_int_equal(row->completed_at, g->completed_at);
	assert_int_equal(row->cancelled_at, g->cancelled_at);
}

uint64_t model_escrow(const struct model *m)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->n; i++)
		sum += m->streams[i].total - m->streams[i].claimed -
		       m->streams[i].refunded;
	return sum;
}
