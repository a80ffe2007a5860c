#include "capture/window.h"

#include "registry/limits.h"
#include "wiretale/capture.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Written by who has the window and who readies it, read by the handler in the thread that touched it. */
struct wt_window {
    _Atomic uintptr_t from, to;
    _Atomic uintptr_t used; /* what is before is looked at; what comes after is only made ready */
    _Atomic uintptr_t gone; /* in what is made ready: the first page that was not there; 0: all were */
    volatile sig_atomic_t lost;
    bool taken;
};

static struct wt_window windows[WT_LIMIT_WINDOWS];
static struct sigaction before;
static uintptr_t page;
static bool asked;

static void on_bus(int number, siginfo_t *info, void *context)
{
    const uintptr_t at = (uintptr_t)info->si_addr;
    (void)context;
    for (size_t i = 0; i < WT_LIMIT_WINDOWS; i++) {
        struct wt_window *w = &windows[i];
        if (at < w->from || at >= w->to)
            continue;
        const uintptr_t start = at & ~(page - 1);
        void *gone = (void *)start; /* NOLINT(performance-no-int-to-ptr): the fault's address is a number */
        if (at < w->used)
            w->lost = 1;
        else if (!w->gone || start < w->gone)
            w->gone = start;
        if (mmap(gone, w->to - start, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == gone)
            return;
    }
    /* another's: the access is tried again, and what was to be done before is done */
    (void)sigaction(number, &before, NULL);
}

bool wt_capture_map_files(void)
{
    struct sigaction action = {.sa_sigaction = on_bus, .sa_flags = (int)(SA_SIGINFO | SA_NODEFER)};
    if (asked)
        return true;
    page = (uintptr_t)sysconf(_SC_PAGESIZE);
    asked = sigaction(SIGBUS, &action, &before) == 0;
    return asked;
}

struct wt_window *wt_window_take(void)
{
    for (size_t i = 0; asked && i < WT_LIMIT_WINDOWS; i++)
        if (!__atomic_test_and_set(&windows[i].taken, __ATOMIC_ACQUIRE)) {
            windows[i].lost = 0;
            windows[i].gone = 0;
            return &windows[i];
        }
    return NULL;
}

void wt_window_release(struct wt_window *w)
{
    if (!w)
        return;
    wt_window_set(w, NULL, 0);
    __atomic_clear(&w->taken, __ATOMIC_RELEASE);
}

void wt_window_set(struct wt_window *w, void *bytes, size_t size)
{
    if (!w)
        return;
    w->to = 0; /* nothing, until both are known */
    w->used = w->from = (uintptr_t)bytes;
    w->to = (uintptr_t)bytes + (size + page - 1) / page * page;
}

void wt_window_begin(struct wt_window *w, const void *bytes)
{
    w->from = (uintptr_t)bytes;
}

void wt_window_use(struct wt_window *w, const void *end)
{
    w->used = (uintptr_t)end;
}

const void *wt_window_gone(const struct wt_window *w)
{
    return (const void *)w->gone; /* NOLINT(performance-no-int-to-ptr): the fault's address is a number */
}

bool wt_window_is_lost(const struct wt_window *w)
{
    return w && w->lost;
}
