#include "diagnosis/case.h"

void wt_evidence_proof(struct wt_case *k)
{
    (void)k;
}
