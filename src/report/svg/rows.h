/* The rows of a ladder: messages, and what TCP adds to them, in the order of their times. */
#ifndef WT_SVG_ROWS_H
#define WT_SVG_ROWS_H

#include "base/arena.h"
#include "report/text/text.h"

enum wt_ladder_kind { WT_LADDER_MESSAGE, WT_LADDER_TCP, WT_LADDER_FOLD };

enum { WT_LADDER_FINDINGS = 3 }; /* shown at one row; the others are counted */

struct wt_ladder_row {
    uint8_t kind;  /* enum wt_ladder_kind */
    uint8_t from;  /* enum wt_side */
    uint8_t mark;  /* enum wt_segment_mark */
    uint8_t flags; /* of TCP */
    bool both;     /* data went both ways */
    bool encrypted, opened;
    bool run;   /* application data */
    bool alert; /* one that reports an error */
    uint32_t frame;
    uint32_t message;          /* which of the story's, from 1; of several the first; 0: none */
    uint32_t count;            /* segments, or rows that are folded */
    uint32_t records;          /* of a message that took several */
    int64_t t;                 /* nanoseconds since the story's start */
    uint64_t size;             /* bytes */
    const char *name, *remark; /* in the language that is spoken, escaped; "" for none */
    const struct wt_finding *findings[WT_LADDER_FINDINGS];
    unsigned finding_count;
};

/* All zero is empty. */
struct wt_ladder {
    struct wt_arena arena;
    struct wt_ladder_row *rows;
    size_t count, room;
    bool failed; /* without memory: rows are missing */
};

void wt_ladder_fill(struct wt_ladder *ladder, struct wt_text *x);
void wt_ladder_free(struct wt_ladder *ladder);

#endif
