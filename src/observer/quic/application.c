#include "observer/quic/application.h"

#include "base/memory.h"
#include "http/http3.h"
#include "observer/keys/keyring.h"
#include "observer/quic/streams.h"

/* A STREAM or RESET_STREAM frame of a 0-RTT packet that waits for the server's word. */
struct early {
    struct early *next;
    uint64_t stream, offset, type;
    uint32_t frame;
    struct wt_time time;
    size_t n;
    uint8_t bytes[];
};

struct wt_quic_application {
    struct wt_quic_streams streams;
    struct early *first, **end;
    size_t early_bytes;
};

/* On its way through the streams. */
struct passing {
    struct wt_quic *q;
    unsigned from;
    bool early;
};

static struct wt_quic_application *application_of(struct wt_quic *q)
{
    if (!q->application && (q->application = wt_calloc(1, sizeof *q->application))) {
        wt_quic_streams_begin(&q->application->streams);
        q->application->end = &q->application->first;
    }
    return q->application;
}

/* --- what is read of it ------------------------------------------------------------------------------------------- */

/* The protocol that was agreed on is HTTP/3 (or one of its drafts), or is not known. */
static bool may_be_http3(const struct wt_tls *tls)
{
    const struct wt_span alpn = tls->agreed.alpn;
    return !alpn.n || wt_span_equal(alpn, wt_span_text("h3")) || wt_span_starts(alpn, "h3-");
}

/* NULL where nobody asks. */
static struct wt_http *http_of(struct wt_quic *q)
{
    struct wt_tls *tls = q->c->tls;
    if (!q->o->options.read_application || tls->unwanted || !may_be_http3(tls))
        return NULL;
    struct wt_keyring *keys = wt_keyring_make(q->o, tls);
    if (keys && !keys->http)
        keys->http = wt_http_new(&keys->exchanges);
    return keys ? keys->http : NULL;
}

static void tell_plaintext(const struct passing *p, const struct wt_quic_stream *s, uint64_t lost, bool fin,
                           struct wt_span bytes)
{
    const struct wt_quic *q = p->q;
    if (!q->o->options.plaintext || q->c->tls->unwanted)
        return;
    const struct wt_plaintext piece = {.from = (uint8_t)p->from,
                                       .early = p->early,
                                       .bytes = bytes,
                                       .quic = true,
                                       .quic_stream = s->id,
                                       .lost = lost,
                                       .fin = fin};
    wt_opener_tell(q->o, q->c, &piece);
}

/* Bytes of a stream in their turn. */
static void said(void *context, const struct wt_quic_stream *s, uint64_t offset, uint64_t lost, struct wt_span bytes)
{
    const struct passing *p = context;
    struct wt_quic *q = p->q;
    struct wt_keyring *keys = q->c->tls->keys;
    struct wt_http *http = http_of(q);
    if (keys)
        keys->by[p->from].plaintext += bytes.n;
    if (lost || bytes.n)
        tell_plaintext(p, s, lost, false, bytes);
    if (http && lost)
        wt_http3_gap(http, (enum wt_side)p->from, s->id, lost);
    if (http && bytes.n)
        wt_http3_feed(http, (enum wt_side)p->from, s->id, offset, bytes, q->o->frame, q->o->now);
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

static void end_if_complete(const struct passing *p, struct wt_quic_stream *s)
{
    struct wt_quic_stream_half *half = &s->half[p->from];
    struct wt_http *http = http_of(p->q);
    if (half->over || !wt_quic_streams_is_complete(s, p->from))
        return;
    half->over = true;
    tell_plaintext(p, s, 0, true, (struct wt_span){0});
    if (http)
        wt_http3_fin(http, (enum wt_side)p->from, s->id);
}

static struct wt_quic_stream *stream_of(struct wt_quic *q, uint64_t id)
{
    struct wt_quic_application *a = application_of(q);
    bool full = !a;
    struct wt_quic_stream *s = a ? wt_quic_streams_find(&a->streams, id, &full) : NULL;
    q->o->lost[WT_LOST_MESSAGES] += full;
    return s;
}

/* RFC 9000, 19.8: a side does not send on a stream of which only the other is the sender. */
static bool is_sender(unsigned from, uint64_t stream)
{
    return !(stream & 2) || (stream & 1) == from;
}

static void take_stream(const struct passing *p, uint64_t id, uint64_t offset, bool fin, struct wt_span data)
{
    struct wt_quic *q = p->q;
    struct wt_quic_stream *s = is_sender(p->from, id) ? stream_of(q, id) : NULL;
    if (!s || s->half[p->from].over)
        return;
    struct wt_quic_stream_half *half = &s->half[p->from];
    if (fin && !half->has_final) {
        half->has_final = true;
        half->final = offset + data.n;
    }
    /* 4.5: beyond the final size nothing belongs to the stream */
    if (half->has_final && offset + data.n > half->final)
        data = wt_span_cut(data, 0, offset < half->final ? (size_t)(half->final - offset) : 0);
    if (data.n)
        wt_quic_streams_feed(&q->application->streams, s, p->from, offset, data, said, (void *)(uintptr_t)p);
    end_if_complete(p, s);
    wt_quic_streams_close(&q->application->streams, s);
}

/* 3.2: what has come before a reset may be thrown away; here it is read as far as it has come in its turn. */
static void take_reset(const struct passing *p, uint64_t id)
{
    struct wt_quic *q = p->q;
    struct wt_http *http = http_of(q);
    struct wt_quic_stream *s = is_sender(p->from, id) ? stream_of(q, id) : NULL;
    if (!s || s->half[p->from].over)
        return;
    s->half[p->from].over = true;
    tell_plaintext(p, s, 0, true, (struct wt_span){0});
    if (http)
        wt_http3_reset(http, (enum wt_side)p->from, id);
    wt_quic_streams_close(&q->application->streams, s);
}

/* --- early data --------------------------------------------------------------------------------------------------- */

static void keep_early(struct wt_quic *q, const struct wt_quic_frame *f)
{
    struct wt_quic_application *a = application_of(q);
    struct early *e = NULL;
    const size_t size = sizeof *e + f->data.n;
    if (a && size <= WT_LIMIT_QUIC_EARLY - a->early_bytes)
        e = wt_malloc(size);
    if (!e) {
        q->o->lost[WT_LOST_MESSAGES]++;
        return;
    }
    *e = (struct early){NULL, f->stream_id, f->offset, f->type, q->o->frame, q->o->now, f->data.n};
    if (f->data.n)
        memcpy(e->bytes, f->data.p, f->data.n);
    *a->end = e;
    a->end = &e->next;
    a->early_bytes += size;
}

static void drop_early(struct wt_quic_application *a)
{
    while (a->first) {
        struct early *e = a->first;
        a->first = e->next;
        wt_wipe(e->bytes, e->n);
        free(e);
    }
    a->end = &a->first;
    a->early_bytes = 0;
}

/* RFC 9001, 4.6.2: where the server rejects 0-RTT, "The client therefore MUST reset the state of all streams": they
 * begin anew, perhaps with something else. Until the server has said, nothing of it counts. */
static void settle_early(struct wt_quic *q)
{
    struct wt_quic_application *a = q->application;
    struct wt_observer *o = q->o;
    const uint8_t said_so = q->c->tls->agreed.early_data;
    if (!a || !a->first || said_so == WT_EARLY_NONE)
        return;
    const struct passing p = {q, WT_CLIENT, true};
    const uint32_t frame = o->frame;
    const struct wt_time now = o->now;
    for (const struct early *e = a->first; e && said_so == WT_EARLY_ACCEPTED; e = e->next) {
        o->frame = e->frame;
        o->now = e->time;
        take_stream(&p, e->stream, e->offset, e->type & WT_STREAM_FIN, wt_span_of(e->bytes, e->n));
    }
    o->frame = frame;
    o->now = now;
    drop_early(a);
}

void wt_quic_application_frame(struct wt_quic *q, const struct wt_quic_sent *packet, const struct wt_quic_frame *f)
{
    const struct passing p = {q, packet->from, packet->type == WT_QUIC_0RTT};
    if (f->kind == WT_FRAME_STREAM)
        q->side[p.from].stream_bytes += f->data.n;
    else if (f->kind == WT_FRAME_DATAGRAM)
        q->side[p.from].datagram_bytes += f->data.n;
    if ((!q->o->options.read_application && !q->o->options.plaintext) || q->c->tls->unwanted)
        return;
    settle_early(q);
    if (p.early && q->c->tls->agreed.early_data != WT_EARLY_ACCEPTED) {
        if (f->kind == WT_FRAME_STREAM && q->c->tls->agreed.early_data == WT_EARLY_NONE)
            keep_early(q, f);
        return;
    }
    if (f->kind == WT_FRAME_STREAM)
        take_stream(&p, f->stream_id, f->offset, f->type & WT_STREAM_FIN, f->data);
    else if (f->kind == WT_FRAME_RESET_STREAM || f->kind == WT_FRAME_RESET_STREAM_AT)
        take_reset(&p, f->stream_id);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* What is missing does not come any more; what stands behind it is read without. */
void wt_quic_application_end(struct wt_quic *q)
{
    struct wt_quic_application *a = q->application;
    if (!a)
        return;
    settle_early(q);
    for (struct wt_quic_stream *s = a->streams.oldest, *after; s; s = after) {
        after = s->after;
        for (unsigned side = 0; side < 2; side++) {
            struct passing p = {q, side, false};
            while (!s->half[side].over && wt_quic_streams_give_up(&a->streams, s, side, said, &p))
                ;
            end_if_complete(&p, s);
        }
        wt_quic_streams_close(&a->streams, s);
    }
}

void wt_quic_application_free(struct wt_quic_application *a)
{
    if (!a)
        return;
    drop_early(a);
    wt_quic_streams_clear(&a->streams);
    free(a);
}

size_t wt_quic_application_bytes(const struct wt_quic_application *a)
{
    return a ? sizeof *a + a->streams.open * sizeof(struct wt_quic_stream) + a->streams.held + a->early_bytes : 0;
}
