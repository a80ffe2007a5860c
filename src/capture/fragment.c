/* IP fragments in waiting.
 *
 * A datagram is kept by addresses, identification and (IPv4) protocol until every unit of eight bytes was seen. First
 * bytes win; what one receiver would have made of an overlap nobody can tell for IPv4, and RFC 8200 forbids it for
 * IPv6. Datagrams that are whole stay known for a second, so that a capture that has each packet twice does not begin
 * every datagram anew. */
#include "capture/fragment.h"

#include "base/memory.h"
#include "capture/walk.h"

#include <stdlib.h>

enum {
    LARGEST = 65535, /* bytes: what 16 bits of total or payload length can say */
    UNITS = (LARGEST + 7) / 8,
};

#define REMEMBER INT64_C(1000000000) /* nanoseconds that a whole datagram's pieces count as copies */

struct datagram {
    uint64_t hash; /* 0: the slot is free */
    uint8_t source[16], target[16];
    uint32_t id;
    uint32_t number; /* from 1, in the order in which they began */
    uint8_t version, protocol;
    bool whole;       /* handed on; only remembered */
    int64_t since;    /* when its first piece came, or it became whole */
    uint32_t total;   /* bytes; 0 until the last piece was seen */
    uint32_t units;   /* of eight bytes, seen */
    uint32_t highest; /* bytes: end of the piece that reaches farthest */
    uint32_t pieces;
    uint32_t room; /* bytes allocated */
    uint8_t *bytes;
    uint8_t seen[UNITS / 8 + 1]; /* a bit for each unit */
};

struct wt_fragments {
    struct datagram *slots[WT_LIMIT_FRAGMENT_DATAGRAMS];
    unsigned n;
    uint64_t held;                             /* bytes */
    uint64_t lost;                             /* pieces */
    uint8_t *done[WT_LIMIT_ENCAPSULATION + 1]; /* datagrams that the current packet made whole */
    unsigned done_n;
    uint32_t last_pieces; /* of the datagram made whole last, but for the piece that did */
    uint32_t numbers;                         /* given out */
    uint32_t touched[WT_LIMIT_ENCAPSULATION]; /* datagrams since they were last asked for */
    unsigned touched_n;
};

struct wt_fragments *wt_fragments_new(void)
{
    return wt_calloc(1, sizeof(struct wt_fragments));
}

uint32_t wt_fragments_pieces(const struct wt_fragments *f)
{
    return f->last_pieces;
}

bool wt_fragments_holds_whole(const struct wt_fragments *f)
{
    return f->done_n > 0;
}

void wt_fragments_release(struct wt_fragments *f)
{
    while (f->done_n > 0)
        free(f->done[--f->done_n]);
}

unsigned wt_fragments_touched(struct wt_fragments *f, uint32_t *numbers, unsigned most)
{
    unsigned n = f->touched_n < most ? f->touched_n : most;
    memcpy(numbers, f->touched, n * sizeof *numbers);
    f->touched_n = 0;
    return n;
}

static void drop(struct wt_fragments *f, unsigned slot)
{
    struct datagram *d = f->slots[slot];
    if (!d->whole)
        f->lost += d->pieces;
    f->held -= d->room;
    free(d->bytes);
    free(d);
    f->slots[slot] = f->slots[--f->n];
}

uint64_t wt_fragments_flush(struct wt_fragments *f)
{
    uint64_t lost;
    while (f->n > 0)
        drop(f, f->n - 1);
    lost = f->lost;
    f->lost = 0;
    return lost;
}

void wt_fragments_free(struct wt_fragments *f)
{
    if (!f)
        return;
    (void)wt_fragments_flush(f);
    wt_fragments_release(f);
    free(f);
}

static uint64_t hash_of(const struct wt_piece *piece)
{
    uint64_t h = 0xcbf29ce484222325u ^ piece->id;
    for (unsigned i = 0; i < 16; i++)
        h = ((h ^ piece->source[i]) * 0x100000001b3u ^ piece->target[i]) * 0x100000001b3u;
    return h | 1;
}

/* IPv4 knows a datagram by its protocol too (RFC 791, 3.2), IPv6 does not (RFC 8200, 4.5). */
static bool is_same(const struct datagram *d, const struct wt_piece *piece, uint64_t hash)
{
    return d->hash == hash && d->id == piece->id && d->version == piece->version &&
           (d->version == 6 || d->protocol == piece->protocol) && memcmp(d->source, piece->source, 16) == 0 &&
           memcmp(d->target, piece->target, 16) == 0;
}

static bool is_too_old(const struct datagram *d, int64_t now)
{
    /* Clocks of several interfaces need not agree; what lies ahead is not old. */
    return now > d->since &&
           (uint64_t)now - (uint64_t)d->since > (uint64_t)(d->whole ? REMEMBER : WT_LIMIT_FRAGMENT_AGE);
}

/* The datagram of the piece, or NULL; drops on the way what waited too long. */
static struct datagram *find(struct wt_fragments *f, const struct wt_piece *piece, uint64_t hash, unsigned *slot)
{
    for (unsigned i = 0; i < f->n;) {
        if (is_too_old(f->slots[i], piece->now)) {
            drop(f, i);
            continue;
        }
        if (is_same(f->slots[i], piece, hash)) {
            *slot = i;
            return f->slots[i];
        }
        i++;
    }
    return NULL;
}

/* Makes place: what is only remembered goes first, then what waits longest. */
static void evict(struct wt_fragments *f, const struct datagram *spare)
{
    unsigned worst = f->n;
    for (unsigned i = 0; i < f->n; i++) {
        const struct datagram *d = f->slots[i];
        if (d == spare)
            continue;
        if (worst == f->n || d->whole > f->slots[worst]->whole ||
            (d->whole == f->slots[worst]->whole && d->since < f->slots[worst]->since))
            worst = i;
    }
    if (worst < f->n)
        drop(f, worst);
}

static struct datagram *begin(struct wt_fragments *f, const struct wt_piece *piece, uint64_t hash, unsigned *slot)
{
    struct datagram *d = wt_calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->hash = hash;
    memcpy(d->source, piece->source, 16);
    memcpy(d->target, piece->target, 16);
    d->id = piece->id;
    d->version = piece->version;
    d->protocol = piece->protocol;
    d->since = piece->now;
    if (++f->numbers == 0)
        f->numbers = 1;
    d->number = f->numbers;
    *slot = f->n;
    f->slots[f->n++] = d;
    return d;
}

static bool has_unit(const struct datagram *d, uint32_t unit)
{
    return d->seen[unit / 8] >> unit % 8 & 1;
}

/* RFC 8200, 4.5: "If any of the fragments being reassembled overlap with any other fragments being reassembled for the
 * same packet, reassembly of that packet must be abandoned and all the fragments that have been received for that
 * packet must be discarded", except exact copies of a piece. */
static bool overlaps_badly(const struct datagram *d, const struct wt_piece *piece)
{
    uint32_t first = piece->offset / 8, end = (piece->offset + (uint32_t)piece->bytes.n + 7) / 8, seen = 0;
    if (d->version != 6 || !d->bytes)
        return false;
    for (uint32_t unit = first; unit < end; unit++)
        seen += has_unit(d, unit);
    if (seen == 0)
        return false;
    return seen != end - first || memcmp(d->bytes + piece->offset, piece->bytes.p, piece->bytes.n) != 0;
}

/* Copies the units not seen before. */
static bool store(struct wt_fragments *f, struct datagram *d, const struct wt_piece *piece)
{
    uint32_t end = piece->offset + (uint32_t)piece->bytes.n;
    if (end > d->room) {
        uint32_t room = end < 8192 ? 8192 : LARGEST;
        uint8_t *grown = wt_realloc(d->bytes, room);
        if (!grown)
            return false;
        f->held += room - d->room;
        d->bytes = grown;
        d->room = room;
    }
    for (uint32_t at = piece->offset; at < end; at += 8) {
        uint32_t unit = at / 8, n = end - at < 8 ? end - at : 8;
        if (has_unit(d, unit))
            continue;
        memcpy(d->bytes + at, piece->bytes.p + (at - piece->offset), n);
        d->seen[unit / 8] |= (uint8_t)(1u << unit % 8);
        d->units++;
    }
    if (end > d->highest)
        d->highest = end;
    return true;
}

static enum wt_packet_reason finish(struct wt_fragments *f, struct datagram *d, struct wt_span *whole,
                                    uint8_t *protocol)
{
    *whole = wt_span_of(d->bytes, d->total);
    *protocol = d->protocol;
    f->done[f->done_n++] = d->bytes;
    f->last_pieces = d->pieces - 1;
    f->held -= d->room;
    d->bytes = NULL;
    d->room = 0;
    d->whole = true;
    return WT_PACKET_TCP;
}

static enum wt_packet_reason check(const struct wt_piece *piece)
{
    if (piece->offset + piece->bytes.n > LARGEST)
        return WT_PACKET_MALFORMED;
    /* RFC 8200, 4.5: "If the length of a fragment ... is not a multiple of 8 octets and the M flag of that fragment is
     * 1, then that fragment must be discarded"; IPv4 gives no other meaning to such a piece either. */
    if (piece->more && piece->bytes.n % 8 != 0)
        return WT_PACKET_MALFORMED;
    return piece->bytes.n == 0 ? WT_PACKET_MALFORMED : WT_PACKET_TCP;
}

enum wt_packet_reason wt_fragments_add(struct wt_fragments *f, const struct wt_piece *piece, struct wt_span *whole,
                                       uint8_t *protocol)
{
    uint64_t hash = hash_of(piece);
    uint32_t end = piece->offset + (uint32_t)piece->bytes.n;
    enum wt_packet_reason held = WT_PACKET_FRAGMENT_HELD;
    struct datagram *d;
    unsigned slot = 0;
    if (check(piece) != WT_PACKET_TCP)
        return check(piece);
    d = find(f, piece, hash, &slot);
    if (d && d->whole)
        return WT_PACKET_FRAGMENT_HELD;
    if (!d && f->n == WT_LIMIT_FRAGMENT_DATAGRAMS) {
        uint64_t before = f->lost;
        evict(f, NULL);
        if (f->lost > before)
            held = WT_PACKET_FRAGMENT_LIMIT;
    }
    if (!d)
        d = begin(f, piece, hash, &slot);
    if (!d)
        return WT_PACKET_FRAGMENT_LIMIT;
    d->pieces++;
    if (f->touched_n < WT_LIMIT_ENCAPSULATION)
        f->touched[f->touched_n++] = d->number;
    /* An end that contradicts the one already told, or bytes behind it: the first one holds. */
    if (d->total > 0 && (end > d->total || (!piece->more && end != d->total)))
        return held;
    if (!piece->more && end < d->highest)
        return held;
    if (overlaps_badly(d, piece)) {
        drop(f, slot);
        return WT_PACKET_MALFORMED;
    }
    if (!store(f, d, piece))
        return WT_PACKET_FRAGMENT_LIMIT;
    if (piece->offset == 0)
        d->protocol = piece->protocol;
    if (!piece->more)
        d->total = end;
    if (d->total > 0 && d->units == (d->total + 7) / 8) {
        d->since = piece->now;
        return finish(f, d, whole, protocol);
    }
    while (f->held > WT_LIMIT_FRAGMENT_BYTES && f->n > 1) {
        evict(f, d);
        held = WT_PACKET_FRAGMENT_LIMIT;
    }
    return held;
}
