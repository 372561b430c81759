#include "daemon/command/caller.h"

#include "common/utf8.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* utmp's and the kernel's own limits (login names, host names; limits.h). */
#define LOGIN_MAX 255
#define HOST_MAX 64

/* A name that the database takes and a reader can trust. */
static bool is_name(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len == 0 || len > LOGIN_MAX)
		return false;
	while (*text) {
		size_t step = utf8_length(text);

		if (step == 0 || utf8_is_control(text))
			return false;
		text += step;
	}
	return true;
}

static void put_login(char login[LOGIN_MAX + 1])
{
	const char *name = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	struct passwd entry, *found = NULL;
	char memory[4096];

	if (!is_name(name) &&
	    getpwuid_r(getuid(), &entry, memory, sizeof(memory), &found) == 0 &&
	    found)
		name = entry.pw_name;
	if (is_name(name))
		(void)snprintf(login, LOGIN_MAX + 1, "%s", name);
	else
		(void)snprintf(login, LOGIN_MAX + 1, "%lu",
			       (unsigned long)getuid());
}

static enum err make_request_id(char text[UUID_TEXT_SIZE])
{
	struct timespec now = {0};
	struct uuid id;
	enum err err;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	err = uuid_v7(&id, (uint64_t)now.tv_sec * 1000 +
			       (uint64_t)now.tv_nsec / 1000000);
	if (err == OK)
		(void)uuid_format(text, &id);
	return err;
}

enum err caller_init(struct caller *caller, const char *action,
		     struct fault *fault)
{
	char login[LOGIN_MAX + 1], host[HOST_MAX + 1] = "";
	enum err err = make_request_id(caller->request_id);

	if (err != OK)
		return fault_set(fault, err, "the system has no random bytes");
	put_login(login);
	if (gethostname(host, sizeof(host) - 1) != 0 || !is_name(host))
		(void)snprintf(host, sizeof(host), "unknown");
	(void)snprintf(caller->id, sizeof(caller->id), "%s@%s", login, host);
	caller->actor = (struct actor){
	    .type = ACTOR_OPERATOR,
	    .id = caller->id,
	    .action = action,
	    .request_id = caller->request_id,
	    .user_agent = "gigstreamd " GIGSTREAM_VERSION,
	};
	return OK;
}
