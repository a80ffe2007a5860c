/* What a connection speaks, told by the first bytes of each side, and the list of exchanges. */
#include "base/memory.h"
#include "http/http1.h"
#include "http/http1_head.h"
#include "http/http2.h"
#include "http/http3.h"
#include "http/internal.h"
#include "registry/limits.h"

#include <stdlib.h>

enum verdict { MORE, ONE, TWO, NEITHER };

/* In front of each piece that is held. */
struct held_piece {
    struct wt_http_at at;
    size_t n;
};

static enum wt_side other(enum wt_side side)
{
    return side == WT_CLIENT ? WT_SERVER : WT_CLIENT;
}

struct wt_http *wt_http_new(struct wt_arena *arena)
{
    struct wt_http *h = wt_calloc(1, sizeof *h);
    if (h)
        h->arena = arena;
    return h;
}

void wt_http_free(struct wt_http *h)
{
    if (!h)
        return;
    for (int side = 0; side < 2; side++) {
        wt_buffer_free(&h->side[side].first);
        wt_buffer_free(&h->side[side].held);
        wt_buffer_free(&h->side[side].one.head);
    }
    wt_http2_free(h->two);
    wt_http3_free(h->three);
    free(h->flat);
    free(h);
}

/* --- the list --- */

static struct wt_http_node *new_node(struct wt_http *h, bool kept)
{
    struct wt_http_node *n = kept ? NULL : h->spare;
    if (n) {
        h->spare = n->next;
        *n = (struct wt_http_node){0};
        return n;
    }
    if (!kept && h->over >= WT_LIMIT_HTTP_STREAMS)
        return NULL;
    n = wt_arena_alloc(h->arena, sizeof *n);
    if (n && !kept)
        h->over++;
    return n;
}

struct wt_http_node *wt_http_add(struct wt_http *h, uint64_t order, bool follow)
{
    bool kept = h->count < WT_LIMIT_EXCHANGES;
    struct wt_http_node *n = kept || follow ? new_node(h, kept) : NULL, *before = h->last;
    if (!n)
        return NULL;
    n->order = order;
    n->kept = kept;
    if (kept) {
        before = h->kept;
        if (before && before->order > order) {
            before = NULL;
            for (struct wt_http_node *k = h->list; k->order <= order; k = k->next)
                before = k;
        }
        if (before == h->kept)
            h->kept = n;
        h->count++;
    }
    n->next = before ? before->next : h->list;
    *(before ? &before->next : &h->list) = n;
    if (!n->next)
        h->last = n;
    return n;
}

static void clear_list(struct wt_http *h)
{
    h->list = h->last = h->kept = h->ask = h->answer = h->asked = NULL;
    h->count = h->dropped = 0;
    for (int side = 0; side < 2; side++)
        h->side[side].one.node = h->side[side].one.bet = NULL;
    wt_http2_free(h->two);
    h->two = NULL;
    h->seen_two = false;
}

void wt_http_copy(struct wt_http *h, const struct wt_http_node *node, struct wt_span *to, struct wt_span from,
                  size_t most)
{
    from = wt_span_cut(from, 0, most);
    if (!node->kept || to->p || from.n == 0)
        return;
    uint8_t *p = wt_arena_alloc(h->arena, from.n + 1);
    if (!p)
        return;
    /* RFC 9112, 5.2: "replace each received obs-fold with one or more SP octets". */
    for (size_t i = 0; i < from.n; i++)
        p[i] = from.p[i] == '\r' || from.p[i] == '\n' ? ' ' : from.p[i];
    *to = wt_span_of(p, from.n);
}

/* --- what a side speaks --- */

void wt_http_stop(struct wt_http *h, enum wt_side side, enum wt_http_stop why)
{
    h->side[side].mode = WT_HTTP_OFF;
    h->side[side].stopped = (uint8_t)why;
}

void wt_http_versioned(struct wt_http *h, enum wt_side side, uint8_t version)
{
    if (side == WT_CLIENT && !h->version_asked)
        h->version = 0;
    if (side == WT_CLIENT)
        h->version_asked = true;
    else if (h->version_asked)
        return;
    if (version > h->version)
        h->version = version;
}

bool wt_http_to_two(struct wt_http *h, enum wt_side side, struct wt_http_node *node)
{
    if (!h->two)
        h->two = wt_http2_new();
    if (!h->two)
        return false;
    h->side[side].mode = WT_HTTP_TWO;
    h->seen_two = true;
    if (node)
        wt_http2_adopt(h, node);
    return true;
}

static bool begins_preface(struct wt_span b)
{
    size_t n = b.n < sizeof WT_HTTP2_PREFACE - 1 ? b.n : sizeof WT_HTTP2_PREFACE - 1;
    return n == 0 || memcmp(b.p, WT_HTTP2_PREFACE, n) == 0;
}

/* The first line of a request whole, or what may become one. */
static enum verdict judge_client(struct wt_http_side *s, struct wt_span b)
{
    if (begins_preface(b))
        return b.n >= sizeof WT_HTTP2_PREFACE - 1 ? TWO : MORE;
    while (b.n && (b.p[0] == '\r' || b.p[0] == '\n'))
        b = wt_span_cut(b, 1, b.n);
    if (b.n == 0)
        return MORE;
    size_t method = wt_http1_method(b);
    if (method == 0 || (method < b.n && b.p[method] != ' ' && b.p[method] != '\t'))
        return NEITHER;
    size_t from = s->scanned < b.n ? s->scanned : 0;
    const uint8_t *end = memchr(b.p + from, '\n', b.n - from);
    if (!end) {
        s->scanned = (uint32_t)(b.n < WT_LIMIT_HTTP_HEADER ? b.n : 0);
        return b.n < WT_LIMIT_HTTP_HEADER ? MORE : NEITHER;
    }
    /* RFC 9112, 3.2: "No whitespace is allowed in the request-target." Servers differ about that; here it keeps text
     * from being taken for a request. */
    struct wt_http1_head head;
    bool request = wt_http1_request_line(wt_span_cut(b, 0, (size_t)(end - b.p)), &head);
    return request && !memchr(head.target.p, ' ', head.target.n) ? ONE : NEITHER;
}

/* The start of a status line; or a SETTINGS frame, with which a server of HTTP/2 has to begin (RFC 9113, 3.4): type 4,
 * no flags, stream 0, six bytes for each setting. */
static enum verdict judge_server(struct wt_span b)
{
    static const char status[] = "HTTP/1.";
    size_t n = b.n < sizeof status - 1 ? b.n : sizeof status - 1;
    if (n && memcmp(b.p, status, n) == 0)
        return b.n > n ? ONE : MORE;
    static const uint8_t settings[9] = {0, 0, 0, 4};
    for (size_t i = 0; i < b.n && i < sizeof settings; i++)
        if (i != 1 && i != 2 && b.p[i] != settings[i])
            return NEITHER;
    if (b.n >= 3 && (wt_get24(b.p) % 6 != 0 || wt_get24(b.p) > 6 * 256))
        return NEITHER;
    return b.n < sizeof settings ? MORE : TWO;
}

static bool drain(struct wt_http *h, enum wt_side side);

/* This side's bytes are not HTTP's, the other's are HTTP/1's: the former began within a message. */
static void resume(struct wt_http *h, enum wt_side side)
{
    struct wt_http_side *s = &h->side[side];
    wt_buffer_free(&s->first);
    s->scanned = 0;
    s->mode = WT_HTTP_UNDECIDED;
    s->late = s->resumes = true;
    wt_http1_gap(h, side);
    h->torn = true;
    (void)drain(h, other(side)); /* what waited came before what follows */
}

static void not_http(struct wt_http *h)
{
    wt_http_stop(h, WT_CLIENT, WT_HTTP_STOP_NONE);
    wt_http_stop(h, WT_SERVER, WT_HTTP_STOP_NONE);
    clear_list(h);
}

static void found_one(struct wt_http *h, enum wt_side side)
{
    struct wt_http_side *s = &h->side[side], *o = &h->side[other(side)];
    s->mode = WT_HTTP_ONE;
    s->resumes = true;
    if (side == WT_CLIENT && o->mode == WT_HTTP_TWO) {
        clear_list(h); /* what looked like SETTINGS was none */
        resume(h, WT_SERVER);
    } else if (o->mode == WT_HTTP_FOREIGN) {
        resume(h, other(side));
    }
}

static void found_two(struct wt_http *h, enum wt_side side)
{
    struct wt_http_side *o = &h->side[other(side)];
    if (side == WT_SERVER && o->mode == WT_HTTP_FOREIGN)
        not_http(h);
    else if (!wt_http_to_two(h, side, NULL))
        wt_http_stop(h, side, WT_HTTP_STOP_MEMORY);
    else if (o->mode == WT_HTTP_FOREIGN)
        wt_http_stop(h, other(side), WT_HTTP_STOP_NO_PREFACE);
}

static void found_neither(struct wt_http *h, enum wt_side side)
{
    struct wt_http_side *s = &h->side[side], *o = &h->side[other(side)];
    if (o->mode == WT_HTTP_ONE || (o->mode == WT_HTTP_UNDECIDED && o->resumes))
        resume(h, side);
    else if (o->mode == WT_HTTP_TWO && (side == WT_SERVER || s->late))
        wt_http_stop(h, side, s->late ? WT_HTTP_STOP_GAP : WT_HTTP_STOP_NO_PREFACE);
    else if (s->late && s->looked < WT_LIMIT_HTTP_HEADER)
        s->scanned = 0; /* the next piece may be a message's start */
    else if (o->mode == WT_HTTP_UNDECIDED)
        s->mode = WT_HTTP_FOREIGN;
    else if (o->mode == WT_HTTP_OFF)
        wt_http_stop(h, side, WT_HTTP_STOP_NONE);
    else
        not_http(h);
}

static enum verdict judge(const struct wt_http *h, enum wt_side side, struct wt_http_side *s, struct wt_span b)
{
    enum verdict v = side == WT_CLIENT ? judge_client(s, b) : judge_server(b);
    /* SETTINGS may also come later in a connection, a preface cannot; and HTTP/1 does not turn into HTTP/2 so. */
    if (v == TWO && (s->resumes || (side == WT_SERVER && (s->late || h->side[WT_CLIENT].resumes))))
        return NEITHER;
    return v;
}

static bool found(struct wt_http *h, enum wt_side side, enum verdict v)
{
    if (v == ONE)
        found_one(h, side);
    else if (v == TWO)
        found_two(h, side);
    else if (v == NEITHER)
        found_neither(h, side);
    return v == ONE || v == TWO;
}

/* --- pieces --- */

static void hold_or_go_on(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at);

/* First bytes. True when b is now to be read as what was found; else all of it has been dealt with. */
static bool begin(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at)
{
    struct wt_http_side *s = &h->side[side];
    if (s->late && s->looked < WT_LIMIT_HTTP_HEADER)
        s->looked += (uint32_t)(b.n < WT_LIMIT_HTTP_HEADER ? b.n : WT_LIMIT_HTTP_HEADER);
    if (s->first.n == 0) {
        enum verdict v = judge(h, side, s, b);
        if (v == MORE && !wt_buffer_add(&s->first, b.p, b.n))
            wt_http_stop(h, side, WT_HTTP_STOP_MEMORY);
        return v != MORE && found(h, side, v);
    }
    if (!wt_buffer_add(&s->first, b.p, b.n)) {
        wt_http_stop(h, side, WT_HTTP_STOP_MEMORY);
        return false;
    }
    enum verdict v = judge(h, side, s, wt_buffer_span(&s->first));
    if (v == MORE)
        return false;
    struct wt_buffer whole = s->first;
    s->first = (struct wt_buffer){0};
    bool known = found(h, side, v);
    if (known)
        hold_or_go_on(h, side, wt_buffer_span(&whole), at);
    wt_buffer_free(&whole);
    /* Within a message nothing can be made of what came before this piece; of the piece itself, perhaps. */
    return !known && s->mode == WT_HTTP_UNDECIDED && begin(h, side, b, at);
}

/* Reads b as far as the side need not wait; tells how far. */
static size_t take(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at)
{
    struct wt_http_side *s = &h->side[side];
    size_t n = 0;
    while (n < b.n) {
        struct wt_span rest = wt_span_cut(b, n, b.n);
        if (s->mode == WT_HTTP_UNDECIDED) {
            if (!begin(h, side, rest, at))
                return b.n;
        } else if (s->mode == WT_HTTP_ONE) {
            if (wt_http1_waits(h, side))
                return n;
            n += wt_http1_feed(h, side, rest, at);
        } else {
            if (s->mode == WT_HTTP_TWO)
                wt_http2_feed(h, side, rest, at);
            return b.n;
        }
    }
    return n;
}

static bool holds(const struct wt_http_side *s)
{
    return s->held_at < s->held.n;
}

/* False when it would be too much. Pieces of one packet are put together. */
static bool hold(struct wt_http_side *s, struct wt_span b, struct wt_http_at at)
{
    struct held_piece last = {.n = 0}, piece = {at, b.n};
    if (s->held.n + sizeof piece + b.n > WT_LIMIT_HTTP_HELD)
        return false;
    if (holds(s)) {
        memcpy(&last, s->held.p + s->held_last, sizeof last);
        if (last.at.frame == at.frame && last.at.time.ns == at.time.ns) {
            last.n += b.n;
            if (!wt_buffer_add(&s->held, b.p, b.n))
                return false;
            memcpy(s->held.p + s->held_last, &last, sizeof last);
            return true;
        }
    }
    if (!wt_buffer_room(&s->held, sizeof piece + b.n))
        return false;
    s->held_last = s->held.n;
    return wt_buffer_add(&s->held, &piece, sizeof piece) && wt_buffer_add(&s->held, b.p, b.n);
}

/* Reads what is held, as far as it need not wait. True when that was something. */
static bool drain(struct wt_http *h, enum wt_side side)
{
    struct wt_http_side *s = &h->side[side];
    bool moved = false;
    while (holds(s)) {
        struct held_piece piece;
        memcpy(&piece, s->held.p + s->held_at, sizeof piece);
        size_t n = take(h, side, wt_span_of(s->held.p + s->held_at + sizeof piece, piece.n), piece.at);
        moved |= n > 0;
        if (n < piece.n) {
            /* What is left of the piece gets its head anew, over bytes that have been read. */
            if (s->held_last == s->held_at)
                s->held_last += n;
            s->held_at += n;
            piece.n -= n;
            memcpy(s->held.p + s->held_at, &piece, sizeof piece);
            return moved;
        }
        s->held_at += sizeof piece + piece.n;
    }
    s->held.n = s->held_at = 0;
    return moved;
}

/* After take(): what it left waits for the other side, or goes on without it where that would be too much. */
static void hold_or_go_on(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at)
{
    struct wt_http_side *s = &h->side[side];
    if (!holds(s))
        b = wt_span_cut(b, take(h, side, b, at), b.n);
    if (b.n == 0 || hold(s, b, at))
        return;
    s->alone = true;
    (void)drain(h, side);
    (void)take(h, side, b, at);
}

static bool finish(struct wt_http *h, enum wt_side side)
{
    struct wt_http_side *s = &h->side[side];
    if (!s->ended || s->finished || holds(s))
        return false;
    s->finished = true;
    if (s->mode == WT_HTTP_UNDECIDED && side == WT_CLIENT && !s->late && !begins_preface(wt_buffer_span(&s->first)))
        found_neither(h, side); /* no more of it will come */
    else if (s->mode == WT_HTTP_ONE)
        wt_http1_end(h, side);
    else if (s->mode == WT_HTTP_TWO)
        wt_http2_end(h, side);
    else if (h->three)
        wt_http3_end(h, side);
    return true;
}

/* What one side said may be what the other waits for, in turns. */
static void settle(struct wt_http *h)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (int side = 0; side < 2; side++) {
            moved |= drain(h, (enum wt_side)side);
            moved |= finish(h, (enum wt_side)side);
        }
    }
    for (int side = 0; side < 2; side++)
        if (h->side[side].mode == WT_HTTP_OFF) {
            wt_buffer_free(&h->side[side].first);
            wt_buffer_free(&h->side[side].held);
            wt_buffer_free(&h->side[side].one.head);
            h->side[side].held_at = 0;
        }
}

void wt_http_feed(struct wt_http *h, enum wt_side side, struct wt_span b, uint32_t frame, struct wt_time time)
{
    struct wt_http_side *s = &h->side[side];
    if (s->mode == WT_HTTP_OFF || s->mode == WT_HTTP_FOREIGN || s->mode == WT_HTTP_THREE || s->ended || b.n == 0)
        return;
    hold_or_go_on(h, side, b, (struct wt_http_at){frame, time});
    settle(h);
}

void wt_http_end(struct wt_http *h, enum wt_side side)
{
    h->side[side].ended = true;
    settle(h);
}

void wt_http_gap(struct wt_http *h, enum wt_side side)
{
    struct wt_http_side *s = &h->side[side];
    if (s->mode == WT_HTTP_OFF || s->mode == WT_HTTP_THREE || s->ended)
        return;
    if (s->mode == WT_HTTP_TWO) {
        wt_http_stop(h, side, WT_HTTP_STOP_GAP);
        return;
    }
    h->torn = true;
    settle(h);
    if (s->mode == WT_HTTP_OFF)
        return;
    s->resumes |= s->mode == WT_HTTP_ONE;
    s->mode = WT_HTTP_UNDECIDED;
    s->late = true;
    s->looked = s->scanned = 0;
    wt_buffer_free(&s->first);
    wt_http1_gap(h, side);
}

/* --- what is told --- */

const char *wt_http_name(const struct wt_http *h)
{
    if (h->three)
        return h->list ? "HTTP/3" : NULL;
    if (h->seen_two)
        return "HTTP/2";
    return h->version == 11 ? "HTTP/1.1" : h->version == 10 ? "HTTP/1.0" : NULL;
}

size_t wt_http_bytes(const struct wt_http *h)
{
    /* RFC 7541, 4.2: of each side, unless SETTINGS_HEADER_TABLE_SIZE says otherwise */
    const size_t table = 4096;
    return sizeof *h + h->flat_room * sizeof *h->flat + (h->two ? 2 * table : 0) +
           (h->three ? wt_http3_bytes(h->three) : 0);
}

enum wt_http_stop wt_http_stopped(const struct wt_http *h, enum wt_side side)
{
    return (enum wt_http_stop)h->side[side].stopped;
}

const struct wt_exchange *wt_http_exchanges(struct wt_http *h, size_t *count, size_t *dropped)
{
    h->side[WT_CLIENT].alone = h->side[WT_SERVER].alone = true;
    if (h->three)
        wt_http3_alone(h);
    settle(h);
    *count = 0;
    *dropped = h->dropped;
    if (h->flat_room < h->count) { /* not in the arena: one that is full would have no room for what it holds */
        free(h->flat);
        h->flat = malloc(h->count * sizeof *h->flat);
        h->flat_room = h->flat ? h->count : 0;
    }
    for (const struct wt_http_node *n = h->list; n && n->kept; n = n->next) {
        if (!n->asked && !n->answered && n->x.interim == 0)
            continue; /* its header block has not come to its end */
        if (!h->flat) {
            ++*dropped;
            continue;
        }
        struct wt_exchange *x = &h->flat[(*count)++];
        *x = n->x;
        h->three ? wt_http3_settle(x, n) : wt_http2_settle(x, n);
    }
    return *count ? h->flat : NULL;
}
