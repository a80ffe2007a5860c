/* Whether a leaf is for a host. */
#ifndef WT_CERTIFICATE_CHAIN_NAMES_H
#define WT_CERTIFICATE_CHAIN_NAMES_H

#include "certificate/chain.h"

/* Whether the leaf is for this host or address. */
bool wt_chain_names_match(struct wt_judge *judge, const struct wt_judgement *judgement, const char *host);
/* Forgets the leaves that are kept parsed. */
void wt_chain_names_clear(struct wt_judge *judge);

#endif
