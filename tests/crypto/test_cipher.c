/* Every cipher of the registry: against what its specification prints, there and back again, and with a byte flipped.
 */
#include "crypto/cipher.h"

#include "vector.h"

#include <stdlib.h>

/* What may be missing: the legacy provider may not be installed. */
static bool may_be_missing(struct wt_crypto *crypto, enum wt_cipher_id id)
{
    switch (id) {
    case WT_CIPHER_RC4_40:
    case WT_CIPHER_RC4_56:
    case WT_CIPHER_RC4_64:
    case WT_CIPHER_RC4_128:
    case WT_CIPHER_RC2_CBC_40:
    case WT_CIPHER_RC2_CBC_56:
    case WT_CIPHER_RC2_CBC_128:
    case WT_CIPHER_DES40_CBC:
    case WT_CIPHER_DES_CBC:
    case WT_CIPHER_SEED_CBC:
        return !wt_crypto_legacy(crypto);
    default:
        return false;
    }
}

static const struct {
    enum wt_cipher_id cipher;
    const char *key, *nonce, *aad, *plain, *sealed;
} aeads[] = {
    /* McGrew, Viega: The Galois/Counter Mode of Operation, B: test cases 1, 4 and 16 */
    {WT_CIPHER_AES_128_GCM, "00000000000000000000000000000000", "000000000000000000000000", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {WT_CIPHER_AES_128_GCM, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091 5bc94fbc3221a5db94fae95ae7121a47"},
    {WT_CIPHER_AES_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b"},
    /* NIST SP 800-38C, C.3 */
    {WT_CIPHER_AES_128_CCM_8, "404142434445464748494a4b4c4d4e4f", "101112131415161718191a1b",
     "000102030405060708090a0b0c0d0e0f10111213", "202122232425262728292a2b2c2d2e2f3031323334353637",
     "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5 484392fbc1b09951"},
    /* RFC 8439, 2.8.2 */
    {WT_CIPHER_CHACHA20_POLY1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
     "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
     "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
     "637265656e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
     "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
     "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
     "3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691"},
    /* draft-agl-tls-chacha20poly1305-04, 7 */
    {WT_CIPHER_CHACHA20_POLY1305_OLD, "4290bcb154173531f314af57f3be3b5006da371ece272afa1b5dbdd1100a1007",
     "00000000 cd7cf67be39c794a", "87e229d4500845a079c0", "86d09974840bded2a5ca",
     "e3e446f7ede9a19b62a4 677dabf4e3d24b876bb284753896e1d6"},
    /* RFC 8998, A.1 and A.2 */
    {WT_CIPHER_SM4_GCM, "0123456789abcdeffedcba9876543210", "00001234567800000000abcd",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
     "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
     "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
     "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d 83de3541e4c2b58177e065a9bf7b62ec"},
    {WT_CIPHER_SM4_CCM, "0123456789abcdeffedcba9876543210", "00001234567800000000abcd",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
     "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
     "48af93501fa62adbcd414cce6034d895dda1bf8f132f042098661572e7483094"
     "fd12e518ce062c98acee28d95df4416bed31a2f04476c18bb40c84a74b97dc5b 16842d4fa186f56ab33256971fa110f4"},
    /* The GCM paper's test cases 4 and 16 with Camellia; GnuTLS's libnettle makes the same of them. */
    {WT_CIPHER_CAMELLIA_128_GCM, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "d0d94a13b632f337a0cc9955b94fa020c815f903aab12f1efaf2fe9d90f729a6"
     "cccbfa986ef2ff2c33de418d9a2529091cf18fe652c1cfde13f82606 9f458869431576ea6a095456ec6b8101"},
    {WT_CIPHER_CAMELLIA_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "ad142c11579dd95e41f3c1f324dabc255864d920f1b65759d8f560d4948d4477"
     "58dfdcf77aa9f62581c7ff572a037f810cb1a9c4b3ca6ed638179b77 4e4b178d8fe26fdc95e2e7246dd94bec"},
};

static void test_known_aeads(void **state)
{
    for (size_t i = 0; i < sizeof aeads / sizeof *aeads; i++) {
        struct vector key = hex(aeads[i].key), nonce = hex(aeads[i].nonce), aad = hex(aeads[i].aad);
        struct vector plain = hex(aeads[i].plain), sealed = hex(aeads[i].sealed);
        uint8_t out[256];
        struct wt_cipher_context *seal = wt_cipher_new(*state, aeads[i].cipher, span(&key), true);
        struct wt_cipher_context *open = wt_cipher_new(*state, aeads[i].cipher, span(&key), false);
        assert_true(seal && open);
        assert_int_equal(nonce.n, 12);
        for (int again = 0; again < 2; again++) {
            assert_true(wt_cipher_seal(seal, nonce.bytes, span(&aad), span(&plain), out));
            same(out, plain.n + wt_cipher_of(aeads[i].cipher)->tag, aeads[i].sealed);
            assert_true(wt_cipher_open(open, nonce.bytes, span(&aad), span(&sealed), out));
            same(out, plain.n, aeads[i].plain);
        }
        wt_cipher_free(seal);
        wt_cipher_free(open);
    }
}

/* One block or more, IV zero unless it is said. */
static const struct {
    enum wt_cipher_id cipher;
    const char *key, *iv, *plain, *sealed;
} blocks[] = {
    /* NIST SP 800-38A, F.2.1 and F.2.5 */
    {WT_CIPHER_AES_128_CBC, "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
    {WT_CIPHER_AES_256_CBC, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "000102030405060708090a0b0c0d0e0f", "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    /* RFC 3713, A */
    {WT_CIPHER_CAMELLIA_128_CBC, "0123456789abcdeffedcba9876543210", "00000000000000000000000000000000",
     "0123456789abcdeffedcba9876543210", "67673138549669730857065648eabe43"},
    {WT_CIPHER_CAMELLIA_256_CBC, "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff",
     "00000000000000000000000000000000", "0123456789abcdeffedcba9876543210", "9acc237dff16d76c20ef7c919e3a7509"},
    /* RFC 5794, A */
    {WT_CIPHER_ARIA_128_CBC, "000102030405060708090a0b0c0d0e0f", "00000000000000000000000000000000",
     "00112233445566778899aabbccddeeff", "d718fbd6ab644c739da95f3be6451778"},
    {WT_CIPHER_ARIA_256_CBC, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "00000000000000000000000000000000", "00112233445566778899aabbccddeeff", "f92bd7c79fb72e2f2b8f80c1972d24fc"},
    /* RFC 4269, B.1 */
    {WT_CIPHER_SEED_CBC, "00000000000000000000000000000000", "00000000000000000000000000000000",
     "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"},
    /* GB/T 32907, A.1 */
    {WT_CIPHER_SM4_CBC, "0123456789abcdeffedcba9876543210", "00000000000000000000000000000000",
     "0123456789abcdeffedcba9876543210", "681edf34d206965e86b3e94f536e4246"},
    /* RFC 2268, 5: a key of 16 bytes with 128 effective bits; export ciphers take it so as well (ciphers.def) */
    {WT_CIPHER_RC2_CBC_128, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "0000000000000000",
     "2269552ab0f85ca6"},
    {WT_CIPHER_RC2_CBC_40, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "0000000000000000",
     "2269552ab0f85ca6"},
    {WT_CIPHER_RC2_CBC_56, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "0000000000000000",
     "2269552ab0f85ca6"},
    /* X. Lai, On the Design and Security of Block Ciphers, 1992: the example of its description */
    {WT_CIPHER_IDEA_CBC, "00010002000300040005000600070008", "0000000000000000", "0000000100020003",
     "11fbed2b01986de5"},
    /* FIPS 46-3 as textbooks work it through; three equal keys make Triple DES the same */
    {WT_CIPHER_DES_CBC, "133457799bbcdff1", "0000000000000000", "0123456789abcdef", "85e813540f0ab405"},
    {WT_CIPHER_DES40_CBC, "133457799bbcdff1", "0000000000000000", "0123456789abcdef", "85e813540f0ab405"},
    {WT_CIPHER_3DES_EDE_CBC, "133457799bbcdff1133457799bbcdff1133457799bbcdff1", "0000000000000000", "0123456789abcdef",
     "85e813540f0ab405"},
};

static void test_known_blocks(void **state)
{
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct vector key = hex(blocks[i].key), iv = hex(blocks[i].iv);
        struct vector plain = hex(blocks[i].plain), sealed = hex(blocks[i].sealed);
        uint8_t out[64];
        if (!wt_cipher_available(*state, blocks[i].cipher)) {
            assert_true(may_be_missing(*state, blocks[i].cipher));
            continue;
        }
        struct wt_cipher_context *seal = wt_cipher_new(*state, blocks[i].cipher, span(&key), true);
        struct wt_cipher_context *open = wt_cipher_new(*state, blocks[i].cipher, span(&key), false);
        assert_true(seal && open);
        assert_int_equal(iv.n, wt_cipher_of(blocks[i].cipher)->iv);
        for (int again = 0; again < 2; again++) {
            assert_true(wt_cipher_cbc(seal, iv.bytes, span(&plain), out));
            same(out, plain.n, blocks[i].sealed);
            assert_true(wt_cipher_cbc(open, iv.bytes, span(&sealed), out));
            same(out, plain.n, blocks[i].plain);
        }
        wt_cipher_free(seal);
        wt_cipher_free(open);
    }
}

/* RFC 6229, 2: the key stream goes on from one record to the next. */
static void test_known_stream(void **state)
{
    static const enum wt_cipher_id all[] = {WT_CIPHER_RC4_40, WT_CIPHER_RC4_56, WT_CIPHER_RC4_64, WT_CIPHER_RC4_128};
    struct vector key = hex("0102030405060708090a0b0c0d0e0f10");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!wt_cipher_available(*state, all[i])) {
            assert_true(may_be_missing(*state, all[i]));
            continue;
        }
        uint8_t text[32] = {0};
        struct wt_cipher_context *c = wt_cipher_new(*state, all[i], span(&key), false);
        assert_non_null(c);
        assert_true(wt_cipher_stream(c, wt_span_of(text, 5), text));
        assert_true(wt_cipher_stream(c, (struct wt_span){0}, text + 5));
        assert_true(wt_cipher_stream(c, wt_span_of(text + 5, 27), text + 5));
        same(text, 32, "9ac7cc9a609d1ef7b2932899cde41b97 5248c4959014126a6e8a84f11d1a9e1c");
        wt_cipher_free(c);
    }
}

static uint8_t key_bytes[64];

static const size_t lengths[] = {0,   1,   7,    8,    15,   16,   17,    31,    32,   33,
                                 255, 256, 1023, 1024, 1025, 4096, 16383, 16384, 16640};
enum { MOST = 16640 + 16 };

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

/* There and back, in place too; then every way in which one byte can be wrong. */
static void check_aead(struct wt_crypto *crypto, enum wt_cipher_id id, size_t n, size_t aad_n)
{
    const struct wt_cipher *info = wt_cipher_of(id);
    struct wt_cipher_context *seal = wt_cipher_new(crypto, id, wt_span_of(key_bytes, info->key), true);
    struct wt_cipher_context *open = wt_cipher_new(crypto, id, wt_span_of(key_bytes, info->key), false);
    uint8_t *plain = malloc(MOST), *sealed = malloc(MOST), *back = malloc(MOST);
    uint8_t nonce[12] = {0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, aad[64];
    struct wt_span with = wt_span_of(aad, aad_n), record = wt_span_of(sealed, n + info->tag);
    assert_true(seal && open && plain && sealed && back);
    for (size_t i = 0; i < n; i++)
        plain[i] = (uint8_t)(i * 7 + 1);
    memset(aad, 0x5a, sizeof aad);

    assert_true(wt_cipher_seal(seal, nonce, with, wt_span_of(plain, n), sealed));
    memcpy(back, plain, n);
    assert_true(wt_cipher_seal(seal, nonce, with, wt_span_of(back, n), back));
    assert_memory_equal(back, sealed, record.n);
    assert_true(wt_cipher_open(open, nonce, with, record, back));
    assert_memory_equal(back, plain, n);
    memcpy(back, sealed, record.n);
    assert_true(wt_cipher_open(open, nonce, with, wt_span_of(back, record.n), back));
    assert_memory_equal(back, plain, n);

    for (int where = 0; where < 4; where++) {
        uint8_t *at = where == 0 ? sealed + n / 2 : where == 1 ? sealed + record.n - 1 : where == 2 ? aad : nonce + 11;
        if (where == 2 && !aad_n)
            continue;
        *at ^= 0x10;
        memset(back, 0xee, MOST);
        assert_false(wt_cipher_open(open, nonce, with, record, back));
        assert_true(all_zero(back, n));
        *at ^= 0x10;
    }
    assert_false(wt_cipher_open(open, nonce, with, wt_span_of(sealed, info->tag - 1u), back));
    assert_false(wt_cipher_open(seal, nonce, with, record, back));
    assert_false(wt_cipher_seal(open, nonce, with, wt_span_of(plain, n), back));
    assert_false(wt_cipher_cbc(seal, nonce, wt_span_of(plain, n), back));
    assert_false(wt_cipher_stream(seal, wt_span_of(plain, n), back));
    /* What failed leaves no trace. */
    assert_true(wt_cipher_open(open, nonce, with, record, back));
    assert_memory_equal(back, plain, n);

    free(plain);
    free(sealed);
    free(back);
    wt_cipher_free(seal);
    wt_cipher_free(open);
}

static void check_cbc(struct wt_crypto *crypto, enum wt_cipher_id id, size_t n)
{
    const struct wt_cipher *info = wt_cipher_of(id);
    struct wt_cipher_context *seal = wt_cipher_new(crypto, id, wt_span_of(key_bytes, info->key), true);
    struct wt_cipher_context *open = wt_cipher_new(crypto, id, wt_span_of(key_bytes, info->key), false);
    uint8_t *plain = calloc(1, MOST), *sealed = malloc(MOST), iv[16] = {1, 2, 3};
    assert_true(seal && open && plain && sealed);
    bool whole = n % info->block == 0;
    assert_int_equal(wt_cipher_cbc(seal, iv, wt_span_of(plain, n), sealed), whole);
    if (whole) {
        size_t half = n / 2 / info->block * info->block;
        /* In two records, the IV of the second being the last block of the first (TLS 1.0). */
        assert_true(wt_cipher_cbc(open, iv, wt_span_of(sealed, half), plain));
        assert_true(wt_cipher_cbc(open, half ? sealed + half - info->block : iv, wt_span_of(sealed + half, n - half),
                                  plain + half));
        assert_true(all_zero(plain, n));
        assert_true(wt_cipher_cbc(open, iv, wt_span_of(sealed, n), sealed));
        assert_true(all_zero(sealed, n));
    }
    assert_false(wt_cipher_open(open, iv, (struct wt_span){0}, wt_span_of(plain, n), sealed));
    assert_false(wt_cipher_stream(seal, wt_span_of(plain, n), sealed));
    free(plain);
    free(sealed);
    wt_cipher_free(seal);
    wt_cipher_free(open);
}

static void test_all(void **state)
{
    unsigned aead = 0, cbc = 0, stream = 0;
    for (size_t i = 0; i < sizeof key_bytes; i++)
        key_bytes[i] = (uint8_t)(i * 13 + 5);
    for (int id = 0; id < WT_CIPHER_COUNT; id++) {
        const struct wt_cipher *info = wt_cipher_of((enum wt_cipher_id)id);
        if (!wt_cipher_available(*state, (enum wt_cipher_id)id)) {
            assert_null(wt_cipher_new(*state, (enum wt_cipher_id)id, wt_span_of(key_bytes, info->key), true));
            if ((info->openssl || info->parts) && !may_be_missing(*state, (enum wt_cipher_id)id))
                fail_msg("%s is not available", info->name);
            continue;
        }
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            if (info->mode == WT_MODE_CBC) {
                check_cbc(*state, (enum wt_cipher_id)id, lengths[i]);
            } else if (info->mode != WT_MODE_STREAM) {
                check_aead(*state, (enum wt_cipher_id)id, lengths[i], 13);
                check_aead(*state, (enum wt_cipher_id)id, lengths[i], i % 2 ? 0 : 5 + i);
            }
        }
        aead += info->tag != 0;
        cbc += info->mode == WT_MODE_CBC;
        stream += info->mode == WT_MODE_STREAM;
        assert_null(wt_cipher_new(*state, (enum wt_cipher_id)id, wt_span_of(key_bytes, info->key - 1u), true));
        assert_null(wt_cipher_new(*state, (enum wt_cipher_id)id, wt_span_of(key_bytes, info->key + 1u), true));
    }
    print_message("%u AEAD, %u CBC, %u stream ciphers\n", aead, cbc, stream);
    assert_true(aead >= 14 && cbc >= 8);
}

static void test_missing(void **state)
{
    assert_null(wt_cipher_new(*state, WT_CIPHER_NULL, (struct wt_span){0}, true));
    assert_null(wt_cipher_new(*state, WT_CIPHER_COUNT, (struct wt_span){0}, true));
    assert_false(wt_cipher_available(*state, WT_CIPHER_NULL));
    assert_false(wt_cipher_available(*state, WT_CIPHER_KUZNYECHIK_MGM));
    assert_false(wt_cipher_available(*state, WT_CIPHER_COUNT));
    wt_cipher_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_aeads), cmocka_unit_test(test_known_blocks), cmocka_unit_test(test_known_stream),
        cmocka_unit_test(test_all),         cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
