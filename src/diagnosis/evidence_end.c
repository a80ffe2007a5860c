#include "diagnosis/case.h"

void wt_evidence_end(struct wt_case *k)
{
    (void)k;
}
