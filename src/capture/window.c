#include "capture/window.h"

#include "registry/limits.h"
#include "wiretale/capture.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Written by whoever has the window, read by the handler in the same thread: a fault comes where it was touched. */
struct wt_window {
    volatile uintptr_t from, to;
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
        w->lost = 1;
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
    w->from = (uintptr_t)bytes;
    w->to = (uintptr_t)bytes + (size + page - 1) / page * page;
}

bool wt_window_is_lost(const struct wt_window *w)
{
    return w && w->lost;
}
