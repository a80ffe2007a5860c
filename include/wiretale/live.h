/* Live capture through libpcap. */
#ifndef WIRETALE_LIVE_H
#define WIRETALE_LIVE_H

#include "wiretale/capture.h"
#include "wiretale/problem.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_live;

struct wt_live_options {
    size_t size;           /* sizeof(struct wt_live_options), as the program knows it */
    const char *interface; /* name, or NULL for "any" */
    const char *bpf;       /* libpcap filter expression, or NULL */
    int snaplen;           /* bytes; 0 for whole packets */
    int buffer;            /* bytes of kernel buffer; 0 for 32 MiB */
    bool promiscuous;
};

struct wt_live_counters {
    uint64_t received, dropped, dropped_interface; /* packets */
    uint64_t down;                                 /* times that the interface went down while it was listened on */
};

/* NULL on failure, with the reason in *problem; what it names are the options' strings. */
WT_API struct wt_live *wt_live_open(const struct wt_live_options *options, struct wt_problem *problem);
/* Waits at most `timeout_ms`. 1: *packet is filled; 0: nothing came in time; -1: the interface is gone or the capture
 * was stopped. */
WT_API int wt_live_next(struct wt_live *live, struct wt_packet *packet, int timeout_ms);
/* Whether packets can come: the interface is up and has a carrier. wt_live_next() returns 0 whenever that changes; of `any`,
 * and of what is no network interface, it does not. */
WT_API bool wt_live_is_up(const struct wt_live *live);
/* After -1: what libpcap says, as that the interface is gone; NULL when the capture was stopped. Until the next call. */
WT_API const char *wt_live_failure(const struct wt_live *live);
/* Safe in a signal handler: wt_live_next() does not wait any more; it gives the packets that came until now, and -1 when
 * none of them is left. */
WT_API void wt_live_stop(struct wt_live *live);
WT_API struct wt_live_counters wt_live_counters(struct wt_live *live);
WT_API void wt_live_close(struct wt_live *live);

/* After all that: the process (all threads that it starts from now on) cannot start programs, look into others or talk to
 * anybody, until it ends. False where the system, or this build, has no such thing. */
WT_API bool wt_live_confine(void);
/* The thread, and those that it starts from now on, can open no other files than these, until it ends: the system's
 * (/usr, /etc, libraries), those of `read` to read, those of `made` to read, make, write and remove. Of a file that means
 * its folder, where others may take its name; a folder is meant with all in it. What is open stays open. False where the
 * kernel has no Landlock, or this build, and when the system refuses: then nothing has changed. */
WT_API bool wt_live_confine_files(const char *const *read, size_t read_count, const char *const *made,
                                  size_t made_count);
/* After opening: gives up root for the user who called sudo (SUDO_UID), else for `nobody`, and all capabilities.
 * False with the reason when the system refuses. Does nothing and is true when not root. */
WT_API bool wt_live_drop_privileges(struct wt_problem *problem);
/* The same for a user of that name; NULL: as above. */
WT_API bool wt_live_drop_privileges_to(const char *user, struct wt_problem *problem);
/* For a root that reads files: becomes that user (NULL: as above), who can still open any file to read, until
 * wt_live_drop_privileges(). False with the reason, and nothing has changed, where it is not root, or where that user
 * could not open one of the files that are there; when the system refuses later, the process must end. */
WT_API bool wt_live_become_reader(const char *user, const char *const *files, size_t count,
                                  struct wt_problem *problem);
/* For a root that has files to write at the end: it stays root, and can do nothing that only root can but open and make
 * files. */
WT_API bool wt_live_keep_files_only(void);
/* Who that will be. False: there is no such user, it is root, or the process is not root and cannot become anybody. */
WT_API bool wt_live_user(const char *user, unsigned *uid, unsigned *gid);

#ifdef __cplusplus
}
#endif
#endif
