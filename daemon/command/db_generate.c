#include "common/buf.h"
#include "common/bytes.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "embedded/migrations.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "db/migrations"
#define DIGITS 4 /* of a migration's number: they are applied in text order */
#define NUMBER_MAX 9999
#define NAME_MAX_LEN 60

/* "add tips" or "add-tips" as add_tips. */
static enum err make_name(char name[NAME_MAX_LEN + 1], const char *text,
			  struct fault *fault)
{
	size_t len = strlen(text);

	if (len == 0 || len > NAME_MAX_LEN)
		return fault_set(fault, ERR_USAGE,
				 "the name must have 1 to %d characters",
				 NAME_MAX_LEN);
	for (size_t i = 0; i <= len; i++)
		name[i] = text[i] == ' ' || text[i] == '-' ? '_' : text[i];
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != len)
		return fault_set(
		    fault, ERR_USAGE,
		    "\"%s\": a migration's name has small letters, "
		    "digits and _ only, as in add_tips",
		    text);
	return OK;
}

/* 12 for "0012_add_tips"; 0: it is no migration. */
static unsigned number_of(const char *name)
{
	unsigned number = 0;

	if (strspn(name, "0123456789") != DIGITS || name[DIGITS] != '_')
		return 0;
	for (size_t i = 0; i < DIGITS; i++)
		number = number * 10 + (unsigned)(name[i] - '0');
	return number;
}

/* The highest in the folder, and of those that this program knows: the folder
 * may be older. */
static enum err find_last(unsigned *last, const char *folder,
			  struct fault *fault)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		return fault_set(fault, ERR_USAGE,
				 "%s: %s; run this in GigStream's source tree, "
				 "or say where the migrations are: --dir DIR",
				 folder, strerror(errno));
	while ((entry = readdir(dir)))
		if (number_of(entry->d_name) > *last)
			*last = number_of(entry->d_name);
	(void)closedir(dir);
	for (const struct embedded *e = embedded_migrations; e->name; e++)
		if (number_of(e->name) > *last)
			*last = number_of(e->name);
	if (*last >= NUMBER_MAX)
		return fault_set(fault, ERR_LIMIT,
				 "%s: %u was the last number there is", folder,
				 NUMBER_MAX);
	return OK;
}

static const char template[] = "-- What this changes, and why.\n"
			       "--\n"
			       "-- One transaction: it is applied whole or not "
			       "at all. Once a database has\n"
			       "-- it, it is never edited: what comes after is "
			       "a new migration. Then renew\n"
			       "-- db/schema.txt (tests/lib/renew-schema).\n";

/* Never over a file that is there. */
static enum err write_file(const char *path, struct fault *fault)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ssize_t len = sizeof(template) - 1;
	bool written;

	if (fd < 0)
		return fault_set(fault, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
				 "%s: %s", path, strerror(errno));
	errno = ENOSPC; /* what a write cut short means */
	written = write(fd, template, (size_t)len) == len;
	if (close(fd) == 0 && written)
		return OK;
	(void)fault_set(fault, ERR_IO, "%s: %s", path, strerror(errno));
	(void)unlink(path);
	return ERR_IO;
}

static enum err generate_file(struct buf *path, const struct cli *cli,
			      struct fault *fault)
{
	const char *folder = cli_value(cli, "dir");
	char name[NAME_MAX_LEN + 1];
	unsigned last = 0;
	enum err err;

	folder = folder ? folder : FOLDER;
	err = make_name(name, cli->arguments[0], fault);
	if (err == OK)
		err = find_last(&last, folder, fault);
	if (err != OK)
		return err;
	buf_printf(path, "%s/%0*u_%s.sql", folder, DIGITS, last + 1, name);
	if (path->err)
		return fault_set(fault, path->err, "--dir %.64s...: too long",
				 folder);
	return write_file(path->data, fault);
}

static enum cli_exit generate(struct command *command)
{
	struct fault fault = {0};
	struct buf path;
	enum err err;

	buf_init(&path, 4096);
	err = generate_file(&path, command->cli, &fault);
	if (err == OK) {
		output_text(stdout, path.data);
		putchar('\n');
		fputs("gigstreamd: write the statements into it; then ./dev "
		      "build, and gigstreamd db push applies it\n",
		      stderr);
	}
	buf_free(&path);
	return err == OK ? CLI_DONE : command_fail(&fault);
}

const struct cli_command command_db_generate = {
    .name = "db generate",
    .arguments = "NAME",
    .help = "begin the next migration: an empty file with its number",
    .more = "For developers, in GigStream's source tree. Prints the file's "
	    "name. Migrations become part of the program when it is built.",
    .min_arguments = 1,
    .max_arguments = 1,
    .needs = CLI_NEEDS_NOTHING,
    .options = {{"dir", "DIR", "where it goes (default: " FOLDER ")"}},
    .run = generate,
};
