/* Segment by segment: which of them both captures saw, and what follows from those that only one did. */
#include "base/i18n.h"
#include "base/memory.h"
#include "compare/compare.h"
#include "compare/pair.h"

#include <inttypes.h>
#include <stdlib.h>

/* Segments of one capture by what both captures must have alike. */
struct sorted {
    const struct wt_pair *pair;
    unsigned capture;
    struct wt_seen_segment *segment;
    int64_t offset;
    unsigned side;
};

#define KINDS (WT_TCP_FIN | WT_TCP_SYN | WT_TCP_RST)

static int compare(const struct sorted *a, const struct sorted *b)
{
    const struct wt_seen_segment *x = a->segment, *y = b->segment;
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    if ((x->flags & KINDS) != (y->flags & KINDS))
        return (x->flags & KINDS) < (y->flags & KINDS) ? -1 : 1;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (x->length > y->length) - (x->length < y->length);
}

static int order(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int d = compare(x, y);
    return d ? d : (x->segment->frame > y->segment->frame) - (x->segment->frame < y->segment->frame);
}

/* Pure acknowledgments are merged and repeated by the network's offices too: they are not matched. */
static bool counts(const struct wt_seen_segment *s)
{
    return s->length > 0 || s->flags & KINDS;
}

static struct sorted *sort(const struct wt_pair *p, unsigned capture, size_t *n)
{
    const struct wt_conversation_seen *v = p->seen[capture];
    struct sorted *list = v->count ? wt_malloc(v->count * sizeof *list) : NULL;
    *n = 0;
    for (uint32_t i = 0; list && i < v->count; i++) {
        struct wt_seen_segment *s = &v->segments[i];
        unsigned side = wt_pair_side(p, capture, s);
        if (counts(s))
            list[(*n)++] = (struct sorted){p, capture, s, wt_pair_offset(p, capture, side, s->sequence), side};
    }
    if (list)
        qsort(list, *n, sizeof *list, order);
    return list;
}

/* --- what only one saw -------------------------------------------------------------------------------------------- */

bool wt_pair_was_running(const struct wt_pair *p, unsigned capture, int64_t ns)
{
    const struct wt_seen_capture *other = &p->compare->capture[1 - capture];
    int64_t there = p->has_clock ? (capture ? ns - p->clock : ns + p->clock) : ns;
    return other->any && there <= other->last && there >= other->first;
}

static void place(struct wt_compare_difference *d, unsigned capture, const struct wt_seen_segment *s)
{
    d->frame[capture] = s->frame;
}

/* A TTL that is not its side's own says that somebody else sent it. */
static bool foreign_ttl(const struct wt_pair *p, unsigned capture, const struct sorted *s)
{
    uint8_t usual = p->out->seen[capture].ttl[s->side];
    return usual && s->segment->ttl && s->segment->ttl != usual;
}

/* A connection that was reset ends, and with it often the other capture: that this has no packets after the reset does
 * not say that it was not running. */
static void lone_reset(struct wt_pair *p, unsigned capture, const struct sorted *s)
{
    const char *from = wt_pair_side_name(s->side), *to = wt_pair_side_name(1 - s->side);
    const char *here = wt_pair_capture_name(capture), *there = wt_pair_capture_name(1 - capture);
    bool sent = wt_pair_first(p, s->side) == capture, ran = wt_pair_was_running(p, capture, s->segment->ns);
    struct wt_compare_difference *d;
    if (sent)
        d = wt_pair_say(
            p, WT_DIFFERENCE_RESET_LOST, s->side,
            _("The %s sent a reset (packet %" PRIu32
              " in %s) that is not in capture %s: it was dropped between the two, or that capture missed it."),
            from, s->segment->frame, here, there);
    else if (!ran)
        d = wt_pair_say(p, WT_DIFFERENCE_RESET_INJECTED, s->side,
                        _("The reset that the %s received (packet %" PRIu32
                          " in %s) did not come from the %s: a middlebox sent it. (Capture %s has no packets from that "
                          "time: if it was not running then, this is not proved.)"),
                        to, s->segment->frame, here, from, there);
    else if (foreign_ttl(p, capture, s))
        d = wt_pair_say(p, WT_DIFFERENCE_RESET_INJECTED, s->side,
                        _("The reset that the %s received (packet %" PRIu32
                          " in %s) did not come from the %s: a middlebox sent it. Its TTL is %u, while the %s's other "
                          "segments have %u."),
                        to, s->segment->frame, here, from, s->segment->ttl, from, p->out->seen[capture].ttl[s->side]);
    else
        d = wt_pair_say(p, WT_DIFFERENCE_RESET_INJECTED, s->side,
                        _("The reset that the %s received (packet %" PRIu32
                          " in %s) did not come from the %s: a middlebox sent it."),
                        to, s->segment->frame, here, from);
    d->probable = sent || !ran;
    place(d, capture, s->segment);
}

static void lone_fin(struct wt_pair *p, unsigned capture, const struct sorted *s)
{
    if (wt_pair_has_sent(p, 1 - capture, s->side, s->offset + s->segment->length + 1))
        return; /* it is after its FIN there: that capture missed it */
    if (!wt_pair_was_running(p, capture, s->segment->ns)) {
        for (size_t i = 0; i < p->count; i++)
            if (p->list[i].kind == WT_DIFFERENCE_CAPTURE_SHORTER && p->list[i].from == s->side)
                return; /* it is said already */
        place(wt_pair_say(
                  p, WT_DIFFERENCE_CAPTURE_SHORTER, s->side,
                  _("The %s's FIN (packet %" PRIu32 " in %s) is only in %s: the other capture was not running then."),
                  wt_pair_side_name(s->side), s->segment->frame, wt_pair_capture_name(capture),
                  wt_pair_capture_name(capture)),
              capture, s->segment);
        return;
    }
    bool sent = wt_pair_first(p, s->side) == capture;
    struct wt_compare_difference *d = wt_pair_say(
        p, sent ? WT_DIFFERENCE_FIN_LOST : WT_DIFFERENCE_FIN_INJECTED, s->side,
        sent ? _("The %s's FIN (packet %" PRIu32 " in %s) is missing from %s.")
             : _("A FIN from the %s (packet %" PRIu32 " in %s) is missing from %s, which is closer to the sender: a "
                 "middlebox closes the connection in its name."),
        wt_pair_side_name(s->side), s->segment->frame, wt_pair_capture_name(capture),
        wt_pair_capture_name(1 - capture));
    d->probable = sent;
    place(d, capture, s->segment);
}

/* --- data --------------------------------------------------------------------------------------------------------- */

/* How many of the bytes a capture has of a side's stream. */
static uint32_t had(const struct wt_pair *p, unsigned capture, unsigned side, int64_t offset, uint32_t length)
{
    const struct wt_seen_stream *s = wt_pair_stream(p, capture, side);
    int64_t shift = (int32_t)(s->reference - p->origin[capture][side]);
    int64_t from = offset - shift, to = from + length, n = 0;
    for (uint32_t i = 0; i < s->passed.count; i++) {
        int64_t a = s->passed.list[i].from > from ? s->passed.list[i].from : from;
        int64_t b = s->passed.list[i].to < to ? s->passed.list[i].to : to;
        n += b > a ? b - a : 0;
    }
    return (uint32_t)n;
}

struct lone {
    uint64_t repeats;       /* seen at the first place twice, after it once: lost and retransmitted */
    uint64_t doubled;       /* the other way round */
    uint64_t other_borders; /* the same bytes in other segments */
    const struct wt_seen_segment *first;
};

static void tell_repeats(struct wt_pair *p, unsigned capture, unsigned side, const struct lone *l)
{
    bool sent = wt_pair_first(p, side) == capture;
    uint64_t n = sent ? l->repeats : l->doubled;
    if (n == 0)
        return;
    struct wt_compare_difference *d = wt_pair_say(
        p, sent ? WT_DIFFERENCE_SEGMENTS_LOST : WT_DIFFERENCE_SEGMENTS_DOUBLED, side,
        sent ? ngettext_("%" PRIu64 " segment from the %s was lost between %s and %s and retransmitted (packet %" PRIu32
                         " in %s).",
                         "%" PRIu64
                         " segments from the %s were lost between %s and %s and retransmitted (first: packet %" PRIu32
                         " in %s).",
                         (unsigned long)n)
             : ngettext_("%" PRIu64 " segment from the %s occurs less often in %s than in %s (packet %" PRIu32
                         " in %s): duplicated between them.",
                         "%" PRIu64 " segments from the %s occur less often in %s than in %s (first: packet %" PRIu32
                         " in %s): duplicated between them.",
                         (unsigned long)n),
        n, wt_pair_side_name(side), wt_pair_capture_name(sent ? capture : 1 - capture),
        wt_pair_capture_name(sent ? 1 - capture : capture), l->first->frame, wt_pair_capture_name(capture));
    d->probable = true; /* a capture may have missed them */
    place(d, capture, l->first);
}

/* Whether the other capture has a segment of its own over the same bytes: then their borders were moved. */
static bool moved(const struct sorted *list, size_t n, const struct sorted *s)
{
    for (size_t i = 0; i < n; i++)
        if (!list[i].segment->mate && list[i].side == s->side && list[i].offset < s->offset + s->segment->length &&
            s->offset < list[i].offset + list[i].segment->length)
            return true;
    return false;
}

#define LOOKED 512u /* segments whose borders are looked for: the work grows with their square */

static void lone_data(struct wt_pair *p, unsigned capture, const struct sorted *mine, size_t n,
                      const struct sorted *its, size_t m)
{
    struct lone lone[2] = {{0}};
    unsigned looked = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sorted *s = &mine[i];
        if (s->segment->mate || !s->segment->length || s->segment->flags & (WT_TCP_RST | WT_TCP_SYN))
            continue;
        if (had(p, 1 - capture, s->side, s->offset, s->segment->length) < s->segment->length)
            continue; /* bytes are missing there: said of the streams */
        if (!wt_pair_was_running(p, capture, s->segment->ns))
            continue; /* one of several times that it was sent */
        struct lone *l = &lone[s->side];
        if (looked++ < LOOKED && moved(its, m, s)) {
            l->other_borders++;
            continue;
        }
        if (looked > LOOKED)
            continue;
        if (!l->first)
            l->first = s->segment;
        if (wt_pair_first(p, s->side) == capture)
            l->repeats++;
        else
            l->doubled++;
    }
    for (unsigned side = 0; side < 2; side++) {
        tell_repeats(p, capture, side, &lone[side]);
        if (lone[side].other_borders && capture == 0)
            (void)wt_pair_say(p, WT_DIFFERENCE_SEGMENTS_RESIZED, side,
                              _("The %s's data is segmented differently in A and B: a network card or a middlebox "
                                "merges and splits segments. The bytes are compared regardless."),
                              wt_pair_side_name(side));
    }
}

static void match(struct sorted *a, size_t n, struct sorted *b, size_t m)
{
    for (size_t i = 0, k = 0; i < n && k < m;) {
        int d = compare(&a[i], &b[k]);
        if (d == 0) {
            a[i].segment->mate = b[k].segment;
            b[k].segment->mate = a[i].segment;
            i++;
            k++;
        } else if (d < 0) {
            i++;
        } else {
            k++;
        }
    }
}

/* Resets are often sent in bursts with other numbers: each side's first one alone counts, and any of the other capture
 * answers for it. */
static void resets(struct wt_pair *p, unsigned capture, const struct sorted *mine, size_t n, const struct sorted *its,
                   size_t m)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct sorted *lone = NULL;
        bool there = false;
        for (size_t i = 0; i < m; i++)
            there = there || (its[i].side == side && its[i].segment->flags & WT_TCP_RST);
        for (size_t i = 0; i < n && !there; i++)
            if (mine[i].side == side && mine[i].segment->flags & WT_TCP_RST &&
                (!lone || mine[i].segment->frame < lone->segment->frame))
                lone = &mine[i];
        if (lone)
            lone_reset(p, capture, lone);
    }
}

static bool has_fin(const struct sorted *list, size_t n, unsigned side)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].side == side && list[i].segment->flags & WT_TCP_FIN)
            return true;
    return false;
}

static void fins(struct wt_pair *p, unsigned capture, const struct sorted *mine, size_t n, const struct sorted *its,
                 size_t m)
{
    for (unsigned side = 0; side < 2; side++) {
        bool reported = has_fin(its, m, side);
        for (size_t i = 0; i < n && !reported; i++)
            if (mine[i].side == side && mine[i].segment->flags & WT_TCP_FIN) {
                lone_fin(p, capture, &mine[i]);
                reported = true;
            }
    }
}

unsigned wt_pair_times_seen(const struct wt_pair *p, unsigned capture, unsigned side, int64_t offset)
{
    const struct wt_conversation_seen *v = p->seen[capture];
    unsigned n = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct wt_seen_segment *s = &v->segments[i];
        int64_t from = wt_pair_offset(p, capture, side, s->sequence + ((s->flags & WT_TCP_SYN) != 0));
        n += wt_pair_side(p, capture, s) == side && !(s->flags & WT_TCP_RST) && offset >= from &&
             offset < from + s->length;
    }
    return n;
}

/* --- what is too large ------------------------------------------------------------------------------------------- */

#define LARGE 500u /* bytes: what any link takes (RFC 1122, 3.3.2: 576 with the headers) */

/* All large segments of a side were lost, often, and smaller ones came through. */
static void too_large(struct wt_pair *p, unsigned side)
{
    unsigned sent = wt_pair_first(p, side);
    const struct wt_conversation_seen *v = p->seen[sent];
    const struct wt_seen_segment *first = NULL;
    uint32_t came = 0, smallest = UINT32_MAX, lost = 0, through = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct wt_seen_segment *s = &v->segments[i];
        if (wt_pair_side(p, sent, s) != side || !counts(s) || s->flags & WT_TCP_RST)
            continue;
        if (s->mate) {
            came = s->length > came ? s->length : came;
            through++;
        } else if (s->length && had(p, 1 - sent, side, wt_pair_offset(p, sent, side, s->sequence), s->length) == 0 &&
                   wt_pair_was_running(p, sent, s->ns)) {
            first = first ? first : s;
            smallest = s->length < smallest ? s->length : smallest;
            lost++;
        }
    }
    if (lost < 2 || through == 0 || smallest < LARGE || smallest <= came)
        return;
    struct wt_compare_difference *d = wt_pair_say(
        p, WT_DIFFERENCE_MTU_SUSPECTED, side,
        _("All of the %s's segments of %" PRIu32 " bytes or more were lost between %s and %s (%" PRIu32
          " segments, first: packet %" PRIu32 " in %s), while smaller ones (up to %" PRIu32
          " bytes) arrived: a link on the path has a smaller MTU, and the ICMP messages that report it are dropped "
          "(path MTU black hole; RFC 2923, 2.1). Allow these ICMP messages, or clamp the MSS on the path."),
        wt_pair_side_name(side), smallest, wt_pair_capture_name(sent), wt_pair_capture_name(1 - sent), lost,
        first->frame, wt_pair_capture_name(sent), came);
    d->probable = true;
    place(d, sent, first);
}

static void both_reset(struct wt_pair *p)
{
    bool by[2] = {false, false};
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].kind == WT_DIFFERENCE_RESET_INJECTED && p->list[i].from < 2)
            by[p->list[i].from] = true;
    if (by[0] && by[1])
        (void)wt_pair_say(p, WT_DIFFERENCE_RESET_BOTH_WAYS, 2,
                          _("Each end received a reset in the name of the other, and neither had sent one: a firewall "
                            "or another middlebox between the two captures ended the connection."));
}

void wt_pair_match(struct wt_pair *p)
{
    size_t n[2];
    struct sorted *list[2] = {sort(p, 0, &n[0]), sort(p, 1, &n[1])};
    if (list[0] && list[1])
        match(list[0], n[0], list[1], n[1]);
    free(list[0]);
    free(list[1]);
}

void wt_pair_segments(struct wt_pair *p)
{
    size_t n[2];
    if (p->seen[0]->fewer || p->seen[1]->fewer)
        return;
    struct sorted *list[2] = {sort(p, 0, &n[0]), sort(p, 1, &n[1])};
    for (unsigned k = 0; k < 2 && list[0] && list[1]; k++) {
        resets(p, k, list[k], n[k], list[1 - k], n[1 - k]);
        fins(p, k, list[k], n[k], list[1 - k], n[1 - k]);
        if (p->aligned[WT_CLIENT] && p->aligned[WT_SERVER] && !p->relayed)
            lone_data(p, k, list[k], n[k], list[1 - k], n[1 - k]);
    }
    for (unsigned side = 0; side < 2; side++)
        if (p->aligned[side] && !p->relayed)
            too_large(p, side);
    both_reset(p);
    free(list[0]);
    free(list[1]);
}
