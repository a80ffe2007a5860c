#include "crypto/library.h"

#include "base/memory.h"
#include "base/uninitialized.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdlib.h>

struct wt_crypto {
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *standard, *legacy;
    EVP_MD_CTX *digest;
    struct wt_work work;
    EVP_MD *md[WT_HASH_COUNT];
    EVP_CIPHER *cipher[WT_CIPHER_COUNT];
    bool tried_md[WT_HASH_COUNT], tried_cipher[WT_CIPHER_COUNT], tried_legacy;
};

struct wt_crypto *wt_crypto_new(void)
{
    struct wt_crypto *c = wt_calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->context = OSSL_LIB_CTX_new();
    c->digest = EVP_MD_CTX_new();
    c->standard = c->context ? OSSL_PROVIDER_load(c->context, "default") : NULL;
    if (!c->standard || !c->digest) {
        wt_crypto_free(c);
        return NULL;
    }
    return c;
}

void wt_crypto_free(struct wt_crypto *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < WT_HASH_COUNT; i++)
        EVP_MD_free(c->md[i]);
    for (size_t i = 0; i < WT_CIPHER_COUNT; i++)
        EVP_CIPHER_free(c->cipher[i]);
    EVP_MD_CTX_free(c->digest);
    if (c->legacy)
        OSSL_PROVIDER_unload(c->legacy);
    if (c->standard)
        OSSL_PROVIDER_unload(c->standard);
    OSSL_LIB_CTX_free(c->context);
    free(c);
}

OSSL_LIB_CTX *wt_crypto_context(const struct wt_crypto *crypto)
{
    return crypto->context;
}

struct wt_work *wt_crypto_work(struct wt_crypto *crypto)
{
    return &crypto->work;
}

EVP_MD_CTX *wt_crypto_scratch(const struct wt_crypto *crypto)
{
    return crypto->digest;
}

void wt_crypto_wipe_scratch(struct wt_crypto *crypto)
{
    (void)EVP_MD_CTX_reset(crypto->digest);
}

/* Only when something is asked for that the default provider lacks: loading costs a dlopen. */
bool wt_crypto_legacy(struct wt_crypto *c)
{
    if (!c->tried_legacy)
        c->legacy = OSSL_PROVIDER_load(c->context, "legacy");
    c->tried_legacy = true;
    return c->legacy;
}

EVP_MD *wt_crypto_md(struct wt_crypto *c, enum wt_hash_id hash)
{
    if ((unsigned)hash >= WT_HASH_COUNT)
        return NULL;
    if (!c->tried_md[hash]) {
        const struct wt_hash_info *info = wt_hash_info_of(hash);
        c->tried_md[hash] = true;
        c->md[hash] = info && info->openssl ? EVP_MD_fetch(c->context, info->openssl, NULL) : NULL;
    }
    return c->md[hash];
}

EVP_CIPHER *wt_crypto_cipher(struct wt_crypto *c, enum wt_cipher_id cipher)
{
    if ((unsigned)cipher >= WT_CIPHER_COUNT)
        return NULL;
    if (!c->tried_cipher[cipher]) {
        const struct wt_cipher *info = wt_cipher_of(cipher);
        c->tried_cipher[cipher] = true;
        if (!info || !info->openssl)
            return NULL;
        c->cipher[cipher] = EVP_CIPHER_fetch(c->context, info->openssl, NULL);
        if (!c->cipher[cipher] && wt_crypto_legacy(c))
            c->cipher[cipher] = EVP_CIPHER_fetch(c->context, info->openssl, NULL);
    }
    return c->cipher[cipher];
}

size_t wt_digest_parts(struct wt_crypto *c, enum wt_hash_id hash, const struct wt_span *parts, size_t count,
                       uint8_t *out)
{
    unsigned n = 0;
    EVP_MD *md = wt_crypto_md(c, hash);
    if (!md || !EVP_DigestInit_ex2(c->digest, md, NULL))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!EVP_DigestUpdate(c->digest, parts[i].p, parts[i].n))
            return 0;
    return EVP_DigestFinal_ex(c->digest, out, &n) ? n : 0;
}

size_t wt_digest(struct wt_crypto *c, enum wt_hash_id hash, struct wt_span data, uint8_t *out)
{
    return wt_digest_parts(c, hash, &data, 1, out);
}

bool wt_equal_secret(struct wt_span a, struct wt_span b)
{
    return a.n == b.n && (!a.n || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

void wt_wipe(void *p, size_t n)
{
    if (n)
        explicit_bzero(p, n);
}

__attribute__((noinline)) void wt_wipe_stack(void)
{
    uint8_t below[32768] WT_UNINITIALIZED; /* a message of an endpoint's own takes half of it */
    explicit_bzero(below, sizeof below);
}
