/* HTTP/3 of both sides. Its frames are walked in http3_frames.c, its field sections read in http3_sections.c; streams
 * and what is kept of them are in http3_streams.c. */
#include "http/http3.h"

#include "http/http3_frames.h"
#include "http/http3_sections.h"
#include "registry/limits.h"

/* False when nothing is to be read of the side: it has been stopped, or spoke something else before. */
static bool begin(struct wt_http *h, enum wt_side side)
{
    if (!h->three && h->side[WT_CLIENT].mode == WT_HTTP_UNDECIDED && h->side[WT_SERVER].mode == WT_HTTP_UNDECIDED) {
        h->three = wt_http3_streams_new();
        for (int i = 0; i < 2; i++)
            h->side[i].mode = h->three ? WT_HTTP_THREE : WT_HTTP_OFF;
    }
    return h->side[side].mode == WT_HTTP_THREE && !h->side[side].ended;
}

/* Streams on which that side sends, and of which something is told: requests, and those of one direction. RFC 9114,
 * 6.1: "HTTP/3 does not use server-initiated bidirectional streams". What is not the side's to send on is no frame of
 * QUIC's (RFC 9000, 19.8, STREAM_STATE_ERROR). */
static bool is_ours(enum wt_side side, uint64_t stream)
{
    return stream & 2 ? (stream & 1) == side : !(stream & 1);
}

static struct wt_http3_stream *find(struct wt_http *h, enum wt_side side, uint64_t stream)
{
    return begin(h, side) && is_ours(side, stream) ? wt_http3_streams_find(h->three, stream) : NULL;
}

static struct wt_http3_stream *find_or_open(struct wt_http *h, enum wt_side side, uint64_t stream, uint64_t offset)
{
    struct wt_http3_stream *s = find(h, side, stream);
    if (s || offset || h->side[side].mode != WT_HTTP_THREE || h->side[side].ended || !is_ours(side, stream))
        return s;
    s = stream <= UINT32_MAX ? wt_http3_streams_open(h, stream) : NULL; /* as an exchange can name it */
    if (!s)
        h->dropped += !(stream & 2) && side == WT_CLIENT;
    return s;
}

void wt_http3_feed(struct wt_http *h, enum wt_side side, uint64_t stream, uint64_t offset, struct wt_span b,
                   uint32_t frame, struct wt_time time)
{
    struct wt_http3_stream *s = b.n ? find_or_open(h, side, stream, offset) : NULL;
    if (!s)
        return;
    struct wt_http3_half *half = &s->half[side];
    if (half->ended || half->torn)
        return;
    if (offset == 0 && half->next == 0)
        wt_http3_frames_begin(h, side, s);
    if (offset > half->next)
        wt_http3_frames_skip(h, side, s, offset - half->next);
    if (offset == half->next) {
        half->next += b.n;
        wt_http3_frames_walk(h, side, s, b, (struct wt_http_at){frame, time});
    }
    wt_http3_streams_close(h, s);
}

void wt_http3_gap(struct wt_http *h, enum wt_side side, uint64_t stream, uint64_t n)
{
    /* A request whose first bytes are missing is opened to know that. Of a unidirectional stream nobody could tell what
     * it is, and what follows is passed over. */
    struct wt_http3_stream *s = stream & 2 ? find(h, side, stream) : find_or_open(h, side, stream, 0);
    if (!s || !n || s->half[side].ended || s->half[side].torn)
        return;
    if (s->half[side].next == 0)
        wt_http3_frames_begin(h, side, s);
    wt_http3_frames_skip(h, side, s, n);
    wt_http3_streams_close(h, s);
}

static void end(struct wt_http *h, enum wt_side side, uint64_t stream, bool reset)
{
    struct wt_http3_stream *s = find(h, side, stream);
    if (!s)
        return;
    wt_http3_frames_end(h, side, s, reset);
    wt_http3_streams_close(h, s);
}

void wt_http3_fin(struct wt_http *h, enum wt_side side, uint64_t stream)
{
    end(h, side, stream, false);
}

void wt_http3_reset(struct wt_http *h, enum wt_side side, uint64_t stream)
{
    end(h, side, stream, true);
}

void wt_http3_alone(struct wt_http *h)
{
    for (int side = 0; side < 2; side++)
        if (!h->three->side[side].told)
            wt_http3_sections_settings(h, (enum wt_side)side, WT_LIMIT_HTTP_TABLE);
    for (int side = 0; side < 2; side++)
        wt_http3_sections_give_up(h, (enum wt_side)side);
}

static void cut_off(struct wt_http *h, enum wt_side side)
{
    for (size_t i = 0; i < WT_HTTP3_BUCKETS; i++)
        for (struct wt_http3_stream *s = h->three->buckets[i]; s; s = s->chain) {
            struct wt_http_node *n = s->node;
            if (n && !n->ended[side] && !s->half[side].torn && (side == WT_CLIENT ? n->asked : n->answered))
                n->x.reset = true;
        }
}

/* Sections of the one side may wait for what the other says. */
void wt_http3_end(struct wt_http *h, enum wt_side side)
{
    if (!h->side[side == WT_CLIENT ? WT_SERVER : WT_CLIENT].finished)
        return;
    wt_http3_alone(h);
    cut_off(h, WT_CLIENT);
    cut_off(h, WT_SERVER);
}

void wt_http3_settle(struct wt_exchange *x, const struct wt_http_node *n)
{
    /* RFC 9114, 4.1: a server that has answered in full may end what it is still sent; only what was cut off counts. */
    x->reset |= n->aborted && !(n->ended[WT_CLIENT] && n->ended[WT_SERVER]);
    /* 4.4: a 2xx answer to CONNECT makes the stream a tunnel; RFC 9220 makes it another protocol's. */
    x->upgraded |= wt_span_equal(x->method, wt_span_text("CONNECT")) && x->status / 100 == 2;
}

void wt_http3_free(struct wt_http3 *three)
{
    wt_http3_streams_free(three);
}

size_t wt_http3_bytes(const struct wt_http3 *three)
{
    return sizeof *three + three->open * sizeof(struct wt_http3_stream) + three->held +
           wt_qpack_bytes(three->side[WT_CLIENT].qpack) + wt_qpack_bytes(three->side[WT_SERVER].qpack);
}
