/* A suite taken apart. */
#ifndef WT_EXPLAIN_SUITE_H
#define WT_EXPLAIN_SUITE_H

#include "report/text/text.h"

/* In sentences; and in a few words ("ECDHE · RSA · AES_128_GCM · SHA256"). */
void wt_explain_suite(struct wt_text *x, uint16_t suite, unsigned indent);
const char *wt_explain_suite_brief(struct wt_text *x, uint16_t suite);

/* What a signalling value in this ClientHello says, and what the server answered to it; NULL for true suites. */
const char *wt_explain_scsv(struct wt_text *x, const struct wt_message *hello, uint16_t id);
/* Whether the newest ClientHello before the message has the suite or signalling value in its list. */
bool wt_explain_offered(const struct wt_text *x, const struct wt_message *before, uint16_t id);

#endif
