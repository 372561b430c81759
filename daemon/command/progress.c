#include "daemon/command/progress.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_MS 100
#define LINE_MS 5000
/* The rate is taken over pieces this long at least... */
#define RATE_MS 500
/* ...and remembers about this much of the past. */
#define MEMORY_MS 15000.0
#define WIDEST_BAR 40

void progress_init(struct progress *progress, FILE *out, const char *unit,
		   uint64_t now_ms)
{
	*progress = (struct progress){.unit = unit, .out = out};
	progress->terminal = isatty(fileno(out)) == 1;
	progress->began_ms = progress->rated_ms = progress->printed_ms = now_ms;
	/* The first count says what had been done before. */
	progress->began_done = UINT64_MAX;
}

void progress_count(struct progress *progress, uint64_t done, uint64_t total,
		    uint64_t now_ms)
{
	uint64_t passed = now_ms - progress->rated_ms;
	double lately, weight;

	progress->done = done < total ? done : total;
	progress->total = total;
	if (progress->began_done == UINT64_MAX) {
		progress->began_done = progress->rated_done = progress->done;
		progress->began_ms = progress->rated_ms = now_ms;
		return;
	}
	if (passed < RATE_MS || progress->done < progress->rated_done)
		return;
	lately = (double)(progress->done - progress->rated_done) * 1000 /
		 (double)passed;
	weight = (double)passed / ((double)passed + MEMORY_MS);
	/* At first the whole past is short: its mean is the better guess. */
	if ((double)(now_ms - progress->began_ms) < MEMORY_MS)
		progress->rate =
		    (double)(progress->done - progress->began_done) * 1000 /
		    (double)(now_ms - progress->began_ms);
	else
		progress->rate += weight * (lately - progress->rate);
	progress->rated_ms = now_ms;
	progress->rated_done = progress->done;
}

void progress_put_count(struct buf *out, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_putc(out, ',');
		buf_putc(out, digits[i]);
	}
}

static void put_rate(struct buf *out, double rate)
{
	if (rate < 10)
		buf_printf(out, "%.1f", rate);
	else
		progress_put_count(out, (uint64_t)rate);
}

void progress_put_duration(struct buf *out, double seconds)
{
	/* Rounded up; what no integer holds is told before it is used. */
	uint64_t s = seconds > 1e9 ? 0 : (uint64_t)(seconds + 0.999);

	if (seconds > 1e9)
		buf_puts(out, "years");
	else if (s < 60)
		buf_printf(out, "%" PRIu64 " s", s);
	else if (s < 3600)
		buf_printf(out, "%" PRIu64 " min %" PRIu64 " s", s / 60,
			   s % 60);
	else if (s < 48 * 3600)
		buf_printf(out, "%" PRIu64 " h %" PRIu64 " min", s / 3600,
			   s / 60 % 60);
	else
		buf_printf(out, "%" PRIu64 " days", s / 86400);
}

/* Rounded down: 100 means that nothing is left. */
static unsigned percent(const struct progress *progress)
{
	if (progress->total == 0)
		return 100;
	return (unsigned)((double)progress->done * 100 /
			  (double)progress->total);
}

static void put_pace(const struct progress *progress, const char *unit,
		     struct buf *out)
{
	uint64_t left = progress->total - progress->done;

	if (progress->rate <= 0)
		return;
	buf_puts(out, ", ");
	put_rate(out, progress->rate);
	buf_printf(out, "%s/s", unit);
	if (left == 0)
		return;
	buf_puts(out, ", ");
	progress_put_duration(out, (double)left / progress->rate);
	buf_puts(out, " to go");
}

static void put_counts(const struct progress *progress, struct buf *out)
{
	progress_put_count(out, progress->done);
	buf_puts(out, " of ");
	progress_put_count(out, progress->total);
	buf_printf(out, " %s", progress->unit);
}

void progress_line(const struct progress *progress, struct buf *out)
{
	char unit[32];

	put_counts(progress, out);
	buf_printf(out, " (%u%%)", percent(progress));
	(void)snprintf(unit, sizeof(unit), " %s", progress->unit);
	put_pace(progress, unit, out);
}

void progress_bar(const struct progress *progress, unsigned columns,
		  struct buf *out)
{
	unsigned per_cent = percent(progress), room, filled;
	struct buf text;

	buf_init(&text, 256);
	buf_printf(&text, "%3u%%  ", per_cent);
	put_counts(progress, &text);
	put_pace(progress, "", &text);
	/* "[" and "] " stand around the bar. */
	room = columns > text.len + 3 ? columns - (unsigned)text.len - 3 : 0;
	if (room > WIDEST_BAR)
		room = WIDEST_BAR;
	if (room >= 5) {
		filled = room * per_cent / 100;
		buf_putc(out, '[');
		for (unsigned i = 0; i < room; i++)
			buf_putc(out, i < filled    ? '#'
				      : i == filled ? '>'
						    : ' ');
		buf_puts(out, "] ");
	}
	buf_add(out, text.data, text.len < columns ? text.len : columns);
	buf_free(&text);
}

static unsigned terminal_columns(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return 80;
	/* The last column makes some terminals wrap. */
	return size.ws_col - 1u;
}

static void print(struct progress *progress, uint64_t now_ms)
{
	struct buf text;

	buf_init(&text, 1024);
	if (progress->terminal) {
		/* ECMA-48: erase to the end of the line. */
		buf_puts(&text, "\r");
		progress_bar(progress, terminal_columns(progress->out), &text);
		buf_puts(&text, "\033[K");
	} else {
		progress_line(progress, &text);
		buf_putc(&text, '\n');
	}
	fputs(text.data, progress->out);
	fflush(progress->out);
	buf_free(&text);
	progress->drawn = progress->terminal;
	progress->printed_ms = now_ms;
}

void progress_update(struct progress *progress, uint64_t done, uint64_t total,
		     uint64_t now_ms)
{
	uint64_t pause = progress->terminal ? REDRAW_MS : LINE_MS;

	progress_count(progress, done, total, now_ms);
	if (now_ms - progress->printed_ms >= pause)
		print(progress, now_ms);
}

void progress_clear(struct progress *progress)
{
	if (!progress->drawn)
		return;
	fputs("\r\033[K", progress->out);
	fflush(progress->out);
	progress->drawn = false;
}

void progress_end(struct progress *progress, uint64_t now_ms)
{
	if (progress->began_done == UINT64_MAX)
		return; /* nothing was ever counted */
	print(progress, now_ms);
	if (progress->terminal)
		fputc('\n', progress->out);
	progress->drawn = false;
}
