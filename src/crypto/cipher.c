/* A context is given its key once. A record then sets its nonce or IV, and nothing else is set up anew. */
#include "crypto/cipher.h"

#include "base/memory.h"
#include "crypto/idea.h"
#include "crypto/modes.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

enum { TAG_MOST = 16, BLOCK_MOST = 32 };

struct wt_cipher_context {
    EVP_CIPHER_CTX *evp;
    struct wt_modes *made; /* of parts, when libcrypto has no such cipher as a whole */
    struct wt_idea *idea;  /* when libcrypto was built without it */
    uint8_t mode, tag, block;
    bool seal;
};

bool wt_cipher_available(struct wt_crypto *crypto, enum wt_cipher_id id)
{
    const struct wt_cipher *info = wt_cipher_of(id);
    return wt_crypto_cipher(crypto, id) || (id == WT_CIPHER_IDEA_CBC && wt_idea_available()) ||
           (info && wt_modes_available(crypto, info));
}

/* What has to be known before the key is. */
static bool prepare(EVP_CIPHER_CTX *evp, const struct wt_cipher *info)
{
    switch (info->mode) {
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
        /* The lengths of nonce and tag are part of what CCM encrypts first (NIST SP 800-38C, A.2.1). */
        return EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) > 0 &&
               EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_SET_TAG, info->tag, NULL) > 0;
    case WT_MODE_CBC:
        return EVP_CIPHER_CTX_set_padding(evp, 0) > 0;
    default:
        return true;
    }
}

/* RFC 2268 expands RC2's key to a number of effective bits that is said besides: all of them here (ciphers.def). */
static bool all_bits_effective(EVP_CIPHER_CTX *evp, const EVP_CIPHER *cipher, size_t key)
{
    size_t bits = 8 * key;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_RC2_KEYBITS, &bits),
                                 OSSL_PARAM_construct_end()};
    return !EVP_CIPHER_is_a(cipher, "RC2-CBC") || EVP_CIPHER_CTX_set_params(evp, params) > 0;
}

static bool start(struct wt_cipher_context *c, EVP_CIPHER *cipher, const struct wt_cipher *info, struct wt_span key)
{
    c->evp = EVP_CIPHER_CTX_new();
    /* What takes nonces of 12 bytes unasked gets its key at once: that is a third of the time less. */
    if (info->mode == WT_MODE_GCM || info->mode == WT_MODE_POLY1305)
        return c->evp && EVP_CIPHER_get_iv_length(cipher) == 12 && EVP_CIPHER_get_key_length(cipher) == (int)key.n &&
               EVP_CipherInit_ex2(c->evp, cipher, key.p, NULL, c->seal, NULL);
    if (!c->evp || !EVP_CipherInit_ex2(c->evp, cipher, NULL, NULL, c->seal, NULL) || !prepare(c->evp, info) ||
        !all_bits_effective(c->evp, cipher, key.n) || EVP_CIPHER_CTX_get_key_length(c->evp) != (int)key.n)
        return false;
    return EVP_CipherInit_ex2(c->evp, NULL, key.p, NULL, c->seal, NULL);
}

/* What libcrypto lacks. */
static bool start_without(struct wt_cipher_context *c, struct wt_crypto *crypto, const struct wt_cipher *info,
                          struct wt_span key)
{
    if (info != wt_cipher_of(WT_CIPHER_IDEA_CBC))
        return (c->made = wt_modes_new(crypto, info, key));
    return (c->idea = wt_idea_new(key.p, c->seal));
}

struct wt_cipher_context *wt_cipher_new(struct wt_crypto *crypto, enum wt_cipher_id id, struct wt_span key, bool seal)
{
    const struct wt_cipher *info = wt_cipher_of(id);
    if (!info || !info->key || key.n != info->key || info->tag > TAG_MOST || info->block > BLOCK_MOST)
        return NULL;
    EVP_CIPHER *cipher = wt_crypto_cipher(crypto, id);
    struct wt_cipher_context *c = wt_calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->mode = info->mode;
    c->tag = info->tag;
    c->block = info->block;
    c->seal = seal;
    if (cipher ? !start(c, cipher, info, key) : !start_without(c, crypto, info, key)) {
        wt_cipher_free(c);
        ERR_clear_error();
        return NULL;
    }
    return c;
}

void wt_cipher_free(struct wt_cipher_context *c)
{
    if (!c)
        return;
    EVP_CIPHER_CTX_free(c->evp);
    wt_modes_free(c->made);
    wt_idea_free(c->idea);
    free(c);
}

static bool is_ccm(const struct wt_cipher_context *c)
{
    return c->mode == WT_MODE_CCM || c->mode == WT_MODE_CCM8;
}

static bool is_aead(const struct wt_cipher_context *c)
{
    return is_ccm(c) || c->mode == WT_MODE_GCM || c->mode == WT_MODE_POLY1305 || c->mode == WT_MODE_POLY1305_OLD;
}

/* A message's nonce, and of one that is opened the tag if it is known already: one call for both, since each costs as
 * much as the cipher takes for some hundred bytes. */
static bool init(const struct wt_cipher_context *c, const uint8_t nonce[12], const uint8_t *tag)
{
    uint8_t copy[TAG_MOST];
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, copy, c->tag),
                           OSSL_PARAM_construct_end()};
    if (tag)
        memcpy(copy, tag, c->tag);
    return EVP_CipherInit_ex2(c->evp, NULL, NULL, nonce, -1, tag ? params : NULL);
}

/* libcrypto takes a NULL input for the end of the message. */
static bool more_aad(const struct wt_cipher_context *c, struct wt_span aad)
{
    int n = 0;
    return !aad.n || EVP_CipherUpdate(c->evp, NULL, &n, aad.p, (int)aad.n);
}

static bool more(const struct wt_cipher_context *c, struct wt_span in, uint8_t *out)
{
    int n = 0;
    return !in.n || (EVP_CipherUpdate(c->evp, out, &n, in.p, (int)in.n) && (size_t)n == in.n);
}

/* CCM has to be told the length first, and has to see its text even when that is empty; it judges as it decrypts. */
static bool pass_ccm(const struct wt_cipher_context *c, struct wt_span aad, struct wt_span in, uint8_t *out)
{
    int n = 0;
    static const uint8_t none[1];
    return EVP_CipherUpdate(c->evp, NULL, &n, NULL, (int)in.n) && more_aad(c, aad) &&
           EVP_CipherUpdate(c->evp, out, &n, in.n ? in.p : none, (int)in.n) && (size_t)n == in.n;
}

/* All of a message. */
static bool pass(const struct wt_cipher_context *c, struct wt_span aad, struct wt_span in, uint8_t *out)
{
    return is_ccm(c) ? pass_ccm(c, aad, in, out) : more_aad(c, aad) && more(c, in, out);
}

static bool is_genuine(const struct wt_cipher_context *c)
{
    int n = 0;
    uint8_t rest[BLOCK_MOST];
    return EVP_CipherFinal_ex(c->evp, rest, &n);
}

static bool open_whole(const struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad,
                       struct wt_span text, const uint8_t *tag, uint8_t *out)
{
    return init(c, nonce, tag) && pass(c, aad, text, out) && (is_ccm(c) || is_genuine(c));
}

bool wt_cipher_open(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad, struct wt_span in,
                    uint8_t *out)
{
    if (!is_aead(c) || c->seal || in.n < c->tag || in.n > INT_MAX || aad.n > INT_MAX)
        return false;
    struct wt_span text = wt_span_of(in.p, in.n - c->tag);
    bool ok =
        c->made ? wt_modes_open(c->made, nonce, aad, in, out) : open_whole(c, nonce, aad, text, in.p + text.n, out);
    if (!ok) {
        wt_wipe(out, text.n);
        ERR_clear_error();
    }
    return ok;
}

bool wt_cipher_open_begin(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad)
{
    if (!is_aead(c) || is_ccm(c) || c->made || c->seal || aad.n > INT_MAX)
        return false;
    return init(c, nonce, NULL) && more_aad(c, aad);
}

bool wt_cipher_open_more(struct wt_cipher_context *c, struct wt_span in, uint8_t *out)
{
    return in.n <= INT_MAX && more(c, in, out);
}

bool wt_cipher_open_end(struct wt_cipher_context *c, const uint8_t *tag)
{
    uint8_t copy[TAG_MOST];
    memcpy(copy, tag, c->tag);
    const bool ok = EVP_CIPHER_CTX_ctrl(c->evp, EVP_CTRL_AEAD_SET_TAG, c->tag, copy) > 0 && is_genuine(c);
    if (!ok)
        ERR_clear_error();
    return ok;
}

bool wt_cipher_seal_begin(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad)
{
    if (!is_aead(c) || is_ccm(c) || c->made || !c->seal || aad.n > INT_MAX)
        return false;
    return init(c, nonce, NULL) && more_aad(c, aad);
}

bool wt_cipher_seal_more(struct wt_cipher_context *c, struct wt_span in, uint8_t *out)
{
    return in.n <= INT_MAX && more(c, in, out);
}

bool wt_cipher_seal_end(struct wt_cipher_context *c, uint8_t *tag)
{
    int n = 0;
    uint8_t rest[BLOCK_MOST];
    return EVP_CipherFinal_ex(c->evp, rest, &n) && EVP_CIPHER_CTX_ctrl(c->evp, EVP_CTRL_AEAD_GET_TAG, c->tag, tag) > 0;
}

bool wt_cipher_seal(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad, struct wt_span in,
                    uint8_t *out)
{
    if (!is_aead(c) || !c->seal || in.n > INT_MAX - TAG_MOST || aad.n > INT_MAX)
        return false;
    if (c->made)
        return wt_modes_seal(c->made, nonce, aad, in, out);
    return init(c, nonce, NULL) && pass(c, aad, in, out) && wt_cipher_seal_end(c, out + in.n);
}

bool wt_cipher_cbc(struct wt_cipher_context *c, const uint8_t *iv, struct wt_span in, uint8_t *out)
{
    int n = 0;
    if (c->mode != WT_MODE_CBC || in.n > INT_MAX || in.n % c->block)
        return false;
    if (c->idea)
        return wt_idea_cbc(c->idea, iv, in, out);
    if (!EVP_CipherInit_ex2(c->evp, NULL, NULL, iv, -1, NULL))
        return false;
    return !in.n || (EVP_CipherUpdate(c->evp, out, &n, in.p, (int)in.n) && (size_t)n == in.n);
}

bool wt_cipher_stream(struct wt_cipher_context *c, struct wt_span in, uint8_t *out)
{
    int n = 0;
    if (c->mode != WT_MODE_STREAM || in.n > INT_MAX)
        return false;
    return !in.n || (EVP_CipherUpdate(c->evp, out, &n, in.p, (int)in.n) && (size_t)n == in.n);
}
