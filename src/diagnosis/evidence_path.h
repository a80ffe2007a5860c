/* What the path says of a failure, in words: some evidence is told beside the cause that it speaks for. */
#ifndef WT_DIAGNOSIS_EVIDENCE_PATH_H
#define WT_DIAGNOSIS_EVIDENCE_PATH_H

#include "diagnosis/evidence.h"

enum { WT_EVIDENCE_WORDS = 768 };

/* Sentences about evidence that was seen, each with a blank before it (as the language has it); false: it has none, the
 * cause's own sentence says what was seen. */
bool wt_evidence_words(const struct wt_case *k, enum wt_evidence id, char out[WT_EVIDENCE_WORDS]);

#endif
