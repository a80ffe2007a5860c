/* What does not hold: how severe a failed proof is, and the lines that name it in a head. */
#ifndef WT_REPORT_TEXT_VERDICTS_H
#define WT_REPORT_TEXT_VERDICTS_H

#include "report/text/text.h"

/* Of a proof that failed (WT_PROOF_BAD): the finding that says the same of it, the most severe one; NULL when there is
 * none. A chain that leads to no root of this machine's trust store is a notice, since the client's store is another. */
const struct wt_finding *wt_text_proof_finding(const struct wt_connection *c, enum wt_proof proof);
/* Whether a failed proof is an error of the connection, rather than of interest alone. */
bool wt_text_proof_is_grave(const struct wt_connection *c, enum wt_proof proof);
/* The mark and the style of a proof: ✓, ✗, or – for what could not be verified and for what is a notice. */
const char *wt_text_proof_mark(const struct wt_connection *c, enum wt_proof proof, enum wt_style *style);

/* The most severe finding that is an error and not the root cause; NULL when there is none. */
const struct wt_finding *wt_text_worst(const struct wt_connection *c);

/* Below the head, before what was verified: a line for each proof that failed, and the ids of the other errors. */
void wt_text_head_failed(struct wt_text *x, unsigned indent);

#endif
