#include "observer/transport/copies.h"

#include "observer/state.h"

/* Nanoseconds since the newest bytes. */
static int64_t age_of(const struct wt_newest *newest, int64_t ns)
{
    const int64_t unit = 1024;
    return (int32_t)((uint32_t)((uint64_t)ns >> 10) - newest->at) * unit;
}

bool wt_copies_is(uint16_t newest, uint16_t id, int64_t age)
{
    if (age < 0)
        return true; /* older than what came before it: it lay in another queue */
    if (!id || !newest)
        return age <= WT_LIMIT_COPY_NS;
    return (uint16_t)(newest - id) < WT_LIMIT_COPY_IDS && age < WT_LIMIT_RTO_NS;
}

bool wt_copies_count(const struct wt_observer *o, struct wt_tls *tls, unsigned d, const struct wt_segment *s)
{
    const bool is = wt_copies_is(tls->newest[d].id, s->id, age_of(&tls->newest[d], o->now.ns));
    if (is)
        wt_finding_sum(tls, WT_FINDING_CAPTURE_DUPLICATES, o->frame, "", 1);
    return is;
}

void wt_copies_take(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_tls *tls = c->tls;
    const int64_t age = age_of(&tls->newest[d], o->now.ns);
    o->lost[WT_LOST_COPIES] += tls->uncompared && !tls->outcome.ready_ns;
    if (wt_copies_count(o, tls, d, s))
        return;
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
