#include "redact/text.h"

#include "base/utf8.h"
#include "registry/limits.h"

#include <arpa/inet.h>
#include <stdio.h>

bool wt_is_readable(struct wt_span in)
{
    struct wt_printed_run run = {0};
    for (size_t i = 0, n; i < in.n; i += n)
        if (!(n = wt_printable_next(wt_span_cut(in, i, SIZE_MAX), &run)))
            return false;
    return true;
}

bool wt_is_text(struct wt_span in)
{
    return in.n >= 3 && wt_is_readable(in);
}

/* --- words of a length ---------------------------------------------------------------------------------------------
 */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(uint8_t c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* "host12xxx": the word as far as there is room for it before the number, and x behind. Where there is no room for the
 * number, letters made of it: different numbers may then look the same. */
static void numbered(const char *word, uint64_t number, uint8_t *out, size_t n)
{
    char digits[24];
    const size_t wanted = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    const size_t room = n > wanted ? n - wanted : 0, head = strlen(word) <= room ? strlen(word) : room ? 1 : 0;
    memset(out, 'x', n);
    if (n < 1)
        return;
    if (!head) {
        out[0] = n > 1 ? (uint8_t)word[0] : (uint8_t)('a' + number % 26);
        for (size_t i = 1; i < n; i++, number /= 10)
            out[i] = (uint8_t)('0' + number % 10);
        return;
    }
    memcpy(out, word, head); /* NOLINT(bugprone-not-null-terminated-result): bytes, not a string */
    memcpy(out + head, digits, wanted);
}

/* Case does not tell names of hosts apart: RFC 4343. */
static uint64_t number_of(struct wt_standins *s, enum wt_standin_kind kind, struct wt_span in)
{
    uint8_t folded[512];
    if (in.n > sizeof folded)
        return wt_standin_number(s, kind, in);
    for (size_t i = 0; i < in.n; i++)
        folded[i] = lower(in.p[i]);
    return wt_standin_number(s, kind, wt_span_of(folded, in.n));
}

/* --- names of hosts ------------------------------------------------------------------------------------------------
 */

static bool is_host(struct wt_span in)
{
    size_t dots = 0, label = 0;
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] == '.') {
            if (!label)
                return false;
            dots++;
            label = 0;
        } else if (is_alphanumeric(in.p[i]) || in.p[i] == '-' || in.p[i] == '_' || in.p[i] == '*') {
            label++;
        } else {
            return false;
        }
    }
    return dots > 0 && in.n > 3;
}

static bool only(struct wt_span in, char c)
{
    for (size_t i = 0; i < in.n; i++)
        if (in.p[i] != (uint8_t)c)
            return false;
    return true;
}

/* A label is told apart by itself and those after it. */
static void host(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    const size_t end = in.n && in.p[in.n - 1] == '.' ? in.n - 1 : in.n;
    for (size_t at = 0; at < end;) {
        const struct wt_span rest = wt_span_cut(in, at, end - at);
        const uint8_t *dot = rest.p ? memchr(rest.p, '.', rest.n) : NULL;
        const struct wt_span label = wt_span_cut(rest, 0, dot ? (size_t)(dot - rest.p) : rest.n);
        if (only(label, '*'))
            memcpy(out + at, label.p, label.n);
        else
            numbered(dot ? "host" : at ? "x" : "name", number_of(s, WT_STANDIN_LABEL, rest), out + at, label.n);
        at += label.n;
        if (at < end)
            out[at++] = '.';
    }
    if (end < in.n)
        out[end] = '.';
}

/* --- addresses as text ---------------------------------------------------------------------------------------------
 */

static bool address_as(int family, struct wt_span in)
{
    char text[64];
    uint8_t bytes[16];
    if (in.n < 2 || in.n >= sizeof text)
        return false;
    memcpy(text, in.p, in.n);
    text[in.n] = '\0';
    return inet_pton(family, text, bytes) == 1;
}

/* As many digits as there were, in blocks that are nobody's: 240 to 249 (RFC 1112, 4), 10 (RFC 1918, 3), 0 (RFC 1122,
 * 3.2.1.3). */
static void ipv4(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    uint8_t random[64];
    const size_t first = (size_t)((const uint8_t *)memchr(in.p, '.', in.n) - in.p);
    wt_standin_bytes(s, in, random);
    for (size_t i = 0, digits = 0; i < in.n; i++) {
        digits = in.p[i] == '.' ? 0 : digits + 1;
        const bool leads = digits == 1 && i + 1 < in.n && in.p[i + 1] != '.';
        out[i] = in.p[i] == '.' ? '.' : (uint8_t)((leads ? '1' : '0') + (leads ? 0 : random[i] % 10));
    }
    memcpy(out, first == 3 ? "24" : first == 2 ? "10" : "0", first == 3 ? 2 : first);
}

/* The same colons, other digits; what was left out stays so. */
static void ipv6(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    uint8_t random[64];
    wt_standin_bytes(s, in, random);
    for (size_t i = 0; i < in.n; i++)
        out[i] = is_alphanumeric(in.p[i]) ? (uint8_t)("0123456789abcdef"[random[i] & 15]) : in.p[i];
    if (is_alphanumeric(out[0])) /* RFC 4291, 2.5.7: reserved by what is now global unicast's neighbour */
        out[0] = 'e';
}

/* --- what a text is ------------------------------------------------------------------------------------------------
 */

static void plain(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    numbered("text", wt_standin_number(s, WT_STANDIN_TEXT, in), out, in.n);
}

/* Digits, other ones unless the port is that of a service. */
static void port(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    unsigned long value = 0;
    for (size_t i = 0; i < in.n; i++)
        value = value * 10 + (unsigned)(in.p[i] - '0');
    const uint64_t n = 10000 + wt_standin_port(s, (uint16_t)value);
    memcpy(out, in.p, in.n);
    if (value != n - 10000)
        for (size_t i = in.n, v = n; i-- > 0; v /= 10)
            out[i] = (uint8_t)('1' + v % 9);
}

/* Where ":port" begins, in.n when it has none. */
static size_t port_at(struct wt_span in)
{
    size_t at = in.n;
    while (at > 0 && is_digit(in.p[at - 1]))
        at--;
    return at > 1 && at < in.n && in.n - at <= 5 && in.p[at - 1] == ':' ? at - 1 : in.n;
}

/* A host with or without a port, in brackets where it is an IPv6 address. */
static void authority(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    const size_t end = address_as(AF_INET6, in) ? in.n : port_at(in);
    struct wt_span name = wt_span_cut(in, 0, end);
    if (end + 1 < in.n) {
        out[end] = ':';
        port(s, wt_span_cut(in, end + 1, SIZE_MAX), out + end + 1);
    }
    if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']') {
        out[0] = '[';
        out[name.n - 1] = ']';
        name = wt_span_cut(name, 1, name.n - 2);
        out++;
    }
    if (address_as(AF_INET, name))
        ipv4(s, name, out);
    else if (address_as(AF_INET6, name))
        ipv6(s, name, out);
    else if (is_host(name))
        host(s, name, out);
    else if (wt_span_equal(name, wt_span_text("localhost")))
        memcpy(out, name.p, name.n);
    else if (name.n)
        plain(s, name, out);
}

/* RFC 3986, 3.3: segments between slashes, and the query. */
static void path(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    for (size_t i = 0; i < in.n;) {
        const size_t from = i;
        while (i < in.n && !strchr("/?&=#", in.p[i]))
            i++;
        if (i > from)
            plain(s, wt_span_cut(in, from, i - from), out + from);
        if (i < in.n) {
            out[i] = in.p[i];
            i++;
        }
    }
}

static void resource(struct wt_standins *s, struct wt_span in, size_t begin, uint8_t *out)
{
    size_t end = begin, from = begin;
    while (end < in.n && !strchr("/?#", in.p[end])) {
        if (in.p[end++] == '@')
            from = end;
    }
    memcpy(out, in.p, begin);
    if (from > begin) {
        plain(s, wt_span_cut(in, begin, from - 1 - begin), out + begin);
        out[from - 1] = '@';
    }
    authority(s, wt_span_cut(in, from, end - from), out + from);
    path(s, wt_span_cut(in, end, SIZE_MAX), out + end);
}

/* Bytes of "http://" and its like, 0 when there are none. */
static size_t scheme_of(struct wt_span in)
{
    static const char *const schemes[] = {"http://", "https://", "ldap://", "ldaps://", "ftp://", "ws://", "wss://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (wt_span_starts(in, schemes[i]))
            return strlen(schemes[i]);
    return 0;
}

void wt_standin_text(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    const uint8_t *at = in.n ? memchr(in.p, '@', in.n) : NULL;
    const size_t local = at ? (size_t)(at - in.p) : 0, scheme = scheme_of(in);
    const struct wt_span domain = wt_span_cut(in, local + 1, SIZE_MAX);
    if (scheme) {
        resource(s, in, scheme, out);
    } else if (in.n && in.p[0] == '/') {
        path(s, in, out);
    } else if (at && is_host(domain)) {
        if (local)
            plain(s, wt_span_cut(in, 0, local), out);
        out[local] = '@';
        host(s, domain, out + local + 1);
    } else {
        authority(s, in, out);
    }
}

void wt_standin_content(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    if (wt_is_text(in))
        wt_standin_text(s, in, out);
    else
        wt_standin_bytes(s, in, out);
}

/* IANA's "TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs", and the drafts of those */
static const char *const registered[] = {"http/0.9",   "http/1.0",    "http/1.1",
                                         "spdy/1",     "spdy/2",      "spdy/3",
                                         "spdy/3.1",   "stun.turn",   "stun.nat-discovery",
                                         "h2",         "h2c",         "webrtc",
                                         "c-webrtc",   "ftp",         "imap",
                                         "pop3",       "managesieve", "coap",
                                         "co",         "xmpp-client", "xmpp-server",
                                         "acme-tls/1", "mqtt",        "dot",
                                         "ntske/1",    "sunrpc",      "h3",
                                         "smb",        "irc",         "nntp",
                                         "nnsp",       "doq",         "sip/2",
                                         "tds/8.0",    "dicom",       "postgresql",
                                         "radius/1.0", "radius/1.1",  "h2-14",
                                         "h2-15",      "h2-16",       "h3-29",
                                         "grpc-exp"};

bool wt_is_alpn_ends(const char ends[2])
{
    bool known = ends[0] == '0' && ends[1] == '0'; /* none was offered */
    for (size_t i = 0; i < sizeof registered / sizeof *registered; i++)
        known |= ends[0] == registered[i][0] && ends[1] == registered[i][strlen(registered[i]) - 1];
    return known;
}

void wt_standin_alpn(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    bool stays = in.n == 2 && wt_is_grease(wt_get16(in.p));
    for (size_t i = 0; i < sizeof registered / sizeof *registered; i++)
        stays |= wt_span_equal(in, wt_span_text(registered[i]));
    if (stays)
        memcpy(out, in.p, in.n);
    else if (in.n)
        wt_standin_content(s, in, out);
}

void wt_standin_wide(struct wt_standins *s, struct wt_span in, unsigned unit, uint8_t *out)
{
    uint8_t narrow[WT_LIMIT_STANDIN_WIDE], made[WT_LIMIT_STANDIN_WIDE];
    const size_t n = in.n / unit;
    memset(out, 0, in.n);
    if (n == 0 || in.n % unit || n > sizeof narrow) {
        wt_standin_bytes(s, in, out);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        narrow[i] = in.p[(i + 1) * unit - 1];
        for (unsigned k = 0; k + 1 < unit; k++)
            if (in.p[i * unit + k])
                narrow[i] = (uint8_t)(0x80 | (narrow[i] ^ in.p[i * unit + k])); /* beyond ASCII: told apart, as bytes */
    }
    wt_standin_text(s, wt_span_of(narrow, n), made);
    for (size_t i = 0; i < n; i++)
        out[(i + 1) * unit - 1] = made[i];
}
