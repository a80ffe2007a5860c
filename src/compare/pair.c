/* One pair: each part of the comparison says what it finds. */
#include "compare/pair.h"

#include "base/array.h"
#include "base/i18n.h"
#include "compare/compare.h"
#include "compare/match.h"
#include "registry/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

const char *wt_pair_side_name(unsigned side)
{
    return side == WT_CLIENT ? _("client") : _("server");
}

static const struct kind {
    const char *id;
    uint8_t severity;
    bool directed;
} kinds[] = {
#define DIFFERENCE(ident, id, severity, directed) {id, severity, directed},
#include "compare/differences.def"
#undef DIFFERENCE
};

/* Never NULL: when there is no room it goes to one that is not reported. */
struct wt_compare_difference *wt_pair_say(struct wt_pair *p, enum wt_difference what, unsigned from, const char *format,
                                          ...)
{
    static _Thread_local struct wt_compare_difference none;
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); // NOLINT(clang-analyzer-valist.*): started above
    va_end(args);
    if (!wt_array_grow_within(&p->list, p->count, &p->capacity, sizeof *p->list, 16, WT_LIMIT_COMPARE_DIFFERENCES)) {
        p->out->cut = true;
        return &none;
    }
    const char *kept = (const char *)wt_arena_copy(&p->arena, wt_span_text(text)).p;
    struct wt_compare_difference *d = &p->list[p->count++];
    *d = (struct wt_compare_difference){.id = kinds[what].id,
                                        .text = kept ? kept : "",
                                        .kind = (uint8_t)what,
                                        .severity = kinds[what].severity,
                                        .number = (uint16_t)p->count,
                                        .from = (uint8_t)from};
    return d;
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
    for (uint32_t i = 0; i < s->passed.count; i++)
        n += s->passed.list[i].to - s->passed.list[i].from;
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
        (void)wt_pair_say(
            p, WT_DIFFERENCE_ADDRESS_TRANSLATED, side,
            _("The %s is %s port %u in A and %s port %u in B: its address is translated between A and B (NAT)."),
            wt_pair_side_name(side), wt_address_format(a, ip[0]), a->port, wt_address_format(b, ip[1]), b->port);
    }
}

/* The options of a SYN, without the MSS, which firewalls lower. */
static void put_others(struct wt_buffer *to, struct wt_span o)
{
    to->n = 0;
    for (size_t i = 0; i < o.n;) {
        size_t n = o.p[i] < 2 ? 1 : i + 1 < o.n && o.p[i + 1] >= 2 ? o.p[i + 1] : o.n - i;
        struct wt_span one = wt_span_cut(o, i, n);
        if (o.p[i] != 2)
            (void)wt_buffer_add(to, one.p, one.n);
        i += n;
    }
}

/* A relay has a TCP connection of its own to each side: both directions have other numbers, and the SYNs have other
 * options (timestamps at the least). A firewall that only hides the numbers leaves the options. */
static bool is_relayed(const struct wt_pair *p)
{
    struct wt_buffer options[2] = {{0}};
    bool others = false;
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_seen_stream *a = wt_pair_stream(p, 0, side), *b = wt_pair_stream(p, 1, side);
        if (!a->syn || !b->syn || a->reference == b->reference || !a->options.p || !b->options.p) {
            others = false;
            break;
        }
        put_others(&options[0], a->options);
        put_others(&options[1], b->options);
        others = others || !wt_span_equal(wt_buffer_span(&options[0]), wt_buffer_span(&options[1]));
    }
    wt_buffer_free(&options[0]);
    wt_buffer_free(&options[1]);
    return others;
}

static void relay(struct wt_pair *p)
{
    const struct wt_compare_seen *a = &p->out->seen[0], *b = &p->out->seen[1];
    char ip[4][46];
    (void)wt_pair_say(
        p, WT_DIFFERENCE_TCP_ENDED_BETWEEN, 2,
        _("A middlebox terminates TCP and opens its own TCP connection to the other side, as a relay or a load "
          "balancer with TLS passthrough does: %s port %u to %s port %u in A, %s port %u to %s port %u in B. Sequence "
          "numbers, TCP options, segmentation and retransmissions are independent; only the TLS data is compared."),
        wt_address_format(&a->client, ip[0]), a->client.port, wt_address_format(&a->server, ip[1]), a->server.port,
        wt_address_format(&b->client, ip[2]), b->client.port, wt_address_format(&b->server, ip[3]), b->server.port);
}

static void syn_options(struct wt_pair *p)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_seen_stream *a = wt_pair_stream(p, 0, side), *b = wt_pair_stream(p, 1, side);
        if (p->aligned[side] && p->origin[0][side] != p->origin[1][side] && !p->two)
            (void)wt_pair_say(p, WT_DIFFERENCE_SEQUENCE_REWRITTEN, side,
                              _("The %s's sequence numbers differ: its first byte has %" PRIu32 " in A and %" PRIu32
                                " in B. A middlebox rewrites them (a firewall that randomises initial sequence "
                                "numbers, or a relay with its own TCP connection)."),
                              wt_pair_side_name(side), p->origin[0][side], p->origin[1][side]);
        if (!a->syn || !b->syn)
            continue;
        if (a->mss != b->mss)
            (void)wt_pair_say(p, WT_DIFFERENCE_MSS_CHANGED, side,
                              _("The %s's SYN announces a maximum segment size (MSS) of %u in A and %u in B: a "
                                "middlebox changes it."),
                              wt_pair_side_name(side), a->mss, b->mss);
        else if (a->options.p && b->options.p && !wt_span_equal(a->options, b->options))
            (void)wt_pair_say(p, WT_DIFFERENCE_SYN_OPTIONS_CHANGED, side,
                              _("The TCP options of the %s's SYN differ: %zu bytes in A, %zu in B. A middlebox changes "
                                "window scaling, timestamps or selective acknowledgments."),
                              wt_pair_side_name(side), a->options.n, b->options.n);
    }
}

static void compare(struct wt_pair *p)
{
    wt_pair_align(p);
    fill(&p->out->seen[0], p->seen[0]);
    fill(&p->out->seen[1], p->seen[1]);
    if (p->seen[0]->match == WT_MATCH_NAME) { /* no byte of the one is a byte of the other */
        wt_pair_messages(p);
        return;
    }
    p->relayed = is_relayed(p);
    wt_pair_match(p);
    wt_pair_times(p);
    wt_pair_messages(p);
    if (p->relayed && !p->two) {
        relay(p);
    } else {
        addresses(p);
        syn_options(p);
    }
    if (p->two)
        return;
    wt_pair_streams(p);
    wt_pair_segments(p);
}

/* In the order of differences.def, and of the streams. */
static int order(const void *a, const void *b)
{
    const struct wt_compare_difference *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* What only one saw is not certain where a capture misses packets, or where it is not known which way they went. */
static void settle(struct wt_pair *p)
{
    bool certain = p->near != WT_COMPARE_NEAR_UNKNOWN;
    for (size_t i = 0; i < p->count; i++)
        certain = certain && p->list[i].kind != WT_DIFFERENCE_CAPTURE_MISSED_BYTES;
    for (size_t i = 0; i < p->count; i++) {
        struct wt_compare_difference *d = &p->list[i];
        d->probable = d->probable || (kinds[d->kind].directed && !certain);
    }
    if (p->count)
        qsort(p->list, p->count, sizeof *p->list, order);
}

static void lonely(struct wt_pair *p, unsigned capture)
{
    bool limited = p->compare->left_out > 0 || p->compare->tried > WT_LIMIT_COMPARE_TRIES || p->compare->arena.refused;
    fill(&p->out->seen[capture], p->seen[capture]);
    p->out->cut = p->seen[capture]->cut || limited;
    struct wt_compare_difference *d = wt_pair_say(p, WT_DIFFERENCE_CONNECTION_MISSING, 2,
                                                  capture ? _("This connection is only in B: neither its randoms, nor "
                                                              "its sequence numbers, nor its addresses occur in A.")
                                                          : _("This connection is only in A: neither its randoms, nor "
                                                              "its sequence numbers, nor its addresses occur in B."));
    d->probable = limited; /* the other may be among what was left out */
}

static void report(struct wt_compare *c, struct wt_conversation_seen *a, struct wt_conversation_seen *b,
                   void (*on_compared)(void *, const struct wt_compared *), void *context)
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
    settle(&p);
    out.differences = p.list;
    out.difference_count = p.count;
    on_compared(context, &out);
    free(p.list);
    wt_arena_free(&p.arena);
}

void wt_compare_finish(struct wt_compare *c, void (*on_compared)(void *context, const struct wt_compared *compared),
                       void *context)
{
    wt_observer_finish(c->capture[0].observer);
    wt_observer_finish(c->capture[1].observer);
    wt_compare_match_all(c);
    for (uint32_t i = 0; i < c->capture[0].count; i++) {
        struct wt_conversation_seen *a = c->capture[0].list[i];
        if (a->tls || (a->mate && a->mate->tls))
            report(c, a, a->mate, on_compared, context);
    }
    for (uint32_t i = 0; i < c->capture[1].count; i++) {
        struct wt_conversation_seen *b = c->capture[1].list[i];
        if (b->tls && !b->mate)
            report(c, NULL, b, on_compared, context);
    }
}
