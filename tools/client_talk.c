/* Bytes of a client: between the socket and the engine, and between the engine and the pipes. What is read from
 * standard input is sent as it is: no letter is a command. Its end is the end of what we send, not of what we read. */
#include "client.h"

#include "await.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIPE_TAKES = 4096, LOOK_MS = 500 };

/* --- the socket --------------------------------------------------------------------------------------------------- */

static bool would_block(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* A peer that has reset the connection may have said why before: what it sent is still read, what is for it is not
 * sent. */
static bool send_bytes(struct client *c)
{
    const struct wt_span s = wt_endpoint_outgoing(c->e);
    if (!s.n)
        return false;
    const ssize_t n = c->fin ? (ssize_t)s.n : send(c->fd, s.p, s.n, MSG_NOSIGNAL);
    if (n < 0 && would_block(errno))
        return false;
    if (n > 0 && !c->fin)
        tool_record_bytes(&c->speak.record, &c->tap, WT_CLIENT, s.p, (size_t)n);
    c->fin = c->fin || n < 0;
    wt_endpoint_sent(c->e, n < 0 ? s.n : (size_t)n);
    return true;
}

/* The record has the bytes after the engine, whose secrets open them. */
static bool feed(struct client *c)
{
    if (c->rx_at == c->rx_n || !(wt_endpoint_wants(c->e) & WT_WANTS_BYTES))
        return false;
    wt_endpoint_time(c->e, tool_net_ms());
    const size_t n = wt_endpoint_receive(c->e, c->rx + c->rx_at, c->rx_n - c->rx_at);
    tool_record_bytes(&c->speak.record, &c->tap, WT_SERVER, c->rx + c->rx_at, n);
    c->rx_at += n;
    return n > 0;
}

static void receive(struct client *c)
{
    const ssize_t n = recv(c->fd, c->rx, sizeof c->rx, 0);
    if (n < 0 && would_block(errno))
        return;
    c->heard = tool_net_clock();
    c->rx_at = 0;
    c->rx_n = n > 0 ? (size_t)n : 0;
    if (n > 0)
        return;
    c->reset = n < 0;
    c->fin = true;
    wt_endpoint_closed(c->e, n == 0);
}

/* --- the pipes ---------------------------------------------------------------------------------------------------- */

/* A pipe that can be written to takes so much without making us wait. */
static bool write_data(struct client *c)
{
    const struct wt_span s = wt_endpoint_data(c->e);
    struct stat st;
    size_t n = s.n;
    if (!n)
        return false;
    if (!c->speak.json && !c->out_gone) {
        if (n > PIPE_TAKES && (fstat(STDOUT_FILENO, &st) != 0 || !S_ISREG(st.st_mode)))
            n = PIPE_TAKES;
        c->out_error = tool_write(STDOUT_FILENO, s.p, n);
        c->out_gone = c->out_error != 0;
        if (c->out_gone)
            wt_endpoint_end(c->e);
    }
    wt_endpoint_taken(c->e, n);
    return true;
}

static bool write_in(struct client *c)
{
    if (c->in_at == c->in_n || !(wt_endpoint_wants(c->e) & WT_TAKES_DATA))
        return false;
    const size_t n = wt_endpoint_write(c->e, c->in + c->in_at, c->in_n - c->in_at);
    c->in_at += n;
    return n > 0;
}

static void read_in(struct client *c)
{
    const ssize_t n = read(STDIN_FILENO, c->in, sizeof c->in);
    if (n < 0 && would_block(errno))
        return;
    c->in_at = 0;
    c->in_n = n > 0 ? (size_t)n : 0;
    c->in_done = n <= 0;
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static void events(struct client *c)
{
    struct wt_event event;
    while (wt_endpoint_next_event(c->e, &event)) {
        if (event.kind == WT_EVENT_ESTABLISHED)
            c->ready = tool_net_clock();
        c->peer_closed |= event.kind == WT_EVENT_ALERT && !event.sent && !event.fatal && event.alert == 0;
    }
}

/* Both are at their ends: what we were to say is said, or nobody listens any more. */
static void end_in_order(struct client *c)
{
    const bool quiet = c->in_done && c->in_at == c->in_n;
    if (c->said && !c->half_closed && (c->peer_closed || (quiet && !c->get) || tool_await_is_stopped())) {
        c->half_closed = true;
        wt_endpoint_end(c->e);
    }
}

/* All that can be done without waiting. `out`: standard output takes something. */
static void turn(struct client *c, bool out)
{
    bool more = true;
    while (more) {
        const bool sent = send_bytes(c);
        more = feed(c) || sent;
        events(c);
        if (c->ready && !c->said && !wt_endpoint_outgoing(c->e).n)
            client_say_established(c);
        if (!more && c->said && out && write_data(c)) {
            more = true;
            out = false;
        }
        more |= write_in(c);
        end_in_order(c);
    }
    /* our FIN after our close_notify: a peer that waits for the end of TCP sees it */
    if (c->half_closed && c->ready && !c->fin && !wt_endpoint_outgoing(c->e).n &&
        !(wt_endpoint_wants(c->e) & WT_TAKES_DATA)) {
        (void)shutdown(c->fd, SHUT_WR);
        c->fin = true;
    }
}

/* False when the time to wait for an answer is over: until the handshake is done, and after our own end. */
static bool time_left(const struct client *c, int *wait)
{
    *wait = LOOK_MS;
    if (c->ready && !c->half_closed)
        return true;
    const int64_t since = c->ready ? c->heard : c->begun;
    const int64_t left = since + (int64_t)c->milliseconds * 1000 - tool_net_clock();
    if (left < LOOK_MS * 1000)
        *wait = (int)(left / 1000) + 1;
    return left > 0;
}

static short socket_events(const struct client *c, unsigned wants)
{
    const bool reads = wants & WT_WANTS_BYTES && c->rx_at == c->rx_n;
    return (short)((reads ? POLLIN : 0) | (wants & WT_HAS_BYTES ? POLLOUT : 0));
}

void client_talk(struct client *c)
{
    bool out = true;
    int wait;
    c->begun = c->heard = tool_net_clock();
    for (turn(c, out); !(wt_endpoint_wants(c->e) & WT_ENDED); turn(c, out)) {
        const unsigned wants = wt_endpoint_wants(c->e);
        const short on_socket = socket_events(c, wants);
        const bool reads_in = !c->in_done && c->in_at == c->in_n && wants & WT_TAKES_DATA;
        struct pollfd p[3] = {{.fd = on_socket ? c->fd : -1, .events = on_socket},
                              {.fd = reads_in ? STDIN_FILENO : -1, .events = POLLIN},
                              {.fd = wants & WT_HAS_DATA ? STDOUT_FILENO : -1, .events = POLLOUT}};
        if (!time_left(c, &wait) || (tool_await_is_stopped() && !c->ready)) {
            c->timed_out = !tool_await_is_stopped();
            return;
        }
        const int n = poll(p, 3, wait);
        if (n < 0 && errno != EINTR)
            return;
        out = n > 0 && p[2].revents;
        if (n > 0 && p[0].revents & (POLLIN | POLLHUP | POLLERR) && on_socket & POLLIN)
            receive(c);
        if (n > 0 && p[1].revents)
            read_in(c);
        if (c->half_closed && tool_await_is_stopped())
            return;
    }
}
