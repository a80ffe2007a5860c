#include "observer/dtls/inside.h"

/* RFC 7252, 3: version 1, a token of 8 bytes at most, a code of class 0, 2, 4 or 5, and options up to a marker of
 * payload, each with its length. */
static bool is_coap(struct wt_span d)
{
    enum { HEADER = 4, MARKER = 0xff };
    const unsigned class = d.n >= HEADER ? d.p[1] >> 5 : 1;
    if (d.n < HEADER || d.p[0] >> 6 != 1 || (d.p[0] & 0xf) > 8 || (class && class != 2 && class != 4 && class != 5))
        return false;
    size_t at = HEADER + (d.p[0] & 0xfu);
    if (!d.p[1])
        return d.n == HEADER; /* 4.1: an Empty message is no longer than its header */
    while (at < d.n && d.p[at] != MARKER) {
        const unsigned delta = d.p[at] >> 4, length = d.p[at] & 0xf;
        if (delta == 15 || length == 15)
            return false;
        size_t n = length;
        size_t extended = at + 1 + (delta == 13) + 2u * (delta == 14);
        if (length == 13)
            n = extended < d.n ? d.p[extended] + 13u : d.n;
        else if (length == 14)
            n = extended + 1 < d.n ? wt_get16(d.p + extended) + 269u : d.n;
        at = extended + (length == 13) + 2u * (length == 14) + n;
    }
    return at == d.n || (at < d.n && at + 1 < d.n);
}

/* RFC 9260, appendix A: CRC32c with its own field zero, sent with the least significant byte first. */
static uint32_t crc32c(struct wt_span d)
{
    enum { FIELD = 8 };
    const uint32_t polynomial = 0x82f63b78;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < d.n; i++) {
        crc ^= i >= FIELD && i < FIELD + 4 ? 0u : d.p[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
    }
    return ~crc;
}

/* RFC 8261: SCTP over DTLS, the data channels of WebRTC. RFC 9260, 3.1: ports, verification tag, checksum; a chunk. */
static bool is_sctp(struct wt_span d)
{
    enum { HEADER = 12, CHUNK = 4 };
    if (d.n < HEADER + CHUNK || d.n % 4 || !wt_get16(d.p) || !wt_get16(d.p + 2))
        return false;
    const uint32_t crc = crc32c(d);
    return d.p[8] == (uint8_t)crc && d.p[9] == (uint8_t)(crc >> 8) && d.p[10] == (uint8_t)(crc >> 16) &&
           d.p[11] == (uint8_t)(crc >> 24);
}

/* An IP packet that fills what is there, by its version and length. */
static bool is_ip(struct wt_span d)
{
    enum { IPV4 = 20, IPV6 = 40 };
    if (d.n >= IPV4 && d.p[0] >> 4 == 4 && (d.p[0] & 0xf) >= 5)
        return wt_get16(d.p + 2) == d.n;
    return d.n >= IPV6 && d.p[0] >> 4 == 6 && wt_get16(d.p + 4) + (size_t)IPV6 == d.n;
}

/* draft-mavrogiannopoulos-openconnect-04, 2.3: a byte says what it is, data (0), dead peer detection (3 and 4),
 * keepalive (7); an IP packet follows. */
static bool is_anyconnect(struct wt_span d)
{
    return d.n > 1 && d.p[0] == 0 && is_ip(wt_span_cut(d, 1, d.n));
}

void wt_dtls_inside_look(struct wt_dtls *dtls, struct wt_span text)
{
    if (dtls->inside || dtls->looked >= WT_LIMIT_DTLS_LOOKS || !text.n)
        return;
    dtls->looked++;
    dtls->inside = is_sctp(text)         ? "SCTP"
                   : is_anyconnect(text) ? "AnyConnect"
                   : is_ip(text)         ? "IP"
                   : is_coap(text)       ? "CoAP"
                                         : NULL;
}
