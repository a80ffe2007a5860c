#include "make.h"
#include "registry/limits.h"

#include <stdio.h>

static const uint8_t body[] = "sixteen bytes ..";

static struct wt_capture *open_made(const struct make *m)
{
    struct wt_error error = {0};
    struct wt_capture *c = wt_capture_open_memory(make_span(m), &error);
    assert_non_null(c);
    assert_string_equal(wt_capture_format(c), "pcapng");
    return c;
}

static void close_made(struct wt_capture *c, struct make *m)
{
    wt_capture_close(c);
    wt_buffer_free(&m->b);
}

/* The next packet must come and have these. */
static void expect(struct wt_capture *c, uint32_t frame, uint16_t link, uint32_t length, uint32_t original, int64_t ns)
{
    struct wt_packet p;
    assert_true(wt_capture_next(c, &p));
    assert_int_equal(p.frame, frame);
    assert_int_equal(p.link, link);
    assert_int_equal(p.length, length);
    assert_int_equal(p.original, original);
    assert_int_equal(p.time.ns, ns);
    assert_memory_equal(p.data, body, length);
}

static void expect_end(struct wt_capture *c, enum wt_code code, uint64_t offset)
{
    struct wt_packet p;
    assert_false(wt_capture_next(c, &p));
    assert_int_equal(wt_capture_error(c)->code, code);
    assert_int_equal(wt_capture_error(c)->offset, offset);
}

static void make_simple(struct make *m, const void *bytes, uint32_t n, uint32_t original)
{
    size_t at = make_block(m, 3);
    make_32(m, original);
    make_bytes(m, bytes, n);
    make_block_end(m, at);
}

static void make_obsolete(struct make *m, uint16_t interface, uint64_t ticks, const void *bytes, uint32_t n)
{
    size_t at = make_block(m, 2);
    make_16(m, interface);
    make_16(m, 0xffff);
    make_32(m, (uint32_t)(ticks >> 32));
    make_32(m, (uint32_t)ticks);
    make_32(m, n);
    make_32(m, n);
    make_bytes(m, bytes, n);
    make_block_end(m, at);
}

/* All packet blocks, two interfaces of two link types, and a second section in the other byte order. */
static void test_sections_and_blocks(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct make m = {.swapped = i};
        struct wt_capture *c;
        make_section(&m);
        make_interface(&m, 1, 10);
        make_interface(&m, 101, 0);
        make_enhanced(&m, 1, 1500000000123456, body, 13, 99);
        make_enhanced(&m, 0, 7, body, 0, 0);
        make_obsolete(&m, 1, 5, body, 16);
        make_simple(&m, body, 10, 16); /* cut by the first interface's snaplen */
        make_simple(&m, body, 8, 8);
        m.swapped = !m.swapped;
        make_section(&m);
        make_interface(&m, 113, 0);
        make_enhanced(&m, 0, 1, body, 16, 16);
        make_simple(&m, body, 16, 20); /* no snaplen: the room of the block is the bound */
        c = open_made(&m);
        expect(c, 1, 101, 13, 99, INT64_C(1500000000123456000));
        expect(c, 2, 1, 0, 0, 7000);
        expect(c, 3, 101, 16, 16, 5000);
        expect(c, 4, 1, 10, 16, 0);
        expect(c, 5, 1, 8, 8, 0);
        expect(c, 6, 113, 16, 16, 1000);
        expect(c, 7, 113, 16, 20, 0);
        expect_end(c, WT_OK, 0);
        close_made(c, &m);
    }
}

/* if_tsresol and if_tsoffset */
static void test_clocks(void **state)
{
    static const struct {
        int resolution; /* -1: no option */
        int64_t offset;
        uint64_t ticks;
        int64_t ns;
        uint8_t digits;
    } rows[] = {
        {-1, 0, 1234567, 1234567000, 6},
        {0, 0, 12, INT64_C(12000000000), 0},
        {3, 0, 12345, INT64_C(12345000000), 3},
        {6, 100, 1, INT64_C(100000001000), 6},
        {9, 0, 1234567891, 1234567891, 9},
        {9, -1, 1234567891, 234567891, 9},
        {12, 0, INT64_C(1234567891999), 1234567891, 9}, /* cut, not rounded */
        {15, 2, INT64_C(1234567891999999), INT64_C(3234567891), 9},
        {19, 0, UINT64_MAX, 1844674407, 9},
        {20, 0, UINT64_MAX, 184467440, 9},
        {127, 0, UINT64_MAX, 0, 9},
        {0x80, 0, 5, INT64_C(5000000000), 0},
        {0x80 | 1, 0, 3, 1500000000, 1},
        {0x80 | 10, 0, 1536, 1500000000, 4},
        {0x80 | 20, 0, (1 << 20) * 3 + (1 << 18), INT64_C(3250000000), 7},
        {0x80 | 32, 0, (UINT64_C(1) << 32) + (UINT64_C(1) << 31), 1500000000, 9},
        {0x80 | 40, 0, (UINT64_C(5) << 40) + (UINT64_C(1) << 38), INT64_C(5250000000), 9},
        {0x80 | 63, 0, UINT64_C(3) << 62, 1500000000, 9},
        {0x80 | 64, 0, UINT64_C(1) << 63, 500000000, 9},
        {0x80 | 127, 0, UINT64_MAX, 0, 9},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct make m = {.swapped = i & 1};
        struct wt_packet p;
        struct wt_capture *c;
        size_t at;
        make_section(&m);
        at = make_block(&m, 1);
        make_16(&m, 1);
        make_16(&m, 0);
        make_32(&m, 0);
        make_option(&m, 2, "eth0", 4);
        if (rows[i].resolution >= 0)
            make_option(&m, 9, &(uint8_t){(uint8_t)rows[i].resolution}, 1);
        if (rows[i].offset) {
            make_16(&m, 14);
            make_16(&m, 8);
            make_64(&m, (uint64_t)rows[i].offset);
        }
        make_option(&m, 0, "", 0);
        make_option(&m, 9, "\x03", 1); /* behind the end of the options: no option */
        make_block_end(&m, at);
        make_enhanced(&m, 0, rows[i].ticks, body, 4, 4);
        c = open_made(&m);
        assert_true(wt_capture_next(c, &p));
        if (p.time.ns != rows[i].ns || p.time.digits != rows[i].digits)
            fail_msg("row %zu: %lld with %u digits", i, (long long)p.time.ns, p.time.digits);
        close_made(c, &m);
    }
}

struct told {
    unsigned secrets, names;
    char text[256];
};

static void on_secrets(void *context, const struct wt_capture_secrets *s)
{
    struct told *t = context;
    t->secrets++;
    assert_int_equal(s->type, 0x544c534b);
    assert_int_equal(s->data.n, 5);
    assert_memory_equal(s->data.p, "keys\n", 5);
}

static void on_name(void *context, struct wt_span address, struct wt_span name)
{
    struct told *t = context;
    size_t n = strlen(t->text);
    t->names++;
    assert_true(snprintf(t->text + n, sizeof t->text - n, "%zu:%u=%.*s ", address.n, address.p[address.n - 1],
                         (int)name.n, (const char *)name.p) > 0);
}

static void make_record(struct make *m, uint16_t type, const void *bytes, uint16_t n)
{
    make_option(m, type, bytes, n);
}

static void make_secrets(struct make *m)
{
    size_t at = make_block(m, 10);
    make_32(m, 0x544c534b);
    make_32(m, 5);
    make_bytes(m, "keys\n", 5);
    make_block_end(m, at);
}

static void test_secrets_and_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct make m = {.swapped = i & 1};
        struct told t = {0};
        struct wt_capture *c;
        size_t at;
        make_section(&m);
        make_interface(&m, 1, 0);
        make_secrets(&m);
        at = make_block(&m, 4);
        make_record(&m, 1, "\x7f\0\0\1localhost\0me", 17); /* two names, the last without its NUL */
        make_record(&m, 2, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2six", 20);
        make_record(&m, 77, "unknown", 7);
        make_record(&m, 1, "\1\2", 2); /* too short for an address */
        make_record(&m, 0, "", 0);
        make_record(&m, 1, "\x7f\0\0\3never", 10);
        make_block_end(&m, at);
        make_enhanced(&m, 0, 1, body, 4, 4);
        c = open_made(&m);
        if (i < 2) {
            wt_capture_on_secrets(c, on_secrets, &t);
            wt_capture_on_name(c, on_name, &t);
        }
        expect(c, 1, 1, 4, 4, 1000);
        expect_end(c, WT_OK, 0);
        assert_int_equal(t.secrets, i < 2 ? 1 : 0);
        assert_string_equal(t.text, i < 2 ? "4:1=localhost 4:1=me 16:2=six " : "");
        close_made(c, &m);
    }
}

/* A name's record that ends with its block, and one that claims a byte more. */
static void test_long_name(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct make m = {0};
        struct told t = {0};
        make_section(&m);
        make_interface(&m, 1, 0);
        size_t at = make_block(&m, 4);
        make_16(&m, 1);
        make_16(&m, (uint16_t)(8 + more));
        make_bytes(&m, "\x7f\0\0\1host", 8);
        make_block_end(&m, at);
        make_enhanced(&m, 0, 1, body, 4, 4);
        struct wt_capture *c = open_made(&m);
        wt_capture_on_name(c, on_name, &t);
        if (!more)
            expect(c, 1, 1, 4, 4, 1000);
        expect_end(c, more ? WT_LENGTH : WT_OK, more ? at : 0);
        assert_string_equal(t.text, more ? "" : "4:1=host ");
        close_made(c, &m);
    }
}

/* Blocks that we do not know are passed over, whatever their size; some of them Wireshark numbers as frames. */
static void test_other_blocks(void **state)
{
    static const struct {
        uint32_t type, frame;
    } rows[] = {{0x12345, 2}, {5, 2}, {9, 3}, {0xbad, 3}, {0x40000bad, 3}, {0x204, 3}};
    static uint8_t big[3 << 20];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct make m = {0};
        struct wt_capture *c;
        size_t at;
        make_section(&m);
        make_interface(&m, 1, 0);
        make_enhanced(&m, 0, 1, body, 4, 4);
        at = make_block(&m, rows[i].type);
        make_bytes(&m, big, sizeof big);
        make_block_end(&m, at);
        make_enhanced(&m, 0, 1, body, 4, 4);
        c = open_made(&m);
        expect(c, 1, 1, 4, 4, 1000);
        expect(c, rows[i].frame, 1, 4, 4, 1000);
        expect_end(c, WT_OK, 0);
        close_made(c, &m);
    }
}

/* Cut at every byte: the error points at the block that is not whole. */
static void test_truncation(void **state)
{
    struct make m = {0};
    struct told t;
    size_t ends[16], blocks = 0;
    (void)state;
    make_section(&m);
    ends[blocks++] = m.b.n;
    make_interface(&m, 1, 0);
    ends[blocks++] = m.b.n;
    make_enhanced(&m, 0, 1, body, 13, 13);
    ends[blocks++] = m.b.n;
    make_secrets(&m);
    ends[blocks++] = m.b.n;
    make_block_end(&m, make_block(&m, 5));
    ends[blocks++] = m.b.n;
    make_simple(&m, body, 16, 16);
    ends[blocks++] = m.b.n;
    for (size_t n = 0; n <= m.b.n; n++) {
        uint8_t *copy = malloc(n + 1);
        struct wt_error error = {0};
        struct wt_packet p;
        struct wt_capture *c;
        size_t whole = 0, given = 0, start;
        memcpy(copy, m.b.p, n);
        c = wt_capture_open_memory(wt_span_of(copy, n), &error);
        if (n < 12) {
            assert_null(c);
            assert_int_equal(error.code, WT_FORMAT);
            free(copy);
            continue;
        }
        wt_capture_on_secrets(c, on_secrets, &t);
        while (wt_capture_next(c, &p))
            given++;
        while (whole < blocks && ends[whole] <= n)
            whole++;
        start = whole ? ends[whole - 1] : 0;
        assert_int_equal(given, (whole >= 3) + (whole >= 6));
        assert_int_equal(wt_capture_error(c)->code, start == n ? WT_OK : WT_TRUNCATED);
        assert_int_equal(wt_capture_error(c)->offset, start == n ? 0 : start);
        assert_int_equal(wt_capture_error(c)->value, start == n ? 0 : n - start);
        wt_capture_close(c);
        free(copy);
    }
    wt_buffer_free(&m.b);
}

/* One packet, then a block with one number changed: the packet is given, and the damage is told with its offset. */
static void damage(uint32_t type, size_t field, uint32_t value, enum wt_code code)
{
    struct make m = {0};
    struct wt_capture *c;
    struct told t = {0};
    size_t at;
    make_section(&m);
    make_interface(&m, 1, 0);
    make_enhanced(&m, 0, 1, body, 4, 4);
    at = m.b.n;
    switch (type) {
    case 1:
        make_interface(&m, 1, 0);
        break;
    case 2:
        make_obsolete(&m, 0, 1, body, 16);
        break;
    case 3:
        make_simple(&m, body, 16, 16);
        break;
    case 6:
        make_enhanced(&m, 0, 1, body, 16, 16);
        break;
    case 10:
        make_secrets(&m);
        break;
    default:
        make_section(&m);
        break;
    }
    memcpy(m.b.p + (field == (size_t)-4 ? m.b.n - 4 : at + field), &value, 4);
    c = open_made(&m);
    wt_capture_on_secrets(c, on_secrets, &t);
    expect(c, 1, 1, 4, 4, 1000);
    expect_end(c, code, at);
    close_made(c, &m);
}

static void test_damage(void **state)
{
    (void)state;
    damage(6, 4, 0, WT_LENGTH); /* block lengths: too small, */
    damage(6, 4, 11, WT_LENGTH);
    damage(6, 4, 50, WT_LENGTH);                   /* no multiple of four, */
    damage(6, 4, 4000, WT_TRUNCATED);              /* beyond the file, */
    damage(6, 4, WT_LIMIT_BLOCK, WT_TRUNCATED);    /* the longest that we keep, */
    damage(6, 4, WT_LIMIT_BLOCK + 4, WT_LIMIT);    /* beyond what we keep, */
    damage(6, (size_t)-4, 44, WT_VALUE);           /* and two that differ */
    damage(6, 8, 1, WT_VALUE);                     /* an interface that is not described */
    damage(6, 20, 17, WT_LENGTH);                  /* captured length: more than the block, */
    damage(6, 20, WT_LIMIT_PACKET + 1, WT_LENGTH); /* more than a packet */
    damage(2, 8, 1, WT_VALUE);
    damage(2, 20, 100, WT_LENGTH);
    damage(10, 12, 9, WT_LENGTH);                 /* secrets longer than their block */
    damage(0x0a0d0d0a, 8, 0x11223344, WT_FORMAT); /* neither byte order */
    damage(0x0a0d0d0a, 12, 2, WT_UNSUPPORTED);    /* a version that we do not know */
}

/* Blocks too short for what they must hold. */
static void test_short_blocks(void **state)
{
    static const uint32_t types[] = {1, 2, 3, 6, 10, 0x0a0d0d0a};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct make m = {0};
        struct told t = {0};
        struct wt_capture *c;
        size_t at;
        make_section(&m);
        if (types[i] != 3)
            make_interface(&m, 1, 0);
        at = make_block(&m, types[i]);
        if (types[i] == 3) /* long enough, and without an interface */
            make_64(&m, 0);
        if (types[i] == 0x0a0d0d0a)
            make_32(&m, 0x1a2b3c4d);
        make_block_end(&m, at);
        c = open_made(&m);
        wt_capture_on_secrets(c, on_secrets, &t);
        expect_end(c, types[i] == 3 ? WT_VALUE : WT_LENGTH, at);
        close_made(c, &m);
    }
}

static void test_bad_option(void **state)
{
    struct make m = {0};
    struct wt_capture *c;
    size_t at;
    (void)state;
    make_section(&m);
    at = make_block(&m, 1);
    make_32(&m, 1);
    make_32(&m, 0);
    make_16(&m, 9);
    make_16(&m, 200);
    make_block_end(&m, at);
    c = open_made(&m);
    expect_end(c, WT_LENGTH, at);
    close_made(c, &m);
}

static void test_too_many_interfaces(void **state)
{
    struct make m = {0};
    struct wt_capture *c;
    size_t last = 0;
    (void)state;
    make_section(&m);
    for (unsigned i = 0; i <= WT_LIMIT_INTERFACES; i++) {
        last = m.b.n;
        make_interface(&m, 1, 0);
    }
    c = open_made(&m);
    expect_end(c, WT_LIMIT, last);
    close_made(c, &m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sections_and_blocks),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_secrets_and_names),
        cmocka_unit_test(test_other_blocks),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_short_blocks),
        cmocka_unit_test(test_bad_option),
        cmocka_unit_test(test_too_many_interfaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
