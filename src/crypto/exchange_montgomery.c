/* X25519 and X448 (RFC 7748). */
#include "crypto/exchange_group.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

enum { BYTES_MOST = 56 };

/* For keys out of bytes: libcrypto changes nothing in it then. */
static EVP_PKEY_CTX *maker_of(OSSL_LIB_CTX *lib, const char *name)
{
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(lib, name, NULL);
    if (maker && EVP_PKEY_fromdata_init(maker) != 1) {
        EVP_PKEY_CTX_free(maker);
        return NULL;
    }
    return maker;
}

static bool prepare(struct wt_exchange_group *g, const struct wt_group *row)
{
    g->maker = maker_of(g->lib, row->openssl);
    g->client = g->server = g->secret = ((size_t)row->bits + 7) / 8;
    return g->maker && g->secret <= BYTES_MOST;
}

static void release(struct wt_exchange_group *g)
{
    EVP_PKEY_CTX_free(g->maker);
}

static EVP_PKEY *key_of(const struct wt_exchange_group *g, const char *half, int selection, const uint8_t *bytes)
{
    EVP_PKEY *key = NULL;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(half, (void *)(uintptr_t)bytes, g->secret),
                                 OSSL_PARAM_construct_end()};
    return EVP_PKEY_fromdata(g->maker, &key, selection, (OSSL_PARAM *)(uintptr_t)params) == 1 ? key : NULL;
}

static bool create(const struct wt_exchange_group *g, const struct wt_random *random, struct wt_exchange *e,
                   struct wt_share *share)
{
    uint8_t bytes[BYTES_MOST];
    if (wt_random_private(random, WT_RANDOM_KEY, g->id, bytes, g->secret))
        e->pkey = key_of(g, OSSL_PKEY_PARAM_PRIV_KEY, EVP_PKEY_KEYPAIR, bytes);
    wt_wipe(bytes, sizeof bytes);
    return e->pkey &&
           EVP_PKEY_get_octet_string_param(e->pkey, OSSL_PKEY_PARAM_PUB_KEY, share->bytes, g->client, &share->n) == 1 &&
           share->n == g->client;
}

/* In a time that does not depend on where the first other byte is. */
static bool is_zero(const uint8_t *p, size_t n)
{
    unsigned any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

static enum wt_exchanged finish(const struct wt_exchange *e, struct wt_span peer, struct wt_shared *shared)
{
    const struct wt_exchange_group *g = e->group;
    enum wt_exchanged result = WT_EXCHANGE_FAILED;
    size_t n = g->secret;
    if (peer.n != g->client)
        return WT_EXCHANGE_BAD_SHARE;
    EVP_PKEY *other = key_of(g, OSSL_PKEY_PARAM_PUB_KEY, EVP_PKEY_PUBLIC_KEY, peer.p);
    EVP_PKEY_CTX *c = other ? EVP_PKEY_CTX_new_from_pkey(g->lib, e->pkey, NULL) : NULL;
    /* Any bytes of that length are a share; whether it was a good one shows in the result. */
    if (c && EVP_PKEY_derive_init(c) == 1 && EVP_PKEY_derive_set_peer_ex(c, other, 0) == 1) {
        /* RFC 8446, 7.4.2: "For X25519 and X448, implementations MUST check whether the computed Diffie-Hellman shared
         * secret is the all-zero value and abort if so, as described in Section 6 of [RFC7748]." RFC 7748, 6.1: "The
         * check for the all-zero value results from the fact that the X25519 function produces that value if it
         * operates on an input corresponding to a point with small order". libcrypto looks for it too. */
        const bool derived = EVP_PKEY_derive(c, shared->bytes, &n) == 1 && n == g->secret;
        result = derived && !is_zero(shared->bytes, n) ? WT_EXCHANGED : WT_EXCHANGE_BAD_SHARE;
        shared->n = n;
    }
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(other);
    return result;
}

const struct wt_exchange_kind wt_exchange_montgomery = {prepare, release, create, finish, NULL};
