/* JSON on its way into the page: gathered, compressed, as base64. */
#ifndef WT_REPORT_PAGE_BLOCK_H
#define WT_REPORT_PAGE_BLOCK_H

#include "base/buffer.h"
#include "report/json/writer.h"

/* An output that appends to a buffer. */
struct wt_output wt_page_to(struct wt_buffer *b);

/* Appends the bytes to b as raw deflate (RFC 1951), which is what browsers call deflate-raw. False without memory. */
bool wt_page_deflate(struct wt_buffer *b, struct wt_span bytes);
/* The bytes as base64, which holds nothing that could end a script element. */
void wt_page_base64(struct wt_output *output, struct wt_span bytes);
/* The same as a string of JSON. */
void wt_page_json_base64(struct wt_json *j, struct wt_span bytes);

void wt_page_print(struct wt_output *output, const char *text, size_t n);

#endif
