/* Names of the dialogues before TLS, recognized by what was sent in them. */
#include "starttls/starttls.h"

#include "starttls/lines.h"

#include <ctype.h>

static bool has(struct wt_span s, const void *bytes, size_t n)
{
    return s.n >= n && memmem(s.p, s.n, bytes, n) != NULL;
}

/* RFC 4511, 4.14.1: StartTLS is the extended operation 1.3.6.1.4.1.1466.20037. */
static bool is_ldap(struct wt_span client, struct wt_span server)
{
    (void)server;
    return client.n > 2 && client.p[0] == 0x30 && wt_line_says(client, "1.3.6.1.4.1.1466.20037");
}

/* PostgreSQL's SSLRequest: length 8, code 80877103; the server's answer is one letter. */
static bool is_postgresql(struct wt_span client, struct wt_span server)
{
    static const uint8_t request[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
    (void)server;
    return has(wt_span_cut(client, 0, 64), request, sizeof request);
}

/* MySQL: the server greets with protocol 10, the client answers with a 32-byte SSLRequest. */
static bool is_mysql(struct wt_span client, struct wt_span server)
{
    return server.n > 5 && server.p[3] == 0 && server.p[4] == 10 && client.n >= 36 && client.p[0] == 32 &&
           client.p[3] == 1;
}

/* RFC 1928: version 5 with its methods, and the server's choice; SOCKS 4: version 4, CONNECT. */
static bool is_socks(struct wt_span client, struct wt_span server)
{
    if (client.n >= 3 && client.p[0] == 5 && server.n >= 2 && server.p[0] == 5)
        return true;
    return client.n >= 9 && client.p[0] == 4 && (client.p[1] == 1 || client.p[1] == 2) && server.n >= 8 &&
           server.p[0] == 0 && server.p[1] >= 90 && server.p[1] <= 93;
}

static bool is_http_connect(struct wt_span client, struct wt_span server)
{
    (void)server;
    return wt_span_starts(client, "CONNECT ");
}

/* HAProxy's PROXY protocol, versions 1 and 2. */
static bool is_proxy(struct wt_span client, struct wt_span server)
{
    static const uint8_t v2[] = {13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10};
    (void)server;
    return wt_span_starts(client, "PROXY ") || (client.n >= 12 && memcmp(client.p, v2, 12) == 0);
}

static bool is_xmpp(struct wt_span client, struct wt_span server)
{
    return wt_line_says(client, "<stream:stream") || wt_line_says(client, "urn:ietf:params:xml:ns:xmpp-tls") ||
           wt_line_says(server, "urn:ietf:params:xml:ns:xmpp-tls");
}

/* MS-RDPBCGR, 2.2.1.1: a TPKT with an X.224 Connection Request. */
static bool is_rdp(struct wt_span client, struct wt_span server)
{
    return client.n >= 7 && client.p[0] == 3 && client.p[1] == 0 && client.p[5] == 0xe0 && server.n >= 7 &&
           server.p[0] == 3 && server.p[5] == 0xd0;
}

/* MS-TDS, 2.2.6.5: a PRELOGIN packet. */
static bool is_tds(struct wt_span client, struct wt_span server)
{
    (void)server;
    return client.n >= 8 && client.p[0] == 0x12 && client.p[1] <= 1 && wt_get16(client.p + 2) >= 8;
}

/* RFC 959 and RFC 4217: AUTH TLS or AUTH SSL; the mechanism distinguishes it from SMTP's AUTH. */
static bool is_ftp(struct wt_span client, struct wt_span server)
{
    return wt_line_says(client, "AUTH TLS") || wt_line_says(client, "AUTH SSL") ||
           (wt_span_starts(server, "220") && wt_line_says(server, "234 ") && !wt_line_says(client, "EHLO"));
}

/* OpenVPN over TCP: a packet length and P_CONTROL_HARD_RESET_CLIENT_V1, V2 or V3 with key 0. */
static bool is_openvpn(struct wt_span client, struct wt_span server)
{
    (void)server;
    return client.n >= 16 && (client.p[2] == 1 << 3 || client.p[2] == 7 << 3 || client.p[2] == 10 << 3) &&
           wt_get16(client.p) >= 14 && wt_get16(client.p) <= 128;
}

static bool is_lmtp(struct wt_span client, struct wt_span server)
{
    return wt_span_starts(server, "220") && wt_line_says(client, "LHLO");
}

static bool is_smtp(struct wt_span client, struct wt_span server)
{
    bool greets = wt_span_starts(server, "220"), hails = wt_line_says(client, "EHLO");
    return (wt_line_says(client, "STARTTLS") && (greets || hails || wt_line_says(client, "HELO"))) ||
           (greets && (hails || wt_line_says(server, "SMTP")));
}

static bool is_pop3(struct wt_span client, struct wt_span server)
{
    return wt_line_says(client, "STLS") || wt_span_starts(server, "+OK");
}

static bool is_imap(struct wt_span client, struct wt_span server)
{
    return wt_span_starts(server, "* OK") || wt_span_starts(server, "* PREAUTH") ||
           (wt_line_says(client, "STARTTLS") && wt_line_says(client, "CAPABILITY"));
}

static bool is_nntp(struct wt_span client, struct wt_span server)
{
    return wt_line_says(client, "STARTTLS") && (wt_span_starts(server, "200 ") || wt_span_starts(server, "201 "));
}

static bool is_sieve(struct wt_span client, struct wt_span server)
{
    return wt_line_says(client, "STARTTLS") && wt_line_says(server, "\"SIEVE\"");
}

static bool is_irc(struct wt_span client, struct wt_span server)
{
    return wt_span_starts(client, "STARTTLS") || wt_line_says(client, "CAP LS") || wt_line_says(client, "CAP REQ") ||
           wt_line_says(server, " NOTICE ");
}

static const struct {
    const char *name;
    bool (*is)(struct wt_span client, struct wt_span server);
} dialogues[] = {
    {"http_connect", is_http_connect},
    {"socks", is_socks},
    {"postgresql", is_postgresql},
    {"mysql", is_mysql},
    {"ldap", is_ldap},
    {"rdp", is_rdp},
    {"openvpn", is_openvpn},
    {"tds", is_tds},
    {"proxy", is_proxy},
    {"xmpp", is_xmpp},
    {"ftp", is_ftp},
    {"lmtp", is_lmtp},
    {"sieve", is_sieve},
    {"smtp", is_smtp},
    {"pop3", is_pop3},
    {"imap", is_imap},
    {"nntp", is_nntp},
    {"irc", is_irc},
};

const char *wt_starttls_name(struct wt_span client, struct wt_span server)
{
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++)
        if (dialogues[i].is(client, server))
            return dialogues[i].name;
    return NULL;
}

/* MySQL: a packet's header with sequence number 0, and a greeting of protocol 10 or an ERR packet. */
static bool greets_mysql(struct wt_span s)
{
    return s.n >= 6 && s.p[0] > 2 && s.p[2] == 0 && s.p[3] == 0 && (s.p[4] == 10 || s.p[4] == 0xff);
}

/* PostgreSQL: an ErrorResponse, whose first field is the severity. */
static bool greets_postgresql(struct wt_span s)
{
    return s.n >= 6 && s.p[0] == 'E' && s.p[1] == 0 && s.p[2] == 0 && s.p[5] == 'S';
}

/* RFC 854: IAC, and WILL, WON'T, DO or DON'T. */
static bool greets_telnet(struct wt_span s)
{
    return s.n >= 3 && s.p[0] == 255 && s.p[1] >= 251 && s.p[1] <= 254;
}

/* RFC 959, 4.2, RFC 5321, 4.2 and RFC 3977, 3.2: three digits, and a space or a hyphen. */
static bool is_numbered(struct wt_span s)
{
    return s.n >= 4 && s.p[0] >= '1' && s.p[0] <= '5' && isdigit(s.p[1]) && isdigit(s.p[2]) &&
           (s.p[3] == ' ' || s.p[3] == '-');
}

enum wt_banner wt_banner_of(struct wt_span s)
{
    static const struct {
        enum wt_banner banner;
        const char *start;
    } banners[] = {
#define WT_BANNER(ID, start) {WT_BANNER_##ID, start},
#include "starttls/banners.def"
#undef WT_BANNER
    };
    for (size_t i = 0; i < sizeof banners / sizeof *banners; i++)
        if (wt_span_starts(s, banners[i].start))
            return banners[i].banner;
    if (greets_mysql(s))
        return WT_BANNER_MYSQL;
    if (greets_postgresql(s))
        return WT_BANNER_POSTGRESQL;
    if (greets_telnet(s))
        return WT_BANNER_TELNET;
    if (is_numbered(s))
        return WT_BANNER_NUMBERED;
    return s.n && s.p[0] == ':' && wt_line_says(s, " NOTICE ") ? WT_BANNER_IRC : WT_BANNER_NONE;
}
