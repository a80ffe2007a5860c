#include "make.h"

#include "registry/limits.h"

#include <lz4frame.h>
#include <stdio.h>
#include <zlib.h>
#include <zstd.h>

static const char *const formats[] = {"gzip", "zstd", "lz4"};

/* One member or frame of the format. */
static void pack(struct wt_buffer *out, const char *format, struct wt_span s)
{
    size_t room = s.n + s.n / 100 + 4096, n;
    uint8_t *to = wt_buffer_room(out, room);
    assert_non_null(to);
    if (strcmp(format, "gzip") == 0) {
        z_stream z = {
            .next_in = (Bytef *)(uintptr_t)s.p, .avail_in = (uInt)s.n, .next_out = to, .avail_out = (uInt)room};
        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        n = z.total_out;
        (void)deflateEnd(&z);
    } else if (strcmp(format, "zstd") == 0) {
        ZSTD_CCtx *z = ZSTD_createCCtx();
        (void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
        n = ZSTD_compress2(z, to, room, s.p, s.n);
        assert_false(ZSTD_isError(n));
        (void)ZSTD_freeCCtx(z);
    } else {
        LZ4F_preferences_t p = {.frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
        n = LZ4F_compressFrame(to, room, s.p, s.n, &p);
        assert_false(LZ4F_isError(n));
    }
    out->n += n;
}

static unsigned read_all(struct wt_capture *c)
{
    struct wt_packet p;
    unsigned i = 0;
    while (wt_capture_next(c, &p)) {
        for (uint32_t k = 0; k < p.length; k++)
            if (p.data[k] != (i & 0xff))
                fail_msg("packet %u has a foreign byte at %u", i, k);
        i++;
    }
    return i;
}

/* Whole, in one member and in several. */
static void test_whole(void **state)
{
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        struct make m = {0};
        make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
        make_pcap_run(&m, 2000, 1);
        for (size_t parts = 1; parts <= 7; parts += 3) {
            struct wt_error error = {0};
            struct wt_buffer packed = {0};
            struct wt_capture *c;
            for (size_t i = 0; i < parts; i++)
                pack(&packed, formats[f],
                     wt_span_cut(make_span(&m), m.b.n / parts * i, i + 1 < parts ? m.b.n / parts : m.b.n));
            if (f == 0) /* gzip(1) passes over padding, too */
                assert_true(wt_buffer_add(&packed, "\0\0\0\0\0\0\0\0", 8));
            c = wt_capture_open_memory(wt_buffer_span(&packed), &error);
            assert_non_null(c);
            assert_string_equal(wt_capture_format(c), "pcap");
            assert_string_equal(wt_capture_compression(c), formats[f]);
            assert_int_equal(wt_capture_size(c), packed.n);
            assert_int_equal(read_all(c), 2000);
            assert_int_equal(wt_capture_error(c)->code, WT_OK);
            assert_true(wt_capture_position(c) <= packed.n && wt_capture_position(c) + 8 >= packed.n);
            wt_capture_close(c);
            wt_buffer_free(&packed);
        }
        wt_buffer_free(&m.b);
    }
}

/* Cut at every byte: never a foreign byte, and never silent. */
static void test_truncation(void **state)
{
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        struct make m = {0};
        struct wt_buffer packed = {0};
        make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
        make_pcap_run(&m, 40, 1);
        pack(&packed, formats[f], make_span(&m));
        for (size_t n = 0; n < packed.n; n++) {
            uint8_t *copy = malloc(n + 1);
            struct wt_error error = {0};
            struct wt_capture *c;
            memcpy(copy, packed.p, n);
            c = wt_capture_open_memory(wt_span_of(copy, n), &error);
            if (c) {
                assert_true(read_all(c) <= 40);
                assert_int_equal(wt_capture_error(c)->code, WT_TRUNCATED);
                assert_string_equal(wt_capture_error(c)->field, formats[f]);
                assert_true(wt_capture_error(c)->value < wt_capture_error(c)->bound);
            } else {
                assert_int_not_equal(error.code, WT_OK);
            }
            wt_capture_close(c);
            free(copy);
        }
        wt_buffer_free(&packed);
        wt_buffer_free(&m.b);
    }
}

/* One byte changed: read without harm, and whatever the checksum covers is noticed. */
static void test_damage(void **state)
{
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        struct make m = {0};
        struct wt_buffer packed = {0};
        unsigned noticed = 0;
        make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
        make_pcap_run(&m, 10, 1);
        pack(&packed, formats[f], make_span(&m));
        for (size_t n = 0; n < packed.n; n++) {
            struct wt_error error = {0};
            struct wt_packet p;
            struct wt_capture *c;
            packed.p[n] ^= 0x55;
            c = wt_capture_open_memory(wt_buffer_span(&packed), &error);
            while (c && wt_capture_next(c, &p))
                ;
            noticed += !c || wt_capture_error(c)->code != WT_OK;
            wt_capture_close(c);
            packed.p[n] ^= 0x55;
        }
        assert_true(noticed > packed.n * 9 / 10);
        wt_buffer_free(&packed);
        wt_buffer_free(&m.b);
    }
}

/* RFC 8878, 3.1.1: a frame that asks for a window of 2^log bytes, with one block as it is. */
static void test_zstd_window(void **state)
{
    (void)state;
    for (unsigned log = WT_LIMIT_ZSTD_WINDOW_LOG - 1; log <= WT_LIMIT_ZSTD_WINDOW_LOG + 1; log++) {
        struct make m = {0};
        struct wt_error error = {0};
        struct wt_buffer frame = {0};
        make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
        make_pcap_run(&m, 3, 1);
        const uint32_t block = 1 | (uint32_t)m.b.n << 3;
        const uint8_t head[] = {0x28,
                                0xb5,
                                0x2f,
                                0xfd,
                                0,
                                (uint8_t)((log - 10) << 3),
                                (uint8_t)block,
                                (uint8_t)(block >> 8),
                                (uint8_t)(block >> 16)};
        wt_buffer_add(&frame, head, sizeof head);
        wt_buffer_add(&frame, m.b.p, m.b.n);
        struct wt_capture *c = wt_capture_open_memory(wt_buffer_span(&frame), &error);
        assert_int_equal(c ? read_all(c) : 0, log <= WT_LIMIT_ZSTD_WINDOW_LOG ? 3 : 0);
        assert_int_equal(error.code == WT_OK && (!c || wt_capture_error(c)->code == WT_OK),
                         log <= WT_LIMIT_ZSTD_WINDOW_LOG);
        wt_capture_close(c);
        wt_buffer_free(&frame);
        wt_buffer_free(&m.b);
    }
}

static void test_nothing_inside(void **state)
{
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        struct wt_buffer packed = {0};
        struct wt_error error = {0};
        pack(&packed, formats[f], wt_span_text("no capture, though it is packed like one"));
        assert_null(wt_capture_open_memory(wt_buffer_span(&packed), &error));
        assert_int_equal(error.code, WT_FORMAT);
        wt_buffer_free(&packed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),          cmocka_unit_test(test_truncation),  cmocka_unit_test(test_damage),
        cmocka_unit_test(test_nothing_inside), cmocka_unit_test(test_zstd_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
