/* The record protocol's outer layer (RFC 8446, 5.1; RFC 5246, 6.2.1): a byte stream split into records, one cursor per
 * direction. SSL 2.0's records (two- and three-byte headers) are known too, since a TLS client may open with one
 * (RFC 5246, E.2).
 *
 * The cursor touches headers only. Whoever wants a record's body says so when it begins; otherwise its bytes are
 * passed over, and wt_record_skips() is all that a packet inside a long record costs. */
#ifndef WT_FLOW_RECORD_H
#define WT_FLOW_RECORD_H

#include "base/span.h"
#include "registry/limits.h"
#include "registry/registry.h"

enum {
    WT_RECORD_OPEN = 1,      /* inside a record: `left` bytes are still to come */
    WT_RECORD_WANTED = 2,    /* the sink asked for its body */
    WT_RECORD_LOST = 4,      /* no boundary is known: searching for the next */
    WT_RECORD_SSL2_MAY = 8,  /* the stream began with an SSL 2.0 hello: its records may be of either form */
    WT_RECORD_SSL2 = 16,     /* the current record is SSL 2.0's */
    WT_RECORD_TORN = 32,     /* a gap took bytes out of the current record */
    WT_RECORD_ANY_VERSION = 64, /* while searching: the version of this stream is not known */
};

/* 24 bytes; all zero stands before the first record. */
struct wt_record_cursor {
    uint32_t left;
    uint32_t after;   /* when a record begins: bytes of those being fed that come after its header */
    uint32_t length;  /* bytes of the current record's fragment (SSL 2.0: without padding) */
    uint16_t version; /* as the last TLS header said; SSL 2.0: 0x0002 */
    uint8_t type;     /* content type */
    uint8_t padding;  /* SSL 2.0 */
    uint8_t flags;
    uint8_t have;     /* bytes of `head` gathered */
    uint8_t head[5];
};

struct wt_record_sink {
    /* A header is complete; true asks for the body. */
    bool (*begin)(void *context, const struct wt_record_cursor *record);
    /* A piece of a wanted body, in order. */
    void (*body)(void *context, const struct wt_record_cursor *record, struct wt_span piece);
    /* The record's last byte has passed. */
    void (*end)(void *context, const struct wt_record_cursor *record);
    /* What stands at a boundary is no header; the cursor searches on. `head` holds the five bytes. */
    void (*lost)(void *context, const struct wt_record_cursor *record);
    void *context;
};

/* The packet's fast path: true when n bytes lie wholly inside a record whose body nobody wants. */
static inline bool wt_record_skips(struct wt_record_cursor *c, size_t n)
{
    if ((c->flags & (WT_RECORD_OPEN | WT_RECORD_WANTED | WT_RECORD_LOST)) != WT_RECORD_OPEN || n >= c->left)
        return false;
    c->left -= (uint32_t)n;
    return true;
}

void wt_record_feed(struct wt_record_cursor *c, struct wt_span bytes, const struct wt_record_sink *sink);

/* n bytes of the stream are missing here. True when the cursor still knows where it is: the gap lay inside a record. */
bool wt_record_gap(struct wt_record_cursor *c, uint64_t n, const struct wt_record_sink *sink);

/* Five bytes that can be a TLS record's header: a known content type, version 3.x, and a length that RFC 5246, 6.2.3
 * allows for protected fragments. */
bool wt_record_plausible(const uint8_t head[5]);

/* Bytes that begin with a whole ClientHello's or ServerHello's first bytes inside a handshake record: lengths and
 * versions agree with each other. `type` gets the handshake type. Needs 11 bytes; false with fewer. */
bool wt_record_is_hello(struct wt_span bytes, uint8_t *type);

/* An SSL 2.0 CLIENT-HELLO whose lengths add up (RFC 5246, E.2). Needs 11 bytes. */
bool wt_record_is_ssl2_hello(struct wt_span bytes);

#endif
