/* The record protocol's outer layer (RFC 8446, 5.1; RFC 5246, 6.2.1): a byte stream split into records, one cursor per
 * direction. SSL 2.0's records (two- and three-byte headers) are known too, since a TLS client may open with one
 * (RFC 5246, E.2).
 *
 * The cursor touches headers only. Whoever wants a record's body says so when it begins; otherwise its bytes are
 * passed over, and wt_record_skips() is all that a packet inside a long record costs. */
#ifndef WT_CARRIAGE_RECORD_H
#define WT_CARRIAGE_RECORD_H

#include "carriage/carriage.h"
#include "registry/limits.h"
#include "registry/registry.h"

/* A cursor's `state`. */
enum {
    WT_RECORD_OPEN = 1,         /* inside a record: `left` bytes are still to come */
    WT_RECORD_WANTED = 2,       /* the sink asked for its body */
    WT_RECORD_LOST = 4,         /* no boundary is known: searching for the next */
    WT_RECORD_SSL2_MAY = 8,     /* the stream began with an SSL 2.0 hello: its records may be of either form */
    WT_RECORD_ANY_VERSION = 16, /* while searching: the version of this stream is not known */
};

/* 28 bytes; all zero is before the first record. */
struct wt_record_cursor {
    struct wt_record record; /* the current one, or the newest */
    uint32_t left;
    uint32_t after;  /* when a record begins: bytes of those being fed that come after its header */
    uint8_t state;   /* WT_RECORD_OPEN ... */
    uint8_t padding; /* SSL 2.0 */
    uint8_t have;    /* bytes of `head` gathered */
    uint8_t head[5];
};

/* The packet's fast path: true when n bytes lie wholly inside a record whose body nobody wants. */
static inline bool wt_record_skips(struct wt_record_cursor *c, size_t n)
{
    if ((c->state & (WT_RECORD_OPEN | WT_RECORD_WANTED | WT_RECORD_LOST)) != WT_RECORD_OPEN || n >= c->left)
        return false;
    c->left -= (uint32_t)n;
    return true;
}

void wt_record_feed(struct wt_record_cursor *c, struct wt_span bytes, const struct wt_carriage_sink *sink);

/* The record that is begun is not whole. */
static inline bool wt_record_is_partial(const struct wt_record_cursor *c)
{
    return c->left != 0;
}

/* n bytes of the stream are missing here. True when the cursor still knows where it is: the gap lay inside a record. */
bool wt_record_gap(struct wt_record_cursor *c, uint64_t n, const struct wt_carriage_sink *sink);

/* Whether the first n bytes (more than two count as two) can be a record's version: 3.0 to 3.4, or 1.1, which is TLCP's
 * (GB/T 38636-2020, 6.3.3). */
static inline bool wt_record_may_be_version(const uint8_t *v, size_t n)
{
    return n == 0 || (v[0] == 3 ? n < 2 || v[1] <= 4 : v[0] == 1 && (n < 2 || v[1] == 1));
}

/* Five bytes that can be a TLS record's header: a known content type, a known version, and a length that RFC
 * 5246, 6.2.3 allows for protected fragments. */
bool wt_record_plausible(const uint8_t head[5]);

/* Bytes that begin with a ClientHello's or ServerHello's first six, in a handshake record or in several: lengths and
 * versions agree with each other. `type` gets the handshake type. Needs 11 bytes, 36 where each record has one; where
 * there are fewer it is false, and *more says that the next bytes may make it one. */
bool wt_record_is_hello(struct wt_span bytes, uint8_t *type, bool *more);

/* An SSL 2.0 CLIENT-HELLO whose lengths add up (RFC 5246, E.2). Needs 11 bytes. */
bool wt_record_is_ssl2_hello(struct wt_span bytes);

#endif
