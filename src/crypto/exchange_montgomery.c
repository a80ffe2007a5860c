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

static EVP_PKEY *key_of(const struct wt_exchange_group *g, const uint8_t *private_half, const uint8_t *public_half)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM params[3];
    size_t n = 0;
    if (private_half)
        params[n++] =
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, (void *)(uintptr_t)private_half, g->secret);
    if (public_half)
        params[n++] =
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)public_half, g->secret);
    params[n] = OSSL_PARAM_construct_end();
    const int selection = private_half ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    return EVP_PKEY_fromdata(g->mont.maker, &key, selection, params) == 1 ? key : NULL;
}

/* RFC 7748, 6.1: "Alice ... transmits K_A = X25519(a, 9) to Bob, where a is her private key and 9 is the u-coordinate
 * of the base point". */
static const uint8_t nine[BYTES_MOST] = {9};

static bool prepare(struct wt_exchange_group *g, const struct wt_group *row)
{
    g->mont.maker = maker_of(g->lib, row->openssl);
    g->client = g->server = g->secret = ((size_t)row->bits + 7) / 8;
    if (!g->mont.maker || g->secret > BYTES_MOST)
        return false;
    /* libcrypto's X25519 of the base point goes over the Edwards curve with tables, in portable C: a sixth slower than
     * what it has for any other point. Not so X448's. */
    if (row->id == WT_GROUP_X25519)
        g->mont.base = key_of(g, NULL, nine);
    return g->mont.base || row->id != WT_GROUP_X25519;
}

static void release(struct wt_exchange_group *g)
{
    EVP_PKEY_free(g->mont.base);
    EVP_PKEY_CTX_free(g->mont.maker);
}

/* Any bytes of that length are a share, of which libcrypto's own check has nothing to say. */
static bool derive(const struct wt_exchange *e, EVP_PKEY *other, uint8_t *out)
{
    size_t n = e->group->secret;
    return EVP_PKEY_derive_set_peer_ex(e->deriving, other, 0) == 1 && EVP_PKEY_derive(e->deriving, out, &n) == 1 &&
           n == e->group->secret;
}

static bool create(const struct wt_exchange_group *g, const struct wt_random *random, struct wt_exchange *e,
                   struct wt_share *share)
{
    uint8_t bytes[BYTES_MOST];
    share->n = g->client;
    /* With a public half given libcrypto computes none; nobody asks it for that. */
    if (wt_random_private(random, WT_RANDOM_KEY, g->id, bytes, g->secret))
        e->pkey = key_of(g, bytes, g->mont.base ? nine : NULL);
    wt_wipe(bytes, sizeof bytes);
    e->deriving = e->pkey ? EVP_PKEY_CTX_new_from_pkey(g->lib, e->pkey, NULL) : NULL;
    if (!e->deriving || EVP_PKEY_derive_init(e->deriving) != 1)
        return false;
    if (g->mont.base)
        return derive(e, g->mont.base, share->bytes);
    return EVP_PKEY_get_octet_string_param(e->pkey, OSSL_PKEY_PARAM_PUB_KEY, share->bytes, g->client, &share->n) == 1 &&
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
    if (peer.n != g->client)
        return WT_EXCHANGE_BAD_SHARE;
    EVP_PKEY *other = key_of(g, NULL, peer.p);
    if (!other)
        return WT_EXCHANGE_FAILED;
    /* RFC 8446, 7.4.2: "Implementations MUST check whether the computed Diffie-Hellman shared
     * secret is the all-zero value and abort if so, as described in Section 6 of [RFC7748]." RFC 7748, 6.1: "The check
     * for the all-zero value results from the fact that the X25519 function produces that value if it operates on an
     * input corresponding to a point with small order". libcrypto looks for it too. */
    const bool good = derive(e, other, shared->bytes) && !is_zero(shared->bytes, g->secret);
    EVP_PKEY_free(other);
    shared->n = g->secret;
    return good ? WT_EXCHANGED : WT_EXCHANGE_BAD_SHARE;
}

const struct wt_exchange_kind wt_exchange_montgomery = {prepare, release, create, finish, NULL};
