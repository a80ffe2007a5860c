/* RFC 8879, 4: what the three algorithms' own libraries made comes back; damage, lies and bombs do not get through. */
#include "message_check.h"
#include "registry/limits.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

static const struct wt_codec_context tls13 = {.version = WT_TLS13};
static uint8_t plain[40000], packed[80000], room[40000];

static size_t pack(uint16_t algorithm, size_t n)
{
    uLongf zn = sizeof packed;
    size_t bn = sizeof packed;
    switch (algorithm) {
    case 1:
        assert_int_equal(compress2(packed, &zn, plain, n, 9), Z_OK);
        return zn;
    case 2:
        assert_true(BrotliEncoderCompress(9, 24, BROTLI_MODE_GENERIC, n, plain, &bn, packed));
        return bn;
    default:
        return ZSTD_compress(packed, sizeof packed, plain, n, 19);
    }
}

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * i >> 7);
    return 0;
}

static void test_message(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&tls13, WT_HANDSHAKE_COMPRESSED_CERTIFICATE, hex("0002 00012c 000003 a0a1a2"), SIZE_MAX, &b);
    assert_int_equal(b.compressed_certificate.algorithm, 2);
    assert_int_equal(b.compressed_certificate.uncompressed_length, 300);
    assert_span(b.compressed_certificate.compressed, "a0a1a2");
    /* "opaque compressed_certificate_message<1..2^24-1>;" */
    check_refused(&tls13, WT_HANDSHAKE_COMPRESSED_CERTIFICATE, "0002 00012c 000000", WT_LENGTH,
                  "compressed_certificate_message", 5);
}

static void test_inflate(void **state)
{
    (void)state;
    for (uint16_t algorithm = 1; algorithm <= 3; algorithm++) {
        size_t n = pack(algorithm, sizeof plain);
        struct wt_compressed_certificate in = {algorithm, sizeof plain, wt_span_of(packed, n)};
        memset(room, 0, sizeof room);
        assert_int_equal(wt_compressed_certificate_inflate(&in, room, sizeof room), WT_OK);
        assert_memory_equal(room, plain, sizeof plain);
        /* "If, after decompression, the specified length does not match the actual length, the party receiving the
         * invalid message MUST abort the connection with the "bad_certificate" alert." */
        in.uncompressed_length--;
        assert_int_equal(wt_compressed_certificate_inflate(&in, room, sizeof room - 1), WT_VALUE);
        assert_int_equal(wt_compressed_certificate_inflate(&in, room, sizeof room), WT_VALUE);
        in.uncompressed_length = 39000;
        size_t small = pack(algorithm, 38999);
        in.compressed.n = small;
        assert_int_equal(wt_compressed_certificate_inflate(&in, room, 39000), WT_VALUE);
    }
}

/* RFC 7932, 9.1: the largest window is 2^24 - 16 bytes; the limit on memory leaves room for it. */
static void test_largest_window(void **state)
{
    enum { WHOLE = 0xffffff };
    uint8_t *zeros = calloc(1, WHOLE), *out = malloc(WHOLE);
    size_t n = sizeof packed;
    (void)state;
    assert_non_null(zeros);
    assert_non_null(out);
    assert_true(BrotliEncoderCompress(0, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC, WHOLE, zeros, &n, packed));
    const struct wt_compressed_certificate in = {2, WHOLE, wt_span_of(packed, n)};
    assert_true(WT_LIMIT_INFLATE_MEMORY > WHOLE);
    assert_int_equal(wt_compressed_certificate_inflate(&in, out, WHOLE), WT_OK);
    free(zeros);
    free(out);
}

static void test_damage(void **state)
{
    (void)state;
    for (uint16_t algorithm = 1; algorithm <= 3; algorithm++) {
        size_t n = pack(algorithm, 2000);
        struct wt_compressed_certificate in = {algorithm, 2000, wt_span_of(packed, 0)};
        for (in.compressed.n = 0; in.compressed.n < n; in.compressed.n++)
            assert_int_equal(wt_compressed_certificate_inflate(&in, room, 2000), WT_VALUE);
        packed[n] = 0x55;
        in.compressed.n = n + 1;
        assert_int_equal(wt_compressed_certificate_inflate(&in, room, 2000), WT_VALUE);
    }
    struct wt_compressed_certificate unknown = {4, 2000, wt_span_of(packed, 10)};
    assert_int_equal(wt_compressed_certificate_inflate(&unknown, room, 2000), WT_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message),
        cmocka_unit_test_setup(test_inflate, fill),
        cmocka_unit_test(test_largest_window),
        cmocka_unit_test_setup(test_damage, fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
