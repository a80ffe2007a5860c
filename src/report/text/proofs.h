/* Signatures, Finished messages and binders: what was verified, and what keys opened. */
#ifndef WT_TEXT_PROOFS_H
#define WT_TEXT_PROOFS_H

#include "report/text/text.h"

/* Which proof a message carries (enum wt_proof) that was judged or could not be; -1 for none. */
int wt_text_proof_of(const struct wt_text *x, const struct wt_message *m);
bool wt_text_proof_is_bad(const struct wt_text *x, const struct wt_message *m);
/* The verdict as a part of the message's remark. */
void wt_text_proof_words(struct wt_text *x, const struct wt_message *m);
void wt_text_proof_order(const struct wt_connection *c, enum wt_proof order[WT_PROOF_COUNT]);
const char *wt_text_proof_name(enum wt_proof proof);


/* Below the head: what keys opened, or why not, and the proofs. */
void wt_text_head_keys(struct wt_text *x, unsigned indent);

#endif
