#include "crypto/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct wt_digests {
    EVP_MD_CTX *context;
    EVP_MD *md[WT_HASH_COUNT];
    bool tried[WT_HASH_COUNT];
};

struct wt_digests *wt_digests_new(void)
{
    struct wt_digests *d = calloc(1, sizeof *d);
    if (d && !(d->context = EVP_MD_CTX_new())) {
        free(d);
        return NULL;
    }
    return d;
}

static EVP_MD *fetch(struct wt_digests *d, enum wt_hash_id hash)
{
    const struct wt_hash_info *info = wt_hash_info_of(hash);
    if (!d->tried[hash]) {
        d->tried[hash] = true;
        d->md[hash] = info && info->openssl ? EVP_MD_fetch(NULL, info->openssl, NULL) : NULL;
    }
    return d->md[hash];
}

size_t wt_digest(struct wt_digests *d, enum wt_hash_id hash, struct wt_span data, uint8_t *out)
{
    unsigned n = 0;
    EVP_MD *md = (unsigned)hash < WT_HASH_COUNT ? fetch(d, hash) : NULL;
    if (!md || !EVP_DigestInit_ex2(d->context, md, NULL) || !EVP_DigestUpdate(d->context, data.p, data.n) ||
        !EVP_DigestFinal_ex(d->context, out, &n))
        return 0;
    return n;
}

void wt_digests_free(struct wt_digests *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < WT_HASH_COUNT; i++)
        EVP_MD_free(d->md[i]);
    EVP_MD_CTX_free(d->context);
    free(d);
}
