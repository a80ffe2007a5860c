/* IDEA as such, whether or not libcrypto has it too: test_cipher.c takes whichever is there. */
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
        struct wt_idea seal, open;
        uint8_t out[WT_IDEA_BLOCK];
        assert_int_equal(key.n, WT_IDEA_KEY);
        wt_idea_start(&seal, key.bytes, true);
        wt_idea_start(&open, key.bytes, false);
        wt_idea_cbc(&seal, iv, span(&plain), out);
        if (known[i].sealed)
            same(out, sizeof out, known[i].sealed);
        wt_idea_cbc(&open, iv, wt_span_of(out, sizeof out), out);
        same(out, sizeof out, known[i].plain);
    }
}

/* Any key and any text, there and back in place, in one piece and block by block. */
static void test_there_and_back(void **state)
{
    (void)state;
    uint8_t key[WT_IDEA_KEY], iv[WT_IDEA_BLOCK] = {8, 7, 6, 5, 4, 3, 2, 1}, text[64], plain[64], one[64];
    unsigned random = 1;
    for (int round = 0; round < 500; round++) {
        for (size_t i = 0; i < sizeof key; i++)
            key[i] = (uint8_t)((random = random * 1103515245u + 12345u) >> 16);
        for (size_t i = 0; i < sizeof text; i++)
            plain[i] = text[i] = (uint8_t)((random = random * 1103515245u + 12345u) >> 16);
        struct wt_idea seal, open;
        wt_idea_start(&seal, key, true);
        wt_idea_start(&open, key, false);
        wt_idea_cbc(&seal, iv, wt_span_of(text, sizeof text), text);
        for (size_t at = 0; at < sizeof text; at += WT_IDEA_BLOCK)
            wt_idea_cbc(&seal, at ? one + at - WT_IDEA_BLOCK : iv, wt_span_of(plain + at, WT_IDEA_BLOCK), one + at);
        assert_memory_equal(one, text, sizeof text);
        wt_idea_cbc(&open, iv, wt_span_of(text, sizeof text), text);
        assert_memory_equal(text, plain, sizeof text);
    }
    wt_idea_cbc(&(struct wt_idea){0}, iv, (struct wt_span){0}, text);
    assert_memory_equal(text, plain, sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
