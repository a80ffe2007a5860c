/* TCP reassembly against an oracle. The stream's byte at offset i is a function of i, so whatever is handed on must
 * be in its place; bytes and gaps together must give the position; nothing may be held at the end; and without
 * lies about the content no conflict may be reported. Each step of the input is eight bytes: an operation, an offset,
 * a length, flags. */
#include "capture/packet.h"
#include "capture/tcp.h"
#include "registry/limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct oracle {
    struct wt_tcp_direction *d;
    uint32_t first; /* sequence number of offset 0 */
    uint32_t next;  /* sequence number that must come next */
    bool known, lied, ended;
};

/* The stream from offset on, WT_LIMIT_PACKET bytes of it, which are computed once: loops over bytes are slow under
 * sanitizers. The period divides 2^32, as sequence numbers wrap around. */
static const uint8_t *stream_at(uint32_t offset)
{
    enum { PERIOD = 1 << 18 };
    static uint8_t stream[PERIOD + WT_LIMIT_PACKET];
    static bool filled;
    if (!filled)
        for (uint32_t i = 0; i < sizeof stream; i++)
            stream[i] = (uint8_t)(i % PERIOD * 2654435761u >> 24);
    filled = true;
    return stream + offset % PERIOD;
}

static void follow(struct oracle *o)
{
    if (o->ended)
        abort();
    if (o->known && o->next != o->d->next)
        abort();
    o->known = true;
    o->next = o->d->next;
}

static void on_data(void *context, unsigned direction, struct wt_span bytes)
{
    struct oracle *o = context;
    (void)direction;
    follow(o);
    if (bytes.n == 0 || bytes.n > WT_LIMIT_PACKET)
        abort();
    if (!o->lied && memcmp(bytes.p, stream_at(o->next - o->first), bytes.n) != 0)
        abort();
    o->next += (uint32_t)bytes.n;
}

static void on_gap(void *context, unsigned direction, uint64_t n)
{
    struct oracle *o = context;
    (void)direction;
    follow(o);
    if (n == 0 || n > 2ull * WT_LIMIT_TCP_WINDOW)
        abort();
    o->next += (uint32_t)n;
}

static void on_end(void *context, unsigned direction)
{
    struct oracle *o = context;
    (void)direction;
    if (o->ended || (o->known && o->next != o->d->next))
        abort();
    o->ended = true;
}

static void on_conflict(void *context, unsigned direction)
{
    struct oracle *o = context;
    (void)direction;
    if (!o->lied)
        abort();
}

static uint8_t *bytes_at(uint32_t offset, uint32_t n, bool lie)
{
    uint8_t *bytes = malloc(n + 1);
    if (bytes)
        memcpy(bytes, stream_at(offset), n);
    if (bytes && lie && n > 0)
        bytes[n / 2] ^= 0xff;
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_tcp_direction d = {0};
    struct wt_tcp_totals totals = {0};
    struct oracle o = {.d = &d};
    struct wt_tcp_sink sink = {on_data, on_gap, on_end, on_conflict, &o};
    if (size < 4)
        return 0;
    o.first = wt_get32(data);
    for (data += 4, size -= 4; size >= 8; data += 8, size -= 8) {
        unsigned operation = data[0] & 15;
        uint32_t offset = operation == 15 ? wt_get32(data + 1) : wt_get24(data + 1) & 0x3ffff, n = wt_get16(data + 5);
        n = operation == 11 ? n : n & 0x3ff; /* seldom large: what counts is how segments meet */
        if (operation == 0) {
            wt_tcp_acknowledge(&d, 0, o.first + offset, &totals, &sink);
        } else if (operation == 1 && data[7] == 0x5a) {
            wt_tcp_flush(&d, 0, &totals, &sink);
            if (d.pending || totals.pending_bytes != 0)
                abort();
        } else {
            bool lie = operation == 14 && (data[0] & 0xf0) == 0xf0;
            uint8_t flags = operation == 13 ? data[7] : (uint8_t)(data[7] & (WT_TCP_ACK | WT_TCP_PSH));
            uint32_t missing = operation == 12 ? n : 0, start = o.first + offset;
            uint8_t *bytes = bytes_at(flags & WT_TCP_SYN ? offset + 1 : offset, n, lie);
            if (!bytes)
                break;
            o.lied |= lie;
            if (!o.known)
                o.next = 0;
            if (d.started && !o.ended && d.next == d.base + 1)
                o.known = false; /* nothing was used yet: the start may still move */
            wt_tcp_segment(&d, 0, start, flags, wt_span_of(bytes, n), missing, &totals, &sink);
            free(bytes);
        }
        if (totals.pending_bytes > WT_LIMIT_TCP_PENDING + 2 * WT_LIMIT_PACKET || (!d.pending && totals.pending_bytes))
            abort();
    }
    wt_tcp_flush(&d, 0, &totals, &sink);
    /* a FIN farther away than any window is believed only when it was acknowledged */
    bool near = (int32_t)(d.fin_seq - d.next) <= (int32_t)WT_LIMIT_TCP_UNSEEN;
    if (d.pending || totals.pending_bytes != 0 || (d.fin && d.started && !d.ended && near))
        abort();
    return 0;
}
