/* CompressedCertificate: RFC 8879, 4. */
#include "base/buffer.h"
#include "base/memory.h"
#include "codec/codec.h"
#include "registry/limits.h"

#include <brotli/decode.h>
#include <stddef.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

/* RFC 8879, 7.3 */
#define ALGORITHM_ZLIB 1
#define ALGORITHM_BROTLI 2
#define ALGORITHM_ZSTD 3

void wt_compressed_certificate_read(struct wt_reader *r, const struct wt_codec_context *c,
                                    struct wt_compressed_certificate *out)
{
    (void)c;
    out->algorithm = wt_read_code16(r, "algorithm", WT_REG_CERTIFICATE_COMPRESSION);
    out->uncompressed_length = wt_read_u24(r, "uncompressed_length");
    out->compressed = wt_read_opaque(r, "compressed_certificate_message", 3, 1, 0xffffff, WT_TRAIL_BYTES);
}

void wt_compressed_certificate_write(struct wt_writer *w, const struct wt_codec_context *c,
                                     const struct wt_compressed_certificate *in)
{
    (void)c;
    wt_write_u16(w, in->algorithm);
    wt_write_u24(w, in->uncompressed_length);
    wt_write_opaque(w, in->compressed, 3, 1, 0xffffff, "compressed_certificate_message");
}

/* Memory that a decompressor takes while it works: a budget, so that no header of a stream can ask for more. Each
 * block remembers its size in front of it. */
struct budget {
    size_t left; /* bytes */
};

union head {
    size_t size;
    max_align_t align;
};

static void *take(void *opaque, size_t size)
{
    struct budget *b = opaque;
    if (size > b->left)
        return NULL;
    union head *h = wt_malloc(sizeof *h + size);
    if (!h)
        return NULL;
    b->left -= size;
    h->size = size;
    return h + 1;
}

static void give(void *opaque, void *address)
{
    struct budget *b = opaque;
    if (!address)
        return;
    union head *h = (union head *)address - 1;
    b->left += h->size;
    free(h);
}

static voidpf take_zlib(voidpf opaque, uInt items, uInt size)
{
    return take(opaque, (size_t)items * size);
}

static void give_zlib(voidpf opaque, voidpf address)
{
    give(opaque, address);
}

static bool inflate_zlib(struct wt_span in, uint8_t *room, size_t size)
{
    struct budget budget = {WT_LIMIT_INFLATE_MEMORY};
    z_stream z = {.zalloc = take_zlib, .zfree = give_zlib, .opaque = &budget};
    if (inflateInit(&z) != Z_OK)
        return false;
    z.next_in = (z_const Bytef *)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = room;
    z.avail_out = (uInt)size;
    int code = inflate(&z, Z_FINISH);
    bool ok = code == Z_STREAM_END && z.avail_in == 0 && z.avail_out == 0;
    (void)inflateEnd(&z);
    return ok;
}

static bool inflate_brotli(struct wt_span in, uint8_t *room, size_t size)
{
    struct budget budget = {WT_LIMIT_INFLATE_MEMORY};
    BrotliDecoderState *b = BrotliDecoderCreateInstance(take, give, &budget);
    if (!b)
        return false;
    size_t in_left = in.n, out_left = size;
    BrotliDecoderResult code = BrotliDecoderDecompressStream(b, &in_left, &in.p, &out_left, &room, NULL);
    BrotliDecoderDestroyInstance(b);
    return code == BROTLI_DECODER_RESULT_SUCCESS && in_left == 0 && out_left == 0;
}

/* In one call zstd writes its window straight into the room: what it allocates does not depend on the data. */
static bool inflate_zstd(struct wt_span in, uint8_t *room, size_t size)
{
    size_t n = ZSTD_decompress(room, size, in.p, in.n);
    return !ZSTD_isError(n) && n == size;
}

enum wt_code wt_compressed_certificate_inflate(const struct wt_compressed_certificate *in, uint8_t *room, size_t size)
{
    /* RFC 8879, 4: "The length of the Certificate message once it is uncompressed. If, after decompression, the
     * specified length does not match the actual length, the party receiving the invalid message MUST abort the
     * connection with the "bad_certificate" alert." */
    if (size != in->uncompressed_length || in->compressed.n > 0xffffff)
        return WT_VALUE;
    switch (in->algorithm) {
    case ALGORITHM_ZLIB:
        return inflate_zlib(in->compressed, room, size) ? WT_OK : WT_VALUE;
    case ALGORITHM_BROTLI:
        return inflate_brotli(in->compressed, room, size) ? WT_OK : WT_VALUE;
    case ALGORITHM_ZSTD:
        return inflate_zstd(in->compressed, room, size) ? WT_OK : WT_VALUE;
    default:
        return WT_UNSUPPORTED;
    }
}

enum wt_code wt_compressed_certificate_deflate(uint16_t algorithm, struct wt_span in, struct wt_buffer *out)
{
    const size_t most = algorithm == ALGORITHM_ZLIB   ? compressBound((uLong)in.n)
                        : algorithm == ALGORITHM_ZSTD ? ZSTD_compressBound(in.n)
                                                      : 0;
    out->n = 0;
    if (!most)
        return WT_UNSUPPORTED;
    uint8_t *room = wt_buffer_room(out, most);
    if (!room)
        return WT_MEMORY;
    if (algorithm == ALGORITHM_ZLIB) {
        uLongf n = (uLongf)most;
        if (compress2(room, &n, in.p, (uLong)in.n, Z_BEST_COMPRESSION) != Z_OK)
            return WT_MEMORY;
        out->n = n;
        return WT_OK;
    }
    size_t n = ZSTD_compress(room, most, in.p, in.n, ZSTD_maxCLevel());
    if (ZSTD_isError(n))
        return WT_MEMORY;
    out->n = n;
    return WT_OK;
}
