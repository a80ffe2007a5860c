/* Landlock: which files a process can still open. It is asked of the kernel by number, as most of it is younger than
 * the headers of systems that it is built on. */
#include "base/memory.h"
#include "wiretale/live.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(SYS_landlock_create_ruleset) && !WT_SANITIZED /* a sanitizer reads what it likes of /proc */

/* linux/landlock.h */
enum { ASK_VERSION = 1, RULE_PATH_BENEATH = 1 };
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_FILE = 1 << 5,
    MAKE_REG = 1 << 8,
    TRUNCATE = 1 << 14,
    FIRST_RIGHTS = (1 << 13) - 1, /* with those to remove folders, and to make all other kinds */
    REFER = 1 << 13,
    IOCTL_DEV = 1 << 15,
    OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
    READS = READ_FILE | READ_DIR,
    MAKES = READS | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE,
    TCP_BIND_AND_CONNECT = 3,
    ABSTRACT_SOCKETS_AND_SIGNALS = 3
};

struct ruleset {
    uint64_t files, net, scoped;
};

struct beneath {
    uint64_t rights;
    int32_t fd;
} __attribute__((packed));

struct rules {
    struct ruleset handled;
    int fd;
    bool failed;
};

/* What each version of Landlock knows: asked for more, the kernel refuses everything. */
static bool begin(struct rules *r)
{
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    size_t size = sizeof r->handled.files;
    if (version < 1)
        return false;
    r->handled.files =
        FIRST_RIGHTS | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
    if (version >= 4) {
        r->handled.net = TCP_BIND_AND_CONNECT;
        size += sizeof r->handled.net;
    }
    if (version >= 6) {
        r->handled.scoped = ABSTRACT_SOCKETS_AND_SIGNALS;
        size += sizeof r->handled.scoped;
    }
    r->fd = (int)syscall(SYS_landlock_create_ruleset, &r->handled, size, 0);
    return r->fd >= 0;
}

static void allow_fd(struct rules *r, int fd, uint64_t rights)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        r->failed = true;
    else if (!S_ISDIR(st.st_mode))
        rights &= OF_FILES;
    const struct beneath beneath = {rights & r->handled.files, fd};
    r->failed |= syscall(SYS_landlock_add_rule, r->fd, RULE_PATH_BENEATH, &beneath, 0) != 0;
    (void)close(fd);
}

/* What is there by now: the path, or the nearest folder of it. */
static void allow(struct rules *r, const char *path, uint64_t rights)
{
    char *name = wt_strdup(path), *at = name;
    int fd = -1;
    while (at && (fd = open(at, O_PATH | O_CLOEXEC)) < 0 && strcmp(at, "/") != 0 && strcmp(at, ".") != 0)
        at = dirname(at);
    if (fd >= 0)
        allow_fd(r, fd, rights);
    else
        r->failed = true;
    free(name);
}

/* The folder of a file, since another may take its name; where the name is a link, that of the file too. What is a
 * folder, or a device, stays itself. */
static void allow_around(struct rules *r, const char *path, uint64_t rights)
{
    struct stat st;
    const bool there = stat(path, &st) == 0;
    if (there && !S_ISREG(st.st_mode)) {
        allow(r, path, rights);
        return;
    }
    char *name = wt_strdup(path), *real = there ? realpath(path, NULL) : NULL;
    if (name)
        allow(r, dirname(name), rights);
    if (real)
        allow(r, dirname(real), rights);
    r->failed |= !name || (there && !real);
    free(name);
    free(real);
}

bool wt_live_confine_files(const char *const *read, size_t read_count, const char *const *made, size_t made_count)
{
    /* Parts of libraries that are loaded when they are needed, trusted roots, the time zone; counters of interfaces. */
    static const char *const system[] = {"/usr", "/lib", "/lib32", "/lib64", "/etc", "/sys"};
    struct rules r = {.fd = -1};
    if (!begin(&r))
        return false;
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        if (access(system[i], F_OK) == 0)
            allow(&r, system[i], READS);
    for (size_t i = 0; i < read_count; i++)
        allow_around(&r, read[i], READS);
    for (size_t i = 0; i < made_count; i++)
        allow_around(&r, made[i], MAKES);
    const bool ok =
        !r.failed && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, r.fd, 0) == 0;
    (void)close(r.fd);
    return ok;
}

#else

bool wt_live_confine_files(const char *const *read, size_t read_count, const char *const *made, size_t made_count)
{
    (void)read;
    (void)read_count;
    (void)made;
    (void)made_count;
    return false;
}

#endif
