/* Hybrids of ECDH and ML-KEM (draft-ietf-tls-ecdhe-mlkem), and ML-KEM alone, which libcrypto has from 3.5 on. The
 * client makes a key pair, the server encapsulates to its public half: the shares differ in length. */
#include "crypto/exchange_group.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

/* The bytes of the draft's 4.1 to 4.3, and of draft-ietf-tls-mlkem, 4: encapsulation key and ciphertext of FIPS 203,
 * with the curve's share before or after. */
static const struct {
    uint16_t id;
    uint16_t client, server, secret;
} sizes[] = {
    {WT_GROUP_MLKEM512, 800, 768, 32},         {WT_GROUP_MLKEM768, 1184, 1088, 32},
    {WT_GROUP_MLKEM1024, 1568, 1568, 32},      {WT_GROUP_SECP256R1MLKEM768, 1249, 1153, 64},
    {WT_GROUP_X25519MLKEM768, 1216, 1120, 64}, {WT_GROUP_SECP384R1MLKEM1024, 1665, 1665, 80},
};

static bool prepare(struct wt_exchange_group *g, const struct wt_group *row)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].id == row->id) {
            g->client = sizes[i].client;
            g->server = sizes[i].server;
            g->secret = sizes[i].secret;
        }
    g->maker = g->secret ? EVP_PKEY_CTX_new_from_name(g->lib, row->openssl, NULL) : NULL;
    return g->maker && EVP_PKEY_fromdata_init(g->maker) == 1;
}

static void release(struct wt_exchange_group *g)
{
    EVP_PKEY_CTX_free(g->maker);
}

static bool create(const struct wt_exchange_group *g, const struct wt_random *random, struct wt_exchange *e,
                   struct wt_share *share)
{
    (void)random;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(g->lib, wt_group_find(g->id)->openssl, NULL);
    const bool made = c && EVP_PKEY_keygen_init(c) == 1 && EVP_PKEY_generate(c, &e->pkey) == 1 &&
                      EVP_PKEY_get_octet_string_param(e->pkey, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, share->bytes,
                                                      sizeof share->bytes, &share->n) == 1;
    EVP_PKEY_CTX_free(c);
    return made && share->n == g->client;
}

/* draft-ietf-tls-ecdhe-mlkem, 4.2: "the client MUST check if the ciphertext length matches the selected group, and
 * abort with an illegal_parameter alert if it fails." A false ciphertext of that length gives a secret that is nobody's
 * (FIPS 203, 6.3); a false point is refused. */
static enum wt_exchanged finish(const struct wt_exchange *e, struct wt_span peer, struct wt_shared *shared)
{
    const struct wt_exchange_group *g = e->group;
    enum wt_exchanged result = WT_EXCHANGE_FAILED;
    size_t n = sizeof shared->bytes;
    if (peer.n != g->server)
        return WT_EXCHANGE_BAD_SHARE;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(g->lib, e->pkey, NULL);
    if (c && EVP_PKEY_decapsulate_init(c, NULL) == 1) {
        const bool opened = EVP_PKEY_decapsulate(c, shared->bytes, &n, peer.p, peer.n) == 1 && n == g->secret;
        result = opened ? WT_EXCHANGED : WT_EXCHANGE_BAD_SHARE;
        shared->n = n;
    }
    EVP_PKEY_CTX_free(c);
    return result;
}

/* draft-ietf-tls-ecdhe-mlkem, 4.1: "the server MUST perform the encapsulation key check described in Section 7.2 of
 * [NIST-FIPS-203] on the client's encapsulation key, and abort with an illegal_parameter alert if it fails": libcrypto
 * does when it takes the key, and does not take one that fails. */
static enum wt_exchanged answer(const struct wt_exchange_group *g, struct wt_span peer, struct wt_share *share,
                                struct wt_shared *shared)
{
    enum wt_exchanged result = WT_EXCHANGE_BAD_SHARE;
    EVP_PKEY *other = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)peer.p, peer.n),
        OSSL_PARAM_construct_end()};
    size_t n = sizeof share->bytes, secret = sizeof shared->bytes;
    if (peer.n != g->client || EVP_PKEY_fromdata(g->maker, &other, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return WT_EXCHANGE_BAD_SHARE;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(g->lib, other, NULL);
    if (!c || EVP_PKEY_encapsulate_init(c, NULL) != 1) {
        result = WT_EXCHANGE_FAILED;
    } else if (EVP_PKEY_encapsulate(c, share->bytes, &n, shared->bytes, &secret) == 1 && n == g->server &&
               secret == g->secret) {
        share->n = n;
        shared->n = secret;
        result = WT_EXCHANGED;
    }
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(other);
    return result;
}

const struct wt_exchange_kind wt_exchange_kem = {prepare, release, create, finish, NULL, answer};
