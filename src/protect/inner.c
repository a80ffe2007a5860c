/* TLS 1.3's inside: content, its true type, zeros (RFC 8446, 5.2 and 5.4); QUIC's, which is the content. And the suites
 * that encipher nothing of it (RFC 9150). */
#include "protect/inner.h"

#include "protect/format.h"

/* draft-ietf-tls-tls13-25 "Add the header to additional data": until then records had none. Google's experiments
 * (0x7eXX) are of the time of draft 22; Facebook counts the drafts as the IETF does. */
bool wt_tls13_bare(uint16_t version)
{
    switch (version >> 8) {
    case 0x7f:
    case 0xfb:
        return (version & 0xff) < 25;
    case 0x7e:
        return true;
    default:
        return false;
    }
}

/* RFC 8446, 5.4: the receiver "scans the field from the end toward the beginning until it finds a non-zero octet. This
 * non-zero octet is the content type of the message." */
enum wt_opening wt_inner_open(const struct wt_protector *p, const struct wt_passing *r, struct wt_span inner,
                              struct wt_opened *opened)
{
    size_t n = inner.n;
    if (p->typeless) {
        opened->text = inner;
        return inner.n > p->fragment ? WT_OPEN_TOO_LONG : WT_OPENED;
    }
    while (n > 0 && inner.p[n - 1] == 0)
        n--;
    wt_note(r->notes, WT_NOTE_PLAIN, inner.p, inner.n);
    opened->padding = (uint32_t)(inner.n - n);
    wt_note(r->notes, WT_NOTE_PADDING, inner.p + n, inner.n - n);
    /* RFC 8446, 5.4: "If a receiving implementation does not find a non-zero octet in the cleartext, it MUST terminate
     * the connection with an "unexpected_message" alert." */
    if (n == 0)
        return WT_OPEN_NO_TYPE;
    opened->type = inner.p[n - 1];
    opened->text = wt_span_of(inner.p, n - 1);
    wt_note(r->notes, WT_NOTE_TYPE, &opened->type, 1);
    /* RFC 8446, 5.4: "The presence of padding does not change the overall record size limitations: the full encoded
     * TLSInnerPlaintext MUST NOT exceed 2^14 + 1 octets." RFC 8449, 4 counts likewise for its limit. */
    return inner.n > p->fragment + 1u ? WT_OPEN_TOO_LONG : WT_OPENED;
}

static bool has_room(const struct wt_protector *p, const struct wt_passing *r)
{
    return p->typeless || r->padding <= p->fragment - r->body.n;
}

size_t wt_inner_rest(const struct wt_protector *p, const struct wt_passing *r, uint8_t *at)
{
    if (!has_room(p, r))
        return WT_SEAL_FAILED;
    if (p->typeless)
        return 0;
    at[0] = r->type;
    memset(at + 1, 0, r->padding);
    return 1 + (size_t)r->padding;
}

size_t wt_inner_seal(const struct wt_protector *p, const struct wt_passing *r, uint8_t *inner)
{
    /* RFC 8446, 5.1: "Zero-length fragments of Application Data MAY be sent", of the others not: the caller's care. */
    uint8_t *rest = inner + r->body.n;
    if (!has_room(p, r))
        return WT_SEAL_FAILED;
    if (r->body.n > 0)
        memmove(inner, r->body.p, r->body.n);
    const size_t n = r->body.n + wt_inner_rest(p, r, rest);
    if (!p->typeless) {
        wt_note(r->notes, WT_NOTE_TYPE, &r->type, 1);
        wt_note(r->notes, WT_NOTE_PADDING, rest + 1, r->padding);
    }
    wt_note(r->notes, WT_NOTE_PLAIN, inner, n);
    return n;
}
