/* Elements of SVG 1.1, and text in them: whatever it holds stays text. */
#ifndef WT_SVG_DRAW_H
#define WT_SVG_DRAW_H

#include "base/buffer.h"

enum wt_svg_anchor { WT_SVG_START, WT_SVG_MIDDLE, WT_SVG_END };

/* Text as XML takes it (XML 1.0, 2.2: characters it does not allow are left out). */
void wt_svg_escape(struct wt_buffer *b, const char *text);
/* Pixels that a text takes in a font without serifs, about: no font is at hand here. `size`: pixels of the font. */
double wt_svg_width(const char *text, unsigned size);
/* How many bytes of the text are its next line, at most `width` pixels wide: up to a place where it may be broken, or
 * amid a word that is wider. */
size_t wt_svg_line(const char *text, double width, unsigned size);

/* `what`: the class. Coordinates are pixels, written with one decimal whatever the locale. */
void wt_svg_draw_line(struct wt_buffer *b, const char *what, const double from[2], const double to[2]);
void wt_svg_draw_rect(struct wt_buffer *b, const char *what, double x, double y, double width, double height);
void wt_svg_draw_text(struct wt_buffer *b, const char *what, double x, double y, enum wt_svg_anchor anchor,
                      const char *text, size_t n);
/* A path that is drawn from (x, y) on: relative commands. */
void wt_svg_draw_path(struct wt_buffer *b, const char *what, double x, double y, const char *path);

#endif
