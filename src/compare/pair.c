/* One pair: the two sides are laid over each other, and each part of the comparison says what it finds. */
#include "base/i18n.h"
#include "compare/compare.h"
#include "registry/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

const char *wt_pair_side_name(unsigned side)
{
    return side == WT_CLIENT ? _("client") : _("server");
}

/* Never NULL: when there is no room it goes to one that is not told. */
struct wt_compare_difference *wt_pair_say(struct wt_pair *p, const char *id, unsigned from, const char *format, ...)
{
    static _Thread_local struct wt_compare_difference none;
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); // NOLINT(clang-analyzer-valist.*): started above
    va_end(args);
    if (p->count == p->capacity) {
        size_t more = p->capacity ? 2 * p->capacity : 16;
        struct wt_compare_difference *room =
            more <= WT_LIMIT_COMPARE_DIFFERENCES ? realloc(p->list, more * sizeof *room) : NULL;
        if (!room) {
            p->out->cut = true;
            return &none;
        }
        p->list = room;
        p->capacity = more;
    }
    const char *kept = (const char *)wt_arena_copy(&p->arena, wt_span_text(text)).p;
    struct wt_compare_difference *d = &p->list[p->count++];
    *d = (struct wt_compare_difference){.id = id, .text = kept ? kept : "", .from = (uint8_t)from};
    return d;
}

/* --- laying them over each other ---------------------------------------------------------------------------------- */

/* The sequence number of byte 0. Without its SYN a stream has the other capture's, when the numbers are of one kind. */
static void align_side(struct wt_pair *p, unsigned side)
{
    const struct wt_seen_stream *s[2] = {wt_pair_stream(p, 0, side), wt_pair_stream(p, 1, side)};
    uint32_t *const origin[2] = {&p->origin[0][side], &p->origin[1][side]};
    for (unsigned k = 0; k < 2; k++)
        *origin[k] = s[k]->reference;
    p->aligned[side] = s[0]->started && s[1]->started;
    if (!p->aligned[side] || (s[0]->syn && s[1]->syn))
        return;
    int32_t apart = (int32_t)(s[1]->reference - s[0]->reference);
    if (apart > -(1 << 28) && apart < 1 << 28) {
        bool second = s[0]->syn ? false : s[1]->syn || apart < 0; /* the one that begins earlier */
        *origin[0] = *origin[1] = s[second]->reference;
    } else {
        p->aligned[side] = false;
    }
}

/* A story that lacks the handshake cannot tell who the client is: the other one may. */
static void agree_on_client(struct wt_pair *p)
{
    struct wt_conversation_seen *a = p->seen[0], *b = p->seen[1];
    for (unsigned turn = 0; turn < 2; turn++) {
        struct wt_conversation_seen *from = turn ? b : a, *to = turn ? a : b;
        if (from->client_known && !to->client_known) {
            const struct wt_address *client = &from->end[from->client];
            to->client = (uint8_t)(client->port == to->end[1].port && client->port != to->end[0].port);
        }
    }
}

void wt_pair_align(struct wt_pair *p)
{
    agree_on_client(p);
    align_side(p, WT_CLIENT);
    align_side(p, WT_SERVER);
}

/* --- what the two saw --------------------------------------------------------------------------------------------- */

/* The usual one of what a side sent. */
static uint8_t ttl_of(const struct wt_conversation_seen *v, unsigned end)
{
    uint32_t count[256] = {0};
    unsigned most = 0;
    for (uint32_t i = 0; i < v->count; i++)
        if (v->segments[i].end == end && !(v->segments[i].flags & WT_TCP_RST))
            count[v->segments[i].ttl]++;
    for (unsigned i = 1; i < 256; i++)
        if (count[i] > count[most])
            most = i;
    return (uint8_t)most;
}

static uint64_t bytes_of(const struct wt_seen_stream *s)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->range_count; i++)
        n += s->ranges[i].to - s->ranges[i].from;
    return n;
}

static void fill(struct wt_compare_seen *out, const struct wt_conversation_seen *v)
{
    *out = (struct wt_compare_seen){.present = true,
                                    .tls = v->tls != NULL,
                                    .stream = v->tls ? v->tls->stream : 0,
                                    .client = v->end[v->client],
                                    .server = v->end[1 - v->client],
                                    .first_frame = v->first_frame,
                                    .last_frame = v->last_frame,
                                    .segments = v->count,
                                    .round_trip = -1};
    for (unsigned side = 0; side < 2; side++) {
        unsigned end = side == WT_CLIENT ? v->client : 1u - v->client;
        out->bytes[side] = bytes_of(&v->stream[end]);
        out->ttl[side] = ttl_of(v, end);
        out->mss[side] = v->stream[end].mss;
    }
}

static void addresses(struct wt_pair *p)
{
    char ip[2][46];
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_address *a = side == WT_CLIENT ? &p->out->seen[0].client : &p->out->seen[0].server;
        const struct wt_address *b = side == WT_CLIENT ? &p->out->seen[1].client : &p->out->seen[1].server;
        if (a->port == b->port && memcmp(a->ip, b->ip, 16) == 0)
            continue;
        (void)wt_pair_say(p, "address-translated", side,
                          _("The %s is %s port %u at A and %s port %u at B: its address is translated between them."),
                          wt_pair_side_name(side), wt_address_format(a, ip[0]), a->port, wt_address_format(b, ip[1]),
                          b->port);
    }
}

static void syn_options(struct wt_pair *p)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_seen_stream *a = wt_pair_stream(p, 0, side), *b = wt_pair_stream(p, 1, side);
        if (!a->syn || !b->syn)
            continue;
        if (a->reference != b->reference)
            (void)wt_pair_say(p, "sequence-rewritten", side,
                              _("The %s's sequence numbers begin with %" PRIu32 " at A and %" PRIu32
                                " at B: something between rewrites them."),
                              wt_pair_side_name(side), a->reference - 1, b->reference - 1);
        if (a->mss != b->mss)
            (void)wt_pair_say(p, "mss-changed", side,
                              _("The %s's SYN announces a segment size (MSS) of %u at A and %u at B: something between "
                                "changes it."),
                              wt_pair_side_name(side), a->mss, b->mss);
        else if (!wt_span_equal(a->options, b->options))
            (void)wt_pair_say(p, "syn-options-changed", side,
                              _("The TCP options of the %s's SYN are not the same: %zu bytes at A, %zu at B. Something "
                                "between changes window scaling, timestamps or selective acknowledgments."),
                              wt_pair_side_name(side), a->options.n, b->options.n);
    }
}

static void compare(struct wt_pair *p)
{
    wt_pair_align(p);
    fill(&p->out->seen[0], p->seen[0]);
    fill(&p->out->seen[1], p->seen[1]);
    wt_pair_match(p);
    wt_pair_times(p);
    addresses(p);
    syn_options(p);
    wt_pair_messages(p);
    wt_pair_streams(p);
    wt_pair_segments(p);
}

static void lonely(struct wt_pair *p, unsigned capture)
{
    fill(&p->out->seen[capture], p->seen[capture]);
    (void)wt_pair_say(p, "connection-missing", 2,
                      capture ? _("This connection is in B alone: neither its randoms, nor its sequence numbers, nor "
                                  "its addresses are found in A.")
                              : _("This connection is in A alone: neither its randoms, nor its sequence numbers, nor "
                                  "its addresses are found in B."));
}

static void tell(struct wt_compare *c, struct wt_conversation_seen *a, struct wt_conversation_seen *b,
                 void (*told)(void *, const struct wt_compared *), void *context)
{
    struct wt_compared out = {.between = -1, .near = WT_COMPARE_NEAR_UNKNOWN};
    struct wt_pair p = {.compare = c, .seen = {a, b}, .near = WT_COMPARE_NEAR_UNKNOWN, .out = &out};
    const struct wt_seen_tls *tls = a && a->tls ? a->tls : b ? b->tls : NULL;
    if (tls)
        out.sni = tls->sni;
    if (a && b) {
        out.match = a->match;
        out.cut = a->cut || b->cut;
        compare(&p);
        out.near = p.near;
        out.has_clock = p.has_clock;
        out.clock = p.clock;
    } else {
        lonely(&p, a ? 0 : 1);
    }
    out.differences = p.list;
    out.difference_count = p.count;
    told(context, &out);
    free(p.list);
    wt_arena_free(&p.arena);
}

void wt_compare_finish(struct wt_compare *c, void (*told)(void *context, const struct wt_compared *compared),
                       void *context)
{
    wt_observer_finish(c->capture[0].observer);
    wt_observer_finish(c->capture[1].observer);
    wt_compare_match_all(c);
    for (uint32_t i = 0; i < c->capture[0].count; i++) {
        struct wt_conversation_seen *a = c->capture[0].list[i];
        if (a->tls || a->mate)
            tell(c, a, a->mate, told, context);
    }
    for (uint32_t i = 0; i < c->capture[1].count; i++) {
        struct wt_conversation_seen *b = c->capture[1].list[i];
        if (b->tls && !b->mate)
            tell(c, NULL, b, told, context);
    }
}
