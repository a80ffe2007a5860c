/* Signatures, Finished messages, binders, and the keys that follow them. */
#ifndef WT_EXPLAIN_PROOFS_H
#define WT_EXPLAIN_PROOFS_H

#include "report/text/text.h"

/* What the sentence on a proof depends on, beside the packet that has it. */
struct wt_explain_verdict {
    const char *reason, *mark;
    uint16_t version, cipher_suite; /* cipher_suite: TLCP, else 0 */
    uint8_t proof, style;
    bool verified, grave;
};
/* Its padding is zero: it may be compared as bytes. */
void wt_explain_verdict_of(struct wt_explain_verdict *v, const struct wt_connection *c, enum wt_proof proof);
void wt_explain_verdict(struct wt_text *x, const struct wt_explain_verdict *v, uint32_t frame);
/* The headline above them; false where there is none to come. */
bool wt_explain_proofs_head(struct wt_text *x);

/* All proofs of the connection; that of one message; and which keys its direction takes from it on. */
void wt_explain_proofs(struct wt_text *x);
void wt_explain_proof(struct wt_text *x, const struct wt_message *m);
void wt_explain_change(struct wt_text *x, const struct wt_message *m);

/* The scheme that a ServerKeyExchange or CertificateVerify is signed with; 0: none is named, or it is another message. */
uint16_t wt_explain_scheme(const struct wt_message *m);

#endif
