/* HMAC upon libcrypto's hashes. A key that serves many messages keeps both padded states and copies them: that takes
 * three quarters of the time of EVP_MAC's restart. One that serves a single message hashes its pads in the handle's own
 * context: making an EVP_MAC context costs four times the HMAC itself. */
#include "crypto/mac.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { BLOCK_MOST = 128 }; /* bytes of the longest block of a hash: SHA-384's and SHA-512's */

struct wt_mac {
    EVP_MD_CTX *inner, *outer, *work;
    size_t length; /* of the digest */
};

/* RFC 2104, 2: "K XOR ipad" or opad; a key longer than the block is hashed first. False when libcrypto fails. */
static bool pad_key(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span key, size_t block, uint8_t with,
                    uint8_t *out)
{
    uint8_t digest[WT_DIGEST_MOST];
    if (key.n > block) {
        key = wt_span_of(digest, wt_digest(crypto, hash, key, digest));
        if (!key.n)
            return false;
    }
    memset(out, with, block);
    for (size_t i = 0; i < key.n; i++)
        out[i] ^= key.p[i];
    wt_wipe(digest, sizeof digest);
    return true;
}

/* Bytes of the hash's block; 0 when libcrypto lacks it or it is none that HMAC can take here. */
static size_t block_of(const EVP_MD *md)
{
    int block = md ? EVP_MD_get_block_size(md) : 0;
    int size = md ? EVP_MD_get_size(md) : 0;
    return size > 0 && size <= WT_DIGEST_MOST && block >= size && block <= BLOCK_MOST ? (size_t)block : 0;
}

/* Begins hash(K XOR pad, …). */
static bool begin(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span key, uint8_t with, EVP_MD_CTX *ctx)
{
    uint8_t padded[BLOCK_MOST];
    EVP_MD *md = wt_crypto_md(crypto, hash);
    size_t block = block_of(md);
    bool ok = block && pad_key(crypto, hash, key, block, with, padded) && EVP_DigestInit_ex2(ctx, md, NULL) &&
              EVP_DigestUpdate(ctx, padded, block);
    wt_wipe(padded, sizeof padded);
    return ok;
}

static bool add(EVP_MD_CTX *ctx, const struct wt_span *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!EVP_DigestUpdate(ctx, parts[i].p, parts[i].n))
            return false;
    return true;
}

struct wt_mac *wt_mac_new(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span key)
{
    struct wt_mac *m = wt_crypto_md(crypto, hash) ? wt_calloc(1, sizeof *m) : NULL;
    if (!m)
        return NULL;
    m->inner = EVP_MD_CTX_new();
    m->outer = EVP_MD_CTX_new();
    m->work = EVP_MD_CTX_new();
    m->length = wt_hash_info_of(hash)->length;
    if (!m->inner || !m->outer || !m->work || !begin(crypto, hash, key, 0x36, m->inner) ||
        !begin(crypto, hash, key, 0x5c, m->outer)) {
        wt_mac_free(m);
        return NULL;
    }
    return m;
}

void wt_mac_free(struct wt_mac *m)
{
    if (!m)
        return;
    EVP_MD_CTX_free(m->inner);
    EVP_MD_CTX_free(m->outer);
    EVP_MD_CTX_free(m->work);
    free(m);
}

size_t wt_mac_compute(struct wt_mac *m, const struct wt_span *parts, size_t count, uint8_t out[WT_DIGEST_MOST])
{
    unsigned n = 0;
    if (!EVP_MD_CTX_copy_ex(m->work, m->inner) || !add(m->work, parts, count) ||
        !EVP_DigestFinal_ex(m->work, out, &n) || !EVP_MD_CTX_copy_ex(m->work, m->outer) ||
        !EVP_DigestUpdate(m->work, out, n) || !EVP_DigestFinal_ex(m->work, out, &n))
        return 0;
    return n;
}

size_t wt_hmac(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span key, const struct wt_span *parts,
               size_t count, uint8_t out[WT_DIGEST_MOST])
{
    unsigned n = 0;
    uint8_t inner[WT_DIGEST_MOST];
    EVP_MD_CTX *ctx = wt_crypto_scratch(crypto);
    /* `out` is written last: it may be the key itself. */
    bool ok = begin(crypto, hash, key, 0x36, ctx) && add(ctx, parts, count) && EVP_DigestFinal_ex(ctx, inner, &n) &&
              begin(crypto, hash, key, 0x5c, ctx) && EVP_DigestUpdate(ctx, inner, n) &&
              EVP_DigestFinal_ex(ctx, out, &n);
    wt_wipe(inner, sizeof inner);
    return ok ? n : 0;
}

size_t wt_hkdf_extract(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span salt, struct wt_span ikm,
                       uint8_t out[WT_DIGEST_MOST])
{
    /* RFC 5869, 2.2: "if not provided, it is set to a string of HashLen zeros": HMAC pads any shorter key with zeros to
     * its block, so that an empty one is that string. */
    return wt_hmac(crypto, hash, salt, &ikm, 1, out);
}

size_t wt_hkdf_expand(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span prk, struct wt_span info,
                      uint8_t *out, size_t n)
{
    const struct wt_hash_info *of = wt_hash_info_of(hash);
    uint8_t t[WT_DIGEST_MOST], counter = 0;
    struct wt_span parts[3] = {{t, 0}, info, {&counter, 1}};
    size_t done = 0;
    /* RFC 5869, 2.3: "L  length of output keying material in octets (<= 255*HashLen)" */
    if (!of || !of->length || n > 255u * of->length)
        return 0;
    while (done < n) {
        counter++;
        parts[0].n = wt_hmac(crypto, hash, prk, parts, 3, t);
        if (!parts[0].n)
            break;
        size_t take = n - done < parts[0].n ? n - done : parts[0].n;
        memcpy(out + done, t, take);
        done += take;
    }
    wt_wipe(t, sizeof t);
    if (done < n)
        wt_wipe(out, done);
    return done < n ? 0 : n;
}

enum { SEED_PARTS = 8 };

size_t wt_p_hash(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span secret, const struct wt_span *seed,
                 size_t count, uint8_t *out, size_t n)
{
    uint8_t a[WT_DIGEST_MOST], block[WT_DIGEST_MOST];
    struct wt_span parts[1 + SEED_PARTS];
    size_t done = 0;
    struct wt_mac *mac = count <= SEED_PARTS ? wt_mac_new(crypto, hash, secret) : NULL;
    if (!mac)
        return 0;
    if (count)
        memcpy(parts + 1, seed, count * sizeof *seed);
    /* A(1) = HMAC(secret, seed), A(i) = HMAC(secret, A(i-1)); output: HMAC(secret, A(i) + seed) */
    parts[0] = wt_span_of(a, wt_mac_compute(mac, seed, count, a));
    while (parts[0].n && done < n) {
        size_t length = wt_mac_compute(mac, parts, 1 + count, block);
        size_t take = n - done < length ? n - done : length;
        if (!length)
            break;
        memcpy(out + done, block, take);
        done += take;
        if (done < n)
            parts[0].n = wt_mac_compute(mac, parts, 1, a);
    }
    wt_mac_free(mac);
    wt_wipe(a, sizeof a);
    wt_wipe(block, sizeof block);
    if (done < n)
        wt_wipe(out, done);
    return done < n ? 0 : n;
}
