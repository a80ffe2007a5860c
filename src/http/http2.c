/* HTTP/2 (RFC 9113): one side's frames walked, its header blocks decompressed by nghttp2 (RFC 7541), DATA counted. */
#include "http/http2.h"

#include "base/memory.h"
#include "http/http_fields.h"
#include "http/internal.h"
#include "registry/limits.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
    FRAME_HEAD = 9,
    PREFACE = sizeof WT_HTTP2_PREFACE - 1,
    BUCKETS = 256,
    EARLY = 32, /* streams that were reset before the other side was seen to open them */
    /* Flags: RFC 9113, 6. */
    END_STREAM = 0x1,
    END_HEADERS = 0x4,
    PADDED = 0x8,
    PRIORITY = 0x20,
};

/* What a header block is, once its first frame has told. */
enum block_kind { BLOCK_IGNORED, BLOCK_REQUEST, BLOCK_ANSWER };

struct two_side {
    nghttp2_hd_inflater *inflater;
    uint8_t head[FRAME_HEAD]; /* of the current frame */
    uint8_t have;             /* bytes of it */
    uint8_t preface;          /* bytes of the preface to come */
    bool begun;               /* the first frame's header was seen */
    uint8_t type, flags;
    uint8_t prefix[6]; /* what stands before a frame's content: pad length; priority, promised stream */
    uint8_t want, got; /* bytes of it; and those that are here */
    uint32_t stream;
    uint32_t left; /* bytes of the payload to come behind the prefix, padding included */
    uint32_t padding;
    struct wt_http_node *node; /* whose DATA or header block this is, or NULL */
    bool block;                /* HEADERS or PUSH_PROMISE without END_HEADERS: only CONTINUATION may follow */
    bool block_ends;           /* the block's first frame had END_STREAM */
    bool block_final;          /* the block has told the answer's final status */
    uint8_t block_kind;        /* enum block_kind */
    uint32_t block_stream;
    uint32_t early[EARLY]; /* what this side reset too early, the oldest written over */
    uint8_t next_early;
    uint32_t highest; /* client: the highest stream that it opened; server: that it promised */
};

struct wt_http2 {
    struct two_side side[2];
    struct wt_http_node *buckets[BUCKETS]; /* streams that are not wholly ended */
    uint64_t key;                          /* odd; of their hash: a peer chooses the numbers */
    uint32_t open;
    struct wt_http_node *reset, *last_reset; /* streams that were reset, in that order; some are not open any more */
    uint8_t swept;                           /* sides that were silent when all streams were last looked at; by bit */
};

struct wt_http2 *wt_http2_new(void)
{
    struct wt_http2 *two = wt_calloc(1, sizeof *two);
    if (!two)
        return NULL;
    if (getrandom(&two->key, sizeof two->key, GRND_NONBLOCK) != (ssize_t)sizeof two->key)
        two->key = (uint64_t)(uintptr_t)two;
    two->key |= 1;
    two->side[WT_CLIENT].preface = PREFACE;
    for (int side = 0; side < 2; side++)
        /* RFC 9113, 4.3.1: how large the table may be is said in the other side's SETTINGS; how large it is, its owner
         * says in the header block (RFC 7541, 6.3), even where it has to follow a smaller setting. What counts for us
         * is the latter, and it needs no waiting for the other side; so the setting's place is taken by our bound. */
        if (nghttp2_hd_inflate_new(&two->side[side].inflater) != 0 ||
            nghttp2_hd_inflate_change_table_size(two->side[side].inflater, WT_LIMIT_HTTP_TABLE) != 0) {
            wt_http2_free(two);
            return NULL;
        }
    return two;
}

void wt_http2_free(struct wt_http2 *two)
{
    if (!two)
        return;
    for (int side = 0; side < 2; side++)
        if (two->side[side].inflater)
            nghttp2_hd_inflate_del(two->side[side].inflater);
    free(two);
}

/* --- the streams --- */

static struct wt_http_node **bucket_of(struct wt_http2 *two, uint32_t stream)
{
    return &two->buckets[(stream * two->key) >> 56];
}

static struct wt_http_node *find(struct wt_http2 *two, uint32_t stream)
{
    struct wt_http_node *n = *bucket_of(two, stream);
    while (n && n->x.stream != stream)
        n = n->chain;
    return n;
}

static void enter(struct wt_http2 *two, struct wt_http_node *n)
{
    struct wt_http_node **at = bucket_of(two, n->x.stream);
    n->chain = *at;
    *at = n;
    n->open = true;
    two->open++;
}

static void leave(struct wt_http2 *two, struct wt_http_node **at)
{
    struct wt_http_node *n = *at;
    *at = n->chain;
    n->chain = NULL;
    n->open = false;
    two->open--;
    for (int side = 0; side < 2; side++)
        if (two->side[side].node == n && !two->side[side].block)
            two->side[side].node = NULL;
}

/* A side that will not end its half any more. A client that waits to hear of its upgrade still will. */
static bool silent(const struct wt_http *h, enum wt_side side)
{
    const struct wt_http_side *s = &h->side[side];
    return s->finished || s->mode == WT_HTTP_OFF || s->mode == WT_HTTP_FOREIGN ||
           (s->mode == WT_HTTP_ONE && !s->one.bet);
}

static bool is_over(const struct wt_http *h, const struct wt_http_node *n)
{
    return (n->ended[WT_CLIENT] || silent(h, WT_CLIENT)) && (n->ended[WT_SERVER] || silent(h, WT_SERVER));
}

static void close_stream(struct wt_http2 *two, struct wt_http_node *n)
{
    struct wt_http_node **at = bucket_of(two, n->x.stream);
    while (*at != n)
        at = &(*at)->chain;
    leave(two, at);
}

/* By either side. */
static void abort_stream(struct wt_http2 *two, struct wt_http_node *n)
{
    if (n->aborted)
        return;
    n->aborted = true;
    *(two->last_reset ? &two->last_reset->next_reset : &two->reset) = n;
    two->last_reset = n;
}

static bool is_in_use(const struct wt_http2 *two, const struct wt_http_node *n)
{
    return n == two->side[WT_CLIENT].node || n == two->side[WT_SERVER].node;
}

/* All streams that are over since a side fell silent. */
static void sweep(struct wt_http *h)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct wt_http_node **at = &h->two->buckets[i]; *at;) {
            if (is_over(h, *at) && !is_in_use(h->two, *at))
                leave(h->two, at);
            else
                at = &(*at)->chain;
        }
}

/* The table is full: the stream that was reset first has waited long enough for what was still on its way. What this
 * costs does not grow with the streams that are open: a peer can ask for it with each frame. */
static void make_room(struct wt_http *h)
{
    struct wt_http2 *two = h->two;
    const uint8_t silence = (uint8_t)(silent(h, WT_CLIENT) | silent(h, WT_SERVER) << 1);
    if (silence != two->swept) {
        two->swept = silence;
        sweep(h);
    }
    struct wt_http_node *before = NULL, *next;
    for (struct wt_http_node *n = two->reset; n && two->open >= WT_LIMIT_HTTP_STREAMS; n = next) {
        next = n->next_reset;
        if (n->open && is_in_use(two, n)) { /* one of each side at most */
            before = n;
            continue;
        }
        *(before ? &before->next_reset : &two->reset) = next;
        two->last_reset = next ? two->last_reset : before;
        if (n->open)
            close_stream(two, n);
    }
}

/* A reset of a stream that the other side, as far as it has been fed, has not opened yet. */
static void reset_early(struct wt_http2 *two, enum wt_side side, uint32_t stream)
{
    struct two_side *s = &two->side[side];
    enum wt_side opens = stream & 1 ? WT_CLIENT : WT_SERVER;
    if (opens != side && stream > two->side[opens].highest)
        s->early[s->next_early++ % EARLY] = stream;
}

static bool was_reset(const struct wt_http2 *two, uint32_t stream)
{
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < EARLY; i++)
            if (two->side[side].early[i] == stream)
                return true;
    return false;
}

/* `with`: the stream that it was pushed with, or itself; what is pushed stands behind. `counted`: it is this block that
 * tells of the exchange, should there be no room for it. */
static struct wt_http_node *open_stream(struct wt_http *h, uint32_t stream, uint32_t with, bool counted)
{
    uint64_t order = (uint64_t)with << 32 | (with == stream ? 0 : stream);
    if (h->two->open >= WT_LIMIT_HTTP_STREAMS)
        make_room(h);
    struct wt_http_node *n = h->two->open < WT_LIMIT_HTTP_STREAMS ? wt_http_add(h, order, false) : NULL;
    if (n) {
        n->x.stream = stream;
        n->x.version = 20;
        enter(h->two, n);
        if (was_reset(h->two, stream))
            abort_stream(h->two, n);
    } else if (counted) {
        h->dropped++;
    }
    return n;
}

static void end_half(struct wt_http *h, enum wt_side side, struct wt_http_node *n)
{
    n->ended[side] = true;
    if (!is_over(h, n))
        return;
    if (n->open)
        close_stream(h->two, n);
}

void wt_http2_adopt(struct wt_http *h, struct wt_http_node *n)
{
    n->x.stream = 1;
    /* RFC 7540, 3.2: "Stream 1 is implicitly 'half-closed' from the client toward the server … since the request is
     * completed as an HTTP/1.1 request." */
    n->ended[WT_CLIENT] = true;
    n->answered = false;
    h->two->side[WT_CLIENT].highest = 1;
    enter(h->two, n);
}

/* --- header blocks --- */

/* Even a block that tells us nothing has to be decompressed: a receiver "needs to reassemble field blocks and perform
 * decompression even if the frames are to be discarded" (RFC 9113, 4.3: else the connection is at its end). */
static bool inflate(struct wt_http *h, enum wt_side side, struct wt_span b, bool final)
{
    struct two_side *s = &h->two->side[side];
    static const uint8_t nothing[1];
    const uint8_t *p = b.n ? b.p : nothing;
    for (size_t left = b.n;;) {
        nghttp2_nv nv;
        int flags = 0;
        ssize_t n = nghttp2_hd_inflate_hd2(s->inflater, &nv, &flags, p, left, final);
        if (n < 0)
            return false;
        p += n;
        left -= (size_t)n;
        if (flags & NGHTTP2_HD_INFLATE_EMIT) {
            struct wt_span name = {nv.name, nv.namelen}, value = {nv.value, nv.valuelen};
            if (s->node && s->block_kind == BLOCK_REQUEST)
                wt_http_fields_request(h, s->node, name, value);
            else if (s->node && s->block_kind == BLOCK_ANSWER)
                wt_http_fields_answer(h, s->node, &s->block_final, name, value);
        }
        if (flags & NGHTTP2_HD_INFLATE_FINAL) {
            nghttp2_hd_inflate_end_headers(s->inflater);
            return true;
        }
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && left == 0)
            return true;
    }
}

static void end_block(struct wt_http *h, enum wt_side side, struct wt_http_at at)
{
    struct two_side *s = &h->two->side[side];
    struct wt_http_node *n = s->node;
    s->block = false;
    if (!n)
        return;
    if (s->block_kind == BLOCK_REQUEST) {
        n->asked = true;
        n->x.request_frame = at.frame;
        n->x.request_time = at.time;
        /* RFC 9113, 8.5: CONNECT has neither ":scheme" nor ":path"; what it names is ":authority". */
        if (n->x.path.n == 0)
            n->x.path = n->x.authority;
    } else if (s->block_final) {
        n->answered = true;
        n->x.response_frame = at.frame;
        n->x.response_time = at.time;
    }
    if (s->block_ends)
        end_half(h, side, n);
    s->node = NULL;
}

/* --- frames --- */

/* HEADERS opens a stream, answers on one, or ends a body with trailers. */
static void open_headers(struct wt_http *h, enum wt_side side)
{
    struct two_side *s = &h->two->side[side], *client = &h->two->side[WT_CLIENT];
    struct wt_http_node *n = find(h->two, s->stream);
    s->block_kind = BLOCK_IGNORED;
    if (side == WT_CLIENT) {
        /* RFC 9113, 5.1.1: "The identifier of a newly established stream MUST be numerically greater than all streams
         * that the initiating endpoint has opened or reserved": what is not greater are trailers. */
        if (s->stream & 1 && s->stream > s->highest) {
            s->highest = s->stream;
            if (!n)
                n = open_stream(h, s->stream, s->stream, true);
            s->block_kind = BLOCK_REQUEST;
        }
    } else {
        /* An answer that is fed before its request makes the exchange; one to a stream that is over makes none. */
        if (!n && s->stream & 1 && s->stream > client->highest)
            n = open_stream(h, s->stream, s->stream, silent(h, WT_CLIENT));
        if (n && !n->ended[WT_SERVER] && !n->x.status)
            s->block_kind = BLOCK_ANSWER;
    }
    s->node = n;
    s->block_ends = s->flags & END_STREAM;
}

/* RFC 9113, 6.6: the server says which request it is going to answer without having been asked. */
static bool open_promise(struct wt_http *h, enum wt_side side, uint32_t promised)
{
    struct two_side *s = &h->two->side[side];
    if (side != WT_SERVER || promised == 0 || promised & 1 || promised <= s->highest)
        return false; /* "A client cannot push"; 5.1.1: streams of the server are even and ascend */
    s->highest = promised;
    s->node = open_stream(h, promised, s->stream, true);
    s->block_kind = BLOCK_REQUEST;
    s->block_ends = false;
    if (s->node) {
        s->node->x.pushed = true;
        s->node->ended[WT_CLIENT] = true;
    }
    return true;
}

/* What RFC 9113 says about a frame's length and stream, 6.1 to 6.10; and how long its prefix is. */
static bool check_frame(struct two_side *s)
{
    bool whole = s->stream == 0; /* belongs to the connection */
    s->want = s->got = 0;
    switch (s->type) {
    case NGHTTP2_DATA:
        s->want = s->flags & PADDED ? 1 : 0;
        return !whole;
    case NGHTTP2_HEADERS:
        s->want = (uint8_t)((s->flags & PADDED ? 1 : 0) + (s->flags & PRIORITY ? 5 : 0));
        return !whole;
    case NGHTTP2_PUSH_PROMISE:
        s->want = s->flags & PADDED ? 5 : 4;
        return !whole;
    case NGHTTP2_PRIORITY:
        return !whole;
    case NGHTTP2_RST_STREAM:
        return !whole && s->left == 4;
    case NGHTTP2_SETTINGS:
        return whole && s->left % 6 == 0;
    case NGHTTP2_PING:
        return whole && s->left == 8;
    case NGHTTP2_GOAWAY:
        return whole && s->left >= 8;
    case NGHTTP2_WINDOW_UPDATE:
        return s->left == 4;
    default:
        return true; /* 5.5: "Implementations MUST ignore unknown or unsupported values" and "discard frames" */
    }
}

static bool open_frame(struct wt_http *h, enum wt_side side)
{
    struct two_side *s = &h->two->side[side];
    s->left = wt_get24(s->head);
    s->type = s->head[3];
    s->flags = s->head[4];
    s->stream = wt_get32(s->head + 5) & 0x7fffffff;
    s->padding = 0;
    /* 3.4: SETTINGS "MUST be the first frame". 6.10: a header block is not interrupted. */
    if (!s->begun && (s->type != NGHTTP2_SETTINGS || s->flags & 1))
        return false;
    s->begun = true;
    if (s->block != (s->type == NGHTTP2_CONTINUATION) || (s->block && s->stream != s->block_stream) ||
        !check_frame(s) || s->left < s->want)
        return false;
    s->left -= s->want;
    if (s->type == NGHTTP2_DATA) {
        s->node = find(h->two, s->stream);
    } else if (s->type == NGHTTP2_RST_STREAM) {
        struct wt_http_node *n = find(h->two, s->stream);
        if (n)
            abort_stream(h->two, n);
        else
            reset_early(h->two, side, s->stream);
    }
    return true;
}

/* The prefix is whole. */
static bool open_content(struct wt_http *h, enum wt_side side)
{
    struct two_side *s = &h->two->side[side];
    const uint8_t *p = s->prefix;
    if (s->type > NGHTTP2_HEADERS && s->type != NGHTTP2_PUSH_PROMISE)
        return true;
    s->padding = s->flags & PADDED ? *p++ : 0;
    if (s->padding > s->left)
        return false; /* 6.1, 6.2, 6.6: padding that is longer than the payload is an error of the connection */
    if (s->type == NGHTTP2_DATA)
        return true;
    s->block = true;
    s->block_final = false;
    s->block_stream = s->stream;
    if (s->type == NGHTTP2_PUSH_PROMISE)
        return open_promise(h, side, wt_get32(p) & 0x7fffffff);
    open_headers(h, side);
    return true;
}

static void close_frame(struct wt_http *h, enum wt_side side, struct wt_http_at at)
{
    struct two_side *s = &h->two->side[side];
    s->have = 0;
    if (s->type == NGHTTP2_DATA) {
        struct wt_http_node *n = s->node;
        s->node = NULL;
        if (n && s->flags & END_STREAM)
            end_half(h, side, n);
    } else if (s->block && s->flags & END_HEADERS) {
        if (!inflate(h, side, (struct wt_span){0}, true))
            wt_http_stop(h, side, WT_HTTP_STOP_HPACK);
        else
            end_block(h, side, at);
    }
}

/* A piece of a frame's payload, without its prefix. */
static bool take_content(struct wt_http *h, enum wt_side side, struct wt_span b)
{
    struct two_side *s = &h->two->side[side];
    size_t n = s->left > s->padding ? s->left - s->padding : 0;
    n = n < b.n ? n : b.n;
    s->left -= (uint32_t)b.n;
    if (s->type == NGHTTP2_DATA && s->node)
        *(side == WT_CLIENT ? &s->node->x.request_body : &s->node->x.response_body) += n;
    return !s->block || n == 0 || inflate(h, side, wt_span_cut(b, 0, n), false);
}

static size_t gather(uint8_t *to, uint8_t have, uint8_t want, struct wt_span b)
{
    size_t n = (size_t)(want - have) < b.n ? (size_t)(want - have) : b.n;
    memcpy(to + have, b.p, n);
    return n;
}

static size_t feed_preface(struct wt_http *h, enum wt_side side, struct wt_span b)
{
    struct two_side *s = &h->two->side[side];
    size_t n = s->preface < b.n ? s->preface : b.n;
    if (memcmp(b.p, &WT_HTTP2_PREFACE[PREFACE - s->preface], n) != 0)
        wt_http_stop(h, side, WT_HTTP_STOP_FRAME);
    s->preface -= (uint8_t)n;
    return n;
}

void wt_http2_feed(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at)
{
    struct two_side *s = &h->two->side[side];
    for (size_t n; b.n && h->side[side].mode == WT_HTTP_TWO; b = wt_span_cut(b, n, b.n)) {
        bool well = true;
        if (s->preface) {
            n = feed_preface(h, side, b);
            continue;
        }
        if (s->have < FRAME_HEAD) {
            n = gather(s->head, s->have, FRAME_HEAD, b);
            s->have += (uint8_t)n;
            if (s->have < FRAME_HEAD)
                return;
            well = open_frame(h, side) && (s->want || open_content(h, side));
        } else if (s->got < s->want) {
            n = gather(s->prefix, s->got, s->want, b);
            s->got += (uint8_t)n;
            well = s->got < s->want || open_content(h, side);
        } else {
            n = s->left < b.n ? s->left : b.n;
            if (!take_content(h, side, wt_span_cut(b, 0, n))) {
                wt_http_stop(h, side, WT_HTTP_STOP_HPACK);
                return;
            }
        }
        if (!well) {
            wt_http_stop(h, side, WT_HTTP_STOP_FRAME);
            return;
        }
        if (s->got == s->want && s->left == 0)
            close_frame(h, side, at);
    }
}

/* What was begun and not ended, ends with the connection. */
void wt_http2_end(struct wt_http *h, enum wt_side side)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct wt_http_node *n = h->two->buckets[i]; n; n = n->chain)
            if (!n->ended[side] && (side == WT_CLIENT ? n->asked : n->answered))
                n->x.reset = true;
}

void wt_http2_settle(struct wt_exchange *x, const struct wt_http_node *n)
{
    if (n->x.stream == 0)
        return;
    /* RFC 9113, 8.1: a server may reset with NO_ERROR what it has answered in full; only what was cut off counts. */
    x->reset |= n->aborted && !(n->ended[WT_CLIENT] && n->ended[WT_SERVER]);
    /* RFC 9113, 8.5: "a 2xx-series status code" to CONNECT makes the stream a tunnel; RFC 8441 makes it another
     * protocol's. */
    x->upgraded |= wt_span_equal(x->method, wt_span_text("CONNECT")) && x->status / 100 == 2;
}
