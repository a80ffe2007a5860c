/* A ladder on its way to the page, and what the parts of the drawing share. */
#ifndef WT_SVG_SVG_H
#define WT_SVG_SVG_H

#include "report/svg/draw.h"
#include "report/svg/rows.h"
#include "report/svg/scale.h"

/* Pixels. */
enum {
    WT_SVG_WIDTH = 1000,
    WT_SVG_MARGIN = 24,
    WT_SVG_CLIENT = 128, /* the lifelines */
    WT_SVG_FAR = 440,
    WT_SVG_LABEL = 492, /* where labels begin */
    WT_SVG_NAME = 14,   /* sizes of fonts */
    WT_SVG_NOTE = 12,
    WT_SVG_LEADING = 16, /* from one line to the next */
};

/* Where a row is: pixels from the top. */
struct wt_svg_place {
    int64_t sent, arrived; /* nanoseconds */
    double from, to;       /* the ends of its arrow */
    double label, height;  /* the base line of its name; what it and the lines below it take */
};

struct wt_svg {
    struct wt_buffer body;
    struct wt_text *x;
    const struct wt_connection *c;
    struct wt_ladder ladder;
    struct wt_scale scale;
    struct wt_svg_place *places; /* one for each row */
    double top;                  /* of the axis */
    double bottom;               /* of the lifelines */
};

#endif
