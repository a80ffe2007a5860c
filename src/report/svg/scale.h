/* From moments to places on a page: to scale, but for pauses that would leave nothing to see of the rest. */
#ifndef WT_SVG_SCALE_H
#define WT_SVG_SCALE_H

#include "base/span.h"

#include <stdbool.h>

/* A stretch of time without events. */
struct wt_scale_gap {
    int64_t from, to; /* nanoseconds */
    double y;         /* where it begins, in pixels from the top of the axis */
    double height;
    bool cut; /* longer than is drawn */
};

struct wt_scale {
    struct wt_scale_gap *gaps; /* one follows the other */
    size_t count;
    double per_ns; /* pixels, where it is to scale; 0: all is one moment */
    double height; /* of the axis */
};

/* `moments` are put in order. The axis is to be `height` pixels high. False without memory. */
bool wt_scale_make(struct wt_scale *scale, int64_t *moments, size_t count, double height);
double wt_scale_at(const struct wt_scale *scale, int64_t moment);
void wt_scale_free(struct wt_scale *scale);

#endif
