/* TCP conversations for bytes that have lost theirs, as two tidy hosts would have had them: nothing is lost, nothing
 * comes twice, each piece is acknowledged at once. */
#include "capture/rebuild.h"

#include "base/writer.h"
#include "capture/packet.h"
#include "wiretale/write.h"

enum {
    TCP = 6,
    HOPS = 64,
    WINDOW = 65535,
    OPTION_MSS = 2,
    TCP_HEADER = 20,
    MOST_HEADERS = 40 + TCP_HEADER + 4,
};

struct segment {
    const struct wt_rebuilt *r;
    unsigned from;
    uint8_t flags;
    struct wt_span payload;
};

static bool is_v4(const uint8_t ip[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(ip, mapped, sizeof mapped) == 0;
}

/* Adds bytes to a one's complement sum (RFC 1071) of big-endian 16-bit words. Where bytes are added in several pieces,
 * all but the last have an even length. */
static uint64_t sum(uint64_t before, struct wt_span bytes)
{
    size_t i = 0;
    for (; i + 4 <= bytes.n; i += 4) /* RFC 1071, 2 (C): wider words give the same sum once they are folded */
        before += wt_get32(bytes.p + i);
    for (; i + 2 <= bytes.n; i += 2)
        before += wt_get16(bytes.p + i);
    return i < bytes.n ? before + (uint64_t)bytes.p[i] * 256 : before;
}

static uint16_t folded(uint64_t value)
{
    while (value >> 16)
        value = (value & 0xffff) + (value >> 16);
    return (uint16_t)~value;
}

/* Puts a checksum where two zero bytes were written for it. */
static void put_checksum(struct wt_writer *w, size_t at, uint16_t checksum)
{
    struct wt_writer there = wt_writer_start(w->p + at, 2);
    wt_write_u16(&there, checksum);
}

/* RFC 9293, 3.1: over the addresses, protocol and length of a pseudo header, then the segment. */
static uint16_t tcp_checksum(const struct segment *s, struct wt_span header, bool v4)
{
    size_t skipped = v4 ? 12 : 0, length = header.n + s->payload.n;
    uint64_t total = TCP + length;
    total = sum(total, wt_span_of(s->r->ip[0] + skipped, 16 - skipped));
    total = sum(total, wt_span_of(s->r->ip[1] + skipped, 16 - skipped));
    return folded(sum(sum(total, header), s->payload));
}

static void put_ipv4(struct wt_writer *w, const struct segment *s, size_t length)
{
    size_t at = w->n;
    wt_write_u8(w, 0x45);
    wt_write_u8(w, 0);
    wt_write_u16(w, (uint16_t)(20 + length));
    /* RFC 6864, 4.1: "Originating sources MAY set the IPv4 ID field of atomic datagrams to any value" */
    wt_write_u16(w, 0);
    wt_write_u16(w, 0x4000); /* don't fragment */
    wt_write_u8(w, HOPS);
    wt_write_u8(w, TCP);
    wt_write_u16(w, 0);
    wt_write_bytes(w, wt_span_of(s->r->ip[s->from] + 12, 4));
    wt_write_bytes(w, wt_span_of(s->r->ip[!s->from] + 12, 4));
    put_checksum(w, at + 10, folded(sum(0, wt_span_of(w->p + at, 20))));
}

static void put_ipv6(struct wt_writer *w, const struct segment *s, size_t length)
{
    wt_write_u32(w, UINT32_C(6) << 28);
    wt_write_u16(w, (uint16_t)length);
    wt_write_u8(w, TCP);
    wt_write_u8(w, HOPS);
    wt_write_bytes(w, wt_span_of(s->r->ip[s->from], 16));
    wt_write_bytes(w, wt_span_of(s->r->ip[!s->from], 16));
}

static void put_tcp(struct wt_writer *w, const struct segment *s, size_t header)
{
    const struct wt_rebuilt *r = s->r;
    wt_write_u16(w, r->port[s->from]);
    wt_write_u16(w, r->port[!s->from]);
    wt_write_u32(w, r->next[s->from]);
    wt_write_u32(w, s->flags & WT_TCP_ACK ? r->next[!s->from] : 0);
    wt_write_u8(w, (uint8_t)(header / 4 << 4));
    wt_write_u8(w, s->flags);
    wt_write_u16(w, WINDOW);
    wt_write_u16(w, 0); /* checksum */
    wt_write_u16(w, 0); /* urgent pointer */
    if (header > TCP_HEADER) {
        wt_write_u8(w, OPTION_MSS);
        wt_write_u8(w, 4);
        wt_write_u16(w, WT_REBUILD_MSS);
    }
}

/* Writes one segment, and moves its sender on. */
static bool send(struct wt_capture_writer *out, struct wt_rebuilt *r, unsigned from, uint8_t flags, struct wt_time time,
                 struct wt_span payload)
{
    uint8_t room[MOST_HEADERS + WT_REBUILD_MSS];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    struct segment s = {r, from, flags, payload};
    /* an end that is no IPv4 address makes the whole conversation IPv6 */
    bool v4 = is_v4(r->ip[0]) && is_v4(r->ip[1]);
    size_t header = flags & WT_TCP_SYN ? TCP_HEADER + 4 : TCP_HEADER, at;
    struct wt_packet packet = {.link = WT_REBUILD_LINK, .time = time, .data = room};
    if (v4)
        put_ipv4(&w, &s, header + payload.n);
    else
        put_ipv6(&w, &s, header + payload.n);
    at = w.n;
    put_tcp(&w, &s, header);
    put_checksum(&w, at + 16, tcp_checksum(&s, wt_span_of(room + at, header), v4));
    wt_write_bytes(&w, payload);
    packet.length = packet.original = (uint32_t)w.n;
    r->next[from] += (uint32_t)payload.n + (flags & (WT_TCP_SYN | WT_TCP_FIN) ? 1 : 0);
    return wt_capture_write_packet(out, &packet);
}

static bool send_bare(struct wt_capture_writer *out, struct wt_rebuilt *r, unsigned from, uint8_t flags,
                      struct wt_time time)
{
    return send(out, r, from, flags, time, (struct wt_span){0});
}

bool wt_rebuild_open(struct wt_capture_writer *out, struct wt_rebuilt *r, struct wt_time time)
{
    if (r->open)
        return true;
    r->open = true;
    return send_bare(out, r, 0, WT_TCP_SYN, time) && send_bare(out, r, 1, WT_TCP_SYN | WT_TCP_ACK, time) &&
           send_bare(out, r, 0, WT_TCP_ACK, time);
}

bool wt_rebuild_data(struct wt_capture_writer *out, struct wt_rebuilt *r, unsigned from, struct wt_time time,
                     struct wt_span bytes)
{
    from = from != 0;
    if (!wt_rebuild_open(out, r, time))
        return false;
    /* More than a window would have had to wait for its acknowledgment. */
    while (bytes.n > 0) {
        size_t sent = 0;
        while (bytes.n > 0 && sent + WT_REBUILD_MSS <= WINDOW) {
            struct wt_span piece = wt_span_cut(bytes, 0, WT_REBUILD_MSS);
            bool last = piece.n == bytes.n;
            if (!send(out, r, from, WT_TCP_ACK | (last ? WT_TCP_PSH : 0), time, piece))
                return false;
            bytes = wt_span_cut(bytes, piece.n, bytes.n);
            sent += piece.n;
        }
        if (!send_bare(out, r, !from, WT_TCP_ACK, time))
            return false;
    }
    return true;
}

bool wt_rebuild_close(struct wt_capture_writer *out, struct wt_rebuilt *r, unsigned first, struct wt_time time)
{
    if (!r->open)
        return true;
    r->open = false;
    first = first != 0;
    return send_bare(out, r, first, WT_TCP_FIN | WT_TCP_ACK, time) &&
           send_bare(out, r, !first, WT_TCP_FIN | WT_TCP_ACK, time) && send_bare(out, r, first, WT_TCP_ACK, time);
}
