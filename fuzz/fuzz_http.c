/* HTTP out of two sides' plaintext, against itself: the same bytes in other pieces, and HTTP/1's sides in another
 * order, must give the same list. The input is a row of steps: a byte (bit 7: the server; 0x7f: bytes are missing;
 * 0x7e: the end; else how many bytes follow, 0x7d: 16 times the next byte), then those bytes. */
#include "http/internal.h"
#include "registry/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum order { AS_GIVEN, BYTE_BY_BYTE, CLIENT_FIRST, SERVER_FIRST };

struct step {
    enum wt_side side;
    enum { SAY, GAP, END } kind;
    struct wt_span bytes;
};

static struct step next_step(struct wt_span *input)
{
    struct step s = {input->p[0] & 0x80 ? WT_SERVER : WT_CLIENT, SAY, {0}};
    uint8_t operation = input->p[0] & 0x7f;
    *input = wt_span_cut(*input, 1, input->n);
    if (operation >= 0x7e) {
        s.kind = operation == 0x7f ? GAP : END;
    } else if (operation == 0x7d && input->n) {
        size_t n = 16u * input->p[0];
        s.bytes = wt_span_cut(*input, 1, n);
        *input = wt_span_cut(*input, 1 + n, input->n);
    } else {
        s.bytes = wt_span_cut(*input, 0, operation);
        *input = wt_span_cut(*input, operation, input->n);
    }
    return s;
}

/* Each piece in memory of its own, so that a sanitizer sees the first byte past it. */
static void feed(struct wt_http *h, enum wt_side side, struct wt_span bytes, size_t most)
{
    for (size_t at = 0; at < bytes.n; at += most) {
        struct wt_span piece = wt_span_cut(bytes, at, most);
        uint8_t *own = malloc(piece.n);
        if (!own)
            abort();
        memcpy(own, piece.p, piece.n);
        wt_http_feed(h, side, wt_span_of(own, piece.n), 1, (struct wt_time){1, 9});
        free(own);
    }
}

static void run(struct wt_http *h, struct wt_span input, enum order order, int only)
{
    while (input.n) {
        struct step s = next_step(&input);
        if (only >= 0 && (int)s.side != only)
            continue;
        if (s.kind == SAY)
            feed(h, s.side, s.bytes, order == BYTE_BY_BYTE ? 1 : SIZE_MAX / 2);
        else if (s.kind == GAP)
            wt_http_gap(h, s.side);
        else
            wt_http_end(h, s.side);
    }
}

static struct wt_http *tell(struct wt_arena *arena, struct wt_span input, enum order order)
{
    struct wt_http *h = wt_http_new(arena);
    if (!h)
        abort();
    run(h, input, order, order == CLIENT_FIRST ? WT_CLIENT : order == SERVER_FIRST ? WT_SERVER : -1);
    if (order == CLIENT_FIRST || order == SERVER_FIRST)
        run(h, input, order, order == CLIENT_FIRST ? WT_SERVER : WT_CLIENT);
    wt_http_end(h, WT_CLIENT);
    wt_http_end(h, WT_SERVER);
    return h;
}

static bool same(const struct wt_exchange *a, const struct wt_exchange *b)
{
    return a->request_frame == b->request_frame && a->response_frame == b->response_frame && a->stream == b->stream &&
           a->version == b->version && a->status == b->status && wt_span_equal(a->method, b->method) &&
           wt_span_equal(a->scheme, b->scheme) && wt_span_equal(a->authority, b->authority) &&
           wt_span_equal(a->path, b->path) && wt_span_equal(a->reason, b->reason) &&
           wt_span_equal(a->content_type, b->content_type) && wt_span_equal(a->content_encoding, b->content_encoding) &&
           a->request_body == b->request_body && a->response_body == b->response_body && a->interim == b->interim &&
           a->pushed == b->pushed && a->upgraded == b->upgraded && a->reset == b->reset;
}

static void compare(struct wt_http *a, struct wt_http *b)
{
    size_t counts[2], dropped[2];
    const struct wt_exchange *x = wt_http_exchanges(a, &counts[0], &dropped[0]);
    const struct wt_exchange *y = wt_http_exchanges(b, &counts[1], &dropped[1]);
    if (counts[0] != counts[1] || dropped[0] != dropped[1] || wt_http_name(a) != wt_http_name(b) ||
        wt_http_stopped(a, WT_CLIENT) != wt_http_stopped(b, WT_CLIENT) ||
        wt_http_stopped(a, WT_SERVER) != wt_http_stopped(b, WT_SERVER))
        abort();
    for (size_t i = 0; i < counts[0]; i++)
        if (!same(&x[i], &y[i]))
            abort();
}

static void check_bounds(struct wt_http *h)
{
    size_t count, dropped;
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    if (count > WT_LIMIT_EXCHANGES || (count && !wt_http_name(h)))
        abort();
    for (size_t i = 0; i < count; i++)
        if (x[i].path.n > WT_LIMIT_HTTP_TARGET || x[i].authority.n > WT_LIMIT_HTTP_TARGET ||
            x[i].method.n > WT_LIMIT_HTTP_FIELD || x[i].content_type.n > WT_LIMIT_HTTP_FIELD)
            abort();
    for (int side = 0; side < 2; side++)
        if (h->side[side].held.n > WT_LIMIT_HTTP_HELD || h->side[side].one.head.n > WT_LIMIT_HTTP_HEADER + 1)
            abort();
}

/* A server switches protocols without having been asked: how far the client was read until then is chance. */
static bool is_surprised(const struct wt_http *h)
{
    for (const struct wt_http_node *n = h->list; n; n = n->next)
        if (n->x.upgraded && !n->offers && !n->connects)
            return true;
    return false;
}

/* HTTP/1 within its rules. Where a side errs (in HTTP/2, too, by answers to what is over), the other's order decides
 * how much of it is read. */
static bool is_plain(const struct wt_http *h)
{
    return !h->torn && !h->seen_two && !wt_http_stopped(h, WT_CLIENT) && !wt_http_stopped(h, WT_SERVER) &&
           !is_surprised(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_span input = wt_span_of(data, size);
    struct wt_arena arenas[4] = {0};
    struct wt_http *h[4];
    for (int order = AS_GIVEN; order <= SERVER_FIRST; order++) {
        h[order] = tell(&arenas[order], input, (enum order)order);
        check_bounds(h[order]);
    }
    /* After a gap a message is looked for where a piece begins; then pieces count, and time. */
    if (!h[AS_GIVEN]->torn && !h[BYTE_BY_BYTE]->torn && !is_surprised(h[AS_GIVEN]))
        compare(h[AS_GIVEN], h[BYTE_BY_BYTE]);
    if (is_plain(h[CLIENT_FIRST]) && is_plain(h[SERVER_FIRST]))
        compare(h[CLIENT_FIRST], h[SERVER_FIRST]);
    for (int order = AS_GIVEN; order <= SERVER_FIRST; order++) {
        wt_http_free(h[order]);
        wt_arena_free(&arenas[order]);
    }
    return 0;
}
