#ifndef GS_DAEMON_COMMAND_PROGRESS_H
#define GS_DAEMON_COMMAND_PROGRESS_H

#include "common/buf.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How far a long piece of work is. A terminal gets a bar, redrawn in place; a
 * pipe gets a line every five seconds. Times are milliseconds of a clock that
 * never jumps (uv_now). */
struct progress {
	const char *unit; /* "blocks" */
	uint64_t total;
	uint64_t done;
	/* Where the rate is counted from: what was done before is no work. */
	uint64_t began_ms, began_done;
	double rate; /* units a second, lately; 0: not known yet */
	uint64_t rated_ms, rated_done;

	FILE *out;
	bool terminal;
	bool drawn; /* a bar stands in the terminal's current line */
	uint64_t printed_ms;
};

/* out: normally stderr; whether it is a terminal is found out here. */
void progress_init(struct progress *progress, FILE *out, const char *unit,
		   uint64_t now_ms);
/* What is done of how much; prints when it is time to. */
void progress_update(struct progress *progress, uint64_t done, uint64_t total,
		     uint64_t now_ms);
/* Takes the bar away, so that something else can be printed. */
void progress_clear(struct progress *progress);
/* Prints the last state and leaves the line. */
void progress_end(struct progress *progress, uint64_t now_ms);

/* The same without printing: counts, and forms the text. */
void progress_count(struct progress *progress, uint64_t done, uint64_t total,
		    uint64_t now_ms);
/* "1,234 of 2,000 blocks (61%), 250 blocks/s, 3 s to go" */
void progress_line(const struct progress *progress, struct buf *out);
/* "[#####>    ]  61%  1,234 of 2,000 blocks, 250/s, 3 s to go", cut to columns
 * (the bar gives way first). */
void progress_bar(const struct progress *progress, unsigned columns,
		  struct buf *out);

/* 1234567 as "1,234,567" */
void progress_put_count(struct buf *out, uint64_t n);
/* "3 s", "2 min 5 s", "4 h 10 min", "12 days"; rounded up. */
void progress_put_duration(struct buf *out, double seconds);

#endif
