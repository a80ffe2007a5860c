/* The writer: what it writes a reader reads; what does not fit sticks. */
#include "base/reader.h"
#include "base/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint8_t room[256];

static struct wt_span done(const struct wt_writer *w)
{
    struct wt_span out;
    assert_int_equal(wt_writer_done(w, &out), WT_OK);
    return out;
}

static void expect_error(const struct wt_writer *w, enum wt_code code, uint64_t value, uint64_t bound)
{
    struct wt_span out = wt_span_of(room, 1);
    assert_int_equal(wt_writer_done(w, &out), code);
    assert_null(out.p);
    assert_int_equal(out.n, 0);
    assert_int_equal(w->error.value, value);
    assert_int_equal(w->error.bound, bound);
}

static void test_numbers(void **state)
{
    static const uint8_t want[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct wt_writer w = wt_writer_start(room, sizeof room);
    (void)state;
    wt_write_u8(&w, 1);
    wt_write_u16(&w, 0x0203);
    wt_write_u24(&w, 0x040506);
    wt_write_u32(&w, 0x0708090a);
    wt_write_number(&w, UINT64_MAX, 8);
    struct wt_span out = done(&w);
    assert_int_equal(out.n, sizeof want);
    assert_memory_equal(out.p, want, sizeof want);
}

static void test_too_wide(void **state)
{
    (void)state;
    for (unsigned width = 1; width < 8; width++) {
        struct wt_writer w = wt_writer_start(room, sizeof room);
        wt_write_number(&w, ((uint64_t)1 << 8 * width) - 1, width);
        assert_int_equal(done(&w).n, width);
        wt_write_number(&w, (uint64_t)1 << 8 * width, width);
        expect_error(&w, WT_VALUE, (uint64_t)1 << 8 * width, width);
    }
}

/* At any size of room: all of it or an error, never a byte beyond. */
static void test_overflow(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 20; cap++) {
        memset(room, 0xee, sizeof room);
        struct wt_writer w = wt_writer_start(room, cap);
        struct wt_span out;
        wt_write_u24(&w, 7);
        size_t mark = wt_write_open(&w, 2);
        wt_write_bytes(&w, wt_span_text("twelve bytes"));
        wt_write_close(&w, mark, 2, 0, 65535, "v");
        assert_int_equal(wt_writer_done(&w, &out), cap < 17 ? WT_NO_SPACE : WT_OK);
        assert_int_equal(room[cap], 0xee);
        assert_true(w.n <= cap);
        if (cap >= 17)
            assert_memory_equal(out.p, "\0\0\7\0\14twelve bytes", 17);
    }
}

/* The first error stays, whatever follows. */
static void test_sticky(void **state)
{
    struct wt_writer w = wt_writer_start(room, 4);
    (void)state;
    wt_write_u32(&w, 1);
    wt_write_u16(&w, 2);
    wt_write_bytes(&w, (struct wt_span){0});
    wt_write_number(&w, 256, 1);
    wt_write_opaque(&w, wt_span_text("x"), 1, 2, 3, "late");
    expect_error(&w, WT_NO_SPACE, 2, 0);
    assert_null(w.error.field);
}

/* "opaque v<2..5>" and its like, around both bounds. */
static void test_bounds(void **state)
{
    static const char text[] = "0123456789";
    (void)state;
    for (size_t n = 0; n < 10; n++) {
        struct wt_writer w = wt_writer_start(room, sizeof room);
        struct wt_span out;
        wt_write_opaque(&w, wt_span_of(text, n), 1, 2, 5, "v");
        if (n < 2 || n > 5) {
            expect_error(&w, WT_LENGTH, n, n < 2 ? 2 : 5);
            assert_string_equal(w.error.field, "v");
            continue;
        }
        assert_int_equal(wt_writer_done(&w, &out), WT_OK);
        assert_int_equal(out.n, n + 1);
        assert_int_equal(out.p[0], n);
    }
}

/* A bound wider than the prefix can say. */
static void test_prefix_too_narrow(void **state)
{
    static uint8_t large[70000], bytes[65536];
    (void)state;
    struct wt_writer w = wt_writer_start(large, sizeof large);
    wt_write_opaque(&w, wt_span_of(bytes, 255), 1, 0, SIZE_MAX, "v");
    assert_int_equal(done(&w).n, 256);
    w = wt_writer_start(large, sizeof large);
    wt_write_opaque(&w, wt_span_of(bytes, 256), 1, 0, SIZE_MAX, "v");
    assert_int_equal(w.error.code, WT_LENGTH);
    w = wt_writer_start(large, sizeof large);
    wt_write_opaque(&w, wt_span_of(bytes, 65536), 2, 0, SIZE_MAX, "v");
    assert_int_equal(w.error.code, WT_LENGTH);
    w = wt_writer_start(large, sizeof large);
    wt_write_opaque(&w, wt_span_of(bytes, 65536), 3, 0, SIZE_MAX, "v");
    assert_int_equal(done(&w).n, 65539);
}

static void test_nested_and_back(void **state)
{
    struct wt_decode decode;
    (void)state;
    struct wt_writer w = wt_writer_start(room, sizeof room);
    size_t outer = wt_write_open(&w, 3);
    size_t inner = wt_write_open(&w, 1);
    wt_write_u16(&w, 0xabcd);
    wt_write_close(&w, inner, 1, 2, 2, "inner");
    wt_write_opaque(&w, (struct wt_span){0}, 2, 0, 9, "empty");
    wt_write_close(&w, outer, 3, 1, 100, "outer");
    struct wt_reader r = wt_reader_start(&decode, done(&w), NULL);
    struct wt_reader o = wt_read_vector(&r, "outer", 3, 1, 100, WT_TRAIL_STRUCT);
    struct wt_reader i = wt_read_vector(&o, "inner", 1, 2, 2, WT_TRAIL_STRUCT);
    assert_int_equal(wt_read_u16(&i, "n"), 0xabcd);
    assert_true(wt_reader_close(&i, "inner"));
    assert_int_equal(wt_read_opaque(&o, "empty", 2, 0, 9, WT_TRAIL_BYTES).n, 0);
    assert_true(wt_reader_close(&o, "outer"));
    assert_true(wt_reader_close(&r, "message"));
}

static void test_varints(void **state)
{
    static const struct {
        uint64_t value;
        unsigned width;
    } rows[] = {
        {0, 1}, {63, 1}, {64, 2}, {16383, 2}, {16384, 4}, {(1u << 30) - 1, 4}, {1u << 30, 8}, {WT_VARINT_MOST, 8}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t back = 0;
        struct wt_writer w = wt_writer_start(room, sizeof room);
        wt_write_varint(&w, rows[i].value);
        assert_int_equal(done(&w).n, rows[i].width);
        assert_int_equal(wt_get_varint(done(&w), &back), rows[i].width);
        assert_true(back == rows[i].value);
        for (unsigned width = 1; width <= 8; width *= 2) {
            w = wt_writer_start(room, sizeof room);
            wt_write_varint_in(&w, rows[i].value, width);
            assert_int_equal(w.error.code, width < rows[i].width ? WT_VALUE : WT_OK);
            if (width < rows[i].width)
                continue;
            assert_int_equal(wt_get_varint(done(&w), &back), width);
            assert_true(back == rows[i].value);
        }
    }
    struct wt_writer w = wt_writer_start(room, sizeof room);
    wt_write_varint(&w, WT_VARINT_MOST + 1);
    assert_int_equal(w.error.code, WT_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),         cmocka_unit_test(test_too_wide),
        cmocka_unit_test(test_overflow),        cmocka_unit_test(test_sticky),
        cmocka_unit_test(test_bounds),          cmocka_unit_test(test_prefix_too_narrow),
        cmocka_unit_test(test_nested_and_back), cmocka_unit_test(test_varints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
