#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/secret_file.h"
#include "config/settings.h"

#define OURS "GIGSTREAM_"

/* The value of a variable; NULL where it is unset or, as container tools like
 * to leave it, empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* A list of plain values is one variable with commas between them. */
static enum err add_words(struct settings *settings, struct setting *like,
			  const char *value, struct fault *fault)
{
	enum err err = OK;

	while (err == OK && *value) {
		size_t len = strcspn(value, ", ");
		char *word = strndup(value, len);

		if (!word)
			return fault_set(fault, ERR_NOMEM, "out of memory");
		if (len) {
			err = settings_add(settings, like, word, fault);
			like->item++;
		}
		free(word);
		value += len + (value[len] != '\0');
	}
	return err;
}

static enum err read_variable(struct settings *settings,
			      const struct option *option, struct fault *fault)
{
	char name[OPTION_ENV_SIZE];
	const char *value = variable(option_env(name, option));
	struct setting like = {.option = option, .env = name};

	if (!value)
		return OK;
	settings_drop_file(settings, option);
	if (option->path[strlen(option->path) - 1] == ']')
		return add_words(settings, &like, value, fault);
	return settings_add(settings, &like, value, fault);
}

/* $CREDENTIALS_DIRECTORY/name, as systemd.exec(5) LoadCredential= leaves it.
 * A credential that is not there is no error. */
static enum err read_credential(struct settings *settings,
				const struct option *option,
				struct fault *fault)
{
	struct setting like = {.option = option,
			       .credential = option->credential};
	const char *folder = variable("CREDENTIALS_DIRECTORY");
	struct fault inner = {0};
	char *path, *text;
	enum err err;

	if (!folder)
		return OK;
	if (asprintf(&path, "%s/%s", folder, option->credential) < 0)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	err = file_read_secret(&text, path, &inner);
	free(path);
	if (err == ERR_MISSING)
		return OK;
	if (err != OK)
		return settings_fault(settings, &like, ERR_USAGE, inner.text,
				      fault);
	err = settings_add(settings, &like, text, fault);
	free(text);
	return err;
}

static enum err read_also(struct settings *settings,
			  const struct option *option, struct fault *fault)
{
	char name[OPTION_ENV_SIZE];
	const char *value = variable(option->also);
	struct setting like = {.option = option, .env = name};

	if (!value)
		return OK;
	(void)snprintf(name, sizeof(name), "%s", option->also);
	return settings_add(settings, &like, value, fault);
}

static enum err read_when_silent(struct settings *settings,
				 const struct option *option,
				 struct fault *fault)
{
	enum err err = OK;

	if (option->credential && !settings_has(settings, option))
		err = read_credential(settings, option, fault);
	if (err == OK && option->also && !settings_has(settings, option))
		err = read_also(settings, option, fault);
	return err;
}

static bool is_known(const char *name)
{
	char right[OPTION_ENV_SIZE];

	for (size_t i = 0; i < n_options; i++)
		if (strcmp(option_env(right, &options[i]), name) == 0)
			return true;
	return false;
}

/* A variable that misses one of ours by a typing error is refused; others
 * that begin alike may be somebody else's (Kubernetes makes some). */
static enum err refuse_mistyped(struct fault *fault)
{
	for (char **entry = environ; entry && *entry; entry++) {
		size_t len = strcspn(*entry, "=");
		char name[OPTION_ENV_SIZE], right[OPTION_ENV_SIZE];
		const struct option *near;

		if (strncmp(*entry, OURS, strlen(OURS)) != 0 ||
		    len >= sizeof(name))
			continue;
		memcpy(name, *entry, len);
		name[len] = '\0';
		near = is_known(name) ? NULL : option_suggest_env(name);
		if (near)
			return fault_set(fault, ERR_USAGE,
					 "%s (environment): no such option: "
					 "did you mean %s?",
					 name, option_env(right, near));
	}
	return OK;
}

enum err settings_read_environment(struct settings *settings,
				   struct fault *fault)
{
	enum err err = refuse_mistyped(fault);

	for (size_t i = 0; err == OK && i < n_options; i++)
		err = read_variable(settings, &options[i], fault);
	for (size_t i = 0; err == OK && i < n_options; i++)
		err = read_when_silent(settings, &options[i], fault);
	return err;
}
