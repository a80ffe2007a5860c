#include "run_owners.h"

#include "memory.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MOST 65536 /* whose owners are remembered */
#define WAITING_MOST 256       /* that are looked for again at a time */
#define TRIES 20               /* a few milliseconds between them */
#define TRIES_HELD 3           /* where the socket is there, and none of ours seems to hold it */
#define FOREIGN_MOST 256       /* connections of others over UDP that are not asked for again */
#define WORDS_MOST 16384       /* bytes of a process's description */

struct owner {
    struct tool_ends ends;
    uint32_t process; /* index */
};

/* A process as it was when it was met; after execve() it is another one. */
struct process {
    struct wt_process told; /* the first, so that it leads to the rest */
    char *words;            /* name and arguments, each with its NUL */
    size_t length;
    bool nss;
};

struct waiting {
    struct tool_ends ends;
    unsigned tries;
};

struct tool_owners {
    struct owner *owners;
    size_t count, room;
    struct process *processes;
    size_t process_count, process_room;
    struct waiting waiting[WAITING_MOST];
    size_t waiting_count;
    struct tool_ends foreign[FOREIGN_MOST];
    size_t foreign_count; /* that were met */
    bool alone;           /* there is nobody else in the network */
    bool followed;        /* the root was there before, and is one of them */
    struct tool_processes tree;
};

struct tool_owners *tool_owners_new(void)
{
    return tool_checked(calloc(1, sizeof(struct tool_owners)));
}

void tool_owners_free(struct tool_owners *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->process_count; i++) {
        free(o->processes[i].words);
        free((void *)o->processes[i].told.arguments);
    }
    free(o->processes);
    free(o->owners);
    free(o);
}

/* ---- the table */

static bool same_ends(const struct tool_ends *a, const struct tool_ends *b)
{
    return a->protocol == b->protocol && a->local_port == b->local_port && a->remote_port == b->remote_port &&
           !memcmp(a->local, b->local, 16) && !memcmp(a->remote, b->remote, 16);
}

/* The newest first: a port comes again. */
static const struct owner *find(const struct tool_owners *o, const struct tool_ends *ends)
{
    for (size_t i = o->count; i--;)
        if (same_ends(&o->owners[i].ends, ends))
            return &o->owners[i];
    return NULL;
}

static bool add_owner(struct tool_owners *o, const struct tool_ends *ends, uint32_t process)
{
    const struct owner *known = find(o, ends);
    if (known && known->process == process)
        return true;
    if (o->count == CONNECTIONS_MOST)
        return false;
    struct owner *grown = tool_grown(o->owners, o->count, &o->room, sizeof *grown);
    if (!grown)
        return false;
    o->owners = grown;
    o->owners[o->count++] = (struct owner){*ends, process};
    return true;
}

/* Takes the words. */
static bool add_process(struct tool_owners *o, pid_t pid, char *words, size_t length, bool nss)
{
    struct process *grown = tool_grown(o->processes, o->process_count, &o->process_room, sizeof *grown);
    if (!grown)
        return false;
    o->processes = grown;
    struct process *p = &o->processes[o->process_count];
    size_t n = 0;
    for (size_t i = 0; i < length; i++)
        n += words[i] == '\0';
    const char **arguments = tool_checked(calloc(n + 1, sizeof *arguments));
    if (!arguments)
        return false;
    *p = (struct process){.told = {.pid = (uint32_t)pid, .program = words, .arguments = arguments},
                          .words = words,
                          .length = length,
                          .nss = nss};
    for (const char *word = words + strlen(words) + 1; word < words + length; word += strlen(word) + 1)
        arguments[p->told.argument_count++] = word;
    o->process_count++;
    return true;
}

/* Its index; SIZE_MAX: it is gone, or there is no memory. */
static size_t process_of(struct tool_owners *o, pid_t pid)
{
    char *words = tool_checked(malloc(WORDS_MOST));
    const size_t length = words ? tool_processes_describe(pid, words, WORDS_MOST) : 0;
    for (size_t i = o->process_count; length && i--;) {
        const struct process *p = &o->processes[i];
        if (p->told.pid == (uint32_t)pid && p->length == length && !memcmp(p->words, words, length)) {
            free(words);
            return i;
        }
    }
    if (length && add_process(o, pid, words, length, tool_processes_has(pid, "/libssl3.so")))
        return o->process_count - 1;
    free(words);
    return SIZE_MAX;
}

/* ---- packets and sockets */

static void set_v4(uint8_t out[16], const uint8_t *ip)
{
    memset(out, 0, 10);
    out[10] = out[11] = 0xff;
    memcpy(out + 12, ip, 4);
}

static uint16_t port(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

bool tool_owners_ends(const uint8_t *p, size_t n, struct tool_ends *ends)
{
    *ends = (struct tool_ends){0};
    size_t at;
    if (n >= 20 && p[0] >> 4 == 4) {
        at = 4u * (p[0] & 15u);
        ends->protocol = p[9];
        set_v4(ends->local, p + 12);
        set_v4(ends->remote, p + 16);
    } else if (n >= 40 && p[0] >> 4 == 6) {
        at = 40;
        ends->protocol = p[6];
        memcpy(ends->local, p + 8, 16);
        memcpy(ends->remote, p + 24, 16);
    } else {
        return false;
    }
    if (n < at + 8 || (ends->protocol != IPPROTO_TCP && ends->protocol != IPPROTO_UDP))
        return false;
    ends->local_port = port(p + at);
    ends->remote_port = port(p + at + 2);
    return true;
}

static bool is_v4(const uint8_t ip[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return !memcmp(ip, mapped, sizeof mapped);
}

static void put_address(__be32 out[4], const uint8_t ip[16], bool v4)
{
    memcpy(out, v4 ? ip + 12 : ip, v4 ? 4 : 16);
}

/* `turned`: the kernel takes UDP's ends as a packet has them that comes in. 0: there is none. */
static unsigned long inode_of(int diag, const struct tool_ends *e, bool turned)
{
    const bool v4 = is_v4(e->local);
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 request;
    } ask = {.head = {.nlmsg_len = sizeof ask, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
             .request = {.sdiag_family = v4 ? AF_INET : AF_INET6, .sdiag_protocol = e->protocol, .idiag_states = ~0u}};
    struct inet_diag_sockid *id = &ask.request.id;
    put_address(turned ? id->idiag_dst : id->idiag_src, e->local, v4);
    put_address(turned ? id->idiag_src : id->idiag_dst, e->remote, v4);
    id->idiag_sport = htons(turned ? e->remote_port : e->local_port);
    id->idiag_dport = htons(turned ? e->local_port : e->remote_port);
    id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    union {
        struct nlmsghdr head;
        char room[4096];
    } answer;
    if (send(diag, &ask, sizeof ask, 0) < 0)
        return 0;
    const ssize_t n = recv(diag, &answer, sizeof answer, 0);
    if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) || answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return 0;
    return ((const struct inet_diag_msg *)NLMSG_DATA(&answer.head))->idiag_inode;
}

/* How a look has ended; what is further down says more. */
enum found {
    NO_SOCKET, /* yet, or no more */
    NO_HOLDER, /* among ours: it is of others, or the kernel's list of children was short, which it may be while one of
                  them ends (proc(5), /proc/PID/task/TID/children) */
    OURS,
};

static enum found look_from(struct tool_owners *o, int diag, const struct tool_ends *ends)
{
    const bool udp = ends->protocol == IPPROTO_UDP;
    unsigned long inode = inode_of(diag, ends, udp);
    if (!inode && udp)
        inode = inode_of(diag, ends, false);
    const pid_t pid = tool_processes_holder(&o->tree, inode);
    const size_t process = pid ? process_of(o, pid) : SIZE_MAX;
    if (process == SIZE_MAX)
        return inode ? NO_HOLDER : NO_SOCKET;
    (void)add_owner(o, ends, (uint32_t)process);
    return OURS;
}

/* Sent by one of ours, or to one of ours, or both: whoever has sent it is asked for first. */
static enum found look(struct tool_owners *o, int diag, const struct tool_ends *seen)
{
    struct tool_ends turned = {
        .protocol = seen->protocol, .local_port = seen->remote_port, .remote_port = seen->local_port};
    memcpy(turned.local, seen->remote, 16);
    memcpy(turned.remote, seen->local, 16);
    const enum found sender = look_from(o, diag, seen);
    const enum found receiver = sender == OURS ? OURS : look_from(o, diag, &turned);
    return sender > receiver ? sender : receiver;
}

void tool_owners_alone(struct tool_owners *o)
{
    o->alone = true;
}

/* ---- connections that are there already */

/* Who holds which socket; the first of several. */
struct held {
    unsigned long inode;
    size_t order;
    pid_t pid;
};

struct holders {
    struct held *list;
    size_t count, room;
};

static void note_held(void *context, pid_t pid, unsigned long inode)
{
    struct holders *h = context;
    struct held *grown = tool_grown(h->list, h->count, &h->room, sizeof *grown);
    if (!grown)
        return;
    h->list = grown;
    h->list[h->count] = (struct held){inode, h->count, pid};
    h->count++;
}

static int by_inode(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static pid_t holder_of(const struct holders *h, unsigned long inode)
{
    size_t low = 0, high = h->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (h->list[middle].inode < inode)
            low = middle + 1;
        else
            high = middle;
    }
    return inode && low < h->count && h->list[low].inode == inode ? h->list[low].pid : 0;
}

/* A socket that has another end. */
static void take_socket(struct tool_owners *o, const struct holders *h, uint8_t protocol, const struct inet_diag_msg *m)
{
    struct tool_ends ends = {
        .protocol = protocol, .local_port = ntohs(m->id.idiag_sport), .remote_port = ntohs(m->id.idiag_dport)};
    const pid_t pid = ends.remote_port ? holder_of(h, m->idiag_inode) : 0;
    if (!pid)
        return;
    if (m->idiag_family == AF_INET) {
        set_v4(ends.local, (const uint8_t *)m->id.idiag_src);
        set_v4(ends.remote, (const uint8_t *)m->id.idiag_dst);
    } else {
        memcpy(ends.local, m->id.idiag_src, 16);
        memcpy(ends.remote, m->id.idiag_dst, 16);
    }
    const size_t process = process_of(o, pid);
    if (process != SIZE_MAX)
        (void)add_owner(o, &ends, (uint32_t)process);
}

static void dump(struct tool_owners *o, int diag, const struct holders *h, uint8_t family, uint8_t protocol)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 request;
    } ask = {
        .head = {.nlmsg_len = sizeof ask, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = ~0u}};
    static union {
        struct nlmsghdr head;
        char room[65536];
    } answer;
    if (send(diag, &ask, sizeof ask, 0) < 0)
        return;
    for (;;) {
        const ssize_t n = recv(diag, &answer, sizeof answer, 0);
        const struct nlmsghdr *m = &answer.head;
        if (n <= 0)
            return;
        for (size_t at = 0; at + sizeof *m <= (size_t)n; at += NLMSG_ALIGN(m->nlmsg_len)) {
            m = (const void *)(answer.room + at);
            if (m->nlmsg_type != SOCK_DIAG_BY_FAMILY || m->nlmsg_len < sizeof *m || m->nlmsg_len > (size_t)n - at)
                return; /* the end, or an error */
            if (m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
                take_socket(o, h, protocol, NLMSG_DATA(m));
        }
    }
}

static void find_tree(struct tool_owners *o, pid_t root, const pid_t *except)
{
    if (o->followed)
        tool_processes_follow(&o->tree, root, except);
    else
        tool_processes_find(&o->tree, root, except);
}

void tool_owners_follow(struct tool_owners *o, int diag, pid_t root, const pid_t *except)
{
    static const uint8_t families[] = {AF_INET, AF_INET6}, protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
    struct holders holders = {0};
    o->followed = true;
    find_tree(o, root, except);
    tool_processes_sockets(&o->tree, note_held, &holders);
    if (holders.count)
        qsort(holders.list, holders.count, sizeof *holders.list, by_inode);
    for (size_t i = 0; holders.count && i < sizeof families; i++)
        for (size_t j = 0; j < sizeof protocols; j++)
            dump(o, diag, &holders, families[i], protocols[j]);
    free(holders.list);
}

/* ---- connections that begin */

/* What has ended already can only be of the only one that there is. */
static bool is_of_the_only_one(struct tool_owners *o, const struct tool_ends *ends)
{
    const size_t process = o->alone && o->tree.count == 1 ? process_of(o, o->tree.pids[0]) : SIZE_MAX;
    return process != SIZE_MAX && add_owner(o, ends, (uint32_t)process);
}

static bool is_foreign(const struct tool_owners *o, const struct tool_ends *ends)
{
    for (size_t i = 0; i < o->foreign_count && i < FOREIGN_MOST; i++)
        if (same_ends(&o->foreign[i], ends))
            return true;
    return false;
}

void tool_owners_look(struct tool_owners *o, int diag, pid_t root, const pid_t *except, const struct tool_ends *ends)
{
    const bool udp = ends->protocol == IPPROTO_UDP;
    /* a TCP connection between the same ends is another one; of one over UDP several packets may look like the first */
    if (udp && (find(o, ends) || is_foreign(o, ends)))
        return;
    for (size_t i = 0; i < o->waiting_count; i++)
        if (same_ends(&o->waiting[i].ends, ends))
            return;
    find_tree(o, root, except);
    const enum found found = look(o, diag, ends);
    if (found != OURS && !(found == NO_SOCKET && is_of_the_only_one(o, ends)) && o->waiting_count < WAITING_MOST)
        o->waiting[o->waiting_count++] = (struct waiting){.ends = *ends, .tries = 1};
}

/* Whether it is worth another look. */
static bool waits_on(struct tool_owners *o, int diag, struct waiting *w)
{
    const enum found found = look(o, diag, &w->ends);
    if (found == OURS)
        return false;
    if (++w->tries < (found == NO_HOLDER ? TRIES_HELD : TRIES))
        return true;
    if (found == NO_HOLDER && w->ends.protocol == IPPROTO_UDP)
        o->foreign[o->foreign_count++ % FOREIGN_MOST] = w->ends;
    return false;
}

bool tool_owners_again(struct tool_owners *o, int diag, pid_t root, const pid_t *except)
{
    size_t kept = 0;
    if (o->waiting_count)
        find_tree(o, root, except);
    for (size_t i = 0; i < o->waiting_count; i++) {
        struct waiting w = o->waiting[i];
        if (waits_on(o, diag, &w))
            o->waiting[kept++] = w;
    }
    o->waiting_count = kept;
    return kept > 0;
}

/* ---- the file: a head, the processes, the connections. It is read by the program that has written it. */

struct head {
    uint64_t processes, owners;
};

struct described {
    uint64_t pid, length, nss;
};

bool tool_owners_save(const struct tool_owners *o, int fd)
{
    const struct head head = {o->process_count, o->count};
    bool ok = tool_write(fd, &head, sizeof head) == 0;
    for (size_t i = 0; ok && i < o->process_count; i++) {
        const struct process *p = &o->processes[i];
        const struct described d = {p->told.pid, p->length, p->nss};
        ok = tool_write(fd, &d, sizeof d) == 0 && tool_write(fd, p->words, p->length) == 0;
    }
    return ok && (!o->count || tool_write(fd, o->owners, o->count * sizeof *o->owners) == 0);
}

static bool load_process(struct tool_owners *o, FILE *f)
{
    struct described d;
    if (fread(&d, sizeof d, 1, f) != 1 || d.length == 0 || d.length > WORDS_MOST)
        return false;
    char *words = tool_checked(malloc(d.length));
    if (words && fread(words, d.length, 1, f) == 1 && words[d.length - 1] == '\0' &&
        add_process(o, (pid_t)d.pid, words, d.length, d.nss != 0))
        return true;
    free(words);
    return false;
}

bool tool_owners_load(struct tool_owners *o, const char *path)
{
    struct head head = {0};
    struct owner owner;
    FILE *f = fopen(path, "re");
    bool ok = f && fread(&head, sizeof head, 1, f) == 1;
    for (uint64_t i = 0; ok && i < head.processes; i++)
        ok = load_process(o, f);
    for (uint64_t i = 0; ok && i < head.owners; i++)
        ok = fread(&owner, sizeof owner, 1, f) == 1 && owner.process < o->process_count &&
             add_owner(o, &owner.ends, owner.process);
    if (f)
        (void)fclose(f);
    return ok;
}

/* ---- afterwards */

static bool is_at(const uint8_t ip[16], uint16_t its_port, const struct wt_address *a)
{
    return its_port == a->port && !memcmp(ip, a->ip, 16);
}

const struct wt_process *tool_owners_find(const struct tool_owners *o, const struct wt_connection *c)
{
    const bool udp = c->protocol == WT_PROTOCOL_QUIC || c->protocol == WT_PROTOCOL_DTLS;
    const struct owner *server = NULL;
    for (size_t i = o->count; i--;) {
        const struct tool_ends *e = &o->owners[i].ends;
        if ((e->protocol == IPPROTO_UDP) != udp)
            continue;
        if (is_at(e->local, e->local_port, &c->client) && is_at(e->remote, e->remote_port, &c->server))
            return &o->processes[o->owners[i].process].told;
        if (is_at(e->local, e->local_port, &c->server) && is_at(e->remote, e->remote_port, &c->client) && !server)
            server = &o->owners[i];
    }
    return server ? &o->processes[server->process].told : NULL;
}

bool tool_owners_has_nss(const struct wt_process *process)
{
    return ((const struct process *)process)->nss;
}

size_t tool_owners_count(const struct tool_owners *o)
{
    return o->count;
}

const struct tool_ends *tool_owners_at(const struct tool_owners *o, size_t index)
{
    return &o->owners[index].ends;
}
