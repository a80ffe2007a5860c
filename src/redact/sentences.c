#include "redact/sentences.h"

#include "base/date.h"
#include "base/sentences.h"
#include "redact/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct work {
    struct wt_standins *s;
    const struct wt_vocabulary *v;
    int64_t first_ns, last_ns;
    struct wt_buffer *b;
};

static void add(struct work *w, struct wt_span s)
{
    (void)wt_buffer_add(w->b, s.p, s.n);
}

/* As text of the same length. */
static void replaced(struct work *w, struct wt_span in)
{
    uint8_t *out = wt_buffer_room(w->b, in.n);
    if (!out || !in.n)
        return;
    if (wt_is_readable(in))
        wt_standin_text(w->s, in, out);
    else
        memset(out, 'x', in.n);
    w->b->n += in.n;
}

/* --- times ---------------------------------------------------------------------------------------------------------
 */

/* "2026-11-23 11:29:40", also with T, or the day alone: bytes of it, 0 when there is none. */
static size_t time_at(struct wt_span in, struct tm *tm)
{
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    int part[6] = {0};
    size_t n = 0, which = 0;
    for (; n < in.n && form[n]; n++) {
        const bool digit = isdigit(in.p[n]);
        if (form[n] == 'd' ? !digit : in.p[n] != (uint8_t)form[n] && !(form[n] == ' ' && in.p[n] == 'T'))
            break;
        if (digit)
            part[which] = part[which] * 10 + (in.p[n] - '0');
        else
            which++;
    }
    if (n < 10)
        return 0;
    n = n == sizeof form - 1 ? n : 10;
    *tm = (struct tm){.tm_year = part[0] - 1900, .tm_mon = part[1] - 1, .tm_mday = part[2]};
    if (n > 10) {
        tm->tm_hour = part[3];
        tm->tm_min = part[4];
        tm->tm_sec = part[5];
    }
    return n;
}

static size_t moved_time(struct work *w, struct wt_span in)
{
    struct tm tm;
    char text[64];
    const size_t n = time_at(in, &tm);
    if (!n)
        return 0;
    const int64_t at = wt_date_seconds(&tm), ns = at < INT64_MAX / 2000000000 ? at * 1000000000 : INT64_MAX;
    const bool of_capture = ns >= w->first_ns - 1000000000 && ns <= w->last_ns;
    if (!wt_date_of(of_capture ? wt_standin_time(w->s, ns) / 1000000000 : wt_standin_date(w->s, at), &tm))
        return n;
    (void)strftime(text, sizeof text,
                   n == 10           ? "%Y-%m-%d"
                   : in.p[10] == 'T' ? "%Y-%m-%dT%H:%M:%S"
                                     : "%Y-%m-%d %H:%M:%S",
                   &tm);
    (void)wt_buffer_add_text(w->b, text);
    return n;
}

/* --- addresses and bytes -------------------------------------------------------------------------------------------
 */

static bool address(struct work *w, struct wt_span in)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t ip[16] = {[10] = 0xff, [11] = 0xff};
    if (in.n < 2 || in.n >= sizeof text)
        return false;
    memcpy(text, in.p, in.n);
    text[in.n] = '\0';
    const bool v4 = inet_pton(AF_INET, text, ip + 12) == 1;
    if (!v4 && inet_pton(AF_INET6, text, ip) != 1)
        return false;
    wt_standin_address(w->s, ip, ip);
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip + 12 : ip, text, sizeof text))
        text[0] = '\0';
    (void)wt_buffer_add_text(w->b, text);
    return true;
}

/* "192.0.2.1:443", "[2001:db8::1]:443" */
static bool endpoint(struct work *w, struct wt_span in)
{
    size_t at = in.n;
    const size_t before = w->b->n;
    unsigned long port = 0;
    while (at && isdigit(in.p[at - 1]))
        at--;
    if (at < 2 || at == in.n || in.n - at > 5 || in.p[at - 1] != ':')
        return false;
    struct wt_span host = wt_span_cut(in, 0, at - 1);
    const bool brackets = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (brackets) {
        host = wt_span_cut(host, 1, host.n - 2);
        (void)wt_buffer_add_char(w->b, '[');
    }
    if (!address(w, host)) {
        w->b->n = before;
        return false;
    }
    for (; at < in.n; at++)
        port = port * 10 + (unsigned long)(in.p[at] - '0');
    (void)wt_buffer_format(w->b, "%s:%u", brackets ? "]" : "", wt_standin_port(w->s, (uint16_t)port));
    return true;
}

static int nibble(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Pairs of hexadecimal digits with `gap` (NUL: nothing) between them, four or more: their bytes to room, 0 when it is
 * not so. */
static size_t hex_of(struct wt_span in, char gap, uint8_t *room, size_t size)
{
    size_t n = 0, i = 0;
    const size_t step = gap ? 3 : 2;
    for (; i + 2 <= in.n && n < size; i += step) {
        const int high = nibble(in.p[i]), low = nibble(in.p[i + 1]);
        if (high < 0 || low < 0 || (gap && i + 2 < in.n && in.p[i + 2] != (uint8_t)gap))
            return 0;
        room[n++] = (uint8_t)(high << 4 | low);
    }
    return n >= 4 && i == in.n + (gap ? 1 : 0) ? n : 0;
}

static bool hex(struct work *w, struct wt_span in, char gap)
{
    uint8_t original[1024], other[1024];
    const size_t n = hex_of(in, gap, original, sizeof original);
    if (!n)
        return false;
    if (n == 6 && gap == ':')
        wt_standin_mac(w->s, original, other);
    else
        wt_standin_content(w->s, wt_span_of(original, n), other);
    for (size_t i = 0; i < n; i++)
        (void)wt_buffer_format(w->b, "%s%02x", gap && i ? (char[]){gap, 0} : "", other[i]);
    return true;
}

/* --- words ---------------------------------------------------------------------------------------------------------
 */

/* Counts, sizes, spans of time, versions, code points; not what is so long that it names something. */
static bool is_number(struct wt_span in)
{
    size_t digits = 0, dots = 0;
    if (wt_span_starts(in, "0x") && in.n <= 6)
        return true;
    for (size_t i = 0; i < in.n; i++) {
        digits += isdigit(in.p[i]) != 0;
        dots += in.p[i] == '.';
        if (!isdigit(in.p[i]) && !strchr(i ? ".,%" : "+-", in.p[i]))
            return false;
    }
    return digits > 0 && digits <= 10 && dots <= 2;
}

static void word(struct work *w, struct wt_span in)
{
    if (address(w, in) || endpoint(w, in) || hex(w, in, ':'))
        return;
    if (is_number(in) || wt_vocabulary_has(w->v, in))
        add(w, in);
    else if (!hex(w, in, 0))
        replaced(w, in);
}

static bool is_around(uint8_t c)
{
    return strchr(" ()\",;'", c) != NULL;
}

static void words(struct work *w, struct wt_span in)
{
    while (in.n) {
        const size_t time = moved_time(w, in);
        size_t n = 0;
        in = wt_span_cut(in, time, SIZE_MAX);
        while (n < in.n && !is_around(in.p[n]))
            n++;
        struct wt_span one = wt_span_cut(in, 0, n);
        size_t end = n;
        while (end && strchr(".:?!", one.p[end - 1])) /* of the sentence */
            end--;
        if (end)
            word(w, wt_span_cut(one, 0, end));
        add(w, wt_span_cut(one, end, SIZE_MAX));
        in = wt_span_cut(in, n, SIZE_MAX);
        if (in.n) {
            add(w, wt_span_cut(in, 0, 1));
            in = wt_span_cut(in, 1, SIZE_MAX);
        }
    }
}

/* --- names of certificates ------------------------------------------------------------------------------------------
 */

/* RFC 4514, 2.3: "CN=", or an OID and "=". */
static size_t attribute(struct wt_span in)
{
    size_t n = 0;
    while (n < in.n && n < 40 && (isalnum(in.p[n]) || in.p[n] == '.'))
        n++;
    return n && n < in.n && in.p[n] == '=' ? n + 1 : 0;
}

/* Up to the comma or plus that ends it, without its escapes, to `value`. Returns the bytes that it takes. */
static size_t unescaped(struct wt_span in, struct wt_buffer *value)
{
    size_t i = 0;
    while (i < in.n && in.p[i] != ',' && in.p[i] != '+') {
        const int high = in.p[i] == '\\' && i + 2 < in.n ? nibble(in.p[i + 1]) : -1;
        const int low = high < 0 ? -1 : nibble(in.p[i + 2]);
        if (low >= 0) {
            (void)wt_buffer_add_char(value, (char)(high << 4 | low));
            i += 3;
        } else {
            i += in.p[i] == '\\' && i + 1 < in.n;
            (void)wt_buffer_add_char(value, (char)in.p[i++]);
        }
    }
    return i;
}

static bool distinguished_name(struct work *w, struct wt_span in)
{
    if (!attribute(in))
        return false;
    while (in.n) {
        struct wt_buffer value = {0};
        const size_t type = attribute(in);
        add(w, wt_span_cut(in, 0, type));
        in = wt_span_cut(in, type, SIZE_MAX);
        in = wt_span_cut(in, unescaped(in, &value), SIZE_MAX);
        replaced(w, wt_buffer_span(&value));
        wt_buffer_free(&value);
        add(w, wt_span_cut(in, 0, 1));
        in = wt_span_cut(in, 1, SIZE_MAX);
    }
    return true;
}

/* --- the neutral form -----------------------------------------------------------------------------------------------
 */

/* Bytes that were no text: "4a 00 00 00 0a ...". */
static bool pairs(struct work *w, struct wt_span in)
{
    static const char more[] = " ...";
    const size_t n = in.n > 4 && memcmp(in.p + in.n - 4, more, 4) == 0 ? in.n - 4 : in.n;
    if (!hex(w, wt_span_cut(in, 0, n), ' '))
        return false;
    add(w, wt_span_cut(in, n, SIZE_MAX));
    return true;
}

static bool is_list_of_names(struct wt_span in)
{
    return wt_is_readable(in) && memchr(in.p, ',', in.n) != NULL;
}

/* "RFC 5246, 7.4.1.2", which is no address. */
static bool is_section(struct wt_span in)
{
    if (!wt_span_starts(in, "RFC "))
        return false;
    for (size_t i = 4; i < in.n; i++)
        if (!isdigit(in.p[i]) && !strchr(" ,.", in.p[i]))
            return false;
    return in.n < 32;
}

/* What was filled in, as a whole: names with spaces in them are known by the time at which sentences are made of them.
 */
static void argument(struct work *w, struct wt_span in)
{
    if (!in.n)
        return;
    if (address(w, in))
        return;
    if (wt_vocabulary_has(w->v, in) || is_number(in) || is_section(in))
        add(w, in);
    else if (!is_list_of_names(in) && wt_standin_is_known(w->s, WT_STANDIN_TEXT, in))
        replaced(w, in);
    else if (!distinguished_name(w, in) && !pairs(w, in))
        words(w, in);
}

/* A rule that our own code put behind a sentence of its own: ' (RFC 8446, 4.1.2: "…")'. */
static bool is_rule(struct wt_span in, bool after_sentence)
{
    return after_sentence && wt_span_starts(in, " (RFC ") && in.p[in.n - 1] == ')';
}

void wt_redact_sentence(struct wt_standins *s, const struct wt_vocabulary *v, const int64_t packets_ns[2],
                        const char *text, struct wt_buffer *b)
{
    static const char marks[] = {WT_SENTENCE_BEGIN, WT_SENTENCE_ARGUMENT, WT_SENTENCE_END, 0};
    struct work w = {s, v, packets_ns[0], packets_ns[1], b};
    char mark = 0;
    while (*text) {
        const size_t n = strcspn(text, marks);
        const struct wt_span literal = wt_span_of(text, n);
        const bool whole =
            mark == WT_SENTENCE_ARGUMENT && (text[n] == WT_SENTENCE_ARGUMENT || text[n] == WT_SENTENCE_END);
        if (mark == WT_SENTENCE_BEGIN || (n && is_rule(literal, mark == WT_SENTENCE_END)))
            add(&w, literal); /* the sentence's number */
        else if (whole)
            argument(&w, literal);
        else
            words(&w, literal);
        text += n;
        mark = *text;
        if (mark) {
            (void)wt_buffer_add_char(b, mark);
            text++;
        }
    }
}
