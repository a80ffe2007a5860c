/* What hellos say beside versions, keys, suites, identities and protocols: how records may be, which messages a peer
 * can read, what it may be asked later. */
#ifndef WT_ENDPOINT_OFFERS_H
#define WT_ENDPOINT_OFFERS_H

#include "endpoint/messages.h"

void wt_offers_of_client(struct wt_block *b, const struct wt_endpoint *e);
/* The server's answers, in its hello up to TLS 1.2, in EncryptedExtensions from 1.3 on. */
void wt_offers_answer(struct wt_block *b, const struct wt_endpoint *e, const struct wt_client_hello *hello);
/* TLS 1.3: of a CertificateRequest. */
void wt_offers_of_request(struct wt_block *b, const struct wt_endpoint *e);
/* Whether the party's suites up to TLS 1.2 have one in CBC mode. */
bool wt_offers_is_cbc(uint16_t suite);

#endif
