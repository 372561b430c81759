#ifndef GS_DAEMON_SERVE_PROCESS_H
#define GS_DAEMON_SERVE_PROCESS_H

#include "common/buf.h"

/* Appends a number as the Prometheus text format writes it: the shortest that
 * reads back as the same double. */
void metric_put_value(struct buf *out, double value);

/* Appends process_*, as the Prometheus client libraries define them, from
 * proc(5). What the kernel does not tell is left out. */
void process_render(struct buf *out);

#endif
