#ifndef WT_REPORT_TERM_UTF8_H
#define WT_REPORT_TERM_UTF8_H

#include "report/term.h"

/* The first character of s (which is not empty) and its bytes; 0 when they are no UTF-8. */
size_t wt_utf8_next(struct wt_span s, uint32_t *c);

#endif
