/* The private folder of a run: locked while it lives, and what dead runs have left is removed. */
#include "run_folder.h"

#include "tool.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 300 };

void tool_complain(const struct tool_command *command, const char *format, ...)
{
    va_list list;
    (void)command;
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    (void)fputc('\n', stderr);
}

const char *wt_error_reason(int number)
{
    return strerror(number);
}

static char place[] = "/tmp/test_run_folder.XXXXXX";

static int make_place(void **state)
{
    (void)state;
    return !mkdtemp(place) || setenv("TMPDIR", place, 1) != 0;
}

static int remove_place(void **state)
{
    (void)state;
    return rmdir(place);
}

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* As other runs look for what was left: a lock of a moment on all that is there. */
static void look(void)
{
    for (;;) {
        DIR *list = opendir(place);
        const struct dirent *e;
        while (list && (e = readdir(list))) {
            const int fd = e->d_name[0] == '.' ? -1 : openat(dirfd(list), e->d_name, O_RDONLY | O_DIRECTORY);
            if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
                (void)usleep(500);
            if (fd >= 0)
                (void)close(fd);
        }
        if (list)
            (void)closedir(list);
    }
}

static void others_look_for_what_was_left(void **state)
{
    (void)state;
    pid_t others[4];
    for (size_t i = 0; i < 4; i++)
        if ((others[i] = fork()) == 0)
            look();
    int opened = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct tool_folder folder = {0};
        if (!tool_folder_open(&folder, NULL))
            continue;
        opened += exists(folder.path);
        tool_folder_remove(&folder);
        tool_folder_close(&folder);
    }
    for (size_t i = 0; i < 4; i++) {
        (void)kill(others[i], SIGKILL);
        assert_int_equal(waitpid(others[i], NULL, 0), others[i]);
    }
    assert_int_equal(opened, ROUNDS);
}

/* A dead run's folder with secrets goes, a living one's and one that the user keeps stay. */
static void dead_runs_are_swept(void **state)
{
    (void)state;
    char dead[sizeof place + 32], kept[sizeof place + 32];
    struct tool_folder living = {0}, own = {0}, next = {0};
    assert_true(tool_folder_open(&living, NULL));
    free(tool_folder_make(&living, "keys"));
    (void)snprintf(kept, sizeof kept, "%s/wiretale-run-of-today", place);
    assert_true(tool_folder_open(&own, kept));
    char *keys = tool_folder_make(&own, "keys");
    (void)snprintf(dead, sizeof dead, "%s/wiretale-run-AbCdEf", place);
    assert_int_equal(mkdir(dead, 0700), 0);
    (void)strcat(dead, "/keys");
    assert_int_equal(close(open(dead, O_WRONLY | O_CREAT, 0600)), 0);
    *strrchr(dead, '/') = '\0';

    assert_true(tool_folder_open(&next, NULL));
    assert_false(exists(dead));
    assert_true(exists(living.path));
    assert_true(exists(keys));

    assert_int_equal(unlink(keys), 0);
    free(keys);
    assert_int_equal(rmdir(kept), 0);
    tool_folder_remove(&next);
    tool_folder_remove(&living);
    tool_folder_close(&next);
    tool_folder_close(&living);
    tool_folder_close(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_look_for_what_was_left),
        cmocka_unit_test(dead_runs_are_swept),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
