#include "daemon/sync/beat.h"

#include <string.h>

#define MS 1000u
/* Between two questions where a block is due: as short as that where it comes
 * punctually, else so many over the window. They set the price, three or four
 * requests a block, whatever the window is. */
#define STEP_LEAST (6 * MS)
#define STEPS 4
#define INTERVAL_LEAST (1 * MS)
/* Where nothing is due, a share of the time since the last block. */
#define RARE_SHARE 8
#define RARE_LEAST (50 * MS)
#define RARE_MOST (1000 * MS)
/* However long until a block is due: the chain may be another one by then, and
 * the node gone. */
#define SILENCE_MOST (4000 * MS)
/* A beat is known from so many blocks on. */
#define ENOUGH 3
/* A block so many steps outside of its window is a stray: it teaches nothing.
 * More in a row say that the beat has moved, and in the end that it is another
 * one. */
#define STRAY_STEPS 4
#define STRAYS_MOST 4
#define HITS_MOST 8

/* When a block is due; times are relative to the newest that is remembered, so
 * that doubles are exact. */
struct window {
	double interval; /* between blocks */
	double lo, hi, step;
};

static double clamp(double value, double least, double most)
{
	return value < least ? least : value > most ? most : value;
}

static double middle(const struct window *w)
{
	return (w->lo + w->hi) / 2;
}

static const struct beat_block *newest(const struct beat *beat)
{
	return &beat->blocks[beat->n - 1];
}

static double relative(const struct beat *beat, uint64_t at)
{
	return (double)(int64_t)(at - newest(beat)->at);
}

static double place(const struct beat *beat, uint64_t number)
{
	return (double)(int64_t)(number - newest(beat)->number);
}

static void widen(struct window *w, double at, bool first)
{
	if (first || at < w->lo)
		w->lo = at;
	if (first || at > w->hi)
		w->hi = at;
}

/* The slope of the line of least squares. */
static double interval_of(const struct beat *beat)
{
	double x = 0, y = 0, xx = 0, xy = 0, n = (double)beat->n;

	for (size_t i = 0; i < beat->n; i++) {
		double number = place(beat, beat->blocks[i].number);
		double at = relative(beat, beat->blocks[i].at);

		x += number;
		y += at;
		xx += number * number;
		xy += number * at;
	}
	y = (n * xy - x * y) / (n * xx - x * x);
	return y > INTERVAL_LEAST ? y : INTERVAL_LEAST;
}

/* Where the blocks lie around the line through them. */
static void on_grid(struct window *w, const struct beat *beat, double ahead)
{
	for (size_t i = 0; i < beat->n; i++) {
		const struct beat_block *b = &beat->blocks[i];

		widen(w,
		      relative(beat, b->at) +
			  (ahead - place(beat, b->number)) * w->interval,
		      i == 0);
	}
}

/* Where they lie after the one before. */
static void in_chain(struct window *w, const struct beat *beat, double ahead)
{
	double last = relative(beat, beat->last.at);

	for (size_t i = 1; i < beat->n; i++) {
		const struct beat_block *b = &beat->blocks[i];

		widen(w,
		      last + ahead * (double)(b->at - b[-1].at) /
				 (double)(b->number - b[-1].number),
		      i == 1);
	}
}

/* False: too little is known. */
static bool window_of(struct window *w, const struct beat *beat,
		      uint64_t number)
{
	struct window chain;

	if (beat->n < ENOUGH)
		return false;
	w->interval = chain.interval = interval_of(beat);
	on_grid(w, beat, place(beat, number));
	in_chain(&chain, beat, (double)(number - beat->last.number));
	if (chain.hi - chain.lo < w->hi - w->lo)
		*w = chain;
	w->step = clamp((w->hi - w->lo) / STEPS, STEP_LEAST, RARE_MOST);
	return true;
}

static void remember(struct beat *beat, const struct beat_block *block)
{
	if (beat->n == BEAT_KEEP)
		memmove(beat->blocks, beat->blocks + 1,
			--beat->n * sizeof(*beat->blocks));
	beat->blocks[beat->n++] = *block;
}

/* All that was seen was so much later, or earlier; times relative to it stay. */
static void shift(struct beat *beat, double by)
{
	for (size_t i = 0; i < beat->n; i++)
		beat->blocks[i].at += (uint64_t)(int64_t)by;
}

/* When a block was there that was asked for in vain, and then not. It came
 * between these two, or some time before the first question: that was asked at
 * the window's beginning, which therefore moves, the further the more often in a
 * row; or it was late itself, and says nothing. */
static double guess(struct beat *beat, const struct window *w, double lacked,
		    double asked)
{
	bool first = lacked < w->lo - w->step;
	double early;

	if (!first || asked > middle(w)) {
		beat->hits = 0;
		return first ? middle(w) : (lacked + asked) / 2;
	}
	early = w->step * (double)(1u << beat->hits);
	if (beat->hits < HITS_MOST)
		beat->hits++;
	return asked - early > lacked ? asked - early : lacked;
}

/* By so many intervals a block came late (slots were missed, the chain stood
 * still) or early (others came with it). */
static double slots_of(const struct window *w, double lacked, double asked)
{
	double at = lacked < w->lo ? asked : (lacked + asked) / 2;
	double slots = (at - middle(w)) / w->interval;

	return (double)(int64_t)(slots < 0 ? slots - 0.5 : slots + 0.5);
}

/* What is known of the beat, from a block that came when it was guessed. */
static void learn(struct beat *beat, const struct beat_block *block,
		  const struct window *w, double slots)
{
	double offset = relative(beat, block->at) - middle(w);
	double most = (w->hi - w->lo) / 2 + STRAY_STEPS * w->step;
	bool strays = offset > most || -offset > most;

	beat->strays = strays || slots != 0 ? beat->strays + 1 : 0;
	if (beat->strays == STRAYS_MOST)
		beat->n = beat->strays = 0;
	else if (strays && beat->strays > 1)
		shift(beat, offset);
	else if (strays)
		return;
	remember(beat, block);
}

static void seen(struct beat *beat, uint64_t number, uint64_t asked)
{
	struct beat_block block = {number, beat->lacked_at +
					       (asked - beat->lacked_at) / 2};
	double lacked, slots, at;
	struct window w;

	if (!window_of(&w, beat, number)) {
		remember(beat, &block);
		beat->last = block;
		return;
	}
	lacked = relative(beat, beat->lacked_at);
	slots = slots_of(&w, lacked, relative(beat, asked));
	lacked -= slots * w.interval;
	at =
	    guess(beat, &w, lacked, relative(beat, asked) - slots * w.interval);
	shift(beat, slots * w.interval);
	block.at = newest(beat)->at + (uint64_t)(int64_t)at;
	learn(beat, &block, &w, slots);
	beat->last = block;
}

void beat_answer(struct beat *beat, uint64_t number, uint64_t asked,
		 uint64_t now)
{
	uint64_t travel = now - asked, served = asked + travel / 2;

	if (!beat->begun) {
		beat->begun = true;
		beat->last = (struct beat_block){number, served};
		beat->lacked_at = served;
	} else if (number == beat->last.number) {
		beat->lacked_at = served;
		beat->travel = (7 * beat->travel + travel) / 8;
	} else if (number > beat->last.number) {
		seen(beat, number, served);
		beat->lacked_at = served;
	}
}

static double next_of(const struct beat *beat, uint64_t now)
{
	double rare = clamp((double)(now - beat->last.at) / RARE_SHARE,
			    RARE_LEAST, RARE_MOST);
	struct window w;
	double at, late;

	if (!window_of(&w, beat, beat->last.number + 1))
		return rare;
	at = relative(beat, now);
	late = at - w.hi;
	if (at < w.lo - w.step)
		return clamp(w.lo - at, 0, SILENCE_MOST);
	if (late < w.step)
		return w.step;
	return late < rare ? late : rare;
}

uint64_t beat_next(const struct beat *beat, uint64_t now)
{
	double wait = next_of(beat, now) - (double)beat->travel / 2;

	return wait > 0 ? now + (uint64_t)wait : now;
}
