/* A finite field that a peer names by its numbers. */
#ifndef WT_CRYPTO_EXCHANGE_FIELD_H
#define WT_CRYPTO_EXCHANGE_FIELD_H

#include "crypto/exchange_group.h"

/* Sets a group of no number up, as wt_exchange_new_dh() says; what is there is to be released whatever the result. */
enum wt_exchanged wt_exchange_field_named(struct wt_exchange_group *g, struct wt_span p, struct wt_span generator);

#endif
