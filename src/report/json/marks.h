/* Where the opaque fields of a message are in the text that is being written, for who keeps that text for the next
 * message (pattern.h). */
#ifndef WT_REPORT_JSON_MARKS_H
#define WT_REPORT_JSON_MARKS_H

#include "base/span.h"

#include <stdbool.h>

enum { WT_JSON_MARKS = 24 }; /* opaque fields of one message that are marked */

struct wt_json_mark {
    struct wt_span bytes; /* in the message, as far as they are written */
    size_t text, n;       /* the value in the writer's block, and its bytes; hex with its quotes */
    bool number;          /* in decimal, without quotes */
};

struct wt_json_marks {
    struct wt_json_mark list[WT_JSON_MARKS]; /* in the order of the message */
    size_t count;
    bool lost; /* there were too many, or the block was handed out in between */
};

static inline void wt_json_marks_add(struct wt_json_marks *m, struct wt_json_mark mark)
{
    const uint8_t *from = m->count ? m->list[m->count - 1].bytes.p + m->list[m->count - 1].bytes.n : mark.bytes.p;
    if (m->count == WT_JSON_MARKS || mark.bytes.p < from)
        m->lost = true;
    else
        m->list[m->count++] = mark;
}

#endif
