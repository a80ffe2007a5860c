/* Key exchange: the RFCs' vectors, both sides against each other and against libcrypto's own derivation, and shares
 * that are none. */
#include "exchange_check.h"

#include "base/thread.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>

static const struct {
    uint16_t id;
    size_t share, secret;
} known[] = {
    {WT_GROUP_X25519, 32, 32},
    {WT_GROUP_X448, 56, 56},
    {WT_GROUP_SECP256R1, 65, 32},
    {WT_GROUP_SECP384R1, 97, 48},
    {WT_GROUP_SECP521R1, 133, 66},
    {WT_GROUP_BRAINPOOLP256R1, 65, 32},
    {WT_GROUP_BRAINPOOLP384R1, 97, 48},
    {WT_GROUP_BRAINPOOLP512R1, 129, 64},
    {WT_GROUP_BRAINPOOLP256R1TLS13, 65, 32},
    {WT_GROUP_BRAINPOOLP384R1TLS13, 97, 48},
    {WT_GROUP_BRAINPOOLP512R1TLS13, 129, 64},
    /* RFC 7919, A.1 to A.5 */
    {WT_GROUP_FFDHE2048, 256, 256},
    {WT_GROUP_FFDHE3072, 384, 384},
    {WT_GROUP_FFDHE4096, 512, 512},
    {WT_GROUP_FFDHE6144, 768, 768},
    {WT_GROUP_FFDHE8192, 1024, 1024},
};
enum { KNOWN = sizeof known / sizeof *known };

/* Both sides come to one secret, whether the server answers in one call or in two. */
static void test_agree(void **state)
{
    const struct setup *s = *state;
    for (size_t i = 0; i < KNOWN; i++) {
        struct wt_share client, server;
        struct wt_shared a, b;
        assert_true(wt_exchanges_have(s->groups, known[i].id));
        assert_int_equal(wt_exchange_share_length(s->groups, known[i].id, false), known[i].share);
        assert_int_equal(wt_exchange_share_length(s->groups, known[i].id, true), known[i].share);

        struct wt_exchange *mine = wt_exchange_new(s->groups, known[i].id, &s->random, &client);
        assert_non_null(mine);
        assert_int_equal(client.n, known[i].share);
        assert_int_equal(
            wt_exchange_answer(s->groups, known[i].id, &s->random, wt_span_of(client.bytes, client.n), &server, &a),
            WT_EXCHANGED);
        assert_int_equal(server.n, known[i].share);
        assert_int_equal(a.n, known[i].secret);
        assert_int_equal(wt_exchange_finish(mine, wt_span_of(server.bytes, server.n), &b), WT_EXCHANGED);
        assert_int_equal(b.n, a.n);
        assert_memory_equal(a.bytes, b.bytes, a.n);
        /* A key is for one exchange. */
        assert_int_equal(wt_exchange_finish(mine, wt_span_of(server.bytes, server.n), &b), WT_EXCHANGE_FAILED);
        wt_exchange_free(mine);

        mine = wt_exchange_new(s->groups, known[i].id, &s->random, &client);
        struct wt_exchange *other = wt_exchange_new(s->groups, known[i].id, &s->random, &server);
        assert_memory_not_equal(client.bytes, server.bytes, client.n);
        assert_int_equal(wt_exchange_finish(mine, wt_span_of(server.bytes, server.n), &a), WT_EXCHANGED);
        assert_int_equal(wt_exchange_finish(other, wt_span_of(client.bytes, client.n), &b), WT_EXCHANGED);
        assert_memory_equal(a.bytes, b.bytes, a.n);
        wt_exchange_free(mine);
        wt_exchange_free(other);
    }
}

/* libcrypto's own derivation, with keys of its making, agrees with the answer to it. */
static void test_libcrypto(void **state)
{
    const struct setup *s = *state;
    OSSL_LIB_CTX *lib = wt_crypto_context(s->crypto);
    for (size_t i = 0; i < KNOWN; i++) {
        const struct wt_group *row = wt_group_find(known[i].id);
        struct wt_share server;
        struct wt_shared ours;
        uint8_t theirs[WT_SHARED_MOST], *share = NULL;
        size_t n = sizeof theirs;
        if (row->bits > 4096)
            continue; /* long in coming with libcrypto's checks */
        const bool montgomery = row->kind == WT_GROUP_MONTGOMERY;
        EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(lib,
                                                     montgomery                 ? row->openssl
                                                     : row->kind == WT_GROUP_FF ? "DH"
                                                                                : "EC",
                                                     NULL);
        EVP_PKEY *theirs_key = NULL, *ours_key = NULL;
        assert_int_equal(EVP_PKEY_keygen_init(c), 1);
        if (!montgomery)
            assert_int_equal(EVP_PKEY_CTX_set_group_name(c, row->openssl), 1);
        assert_int_equal(EVP_PKEY_generate(c, &theirs_key), 1);
        EVP_PKEY_CTX_free(c);
        size_t length = EVP_PKEY_get1_encoded_public_key(theirs_key, &share);
        assert_int_equal(
            wt_exchange_answer(s->groups, known[i].id, &s->random, wt_span_of(share, length), &server, &ours),
            WT_EXCHANGED);

        ours_key = EVP_PKEY_new();
        assert_int_equal(EVP_PKEY_copy_parameters(ours_key, theirs_key), 1);
        assert_int_equal(EVP_PKEY_set1_encoded_public_key(ours_key, server.bytes, server.n), 1);
        c = EVP_PKEY_CTX_new_from_pkey(lib, theirs_key, NULL);
        assert_int_equal(EVP_PKEY_derive_init(c), 1);
        if (row->kind == WT_GROUP_FF) {
            unsigned pad = 1;
            const OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_EXCHANGE_PARAM_PAD, &pad),
                                         OSSL_PARAM_construct_end()};
            assert_int_equal(EVP_PKEY_CTX_set_params(c, params), 1);
        }
        assert_int_equal(EVP_PKEY_derive_set_peer(c, ours_key), 1);
        assert_int_equal(EVP_PKEY_derive(c, theirs, &n), 1);
        assert_int_equal(n, ours.n);
        assert_memory_equal(theirs, ours.bytes, n);
        EVP_PKEY_CTX_free(c);
        EVP_PKEY_free(ours_key);
        EVP_PKEY_free(theirs_key);
        OPENSSL_free(share);
    }
}

/* A private key that somebody gives. */
struct fixed {
    const struct vector *key;
    unsigned calls, wrong; /* how many draws give something else first */
};

static bool give(void *context, enum wt_random_use use, uint16_t group, void *out, size_t n)
{
    struct fixed *f = context;
    (void)group;
    assert_int_equal(use, WT_RANDOM_KEY);
    assert_int_equal(n, f->key->n);
    memcpy(out, f->key->bytes, n);
    if (f->calls++ < f->wrong)
        memset(out, f->calls % 2 ? 0 : 0xff, n);
    return true;
}

static void check_fixed(const struct setup *s, uint16_t group, const char *key, const char *share, const char *peer,
                        const char *secret)
{
    const struct vector k = hex(key), p = hex(peer);
    struct fixed f = {.key = &k};
    const struct wt_random random = {.crypto = s->crypto, .fill = give, .context = &f};
    struct wt_share mine;
    struct wt_shared shared;
    struct wt_exchange *e = wt_exchange_new(s->groups, group, &random, &mine);
    assert_non_null(e);
    same(mine.bytes, mine.n, share);
    assert_int_equal(wt_exchange_finish(e, span(&p), &shared), WT_EXCHANGED);
    same(shared.bytes, shared.n, secret);
    wt_exchange_free(e);
    assert_int_equal(wt_exchange_answer(s->groups, group, &random, span(&p), &mine, &shared), WT_EXCHANGED);
    same(mine.bytes, mine.n, share);
    same(shared.bytes, shared.n, secret);
}

/* RFC 7748, 6.1 and 6.2; RFC 8448, 3, and the curve of its 5 */
static void test_rfcs(void **state)
{
    check_fixed(*state, WT_GROUP_X25519, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    check_fixed(*state, WT_GROUP_X448,
                "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2"
                "d8c0a598726b",
                "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53177f"
                "80e532c41fa0",
                "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bd"
                "c1c67bf33609",
                "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a"
                "5037514a879d");
    check_fixed(*state, WT_GROUP_X25519, "b1580eeadf6dd589b8ef4f2d5652578cc810e9980191ec8d058308cea216a21e",
                "c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f",
                "99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c",
                "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    check_fixed(*state, WT_GROUP_SECP256R1, "ab5473467e19346ceb0a0414e41da21d4d2445bc3025afe97c4e8dc8d513da39",
                "04a6da7392ec591e17abfd535964b99894d13befb221b3def2ebe3830eac8f0151812677c4d6d2237e85cf01d6910cfb"
                "83954e76ba7352830534159897e8065780",
                "04583e054b7a66672ae020ad9d2686fcc85b5ad41a134a0f03ee72b893052bd85b4c8de6776f5b04ac07d83540eab3e3"
                "d9c547bc6528c4317d294686093a6cad7d",
                "c142ce13ca11b5c2233652e63ad3d97844f1621fbfb9de69d547dc8fedeabeb4");
    check_fixed(*state, WT_GROUP_SECP256R1, "8c510601f9765bfb8ed693449a48989859b5cfa879cb9f5443c41c5ff10634ed",
                "04583e054b7a66672ae020ad9d2686fcc85b5ad41a134a0f03ee72b893052bd85b4c8de6776f5b04ac07d83540eab3e3"
                "d9c547bc6528c4317d294686093a6cad7d",
                "04a6da7392ec591e17abfd535964b99894d13befb221b3def2ebe3830eac8f0151812677c4d6d2237e85cf01d6910cfb"
                "83954e76ba7352830534159897e8065780",
                "c142ce13ca11b5c2233652e63ad3d97844f1621fbfb9de69d547dc8fedeabeb4");
}

static void check_bad_text(const struct setup *s, uint16_t group, const char *peer)
{
    const struct vector v = hex(peer);
    check_bad(s, group, v.bytes, v.n);
}

/* Whatever the group: shorter, longer, nothing. */
static void test_lengths(void **state)
{
    const struct setup *s = *state;
    for (size_t i = 0; i < KNOWN; i++) {
        struct wt_share share, server;
        struct wt_shared shared;
        if (wt_group_find(known[i].id)->bits > 2048)
            continue;
        struct wt_exchange *e = wt_exchange_new(s->groups, known[i].id, &s->random, &share);
        wt_exchange_free(e);
        share.bytes[share.n] = 0;
        check_bad(s, known[i].id, share.bytes, 0);
        check_bad(s, known[i].id, share.bytes, share.n + 1);
        /* TLS 1.2 lets a number be shorter, so only TLS 1.3's answer looks at its zeros. */
        if (known[i].id != WT_GROUP_FFDHE2048)
            check_bad(s, known[i].id, share.bytes, share.n - 1);
        assert_int_equal(wt_exchange_answer(s->groups, known[i].id, &s->random, wt_span_of(share.bytes, share.n - 1),
                                            &server, &shared),
                         WT_EXCHANGE_BAD_SHARE);
    }
}

/* RFC 8446, 7.4.2: "Implementations MUST check whether the computed Diffie-Hellman shared secret
 * is the all-zero value and abort if so": points of order 1, 2, 4 and 8, and the numbers of the same point that are not
 * below the prime. */
static void test_small_order(void **state)
{
    static const char *const x25519[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        /* RFC 7748, 5: "implementations of X25519 ... MUST mask the most significant bit in the final byte." */
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    static const char *const x448[] = {
        "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "00",
        "01000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "00",
        "fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ff",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ff",
        "00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ff",
    };
    for (size_t i = 0; i < sizeof x25519 / sizeof *x25519; i++)
        check_bad_text(*state, WT_GROUP_X25519, x25519[i]);
    for (size_t i = 0; i < sizeof x448 / sizeof *x448; i++)
        check_bad_text(*state, WT_GROUP_X448, x448[i]);
}

/* RFC 8446, 4.2.8.2: "peers MUST validate each other's public value Q by ensuring that the point is a valid point on
 * the elliptic curve." */
static void test_no_point(void **state)
{
    const struct setup *s = *state;
    for (size_t i = 0; i < KNOWN; i++) {
        struct wt_share share;
        if (wt_group_find(known[i].id)->kind != WT_GROUP_EC)
            continue;
        const size_t n = known[i].share, half = n / 2;
        uint8_t changed[WT_SHARE_MOST];
        wt_exchange_free(wt_exchange_new(s->groups, known[i].id, &s->random, &share));
        /* Not on the curve. */
        memcpy(changed, share.bytes, n);
        changed[n - 1] ^= 1;
        check_bad(s, known[i].id, changed, n);
        memcpy(changed, share.bytes, n);
        changed[half] ^= 1;
        check_bad(s, known[i].id, changed, n);
        /* RFC 8446, 4.2.8.2 has one form. Compressed, hybrid, infinity; with what follows, and without. */
        for (uint8_t form = 0; form < 8; form++) {
            if (form == 4)
                continue;
            changed[0] = form;
            memcpy(changed + 1, share.bytes + 1, n - 1);
            check_bad(s, known[i].id, changed, n);
            check_bad(s, known[i].id, changed, 1 + half);
            check_bad(s, known[i].id, changed, 1);
        }
        /* Coordinates beyond the field; zeros. */
        memset(changed, 0xff, sizeof changed);
        changed[0] = 4;
        check_bad(s, known[i].id, changed, n);
        memset(changed + 1, 0, n - 1);
        check_bad(s, known[i].id, changed, n);
    }
}

/* Of a curve's two coordinates for one x, and of x and x + p only those below p are a point. */
static void test_not_reduced(void **state)
{
    const struct setup *s = *state;
    /* On P-256 the point with x = 5; x + p has the same length. */
    static const char p[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    const struct vector prime = hex(p);
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *x = BN_new(), *over = BN_new(), *q = BN_bin2bn(prime.bytes, 32, NULL);
    uint8_t share[65];
    struct wt_share ours;
    struct wt_shared shared;
    BN_set_word(x, 5);
    assert_int_equal(EC_POINT_set_compressed_coordinates(group, point, x, 1, NULL), 1);
    assert_int_equal(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, share, sizeof share, NULL), 65);
    assert_int_equal(
        wt_exchange_answer(s->groups, WT_GROUP_SECP256R1, &s->random, wt_span_of(share, 65), &ours, &shared),
        WT_EXCHANGED);
    BN_add(over, x, q);
    BN_bn2binpad(over, share + 1, 32);
    check_bad(s, WT_GROUP_SECP256R1, share, 65);
    BN_free(x);
    BN_free(q);
    BN_free(over);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

/* On a curve whose cofactor is not 1 a point may be of a small subgroup: (0, 1) on sect163k1, of order 2. */
static void test_subgroup(void **state)
{
    const struct setup *s = *state;
    uint8_t share[43] = {4};
    struct wt_share a, b;
    struct wt_shared one, other;
    if (!wt_exchanges_have(s->groups, WT_GROUP_SECT163K1))
        skip(); /* libcrypto without binary fields */
    share[42] = 1;
    check_bad(s, WT_GROUP_SECT163K1, share, sizeof share);
    struct wt_exchange *e = wt_exchange_new(s->groups, WT_GROUP_SECT163K1, &s->random, &a);
    assert_int_equal(wt_exchange_answer(s->groups, WT_GROUP_SECT163K1, &s->random, wt_span_of(a.bytes, a.n), &b, &one),
                     WT_EXCHANGED);
    assert_int_equal(wt_exchange_finish(e, wt_span_of(b.bytes, b.n), &other), WT_EXCHANGED);
    assert_memory_equal(one.bytes, other.bytes, one.n);
    wt_exchange_free(e);
}

/* Of a draw that is no scalar another one is made; without random bytes there is no key. */
static void test_draws(void **state)
{
    const struct setup *s = *state;
    const struct vector k = hex("0000000000000000000000000000000000000000000000000000000000000001");
    struct fixed f = {.key = &k, .wrong = 4};
    struct wt_random random = {.crypto = s->crypto, .fill = give, .context = &f};
    struct wt_share share;
    struct wt_exchange *e = wt_exchange_new(s->groups, WT_GROUP_SECP256R1, &random, &share);
    assert_non_null(e);
    assert_int_equal(f.calls, 5);
    /* The generator of SEC 2, 2.4.2. */
    same(share.bytes, share.n,
         "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b3"
         "15ececbb6406837bf51f5");
    wt_exchange_free(e);
    f = (struct fixed){.key = &k, .wrong = UINT32_MAX};
    assert_null(wt_exchange_new(s->groups, WT_GROUP_SECP256R1, &random, &share));
}

static bool refuse(void *context, enum wt_random_use use, uint16_t group, void *out, size_t n)
{
    (void)context;
    (void)use;
    (void)group;
    memset(out, 1, n);
    return false;
}

static void test_no_random(void **state)
{
    const struct setup *s = *state;
    const struct wt_random none = {.crypto = s->crypto, .fill = refuse};
    static const uint16_t groups[] = {WT_GROUP_X25519, WT_GROUP_X448, WT_GROUP_SECP256R1, WT_GROUP_FFDHE2048};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        struct wt_share share, own;
        struct wt_shared shared;
        assert_null(wt_exchange_new(s->groups, groups[i], &none, &own));
        wt_exchange_free(wt_exchange_new(s->groups, groups[i], &s->random, &share));
        assert_int_equal(
            wt_exchange_answer(s->groups, groups[i], &none, wt_span_of(share.bytes, share.n), &own, &shared),
            WT_EXCHANGE_FAILED);
        assert_int_equal(own.n, 0);
    }
}

/* Groups that nobody has, and those of later versions of libcrypto, which agree where they are. */
static void test_others(void **state)
{
    const struct setup *s = *state;
    static const uint16_t none[] = {0x0000, 0x0a0a, 0xffff, WT_GROUP_GC256A, WT_GROUP_KYBER768, WT_GROUP_CECPQ2};
    static const uint16_t late[] = {WT_GROUP_MLKEM512,          WT_GROUP_MLKEM768,       WT_GROUP_MLKEM1024,
                                    WT_GROUP_SECP256R1MLKEM768, WT_GROUP_X25519MLKEM768, WT_GROUP_SECP384R1MLKEM1024};
    struct wt_share a, b;
    struct wt_shared one, other;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(wt_exchanges_have(s->groups, none[i]));
        assert_int_equal(wt_exchange_share_length(s->groups, none[i], false), 0);
        assert_null(wt_exchange_new(s->groups, none[i], &s->random, &a));
        assert_int_equal(wt_exchange_answer(s->groups, none[i], &s->random, wt_span_of("", 1), &a, &one),
                         WT_EXCHANGE_FAILED);
    }
    for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
        if (!wt_exchanges_have(s->groups, late[i]))
            continue;
        struct wt_exchange *e = wt_exchange_new(s->groups, late[i], &s->random, &a);
        assert_non_null(e);
        assert_int_equal(a.n, wt_exchange_share_length(s->groups, late[i], false));
        assert_int_equal(wt_exchange_answer(s->groups, late[i], &s->random, wt_span_of(a.bytes, a.n), &b, &one),
                         WT_EXCHANGED);
        assert_int_equal(b.n, wt_exchange_share_length(s->groups, late[i], true));
        assert_int_equal(wt_exchange_finish(e, wt_span_of(b.bytes, b.n), &other), WT_EXCHANGED);
        assert_int_equal(one.n, other.n);
        assert_memory_equal(one.bytes, other.bytes, one.n);
        wt_exchange_free(e);
        /* FIPS 203, 7.2: an encapsulation key with a number that is not below q */
        memset(a.bytes, 0xff, a.n);
        assert_int_equal(wt_exchange_answer(s->groups, late[i], &s->random, wt_span_of(a.bytes, a.n), &b, &one),
                         WT_EXCHANGE_BAD_SHARE);
        check_bad(s, late[i], a.bytes, a.n - 1);
    }
}

/* One struct wt_exchanges, several threads, each of which may be the first to need a group. */
enum { THREADS = 4 };

struct exchanging {
    pthread_t thread;
    const struct setup *setup;
    unsigned agreed;
};

static void *exchange_all(void *context)
{
    struct exchanging *t = context;
    static const uint16_t some[] = {WT_GROUP_X25519, WT_GROUP_X448, WT_GROUP_SECP256R1, WT_GROUP_SECP521R1,
                                    WT_GROUP_FFDHE2048};
    const struct wt_exchanges *groups = t->setup->groups;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        struct wt_share client, server;
        struct wt_shared a, b;
        struct wt_exchange *e = wt_exchange_new(groups, some[i], &t->setup->random, &client);
        if (e &&
            wt_exchange_answer(groups, some[i], &t->setup->random, wt_span_of(client.bytes, client.n), &server, &a) ==
                WT_EXCHANGED &&
            wt_exchange_finish(e, wt_span_of(server.bytes, server.n), &b) == WT_EXCHANGED &&
            wt_span_equal(wt_span_of(a.bytes, a.n), wt_span_of(b.bytes, b.n)))
            t->agreed++;
        wt_exchange_free(e);
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct setup own = *(struct setup *)*state;
    struct exchanging t[THREADS] = {0};
    own.groups = wt_exchanges_new(own.crypto);
    for (size_t i = 0; i < THREADS; i++) {
        t[i].setup = &own;
        assert_true(wt_thread_start(&t[i].thread, exchange_all, &t[i]));
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(t[i].thread, NULL);
        assert_int_equal(t[i].agreed, 5);
    }
    wt_exchanges_free(own.groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agree),       cmocka_unit_test(test_libcrypto),   cmocka_unit_test(test_rfcs),
        cmocka_unit_test(test_lengths),     cmocka_unit_test(test_small_order), cmocka_unit_test(test_no_point),
        cmocka_unit_test(test_not_reduced), cmocka_unit_test(test_subgroup),    cmocka_unit_test(test_draws),
        cmocka_unit_test(test_no_random),   cmocka_unit_test(test_others),      cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
