/* Upgrades to TLS, and connections through a proxy, that were requested: how each protocol grants and refuses them. */
#include "starttls/upgrades.h"

#include "registry/registry.h"
#include "starttls/lines.h"

#include <ctype.h>
#include <string.h>

/* The answer to a command: the greeting is number 0, and each command has one. */
static bool answer_to(struct wt_span server, bool (*ends)(struct wt_span), unsigned command, struct wt_span *answer)
{
    struct wt_span line;
    unsigned n = 0;
    while (wt_lines_next(&server, &line))
        if (ends(line) && n++ == command) {
            *answer = line;
            return true;
        }
    return false;
}

/* An upgrade that was requested: the server's answer to it, and what the client sent after its request. */
struct reply {
    struct wt_span answer, rest;
};

static enum wt_upgrade granted_or_refused(bool granted)
{
    return granted ? WT_UPGRADE_GRANTED : WT_UPGRADE_REFUSED;
}

/* The number of the line that asks, and what the client sent after it. The last of several requests counts: AUTH SSL
 * may be granted where AUTH TLS is not known. */
static unsigned requested(const struct wt_starttls *row, struct wt_span client, struct wt_span *rest)
{
    unsigned last = 0;
    for (size_t i = 0; i < WT_STARTTLS_COMMANDS && row->command[i]; i++) {
        struct wt_span after;
        unsigned n = wt_lines_asked(client, row->command[i], &after);
        if (n > last) {
            last = n;
            *rest = after;
        }
    }
    return last;
}

static enum wt_upgrade coded(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                             struct reply *r)
{
    unsigned last = requested(row, client, &r->rest);
    if (!last || !answer_to(server, wt_lines_ends_coded, last, &r->answer))
        return WT_UPGRADE_PENDING;
    return granted_or_refused(r->answer.p[0] != '4' && r->answer.p[0] != '5');
}

static enum wt_upgrade pop3(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                            struct reply *r)
{
    unsigned n = requested(row, client, &r->rest);
    if (!n || !answer_to(server, wt_lines_ends_pop3, n, &r->answer))
        return WT_UPGRADE_PENDING;
    return granted_or_refused(!wt_lines_begins(r->answer, "-ERR"));
}

/* RFC 9051, 6.2.1: the answer has the command's tag. */
static enum wt_upgrade imap(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                            struct reply *r)
{
    struct wt_span line, reply;
    enum wt_upgrade found = WT_UPGRADE_PENDING;
    while (wt_lines_next(&client, &line)) {
        const uint8_t *blank = memchr(line.p, ' ', line.n);
        size_t tag = blank ? (size_t)(blank - line.p) : 0;
        if (!tag || !wt_lines_begins(wt_span_cut(line, tag + 1, line.n), row->command[0]))
            continue;
        for (struct wt_span rest = server; wt_lines_next(&rest, &reply);) {
            struct wt_span status = wt_span_cut(reply, tag + 1, reply.n);
            if (reply.n <= tag || memcmp(reply.p, line.p, tag) != 0 || reply.p[tag] != ' ')
                continue;
            *r = (struct reply){reply, client};
            if (wt_lines_begins(status, "NO") || wt_lines_begins(status, "BAD"))
                return WT_UPGRADE_REFUSED;
            if (wt_lines_begins(status, "OK"))
                found = WT_UPGRADE_GRANTED;
        }
    }
    return found;
}

/* RFC 5804, 2.2: the first OK ends the greeting's capabilities. */
static enum wt_upgrade sieve(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                             struct reply *r)
{
    enum wt_upgrade found = WT_UPGRADE_PENDING;
    unsigned oks = 0;
    if (!requested(row, client, &r->rest))
        return WT_UPGRADE_PENDING;
    while (wt_lines_next(&server, &r->answer)) {
        if (wt_lines_begins(r->answer, "NO") || wt_lines_begins(r->answer, "BYE"))
            return WT_UPGRADE_REFUSED;
        if (wt_lines_begins(r->answer, "OK") && oks++)
            found = WT_UPGRADE_GRANTED;
    }
    return found;
}

/* RFC 6120, 5.4.2.2 */
static enum wt_upgrade xmpp(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                            struct reply *r)
{
    (void)row;
    if (!wt_lines_say(client, "<starttls") || !wt_lines_say(server, "urn:ietf:params:xml:ns:xmpp-tls"))
        return WT_UPGRADE_PENDING;
    bool refuses = wt_lines_say(server, "<failure");
    r->answer = wt_span_text(refuses ? "<failure/>" : "<proceed/>");
    return refuses || wt_lines_say(server, "<proceed") ? granted_or_refused(!refuses) : WT_UPGRADE_PENDING;
}

/* The server answers each request with a letter; a GSSENCRequest may precede the SSLRequest. */
static enum wt_upgrade postgresql(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                                  struct reply *r)
{
    static const uint8_t ssl[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}, gss[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x30};
    size_t i = client.n >= 8 && memcmp(client.p, gss, 8) == 0;
    (void)row;
    if (client.n < 8 * (i + 1) || memcmp(client.p + 8 * i, ssl, 8) != 0 || server.n <= i)
        return WT_UPGRADE_PENDING;
    *r = (struct reply){wt_span_cut(server, i, 1), wt_span_cut(client, 8 * (i + 1), client.n)};
    return server.p[i] == 'S'                         ? WT_UPGRADE_GRANTED
           : server.p[i] == 'N' || server.p[i] == 'E' ? WT_UPGRADE_REFUSED
                                                      : WT_UPGRADE_PENDING;
}

/* X.690, 8.1: the contents of the element at the start of s, which must have this tag; s moves past it. */
static bool element(struct wt_span *s, uint8_t tag, struct wt_span *contents)
{
    size_t head = 2, n;
    if (s->n < 2 || s->p[0] != tag)
        return false;
    n = s->p[1];
    if (n >= 0x80) {
        head += n & 0x7f;
        if (n == 0x80 || head > 6 || head > s->n)
            return false;
        n = 0;
        for (size_t i = 2; i < head; i++)
            n = n << 8 | s->p[i];
    }
    if (n > s->n - head)
        return false;
    *contents = wt_span_cut(*s, head, n);
    *s = wt_span_cut(*s, head + n, s->n);
    return true;
}

/* RFC 4511, 4.1.9: resultCode. */
static const char *ldap_result(uint8_t code)
{
    switch (code) {
    case 1:
        return "operationsError (1)";
    case 2:
        return "protocolError (2)";
    case 51:
        return "busy (51)";
    case 52:
        return "unavailable (52)";
    case 53:
        return "unwillingToPerform (53)";
    default:
        return "resultCode";
    }
}

/* RFC 4511, 4.12 and 4.14.2: the ExtendedResponse with the request's messageID, whose resultCode is not success. */
static enum wt_upgrade ldap(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                            struct reply *r)
{
    enum { SEQUENCE = 0x30, INTEGER = 2, ENUMERATED = 10, EXTENDED_REQUEST = 0x77, EXTENDED_RESPONSE = 0x78 };
    struct wt_span message, id, wanted = {0}, body, code;
    while (!wanted.n && element(&client, SEQUENCE, &message))
        if (element(&message, INTEGER, &id) && element(&message, EXTENDED_REQUEST, &body) &&
            wt_lines_say(body, "1.3.6.1.4.1.1466.20037"))
            wanted = id;
    (void)row;
    r->rest = client;
    while (wanted.n && element(&server, SEQUENCE, &message))
        if (element(&message, INTEGER, &id) && id.n == wanted.n && memcmp(id.p, wanted.p, id.n) == 0 &&
            element(&message, EXTENDED_RESPONSE, &body) && element(&body, ENUMERATED, &code) && code.n == 1) {
            r->answer = wt_span_text(ldap_result(code.p[0]));
            return granted_or_refused(code.p[0] == 0);
        }
    return WT_UPGRADE_PENDING;
}

/* The IRCv3 "tls" extension: 670 RPL_STARTTLS; 691 ERR_STARTTLS; 421 ERR_UNKNOWNCOMMAND of servers that do not know it.
 */
static enum wt_upgrade irc(const struct wt_starttls *row, struct wt_span client, struct wt_span server, struct reply *r)
{
    enum wt_upgrade found = WT_UPGRADE_PENDING;
    if (!requested(row, client, &r->rest))
        return WT_UPGRADE_PENDING;
    while (wt_lines_next(&server, &r->answer)) {
        if (wt_lines_say(r->answer, " 691 ") ||
            (wt_lines_say(r->answer, " 421 ") && wt_lines_say(r->answer, row->command[0])))
            return WT_UPGRADE_REFUSED;
        if (wt_lines_say(r->answer, " 670 "))
            found = WT_UPGRADE_GRANTED;
    }
    return found;
}

/* MySQL: an ERR packet is the answer to the SSLRequest. */
static enum wt_upgrade mysql(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                             struct reply *r)
{
    const size_t request = 36;
    size_t greeting = server.n >= 4 ? 4u + server.p[0] + ((size_t)server.p[1] << 8) : SIZE_MAX;
    (void)row;
    if (client.n < request || server.n < greeting + 7 || server.p[greeting + 4] != 0xff)
        return WT_UPGRADE_PENDING;
    /* from 4.1 on the code is followed by "#" and five characters of SQLSTATE */
    *r = (struct reply){wt_span_cut(server, greeting + 7, server.n), wt_span_cut(client, request, client.n)};
    return WT_UPGRADE_REFUSED;
}

/* MS-RDPBCGR, 2.2.1.2.1 and 2.2.1.2.2: RDP_NEG_RSP or RDP_NEG_FAILURE is the answer to a request for TLS. */
static enum wt_upgrade rdp(const struct wt_starttls *row, struct wt_span client, struct wt_span server, struct reply *r)
{
    static const char *const codes[] = {"SSL_REQUIRED_BY_SERVER",    "SSL_NOT_ALLOWED_BY_SERVER",
                                        "SSL_CERT_NOT_ON_SERVER",    "INCONSISTENT_FLAGS",
                                        "HYBRID_REQUIRED_BY_SERVER", "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER"};
    (void)row;
    if (server.n < 19 || (server.p[11] != 2 && server.p[11] != 3) || client.n < 4)
        return WT_UPGRADE_PENDING;
    uint32_t code = server.p[15];
    *r =
        (struct reply){wt_span_text(code && code <= sizeof codes / sizeof *codes ? codes[code - 1] : "RDP_NEG_FAILURE"),
                       wt_span_cut(client, wt_get16(client.p + 2), client.n)};
    return granted_or_refused(server.p[11] == 2);
}

/* RFC 9110, 9.3.6: "Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch to
 * tunnel mode". Only the port shows that the tunnel was meant for TLS. A 407 may be answered by the same request
 * with credentials: the last one counts. */
static enum wt_upgrade http(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                            struct reply *r)
{
    struct wt_span line, status = {0};
    unsigned port = 0;
    while (wt_lines_next(&client, &line)) {
        if (!wt_lines_begins(line, row->command[0]))
            continue;
        const uint8_t *end = memchr(line.p + 8, ' ', line.n - 8);
        size_t n = end ? (size_t)(end - line.p) : line.n, digits = n;
        while (digits > 8 && isdigit(line.p[digits - 1]))
            digits--;
        port = 0;
        for (size_t i = digits; i < n && port < 65536; i++)
            port = port * 10 + (unsigned)(line.p[i] - '0');
    }
    while (wt_lines_next(&server, &line))
        if (wt_lines_begins(line, "HTTP/1.") && line.n >= 12)
            status = line;
    *r = (struct reply){status, {0}};
    if (!status.n || !port || port > 65535 || !wt_port_service((uint16_t)port))
        return WT_UPGRADE_PENDING;
    return status.p[9] == '2'                         ? WT_UPGRADE_GRANTED
           : status.p[9] >= '3' && status.p[9] <= '5' ? WT_UPGRADE_REFUSED
                                                      : WT_UPGRADE_PENDING;
}

const char *wt_upgrades_socks_reply(uint8_t code)
{
    static const char *const replies[] = {"general SOCKS server failure", "connection not allowed by ruleset",
                                          "Network unreachable",          "Host unreachable",
                                          "Connection refused",           "TTL expired",
                                          "Command not supported"};
    return code && code <= sizeof replies / sizeof *replies ? replies[code - 1] : "REP";
}

/* RFC 1928, 4 and 6: a CONNECT request and a reply that is not "succeeded"; SOCKS 4: 91 to 93. */
static enum wt_upgrade socks(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                             struct reply *r)
{
    (void)row;
    r->rest = (struct wt_span){0};
    if (client.n >= 9 && client.p[0] == 4) {
        r->answer = wt_span_text("request rejected or failed");
        bool answered = server.n >= 2 && server.p[1] >= 90 && server.p[1] <= 93;
        return answered && wt_port_service(wt_get16(client.p + 2)) ? granted_or_refused(server.p[1] == 90)
                                                                   : WT_UPGRADE_PENDING;
    }
    if (client.n < 3 || server.n < 2 || client.p[0] != 5)
        return WT_UPGRADE_PENDING;
    /* RFC 1929: a name and a password, each after its length, and two bytes of answer */
    size_t at = 2u + client.p[1], reply = 2;
    if (server.p[1] == 2 && client.n > at + 2 && client.n > at + 2 + client.p[at + 1]) {
        at += 3u + client.p[at + 1];
        at += client.p[at - 1];
        reply += 2;
    }
    struct wt_span request = wt_span_cut(client, at, client.n);
    size_t port = request.n < 5 ? 0 : request.p[3] == 1 ? 8 : request.p[3] == 4 ? 20 : 5u + request.p[4];
    if (!port || request.n < port + 2 || server.n < reply + 2 || server.p[reply] != 5)
        return WT_UPGRADE_PENDING;
    uint8_t code = server.p[reply + 1];
    r->answer = wt_span_text(wt_upgrades_socks_reply(code));
    return wt_port_service(wt_get16(request.p + port)) ? granted_or_refused(code == 0) : WT_UPGRADE_PENDING;
}

static enum wt_upgrade answer(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                              struct reply *r)
{
    static enum wt_upgrade (*const kinds[])(const struct wt_starttls *, struct wt_span, struct wt_span,
                                            struct reply *) = {
        [WT_STARTTLS_NEVER] = NULL,  [WT_STARTTLS_CODED] = coded,
        [WT_STARTTLS_POP3] = pop3,   [WT_STARTTLS_IMAP] = imap,
        [WT_STARTTLS_SIEVE] = sieve, [WT_STARTTLS_XMPP] = xmpp,
        [WT_STARTTLS_IRC] = irc,     [WT_STARTTLS_POSTGRESQL] = postgresql,
        [WT_STARTTLS_MYSQL] = mysql, [WT_STARTTLS_LDAP] = ldap,
        [WT_STARTTLS_RDP] = rdp,     [WT_STARTTLS_HTTP] = http,
        [WT_STARTTLS_SOCKS] = socks,
    };
    return kinds[row->replies] ? kinds[row->replies](row, client, server, r) : WT_UPGRADE_PENDING;
}

enum wt_upgrade wt_upgrades_answer(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                                   struct wt_span *said)
{
    struct reply r = {0};
    enum wt_upgrade found = answer(row, client, server, &r);
    *said = found != WT_UPGRADE_PENDING ? r.answer : (struct wt_span){0};
    return found;
}

/* Whether the client continues in the clear: then it is a connection without TLS, by its own choice, and not a failed
 * one. Quitting, or asking once more, is not continuing. */
static bool goes_on(const struct wt_starttls *row, struct wt_span rest)
{
    static const char *const leaves[] = {"QUIT", "LOGOUT",   "RSET",     "NOOP",     "EHLO", "HELO", "LHLO", "CAPA",
                                         "FEAT", "AUTH TLS", "AUTH SSL", "STARTTLS", "STLS", "BYE",  ""};
    struct wt_span line;
    const uint8_t unbind = 0x42; /* RFC 4511, 4.3 */
    if (row->replies == WT_STARTTLS_LDAP)
        return rest.n && !(rest.n >= 6 && rest.p[5] == unbind);
    if (row->flags & WT_STARTTLS_BINARY)
        return rest.n > 4 && rest.p[0] != 'X';
    while (wt_lines_next(&rest, &line)) {
        size_t i = 0;
        const uint8_t *blank = row->flags & WT_STARTTLS_TAGGED ? memchr(line.p, ' ', line.n) : NULL;
        struct wt_span command = blank ? wt_span_cut(line, (size_t)(blank - line.p) + 1, line.n) : line;
        while (*leaves[i] && !wt_lines_begins(command, leaves[i]))
            i++;
        if (command.n && !*leaves[i])
            return true;
    }
    return false;
}

bool wt_upgrades_refused(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                         struct wt_span *said)
{
    struct reply r = {0};
    if (answer(row, client, server, &r) != WT_UPGRADE_REFUSED || goes_on(row, r.rest))
        return false;
    *said = r.answer;
    return true;
}

/* --- slipped in --------------------------------------------------------------------------------------------------- */

/* What follows the last line that asks; n = 0 where nobody asked so. */
static size_t after_tagged(struct wt_span client, const char *command)
{
    struct wt_span rest = client, line;
    size_t found = 0;
    while (wt_lines_next(&rest, &line)) {
        const uint8_t *blank = memchr(line.p, ' ', line.n);
        size_t at = blank ? (size_t)(blank - line.p) + 1 : 0;
        if (wt_lines_begins(wt_span_cut(line, at, line.n), command))
            found = rest.n;
    }
    return found;
}

size_t wt_upgrades_after_request(const struct wt_starttls *row, struct wt_span client)
{
    static const uint8_t ssl[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
    struct wt_span rest = {0};
    if (row->flags & WT_STARTTLS_PROXY)
        return 0;
    if (row->flags & WT_STARTTLS_TAGGED)
        return after_tagged(client, row->command[0]);
    if (row->replies == WT_STARTTLS_POSTGRESQL) {
        const uint8_t *at = client.n >= 8 ? memmem(client.p, client.n, ssl, 8) : NULL;
        return at ? client.n - (size_t)(at - client.p) - 8 : 0;
    }
    return row->replies != WT_STARTTLS_NEVER && requested(row, client, &rest) ? rest.n : 0;
}

size_t wt_upgrades_after_grant(const struct wt_starttls *row, struct wt_span client, struct wt_span server)
{
    bool pop3_like = row->replies == WT_STARTTLS_POP3;
    struct wt_span line, rest;
    unsigned command, n = 0;
    if ((row->replies != WT_STARTTLS_CODED && !pop3_like) || !(command = requested(row, client, &rest)))
        return 0;
    while (wt_lines_next(&server, &line))
        if ((pop3_like ? wt_lines_ends_pop3(line) : wt_lines_ends_coded(line)) && n++ == command)
            return server.n;
    return 0;
}
