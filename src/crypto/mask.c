#include "crypto/mask.h"

#include "base/memory.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct wt_mask {
    EVP_CIPHER_CTX *evp;
    bool chacha;
};

/* RFC 9001, 5.4.3: AES-ECB with the key size of the AEAD, for GCM and CCM alike; 5.4.4: ChaCha20. */
static const char *name_of(enum wt_cipher_id cipher)
{
    switch (cipher) {
    case WT_CIPHER_AES_128_GCM:
    case WT_CIPHER_AES_128_CCM:
    case WT_CIPHER_AES_128_CCM_8:
        return "AES-128-ECB";
    case WT_CIPHER_AES_256_GCM:
    case WT_CIPHER_AES_256_CCM:
    case WT_CIPHER_AES_256_CCM_8:
        return "AES-256-ECB";
    case WT_CIPHER_CHACHA20_POLY1305:
        return "ChaCha20";
    default:
        return NULL;
    }
}

static EVP_CIPHER_CTX *keyed(struct wt_crypto *crypto, const char *name, struct wt_span key)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(wt_crypto_context(crypto), name, NULL);
    EVP_CIPHER_CTX *evp = cipher ? EVP_CIPHER_CTX_new() : NULL;
    if (evp && (EVP_CIPHER_get_key_length(cipher) != (int)key.n ||
                !EVP_EncryptInit_ex2(evp, cipher, key.p, NULL, NULL) || !EVP_CIPHER_CTX_set_padding(evp, 0))) {
        EVP_CIPHER_CTX_free(evp);
        evp = NULL;
    }
    EVP_CIPHER_free(cipher); /* the context holds it */
    return evp;
}

struct wt_mask *wt_mask_new(struct wt_crypto *crypto, enum wt_cipher_id cipher, struct wt_span key)
{
    const char *name = name_of(cipher);
    struct wt_mask *mask = name ? wt_calloc(1, sizeof *mask) : NULL;
    if (!mask)
        return NULL;
    mask->chacha = cipher == WT_CIPHER_CHACHA20_POLY1305;
    mask->evp = keyed(crypto, name, key);
    if (mask->evp)
        return mask;
    ERR_clear_error();
    free(mask);
    return NULL;
}

void wt_mask_free(struct wt_mask *mask)
{
    if (!mask)
        return;
    EVP_CIPHER_CTX_free(mask->evp); /* libcrypto wipes its key */
    free(mask);
}

/* RFC 9001, 5.4.4: "The first 4 bytes of the sampled ciphertext are the block counter. [...] The remaining 12 bytes are
 * used as the nonce": libcrypto's IV of ChaCha20 is counter and nonce in that order. "The encryption mask is produced
 * by invoking ChaCha20 to protect 5 zero bytes." */
static bool stream(EVP_CIPHER_CTX *evp, const uint8_t *sample, uint8_t out[WT_MASK_BYTES])
{
    static const uint8_t zeros[WT_MASK_BYTES];
    int n = 0;
    return EVP_EncryptInit_ex2(evp, NULL, NULL, sample, NULL) && EVP_EncryptUpdate(evp, out, &n, zeros, sizeof zeros) &&
           n == sizeof zeros;
}

/* RFC 9001, 5.4.3: "mask = AES-ECB(hp_key, sample)" */
static bool block(EVP_CIPHER_CTX *evp, const uint8_t *sample, uint8_t out[WT_MASK_BYTES])
{
    uint8_t all[WT_MASK_SAMPLE];
    int n = 0;
    if (!EVP_EncryptUpdate(evp, all, &n, sample, sizeof all) || n != sizeof all)
        return false;
    memcpy(out, all, WT_MASK_BYTES);
    return true;
}

bool wt_mask_make(struct wt_mask *mask, const uint8_t sample[WT_MASK_SAMPLE], uint8_t out[WT_MASK_BYTES])
{
    if (mask->chacha ? stream(mask->evp, sample, out) : block(mask->evp, sample, out))
        return true;
    memset(out, 0, WT_MASK_BYTES);
    return false;
}
