/* What comes before TLS: a proxy's consent, and the server's to an upgrade. The bytes are recorded as all others are.
 */
#include "client.h"

#include "memory.h"
#include "wiretale/dialogue.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ROOM = 700 };

/* False when nothing came, or the connection has ended. */
static bool exchange(struct client *c, struct wt_dialogue *d, bool proxy)
{
    const struct wt_span out = wt_dialogue_outgoing(d);
    struct pollfd p = {.fd = c->fd, .events = out.n ? POLLOUT : POLLIN};
    char bytes[4096];
    if (poll(&p, 1, (int)c->milliseconds) <= 0)
        return false;
    const ssize_t n = out.n ? send(c->fd, out.p, out.n, MSG_NOSIGNAL) : recv(c->fd, bytes, sizeof bytes, 0);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    if (out.n) {
        tool_record_bytes(&c->speak.record, &c->tap, WT_CLIENT, out.p, (size_t)n);
        wt_dialogue_sent(d, (size_t)n);
        return true;
    }
    wt_dialogue_received(d, bytes, (size_t)n);
    const size_t later = proxy ? wt_dialogue_rest(d).n : 0; /* recorded by who takes it */
    tool_record_bytes(&c->speak.record, &c->tap, WT_SERVER, bytes, (size_t)n - later);
    return true;
}

/* What came behind: a proxy's are the server's first bytes; others' are nobody's. */
static void take_rest(struct client *c, struct wt_dialogue *d, bool proxy, struct wt_dialogue *next)
{
    const struct wt_span rest = wt_dialogue_rest(d);
    char line[ROOM];
    if (!rest.n)
        return;
    if (!proxy) {
        (void)snprintf(
            line, sizeof line,
            ngettext_("%zu byte that came in plain text after the server's consent was thrown away: somebody "
                      "on the path may have put it there",
                      "%zu bytes that came in plain text after the server's consent were thrown away: somebody "
                      "on the path may have put them there",
                      rest.n),
            rest.n);
        tool_speak_say(&c->speak, "–", line);
    } else if (next) {
        tool_record_bytes(&c->speak.record, &c->tap, WT_SERVER, rest.p, rest.n);
        wt_dialogue_received(next, rest.p, rest.n);
    } else {
        c->rx_n = rest.n < sizeof c->rx ? rest.n : sizeof c->rx;
        memcpy(c->rx, rest.p, c->rx_n);
    }
}

static bool run(struct client *c, struct wt_dialogue *d, const char *protocol)
{
    char said[300], line[ROOM];
    while (wt_dialogue_state(d) == WT_DIALOGUE_GOES_ON && exchange(c, d, protocol == c->proxy))
        ;
    switch (wt_dialogue_state(d)) {
    case WT_DIALOGUE_GRANTED:
        return true;
    case WT_DIALOGUE_REFUSED:
        tool_speak_bytes(wt_dialogue_said(d), said, sizeof said);
        (void)snprintf(line, sizeof line, _("The server refused (%s): %s"), protocol, said);
        break;
    case WT_DIALOGUE_BROKEN:
        (void)snprintf(line, sizeof line, _("What came is not %s."), protocol);
        break;
    default:
        (void)snprintf(line, sizeof line,
                       _("There was no answer to the request for TLS, or the connection ended (%s)."), protocol);
    }
    client_say_refused(c, wt_dialogue_state(d) == WT_DIALOGUE_REFUSED ? "starttls-refused" : "starttls-failed", line);
    return false;
}

bool client_upgrade(struct client *c)
{
    struct wt_dialogue *proxy = c->proxy ? wt_dialogue_new(c->proxy, c->where.name, c->where.port) : NULL;
    struct wt_dialogue *upgrade = c->starttls ? wt_dialogue_new(c->starttls, c->host.name, c->where.port) : NULL;
    bool ok = (!c->proxy || proxy) && (!c->starttls || upgrade);
    if (!ok)
        tool_complain(c->speak.command, "%s", _("out of memory"));
    if (ok && proxy && (ok = run(c, proxy, c->proxy)))
        take_rest(c, proxy, true, upgrade);
    if (ok && upgrade && (ok = run(c, upgrade, c->starttls)))
        take_rest(c, upgrade, false, NULL);
    wt_dialogue_free(proxy);
    wt_dialogue_free(upgrade);
    return ok;
}
