/* --explain: what a teacher would say of a connection and of each message. */
#ifndef WT_REPORT_EXPLAIN_H
#define WT_REPORT_EXPLAIN_H

#include "report/text/rows.h"
#include "report/text/text.h"

/* Columns at which the teacher's parts begin. */
#define WT_EXPLAIN_AT 6u
#define WT_EXPLAIN_FIELD 8u

/* Under one row. */
void wt_explain_row(struct wt_text *x, const struct wt_row *row);

/* A paragraph of the teacher's; the lines after the first may hang deeper. */
void wt_explain_say(struct wt_text *x, unsigned indent, const char *text);
void wt_explain_hang(struct wt_text *x, unsigned first, unsigned indent, const char *text);

#endif
