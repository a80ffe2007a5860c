/* What headers are masked with: the packet numbers and low bits of QUIC (RFC 9001, 5.4.3 and 5.4.4) and the record
 * numbers of DTLS 1.3 (RFC 9147, 4.2.3): the first bytes of the cipher's stream for a sample of the ciphertext. */
#ifndef WT_CRYPTO_MASK_H
#define WT_CRYPTO_MASK_H

#include "crypto/library.h"

enum {
    WT_MASK_SAMPLE = 16, /* bytes of ciphertext that it is made of */
    WT_MASK_BYTES = 5,   /* that are used: RFC 9001, 5.4.1; DTLS 1.3 takes two */
};

struct wt_mask;

/* `key` has as many bytes as the suite's cipher takes. NULL when no mask is defined with the cipher (RFC 9001, 5.4: AES
 * and ChaCha20), libcrypto lacks it, the key has another length or there is no memory. Free with wt_mask_free(), which
 * wipes. */
struct wt_mask *wt_mask_new(struct wt_crypto *crypto, enum wt_cipher_id cipher, struct wt_span key);
void wt_mask_free(struct wt_mask *mask);
/* False when libcrypto fails; `out` is then zeros. */
bool wt_mask_make(struct wt_mask *mask, const uint8_t sample[WT_MASK_SAMPLE], uint8_t out[WT_MASK_BYTES]);

#endif
