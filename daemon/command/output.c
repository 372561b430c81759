#include "daemon/command/output.h"

#include "common/utf8.h"

/* Prints text where out is not NULL; returns how many columns it takes (one a
 * code point: names in wide scripts align roughly). */
static size_t put(FILE *out, const char *text)
{
	size_t width = 0;

	for (text = text ? text : "-"; *text;) {
		size_t len = utf8_length(text);
		unsigned char byte = (unsigned char)text[len ? len - 1 : 0];

		if (len == 0 || utf8_is_control(text)) {
			if (out)
				fprintf(out, "\\x%02x", byte);
			width += 4;
		} else {
			if (out)
				fwrite(text, 1, len, out);
			width++;
		}
		text += len ? len : 1;
	}
	return width;
}

void output_text(FILE *out, const char *text)
{
	(void)put(out, text);
}

static size_t column_width(const char *const *cells, size_t n_rows,
			   size_t n_columns, size_t column)
{
	size_t widest = 0;

	for (size_t row = 0; row < n_rows; row++) {
		size_t width = put(NULL, cells[row * n_columns + column]);

		if (width > widest)
			widest = width;
	}
	return widest;
}

#define MAX_COLUMNS 12

void output_table(FILE *out, const char *const *cells, size_t n_rows,
		  size_t n_columns)
{
	size_t widths[MAX_COLUMNS] = {0};

	for (size_t i = 0; i < n_columns && i < MAX_COLUMNS; i++)
		widths[i] = column_width(cells, n_rows, n_columns, i);
	for (size_t row = 0; row < n_rows; row++) {
		for (size_t i = 0; i < n_columns; i++) {
			size_t width = put(out, cells[row * n_columns + i]);

			/* No blanks at the end of a line. */
			if (i + 1 == n_columns || i >= MAX_COLUMNS)
				continue;
			fprintf(out, "%*s", (int)(widths[i] - width + 2), "");
		}
		fputc('\n', out);
	}
}
