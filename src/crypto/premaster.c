#include "crypto/premaster.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

static size_t encrypt(struct wt_crypto *crypto, const struct wt_public_key *key, const uint8_t *premaster,
                      uint8_t out[WT_ENCRYPTED_PREMASTER_MOST])
{
    size_t n = WT_ENCRYPTED_PREMASTER_MOST;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(crypto), wt_public_key_evp(key), NULL);
    const bool done = c && EVP_PKEY_encrypt_init(c) == 1 && EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1 &&
                      EVP_PKEY_encrypt(c, out, &n, premaster, WT_PREMASTER) == 1;
    EVP_PKEY_CTX_free(c);
    ERR_clear_error();
    return done ? n : 0;
}

size_t wt_premaster_new(struct wt_crypto *crypto, const struct wt_public_key *key, const struct wt_random *random,
                        uint16_t offered, uint8_t premaster[WT_PREMASTER], uint8_t out[WT_ENCRYPTED_PREMASTER_MOST])
{
    /* A server's key comes from the wire: one that is not on the price list is not used. */
    if (wt_public_key_kind(key) != WT_KEY_RSA || !wt_public_key_price(key))
        return 0;
    if (!wt_random_private(random, WT_RANDOM_KEY, 0, premaster, WT_PREMASTER))
        return 0;
    /* RFC 5246, 7.4.7.1: "The version number in the PreMasterSecret is the version offered by the client in the
     * ClientHello.client_version, not the version negotiated for the connection." */
    premaster[0] = (uint8_t)(offered >> 8);
    premaster[1] = (uint8_t)offered;
    const size_t n = encrypt(crypto, key, premaster, out);
    if (!n)
        wt_wipe(premaster, WT_PREMASTER);
    return n;
}

/* libcrypto looks at padding, length and version in constant time, and selects between what it found and random bytes.
 * The negotiated version, which it would accept as well, is not given to it. RFC 5246, 7.4.7.1: "If
 * ClientHello.client_version is TLS 1.1 or higher, server implementations MUST check the version number". */
static bool decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, struct wt_span encrypted,
                    unsigned offered, uint8_t premaster[WT_PREMASTER])
{
    /* 3.0 asks for room for the modulus when it has no name for the padding but its number. */
    uint8_t room[WT_PRIVATE_RSA_MOST];
    size_t n = sizeof room;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, &offered),
                                 OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(crypto), wt_private_key_evp(key), NULL);
    const bool done = c && EVP_PKEY_decrypt_init(c) == 1 &&
                      EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_WITH_TLS_PADDING) == 1 &&
                      EVP_PKEY_CTX_set_params(c, params) == 1 &&
                      EVP_PKEY_decrypt(c, room, &n, encrypted.p, encrypted.n) == 1 && n == WT_PREMASTER;
    EVP_PKEY_CTX_free(c);
    ERR_clear_error();
    if (done)
        memcpy(premaster, room, WT_PREMASTER);
    wt_wipe(room, WT_PREMASTER);
    return done;
}

bool wt_premaster_decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, const struct wt_random *random,
                          struct wt_span encrypted, uint16_t offered, uint8_t premaster[WT_PREMASTER])
{
    /* RFC 5246, 7.4.7.1: "In any case, a TLS server MUST NOT generate an alert if processing an RSA-encrypted premaster
     * secret message fails, or the version number is not as expected. Instead, it MUST continue the handshake with a
     * randomly generated premaster secret." That a ciphertext is longer than the modulus, or no number below it, says
     * nothing of any plaintext, and takes the same way. */
    if (!wt_random_private(random, WT_RANDOM_KEY, 0, premaster, WT_PREMASTER))
        return false;
    (void)decrypt(crypto, key, encrypted, offered, premaster);
    return true;
}
