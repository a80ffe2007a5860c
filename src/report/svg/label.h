/* Beside the ladder: each row in words, and what the signs mean. */
#ifndef WT_SVG_LABEL_H
#define WT_SVG_LABEL_H

#include "report/svg/svg.h"

/* Labels of the rows, and how high each is. */
double wt_svg_label_height(const struct wt_ladder_row *row);
void wt_svg_draw_label(struct wt_svg *g, size_t row);
/* What the drawing's signs mean; returns the y below it. */
double wt_svg_draw_key(struct wt_svg *g, double y);
/* The story in words, for who does not see it. */
void wt_svg_describe(struct wt_svg *g, struct wt_buffer *b);
void wt_svg_lock(struct wt_buffer *b, double x, double y, bool opened);
void wt_svg_severity(struct wt_buffer *b, unsigned severity, double x, double y);
/* "−0.6 ms", "187 µs", "12.4 s". */
const char *wt_svg_moment(char room[64], int64_t ns);

#endif
