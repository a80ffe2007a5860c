/* What was changed, moved, cut or made wrong does not open, is told apart, and leaves the records behind it readable.
 */
#include "records.h"

#include <zlib.h>

static uint8_t text[ROOM], record[3][ROOM], damaged[ROOM], out[ROOM];

/* One suite for each format and each way of it. */
static const struct kind {
    uint16_t suite, version;
    bool encrypt_then_mac, truncated_hmac;
} kinds[] = {
    {0x0001, WT_SSL3, 0, 0},  {0x0004, WT_SSL3, 0, 0},  {0x0005, WT_SSL3, 0, 0},  {0x000a, WT_SSL3, 0, 0},
    {0x002f, WT_TLS10, 0, 0}, {0x002f, WT_TLS10, 1, 0}, {0x002f, WT_TLS10, 0, 1}, {0x0005, WT_TLS10, 0, 0},
    {0x000a, WT_TLS11, 0, 0}, {0x000a, WT_TLS11, 1, 1}, {0x0002, WT_TLS12, 0, 0}, {0x003b, WT_TLS12, 0, 1},
    {0xc028, WT_TLS12, 0, 0}, {0xc028, WT_TLS12, 1, 0}, {0x009c, WT_TLS12, 0, 0}, {0xc09c, WT_TLS12, 0, 0},
    {0xc0a0, WT_TLS12, 0, 0}, {0xcca8, WT_TLS12, 0, 0}, {0xcc13, WT_TLS12, 0, 0}, {0xe013, WT_TLCP, 0, 0},
    {0x1301, WT_TLS13, 0, 0}, {0x1303, WT_TLS13, 0, 0}, {0x1305, WT_TLS13, 0, 0}, {0xc0b4, WT_TLS13, 0, 0},
    {0x1301, 0x7f12, 0, 0},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static struct wt_protection how_of(const struct kind *kind)
{
    struct wt_protection how = protection_of(wt_suite_find(kind->suite), kind->version);
    how.encrypt_then_mac = kind->encrypt_then_mac;
    how.truncated_hmac = kind->truncated_hmac;
    return how;
}

static bool bare(const struct kind *kind)
{
    return kind->version == 0x7f12;
}

static bool is_cbc(const struct kind *kind)
{
    return wt_cipher_of(wt_suite_find(kind->suite)->cipher)->mode == WT_MODE_CBC;
}

static bool is_stream(const struct kind *kind)
{
    return wt_cipher_of(wt_suite_find(kind->suite)->cipher)->mode == WT_MODE_STREAM;
}

static size_t seal(struct wt_record_protector *p, size_t n, uint8_t *to)
{
    make_noise(text, n);
    return wt_record_protector_seal(p, WT_CONTENT_APPLICATION_DATA, WT_TLS12, wt_span_of(text, n), 0, NULL, to, NULL);
}

/* Bits that no MAC and no tag covers: SSL 3.0's version, its padding but for the length, the header of old drafts. The
 * length field is in the MAC by way of the fragment's own length. */
static bool uncovered(const struct kind *kind, size_t bit, size_t whole)
{
    size_t byte = bit / 8;
    if (byte == 3 || byte == 4)
        return true;
    if (bare(kind) && byte < 3)
        return true;
    if (kind->version == WT_SSL3 && (byte == 1 || byte == 2))
        return true;
    return kind->version == WT_SSL3 && is_cbc(kind) && byte >= whole - 16;
}

static void no_flipped_bit_opens(void **state)
{
    (void)state;
    unsigned flips = 0;
    for (size_t k = 0; k < KINDS; k++) {
        const struct wt_protection how = how_of(&kinds[k]);
        struct pair p = pair_of(&how);
        size_t n = seal(p.seal, 41, record[0]);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            struct wt_opened opened;
            struct wt_record_protector *fresh = wt_record_protector_new(crypto, &how, false, NULL);
            assert_non_null(fresh);
            memcpy(damaged, record[0], n);
            damaged[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (!uncovered(&kinds[k], bit, n)) {
                if (open_whole(fresh, damaged, n, NULL, &opened) == WT_OPENED)
                    fail_msg("%s, %s: opens with bit %zu of byte %zu flipped", how.suite->name,
                             wt_version_name(how.version), bit % 8, bit / 8);
                assert_null(opened.text.p);
                flips++;
            }
            wt_record_protector_free(fresh);
        }
        free_pair(p);
    }
    print_message("%u flipped bits are noticed\n", flips);
}

static void no_other_length_opens(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        const struct wt_protection how = how_of(&kinds[k]);
        struct pair p = pair_of(&how);
        size_t n = seal(p.seal, 41, record[0]);
        make_noise(record[0] + n, 64);
        for (size_t cut = 5; cut < n + 64; cut++) {
            struct wt_opened opened;
            struct wt_record_protector *fresh = wt_record_protector_new(crypto, &how, false, NULL);
            assert_non_null(fresh);
            memcpy(damaged, record[0], cut);
            enum wt_opening result = open_whole(fresh, damaged, cut, cut % 2 ? out : NULL, &opened);
            assert_int_equal(result == WT_OPENED, cut == n);
            if (cut - 5 < wt_record_protector_overhead(fresh) && !(cut - 5 + 1 == wt_record_protector_overhead(fresh)))
                assert_int_equal(result, WT_OPEN_TOO_SHORT);
            wt_record_protector_free(fresh);
        }
        free_pair(p);
    }
}

/* RFC 5246, 6.2.3: "The MAC of the record also includes a sequence number so that missing, extra, or repeated messages
 * are detectable." */
static void no_other_place_opens(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        const struct wt_protection how = how_of(&kinds[k]);
        struct pair p = pair_of(&how);
        struct wt_opened opened;
        size_t n[3];
        for (int i = 0; i < 3; i++)
            n[i] = seal(p.seal, 41, record[i]);
        /* the second before the first: neither opens */
        assert_int_not_equal(open_whole(p.open, record[1], n[1], out, &opened), WT_OPENED);
        assert_int_not_equal(open_whole(p.open, record[0], n[0], out, &opened), WT_OPENED);
        assert_int_equal(wt_record_protector_sequence(p.open), 2);
        /* A record twice. CBC without its own IV and streams have lost their place by now. */
        if (!is_stream(&kinds[k]) &&
            !(is_cbc(&kinds[k]) && kinds[k].version <= WT_TLS10 && kinds[k].version >= WT_SSL3)) {
            assert_int_equal(open_whole(p.open, record[2], n[2], out, &opened), WT_OPENED);
            assert_int_not_equal(open_whole(p.open, record[2], n[2], out, &opened), WT_OPENED);
        }
        free_pair(p);
    }
}

/* An observer does not end at bad_record_mac: what follows must open, whatever the format hangs on. */
static void damage_stays_in_its_record(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        const struct wt_protection how = how_of(&kinds[k]);
        struct pair p = pair_of(&how);
        struct wt_opened opened;
        size_t first = seal(p.seal, 100, record[0]), n;
        record[0][5 + 40] ^= 0x10;
        assert_int_not_equal(open_whole(p.open, record[0], first, k % 2 ? out : NULL, &opened), WT_OPENED);
        n = seal(p.seal, 77, record[1]);
        assert_int_equal(open_whole(p.open, record[1], n, k % 2 ? NULL : out, &opened), WT_OPENED);
        assert_true(wt_span_equal(opened.text, wt_span_of(text, 77)));
        free_pair(p);
    }
}

/* A trial that fails changes nothing, not even the record it was made on. */
static void a_trial_leaves_no_trace(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        if (is_stream(&kinds[k]))
            continue;
        const struct wt_protection how = how_of(&kinds[k]);
        struct pair p = pair_of(&how);
        struct wt_opened opened;
        size_t n = seal(p.seal, 200, record[0]);
        memcpy(damaged, record[0], n);
        damaged[5 + 60] ^= 1;
        memcpy(out, damaged, n);
        for (int i = 0; i < 2; i++) {
            assert_int_not_equal(wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(damaged + 5, n - 5),
                                                          i ? damaged + 5 : out, true, &opened, NULL),
                                 WT_OPENED);
            assert_int_equal(wt_record_protector_sequence(p.open), 0);
        }
        damaged[5 + 60] ^= 1;
        assert_memory_equal(damaged, record[0], n);
        assert_int_equal(wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(damaged + 5, n - 5), damaged + 5,
                                                  true, &opened, NULL),
                         WT_OPENED);
        assert_true(wt_span_equal(opened.text, wt_span_of(text, 200)));
        assert_int_equal(wt_record_protector_sequence(p.open), 1);
        free_pair(p);
    }
}

/* Seals blocks as they are: content, MAC and padding are the caller's. */
static enum wt_opening open_blocks(uint16_t version, const uint8_t *plain, size_t n)
{
    struct wt_opened opened;
    const struct wt_protection how = protection_of(wt_suite_find(0x002f), version);
    struct wt_cipher_context *c = wt_cipher_new(crypto, WT_CIPHER_AES_128_CBC, how.key, true);
    struct wt_record_protector *p = wt_record_protector_new(crypto, &how, false, NULL);
    size_t before = version >= WT_TLS11 ? 16 : 0;
    memcpy(damaged, how.iv.p, 16);
    assert_true(wt_cipher_cbc(c, how.iv.p, wt_span_of(plain, n), damaged + before));
    enum wt_opening result =
        wt_record_protector_open(p, 23, version, wt_span_of(damaged, before + n), out, false, &opened, NULL);
    wt_record_protector_free(p);
    wt_cipher_free(c);
    return result;
}

/* RFC 5246, 6.2.3.2: "Each uint8 in the padding data vector MUST be filled with the padding length value. The receiver
 * MUST check this padding" */
static void padding_is_checked(void **state)
{
    (void)state;
    uint8_t plain[64];
    for (unsigned v = WT_SSL3; v <= WT_TLS12; v++) {
        uint16_t version = (uint16_t)v;
        make_noise(plain, sizeof plain);
        memset(plain + 48, 15, 16);
        assert_int_equal(open_blocks(version, plain, 64), WT_OPEN_BAD_MAC);
        plain[50] = 14;
        assert_int_equal(open_blocks(version, plain, 64), version == WT_SSL3 ? WT_OPEN_BAD_MAC : WT_OPEN_BAD_PADDING);
        memset(plain, 63, 64); /* no room for a MAC before it */
        assert_int_equal(open_blocks(version, plain, 64), WT_OPEN_BAD_PADDING);
        /* RFC 6101, 5.2.3.2: "The length of the padding must be less than the cipher's block length" */
        memset(plain, 16, 64);
        assert_int_equal(open_blocks(version, plain, 64), version == WT_SSL3 ? WT_OPEN_BAD_PADDING : WT_OPEN_BAD_MAC);
        assert_int_equal(open_blocks(version, plain, 16), WT_OPEN_TOO_SHORT);
    }
    struct pair p = pair_of_suite(0x002f, WT_TLS12);
    struct wt_opened opened;
    assert_int_equal(wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(plain, 60), out, false, &opened, NULL),
                     WT_OPEN_NOT_BLOCKS);
    free_pair(p);
}

/* RFC 8446, 5.4: nothing but zeros is no message; 5.2: no more than 2^14 bytes. */
static void the_inside_is_checked(void **state)
{
    (void)state;
    static const uint8_t zeros[32];
    const struct wt_protection how = protection_of(wt_suite_find(0x1301), WT_TLS13);
    struct wt_cipher_context *c = wt_cipher_new(crypto, WT_CIPHER_AES_128_GCM, how.key, true);
    struct wt_record_protector *p = wt_record_protector_new(crypto, &how, false, NULL);
    struct wt_opened opened;
    static const size_t lengths[] = {0, 32, 16385, 16386};
    for (uint64_t i = 0; i < 4; i++) {
        uint8_t nonce[12], header[5] = {23, 3, 3, (uint8_t)((lengths[i] + 16) >> 8), (uint8_t)(lengths[i] + 16)};
        memcpy(nonce, how.iv.p, 12);
        nonce[11] ^= (uint8_t)i;
        memset(text, 'x', ROOM / 2);
        assert_true(
            wt_cipher_seal(c, nonce, wt_span_of(header, 5), wt_span_of(i < 2 ? zeros : text, lengths[i]), record[0]));
        enum wt_opening result = wt_record_protector_open(p, 23, WT_TLS12, wt_span_of(record[0], lengths[i] + 16), out,
                                                          false, &opened, NULL);
        assert_int_equal(result, i < 2 ? WT_OPEN_NO_TYPE : i == 2 ? WT_OPENED : WT_OPEN_TOO_LONG);
        if (i >= 2) /* authentic, and told all the same */
            assert_int_equal(opened.text.n, lengths[i] - 1);
    }
    wt_cipher_free(c);
    wt_record_protector_free(p);
}

static void a_smaller_fragment_may_be_agreed_on(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct wt_protection how = how_of(&kinds[k]);
        struct wt_opened opened;
        struct pair p = pair_of(&how);
        wt_record_protector_free(p.open);
        how.fragment = 512; /* RFC 6066, 4 */
        p.open = wt_record_protector_new(crypto, &how, false, NULL);
        size_t n = seal(p.seal, 512, record[0]);
        assert_int_equal(open_whole(p.open, record[0], n, NULL, &opened), WT_OPENED);
        n = seal(p.seal, 513, record[0]);
        assert_int_equal(open_whole(p.open, record[0], n, NULL, &opened), WT_OPEN_TOO_LONG);
        assert_int_equal(opened.text.n, 513);
        assert_int_equal(
            wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(record[0], 0x10000), out, false, &opened, NULL),
            WT_OPEN_TOO_LONG);
        free_pair(p);
    }
}

static void sealing_knows_its_bounds(void **state)
{
    (void)state;
    struct pair p = pair_of_suite(0x1301, WT_TLS13);
    assert_int_equal(wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_of(text, 16385), 0, NULL, out, NULL), 0);
    assert_int_equal(wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_of(text, 16384), 1, NULL, out, NULL), 0);
    assert_int_equal(wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_of(text, 16384), 0, NULL, out, NULL),
                     16406);
    /* RFC 8446, 5.3: sequence numbers "should not wrap" */
    assert_true(wt_record_protector_set_sequence(p.seal, UINT64_MAX));
    assert_int_equal(wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_of(text, 1), 0, NULL, out, NULL), 0);
    free_pair(p);
    p = pair_of_suite(0x002f, WT_TLS12);
    assert_int_equal(wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_of(text, 1), 16, NULL, out, NULL), 0);
    free_pair(p);
    p = pair_of_suite(0x002f, WT_SSL3);
    assert_int_equal(wt_record_protector_seal(p.seal, 23, WT_SSL3, wt_span_of(text, 1), 1, NULL, out, NULL), 0);
    free_pair(p);
}

/* Without cipher and MAC, so that what is compressed can be made here. */
static struct wt_record_protector *inflating(void)
{
    struct wt_protection how = protection_of(wt_suite_find(0x0000), WT_TLS10);
    how.compression = 1;
    struct wt_record_protector *p = wt_record_protector_new(crypto, &how, false, NULL);
    assert_non_null(p);
    return p;
}

static enum wt_opening inflate_one(struct wt_record_protector *p, const uint8_t *packed, size_t n,
                                   struct wt_opened *opened)
{
    return wt_record_protector_open(p, 23, WT_TLS10, wt_span_of(packed, n), out, false, opened, NULL);
}

/* RFC 5246, 6.2.2: what "would decompress to a length in excess of 2^14 bytes" is a decompression_failure. */
static void compression_is_bounded(void **state)
{
    (void)state;
    struct wt_opened opened;
    static uint8_t zeros[4 * ROOM];
    for (int i = 0; i < 3; i++) {
        struct wt_record_protector *p = inflating();
        uLongf n = ROOM;
        assert_int_equal(compress2(damaged, &n, zeros, i ? (uLong)16384 + (i - 1) : sizeof zeros, 9), Z_OK);
        enum wt_opening result = inflate_one(p, damaged, n, &opened);
        /* The stream ends, but its record is whole. */
        assert_int_equal(result, i == 1 ? WT_OPENED : WT_OPEN_TOO_LONG);
        assert_int_equal(opened.text.n, i == 1 ? 16384 : 0);
        assert_int_equal(inflate_one(p, damaged, n, &opened), WT_OPEN_BAD_COMPRESSION);
        wt_record_protector_free(p);
    }
    struct wt_record_protector *p = inflating();
    make_noise(text, 300);
    assert_int_equal(inflate_one(p, text, 300, &opened), WT_OPEN_BAD_COMPRESSION);
    wt_record_protector_free(p);
}

/* A record that did not open is missing in the stream that runs through all of them: no wrong text may come out. */
static void compression_hangs_on_every_record(void **state)
{
    (void)state;
    struct wt_protection how = protection_of(wt_suite_find(0x009c), WT_TLS12);
    how.compression = 1;
    struct pair p = pair_of(&how);
    struct wt_opened opened;
    size_t n = seal(p.seal, 300, record[0]), m = seal(p.seal, 300, record[1]);
    record[0][n - 1] ^= 1;
    assert_int_equal(
        wt_record_protector_open(p.open, 23, WT_TLS12, wt_span_of(record[0] + 5, n - 5), out, true, &opened, NULL),
        WT_OPEN_BAD_MAC);
    record[0][n - 1] ^= 1;
    assert_int_equal(open_whole(p.open, record[0], n, out, &opened), WT_OPENED);
    record[1][m - 1] ^= 1;
    assert_int_equal(open_whole(p.open, record[1], m, out, &opened), WT_OPEN_BAD_MAC);
    m = seal(p.seal, 300, record[1]);
    assert_int_equal(open_whole(p.open, record[1], m, out, &opened), WT_OPEN_BAD_COMPRESSION);
    free_pair(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_flipped_bit_opens),
        cmocka_unit_test(no_other_length_opens),
        cmocka_unit_test(no_other_place_opens),
        cmocka_unit_test(damage_stays_in_its_record),
        cmocka_unit_test(a_trial_leaves_no_trace),
        cmocka_unit_test(padding_is_checked),
        cmocka_unit_test(the_inside_is_checked),
        cmocka_unit_test(a_smaller_fragment_may_be_agreed_on),
        cmocka_unit_test(sealing_knows_its_bounds),
        cmocka_unit_test(compression_is_bounded),
        cmocka_unit_test(compression_hangs_on_every_record),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
