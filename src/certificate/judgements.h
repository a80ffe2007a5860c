/* Judgements of chains, remembered as long as there is room. */
#ifndef WT_CERTIFICATE_JUDGEMENTS_H
#define WT_CERTIFICATE_JUDGEMENTS_H

#include "certificate/chain.h"

/* The verdict on what a side sent, at a time; remembered, and kept until it is released. NULL without
 * memory. Only wt_ocsp_judge() changes it. */
struct wt_judgement *wt_chain_judge(struct wt_judge *judge, unsigned side,
                                    const struct wt_certificate_facts *const *sent, size_t count, int64_t seconds);
void wt_judgement_release(const struct wt_judgement *judgement);
/* Points to facts: they are kept with it. NULL without memory. */
const struct wt_certificate_facts *wt_judgement_hold(struct wt_judgement *judgement,
                                                     const struct wt_certificate_facts *facts);
/* Its size has changed: counted, and the oldest make room. */
void wt_judgement_count(struct wt_judgement *judgement);
/* All that are remembered go. */
void wt_judgements_clear(struct wt_judge *judge);
/* The oldest goes; false when all are kept. */
bool wt_judgements_drop(struct wt_judge *judge);

#endif
