#include "endpoint/suites.h"

#include "endpoint/server.h"

/* Where the run of the same rank ends that begins there. */
static size_t end_of(const struct wt_endpoint *e, size_t from, size_t count)
{
    const uint8_t *ranks = e->party->o.suite_ranks;
    size_t to = from + 1;
    while (ranks && to < count && ranks[to] == ranks[from])
        to++;
    return to;
}

static bool has(struct wt_span ours, const struct wt_suite_walk *walk, uint16_t suite)
{
    return wt_codes_have(wt_span_cut(ours, 2 * walk->from, 2 * (walk->to - walk->from)), suite);
}

const struct wt_suite *wt_suites_next(const struct wt_endpoint *e, struct wt_suite_walk *walk)
{
    const struct wt_span ours = wt_buffer_span(&e->party->suites), theirs = wt_server_hello_of(e)->cipher_suites;
    for (;;) {
        if (walk->to - walk->from > 1)
            while (walk->at < wt_codes_count(theirs)) {
                const uint16_t suite = wt_codes_at(theirs, walk->at++);
                if (has(ours, walk, suite))
                    return wt_suite_find(suite);
            }
        if (walk->to >= wt_codes_count(ours))
            return NULL;
        walk->from = walk->to;
        walk->to = end_of(e, walk->from, wt_codes_count(ours));
        walk->at = 0;
        const uint16_t first = wt_codes_at(ours, walk->from);
        if (walk->to - walk->from == 1 && wt_server_offers(e, WT_SET_SUITES, first))
            return wt_suite_find(first);
    }
}
