/* AEADs that libcrypto has the parts of but not the whole: GCM over Camellia (RFC 6367) and, up to OpenSSL 3.0, GCM and
 * CCM over SM4 (RFC 8998); ChaCha20-Poly1305 as draft-agl-tls-chacha20poly1305-04 had it. */
#ifndef WT_CRYPTO_MODES_H
#define WT_CRYPTO_MODES_H

#include "crypto/library.h"

struct wt_modes;

/* Whether the row says of which parts, and libcrypto has them. */
bool wt_modes_available(struct wt_crypto *crypto, const struct wt_cipher *info);
/* One context does both directions. NULL when libcrypto lacks a part or the system gives no memory. */
struct wt_modes *wt_modes_new(struct wt_crypto *crypto, const struct wt_cipher *info, struct wt_span key);
void wt_modes_free(struct wt_modes *m);

/* As in cipher.h, except that it is left to the caller to wipe `out` when the tag does not hold. */
bool wt_modes_open(struct wt_modes *m, const uint8_t nonce[12], struct wt_span aad, struct wt_span in, uint8_t *out);
bool wt_modes_seal(struct wt_modes *m, const uint8_t nonce[12], struct wt_span aad, struct wt_span in, uint8_t *out);

#endif
