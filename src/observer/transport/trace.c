#include "observer/transport/trace.h"

#include "base/array.h"
#include "observer/transport/copies.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { LEAST = 16 };

/* RFC 9293, 3.4: SYN and FIN count one each. */
static uint32_t space_of(const struct wt_segment *s)
{
    return s->length + s->missing + (s->flags & WT_TCP_SYN ? 1 : 0) + (s->flags & WT_TCP_FIN ? 1 : 0);
}

static bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* RFC 5681, 3.2: "The fast retransmit algorithm uses the arrival of 3 duplicate ACKs [...] as an indication that a
 * segment has been lost." Without these, and sooner than a timer runs out, it is late rather than sent again. */
enum { DUPLICATES = 3 };

static bool is_late(const struct wt_trace_lane *other, int64_t age)
{
    return age < WT_LIMIT_RTO_NS && other->same < DUPLICATES;
}

enum { BACK = 256 }; /* segments: among which one that waits after a hole is looked for */

static uint32_t end_of(const struct wt_traced *s)
{
    return s->sequence + s->length + (s->flags & WT_TCP_SYN ? 1 : 0) + (s->flags & WT_TCP_FIN ? 1 : 0);
}

/* It came before, and waits after a hole. */
static bool waits(const struct wt_trace *t, unsigned d, uint32_t from, uint32_t to)
{
    for (size_t i = t->count, n = 0; i-- > 0 && n < BACK; n++) {
        const struct wt_traced *s = &t->all[i];
        if (s->direction == d && !is_before(from, s->sequence) && !is_before(end_of(s), to))
            return true;
    }
    return false;
}

/* What came after the hole that ends here no longer lacks it. */
static void fill(struct wt_trace *t, unsigned d, uint32_t end)
{
    for (size_t i = t->count, n = 0; i-- > 0 && n < BACK; n++) {
        struct wt_traced *s = &t->all[i];
        if (s->direction != d || s->mark != WT_SEGMENT_AFTER_GAP || s->sequence != end)
            continue;
        s->mark = WT_SEGMENT_PLAIN;
        return;
    }
}

/* It lies below the highest byte: it was there before, or it fills a hole. */
static uint8_t mark_below(struct wt_trace *t, const struct wt_tcp_direction *tcp, unsigned d,
                          const struct wt_segment *s, int64_t age)
{
    const struct wt_trace_lane *l = &t->lane[d];
    const uint32_t end = s->sequence + space_of(s);
    const bool here = !tcp->started || !is_before(tcp->next, end); /* all of it was handed on */
    /* RFC 9293, 3.8.4: a keep-alive is below the window, with one byte or none */
    if (here && s->length <= 1 && !(s->flags & (WT_TCP_SYN | WT_TCP_FIN)) && end == tcp->next)
        return WT_SEGMENT_KEEP_ALIVE;
    if (here || waits(t, d, s->sequence, end))
        return wt_copies_is(l->id, s->id, age) ? WT_SEGMENT_COPY : WT_SEGMENT_AGAIN;
    fill(t, d, end);
    if (is_before(tcp->next, s->sequence))
        return WT_SEGMENT_AFTER_GAP;
    return is_late(&t->lane[!d], age) ? WT_SEGMENT_OUT_OF_ORDER : WT_SEGMENT_AGAIN;
}

static uint8_t mark_of(struct wt_trace *t, const struct wt_tcp_direction *tcp, unsigned d, const struct wt_segment *s,
                       int64_t ns)
{
    const struct wt_trace_lane *l = &t->lane[d];
    if (!l->any || s->flags & WT_TCP_RST)
        return WT_SEGMENT_PLAIN;
    /* RFC 9293, 3.8.4: "such a segment generally contains SEG.SEQ = SND.NXT-1" */
    if (!space_of(s))
        return tcp->started && s->sequence == tcp->next - 1 && s->sequence != l->base ? WT_SEGMENT_KEEP_ALIVE
                                                                                      : WT_SEGMENT_PLAIN;
    if (is_before(l->top, s->sequence))
        return WT_SEGMENT_AFTER_GAP;
    if (is_before(l->top, s->sequence + space_of(s)))
        return WT_SEGMENT_PLAIN;
    return mark_below(t, tcp, d, s, ns - l->ns);
}

static void remember(struct wt_trace *t, unsigned d, const struct wt_segment *s, int64_t ns)
{
    struct wt_trace_lane *l = &t->lane[d];
    const uint32_t end = s->sequence + space_of(s);
    if (s->flags & WT_TCP_ACK) {
        const bool same = !space_of(s) && l->acknowledged == s->acknowledgment;
        l->same = !same ? 0 : l->same < UINT8_MAX ? (uint8_t)(l->same + 1) : l->same;
        l->acknowledged = s->acknowledgment;
    }
    if (s->flags & WT_TCP_RST)
        return; /* its number may be made up */
    if (!l->any) {
        l->any = true;
        l->base = s->flags & WT_TCP_SYN ? s->sequence : s->sequence - 1;
        l->top = end;
    } else if (is_before(l->top, end)) {
        l->top = end;
    }
    if (space_of(s)) {
        l->id = s->id;
        l->ns = ns;
    }
}

bool wt_trace_add(struct wt_trace *t, const struct wt_tcp_direction *tcp, unsigned d, const struct wt_segment *s,
                  int64_t ns, uint32_t frame)
{
    /* a SYN of another number begins anew */
    if (s->flags & WT_TCP_SYN && t->lane[d].any && t->lane[d].base != s->sequence)
        t->lane[d] = (struct wt_trace_lane){0};
    const uint8_t mark = mark_of(t, tcp, d, s, ns);
    const bool control = s->flags & (WT_TCP_SYN | WT_TCP_FIN | WT_TCP_RST);
    remember(t, d, s, ns);
    /* of a long connection the beginning is kept whole, later what does not go without saying */
    const size_t most = control || mark ? WT_LIMIT_SEGMENTS : WT_LIMIT_SEGMENTS / 2;
    if (t->count >= most || !wt_array_grow(&t->all, t->count, &t->room, sizeof *t->all, LEAST)) {
        t->dropped++;
        return false;
    }
    t->all[t->count++] = (struct wt_traced){.ns = ns,
                                            .frame = frame,
                                            .sequence = s->sequence,
                                            .length = s->length + s->missing,
                                            .direction = (uint8_t)d,
                                            .flags = s->flags,
                                            .mark = mark};
    return true;
}

void wt_trace_free(struct wt_trace *t)
{
    free(t->all);
    *t = (struct wt_trace){0};
}
