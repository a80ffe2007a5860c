/* The two byte streams of each side: bytes that are not the same, and bytes that only one capture has. */
#include "base/i18n.h"
#include "compare/compare.h"
#include "compare/pair.h"
#include "registry/limits.h"

#include <inttypes.h>

/* A stream as one capture has it, by offsets that both share. */
struct lane {
    const struct wt_seen_stream *s;
    int64_t shift; /* from an index of the stream to the shared offset */
};

static struct lane lane_of(const struct wt_pair *p, unsigned capture, unsigned side)
{
    const struct wt_seen_stream *s = wt_pair_stream(p, capture, side);
    return (struct lane){s, (int32_t)(s->reference - p->origin[capture][side])};
}

/* Bytes from `at` on that are there without a hole and were kept; 0 for none. */
static int64_t run_at(const struct lane *l, int64_t at)
{
    int64_t i = at - l->shift;
    for (uint32_t k = 0; k < l->s->kept.count; k++) {
        const struct wt_seen_range *r = &l->s->kept.list[k];
        int64_t to = r->to < l->s->bytes.n ? r->to : (int64_t)l->s->bytes.n;
        if (i >= r->from && i < to)
            return to - i;
    }
    return 0;
}

static uint8_t byte_at(const struct lane *l, int64_t at)
{
    return l->s->bytes.p[at - l->shift];
}

static int64_t common(const struct lane *a, const struct lane *b, int64_t at)
{
    int64_t x = run_at(a, at), y = run_at(b, at);
    return x < y ? x : y;
}

/* The next offset from `at` on at which both have bytes; -1 when there is none. */
static int64_t next_common(const struct lane *a, const struct lane *b, int64_t at)
{
    for (int64_t best;; at = best) {
        if (common(a, b, at) > 0)
            return at;
        best = -1;
        for (unsigned k = 0; k < 2; k++) {
            const struct lane *l = k ? b : a;
            for (uint32_t i = 0; i < l->s->kept.count; i++) {
                int64_t from = l->shift + l->s->kept.list[i].from;
                if (from > at && (best < 0 || from < best))
                    best = from;
            }
        }
        if (best < 0)
            return -1;
    }
}

/* --- other bytes -------------------------------------------------------------------------------------------------- */

#define NEIGHBOURS 16 /* equal bytes between two that are not, which do not end a run */

struct runs {
    int64_t from[WT_LIMIT_COMPARE_RUNS], to[WT_LIMIT_COMPARE_RUNS];
    uint32_t count, more;
};

static void unequal(struct runs *r, int64_t at)
{
    if (r->count && at - r->to[r->count - 1] <= NEIGHBOURS) {
        r->to[r->count - 1] = at + 1;
    } else if (r->count < WT_LIMIT_COMPARE_RUNS) {
        r->from[r->count] = at;
        r->to[r->count++] = at + 1;
    } else {
        r->more++;
    }
}

static struct runs look(const struct lane *a, const struct lane *b)
{
    struct runs r = {.count = 0};
    int64_t at = a->shift < b->shift ? a->shift : b->shift;
    while ((at = next_common(a, b, at)) >= 0) {
        int64_t until = at + common(a, b, at);
        for (; at < until; at++)
            if (byte_at(a, at) != byte_at(b, at))
                unequal(&r, at);
    }
    return r;
}

/* The segment that first carried an offset. */
static const struct wt_seen_segment *carrier(const struct wt_pair *p, unsigned capture, unsigned side, int64_t at)
{
    const struct wt_conversation_seen *v = p->seen[capture];
    for (uint32_t i = 0; i < v->count; i++) {
        const struct wt_seen_segment *s = &v->segments[i];
        int64_t from = wt_pair_offset(p, capture, side, s->sequence + ((s->flags & WT_TCP_SYN) != 0));
        if (wt_pair_side(p, capture, s) == side && s->length && !(s->flags & WT_TCP_RST) && at >= from &&
            at < from + s->length)
            return s;
    }
    return NULL;
}

static void place(const struct wt_pair *p, struct wt_compare_difference *d, unsigned side, int64_t from, int64_t to)
{
    for (unsigned k = 0; k < 2; k++) {
        const struct wt_seen_segment *s = carrier(p, k, side, from);
        d->frame[k] = s ? s->frame : 0;
    }
    d->has_range = true;
    d->offset = from < 0 ? 0 : (uint64_t)from;
    d->length = (uint64_t)(to - from);
}

/* Bytes were put in or taken out: what follows them is the same again, at another offset. */
struct again {
    int64_t at[2]; /* where it begins */
    int64_t length;
};

#define PROBE 24         /* bytes: what is looked for again */
#define PROBE_STEP 16    /* bytes: from one of them to the next */
#define PROBE_REACH 8192 /* bytes: after the first difference, in both */

static bool is_uniform(const uint8_t *p)
{
    return memcmp(p, p + 1, PROBE - 1) == 0;
}

static bool find_again(const struct lane *a, const struct lane *b, int64_t at, struct again *out)
{
    int64_t n = run_at(a, at), m = run_at(b, at);
    n = n < PROBE_REACH ? n : PROBE_REACH;
    m = m < PROBE_REACH ? m : PROBE_REACH;
    const uint8_t *x = a->s->bytes.p + (at - a->shift), *y = b->s->bytes.p + (at - b->shift);
    for (int64_t i = 0; i + PROBE <= n; i += PROBE_STEP) {
        if (is_uniform(x + i) || (i + PROBE <= m && memcmp(x + i, y + i, PROBE) == 0))
            continue; /* may be anywhere; was not moved */
        const uint8_t *there = memmem(y, (size_t)m, x + i, PROBE);
        if (!there)
            continue;
        int64_t k = there - y, from = i;
        while (from > 0 && k > 0 && x[from - 1] == y[k - 1]) {
            from--;
            k--;
        }
        *out = (struct again){{at + from, at + k}, 0};
        int64_t left = run_at(a, at) - from, right = run_at(b, at) - k;
        while (out->length < left && out->length < right && x[from + out->length] == y[k + out->length])
            out->length++;
        return true;
    }
    return false;
}

static bool told_as_replaced(struct wt_pair *p, unsigned side, const struct lane *a, const struct lane *b, int64_t at)
{
    struct again again;
    if (!find_again(a, b, at, &again))
        return false;
    struct wt_compare_difference *d =
        wt_pair_say(p, WT_DIFFERENCE_BYTES_REPLACED, side,
                    _("From byte %" PRId64 " of the %s's stream on, %" PRId64 " bytes in A are replaced by %" PRId64
                      " bytes in B: a middlebox rewrites the stream. The following %" PRId64 " bytes are identical."),
                    at, wt_pair_side_name(side), again.at[0] - at, again.at[1] - at, again.length);
    place(p, d, side, at, again.at[0] > at ? again.at[0] : at + 1);
    return true;
}

/* True when the streams' lengths differ because of what was rewritten. */
static bool other_bytes(struct wt_pair *p, unsigned side, const struct lane *a, const struct lane *b)
{
    struct runs r = look(a, b);
    if (r.count == 0)
        return false;
    if (told_as_replaced(p, side, a, b, r.from[0]))
        return true;
    for (uint32_t i = 0; i < r.count; i++) {
        struct wt_compare_difference *d = wt_pair_say(
            p, WT_DIFFERENCE_BYTES_CHANGED, side,
            _("Bytes %" PRId64 " to %" PRId64 " of the %s's stream differ between A and B: a middlebox rewrites them."),
            r.from[i], r.to[i] - 1, wt_pair_side_name(side));
        place(p, d, side, r.from[i], r.to[i]);
    }
    if (r.more)
        (void)wt_pair_say(p, WT_DIFFERENCE_BYTES_CHANGED, side,
                          _("More of the %s's bytes differ: %" PRIu32 " places after these."), wt_pair_side_name(side),
                          r.more);
    return false;
}

/* --- bytes of one capture alone ----------------------------------------------------------------------------------- */

/* A relay acknowledges what it did not pass on: then only what the other place saw counts. */
static bool acknowledged(const struct wt_pair *p, unsigned capture, unsigned side, int64_t to)
{
    for (unsigned k = 0; k < 2; k++) {
        struct lane l = lane_of(p, k, side);
        if (p->relayed && k == capture)
            continue;
        if (l.s->has_ack && l.shift + l.s->acked >= to)
            return true;
    }
    return false;
}

/* `capture` has these bytes, the other has not. */
static void lone(struct wt_pair *p, unsigned capture, unsigned side, int64_t from, int64_t to)
{
    const struct lane other = lane_of(p, 1 - capture, side);
    const struct wt_seen_segment *s = carrier(p, capture, side, from);
    const char *who = wt_pair_side_name(side), *here = wt_pair_capture_name(capture);
    const char *there = wt_pair_capture_name(1 - capture);
    bool sent = wt_pair_first(p, side) == capture;
    struct wt_compare_difference *d;
    if (s && !wt_pair_was_running(p, capture, s->ns)) {
        d = wt_pair_say(p, WT_DIFFERENCE_CAPTURE_SHORTER, side,
                        _("%" PRId64 " bytes from the %s, starting at byte %" PRId64
                          " of its stream, are only in %s: the other capture was not running then."),
                        to - from, who, from, here);
    } else if (sent && p->relayed && !acknowledged(p, capture, side, to)) {
        d = wt_pair_say(
            p, WT_DIFFERENCE_BYTES_LOST, side,
            _("%" PRId64 " bytes from the %s, starting at byte %" PRId64
              " of its stream, passed %s but never reached %s: the middlebox in between did not forward them."),
            to - from, who, from, here, there);
    } else if (sent && !acknowledged(p, capture, side, to)) {
        d = wt_pair_say(p, WT_DIFFERENCE_BYTES_LOST, side,
                        _("%" PRId64 " bytes from the %s, starting at byte %" PRId64
                          " of its stream, passed %s but never reached %s and were never acknowledged: they were lost "
                          "between the two."),
                        to - from, who, from, here, there);
        /* later ones came: that capture may have missed these, but not each time that they were sent */
        d->probable = wt_pair_has_sent(p, 1 - capture, side, to) && wt_pair_times_seen(p, capture, side, from) < 2;
    } else if (sent || wt_pair_has_sent(p, 1 - capture, side, to)) {
        d = wt_pair_say(p, WT_DIFFERENCE_CAPTURE_MISSED_BYTES, side,
                        _("%" PRId64 " bytes from the %s, starting at byte %" PRId64
                          " of its stream, are missing from capture %s although the connection continues after them: "
                          "that capture missed them."),
                        to - from, who, from, there);
        d->probable = true;
    } else {
        d = wt_pair_say(
            p, WT_DIFFERENCE_BYTES_INJECTED, side,
            _("%" PRId64 " bytes in the name of the %s, starting at byte %" PRId64
              " of its stream, are in %s but never passed %s, which is closer to the %s: a middlebox sent them."),
            to - from, who, from, here, there, who);
        d->probable = !(other.s->fin && other.shift + other.s->end <= from);
    }
    place(p, d, side, from, to);
}

static void lone_bytes(struct wt_pair *p, unsigned capture, unsigned side)
{
    struct lane mine = lane_of(p, capture, side), its = lane_of(p, 1 - capture, side);
    unsigned reported = 0;
    const struct wt_seen_ranges *passed = &its.s->passed;
    if (p->seen[1 - capture]->fewer)
        return;
    for (uint32_t i = 0; i < mine.s->passed.count; i++) {
        int64_t at = mine.shift + mine.s->passed.list[i].from, to = mine.shift + mine.s->passed.list[i].to;
        for (uint32_t k = 0; k <= passed->count && at < to; k++) {
            bool last = k == passed->count;
            int64_t from = last ? to : its.shift + passed->list[k].from;
            int64_t until = last ? to : its.shift + passed->list[k].to;
            if (until <= at && !last)
                continue;
            if (from > at && reported++ < WT_LIMIT_COMPARE_LONE)
                lone(p, capture, side, at, from < to ? from : to);
            at = until > at ? until : at;
        }
    }
    if (reported > WT_LIMIT_COMPARE_LONE)
        p->out->cut = true;
}

/* A capture kept packets' beginnings alone: what it left out was sent, and cannot be compared. Nor is what comes after
 * WT_LIMIT_COMPARE_STREAM. */
static void cut_packets(struct wt_pair *p)
{
    uint64_t n[2];
    for (unsigned k = 0; k < 2; k++)
        n[k] = p->seen[k]->stream[0].cut + p->seen[k]->stream[1].cut;
    p->out->cut = p->out->cut || n[0] || n[1];
    for (unsigned k = 0; k < 2; k++)
        p->out->cut = p->out->cut || p->seen[k]->stream[0].longer || p->seen[k]->stream[1].longer;
    for (unsigned k = 0; k < 2; k++)
        if (n[k] > n[1 - k])
            (void)wt_pair_say(p, WT_DIFFERENCE_CAPTURE_CUT, 2,
                              _("Capture %s lacks %" PRIu64
                                " bytes of this connection's packets because of its snapshot length: they were sent, "
                                "but cannot be compared. `tcpdump -s 0` captures whole packets."),
                              wt_pair_capture_name(k), n[k]);
}

void wt_pair_streams(struct wt_pair *p)
{
    cut_packets(p);
    for (unsigned side = 0; side < 2; side++) {
        struct lane a = lane_of(p, 0, side), b = lane_of(p, 1, side);
        if (!p->aligned[side]) {
            p->out->unaligned[side] = a.s->started && b.s->started;
            continue;
        }
        if (other_bytes(p, side, &a, &b))
            continue;
        lone_bytes(p, 0, side);
        lone_bytes(p, 1, side);
    }
}
