/* What a record says. */
#ifndef WT_OBSERVER_DTLS_CONTENT_H
#define WT_OBSERVER_DTLS_CONTENT_H

#include "observer/dtls/state.h"

/* One in the clear, or opened. */
void wt_dtls_content_take(struct wt_dtls_reading *r);
/* One that nobody can read. */
void wt_dtls_content_hidden(struct wt_dtls_reading *r);

#endif
