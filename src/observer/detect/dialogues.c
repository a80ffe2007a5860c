/* What stands where TLS was to be: a dialogue whose upgrade was refused, a client that speaks something else to a TLS
 * server, and what was slipped in between an upgrade and TLS. */
#include "observer/detect/dialogues.h"
#include "observer/endless.h"

#include "base/i18n.h"
#include "observer/detect/refusals.h"
#include "observer/state.h"
#include "starttls/banners.h"
#include "starttls/lines.h"
#include "starttls/upgrades.h"
#include "wording/wording.h"

#include "base/utf8.h"
#include <ctype.h>

#include <inttypes.h>
#include <stdio.h>

/* Bytes of the wire as a person can read them: the first line, at most 72 characters; what does not begin as text in
 * hexadecimal. */
static const char *quoted(struct wt_span s, char out[80])
{
    size_t n = 0;
    bool text = s.n;
    for (size_t i = 0; i < s.n && i < 3; i++)
        text &= (s.p[i] >= 0x20 && s.p[i] < 0x7f) || s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\t';
    if (!text) {
        for (size_t i = 0; i < s.n && i < 16; i++)
            n += (size_t)snprintf(out + n, 80 - n, "%s%02x", i ? " " : "", s.p[i]);
        (void)snprintf(out + n, 80 - n, "%s", s.n > 16 ? " ..." : "");
        return out;
    }
    while (n < s.n && n < 72 && s.p[n] != '\r' && s.p[n] != '\n')
        n++;
    return wt_printable_into(out, 80, wt_span_cut(s, 0, n));
}

static struct wt_tls *failed(struct wt_observer *o, struct wt_conversation *c, unsigned client)
{
    struct wt_time now = o->now;
    if (c->last_ns)
        o->now.ns = c->last_ns;
    struct wt_tls *tls = wt_tls_new(o, c);
    o->now = now;
    if (!tls)
        return NULL;
    tls->client = (uint8_t)client;
    tls->client_known = true;
    tls->seen.flags |= WT_SEEN_NEVER_TLS;
    return tls;
}

static void tell_refused(struct wt_tls *tls, const struct wt_starttls *row, uint32_t frame, struct wt_span answer)
{
    char text[80];
    const struct wt_list_finding *f = wt_finding_say(
        tls, WT_FINDING_STARTTLS_REFUSED, frame,
        row->flags & WT_STARTTLS_PROXY
            ? _("The client asked a proxy (%s) to connect it to a TLS port, and the proxy refused: \"%s\".")
            : _("The client asked to upgrade %s to TLS, and the server refused: \"%s\"."),
        row->title, quoted(answer, text));
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_SERVER, WT_NOTICED_BY_SERVER, false);
    wt_finding_advise(f, row->flags & WT_STARTTLS_PROXY ? WT_ADVICE_PROXY_REFUSED : WT_ADVICE_OF_ROW);
    wt_finding_cause(tls, f);
}

static bool starttls_refused(struct wt_observer *o, struct wt_conversation *c, unsigned client,
                             const struct wt_span said[2])
{
    const struct wt_starttls *row = wt_starttls_find(said[client], said[!client]);
    struct wt_span answer;
    struct wt_tls *tls;
    if (!row || !wt_upgrades_refused(row, said[client], said[!client], &answer) || !(tls = failed(o, c, client)))
        return false;
    tls->starttls = row->name;
    tell_refused(tls, row, c->last_frame, answer);
    return true;
}

/* --- clients that speak something else
 * ------------------------------------------------------------------------------------ */

/* Kafka, Protocol Guide: length, API key, its version, correlation id, client id with its length (-1: none). */
static bool is_kafka(struct wt_span s)
{
    enum { MOST_LENGTH = 1 << 20, MOST_KEY = 100, MOST_VERSION = 24, MOST_ID = 255, LOOKED_AT = 8 };
    if (s.n < 14 || wt_get32(s.p) < 10 || wt_get32(s.p) > MOST_LENGTH || wt_get16(s.p + 4) > MOST_KEY ||
        wt_get16(s.p + 6) > MOST_VERSION)
        return false;
    unsigned n = wt_get16(s.p + 12);
    if (n == 0xffff)
        return wt_get32(s.p) + 4 == s.n;
    for (unsigned i = 0; i < n && i < LOOKED_AT; i++)
        if (14u + i >= s.n || s.p[14 + i] < 0x20 || s.p[14 + i] >= 0x7f)
            return false;
    return n > 0 && n <= MOST_ID && 10 + n <= wt_get32(s.p);
}

/* MongoDB Wire Protocol: length, request id, response to (none), opcode; all little-endian. */
static bool is_mongodb(struct wt_span s)
{
    enum { MESSAGE = 2013, COMPRESSED = 2012, QUERY = 2004, MOST_LENGTH = 48000000 };
    uint32_t code = s.n >= 16 ? wt_get32le(s.p + 12) : 0;
    return (code == MESSAGE || code == COMPRESSED || code == QUERY) && wt_get32le(s.p) >= 16 &&
           wt_get32le(s.p) <= MOST_LENGTH && wt_get32le(s.p + 8) == 0;
}

/* Protocols whose first bytes are no text. */
static const char *spoken_binary(struct wt_span s)
{
    static const uint8_t postgresql[] = {4, 0xd2, 0x16, 0x2f};
    if (!s.p)
        return NULL;
    if (s.n >= 8 && memcmp(s.p + 4, postgresql, 4) == 0)
        return N_("PostgreSQL (which requests an upgrade first)");
    if (s.n >= 10 && s.p[0] == 0x10 && (memmem(s.p, 10, "MQTT", 4) || memmem(s.p, 10, "MQIsdp", 6)))
        return "MQTT";
    if (s.n >= 7 && s.p[0] == 3 && s.p[1] == 0 && s.p[5] == 0xe0)
        return "RDP";
    if (is_kafka(s))
        return "Kafka";
    if (is_mongodb(s))
        return "MongoDB";
    /* Redis serialization protocol: an array of so many bulk strings */
    if (s.n >= 5 && s.p[0] == '*' && isdigit(s.p[1]) && memmem(s.p, s.n < 16 ? s.n : 16, "\r\n$", 3))
        return "Redis";
    /* Oracle's TNS: length, checksums, type 1 (CONNECT), flags */
    if (s.n >= 34 && wt_get16(s.p) >= 34 && wt_get16(s.p) <= s.n && !wt_get16(s.p + 2) && s.p[4] == 1 && !s.p[5])
        return "Oracle TNS";
    /* DRDA (DB2): a DSS header, whose third byte is 0xd0 */
    if (s.n >= 10 && wt_get16(s.p) >= 10 && wt_get16(s.p) <= s.n && s.p[2] == 0xd0 && wt_get16(s.p + 8) == 0x1041)
        return "DRDA (DB2)";
    /* CQL, 2: version of a request, flags, stream, STARTUP or OPTIONS */
    if (s.n >= 9 && s.p[0] >= 3 && s.p[0] <= 5 && s.p[1] <= 0x1f && (s.p[4] == 1 || s.p[4] == 5) &&
        wt_get32(s.p + 5) + 9 == s.n)
        return "CQL (Cassandra)";
    /* RFC 4511, 4.1.1 and 4.2: a sequence, message id, bind request */
    return s.n >= 7 && s.p[0] == 0x30 && s.p[1] < 0x80 && s.p[2] == 2 && s.p[3] == 1 && s.p[5] == 0x60 ? "LDAP" : NULL;
}

/* What a client speaks, by its first bytes; NULL when not recognised. */
static const char *spoken(struct wt_span s)
{
    static const struct {
        const char *start, *name;
    } rows[] = {
        {"PRI * HTTP/2.0", "HTTP/2"},
        {"GET ", "HTTP"},
        {"POST ", "HTTP"},
        {"HEAD ", "HTTP"},
        {"PUT ", "HTTP"},
        {"DELETE ", "HTTP"},
        {"OPTIONS ", "HTTP"},
        {"PATCH ", "HTTP"},
        {"TRACE ", "HTTP"},
        {"CONNECT ", N_("HTTP CONNECT (a request to a proxy)")},
        {"PRI * HTTP/2.0", N_("HTTP/2 without TLS")},
        {"PROXY ", N_("the PROXY protocol")},
        {"SSH-", "SSH"},
        {"EHLO", "SMTP"},
        {"HELO", "SMTP"},
        {"LHLO", "LMTP"},
        {"USER ", N_("FTP, POP3 or IRC")},
        {"NICK ", "IRC"},
        {"CAP ", "IRC"},
        {"<?xml", "XMPP"},
        {"<stream", "XMPP"},
        {"INVITE ", "SIP"},
        {"REGISTER ", "SIP"},
        {"AMQP", "AMQP"},
        {"PING\r\n", "Redis"},
        {"\r\n\r\n", N_("the PROXY protocol")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wt_span_starts(s, rows[i].start))
            return rows[i].name;
    return spoken_binary(s);
}

/* Bytes that a TLS client could have begun with say nothing of another protocol. */
static bool looks_like_tls(struct wt_span s)
{
    return !s.n ||
           (s.p[0] >= WT_CONTENT_CHANGE_CIPHER_SPEC && s.p[0] <= WT_CONTENT_HEARTBEAT &&
            wt_record_may_be_version(s.p + 1, s.n - 1)) ||
           s.p[0] & 0x80;
}

static void accuse(struct wt_tls *tls, uint32_t frame, struct wt_span client, const char *how, bool probable)
{
    const char *name = spoken(client);
    char text[80];
    const struct wt_list_finding *f =
        name
            ? wt_finding_say(tls, WT_FINDING_CLIENT_NOT_TLS, frame,
                             probable ? _("The client speaks %s (\"%s\"), but the server probably speaks TLS: %s.")
                                      : _("The client speaks %s (\"%s\"), but the server speaks TLS: %s."),
                             _(name), quoted(client, text), how)
            : wt_finding_say(
                  tls, WT_FINDING_CLIENT_NOT_TLS, frame,
                  probable ? _("The client's first bytes (\"%s\") are not TLS, but the server probably speaks TLS: %s.")
                           : _("The client's first bytes (\"%s\") are not TLS, but the server speaks TLS: %s."),
                  quoted(client, text), how);
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, probable);
    wt_finding_cause(tls, f);
}

void wt_dialogue_alert(struct wt_observer *o, struct wt_conversation *c, struct wt_span client)
{
    struct wt_tls *tls = c->tls;
    if (looks_like_tls(client))
        return;
    tls->seen.flags |= WT_SEEN_NEVER_TLS;
    tls->starttls = NULL;
    accuse(tls, o->frame, client, _("it answered with a TLS alert"), false);
}

/* What servers answer to HTTP on their TLS port: nginx, Apache, Go, Java. */
static bool says_tls_port(struct wt_span s)
{
    static const char *const phrases[] = {"sent to HTTPS port", "SSL-enabled server port",
                                          "HTTP request to an HTTPS server",
                                          "This combination of host and port requires TLS"};
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (wt_lines_say(s, phrases[i]))
            return true;
    return false;
}

/* The client waited for an answer in vain, and left. */
static bool gave_up(const struct wt_conversation *c, unsigned client)
{
    return wt_transport_left_first(&c->transport, client) && c->seen_ns - c->last_ns >= WT_LIMIT_PATIENCE_NS;
}

/* Lines of text are something that a person or a program says in the clear; other bytes may be any protocol. */
static bool is_text(struct wt_span s)
{
    size_t n = s.n < 8 ? s.n : 8;
    for (size_t i = 0; i < n; i++)
        if ((s.p[i] < 0x20 || s.p[i] >= 0x7f) && s.p[i] != '\r' && s.p[i] != '\n')
            return false;
    return n >= 4;
}

static bool client_not_tls(struct wt_observer *o, struct wt_conversation *c, unsigned client,
                           const struct wt_span said[2])
{
    struct wt_span answer = said[!client];
    const char *name = spoken(said[client]);
    bool http = wt_lines_begins(answer, "HTTP/1.") && answer.n >= 12 && answer.p[9] == '4';
    bool sure = http && says_tls_port(answer);
    bool closed = !answer.n && wt_transport_left_first(&c->transport, !client),
         silent = !answer.n && gave_up(c, client);
    bool elsewhere = wt_refusals_is_tls_server(o, c, !client), port = wt_port_service(c->port[!client]);
    /* servers of HTTP answer so on either port to what is not HTTP/1; to that, only because something is wrong with it
     */
    bool odd = http && port && !(name && strcmp(name, "HTTP") == 0) && !wt_lines_begins(said[client], "CONNECT ");
    if (looks_like_tls(said[client]) || (!name && !elsewhere && !is_text(said[client])) ||
        !(sure || (http && elsewhere) || odd || ((closed || silent) && (elsewhere || port))))
        return false;
    struct wt_tls *tls = failed(o, c, client);
    if (!tls)
        return false;
    accuse(tls, c->last_frame, said[client],
           sure                ? _("its answer says so")
           : http && elsewhere ? _("other connections to it use TLS, and it rejected the request")
           : odd     ? _("its port is a TLS port, and it rejected the request; connect to it with TLS to confirm")
           : !closed ? _("its port is a TLS port or other connections to it use TLS, and it did not answer; connect to "
                         "it with TLS to confirm")
           : elsewhere
               ? _("other connections to it use TLS, and it closed without answering")
               : _("its port is a TLS port, and it closed without answering; connect to it with TLS to confirm"),
           !sure);
    return true;
}

/* HAProxy's PROXY protocol, 2: "The receiver MUST be configured to only receive the protocol described in this
 * specification and MUST not try to guess whether the protocol header is present or not." One that was not takes the
 * header for the client's first record. */
static void accuse_header(struct wt_observer *o, struct wt_tls *tls, const char *how)
{
    const struct wt_list_finding *f =
        wt_finding_say(tls, WT_FINDING_CLIENT_NOT_TLS, o->frame,
                       _("A PROXY protocol header precedes the ClientHello, and %s: probably the server does not "
                         "expect the header and takes it for the start of TLS."),
                       how);
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, true);
    wt_finding_advise(f, WT_ADVICE_PROXY_HEADER);
    wt_finding_cause(tls, f);
}

/* What those say who find no record where the first one should be. */
static bool finds_no_record(const struct wt_tls *tls)
{
    const struct wt_list_alert *a = tls->report.alerts;
    return a && a->alert.from == WT_SERVER && a->alert.readable &&
           (a->alert.description == WT_ALERT_UNEXPECTED_MESSAGE || a->alert.description == WT_ALERT_DECODE_ERROR ||
            a->alert.description == WT_ALERT_RECORD_OVERFLOW);
}

void wt_dialogue_header(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    unsigned server = wt_tls_direction_of(tls, WT_SERVER);
    if (!tls->starttls || strcmp(tls->starttls, "proxy") != 0 || tls->report.cause ||
        tls->flow.facts & WT_FACT_SERVER_HELLO || !wt_transport_from_start(&c->transport, server))
        return;
    if (finds_no_record(tls))
        accuse_header(o, tls, _("the server answered with an alert"));
    else if (!wt_tls_record_count(tls, server) && wt_transport_left_first(&c->transport, server))
        accuse_header(o, tls, _("the server closed without a TLS answer"));
}

/* What mends it depends on what the server speaks. */
static enum wt_advice advice_for(enum wt_banner banner)
{
    switch (banner) {
    case WT_BANNER_HTTP:
    case WT_BANNER_HTTP2:
        return WT_ADVICE_PLAIN_HTTP;
    case WT_BANNER_POP3:
    case WT_BANNER_IMAP:
    case WT_BANNER_SMTP_OR_FTP:
    case WT_BANNER_NNTP:
    case WT_BANNER_XMPP:
    case WT_BANNER_MANAGESIEVE:
    case WT_BANNER_MYSQL:
    case WT_BANNER_POSTGRESQL:
    case WT_BANNER_NUMBERED:
    case WT_BANNER_IRC:
        return WT_ADVICE_UPGRADE_FIRST;
    default:
        return WT_ADVICE_OF_ROW;
    }
}

void wt_dialogue_peer(struct wt_observer *o, struct wt_conversation *c, uint32_t frame, struct wt_span said)
{
    struct wt_tls *tls = c->tls;
    const enum wt_banner banner = wt_banners_find(said);
    const char *name = wt_wording_banner(banner);
    char text[80];
    if (tls->starttls && strcmp(tls->starttls, "proxy") == 0) {
        accuse_header(o, tls, _("the server answered with something that is not TLS"));
        return;
    }
    wt_finding_advise(
        name ? wt_finding_say(tls, WT_FINDING_PEER_NOT_TLS, frame,
                              _("The server speaks %s where TLS should start: \"%s\"."), _(name), quoted(said, text))
             : wt_finding_say(tls, WT_FINDING_PEER_NOT_TLS, frame,
                              _("The server's answer where TLS should start is not TLS: \"%s\"."), quoted(said, text)),
        advice_for(banner));
}

void wt_dialogue_end(struct wt_observer *o, struct wt_conversation *c, struct wt_span said[2])
{
    /* who opened the connection is its client; without a SYN it is not known */
    const struct wt_transport *t = &c->transport;
    unsigned client = wt_transport_opened(t, 0) || wt_transport_answered(t, 1) ? 0 : 1;
    if (!wt_transport_opened_any(t) || !said[client].n)
        return;
    /* the last word may not be said yet where the capture ends before the connection */
    bool over = wt_transport_is_ending(&c->transport);
    if (!over && wt_observer_seen_until(o, c->last_ns) - c->last_ns < WT_LIMIT_PATIENCE_NS)
        return;
    if (!starttls_refused(o, c, client, said))
        (void)client_not_tls(o, c, client, said);
}

/* --- slipped in
 * ----------------------------------------------------------------------------------------------------------- */

void wt_dialogue_injected(struct wt_observer *o, const struct wt_conversation *c, struct wt_span client,
                          struct wt_span server)
{
    struct wt_tls *tls = c->tls;
    const struct wt_starttls *row = wt_starttls_of(tls->starttls);
    struct wt_span answer;
    if (!row || !wt_transport_from_start(&c->transport, 0) || !wt_transport_from_start(&c->transport, 1))
        return;
    /* a client that begins TLS all the same has asked in vain; whether it was, its end tells */
    if (wt_upgrades_refused(row, client, server, &answer)) {
        tell_refused(tls, row, o->frame, answer);
        return;
    }
    size_t by_client = wt_upgrades_after_request(row, client);
    size_t by_server = wt_upgrades_after_grant(row, client, server);
    if (by_client)
        wt_finding_add(tls, WT_FINDING_PLAINTEXT_BEFORE_STARTTLS, o->frame, N_("The client"), by_client, 0);
    if (by_server)
        wt_finding_add(tls, WT_FINDING_PLAINTEXT_BEFORE_STARTTLS, o->frame, N_("The server"), by_server, 0);
}
