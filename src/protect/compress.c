/* DEFLATE between fragment and protection (RFC 3749): one zlib stream per direction, as long as its keys live. */
#include "protect/compress.h"

#include "base/memory.h"
#include "protect/format.h"

#include <stdlib.h>
#include <zlib.h>

enum {
    /* RFC 5246, 6.2.2: compression "may not increase the content length by more than 1024 bytes" */
    PACKED_MOST = WT_FRAGMENT_MOST + 1024,
    /* One byte more than a fragment may have, to see that there is more. */
    TEXT_MOST = WT_FRAGMENT_MOST + 1,
};

struct wt_deflate {
    z_stream stream;
    bool lost;
    uint8_t room[PACKED_MOST];
};

bool wt_deflate_new(struct wt_protector *p, struct wt_error *why)
{
    struct wt_deflate *d = wt_calloc(1, sizeof *d);
    if (!d)
        return wt_setup_fails(why, WT_MEMORY, "compression", 1, 0, NULL);
    int status = p->seals ? deflateInit(&d->stream, Z_DEFAULT_COMPRESSION) : inflateInit(&d->stream);
    if (status != Z_OK) {
        free(d);
        return wt_setup_fails(why, WT_MEMORY, "compression", 1, 0, NULL);
    }
    p->deflate = d;
    return true;
}

void wt_deflate_free(struct wt_deflate *d, bool seals)
{
    if (!d)
        return;
    if (seals)
        (void)deflateEnd(&d->stream);
    else
        (void)inflateEnd(&d->stream);
    wt_wipe(d, sizeof *d);
    free(d);
}

void wt_deflate_lost(struct wt_deflate *d)
{
    d->lost = true;
}

/* Work and memory are bounded by the room: what would grow beyond it is left unread, and the stream is over. */
enum wt_opening wt_deflate_open(struct wt_deflate *d, struct wt_span *text)
{
    z_stream *z = &d->stream;
    struct wt_span in = *text;
    *text = (struct wt_span){0};
    if (d->lost)
        return WT_OPEN_BAD_COMPRESSION;
    z->next_in = (Bytef *)(uintptr_t)in.p;
    z->avail_in = (uInt)in.n;
    z->next_out = d->room;
    z->avail_out = TEXT_MOST;
    /* OpenSSL compresses an empty fragment to nothing at all. */
    int status = in.n > 0 ? inflate(z, Z_SYNC_FLUSH) : Z_OK;
    size_t n = TEXT_MOST - z->avail_out;
    /* RFC 5246, 6.2.2: what "would decompress to a length in excess of 2^14 bytes" is a fatal decompression_failure. */
    if (n == TEXT_MOST) {
        d->lost = true;
        return WT_OPEN_TOO_LONG;
    }
    /* A sender may end its stream with its last record; nothing can follow it then. */
    if (status != Z_OK && status != Z_BUF_ERROR)
        d->lost = true;
    if ((d->lost && status != Z_STREAM_END) || z->avail_in > 0) {
        d->lost = true;
        return WT_OPEN_BAD_COMPRESSION;
    }
    *text = wt_span_of(d->room, n);
    return WT_OPENED;
}

bool wt_deflate_seal(struct wt_deflate *d, struct wt_span *text)
{
    z_stream *z = &d->stream;
    z->next_in = (Bytef *)(uintptr_t)text->p;
    z->avail_in = (uInt)text->n;
    z->next_out = d->room;
    z->avail_out = PACKED_MOST;
    /* Each record must decompress without those behind it: flushed to the end of a byte. */
    int status = text->n > 0 ? deflate(z, Z_SYNC_FLUSH) : Z_OK;
    if (d->lost || status != Z_OK || z->avail_in > 0 || z->avail_out == 0) {
        d->lost = true;
        return false;
    }
    *text = wt_span_of(d->room, PACKED_MOST - z->avail_out);
    return true;
}
