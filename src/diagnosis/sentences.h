/* The sentences of root causes, with the case's evidence in them: sentences_*.c, by kind of evidence. Each returns the
 * finding; NULL without memory. */
#ifndef WT_DIAGNOSIS_SENTENCES_H
#define WT_DIAGNOSIS_SENTENCES_H

#include "diagnosis/findings.h"

struct wt_case;

#define WT_HYPOTHESIS(id, finding, about, fault, noticed, certainty, sentence, advice, settle, evidence)               \
    const struct wt_list_finding *wt_sentence_##sentence(struct wt_case *k, enum wt_finding_id id);
#include "diagnosis/hypotheses.def"
#undef WT_HYPOTHESIS

#endif
