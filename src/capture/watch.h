/* Whether an interface is up, and when that changes: libpcap says so of an interface that is gone, but one that is down
 * for a while only falls silent. */
#ifndef WT_CAPTURE_WATCH_H
#define WT_CAPTURE_WATCH_H

#include <stdbool.h>

struct wt_watch {
    int fd;    /* readable when something has changed on some interface; -1: nothing is known */
    int index; /* of the interface */
    bool up;
};

/* Before privileges are given up, though it needs none: connections of any kind are refused later. */
void wt_watch_open(struct wt_watch *watch, const char *interface);
/* Takes one message, if there is any, and never waits. True: `up` is another one than before. */
bool wt_watch_look(struct wt_watch *watch);
void wt_watch_close(struct wt_watch *watch);

#endif
