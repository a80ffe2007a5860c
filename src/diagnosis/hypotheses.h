/* What may have caused a failure: a row of hypotheses.def for each possible cause, with the evidence that it needs and
 * that speaks for or against it. The one for which most speaks is the root cause; others that come close are named
 * beside it. */
#ifndef WT_DIAGNOSIS_HYPOTHESES_H
#define WT_DIAGNOSIS_HYPOTHESES_H

#include "diagnosis/evidence.h"
#include "diagnosis/findings.h"

/* Whose fault it is, or who noticed; the first ones are those of enum wt_fault. */
enum wt_party {
    WT_PARTY_NONE = WT_FAULT_NONE,
    WT_PARTY_CLIENT = WT_FAULT_CLIENT,
    WT_PARTY_SERVER = WT_FAULT_SERVER,
    WT_PARTY_BOTH = WT_FAULT_BOTH,
    WT_PARTY_BETWEEN = WT_FAULT_BETWEEN,
    WT_PARTY_ENDER, /* the side that ended the handshake, by its alert, FIN or RST */
    WT_PARTY_OTHER, /* the side that did not */
    WT_PARTY_LATE,  /* the side that should have sent the next message */
    WT_PARTY_WAITING,
};

enum wt_hypothesis_id {
    WT_HYPOTHESIS_NONE,
#define WT_HYPOTHESIS(id, finding, about, fault, noticed, certainty, sentence, advice, settle, evidence)               \
    WT_HYPOTHESIS_##id,
#include "diagnosis/hypotheses.def"
#undef WT_HYPOTHESIS
    WT_HYPOTHESIS_COUNT
};

struct wt_case;

/* The root cause becomes the connection's; false if nothing fits. */
bool wt_hypotheses_conclude(struct wt_case *k);
/* What would settle whether that is the cause, and the finding that would report it. */
const char *wt_hypotheses_settle(enum wt_hypothesis_id id, enum wt_finding_id *finding);

#endif
