#include "run_network.h"

#include "run_enter.h"
#include "spool.h"
#include "tool.h"
#include "wiretale/live.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 20
#define BUFFER (64 << 20)

bool tool_recorder_may(void)
{
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool is_told(int control)
{
    struct pollfd ready = {.fd = control, .events = POLLIN};
    return poll(&ready, 1, 0) > 0;
}

/* Root is not needed once all is open. */
static struct tool_recorder_report record(struct wt_live *live, struct tool_spool *spool, int control)
{
    struct tool_recorder_report report = {.whole = true};
    struct wt_packet packet;
    struct wt_problem problem;
    bool stopped = false;
    int status;
    (void)wt_live_drop_privileges(&problem);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* another user's process forgets it */
    (void)send(control, "r", 1, MSG_NOSIGNAL);
    while ((status = wt_live_next(live, &packet, WAIT_MS)) >= 0) {
        if (status == 1 && !tool_spool_packet(spool, &packet))
            break;
        if (status == 0)
            tool_spool_flush(spool);
        if (!stopped && (stopped = is_told(control)))
            wt_live_stop(live);
    }
    report.whole = tool_spool_close(spool) && !wt_live_failure(live);
    const struct wt_live_counters counters = wt_live_counters(live);
    report.received = counters.received;
    report.dropped = counters.dropped + counters.dropped_interface;
    return report;
}

static void run(const struct tool_recorder *r, int control)
{
    struct wt_live_options o = {.size = sizeof o, .interface = "any", .buffer = BUFFER};
    struct wt_problem problem;
    char why[sizeof r->why] = "";
    struct tool_spool spool = {.command = r->command, .fd = -1, .uid = geteuid(), .gid = getegid()};
    char *path = tool_folder_file(r->folder, TOOL_RUN_RECORDED);
    const int reason = r->network ? tool_enter(r->network, "net", CLONE_NEWNET) : 0;
    struct wt_live *live = reason ? NULL : wt_live_open(&o, &problem);
    (void)setsid(); /* the terminal's Ctrl-C is for others */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, "wiretale-record");
    spool.path = path;
    if (reason)
        (void)snprintf(why, sizeof why, _("it is in another network, which cannot be entered: %s"),
                       wt_error_reason(reason));
    else if (!live)
        (void)wt_problem_format(&problem, why, sizeof why);
    if (live && path && tool_spool_open(&spool)) {
        const struct tool_recorder_report report = record(live, &spool, control);
        (void)send(control, &report, sizeof report, MSG_NOSIGNAL);
    } else {
        (void)send(control, why, sizeof why, MSG_NOSIGNAL);
    }
    wt_live_close(live);
    free(path);
}

bool tool_recorder_start(struct tool_recorder *r)
{
    int ends[2];
    r->why[0] = '\0';
    r->pid = 0;
    r->control = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    r->pid = fork();
    if (r->pid == 0) {
        (void)close(ends[0]);
        run(r, ends[1]);
        _exit(0);
    }
    (void)close(ends[1]);
    r->control = ends[0];
    if (r->pid > 0 && recv(r->control, r->why, sizeof r->why, 0) == 1)
        return true;
    r->why[sizeof r->why - 1] = '\0';
    (void)tool_recorder_end(r);
    return false;
}

struct tool_recorder_report tool_recorder_end(struct tool_recorder *r)
{
    struct tool_recorder_report report = {0};
    if (r->control >= 0) {
        (void)send(r->control, "e", 1, MSG_NOSIGNAL);
        if (recv(r->control, &report, sizeof report, 0) != sizeof report)
            report = (struct tool_recorder_report){0};
        (void)close(r->control);
    }
    if (r->pid > 0)
        (void)waitpid(r->pid, NULL, 0);
    r->control = -1;
    r->pid = 0;
    return report;
}
