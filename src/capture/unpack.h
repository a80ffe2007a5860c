/* Compressed input: gzip, zstd, lz4. */
#ifndef WT_CAPTURE_UNPACK_H
#define WT_CAPTURE_UNPACK_H

#include "base/span.h"

struct wt_input;
struct wt_unpack;

/* `magic` are the first bytes of the file; NULL when they are of no known format. */
const char *wt_unpack_detect(struct wt_span magic);
/* `start` are bytes already read from the file. NULL when the system gives no memory. */
struct wt_unpack *wt_unpack_new(const char *format, struct wt_span start);
/* At most n bytes of the uncompressed capture; 0 at its end, or with in->error set. */
size_t wt_unpack_read(struct wt_unpack *u, struct wt_input *in, uint8_t *to, size_t n);
/* Bytes read from the file that are not unpacked yet. */
size_t wt_unpack_left(const struct wt_unpack *u);
const char *wt_unpack_format(const struct wt_unpack *u);
void wt_unpack_free(struct wt_unpack *u);

#endif
