/* A file of many roots, read as far as chains ask for them. */
#ifndef WT_CERTIFICATE_BUNDLE_H
#define WT_CERTIFICATE_BUNDLE_H

#include "certificate/judge.h"

/* NULL when there is no certificate in the file. */
struct wt_bundle *wt_bundle_open(struct wt_judge *judge, const char *path);
/* Makes the judge's store ask it; false without memory. */
bool wt_bundle_look_up(struct wt_judge *judge);
void wt_bundle_free(struct wt_bundle *bundle);

#endif
