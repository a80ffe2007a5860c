#include "crypto/modes.h"

#include "base/memory.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/modes.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 16, TAG = 16, NONCE = 12, CHUNK = 1024 };

struct wt_modes {
    EVP_CIPHER_CTX *stream; /* the cipher in counter mode; ChaCha20 */
    EVP_CIPHER_CTX *chain;  /* CCM: the cipher in CBC mode, for the MAC */
    GCM128_CONTEXT *gcm;    /* GHASH and its tables */
    EVP_MAC_CTX *poly1305;
    uint8_t mode, tag;
    bool failed; /* libcrypto's GCM calls back and cannot be told of a failure there */
};

/* The part "SM4" and "-CTR", fetched; NULL when libcrypto lacks it. */
static EVP_CIPHER *fetch(struct wt_crypto *crypto, const char *part, const char *mode)
{
    char name[64];
    int n = snprintf(name, sizeof name, "%s%s", part, mode);
    return n > 0 && (size_t)n < sizeof name ? EVP_CIPHER_fetch(wt_crypto_context(crypto), name, NULL) : NULL;
}

static EVP_CIPHER_CTX *encryptor(struct wt_crypto *crypto, const char *part, const char *mode, struct wt_span key)
{
    EVP_CIPHER *cipher = fetch(crypto, part, mode);
    EVP_CIPHER_CTX *c = cipher ? EVP_CIPHER_CTX_new() : NULL;
    if (c && (!EVP_EncryptInit_ex2(c, cipher, NULL, NULL, NULL) || EVP_CIPHER_CTX_get_key_length(c) != (int)key.n ||
              EVP_CIPHER_CTX_get_iv_length(c) != BLOCK || !EVP_EncryptInit_ex2(c, NULL, key.p, NULL, NULL) ||
              !EVP_CIPHER_CTX_set_padding(c, 0))) {
        EVP_CIPHER_CTX_free(c);
        c = NULL;
    }
    EVP_CIPHER_free(cipher); /* the context holds it */
    return c;
}

static bool run(EVP_CIPHER_CTX *c, const uint8_t *in, size_t n, uint8_t *out)
{
    int done = 0;
    return !n || (EVP_EncryptUpdate(c, out, &done, in, (int)n) && (size_t)done == n);
}

/* ---- GCM: NIST SP 800-38D. GHASH is libcrypto's own, which takes any cipher of 16-byte blocks. */

/* One block: the first of the key stream that starts at it. */
static void gcm_block(const unsigned char in[16], unsigned char out[16], const void *key)
{
    static const uint8_t zeros[BLOCK];
    struct wt_modes *m = (struct wt_modes *)key; /* it came as one that may be written */
    if (!EVP_EncryptInit_ex2(m->stream, NULL, NULL, in, NULL) || !run(m->stream, zeros, BLOCK, out))
        m->failed = true;
}

/* Whole blocks. GCM's counter has 32 bits and libcrypto's 128: they differ only behind 2^36 bytes. */
static void gcm_stream(const unsigned char *in, unsigned char *out, size_t blocks, const void *key,
                       const unsigned char counter[16])
{
    struct wt_modes *m = (struct wt_modes *)key; /* it came as one that may be written */
    if (!EVP_EncryptInit_ex2(m->stream, NULL, NULL, counter, NULL) || !run(m->stream, in, blocks * BLOCK, out))
        m->failed = true;
}

static bool gcm_begin(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad)
{
    m->failed = false;
    CRYPTO_gcm128_setiv(m->gcm, nonce, NONCE);
    return !aad.n || CRYPTO_gcm128_aad(m->gcm, aad.p, aad.n) == 0;
}

static bool gcm_open(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span text,
                     const uint8_t *tag, uint8_t *out)
{
    return gcm_begin(m, nonce, aad) &&
           (!text.n || CRYPTO_gcm128_decrypt_ctr32(m->gcm, text.p, out, text.n, gcm_stream) == 0) &&
           CRYPTO_gcm128_finish(m->gcm, tag, m->tag) == 0 && !m->failed;
}

static bool gcm_seal(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span text,
                     uint8_t *out, uint8_t tag[TAG])
{
    if (!gcm_begin(m, nonce, aad) ||
        (text.n && CRYPTO_gcm128_encrypt_ctr32(m->gcm, text.p, out, text.n, gcm_stream) != 0))
        return false;
    CRYPTO_gcm128_tag(m->gcm, tag, TAG);
    return !m->failed;
}

/* ---- CCM: RFC 3610 with L = 3, as RFC 6655 and RFC 8998 have it: CBC-MAC over the text, then counter mode. */

/* CBC-MAC goes on over the bytes, filled up with zeros to a whole block; the last block is left in mac. */
static bool ccm_chain(EVP_CIPHER_CTX *c, struct wt_span bytes, uint8_t mac[BLOCK])
{
    uint8_t out[CHUNK], last[BLOCK] = {0};
    size_t whole = bytes.n - bytes.n % BLOCK;
    for (size_t at = 0; at < whole;) {
        size_t n = whole - at < CHUNK ? whole - at : CHUNK;
        if (!run(c, bytes.p + at, n, out))
            return false;
        memcpy(mac, out + n - BLOCK, BLOCK);
        at += n;
    }
    if (whole == bytes.n)
        return true;
    memcpy(last, bytes.p + whole, bytes.n - whole);
    return run(c, last, BLOCK, mac);
}

/* The additional data, and before them "a string that encodes l(a)", their length (RFC 3610, 2.2). */
static bool ccm_chain_aad(EVP_CIPHER_CTX *c, struct wt_span aad, uint8_t mac[BLOCK])
{
    uint8_t first[BLOCK] = {(uint8_t)(aad.n >> 8), (uint8_t)aad.n};
    size_t n = aad.n < BLOCK - 2 ? aad.n : BLOCK - 2;
    if (!aad.n)
        return true;
    memcpy(first + 2, aad.p, n);
    return run(c, first, BLOCK, mac) && ccm_chain(c, wt_span_cut(aad, n, aad.n - n), mac);
}

/* RFC 3610, 2.2: T, the MAC over B_0, the additional data and the plaintext. */
static bool ccm_mac(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span plain,
                    uint8_t mac[BLOCK])
{
    static const uint8_t zeros[BLOCK];
    uint8_t b[BLOCK];
    b[0] = (uint8_t)((aad.n ? 0x40 : 0) | (m->tag - 2) / 2 << 3 | (3 - 1));
    memcpy(b + 1, nonce, NONCE);
    b[13] = (uint8_t)(plain.n >> 16);
    b[14] = (uint8_t)(plain.n >> 8);
    b[15] = (uint8_t)plain.n;
    return EVP_EncryptInit_ex2(m->chain, NULL, NULL, zeros, NULL) && run(m->chain, b, BLOCK, mac) &&
           ccm_chain_aad(m->chain, aad, mac) && ccm_chain(m->chain, plain, mac);
}

/* RFC 3610, 2.3: S_0 hides the MAC, S_1 and on the text. */
static bool ccm_begin(struct wt_modes *m, const uint8_t nonce[NONCE], uint8_t hide[BLOCK])
{
    static const uint8_t zeros[BLOCK];
    uint8_t a[BLOCK] = {3 - 1};
    memcpy(a + 1, nonce, NONCE);
    return EVP_EncryptInit_ex2(m->stream, NULL, NULL, a, NULL) && run(m->stream, zeros, BLOCK, hide);
}

/* What one length field holds; records are far below. */
static bool ccm_takes(struct wt_span aad, struct wt_span text)
{
    return aad.n < 0xff00 && text.n < 1u << 24;
}

static bool ccm_open(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span text,
                     const uint8_t *tag, uint8_t *out)
{
    uint8_t mac[BLOCK], hide[BLOCK];
    if (!ccm_takes(aad, text) || !ccm_begin(m, nonce, hide) || !run(m->stream, text.p, text.n, out) ||
        !ccm_mac(m, nonce, aad, wt_span_of(out, text.n), mac))
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        mac[i] ^= hide[i];
    return CRYPTO_memcmp(mac, tag, m->tag) == 0;
}

static bool ccm_seal(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span text,
                     uint8_t *out, uint8_t tag[TAG])
{
    uint8_t hide[BLOCK];
    if (!ccm_takes(aad, text) || !ccm_mac(m, nonce, aad, text, tag) || !ccm_begin(m, nonce, hide) ||
        !run(m->stream, text.p, text.n, out))
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        tag[i] ^= hide[i];
    return true;
}

/* ---- ChaCha20-Poly1305 of draft-agl-tls-chacha20poly1305-04, 5. */

/* Block 0 of the key stream keys Poly1305; the text begins with block 1. */
static bool old_begin(struct wt_modes *m, const uint8_t nonce[NONCE], uint8_t key[32])
{
    static const uint8_t zeros[64];
    uint8_t block[64], iv[16] = {0}; /* a counter of 8 bytes, then the nonce */
    memcpy(iv + 8, nonce + 4, 8);
    bool ok = EVP_EncryptInit_ex2(m->stream, NULL, NULL, iv, NULL) && run(m->stream, zeros, sizeof block, block);
    memcpy(key, block, 32);
    wt_wipe(block, sizeof block);
    return ok;
}

/* Unlike RFC 8439's the parts are not filled up to 16 bytes, and each length stands right behind its part. */
static bool old_tag(struct wt_modes *m, uint8_t key[32], struct wt_span aad, struct wt_span sealed, uint8_t tag[TAG])
{
    const struct wt_span parts[2] = {aad, sealed};
    size_t n = 0;
    bool ok = EVP_MAC_init(m->poly1305, key, 32, NULL);
    for (size_t i = 0; ok && i < 2; i++) {
        uint8_t length[8];
        for (size_t k = 0; k < 8; k++)
            length[k] = (uint8_t)((uint64_t)parts[i].n >> 8 * k);
        ok = (!parts[i].n || EVP_MAC_update(m->poly1305, parts[i].p, parts[i].n)) &&
             EVP_MAC_update(m->poly1305, length, sizeof length);
    }
    ok = ok && EVP_MAC_final(m->poly1305, tag, &n, TAG) && n == TAG;
    wt_wipe(key, 32);
    return ok;
}

static bool old_open(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span text,
                     const uint8_t *received, uint8_t *out)
{
    uint8_t key[32], tag[TAG];
    return old_begin(m, nonce, key) && old_tag(m, key, aad, text, tag) && CRYPTO_memcmp(tag, received, TAG) == 0 &&
           run(m->stream, text.p, text.n, out);
}

static bool old_seal(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span text,
                     uint8_t *out, uint8_t tag[TAG])
{
    uint8_t key[32];
    return old_begin(m, nonce, key) && run(m->stream, text.p, text.n, out) &&
           old_tag(m, key, aad, wt_span_of(out, text.n), tag);
}

/* ---- */

static EVP_MAC_CTX *poly1305(struct wt_crypto *crypto)
{
    EVP_MAC *mac = EVP_MAC_fetch(wt_crypto_context(crypto), "POLY1305", NULL);
    EVP_MAC_CTX *c = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    return c;
}

struct wt_modes *wt_modes_new(struct wt_crypto *crypto, const struct wt_cipher *info, struct wt_span key)
{
    struct wt_modes *m = info->parts ? wt_calloc(1, sizeof *m) : NULL;
    bool ok = false;
    if (!m)
        return NULL;
    m->mode = info->mode;
    m->tag = info->tag;
    switch (m->mode) {
    case WT_MODE_GCM:
        m->stream = encryptor(crypto, info->parts, "-CTR", key);
        m->gcm = m->stream ? CRYPTO_gcm128_new(m, gcm_block) : NULL;
        ok = m->gcm && !m->failed;
        break;
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
        m->stream = encryptor(crypto, info->parts, "-CTR", key);
        m->chain = encryptor(crypto, info->parts, "-CBC", key);
        ok = m->stream && m->chain;
        break;
    case WT_MODE_POLY1305_OLD:
        m->stream = encryptor(crypto, info->parts, "", key);
        m->poly1305 = poly1305(crypto);
        ok = m->stream && m->poly1305;
        break;
    default:
        break;
    }
    if (!ok) {
        wt_modes_free(m);
        return NULL;
    }
    return m;
}

bool wt_modes_available(struct wt_crypto *crypto, const struct wt_cipher *info)
{
    /* Made and thrown away: whether all parts are there is known once only. */
    static const uint8_t zeros[64];
    struct wt_modes *m = info->key <= sizeof zeros ? wt_modes_new(crypto, info, wt_span_of(zeros, info->key)) : NULL;
    bool made = m;
    wt_modes_free(m);
    return made;
}

void wt_modes_free(struct wt_modes *m)
{
    if (!m)
        return;
    if (m->gcm)
        CRYPTO_gcm128_release(m->gcm); /* wipes */
    EVP_CIPHER_CTX_free(m->stream);
    EVP_CIPHER_CTX_free(m->chain);
    EVP_MAC_CTX_free(m->poly1305);
    free(m);
}

bool wt_modes_open(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span in, uint8_t *out)
{
    if (in.n < m->tag)
        return false;
    struct wt_span text = wt_span_of(in.p, in.n - m->tag);
    const uint8_t *tag = in.p + text.n;
    switch (m->mode) {
    case WT_MODE_GCM:
        return gcm_open(m, nonce, aad, text, tag, out);
    case WT_MODE_POLY1305_OLD:
        return old_open(m, nonce, aad, text, tag, out);
    default:
        return ccm_open(m, nonce, aad, text, tag, out);
    }
}

bool wt_modes_seal(struct wt_modes *m, const uint8_t nonce[NONCE], struct wt_span aad, struct wt_span in, uint8_t *out)
{
    uint8_t tag[TAG];
    bool ok = m->mode == WT_MODE_GCM            ? gcm_seal(m, nonce, aad, in, out, tag)
              : m->mode == WT_MODE_POLY1305_OLD ? old_seal(m, nonce, aad, in, out, tag)
                                                : ccm_seal(m, nonce, aad, in, out, tag);
    if (ok)
        memcpy(out + in.n, tag, m->tag);
    return ok;
}
