/* HTTP/3 out of what comes on QUIC's streams, against itself: the same bytes in other pieces must give the same list.
 * The input is a row of steps: a byte (bit 7: the server; bits 6 and 5: 0 bytes, 1 FIN, 2 a reset, 3 bytes are missing;
 * below: the stream, of which the first 16 are those of the client's requests), for bytes and gaps another that says
 * how many, then the bytes. */
#include "http/http3.h"
#include "http/http3_streams.h"
#include "registry/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Requests, then each side's unidirectional streams. */
static uint64_t stream_of(enum wt_side side, unsigned number)
{
    return number < 16 ? number * 4 : (number - 16) * 4 + (side == WT_CLIENT ? 2 : 3);
}

/* Each piece in memory of its own, so that a sanitizer sees the first byte past it. */
static void feed(struct wt_http *h, enum wt_side side, uint64_t stream, uint64_t *offset, struct wt_span bytes,
                 size_t most)
{
    for (size_t at = 0; at < bytes.n; at += most) {
        struct wt_span piece = wt_span_cut(bytes, at, most);
        uint8_t *own = malloc(piece.n);
        if (!own)
            abort();
        memcpy(own, piece.p, piece.n);
        wt_http3_feed(h, side, stream, *offset, wt_span_of(own, piece.n), 1, (struct wt_time){1, 9});
        *offset += piece.n;
        free(own);
    }
}

static void run(struct wt_http *h, struct wt_span input, size_t most)
{
    uint64_t offsets[2][32] = {{0}};
    while (input.n) {
        const enum wt_side side = input.p[0] & 0x80 ? WT_SERVER : WT_CLIENT;
        const unsigned kind = input.p[0] >> 5 & 3, number = input.p[0] & 31;
        const uint64_t stream = stream_of(side, number);
        input = wt_span_cut(input, 1, input.n);
        if (kind == 1) {
            wt_http3_fin(h, side, stream);
        } else if (kind == 2) {
            wt_http3_reset(h, side, stream);
        } else if (input.n) {
            size_t n = input.p[0];
            input = wt_span_cut(input, 1, input.n);
            if (kind == 3) {
                wt_http3_gap(h, side, stream, n);
                offsets[side][number] += n;
                continue;
            }
            feed(h, side, stream, &offsets[side][number], wt_span_cut(input, 0, n), most);
            input = wt_span_cut(input, n, input.n);
        }
    }
    wt_http_end(h, WT_CLIENT);
    wt_http_end(h, WT_SERVER);
}

static bool same(const struct wt_exchange *a, const struct wt_exchange *b)
{
    return a->request_frame == b->request_frame && a->response_frame == b->response_frame && a->stream == b->stream &&
           a->version == b->version && a->status == b->status && wt_span_equal(a->method, b->method) &&
           wt_span_equal(a->scheme, b->scheme) && wt_span_equal(a->authority, b->authority) &&
           wt_span_equal(a->path, b->path) && wt_span_equal(a->content_type, b->content_type) &&
           wt_span_equal(a->content_encoding, b->content_encoding) && a->request_body == b->request_body &&
           a->response_body == b->response_body && a->interim == b->interim && a->pushed == b->pushed &&
           a->upgraded == b->upgraded && a->reset == b->reset;
}

static void check_bounds(const struct wt_http *h, const struct wt_exchange *x, size_t count)
{
    if (count > WT_LIMIT_EXCHANGES || (count && !wt_http_name(h)))
        abort();
    for (size_t i = 0; i < count; i++)
        if (x[i].path.n > WT_LIMIT_HTTP_TARGET || x[i].authority.n > WT_LIMIT_HTTP_TARGET ||
            x[i].method.n > WT_LIMIT_HTTP_FIELD || x[i].content_type.n > WT_LIMIT_HTTP_FIELD)
            abort();
    if (h->three && (h->three->held > WT_LIMIT_HTTP3_HELD || h->three->open > WT_LIMIT_HTTP_STREAMS))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t most[2] = {SIZE_MAX / 2, 1};
    struct wt_arena arenas[2] = {0};
    struct wt_http *h[2];
    const struct wt_exchange *x[2];
    size_t counts[2], dropped[2];
    for (int i = 0; i < 2; i++) {
        h[i] = wt_http_new(&arenas[i]);
        if (!h[i])
            abort();
        run(h[i], wt_span_of(data, size), most[i]);
        x[i] = wt_http_exchanges(h[i], &counts[i], &dropped[i]);
        check_bounds(h[i], x[i], counts[i]);
    }
    /* Entries of a table that breaks within a piece may have come to use, or not: what uses them stops then, or not. */
    bool plain = true;
    for (int i = 0; i < 2; i++)
        plain &= !wt_http_stopped(h[i], WT_CLIENT) && !wt_http_stopped(h[i], WT_SERVER);
    if (plain && (counts[0] != counts[1] || dropped[0] != dropped[1] || wt_http_name(h[0]) != wt_http_name(h[1])))
        abort();
    for (size_t i = 0; plain && i < counts[0]; i++)
        if (!same(&x[0][i], &x[1][i]))
            abort();
    for (int i = 0; i < 2; i++) {
        wt_http_free(h[i]);
        wt_arena_free(&arenas[i]);
    }
    return 0;
}
