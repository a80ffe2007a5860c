/* A suite taken apart. */
#ifndef WT_EXPLAIN_SUITE_H
#define WT_EXPLAIN_SUITE_H

#include "report/text/text.h"

/* In sentences; and in a few words ("ECDHE · RSA · AES_128_GCM · SHA256"). */
void wt_explain_suite(struct wt_text *x, uint16_t suite, unsigned indent);
const char *wt_explain_suite_brief(struct wt_text *x, uint16_t suite);

#endif
