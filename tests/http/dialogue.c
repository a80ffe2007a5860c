#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 16384 };

/* --- the list as text --- */

static size_t add(char *out, size_t room, size_t n, const char *format, ...) __attribute__((format(printf, 4, 5)));

static size_t add(char *out, size_t room, size_t n, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int more = vsnprintf(out + n, room - n, format, list);
    va_end(list);
    assert_true(more >= 0 && (size_t)more < room - n);
    return n + (size_t)more;
}

static const char *text(struct wt_span s, char to[64])
{
    size_t n = s.n < 60 ? s.n : 60;
    if (s.n == 0)
        return "-";
    memcpy(to, s.p, n);
    (void)snprintf(to + n, 4, "%s", s.n > n ? "..." : "");
    return to;
}

/* "1 GET http example.org /path 11 +0 | 2 200 OK text/html gzip +12 [flags]": packets, bodies behind a plus. */
static size_t tell_exchange(const struct wt_exchange *x, char *out, size_t room, size_t n)
{
    char a[64], b[64], c[64], d[64], e[64], f[64], g[64];
    assert_int_equal(x->request_time.ns, (int64_t)x->request_frame * 1000);
    assert_int_equal(x->response_time.ns, (int64_t)x->response_frame * 1000);
    n = add(out, room, n, "%u %s %s %s %s %u +%llu | %u %u %s %s %s +%llu", x->request_frame, text(x->method, a),
            text(x->scheme, b), text(x->authority, c), text(x->path, d), x->version,
            (unsigned long long)x->request_body, x->response_frame, x->status, text(x->reason, e),
            text(x->content_type, f), text(x->content_encoding, g), (unsigned long long)x->response_body);
    if (x->stream || x->version >= 20)
        n = add(out, room, n, " stream %u", x->stream);
    if (x->interim)
        n = add(out, room, n, " interim %u", x->interim);
    return add(out, room, n, "%s%s%s\n", x->pushed ? " pushed" : "", x->upgraded ? " upgraded" : "",
               x->reset ? " reset" : "");
}

static const char *const stops[] = {
    [WT_HTTP_STOP_HEADER_LONG] = "header long",
    [WT_HTTP_STOP_NOT_HTTP] = "not http",
    [WT_HTTP_STOP_FRAMING] = "framing",
    [WT_HTTP_STOP_REQUESTS] = "requests",
    [WT_HTTP_STOP_NO_PREFACE] = "no preface",
    [WT_HTTP_STOP_FRAME] = "frame",
    [WT_HTTP_STOP_HPACK] = "hpack",
    [WT_HTTP_STOP_GAP] = "gap",
    [WT_HTTP_STOP_MEMORY] = "memory",
};

void tell_list(struct wt_http *h, struct wt_arena *arena, char *out, size_t room)
{
    size_t count, dropped, n;
    /* Asking twice changes nothing. */
    (void)wt_http_exchanges(h, &count, &dropped);
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    n = add(out, room, 0, "%s\n", wt_http_name(h) ? wt_http_name(h) : "nothing");
    for (size_t i = 0; i < count; i++)
        n = tell_exchange(&x[i], out, room, n);
    if (dropped)
        n = add(out, room, n, "%zu more\n", dropped);
    for (int side = 0; side < 2; side++)
        if (wt_http_stopped(h, (enum wt_side)side))
            n = add(out, room, n, "%s: %s\n", side ? "server" : "client",
                    stops[wt_http_stopped(h, (enum wt_side)side)]);
    wt_http_free(h);
    wt_arena_free(arena);
}

/* --- feeding --- */

struct feeding {
    struct wt_arena arena;
    struct wt_http *http;
    const struct say *said;
    size_t count;
    size_t at[2], byte[2]; /* by side: its next saying, and the byte in it */
};

static void start(struct feeding *f, const struct say *said, size_t count)
{
    *f = (struct feeding){.said = said, .count = count};
    f->http = wt_http_new(&f->arena);
    assert_non_null(f->http);
}

static const struct say *next_of(struct feeding *f, enum wt_side side)
{
    while (f->at[side] < f->count && f->said[f->at[side]].side != side)
        f->at[side]++;
    return f->at[side] < f->count ? &f->said[f->at[side]] : NULL;
}

/* At most n bytes of what the side says next. False when it has nothing more to say. */
static bool say(struct feeding *f, enum wt_side side, size_t n)
{
    const struct say *s = next_of(f, side);
    if (!s)
        return false;
    uint32_t frame = (uint32_t)f->at[side] + 1;
    if (s->kind == SAY_GAP)
        wt_http_gap(f->http, side);
    if (s->kind == SAY_END)
        wt_http_end(f->http, side);
    if (n > s->n - f->byte[side])
        n = s->n - f->byte[side];
    if (s->kind == SAY_BYTES) {
        /* A block of its own, so that a sanitizer sees a byte too far. */
        uint8_t *piece = malloc(n ? n : 1);
        assert_non_null(piece);
        memcpy(piece, (const uint8_t *)s->bytes + f->byte[side], n);
        wt_http_feed(f->http, side, (struct wt_span){piece, n}, frame, (struct wt_time){frame * INT64_C(1000), 9});
        free(piece);
    }
    f->byte[side] += n;
    if (f->byte[side] >= s->n) {
        f->byte[side] = 0;
        f->at[side]++;
    }
    return true;
}

static void finish(struct feeding *f, char *out, size_t room)
{
    assert_null(next_of(f, WT_CLIENT));
    assert_null(next_of(f, WT_SERVER));
    wt_http_end(f->http, WT_CLIENT);
    wt_http_end(f->http, WT_SERVER);
    tell_list(f->http, &f->arena, out, room);
}

void tell_way(const struct say *said, size_t count, enum way way, char *out, size_t room)
{
    struct feeding f;
    start(&f, said, count);
    for (size_t i = 0; i < count && (way == WAY_WHOLE || way == WAY_BYTES); i++)
        while (f.at[said[i].side] <= i && say(&f, said[i].side, way == WAY_BYTES ? 1 : SIZE_MAX))
            ;
    enum wt_side first = way == WAY_SERVER_FIRST ? WT_SERVER : WT_CLIENT;
    if (way == WAY_TURNS)
        for (bool more = true; more;) {
            more = say(&f, WT_CLIENT, 1);
            more |= say(&f, WT_SERVER, 1);
        }
    while (say(&f, first, SIZE_MAX))
        ;
    while (say(&f, first == WT_CLIENT ? WT_SERVER : WT_CLIENT, SIZE_MAX))
        ;
    finish(&f, out, room);
}

void tell_random(const struct say *said, size_t count, unsigned seed, char *out, size_t room)
{
    struct feeding f;
    start(&f, said, count);
    while (next_of(&f, WT_CLIENT) || next_of(&f, WT_SERVER)) {
        seed = seed * 1103515245u + 12345u;
        (void)say(&f, seed >> 16 & 1 ? WT_CLIENT : WT_SERVER, 1 + (seed >> 20 & 63));
    }
    finish(&f, out, room);
}

void tell_cut(const struct say *said, size_t count, size_t cut, char *out, size_t room)
{
    struct feeding f;
    start(&f, said, count);
    for (size_t i = 0; i < count; i++) {
        if (cut && cut < said[i].n)
            (void)say(&f, said[i].side, cut);
        cut = cut > said[i].n ? cut - said[i].n : 0;
        while (f.at[said[i].side] <= i && say(&f, said[i].side, SIZE_MAX))
            ;
    }
    finish(&f, out, room);
}

void expect_so(const struct say *said, size_t count, const char *want)
{
    char out[ROOM];
    tell_way(said, count, WAY_WHOLE, out, sizeof out);
    assert_string_equal(out, want);
}

void expect_always(const struct say *said, size_t count, bool order, const char *want)
{
    char out[ROOM];
    size_t length = 0;
    for (int way = WAY_WHOLE; way < (order ? WAY_COUNT : WAY_CLIENT_FIRST); way++) {
        tell_way(said, count, (enum way)way, out, sizeof out);
        if (strcmp(out, want) != 0)
            print_message("fed in way %d\n", way);
        assert_string_equal(out, want);
    }
    for (size_t i = 0; i < count; i++)
        length += said[i].n;
    for (size_t cut = 1; cut < length; cut++) {
        tell_cut(said, count, cut, out, sizeof out);
        assert_string_equal(out, want);
    }
    for (unsigned seed = 1; order && seed <= 100; seed++) {
        tell_random(said, count, seed, out, sizeof out);
        assert_string_equal(out, want);
    }
}
