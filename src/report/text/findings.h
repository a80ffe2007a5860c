/* Findings, and why a connection failed. */
#ifndef WT_TEXT_FINDINGS_H
#define WT_TEXT_FINDINGS_H

#include "report/text/text.h"

const char *wt_text_severity(unsigned severity); /* enum wt_severity */
enum wt_style wt_text_severity_style(unsigned severity);

void wt_text_findings(struct wt_text *x);
/* Errors and warnings alone, without a headline. */
void wt_text_grave_findings(struct wt_text *x);
/* Below the head: why it failed, whose doing that is, and what to do. */
void wt_text_why(struct wt_text *x, unsigned indent);

#endif
