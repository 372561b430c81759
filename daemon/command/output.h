#ifndef GS_DAEMON_COMMAND_OUTPUT_H
#define GS_DAEMON_COMMAND_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

/* What commands print. Text from outside (arguments, rows, a server's words)
 * goes through here, so that it cannot steer a terminal. */

/* Control characters and what is no UTF-8 become \xNN. NULL prints "-". */
void output_text(FILE *out, const char *text);

/* A table: n_rows * n_columns cells, row by row, the first row being the
 * heads; NULL prints "-". Columns are as wide as their widest cell. */
void output_table(FILE *out, const char *const *cells, size_t n_rows,
		  size_t n_columns);

#endif
