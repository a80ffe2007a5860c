/* Whether a leaf is for a host, and what the names in a chain say of who made it. */
#ifndef WT_CERTIFICATE_CHAIN_NAMES_H
#define WT_CERTIFICATE_CHAIN_NAMES_H

#include "certificate/chain.h"

/* Whether the leaf is for this host or address. */
bool wt_chain_names_match(struct wt_judge *judge, const struct wt_judgement *judgement, const char *host);
/* The product that inspects TLS whose name is in that of an issuer of a chain that was sent; NULL: none is. Static. */
const char *wt_chain_names_inspector(const struct wt_judgement *judgement);

#endif
