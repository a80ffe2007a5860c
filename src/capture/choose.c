/* Which packets of a capture belong to chosen conversations.
 *
 * A conversation is known by its two ends and by the packets between which it lies: a port that is used again begins
 * where the conversation before it has ended. Rows stand in a table of chains by a hash that is the same for both
 * directions. */
#include "base/memory.h"
#include "capture/fragment.h"
#include "capture/packet.h"
#include "registry/limits.h"
#include "wiretale/write.h"

#include <stdlib.h>

#define NONE UINT32_MAX /* the end of a chain */

struct end {
    uint8_t ip[16];
    uint16_t port;
};

struct row {
    struct end ends[2];
    uint32_t first, last; /* packets */
    uint32_t next;        /* of its chain */
    bool udp;
};

/* An address, in its own chains. */
struct address {
    uint8_t ip[16];
    uint32_t next;
};

/* A packet with a piece of a datagram that is not whole yet. */
struct piece {
    uint32_t frame;
    uint32_t datagram; /* 0: the place is free */
};

struct wt_choice {
    struct wt_fragments *fragments;
    struct row *rows;
    struct address *addresses;
    uint32_t *row_heads, *address_heads; /* `mask` + 1 each */
    uint32_t n, room, mask;              /* rows; there are up to twice as many addresses */
    uint32_t address_count;
    uint8_t *bits; /* by frame */
    size_t bytes;  /* of them */
    struct piece pieces[WT_LIMIT_CHOICE_PIECES];
    unsigned piece_at; /* the oldest */
    uint64_t lost;     /* pieces of chosen datagrams that had made room for newer ones */
};

struct wt_choice *wt_choice_new(void)
{
    struct wt_choice *c = wt_calloc(1, sizeof *c);
    if (c)
        c->fragments = wt_fragments_new();
    if (c && !c->fragments) {
        free(c);
        c = NULL;
    }
    return c;
}

void wt_choice_free(struct wt_choice *c)
{
    if (!c)
        return;
    wt_fragments_free(c->fragments);
    free(c->rows);
    free(c->addresses);
    free(c->row_heads);
    free(c->address_heads);
    free(c->bits);
    free(c);
}

/* ---- the table. Its rows come from the capture's own connections: who chooses collisions slows down nobody's reading
 * but that of a capture of his own making, and the observer before us has its own, keyed table. */

static uint32_t mix(uint64_t v)
{
    v *= 0x9e3779b97f4a7c15u;
    v ^= v >> 32;
    return (uint32_t)(v * 0x9e3779b1u);
}

static uint32_t hash_address(const uint8_t ip[16])
{
    uint64_t a, b;
    memcpy(&a, ip, 8);
    memcpy(&b, ip + 8, 8);
    return mix(a ^ (b << 1 | b >> 63));
}

static uint32_t hash_ends(const struct end *a, const struct end *b)
{
    /* a sum: the same for both directions */
    return mix((uint64_t)hash_address(a->ip) + a->port * 0x10001u + hash_address(b->ip) + b->port * 0x10001u);
}

static bool same_end(const struct end *a, const struct end *b)
{
    return a->port == b->port && memcmp(a->ip, b->ip, 16) == 0;
}

static void link_row(struct wt_choice *c, uint32_t i)
{
    uint32_t *head = &c->row_heads[hash_ends(&c->rows[i].ends[0], &c->rows[i].ends[1]) & c->mask];
    c->rows[i].next = *head;
    *head = i;
}

static void link_address(struct wt_choice *c, uint32_t i)
{
    uint32_t *head = &c->address_heads[hash_address(c->addresses[i].ip) & c->mask];
    c->addresses[i].next = *head;
    *head = i;
}

static bool grow(struct wt_choice *c)
{
    uint32_t room = c->room ? 2 * c->room : 64;
    struct row *rows = wt_reallocarray(c->rows, room, sizeof *rows);
    if (rows)
        c->rows = rows;
    struct address *addresses = wt_reallocarray(c->addresses, 2 * (size_t)room, sizeof *addresses);
    if (addresses)
        c->addresses = addresses;
    uint32_t *row_heads = wt_reallocarray(c->row_heads, room, sizeof *row_heads);
    if (row_heads)
        c->row_heads = row_heads;
    uint32_t *address_heads = wt_reallocarray(c->address_heads, room, sizeof *address_heads);
    if (address_heads)
        c->address_heads = address_heads;
    if (!rows || !addresses || !row_heads || !address_heads)
        return false;
    c->room = room;
    c->mask = room - 1;
    for (uint32_t i = 0; i < room; i++)
        c->row_heads[i] = c->address_heads[i] = NONE;
    for (uint32_t i = 0; i < c->n; i++)
        link_row(c, i);
    for (uint32_t i = 0; i < c->address_count; i++)
        link_address(c, i);
    return true;
}

static bool knows_address(const struct wt_choice *c, const uint8_t ip[16])
{
    if (c->n == 0)
        return false;
    for (uint32_t i = c->address_heads[hash_address(ip) & c->mask]; i != NONE; i = c->addresses[i].next)
        if (memcmp(c->addresses[i].ip, ip, 16) == 0)
            return true;
    return false;
}

static void add_address(struct wt_choice *c, const uint8_t ip[16])
{
    if (c->address_count > 0 && knows_address(c, ip))
        return;
    memcpy(c->addresses[c->address_count].ip, ip, 16);
    link_address(c, c->address_count++);
}

static bool add_row(struct wt_choice *c, bool udp, const uint8_t ip_a[16], uint16_t port_a, const uint8_t ip_b[16],
                    uint16_t port_b, uint32_t first_frame, uint32_t last_frame)
{
    struct row *row;
    if (c->n == c->room && (c->room > UINT32_MAX / 4 || !grow(c)))
        return false;
    row = &c->rows[c->n];
    memcpy(row->ends[0].ip, ip_a, 16);
    memcpy(row->ends[1].ip, ip_b, 16);
    row->ends[0].port = port_a;
    row->ends[1].port = port_b;
    row->first = first_frame;
    row->last = last_frame;
    row->udp = udp;
    link_row(c, c->n++);
    add_address(c, ip_a);
    add_address(c, ip_b);
    return true;
}

bool wt_choice_add(struct wt_choice *c, const uint8_t ip_a[16], uint16_t port_a, const uint8_t ip_b[16],
                   uint16_t port_b, uint32_t first_frame, uint32_t last_frame)
{
    return add_row(c, false, ip_a, port_a, ip_b, port_b, first_frame, last_frame);
}

bool wt_choice_add_udp(struct wt_choice *c, const uint8_t ip_a[16], uint16_t port_a, const uint8_t ip_b[16],
                       uint16_t port_b, uint32_t first_frame, uint32_t last_frame)
{
    return add_row(c, true, ip_a, port_a, ip_b, port_b, first_frame, last_frame);
}

bool wt_choice_has_address(const struct wt_choice *c, struct wt_span address)
{
    uint8_t ip[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address.n == 4)
        memcpy(ip + 12, address.p, 4);
    else if (address.n == 16)
        memcpy(ip, address.p, 16);
    else
        return false;
    return knows_address(c, ip);
}

static bool is_chosen(const struct wt_choice *c, const struct wt_segment *s, bool udp, uint32_t frame)
{
    struct end a = {.port = s->source_port}, b = {.port = s->target_port};
    if (c->n == 0)
        return false;
    memcpy(a.ip, s->source, 16);
    memcpy(b.ip, s->target, 16);
    for (uint32_t i = c->row_heads[hash_ends(&a, &b) & c->mask]; i != NONE; i = c->rows[i].next) {
        const struct row *r = &c->rows[i];
        if (r->udp == udp && frame >= r->first && frame <= r->last &&
            ((same_end(&r->ends[0], &a) && same_end(&r->ends[1], &b)) ||
             (same_end(&r->ends[0], &b) && same_end(&r->ends[1], &a))))
            return true;
    }
    return false;
}

/* ---- packets */

static bool mark(struct wt_choice *c, uint32_t frame)
{
    size_t at = frame / 8;
    if (at >= c->bytes) {
        size_t bytes = at + 1 > 2 * c->bytes ? at + 1 + 4096 : 2 * c->bytes;
        uint8_t *grown = wt_realloc(c->bits, bytes);
        if (!grown)
            return false;
        memset(grown + c->bytes, 0, bytes - c->bytes);
        c->bits = grown;
        c->bytes = bytes;
    }
    c->bits[at] |= (uint8_t)(1u << frame % 8);
    return true;
}

bool wt_choice_has(const struct wt_choice *c, uint32_t frame)
{
    return frame / 8 < c->bytes && c->bits[frame / 8] >> frame % 8 & 1;
}

/* The packet at `frame` held a piece of each of these datagrams, each inside the one before. Remembers it for the last
 * of them, and moves what was remembered of the others there: it became whole only to be a piece again. */
static void remember(struct wt_choice *c, const uint32_t *datagrams, unsigned n, uint32_t frame)
{
    for (unsigned i = 0; i + 1 < n; i++)
        for (unsigned k = 0; k < WT_LIMIT_CHOICE_PIECES; k++)
            if (c->pieces[k].datagram == datagrams[i])
                c->pieces[k].datagram = datagrams[n - 1];
    c->pieces[c->piece_at] = (struct piece){frame, datagrams[n - 1]};
    c->piece_at = (c->piece_at + 1) % WT_LIMIT_CHOICE_PIECES;
}

/* The datagrams became whole with this packet: the packets of their other pieces, `pieces` in all, share its fate. */
static bool settle(struct wt_choice *c, const uint32_t *datagrams, unsigned n, bool chosen, uint32_t pieces)
{
    uint32_t found = 0;
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < WT_LIMIT_CHOICE_PIECES; k++) {
            if (c->pieces[k].datagram != datagrams[i])
                continue;
            c->pieces[k].datagram = 0;
            found++;
            if (chosen && !mark(c, c->pieces[k].frame))
                return false;
        }
    }
    if (chosen && pieces > found)
        c->lost += pieces - found;
    return true;
}

bool wt_choice_look(struct wt_choice *c, const struct wt_packet *packet)
{
    uint32_t datagrams[WT_LIMIT_ENCAPSULATION];
    struct wt_segment s;
    enum wt_packet_reason reason = wt_packet_decode(c->fragments, packet, &s);
    bool held = reason == WT_PACKET_FRAGMENT_HELD || reason == WT_PACKET_FRAGMENT_LIMIT, chosen = false;
    uint32_t pieces = 0;
    for (;; reason = wt_packet_next(c->fragments, packet, &s)) {
        pieces += s.joined;
        const bool udp = reason == WT_PACKET_UDP || reason == WT_PACKET_QUOTED_UDP;
        const bool found = udp || reason == WT_PACKET_TCP || reason == WT_PACKET_QUOTED;
        chosen = (found && is_chosen(c, &s, udp, packet->frame)) || chosen;
        if (!(s.notes & WT_NOTE_MORE))
            break;
    }
    unsigned n = wt_fragments_touched(c->fragments, datagrams, WT_LIMIT_ENCAPSULATION);
    if (n > 0 && held)
        remember(c, datagrams, n, packet->frame);
    else if (n > 0 && !settle(c, datagrams, n, chosen, pieces))
        return false;
    return !chosen || mark(c, packet->frame);
}

uint64_t wt_choice_lost(const struct wt_choice *c)
{
    return c->lost;
}
