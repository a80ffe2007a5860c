/* Signatures, Finished messages, binders, and the keys that follow them. */
#ifndef WT_EXPLAIN_PROOFS_H
#define WT_EXPLAIN_PROOFS_H

#include "report/text/text.h"

/* All proofs of the connection; that of one message; and which keys its direction takes from it on. */
void wt_explain_proofs(struct wt_text *x);
void wt_explain_proof(struct wt_text *x, const struct wt_message *m);
void wt_explain_change(struct wt_text *x, const struct wt_message *m);

/* The scheme that a ServerKeyExchange or CertificateVerify is signed with; 0: none is named, or it is another message. */
uint16_t wt_explain_scheme(const struct wt_message *m);

#endif
