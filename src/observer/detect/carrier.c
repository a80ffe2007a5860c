/* TLS inside another protocol's packets, over TCP: the packets are taken off and what they carry is read as the stream.
 *
 * TDS (MS-TDS, 2.2.3 and 2.2.6.5): until the handshake is over TLS travels in PRELOGIN packets of eight bytes of
 * header; behind it the TLS records stand bare.
 *
 * OpenVPN over TCP: each packet has two bytes of length, an opcode, a session id, with tls-auth an HMAC and a replay
 * counter, the packets acknowledged, and in P_CONTROL_V1 a packet number and a piece of the TLS stream. */
#include "observer/detect/carrier.h"

#include "base/memory.h"
#include "carriage/record.h"
#include "observer/places.h"
#include "observer/records.h"
#include "observer/state.h"

#include <stdlib.h>

enum { TDS_HEAD = 8, TDS_PRELOGIN = 0x12, OPENVPN_CONTROL = 4, OPENVPN_SESSION = 9, MOST = 65537 + TDS_HEAD };

struct wt_carrier {
    struct wt_buffer held[2]; /* of a packet that is not whole */
    uint8_t kind;             /* enum wt_carrier_kind */
    uint8_t before_acks;      /* OpenVPN: bytes between the length and the count of acknowledgments */
    bool bare[2];             /* TDS: the packets have ended */
    bool lost[2];             /* bytes are missing: the next packet begins where a segment does */
};

enum wt_carrier_kind { KIND_TDS, KIND_OPENVPN };

/* Length of the packet at the front of b with its header, or 0 when it is not known yet or none. */
static size_t packet_length(enum wt_carrier_kind kind, struct wt_span b)
{
    if (kind == KIND_OPENVPN)
        return b.n >= 2 && wt_get16(b.p) ? 2u + wt_get16(b.p) : 0;
    if (b.n < TDS_HEAD || b.p[0] != TDS_PRELOGIN || b.p[1] > 1 || wt_get16(b.p + 2) < TDS_HEAD)
        return 0;
    return wt_get16(b.p + 2);
}

/* Where an OpenVPN control packet's TLS bytes begin when the acknowledgments stand at `at`; 0 for nowhere. */
static size_t openvpn_payload(struct wt_span packet, size_t at)
{
    if (at >= packet.n)
        return 0;
    size_t acks = packet.p[at];
    size_t payload = at + 1 + 4 * acks + (acks ? 8 : 0) + 4;
    return acks <= 8 && payload <= packet.n ? payload : 0;
}

/* The packet in which byte `at` of a stream lies, walked from the stream's beginning; SIZE_MAX when they are none. */
static size_t packet_around(enum wt_carrier_kind kind, struct wt_span stream, size_t at)
{
    size_t i = 0;
    for (;;) {
        size_t n = packet_length(kind, wt_span_cut(stream, i, stream.n));
        if (n == 0)
            return SIZE_MAX;
        if (i + n > at)
            return i;
        i += n;
    }
}

static struct wt_carrier *take_up(struct wt_tls *tls, enum wt_carrier_kind kind, size_t before_acks)
{
    struct wt_carrier *k = wt_calloc(1, sizeof *k);
    if (k) {
        k->kind = (uint8_t)kind;
        k->before_acks = (uint8_t)before_acks;
        if (!tls->starttls) /* its dialogue was not captured */
            tls->starttls = kind == KIND_TDS ? "tds" : "openvpn";
        tls->side[0].flags |= WT_SIDE_STARTED;
        tls->side[1].flags |= WT_SIDE_STARTED;
    }
    tls->carrier = k;
    return k;
}

size_t wt_carrier_begin(struct wt_tls *tls, struct wt_span stream, size_t hello)
{
    size_t at = packet_around(KIND_TDS, stream, hello);
    if (at != SIZE_MAX && hello == at + TDS_HEAD)
        return take_up(tls, KIND_TDS, 0) ? at : SIZE_MAX;
    at = packet_around(KIND_OPENVPN, stream, hello);
    if (at == SIZE_MAX || hello < at + 2 + OPENVPN_SESSION || stream.p[at + 2] >> 3 != OPENVPN_CONTROL)
        return SIZE_MAX;
    /* tls-auth's HMAC: none, or that of MD5 to SHA-512, with eight bytes of packet id and time. */
    static const uint8_t hmacs[] = {0, 16 + 8, 20 + 8, 28 + 8, 32 + 8, 48 + 8, 64 + 8};
    struct wt_span packet = wt_span_cut(stream, at + 2, packet_length(KIND_OPENVPN, wt_span_cut(stream, at, 2)) - 2);
    for (size_t i = 0; i < sizeof hmacs; i++)
        if (openvpn_payload(packet, OPENVPN_SESSION + hmacs[i]) == hello - at - 2)
            return take_up(tls, KIND_OPENVPN, OPENVPN_SESSION + hmacs[i]) ? at : SIZE_MAX;
    return SIZE_MAX;
}

static struct wt_span payload_of(const struct wt_carrier *k, struct wt_span packet)
{
    if (k->kind == KIND_TDS)
        return wt_span_cut(packet, TDS_HEAD, packet.n);
    packet = wt_span_cut(packet, 2, packet.n);
    size_t at = packet.n && packet.p[0] >> 3 == OPENVPN_CONTROL ? openvpn_payload(packet, k->before_acks) : 0;
    return at ? wt_span_cut(packet, at, packet.n) : (struct wt_span){0};
}

enum { OPENVPN_LEAST = 1, OPENVPN_MOST = 11 }; /* opcodes */

/* Whether packets begin here, up to the end of what is here. */
static bool begin_here(const struct wt_carrier *k, struct wt_span bytes)
{
    while (bytes.n >= 3) {
        const size_t n = packet_length((enum wt_carrier_kind)k->kind, bytes);
        const unsigned opcode = bytes.p[2] >> 3;
        if (n == 0 || (k->kind == KIND_OPENVPN && (n < 4 || opcode < OPENVPN_LEAST || opcode > OPENVPN_MOST)))
            return false;
        bytes = wt_span_cut(bytes, n, SIZE_MAX);
    }
    return true;
}

bool wt_carrier_gap(struct wt_tls *tls, unsigned d)
{
    struct wt_carrier *k = tls->carrier;
    if (!k || k->bare[d])
        return false;
    wt_buffer_free(&k->held[d]);
    return k->lost[d] = true;
}

void wt_carrier_data(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    struct wt_carrier *k = c->tls->carrier;
    struct wt_buffer *held = &k->held[d];
    if (k->bare[d]) {
        wt_places_carried(o, c, d, bytes.n, 0);
        wt_records_data(o, c, d, bytes);
        return;
    }
    if (k->lost[d] && !begin_here(k, bytes) && !(k->kind == KIND_TDS && bytes.n >= 5 && wt_record_plausible(bytes.p)))
        return;
    k->lost[d] = false;
    if (held->n > MOST)
        o->lost[WT_LOST_DIALOGUES]++;
    if (held->n > MOST || !wt_buffer_add(held, bytes.p, bytes.n))
        return;
    size_t at = 0, n;
    for (;;) {
        struct wt_span rest = wt_span_cut(wt_buffer_span(held), at, SIZE_MAX);
        n = packet_length((enum wt_carrier_kind)k->kind, rest);
        if (n == 0 && k->kind == KIND_TDS && rest.n >= TDS_HEAD) {
            k->bare[d] = true;
            wt_places_carried(o, c, d, rest.n, 0);
            wt_records_data(o, c, d, rest);
            at = held->n;
            break;
        }
        if (n == 0 || n > rest.n)
            break;
        struct wt_span payload = payload_of(k, wt_span_cut(rest, 0, n));
        if (payload.n) {
            wt_places_carried(o, c, d, payload.n, rest.n - n);
            wt_records_data(o, c, d, payload);
        }
        at += n;
    }
    wt_buffer_drop(held, at);
    if (held->n == 0)
        wt_buffer_free(held);
}

void wt_carrier_free(struct wt_carrier *k)
{
    if (!k)
        return;
    wt_buffer_free(&k->held[0]);
    wt_buffer_free(&k->held[1]);
    free(k);
}
