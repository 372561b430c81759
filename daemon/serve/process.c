#include "daemon/serve/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void metric_put_value(struct buf *out, double value)
{
	char text[32];

	if (isnan(value)) {
		buf_puts(out, "NaN");
		return;
	}
	if (isinf(value)) {
		buf_puts(out, value > 0 ? "+Inf" : "-Inf");
		return;
	}
	snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	buf_puts(out, text);
}

static void put(struct buf *out, const char *name, const char *type,
		const char *help, double value)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name,
		   type, name);
	metric_put_value(out, value);
	buf_putc(out, '\n');
}

struct proc_stat {
	uint64_t user, system; /* ticks */
	uint64_t start;	       /* ticks since boot */
	uint64_t virtual_bytes, resident_pages;
};

static bool read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n;

	if (!file)
		return false;
	n = fread(text, 1, size - 1, file);
	fclose(file);
	text[n] = '\0';
	return n > 0;
}

/* proc(5): fields 14, 15, 22 to 24, counted behind the name in parentheses,
 * which may itself hold anything. */
static bool read_stat(struct proc_stat *stat)
{
	char text[1024];
	const char *rest;

	if (!read_text("/proc/self/stat", text, sizeof(text)))
		return false;
	rest = strrchr(text, ')');
	return rest && sscanf(rest,
			      ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
			      "%" SCNu64 " %" SCNu64 " %*d %*d %*d %*d %*d %*d "
			      "%" SCNu64 " %" SCNu64 " %" SCNu64,
			      &stat->user, &stat->system, &stat->start,
			      &stat->virtual_bytes, &stat->resident_pages) == 5;
}

/* Seconds since the epoch at which the machine booted; 0: not told. */
static double boot_time(void)
{
	char line[256];
	double seconds = 0;
	FILE *file = fopen("/proc/stat", "re");

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "btime %lf", &seconds) == 1)
			break;
	fclose(file);
	return seconds;
}

static void put_stat(struct buf *out)
{
	double tick = (double)sysconf(_SC_CLK_TCK), boot = boot_time();
	struct proc_stat stat;

	if (tick <= 0 || !read_stat(&stat))
		return;
	put(out, "process_cpu_seconds_total", "counter",
	    "User and system CPU time spent.",
	    (double)(stat.user + stat.system) / tick);
	put(out, "process_virtual_memory_bytes", "gauge",
	    "Virtual memory size.", (double)stat.virtual_bytes);
	put(out, "process_resident_memory_bytes", "gauge",
	    "Resident memory size.",
	    (double)stat.resident_pages * (double)sysconf(_SC_PAGESIZE));
	if (boot > 0)
		put(out, "process_start_time_seconds", "gauge",
		    "Start of the process since the epoch.",
		    boot + (double)stat.start / tick);
}

void process_render(struct buf *out)
{
	DIR *folder = opendir("/proc/self/fd");
	struct rlimit limit;
	struct dirent *entry;
	unsigned open_fds = 0;

	put_stat(out);
	if (folder) {
		while ((entry = readdir(folder)) != NULL)
			open_fds += entry->d_name[0] != '.';
		closedir(folder);
		put(out, "process_open_fds", "gauge", "Open file descriptors.",
		    open_fds - 1); /* but for the folder's own */
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		put(out, "process_max_fds", "gauge",
		    "Limit of open file descriptors.",
		    limit.rlim_cur == RLIM_INFINITY ? INFINITY
						    : (double)limit.rlim_cur);
}
