#include "carriage/record.h"

enum { SSL2_HEAD = 2, TLS_HEAD = 5 }; /* bytes of headers */

/* RFC 8446, 5.1 and RFC 6520, 3. */
static bool known_type(uint8_t type)
{
    return type >= WT_CONTENT_CHANGE_CIPHER_SPEC && type <= WT_CONTENT_HEARTBEAT;
}

bool wt_record_plausible(const uint8_t head[5])
{
    return known_type(head[0]) && wt_record_may_be_version(head + 1, 2) && wt_get16(head + 3) <= WT_LIMIT_RECORD;
}

enum { HELLO_HEAD = 6 }; /* bytes of a hello that it is known by: type, length, version */

/* Whether the bytes, fewer than a header, can begin one of a handshake record. */
static bool may_be_handshake(struct wt_span b)
{
    return (b.n < 1 || b.p[0] == WT_CONTENT_HANDSHAKE) && (b.n < 2 || wt_record_may_be_version(b.p + 1, b.n - 1));
}

/* The first bytes of a handshake message, from as many records as it takes: RFC 8446, 5.1, "Handshake messages MAY be
 * coalesced into a single TLSPlaintext record or fragmented across several records", down to a byte each. Returns how
 * many there are; *more: the next bytes of the stream may bring the rest. */
static size_t gather_head(struct wt_span b, uint8_t out[HELLO_HEAD], bool *more)
{
    size_t n = 0;
    *more = false;
    while (n < HELLO_HEAD) {
        if (b.n < 5) {
            *more = may_be_handshake(b);
            break;
        }
        size_t length = wt_get16(b.p + 3);
        if (b.p[0] != WT_CONTENT_HANDSHAKE || !wt_record_plausible(b.p) || !length)
            break;
        b = wt_span_cut(b, 5, SIZE_MAX);
        *more = b.n < length && b.n < HELLO_HEAD - n;
        for (size_t i = 0; i < length && i < b.n && n < HELLO_HEAD; i++)
            out[n++] = b.p[i];
        if (*more)
            break;
        b = wt_span_cut(b, length, SIZE_MAX);
    }
    return n;
}

bool wt_record_is_hello(struct wt_span b, uint8_t *type, bool *more)
{
    uint8_t head[HELLO_HEAD] = {0};
    *more = false;
    if (!b.n || b.p[0] != WT_CONTENT_HANDSHAKE)
        return false;
    const size_t n = gather_head(b, head, more);
    const uint32_t length = wt_get24(head + 1);
    const uint16_t version = wt_get16(head + 4);
    *type = head[0];
    if (n && *type != WT_HANDSHAKE_CLIENT_HELLO && *type != WT_HANDSHAKE_SERVER_HELLO)
        return *more = false;
    /* The shortest hellos: version, random, empty session id, one suite, one method. */
    if (n < HELLO_HEAD || length < 38 || length > WT_LIMIT_HANDSHAKE_MESSAGE)
        return false;
    if (version >> 8 == 3 || wt_version_is_tls13(version))
        return true;
    /* GB/T 38636-2020, 6.3.3.2: the version of TLCP, 0x0101, stands in the record's header too. */
    if (version == WT_TLCP && wt_get16(b.p + 1) == WT_TLCP)
        return true;
    /* RFC 5246, appendix E.1: "If a TLS server receives a ClientHello containing a version number greater than the
     * highest version supported by the server, it MUST reply according to the highest version supported by the
     * server." Any version may be there; then the lengths have to agree. */
    return *type == WT_HANDSHAKE_CLIENT_HELLO && length + 4 == wt_get16(b.p + 3);
}

bool wt_record_is_ssl2_hello(struct wt_span b)
{
    if (b.n < 11 || !(b.p[0] & 0x80) || b.p[2] != 1)
        return false;
    uint32_t length = wt_get16(b.p) & 0x7fff, specs = wt_get16(b.p + 5), id = wt_get16(b.p + 7),
             challenge = wt_get16(b.p + 9);
    uint16_t version = wt_get16(b.p + 3);
    return (version == WT_SSL2 || (version >= WT_SSL3 && version <= WT_TLS13)) && specs && specs % 3 == 0 &&
           (id == 0 || id == 16 || id == 32) && challenge >= 16 && challenge <= 32 &&
           length == 9 + specs + id + challenge;
}

/* How many bytes the header has that starts with what is gathered. */
static unsigned head_size(const struct wt_record_cursor *c)
{
    if (c->state & WT_RECORD_SSL2_MAY && !(known_type(c->head[0]) && (c->have < 2 || c->head[1] == 3)))
        return c->head[0] & 0x80 ? SSL2_HEAD : SSL2_HEAD + 1;
    return TLS_HEAD;
}

/* SSL 2.0, "record header format": two bytes with the high bit set, or three with a padding length. */
static void open_ssl2(struct wt_record_cursor *c)
{
    uint32_t length = wt_get16(c->head) & (c->head[0] & 0x80 ? 0x7fff : 0x3fff);
    c->padding = c->head[0] & 0x80 ? 0 : c->head[2];
    c->left = length;
    c->record.type = WT_CONTENT_HANDSHAKE;
    c->record.version = WT_SSL2;
    c->record.length = length > c->padding ? length - c->padding : 0;
    c->record.flags = WT_RECORD_SSL2;
}

static void finish(struct wt_record_cursor *c, const struct wt_carriage_sink *sink)
{
    sink->end(sink->context, &c->record);
    c->state &= (uint8_t) ~(WT_RECORD_OPEN | WT_RECORD_WANTED);
    c->record.flags = 0;
}

static void lose(struct wt_record_cursor *c, const struct wt_carriage_sink *sink)
{
    c->state &= (uint8_t) ~(WT_RECORD_OPEN | WT_RECORD_WANTED);
    c->state |= WT_RECORD_LOST;
    sink->lost(sink->context, c->head);
    c->have = 0;
}

/* RFC 5246, 7.2.2, record_overflow: "A TLSCiphertext record was received that had a length more than 2^14+2048 bytes".
 * After whole records of the stream such a header is a sender's mistake rather than a boundary that was lost. */
static bool is_overlong(const struct wt_record_cursor *c)
{
    return c->record.number && (c->record.version >> 8 == 3 || c->record.version == WT_TLCP) &&
           known_type(c->head[0]) && wt_record_may_be_version(c->head + 1, 2) &&
           wt_get16(c->head + 3) > WT_LIMIT_RECORD;
}

/* The gathered header becomes the current record. */
static void open_record(struct wt_record_cursor *c, const struct wt_carriage_sink *sink)
{
    c->record.flags = 0;
    if (head_size(c) != TLS_HEAD) {
        open_ssl2(c);
    } else if (wt_record_plausible(c->head) || is_overlong(c)) {
        c->record.flags = wt_get16(c->head + 3) > WT_LIMIT_RECORD ? WT_RECORD_OVERLONG : 0;
        c->padding = 0;
        c->record.type = c->head[0];
        c->record.version = wt_get16(c->head + 1);
        c->left = c->record.length = wt_get16(c->head + 3);
    } else {
        lose(c, sink);
        return;
    }
    c->have = 0;
    c->state |= WT_RECORD_OPEN;
    c->record.number++;
    if (sink->begin(sink->context, &c->record))
        c->state |= WT_RECORD_WANTED;
    if (c->left == 0)
        finish(c, sink);
}

/* A header at offset i of a stream that lost its boundary: believed when the records that follow from it agree, up to
 * the end of what is here. A search inside a segment wants one more record as proof, or application data. */
static bool believable(const struct wt_record_cursor *c, struct wt_span b, size_t i)
{
    size_t at = i;
    unsigned records = 0;
    while (b.n - at >= 5) {
        const uint8_t *h = b.p + at;
        if (!wt_record_plausible(h) || wt_get16(h + 3) == 0)
            return false;
        if (!(c->state & WT_RECORD_ANY_VERSION) && wt_get16(h + 1) != c->record.version)
            return false;
        size_t next = at + 5 + wt_get16(h + 3);
        if (next == b.n)
            return true;
        if (next > b.n)
            return i == 0 || records > 0 || h[0] == WT_CONTENT_APPLICATION_DATA;
        at = next;
        records++;
    }
    return records > 0 && known_type(b.p[at]) && wt_record_may_be_version(b.p + at + 1, b.n - at - 1);
}

/* Drops bytes up to the next believable header. */
static struct wt_span search(struct wt_record_cursor *c, struct wt_span b)
{
    for (size_t i = 0; i + 5 <= b.n; i++)
        if (known_type(b.p[i]) && wt_record_may_be_version(b.p + i + 1, 2) && believable(c, b, i)) {
            c->state &= (uint8_t) ~(WT_RECORD_LOST | WT_RECORD_ANY_VERSION);
            c->have = 0;
            return wt_span_cut(b, i, b.n);
        }
    return (struct wt_span){0};
}

/* Takes what is here of a header; true when that is all of it. Most come whole, and are of TLS. */
static bool take_head(struct wt_record_cursor *c, struct wt_span *b)
{
    size_t n = 1; /* SSL 2.0: its first bytes say how many there are */
    if (!c->have && b->n >= TLS_HEAD && (!(c->state & WT_RECORD_SSL2_MAY) || (known_type(b->p[0]) && b->p[1] == 3))) {
        memcpy(c->head, b->p, TLS_HEAD);
        n = TLS_HEAD;
    } else {
        c->head[c->have] = *b->p;
    }
    c->have = (uint8_t)(c->have + n);
    b->p += n;
    b->n -= n;
    return n == TLS_HEAD || c->have >= head_size(c);
}

void wt_record_feed(struct wt_record_cursor *c, struct wt_span b, const struct wt_carriage_sink *sink)
{
    while (b.n) {
        if (c->state & WT_RECORD_LOST) {
            b = search(c, b);
            continue;
        }
        if (!(c->state & WT_RECORD_OPEN)) {
            if (take_head(c, &b)) {
                c->after = (uint32_t)b.n;
                open_record(c, sink);
            }
            continue;
        }
        size_t n = b.n < c->left ? b.n : c->left;
        c->left -= (uint32_t)n;
        if (c->state & WT_RECORD_WANTED)
            sink->body(sink->context, &c->record, c->record.length + c->padding - c->left - (uint32_t)n,
                       wt_span_cut(b, 0, n));
        b = wt_span_cut(b, n, b.n);
        if (c->left == 0)
            finish(c, sink);
    }
}

bool wt_record_gap(struct wt_record_cursor *c, uint64_t n, const struct wt_carriage_sink *sink)
{
    if (c->state & WT_RECORD_LOST)
        return false;
    if (c->state & WT_RECORD_OPEN && n <= c->left) {
        c->left -= (uint32_t)n;
        c->record.flags |= WT_RECORD_TORN;
        if (c->left == 0)
            finish(c, sink);
        return true;
    }
    c->state &= (uint8_t) ~(WT_RECORD_OPEN | WT_RECORD_WANTED);
    c->state |= WT_RECORD_LOST;
    c->record.flags = 0;
    if (!c->record.version)
        c->state |= WT_RECORD_ANY_VERSION;
    c->have = 0;
    return false;
}
