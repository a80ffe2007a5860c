#include "observer/dtls/find.h"

enum { HEADER = 13, FRAGMENT_HEADER = 12 };

/* --- what is around it -------------------------------------------------------------------------------------------- */

/* RFC 8489, 5: "The most significant 2 bits of every STUN message MUST be zeroes", and the magic cookie. */
enum { STUN_HEADER = 20, STUN_COOKIE = 0x2112a442 };

static bool is_stun(struct wt_span d)
{
    return d.n >= STUN_HEADER && !(d.p[0] & 0xc0) && wt_get32(d.p + 4) == STUN_COOKIE && wt_get16(d.p + 2) % 4 == 0;
}

/* RFC 8656, 18.4: the DATA attribute of a Send or Data indication (RFC 8656, 17) "is variable length and consists of
 * the application data". Attributes are padded to four bytes (RFC 8489, 14). */
static struct wt_span turn_data(struct wt_span d)
{
    enum { SEND = 0x0016, DATA = 0x0017, ATTRIBUTE_DATA = 0x0013 };
    const unsigned type = wt_get16(d.p);
    struct wt_span rest = wt_span_cut(d, STUN_HEADER, wt_get16(d.p + 2));
    if (type != SEND && type != DATA)
        return (struct wt_span){0};
    while (rest.n >= 4) {
        const size_t n = wt_get16(rest.p + 2);
        if (wt_get16(rest.p) == ATTRIBUTE_DATA)
            return wt_span_cut(rest, 4, n);
        rest = wt_span_cut(rest, 4 + (n + 3) / 4 * 4, rest.n);
    }
    return (struct wt_span){0};
}

/* RFC 8656, 12.4: "Channel Number, Length, Application Data"; 12: channels are 0x4000 to 0x4fff. Over UDP padding "is
 * not required". */
static bool is_channel_data(struct wt_span d)
{
    return d.n >= 4 && d.p[0] >> 4 == 4 && wt_get16(d.p + 2) <= d.n - 4 && d.n - 4 - wt_get16(d.p + 2) < 4;
}

/* RFC 5415, 4.2: the preamble of a CAPWAP packet under DTLS: version 0, type 1, three reserved bytes. */
static bool is_capwap(struct wt_span d)
{
    return d.n > 4 && wt_get32(d.p) == 0x01000000;
}

struct wt_span wt_dtls_find_payload(struct wt_span datagram)
{
    const struct wt_span inside = is_stun(datagram)           ? turn_data(datagram)
                                  : is_channel_data(datagram) ? wt_span_cut(datagram, 4, wt_get16(datagram.p + 2))
                                  : is_capwap(datagram)       ? wt_span_cut(datagram, 4, datagram.n)
                                                              : (struct wt_span){0};
    return inside.n ? inside : datagram;
}

enum wt_dtls_shared wt_dtls_find_other(struct wt_span datagram)
{
    const uint8_t first = datagram.p[0];
    if (first <= 3)
        return WT_DTLS_STUN;
    if (first >= 16 && first <= 19)
        return WT_DTLS_ZRTP;
    if (first >= 64 && first <= 79)
        return WT_DTLS_TURN_CHANNEL;
    return first >= 128 && first <= 191 ? WT_DTLS_RTP : WT_DTLS_OTHER;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* RFC 6347, 4.2.2: a handshake record in the clear begins with a fragment's header: a type that is known, and a part
 * that lies in its message. */
static bool is_fragment(struct wt_span content)
{
    struct wt_decode decode;
    struct wt_dtls_fragment f;
    struct wt_reader r = wt_reader_start(&decode, content, NULL);
    return content.n >= FRAGMENT_HEADER && wt_registry_name(WT_REG_HANDSHAKE_TYPE, content.p[0]) &&
           wt_dtls_fragment_read(&r, &f) && decode.error.code == WT_OK;
}

static bool is_cut_fragment(struct wt_span content)
{
    return content.n < FRAGMENT_HEADER || wt_registry_name(WT_REG_HANDSHAKE_TYPE, content.p[0]);
}

/* RFC 6347, 4.1; RFC 9147, 4: type, version, epoch, sequence number, length; records fill the datagram. */
bool wt_dtls_find_records(struct wt_span payload, bool cut)
{
    size_t at = 0;
    while (at < payload.n) {
        const struct wt_span d = wt_span_cut(payload, at, payload.n);
        if (at && wt_dtls_is_unified(d.p[0]))
            return true; /* RFC 9147, 4: a record with the unified header may follow */
        if (d.n < HEADER || !wt_registry_name(WT_REG_CONTENT_TYPE, d.p[0]))
            return false;
        const unsigned version = wt_get16(d.p + 1);
        if (version != WT_DTLS10 && version != WT_DTLS12 && version != WT_DTLS_OLD)
            return false;
        if (d.p[0] == WT_CONTENT_TLS12_CID) /* RFC 9146, 3: an id, whose length the peers know, is before the length */
            return version == WT_DTLS12 && wt_get16(d.p + 3) > 0;
        const size_t n = wt_get16(d.p + 11);
        const struct wt_span content = wt_span_cut(d, HEADER, n);
        const bool whole = content.n == n;
        if (!n || (!whole && !cut))
            return false;
        if (d.p[0] == WT_CONTENT_HANDSHAKE && wt_get16(d.p + 3) == 0 &&
            !(whole ? is_fragment(content) : is_cut_fragment(content)))
            return false;
        at += HEADER + n;
    }
    return payload.n >= HEADER;
}

bool wt_dtls_find_beginning(struct wt_span payload)
{
    const struct wt_span content = wt_span_cut(payload, HEADER, payload.n);
    return payload.n >= HEADER + FRAGMENT_HEADER && payload.p[0] == WT_CONTENT_HANDSHAKE &&
           wt_get16(payload.p + 3) == 0 &&
           (content.p[0] == WT_HANDSHAKE_CLIENT_HELLO || content.p[0] == WT_HANDSHAKE_HELLO_VERIFY_REQUEST ||
            content.p[0] == WT_HANDSHAKE_SERVER_HELLO);
}
