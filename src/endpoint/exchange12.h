/* The key exchange of TLS 1.2, as far as it is the same in either seat: out of what was exchanged, and of an external
 * pre-shared key where the suite takes one (RFC 4279, RFC 5489), to the master secret. */
#ifndef WT_ENDPOINT_EXCHANGE12_H
#define WT_ENDPOINT_EXCHANGE12_H

#include "endpoint/engine.h"

/* Whether the suite's server and client authenticate by an external PSK, and nothing else. (RSA_PSK has a certificate,
 * and no forward secrecy: it is not here.) */
static inline bool wt_exchange12_takes_psk(const struct wt_suite *suite)
{
    return suite->kx == WT_KX_PSK || suite->kx == WT_KX_DHE_PSK || suite->kx == WT_KX_ECDHE_PSK;
}
static inline bool wt_exchange12_is_finite_field(unsigned kx)
{
    return kx == WT_KX_DHE || kx == WT_KX_DHE_PSK;
}

/* Whether this handshake may choose the suite, of TLS 1.2, as far as its PSK is concerned. */
bool wt_exchange12_may(const struct wt_endpoint *e, const struct wt_suite *suite);
/* Whether the suite that was chosen takes a PSK. */
bool wt_exchange12_has_psk(const struct wt_endpoint *e);

/* Whether nothing has shown yet that both sides have the same PSK: a record that does not open, or an alert, is likely
 * about that. */
bool wt_exchange12_is_unsure(const struct wt_endpoint *e);

/* Which PSK it is, in e->psk: steps. A client's, after the server's hint; the server's, of the identity that the client
 * has named. */
bool wt_exchange12_choose_psk(struct wt_endpoint *e);
bool wt_exchange12_find_psk(struct wt_endpoint *e);
/* The hint, the identity: n = 0 where there is none, or an empty one. */
struct wt_span wt_exchange12_hint(const struct wt_endpoint *e);
struct wt_span wt_exchange12_identity(const struct wt_endpoint *e);

/* From x->shared, which it wipes, and e->psk to the keys. */
bool wt_exchange12_master(struct wt_endpoint *e);

#endif
