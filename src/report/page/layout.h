/* Where the fields of messages and headers lie: told once for all that have theirs in the same places. */
#ifndef WT_REPORT_PAGE_LAYOUT_H
#define WT_REPORT_PAGE_LAYOUT_H

#include "base/trail.h"
#include "report/fields.h"
#include "report/page/page.h"

/* The number of the value that has a row for each event, as fields.c says, but without the values of numbers and code
 * points that are their bytes read as one number (base: the bytes that offsets count from): a reader takes them from
 * there. The names of the code points will be told. `place`: what the fields belong to. SIZE_MAX without memory. */
size_t wt_page_layout(struct wt_page *p, const char *place, const struct wt_trail *trail, const uint8_t *base);

/* One row: the field, and whether its value is given. */
void wt_page_layout_row(struct wt_page *p, struct wt_json *j, const struct wt_field_walk *at, bool extension,
                        const struct wt_trail_event *e, const uint8_t *base, bool given);

/* The names of a code point, and what a cipher suite is made of, will be told. */
void wt_page_layout_code(struct wt_page *p, const struct wt_trail_event *e);

/* What more can be said of fields of this layout in a message, as JSON: number of the row, text, and so on. */
void wt_page_layout_notes(struct wt_page *p, struct wt_buffer *notes, size_t layout, struct wt_text *x,
                          const struct wt_message *m, const struct wt_trail *trail);

#endif
