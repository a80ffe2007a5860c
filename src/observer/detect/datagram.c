/* Datagrams of protocols that carry TLS's messages, or hide what they carry, by their own first bytes. Ports tell
 * nothing but for those that have no other mark: ESP in UDP (RFC 3948, on 4500) and RADIUS (RFC 2865, on 1812). */
#include "observer/detect/datagram.h"

#include "capture/eap.h"
#include "registry/registry.h"

enum { PORT_IPSEC_NAT = 4500, PORT_RADIUS = 1812, PORT_RADIUS_OLD = 1645, PORT_OPENVPN = 1194 };

static bool is_port(const struct wt_segment *s, unsigned port)
{
    return s->source_port == port || s->target_port == port;
}

/* RFC 6347, 4.1, and RFC 9147, 4: type, version (the complement of TLS's), epoch, sequence number, length; records fill
 * the datagram. 0x0100 is what OpenSSL sent before the RFC. */
static bool is_dtls(struct wt_span d, bool cut)
{
    enum { HEADER = 13, LEAST = 20, HANDSHAKE = 22, MOST = 26, WITH_CID = 25, MESSAGE_HEADER = 12 };
    size_t at = 0;
    while (at < d.n) {
        struct wt_span r = wt_span_cut(d, at, d.n);
        if (r.n < HEADER || r.p[0] < LEAST || r.p[0] > MOST)
            return at > 0; /* RFC 9147, 4: a record with the unified header may follow */
        unsigned version = wt_get16(r.p + 1);
        if (version != 0xfeff && version != 0xfefd && version != 0x0100)
            return false;
        if (r.p[0] == WITH_CID) /* RFC 9146, 3: a connection id, whose length the peers know, is before the length */
            return version == 0xfefd;
        if (r.p[0] == HANDSHAKE && wt_get16(r.p + 3) == 0 &&
            (r.n < HEADER + MESSAGE_HEADER || !wt_registry_name(WT_REG_HANDSHAKE_TYPE, r.p[HEADER])))
            return false;
        at += HEADER + wt_get16(r.p + 11);
    }
    return d.n >= HEADER && (at == d.n || cut);
}

/* RFC 9000, 17.2: the long header's form bit, version, two connection ids; what it versions are is by IANA's registry
 * and by those that were in use before. Version 0 negotiates (17.2.1). */
static bool is_quic(struct wt_span d)
{
    if (d.n < 7 || !(d.p[0] & 0x80))
        return d.n >= 13 && d.p[0] & 1 && memcmp(d.p + 9, "Q0", 2) == 0; /* Google's, up to Q043 */
    uint32_t version = wt_get32(d.p + 1);
    size_t own = d.p[5];
    bool known = version == 1 || version == 0x6b3343cf || (version >> 8 == 0xff0000 && (version & 0xff) >= 5) ||
                 (version >> 16 == 0x5130) || (version >> 16 == 0x5430) || version >> 8 == 0xfaceb0 ||
                 (version & 0x0f0f0f0f) == 0x0a0a0a0a;
    if (version >> 16 == 0x5130 && (version & 0xff) < '7' && (version >> 8 & 0xff) == '4')
        return true; /* Q043 to Q046 have both lengths in one byte */
    if (own > 20 || d.n < 7 + own || d.p[6 + own] > 20)
        return false;
    if (version == 0) /* a list of versions follows */
        return (d.n - 7 - own - d.p[6 + own]) % 4 == 0 && d.n >= 11u + own + d.p[6 + own];
    /* the fixed bit is 1 (RFC 9000, 17.2); a version that nobody has (15: for greasing) is the client's first alone */
    return known && d.p[0] & 0x40 && ((version & 0x0f0f0f0f) != 0x0a0a0a0a || d.n >= 1200);
}

/* OpenVPN's first packets: P_CONTROL_HARD_RESET of client and server (version 2, and version 3 of clients with
 * tls-crypt-v2), key 0, session, then as its options have it an HMAC and a replay counter (tls-auth), these and all
 * else encrypted (tls-crypt), or nothing; packet id 0 and, of the client, nothing to acknowledge. */
static bool is_openvpn(const struct wt_segment *s, struct wt_span d)
{
    enum { CLIENT_V2 = 7 << 3, SERVER_V2 = 8 << 3, CLIENT_V3 = 10 << 3, SESSION = 9, REPLAY = 8, TAG = 32 };
    static const uint8_t hmacs[] = {16, 20, 28, 32, 48, 64};
    static const uint8_t zero[5];
    if (d.n < SESSION + 5 || (d.p[0] != CLIENT_V2 && d.p[0] != SERVER_V2 && d.p[0] != CLIENT_V3))
        return false;
    bool client = d.p[0] != SERVER_V2;
    size_t tail = client ? 5 : 17; /* the server acknowledges one packet of the client's session */
    if (memcmp(d.p + 1, "\0\0\0\0\0\0\0\0", 8) == 0)
        return false;
    if (d.n == SESSION + tail)
        return client ? memcmp(d.p + SESSION, zero, 5) == 0 : d.p[SESSION] == 1;
    for (size_t i = 0; i < sizeof hmacs; i++)
        if (d.n == SESSION + hmacs[i] + REPLAY + tail)
            return client ? memcmp(d.p + d.n - 5, zero, 5) == 0 : d.p[d.n - tail] == 1;
    /* tls-crypt: the counter begins with 1, its time follows, then a tag */
    return (is_port(s, PORT_OPENVPN) || d.p[0] == CLIENT_V3) && d.n >= SESSION + REPLAY + TAG + tail &&
           wt_get32(d.p + SESSION) <= 0x0f000001;
}

/* WireGuard, 5.4: type and three zero bytes; both messages of its handshake have fixed lengths. */
static bool is_wireguard(struct wt_span d)
{
    enum { INITIATION = 148, RESPONSE = 92, COOKIE = 64 };
    if (d.n < 4 || d.p[1] || d.p[2] || d.p[3])
        return false;
    return (d.p[0] == 1 && d.n == INITIATION) || (d.p[0] == 2 && d.n == RESPONSE) || (d.p[0] == 3 && d.n == COOKIE);
}

/* RFC 3948, 2.1 and 2.2: four bytes that are zero before IKE and never an SPI; a keep-alive has one byte. */
static bool is_esp(const struct wt_segment *s, struct wt_span d)
{
    return is_port(s, PORT_IPSEC_NAT) && d.n >= 16 && wt_get32(d.p) >= 256;
}

/* RFC 2865, 3: code, identifier, length, authenticator, attributes; RFC 3579, 3.1: EAP-Message. */
static bool is_radius_eap(const struct wt_segment *s, struct wt_span d)
{
    enum { HEADER = 20, EAP_MESSAGE = 79 };
    if ((!is_port(s, PORT_RADIUS) && !is_port(s, PORT_RADIUS_OLD)) || d.n < HEADER || (d.p[0] != 1 && d.p[0] != 11))
        return false;
    size_t end = wt_get16(d.p + 2) < d.n ? wt_get16(d.p + 2) : d.n;
    for (size_t at = HEADER; at + 2 <= end && d.p[at + 1] >= 2; at += d.p[at + 1])
        if (d.p[at] == EAP_MESSAGE)
            return wt_eap_carries_tls(wt_span_cut(d, at + 2, d.p[at + 1] - 2u));
    return false;
}

enum wt_bucket wt_detect_datagram(const struct wt_segment *s)
{
    struct wt_span d = wt_span_of(s->data, s->length);
    if (is_dtls(d, s->missing > 0))
        return WT_BUCKET_DTLS;
    if (is_quic(d))
        return WT_BUCKET_QUIC;
    if (is_openvpn(s, d))
        return WT_BUCKET_OPENVPN;
    if (is_wireguard(d))
        return WT_BUCKET_WIREGUARD;
    if (is_esp(s, d))
        return WT_BUCKET_ESP_IN_UDP;
    return is_radius_eap(s, d) ? WT_BUCKET_EAP_TLS : WT_BUCKET_UDP;
}
