#include "crypto/cbc_record.h"

#include "base/memory.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

struct wt_cbc_record {
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac;     /* with the key; copied for each record */
    size_t mac_n, digest; /* bytes of MAC in a record, and of the hash */
    size_t block, before; /* before: bytes of the IV in a record */
};

static bool set_up_cipher(struct wt_cbc_record *c, EVP_CIPHER *cipher, uint16_t version, struct wt_span key,
                          struct wt_span iv)
{
    unsigned tls = version;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_TLS_VERSION, &tls),
                                 OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_TLS_MAC_SIZE, &c->mac_n),
                                 OSSL_PARAM_construct_end()};
    static const uint8_t none[EVP_MAX_IV_LENGTH]; /* the first block of a record, which is its IV, is thrown away */
    c->block = (size_t)EVP_CIPHER_get_block_size(cipher);
    c->before = version > WT_TLS10 ? c->block : 0;
    if (key.n != (size_t)EVP_CIPHER_get_key_length(cipher) || c->block > sizeof none ||
        (!c->before && iv.n != c->block))
        return false;
    c->cipher = EVP_CIPHER_CTX_new();
    return c->cipher && EVP_DecryptInit_ex2(c->cipher, cipher, key.p, c->before ? none : iv.p, NULL) == 1 &&
           EVP_CIPHER_CTX_set_params(c->cipher, params) == 1;
}

static bool set_up_mac(struct wt_cbc_record *c, OSSL_LIB_CTX *lib, enum wt_hash_id hash, struct wt_span key)
{
    char *name = (char *)(uintptr_t)wt_hash_info_of(hash)->openssl;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(lib, "HMAC", NULL);
    c->mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac);
    return c->mac && EVP_MAC_init(c->mac, key.p, key.n, params) == 1;
}

struct wt_cbc_record *wt_cbc_record_new(struct wt_crypto *crypto, enum wt_cipher_id cipher, uint16_t version,
                                        struct wt_span key, struct wt_span iv, enum wt_hash_id hash,
                                        struct wt_span mac_key, size_t mac_n)
{
    const struct wt_cipher *info = wt_cipher_of(cipher);
    EVP_CIPHER *evp = info && info->mode == WT_MODE_CBC ? wt_crypto_cipher(crypto, cipher) : NULL;
    const bool known = version >= WT_TLS10 && version <= WT_TLS12;
    struct wt_cbc_record *c =
        evp && known && mac_n && mac_n <= WT_DIGEST_MOST && wt_crypto_md(crypto, hash) ? wt_calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->mac_n = mac_n;
    c->digest = wt_hash_info_of(hash)->length;
    if (set_up_cipher(c, evp, version, key, iv) && set_up_mac(c, wt_crypto_context(crypto), hash, mac_key))
        return c;
    ERR_clear_error();
    wt_cbc_record_free(c);
    return NULL;
}

void wt_cbc_record_free(struct wt_cbc_record *c)
{
    if (!c)
        return;
    EVP_CIPHER_CTX_free(c->cipher);
    EVP_MAC_CTX_free(c->mac);
    free(c);
}

/* Over as many blocks as there are when all of a fragment is content and MAC but for one byte, whatever the padding
 * says: `most` bytes, the MAC (which libcrypto takes for a whole one) included. */
static bool compute(const struct wt_cbc_record *c, const uint8_t header[WT_CBC_HEADER], struct wt_span content,
                    size_t most, uint8_t out[EVP_MAX_MD_SIZE])
{
    uint8_t own[WT_CBC_HEADER];
    size_t n = 0;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_TLS_DATA_SIZE, &most),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(c->mac);
    memcpy(own, header, sizeof own - 2);
    own[11] = (uint8_t)(content.n >> 8);
    own[12] = (uint8_t)content.n;
    const bool done = mac && EVP_MAC_CTX_set_params(mac, params) == 1 && EVP_MAC_update(mac, own, sizeof own) == 1 &&
                      EVP_MAC_update(mac, content.p, content.n) == 1 && EVP_MAC_final(mac, out, &n, EVP_MAX_MD_SIZE) &&
                      n >= c->mac_n;
    EVP_MAC_CTX_free(mac);
    return done;
}

bool wt_cbc_record_open(struct wt_cbc_record *c, const uint8_t header[WT_CBC_HEADER], uint8_t *fragment, size_t n,
                        struct wt_span *content)
{
    uint8_t computed[EVP_MAX_MD_SIZE], *found = NULL;
    int length = 0;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_ptr(OSSL_CIPHER_PARAM_TLS_MAC, (void **)&found, c->mac_n),
                           OSSL_PARAM_construct_end()};
    *content = (struct wt_span){0};
    /* What every record of this length would fail at. libcrypto puts a random MAC where the padding is false, so that
     * there is one comparison, and one way, for all. */
    bool good = n <= UINT16_MAX && n >= c->before + c->mac_n + 1 && n % c->block == 0 &&
                EVP_DecryptUpdate(c->cipher, fragment, &length, fragment, (int)n) == 1 && length >= 0 &&
                EVP_CIPHER_CTX_get_params(c->cipher, params) == 1 && found;
    if (good) {
        const struct wt_span text = wt_span_of(fragment + c->before, (size_t)length);
        good = compute(c, header, text, n - c->before - c->mac_n + c->digest, computed) &&
               (CRYPTO_memcmp(computed, found, c->mac_n) == 0);
        *content = text;
    }
    if (!good) {
        *content = (struct wt_span){0};
        wt_wipe(fragment, n);
        ERR_clear_error();
    }
    wt_wipe(computed, sizeof computed);
    return good;
}
