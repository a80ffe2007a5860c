/* Compression (RFC 3749). */
#ifndef WT_PROTECT_COMPRESS_H
#define WT_PROTECT_COMPRESS_H

#include "protect/format.h"

bool wt_deflate_new(struct wt_protector *p, struct wt_error *why);
void wt_deflate_free(struct wt_deflate *d, bool seals);
/* Both point *text into their own buffer. */
enum wt_opening wt_deflate_open(struct wt_deflate *d, struct wt_span *text);
bool wt_deflate_seal(struct wt_deflate *d, struct wt_span *text);
/* The stream lacks a record from here on: nothing behind it can be told. */
void wt_deflate_lost(struct wt_deflate *d);

#endif
