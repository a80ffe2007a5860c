/* What a peer's alert says of the cause. */
#ifndef WT_ENDPOINT_MEANING_H
#define WT_ENDPOINT_MEANING_H

#include "endpoint/engine.h"

/* The id of a finding: never NULL. */
const char *wt_meaning_of(struct wt_endpoint *e, uint8_t alert);

#endif
