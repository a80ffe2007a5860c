/* Handshake framing: fragments of handshake records become messages (RFC 8446, 5.1: "Handshake messages MAY be
 * coalesced into a single TLSPlaintext record or fragmented across several records").
 *
 * A message that lies whole in one piece is handed on where it lies; only what is split is copied, within
 * WT_LIMIT_HANDSHAKE_MESSAGE. */
#ifndef WT_CARRIAGE_FRAMING_H
#define WT_CARRIAGE_FRAMING_H

#include "base/buffer.h"
#include "registry/limits.h"

/* All zero is ready. Free with wt_framing_clear(). */
struct wt_framing {
    struct wt_buffer held; /* the beginning of a message that has not ended */
    uint32_t skip;         /* bytes still to be passed over, of a message over the limit or with a hole */
    uint16_t records;      /* records that the message in progress has touched */
    bool alien;            /* this record holds what is no handshake message */
    uint8_t alien_type;    /* the type that it would be */
    uint32_t alien_bytes;  /* of what was fed, from that type on */
    bool lost;             /* a gap: the next record may begin inside a message */
};

/* One message: type, its body (without the four bytes of header), the length that the header gave. body.n < length only
 * for a message over the limit (body.n = 0). `records`: how many it touched. */
typedef void wt_framing_sink(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records);

/* A record with handshake content begins. */
void wt_framing_record(struct wt_framing *h);
/* A piece of the record's fragment, in order. Returns false when the bytes cannot be a handshake message (after a gap,
 * or because they are not what the content type says). */
bool wt_framing_feed(struct wt_framing *h, struct wt_span piece, wt_framing_sink *sink, void *context);
/* Bytes are missing: `inside` of them from the record's fragment, 0 when it is not known how many of them were
 * handshake messages'. What is held is thrown away. Where the message in progress spans the hole its rest is passed
 * over, and the next one is found for certain; else what comes is looked at before it is believed. Returns true when a
 * message was thrown away half. */
bool wt_framing_gap(struct wt_framing *h, uint64_t inside);
void wt_framing_clear(struct wt_framing *h);

/* Type and length of the message in progress, if its header is there. */
bool wt_framing_pending(const struct wt_framing *h, uint8_t *type, uint32_t *length);

/* Whether the four bytes can begin a message: a type that the registry names, and a length that fits it. */
bool wt_framing_plausible(struct wt_span bytes);

#endif
