/* TCP's segments into conversations: numbered, put in order, their bytes handed on, their end noted. */
#include "observer/transport/segments.h"

#include "observer/detect/detect.h"
#include "observer/facts.h"
#include "observer/observer.h"
#include "observer/places.h"
#include "observer/records.h"
#include "observer/state.h"

/* Whose stream TCP reports. */
struct seat {
    struct wt_observer *o;
    struct wt_conversation *c;
};

void wt_segments_bytes(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    if (c->phase == WT_PHASE_TLS && c->tls->side[wt_tls_side_of(c->tls, d)].flags & WT_SIDE_UNREACHED)
        return; /* after what never came: it reached nobody */
    if (c->phase == WT_PHASE_TLS && c->last_ns)
        wt_facts_pause(o, c->tls, wt_tls_side_of(c->tls, d), c->last_ns);
    c->flags |= WT_CONV_SPOKE;
    if (c->last_ns < o->now.ns)
        c->last_ns = o->now.ns;
    if (c->phase == WT_PHASE_TLS)
        wt_tls_data(o, c, d, bytes);
    else if (c->phase == WT_PHASE_PLAIN)
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
    if (s->c->tls)
        s->c->tls->out_of_order = true;
    o->now = now;
    o->frame = frame;
}

/* With options.keep_messages. */
static void on_kept_data(void *context, unsigned d, struct wt_span bytes)
{
    const struct seat *s = context;
    wt_places_packet(s->o, s->c, d, bytes.n);
    on_data(context, d, bytes);
}

void wt_segments_begin(struct wt_observer *o)
{
    o->take = o->options.keep_messages ? on_kept_data : on_data;
}

/* The receiver acknowledged no more than what is before the hole, and has left since: not the capture lacks these
 * bytes, but the receiver. */
static bool never_came(const struct wt_conversation *c, unsigned d)
{
    const struct wt_transport_end *end = &c->tls->end;
    bool left = wt_transport_ended(&c->transport, !d) || (end->reset_seen && end->reset_by == !d);
    return left && wt_transport_stops_here(&c->transport, d);
}

static void on_gap(void *context, unsigned d, uint64_t n)
{
    const struct seat *s = context;
    if (s->c->phase == WT_PHASE_TLS && never_came(s->c, d))
        s->c->tls->side[wt_tls_side_of(s->c->tls, d)].flags |= WT_SIDE_UNREACHED;
    else if (s->c->phase == WT_PHASE_TLS)
        wt_records_gap(s->o, s->c, d, n);
    else if (s->c->phase == WT_PHASE_PLAIN)
        wt_detect_lost(s->o, s->c, d);
}

static void leave(struct wt_observer *o, struct wt_conversation *c, unsigned d)
{
    int64_t ms = (o->now.ns - c->last_ns) / 1000000; /* without bytes: since the first packet */
    if (!(c->flags & WT_CONV_SPOKE) && !wt_transport_is_ending(&c->transport) && ms > 0)
        c->left_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
    wt_transport_leave(&c->transport, d);
}

static void on_end(void *context, unsigned d)
{
    const struct seat *s = context;
    leave(s->o, s->c, d);
    s->c->transport.flags |= (uint16_t)(WT_TRANSPORT_FIN << d);
    if (!s->c->tls)
        return;
    wt_transport_end_fin(&s->c->tls->end, d, s->o->frame, s->o->now.ns);
    wt_facts_closed(s->c->tls, wt_tls_side_of(s->c->tls, d), false);
}

static void on_conflict(void *context, unsigned d)
{
    const struct seat *s = context;
    if (s->c->tls)
        wt_finding_add(s->c->tls, WT_FINDING_TCP_CONFLICT, s->o->frame, wt_tls_sender(wt_tls_side_of(s->c->tls, d)), 0,
                       0);
}

static struct wt_tcp_sink tcp_sink(struct seat *seat)
{
    return (struct wt_tcp_sink){seat->o->take, on_gap, on_end, on_conflict, seat};
}

void wt_segments_flush(struct wt_observer *o, struct wt_conversation *c)
{
    struct seat seat = {o, c};
    struct wt_tcp_sink sink = tcp_sink(&seat);
    for (unsigned d = 0; d < 2; d++) {
        wt_tcp_flush(&c->transport.tcp[d], d, &o->tcp, &sink);
        if (wt_transport_unseen(&c->transport, d))
            sink.gap(sink.context, d, wt_transport_unseen(&c->transport, d));
    }
}

/* A SYN with another sequence number than the conversation began with: the port is used again. A SYN-ACK never begins a
 * conversation; what it answers did. (Wireshark numbers tcp.stream so.) */
static bool is_another(const struct wt_transport *t, unsigned d, const struct wt_segment *s)
{
    if ((s->flags & (WT_TCP_SYN | WT_TCP_ACK)) != WT_TCP_SYN)
        return false;
    return t->tcp[d].started ? s->sequence != t->tcp[d].base : (bool)(t->flags & (WT_TRANSPORT_RST << d));
}

/* A SYN where the stream was thought to be elsewhere: it was torn down before it carried anything and is tried once
 * more, or a stray packet came before its SYN-ACK. */
static void begin_again(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    const uint16_t over = WT_TRANSPORT_RESET | WT_TRANSPORT_FIN | WT_TRANSPORT_FIN << 1;
    struct wt_tcp_direction *tcp = c->transport.tcp;
    if (c->tls || !(s->flags & WT_TCP_SYN))
        return;
    if (!(s->flags & WT_TCP_ACK) && (c->flags & WT_CONV_ENDED || c->transport.flags & over)) {
        struct seat seat = {o, c};
        struct wt_tcp_sink sink = tcp_sink(&seat);
        wt_observer_end(o, c);
        for (unsigned i = 0; i < 2; i++)
            wt_tcp_flush(&tcp[i], i, &o->tcp, &sink);
        memset(tcp, 0, sizeof c->transport.tcp);
        c->transport.flags &= (uint16_t)~over;
        c->flags &= (uint8_t)~WT_CONV_ENDED;
        c->phase = WT_PHASE_PLAIN;
        if (o->next_tell > c->stream)
            o->next_tell = c->stream;
    } else if (tcp[d].started && !tcp[d].syn && s->sequence != tcp[d].base && !tcp[d].pending) {
        tcp[d] = (struct wt_tcp_direction){.acked = tcp[d].acked, .has_ack = tcp[d].has_ack};
    }
}

/* The conversation of a segment that may begin one; `c` is what there is between its ends, or NULL. */
static struct wt_conversation *begin(struct wt_observer *o, const struct wt_segment *s, struct wt_conversation *c,
                                     unsigned *d)
{
    if (c && !is_another(&c->transport, *d, s)) {
        if (s->flags & WT_TCP_SYN)
            begin_again(o, c, *d, s);
        return c;
    }
    if (c)
        wt_observer_end(o, c);
    *d = 0;
    return wt_observer_begin(o, s);
}

void wt_segments_number(struct wt_observer *o, const struct wt_segment *s)
{
    unsigned d = 0;
    if (!wt_conversations_find(o->conversations, s, &d))
        (void)begin(o, s, NULL, &d);
}

static void take_reset(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s,
                       const struct wt_tcp_sink *sink)
{
    struct wt_transport *t = &c->transport;
    /* RFC 9293, 3.5.3: a RST may carry text for people; it is no stream data. */
    leave(o, c, d);
    /* RFC 9293, 3.10.7.4: the first one is after all that its side has sent; others may be guesses of a middlebox */
    if (!wt_transport_is_reset(t) && t->tcp[d].syn && (int32_t)(s->sequence - t->tcp[d].next) > 0)
        wt_tcp_acknowledge(&t->tcp[d], d, s->sequence, &o->tcp, sink);
    t->flags |= WT_TRANSPORT_RESET;
    if (c->tls) {
        wt_transport_end_reset(&c->tls->end, d, o->frame, o->now.ns);
        wt_facts_closed(c->tls, wt_tls_side_of(c->tls, d), true);
    }
    if (!t->tcp[d].started)
        t->flags |= (uint16_t)(WT_TRANSPORT_RST << d);
}

static void take_segment(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct seat seat = {o, c};
    const struct wt_tcp_sink sink = tcp_sink(&seat);
    struct wt_transport *t = &c->transport;
    c->last_frame = o->frame;
    c->seen_ns = o->now.ns;
    o->tcp.now.acknowledgment = s->flags & WT_TCP_ACK ? s->acknowledgment : 0;
    if (s->flags & WT_TCP_SYN)
        wt_transport_open(t, d, s->flags);
    /* a RST's number may be made up by who never saw the stream */
    if ((s->flags & (WT_TCP_ACK | WT_TCP_RST)) == WT_TCP_ACK)
        wt_tcp_acknowledge(&t->tcp[!d], !d, s->acknowledgment, &o->tcp, &sink);
    if (s->flags & WT_TCP_RST) {
        take_reset(o, c, d, s, &sink);
    } else {
        /* a byte or none of what was sent already is a keep-alive (RFC 9293, 3.8.4) */
        if (c->tls && s->length > 1 && (int32_t)(s->sequence + s->length - t->tcp[d].next) <= 0 &&
            t->repeats[d] < UINT16_MAX)
            t->repeats[d]++;
        /* the packet counts that says so first, whether or not all before it has come */
        if (c->tls && s->flags & WT_TCP_FIN)
            wt_transport_end_fin(&c->tls->end, d, o->frame, o->now.ns);
        wt_tcp_segment(&t->tcp[d], d, s->sequence, s->flags, wt_span_of(s->data, s->length), s->missing, &o->tcp,
                       &sink);
        if (s->missing && c->tls)
            wt_finding_sum(c->tls, WT_FINDING_CAPTURE_TRUNCATED, o->frame,
                           wt_tls_sender_within(wt_tls_side_of(c->tls, d)), s->missing);
    }
    if (o->options.known && c->tls)
        wt_observer_announce(o, c);
    if (wt_transport_is_over(t) && !(c->flags & WT_CONV_CLOSING))
        wt_observer_end_soon(o, c);
}

void wt_segments_take(struct wt_observer *o, const struct wt_segment *s)
{
    unsigned d = 0;
    struct wt_conversation *c = wt_conversations_find(o->conversations, s, &d);
    if (__builtin_expect(!c || s->flags & WT_TCP_SYN, 0))
        c = begin(o, s, c, &d);
    wt_account_segment(&o->account, c, s);
    if (c && !(c->flags & WT_CONV_ENDED))
        take_segment(o, c, d, s);
    else if (c)
        c->last_frame = o->frame;
}
