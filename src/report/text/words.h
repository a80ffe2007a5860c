/* A sentence in the making. */
#ifndef WT_TEXT_WORDS_H
#define WT_TEXT_WORDS_H

#include "report/text/text.h"

/* `words` as a sentence: begins empty, parts joined by commas. */
void wt_words_clear(struct wt_text *x);
void wt_words_add(struct wt_text *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *wt_words_get(struct wt_text *x);

#endif
