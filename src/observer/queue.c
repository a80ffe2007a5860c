/* Conversations that end: reported in the order of their first packets or as they end, and let go. */
#include "observer/queue.h"

#include "base/uninitialized.h"
#include "diagnosis/findings.h"
#include "observer/asleep.h"
#include "observer/budget.h"
#include "observer/detect/detect.h"
#include "observer/detect/refusals.h"
#include "observer/message/log.h"
#include "observer/message/same.h"
#include "observer/places.h"
#include "observer/state.h"
#include "observer/story.h"
#include "observer/summary.h"
#include "observer/transport/journal.h"
#include "observer/transport/segments.h"
#include "observer/udp/connections.h"

static void leave_queue(struct wt_observer *o, struct wt_conversation *c)
{
    o->waiting -= c->waits;
    c->waits = false;
}

void wt_queue_let_go(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_conversations *t = o->conversations;
    leave_queue(o, c);
    if (c->places)
        wt_places_free(o, c);
    wt_budget_forget(o, c);
    wt_conversations_move(t, c, WT_LIST_OVER);
    if (wt_conversations_length(t, WT_LIST_OVER) > WT_LIMIT_OVER)
        wt_conversations_drop(t, wt_conversations_first(t, WT_LIST_OVER));
}

void wt_queue_go_on(struct wt_observer *o, struct wt_conversation *c)
{
    leave_queue(o, c);
    if (c->stream < o->reported && c->stream + 1 < o->told) { /* its turn is over: it begins where it goes on */
        c->first_frame = o->frame;
        c->last_ns = o->now.ns;
        c->left_ms = 0;
    }
    c->flags &= (uint8_t)~WT_CONV_ENDED;
    c->phase = WT_PHASE_PLAIN;
    wt_conversations_reopen(o->conversations, c);
}

void wt_queue_tell(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_connection view WT_UNINITIALIZED;
    struct wt_tls *tls = c->tls;
    if (tls->log && tls->out_of_order)
        wt_log_sort(tls->log);
    wt_story_fill(o, c, &view);
    wt_places_fill(o, c, &view);
    view.counted_elsewhere = wt_same_again(o, c);
    wt_summary_count(o, c, view.counted_elsewhere);
    wt_observer_quiet(o, false);
    if (o->options.process && !tls->unwanted)
        view.process = o->options.process(o->options.context, &view);
    if (o->options.connection && !tls->unwanted)
        o->options.connection(o->options.context, &view);
    wt_observer_quiet(o, true);
    wt_story_clear(o);
    wt_places_free(o, c);
    c->client = tls->client;
    wt_tls_free(tls);
    c->tls = NULL;
}

static void report(struct wt_observer *o, struct wt_conversation *c)
{
    o->told = c->stream < o->told ? o->told : c->stream + 1;
    wt_queue_tell(o, c);
    wt_conversations_forget_icmp(o->conversations, c);
    wt_life_restore(c, &(struct wt_life_copy){0});
    wt_queue_let_go(o, c);
}

/* Those that never became TLS and waited, of the streams before `before`. */
static void report_refused(struct wt_observer *o, uint32_t before, bool all)
{
    for (struct wt_conversation *c; (c = wt_refusals_next(o, before, all));)
        report(o, c);
}

/* The first stream that still goes on: what comes after it waits where order is kept. */
static uint32_t first_open(const struct wt_observer *o)
{
    const struct wt_conversation *c = wt_conversations_first(o->conversations, WT_LIST_OPEN);
    return c ? c->stream : UINT32_MAX;
}

bool wt_queue_is_ordered(const struct wt_observer *o)
{
    return !o->options.as_they_end || o->options.reported;
}

void wt_queue_report_refused(struct wt_observer *o, struct wt_conversation *c)
{
    report(o, c);
}

void wt_queue_report(struct wt_observer *o, struct wt_conversation *c)
{
    report_refused(o, wt_queue_is_ordered(o) ? c->stream : UINT32_MAX, false);
    report(o, c);
}

/* What is known now of the order: all connections before this one were reported. */
static void say_reported(struct wt_observer *o)
{
    uint32_t to = first_open(o), count = wt_conversations_count(o->conversations), kept = wt_refusals_first(o);
    to = count < to ? count : to;
    to = kept < to ? kept : to;
    if (to <= o->reported)
        return;
    o->reported = to;
    wt_observer_quiet(o, false);
    if (o->options.reported)
        o->options.reported(o->options.context, to);
    wt_observer_quiet(o, true);
}

/* The first of the queue: nothing is left to wait for. */
static void settle_first(struct wt_observer *o, struct wt_conversation *c)
{
    const bool tls_followed = c->tls_was_after_it;
    if (c->tls || wt_refusals_judge(o, c))
        wt_queue_report(o, c);
    else if (c->flags & WT_CONV_ENDED && !wt_refusals_keeps(o, c))
        wt_queue_let_go(o, c);
    else {
        leave_queue(o, c);
        wt_conversations_move(o->conversations, c, WT_LIST_ASIDE);
    }
    if (tls_followed)
        report_refused(o, first_open(o), false);
}

void wt_queue_report_ready(struct wt_observer *o)
{
    struct wt_conversation *c;
    while ((c = wt_conversations_first(o->conversations, WT_LIST_OPEN)) &&
           (c->flags & WT_CONV_ENDED || c->phase == WT_PHASE_NOT_TLS))
        settle_first(o, c);
    if (wt_refusals_are_known(o)) /* and were behind one that went on again */
        report_refused(o, first_open(o), false);
    say_reported(o);
}

/* A connection that ended while others go on that began before it: of it no state is kept. */
static void report_early(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_conversation *before = wt_conversations_before(o->conversations, c);
    if (!before) {
        wt_queue_report(o, c);
        return;
    }
    before->tls_was_after_it = true;
    report(o, c);
}

/* It has ended: what is left to do with it. */
static void settle(struct wt_observer *o, struct wt_conversation *c)
{
    const bool early = o->options.as_they_end;
    if (c->list == WT_LIST_ASIDE || (o->letting_go && !c->tls) || (!c->tls && c->phase == WT_PHASE_NOT_TLS)) {
        wt_queue_let_go(o, c);
    } else if (!wt_queue_is_ordered(o)) {
        settle_first(o, c);
    } else if (early && c->tls) {
        report_early(o, c);
    } else {
        c->waits = true;
        o->waiting++;
    }
}

void wt_queue_let_go_of(struct wt_observer *o, struct wt_conversation *c)
{
    c->tls->seen.flags |= WT_SEEN_LET_GO;
    wt_finding_add(c->tls, WT_FINDING_MEMORY_LIMIT, c->last_frame, "", o->options.max_memory >> 20, o->frame);
}

void wt_queue_end(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->flags & WT_CONV_ENDED)
        return;
    wt_asleep_wake(o, c);
    wt_segments_flush(o, c);
    wt_detect_end(o, c);
    if (c->tls)
        wt_journal_close(o, c);
    if (c->tls && o->letting_go)
        wt_queue_let_go_of(o, c);
    if (c->tls)
        wt_tls_end(o, c);
    else
        wt_places_end(o, c);
    c->flags |= WT_CONV_ENDED;
    settle(o, c);
}

void wt_queue_end_all(struct wt_observer *o)
{
    struct wt_conversations *t = o->conversations;
    struct wt_conversation *c, *next;
    while ((c = wt_conversations_first(t, WT_LIST_OPEN))) {
        wt_queue_end(o, c);
        wt_queue_report_ready(o);
    }
    for (c = wt_conversations_first(t, WT_LIST_ASIDE); c; c = next) {
        next = wt_conversations_next(t, c);
        wt_queue_end(o, c);
    }
    report_refused(o, UINT32_MAX, true);
    wt_refusals_clear(o);
    wt_udp_end_all(o);
    say_reported(o);
    o->closing_count = 0;
    o->closing_bytes = 0;
}

void wt_queue_make_room(struct wt_observer *o)
{
    struct wt_conversations *t = o->conversations;
    struct wt_conversation *c;
    if (wt_conversations_held(t) < WT_LIMIT_CONVERSATIONS)
        return;
    if (!wt_conversations_first(t, WT_LIST_OVER)) {
        c = wt_conversations_first(t, WT_LIST_OPEN);
        c = c ? c : wt_conversations_first(t, WT_LIST_ASIDE);
        o->lost[WT_LOST_CONVERSATIONS] += !(c->flags & WT_CONV_ENDED);
        wt_queue_end(o, c);
        wt_queue_report_ready(o);
    }
    if ((c = wt_conversations_first(t, WT_LIST_OVER)))
        wt_conversations_drop(t, c);
}
