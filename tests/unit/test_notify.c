#include "daemon/serve/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A service manager: the socket that systemd would give, and what came. */
struct manager {
	uv_loop_t loop;
	int fd;
	char folder[64], path[96];
	char heard[512];
};

static int set_up(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct manager *manager = calloc(1, sizeof(*manager));

	assert_non_null(manager);
	assert_int_equal(uv_loop_init(&manager->loop), 0);
	strcpy(manager->folder, "/tmp/gs-notify-XXXXXX");
	assert_non_null(mkdtemp(manager->folder));
	snprintf(manager->path, sizeof(manager->path), "%s/socket",
		 manager->folder);
	strcpy(address.sun_path, manager->path);
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(manager->fd >= 0);
	assert_int_equal(
	    bind(manager->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", manager->path, 1);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	*state = manager;
	return 0;
}

static int tear_down(void **state)
{
	struct manager *manager = *state;

	/* Only a loop with nothing open can be closed. */
	(void)uv_run(&manager->loop, UV_RUN_NOWAIT);
	assert_int_equal(uv_loop_close(&manager->loop), 0);
	close(manager->fd);
	unlink(manager->path);
	rmdir(manager->folder);
	unsetenv("NOTIFY_SOCKET");
	free(manager);
	return 0;
}

/* The next message; "" when there is none. */
static const char *hear(struct manager *manager)
{
	ssize_t n = recv(manager->fd, manager->heard,
			 sizeof(manager->heard) - 1, MSG_DONTWAIT);

	if (n < 0)
		assert_int_equal(errno, EAGAIN);
	manager->heard[n < 0 ? 0 : n] = '\0';
	return manager->heard;
}

static void test_the_life_of_a_service(void **state)
{
	struct manager *manager = *state;
	struct notify *notify = notify_new(&manager->loop);

	assert_non_null(notify);
	assert_string_equal(hear(manager), "");
	notify_status(notify, "checking %s", "the node");
	assert_string_equal(hear(manager), "STATUS=checking the node");
	notify_ready(notify);
	assert_string_equal(hear(manager), "READY=1");
	notify_ready(notify);
	assert_string_equal(hear(manager), "");
	notify_stopping(notify);
	assert_string_equal(hear(manager), "STOPPING=1");
	notify_close(notify);
}

static void test_a_reload_has_a_beginning_and_an_end(void **state)
{
	const char *begin = "RELOADING=1\nMONOTONIC_USEC=";
	struct manager *manager = *state;
	struct notify *notify = notify_new(&manager->loop);
	uint64_t before = uv_hrtime() / 1000; /* CLOCK_MONOTONIC, too */
	unsigned long long usec;

	notify_reloading(notify);
	notify_reloaded(notify); /* READY before it is */
	assert_string_equal(hear(manager), "");
	notify_ready(notify);
	assert_string_equal(hear(manager), "READY=1");
	notify_reloading(notify);
	assert_memory_equal(hear(manager), begin, strlen(begin));
	assert_int_equal(sscanf(manager->heard + strlen(begin), "%llu", &usec),
			 1);
	assert_in_range(usec, before, uv_hrtime() / 1000);
	notify_reloaded(notify);
	assert_string_equal(hear(manager), "READY=1");
	notify_close(notify);
}

static void test_status_is_one_line_and_news(void **state)
{
	struct manager *manager = *state;
	struct notify *notify = notify_new(&manager->loop);
	char longer[600];

	notify_status(notify, "one\nMAINPID=1");
	assert_string_equal(hear(manager), "STATUS=one MAINPID=1");
	notify_status(notify, "one\nMAINPID=1");
	assert_string_equal(hear(manager), "");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	notify_status(notify, "%s", longer);
	assert_int_equal(strlen(hear(manager)), strlen("STATUS=") + 255);
	notify_close(notify);
}

static void on_too_late(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("no tick for five seconds");
}

static void test_watchdog_ticks_while_the_loop_turns(void **state)
{
	struct manager *manager = *state;
	uint64_t start = uv_hrtime();
	struct notify *notify;
	uv_timer_t busy;

	/* Timers count from the loop's clock, which stands between its turns. */
	uv_update_time(&manager->loop);
	setenv("WATCHDOG_USEC", "40000", 1);
	notify = notify_new(&manager->loop);
	/* The watchdog alone does not keep the loop going. */
	assert_int_equal(uv_run(&manager->loop, UV_RUN_DEFAULT), 0);
	assert_string_equal(hear(manager), "");
	uv_timer_init(&manager->loop, &busy);
	uv_timer_start(&busy, on_too_late, 5000, 0);
	for (int ticks = 0; ticks < 3; ticks++) {
		while (strcmp(hear(manager), "WATCHDOG=1") != 0)
			uv_run(&manager->loop, UV_RUN_ONCE);
		assert_true(uv_hrtime() - start >=
			    (uint64_t)(ticks + 1) * 19000000);
	}
	assert_true(uv_hrtime() - start < 2000000000);
	uv_close((uv_handle_t *)&busy, NULL);
	notify_close(notify);
	(void)uv_run(&manager->loop, UV_RUN_NOWAIT);
}

static void test_watchdog_of_another_process(void **state)
{
	struct manager *manager = *state;
	struct notify *notify;
	char pid[24];

	setenv("WATCHDOG_USEC", "1000", 1);
	snprintf(pid, sizeof(pid), "%d", (int)getppid());
	setenv("WATCHDOG_PID", pid, 1);
	notify = notify_new(&manager->loop);
	/* Time for twenty ticks. */
	for (uint64_t end = uv_hrtime() + 20000000; uv_hrtime() < end;)
		uv_run(&manager->loop, UV_RUN_NOWAIT);
	assert_string_equal(hear(manager), "");
	notify_close(notify);
}

static void test_nobody_listens(void **state)
{
	struct manager *manager = *state;
	struct notify *notify;

	unsetenv("NOTIFY_SOCKET");
	notify = notify_new(&manager->loop);
	notify_status(notify, "nobody");
	notify_ready(notify);
	notify_stopping(notify);
	assert_string_equal(hear(manager), "");
	notify_close(notify);
	notify_close(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_the_life_of_a_service),
	    TEST(test_a_reload_has_a_beginning_and_an_end),
	    TEST(test_status_is_one_line_and_news),
	    TEST(test_watchdog_ticks_while_the_loop_turns),
	    TEST(test_watchdog_of_another_process),
	    TEST(test_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
