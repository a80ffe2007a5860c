/* The peer's bytes. */
#ifndef WT_ENDPOINT_INPUT_H
#define WT_ENDPOINT_INPUT_H

#include "endpoint/engine.h"

/* Reads what is there, as far as it goes. */
void wt_endpoint_go_on(struct wt_endpoint *e);
/* No message is half there where keys have changed; else the connection has ended. */
bool wt_endpoint_is_aligned(struct wt_endpoint *e);

#endif
