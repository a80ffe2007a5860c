/* X25519 and X448 (RFC 7748), by the provider's own functions, which is how EVP calls them (provider-keymgmt(7),
 * provider-keyexch(7)). EVP makes of each key an object for anything that a key may ever be asked for, with a walk
 * through the names of all algorithms, and looks up the exchange for each pair: a quarter of the exchange's time. */
#include "crypto/exchange_group.h"

#include "base/memory.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <strings.h>

enum { BYTES_MOST = 56 };

struct wt_montgomery {
    EVP_KEYMGMT *keys; /* keeps the provider */
    void *provider;    /* its context */
    OSSL_FUNC_keymgmt_new_fn *key_new;
    OSSL_FUNC_keymgmt_import_fn *import;
    OSSL_FUNC_keymgmt_get_params_fn *get;
    OSSL_FUNC_keymgmt_free_fn *key_free;
    OSSL_FUNC_keyexch_newctx_fn *deriving_new;
    OSSL_FUNC_keyexch_init_fn *init;
    OSSL_FUNC_keyexch_set_peer_fn *set_peer;
    OSSL_FUNC_keyexch_derive_fn *derive;
    OSSL_FUNC_keyexch_freectx_fn *deriving_free;
    void *base; /* the base point as a peer's key; NULL where libcrypto has a faster way */
};

static void take_keys(struct wt_montgomery *m, const OSSL_DISPATCH *f)
{
    for (; f->function_id; f++)
        switch (f->function_id) {
        case OSSL_FUNC_KEYMGMT_NEW:
            m->key_new = OSSL_FUNC_keymgmt_new(f);
            break;
        case OSSL_FUNC_KEYMGMT_IMPORT:
            m->import = OSSL_FUNC_keymgmt_import(f);
            break;
        case OSSL_FUNC_KEYMGMT_GET_PARAMS:
            m->get = OSSL_FUNC_keymgmt_get_params(f);
            break;
        case OSSL_FUNC_KEYMGMT_FREE:
            m->key_free = OSSL_FUNC_keymgmt_free(f);
            break;
        default:
            break;
        }
}

static void take_exchange(struct wt_montgomery *m, const OSSL_DISPATCH *f)
{
    for (; f->function_id; f++)
        switch (f->function_id) {
        case OSSL_FUNC_KEYEXCH_NEWCTX:
            m->deriving_new = OSSL_FUNC_keyexch_newctx(f);
            break;
        case OSSL_FUNC_KEYEXCH_INIT:
            m->init = OSSL_FUNC_keyexch_init(f);
            break;
        case OSSL_FUNC_KEYEXCH_SET_PEER:
            m->set_peer = OSSL_FUNC_keyexch_set_peer(f);
            break;
        case OSSL_FUNC_KEYEXCH_DERIVE:
            m->derive = OSSL_FUNC_keyexch_derive(f);
            break;
        case OSSL_FUNC_KEYEXCH_FREECTX:
            m->deriving_free = OSSL_FUNC_keyexch_freectx(f);
            break;
        default:
            break;
        }
}

/* Among several names with colons between them. */
static bool is_named(const char *names, const char *name)
{
    const size_t n = strlen(name);
    for (; names; names = strchr(names, ':') ? strchr(names, ':') + 1 : NULL)
        if (strncasecmp(names, name, n) == 0 && (names[n] == '\0' || names[n] == ':'))
            return true;
    return false;
}

static void take(struct wt_montgomery *m, const OSSL_PROVIDER *provider, int operation, const char *name,
                 void (*functions)(struct wt_montgomery *m, const OSSL_DISPATCH *f))
{
    int may_change = 0;
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(provider, operation, &may_change);
    for (const OSSL_ALGORITHM *a = all; a && a->algorithm_names; a++)
        if (is_named(a->algorithm_names, name)) {
            functions(m, a->implementation);
            break;
        }
    OSSL_PROVIDER_unquery_operation(provider, operation, all);
}

static void *key_of(const struct wt_exchange_group *g, const uint8_t *private_half, const uint8_t *public_half)
{
    void *key = g->mont->key_new(g->mont->provider);
    OSSL_PARAM params[3];
    size_t n = 0;
    if (private_half)
        params[n++] =
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, (void *)(uintptr_t)private_half, g->secret);
    if (public_half)
        params[n++] =
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)public_half, g->secret);
    params[n] = OSSL_PARAM_construct_end();
    if (key && g->mont->import(key, private_half ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) == 1)
        return key;
    g->mont->key_free(key);
    return NULL;
}

/* RFC 7748, 6.1: "Alice ... transmits K_A = X25519(a, 9) to Bob, where 9 is the u-coordinate of the base point". */
static const uint8_t nine[BYTES_MOST] = {9};

static bool prepare(struct wt_exchange_group *g, const struct wt_group *row)
{
    struct wt_montgomery *m = g->mont = wt_calloc(1, sizeof *m);
    g->client = g->server = g->secret = ((size_t)row->bits + 7) / 8;
    if (!m || g->secret > BYTES_MOST || !(m->keys = EVP_KEYMGMT_fetch(g->lib, row->openssl, NULL)))
        return false;
    const OSSL_PROVIDER *provider = EVP_KEYMGMT_get0_provider(m->keys);
    m->provider = OSSL_PROVIDER_get0_provider_ctx(provider);
    take(m, provider, OSSL_OP_KEYMGMT, row->openssl, take_keys);
    take(m, provider, OSSL_OP_KEYEXCH, row->openssl, take_exchange);
    if (!m->key_new || !m->import || !m->get || !m->key_free || !m->deriving_new || !m->init || !m->set_peer ||
        !m->derive || !m->deriving_free)
        return false;
    /* libcrypto's X25519 of the base point goes over the Edwards curve with tables, in portable C: a sixth slower than
     * what it has for any other point. Not so X448's. */
    if (row->id == WT_GROUP_X25519)
        m->base = key_of(g, NULL, nine);
    return m->base || row->id != WT_GROUP_X25519;
}

static void release(struct wt_exchange_group *g)
{
    struct wt_montgomery *m = g->mont;
    if (!m)
        return;
    if (m->base)
        m->key_free(m->base);
    EVP_KEYMGMT_free(m->keys);
    free(m);
}

/* Any bytes of that length are a share. */
static bool derive(const struct wt_exchange *e, void *other, uint8_t *out)
{
    const struct wt_montgomery *m = e->group->mont;
    size_t n = 0;
    return m->set_peer(e->deriving, other) == 1 && m->derive(e->deriving, out, &n, e->group->secret) == 1 &&
           n == e->group->secret;
}

static bool public_half(const struct wt_exchange_group *g, void *key, struct wt_share *share)
{
    OSSL_PARAM params[2] = {OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, share->bytes, g->client),
                            OSSL_PARAM_construct_end()};
    return g->mont->get(key, params) == 1 && params[0].return_size == g->client;
}

static bool create(const struct wt_exchange_group *g, const struct wt_random *random, struct wt_exchange *e,
                   struct wt_share *share)
{
    const struct wt_montgomery *m = g->mont;
    uint8_t bytes[BYTES_MOST];
    void *key = NULL;
    share->n = g->client;
    /* With a public half given libcrypto computes none; nobody asks it for that. */
    if (wt_random_private(random, WT_RANDOM_KEY, g->id, bytes, g->secret))
        key = key_of(g, bytes, m->base ? nine : NULL);
    wt_wipe(bytes, sizeof bytes);
    if (!key)
        return false;
    e->deriving = m->deriving_new(m->provider);
    const bool made = e->deriving && m->init(e->deriving, key, NULL) == 1 &&
                      (m->base ? derive(e, m->base, share->bytes) : public_half(g, key, share));
    m->key_free(key); /* what derives holds it */
    return made;
}

/* The key goes with it, and is wiped. */
static void drop(struct wt_exchange *e)
{
    e->group->mont->deriving_free(e->deriving);
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
    void *other = key_of(g, NULL, peer.p);
    if (!other)
        return WT_EXCHANGE_FAILED;
    /* RFC 8446, 7.4.2: "Implementations MUST check whether the computed Diffie-Hellman shared
     * secret is the all-zero value and abort if so, as described in Section 6 of [RFC7748]." RFC 7748, 6.1: "The check
     * for the all-zero value results from the fact that the X25519 function produces that value if it operates on an
     * input corresponding to a point with small order". libcrypto looks for it too. */
    const bool good = derive(e, other, shared->bytes) && !is_zero(shared->bytes, g->secret);
    g->mont->key_free(other);
    shared->n = g->secret;
    return good ? WT_EXCHANGED : WT_EXCHANGE_BAD_SHARE;
}

const struct wt_exchange_kind wt_exchange_montgomery = {prepare, release, create, finish, drop, NULL};
