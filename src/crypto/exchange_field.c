/* Diffie-Hellman in finite fields: those of RFC 7919, and what a server of TLS 1.2 names by its numbers. */
#include "crypto/exchange_field.h"

#include "base/memory.h"
#include "registry/limits.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdlib.h>

/* Bits of a private key. RFC 7919's primes are safe ones, for which its appendix A gives the strength of each group,
 * and twice that is enough; its 5.2 advises such short ones. Nothing is known of any other prime: what an attacker may
 * learn from small subgroups, about as many bits as he can factor off p - 1, has to leave enough. */
static const struct {
    uint16_t id;
    uint16_t bits;
} exponents[] = {
    {WT_GROUP_FFDHE2048, 225}, {WT_GROUP_FFDHE3072, 275}, {WT_GROUP_FFDHE4096, 325},
    {WT_GROUP_FFDHE6144, 375}, {WT_GROUP_FFDHE8192, 400},
};
enum { EXPONENT_OF_OTHERS = 512, EXPONENT_MOST = EXPONENT_OF_OTHERS / 8, TRIES = 128 };

static uint8_t *written(const BIGNUM *number, size_t n)
{
    uint8_t *bytes = wt_malloc(n);
    if (bytes)
        BN_bn2binpad(number, bytes, (int)n);
    return bytes;
}

/* p and g are there. */
static bool settle(struct wt_exchange_group *g)
{
    BN_CTX *c = BN_CTX_new_ex(g->lib);
    g->ff.mont = BN_MONT_CTX_new();
    g->ff.last = BN_dup(g->ff.p);
    g->client = g->server = g->secret = (size_t)BN_num_bytes(g->ff.p);
    const bool settled = c && g->ff.mont && g->ff.last && BN_sub_word(g->ff.last, 1) == 1 &&
                         BN_MONT_CTX_set(g->ff.mont, g->ff.p, c) == 1;
    BN_CTX_free(c);
    return settled && g->secret <= WT_SHARED_MOST;
}

static bool prepare(struct wt_exchange_group *g, const struct wt_group *row)
{
    EVP_PKEY *parameters = NULL;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(g->lib, "DH", NULL);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)row->openssl, 0),
        OSSL_PARAM_construct_end()};
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++)
        if (exponents[i].id == row->id)
            g->ff.exponent = exponents[i].bits;
    bool ready = g->ff.exponent && c && EVP_PKEY_fromdata_init(c) == 1 &&
                 EVP_PKEY_fromdata(c, &parameters, EVP_PKEY_KEY_PARAMETERS, params) == 1 &&
                 EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_P, &g->ff.p) == 1 &&
                 EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_G, &g->ff.g) == 1 && settle(g);
    if (ready) {
        g->ff.generator_n = (size_t)BN_num_bytes(g->ff.g);
        g->ff.prime = written(g->ff.p, g->secret);
        g->ff.generator = written(g->ff.g, g->ff.generator_n);
        ready = g->ff.prime && g->ff.generator;
    }
    EVP_PKEY_free(parameters);
    EVP_PKEY_CTX_free(c);
    return ready;
}

static void release(struct wt_exchange_group *g)
{
    BN_free(g->ff.p);
    BN_free(g->ff.g);
    BN_free(g->ff.last);
    BN_MONT_CTX_free(g->ff.mont);
    free(g->ff.prime);
    free(g->ff.generator);
}

/* 1 < number < p - 1 */
static bool is_inside(const struct wt_exchange_group *g, const BIGNUM *number)
{
    return !BN_is_zero(number) && !BN_is_one(number) && BN_cmp(number, g->ff.last) < 0;
}

enum wt_exchanged wt_exchange_field_named(struct wt_exchange_group *g, struct wt_span p, struct wt_span generator)
{
    while (p.n && !*p.p)
        p = wt_span_cut(p, 1, p.n);
    if (p.n > WT_LIMIT_DH_BITS / 8 || generator.n > WT_LIMIT_DH_BITS / 8 || !p.n || !generator.n)
        return WT_EXCHANGE_BAD_SHARE;
    g->ff.p = BN_bin2bn(p.p, (int)p.n, NULL);
    g->ff.g = BN_bin2bn(generator.p, (int)generator.n, NULL);
    if (!g->ff.p || !g->ff.g)
        return WT_EXCHANGE_FAILED;
    const unsigned bits = (unsigned)BN_num_bits(g->ff.p);
    g->ff.exponent = bits - 1 < EXPONENT_OF_OTHERS ? bits - 1 : EXPONENT_OF_OTHERS;
    if (bits < WT_LIMIT_DH_BITS_LEAST || !BN_is_odd(g->ff.p))
        return WT_EXCHANGE_BAD_SHARE;
    if (!settle(g))
        return WT_EXCHANGE_FAILED;
    return is_inside(g, g->ff.g) ? WT_EXCHANGED : WT_EXCHANGE_BAD_SHARE;
}

/* As many random bits as a private key has, of which the first is set: all take the same time. */
static BIGNUM *draw(const struct wt_exchange_group *g, const struct wt_random *random)
{
    uint8_t bytes[EXPONENT_MOST];
    const int n = ((int)g->ff.exponent + 7) / 8, over = 8 * n - (int)g->ff.exponent;
    BIGNUM *scalar = BN_secure_new();
    bool drawn = scalar && wt_random_private(random, WT_RANDOM_KEY, g->id, bytes, (size_t)n);
    if (drawn) {
        bytes[0] &= (uint8_t)(0xff >> over);
        bytes[0] |= (uint8_t)(0x80 >> over);
        drawn = BN_bin2bn(bytes, n, scalar) != NULL;
    }
    wt_wipe(bytes, sizeof bytes);
    if (drawn) {
        BN_set_flags(scalar, BN_FLG_CONSTTIME);
        return scalar;
    }
    BN_clear_free(scalar);
    return NULL;
}

static bool power(const struct wt_exchange_group *g, BIGNUM *result, const BIGNUM *base, const BIGNUM *scalar)
{
    BN_CTX *c = BN_CTX_new_ex(g->lib);
    const bool raised = c && BN_mod_exp_mont_consttime(result, base, scalar, g->ff.p, c, g->ff.mont) == 1;
    BN_CTX_free(c);
    return raised;
}

static bool create(const struct wt_exchange_group *g, const struct wt_random *random, struct wt_exchange *e,
                   struct wt_share *share)
{
    BIGNUM *y = BN_new();
    e->scalar = draw(g, random);
    /* RFC 8446, 4.2.8.1: the public value is "encoded as a big-endian integer and padded to the left with zeros to the
     * size of p in bytes"; RFC 5246 lets it be shorter. */
    const bool made = y && e->scalar && power(g, y, g->ff.g, e->scalar) &&
                      BN_bn2binpad(y, share->bytes, (int)g->client) == (int)g->client;
    share->n = g->client;
    BN_free(y);
    return made;
}

static enum wt_exchanged finish(const struct wt_exchange *e, struct wt_span peer, struct wt_shared *shared)
{
    const struct wt_exchange_group *g = e->group;
    enum wt_exchanged result = WT_EXCHANGE_FAILED;
    if (!peer.n || peer.n > g->client)
        return WT_EXCHANGE_BAD_SHARE;
    BIGNUM *y = BN_bin2bn(peer.p, (int)peer.n, NULL), *z = BN_new();
    /* RFC 8446, 4.2.8.1: "Peers MUST validate each other's public key Y by ensuring that 1 < Y < p-1." RFC 7919, 3 and
     * 4 say the same of TLS 1.2. */
    if (y && z && !is_inside(g, y)) {
        result = WT_EXCHANGE_BAD_SHARE;
    } else if (y && z && power(g, z, y, e->scalar)) {
        /* Only where the prime is no safe one. */
        result = is_inside(g, z) ? WT_EXCHANGED : WT_EXCHANGE_BAD_SHARE;
        /* RFC 8446, 7.4.1: "the negotiated key (Z) is converted to a byte string by encoding in big-endian form and
         * left-padded with zeros up to the size of the prime." */
        BN_bn2binpad(z, shared->bytes, (int)g->secret);
        shared->n = g->secret;
    }
    BN_free(y);
    BN_clear_free(z);
    return result;
}

const struct wt_exchange_kind wt_exchange_field = {prepare, release, create, finish, NULL, NULL};
