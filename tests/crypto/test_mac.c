/* HMAC: RFC 2202 and RFC 4231; HKDF: RFC 5869, A; P_hash: the vector that the TLS working group's list has used since
 * TLS 1.2 was a draft. */
#include "crypto/mac.h"

#include "vector.h"

#include <stdlib.h>

struct hmac_case {
    const char *key, *data;
    const char *sha224, *sha256, *sha384, *sha512;
};

/* RFC 4231, 4.2 to 4.8 (4.6 is truncated there, and is not here) */
static const struct hmac_case rfc4231[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
     "7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
     "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
     "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
     "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     "6c11506874013cac6a2abc1bb382627cec6a90d86efc012de7afec5a",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
     "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
     "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
     "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
};

/* RFC 4231, 4.7: a key of 131 bytes, longer than any block */
static const char long_key_data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
static const struct {
    enum wt_hash_id hash;
    const char *mac;
} long_key[] = {
    {WT_HASH_SHA224, "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e"},
    {WT_HASH_SHA256, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {WT_HASH_SHA384,
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
    {WT_HASH_SHA512, "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

/* In one go, in parts, and with a schedule that is used again. */
static void check(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span key, struct wt_span data,
                  const char *want)
{
    uint8_t out[WT_DIGEST_MOST];
    const struct wt_span parts[] = {wt_span_cut(data, 0, data.n / 2), {0}, wt_span_cut(data, data.n / 2, data.n)};
    same(out, wt_hmac(crypto, hash, key, &data, 1, out), want);
    same(out, wt_hmac(crypto, hash, key, parts, 3, out), want);
    struct wt_mac *m = wt_mac_new(crypto, hash, key);
    assert_non_null(m);
    for (int i = 0; i < 3; i++) {
        same(out, wt_mac_compute(m, parts, 3, out), want);
        assert_true(wt_mac_compute(m, NULL, 0, out) != 0);
    }
    wt_mac_free(m);
}

static void test_rfc4231(void **state)
{
    for (size_t i = 0; i < sizeof rfc4231 / sizeof *rfc4231; i++) {
        struct vector key = hex(rfc4231[i].key), data = hex(rfc4231[i].data);
        check(*state, WT_HASH_SHA224, span(&key), span(&data), rfc4231[i].sha224);
        check(*state, WT_HASH_SHA256, span(&key), span(&data), rfc4231[i].sha256);
        check(*state, WT_HASH_SHA384, span(&key), span(&data), rfc4231[i].sha384);
        check(*state, WT_HASH_SHA512, span(&key), span(&data), rfc4231[i].sha512);
    }
    uint8_t key[131];
    memset(key, 0xaa, sizeof key);
    for (size_t i = 0; i < sizeof long_key / sizeof *long_key; i++)
        check(*state, long_key[i].hash, wt_span_of(key, sizeof key), wt_span_text(long_key_data), long_key[i].mac);
}

static void test_rfc2202(void **state)
{
    struct vector md5 = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    struct vector sha1 = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    check(*state, WT_HASH_MD5, span(&md5), wt_span_text("Hi There"), "9294727a3638bb1c13f48ef8158bfc9d");
    check(*state, WT_HASH_SHA1, span(&sha1), wt_span_text("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00");
    check(*state, WT_HASH_MD5, wt_span_text("Jefe"), wt_span_text("what do ya want for nothing?"),
          "750c783e6ab0b503eaa86e310a5db738");
    check(*state, WT_HASH_SHA1, wt_span_text("Jefe"), wt_span_text("what do ya want for nothing?"),
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

/* The output may lie where the key lies: a key schedule climbs in place. */
static void test_in_place(void **state)
{
    uint8_t key[WT_DIGEST_MOST] = "Jefe";
    struct wt_span data = wt_span_text("what do ya want for nothing?");
    same(key, wt_hmac(*state, WT_HASH_SHA256, wt_span_of(key, 4), &data, 1, key), rfc4231[1].sha256);
}

static const struct {
    enum wt_hash_id hash;
    const char *ikm, *salt, *info, *prk, *okm;
} rfc5869[] = {
    {WT_HASH_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
     "f0f1f2f3f4f5f6f7f8f9", "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {WT_HASH_SHA256,
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
     "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f"
     "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
     "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
     "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {WT_HASH_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    {WT_HASH_SHA1, "0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "9b6c18c432a7bf8f0e71c8eb88f4b30baa2ba243",
     "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896"},
    {WT_HASH_SHA1, "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", "", "", "2adccada18779e7c2077ad2eb19d3f3e731385dd",
     "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48"},
};

static void test_rfc5869(void **state)
{
    for (size_t i = 0; i < sizeof rfc5869 / sizeof *rfc5869; i++) {
        struct vector ikm = hex(rfc5869[i].ikm), salt = hex(rfc5869[i].salt), info = hex(rfc5869[i].info);
        struct vector okm = hex(rfc5869[i].okm);
        uint8_t prk[WT_DIGEST_MOST], out[128];
        size_t n = wt_hkdf_extract(*state, rfc5869[i].hash, span(&salt), span(&ikm), prk);
        same(prk, n, rfc5869[i].prk);
        size_t got = wt_hkdf_expand(*state, rfc5869[i].hash, wt_span_of(prk, n), span(&info), out, okm.n);
        same(out, got, rfc5869[i].okm);
    }
}

/* RFC 5869, 2.3: "L  length of output keying material in octets (<= 255*HashLen)" */
static void test_expand_most(void **state)
{
    enum { MOST = 255 * 32 };
    uint8_t *out = malloc(MOST + 1);
    struct wt_span prk = wt_span_text("0123456789abcdef0123456789abcdef");
    assert_int_equal(wt_hkdf_expand(*state, WT_HASH_SHA256, prk, (struct wt_span){0}, out, MOST), MOST);
    assert_int_equal(wt_hkdf_expand(*state, WT_HASH_SHA256, prk, (struct wt_span){0}, out, MOST + 1), 0);
    assert_int_equal(wt_hkdf_expand(*state, WT_HASH_GOST, prk, (struct wt_span){0}, out, 32), 0);
    free(out);
}

/* What `openssl kdf -kdfopt digest:SHA2-256 … TLS1-PRF` says too: label and seed are the seed of P_hash. */
static const char p_sha256[] = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
                               "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
                               "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
                               "87347b66";

static void test_p_hash(void **state)
{
    struct vector secret = hex("9bbe436ba940f017b17652849a71db35"), seed = hex("a0ba9f936cda311827a6f796ffd5198c");
    struct vector want = hex(p_sha256);
    const struct wt_span parts[] = {wt_span_text("test label"), span(&seed)};
    uint8_t out[128];
    same(out, wt_p_hash(*state, WT_HASH_SHA256, span(&secret), parts, 2, out, 100), p_sha256);
    /* Shorter is the beginning of longer, at and around the ends of blocks. */
    for (size_t n = 1; n < 100; n++) {
        memset(out, 0xee, sizeof out);
        assert_int_equal(wt_p_hash(*state, WT_HASH_SHA256, span(&secret), parts, 2, out, n), n);
        assert_memory_equal(out, want.bytes, n);
        assert_int_equal(out[n], 0xee);
    }
    assert_int_equal(wt_p_hash(*state, WT_HASH_STREEBOG, span(&secret), parts, 2, out, 100), 0);
    assert_int_equal(wt_p_hash(*state, WT_HASH_SHA256, (struct wt_span){0}, parts, 2, out, 12), 12);
}

static void test_missing(void **state)
{
    uint8_t out[WT_DIGEST_MOST];
    assert_null(wt_mac_new(*state, WT_HASH_NONE, wt_span_text("key")));
    assert_null(wt_mac_new(*state, WT_HASH_GOST, wt_span_text("key")));
    assert_int_equal(wt_hmac(*state, WT_HASH_GOST, wt_span_text("key"), NULL, 0, out), 0);
    wt_mac_free(NULL);
}

/* A MAC and what a peer sent for it: one of the other length, or with any byte wrong, is another. */
static void test_equal_secret(void **state)
{
    (void)state;
    uint8_t a[48], b[48];
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = b[i] = (uint8_t)(7 * i);
    assert_true(wt_equal_secret(wt_span_of(a, sizeof a), wt_span_of(b, sizeof b)));
    assert_false(wt_equal_secret(wt_span_of(a, sizeof a), wt_span_of(b, sizeof b - 1)));
    for (size_t i = 0; i < sizeof b; i++) {
        b[i] ^= 0x80;
        assert_false(wt_equal_secret(wt_span_of(a, sizeof a), wt_span_of(b, sizeof b)));
        b[i] ^= 0x80;
    }
    assert_true(wt_equal_secret((struct wt_span){0}, (struct wt_span){0}));
    assert_false(wt_equal_secret((struct wt_span){0}, wt_span_of(b, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_secret), cmocka_unit_test(test_rfc2202), cmocka_unit_test(test_rfc4231),
        cmocka_unit_test(test_in_place),     cmocka_unit_test(test_rfc5869), cmocka_unit_test(test_expand_most),
        cmocka_unit_test(test_p_hash),       cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
