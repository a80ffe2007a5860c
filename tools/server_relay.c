/* Services that say nothing of their own: echo, and a plain service to which TLS is ended here. */
#include "server.h"

#include "memory.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- echo --------------------------------------------------------------------------------------------------------- */

static bool echo_turn(struct server *s, struct served *c)
{
    const struct wt_span data = server_data(c);
    (void)s;
    c->closing |= c->peer_ended && !data.n;
    if (!data.n || !(wt_endpoint_wants(c->e) & WT_TAKES_DATA))
        return false;
    /* what is written may take the place of what was read: a copy */
    uint8_t piece[4096];
    const size_t n = data.n < sizeof piece ? data.n : sizeof piece;
    memcpy(piece, data.p, n);
    const size_t taken = wt_endpoint_write(c->e, piece, n);
    server_taken(c, taken);
    return taken > 0;
}

const struct service server_echo = {.turn = echo_turn};

/* --- a plain service ---------------------------------------------------------------------------------------------- */

enum { CHUNK = 16384, WAIT_US = 5000000 }; /* for each address: a plain service is near */

/* From the service, on its way to the client; there while something is. */
struct waiting {
    size_t at, n;
    unsigned address; /* that is tried, or was reached */
    int error;        /* errno: why that could not even be tried */
    bool connected, ended, shut;
    uint8_t bytes[];
};

/* The name is looked up once: a look-up waits, and everybody with it. */
bool server_relay_open(struct server *s)
{
    const char *unresolved = NULL;
    if (s->service != &server_relay || tool_net_resolve(&s->to, &s->to_addresses, &unresolved))
        return true;
    tool_complain(s->speak.command, _("--proxy-to: %s has no address: %s"), s->to.name, unresolved ? unresolved : "?");
    return false;
}

static void begin_to_connect(struct server *s, struct served *c, struct waiting *w)
{
    c->other = tool_net_begin(&s->to_addresses, w->address);
    w->error = c->other < 0 ? errno : 0;
    c->other_events = c->other < 0 ? 0 : POLLOUT;
    c->other_ready = 0;
    c->other_until = tool_net_clock() + WAIT_US;
}

/* What came of the address that is tried: 0, errno, or EINPROGRESS. */
static int outcome(const struct served *c, const struct waiting *w)
{
    if (w->error)
        return w->error;
    if (c->other_ready)
        return tool_net_reached(c->other);
    return tool_net_clock() < c->other_until ? EINPROGRESS : ETIMEDOUT;
}

static void stop_waiting(struct served *c)
{
    c->other_events = c->other_ready = 0;
    c->other_until = 0;
}

/* The addresses one after the other, each until it is known what comes of it: nobody else waits for that. */
static bool connect_service(struct server *s, struct served *c)
{
    struct waiting *w = c->state;
    int error;
    if (!w && (w = c->state = tool_checked(calloc(1, sizeof *w + CHUNK))))
        begin_to_connect(s, c, w);
    c->closing |= !w;
    if (!w || w->connected || c->closing)
        return w && w->connected;
    while ((error = outcome(c, w)) != 0 && error != EINPROGRESS) {
        if (c->other >= 0)
            (void)close(c->other);
        c->other = -1;
        stop_waiting(c);
        if (++w->address == s->to_addresses.count) {
            tool_complain(s->speak.command, _("no connection to the service %s port %u: %s"), s->to.name, s->to.port,
                          tool_net_reason(error));
            c->closing = true;
            return false;
        }
        begin_to_connect(s, c, w);
    }
    if (error)
        return false;
    stop_waiting(c);
    return w->connected = true;
}

static bool to_service(struct served *c, struct waiting *w)
{
    const struct wt_span data = server_data(c);
    if (!data.n) {
        if (c->peer_ended && !w->shut) {
            w->shut = true;
            (void)shutdown(c->other, SHUT_WR);
        }
        return false;
    }
    const ssize_t n = w->shut ? (ssize_t)data.n : send(c->other, data.p, data.n, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    w->shut |= n < 0;
    server_taken(c, n < 0 ? data.n : (size_t)n);
    return true;
}

static bool to_client(struct served *c, struct waiting *w)
{
    bool moved = false;
    if (w->at == w->n && !w->ended) {
        const ssize_t n = recv(c->other, w->bytes, CHUNK, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return false;
        w->at = 0;
        w->n = n > 0 ? (size_t)n : 0;
        w->ended = n <= 0;
        moved = true;
    }
    if (w->at < w->n && wt_endpoint_wants(c->e) & WT_TAKES_DATA) {
        const size_t n = wt_endpoint_write(c->e, w->bytes + w->at, w->n - w->at);
        w->at += n;
        moved |= n > 0;
    }
    c->closing |= w->ended && w->at == w->n;
    return moved;
}

static bool relay_turn(struct server *s, struct served *c)
{
    if (!connect_service(s, c))
        return false;
    struct waiting *w = c->state;
    const bool there = to_service(c, w), back = to_client(c, w), moved = there || back;
    c->other_events = (short)((w->at == w->n && !w->ended ? POLLIN : 0) | (server_data(c).n && !w->shut ? POLLOUT : 0));
    return moved;
}

const struct service server_relay = {.turn = relay_turn};
