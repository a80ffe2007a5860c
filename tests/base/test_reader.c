/* The reader: straight through, checked at the seam; and the trail that it leaves. */
#include "base/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct wt_decode decode;
static struct wt_trail_event events[64];
static struct wt_trail trail;

static struct wt_reader start(const char *bytes, size_t n)
{
    trail = (struct wt_trail){events, 0, 64, 0};
    return wt_reader_start(&decode, wt_span_of(bytes, n), &trail);
}

static void expect_error(enum wt_code code, const char *field, uint64_t offset, uint64_t value, uint64_t bound)
{
    assert_int_equal(decode.error.code, code);
    assert_string_equal(decode.error.field, field);
    assert_int_equal(decode.error.offset, offset);
    assert_int_equal(decode.error.value, value);
    assert_int_equal(decode.error.bound, bound);
}

static void expect_event(size_t i, const char *field, unsigned form, size_t offset, size_t length, unsigned depth)
{
    assert_true(i < trail.n);
    assert_string_equal(events[i].field, field);
    assert_int_equal(events[i].form, form);
    assert_int_equal(events[i].offset, offset);
    assert_int_equal(events[i].length, length);
    assert_int_equal(events[i].depth, depth);
}

static void test_numbers(void **state)
{
    struct wt_reader r = start("\1\2\3\4\5\6\7\10\11\12\377\376\375\374\373\372\371\370", 18);
    (void)state;
    assert_int_equal(wt_read_u8(&r, "a"), 1);
    assert_int_equal(wt_read_u16(&r, "b"), 0x0203);
    assert_int_equal(wt_read_u24(&r, "c"), 0x040506);
    assert_int_equal(wt_read_u32(&r, "d"), 0x0708090a);
    assert_true(wt_read_u64(&r, "e") == 0xfffefdfcfbfaf9f8u);
    assert_int_equal(wt_reader_left(&r), 0);
    assert_true(wt_reader_close(&r, "message"));
    assert_int_equal(trail.n, 5);
    expect_event(3, "d", WT_TRAIL_NUMBER, 6, 4, 0);
    assert_true(events[4].value == 0xfffefdfcfbfaf9f8u);
}

/* From the first failure that loses the frame on every read of every reader of the decode gives zero or nothing, and the error stays. */
static void test_sticky(void **state)
{
    struct wt_reader r = start("\0\4abcd\1\2\3\4", 10);
    (void)state;
    struct wt_reader in = wt_read_vector(&r, "v", 2, 0, 10, WT_TRAIL_STRUCT);
    assert_int_equal(wt_read_u8(&in, "x"), 'a');
    assert_int_equal(wt_read_u32(&in, "y"), 0);
    expect_error(WT_TRUNCATED, "y", 3, 3, 4);
    size_t n = trail.n;
    assert_int_equal(wt_read_u8(&in, "z"), 0);
    assert_int_equal(wt_read_bytes(&in, "z", 0).n, 0);
    assert_false(wt_reader_close(&in, "v"));
    /* the outer reader has four bytes left, and may not give them */
    assert_int_equal(wt_read_u8(&r, "tail"), 0);
    assert_null(wt_read_bytes(&r, "tail", 1).p);
    assert_null(wt_read_opaque(&r, "tail", 1, 0, 9, WT_TRAIL_BYTES).p);
    assert_null(wt_read_rest(&r, "tail").p);
    assert_int_equal(wt_read_codes(&r, "tail", "e", 1, 0, 9, 2, 0).n, 0);
    struct wt_reader part = wt_read_part(&r, "part", 1, WT_TRAIL_STRUCT);
    assert_int_equal(wt_reader_left(&part), 0);
    struct wt_reader vector = wt_read_vector(&r, "vector", 1, 0, 9, WT_TRAIL_LIST);
    assert_int_equal(wt_reader_left(&vector), 0);
    wt_read_leave(&r, wt_read_enter(&r, "struct"));
    wt_reader_fail(&r, WT_VALUE, "late", 1, 1, "RFC");
    assert_false(wt_reader_close(&r, "message"));
    expect_error(WT_TRUNCATED, "y", 3, 3, 4);
    assert_null(decode.error.rule);
    assert_int_equal(trail.n, n);
}

/* "opaque v<2..5>": the length is held against both bounds, then against what is there. RFC 8446, 3.4: "the actual length
 * precedes the vector's contents in the byte stream", so that what follows is found all the same. */
static void test_bounds(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 10; n++)
        for (unsigned there = 0; there < 10; there++) {
            char bytes[16] = {9, 0, (char)n, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'};
            struct wt_reader r = start(bytes, 3 + there);
            (void)wt_read_u8(&r, "before");
            struct wt_span s = wt_read_opaque(&r, "v", 2, 2, 5, WT_TRAIL_BYTES);
            bool bounded = n >= 2 && n <= 5;
            if (!bounded)
                expect_error(WT_LENGTH, "v", 1, n, n < 2 ? 2 : 5);
            else if (n > there)
                expect_error(WT_TRUNCATED, "v", 1, there, n);
            assert_int_equal(wt_reader_ok(&r), bounded && n <= there);
            assert_int_equal(decode.lost, n > there);
            assert_int_equal(s.n, bounded && n <= there ? n : 0);
            assert_ptr_equal(s.p, bounded && n <= there ? bytes + 3 : NULL);
            assert_int_equal(wt_reader_left(&r), n > there ? 0 : there - n);
            assert_int_equal(wt_read_u8(&r, "after"), n < there ? bytes[3 + n] : 0);
            if (n > there)
                continue;
            expect_event(1, "v", WT_TRAIL_BYTES, 3, n, 0);
            assert_int_equal(events[1].prefix, 2);
        }
}

/* A list outside its bounds: what is in it is read, and so is what follows. */
static void test_bounds_of_lists(void **state)
{
    (void)state;
    struct wt_reader r = start("\4abcd\0\2\1\2!", 10);
    struct wt_reader in = wt_read_vector(&r, "v", 1, 0, 2, WT_TRAIL_STRUCT);
    expect_error(WT_LENGTH, "v", 0, 4, 2);
    assert_int_equal(wt_read_u32(&in, "x"), 0x61626364);
    (void)wt_reader_close(&in, "v");
    assert_int_equal(wt_codes_count(wt_read_codes(&r, "codes", "code", 2, 4, 8, 2, 0)), 1);
    assert_int_equal(wt_read_u8(&r, "tail"), '!');
    assert_false(wt_reader_close(&r, "message"));
    assert_false(decode.lost);
    expect_error(WT_LENGTH, "v", 0, 4, 2); /* the first one stays */
    assert_int_equal(trail.n, 5);
}

/* A length prefix that is itself cut. */
static void test_cut_prefix(void **state)
{
    (void)state;
    for (unsigned width = 1; width <= 3; width++)
        for (unsigned there = 0; there < width; there++) {
            struct wt_reader r = start("\0\0\0", there);
            struct wt_reader in = wt_read_vector(&r, "v", width, 0, 255, WT_TRAIL_LIST);
            expect_error(WT_TRUNCATED, "v", 0, there, width);
            assert_int_equal(wt_reader_left(&in), 0);
            assert_int_equal(trail.n, 0);
        }
}

static void test_close(void **state)
{
    struct wt_reader r = start("\2ab!", 4);
    (void)state;
    struct wt_reader in = wt_read_vector(&r, "v", 1, 0, 9, WT_TRAIL_STRUCT);
    (void)wt_read_u8(&in, "a");
    assert_false(wt_reader_close(&in, "v"));
    expect_error(WT_TRAILING, "v", 2, 1, 0);
    r = start("!", 1);
    assert_false(wt_reader_close(&r, "message"));
    expect_error(WT_TRAILING, "message", 0, 1, 0);
    r = start("", 0);
    assert_true(wt_reader_close(&r, "message"));
    r = wt_reader_start(&decode, (struct wt_span){0}, NULL);
    assert_int_equal(wt_reader_left(&r), 0);
    assert_true(wt_reader_close(&r, "message"));
}

static void test_rules(void **state)
{
    struct wt_reader r = start("\1\2\3", 3);
    (void)state;
    (void)wt_read_u16(&r, "a");
    wt_reader_fail_at(&r, 0, WT_VALUE, "a", 258, 0, "RFC 8446, 4");
    expect_error(WT_VALUE, "a", 0, 258, 0);
    assert_string_equal(decode.error.rule, "RFC 8446, 4");
    assert_int_equal(wt_reader_left(&r), 0);
}

static void test_codes(void **state)
{
    struct wt_reader r = start("\0\6\0\1\0\2\377\376!", 9);
    (void)state;
    struct wt_span codes = wt_read_codes(&r, "suites", "suite", 2, 2, 65534, 2, 3);
    assert_int_equal(wt_codes_count(codes), 3);
    assert_int_equal(wt_codes_at(codes, 2), 0xfffe);
    assert_true(wt_codes_have(codes, 2));
    assert_false(wt_codes_have(codes, 3));
    assert_int_equal(trail.n, 4);
    expect_event(0, "suites", WT_TRAIL_LIST, 2, 6, 0);
    expect_event(3, "suite", WT_TRAIL_CODE, 6, 2, 1);
    assert_int_equal(events[3].value, 0xfffe);
    assert_int_equal(events[3].kind, 3);
    assert_int_equal(wt_trail_next(&trail, 0), 4);
    assert_int_equal(wt_reader_left(&r), 1);
    r = start("\0\3\0\1\0", 5);
    /* RFC 8446, 3.4: "The length of an encoded vector must be an exact multiple of the length of a single element (e.g.,
     * a 17-byte vector of uint16 would be illegal)." Those that fit are there. */
    codes = wt_read_codes(&r, "suites", "suite", 2, 2, 65534, 2, 3);
    assert_int_equal(codes.n, 2);
    assert_int_equal(wt_codes_at(codes, 0), 1);
    assert_int_equal(trail.n, 2);
    expect_error(WT_LENGTH, "suites", 2, 3, 2);
    r = start("\3\0\1\0", 4);
    assert_int_equal(wt_read_codes(&r, "methods", "method", 1, 1, 255, 1, 0).n, 3);
    expect_event(1, "method", WT_TRAIL_NUMBER, 1, 1, 1);
}

/* A list of structs: depths, lengths, and the way from one to the next. */
static void test_tree(void **state)
{
    struct wt_reader r = start("\7\7\1a\0\2bc", 8);
    (void)state;
    (void)wt_read_code8(&r, "kind", 5);
    struct wt_reader list = wt_read_vector(&r, "list", 1, 0, 7, WT_TRAIL_LIST);
    assert_int_equal(decode.error.code, WT_TRUNCATED); /* 7 are said, 6 are there */
    r = start("\7\6\1a\0\2bc", 8);
    (void)wt_read_code8(&r, "kind", 5);
    list = wt_read_vector(&r, "list", 1, 0, 7, WT_TRAIL_LIST);
    while (wt_reader_left(&list)) {
        size_t mark = wt_read_enter(&list, "entry");
        (void)wt_read_opaque(&list, "name", 1, 0, 9, WT_TRAIL_TEXT);
        wt_read_leave(&list, mark);
    }
    assert_true(wt_reader_close(&list, "list"));
    assert_true(wt_reader_close(&r, "message"));
    assert_int_equal(trail.n, 8);
    expect_event(0, "kind", WT_TRAIL_CODE, 0, 1, 0);
    expect_event(1, "list", WT_TRAIL_LIST, 2, 6, 0);
    expect_event(2, "entry", WT_TRAIL_STRUCT, 2, 2, 1);
    expect_event(3, "name", WT_TRAIL_TEXT, 3, 1, 2);
    expect_event(4, "entry", WT_TRAIL_STRUCT, 4, 1, 1);
    expect_event(5, "name", WT_TRAIL_TEXT, 5, 0, 2);
    expect_event(6, "entry", WT_TRAIL_STRUCT, 5, 3, 1);
    expect_event(7, "name", WT_TRAIL_TEXT, 6, 2, 2);
    assert_int_equal(wt_trail_next(&trail, 0), 1);
    assert_int_equal(wt_trail_next(&trail, 1), 8);
    assert_int_equal(wt_trail_next(&trail, 2), 4);
}

/* Events beyond the room are counted; what is read stays the same. */
static void test_lost_events(void **state)
{
    (void)state;
    for (size_t cap = 0; cap <= 8; cap++) {
        struct wt_trail small = {events, 0, cap, 0};
        struct wt_reader r = wt_reader_start(&decode, wt_span_of("\3abc\1\2", 6), &small);
        struct wt_reader in = wt_read_vector(&r, "v", 1, 0, 9, WT_TRAIL_LIST);
        for (unsigned i = 0; i < 3; i++) {
            size_t mark = wt_read_enter(&in, "s");
            assert_int_equal(wt_read_u8(&in, "x"), 'a' + i);
            wt_read_leave(&in, mark);
        }
        assert_int_equal(wt_read_u16(&r, "n"), 0x0102);
        assert_true(wt_reader_close(&r, "message"));
        assert_int_equal(small.n, cap);
        assert_int_equal(small.n + small.lost, 8);
    }
}

/* enter and leave without a trail keep the depth, and nothing else happens. */
static void test_without_trail(void **state)
{
    struct wt_reader r = wt_reader_start(&decode, wt_span_of("\1\2", 2), NULL);
    (void)state;
    size_t mark = wt_read_enter(&r, "s");
    assert_int_equal(r.depth, 1);
    assert_int_equal(wt_read_u8(&r, "a"), 1);
    wt_read_leave(&r, mark);
    assert_int_equal(r.depth, 0);
    struct wt_reader part = wt_read_part(&r, "p", 1, WT_TRAIL_STRUCT);
    assert_int_equal(part.depth, 1);
    assert_int_equal(wt_read_u8(&part, "b"), 2);
    assert_true(wt_reader_close(&part, "p") && wt_reader_close(&r, "message"));
}

/* RFC 9000, A.1 prints these four and the second form of the last. */
static void test_varints(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        uint64_t value;
    } rows[] = {
        {"\xc2\x19\x7c\x5e\xff\x14\xe8\x8c", 8, 151288809941952652u},
        {"\x9d\x7f\x3e\x7d", 4, 494878333},
        {"\x7b\xbd", 2, 15293},
        {"\x25", 1, 37},
        {"\x40\x25", 2, 37},
        {"\xff\xff\xff\xff\xff\xff\xff\xff", 8, WT_VARINT_MOST},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_reader r = start(rows[i].bytes, rows[i].n);
        assert_true(wt_read_varint(&r, "n", 0) == rows[i].value);
        assert_true(wt_reader_close(&r, "message"));
        expect_event(0, "n", WT_TRAIL_NUMBER, 0, rows[i].n, 0);
        assert_true(events[0].value == rows[i].value);
        for (size_t n = 0; n < rows[i].n; n++) {
            r = start(rows[i].bytes, n);
            assert_int_equal(wt_read_varint(&r, "n", 0), 0);
            expect_error(WT_TRUNCATED, "n", 0, n, n ? rows[i].n : 1);
        }
    }
}

static void test_varint_vectors(void **state)
{
    (void)state;
    struct wt_reader r = start("\x40\x03" "abc" "\0", 6);
    struct wt_span s = wt_read_varint_opaque(&r, "token", 0, 8, WT_TRAIL_BYTES);
    assert_int_equal(s.n, 3);
    assert_memory_equal(s.p, "abc", 3);
    assert_int_equal(events[0].prefix, 2);
    assert_int_equal(wt_read_varint_opaque(&r, "empty", 0, 8, WT_TRAIL_BYTES).n, 0);
    assert_true(wt_reader_close(&r, "message"));
    r = start("\x03" "abcd", 5); /* longer than it may be: the next field is where the length says */
    assert_int_equal(wt_read_varint_opaque(&r, "id", 0, 2, WT_TRAIL_BYTES).n, 0);
    expect_error(WT_LENGTH, "id", 0, 3, 2);
    assert_int_equal(wt_read_u8(&r, "next"), 'd');
    r = start("\x05" "abcd", 5);
    assert_int_equal(wt_read_varint_opaque(&r, "token", 0, 9, WT_TRAIL_BYTES).n, 0);
    expect_error(WT_TRUNCATED, "token", 0, 4, 5);
    r = start("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    assert_int_equal(wt_read_varint_opaque(&r, "token", 0, SIZE_MAX, WT_TRAIL_BYTES).n, 0);
    expect_error(WT_TRUNCATED, "token", 0, 0, WT_VARINT_MOST);
    r = start("\x80\0", 2);
    assert_int_equal(wt_read_varint_opaque(&r, "token", 0, 9, WT_TRAIL_BYTES).n, 0);
    expect_error(WT_TRUNCATED, "token", 0, 2, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_sticky), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_bounds_of_lists),
        cmocka_unit_test(test_cut_prefix),    cmocka_unit_test(test_close),  cmocka_unit_test(test_rules),
        cmocka_unit_test(test_codes),         cmocka_unit_test(test_tree),   cmocka_unit_test(test_lost_events),
        cmocka_unit_test(test_without_trail), cmocka_unit_test(test_varints), cmocka_unit_test(test_varint_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
