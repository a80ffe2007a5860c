/* The observer's front: packets and streams into conversations. */
#include "observer/observer.h"

#include "base/memory.h"
#include "base/options.h"
#include "base/recent.h"
#include "base/uninitialized.h"
#include "capture/fragment.h"
#include "diagnosis/twins.h"
#include "observer/asleep.h"
#include "observer/budget.h"
#include "observer/detect/refusals.h"
#include "observer/endless.h"
#include "observer/facts.h"
#include "observer/fingerprint/fingerprint.h"
#include "observer/message/known_hello.h"
#include "observer/message/same.h"
#include "observer/places.h"
#include "observer/queue.h"
#include "observer/quic/quic.h"
#include "observer/state.h"
#include "observer/story.h"
#include "observer/transport/journal.h"
#include "observer/transport/multipath.h"
#include "observer/transport/others.h"
#include "observer/transport/segments.h"

#include <stdlib.h>

struct wt_observer *wt_observer_new(const struct wt_observer_options *options, struct wt_error *error)
{
    struct wt_observer *o = wt_calloc(1, sizeof *o);
    if (o && !wt_options_take(&o->options, sizeof o->options, options, error)) {
        free(o);
        return NULL;
    }
    if (error)
        *error = (struct wt_error){.code = WT_MEMORY, .field = "observer"};
    if (!o)
        return NULL;
    o->options.keep_packet_headers = options->keep_messages && o->options.keep_packet_headers;
    o->options.keep_segments = options->keep_messages && o->options.keep_segments;
    o->options.keep_datagrams = options->keep_messages && o->options.keep_datagrams;
    o->options.no_places &= !o->options.keep_packet_headers && !o->options.keep_segments;
    if (!o->options.max_memory)
        o->options.max_memory = WT_LIMIT_MEMORY;
    o->sleep_at = WT_LIMIT_AWAKE < o->options.max_memory ? WT_LIMIT_AWAKE : o->options.max_memory;
    options = &o->options;
    o->refused = wt_memory_refusals();
    wt_segments_begin(o);
    o->pool.most = WT_LIMIT_POOL_BYTES;
    o->attentive = options->idle_seconds || options->keep_packet_headers;
    o->conversations = wt_conversations_new();
    o->fragments = wt_fragments_new();
    o->crypto = wt_crypto_new();
    o->certificates = o->crypto ? wt_certificates_new(o->crypto) : NULL;
    o->fingerprints = wt_fingerprint_memo_new(); /* without it they are made each time, as what follows */
    o->known_hellos = wt_known_hellos_new();
    if (o->crypto)
        wt_crypto_work(o->crypto)->limited = options->verify != WT_VERIFY_ALL;
    o->judge = o->certificates ? wt_judge_new(o->crypto, o->certificates, options->trust) : NULL;
    o->closing = wt_calloc(WT_LIMIT_CLOSING, sizeof *o->closing);
    if (!o->conversations || !o->fragments || !o->crypto || !o->judge || !o->closing) {
        wt_observer_free(o);
        return NULL;
    }
    if (error)
        *error = (struct wt_error){0};
    return o;
}

struct wt_conversation *wt_observer_begin(struct wt_observer *o, const struct wt_segment *s, unsigned direction)
{
    wt_queue_make_room(o);
    struct wt_conversation *c = wt_conversations_add(o->conversations, s, direction);
    if (!c)
        return NULL;
    c->first_frame = o->frame;
    c->seen_ns = c->last_ns = o->now.ns;
    c->digits = o->now.digits;
    wt_queue_report_ready(o);
    return c;
}

/* --- streams -------------------------------------------------------------------------------------------------------
 */

void wt_observer_announce(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    if (!o->options.known || !tls || tls->announced || tls->unwanted)
        return;
    wt_outcome_settle(o, c);
    if (tls->outcome.state == WT_INCOMPLETE)
        return;
    if (tls->outcome.state == WT_ESTABLISHED && wt_tls_is_13(tls) && !tls->outcome.after)
        return; /* the server may still refuse */
    struct wt_connection view WT_UNINITIALIZED;
    tls->announced = true;
    wt_story_fill(o, c, &view);
    view.messages = NULL; /* sides are turned only when the story is whole */
    view.message_count = 0;
    wt_observer_quiet(o, false);
    o->options.known(o->options.context, &view);
    wt_observer_quiet(o, true);
    wt_story_clear(o);
}

/* --- packets -------------------------------------------------------------------------------------------------------
 */

/* Times are what a file says: within these bounds (the years 1823 to 2116) the difference of two is a number. */
static struct wt_time bounded(struct wt_time time)
{
    const int64_t most = INT64_MAX / 2;
    time.ns = time.ns > most ? most : time.ns < -most ? -most : time.ns;
    return time;
}

static inline void look_at_clock(struct wt_observer *o, int64_t now)
{
    if (__builtin_expect(!o->any_time, 0)) {
        o->first_ns = o->last_ns = now;
        o->any_time = true;
    }
    if (now < o->first_ns)
        o->first_ns = now;
    if (now > o->last_ns)
        o->last_ns = now;
    if (now <= o->latest_ns)
        return;
    if (o->latest_ns && now - o->latest_ns > WT_LIMIT_JUMP_NS)
        wt_observer_paused(o, o->latest_ns, now);
    o->latest_ns = now;
}

void wt_observer_clock(struct wt_observer *o, struct wt_time now)
{
    o->now = bounded(now);
    look_at_clock(o, o->now.ns);
}

/* What options ask for at each packet. */
static void attend(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *s)
{
    if (o->options.idle_seconds)
        wt_observer_end_idle(o);
    if (o->options.keep_packet_headers)
        wt_places_look(o, packet, s);
}

static void take(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *s,
                 enum wt_packet_reason reason)
{
    if (__builtin_expect(s->notes != 0, 0))
        wt_others_notes(o, s);
    if (reason != WT_PACKET_TCP) {
        if (o->options.keep_packet_headers && reason == WT_PACKET_UDP)
            wt_places_headers(o, packet, s);
        wt_others_take(o, packet, s, reason);
        o->headers.frame = 0; /* the caller's bytes */
        return;
    }
    if (o->attentive)
        attend(o, packet, s);
    if (o->closing_count && wt_observer_is_due(o, WT_LIMIT_CLOSING_NS))
        wt_observer_sweep(o, wt_observer_needs_room(o), WT_LIMIT_CLOSING_NS);
    wt_segments_take(o, s);
    o->headers.frame = 0; /* the caller's bytes */
}

/* The packet holds several, and was counted with the first of them. */
static void take_rest(struct wt_observer *o, const struct wt_packet *packet, struct wt_segment *s)
{
    while (s->notes & WT_NOTE_MORE) {
        enum wt_packet_reason reason = wt_packet_next(o->fragments, packet, s);
        o->account.weight = 0;
        if (reason == WT_PACKET_TCP || reason == WT_PACKET_UDP)
            take(o, packet, s, reason);
    }
}

void wt_observer_packet(struct wt_observer *o, const struct wt_packet *packet)
{
    struct wt_segment s WT_UNINITIALIZED;
    wt_observer_quiet(o, true);
    o->summary.packets++;
    o->summary.bytes += packet->original;
    o->account.weight = 1;
    o->frame = packet->frame;
    o->now = bounded(packet->time);
    o->tcp.now = (struct wt_tcp_stamp){o->now.ns, packet->frame, 0};
    look_at_clock(o, o->now.ns);
    enum wt_packet_reason reason = wt_packet_decode(o->fragments, packet, &s);
    take(o, packet, &s, reason);
    if (__builtin_expect(s.notes & WT_NOTE_MORE, 0))
        take_rest(o, packet, &s);
    if (__builtin_expect(o->summary.packets % WT_LIMIT_MEMORY_PACKETS == 0, 0))
        wt_budget_keep(o);
    wt_observer_quiet(o, false);
}

static void next_file(struct wt_observer *o)
{
    wt_queue_end_all(o);
    o->skipped[WT_PACKET_FRAGMENT_LOST] += wt_fragments_flush(o->fragments);
    wt_conversations_free(o->conversations);
    o->conversations = wt_conversations_new();
    wt_datagrams_clear(&o->datagrams);
    wt_twins_free(o->twins); /* streams are numbered by file */
    wt_same_free(o->same);
    wt_multipath_free(o->multipath);
    o->twins = NULL;
    o->multipath = NULL;
    o->same = NULL;
    o->told = 0;
    o->reported = 0;
    o->latest_ns = o->jumped_ns = o->paused_ns = o->before_ns = 0;
    o->closing_first = 0;
    o->idle_ns = 0;
}

void wt_observer_file(struct wt_observer *o, const char *name)
{
    wt_observer_quiet(o, true);
    if (o->file)
        next_file(o);
    wt_observer_quiet(o, false);
    free(o->file);
    o->file = wt_strdup(name);
    o->file_number++;
    o->summary.files++;
}

void wt_observer_finish(struct wt_observer *o)
{
    wt_observer_quiet(o, true);
    wt_queue_end_all(o);
    o->skipped[WT_PACKET_FRAGMENT_LOST] += wt_fragments_flush(o->fragments);
    wt_observer_quiet(o, false);
}

/* --- streams without packets -----------------------------------------------------------------------------------------
 */

struct wt_stream {
    struct wt_observer *o;
    uint32_t id, number, file; /* of the conversation: its room, its stream number, the input */
};

/* NULL when the conversation has ended without the handle: another input began, or it had to make room. */
static struct wt_conversation *stream_conversation(const struct wt_stream *s)
{
    if (s->file != s->o->file_number)
        return NULL;
    struct wt_conversation *c = wt_conversations_get(s->o->conversations, s->id, s->number);
    if (!c || c->flags & WT_CONV_ENDED)
        return NULL;
    wt_asleep_wake(s->o, c);
    return c;
}

struct wt_stream *wt_observer_stream(struct wt_observer *o, const struct wt_address *client,
                                     const struct wt_address *server)
{
    struct wt_stream *s = wt_malloc(sizeof *s);
    wt_queue_make_room(o);
    struct wt_conversation *c = s ? wt_conversations_add(o->conversations, NULL, 0) : NULL;
    if (!c) {
        free(s);
        return NULL;
    }
    memcpy(c->ip[0], client->ip, 16);
    memcpy(c->ip[1], server->ip, 16);
    c->port[0] = client->port;
    c->port[1] = server->port;
    wt_transport_feed(&c->transport);
    *s = (struct wt_stream){o, c->id, c->stream, o->file_number};
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
    wt_observer_quiet(s->o, true);
    if (length && s->o->options.keep_messages)
        wt_places_packet(s->o, c, from == WT_SERVER, length);
    if (length)
        wt_segments_bytes(s->o, c, from == WT_SERVER, wt_span_of(bytes, length));
    wt_transport_fed(&c->transport, from == WT_SERVER, length);
    wt_budget_count(s->o, c);
    wt_budget_keep(s->o);
    wt_observer_announce(s->o, c);
    wt_observer_quiet(s->o, false);
}

/* A FIN or a RST without a packet. */
static void end_direction(struct wt_observer *o, struct wt_conversation *c, unsigned d, bool reset)
{
    const struct wt_tcp_stamp stamp = {.ns = o->now.ns};
    struct wt_transport *t = &c->transport;
    wt_segments_leave(o, c, d);
    if (!reset)
        t->flags |= (uint16_t)(WT_TRANSPORT_FIN << d);
    else if (!wt_transport_is_reset(t))
        t->flags |= (uint16_t)(WT_TRANSPORT_RESET | (d ? WT_TRANSPORT_RESET_BY_1 : 0));
    if (!c->tls)
        return;
    if (reset)
        wt_transport_end_reset(&c->tls->end, d, stamp);
    else
        wt_transport_end_fin(&c->tls->end, d, stamp);
    wt_facts_closed(c->tls, wt_tls_side_of(c->tls, d), reset);
}

void wt_stream_end(struct wt_stream *s, enum wt_side from, struct wt_time time, bool reset)
{
    struct wt_conversation *c = stream_conversation(s);
    s->o->now = bounded(time);
    s->o->frame = 0;
    if (!c)
        return;
    wt_observer_quiet(s->o, true);
    end_direction(s->o, c, from == WT_SERVER, reset);
    wt_observer_announce(s->o, c);
    wt_observer_quiet(s->o, false);
}

void wt_stream_close(struct wt_stream *s, struct wt_time time, bool reset)
{
    struct wt_conversation *c = stream_conversation(s);
    s->o->now = bounded(time);
    wt_observer_quiet(s->o, true);
    if (c) {
        const bool said = wt_transport_is_ending(&c->transport);
        wt_transport_end_stream(&c->transport, reset);
        if (c->tls && !said) /* who closed is not said */
            wt_facts_closed(c->tls, WT_CLIENT, reset);
        wt_queue_end(s->o, c);
        wt_queue_report_ready(s->o);
    }
    wt_observer_quiet(s->o, false);
    free(s);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

void wt_observer_free(struct wt_observer *o)
{
    if (!o)
        return;
    if (o->conversations) {
        o->options.connection = NULL;
        o->options.known = NULL;
        wt_queue_end_all(o);
    }
    wt_conversations_free(o->conversations);
    wt_journal_clear(o);
    wt_datagrams_clear(&o->datagrams);
    wt_quic_forget(o);
    if (o->fragments)
        wt_fragments_free(o->fragments);
    wt_judge_free(o->judge);
    wt_fingerprint_memo_free(o->fingerprints);
    wt_known_hellos_free(o->known_hellos);
    wt_certificates_free(o->certificates);
    wt_crypto_free(o->crypto);
    wt_recent_free(o->session_places);
    free(o->sessions);
    wt_servers_free(o->servers);
    wt_twins_free(o->twins);
    wt_multipath_free(o->multipath);
    wt_same_free(o->same);
    wt_refusals_free(o->refusals);
    if (o->session_secrets)
        wt_wipe(o->session_secrets, o->session_secret_room * sizeof *o->session_secrets);
    free(o->session_secrets);
    wt_recent_free(o->secret_places);
    wt_hasher_free(o->hasher);
    if (o->record)
        wt_wipe(o->record, WT_LIMIT_RECORD);
    free(o->record);
    wt_buffer_wipe(&o->shown);
    free(o->closing);
    free(o->file);
    wt_buffer_free(&o->ja3);
    wt_buffer_free(&o->ja4_r);
    wt_pool_free(&o->pool);
    free(o);
}
