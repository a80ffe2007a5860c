#include "http/http3_frames.h"

#include "http/http3_sections.h"
#include "registry/http3.h"
#include "registry/limits.h"

/* An error of the connection (RFC 9114, 8): whoever receives it ends it. */
static void fail(struct wt_http *h, enum wt_side side)
{
    wt_http_stop(h, side, WT_HTTP_STOP_FRAME);
}

static bool take_integer(struct wt_http3_integer *i, struct wt_span *b, uint64_t *value)
{
    while (b->n) {
        i->bytes[i->have++] = b->p[0];
        *b = wt_span_cut(*b, 1, b->n);
        if (wt_get_varint(wt_span_of(i->bytes, i->have), value)) {
            i->have = 0;
            return true;
        }
    }
    return false;
}

void wt_http3_frames_begin(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s)
{
    struct wt_http3_half *half = &s->half[side];
    (void)h;
    half->at = s->id & 2 ? WT_HTTP3_AT_STREAM_TYPE : WT_HTTP3_AT_TYPE;
    if (!(s->id & 2))
        s->on = WT_HTTP3_ON_REQUEST;
}

/* --- streams of one direction --- */

static void begin_stream(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, uint64_t type)
{
    struct wt_http3_half *half = &s->half[side];
    struct wt_http3_side *me = &h->three->side[side];
    half->at = WT_HTTP3_AT_END;
    if (type == WT_HTTP3_STREAM_CONTROL) {
        s->on = WT_HTTP3_ON_CONTROL;
        half->at = WT_HTTP3_AT_TYPE;
    } else if (type == WT_HTTP3_STREAM_QPACK_ENCODER) {
        half->at = WT_HTTP3_AT_TABLE;
    } else if (type != WT_HTTP3_STREAM_QPACK_DECODER) {
        return; /* a push, or RFC 9114, 9: "Implementations MUST discard data or abort reading" with unknown types */
    }
    /* RFC 9114, 6.2.1: "Only one control stream per peer is permitted; receipt of a second … MUST be treated as a
     * connection error of type H3_STREAM_CREATION_ERROR". RFC 9204, 4.2 says so of QPACK's two. */
    if (me->streams & 1u << type)
        fail(h, side);
    me->streams |= (uint8_t)(1u << type);
}

/* --- frames --- */

static bool is_section(uint64_t type)
{
    return type == WT_HTTP3_HEADERS || type == WT_HTTP3_PUSH_PROMISE;
}

static bool may_come(enum wt_side side, const struct wt_http3_stream *s, const struct wt_http3_half *half)
{
    if (!wt_http3_may_be_on(half->type, (enum wt_http3_on)s->on))
        return false; /* RFC 9114, 7, table 1 and 7.2.8: H3_FRAME_UNEXPECTED */
    /* 6.2.1: "each side MUST … send its SETTINGS frame as the first frame"; 7.2.4: "MUST NOT be sent subsequently". */
    if (s->on == WT_HTTP3_ON_CONTROL && (half->type == WT_HTTP3_SETTINGS) == half->settings)
        return false;
    /* 4.1: "Receipt of an invalid sequence of frames MUST be treated as a connection error of type
     * H3_FRAME_UNEXPECTED. In particular, a DATA frame before any HEADERS frame". */
    if (half->type == WT_HTTP3_DATA && !half->headed)
        return false;
    /* 7.2.5: "A client MUST NOT send a PUSH_PROMISE frame." */
    return half->type != WT_HTTP3_PUSH_PROMISE || side == WT_SERVER;
}

static void begin_frame(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s)
{
    struct wt_http3_half *half = &s->half[side];
    half->at = half->type == WT_HTTP3_PUSH_PROMISE ? WT_HTTP3_AT_PUSH_ID : WT_HTTP3_AT_PAYLOAD;
    half->lost = half->value = false;
    half->setting = 0;
    if (!may_come(side, s, half)) {
        fail(h, side);
        return;
    }
    half->settings |= s->on == WT_HTTP3_ON_CONTROL;
    half->headed |= half->type == WT_HTTP3_HEADERS;
}

static void take_section(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, struct wt_span b,
                         struct wt_http_at at)
{
    struct wt_http3_half *half = &s->half[side];
    const bool promise = half->type == WT_HTTP3_PUSH_PROMISE;
    if (half->lost) {
        if (!promise && half->left == 0)
            wt_http3_sections_lose(h, side, s, at);
        return;
    }
    const uint64_t whole_size = half->section.n + b.n + half->left;
    if (b.n == whole_size && whole_size <= WT_LIMIT_HTTP_HEADER) {
        wt_http3_sections_take(h, side, s, promise, half->push, b, at);
        return;
    }
    if (whole_size > WT_LIMIT_HTTP_HEADER || !wt_http3_streams_hold(h->three, b.n) ||
        !wt_buffer_add(&half->section, b.p, b.n)) {
        half->lost = true;
        h->three->held -= half->section.n;
        wt_buffer_free(&half->section);
        take_section(h, side, s, b, at);
        return;
    }
    h->three->held += b.n;
    if (half->left)
        return;
    struct wt_buffer whole = half->section;
    half->section = (struct wt_buffer){0};
    h->three->held -= whole.n;
    wt_http3_sections_take(h, side, s, promise, half->push, wt_buffer_span(&whole), at);
    wt_buffer_free(&whole);
}

static void take_settings(struct wt_http *h, enum wt_side side, struct wt_http3_half *half, struct wt_span b)
{
    uint64_t value;
    while (take_integer(&half->integer, &b, &value)) {
        if (half->value && half->setting == WT_HTTP3_SETTING_QPACK_MAX_TABLE_CAPACITY)
            h->three->side[side].capacity = value;
        half->setting = value;
        half->value = !half->value;
    }
}

static void end_frame(struct wt_http *h, enum wt_side side, struct wt_http3_half *half)
{
    half->at = WT_HTTP3_AT_TYPE;
    if (half->type != WT_HTTP3_SETTINGS)
        return;
    /* RFC 9114, 7.1: "A frame payload that … terminates before the end of the identified fields MUST be treated as a
     * connection error of type H3_FRAME_ERROR." */
    if (half->integer.have || half->value)
        fail(h, side);
    half->integer.have = 0;
    /* RFC 9204, 5: the default is 0, with which there is no dynamic table (3.2.3). */
    wt_http3_sections_settings(h, side, h->three->side[side].capacity);
}

/* Some of a frame's payload; all of it when `left` is 0 afterwards. */
static void take_payload(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, struct wt_span b,
                         struct wt_http_at at)
{
    struct wt_http3_half *half = &s->half[side];
    half->left -= b.n;
    if (half->type == WT_HTTP3_DATA && s->on == WT_HTTP3_ON_REQUEST && s->node)
        *(side == WT_CLIENT ? &s->node->x.request_body : &s->node->x.response_body) += b.n;
    else if (is_section(half->type))
        take_section(h, side, s, b, at);
    else if (half->type == WT_HTTP3_SETTINGS)
        take_settings(h, side, half, b);
    if (half->left == 0 && h->side[side].mode != WT_HTTP_OFF)
        end_frame(h, side, half);
}

/* An integer of the frame's beginning has come whole. */
static void take_head(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, uint64_t value,
                      struct wt_http_at at)
{
    struct wt_http3_half *half = &s->half[side];
    switch (half->at) {
    case WT_HTTP3_AT_STREAM_TYPE:
        begin_stream(h, side, s, value);
        return;
    case WT_HTTP3_AT_TYPE:
        half->type = value;
        half->at = WT_HTTP3_AT_LENGTH;
        return;
    case WT_HTTP3_AT_LENGTH:
        half->left = value;
        begin_frame(h, side, s);
        break;
    default:
        half->push = value;
        half->at = WT_HTTP3_AT_PAYLOAD;
        break;
    }
    if (half->at == WT_HTTP3_AT_PAYLOAD && half->left == 0 && h->side[side].mode != WT_HTTP_OFF)
        take_payload(h, side, s, (struct wt_span){0}, at);
}

/* PUSH_PROMISE begins with an integer that is counted in its length. */
static bool take_push_id(struct wt_http *h, enum wt_side side, struct wt_http3_half *half, struct wt_span *b,
                         uint64_t *value)
{
    struct wt_span rest = wt_span_cut(*b, 0, half->left < b->n ? (size_t)half->left : b->n);
    const size_t before = rest.n;
    const bool whole = take_integer(&half->integer, &rest, value);
    *b = wt_span_cut(*b, before - rest.n, b->n);
    half->left -= before - rest.n;
    if (!whole && half->left == 0)
        fail(h, side);
    return whole;
}

void wt_http3_frames_walk(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, struct wt_span b,
                          struct wt_http_at at)
{
    struct wt_http3_half *half = &s->half[side];
    while (b.n && half->at != WT_HTTP3_AT_END && h->side[side].mode != WT_HTTP_OFF) {
        uint64_t value = 0;
        if (half->at == WT_HTTP3_AT_TABLE) {
            wt_http3_sections_instruct(h, side, b);
            return;
        }
        if (half->at == WT_HTTP3_AT_PAYLOAD) {
            const size_t n = half->left < b.n ? (size_t)half->left : b.n;
            take_payload(h, side, s, wt_span_cut(b, 0, n), at);
            b = wt_span_cut(b, n, b.n);
        } else if (half->at == WT_HTTP3_AT_PUSH_ID ? take_push_id(h, side, half, &b, &value)
                                                   : take_integer(&half->integer, &b, &value)) {
            take_head(h, side, s, value, at);
        }
    }
}

/* --- what is missing, and the end --- */

/* Nothing that hangs on this direction can be told any more. */
static void tear(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s)
{
    struct wt_http3_half *half = &s->half[side];
    const bool table = half->at == WT_HTTP3_AT_TABLE, control = s->on == WT_HTTP3_ON_CONTROL;
    half->torn = true;
    wt_http3_streams_stop(h->three, half);
    if (table)
        wt_http3_sections_tear(h, side);
    if (control && !h->three->side[side].told)
        /* The other side's sections are read as if the table could be as large as we have it: right until it has been
         * filled twice (RFC 9204, 4.5.1.1), and better than nothing. */
        wt_http3_sections_settings(h, side, WT_LIMIT_HTTP_TABLE);
}

void wt_http3_frames_skip(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, uint64_t n)
{
    struct wt_http3_half *half = &s->half[side];
    half->next += n;
    if (half->at == WT_HTTP3_AT_END)
        return;
    const bool passes = half->at == WT_HTTP3_AT_PAYLOAD && half->left >= n && !is_section(half->type) &&
                        half->type != WT_HTTP3_SETTINGS;
    if (!passes) {
        tear(h, side, s);
        return;
    }
    half->left -= n;
    if (half->type == WT_HTTP3_DATA && s->node)
        *(side == WT_CLIENT ? &s->node->x.request_body : &s->node->x.response_body) += n;
    if (half->left == 0)
        end_frame(h, side, half);
}

void wt_http3_frames_end(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, bool reset)
{
    struct wt_http3_half *half = &s->half[side];
    const bool critical = s->id & 2 && (s->on == WT_HTTP3_ON_CONTROL || half->at == WT_HTTP3_AT_TABLE);
    /* RFC 9114, 7.1: a frame that the stream's end cuts off is an error of the connection, H3_FRAME_ERROR; what of the
     * exchange came has been told. */
    const bool cut = half->at != WT_HTTP3_AT_TYPE || half->integer.have;
    if (half->ended)
        return;
    half->ended = true;
    if (s->node && !half->torn) {
        s->node->aborted |= reset || cut;
        s->node->ended[side] = !reset && !cut;
    }
    wt_http3_streams_stop(h->three, half);
    /* 6.2.1, and RFC 9204, 4.2: a critical stream that is closed is H3_CLOSED_CRITICAL_STREAM. */
    if (critical && h->side[side].mode != WT_HTTP_OFF)
        fail(h, side);
}
