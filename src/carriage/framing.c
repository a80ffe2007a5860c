#include "carriage/framing.h"

#include "registry/registry.h"

enum { HEAD = 4 };

/* RFC 5246, 7.4.5, "struct { } ServerHelloDone"; RFC 8446, 4.5, "struct {} EndOfEarlyData", 4.6.3, one enum in
 * KeyUpdate. */
static bool fits_type(uint8_t type, uint32_t length)
{
    switch (type) {
    case WT_HANDSHAKE_SERVER_HELLO_DONE:
    case WT_HANDSHAKE_END_OF_EARLY_DATA:
        return length == 0;
    case WT_HANDSHAKE_KEY_UPDATE:
        return length == 1;
    default: /* none else is empty; a nonce of AEAD that counts from low to high looks so */
        return length && length <= WT_LIMIT_HANDSHAKE_MESSAGE;
    }
}

bool wt_framing_plausible(struct wt_span b)
{
    /* Four zero bytes would be a HelloRequest, and are the beginning of many a nonce. */
    return b.n >= HEAD && b.p[0] != WT_HANDSHAKE_HELLO_REQUEST && wt_handshake_type_is_known(b.p[0]) &&
           fits_type(b.p[0], wt_get24(b.p + 1));
}

void wt_framing_record(struct wt_framing *h)
{
    h->alien = false;
    if (h->held.n == 0 && h->skip == 0)
        h->records = 1;
    else if (h->records < UINT16_MAX)
        h->records++;
}

static void tell(struct wt_framing *h, struct wt_span message, wt_framing_sink *sink, void *context)
{
    unsigned records = h->records;
    h->records = 1; /* what follows begins in the record that this one ended in */
    sink(context, message.p[0], wt_span_cut(message, HEAD, message.n), wt_get24(message.p + 1), records);
}

/* A message over the limit is told at once, without its body, and passed over. */
static size_t too_long(struct wt_framing *h, struct wt_span b, wt_framing_sink *sink, void *context)
{
    uint32_t length = wt_get24(b.p + 1);
    size_t here = b.n - HEAD < length ? b.n - HEAD : length;
    h->skip = length - (uint32_t)here;
    sink(context, b.p[0], (struct wt_span){0}, length, h->records);
    return HEAD + here;
}

/* Tells all whole messages at the front of b and returns how many bytes they took. Stops at what cannot be a message:
 * an unknown type would make us wait for a length that is none. */
static size_t whole(struct wt_framing *h, struct wt_span b, wt_framing_sink *sink, void *context)
{
    struct wt_span rest = b;
    while (rest.n >= HEAD) {
        size_t n;
        uint32_t length = wt_get24(rest.p + 1);
        if (!wt_handshake_type_is_known(rest.p[0])) {
            h->alien = true;
            h->alien_type = rest.p[0];
            h->alien_bytes = (uint32_t)rest.n;
            break;
        }
        if (length > WT_LIMIT_HANDSHAKE_MESSAGE) {
            n = too_long(h, rest, sink, context);
        } else if (rest.n - HEAD >= length) {
            tell(h, wt_span_cut(rest, 0, HEAD + length), sink, context);
            n = HEAD + length;
        } else {
            break;
        }
        rest = wt_span_cut(rest, n, rest.n);
    }
    return b.n - rest.n;
}

enum belief { NO, YES, WAIT };

/* Behind a gap four bytes decide whether a message begins here; they may come in as many pieces. */
static enum belief believe(struct wt_framing *h, struct wt_span piece)
{
    uint8_t head[HEAD];
    size_t have = h->held.n, n = 0;
    for (; have + n < HEAD && n < piece.n; n++)
        head[have + n] = piece.p[n];
    if (have + n < HEAD)
        return wt_buffer_add(&h->held, piece.p, piece.n) ? WAIT : NO;
    if (have && have < HEAD)
        memcpy(head, h->held.p, have);
    if (have < HEAD && !wt_framing_plausible(wt_span_of(head, HEAD))) {
        wt_buffer_free(&h->held);
        return NO;
    }
    h->lost = false;
    if (!have || !h->records) /* a gap inside the record */
        h->records = 1;
    return YES;
}

bool wt_framing_feed(struct wt_framing *h, struct wt_span piece, wt_framing_sink *sink, void *context)
{
    if (!piece.p || !piece.n)
        return !h->alien;
    if (h->skip) {
        size_t n = piece.n < h->skip ? piece.n : h->skip;
        h->skip -= (uint32_t)n;
        piece = wt_span_cut(piece, n, piece.n);
        if (!h->skip)
            h->records = 1;
    }
    if (h->lost) {
        enum belief belief = believe(h, piece);
        if (belief != YES)
            return belief == WAIT;
    }
    if (h->held.n == 0)
        piece = wt_span_cut(piece, whole(h, piece, sink, context), piece.n);
    if (piece.n && !h->alien) {
        if (!wt_buffer_add(&h->held, piece.p, piece.n))
            return false;
        wt_buffer_drop(&h->held, whole(h, wt_buffer_span(&h->held), sink, context));
    }
    if (h->held.n == 0 || h->alien)
        wt_buffer_free(&h->held);
    return !h->alien;
}

/* How many bytes the message in progress still wants; 0 when none is, or its header is not there. */
static uint32_t wanted(const struct wt_framing *h)
{
    if (h->held.n < HEAD || h->lost)
        return h->lost ? 0 : h->skip;
    return wt_get24(h->held.p + 1) - (uint32_t)(h->held.n - HEAD);
}

bool wt_framing_gap(struct wt_framing *h, uint64_t inside)
{
    bool half = h->held.n > 0;
    uint32_t want = wanted(h);
    uint16_t records = h->records;
    wt_framing_clear(h);
    if (inside && want >= inside) {
        h->skip = want - (uint32_t)inside;
        h->records = h->skip ? records : 1;
    } else {
        h->lost = true;
    }
    return half;
}

void wt_framing_clear(struct wt_framing *h)
{
    wt_buffer_free(&h->held);
    *h = (struct wt_framing){0};
}

bool wt_framing_pending(const struct wt_framing *h, uint8_t *type, uint32_t *length)
{
    if (h->held.n < HEAD)
        return false;
    *type = h->held.p[0];
    *length = wt_get24(h->held.p + 1);
    return true;
}
