#include "run_folder.h"

#include "memory.h"
#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "wiretale-run-"
#define DRAWN "XXXXXX"   /* mkdtemp() puts letters there */
#define YOUNG_SECONDS 10 /* one that is empty may be about to be locked */

/* Where there may be one; the last is memory, for a system that nobody may write to. */
static const char *base(void)
{
    const char *named = getenv("TMPDIR"), *const places[] = {named && named[0] == '/' ? named : "/tmp", "/tmp",
                                                             "/dev/shm"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access(places[i], W_OK | X_OK) == 0)
            return places[i];
    return places[0];
}

/* The folder's list, from its beginning; `fd` stays open. */
static DIR *list_of(int fd)
{
    const int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again < 0 ? NULL : fdopendir(again);
    if (!list && again >= 0)
        (void)close(again);
    return list;
}

static const struct dirent *next_file(DIR *list)
{
    const struct dirent *e = NULL;
    while (list && (e = readdir(list)) && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")))
        ;
    return e;
}

static bool is_empty(int fd)
{
    DIR *list = list_of(fd);
    const bool empty = !next_file(list);
    if (list)
        (void)closedir(list);
    return empty;
}

static void empty_flat(int fd)
{
    DIR *list = list_of(fd);
    const struct dirent *e;
    while ((e = next_file(list)))
        (void)unlinkat(fd, e->d_name, 0);
    if (list)
        (void)closedir(list);
}

/* There may be a folder in it, with files alone. */
static void empty(int fd)
{
    DIR *list = list_of(fd);
    const struct dirent *e;
    while ((e = next_file(list))) {
        if (unlinkat(fd, e->d_name, 0) == 0)
            continue;
        const int inner = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner < 0)
            continue;
        empty_flat(inner);
        (void)close(inner);
        (void)unlinkat(fd, e->d_name, AT_REMOVEDIR);
    }
    if (list)
        (void)closedir(list);
}

/* A folder that the user keeps may begin with the same letters. */
static bool is_ours(const char *name)
{
    return strncmp(name, PREFIX, strlen(PREFIX)) == 0 && strlen(name) == strlen(PREFIX DRAWN);
}

/* Whether that is one of ours whose run is dead: nobody else holds its lock. */
static bool is_left(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_uid != geteuid() || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return false;
    return time(NULL) - st.st_mtime > YOUNG_SECONDS || !is_empty(fd);
}

static void remove_left(const char *from)
{
    DIR *list = opendir(from);
    const struct dirent *e;
    while (list && (e = readdir(list))) {
        if (!is_ours(e->d_name))
            continue;
        const int fd = openat(dirfd(list), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (is_left(fd)) {
            empty(fd);
            (void)unlinkat(dirfd(list), e->d_name, AT_REMOVEDIR);
        }
        (void)close(fd);
    }
    if (list)
        (void)closedir(list);
}

/* Another run that looks for what was left may hold a new folder's lock for a moment, and leaves the folder alone then.
 */
static bool lock(int fd)
{
    int status;
    do
        status = flock(fd, LOCK_EX);
    while (status != 0 && errno == EINTR);
    return status == 0;
}

static bool refuse(struct tool_folder *f, const char *name, int reason)
{
    tool_complain(f->command, "%s: %s", name, wt_error_reason(reason));
    tool_folder_close(f);
    return false;
}

static bool open_kept(struct tool_folder *f, const char *name)
{
    if (mkdir(name, 0700) != 0 && errno != EEXIST)
        return refuse(f, name, errno);
    f->fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    f->path = f->fd < 0 ? NULL : realpath(name, NULL);
    if (!f->path)
        return refuse(f, name, errno);
    if (is_empty(f->fd))
        return true;
    tool_complain(f->command, _("%s is not empty: name another folder"), name);
    tool_folder_close(f);
    return false;
}

bool tool_folder_open(struct tool_folder *f, const char *keep)
{
    f->fd = -1;
    f->path = f->drop = NULL;
    f->kept = keep != NULL;
    remove_left(base());
    if (keep)
        return open_kept(f, keep);
    f->path = tool_format("%s/" PREFIX DRAWN, base());
    if (!f->path)
        return refuse(f, base(), ENOMEM);
    if (!mkdtemp(f->path)) {
        const int reason = errno;
        free(f->path);
        f->path = NULL;
        return refuse(f, base(), reason);
    }
    f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (f->fd < 0 || !lock(f->fd))
        return refuse(f, f->path, errno);
    return true;
}

bool tool_folder_open_drop(struct tool_folder *f)
{
    if (!tool_folder_open(f, NULL))
        return false;
    f->drop = tool_format("%s/" DRAWN, f->path);
    if (f->drop && mkdtemp(f->drop) && chmod(f->drop, 0711) == 0 && fchmod(f->fd, 0711) == 0)
        return true;
    return refuse(f, f->path, f->drop ? errno : ENOMEM);
}

char *tool_folder_file(const struct tool_folder *f, const char *name)
{
    return tool_format("%s/%s", f->drop ? f->drop : f->path, name);
}

char *tool_folder_make(const struct tool_folder *f, const char *name)
{
    char *path = tool_folder_file(f, name);
    const int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    const bool ok = fd >= 0 && (!f->drop || fchmod(fd, 0622) == 0);
    if (fd >= 0)
        (void)close(fd);
    if (ok)
        return path;
    free(path);
    return NULL;
}

void tool_folder_remove(const struct tool_folder *f)
{
    if (!f->path || f->fd < 0 || f->kept)
        return;
    empty(f->fd);
    (void)rmdir(f->path);
}

void tool_folder_close(struct tool_folder *f)
{
    tool_folder_remove(f);
    if (f->fd >= 0)
        (void)close(f->fd);
    free(f->path);
    free(f->drop);
    f->path = f->drop = NULL;
    f->fd = -1;
}
