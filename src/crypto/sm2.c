#include "crypto/sm2.h"

#include <openssl/err.h>
#include <openssl/evp.h>

size_t wt_sm2_decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, struct wt_span encrypted,
                      uint8_t out[WT_SM2_MOST])
{
    size_t n = WT_SM2_MOST;
    if (!encrypted.n || encrypted.n > WT_SM2_MOST) /* what comes out is never longer */
        return 0;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(crypto), wt_private_key_evp(key), NULL);
    if (!c || EVP_PKEY_decrypt_init(c) != 1 || EVP_PKEY_decrypt(c, out, &n, encrypted.p, encrypted.n) != 1)
        n = 0;
    EVP_PKEY_CTX_free(c);
    ERR_clear_error();
    return n;
}
