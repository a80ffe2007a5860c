#include "report/page/block.h"

#include <openssl/evp.h>
#ifdef WT_HAVE_LIBDEFLATE
#include <libdeflate.h>
#else
#include <zlib.h>
#endif

static bool append(void *context, const char *bytes, size_t length)
{
    return wt_buffer_add(context, bytes, length);
}

struct wt_output wt_page_to(struct wt_buffer *b)
{
    return (struct wt_output){append, b, false};
}

void wt_page_print(struct wt_output *output, const char *text, size_t n)
{
    if (n && !output->failed && !output->write(output->context, text, n))
        output->failed = true;
}

#ifdef WT_HAVE_LIBDEFLATE
bool wt_page_deflate(struct wt_buffer *b, struct wt_span bytes)
{
    enum { LEVEL = 1 }; /* a third less time than 5, and a tenth more bytes */
    struct libdeflate_compressor *z = libdeflate_alloc_compressor(LEVEL);
    const size_t most = z ? libdeflate_deflate_compress_bound(z, bytes.n) : 0;
    uint8_t *room = z ? wt_buffer_room(b, most) : NULL;
    const size_t n = room ? libdeflate_deflate_compress(z, bytes.p, bytes.n, room, most) : 0;
    if (z)
        libdeflate_free_compressor(z);
    b->n += n;
    return n != 0;
}
#else
bool wt_page_deflate(struct wt_buffer *b, struct wt_span bytes)
{
    enum { LEVEL = 5 }; /* half of the time of 9, and a twentieth more bytes */
    z_stream z = {.next_in = (Bytef *)bytes.p, .avail_in = (uInt)bytes.n};
    if (bytes.n > UINT32_MAX / 2 || deflateInit2(&z, LEVEL, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    const uLong most = deflateBound(&z, (uLong)bytes.n);
    uint8_t *room = wt_buffer_room(b, most);
    bool ok = false;
    if (room) {
        z.next_out = room;
        z.avail_out = (uInt)most;
        ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
        b->n += ok ? z.total_out : 0;
    }
    (void)deflateEnd(&z);
    return ok;
}
#endif

enum { PIECE = 3 * 1024 };

void wt_page_base64(struct wt_output *output, struct wt_span bytes)
{
    unsigned char text[PIECE / 3 * 4 + 1];
    for (; bytes.n; bytes = wt_span_cut(bytes, PIECE, SIZE_MAX)) {
        const size_t n = bytes.n < PIECE ? bytes.n : PIECE;
        wt_page_print(output, (const char *)text, (size_t)EVP_EncodeBlock(text, bytes.p, (int)n));
    }
}

void wt_page_json_base64(struct wt_json *j, struct wt_span bytes)
{
    unsigned char text[PIECE / 3 * 4 + 1];
    wt_json_raw(j, (struct wt_span){(const uint8_t *)"\"", 1});
    for (; bytes.n; bytes = wt_span_cut(bytes, PIECE, SIZE_MAX)) {
        const size_t n = bytes.n < PIECE ? bytes.n : PIECE;
        const int length = EVP_EncodeBlock(text, bytes.p, (int)n);
        j->comma = false;
        wt_json_raw(j, (struct wt_span){text, (size_t)length});
    }
    j->comma = false;
    wt_json_raw(j, (struct wt_span){(const uint8_t *)"\"", 1});
}
