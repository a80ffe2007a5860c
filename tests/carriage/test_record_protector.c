/* TLS counts its records and writes their headers itself. */
#include "carriage/record_protector.h"

#include "crypto/cipher.h"
#include "crypto/hash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct wt_crypto *crypto;

static int open_crypto(void **state)
{
    (void)state;
    crypto = wt_crypto_new();
    return crypto ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    wt_crypto_free(crypto);
    return 0;
}

struct pair {
    struct wt_record_protector *seal, *open;
};

static struct pair pair_of(uint16_t suite, uint16_t version, uint8_t compression)
{
    static const uint8_t keys[3][64] = {{1}, {2}, {3}};
    const struct wt_suite *s = wt_suite_find(suite);
    const struct wt_cipher *cipher = wt_cipher_of(s->cipher);
    const struct wt_protection how = {.suite = s,
                                      .version = version,
                                      .mac_key = {keys[0], wt_hash_info_of(s->mac)->length},
                                      .key = {keys[1], cipher->key},
                                      .iv = {keys[2], version == WT_TLS13 && cipher->mode != WT_MODE_OTHER ? 12u : cipher->iv},
                                      .compression = compression};
    struct pair p = {wt_record_protector_new(crypto, &how, true, NULL),
                     wt_record_protector_new(crypto, &how, false, NULL)};
    assert_non_null(p.seal);
    assert_non_null(p.open);
    return p;
}

static void free_pair(struct pair p)
{
    wt_record_protector_free(p.seal);
    wt_record_protector_free(p.open);
}

/* RFC 8446, 5.2: "opaque_type: The outer opaque_type field of a TLSCiphertext record is always set to the value 23
 * (application_data)"; the older versions' header has the type, and all of them the length of what follows. */
static void writes_the_header(void **state)
{
    (void)state;
    static const struct {
        uint16_t suite, version;
        uint8_t compression, outer;
    } rows[] = {
        {0x1301, WT_TLS13, 0, 23}, {0xc02f, WT_TLS12, 0, 22}, {0x002f, WT_TLS10, 0, 22}, {0x002f, WT_TLS12, 0, 22},
        {0x0005, WT_TLS12, 0, 22}, {0xc0b4, WT_TLS13, 0, 23}, {0x002f, WT_TLS11, 1, 22},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static uint8_t record[2048];
        struct wt_opened opened;
        struct pair p = pair_of(rows[i].suite, rows[i].version, rows[i].compression);
        for (int k = 0; k < 3; k++) {
            size_t n = wt_record_protector_seal(p.seal, 22, WT_TLS12, wt_span_text("a message, a message, a message"),
                                                0, NULL, record, NULL);
            assert_in_range(n, 6, 200);
            assert_int_equal(record[0], rows[i].outer);
            assert_int_equal(wt_get16(record + 1), WT_TLS12);
            assert_int_equal(wt_get16(record + 3), n - 5);
            assert_int_equal(wt_record_protector_open(p.open, record[0], WT_TLS12, wt_span_of(record + 5, n - 5),
                                                      record + 5, false, &opened, NULL),
                             WT_OPENED);
            assert_true(wt_span_equal(opened.text, wt_span_text("a message, a message, a message")));
            assert_int_equal(opened.type, 22);
        }
        assert_int_equal(wt_record_protector_sequence(p.seal), 3);
        free_pair(p);
    }
}

/* RFC 8446, 5.3: the number "is incremented by one after reading or writing each record": a failed opening counts too,
 * so that the next record opens, but a trial does not. */
static void counts_records(void **state)
{
    (void)state;
    uint8_t record[3][128], out[128];
    size_t n = 0;
    struct wt_opened opened;
    struct pair p = pair_of(0x1301, WT_TLS13, 0);
    for (int i = 0; i < 3; i++)
        n = wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_text("text"), 0, NULL, record[i], NULL);
    struct wt_span second = wt_span_of(record[1] + 5, n - 5);
    assert_int_equal(wt_record_protector_open(p.open, 23, WT_TLS12, second, out, true, &opened, NULL), WT_OPEN_BAD_MAC);
    assert_int_equal(wt_record_protector_sequence(p.open), 0);
    assert_int_equal(wt_record_protector_open(p.open, 23, WT_TLS12, second, out, false, &opened, NULL),
                     WT_OPEN_BAD_MAC);
    assert_int_equal(wt_record_protector_open(p.open, 23, WT_TLS12, second, out, false, &opened, NULL), WT_OPENED);
    assert_int_equal(wt_record_protector_sequence(p.open), 2);
    assert_true(wt_record_protector_set_sequence(p.open, 1));
    assert_int_equal(wt_record_protector_open(p.open, 23, WT_TLS12, second, out, false, &opened, NULL), WT_OPENED);
    /* RFC 8446, 5.3: "Because the size of sequence numbers is 64-bit, they should not wrap." */
    assert_true(wt_record_protector_set_sequence(p.seal, UINT64_MAX));
    assert_int_equal(wt_record_protector_seal(p.seal, 23, WT_TLS12, second, 0, NULL, out, NULL), 0);
    free_pair(p);
    p = pair_of(0x0005, WT_TLS12, 0); /* RC4's key stream cannot jump */
    assert_false(wt_record_protector_set_sequence(p.open, 1));
    free_pair(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_header),
        cmocka_unit_test(counts_records),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
