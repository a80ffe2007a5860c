/* A connection's life. */
#ifndef WT_ENDPOINT_ENDPOINT_H
#define WT_ENDPOINT_ENDPOINT_H

#include "endpoint/engine.h"

/* No handshake message has been seen. */
void wt_endpoint_begin(struct wt_endpoint *e);
/* What only the handshake needs is wiped and given back. */
void wt_endpoint_forget(struct wt_endpoint *e);

bool wt_endpoint_say_update(struct wt_endpoint *e, bool ask);
/* KeyUpdate, of either seat. */
bool wt_endpoint_check_update(struct wt_endpoint *e, const struct wt_key_update *m);
bool wt_endpoint_answer_update(struct wt_endpoint *e);

/* e->x, empty, where there is none; false without memory. */
bool wt_endpoint_again(struct wt_endpoint *e);

#endif
