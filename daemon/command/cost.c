#include "daemon/command/cost.h"

#include <inttypes.h>

#include "chain/source.h"
#include "daemon/command/await.h"
#include "daemon/command/progress.h"

/* What is shorter is done before one has read about it. */
#define LONG_RANGE 10000
#define PATIENCE_MS 20000

static const enum verify_mode modes[] = {VERIFY_RECEIPTS, VERIFY_BLOOM,
					 VERIFY_OFF};
#define MODES (sizeof(modes) / sizeof(modes[0]))

struct asking {
	struct await await;
	struct source *source;
	struct source_request *request;
	struct source_head head;
	struct estimate_sample sample;
};

static void on_head(void *arg, enum err err, const struct fault *fault,
		    const struct source_head *head)
{
	struct asking *asking = arg;

	asking->request = NULL;
	if (err == OK)
		asking->head = *head;
	await_fire(&asking->await, err, fault);
}

static void on_sample(void *arg, enum err err, const struct fault *fault,
		      const struct estimate_sample *sample)
{
	struct asking *asking = arg;

	asking->request = NULL;
	if (err == OK)
		asking->sample = *sample;
	await_fire(&asking->await, err, fault);
}

/* The range's last block; the head, where it has none. */
static uint64_t end_of(const struct sync_options *options,
		       const struct source_head *head)
{
	if (options->end == END_NUMBER && options->to <= head->latest.number)
		return options->to;
	if (options->end == END_FINALIZED && head->has_finalized)
		return head->finalized.number;
	return head->latest.number;
}

static enum err wait(struct asking *asking, uv_loop_t *loop, enum err err,
		     struct fault *fault)
{
	if (err != OK)
		return fault_set(fault, err, "%s", err_text(err));
	err = await_end(&asking->await, loop, PATIENCE_MS, fault);
	source_cancel(asking->request);
	asking->request = NULL;
	return err;
}

static enum err ask(struct asking *asking, uv_loop_t *loop,
		    const struct sync_options *options, uint64_t *to,
		    struct fault *fault)
{
	enum err err;

	await_start(&asking->await);
	err =
	    wait(asking, loop,
		 source_head(asking->source, on_head, asking, &asking->request),
		 fault);
	if (err != OK)
		return err;
	*to = end_of(options, &asking->head);
	if (*to < options->from || *to - options->from < LONG_RANGE)
		return OK;
	await_start(&asking->await);
	return wait(asking, loop,
		    source_sample(asking->source, options->from, *to, on_sample,
				  asking, &asking->request),
		    fault);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

/* With a source of its own: the work begins afterwards, with another. */
static enum err sample(struct asking *asking, struct command *command,
		       const struct sync_options *options, uint64_t *to,
		       struct fault *fault)
{
	struct catalog *catalog;
	bool closed = false;
	enum err err = sync_catalog(&catalog, command->config, fault);

	if (err != OK)
		return err;
	err = source_new(&asking->source, &command->loop, command->config,
			 catalog, NULL, fault);
	if (err == OK) {
		err = ask(asking, &command->loop, options, to, fault);
		source_close(asking->source, on_closed, &closed);
		await_flag(&command->loop, &closed);
	}
	catalog_free(catalog);
	return err;
}

void cost_estimate(struct cost *cost, struct command *command,
		   const struct sync_options *options)
{
	struct asking asking = {.source = NULL};
	struct fault fault = {0};
	uint64_t to = 0;
	enum err err;

	*cost = (struct cost){.known = false};
	if (options->end == END_NUMBER &&
	    options->to - options->from < LONG_RANGE)
		return;
	err = sample(&asking, command, options, &to, &fault);
	if (err != OK)
		fprintf(stderr,
			"gigstreamd: what it will cost cannot be estimated:"
			" %s\n",
			fault.text);
	if (err != OK || asking.sample.blocks == 0)
		return;
	cost->known = true;
	cost->blocks = to - options->from + 1;
	for (size_t i = 0; i < MODES; i++)
		cost->modes[modes[i]] =
		    estimate_of(modes[i], &asking.sample, cost->blocks);
}

/* Decimal units, as networks are billed. */
static void put_bytes(struct buf *out, double bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	size_t unit = 0;

	for (bytes /= 1e3; bytes >= 1e3 && unit < 3; unit++)
		bytes /= 1e3;
	buf_printf(out, "%.1f %s", bytes, units[unit]);
}

static void put_mode(struct buf *out, const struct estimate *e)
{
	if (!e->known) {
		buf_puts(out, "not known");
		return;
	}
	progress_put_count(out, (uint64_t)(e->requests + 0.5));
	buf_puts(out, " requests, ");
	put_bytes(out, e->bytes);
	buf_puts(out, ", ");
	progress_put_duration(out, e->seconds);
}

void cost_line(const struct cost *cost, enum verify_mode mode, struct buf *out)
{
	progress_put_count(out, cost->blocks);
	buf_puts(out, " blocks cost the node about, if none is covered: ");
	for (size_t i = 0; i < MODES; i++) {
		buf_printf(out, "%s%s%s ", i > 0 ? "; " : "",
			   verify_mode_name(modes[i]),
			   modes[i] == mode ? " (as configured)" : "");
		put_mode(out, &cost->modes[modes[i]]);
	}
}

void cost_json(const struct cost *cost, struct buf *out)
{
	buf_printf(out, "{\"blocks\":%" PRIu64, cost->blocks);
	for (size_t i = 0; i < MODES; i++) {
		const struct estimate *e = &cost->modes[modes[i]];

		buf_printf(out, ",\"%s\":", verify_mode_name(modes[i]));
		if (e->known)
			buf_printf(out,
				   "{\"requests\":%.0f,\"bytes\":%.0f,"
				   "\"seconds\":%.3f}",
				   e->requests, e->bytes, e->seconds);
		else
			buf_puts(out, "null");
	}
	buf_putc(out, '}');
}
