/* The observer's front: packets into conversations, conversations told in order. */
#include "observer/facts.h"
#include "observer/fingerprint.h"
#include "observer/state.h"

#include <stdlib.h>

static const char *const lost_names[WT_LOST_REASONS] = {
    [WT_LOST_TCP_LIMIT] = "tcp_reassembly_limit",   [WT_LOST_TCP_DROPPED] = "tcp_segments_dropped",
    [WT_LOST_CONVERSATIONS] = "conversation_limit", [WT_LOST_DIALOGUES] = "dialogue_limit",
    [WT_LOST_MESSAGES] = "message_limit",           [WT_LOST_MEMORY] = "out_of_memory",
    [WT_LOST_CERTIFICATES] = "certificate_limit",
};

struct wt_observer *wt_observer_new(const struct wt_observer_options *options)
{
    struct wt_observer *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->options = *options;
    o->conversations = wt_conversations_new();
    o->fragments = wt_fragments_new();
    o->crypto = wt_crypto_new();
    o->certificates = o->crypto ? wt_certificates_new(o->crypto) : NULL;
    o->fingerprints = wt_fingerprint_memo_new(); /* without it they are made each time */
    o->judge = o->certificates ? wt_judge_new(o->crypto, o->certificates, options->trust) : NULL;
    o->sessions = calloc(WT_LIMIT_SESSIONS, sizeof *o->sessions);
    o->closing = calloc(WT_LIMIT_CLOSING, sizeof *o->closing);
    if (!o->conversations || !o->fragments || !o->crypto || !o->judge || !o->sessions || !o->closing) {
        wt_observer_free(o);
        return NULL;
    }
    return o;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static void tell(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_connection view;
    struct wt_tls *tls = c->tls;
    if (tls->log && tls->out_of_order)
        wt_log_sort(tls->log);
    if (tls->log)
        wt_log_turn(tls->log, tls->client);
    wt_story_fill(o, c, &view);
    o->summary.connections++;
    o->summary.established += tls->state == WT_ESTABLISHED;
    o->summary.failed += tls->state == WT_FAILED;
    o->summary.incomplete += tls->state == WT_INCOMPLETE;
    if (o->options.connection)
        o->options.connection(o->options.context, &view);
    wt_story_clear(o);
    wt_tls_free(tls);
    c->tls = NULL;
}

/* Those that never became TLS and waited. */
static void tell_refused(struct wt_observer *o, bool all)
{
    for (struct wt_conversation *c; (c = wt_refusals_next(o, all));)
        tell(o, c);
}

/* Tells all that have ended and stand before the first that has not. */
static void tell_ready(struct wt_observer *o)
{
    while (o->next_tell < wt_conversations_count(o->conversations)) {
        struct wt_conversation *c = wt_conversations_at(o->conversations, o->next_tell);
        if (!(c->flags & WT_CONV_ENDED) && c->phase != WT_PHASE_NOT_TLS)
            break;
        if (c->tls || wt_refusals_judge(o, c)) {
            tell_refused(o, false);
            tell(o, c);
        }
        o->next_tell++;
    }
}

/* Whose stream TCP tells of. */
struct seat {
    struct wt_observer *o;
    struct wt_conversation *c;
};

static struct wt_tcp_sink tcp_sink(struct seat *seat);

/* Bytes behind all that passed here, which the other side acknowledged all the same: the capture has lost them. A FIN
 * counts one: one more than passed is a FIN that did not. What no receiver takes in one go nobody has sent (RFC
 * 9293, 3.10.7.4: an acknowledgment of "something not yet sent" is dropped). */
static uint32_t unseen(const struct wt_tcp_direction *d)
{
    int32_t n = (int32_t)(d->acked - d->next) - d->ended;
    return d->started && d->has_ack && n > !d->ended && n <= (int32_t)WT_LIMIT_TCP_UNSEEN ? (uint32_t)n : 0;
}

/* Nothing more is taken in. */
static void end_conversation(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->flags & WT_CONV_ENDED)
        return;
    struct seat seat = {o, c};
    struct wt_tcp_sink sink = tcp_sink(&seat);
    for (unsigned d = 0; d < 2; d++) {
        wt_tcp_flush(&c->tcp[d], d, &o->tcp, &sink);
        if (unseen(&c->tcp[d]))
            sink.gap(sink.context, d, unseen(&c->tcp[d]));
    }
    wt_detect_end(o, c);
    if (c->tls)
        wt_tls_end(o, c);
    c->flags |= WT_CONV_ENDED;
}

static void end_all(struct wt_observer *o)
{
    for (uint32_t i = o->next_tell; i < wt_conversations_count(o->conversations); i++) {
        end_conversation(o, wt_conversations_at(o->conversations, i));
        tell_ready(o);
    }
    tell_refused(o, true);
    wt_refusals_clear(o);
    o->closing_count = 0;
}

/* Closed conversations wait a moment for stragglers: packets are not always captured in order. */
static void close_soon(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->flags & (WT_CONV_CLOSING | WT_CONV_STREAM))
        return;
    c->flags |= WT_CONV_CLOSING;
    uint32_t at = (o->closing_first + o->closing_count) % WT_LIMIT_CLOSING;
    o->closing[at] = (struct wt_closing){c->stream, o->now.ns};
    o->closing_count++;
}

static void sweep(struct wt_observer *o, bool room)
{
    while (o->closing_count) {
        const struct wt_closing *w = &o->closing[o->closing_first];
        int64_t age = o->now.ns - w->ns;
        if (!(room && o->closing_count == WT_LIMIT_CLOSING) && age >= 0 && age < WT_LIMIT_CLOSING_NS)
            break;
        if (w->stream >= wt_conversations_first(o->conversations))
            end_conversation(o, wt_conversations_at(o->conversations, w->stream));
        o->closing_first = (o->closing_first + 1) % WT_LIMIT_CLOSING;
        o->closing_count--;
        tell_ready(o);
    }
}

/* Whether all conversations of the oldest block have ended and were told. */
static bool block_is_over(const struct wt_observer *o)
{
    uint32_t from = wt_conversations_first(o->conversations), to = from + WT_CONVERSATION_BLOCK;
    if (o->next_tell < to)
        return false;
    for (uint32_t i = from; i < to; i++)
        if (!(wt_conversations_at(o->conversations, i)->flags & WT_CONV_ENDED))
            return false;
    return true;
}

/* For runs without end: what was silent for idle_seconds has ended, and old blocks are let go. */
static void end_idle(struct wt_observer *o)
{
    const int64_t second = 1000000000, idle = o->options.idle_seconds * second;
    if (o->now.ns < o->idle_ns)
        return;
    for (uint32_t i = wt_conversations_first(o->conversations);
         o->idle_ns && i < wt_conversations_count(o->conversations); i++) {
        struct wt_conversation *c = wt_conversations_at(o->conversations, i);
        if (!(c->flags & (WT_CONV_ENDED | WT_CONV_STREAM)) && o->now.ns - c->seen_ns > idle)
            end_conversation(o, c);
    }
    o->idle_ns = o->now.ns + (idle > 4 * second ? idle / 4 : second);
    tell_ready(o);
    while (block_is_over(o))
        wt_conversations_drop_block(o->conversations);
}

/* The oldest block of conversations makes room. */
static void make_room(struct wt_observer *o)
{
    struct wt_conversations *t = o->conversations;
    if (wt_conversations_count(t) - wt_conversations_first(t) < WT_LIMIT_CONVERSATIONS)
        return;
    uint32_t to = wt_conversations_first(t) + WT_CONVERSATION_BLOCK;
    for (uint32_t i = wt_conversations_first(t); i < to; i++) {
        struct wt_conversation *c = wt_conversations_at(t, i);
        o->lost[WT_LOST_CONVERSATIONS] += !(c->flags & WT_CONV_ENDED);
        end_conversation(o, c);
    }
    tell_ready(o);
    wt_conversations_drop_block(t);
}

/* --- streams -------------------------------------------------------------------------------------------------------
 */

static void announce(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    if (!o->options.known || !tls || tls->announced)
        return;
    wt_tls_settle(o, c);
    if (tls->state == WT_INCOMPLETE)
        return;
    if (tls->state == WT_ESTABLISHED && wt_tls_is_13(tls) && !tls->after)
        return; /* the server may still refuse */
    struct wt_connection view;
    tls->announced = true;
    wt_story_fill(o, c, &view);
    view.messages = NULL; /* sides are turned only when the story is whole */
    view.message_count = 0;
    o->options.known(o->options.context, &view);
    wt_story_clear(o);
}

static void deliver(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span bytes)
{
    if (c->phase == WT_PHASE_TLS && c->tls->side[d].flags & WT_SIDE_UNREACHED)
        return; /* behind what never came: nobody was told of it */
    if (c->phase == WT_PHASE_TLS && c->last_ns)
        wt_facts_pause(o, c->tls, d, c->last_ns);
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
        deliver(o, s->c, d, bytes);
        return;
    }
    /* these came earlier than the packet at hand, and are told with their own */
    struct wt_time now = o->now;
    uint32_t frame = o->frame;
    o->now.ns = o->tcp.held.ns;
    o->frame = o->tcp.held.frame;
    deliver(o, s->c, d, bytes);
    if (s->c->tls)
        s->c->tls->out_of_order = true;
    o->now = now;
    o->frame = frame;
}

/* The receiver acknowledged no more than what stands before the hole, and has left since: not the capture lacks these
 * bytes, but the receiver. */
static bool never_came(const struct wt_conversation *c, unsigned d)
{
    const struct wt_tls *tls = c->tls;
    bool left = c->flags & (WT_CONV_FIN << !d) || (tls->reset_seen && tls->reset_by == !d);
    return left && c->tcp[d].has_ack && c->tcp[d].acked == c->tcp[d].next;
}

static void on_gap(void *context, unsigned d, uint64_t n)
{
    const struct seat *s = context;
    if (s->c->phase == WT_PHASE_TLS && never_came(s->c, d))
        s->c->tls->side[d].flags |= WT_SIDE_UNREACHED;
    else if (s->c->phase == WT_PHASE_TLS)
        wt_tls_gap(s->o, s->c, d, n);
    else if (s->c->phase == WT_PHASE_PLAIN)
        wt_detect_lost(s->o, s->c, d);
}

static void leaves(struct wt_conversation *c, unsigned d)
{
    if (!(c->flags & (WT_CONV_LEFT | WT_CONV_LEFT << 1)))
        c->flags |= (uint16_t)(WT_CONV_LEFT << d);
}

/* The packet counts that says so first, whether or not all before it has come. */
static void closes(const struct wt_observer *o, struct wt_conversation *c, unsigned d)
{
    if (c->tls && !c->tls->fin_frame[d])
        c->tls->fin_frame[d] = o->frame;
    if (c->tls && !c->tls->end_ns)
        c->tls->end_ns = o->now.ns;
}

static void on_end(void *context, unsigned d)
{
    const struct seat *s = context;
    leaves(s->c, d);
    s->c->flags |= (uint16_t)(WT_CONV_FIN << d);
    if (!s->c->tls)
        return;
    closes(s->o, s->c, d);
    wt_facts_closed(s->c->tls, d, false);
}

static void on_conflict(void *context, unsigned d)
{
    const struct seat *s = context;
    if (s->c->tls)
        wt_finding_add(s->c->tls, WT_FINDING_TCP_CONFLICT, s->o->frame, wt_tls_sender(s->c->tls, d), 0, 0);
}

static struct wt_tcp_sink tcp_sink(struct seat *seat)
{
    return (struct wt_tcp_sink){on_data, on_gap, on_end, on_conflict, seat};
}

/* --- packets -------------------------------------------------------------------------------------------------------
 */

/* A SYN with another sequence number than the conversation began with: the port is used again. A SYN-ACK never begins a
 * conversation; what it answers did. (Wireshark numbers tcp.stream so.) */
static bool is_another(const struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    if ((s->flags & (WT_TCP_SYN | WT_TCP_ACK)) != WT_TCP_SYN)
        return false;
    return c->tcp[d].started ? s->sequence != c->tcp[d].base : (bool)(c->flags & (WT_CONV_RST << d));
}

/* A SYN where the stream was thought to stand elsewhere: it was torn down before it carried anything and is tried once
 * more, or a stray packet came before its SYN-ACK. */
static void begin_again(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    const uint16_t over = WT_CONV_RESET | WT_CONV_ENDED | WT_CONV_FIN | WT_CONV_FIN << 1;
    if (c->tls || !(s->flags & WT_TCP_SYN))
        return;
    if (!(s->flags & WT_TCP_ACK) && c->flags & over) {
        struct seat seat = {o, c};
        struct wt_tcp_sink sink = tcp_sink(&seat);
        end_conversation(o, c);
        for (unsigned i = 0; i < 2; i++)
            wt_tcp_flush(&c->tcp[i], i, &o->tcp, &sink);
        memset(c->tcp, 0, sizeof c->tcp);
        c->flags &= (uint16_t)~over;
        c->phase = WT_PHASE_PLAIN;
        if (o->next_tell > c->stream)
            o->next_tell = c->stream;
    } else if (c->tcp[d].started && !c->tcp[d].syn && s->sequence != c->tcp[d].base && !c->tcp[d].pending) {
        c->tcp[d] = (struct wt_tcp_direction){.acked = c->tcp[d].acked, .has_ack = c->tcp[d].has_ack};
    }
}

static struct wt_conversation *conversation_of(struct wt_observer *o, const struct wt_segment *s, unsigned *d)
{
    struct wt_conversation *c = wt_conversations_find(o->conversations, s, d);
    if (c && !is_another(c, *d, s)) {
        if (s->flags & WT_TCP_SYN)
            begin_again(o, c, *d, s);
        return c;
    }
    if (c)
        end_conversation(o, c);
    make_room(o);
    c = wt_conversations_add(o->conversations, s);
    if (!c) {
        o->lost[WT_LOST_MEMORY]++;
        return NULL;
    }
    *d = 0;
    c->first_frame = o->frame;
    c->seen_ns = c->last_ns = o->now.ns;
    c->digits = o->now.digits;
    tell_ready(o);
    return c;
}

static void take_segment(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct seat seat = {o, c};
    const struct wt_tcp_sink sink = tcp_sink(&seat);
    c->last_frame = o->frame;
    c->seen_ns = o->now.ns;
    c->flags |= (uint16_t)(s->flags & WT_TCP_SYN ? WT_CONV_SYN << d : 0);
    if ((s->flags & (WT_TCP_SYN | WT_TCP_ACK)) == WT_TCP_SYN && d == 0 && c->syns < UINT8_MAX)
        c->syns++;
    /* a RST's number may be made up by who never saw the stream */
    if ((s->flags & (WT_TCP_ACK | WT_TCP_RST)) == WT_TCP_ACK)
        wt_tcp_acknowledge(&c->tcp[!d], !d, s->acknowledgment, &o->tcp, &sink);
    if (s->flags & WT_TCP_RST) {
        /* RFC 9293, 3.5.3: a RST may carry text for people; it is no stream data. */
        leaves(c, d);
        /* RFC 9293, 3.10.7.4: the first one stands behind all that its side has sent; others may be guesses of a
         * middlebox */
        if (!(c->flags & WT_CONV_RESET) && c->tcp[d].syn && (int32_t)(s->sequence - c->tcp[d].next) > 0)
            wt_tcp_acknowledge(&c->tcp[d], d, s->sequence, &o->tcp, &sink);
        c->flags |= WT_CONV_RESET;
        if (c->tls) {
            wt_tls_reset(o, c->tls, d);
            wt_facts_closed(c->tls, d, true);
        }
        if (!c->tcp[d].started)
            c->flags |= (uint16_t)(WT_CONV_RST << d);
    } else {
        /* a byte or none of what passed already is a keep-alive (RFC 9293, 3.8.4) */
        if (c->tls && s->length > 1 && (int32_t)(s->sequence + s->length - c->tcp[d].next) <= 0 &&
            c->tls->side[d].repeats < UINT16_MAX)
            c->tls->side[d].repeats++;
        if (s->flags & WT_TCP_FIN)
            closes(o, c, d);
        wt_tcp_segment(&c->tcp[d], d, s->sequence, s->flags, wt_span_of(s->data, s->length), s->missing, &o->tcp,
                       &sink);
        if (s->missing && c->tls)
            wt_finding_sum(c->tls, WT_FINDING_CAPTURE_TRUNCATED, o->frame, wt_tls_sender_within(c->tls, d), s->missing);
    }
    if (o->options.known && c->tls)
        announce(o, c);
    if (c->flags & WT_CONV_RESET || (c->flags & WT_CONV_FIN && c->flags & (WT_CONV_FIN << 1)))
        close_soon(o, c);
}

/* Times are what a file says: within these bounds (the years 1823 to 2116) the difference of two is a number. */
static struct wt_time bounded(struct wt_time time)
{
    const int64_t most = INT64_MAX / 2;
    time.ns = time.ns > most ? most : time.ns < -most ? -most : time.ns;
    return time;
}

void wt_observer_packet(struct wt_observer *o, const struct wt_packet *packet)
{
    struct wt_segment s;
    unsigned d = 0;
    o->summary.packets++;
    o->summary.bytes += packet->original;
    o->frame = packet->frame;
    o->now = bounded(packet->time);
    o->tcp.now = (struct wt_tcp_stamp){o->now.ns, packet->frame};
    if (!o->any_time || o->now.ns < o->first_ns)
        o->first_ns = o->now.ns;
    if (o->latest_ns && o->now.ns - o->latest_ns > WT_LIMIT_JUMP_NS)
        o->jumped_ns = o->now.ns;
    if (o->now.ns > o->latest_ns)
        o->latest_ns = o->now.ns;
    if (!o->any_time || o->now.ns > o->last_ns)
        o->last_ns = o->now.ns;
    o->any_time = true;
    enum wt_packet_reason reason = wt_packet_decode(o->fragments, packet, &s);
    if (reason != WT_PACKET_TCP) {
        o->skipped[reason]++;
        /* what an ICMP error quotes is numbered as a conversation, no more */
        if (reason == WT_PACKET_QUOTED && !wt_conversations_find(o->conversations, &s, &d))
            (void)conversation_of(o, &s, &d);
        return;
    }
    if (o->options.idle_seconds)
        end_idle(o);
    if (o->closing_count)
        sweep(o, o->closing_count == WT_LIMIT_CLOSING);
    struct wt_conversation *c = conversation_of(o, &s, &d);
    if (c && !(c->flags & WT_CONV_ENDED))
        take_segment(o, c, d, &s);
    else if (c)
        c->last_frame = o->frame;
}

static void next_file(struct wt_observer *o)
{
    end_all(o);
    o->skipped[WT_PACKET_FRAGMENT_LOST] += wt_fragments_flush(o->fragments);
    wt_conversations_free(o->conversations);
    o->conversations = wt_conversations_new();
    o->next_tell = 0;
    o->latest_ns = o->jumped_ns = 0;
    o->closing_first = 0;
    o->idle_ns = 0;
}

void wt_observer_file(struct wt_observer *o, const char *name)
{
    if (o->file)
        next_file(o);
    free(o->file);
    o->file = strdup(name);
    o->file_number++;
    o->summary.files++;
}

void wt_observer_finish(struct wt_observer *o)
{
    end_all(o);
    o->skipped[WT_PACKET_FRAGMENT_LOST] += wt_fragments_flush(o->fragments);
}

/* --- streams without packets -----------------------------------------------------------------------------------------
 */

struct wt_stream {
    struct wt_observer *o;
    uint32_t number, file;
};

/* NULL when the conversation has ended without the handle: another input began, or it had to make room. */
static struct wt_conversation *stream_conversation(const struct wt_stream *s)
{
    if (s->file != s->o->file_number || s->number < wt_conversations_first(s->o->conversations))
        return NULL;
    struct wt_conversation *c = wt_conversations_at(s->o->conversations, s->number);
    return c->flags & WT_CONV_ENDED ? NULL : c;
}

struct wt_stream *wt_observer_stream(struct wt_observer *o, const struct wt_address *client,
                                     const struct wt_address *server)
{
    struct wt_stream *s = malloc(sizeof *s);
    make_room(o);
    struct wt_conversation *c = s ? wt_conversations_add(o->conversations, NULL) : NULL;
    if (!c) {
        free(s);
        return NULL;
    }
    memcpy(c->ip[0], client->ip, 16);
    memcpy(c->ip[1], server->ip, 16);
    c->port[0] = client->port;
    c->port[1] = server->port;
    c->flags = WT_CONV_STREAM | WT_CONV_SYN;
    c->tcp[0].syn = c->tcp[1].syn = 1;
    *s = (struct wt_stream){o, c->stream, o->file_number};
    return s;
}

void wt_stream_bytes(struct wt_stream *s, enum wt_side from, struct wt_time time, const void *bytes, size_t length)
{
    struct wt_conversation *c = stream_conversation(s);
    s->o->now = bounded(time);
    s->o->frame = 0;
    if (!c)
        return;
    c->digits = time.digits;
    if (length)
        deliver(s->o, c, from == WT_SERVER, wt_span_of(bytes, length));
    announce(s->o, c);
}

void wt_stream_close(struct wt_stream *s, struct wt_time time, bool reset)
{
    struct wt_conversation *c = stream_conversation(s);
    s->o->now = bounded(time);
    if (c) {
        c->flags |= reset ? WT_CONV_RESET : WT_CONV_FIN | WT_CONV_FIN << 1;
        if (c->tls) /* who closed is not said */
            wt_facts_closed(c->tls, c->tls->client, reset);
        end_conversation(s->o, c);
        tell_ready(s->o);
    }
    free(s);
}

/* --- summary ---------------------------------------------------------------------------------------------------------
 */

const struct wt_summary *wt_observer_summary(struct wt_observer *o)
{
    size_t n = 0;
    o->lost[WT_LOST_TCP_LIMIT] = o->tcp.limit_hits;
    o->lost[WT_LOST_TCP_DROPPED] = o->tcp.dropped_segments;
    for (unsigned i = 0; i < WT_PACKET_REASONS; i++)
        if (o->skipped[i] && i != WT_PACKET_TCP && i != WT_PACKET_NOT_TCP && i != WT_PACKET_FRAGMENT_HELD &&
            i != WT_PACKET_QUOTED)
            o->undecoded[n++] = (struct wt_undecoded){wt_packet_reason_name((enum wt_packet_reason)i), o->skipped[i]};
    for (unsigned i = 0; i < WT_LOST_REASONS; i++)
        if (o->lost[i])
            o->undecoded[n++] = (struct wt_undecoded){lost_names[i], o->lost[i]};
    o->summary.undecoded = o->undecoded;
    o->summary.undecoded_count = n;
    o->summary.seconds = o->any_time ? (double)(o->last_ns - o->first_ns) / 1e9 : 0;
    return &o->summary;
}

void wt_observer_free(struct wt_observer *o)
{
    if (!o)
        return;
    if (o->conversations) {
        o->options.connection = NULL;
        o->options.known = NULL;
        end_all(o);
    }
    wt_conversations_free(o->conversations);
    if (o->fragments)
        wt_fragments_free(o->fragments);
    wt_judge_free(o->judge);
    wt_fingerprint_memo_free(o->fingerprints);
    wt_certificates_free(o->certificates);
    wt_crypto_free(o->crypto);
    free(o->sessions);
    wt_servers_free(o->servers);
    wt_refusals_free(o->refusals);
    if (o->session_secrets)
        wt_wipe(o->session_secrets, WT_LIMIT_SESSIONS * sizeof *o->session_secrets);
    free(o->session_secrets);
    if (o->record)
        wt_wipe(o->record, WT_LIMIT_RECORD);
    free(o->record);
    wt_buffer_wipe(&o->shown);
    free(o->closing);
    free(o->file);
    wt_buffer_free(&o->text);
    wt_buffer_free(&o->raw);
    free(o);
}
