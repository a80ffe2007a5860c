#include "wiretale/live.h"

#include "base/memory.h"
#include "base/options.h"
#include "capture/watch.h"

#include "registry/limits.h"

#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* milliseconds: how long the kernel may gather packets before it hands a block of them over. Long enough to take them
 * in bulk, short enough that a printed line does not seem late. */
#define GATHER_MS 50

/* bytes: what the kernel keeps until it is read, unless the options say otherwise: a quarter of a second at 1 Gbit/s.
 * libpcap's 2 MiB are full in 16 ms, which whoever shares a processor may have to wait. */
#define BUFFER (32 << 20)

struct wt_live {
    pcap_t *pcap;
    volatile sig_atomic_t stopped;
    int64_t stopped_ns; /* with stopped: when, since 1970; what is older may still wait in the kernel */
    bool failed;
    struct wt_watch watch;
    int fd; /* to wait on; -1 when the platform has none */
    uint16_t link;
    uint8_t digits;
    uint32_t frame, fraction; /* nanoseconds of the clock's unit */
    struct wt_live_counters counters;
    struct pcap_stat last; /* libpcap's counters have 32 bits and wrap */
};

/* Link types have one number on the wire (LINKTYPE_) and, for the oldest, another inside libpcap (DLT_). */
static uint16_t link_of(int dlt)
{
    static const struct {
        int dlt;
        uint16_t link;
    } old[] = {{DLT_RAW, 101}, {DLT_ATM_RFC1483, 100}, {DLT_LOOP, 108}, {DLT_PPP_SERIAL, 50}, {DLT_PPP_ETHER, 51}};
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (old[i].dlt == dlt)
            return old[i].link;
    return (uint16_t)dlt;
}

static bool configure(struct wt_live *live, const struct wt_live_options *o)
{
    return pcap_set_snaplen(live->pcap, o->snaplen > 0 ? o->snaplen : (int)WT_LIMIT_PACKET) == 0 &&
           pcap_set_promisc(live->pcap, o->promiscuous) == 0 && pcap_set_timeout(live->pcap, GATHER_MS) == 0 &&
           pcap_set_buffer_size(live->pcap, o->buffer > 0 ? o->buffer : BUFFER) == 0;
}

static bool refuse(struct wt_problem *problem, enum wt_problem_id id, const char *name, const char *detail)
{
    *problem = (struct wt_problem){.id = id, .name = name};
    (void)snprintf(problem->detail, sizeof problem->detail, "%s", detail ? detail : "");
    return false;
}

/* What people meet has an id of its own; the rest has libpcap's words. */
static bool activate(struct wt_live *live, const char *interface, struct wt_problem *problem)
{
    char detail[sizeof problem->detail];
    int status;
    (void)pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO); /* refused where the clock has none */
    status = pcap_activate(live->pcap);
    if (status >= 0)
        return true;
    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return refuse(problem, WT_PROBLEM_LIVE_NO_INTERFACE, interface, NULL);
    case PCAP_ERROR_PERM_DENIED:
        return refuse(problem, WT_PROBLEM_LIVE_PERMISSION, interface, NULL);
    case PCAP_ERROR_IFACE_NOT_UP:
        return refuse(problem, WT_PROBLEM_LIVE_DOWN, interface, NULL);
    default:
        break;
    }
    const char *more = pcap_geterr(live->pcap);
    (void)snprintf(detail, sizeof detail, *more ? "%s (%s)" : "%s", pcap_statustostr(status), more);
    return refuse(problem, WT_PROBLEM_LIVE_OTHER, interface, detail);
}

static bool set_filter(struct wt_live *live, const char *bpf, struct wt_problem *problem)
{
    struct bpf_program program;
    bool ok;
    if (!bpf || !*bpf)
        return true;
    if (pcap_compile(live->pcap, &program, bpf, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return refuse(problem, WT_PROBLEM_LIVE_FILTER, bpf, pcap_geterr(live->pcap));
    ok = pcap_setfilter(live->pcap, &program) == 0 ||
         refuse(problem, WT_PROBLEM_LIVE_FILTER, bpf, pcap_geterr(live->pcap));
    pcap_freecode(&program);
    return ok;
}

struct wt_live *wt_live_open(const struct wt_live_options *options, struct wt_problem *problem)
{
    struct wt_live_options known;
    struct wt_error error;
    if (!wt_options_take(&known, sizeof known, options, &error)) {
        (void)refuse(problem, WT_PROBLEM_OPTIONS, NULL, NULL);
        problem->value[0] = error.offset;
        return NULL;
    }
    options = &known;
    const char *interface = options->interface ? options->interface : "any";
    char why[PCAP_ERRBUF_SIZE] = "";
    struct wt_live *live = wt_calloc(1, sizeof *live);
    if (!live) {
        (void)refuse(problem, WT_PROBLEM_MEMORY, NULL, NULL);
        return NULL;
    }
    wt_watch_open(&live->watch, interface);
    live->pcap = pcap_create(interface, why);
    if (!live->pcap) {
        (void)refuse(problem, WT_PROBLEM_LIVE_OTHER, interface, why);
    } else if (!configure(live, options)) {
        (void)refuse(problem, WT_PROBLEM_LIVE_OTHER, interface, pcap_geterr(live->pcap));
    } else if (activate(live, interface, problem) && set_filter(live, options->bpf, problem)) {
        if (pcap_setnonblock(live->pcap, 1, why) == 0) {
            bool nano = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO;
            live->fd = pcap_get_selectable_fd(live->pcap);
            live->link = link_of(pcap_datalink(live->pcap));
            live->digits = nano ? 9 : 6;
            live->fraction = nano ? 1 : 1000;
            return live;
        }
        (void)refuse(problem, WT_PROBLEM_LIVE_OTHER, interface, why);
    }
    wt_live_close(live);
    return NULL;
}

/* 1: something may be there; 0: nothing came in time. */
static int wait_for(const struct wt_live *live, int timeout_ms)
{
    struct pollfd wait[] = {{.fd = live->fd, .events = POLLIN}, {.fd = live->watch.fd, .events = POLLIN}};
    if (live->fd < 0) {
        struct timespec pause = {.tv_nsec = (long)(timeout_ms < 10 ? timeout_ms : 10) * 1000000};
        (void)nanosleep(&pause, NULL);
        return 1;
    }
    return poll(wait, 2, timeout_ms) != 0;
}

/* One change, as far as there is one: each is to be seen by the caller. */
static bool is_changed(struct wt_live *live)
{
    const bool changed = wt_watch_look(&live->watch);
    live->counters.down += changed && !live->watch.up;
    return changed;
}

/* 1: *packet has it; 0: none is there; below: libpcap's error. */
static int take_next(struct wt_live *live, struct wt_packet *packet)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int status = pcap_next_ex(live->pcap, &header, &data);
    if (status != 1)
        return status;
    packet->frame = ++live->frame;
    packet->link = live->link;
    packet->time.ns = (int64_t)header->ts.tv_sec * 1000000000 + (int64_t)header->ts.tv_usec * live->fraction;
    packet->time.digits = live->digits;
    packet->data = data;
    packet->length = header->caplen < WT_LIMIT_PACKET ? header->caplen : WT_LIMIT_PACKET;
    packet->original = header->len > packet->length ? header->len : packet->length;
    return 1;
}

/* What came before the capture was stopped, and waits in the kernel. That hands out a block that is not full when its
 * time is over, for which it looks once in that time; on a busy machine later. */
static int take_rest(struct wt_live *live, struct wt_packet *packet)
{
    int status = take_next(live, packet);
    if (status == 0 && live->fd >= 0) {
        enum { BLOCK_MS = 6 * GATHER_MS };
        struct pollfd block = {.fd = live->fd, .events = POLLIN};
        status = poll(&block, 1, BLOCK_MS) > 0 ? take_next(live, packet) : 0;
    }
    return status == 1 && packet->time.ns <= live->stopped_ns ? 1 : -1;
}

int wt_live_next(struct wt_live *live, struct wt_packet *packet, int timeout_ms)
{
    for (int round = 0; round < 2 && !live->stopped; round++) {
        int status = take_next(live, packet);
        if (status == 1)
            return 1;
        live->failed = status < 0 && !live->stopped;
        if (status < 0 && !live->stopped)
            return -1;
        if (live->stopped)
            break;
        if (is_changed(live))
            return 0;
        if (round == 0 && !wait_for(live, timeout_ms))
            break;
    }
    return live->stopped ? take_rest(live, packet) : 0;
}

bool wt_live_is_up(const struct wt_live *live)
{
    return live->watch.up;
}

const char *wt_live_failure(const struct wt_live *live)
{
    return live->failed ? pcap_geterr(live->pcap) : NULL;
}

void wt_live_stop(struct wt_live *live)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (!live->stopped)
        live->stopped_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    live->stopped = 1; /* pcap_breakloop() would lose the packet at hand; nothing in libpcap waits */
}

struct wt_live_counters wt_live_counters(struct wt_live *live)
{
    struct pcap_stat now;
    if (pcap_stats(live->pcap, &now) == 0) {
        live->counters.received += now.ps_recv - live->last.ps_recv;
        live->counters.dropped += now.ps_drop - live->last.ps_drop;
        live->counters.dropped_interface += now.ps_ifdrop - live->last.ps_ifdrop;
        live->last = now;
    }
    return live->counters;
}

void wt_live_close(struct wt_live *live)
{
    if (!live)
        return;
    if (live->pcap)
        pcap_close(live->pcap);
    wt_watch_close(&live->watch);
    free(live);
}
