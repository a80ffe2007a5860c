/* What every trail owes its readers: each byte of the message stands in exactly one leaf or in one length prefix, in
 * order, and every field lies inside the one that holds it. */
#ifndef WT_TESTS_CODEC_TRAIL_CHECK_H
#define WT_TESTS_CODEC_TRAIL_CHECK_H

#include "base/trail.h"

static inline bool trail_is_leaf(const struct wt_trail_event *e)
{
    return e->form != WT_TRAIL_STRUCT && e->form != WT_TRAIL_LIST;
}

/* Checks the events [i, end), which are to fill the bytes [from, to) at `depth`. */
static inline const char *trail_check_level(const struct wt_trail *t, size_t i, size_t end, unsigned depth, size_t from,
                                            size_t to)
{
    while (i < end) {
        const struct wt_trail_event *e = &t->events[i];
        size_t next = wt_trail_next(t, i);
        if (e->depth != depth)
            return "an event lies deeper than its place";
        if (!e->field)
            return "an event without a name";
        if ((size_t)e->offset < (size_t)e->prefix || e->offset - (size_t)e->prefix != from)
            return "a gap or an overlap between two fields";
        from = (size_t)e->offset + e->length;
        if (from > to)
            return "a field reaches beyond the one that holds it";
        if (!trail_is_leaf(e) || next != i + 1) { /* an opaque field may have parts */
            const char *complaint = trail_check_level(t, i + 1, next, depth + 1, e->offset, from);
            if (complaint)
                return complaint;
        }
        if (next > end)
            return "a child outlives its parent";
        i = next;
    }
    return from == to ? NULL : "bytes that no field covers";
}

/* NULL when the trail of a well-formed message of n bytes is whole. */
static inline const char *trail_check(const struct wt_trail *t, size_t n)
{
    if (t->lost)
        return "events were lost";
    return trail_check_level(t, 0, t->n, 0, 0, n);
}

#endif
