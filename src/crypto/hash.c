#include "crypto/hash.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct wt_hash {
    EVP_MD *md;
    EVP_MD_CTX *run, *copy; /* `copy` is what peeking finishes */
    bool failed;            /* sticky: adding returns nothing */
};

struct wt_hash *wt_hash_new(struct wt_crypto *crypto, enum wt_hash_id id)
{
    EVP_MD *md = wt_crypto_md(crypto, id);
    struct wt_hash *h = md ? wt_calloc(1, sizeof *h) : NULL;
    if (!h)
        return NULL;
    h->md = md;
    h->run = EVP_MD_CTX_new();
    h->copy = EVP_MD_CTX_new();
    if (!h->run || !h->copy || !EVP_DigestInit_ex2(h->run, md, NULL)) {
        wt_hash_free(h);
        return NULL;
    }
    return h;
}

void wt_hash_free(struct wt_hash *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->run);
    EVP_MD_CTX_free(h->copy);
    free(h);
}

void wt_hash_add(struct wt_hash *h, struct wt_span bytes)
{
    if (!EVP_DigestUpdate(h->run, bytes.p, bytes.n))
        h->failed = true;
}

size_t wt_hash_peek(const struct wt_hash *h, uint8_t out[WT_DIGEST_MOST])
{
    unsigned n = 0;
    if (h->failed || !EVP_MD_CTX_copy_ex(h->copy, h->run) || !EVP_DigestFinal_ex(h->copy, out, &n))
        return 0;
    return n;
}

size_t wt_hash_end(struct wt_hash *h, uint8_t out[WT_DIGEST_MOST])
{
    unsigned n = 0;
    bool ok = !h->failed && EVP_DigestFinal_ex(h->run, out, &n);
    h->failed = !EVP_DigestInit_ex2(h->run, h->md, NULL);
    return ok ? n : 0;
}
