#include "observer/transport/copies.h"

#include "observer/state.h"

/* Nanoseconds since the newest bytes. */
static int64_t age_of(const struct wt_newest *newest, int64_t ns)
{
    const int64_t unit = 1024;
    return (int32_t)((uint32_t)((uint64_t)ns >> 10) - newest->at) * unit;
}

/* Whether a segment that was seen already is a copy of a packet, not a packet sent again. A host gives each packet that
 * it sends another Identification, mostly one more than the last (RFC 6864, 4.1 leaves it open only where nothing is
 * fragmented, and many write 0 then, as IPv6 has none); and it waits before it sends again: RFC 6298, 2.4. */
static bool is_copy(const struct wt_newest *newest, int64_t age, uint16_t id)
{
    if (age < 0)
        return true; /* older than what came before it: it lay in another queue */
    if (!id || !newest->id)
        return age <= WT_LIMIT_COPY_NS;
    uint16_t before = (uint16_t)(newest->id - id);
    return before < WT_LIMIT_COPY_IDS && age < WT_LIMIT_RTO_NS;
}

void wt_copies_take(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_tls *tls = c->tls;
    const int64_t age = age_of(&tls->newest[d], o->now.ns);
    if (is_copy(&tls->newest[d], age, s->id)) {
        wt_finding_sum(tls, WT_FINDING_CAPTURE_DUPLICATES, o->frame, "", 1);
        return;
    }
    if (c->transport.repeats[d] < UINT16_MAX)
        c->transport.repeats[d]++;
    wt_life_repeat(tls, c, d, age);
    wt_copies_note(&tls->newest[d], o->now.ns, s->id);
}

void wt_copies_stepped_back(struct wt_observer *o, struct wt_conversation *c, int64_t ns)
{
    if (c->tls)
        wt_finding_most(c->tls, WT_FINDING_CAPTURE_CLOCK, o->frame, (uint64_t)ns / 1000);
}
