/* DTLS 1.3's records: numbers that are enciphered and cut, there and back; short records. RFC 9147 prints no example:
 * the label of the key is held against libcrypto's TLS13-KDF, the mask is RFC 9001's (tests/crypto/test_mask.c). */
#include "codec/dtls.h"
#include "keys/schedule.h"
#include "protect/dtls13.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static struct wt_crypto *crypto;

/* HKDF-Expand-Label with a prefix of one's own, as libcrypto has it. */
static void reference(const char *label, const uint8_t *secret, size_t length, uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)"EXPAND_ONLY", 0),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(length == 48 ? "SHA384" : "SHA256"), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, (void *)"dtls13", 6),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (void *)label, strlen(label)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_DATA, (void *)"", 0),
        OSSL_PARAM_construct_end(),
    };
    assert_int_equal(EVP_KDF_derive(ctx, out, n, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* RFC 9147, 5.9: "For DTLS 1.3, that label SHALL be "dtls13"." 4.2.3: the label "sn". */
static void keys_have_their_labels(void **state)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303};
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        const struct wt_suite *suite = wt_suite_find(suites[i]);
        const size_t n = wt_cipher_of(suite->cipher)->key;
        uint8_t secret[48], ours[32], theirs[32], iv[12];
        struct wt_schedule s;
        memset(secret, 0x37, sizeof secret);
        assert_true(wt_schedule_start(&s, crypto, (enum wt_hash_id)suite->prf, WT_DTLS13, NULL));
        assert_true(wt_record_number_key(&s, wt_span_of(secret, s.length), n, ours));
        reference("sn", secret, s.length, theirs, n);
        assert_memory_equal(ours, theirs, n);
        assert_true(wt_traffic_key(&s, wt_span_of(secret, s.length), n, ours, iv));
        reference("key", secret, s.length, theirs, n);
        assert_memory_equal(ours, theirs, n);
        reference("iv", secret, s.length, theirs, sizeof iv);
        assert_memory_equal(iv, theirs, sizeof iv);
    }
}

struct epoch {
    struct wt_mask *mask;
    struct wt_protector *seal, *open;
};

static struct epoch epoch_of(uint16_t id)
{
    const struct wt_suite *suite = wt_suite_find(id);
    const size_t n = wt_cipher_of(suite->cipher)->key;
    uint8_t secret[48], key[32], iv[12], sn[32];
    struct wt_schedule s;
    memset(secret, 0x73, sizeof secret);
    assert_true(wt_schedule_start(&s, crypto, (enum wt_hash_id)suite->prf, WT_DTLS13, NULL));
    assert_true(wt_traffic_key(&s, wt_span_of(secret, s.length), n, key, iv));
    assert_true(wt_record_number_key(&s, wt_span_of(secret, s.length), n, sn));
    const struct wt_protection how = {
        .suite = suite, .version = WT_DTLS13, .key = wt_span_of(key, n), .iv = wt_span_of(iv, sizeof iv)};
    const struct epoch epoch = {
        .mask = wt_mask_new(crypto, (enum wt_cipher_id)suite->cipher, wt_span_of(sn, n)),
        .seal = wt_protector_new(crypto, &how, true, NULL),
        .open = wt_protector_new(crypto, &how, false, NULL),
    };
    assert_true(epoch.mask && epoch.seal && epoch.open);
    return epoch;
}

static void end_epoch(struct epoch *epoch)
{
    wt_mask_free(epoch->mask);
    wt_protector_free(epoch->seal);
    wt_protector_free(epoch->open);
}

/* A whole record into `out`, its number enciphered. */
static size_t seal(struct epoch *epoch, uint8_t first, uint64_t sequence, struct wt_span text, uint8_t *out)
{
    const struct wt_dtls_record record = {.unified = true, .first = first, .sequence = sequence};
    struct wt_writer w = wt_writer_start(out, 64);
    struct wt_span header;
    wt_dtls_record_write(&w, &record, text.n + 1 + wt_protector_overhead(epoch->seal) - 1);
    assert_int_equal(wt_writer_done(&w, &header), WT_OK);
    const struct wt_protect_header known = {header, sequence};
    const size_t n =
        wt_protector_seal(epoch->seal, &known, WT_CONTENT_APPLICATION_DATA, text, 0, NULL, out + header.n, NULL);
    assert_int_not_equal(n, WT_SEAL_FAILED);
    assert_true(
        wt_dtls13_mask(epoch->mask, wt_span_of(out + header.n, n), out + 1, first & WT_DTLS13_SEQUENCE16 ? 2 : 1));
    return header.n + n;
}

static enum wt_opening open_record(struct epoch *epoch, uint8_t *bytes, size_t n, uint64_t expected, uint64_t *sequence,
                                   struct wt_opened *opened, uint8_t *out)
{
    struct wt_dtls_record record;
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, wt_span_of(bytes, n), NULL);
    assert_true(wt_dtls_record_read(&r, 0, &record));
    assert_true(wt_dtls13_mask(epoch->mask, record.fragment, bytes + record.sequence_at, record.sequence_length));
    uint32_t low = 0;
    for (unsigned i = 0; i < record.sequence_length; i++)
        low = low << 8 | bytes[record.sequence_at + i];
    *sequence = wt_dtls13_sequence(expected, low, record.sequence_length);
    const struct wt_protect_header known = {wt_span_of(bytes, (size_t)(record.fragment.p - bytes)), *sequence};
    return wt_protector_open(epoch->open, &known, record.fragment, out, false, opened, NULL);
}

static void records_there_and_back(void **state)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    static const uint8_t firsts[] = {0x2e, 0x2a, 0x26, 0x22};
    static const uint64_t sequences[] = {0, 1, 0xff, 0x100, 0xffff, 0x10000, 0x123456789a};
    static const struct wt_span text = {(const uint8_t *)"a text of some length", 21};
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        struct epoch epoch = epoch_of(suites[i]);
        for (size_t f = 0; f < sizeof firsts; f++)
            for (size_t k = 0; k < sizeof sequences / sizeof sequences[0]; k++) {
                uint8_t bytes[128], out[128];
                struct wt_opened opened;
                uint64_t found;
                const size_t n = seal(&epoch, firsts[f], sequences[k], text, bytes);
                assert_int_equal(open_record(&epoch, bytes, n, sequences[k], &found, &opened, out), WT_OPENED);
                assert_true(found == sequences[k]);
                assert_int_equal(opened.type, WT_CONTENT_APPLICATION_DATA);
                assert_true(wt_span_equal(opened.text, text));
            }
        end_epoch(&epoch);
    }
}

/* RFC 9147, 4.2.3: "Receivers MUST reject shorter records as if they had failed deprotection". */
static void short_records_are_refused(void **state)
{
    struct epoch epoch = epoch_of(0x1305); /* a tag of eight bytes */
    uint8_t fragment[16] = {0}, sequence[2] = {1, 2};
    (void)state;
    for (size_t n = 0; n < 16; n++)
        assert_false(wt_dtls13_mask(epoch.mask, wt_span_of(fragment, n), sequence, 2));
    assert_int_equal(sequence[0] << 8 | sequence[1], 0x0102);
    assert_true(wt_dtls13_mask(epoch.mask, wt_span_of(fragment, 16), sequence, 2));
    end_epoch(&epoch);
}

static int open_library(void **state)
{
    (void)state;
    crypto = wt_crypto_new();
    return crypto ? 0 : -1;
}

static int close_library(void **state)
{
    (void)state;
    wt_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_their_labels),
        cmocka_unit_test(records_there_and_back),
        cmocka_unit_test(short_records_are_refused),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
