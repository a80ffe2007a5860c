/* Connections of a server on one thread: each does what it can without waiting, then all wait together. */
#include "server.h"

#include "await.h"
#include "memory.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOK_MS = 500, PAUSE_US = 100000, FAREWELL_US = 2000000, ROOM = 1500 };

/* --- words -------------------------------------------------------------------------------------------------------- */

static void say(struct server *s, const struct served *c, const char *mark, const char *text)
{
    char ip[46], line[ROOM], where[64];
    struct tool_host peer = {.port = c->peer.port};
    if (s->speak.json)
        return;
    (void)snprintf(peer.name, sizeof peer.name, "%s", wt_address_format(&c->peer, ip));
    tool_net_format(&peer, where, sizeof where);
    (void)snprintf(line, sizeof line, "%s %s", mark, text);
    tool_speak_say(&s->speak, where, line);
}

static void say_established(struct server *s, struct served *c)
{
    struct wt_endpoint_info info;
    char agreed[600], host[300], line[ROOM], client[300] = "";
    wt_endpoint_info(c->e, &info);
    c->said = true;
    tool_speak_agreed(&info, agreed, sizeof agreed);
    tool_speak_bytes(info.host, host, sizeof host);
    const struct wt_certificate_facts *leaf = info.certificate_count ? info.certificates[0] : NULL;
    const char *name = leaf ? leaf->common_name ? leaf->common_name : leaf->subject : NULL;
    if (name)
        (void)snprintf(client, sizeof client, _(", client certificate of %s"), name);
    /* TRANSLATORS: what was agreed on; ", " and a name or nothing; ", client certificate of …" or nothing; milliseconds
     */
    (void)snprintf(line, sizeof line, _("%s%s%s%s; %.1f ms"), agreed, *host ? ", " : "", host, client,
                   (double)(tool_net_clock() - c->begun) / 1000);
    say(s, c, "✓", line);
}

static void say_failed(struct server *s, struct served *c)
{
    const struct wt_finding *why = wt_endpoint_why(c->e);
    char line[ROOM];
    if (c->said && (!why || !strcmp(why->id, "truncated-close")))
        return; /* many clients end so, and it is in the story */
    if (why)
        (void)snprintf(line, sizeof line, "%s: %s", why->id, why->text);
    else
        (void)snprintf(line, sizeof line, "%s",
                       c->lost ? _("the client did not finish its handshake in time")
                               : _("ended before the handshake"));
    say(s, c, "✗", line);
}

/* --- begin and end ------------------------------------------------------------------------------------------------ */

static bool has_room(struct server *s)
{
    if (s->count < s->room)
        return true;
    const size_t room = s->room ? 2 * s->room : 64;
    const size_t size = sizeof *s->served; /* NOLINT(bugprone-sizeof-expression): pointers */
    struct served **served = tool_checked(realloc(s->served, room * size));
    if (served)
        s->served = served;
    struct pollfd *polls = served ? tool_checked(realloc(s->polls, (1 + 2 * room) * sizeof *polls)) : NULL;
    if (polls)
        s->polls = polls;
    if (polls)
        s->room = room;
    return polls;
}

static void forget(struct served *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        (void)close(c->fd);
    if (c->other >= 0)
        (void)close(c->other);
    wt_endpoint_free(c->e);
    free(c->tap);
    free(c->state);
    free(c->early);
    free(c);
}

static void begin(struct server *s, int fd)
{
    const int one = 1;
    struct wt_address local;
    struct served *c = has_room(s) ? tool_checked(calloc(1, sizeof *c)) : NULL;
    if (!c) {
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *c = (struct served){.fd = fd, .other = -1, .begun = tool_net_clock()};
    c->e = tool_net_ends(fd, &local, &c->peer) ? wt_server_accept(s->party, tool_net_ms()) : NULL;
    if (!c->e) {
        forget(c);
        return;
    }
    s->begun++;
    if (s->speak.record.observer || s->speak.record.writer) {
        c->tap = tool_checked(calloc(1, sizeof *c->tap));
        if (c->tap)
            tool_record_begin(&s->speak.record, c->tap, &c->peer, &local);
    }
    s->served[s->count++] = c;
}

static void end(struct server *s, size_t i)
{
    struct served *c = s->served[i];
    say_failed(s, c);
    if (s->service->end)
        s->service->end(c);
    if (c->tap)
        tool_record_end(&s->speak.record, c->tap, c->reset);
    forget(c);
    s->served[i] = s->served[--s->count];
    s->ended++;
}

/* Without a descriptor the listener would be ready for ever: it rests. */
static void accept_all(struct server *s)
{
    while (!s->limit || s->begun < s->limit) {
        const int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            begin(s, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            s->full_until = tool_net_clock() + PAUSE_US;
            tool_complain(s->speak.command, _("%zu connections: %s"), s->count, wt_error_reason(errno));
        }
        if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

/* --- a connection's turn ------------------------------------------------------------------------------------------ */

static bool would_block(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static bool send_bytes(struct server *s, struct served *c)
{
    const struct wt_span out = wt_endpoint_outgoing(c->e);
    if (!out.n)
        return false;
    const ssize_t n = c->fin ? (ssize_t)out.n : send(c->fd, out.p, out.n, MSG_NOSIGNAL);
    if (n < 0 && would_block(errno))
        return false;
    if (n > 0 && c->tap && !c->fin)
        tool_record_bytes(&s->speak.record, c->tap, WT_SERVER, out.p, (size_t)n);
    c->fin = c->fin || n < 0;
    wt_endpoint_sent(c->e, n < 0 ? out.n : (size_t)n);
    return true;
}

/* Straight into the engine's room; what is recorded is copied before it is decrypted in place. True when there may be
 * more. */
static bool receive(struct server *s, struct served *c)
{
    size_t room;
    uint8_t *p = wt_endpoint_room(c->e, &room);
    if (!p)
        return false;
    const ssize_t n = recv(c->fd, p, c->tap && room > sizeof s->copy ? sizeof s->copy : room, 0);
    if (n < 0 && would_block(errno)) {
        wt_endpoint_received(c->e, 0);
        return false;
    }
    if (n <= 0) {
        c->reset = n < 0;
        c->fin = c->peer_ended = true;
        wt_endpoint_closed(c->e, n == 0);
        return true;
    }
    if (c->tap)
        memcpy(s->copy, p, (size_t)n);
    const bool full = (size_t)n == room;
    wt_endpoint_time(c->e, tool_net_ms());
    wt_endpoint_received(c->e, (size_t)n);
    if (c->tap)
        tool_record_bytes(&s->speak.record, c->tap, WT_CLIENT, s->copy, (size_t)n);
    return full;
}

/* --- early data --------------------------------------------------------------------------------------------------- */

/* RFC 8446, E.5: "Server-side applications may wish to implement special processing for 0-RTT data …, or delay
 * processing until the handshake completes": who sends another's early data again does not come that far, so that
 * nothing is done twice, whatever is served. It costs the round trip that an answer before it would have saved. */
static bool hold_early(struct served *c)
{
    const struct wt_span data = wt_endpoint_data(c->e);
    uint8_t *more = data.n ? tool_checked(realloc(c->early, c->early_n + data.n)) : NULL;
    if (!more)
        return false;
    memcpy(more + c->early_n, data.p, data.n);
    c->early = more;
    c->early_n += data.n;
    wt_endpoint_taken(c->e, data.n);
    return true;
}

struct wt_span server_data(const struct served *c)
{
    return c->early ? (struct wt_span){c->early + c->early_at, c->early_n - c->early_at} : wt_endpoint_data(c->e);
}

void server_taken(struct served *c, size_t n)
{
    if (!c->early) {
        wt_endpoint_taken(c->e, n);
        return;
    }
    c->early_at += n;
    if (c->early_at < c->early_n)
        return;
    free(c->early);
    c->early = NULL;
    c->early_n = c->early_at = 0;
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

/* An identity that is not in the list of the options, which is full. */
static void answer(struct server *s, struct served *c, const struct wt_event *event)
{
    (void)wt_endpoint_answer_psk(c->e, tool_psks_find(&s->speak.psks, event->psk));
}

static void events(struct server *s, struct served *c)
{
    struct wt_event event;
    while (wt_endpoint_next_event(c->e, &event)) {
        if (event.kind == WT_EVENT_ASK)
            answer(s, c, &event);
        if (event.kind == WT_EVENT_ESTABLISHED)
            say_established(s, c);
        c->peer_ended |= event.kind == WT_EVENT_ALERT && !event.sent && !event.fatal && event.alert == 0;
    }
}

/* So that one connection cannot keep the others waiting. */
enum { TURNS = 16 };

static void turn(struct server *s, struct served *c, bool reads)
{
    bool more = true;
    for (int i = 0; more && i < TURNS; i++) {
        more = send_bytes(s, c);
        if (reads) {
            reads = receive(s, c);
            more = true;
        }
        events(s, c);
        if (c->said)
            more |= s->service->turn(s, c);
        else
            more |= hold_early(c);
        if (c->said && c->closing && !c->fin)
            wt_endpoint_end(c->e);
        if (c->closing) /* nobody is there for it any more */
            server_taken(c, server_data(c).n);
    }
    c->busy = more;
}

static bool is_over(struct server *s, struct served *c)
{
    const int64_t waited = tool_net_clock() - c->begun;
    c->lost |= !c->said && waited > (int64_t)s->milliseconds * 1000;
    return c->lost || wt_endpoint_wants(c->e) & WT_ENDED;
}

/* --- all together ------------------------------------------------------------------------------------------------- */

static uint32_t add_poll(struct server *s, int fd, short events)
{
    s->polls[s->polled] = (struct pollfd){.fd = fd, .events = events};
    return (uint32_t)s->polled++;
}

/* True when none has work that waits for nothing. */
static bool prepare(struct server *s, bool accepts)
{
    bool idle = true;
    s->polls[0] = (struct pollfd){.fd = accepts ? s->listener : -1, .events = POLLIN};
    s->polled = 1;
    for (size_t i = 0; i < s->count; i++) {
        const struct served *c = s->served[i];
        const unsigned wants = wt_endpoint_wants(c->e);
        idle = idle && !c->busy;
        const short of = (short)((wants & WT_WANTS_BYTES ? POLLIN : 0) | (wants & WT_HAS_BYTES ? POLLOUT : 0));
        s->served[i]->slot = of ? add_poll(s, c->fd, of) : 0;
        s->served[i]->other_slot = c->other_events ? add_poll(s, c->other, c->other_events) : 0;
    }
    return idle;
}

/* From the last to the first, as the last takes the place of one that ends. */
static void all_turn(struct server *s)
{
    for (size_t i = s->count; i-- > 0;) {
        struct served *c = s->served[i];
        const short got = c->slot ? s->polls[c->slot].revents : 0;
        c->other_ready = c->other_slot ? s->polls[c->other_slot].revents : 0;
        const bool overdue = c->other_until && tool_net_clock() >= c->other_until;
        if (got || c->other_ready || c->busy || overdue)
            turn(s, c, got & (POLLIN | POLLHUP | POLLERR));
        if (is_over(s, c))
            end(s, i);
    }
}

/* What is open is ended in order: close_notify, and a moment for it. */
static void say_farewell(struct server *s)
{
    const int64_t until = tool_net_clock() + FAREWELL_US;
    for (size_t i = s->count; i-- > 0;) {
        s->served[i]->closing = true;
        if (s->served[i]->said)
            wt_endpoint_end(s->served[i]->e);
        (void)send_bytes(s, s->served[i]);
    }
    while (s->count && tool_net_clock() < until) {
        const bool idle = prepare(s, false);
        if (poll(s->polls, (nfds_t)s->polled, idle ? LOOK_MS / 10 : 0) < 0)
            break;
        all_turn(s);
    }
    while (s->count)
        end(s, s->count - 1);
}

int server_loop(struct server *s)
{
    if (!has_room(s))
        return TOOL_BAD_INPUT;
    while (!tool_await_is_stopped() && (!s->limit || s->ended < s->limit)) {
        const bool full = tool_net_clock() < s->full_until;
        const bool idle = prepare(s, !full && (!s->limit || s->begun < s->limit));
        const int wait = !idle ? 0 : full ? PAUSE_US / 1000 : LOOK_MS;
        const int n = poll(s->polls, (nfds_t)s->polled, wait);
        if (n < 0 && errno != EINTR) {
            tool_complain(s->speak.command, "poll: %s", wt_error_reason(errno));
            return TOOL_BAD_INPUT;
        }
        if (n < 0)
            continue;
        const bool arrives = s->polls[0].revents;
        all_turn(s);
        if (arrives)
            accept_all(s);
    }
    say_farewell(s);
    return TOOL_OK;
}
