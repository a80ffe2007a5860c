/* Which message a finding speaks of. */
#ifndef WT_DIAGNOSIS_ABOUT_H
#define WT_DIAGNOSIS_ABOUT_H

#include "diagnosis/findings.h"

/* The number of a message, of those that were kept, from 1; 0: none is known. `cause`: it is the root cause. */
uint32_t wt_finding_about(const struct wt_list_finding *finding, bool cause, const struct wt_message *messages,
                          size_t count);

#endif
