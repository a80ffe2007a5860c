/*
 * measure: runs one command and tells what it cost.
 *
 *     measure FD COMMAND [ARGUMENT...]
 *
 * Writes one JSON object to the open file descriptor FD when the command has ended; standard input, output
 * and error pass through untouched.
 *
 * Why a program of its own: the kernel's ru_maxrss survives execve(2). A child started by an interpreter of
 * 12 MiB reports at least 12 MiB, however little it needs itself, and that would hide exactly the growth the
 * benchmark looks for. This parent is small and stays small, so the figure is the command's own.
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* wait4(2) */
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    EXIT_NO_COMMAND = 127 /* as the shell has it: the command could not be started */
};

static double seconds_of(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int parse_fd(const char *text)
{
    char *end = NULL;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > 1023)
        return -1;
    /* The command must not hold the report open. This also says whether FD is open at all. */
    return fcntl((int)value, F_SETFD, FD_CLOEXEC) == 0 ? (int)value : -1;
}

int main(int argc, char **argv)
{
    const int fd = argc >= 3 ? parse_fd(argv[1]) : -1;
    if (fd < 0) {
        fprintf(stderr,
                "usage: measure FD COMMAND [ARGUMENT...]   (FD: an open file descriptor for the report)\n");
        return EXIT_USAGE;
    }

    const double started = now();
    const pid_t child = fork();
    if (child < 0) {
        perror("measure: fork");
        return EXIT_FAILURE;
    }
    if (child == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(errno));
        _exit(EXIT_NO_COMMAND);
    }

    int status = 0;
    struct rusage used;
    while (wait4(child, &status, 0, &used) < 0) {
        if (errno != EINTR) {
            perror("measure: wait4");
            return EXIT_FAILURE;
        }
    }
    const double wall = now() - started;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

    if (dprintf(fd,
                "{\"wall\": %.6f, \"user\": %.6f, \"system\": %.6f, \"maxrss_kib\": %ld, \"status\": %d}\n",
                wall, seconds_of(&used.ru_utime), seconds_of(&used.ru_stime), used.ru_maxrss, code) < 0) {
        perror("measure: report");
        return EXIT_FAILURE;
    }
    return code;
}
