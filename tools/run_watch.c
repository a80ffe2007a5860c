#include "run_watch.h"

#include "await.h"
#include "run_enter.h"
#include "run_orphans.h"
#include "run_owners.h"
#include "spool.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MOST (256 * 1024) /* bytes: the loopback takes segments of 64 KiB and more */
#define RECEIVE_BUFFER (64 << 20)
#define LOOK_MS 5
#define NOTE_MS 500 /* between two looks at who is of the run */
#define LINKTYPE_ETHERNET 1
#define AHEAD (-10)     /* niceness */
#define SLICE_NS 100000 /* of the processor at a time: who asks for little is asked sooner */

struct state {
    struct tool_watch *watch;
    int control, begins, loopback, diag; /* sockets; -1: not to be had */
    struct tool_owners *owners;
    pid_t root, except[8];
    struct tool_spool spool;
    struct tool_watch_report report;
    struct tool_orphans orphans;
    char packet[PACKET_MOST];
};

/* ---- sockets */

#define WHEN(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define AT(size, place) BPF_STMT(BPF_LD | (size) | BPF_ABS, place)
#define BEHIND(place) BPF_STMT(BPF_LD | BPF_B | BPF_IND, place)
#define GO(by) BPF_STMT(BPF_JMP | BPF_JA, by)
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)

/* The first packets of connections: of TCP a SYN alone; of UDP QUIC's long headers (RFC 9000, 17.2) and DTLS's
 * handshake records (RFC 6347, 4.1: content type 22). SOCK_DGRAM has packets from the IP header on. */
static const struct sock_filter first_packets[] = {
    /*  0 */ AT(BPF_B, 0),
    /*  1 */ BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
    /*  2 */ WHEN(4, 0, 10),
    /*  3 */ AT(BPF_H, 6), /* fragments behind the first have no header of TCP */
    /*  4 */ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 20, 0),
    /*  5 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
    /*  6 */ AT(BPF_B, 9),
    /*  7 */ WHEN(IPPROTO_UDP, 3, 0),
    /*  8 */ WHEN(IPPROTO_TCP, 0, 16),
    /*  9 */ BEHIND(13),
    /* 10 */ GO(7),
    /* 11 */ BEHIND(8),
    /* 12 */ GO(8),
    /* 13 */ WHEN(6, 0, 11),
    /* 14 */ AT(BPF_B, 6),
    /* 15 */ WHEN(IPPROTO_UDP, 4, 0),
    /* 16 */ WHEN(IPPROTO_TCP, 0, 8),
    /* 17 */ AT(BPF_B, 40 + 13),
    /* 18 */ MASK(0x12),
    /* 19 */ WHEN(0x02, 4, 5),
    /* 20 */ AT(BPF_B, 40 + 8),
    /* 21 */ WHEN(22, 2, 0),
    /* 22 */ MASK(0xc0),
    /* 23 */ WHEN(0xc0, 0, 1),
    /* 24 */ BPF_STMT(BPF_RET | BPF_K, 128),
    /* 25 */ BPF_STMT(BPF_RET | BPF_K, 0),
};

static int open_begins(void)
{
    const struct sock_fprog program = {.len = sizeof first_packets / sizeof *first_packets,
                                       .filter = (struct sock_filter *)first_packets};
    const int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    if (fd < 0)
        return -1;
    /* before it is bound: nothing unfiltered comes */
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 &&
        bind(fd, (const struct sockaddr *)&all, sizeof all) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static int open_loopback(void)
{
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), room = RECEIVE_BUFFER, on = 1;
    const struct sockaddr_ll lo = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex("lo")};
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (lo.sll_ifindex && setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&lo, sizeof lo) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

/* Into the network of the run, which is beside us where we listen to a process that was there before. The user
 * namespace of one that we have made is ours to enter; root need not. */
static bool enter(const struct tool_watch *w)
{
    if (w->beside)
        return tool_enter(w->beside, "net", CLONE_NEWNET) == 0;
    return !w->network ||
           (tool_enter(w->network, "user", CLONE_NEWUSER) == 0 && tool_enter(w->network, "net", CLONE_NEWNET) == 0);
}

/* ---- packets */

static void take_begins(struct state *s)
{
    uint8_t packet[128];
    struct sockaddr_ll from;
    for (;;) {
        socklen_t n = sizeof from;
        const ssize_t length = recvfrom(s->begins, packet, sizeof packet, 0, (struct sockaddr *)&from, &n);
        struct tool_ends ends;
        if (length < 0)
            return;
        if (tool_owners_ends(packet, (size_t)length, &ends))
            tool_owners_look(s->owners, s->diag, s->root, s->except, &ends);
    }
}

/* What is sent there comes in again: one of the two is enough. */
static void take_loopback(struct state *s)
{
    union {
        struct cmsghdr head;
        char room[256];
    } control;
    for (;;) {
        struct sockaddr_ll from = {0};
        struct iovec piece = {.iov_base = s->packet, .iov_len = sizeof s->packet};
        struct msghdr m = {.msg_name = &from,
                           .msg_namelen = sizeof from,
                           .msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
        const ssize_t n = recvmsg(s->loopback, &m, MSG_TRUNC);
        if (n < 0)
            return;
        if (from.sll_pkttype == PACKET_OUTGOING)
            continue;
        struct wt_packet packet = {.link = LINKTYPE_ETHERNET,
                                   .time = {.digits = 9},
                                   .data = (const uint8_t *)s->packet,
                                   .length = (uint32_t)((size_t)n < sizeof s->packet ? (size_t)n : sizeof s->packet),
                                   .original = (uint32_t)n};
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
            struct timespec t;
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
                continue;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            packet.time.ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
        }
        s->report.loopback += tool_spool_packet(&s->spool, &packet);
    }
}

/* ---- when wiretale was killed */

static void clean_up(struct state *s)
{
    if (!s->watch->beside) /* what was there before lives on */
        tool_orphans_end(&s->orphans);
    tool_folder_remove(s->watch->drop);
    tool_folder_remove(s->watch->folder);
}

/* ---- the process */

/* The sockets that are looked for live for milliseconds. A lower niceness is root's to have; with setsid(2) a process
 * is in a group of its own, whose niceness counts beside others (sched(7), "The autogroup feature"). A short slice is
 * anybody's (sched_setattr(2); kernels before 6.12 don't mind it), and lets it run as soon as a packet wakes it. */
static void go_first(void)
{
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = sizeof attributes, .policy = SCHED_OTHER, .runtime = SLICE_NS};
    (void)setpriority(PRIO_PROCESS, 0, AHEAD);
    const int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)dprintf(fd, "%d", AHEAD);
        (void)close(fd);
    }
    attributes.nice = getpriority(PRIO_PROCESS, 0);
    (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

static void count_dropped(struct state *s)
{
    struct tpacket_stats stats = {0};
    socklen_t n = sizeof stats;
    if (s->loopback >= 0 && getsockopt(s->loopback, SOL_PACKET, PACKET_STATISTICS, &stats, &n) == 0)
        s->report.dropped = stats.tp_drops;
}

static void finish(struct state *s)
{
    if (s->begins >= 0)
        take_begins(s);
    if (s->loopback >= 0)
        take_loopback(s);
    count_dropped(s);
    (void)tool_spool_close(&s->spool);
    const int fd = openat(s->watch->folder->fd, TOOL_RUN_OWNERS, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)tool_owners_save(s->owners, fd);
        (void)close(fd);
    }
    (void)send(s->control, &s->report, sizeof s->report, MSG_NOSIGNAL);
}

/* What wiretale says: who is no part of the run either, or that it ends. */
static bool is_told_to_end(struct state *s)
{
    pid_t helper = 0;
    const ssize_t n = recv(s->control, &helper, sizeof helper, 0);
    if (n != (ssize_t)sizeof helper) {
        if (n == 1)
            finish(s);
        else
            clean_up(s); /* the other end is gone: wiretale is dead */
        return true;
    }
    for (size_t i = 0; i + 1 < sizeof s->except / sizeof *s->except; i++)
        if (!s->except[i]) {
            s->except[i] = helper;
            break;
        }
    return false;
}

static void listen_on(struct state *s)
{
    struct pollfd ready[] = {{.fd = s->control, .events = POLLIN},
                             {.fd = s->begins, .events = POLLIN},
                             {.fd = s->loopback, .events = POLLIN}};
    bool waiting = false;
    int64_t noted = INT64_MIN;
    (void)send(s->control, "r", 1, MSG_NOSIGNAL);
    for (;;) {
        (void)poll(ready, sizeof ready / sizeof *ready, waiting ? LOOK_MS : NOTE_MS);
        if (ready[1].revents)
            take_begins(s);
        if (ready[2].revents)
            take_loopback(s);
        waiting = tool_owners_again(s->owners, s->diag, s->root, s->except);
        if (ready[0].revents && is_told_to_end(s))
            return;
        if (!s->watch->beside && !ready[0].revents && tool_now_ms() - NOTE_MS >= noted) {
            tool_orphans_note(&s->orphans, s->root, s->except);
            noted = tool_now_ms();
        }
    }
}

static void watch(struct tool_watch *w, int control, pid_t root)
{
    static struct state s;
    char *path = tool_folder_file(w->folder, TOOL_RUN_LOOPBACK);
    size_t n = 1;
    s = (struct state){
        .watch = w, .control = control, .root = root, .except = {getpid()}, .begins = -1, .loopback = -1};
    s.orphans.marks = w->marks;
    s.orphans.mark_count = w->mark_count;
    s.orphans.limit = w->limit;
    for (; w->helpers[n - 1] && n + 2 < sizeof s.except / sizeof *s.except; n++)
        s.except[n] = w->helpers[n - 1];
    (void)setsid();                       /* the terminal's Ctrl-C is for others */
    (void)prctl(PR_SET_NAME, "wt-watch"); /* `pkill wiretale` leaves it, to end the run */
    go_first();
    s.owners = tool_owners_new();
    if (w->beside) {
        s.root = w->beside;
        s.except[n++] = root;
    }
    const bool entered = enter(w);
    s.orphans.network = entered && w->network; /* else everybody would be of it */
    if (s.owners && w->network)
        tool_owners_alone(s.owners);
    s.diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (entered && s.owners && s.diag >= 0)
        s.begins = open_begins();
    if (s.begins >= 0 && w->beside)
        tool_owners_follow(s.owners, s.diag, s.root, s.except);
    if (entered && w->network && path)
        s.loopback = open_loopback();
    s.spool = (struct tool_spool){.command = w->command, .path = path, .uid = geteuid(), .gid = getegid(), .fd = -1};
    if (s.loopback >= 0 && !tool_spool_open(&s.spool)) {
        (void)close(s.loopback);
        s.loopback = -1;
    }
    s.report.watched = s.begins >= 0;
    if (s.owners)
        listen_on(&s);
    tool_owners_free(s.owners);
    free(path);
}

bool tool_watch_start(struct tool_watch *w)
{
    int ends[2];
    char word;
    const pid_t root = getpid();
    w->pid = 0;
    w->control = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    w->pid = fork();
    if (w->pid == 0) {
        (void)close(ends[0]);
        watch(w, ends[1], root);
        _exit(0);
    }
    (void)close(ends[1]);
    w->control = ends[0];
    if (w->pid > 0 && recv(w->control, &word, 1, 0) == 1)
        return true;
    (void)tool_watch_end(w);
    return false;
}

void tool_watch_except(const struct tool_watch *w, pid_t helper)
{
    if (w->control >= 0)
        (void)send(w->control, &helper, sizeof helper, MSG_NOSIGNAL);
}

struct tool_watch_report tool_watch_end(struct tool_watch *w)
{
    struct tool_watch_report report = {0};
    if (w->control >= 0) {
        if (send(w->control, "e", 1, MSG_NOSIGNAL) != 1 || recv(w->control, &report, sizeof report, 0) != sizeof report)
            report = (struct tool_watch_report){0};
        (void)close(w->control);
    }
    if (w->pid > 0)
        (void)waitpid(w->pid, NULL, 0);
    w->control = -1;
    w->pid = 0;
    return report;
}
