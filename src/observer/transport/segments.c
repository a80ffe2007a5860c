/* TCP's segments into conversations: numbered, put in order, their bytes handed on, their end noted. */
#include "observer/transport/segments.h"

#include "observer/asleep.h"
#include "observer/budget.h"
#include "observer/detect/detect.h"
#include "observer/endless.h"
#include "observer/facts.h"
#include "observer/observer.h"
#include "observer/outcome.h"
#include "observer/places.h"
#include "observer/queue.h"
#include "observer/records.h"
#include "observer/state.h"
#include "observer/transport/copies.h"
#include "observer/transport/icmp.h"
#include "observer/transport/journal.h"
#include "observer/transport/multipath.h"
#include "observer/transport/resets.h"
#include "observer/transport/syns.h"
#include "observer/transport/unseen.h"

/* Whose stream TCP reports. */
struct seat {
    struct wt_observer *o;
    struct wt_conversation *c;
};

void wt_segments_bytes(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    if (c->phase == WT_PHASE_TLS && c->tls->side[wt_tls_side_of(c->tls, d)].flags & WT_SIDE_UNREACHED)
        return; /* after what never came: it reached nobody */
    if (c->phase == WT_PHASE_TLS && c->last_ns && !wt_transport_is_skewed(&c->transport))
        wt_facts_pause(o, c->tls, wt_tls_side_of(c->tls, d), c->last_ns);
    c->flags |= WT_CONV_SPOKE;
    if (c->last_ns < o->now.ns)
        c->last_ns = o->now.ns;
    if (c->phase == WT_PHASE_TLS) {
        struct wt_tls_side *side = &c->tls->side[wt_tls_side_of(c->tls, d)];
        side->spoke_ns = o->now.ns;
        side->spoke_acknowledgment = wt_outcome_acknowledgment(o, c);
        wt_tls_data(o, c, d, bytes);
    }
    if (c->phase == WT_PHASE_PLAIN)
        wt_detect_data(o, c, d, bytes);
}

static void on_data(void *context, unsigned d, struct wt_span bytes)
{
    const struct seat *s = context;
    struct wt_observer *o = s->o;
    if (!o->tcp.is_held) {
        wt_segments_bytes(o, s->c, d, bytes);
        return;
    }
    /* these came earlier than the packet at hand, and are reported with their own */
    struct wt_time now = o->now;
    uint32_t frame = o->frame;
    o->now.ns = o->tcp.held.ns;
    o->frame = o->tcp.held.frame;
    wt_segments_bytes(o, s->c, d, bytes);
    if (s->c->tls) {
        struct wt_tls *tls = s->c->tls;
        tls->out_of_order |= !o->tcp.in_turn;
        if (o->now.ns < tls->outcome.start_ns)
            tls->outcome.start_ns = o->now.ns;
    }
    o->now = now;
    o->frame = frame;
}

/* With options.keep_messages, and without no_places. */
static void on_kept_data(void *context, unsigned d, struct wt_span bytes)
{
    const struct seat *s = context;
    wt_places_packet(s->o, s->c, d, bytes.n);
    on_data(context, d, bytes);
}

void wt_segments_again(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    struct seat seat = {o, c};
    o->take(&seat, d, bytes);
}

void wt_segments_begin(struct wt_observer *o)
{
    o->take = o->options.keep_messages && !o->options.no_places ? on_kept_data : on_data;
}

/* The receiver acknowledged no more than what is before the hole, and has left since or kept silent: not the capture
 * lacks these bytes, but the receiver. */
static bool never_came(const struct wt_conversation *c, unsigned d)
{
    const struct wt_transport_end *end = &c->tls->end;
    bool left = wt_transport_ended(&c->transport, !d) || (end->reset_seen && end->reset_by == !d);
    /* RFC 9293, 3.8.6.3: an acknowledgment must not wait half a second; after the handshake both may have gone on
     * unseen */
    bool silent = c->seen_ns - c->last_ns >= WT_LIMIT_PATIENCE_NS && !c->tls->outcome.ready_ns;
    return (left || silent) && wt_transport_stops_here(&c->transport, d);
}

static void on_gap(void *context, unsigned d, uint64_t n)
{
    const struct seat *s = context;
    if (s->c->phase == WT_PHASE_TLS && never_came(s->c, d))
        s->c->tls->side[wt_tls_side_of(s->c->tls, d)].flags |= WT_SIDE_UNREACHED;
    else if (s->c->phase == WT_PHASE_TLS)
        wt_records_gap(s->o, s->c, d, n);
    else if (s->c->phase == WT_PHASE_PLAIN)
        wt_detect_lost(s->c, d);
}

void wt_segments_leave(struct wt_observer *o, struct wt_conversation *c, unsigned d)
{
    int64_t ms = (o->now.ns - c->last_ns) / 1000000; /* without bytes: since the first packet */
    if (!(c->flags & WT_CONV_SPOKE) && !wt_transport_is_ending(&c->transport) && ms > 0)
        c->left_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
    wt_transport_leave(&c->transport, d);
}

static void on_end(void *context, unsigned d)
{
    const struct seat *s = context;
    wt_segments_leave(s->o, s->c, d);
    s->c->transport.flags |= (uint16_t)(WT_TRANSPORT_FIN << d);
    if (!s->c->tls)
        return;
    wt_transport_end_fin(&s->c->tls->end, d, s->o->tcp.is_held ? s->o->tcp.held : s->o->tcp.now);
    wt_facts_closed(s->c->tls, wt_tls_side_of(s->c->tls, d), false);
}

static void on_conflict(void *context, unsigned d)
{
    const struct seat *s = context;
    if (s->c->tls)
        wt_finding_add(s->c->tls, WT_FINDING_TCP_CONFLICT, s->o->frame, wt_tls_sender(wt_tls_side_of(s->c->tls, d)), 0,
                       0);
}

/* A RST that waited for its turn. */
static void on_reset(void *context, unsigned d, const struct wt_tcp_reset *waited)
{
    const struct seat *s = context;
    struct wt_observer *o = s->o;
    const uint32_t acknowledgment = waited->stamp.acknowledgment;
    const struct wt_segment reset = {.sequence = waited->sequence,
                                     .acknowledgment = acknowledgment,
                                     .ttl = waited->hop_limit,
                                     .flags = WT_TCP_RST | (acknowledgment ? WT_TCP_ACK : 0)};
    const struct wt_time now = o->now;
    const struct wt_tcp_stamp at_hand = o->tcp.now;
    const uint32_t frame = o->frame;
    o->now.ns = waited->stamp.ns;
    o->tcp.now = waited->stamp;
    o->frame = waited->stamp.frame;
    wt_resets_take(o, s->c, d, &reset);
    o->now = now;
    o->tcp.now = at_hand;
    o->frame = frame;
}

static void on_overdue(void *context, unsigned d)
{
    const struct seat *s = context;
    s->c->flags |= (uint8_t)(WT_CONV_OVERDUE << d);
}

static struct wt_tcp_sink tcp_sink(struct seat *seat)
{
    return (struct wt_tcp_sink){seat->o->take, on_gap, on_end, on_conflict, seat, on_reset, on_overdue};
}

void wt_segments_flush(struct wt_observer *o, struct wt_conversation *c)
{
    struct seat seat = {o, c};
    struct wt_tcp_sink sink = tcp_sink(&seat);
    wt_tcp_flush_both(c->transport.tcp, &o->tcp, &sink);
    wt_resets_settle(c);
    wt_icmp_settle(c);
    for (unsigned d = 0; d < 2; d++) {
        uint32_t unseen = wt_transport_unseen(&c->transport, d), before = wt_resets_unseen(&c->transport, d);
        if (unseen || before)
            sink.gap(sink.context, d, unseen > before ? unseen : before);
    }
    if (!c->tls)
        return;
    wt_unseen_say_overdue(c);
    wt_resets_order(c);
}

/* A SYN where the stream was thought to be elsewhere: it was torn down before it carried anything and is tried once
 * more, or a stray packet came before its SYN-ACK. False: its end showed a connection, and the SYN begins another. */
static bool begin_again(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    const uint16_t over = WT_TRANSPORT_RESET | WT_TRANSPORT_FIN | WT_TRANSPORT_FIN << 1;
    const uint16_t by = WT_TRANSPORT_RESET_BY_1 | WT_TRANSPORT_LEFT | WT_TRANSPORT_LEFT << 1;
    struct wt_tcp_direction *tcp = c->transport.tcp;
    if (c->tls)
        return true;
    if (wt_unseen_is_refused(c, d, s)) {
        wt_queue_go_on(o, c);
        return true;
    }
    /* the one that a SYN-ACK has answered comes late */
    if (tcp[d].implied && s->sequence == tcp[d].base && !(c->flags & WT_CONV_ENDED))
        return true;
    if (!(s->flags & WT_TCP_ACK) && (c->flags & WT_CONV_ENDED || c->transport.flags & over)) {
        struct seat seat = {o, c};
        struct wt_tcp_sink sink = tcp_sink(&seat);
        wt_queue_end(o, c);
        if (c->tls)
            return false;
        if (!tcp[d].started) /* the RST before it refused another */
            c->transport.flags &= (uint16_t) ~(WT_TRANSPORT_RST | WT_TRANSPORT_RST << 1);
        for (unsigned i = 0; i < 2; i++)
            wt_tcp_flush(&tcp[i], i, &o->tcp, &sink);
        memset(tcp, 0, sizeof c->transport.tcp);
        c->transport.flags &= (uint16_t) ~(over | by);
        if (c->flags & (WT_CONV_TLS | WT_CONV_TOLD | WT_CONV_SPOKE)) { /* what came before was another connection */
            c->first_frame = o->frame;
            c->last_ns = o->now.ns;
            c->left_ms = 0;
        }
        wt_queue_go_on(o, c);
    } else if (tcp[d].started && !tcp[d].syn && s->sequence != tcp[d].base && !tcp[d].pending) {
        tcp[d] = (struct wt_tcp_direction){.acked = tcp[d].acked, .has_ack = tcp[d].has_ack};
    }
    return true;
}

/* The conversation of a segment that may begin one; `c` is what there is between its ends, or NULL. */
static struct wt_conversation *begin(struct wt_observer *o, const struct wt_segment *s, struct wt_conversation *c,
                                     unsigned *d)
{
    if (c && !wt_syns_is_another(&c->transport, *d, s) && (!(s->flags & WT_TCP_SYN) || begin_again(o, c, *d, s)))
        return c;
    if (c)
        wt_queue_end(o, c);
    *d = wt_unseen_is_answer(s);
    return wt_observer_begin(o, s, *d);
}

void wt_segments_number(struct wt_observer *o, const struct wt_segment *s)
{
    unsigned d = 0;
    if (!wt_conversations_find(o->conversations, s, &d))
        (void)begin(o, s, NULL, &d);
}

/* Segments that wait after a hole, near a number that was acknowledged and not believed: each confirms the other. */
static void confirm(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_tcp_sink *sink)
{
    struct wt_transport *t = &c->transport;
    struct wt_tcp_direction *tcp = &t->tcp[d];
    uint32_t mark = tcp->mark;
    if (t->flags & WT_TRANSPORT_RESET || !mark || !wt_transport_may_acknowledge(t, d, mark))
        return;
    tcp->mark = 0;
    wt_tcp_acknowledge(tcp, d, mark, &o->tcp, sink);
}

static void take_payload(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s,
                         bool waits, const struct wt_tcp_sink *sink)
{
    struct wt_transport *t = &c->transport;
    struct wt_tcp_direction *tcp = &t->tcp[d];
    /* a byte or none of what was sent already is a keep-alive (RFC 9293, 3.8.4) */
    bool again = s->length > 1 && (int32_t)(s->sequence + s->length - tcp->next) <= 0;
    if (c->tls && c->tls->journal && s->length && (int32_t)(s->sequence - tcp->next) < 0 &&
        wt_journal_compare(o, c, d, s))
        return;
    if (c->tls && again)
        wt_copies_take(o, c, d, s);
    /* the packet counts that says so first, whether or not all before it has come */
    if (c->tls && s->flags & WT_TCP_FIN)
        wt_transport_end_fin(&c->tls->end, d, o->tcp.now);
    const struct wt_span payload = wt_span_of(s->data, s->length);
    if (__builtin_expect(waits, 0))
        wt_tcp_wait(tcp, d, s->sequence, s->flags, payload, s->missing,
                    (struct wt_tcp_turn){&t->tcp[!d], s->acknowledgment}, &o->tcp, sink);
    else
        wt_tcp_segment(tcp, d, s->sequence, s->flags, payload, s->missing, &o->tcp, sink);
    if (__builtin_expect(tcp->pending || t->tcp[!d].pending, 0)) {
        confirm(o, c, d, sink);
        wt_tcp_alternate(t->tcp, &o->tcp, sink);
    }
    if (c->tls && s->length && !again) {
        wt_copies_note(&c->tls->newest[d], o->now.ns, s->id);
        if (c->tls->journaling)
            wt_journal_note(o, c, d, s);
    }
    if (s->missing && c->tls)
        wt_finding_sum(c->tls, WT_FINDING_CAPTURE_TRUNCATED, o->frame, wt_tls_sender_within(wt_tls_side_of(c->tls, d)),
                       s->missing);
}

/* A RST after data that wait for their turn, or which acknowledges what has not come, waits as they do. */
static void take_reset(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s,
                       const struct wt_tcp_sink *sink)
{
    struct wt_tcp_direction *tcp = c->transport.tcp, *other = &tcp[!d];
    bool early = s->flags & WT_TCP_ACK && other->started && !wt_tcp_has_reached(other, s->acknowledgment) &&
                 s->acknowledgment - other->next <= wt_transport_window(&c->transport, !d) && tcp[d].started;
    /* a FIN counts one; with a number before that it was sent for a segment of the other side, not for its own end */
    bool queued = wt_tcp_waits(&tcp[d]) && (int32_t)(s->sequence - wt_tcp_newest(&tcp[d])) <= 1;
    if ((early || queued) && !tcp[d].impatient && c->phase != WT_PHASE_NOT_TLS)
        wt_tcp_wait_reset(&tcp[d], d, &(struct wt_tcp_reset){o->tcp.now, s->sequence, s->ttl},
                          early ? (struct wt_tcp_turn){other, s->acknowledgment} : (struct wt_tcp_turn){0}, &o->tcp,
                          sink);
    else
        wt_resets_take(o, c, d, s);
}

/* What it acknowledges, and whether it has to wait for that. False when the segment is to be dropped. */
static inline bool take_acknowledgment(struct wt_observer *o, struct wt_conversation *c, unsigned d,
                                       const struct wt_segment *s, const struct wt_tcp_sink *sink, bool *waits)
{
    struct wt_transport *t = &c->transport;
    struct wt_tcp_direction *other = &t->tcp[!d];
    /* a RST's number may be made up by who never saw the stream */
    if ((s->flags & (WT_TCP_ACK | WT_TCP_RST)) != WT_TCP_ACK)
        return true;
    if (__builtin_expect(!t->tcp[d].started, 0) && wt_unseen_is_older(t, d, s))
        return false;
    if (__builtin_expect(!other->started, 0))
        wt_unseen_imply(t, d, s);
    /* the first bytes of a stream that was caught in its middle: what they acknowledge may be late */
    const bool early = !t->tcp[d].started && s->length;
    if (__builtin_expect((int32_t)(s->acknowledgment - other->next) <= 0 || !other->started, 1)) {
        wt_tcp_acknowledge(other, !d, s->acknowledgment, &o->tcp, sink);
        *waits = __builtin_expect(early || other->tentative || !wt_tcp_has_reached(other, s->acknowledgment), 0) &&
                 !t->tcp[d].impatient && c->phase != WT_PHASE_NOT_TLS;
        return true;
    }
    if (!wt_unseen_acknowledged(o, c, d, s, sink))
        return false;
    if (__builtin_expect(other->tentative, 0) &&
        (t->tcp[d].started ? s->sequence == wt_tcp_newest(&t->tcp[d]) : !s->length))
        wt_tcp_settle_start(other);
    *waits = !wt_tcp_has_reached(other, s->acknowledgment) && other->has_ack &&
             (int32_t)(other->acked - s->acknowledgment) >= 0 && !t->tcp[d].impatient && c->phase != WT_PHASE_NOT_TLS;
    return true;
}

static void take_segment(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct seat seat = {o, c};
    const struct wt_tcp_sink sink = tcp_sink(&seat);
    struct wt_transport *t = &c->transport;
    int64_t age = o->now.ns - c->seen_ns;
    if (__builtin_expect(wt_life_is_due(c, d, s, o->now.ns), 0))
        wt_life_look(o, c, d, s);
    c->last_frame = o->frame;
    o->tcp.now.acknowledgment = s->flags & WT_TCP_ACK ? s->acknowledgment : 0;
    if (__builtin_expect(age < 0, 0))
        wt_copies_stepped_back(o, c, -age);
    else
        c->seen_ns = o->now.ns;
    if (s->flags & WT_TCP_SYN) {
        if (!wt_syns_take(o, c, d, s, age))
            return;
    } else if (s->window > t->tcp[d].window) {
        t->tcp[d].window = s->window;
    }
    bool waits = false;
    if (!take_acknowledgment(o, c, d, s, &sink, &waits))
        return;
    if (__builtin_expect(t->flags & WT_TRANSPORT_RIVAL, 0))
        wt_unseen_follow(t, d, s);
    /* RFC 9293, 3.5.3: a RST may carry text for people; it is no stream data. */
    if (s->flags & WT_TCP_RST)
        take_reset(o, c, d, s, &sink);
    else
        take_payload(o, c, d, s, waits, &sink);
    if (o->options.known && c->tls)
        wt_observer_announce(o, c);
    wt_budget_touch(o, c);
    if (wt_transport_is_reset(t))
        wt_resets_weigh(c);
    if (wt_transport_is_over(t) && !wt_transport_is_doubtful(t) && !(c->flags & WT_CONV_CLOSING) &&
        !wt_unseen_may_come(t))
        wt_observer_end_soon(o, c);
}

/* It was over, and has been reported: whoever merged the captures put these bytes WT_LIMIT_CLOSING_NS after its end.
 * False where nothing of it was: then it goes on. */
static bool is_too_late(struct wt_observer *o, struct wt_conversation *c, const struct wt_segment *s)
{
    if (wt_unseen_is_first(o, c, s)) {
        wt_queue_go_on(o, c);
        return false;
    }
    c->last_frame = o->frame;
    if (s->length && c->phase == WT_PHASE_TLS)
        o->lost[WT_LOST_LATE]++;
    return true;
}

/* A subflow of Multipath TCP has said something, in its own numbers. */
static void take_of_subflow(struct wt_observer *o, struct wt_conversation *subflow, unsigned from,
                            const struct wt_segment *s)
{
    struct wt_segment moved = *s;
    struct wt_conversation *c = subflow;
    unsigned d = from;
    (void)wt_multipath_take(o, &c, &d, &moved);
    if (c->asleep)
        wt_asleep_wake_up(o, c);
    wt_account_segment(&o->account, c, s);
    if (!(c->flags & WT_CONV_ENDED) || !is_too_late(o, c, &moved)) {
        if (o->options.keep_segments)
            wt_places_segment(o, c, d, &moved);
        take_segment(o, c, d, &moved);
    }
    if (c == subflow || !(s->flags & (WT_TCP_FIN | WT_TCP_RST)) || subflow->flags & WT_CONV_ENDED)
        return;
    /* all that it has to end is itself: its bytes were another's */
    const struct wt_tcp_direction *tcp = subflow->transport.tcp;
    const struct wt_segment end = {.sequence = tcp[from].next,
                                   .acknowledgment = tcp[!from].next,
                                   .flags = s->flags,
                                   .ttl = s->ttl,
                                   .window = s->window};
    take_segment(o, subflow, from, &end);
}

void wt_segments_take(struct wt_observer *o, const struct wt_segment *s)
{
    unsigned d = 0;
    struct wt_conversation *c = wt_conversations_find(o->conversations, s, &d);
    if (__builtin_expect(c && c->multipath && !(s->flags & WT_TCP_SYN), 0)) {
        take_of_subflow(o, c, d, s);
        return;
    }
    if (__builtin_expect(c && c->asleep, 0))
        wt_asleep_wake_up(o, c);
    if (__builtin_expect(!c || s->flags & WT_TCP_SYN, 0))
        c = begin(o, s, c, &d);
    wt_account_segment(&o->account, c, s);
    if (!c || (__builtin_expect(c->flags & WT_CONV_ENDED, 0) && is_too_late(o, c, s)))
        return;
    if (__builtin_expect(o->options.keep_segments, 0))
        wt_places_segment(o, c, d, s);
    take_segment(o, c, d, s);
}
