/* The client's side of what comes before TLS: it says its turns of protocols.def, and waits for the server's. */
#include "wiretale/dialogue.h"

#include "base/memory.h"
#include "registry/limits.h"
#include "starttls/lines.h"
#include "starttls/upgrades.h"

#include <stdio.h>

struct wt_dialogue {
    const struct wt_starttls *row;
    char host[256];
    uint16_t port;
    uint8_t state; /* enum wt_dialogue_state */
    unsigned turn; /* of the row's script */
    size_t begun;  /* byte of `server` at which its turn begins */
    size_t sent;   /* of `client` */
    size_t rest;   /* bytes at the end of `server` that came behind its consent */
    struct wt_span said;
    struct wt_buffer client, server; /* all that each has said */
};

/* --- protocols ---------------------------------------------------------------------------------------------------- */

/* What is wrapped in packets of another protocol is no TLS behind a dialogue, and what PROXY says is not asked for. */
static bool can_ask(const struct wt_starttls *row)
{
    return row->replies != WT_STARTTLS_NEVER && !(row->flags & WT_STARTTLS_WRAPPED);
}

const char *wt_dialogue_protocol(size_t i, bool proxy)
{
    const struct wt_starttls *row;
    for (size_t k = 0; (row = wt_starttls_at(k)); k++)
        if (can_ask(row) && !(row->flags & WT_STARTTLS_PROXY) == !proxy && i-- == 0)
            return row->name;
    return NULL;
}

/* --- what we say -------------------------------------------------------------------------------------------------- */

/* RFC 9110, 9.3.6: the target is host and port; RFC 9112, 3.2: "A client MUST send a Host header field". */
static bool ask_http(struct wt_dialogue *d)
{
    const bool six = strchr(d->host, ':');
    for (int i = 0; i < 2; i++)
        if (!wt_buffer_format(&d->client, "%s%s%s%s:%u%s", i ? "Host: " : "CONNECT ", six ? "[" : "", d->host,
                              six ? "]" : "", d->port, i ? "\r\n\r\n" : " HTTP/1.1\r\n"))
            return false;
    return true;
}

/* RFC 1928, 4: a name is resolved by the proxy. */
static bool ask_socks(struct wt_dialogue *d)
{
    const size_t n = strlen(d->host);
    const uint8_t head[] = {5, 1, 0, 3, (uint8_t)n}, port[] = {(uint8_t)(d->port >> 8), (uint8_t)d->port};
    return wt_buffer_add(&d->client, head, sizeof head) && wt_buffer_add(&d->client, d->host, n) &&
           wt_buffer_add(&d->client, port, sizeof port);
}

static bool is_last(const struct wt_dialogue *d, unsigned turn)
{
    return turn + 1 == WT_STARTTLS_TURNS || !d->row->script[turn + 1].says.n;
}

/* Our turn, if it is ours. */
static void speak(struct wt_dialogue *d)
{
    const struct wt_starttls_turn *t = &d->row->script[d->turn];
    if (d->turn == WT_STARTTLS_TURNS || !t->says.n || t->server)
        return;
    const bool asks = is_last(d, d->turn);
    /* RFC 5321, 4.1.1.1: EHLO names the client, which may have no name that anybody knows */
    const char *host = d->row->replies == WT_STARTTLS_CODED ? "localhost" : d->host;
    const bool ok = asks && d->row->replies == WT_STARTTLS_HTTP ? ask_http(d)
                    : asks && d->row->replies == WT_STARTTLS_SOCKS
                        ? ask_socks(d)
                        : wt_starttls_speak(d->row, t->says, host, &d->client);
    d->turn++;
    d->begun = d->server.n;
    if (!ok)
        d->state = WT_DIALOGUE_BROKEN;
    else if (asks && !d->row->grant.n)
        d->state = WT_DIALOGUE_GRANTED;
}

struct wt_dialogue *wt_dialogue_new(const char *protocol, const char *host, uint16_t port)
{
    const struct wt_starttls *row = wt_starttls_of(protocol);
    struct wt_dialogue *d = row && can_ask(row) && strlen(host) <= WT_LIMIT_HOST ? wt_calloc(1, sizeof *d) : NULL;
    if (!d)
        return NULL;
    d->row = row;
    d->port = port;
    memcpy(d->host, host, strlen(host) + 1);
    speak(d);
    return d;
}

void wt_dialogue_free(struct wt_dialogue *d)
{
    if (!d)
        return;
    wt_buffer_free(&d->client);
    wt_buffer_free(&d->server);
    free(d);
}

/* --- what the server says before it is asked ---------------------------------------------------------------------- */

/* Up to its last line end: a line that is not whole says nothing yet. */
static struct wt_span whole_lines(struct wt_span s)
{
    while (s.n && s.p[s.n - 1] != '\n')
        s.n--;
    return s;
}

/* A line that ends a server's turn, and whether it refuses. */
static bool ends_turn(const struct wt_dialogue *d, struct wt_span line, bool *refuses)
{
    switch (d->row->replies) {
    case WT_STARTTLS_CODED:
        *refuses = line.n && (line.p[0] == '4' || line.p[0] == '5');
        return wt_lines_ends_coded(line);
    case WT_STARTTLS_POP3:
        *refuses = wt_lines_begins(line, "-ERR");
        return wt_lines_ends_pop3(line);
    case WT_STARTTLS_IMAP:
        *refuses = wt_lines_begins(line, "* BYE");
        return *refuses || (d->turn ? wt_lines_begins(line, "a1 ") : wt_lines_begins(line, "* "));
    default: /* WT_STARTTLS_SIEVE */
        *refuses = wt_lines_begins(line, "NO") || wt_lines_begins(line, "BYE");
        return *refuses || wt_lines_begins(line, "OK");
    }
}

static bool lines_turn(struct wt_dialogue *d, struct wt_span said)
{
    struct wt_span rest = whole_lines(said), line;
    bool refuses;
    while (wt_lines_next(&rest, &line)) {
        if (!ends_turn(d, line, &refuses))
            continue;
        if (refuses) {
            d->state = WT_DIALOGUE_REFUSED;
            d->said = line;
        }
        return true;
    }
    return false;
}

/* The server's turn is over. */
static bool heard_turn(struct wt_dialogue *d)
{
    const struct wt_span said = wt_span_cut(wt_buffer_span(&d->server), d->begun, d->server.n);
    switch (d->row->replies) {
    case WT_STARTTLS_XMPP:
        return wt_lines_say(said, "</stream:features>") || wt_lines_say(said, "<stream:features/>");
    case WT_STARTTLS_MYSQL: /* a packet: its length in three bytes, and its number */
        if (said.n >= 5 && said.p[4] == 0xff)
            d->state = WT_DIALOGUE_REFUSED;
        return said.n >= 4 && said.n - 4 >= (said.p[0] | (size_t)said.p[1] << 8 | (size_t)said.p[2] << 16);
    case WT_STARTTLS_SOCKS: /* RFC 1928, 3: the method that was chosen; 0xff: none */
        if (said.n >= 2 && (said.p[0] != 5 || said.p[1] != 0)) {
            d->state = said.p[0] == 5 ? WT_DIALOGUE_REFUSED : WT_DIALOGUE_BROKEN;
            d->said = wt_span_text("no acceptable authentication method");
        }
        return said.n >= 2;
    default:
        return lines_turn(d, said);
    }
}

/* --- its answer --------------------------------------------------------------------------------------------------- */

/* How many bytes of what it says since it was asked are its answer; 0: it is not whole yet. */
static size_t answer_length(const struct wt_dialogue *d, struct wt_span s)
{
    static const uint8_t blank[] = "\r\n\r\n";
    const uint8_t *end;
    switch (d->row->replies) {
    case WT_STARTTLS_HTTP:
        end = s.n >= 4 ? memmem(s.p, s.n, blank, 4) : NULL;
        return end ? (size_t)(end - s.p) + 4 : 0;
    case WT_STARTTLS_SOCKS: { /* RFC 1928, 6 */
        const size_t n = s.n < 5 ? 0 : s.p[3] == 1 ? 10 : s.p[3] == 4 ? 22 : 7u + s.p[4];
        return n && s.n >= n ? n : 0;
    }
    case WT_STARTTLS_POSTGRESQL:
        return s.n ? 1 : 0;
    case WT_STARTTLS_RDP: /* TPKT's length (RFC 1006, 6) */
        return s.n >= 4 && s.n >= wt_get16(s.p + 2) && wt_get16(s.p + 2) >= 19 ? wt_get16(s.p + 2) : 0;
    case WT_STARTTLS_LDAP: /* a short SEQUENCE; a longer one takes all that came */
        return s.n < 2 ? 0 : s.p[1] < 0x80 ? (s.n >= 2u + s.p[1] ? 2u + s.p[1] : 0) : s.n;
    case WT_STARTTLS_XMPP:
        end = s.n ? memchr(s.p, '>', s.n) : NULL;
        return end ? (size_t)(end - s.p) + 1 : 0;
    default: { /* a line after another, until one is the answer */
        struct wt_span whole = whole_lines(s), rest = whole, line, said;
        while (wt_lines_next(&rest, &line)) {
            const size_t n = whole.n - rest.n;
            if (wt_upgrades_answer(d->row, wt_buffer_span(&d->client),
                                   wt_span_cut(wt_buffer_span(&d->server), 0, d->begun + n),
                                   &said) != WT_UPGRADE_PENDING)
                return n;
        }
        return 0;
    }
    }
}

/* What a proxy says is the same for every port. */
static enum wt_upgrade proxy_answer(struct wt_dialogue *d, struct wt_span answer)
{
    if (d->row->replies == WT_STARTTLS_SOCKS) {
        d->said = wt_span_text(wt_upgrades_socks_reply(answer.p[1]));
        return answer.p[1] == 0 ? WT_UPGRADE_GRANTED : WT_UPGRADE_REFUSED;
    }
    if (!wt_lines_next(&answer, &d->said) || !wt_lines_begins(d->said, "HTTP/1.") || d->said.n < 12)
        return WT_UPGRADE_PENDING;
    return d->said.p[9] == '2' ? WT_UPGRADE_GRANTED : WT_UPGRADE_REFUSED;
}

static void hear_answer(struct wt_dialogue *d)
{
    const struct wt_span server = wt_buffer_span(&d->server), since = wt_span_cut(server, d->begun, server.n);
    const size_t n = answer_length(d, since);
    if (!n)
        return;
    const struct wt_span answer = wt_span_cut(since, 0, n);
    const enum wt_upgrade found =
        d->row->flags & WT_STARTTLS_PROXY
            ? proxy_answer(d, answer)
            : wt_upgrades_answer(d->row, wt_buffer_span(&d->client), wt_span_cut(server, 0, d->begun + n), &d->said);
    d->state = found == WT_UPGRADE_GRANTED   ? WT_DIALOGUE_GRANTED
               : found == WT_UPGRADE_REFUSED ? WT_DIALOGUE_REFUSED
                                             : WT_DIALOGUE_BROKEN;
    d->rest = since.n - n;
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void wt_dialogue_received(struct wt_dialogue *d, const void *bytes, size_t n)
{
    if (d->state != WT_DIALOGUE_GOES_ON)
        return;
    if (d->server.n + n > WT_LIMIT_DIALOGUE || !wt_buffer_add(&d->server, bytes, n)) {
        d->state = WT_DIALOGUE_BROKEN;
        return;
    }
    const bool asked = d->turn == WT_STARTTLS_TURNS || !d->row->script[d->turn].says.n;
    if (asked) {
        hear_answer(d);
    } else if (heard_turn(d) && d->state == WT_DIALOGUE_GOES_ON) {
        d->turn++;
        speak(d);
    }
}

enum wt_dialogue_state wt_dialogue_state(const struct wt_dialogue *d)
{
    /* it is over when what we say is on its way, too */
    return d->state == WT_DIALOGUE_GRANTED && d->sent < d->client.n ? WT_DIALOGUE_GOES_ON
                                                                    : (enum wt_dialogue_state)d->state;
}

struct wt_span wt_dialogue_outgoing(const struct wt_dialogue *d)
{
    return wt_span_cut(wt_buffer_span(&d->client), d->sent, d->client.n);
}

void wt_dialogue_sent(struct wt_dialogue *d, size_t n)
{
    d->sent += n;
}

struct wt_span wt_dialogue_said(const struct wt_dialogue *d)
{
    return d->said;
}

struct wt_span wt_dialogue_rest(const struct wt_dialogue *d)
{
    return wt_span_cut(wt_buffer_span(&d->server), d->server.n - d->rest, d->rest);
}
