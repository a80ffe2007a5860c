#include "http/http3_streams.h"

#include "base/memory.h"
#include "http/http3_sections.h"
#include "registry/limits.h"

#include <sys/random.h>

struct wt_http3 *wt_http3_streams_new(void)
{
    struct wt_http3 *three = wt_calloc(1, sizeof *three);
    if (!three)
        return NULL;
    if (getrandom(&three->key, sizeof three->key, GRND_NONBLOCK) != (ssize_t)sizeof three->key)
        three->key = (uint64_t)(uintptr_t)three;
    three->key |= 1;
    for (int side = 0; side < 2; side++)
        if (!(three->side[side].qpack = wt_qpack_new())) {
            wt_http3_streams_free(three);
            return NULL;
        }
    return three;
}

void wt_http3_streams_stop(struct wt_http3 *three, struct wt_http3_half *half)
{
    half->at = WT_HTTP3_AT_END;
    three->held -= half->section.n;
    wt_buffer_free(&half->section);
}

static void forget(struct wt_http3 *three, struct wt_http3_stream **at)
{
    struct wt_http3_stream *s = *at;
    *at = s->chain;
    three->open--;
    for (int side = 0; side < 2; side++)
        wt_http3_streams_stop(three, &s->half[side]);
    free(s);
}

void wt_http3_streams_free(struct wt_http3 *three)
{
    if (!three)
        return;
    for (int side = 0; side < 2; side++) {
        wt_http3_sections_drop(three, (enum wt_side)side);
        wt_buffer_free(&three->side[side].early);
        wt_qpack_free(three->side[side].qpack);
    }
    for (size_t i = 0; i < WT_HTTP3_BUCKETS; i++)
        while (three->buckets[i])
            forget(three, &three->buckets[i]);
    free(three);
}

static struct wt_http3_stream **bucket_of(struct wt_http3 *three, uint64_t id)
{
    return &three->buckets[(id * three->key) >> 56];
}

struct wt_http3_stream *wt_http3_streams_find(struct wt_http3 *three, uint64_t id)
{
    struct wt_http3_stream *s = *bucket_of(three, id);
    while (s && s->id != id)
        s = s->chain;
    return s;
}

/* A unidirectional stream has one half: RFC 9000, 2.1, "0x02 … unidirectional", "0x01 … server-initiated". */
static bool has_half(const struct wt_http3_stream *s, unsigned side)
{
    return !(s->id & 2) || (s->id & 1) == side;
}

static bool is_silent(const struct wt_http *h, unsigned side)
{
    return h->side[side].finished || h->side[side].mode == WT_HTTP_OFF;
}

static bool is_over(const struct wt_http *h, const struct wt_http3_stream *s)
{
    bool over = s->waiting[0] + s->waiting[1] == 0;
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_http3_half *half = &s->half[side];
        over = over && (half->ended || half->torn || is_silent(h, side) || !has_half(s, side) ||
                        (s->id & 2 && half->at == WT_HTTP3_AT_END));
    }
    return over;
}

void wt_http3_streams_close(struct wt_http *h, struct wt_http3_stream *s)
{
    if (!is_over(h, s))
        return;
    struct wt_http3_stream **at = bucket_of(h->three, s->id);
    while (*at != s)
        at = &(*at)->chain;
    forget(h->three, at);
}

/* The table is full. What is over since a side fell silent makes room, once: a peer can ask for it with each frame. */
static void make_room(struct wt_http *h)
{
    struct wt_http3 *three = h->three;
    const uint8_t silence = (uint8_t)(is_silent(h, WT_CLIENT) | is_silent(h, WT_SERVER) << 1);
    if (silence == three->swept)
        return;
    three->swept = silence;
    for (size_t i = 0; i < WT_HTTP3_BUCKETS; i++)
        for (struct wt_http3_stream **at = &three->buckets[i]; *at;) {
            if (is_over(h, *at))
                forget(three, at);
            else
                at = &(*at)->chain;
        }
}

struct wt_http3_stream *wt_http3_streams_open(struct wt_http *h, uint64_t id)
{
    struct wt_http3 *three = h->three;
    if (three->open >= WT_LIMIT_HTTP_STREAMS)
        make_room(h);
    struct wt_http3_stream *s = three->open < WT_LIMIT_HTTP_STREAMS ? wt_calloc(1, sizeof *s) : NULL;
    if (!s)
        return NULL;
    s->id = id;
    struct wt_http3_stream **at = bucket_of(three, id);
    s->chain = *at;
    *at = s;
    three->open++;
    return s;
}

struct wt_http_node *wt_http3_streams_node(struct wt_http *h, struct wt_http3_stream *s)
{
    if (s->node || s->refused)
        return s->node;
    s->node = wt_http_add(h, s->id << 24, false);
    s->refused = !s->node;
    h->dropped += s->refused;
    if (s->node) {
        s->node->x.stream = (uint32_t)s->id;
        s->node->x.version = 30;
    }
    return s->node;
}

bool wt_http3_streams_hold(struct wt_http3 *three, size_t n)
{
    return n <= WT_LIMIT_HTTP3_HELD - three->held;
}
