#include "run_sift.h"

#include "choice.h"
#include "memory.h"
#include "run_network.h"
#include "run_owners.h"
#include "run_wait.h"
#include "run_watch.h"
#include "spool.h"
#include "tool.h"
#include "wiretale/keys.h"
#include "wiretale/live.h"
#include "wiretale/observer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIFTED "packets.pcapng"
#define LINKTYPE_ETHERNET 1

struct job {
    struct tool_sift *sift;
    struct wt_capture *inputs[2]; /* NULL: none */
    struct wt_capture *again[2];  /* the same, once more for each further walk */
    struct tool_spool spool;
    struct tool_secrets secrets;
    struct tool_owners *owners;
    struct wt_choice *choice;
    bool any, ok;
};

static struct wt_capture *open_input(const struct tool_sift *s, const char *name)
{
    struct wt_error error;
    const int fd = openat(s->folder->fd, name, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? NULL : wt_capture_open_fd(fd, name, &error);
}

static bool put(struct job *j, const struct wt_packet *packet)
{
    j->any = true;
    return tool_spool_packet(&j->spool, packet);
}

/* ---- two captures of one run, in the order of their packets */

/* Nobody answers a SYN but with a RST that acknowledges it (RFC 9293, 3.10.7.1): the port; 0: this is no such packet.
 */
static uint16_t refused_port(const struct wt_packet *p)
{
    enum { ETHERNET = 14, ACK_RST = 0x14 };
    struct tool_ends ends;
    if (p->length < ETHERNET + 20 || !tool_owners_ends(p->data + ETHERNET, p->length - ETHERNET, &ends) ||
        ends.protocol != IPPROTO_TCP)
        return 0;
    const uint8_t *ip = p->data + ETHERNET;
    const size_t at = ip[0] >> 4 == 4 ? 4u * (ip[0] & 15u) : 40;
    static const uint8_t first[4] = {0};
    if (p->length < ETHERNET + at + 20 || (ip[at + 13] & 0x17) != ACK_RST || memcmp(ip + at + 4, first, 4) != 0)
        return 0;
    return ends.local_port;
}

static void merge(struct job *j)
{
    struct wt_packet packets[2];
    bool there[2];
    for (unsigned i = 0; i < 2; i++)
        there[i] = j->inputs[i] && wt_capture_next(j->inputs[i], &packets[i]);
    while (j->ok && (there[0] || there[1])) {
        const unsigned i = !there[0] || (there[1] && packets[1].time.ns < packets[0].time.ns);
        const uint16_t refused = i ? refused_port(&packets[1]) : 0;
        j->sift->refused = refused ? refused : j->sift->refused;
        j->ok = put(j, &packets[i]);
        there[i] = wt_capture_next(j->inputs[i], &packets[i]);
    }
}

/* ---- one capture of all that passed */

/* Its socket is gone before anybody could look whose it was. */
static bool was_refused(const struct wt_connection *c)
{
    for (size_t i = 0; i < c->finding_count; i++)
        if (!strcmp(c->findings[i].id, "tcp-refused"))
            return true;
    return false;
}

static void note_refused(struct tool_sift *s, const struct wt_address *by)
{
    char ip[46];
    const bool four = wt_address_is_v4(by);
    s->turned_away++;
    (void)snprintf(s->by, sizeof s->by, "%s%s%s:%u", four ? "" : "[", wt_address_format(by, ip), four ? "" : "]",
                   by->port);
}

static void report(void *context, const struct wt_connection *c)
{
    struct job *j = context;
    const bool ours = c->decryption == WT_DECRYPTION_KEYLOG || tool_owners_find(j->owners, c);
    if (!ours && was_refused(c))
        note_refused(j->sift, &c->server);
    else if (!ours)
        j->sift->others++;
    else if (!tool_choice_add(j->choice, c))
        j->ok = false;
}

static void find_connections(struct job *j)
{
    const struct wt_observer_options o = {
        .size = sizeof o, .connection = report, .context = j, .keys = j->secrets.keys, .verify = WT_VERIFY_NONE};
    struct wt_observer *observer = wt_observer_new(&o, NULL);
    struct wt_packet packet;
    j->ok = observer != NULL;
    if (observer)
        wt_observer_file(observer, TOOL_RUN_RECORDED);
    while (observer && j->inputs[0] && wt_capture_next(j->inputs[0], &packet))
        wt_observer_packet(observer, &packet);
    if (observer)
        wt_observer_finish(observer);
    wt_observer_free(observer);
}

/* Also what never became TLS. */
static void find_owned(struct job *j)
{
    for (size_t i = 0; j->ok && i < tool_owners_count(j->owners); i++) {
        const struct tool_ends *e = tool_owners_at(j->owners, i);
        j->ok = e->protocol == IPPROTO_UDP
                    ? wt_choice_add_udp(j->choice, e->local, e->local_port, e->remote, e->remote_port, 1, UINT32_MAX)
                    : wt_choice_add(j->choice, e->local, e->local_port, e->remote, e->remote_port, 1, UINT32_MAX);
    }
}

static void choose(struct job *j)
{
    struct wt_packet packet;
    find_connections(j);
    find_owned(j);
    while (j->ok && j->again[0] && wt_capture_next(j->again[0], &packet))
        j->ok = wt_choice_look(j->choice, &packet);
    while (j->ok && j->again[1] && wt_capture_next(j->again[1], &packet))
        if (wt_choice_has(j->choice, packet.frame))
            j->ok = put(j, &packet);
}

/* ---- the process */

static bool open_all(struct job *j)
{
    const struct tool_sift *s = j->sift;
    char *none[1] = {NULL};
    if (!s->beside) {
        j->inputs[0] = open_input(s, TOOL_RUN_PASTA);
        j->inputs[1] = open_input(s, TOOL_RUN_LOOPBACK);
        return tool_spool_open(&j->spool);
    }
    char *owners = tool_folder_file(s->folder, TOOL_RUN_OWNERS);
    j->inputs[0] = open_input(s, TOOL_RUN_RECORDED);
    j->again[0] = open_input(s, TOOL_RUN_RECORDED);
    j->again[1] = open_input(s, TOOL_RUN_RECORDED);
    j->owners = tool_owners_new();
    j->choice = wt_choice_new();
    bool ok = owners && j->owners && j->choice; /* without an input no packet came */
    for (size_t i = 0; ok && i < s->keylogs->n; i++)
        ok = tool_words_add(&j->secrets.logs, s->keylogs->words[i]);
    if (ok)
        (void)tool_owners_load(j->owners, owners);
    free(owners);
    return ok && tool_secrets_open(&j->secrets, s->command, false, none, 0) == TOOL_OK && tool_spool_open(&j->spool);
}

static void work(struct tool_sift *s)
{
    static struct job j;
    struct wt_problem problem;
    char *path = tool_folder_file(s->folder, SIFTED);
    j = (struct job){.sift = s, .ok = true};
    j.spool = (struct tool_spool){.command = s->command, .path = path, .fd = -1, .uid = geteuid(), .gid = getegid()};
    if (path && open_all(&j) && wt_live_drop_privileges(&problem)) {
        (void)wt_live_confine();
        if (s->beside)
            choose(&j);
        else
            merge(&j);
        if (j.ok && !j.any) /* a capture without a packet is one all the same */
            j.ok = wt_capture_write_interface(j.spool.writer, LINKTYPE_ETHERNET, 9);
        j.ok = tool_spool_close(&j.spool) && j.ok;
        s->failed = !j.ok;
    }
    _exit(0);
}

/* Whether what passed on the loopback has to be put between the rest. */
static bool has_loopback(const struct tool_sift *s)
{
    struct wt_capture *c = open_input(s, TOOL_RUN_LOOPBACK);
    if (c)
        wt_capture_close(c);
    return c != NULL;
}

void tool_sift(struct tool_sift *sift)
{
    if (!sift->beside && !has_loopback(sift)) {
        (void)snprintf(sift->packets, sizeof sift->packets, "%s", TOOL_RUN_PASTA);
        return;
    }
    struct tool_sift *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sift->failed = true;
    if (shared == MAP_FAILED)
        return;
    *shared = *sift;
    const pid_t pid = fork();
    if (pid == 0) {
        tool_wait_signals_default();
        work(shared);
    }
    (void)tool_wait_worker(pid);
    *sift = *shared;
    (void)munmap(shared, sizeof *shared);
    (void)snprintf(sift->packets, sizeof sift->packets, "%s", SIFTED);
    for (unsigned i = 0; i < 3; i++)
        (void)unlinkat(sift->folder->fd, (const char *[]){TOOL_RUN_PASTA, TOOL_RUN_LOOPBACK, TOOL_RUN_RECORDED}[i], 0);
}
