/* TLS by content: where in a TCP stream it begins, at its start, behind a plaintext dialogue, or in its middle. */
#include "observer/detect/detect.h"

#include "base/memory.h"
#include "observer/detect/carrier.h"
#include "observer/detect/dialogues.h"
#include "observer/queue.h"
#include "observer/state.h"
#include "starttls/banners.h"
#include "starttls/lines.h"
#include "starttls/starttls.h"

#include <stdlib.h>

/* What was said before TLS, per direction. `held` is the first WT_LIMIT_DIALOGUE_HELD bytes and the newest tail. */
struct wt_plain {
    struct wt_buffer held[2];
    size_t total[2]; /* bytes that passed */
    size_t from[2];  /* in `held`: nothing before it can be the beginning of TLS */
    size_t whole[2]; /* in `held`: nothing is missing behind it */
    size_t before;   /* of `total`: what the other side had said when the first one began with TLS */
    uint32_t frame;  /* packet of the first that it has said since */
    uint32_t asked;  /* with has_asked: what the first one's beginning acknowledged of it */
    bool has_asked;
    bool answers; /* what it has said since is the answer to the first: it begins there */
    bool lost[2]; /* a gap: any segment may begin inside a record */
    bool relayed; /* a SOCKS proxy's answer was seen, and what it relays has been numbered */
};

enum { SIGNATURE = 11 }; /* bytes that a hello is recognised by, of SSL 2.0 or in one record */

static struct wt_plain *plain_of(struct wt_conversation *c)
{
    if (!c->plain)
        c->plain = wt_calloc(1, sizeof *c->plain);
    return c->plain;
}

void wt_detect_free(struct wt_observer *o, struct wt_conversation *c)
{
    if (!c->plain)
        return;
    for (unsigned d = 0; d < 2; d++) {
        o->dialogue_bytes -= c->plain->held[d].cap;
        wt_buffer_free(&c->plain->held[d]);
    }
    free(c->plain);
    c->plain = NULL;
}

/* Adds to what is held; returns where the new bytes begin there. */
static size_t hold(struct wt_observer *o, struct wt_plain *p, unsigned d, struct wt_span bytes)
{
    struct wt_buffer *b = &p->held[d];
    size_t cap = b->cap;
    if (b->n > WT_LIMIT_DIALOGUE_HELD + SIGNATURE && p->from[d] > WT_LIMIT_DIALOGUE_HELD) {
        /* the middle goes; what may still be the beginning of a hello stays */
        size_t tail = b->n - p->from[d];
        memmove(b->p + WT_LIMIT_DIALOGUE_HELD, b->p + p->from[d], tail);
        b->n = WT_LIMIT_DIALOGUE_HELD + tail;
        p->from[d] = p->whole[d] = WT_LIMIT_DIALOGUE_HELD;
    }
    size_t at = b->n;
    (void)wt_buffer_add(b, bytes.p, bytes.n);
    o->dialogue_bytes += b->cap - cap;
    p->total[d] += bytes.n;
    return at;
}

/* RFC 1928, 6, and SOCKS 4: the proxy has granted the request; what follows is relayed. */
static bool socks_granted(struct wt_span client, struct wt_span server)
{
    if (client.n < 3 || server.n < 8)
        return false;
    if (client.p[0] == 4)
        return server.p[0] == 0 && server.p[1] == 90;
    size_t at = server.p[1] == 2 ? 4 : 2; /* behind username/password authentication: RFC 1929 */
    return client.p[0] == 5 && server.p[0] == 5 && server.n >= at + 10 && server.p[at] == 5 && server.p[at + 1] == 0;
}

/* Wireshark gives what a SOCKS proxy (on its registered port) relays a tcp.stream of its own, when the first of it
 * passes; numbers must agree. */
static void number_relayed(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_plain *p = c->plain;
    const uint16_t socks_port = 1080;
    unsigned server = c->port[0] == socks_port ? 0 : 1;
    if (p->relayed || c->port[server] != socks_port ||
        !socks_granted(wt_buffer_span(&p->held[!server]), wt_buffer_span(&p->held[server])))
        return;
    p->relayed = true;
    struct wt_conversation *relayed = wt_conversations_add(o->conversations, NULL, 0);
    if (!relayed)
        return;
    relayed->flags = WT_CONV_ENDED;
    wt_queue_let_go(o, relayed);
}

/* Could these first bytes, fewer than a signature, grow into a hello of SSL 2.0? */
static bool may_be_ssl2(struct wt_span b)
{
    return b.n && b.n < SIGNATURE && b.p[0] & 0x80 && (b.n < 3 || b.p[2] == 1);
}

/* A record other than a hello where a segment begins: an alert in the clear, or, when the beginning was not seen, any
 * chain of records. */
static bool begins_with_record(struct wt_span b, bool from_middle)
{
    if (b.n < 5 || !wt_record_plausible(b.p))
        return false;
    if (b.p[0] == WT_CONTENT_ALERT && wt_get16(b.p + 3) == 2 && b.n >= 7)
        return (b.p[5] == 1 || b.p[5] == 2) && wt_registry_name(WT_REG_ALERT, b.p[6]);
    size_t next = 5u + wt_get16(b.p + 3);
    if (!from_middle || next == 5 || b.p[2] == 0)
        return false;
    if (next + 5 <= b.n)
        return wt_record_plausible(b.p + next);
    return next == b.n || b.p[0] == WT_CONTENT_APPLICATION_DATA;
}

/* RFC 8446, 5.1: "Implementations MUST NOT send zero-length fragments of Handshake types". A server that gives back the
 * first bytes of what it was sent, as Modbus does, seems to. */
static bool is_empty_handshake(struct wt_span s)
{
    return s.n >= 5 && s.p[0] == WT_CONTENT_HANDSHAKE && !wt_get16(s.p + 3);
}

/* RFC 8446, 5.1, and RFC 5246, 6.2.1: a record begins with its type and a version; that of SSL 2.0 with a length. */
static bool may_be_record(struct wt_span s, bool ssl2)
{
    if (ssl2 && s.n && s.p[0] & 0x80)
        return true;
    return !s.n || (!is_empty_handshake(s) && s.p[0] >= WT_CONTENT_CHANGE_CIPHER_SPEC &&
                    s.p[0] <= WT_CONTENT_HEARTBEAT && wt_record_may_be_version(s.p + 1, s.n - 1));
}

/* A stream that begins with a record of data: its side did not wait for the handshake. *more: it may be one. */
static bool begins_with_data(struct wt_span b, bool *more)
{
    const size_t next = b.n < 5 ? 6 : 5u + wt_get16(b.p + 3);
    const bool may = b.n && b.p[0] == WT_CONTENT_APPLICATION_DATA && may_be_record(b, false) && next > 5;
    const bool is = may && b.n >= next && wt_record_plausible(b.p);
    *more |= may && b.n < next && (b.n < 5 || wt_record_plausible(b.p));
    return is && may_be_record(wt_span_cut(b, next, SIZE_MAX), false);
}

/* The offset in b, from `from` on, where TLS begins, or SIZE_MAX; *keep gets the first offset that more bytes could
 * still prove. `segment`: where the newest segment begins. */
static size_t find_start(struct wt_span b, size_t from, size_t segment, bool from_middle, size_t *keep)
{
    uint8_t type;
    bool more;
    *keep = b.n;
    for (size_t i = from; i < b.n; i++) {
        struct wt_span rest = wt_span_cut(b, i, b.n);
        /* SSL 2.0's header has too little of its own to be looked for inside a dialogue. */
        bool at_segment = i == segment || i == 0;
        if (wt_record_is_hello(rest, &type, &more) || (at_segment && wt_record_is_ssl2_hello(rest)) ||
            (at_segment && begins_with_record(rest, from_middle)) || (i == 0 && begins_with_data(rest, &more)))
            return i;
        if ((more || may_be_ssl2(rest)) && *keep == b.n)
            *keep = i;
    }
    return SIZE_MAX;
}

/* How much a port is a client's. RFC 6335, 6 reserves 0 to 1023 for services and leaves 49152 and up to whoever asks
 * for one; systems begin to give such ports to clients at 32768. Of two alike it is not the one that is known for TLS.
 */
static unsigned client_like(uint16_t port)
{
    const unsigned range = port < 1024 ? 0 : port < 32768 ? 1 : 2;
    return 2 * range + !wt_port_service(port);
}

/* Direction 0 is the server's, as far as ports say; where a SYN was seen that said who opened it. */
static bool is_server_first(const struct wt_conversation *c)
{
    if (wt_transport_opened_any(&c->transport))
        return c->port[0] < 1024 && c->port[1] >= 1024;
    return client_like(c->port[0]) < client_like(c->port[1]);
}

/* TLS begins: what stands before it was the dialogue. */
static void begin(struct wt_observer *o, struct wt_conversation *c, unsigned d, size_t at)
{
    struct wt_plain *p = c->plain;
    struct wt_tls *tls = wt_tls_new(o, c);
    if (!tls) {
        c->phase = WT_PHASE_NOT_TLS;
        return;
    }
    wt_account_tls(&o->account, c);
    struct wt_span bytes = wt_span_cut(wt_buffer_span(&p->held[d]), at, SIZE_MAX);
    uint8_t type = 0;
    bool more, hello = wt_record_is_hello(bytes, &type, &more), ssl2 = !hello && wt_record_is_ssl2_hello(bytes);
    /* The client is who sent the ClientHello; until one is seen, who opened the connection. */
    tls->client = hello && type == WT_HANDSHAKE_CLIENT_HELLO   ? (uint8_t)d
                  : hello && type == WT_HANDSHAKE_SERVER_HELLO ? (uint8_t)!d
                  : ssl2                                       ? (uint8_t)d
                                                               : (uint8_t)is_server_first(c);
    tls->client_known = hello || ssl2;
    if (ssl2)
        tls->cursor[d].state |= WT_RECORD_SSL2_MAY;
    struct wt_span said = wt_span_cut(wt_buffer_span(&p->held[d]), 0, at);
    struct wt_span other = wt_span_cut(wt_buffer_span(&p->held[!d]), 0, SIZE_MAX);
    if (said.n || p->held[!d].n) {
        /* an upgrade is the client's to ask for: a server that greets one who begins with TLS expected something else
         */
        struct wt_span client = d == tls->client ? said : other, server = d == tls->client ? other : said;
        const struct wt_starttls *row = client.n ? wt_starttls_find(client, server) : NULL;
        tls->starttls = row ? row->name : tls->starttls;
        tls->seen.flags |= WT_SEEN_DIALOGUE;
        if (!p->lost[0] && !p->lost[1]) /* what seems to be too much may answer what is missing */
            wt_dialogue_injected(o, c, client, server);
    }
    /* an alert is all that the server says to what is no hello */
    if (!hello && !ssl2 && bytes.p[0] == WT_CONTENT_ALERT && d != tls->client && !said.n &&
        wt_transport_from_start(&c->transport, !d) && !p->lost[!d])
        wt_dialogue_alert(o, c, other);
    p->before = p->total[!d];
    p->has_asked = wt_transport_acknowledged(&c->transport, !d, &p->asked);
    tls->side[wt_tls_side_of(tls, d)].flags |= WT_SIDE_STARTED;
    /* a capture that begins in the middle mostly does so between two packets */
    const struct wt_span whole = wt_span_cut(wt_buffer_span(&p->held[d]), p->whole[d], SIZE_MAX);
    size_t packet = hello && at >= p->whole[d] ? wt_carrier_begin(tls, whole, at - p->whole[d]) : SIZE_MAX;
    if (packet != SIZE_MAX)
        bytes = wt_span_cut(whole, packet, SIZE_MAX);
    wt_tls_data(o, c, d, bytes);
    /* bytes of the other side that wait for their proof are looked at again with what comes next */
    o->dialogue_bytes -= p->held[d].cap;
    wt_buffer_free(&p->held[d]);
    p->from[d] = 0;
}

static void give_up(struct wt_observer *o, struct wt_conversation *c)
{
    wt_detect_free(o, c);
    c->phase = WT_PHASE_NOT_TLS;
}

void wt_detect_data(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    struct wt_plain *p = plain_of(c);
    if (!p)
        return;
    bool from_middle = !wt_transport_from_start(&c->transport, d) || p->lost[d];
    number_relayed(o, c);
    size_t segment = hold(o, p, d, bytes), keep;
    size_t at = find_start(wt_buffer_span(&p->held[d]), p->from[d], segment, from_middle, &keep);
    if (at != SIZE_MAX) {
        begin(o, c, d, at);
        return;
    }
    p->from[d] = keep;
    if (o->dialogue_bytes > WT_LIMIT_DIALOGUE_ALL)
        o->lost[WT_LOST_DIALOGUES]++;
    if (p->total[d] > WT_LIMIT_DIALOGUE || o->dialogue_bytes > WT_LIMIT_DIALOGUE_ALL)
        give_up(o, c);
}

/* What a side has said since the other one began with TLS; where none of it came, what it said before. */
static struct wt_span since_tls(const struct wt_plain *p, unsigned d)
{
    struct wt_span all = wt_buffer_span(&p->held[d]);
    size_t n = p->total[d] - p->before;
    return n && n < all.n ? wt_span_cut(all, all.n - n, all.n) : all;
}

/* RFC 5246, 6.2.1, does not forbid to split an alert over two records, a byte in each. */
static bool is_split_alert(struct wt_span b)
{
    const size_t first = 5 + 1, both = 2 * first;
    return b.n >= both && wt_get16(b.p + 3) == 1 && (b.p[5] == 1 || b.p[5] == 2) && b.p[first] == WT_CONTENT_ALERT &&
           wt_record_plausible(b.p + first) && wt_get16(b.p + first + 3) == 1;
}

/* Past records without a byte, at most a few. */
static struct wt_span after_empty(struct wt_span b)
{
    const unsigned most = 4;
    for (unsigned i = 0; i < most && b.n >= 5 && wt_record_plausible(b.p) && !wt_get16(b.p + 3); i++)
        b = wt_span_cut(b, 5, SIZE_MAX);
    return b;
}

/* More bytes may show that it begins here. */
static bool may_begin(struct wt_span b)
{
    b = after_empty(b);
    return b.n < 5 ||
           (b.p[0] == WT_CONTENT_ALERT && wt_record_plausible(b.p) && wt_get16(b.p + 3) == 1 && b.n < 2 * (5 + 1));
}

/* The other side speaks TLS already: this one's first record is believed by its header alone, and empty ones by what
 * follows them. */
static bool side_begins(struct wt_span b, bool ssl2, bool *is_ssl2)
{
    const struct wt_span rest = after_empty(b);
    *is_ssl2 = false;
    if (rest.n >= 5 && wt_record_plausible(rest.p) && !is_empty_handshake(rest) &&
        (rest.p[0] != WT_CONTENT_ALERT || wt_get16(rest.p + 3) >= 2 || is_split_alert(rest)))
        return true;
    *is_ssl2 = ssl2 && b.n >= 3 && b.p[0] & 0x80 && (b.p[2] == WT_SSL2_SERVER_HELLO || b.p[2] == WT_SSL2_ERROR);
    return *is_ssl2;
}

/* True when TLS begins with these bytes, which are then taken. */
static bool take_side(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    struct wt_tls *tls = c->tls;
    bool ssl2;
    if (!side_begins(bytes, tls->cursor[!d].state & WT_RECORD_SSL2_MAY, &ssl2))
        return false;
    tls->side[wt_tls_side_of(tls, d)].flags |= WT_SIDE_STARTED;
    if (ssl2)
        tls->cursor[d].state |= WT_RECORD_SSL2_MAY;
    wt_tls_data(o, c, d, bytes);
    wt_detect_free(o, c);
    return true;
}

/* Whether that is how a server begins that speaks something else, rather than the rest of a record: without the SYNs,
 * what follows what a ClientHello acknowledged answers it; a record from the middle of a connection is answered from
 * the middle of one. */
static bool is_beginning(const struct wt_conversation *c, unsigned server, struct wt_span said)
{
    const struct wt_plain *p = c->plain;
    const bool to_hello = p->answers && wt_flow_has(&c->tls->flow, WT_FACT_CLIENT_HELLO);
    return said.n && !p->lost[server] &&
           (wt_transport_from_start(&c->transport, server) || to_hello || wt_banners_find(said));
}

void wt_detect_side(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    struct wt_tls *tls = c->tls;
    struct wt_plain *p = plain_of(c);
    struct wt_tls_side *side = &tls->side[wt_tls_side_of(tls, d)];
    if (!p || side->flags & WT_SIDE_NOT_TLS)
        return;
    if (!p->held[d].n && take_side(o, c, d, bytes)) /* as nearly always: where it is */
        return;
    if (p->total[d] == p->before) {
        p->frame = o->frame;
        p->answers = p->has_asked && wt_transport_stands_at(&c->transport, d, p->asked);
        if (wt_lines_begins(bytes, "HTTP/1."))
            wt_life_answer(o, c, d);
    }
    size_t segment = hold(o, p, d, bytes), keep = p->held[d].n;
    struct wt_span held = wt_buffer_span(&p->held[d]);
    for (size_t i = p->from[d]; i <= segment && i < held.n; i = i < segment ? segment : held.n) {
        struct wt_span rest = wt_span_cut(held, i, held.n);
        if (take_side(o, c, d, rest))
            return;
        if (may_begin(rest) && keep == held.n)
            keep = i;
    }
    p->from[d] = keep;
    if (p->total[d] > WT_LIMIT_DIALOGUE_HELD) {
        const bool server = wt_tls_side_of(tls, d) == WT_SERVER;
        const bool begins = !server || is_beginning(c, d, since_tls(p, d));
        if (server && begins)
            wt_dialogue_peer(o, c, p->frame, since_tls(p, d));
        side->flags |= begins ? WT_SIDE_NOT_TLS : 0;
        wt_detect_free(o, c);
    }
}

void wt_detect_lost(struct wt_conversation *c, unsigned d)
{
    struct wt_plain *p = plain_of(c);
    if (!p)
        return;
    p->lost[d] = true;
    p->from[d] = p->whole[d] = p->held[d].n;
}

/* Of a server that never began with TLS: what it spoke instead, or why it did not answer. */
static void end_server(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    struct wt_plain *p = c->plain;
    unsigned server = wt_tls_direction_of(tls, WT_SERVER);
    struct wt_span said = since_tls(p, server);
    bool answers = p->total[server] > p->before;
    /* a greeting to a client that begins with TLS is the answer as well; what a dialogue ends with is none */
    bool ended = wt_transport_is_ending(&c->transport);
    if (tls->side[WT_SERVER].flags & (WT_SIDE_STARTED | WT_SIDE_NOT_TLS) || !is_beginning(c, server, said))
        return;
    if ((!answers && (tls->starttls || !ended)) ||
        may_be_record(said, tls->cursor[tls->client].state & WT_RECORD_SSL2_MAY))
        return;
    tls->side[WT_SERVER].flags |= WT_SIDE_NOT_TLS;
    wt_dialogue_peer(o, c, answers ? p->frame : c->first_frame, said);
}

void wt_detect_end(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    struct wt_plain *p = c->plain;
    if (tls && p)
        end_server(o, c);
    if (tls)
        wt_dialogue_header(o, c);
    if (!tls && p && c->phase == WT_PHASE_PLAIN && !p->lost[0] && !p->lost[1]) {
        struct wt_span said[2] = {wt_buffer_span(&p->held[0]), wt_buffer_span(&p->held[1])};
        wt_dialogue_end(o, c, said);
    }
    wt_detect_free(o, c);
}
