#include "observer/quic/google.h"

#include "observer/quic/connection.h"
#include "observer/quic/ledger.h"
#include "observer/quic/messages.h"
#include "observer/udp/connections.h"

/* The public header: flags, an id of 8 bytes, the version while the client negotiates; from Q044 on a long header whose
 * ids' lengths share a byte. */
enum {
    FLAG_VERSION = 0x01,
    FLAG_ID = 0x08,
    FLAGS_NONE = 0xc0,
    ID = 8,
    LEAST = 1 + ID + 4 + 1,
    Q050 = 0x51303530,
};

static uint32_t version_of(struct wt_span d)
{
    const bool is_long = d.n >= LEAST && d.p[0] & WT_QUIC_LONG;
    const uint32_t version = d.n < LEAST ? 0 : is_long ? wt_get32(d.p + 1) : wt_get32(d.p + 1 + ID);
    if (!is_long && d.n >= LEAST && ((d.p[0] & (FLAG_VERSION | FLAG_ID | FLAGS_NONE)) != (FLAG_VERSION | FLAG_ID)))
        return 0;
    return wt_quic_version_is_google(version) ? version : 0;
}

static struct wt_span find(struct wt_span d, const char *text)
{
    const size_t n = strlen(text);
    for (size_t at = 0; at + n <= d.n; at++)
        if (memcmp(d.p + at, text, n) == 0)
            return wt_span_cut(d, at, SIZE_MAX);
    return (struct wt_span){0};
}

/* A CHLO: its tag, how many entries follow, and for each its tag and where its value ends; then the values. */
static struct wt_span host_of(struct wt_span d)
{
    enum { HEAD = 8, ENTRY = 8 };
    static const uint8_t sni[4] = {'S', 'N', 'I', 0};
    const struct wt_span hello = find(d, "CHLO");
    const size_t count = hello.n >= HEAD ? wt_get16le(hello.p + 4) : 0;
    const size_t values = HEAD + count * ENTRY;
    size_t begin = 0;
    if (values > hello.n)
        return (struct wt_span){0};
    for (size_t i = 0; i < count; i++) {
        const uint8_t *entry = hello.p + HEAD + i * ENTRY;
        const size_t end = wt_get32le(entry + 4);
        if (end < begin || end > hello.n - values)
            return (struct wt_span){0};
        if (memcmp(entry, sni, sizeof sni) == 0)
            return wt_span_cut(hello, values + begin, end - begin);
        begin = end;
    }
    return (struct wt_span){0};
}

static void take_host(struct wt_quic *q, unsigned from, struct wt_span hello)
{
    const struct wt_span host = host_of(hello);
    if (from == WT_CLIENT && host.n && !q->c->tls->agreed.sni.n)
        q->c->tls->agreed.sni = wt_arena_copy(&q->c->tls->arena, host);
}

/* From Q050 on the header is that of RFC 8999. */
static void take_ids(struct wt_quic *q, struct wt_span d)
{
    struct wt_quic_header h;
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, d, NULL);
    if (!(d.p[0] & WT_QUIC_LONG)) {
        q->original.n = ID;
        memcpy(q->original.bytes, d.p + 1, ID);
    } else if (q->version >= Q050 && wt_quic_header_read(&r, 0, &h) && h.dcid.n <= WT_QUIC_CID_MOST &&
               h.scid.n <= WT_QUIC_CID_MOST) {
        q->original.n = (uint8_t)h.dcid.n;
        memcpy(q->original.bytes, h.dcid.p, h.dcid.n);
        q->client_scid.n = (uint8_t)h.scid.n;
        memcpy(q->client_scid.bytes, h.scid.p, h.scid.n);
    }
    q->has_client_scid = q->original.n != 0;
}

/* A hello is the client's. Other packets do not say: a Version Negotiation packet has the version flag as well, and
 * long headers are both sides'. */
static unsigned first_sender(const struct wt_datagram *d)
{
    return wt_udp_goes_to_server(d) || find(d->payload, "CHLO").n ? WT_CLIENT : WT_SERVER;
}

static struct wt_quic *begin(struct wt_observer *o, const struct wt_datagram *d, uint32_t version)
{
    const unsigned from = first_sender(d);
    struct wt_quic *q = wt_quic_connection_new(o, d, from);
    if (!q)
        return NULL;
    q->flags |= WT_QUIC_GOOGLE | WT_QUIC_ROLES;
    q->version = q->tried[0] = version;
    q->tried_count = 1;
    q->c->tls->client_known = true;
    if (from == WT_CLIENT)
        take_ids(q, d->payload);
    return q;
}

bool wt_quic_google_take(struct wt_observer *o, const struct wt_datagram *d)
{
    const struct wt_conversation *c = wt_udp_of(o, d);
    struct wt_quic *q = c && c->tls ? c->tls->quic : NULL;
    const uint32_t version = version_of(d->payload);
    unsigned from = WT_CLIENT;
    if (!(q && q->flags & WT_QUIC_GOOGLE) && (!version || !(q = begin(o, d, version))))
        return false;
    (void)wt_quic_paths_sender(q, d, &from);
    (void)wt_quic_paths_take(q, d, from, wt_quic_paths_place(q, d, from));
    q->side[from].datagrams++;
    q->side[from].bytes += d->payload.n + d->segment->missing;
    if (version >= Q050 && d->payload.p[0] & WT_QUIC_LONG)
        wt_quic_ledger_packet(q, from, wt_quic_long_packet(NULL, d->payload.p[0] >> 4 & 3));
    take_host(q, from, d->payload);
    wt_udp_seen(o, d, q->c);
    return true;
}

/* --- Q050, T050 and T051: packets of the drafts, with frames of Google's own ---------------------------------------
 */

bool wt_quic_google_has_frames(uint32_t version)
{
    return version >> 24 == 'T' || version == Q050;
}

/* An ACK of Google's: 01nmllmm says how long its numbers are (1, 2, 4 or 6 bytes) and whether there is more than one
 * block; then the largest, a delay, the blocks and their gaps, time stamps. */
static void skip_ack(struct wt_reader *r, uint8_t type)
{
    static const uint8_t lengths[4] = {1, 2, 4, 6};
    enum { RANGES = 0x20, DELAY = 2, STAMP_FIRST = 1 + 4, STAMP = 1 + 2 };
    const size_t largest = lengths[type >> 2 & 3], block = lengths[type & 3];
    (void)wt_read_bytes(r, "largest_acked", largest + DELAY);
    const size_t blocks = type & RANGES ? wt_read_u8(r, "num_blocks") : 0;
    (void)wt_read_bytes(r, "ack_blocks", block + blocks * (1 + block));
    const size_t stamps = wt_read_u8(r, "num_timestamps");
    if (stamps)
        (void)wt_read_bytes(r, "timestamps", STAMP_FIRST + (stamps - 1) * STAMP);
}

void wt_quic_google_frames(struct wt_quic *q, const struct wt_quic_sent *p)
{
    enum { PADDING = 0x00, PING = 0x07, CRYPTO = 0x08, ACK = 0x40, SPECIAL = 0xc0 };
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, p->payload, NULL);
    while (wt_reader_left(&r)) {
        const uint8_t type = wt_read_u8(&r, "type");
        if (type == PADDING || type == PING)
            continue;
        if ((type & SPECIAL) == ACK) {
            skip_ack(&r, type);
            continue;
        }
        if (type != CRYPTO)
            return;
        const uint64_t offset = wt_read_varint(&r, "offset", 0);
        const struct wt_span data = wt_read_varint_opaque(&r, "crypto_data", 0, SIZE_MAX, WT_TRAIL_BYTES);
        if (decode.lost)
            return;
        if (wt_quic_version_is_google(q->version))
            take_host(q, p->from, data);
        else
            wt_quic_messages_take(q, p, offset, data);
    }
}
