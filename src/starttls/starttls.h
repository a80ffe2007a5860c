/* Plaintext dialogues before TLS: which protocol they are, and whether the upgrade was refused. */
#ifndef WT_STARTTLS_STARTTLS_H
#define WT_STARTTLS_STARTTLS_H

#include "base/span.h"

/* The protocol of the dialogue before TLS, by what each side sent; NULL if it is not recognized. */
const char *wt_starttls_name(struct wt_span client, struct wt_span server);
/* The protocol of a server that answers a ClientHello with something else; NULL if it is not recognized. */
const char *wt_banner_name(struct wt_span server);
/* Whether the server refused the upgrade that the dialogue requested (wt_starttls_name() names it), and the client
 * did not continue. *answer gets the server's answer. */
bool wt_upgrade_refused(const char *name, struct wt_span client, struct wt_span server, struct wt_span *answer);

#endif
