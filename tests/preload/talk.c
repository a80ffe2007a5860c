/* A program with TLS, whose way of going about is its second argument. Its own key-log lines go to standard output. */
#include "speak.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, NUMBERS = 1100 };

static int port;

static void print_line(const char *line)
{
    printf("own %s\n", line);
    (void)fflush(stdout);
}

static int plain(char **rest)
{
    (void)rest;
    return speak_end(speak_begin(NULL), port);
}

static int own(char **rest)
{
    (void)rest;
    return speak_end(speak_begin(print_line), port);
}

/* All descriptors are closed, and their numbers taken by a file that is none of the library's. */
static int closed(char **rest)
{
    void *context = speak_begin(NULL);
    struct rlimit limit = {NUMBERS + 100, NUMBERS + 100};
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 3; fd < NUMBERS + 100; fd++)
        close(fd);
    int file = open(rest[0], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (int fd = file + 1; fd < NUMBERS; fd++)
        (void)dup2(file, fd);
    return speak_end(context, port);
}

static int forked(char **rest)
{
    void *context = speak_begin(NULL);
    int status = -1;
    pid_t child = fork();
    (void)rest;
    if (child == 0)
        _exit(speak_end(context, port));
    waitpid(child, &status, 0);
    return speak_end(context, port) || status != 0;
}

static int dropped(char **rest)
{
    void *context = speak_begin(NULL);
    (void)rest;
    return setgid(65534) != 0 || setuid(65534) != 0 || speak_end(context, port);
}

static int bare(char **rest)
{
    (void)rest;
    clearenv();
    return plain(rest);
}

static int small(char **rest)
{
    struct rlimit limit = {0, 0};
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    return plain(rest);
}

static void *one(void *context)
{
    (void)context;
    return speak_end(speak_begin(NULL), port) == 0 ? (void *)1 : NULL;
}

static int threads(char **rest)
{
    pthread_t thread[THREADS];
    int failed = 0;
    (void)rest;
    for (int i = 0; i < THREADS; i++)
        failed |= pthread_create(&thread[i], NULL, one, NULL);
    for (int i = 0; i < THREADS; i++) {
        void *well = NULL;
        failed |= pthread_join(thread[i], &well) != 0 || !well;
    }
    return failed;
}

/* Modules that nobody else sees, as interpreters open them; each connects. */
static int modules(char **rest)
{
    int failed = 0;
    for (; *rest; rest++) {
        void *(*begin)(speak_line *);
        int (*end)(void *, int);
        void *handle = dlopen(*rest, RTLD_NOW | RTLD_LOCAL);
        if (!handle) {
            (void)fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        *(void **)&begin = dlsym(handle, "speak_begin");
        *(void **)&end = dlsym(handle, "speak_end");
        failed |= end(begin(print_line), port);
    }
    return failed;
}

/* What the heap holds before this program has asked for any of it. */
static int idle(char **rest)
{
    (void)rest;
    printf("%zu\n", mallinfo2().uordblks);
    return 0;
}

static int stay(char **rest)
{
    (void)rest;
    return (int)sleep(60);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*talk)(char **rest);
    } ways[] = {{"plain", plain},     {"own", own},   {"closed", closed}, {"forked", forked},
                {"dropped", dropped}, {"bare", bare}, {"small", small},   {"threads", threads},
                {"modules", modules}, {"idle", idle}, {"stay", stay}};
    port = argc > 1 ? atoi(argv[1]) : 0;
    for (size_t i = 0; argc > 2 && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(argv[2], ways[i].name) == 0)
            return ways[i].talk(argv + 3);
    return 2;
}
