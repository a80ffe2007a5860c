/* Upgrades to TLS, and ways through a proxy, that were asked for and refused: each protocol's own word for no. */
#include "registry/registry.h"
#include "starttls/lines.h"
#include "starttls/starttls.h"

#include <ctype.h>
#include <string.h>

/* The answer to a command: the greeting is number 0, and each command has one. */
static bool answer_to(struct wt_span server, bool (*ends)(struct wt_span), unsigned command, struct wt_span *answer)
{
    struct wt_span line;
    unsigned n = 0;
    while (wt_line_next(&server, &line))
        if (ends(line) && n++ == command) {
            *answer = line;
            return true;
        }
    return false;
}

/* An upgrade that was requested: the server's answer to it, and what the client sent after its request. */
struct refusal {
    struct wt_span answer, rest;
};

/* The last of several requests counts: AUTH SSL may be granted where AUTH TLS is not known. */
static bool coded(struct wt_span client, struct wt_span server, struct refusal *r)
{
    static const char *const commands[] = {"STARTTLS", "AUTH TLS", "AUTH SSL"};
    unsigned last = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct wt_span rest;
        unsigned n = wt_line_asked(client, commands[i], &rest);
        if (n > last) {
            last = n;
            r->rest = rest;
        }
    }
    return last && answer_to(server, wt_line_ends_coded, last, &r->answer) &&
           (r->answer.p[0] == '4' || r->answer.p[0] == '5');
}

static bool pop3(struct wt_span client, struct wt_span server, struct refusal *r)
{
    unsigned n = wt_line_asked(client, "STLS", &r->rest);
    return n && answer_to(server, wt_line_ends_pop3, n, &r->answer) && wt_line_begins(r->answer, "-ERR");
}

/* RFC 9051, 6.2.1: the answer has the command's tag. */
static bool imap(struct wt_span client, struct wt_span server, struct refusal *r)
{
    struct wt_span line, reply;
    while (wt_line_next(&client, &line)) {
        const uint8_t *blank = memchr(line.p, ' ', line.n);
        size_t tag = blank ? (size_t)(blank - line.p) : 0;
        if (!tag || !wt_line_begins(wt_span_cut(line, tag + 1, line.n), "STARTTLS"))
            continue;
        for (struct wt_span rest = server; wt_line_next(&rest, &reply);) {
            struct wt_span status = wt_span_cut(reply, tag + 1, reply.n);
            if (reply.n > tag && memcmp(reply.p, line.p, tag) == 0 && reply.p[tag] == ' ' &&
                (wt_line_begins(status, "NO") || wt_line_begins(status, "BAD"))) {
                *r = (struct refusal){reply, client};
                return true;
            }
        }
    }
    return false;
}

/* RFC 5804, 2.2 */
static bool sieve(struct wt_span client, struct wt_span server, struct refusal *r)
{
    while (wt_line_asked(client, "STARTTLS", &r->rest) && wt_line_next(&server, &r->answer))
        if (wt_line_begins(r->answer, "NO") || wt_line_begins(r->answer, "BYE"))
            return true;
    return false;
}

/* RFC 6120, 5.4.2.2 */
static bool xmpp(struct wt_span client, struct wt_span server, struct refusal *r)
{
    r->answer = wt_span_text("<failure/>");
    return wt_line_says(client, "<starttls") && wt_line_says(server, "<failure") &&
           wt_line_says(server, "urn:ietf:params:xml:ns:xmpp-tls");
}

/* The server answers each request with a letter; a GSSENCRequest may precede the SSLRequest. */
static bool postgresql(struct wt_span client, struct wt_span server, struct refusal *r)
{
    static const uint8_t ssl[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}, gss[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x30};
    size_t i = client.n >= 8 && memcmp(client.p, gss, 8) == 0;
    if (client.n < 8 * (i + 1) || memcmp(client.p + 8 * i, ssl, 8) != 0 || server.n <= i)
        return false;
    *r = (struct refusal){wt_span_cut(server, i, 1), wt_span_cut(client, 8 * (i + 1), client.n)};
    return server.p[i] == 'N' || server.p[i] == 'E';
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
static bool ldap(struct wt_span client, struct wt_span server, struct refusal *r)
{
    enum { SEQUENCE = 0x30, INTEGER = 2, ENUMERATED = 10, EXTENDED_REQUEST = 0x77, EXTENDED_RESPONSE = 0x78 };
    struct wt_span message, id, wanted = {0}, body, code;
    while (!wanted.n && element(&client, SEQUENCE, &message))
        if (element(&message, INTEGER, &id) && element(&message, EXTENDED_REQUEST, &body) &&
            wt_line_says(body, "1.3.6.1.4.1.1466.20037"))
            wanted = id;
    r->rest = client;
    while (wanted.n && element(&server, SEQUENCE, &message))
        if (element(&message, INTEGER, &id) && id.n == wanted.n && memcmp(id.p, wanted.p, id.n) == 0 &&
            element(&message, EXTENDED_RESPONSE, &body) && element(&body, ENUMERATED, &code) && code.n == 1) {
            r->answer = wt_span_text(ldap_result(code.p[0]));
            return code.p[0] != 0;
        }
    return false;
}

/* The IRCv3 "tls" extension: 691 ERR_STARTTLS; 421 ERR_UNKNOWNCOMMAND from servers that do not know it. */
static bool irc(struct wt_span client, struct wt_span server, struct refusal *r)
{
    while (wt_line_asked(client, "STARTTLS", &r->rest) && wt_line_next(&server, &r->answer))
        if (wt_line_says(r->answer, " 691 ") ||
            (wt_line_says(r->answer, " 421 ") && wt_line_says(r->answer, "STARTTLS")))
            return true;
    return false;
}

/* MySQL: an ERR packet is the answer to the SSLRequest. */
static bool mysql(struct wt_span client, struct wt_span server, struct refusal *r)
{
    const size_t request = 36;
    size_t greeting = server.n >= 4 ? 4u + server.p[0] + ((size_t)server.p[1] << 8) : SIZE_MAX;
    if (client.n < request || server.n < greeting + 7 || server.p[greeting + 4] != 0xff)
        return false;
    /* from 4.1 on the code is followed by "#" and five characters of SQLSTATE */
    *r = (struct refusal){wt_span_cut(server, greeting + 7, server.n), wt_span_cut(client, request, client.n)};
    return true;
}

/* MS-RDPBCGR, 2.2.1.2.2: RDP_NEG_FAILURE is the answer to a request for TLS. */
static bool rdp(struct wt_span client, struct wt_span server, struct refusal *r)
{
    static const char *const codes[] = {"SSL_REQUIRED_BY_SERVER",    "SSL_NOT_ALLOWED_BY_SERVER",
                                        "SSL_CERT_NOT_ON_SERVER",    "INCONSISTENT_FLAGS",
                                        "HYBRID_REQUIRED_BY_SERVER", "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER"};
    if (server.n < 19 || server.p[11] != 3 || client.n < 4)
        return false;
    uint32_t code = server.p[15];
    *r = (struct refusal){
        wt_span_text(code && code <= sizeof codes / sizeof *codes ? codes[code - 1] : "RDP_NEG_FAILURE"),
        wt_span_cut(client, wt_get16(client.p + 2), client.n)};
    return true;
}

/* RFC 9110, 9.3.6: "Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch to
 * tunnel mode". Only the port shows that the tunnel was meant for TLS. A 407 may be answered by the same request
 * with credentials: the last one counts. */
static bool http_connect(struct wt_span client, struct wt_span server, struct refusal *r)
{
    struct wt_span line, status = {0};
    unsigned port = 0;
    while (wt_line_next(&client, &line)) {
        if (!wt_line_begins(line, "CONNECT "))
            continue;
        const uint8_t *end = memchr(line.p + 8, ' ', line.n - 8);
        size_t n = end ? (size_t)(end - line.p) : line.n, digits = n;
        while (digits > 8 && isdigit(line.p[digits - 1]))
            digits--;
        port = 0;
        for (size_t i = digits; i < n && port < 65536; i++)
            port = port * 10 + (unsigned)(line.p[i] - '0');
    }
    while (wt_line_next(&server, &line))
        if (wt_line_begins(line, "HTTP/1.") && line.n >= 12)
            status = line;
    *r = (struct refusal){status, {0}};
    return port && port < 65536 && wt_port_service((uint16_t)port) && status.n && status.p[9] >= '3' &&
           status.p[9] <= '5';
}

/* RFC 1928, 4 and 6: a CONNECT request and a reply that is not "succeeded"; SOCKS 4: 91 to 93. */
static bool socks(struct wt_span client, struct wt_span server, struct refusal *r)
{
    static const char *const replies[] = {"general SOCKS server failure", "connection not allowed by ruleset",
                                          "Network unreachable",          "Host unreachable",
                                          "Connection refused",           "TTL expired",
                                          "Command not supported"};
    r->rest = (struct wt_span){0};
    if (client.n >= 9 && client.p[0] == 4) {
        r->answer = wt_span_text("request rejected or failed");
        return server.n >= 2 && server.p[1] >= 91 && server.p[1] <= 93 && wt_port_service(wt_get16(client.p + 2));
    }
    if (client.n < 3 || server.n < 2 || client.p[0] != 5)
        return false;
    /* RFC 1929: a name and a password, each after its length, and two bytes of answer */
    size_t at = 2u + client.p[1], reply = 2;
    if (server.p[1] == 2 && client.n > at + 2 && client.n > at + 2 + client.p[at + 1]) {
        at += 3u + client.p[at + 1];
        at += client.p[at - 1];
        reply += 2;
    }
    struct wt_span request = wt_span_cut(client, at, client.n);
    size_t port = request.n < 5 ? 0 : request.p[3] == 1 ? 8 : request.p[3] == 4 ? 20 : 5u + request.p[4];
    if (!port || request.n < port + 2 || server.n < reply + 2 || server.p[reply] != 5 || !server.p[reply + 1])
        return false;
    uint8_t code = server.p[reply + 1];
    r->answer = wt_span_text(code <= sizeof replies / sizeof *replies ? replies[code - 1] : "REP");
    return wt_port_service(wt_get16(request.p + port));
}

static const struct {
    const char *name; /* from starttls.c */
    bool (*refused)(struct wt_span client, struct wt_span server, struct refusal *r);
} upgrades[] = {
    {"smtp", coded},  {"lmtp", coded},
    {"ftp", coded},   {"nntp", coded},
    {"pop3", pop3},   {"imap", imap},
    {"sieve", sieve}, {"xmpp", xmpp},
    {"irc", irc},     {"postgresql", postgresql},
    {"ldap", ldap},   {"mysql", mysql},
    {"rdp", rdp},     {"http_connect", http_connect},
    {"socks", socks},
};

/* Whether the client continues in the clear: then it is a connection without TLS, by its own choice, and not a
 * failed one. Quitting, or asking once more, is not continuing. */
static bool goes_on(const char *name, struct wt_span rest)
{
    static const char *const leaves[] = {"QUIT", "LOGOUT",   "RSET",     "NOOP",     "EHLO", "HELO", "LHLO", "CAPA",
                                         "FEAT", "AUTH TLS", "AUTH SSL", "STARTTLS", "STLS", "BYE",  ""};
    struct wt_span line;
    const uint8_t unbind = 0x42; /* RFC 4511, 4.3 */
    if (strcmp(name, "postgresql") == 0 || strcmp(name, "mysql") == 0 || strcmp(name, "rdp") == 0)
        return rest.n > 4 && rest.p[0] != 'X';
    if (strcmp(name, "ldap") == 0)
        return rest.n && !(rest.n >= 6 && rest.p[5] == unbind);
    while (wt_line_next(&rest, &line)) {
        size_t i = 0;
        const uint8_t *blank = strcmp(name, "imap") == 0 ? memchr(line.p, ' ', line.n) : NULL;
        struct wt_span command = blank ? wt_span_cut(line, (size_t)(blank - line.p) + 1, line.n) : line;
        while (*leaves[i] && !wt_line_begins(command, leaves[i]))
            i++;
        if (command.n && !*leaves[i])
            return true;
    }
    return false;
}

/* Whether the server refused the upgrade that the dialogue requested, and the client did not continue; the server's
 * answer. */
bool wt_upgrade_refused(const char *name, struct wt_span client, struct wt_span server, struct wt_span *answer)
{
    struct refusal r = {0};
    for (size_t i = 0; name && i < sizeof upgrades / sizeof *upgrades; i++)
        if (strcmp(upgrades[i].name, name) == 0 && upgrades[i].refused(client, server, &r) && !goes_on(name, r.rest)) {
            *answer = r.answer;
            return true;
        }
    return false;
}
