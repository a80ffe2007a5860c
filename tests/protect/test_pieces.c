/* Records that are opened in the pieces in which they come: whatever the pieces, the same comes out as of the whole. */
#include "records.h"

enum { TEXT = 16384 };

static const struct kind {
    uint16_t suite, version;
    bool in_pieces;
} kinds[] = {
    {0x1301, WT_TLS13, true},  /* AES_128_GCM */
    {0x1302, WT_TLS13, true},  /* AES_256_GCM */
    {0x1303, WT_TLS13, true},  /* CHACHA20_POLY1305 */
    {0x1304, WT_TLS13, false}, /* AES_128_CCM: the length comes first */
    {0xc02f, WT_TLS12, true},  /* ECDHE_RSA_WITH_AES_128_GCM: an explicit nonce */
    {0xcca8, WT_TLS12, true},  /* ECDHE_RSA_WITH_CHACHA20_POLY1305 */
    {0xc0ac, WT_TLS12, false}, /* ECDHE_ECDSA_WITH_AES_128_CCM */
    {0xc013, WT_TLS12, false}, /* ECDHE_RSA_WITH_AES_128_CBC_SHA */
    {0x0005, WT_TLS12, false}, /* RSA_WITH_RC4_128_SHA */
};

static size_t seal(struct pair pair, const struct kind *kind, size_t n, uint8_t *text, uint8_t *record)
{
    make_noise(text, n);
    const size_t made = wt_record_protector_seal(pair.seal, WT_CONTENT_APPLICATION_DATA,
                                                 kind->version == WT_TLS13 ? WT_TLS12 : kind->version,
                                                 wt_span_of(text, n), 0, NULL, record, NULL);
    assert_true(made > WT_RECORD_HEADER);
    return made - WT_RECORD_HEADER;
}

static bool begin(struct wt_record_protector *p, const uint8_t *record, size_t n, size_t first)
{
    return wt_record_protector_open_begin(p, record[0], wt_get16(record + 1), n,
                                          wt_span_of(record + WT_RECORD_HEADER, first));
}

/* In pieces of at most so many bytes, after the first. */
static enum wt_opening open_in_pieces(struct wt_record_protector *p, const uint8_t *record, size_t n, size_t first,
                                      size_t most, uint8_t *out, struct wt_opened *opened)
{
    assert_true(begin(p, record, n, first));
    for (size_t at = 0, k = first; at < n; at += k, k = 1 + noise() % most) {
        k = k < n - at ? k : n - at;
        wt_record_protector_open_more(p, wt_span_of(record + WT_RECORD_HEADER + at, k), out + at);
    }
    return wt_record_protector_open_end(p, record[0], wt_get16(record + 1), out, n, opened);
}

static void opens_the_same(void **state)
{
    static uint8_t text[ROOM], record[ROOM], out[ROOM];
    static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 1448, TEXT}, most[] = {1, 7, 16, 100, 1448, ROOM};
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct pair pair = pair_of_suite(kinds[k].suite, kinds[k].version);
        struct wt_opened opened;
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (size_t j = 0; j < sizeof most / sizeof *most; j++) {
                const size_t n = seal(pair, &kinds[k], sizes[i], text, record),
                             first = n < 8 ? n : 8 + noise() % (n - 7);
                if (!kinds[k].in_pieces) {
                    assert_false(begin(pair.open, record, n, first));
                    continue;
                }
                assert_int_equal(open_in_pieces(pair.open, record, n, first, most[j], out, &opened), WT_OPENED);
                assert_int_equal(opened.type, WT_CONTENT_APPLICATION_DATA);
                assert_int_equal(opened.text.n, sizes[i]);
                assert_memory_equal(opened.text.p, text, sizes[i]);
            }
        free_pair(pair);
    }
}

/* A record that was damaged, and one whose end does not come: the next one opens. One with a changed tag gives nothing.
 */
static void fails_alone(void **state)
{
    static uint8_t text[ROOM], record[ROOM], out[ROOM], zero[ROOM];
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (!kinds[k].in_pieces)
            continue;
        const struct pair pair = pair_of_suite(kinds[k].suite, kinds[k].version);
        struct wt_opened opened;
        for (unsigned damage = 0; damage < 3; damage++) {
            size_t n = seal(pair, &kinds[k], TEXT, text, record);
            record[WT_RECORD_HEADER + (damage == 0 ? 9 : damage == 1 ? 5000 : n - 1)] ^= 1;
            assert_int_equal(open_in_pieces(pair.open, record, n, 20, 1448, out, &opened), WT_OPEN_BAD_MAC);
            assert_memory_equal(out, zero, n);
            n = seal(pair, &kinds[k], 1000, text, record);
            assert_true(begin(pair.open, record, n, n));
            wt_record_protector_open_more(pair.open, wt_span_of(record + WT_RECORD_HEADER, 500), out);
            assert_int_equal(wt_record_protector_open(pair.open, record[0], wt_get16(record + 1),
                                                      wt_span_of(record + WT_RECORD_HEADER, n), out, false, &opened,
                                                      NULL),
                             WT_OPENED);
            assert_memory_equal(opened.text.p, text, 1000);
        }
        free_pair(pair);
    }
}

/* Too short for a tag, or for the nonce that it begins with; a first piece without all of the nonce: opened whole, or
 * not. */
static void refuses_what_is_too_short(void **state)
{
    static const uint8_t record[64] = {23, 3, 3};
    (void)state;
    const struct pair pair = pair_of_suite(0xc02f, WT_TLS12);
    assert_false(begin(pair.open, record, 15, 15));
    assert_false(begin(pair.open, record, 23, 23));
    assert_false(begin(pair.open, record, 40, 7));
    assert_true(begin(pair.open, record, 40, 8));
    free_pair(pair);
}

/* Wherever the text lies, the same record is made: elsewhere, in its place, or across it. */
static void seals_the_same(void **state)
{
    static uint8_t text[ROOM], apart[ROOM], room[ROOM];
    static const size_t sizes[] = {0, 1, 16, 1448, TEXT - 37, TEXT}, places[] = {WT_RECORD_HEADER, 0, 3, 14, 600};
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct pair pair = pair_of_suite(kinds[k].suite, kinds[k].version);
        for (size_t i = 0; kinds[k].version == WT_TLS13 && i < sizeof sizes / sizeof *sizes; i++)
            for (unsigned padding = 0; padding + sizes[i] <= TEXT && padding < 38; padding += 37) {
                struct wt_opened opened;
                make_noise(text, sizes[i]);
                assert_true(wt_record_protector_set_sequence(pair.seal, i));
                const size_t n = wt_record_protector_seal(pair.seal, WT_CONTENT_HANDSHAKE, WT_TLS12,
                                                          wt_span_of(text, sizes[i]), padding, NULL, apart, NULL);
                for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
                    memcpy(room + places[j], text, sizes[i]);
                    assert_true(wt_record_protector_set_sequence(pair.seal, i));
                    assert_int_equal(wt_record_protector_seal(pair.seal, WT_CONTENT_HANDSHAKE, WT_TLS12,
                                                              wt_span_of(room + places[j], sizes[i]), padding, NULL,
                                                              room, NULL),
                                     n);
                    assert_memory_equal(room, apart, n);
                }
                assert_true(wt_record_protector_set_sequence(pair.open, i));
                assert_int_equal(wt_record_protector_open(pair.open, room[0], WT_TLS12,
                                                          wt_span_of(room + WT_RECORD_HEADER, n - WT_RECORD_HEADER),
                                                          room + WT_RECORD_HEADER, false, &opened, NULL),
                                 WT_OPENED);
                assert_int_equal(opened.type, WT_CONTENT_HANDSHAKE);
                assert_int_equal(opened.padding, padding);
                assert_int_equal(opened.text.n, sizes[i]);
                assert_memory_equal(opened.text.p, text, sizes[i]);
            }
        free_pair(pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_the_same),
        cmocka_unit_test(opens_the_same),
        cmocka_unit_test(fails_alone),
        cmocka_unit_test(refuses_what_is_too_short),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
