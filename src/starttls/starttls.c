/* The rows of protocols.def: what is said, and which of them was. */
#include "starttls/starttls.h"

#include "starttls/lines.h"

#include <string.h>

/* The server's name in a line; wt_starttls_speak() puts it in. */
#define HOST "\001"
#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

/* Recognition: each reads its row's greeting and commands where these tell. */
#define UNUSED __attribute__((unused))
#define IS(id)                                                                                                         \
    static bool is_##id(UNUSED const struct wt_starttls *row, UNUSED struct wt_span client,                            \
                        UNUSED struct wt_span server)

/* Whether the command that asks for TLS is anywhere in what a client sent. */
static bool says_command(const struct wt_starttls *row, struct wt_span client)
{
    for (size_t i = 0; i < WT_STARTTLS_COMMANDS && row->command[i]; i++)
        if (wt_lines_say(client, row->command[i]))
            return true;
    return false;
}

static bool has(struct wt_span s, const void *bytes, size_t n)
{
    return s.n >= n && memmem(s.p, s.n, bytes, n) != NULL;
}

/* RFC 4511, 4.14.1: StartTLS is the extended operation 1.3.6.1.4.1.1466.20037. */
IS(ldap)
{
    return client.n > 2 && client.p[0] == 0x30 && wt_lines_say(client, "1.3.6.1.4.1.1466.20037");
}

/* PostgreSQL's SSLRequest: length 8, code 80877103; the server's answer is one letter. */
IS(postgresql)
{
    static const uint8_t request[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
    return has(wt_span_cut(client, 0, 64), request, sizeof request);
}

/* MySQL: the server greets with protocol 10, the client answers with a 32-byte SSLRequest. */
IS(mysql)
{
    return server.n > 5 && server.p[3] == 0 && server.p[4] == 10 && client.n >= 36 && client.p[0] == 32 &&
           client.p[3] == 1;
}

/* RFC 1928: version 5 with its methods, and the server's choice; SOCKS 4: version 4, CONNECT. */
IS(socks)
{
    if (client.n >= 3 && client.p[0] == 5 && server.n >= 2 && server.p[0] == 5)
        return true;
    return client.n >= 9 && client.p[0] == 4 && (client.p[1] == 1 || client.p[1] == 2) && server.n >= 8 &&
           server.p[0] == 0 && server.p[1] >= 90 && server.p[1] <= 93;
}

IS(http_connect)
{
    return wt_span_starts(client, row->command[0]);
}

/* HAProxy's PROXY protocol, versions 1 and 2. */
IS(proxy)
{
    static const uint8_t v2[] = {13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10};
    return wt_span_starts(client, row->command[0]) || (client.n >= 12 && memcmp(client.p, v2, 12) == 0);
}

IS(xmpp)
{
    return wt_lines_say(client, "<stream:stream") || wt_lines_say(client, "urn:ietf:params:xml:ns:xmpp-tls") ||
           wt_lines_say(server, "urn:ietf:params:xml:ns:xmpp-tls");
}

/* MS-RDPBCGR, 2.2.1.1: a TPKT with an X.224 Connection Request. */
IS(rdp)
{
    return client.n >= 7 && client.p[0] == 3 && client.p[1] == 0 && client.p[5] == 0xe0 && server.n >= 7 &&
           server.p[0] == 3 && server.p[5] == 0xd0;
}

/* MS-TDS, 2.2.6.5: a PRELOGIN packet. */
IS(tds)
{
    return client.n >= 8 && client.p[0] == 0x12 && client.p[1] <= 1 && wt_get16(client.p + 2) >= 8;
}

/* RFC 959 and RFC 4217: AUTH TLS or AUTH SSL; the mechanism distinguishes it from SMTP's AUTH. */
IS(ftp)
{
    return says_command(row, client) ||
           (wt_span_starts(server, row->greeting) && wt_lines_say(server, "234 ") && !wt_lines_say(client, "EHLO"));
}

/* OpenVPN over TCP: a packet length and P_CONTROL_HARD_RESET_CLIENT_V1, V2 or V3 with key 0. */
IS(openvpn)
{
    return client.n >= 16 && (client.p[2] == 1 << 3 || client.p[2] == 7 << 3 || client.p[2] == 10 << 3) &&
           wt_get16(client.p) >= 14 && wt_get16(client.p) <= 128;
}

IS(lmtp)
{
    return wt_span_starts(server, row->greeting) && wt_lines_say(client, "LHLO");
}

IS(smtp)
{
    bool greets = wt_span_starts(server, row->greeting), hails = wt_lines_say(client, "EHLO");
    /* RFC 5321, 4.3.2: 250 answers the EHLO, where the capture begins behind that */
    bool answers = wt_span_starts(server, "250");
    return (says_command(row, client) && (greets || hails || answers || wt_lines_say(client, "HELO"))) ||
           (greets && (hails || wt_lines_say(server, "SMTP")));
}

IS(pop3)
{
    return says_command(row, client) || wt_span_starts(server, row->greeting);
}

IS(imap)
{
    return wt_span_starts(server, row->greeting) || wt_span_starts(server, "* PREAUTH") ||
           (says_command(row, client) && wt_lines_say(client, "CAPABILITY"));
}

IS(nntp)
{
    return says_command(row, client) && (wt_span_starts(server, "200 ") || wt_span_starts(server, "201 "));
}

IS(sieve)
{
    return says_command(row, client) && wt_lines_say(server, "\"SIEVE\"");
}

IS(irc)
{
    return wt_span_starts(client, row->command[0]) || wt_lines_say(client, "CAP LS") ||
           wt_lines_say(client, "CAP REQ") || wt_lines_say(server, " NOTICE ");
}

static const struct {
    struct wt_starttls row;
    bool (*is)(const struct wt_starttls *row, struct wt_span client, struct wt_span server);
} rows[] = {
#define PORTS(...)                                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define COMMANDS(...)                                                                                                  \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define CLIENT(literal) {false, BYTES(literal)},
#define SERVER(literal) {true, BYTES(literal)},
#define SAID(literal) BYTES(literal)
#define NONE                                                                                                           \
    {                                                                                                                  \
        NULL, 0                                                                                                        \
    }
#define WT_STARTTLS(id, title, source, ports, replies, greeting, commands, flags, script, grant, refusal)              \
    {{#id, title, source, ports, WT_STARTTLS_##replies, flags, greeting, commands, {script}, grant, refusal}, is_##id},
#include "starttls/protocols.def"
#undef WT_STARTTLS
};

const struct wt_starttls *wt_starttls_at(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i].row : NULL;
}

const struct wt_starttls *wt_starttls_of(const char *name)
{
    for (size_t i = 0; name && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].row.name, name) == 0)
            return &rows[i].row;
    return NULL;
}

const struct wt_starttls *wt_starttls_of_port(uint16_t port)
{
    for (size_t i = 0; port && i < sizeof rows / sizeof *rows; i++) {
        const struct wt_starttls *row = &rows[i].row;
        for (unsigned j = 0; j < WT_STARTTLS_PORTS && !(row->flags & (WT_STARTTLS_PROXY | WT_STARTTLS_WRAPPED)); j++)
            if (row->ports[j] == port)
                return row;
    }
    return NULL;
}

const struct wt_starttls *wt_starttls_find(struct wt_span client, struct wt_span server)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].is(&rows[i].row, client, server))
            return &rows[i].row;
    return NULL;
}

bool wt_starttls_speak(const struct wt_starttls *row, struct wt_span says, const char *host, struct wt_buffer *out)
{
    if (row->flags & WT_STARTTLS_BINARY)
        return wt_buffer_add(out, says.p, says.n);
    for (size_t i = 0; i < says.n; i++)
        if (!(says.p[i] == *HOST ? wt_buffer_add_text(out, host) : wt_buffer_add_char(out, (char)says.p[i])))
            return false;
    return true;
}
