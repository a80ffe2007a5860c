#include "crypto/hash.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct wt_hash {
    EVP_MD *md;
    EVP_MD_CTX *run, *copy; /* `copy` is what peeking finishes */
    bool failed;            /* sticky: adding returns nothing */
    uint8_t n;              /* bytes of `peeked`; 0: something was added since */
    uint8_t peeked[WT_DIGEST_MOST];
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
    h->n = 0;
    if (!EVP_DigestUpdate(h->run, bytes.p, bytes.n))
        h->failed = true;
}

/* A handshake asks up to four times for one and the same: TLS 1.3 derives that many secrets of it. */
size_t wt_hash_peek(struct wt_hash *h, uint8_t out[WT_DIGEST_MOST])
{
    unsigned n = 0;
    if (!h->n) {
        if (h->failed || !EVP_MD_CTX_copy_ex(h->copy, h->run) || !EVP_DigestFinal_ex(h->copy, h->peeked, &n))
            return 0;
        h->n = (uint8_t)n;
    }
    memcpy(out, h->peeked, h->n);
    return h->n;
}

size_t wt_hash_end(struct wt_hash *h, uint8_t out[WT_DIGEST_MOST])
{
    unsigned n = 0;
    bool ok = !h->failed && EVP_DigestFinal_ex(h->run, out, &n);
    h->n = 0;
    h->failed = !EVP_DigestInit_ex2(h->run, h->md, NULL);
    return ok ? n : 0;
}
