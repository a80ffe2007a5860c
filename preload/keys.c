/* The keys of programs whose libssl is a library: loaded beside them by LD_PRELOAD, which `wiretale run` sets.
 *
 * Most programs give their SSL_CTX no key-log callback. Here every one gets ours, which appends libssl's lines to the
 * file of WIRETALE_KEYLOG, and calls the program's own where it has one. What is not to happen on any account is that a
 * program fails, waits or says something because of this: every error here is silent, and what is not found is passed
 * on. In a program without TLS nothing of this runs, but for a look at one variable of the environment.
 *
 * Our SSL_CTX_new() stands before libssl's, so we have to find libssl's. RTLD_NEXT finds it where the program was
 * linked with libssl. Where libssl came with a module that was opened later and for itself (Python's _ssl, Perl's
 * Net::SSLeay), it finds nothing; there the scope of who calls does. A process may have several libssl, so this is
 * asked for each call.
 *
 * LibreSSL has the function that sets the callback, and never calls it; OpenSSL before 1.1.1 has none. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default"), noinline))
#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))

enum {
    LIBRARIES = 16, /* libssl in one process that are told apart; one more is passed on as it is */
    OBJECTS = 16,   /* whose names have "ssl" in them */
    LINE = 1024,    /* bytes: the longest line has under 300 */
    FAR_DESCRIPTOR =
        1000, /* from here on, out of the way of who counts descriptors; half as much where that is over the limit */
    SSL_CTX_DATA = 1, /* CRYPTO_EX_INDEX_SSL_CTX, the same since OpenSSL 1.0.0 */
    UNASKED = -2,
};

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_method_st SSL_METHOD;
typedef struct ossl_lib_ctx_st OSSL_LIB_CTX;
typedef void keylog_callback(const SSL *ssl, const char *line);
typedef void any_function(void);

/* musl has none. */
extern __typeof__(dlvsym) dlvsym __attribute__((weak));

EXPORTED SSL_CTX *SSL_CTX_new(const SSL_METHOD *method);
EXPORTED SSL_CTX *SSL_CTX_new_ex(OSSL_LIB_CTX *context, const char *properties, const SSL_METHOD *method);
EXPORTED void SSL_CTX_set_keylog_callback(SSL_CTX *ctx, keylog_callback *callback);
EXPORTED keylog_callback *SSL_CTX_get_keylog_callback(const SSL_CTX *ctx);

/* One libssl. Once it is here it stays loaded, as OpenSSL wants it for itself. */
struct library {
    uintptr_t start, end;
    void (*set_callback)(SSL_CTX *, keylog_callback *);
    SSL_CTX *(*ctx_of)(const SSL *);
    int (*set_data)(SSL_CTX *, int, void *);
    void *(*get_data)(const SSL_CTX *, int);
    /* BoringSSL and LibreSSL have the first. OpenSSL has the second, which is something else in BoringSSL. */
    int (*new_ctx_index)(long, void *, void *, void *, void *);
    int (*new_index)(int, long, void *, void *, void *, void *);
    int index; /* of the SSL_CTX's data where the program's own callback is; UNASKED until one has one */
};

static struct library libraries[LIBRARIES];
static atomic_uint known;
/* The process that holds the lock: what forks while another thread holds it has the lock to itself. */
static atomic_int holder;

static char path[4096];
static atomic_int descriptor = -1;
static dev_t device;
static ino_t inode;

#ifdef __i386__
/* What gcc's position-independent code calls here rather than __stack_chk_fail(). A C library has it in a part that is
 * linked statically, as nothing is to us. */
void __stack_chk_fail(void) __attribute__((noreturn));
__attribute__((visibility("hidden"), noreturn)) void __stack_chk_fail_local(void);

void __stack_chk_fail_local(void)
{
    __stack_chk_fail();
}
#endif

/* ------------------------------------------------------------------------------------------------ the file of lines */

/* The environment may be another one when the first SSL_CTX is made. */
__attribute__((constructor)) static void remember(void)
{
    const char *to = getauxval(AT_SECURE) ? NULL : getenv("WIRETALE_KEYLOG");
    size_t n = to ? strlen(to) : 0;
    if (n > 0 && n < sizeof path && to[0] == '/')
        memcpy(path, to, n + 1);
}

/* Whether that descriptor is still ours: a program that closes all of them may have given the number to a file of its
 * own. */
static bool ours(int fd)
{
    struct stat st;
    return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

static void lock(void)
{
    int me = (int)getpid(), who = 0;
    while (!atomic_compare_exchange_weak(&holder, &who, me)) {
        if (who != me && who != 0 && atomic_compare_exchange_strong(&holder, &who, me))
            return;
        who = 0;
        sched_yield();
    }
}

static void unlock(void)
{
    atomic_store(&holder, 0);
}

static int far_away(int fd)
{
    int far = fcntl(fd, F_DUPFD_CLOEXEC, FAR_DESCRIPTOR);
    if (far < 0)
        far = fcntl(fd, F_DUPFD_CLOEXEC, FAR_DESCRIPTOR / 2);
    if (far < 0)
        return fd;
    close(fd);
    return far;
}

/* The descriptor to write to, -1 if there is none. It is opened when the first SSL_CTX is made, since a program may
 * give up the right to open it, and kept. */
static int opened(void)
{
    int fd = atomic_load(&descriptor);
    struct stat st;
    struct rlimit limit;
    if (!path[0] || ours(fd))
        return path[0] ? fd : -1;
    /* a file that is not to grow ends who makes it grow, by SIGXFSZ */
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)
        return -1;
    lock();
    fd = atomic_load(&descriptor);
    if (!ours(fd)) {
        fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
            close(fd);
            fd = -1;
        }
        if (fd >= 0) {
            fd = far_away(fd);
            device = st.st_dev;
            inode = st.st_ino;
            atomic_store(&descriptor, fd);
        }
    }
    unlock();
    return fd;
}

static void append(const char *line)
{
    char whole[LINE];
    size_t n = strlen(line);
    int fd = n > 0 && n < sizeof whole ? opened() : -1;
    if (fd < 0)
        return;
    memcpy(whole, line, n + 1);
    whole[n] = '\n';
    /* whole lines, whoever else writes */
    ssize_t written = write(fd, whole, n + 1);
    (void)written;
    explicit_bzero(whole, sizeof whole);
}

/* ---------------------------------------------------------------------------------------------------- libssl, found */

static const void *base_of(const void *address)
{
    Dl_info info;
    return address && dladdr(address, &info) ? info.dli_fbase : NULL;
}

/* A function as the object of that name finds it; never one of ours. The program's own name opens nothing, or what
 * begins with us. */
static void *seen_from(const char *object, const char *name)
{
    void *handle = object && object[0] ? dlopen(object, RTLD_LAZY | RTLD_NOLOAD) : NULL, *found;
    if (!handle)
        return NULL;
    found = dlsym(handle, name);
    dlclose(handle);
    return found && base_of(found) != base_of(path) ? found : NULL;
}

struct names {
    unsigned n;
    char name[OBJECTS][256];
};

/* Their names alone: whoever opens libraries holds the locks in the other order. */
static int collect(struct dl_phdr_info *info, size_t size, void *context)
{
    struct names *names = context;
    size_t n = info->dlpi_name ? strlen(info->dlpi_name) : 0;
    (void)size;
    if (names->n < OBJECTS && n < sizeof names->name[0] && n > 0 && strstr(info->dlpi_name, "ssl"))
        memcpy(names->name[names->n++], info->dlpi_name, n + 1);
    return 0;
}

static void *seen_from_any(const char *name)
{
    struct names names = {0};
    void *found = NULL;
    dl_iterate_phdr(collect, &names);
    for (unsigned i = 0; !found && i < names.n; i++)
        found = seen_from(names.name[i], name);
    return found;
}

static void *seen_by(const void *address, const char *name)
{
    Dl_info info;
    return address && dladdr(address, &info) ? seen_from(info.dli_fname, name) : NULL;
}

/* Two libssl of OpenSSL's are kept apart by the versions of their functions: a function of the version that the caller
 * has in reach, as the dynamic linker looks for it, in what the whole program sees first. One without versions, as
 * BoringSSL, is taken for any. */
static void *of_version(const void *caller, const char *name)
{
    static const char *const versions[] = {"OPENSSL_3_0_0", "OPENSSL_1_1_1", "OPENSSL_1_1_0"};
    Dl_info info;
    void *handle = NULL, *found = NULL;
    if (dlvsym && dladdr(caller, &info) && info.dli_fname && info.dli_fname[0])
        handle = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    for (unsigned i = 0; handle && !found && i < sizeof versions / sizeof versions[0]; i++) {
        void *its = dlvsym(handle, name, versions[i]), *seen;
        if (!its || base_of(its) == base_of(path))
            continue;
        seen = dlvsym(RTLD_NEXT, name, versions[i]);
        found = seen ? seen : its;
    }
    if (handle)
        dlclose(handle);
    return found;
}

/* libssl's own function: what the caller would have called without us. A method lies in its libssl. Otherwise it is
 * what the dynamic linker takes: what the whole program sees, then what the caller's object alone does. A return
 * address may say nothing (libssl's SSL_CTX_new() goes on to SSL_CTX_new_ex() and so to us without being a caller; code
 * is made at run time): then it is whatever libssl there is. */
static void *real(const void *method, const void *caller, const char *name)
{
    void *found = seen_by(method, name);
    if (!found)
        found = of_version(caller, name);
    if (!found)
        found = dlsym(RTLD_NEXT, name);
    if (!found)
        found = seen_by(caller, name);
    return found ? found : seen_from_any(name);
}

static int measure(struct dl_phdr_info *info, size_t size, void *context)
{
    struct library *l = context;
    uintptr_t start = UINTPTR_MAX, end = 0;
    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t at = info->dlpi_addr + p->p_vaddr;
        if (p->p_type != PT_LOAD)
            continue;
        start = at < start ? at : start;
        end = at + p->p_memsz > end ? at + p->p_memsz : end;
    }
    if (l->start < start || l->start >= end)
        return 0;
    l->start = start;
    l->end = end;
    return 1;
}

/* That libssl stays loaded from now on: its functions are remembered. */
static bool fill(struct library *l, const void *address, const char *object)
{
    void *handle = dlopen(object, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    if (!handle)
        return false;
    *l = (struct library){.start = (uintptr_t)address, .index = UNASKED};
    *(void **)&l->set_callback = dlsym(handle, "SSL_CTX_set_keylog_callback");
    *(void **)&l->ctx_of = dlsym(handle, "SSL_get_SSL_CTX");
    *(void **)&l->set_data = dlsym(handle, "SSL_CTX_set_ex_data");
    *(void **)&l->get_data = dlsym(handle, "SSL_CTX_get_ex_data");
    *(void **)&l->new_index = dlsym(handle, "CRYPTO_get_ex_new_index");
    *(void **)&l->new_ctx_index = dlsym(handle, "SSL_CTX_get_ex_new_index");
    dlclose(handle);
    return dl_iterate_phdr(measure, l) == 1;
}

static struct library *recorded(const void *address)
{
    unsigned n = atomic_load(&known);
    for (unsigned i = 0; i < n; i++)
        if ((uintptr_t)address >= libraries[i].start && (uintptr_t)address < libraries[i].end)
            return &libraries[i];
    return NULL;
}

/* The libssl with that function. NULL: one too many, or one that is the program itself, which has no use for us. */
static struct library *library_of(const void *address)
{
    struct library *l = recorded(address);
    Dl_info info;
    if (l || !address || !dladdr(address, &info))
        return l;
    lock();
    unsigned n = atomic_load(&known);
    if (!(l = recorded(address)) && n < LIBRARIES && fill(&libraries[n], address, info.dli_fname)) {
        l = &libraries[n];
        atomic_store(&known, n + 1);
    }
    unlock();
    return l;
}

/* ------------------------------------------------------------------------------------------- the program's callback */

static int index_of(struct library *l, bool make)
{
    int index = __atomic_load_n(&l->index, __ATOMIC_ACQUIRE);
    if (index != UNASKED || !make || !l->set_data || !l->get_data || !l->ctx_of)
        return index;
    lock();
    if ((index = l->index) == UNASKED) {
        if (l->new_ctx_index)
            index = l->new_ctx_index(0, NULL, NULL, NULL, NULL);
        else
            index = l->new_index ? l->new_index(SSL_CTX_DATA, 0, NULL, NULL, NULL, NULL) : -1;
        __atomic_store_n(&l->index, index, __ATOMIC_RELEASE);
    }
    unlock();
    return index;
}

static keylog_callback *own_callback(struct library *l, const SSL_CTX *ctx)
{
    int index = index_of(l, false);
    void *data = index >= 0 && ctx ? l->get_data(ctx, index) : NULL;
    keylog_callback *own;
    memcpy(&own, &data, sizeof own);
    return own;
}

static void on_line(const SSL *ssl, const char *line)
{
    int before = errno;
    struct library *l = recorded(CALLER);
    keylog_callback *own = l && l->ctx_of ? own_callback(l, l->ctx_of(ssl)) : NULL;
    if (line)
        append(line);
    errno = before;
    if (own)
        own(ssl, line);
}

static SSL_CTX *with_callback(struct library *l, SSL_CTX *ctx)
{
    int before = errno;
    if (l && ctx && l->set_callback && opened() >= 0)
        l->set_callback(ctx, on_line);
    errno = before;
    return ctx;
}

/* -------------------------------------------------------------------------------------------------------- the hooks */

static SSL_CTX *make(const SSL_METHOD *method, const void *caller)
{
    int before = errno;
    void *found = real(method, caller, "SSL_CTX_new");
    struct library *l = library_of(found);
    SSL_CTX *(*next)(const SSL_METHOD *);
    memcpy(&next, &found, sizeof next);
    errno = before;
    return next ? with_callback(l, next(method)) : NULL;
}

SSL_CTX *SSL_CTX_new(const SSL_METHOD *method)
{
    return make(method, CALLER);
}

/* Before OpenSSL 3.0 there is no such function: a program that asks the dynamic linker whether there is finds ours. */
SSL_CTX *SSL_CTX_new_ex(OSSL_LIB_CTX *context, const char *properties, const SSL_METHOD *method)
{
    int before = errno;
    void *found = real(method, CALLER, "SSL_CTX_new_ex");
    struct library *l = library_of(found);
    SSL_CTX *(*next)(OSSL_LIB_CTX *, const char *, const SSL_METHOD *);
    memcpy(&next, &found, sizeof next);
    errno = before;
    return next ? with_callback(l, next(context, properties, method)) : make(method, CALLER);
}

void SSL_CTX_set_keylog_callback(SSL_CTX *ctx, keylog_callback *callback)
{
    int before = errno, index;
    void *found = real(NULL, CALLER, "SSL_CTX_set_keylog_callback"), *data;
    struct library *l = library_of(found);
    void (*next)(SSL_CTX *, keylog_callback *);
    memcpy(&next, &found, sizeof next);
    memcpy(&data, &callback, sizeof data);
    index = l && opened() >= 0 ? index_of(l, callback != NULL) : -1;
    bool kept = index >= 0 && l->set_data(ctx, index, data) == 1;
    /* without ours there would be no lines, without the program's it would be another program */
    if (kept || (index == UNASKED && !callback))
        callback = on_line;
    errno = before;
    if (next)
        next(ctx, callback);
}

keylog_callback *SSL_CTX_get_keylog_callback(const SSL_CTX *ctx)
{
    int before = errno;
    void *found = real(NULL, CALLER, "SSL_CTX_get_keylog_callback");
    struct library *l = library_of(found);
    keylog_callback *(*next)(const SSL_CTX *), *set;
    memcpy(&next, &found, sizeof next);
    set = next ? next(ctx) : NULL;
    if (set == on_line)
        set = l ? own_callback(l, ctx) : NULL;
    errno = before;
    return set;
}
