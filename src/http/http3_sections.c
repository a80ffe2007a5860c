#include "http/http3_sections.h"

#include "base/memory.h"
#include "http/http_fields.h"
#include "registry/limits.h"

enum kind { TRAILERS, REQUEST, ANSWER };

/* What a section's fields are told to. */
struct listener {
    struct wt_http *h;
    struct wt_http_node *node;
    enum kind kind;
    bool final;
};

static enum wt_side other(enum wt_side side)
{
    return side == WT_CLIENT ? WT_SERVER : WT_CLIENT;
}

static void take_field(void *context, struct wt_span name, struct wt_span value)
{
    struct listener *l = context;
    if (l->node && l->kind == REQUEST)
        wt_http_fields_request(l->h, l->node, name, value);
    else if (l->node && l->kind == ANSWER)
        wt_http_fields_answer(l->h, l->node, &l->final, name, value);
}

/* RFC 9114, 4.1: a message is one HEADERS frame, content, and "optionally, the trailer section"; "zero or more interim
 * HTTP responses" come before the answer. */
static enum kind kind_of(enum wt_side side, bool promise, const struct wt_http_node *n)
{
    if (promise)
        return REQUEST;
    if (side == WT_CLIENT)
        return n && !n->asked ? REQUEST : TRAILERS;
    return n && !n->answered ? ANSWER : TRAILERS;
}

static void asked(struct wt_http_node *n, struct wt_http_at at)
{
    n->asked = true;
    n->x.request_frame = at.frame;
    n->x.request_time = at.time;
    /* RFC 9114, 4.4: CONNECT has neither ":scheme" nor ":path"; what it names is ":authority". */
    if (n->x.path.n == 0)
        n->x.path = n->x.authority;
}

static void section_read(const struct listener *l, struct wt_http_at at)
{
    struct wt_http_node *n = l->node;
    if (n && l->kind == REQUEST) {
        asked(n, at);
    } else if (n && l->kind == ANSWER && l->final) {
        n->answered = true;
        n->x.response_frame = at.frame;
        n->x.response_time = at.time;
    }
}

/* False when it is blocked, and `needs` says until when. */
static bool read_section(struct wt_http *h, enum wt_side side, const struct wt_http3_section *about,
                         struct wt_span section, uint64_t *needs)
{
    struct listener l = {h, about->node, kind_of(side, about->promise, about->node), false};
    struct wt_qpack *q = h->three->side[side].qpack;
    enum wt_qpack_result result = wt_qpack_section(q, about->stream->id, section, needs, take_field, &l);
    /* Entries may be missing for good: RFC 9204, 2.1.1, the table is built by what the encoder stream says alone. */
    if (result == WT_QPACK_BLOCKED)
        return false;
    if (result == WT_QPACK_READ)
        section_read(&l, about->at);
    else
        wt_http_stop(h, side, result == WT_QPACK_MEMORY ? WT_HTTP_STOP_MEMORY : WT_HTTP_STOP_HPACK);
    return true;
}

void wt_http3_sections_lose(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, struct wt_http_at at)
{
    struct wt_http_node *n = wt_http3_streams_node(h, s);
    if (n && side == WT_CLIENT && !n->asked)
        asked(n, at); /* that something was asked, and when, is known */
}

/* A promise is an exchange of its own, behind the request that it was made with. RFC 9114, 7.2.5: "A server MAY use the
 * same push ID in multiple PUSH_PROMISE frames": it is listed once. */
static struct wt_http_node *promised(struct wt_http *h, const struct wt_http3_stream *s, uint64_t push)
{
    struct wt_http3_side *server = &h->three->side[WT_SERVER];
    if (push < server->pushes)
        return NULL;
    server->pushes = push + 1;
    const uint64_t behind = 1 + (push < 0xfffffe ? push : 0xfffffe);
    struct wt_http_node *n = wt_http_add(h, s->id << 24 | behind, false);
    if (!n) {
        h->dropped++;
        return NULL;
    }
    n->x.stream = (uint32_t)s->id;
    n->x.version = 30;
    n->x.pushed = true;
    n->ended[WT_CLIENT] = true;
    return n;
}

void wt_http3_sections_take(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, bool promise,
                            uint64_t push, struct wt_span section, struct wt_http_at at)
{
    struct wt_http3_side *me = &h->three->side[side];
    struct wt_http3_section about = {.stream = s, .promise = promise, .at = at, .n = section.n};
    about.node = promise ? promised(h, s, push) : wt_http3_streams_node(h, s);
    uint64_t needs = UINT64_MAX;
    if (s->waiting[side] == 0 && read_section(h, side, &about, section, &needs))
        return;
    const bool hopeless = me->table_torn && wt_qpack_is_set(me->qpack);
    const size_t size = sizeof about + section.n;
    struct wt_http3_section *kept = NULL;
    if (!hopeless && me->waiting < WT_LIMIT_HTTP3_BLOCKED && wt_http3_streams_hold(h->three, size))
        kept = wt_malloc(size);
    if (!kept) {
        if (!promise)
            wt_http3_sections_lose(h, side, s, at);
        return;
    }
    *kept = about;
    kept->needs = needs;
    if (section.n)
        memcpy(kept->bytes, section.p, section.n);
    *(me->last ? &me->last->next : &me->first) = kept;
    me->last = kept;
    s->waiting[side]++;
    me->waiting++;
    h->three->held += size;
}

static struct wt_http3_section *take_out(struct wt_http3 *three, enum wt_side side, struct wt_http3_section *before)
{
    struct wt_http3_side *me = &three->side[side];
    struct wt_http3_section **from = before ? &before->next : &me->first, *section = *from;
    *from = section->next;
    if (me->last == section)
        me->last = before;
    section->stream->waiting[side]--;
    me->waiting--;
    three->held -= sizeof *section + section->n;
    return section;
}

/* Those that are blocked no more; of one stream in their order, since what one is hangs on those before it. */
static void drain(struct wt_http *h, enum wt_side side)
{
    struct wt_http3_side *me = &h->three->side[side];
    struct wt_http3_section *before = NULL;
    me->passes++;
    for (struct wt_http3_section *w = me->first, *next; w && h->side[side].mode != WT_HTTP_OFF; w = next) {
        struct wt_http3_stream *s = w->stream;
        const uint64_t inserted = wt_qpack_inserted(me->qpack);
        next = w->next;
        /* Behind one of the same stream that waits, or waiting itself: what it needs is not known before SETTINGS. */
        const bool waits = s->passed[side] == me->passes || (w->needs != UINT64_MAX && w->needs > inserted);
        if (waits || !read_section(h, side, w, wt_span_of(w->bytes, w->n), &w->needs)) {
            s->passed[side] = me->passes;
            before = w;
            continue;
        }
        free(take_out(h->three, side, before));
        wt_http3_streams_close(h, s);
    }
}

void wt_http3_sections_drop(struct wt_http3 *three, enum wt_side side)
{
    while (three->side[side].first)
        free(take_out(three, side, NULL));
}

void wt_http3_sections_give_up(struct wt_http *h, enum wt_side side)
{
    while (h->three->side[side].first) {
        struct wt_http3_section *w = take_out(h->three, side, NULL);
        struct wt_http3_stream *s = w->stream;
        if (!w->promise)
            wt_http3_sections_lose(h, side, s, w->at);
        free(w);
        wt_http3_streams_close(h, s);
    }
}

/* How many entries the first of those builds on that wait; UINT64_MAX: none does. */
static uint64_t least_needed(const struct wt_http3_side *me)
{
    uint64_t least = UINT64_MAX;
    for (const struct wt_http3_section *w = me->first; w; w = w->next)
        least = w->needs < least ? w->needs : least;
    return least;
}

static bool feed(struct wt_http *h, enum wt_side side, struct wt_span bytes)
{
    const enum wt_qpack_result result = wt_qpack_feed(h->three->side[side].qpack, bytes);
    if (result == WT_QPACK_READ)
        return true;
    wt_http_stop(h, side, result == WT_QPACK_MEMORY ? WT_HTTP_STOP_MEMORY : WT_HTTP_STOP_HPACK);
    return false;
}

/* A section that waits is read as soon as its last entry is there. RFC 9204, 2.1.1 forbids an encoder to evict what a
 * section still builds on; where one does so all the same, how its stream is cut into pieces must not decide what is
 * read. */
static void instruct(struct wt_http *h, enum wt_side side, struct wt_span bytes)
{
    struct wt_http3_side *me = &h->three->side[side];
    uint64_t least = least_needed(me);
    while (bytes.n && least != UINT64_MAX) {
        if (!feed(h, side, wt_span_cut(bytes, 0, 1)))
            return;
        bytes = wt_span_cut(bytes, 1, bytes.n);
        if (wt_qpack_inserted(me->qpack) < least)
            continue;
        drain(h, side);
        if (h->side[side].mode == WT_HTTP_OFF)
            return;
        least = least_needed(me);
    }
    if (bytes.n)
        (void)feed(h, side, bytes);
}

void wt_http3_sections_instruct(struct wt_http *h, enum wt_side side, struct wt_span bytes)
{
    struct wt_http3_side *me = &h->three->side[side];
    if (me->table_torn)
        return;
    if (wt_qpack_is_set(me->qpack)) {
        instruct(h, side, bytes);
        return;
    }
    if (!wt_http3_streams_hold(h->three, bytes.n) || !wt_buffer_add(&me->early, bytes.p, bytes.n)) {
        wt_http3_sections_tear(h, side);
        return;
    }
    h->three->held += bytes.n;
}

void wt_http3_sections_tear(struct wt_http *h, enum wt_side side)
{
    struct wt_http3_side *me = &h->three->side[side];
    me->table_torn = true;
    if (wt_qpack_is_set(me->qpack))
        wt_http3_sections_give_up(h, side);
}

void wt_http3_sections_settings(struct wt_http *h, enum wt_side side, uint64_t capacity)
{
    const enum wt_side sends = other(side);
    struct wt_http3_side *me = &h->three->side[sends];
    h->three->side[side].told = true;
    if (wt_qpack_is_set(me->qpack))
        return;
    if (wt_qpack_settings(me->qpack, capacity) != WT_QPACK_READ) {
        wt_http_stop(h, sends, WT_HTTP_STOP_MEMORY);
        return;
    }
    struct wt_buffer early = me->early;
    me->early = (struct wt_buffer){0};
    h->three->held -= early.n;
    drain(h, sends); /* from now on it is known what each needs */
    if (early.n && h->side[sends].mode != WT_HTTP_OFF)
        instruct(h, sends, wt_buffer_span(&early));
    wt_buffer_free(&early);
    if (me->table_torn)
        wt_http3_sections_give_up(h, sends);
}
