/* IDEA of libgcrypt, whether or not libcrypto has it too: test_cipher.c takes whichever is there. */
#include "crypto/idea.h"

#include "vector.h"

/* One block each with IV zero: the cipher itself. */
static const struct {
    const char *key, *plain, *sealed;
} known[] = {
    /* X. Lai, On the Design and Security of Block Ciphers, 1992: the example of its description */
    {"00010002000300040005000600070008", "0000000100020003", "11fbed2b01986de5"},
    /* As OpenSSL tests it (evpciph_idea.txt), likewise the next */
    {"00010002000300040005000600070008", "0102030405060708", "540e5fea18c2f8b1"},
    {"00010002000300040005000600070008", "0019324b647d96af", "9f0a0ab6e10ced78"},
    /* In the first round, zeros stand for 2^16 in all four multiplications */
    {"00000000000000000000000000000000", "0000000000000000", "0001000100000000"},
    {"ffffffffffffffffffffffffffffffff", "0000000000000000", NULL},
};

static void test_known(void **state)
{
    (void)state;
    static const uint8_t iv[WT_IDEA_BLOCK];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct vector key = hex(known[i].key), plain = hex(known[i].plain);
        uint8_t out[WT_IDEA_BLOCK];
        assert_int_equal(key.n, WT_IDEA_KEY);
        struct wt_idea *seal = wt_idea_new(key.bytes, true), *open = wt_idea_new(key.bytes, false);
        assert_true(seal && open);
        assert_true(wt_idea_cbc(seal, iv, span(&plain), out));
        if (known[i].sealed)
            same(out, sizeof out, known[i].sealed);
        assert_true(wt_idea_cbc(open, iv, wt_span_of(out, sizeof out), out));
        same(out, sizeof out, known[i].plain);
        wt_idea_free(seal);
        wt_idea_free(open);
    }
}

/* In one piece, in place or elsewhere, and block by block with the block before as IV; never part of a block. */
static void test_there_and_back(void **state)
{
    (void)state;
    uint8_t key[WT_IDEA_KEY], iv[WT_IDEA_BLOCK] = {8, 7, 6, 5, 4, 3, 2, 1}, text[64], plain[64], one[64];
    for (size_t i = 0; i < sizeof text; i++)
        plain[i] = text[i] = (uint8_t)(7 * i + 1);
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(11 * i + 3);
    struct wt_idea *seal = wt_idea_new(key, true), *open = wt_idea_new(key, false);
    assert_true(seal && open);
    assert_true(wt_idea_cbc(seal, iv, wt_span_of(text, sizeof text), text));
    for (size_t at = 0; at < sizeof text; at += WT_IDEA_BLOCK)
        assert_true(wt_idea_cbc(seal, at ? one + at - WT_IDEA_BLOCK : iv, wt_span_of(plain + at, WT_IDEA_BLOCK),
                                one + at));
    assert_memory_equal(one, text, sizeof text);
    assert_true(wt_idea_cbc(open, iv, wt_span_of(text, sizeof text), one));
    assert_memory_equal(one, plain, sizeof text);
    assert_true(wt_idea_cbc(seal, iv, (struct wt_span){0}, text));
    assert_false(wt_idea_cbc(seal, iv, wt_span_of(text, WT_IDEA_BLOCK + 1), text));
    wt_idea_free(seal);
    wt_idea_free(open);
    wt_idea_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
