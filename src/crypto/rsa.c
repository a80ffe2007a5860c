#include "crypto/rsa.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

size_t wt_private_key_decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, struct wt_span encrypted,
                              uint8_t out[WT_RSA_MOST])
{
    char padding[] = OSSL_PKEY_RSA_PAD_MODE_PKCSV15;
    /* From 3.2 on, and where it was ported back, libcrypto answers false padding with random bytes unless told not to.
     * What does not know the name passes over it. */
    unsigned reject = 0;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, padding, 0),
                                 OSSL_PARAM_construct_uint("implicit-rejection", &reject), OSSL_PARAM_construct_end()};
    size_t n = WT_RSA_MOST;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(crypto), wt_private_key_evp(key), NULL);
    if (!c || EVP_PKEY_decrypt_init_ex(c, params) != 1 || EVP_PKEY_decrypt(c, out, &n, encrypted.p, encrypted.n) != 1)
        n = 0;
    EVP_PKEY_CTX_free(c);
    ERR_clear_error();
    return n;
}
