/* Hashes that go on: RFC 1321, A.5; FIPS 180-4's examples; GB/T 32905's example of SM3. */
#include "crypto/hash.h"

#include "vector.h"

static const struct {
    enum wt_hash_id hash;
    const char *empty, *abc;
} known[] = {
    {WT_HASH_MD5, "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72"},
    {WT_HASH_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {WT_HASH_SHA224, "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
     "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {WT_HASH_SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {WT_HASH_SHA384, "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {WT_HASH_SHA512,
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {WT_HASH_SM3, "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
     "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
};

static void test_known(void **state)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t out[WT_DIGEST_MOST];
        size_t n = wt_digest(*state, known[i].hash, wt_span_text("abc"), out);
        same(out, n, known[i].abc);
        assert_int_equal(n, wt_hash_info_of(known[i].hash)->length);
        same(out, wt_digest(*state, known[i].hash, (struct wt_span){0}, out), known[i].empty);
        const struct wt_span parts[] = {wt_span_text("a"), {0}, wt_span_text("bc")};
        same(out, wt_digest_parts(*state, known[i].hash, parts, 3, out), known[i].abc);
    }
}

/* A transcript is looked at in between, and goes on. */
static void test_peek(void **state)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t out[WT_DIGEST_MOST];
        struct wt_hash *h = wt_hash_new(*state, known[i].hash);
        assert_non_null(h);
        for (int round = 0; round < 2; round++) {
            same(out, wt_hash_peek(h, out), known[i].empty);
            wt_hash_add(h, wt_span_text("ab"));
            assert_true(wt_hash_peek(h, out) != 0);
            wt_hash_add(h, (struct wt_span){0});
            wt_hash_add(h, wt_span_text("c"));
            same(out, wt_hash_peek(h, out), known[i].abc);
            same(out, wt_hash_peek(h, out), known[i].abc);
            same(out, wt_hash_end(h, out), known[i].abc);
        }
        wt_hash_free(h);
    }
}

static void test_missing(void **state)
{
    uint8_t out[WT_DIGEST_MOST];
    assert_null(wt_hash_new(*state, WT_HASH_NONE));
    assert_null(wt_hash_new(*state, WT_HASH_GOST));
    assert_null(wt_hash_new(*state, WT_HASH_COUNT));
    assert_int_equal(wt_digest(*state, WT_HASH_NONE, wt_span_text("abc"), out), 0);
    wt_hash_free(NULL);
    wt_crypto_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_peek),
        cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
