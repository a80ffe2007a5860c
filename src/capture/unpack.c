/* gzip (RFC 1952, with concatenated members), zstd (RFC 8878) and lz4 frames as one stream of bytes. */
#include "capture/unpack.h"

#include "base/memory.h"
#include "capture/input.h"
#include "registry/limits.h"

#include <lz4frame.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum kind { GZIP, ZSTD, LZ4, KINDS };

static const char *const names[KINDS] = {"gzip", "zstd", "lz4"};

struct wt_unpack {
    enum kind kind;
    bool inside; /* a member or frame is open: the end of the file now is too early */
    bool any;    /* one was finished: what follows may be padding */
    bool raw_ended;
    z_stream z;
    ZSTD_DCtx *zstd;
    LZ4F_dctx *lz4;
    size_t begin, end; /* of raw: read and not yet unpacked */
    uint8_t raw[1 << 20];
};

const char *wt_unpack_detect(struct wt_span magic)
{
    if (wt_span_starts(magic, "\x1f\x8b"))
        return names[GZIP];
    if (wt_span_starts(magic, "\x28\xb5\x2f\xfd"))
        return names[ZSTD];
    if (wt_span_starts(magic, "\x04\x22\x4d\x18"))
        return names[LZ4];
    return NULL;
}

static bool start(struct wt_unpack *u)
{
    if (u->kind == GZIP)
        return inflateInit2(&u->z, 16 + MAX_WBITS) == Z_OK;
    if (u->kind == LZ4)
        return !LZ4F_isError(LZ4F_createDecompressionContext(&u->lz4, LZ4F_VERSION));
    u->zstd = ZSTD_createDCtx();
    return u->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WT_LIMIT_ZSTD_WINDOW_LOG));
}

struct wt_unpack *wt_unpack_new(const char *format, struct wt_span first)
{
    struct wt_unpack *u = wt_calloc(1, sizeof *u);
    if (!u)
        return NULL;
    while (u->kind < LZ4 && strcmp(format, names[u->kind]) != 0)
        u->kind++;
    memcpy(u->raw, first.p, first.n); /* one block at most, which is what raw holds */
    u->end = first.n;
    if (!start(u)) {
        wt_unpack_free(u);
        return NULL;
    }
    return u;
}

/* Each of the three takes what it can of raw and returns how many bytes it gave; false in *ok on damage. */
static size_t step_gzip(struct wt_unpack *u, uint8_t *to, size_t n, bool *ok)
{
    int code;
    if (!u->inside) {
        if (u->any && inflateReset(&u->z) != Z_OK)
            *ok = false;
        u->inside = true;
    }
    u->z.next_in = u->raw + u->begin;
    u->z.avail_in = (uInt)(u->end - u->begin);
    u->z.next_out = to;
    u->z.avail_out = (uInt)n;
    code = inflate(&u->z, Z_NO_FLUSH);
    u->begin = u->end - u->z.avail_in;
    if (code == Z_STREAM_END)
        u->inside = false;
    else if (code != Z_OK && code != Z_BUF_ERROR)
        *ok = false;
    return n - u->z.avail_out;
}

static size_t step_zstd(struct wt_unpack *u, uint8_t *to, size_t n, bool *ok)
{
    ZSTD_inBuffer in = {u->raw, u->end, u->begin};
    ZSTD_outBuffer out = {to, n, 0};
    size_t hint = ZSTD_decompressStream(u->zstd, &out, &in);
    u->begin = in.pos;
    u->inside = hint != 0;
    *ok = !ZSTD_isError(hint);
    return out.pos;
}

static size_t step_lz4(struct wt_unpack *u, uint8_t *to, size_t n, bool *ok)
{
    size_t taken = u->end - u->begin;
    size_t hint = LZ4F_decompress(u->lz4, to, &n, u->raw + u->begin, &taken, NULL);
    *ok = !LZ4F_isError(hint);
    if (!*ok)
        return 0;
    u->begin += taken;
    u->inside = hint != 0;
    return n;
}

/* RFC 1952, 2.2: "A gzip file consists of a series of members". What follows the last one and does not start like a
 * member is padding (tapes, disk blocks), which gzip(1) passes over as well. */
static bool only_padding_left(const struct wt_unpack *u)
{
    return u->kind == GZIP && u->any && !u->inside && u->raw[u->begin] != 0x1f;
}

size_t wt_unpack_read(struct wt_unpack *u, struct wt_input *in, uint8_t *to, size_t n)
{
    for (;;) {
        size_t before = u->begin, given = 0;
        bool ok = true;
        if (u->begin == u->end && !u->raw_ended) {
            u->begin = 0;
            u->end = wt_input_read_raw(in, u->raw, sizeof u->raw);
            u->raw_ended = u->end == 0;
            before = 0;
        }
        if (in->error.code || (u->begin < u->end && only_padding_left(u)))
            return 0;
        if (u->begin < u->end || u->inside) {
            given = u->kind == GZIP   ? step_gzip(u, to, n, &ok)
                    : u->kind == ZSTD ? step_zstd(u, to, n, &ok)
                                      : step_lz4(u, to, n, &ok);
            u->any |= !u->inside;
        }
        if (given > 0)
            return given;
        if (!ok || (u->begin == before && u->begin < u->end)) {
            in->error = (struct wt_error){.code = WT_FORMAT, .field = names[u->kind], .offset = in->offset};
            return 0;
        }
        if (u->begin == u->end && u->raw_ended) {
            if (u->inside) /* value and bound are the caller's: only it knows what it wanted */
                in->error = (struct wt_error){.code = WT_TRUNCATED, .field = names[u->kind], .offset = in->offset};
            return 0;
        }
    }
}

size_t wt_unpack_left(const struct wt_unpack *u)
{
    return u->end - u->begin;
}

const char *wt_unpack_format(const struct wt_unpack *u)
{
    return names[u->kind];
}

void wt_unpack_free(struct wt_unpack *u)
{
    if (!u)
        return;
    if (u->kind == GZIP)
        (void)inflateEnd(&u->z);
    ZSTD_freeDCtx(u->zstd);
    (void)LZ4F_freeDecompressionContext(u->lz4);
    free(u);
}
