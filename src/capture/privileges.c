/* Giving up root once the interface is open: everything after that reads bytes that strangers sent. */
#include "wiretale/live.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Where nobody has no entry: the number that Linux shows for users it cannot map. */
#define NOBODY 65534

/* A decimal number of the environment that is no root; false when there is none. */
static bool from_environment(const char *name, unsigned *id)
{
    const char *text = getenv(name);
    char *end;
    unsigned long value;
    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno || *end || value == 0 || value >= (unsigned)-1)
        return false;
    *id = (unsigned)value;
    return true;
}

/* The user who called sudo, else nobody. */
static void choose(unsigned *uid, unsigned *gid)
{
    const struct passwd *entry;
    if (from_environment("SUDO_UID", uid)) {
        if (from_environment("SUDO_GID", gid))
            return;
        entry = getpwuid((uid_t)*uid);
        *gid = entry && entry->pw_gid ? entry->pw_gid : NOBODY;
        return;
    }
    entry = getpwnam("nobody");
    *uid = entry && entry->pw_uid ? entry->pw_uid : NOBODY;
    *gid = entry && entry->pw_gid ? entry->pw_gid : NOBODY;
}

static bool refuse(struct wt_problem *problem, const char *what)
{
    *problem = (struct wt_problem){.id = WT_PROBLEM_LIVE_PRIVILEGES, .name = what, .value = {(uint64_t)errno}};
    return false;
}

/* Through the system calls themselves: libcap is no dependency for the sake of two. What is permitted includes what is
 * in effect. */
static bool capabilities(uint64_t *permitted)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    return true;
}

static bool set_capabilities(uint64_t permitted, uint64_t effective)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
        {.permitted = (uint32_t)permitted, .effective = (uint32_t)effective},
        {.permitted = (uint32_t)(permitted >> 32), .effective = (uint32_t)(effective >> 32)}};
    return syscall(SYS_capset, &header, data) == 0;
}

static bool clear_capabilities(void)
{
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return set_capabilities(0, 0);
}

static bool has_capabilities(void)
{
    uint64_t permitted;
    return !capabilities(&permitted) || permitted;
}

static bool is_user(unsigned uid, unsigned gid)
{
    uid_t u[3];
    gid_t g[3];
    return getresuid(&u[0], &u[1], &u[2]) == 0 && getresgid(&g[0], &g[1], &g[2]) == 0 && u[0] == uid && u[1] == uid &&
           u[2] == uid && g[0] == gid && g[1] == gid && g[2] == gid;
}

static bool become(unsigned uid, unsigned gid, struct wt_problem *problem)
{
    gid_t group = gid;
    if (setgroups(1, &group) != 0)
        return refuse(problem, "setgroups");
    if (setresgid(gid, gid, gid) != 0)
        return refuse(problem, "setresgid");
    if (setresuid(uid, uid, uid) != 0)
        return refuse(problem, "setresuid");
    return true;
}

bool wt_live_user(const char *name, unsigned *uid, unsigned *gid)
{
    if (getuid() != 0 && geteuid() != 0) {
        *uid = getuid();
        *gid = getgid();
        return !name;
    }
    if (!name) {
        choose(uid, gid);
        return true;
    }
    const struct passwd *entry = getpwnam(name);
    if (!entry || !entry->pw_uid)
        return false;
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    return true;
}

bool wt_live_drop_privileges(struct wt_problem *problem)
{
    return wt_live_drop_privileges_to(NULL, problem);
}

bool wt_live_drop_privileges_to(const char *name, struct wt_problem *problem)
{
    unsigned uid, gid;
    bool root = getuid() == 0 || geteuid() == 0;
    errno = EINVAL;
    if (!wt_live_user(name, &uid, &gid))
        return refuse(problem, "user");
    if (root) {
        if (!become(uid, gid, problem))
            return false;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refuse(problem, "no_new_privs");
    if (!clear_capabilities())
        return refuse(problem, "capset");
    if (!root)
        return true;
    /* Trust nothing: a system where this can be undone is one where it was not done. */
    errno = EPERM;
    if (!is_user(uid, gid) || setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || has_capabilities())
        return refuse(problem, "setuid");
    return true;
}

/* ---- a process that reads files */

#define BIT(capability) ((uint64_t)1 << (capability))

/* What it takes to read any file; containers often have the second only. */
static uint64_t reading(uint64_t permitted)
{
    return permitted & BIT(CAP_DAC_READ_SEARCH) ? BIT(CAP_DAC_READ_SEARCH) : permitted & BIT(CAP_DAC_OVERRIDE);
}

/* Whether that user opens, with the capability that is kept, what root opens now: a server of files may heed the user
 * alone. A pipe is not opened for it, since its writer would see that. */
static bool could_read(unsigned uid, unsigned gid, uint64_t permitted, const char *const *files, size_t count)
{
    const gid_t group = getegid();
    bool ok = setegid(gid) == 0 && seteuid(uid) == 0 && set_capabilities(permitted, reading(permitted));
    for (size_t i = 0; ok && i < count; i++) {
        struct stat st;
        if (stat(files[i], &st) != 0 ? errno == ENOENT : !S_ISREG(st.st_mode))
            continue;
        const int fd = open(files[i], O_RDONLY | O_CLOEXEC);
        ok = fd >= 0;
        if (fd >= 0)
            (void)close(fd);
    }
    return seteuid(0) == 0 && setegid(group) == 0 && set_capabilities(permitted, permitted) && ok;
}

bool wt_live_become_reader(const char *name, const char *const *files, size_t count, struct wt_problem *problem)
{
    unsigned uid, gid;
    uint64_t permitted;
    errno = EINVAL;
    if (!wt_live_user(name, &uid, &gid))
        return refuse(problem, "user");
    if (getuid() != 0 || geteuid() != 0 || !capabilities(&permitted))
        return refuse(problem, "capget");
    errno = EACCES;
    if (!could_read(uid, gid, permitted, files, count))
        return refuse(problem, "open");
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || !become(uid, gid, problem))
        return refuse(problem, "keepcaps");
    const uint64_t kept = reading(permitted);
    if (!set_capabilities(kept, kept))
        return refuse(problem, "capset");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refuse(problem, "no_new_privs");
    errno = EPERM;
    if (!is_user(uid, gid) || setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
        return refuse(problem, "setuid");
    return true;
}

bool wt_live_keep_files_only(void)
{
    uint64_t permitted;
    if (!capabilities(&permitted))
        return false;
    permitted &= BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_DAC_OVERRIDE);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_capabilities(permitted, permitted);
}
