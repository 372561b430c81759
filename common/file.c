#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err system_fault(struct fault *fault, const char *what)
{
	enum err code = errno == ENOENT ? ERR_MISSING : ERR_IO;

	return fault_set(fault, code, "%s: %s", what, strerror(errno));
}

static enum err read_all(struct buf *out, int fd, struct fault *fault)
{
	char part[4096];

	for (;;) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return system_fault(fault, "cannot be read");
		if (n == 0)
			return OK;
		buf_add(out, part, (size_t)n);
		if (out->err == ERR_LIMIT)
			return fault_set(fault, ERR_LIMIT,
					 "is larger than %zu bytes: this is "
					 "not the file we expect",
					 out->cap);
		if (out->err != OK)
			return fault_set(fault, out->err, "out of memory");
	}
}

enum err file_read(struct buf *out, const char *path, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	enum err err;

	if (fd < 0)
		return system_fault(fault, "cannot be opened");
	if (fstat(fd, &st) != 0)
		err = system_fault(fault, "cannot be read");
	else if (S_ISDIR(st.st_mode))
		err = fault_set(fault, ERR_IO,
				"is a directory: name the file inside it");
	else
		err = read_all(out, fd, fault);
	(void)close(fd);
	return err;
}
