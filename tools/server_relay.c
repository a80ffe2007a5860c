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
    const struct wt_span data = wt_endpoint_data(c->e);
    (void)s;
    c->closing |= c->peer_ended && !data.n;
    if (!data.n || !(wt_endpoint_wants(c->e) & WT_TAKES_DATA))
        return false;
    /* what is written may take the place of what was read: a copy */
    uint8_t piece[4096];
    const size_t n = data.n < sizeof piece ? data.n : sizeof piece;
    memcpy(piece, data.p, n);
    const size_t taken = wt_endpoint_write(c->e, piece, n);
    wt_endpoint_taken(c->e, taken);
    return taken > 0;
}

const struct service server_echo = {.turn = echo_turn};

/* --- a plain service ---------------------------------------------------------------------------------------------- */

enum { CHUNK = 16384 };

/* From the service, on its way to the client; there while something is. */
struct waiting {
    size_t at, n;
    bool connected, ended, shut;
    uint8_t bytes[];
};

static bool connect_service(struct server *s, struct served *c)
{
    struct tool_tried tried;
    const unsigned wait = 5000; /* milliseconds: a plain service is near */
    if (c->other < 0 && !c->state) {
        c->state = tool_checked(calloc(1, sizeof(struct waiting) + CHUNK));
        c->other = tool_net_connect(&s->to, wait, &tried);
        if (c->other < 0)
            tool_complain(s->speak.command, _("no connection to the service %s port %u: %s"), s->to.name, s->to.port,
                          tried.unresolved ? tried.unresolved
                          : tried.count    ? tool_net_reason(tried.error[tried.count - 1])
                                           : "?");
    }
    c->closing |= !c->state || (c->other < 0 && !((struct waiting *)c->state)->ended);
    return c->state && c->other >= 0;
}

static bool to_service(struct served *c, struct waiting *w)
{
    const struct wt_span data = wt_endpoint_data(c->e);
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
    wt_endpoint_taken(c->e, n < 0 ? data.n : (size_t)n);
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
    c->other_events =
        (short)((w->at == w->n && !w->ended ? POLLIN : 0) | (wt_endpoint_data(c->e).n && !w->shut ? POLLOUT : 0));
    return moved;
}

const struct service server_relay = {.turn = relay_turn};
