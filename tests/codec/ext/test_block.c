/* Extension blocks: RFC 8446, 4.2. */
#include "ext_check.h"

#include "codec/ext/decoded.h"

struct block {
    struct wt_extensions e;
    struct wt_trail trail;
    struct wt_error error;
};

static struct wt_trail_event events[EVENTS];

static struct block read_block(enum wt_ext_where where, struct wt_span bytes, size_t cap)
{
    struct block b = {.trail = {events, 0, cap, 0}}, plain;
    static uint8_t room[2 + 65535];
    struct wt_decode decode;
    struct wt_span again;
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    wt_extensions_read(&r, &no_context, where, 0, &plain.e);
    (void)wt_reader_close(&r, "extensions");
    plain.error = decode.error;
    r = wt_reader_start(&decode, bytes, &b.trail);
    wt_extensions_read(&r, &no_context, where, 0, &b.e);
    (void)wt_reader_close(&r, "extensions");
    b.error = decode.error;
    assert_int_equal(b.error.code, plain.error.code);
    assert_int_equal(b.error.offset, plain.error.offset);
    assert_true(b.e.block.p == plain.e.block.p && b.e.block.n == plain.e.block.n);
    if (b.error.code == WT_OK) {
        struct wt_writer w = wt_writer_start(room, sizeof room);
        wt_extensions_write(&w, &b.e, 0);
        assert_int_equal(wt_writer_done(&w, &again), WT_OK);
        assert_true(wt_span_equal(again, bytes));
    }
    return b;
}

/* server_name is well, GREASE unknown, supported_groups malformed (odd), alpn well. */
#define MIXED "0022 0000 0006 0004 00 0001 61 2a2a 0001 00 000a 0005 0003 001d 00 0010 0006 0004 01 61 01 62"

static void test_trail(void **state)
{
    (void)state;
    struct block b = read_block(WT_IN_CH, hex(MIXED), EVENTS);
    assert_int_equal(b.error.code, WT_OK);
    assert_null(trail_check(&b.trail, 36));
    assert_string_equal(b.trail.events[0].field, "extensions");
    assert_int_equal(b.trail.events[0].form, WT_TRAIL_LIST);
    assert_string_equal(b.trail.events[1].field, "extension");
    assert_int_equal(event_of(&b.trail, "extension_type", 0)->kind, WT_REG_EXTENSION);
    assert_int_equal(event_of(&b.trail, "extension_data", 0)->form, WT_TRAIL_STRUCT);
    assert_int_equal(event_of(&b.trail, "extension_data", 0)->kind, WT_REG_EXTENSION);
    assert_int_equal(event_of(&b.trail, "host_name", 0)->value, 0);
    assert_int_equal(event_of(&b.trail, "host_name", 0)->offset, 11);
    assert_int_equal(event_of(&b.trail, "extension_data", 1)->form, WT_TRAIL_BYTES);
    /* malformed: opaque, and nothing of it is left in the trail */
    assert_int_equal(event_of(&b.trail, "extension_data", 2)->form, WT_TRAIL_BYTES);
    assert_int_equal(event_of(&b.trail, "extension_data", 2)->kind, WT_REG_NONE);
    assert_int_equal(event_of(&b.trail, "extension_type", 3)->value, 16);
    assert_int_equal(event_of(&b.trail, "protocol_name", 1)->length, 1);
}

static void test_check(void **state)
{
    (void)state;
    struct wt_error error;
    struct wt_extension e;
    struct wt_span body;
    struct block b = read_block(WT_IN_CH, hex(MIXED), EVENTS);
    assert_int_equal(wt_extensions_check(&b.e, &no_context, WT_IN_CH, b.e.block, &error), WT_LENGTH);
    assert_string_equal(error.field, "named_group_list");
    assert_int_equal(error.offset, 21); /* from the block's start */
    struct wt_span rest = b.e.block;
    assert_true(wt_extensions_next(&rest, &e));
    assert_int_equal(e.id, 0);
    assert_int_equal(e.body.n, 6);
    assert_true(wt_extensions_next(&rest, &e));
    assert_true(wt_extensions_next(&rest, &e));
    assert_true(wt_extensions_next(&rest, &e));
    assert_false(wt_extensions_next(&rest, &e));
    assert_true(wt_extensions_find(&b.e, 0x2a2a, &body));
    assert_span(body, "00");
    assert_false(wt_extensions_find(&b.e, 51, &body));
    b = read_block(WT_IN_CH, hex("000a 0017 0000 2a2a 0002 0000"), EVENTS);
    assert_int_equal(wt_extensions_check(&b.e, &no_context, WT_IN_CH, b.e.block, &error), WT_OK);
    assert_int_equal(error.code, WT_OK);
    b = read_block(WT_IN_SH12, hex("000a 0010 0006 0004 01 61 01 62"), EVENTS);
    assert_int_equal(wt_extensions_check(&b.e, &no_context, WT_IN_SH12, b.e.block, &error), WT_VALUE);
    assert_int_equal(error.offset, 6);
}

static void test_framing(void **state)
{
    struct block b;
    struct wt_extension e;
    (void)state;
    b = read_block(WT_IN_CH, hex("0000"), EVENTS);
    assert_int_equal(b.error.code, WT_OK);
    assert_true(b.e.present);
    b = read_block(WT_IN_CH, hex("00"), EVENTS);
    assert_int_equal(b.error.code, WT_TRUNCATED);
    assert_false(b.e.present);
    b = read_block(WT_IN_CH, hex("0005 0017 0000"), EVENTS);
    assert_int_equal(b.error.code, WT_TRUNCATED);
    assert_string_equal(b.error.field, "extensions");
    b = read_block(WT_IN_CH, hex("0004 0017 0000 00"), EVENTS);
    assert_int_equal(b.error.code, WT_TRAILING);
    /* what stands before the damage can be used */
    b = read_block(WT_IN_CH, hex("0009 0017 0000 0010 0005 00"), EVENTS);
    assert_int_equal(b.error.code, WT_TRUNCATED);
    assert_string_equal(b.error.field, "extension_data");
    assert_int_equal(b.error.offset, 8);
    struct wt_span rest = b.e.block;
    assert_true(wt_extensions_next(&rest, &e));
    assert_int_equal(e.id, 0x17);
    assert_false(wt_extensions_next(&rest, &e));
}

static void test_duplicates(void **state)
{
    static uint8_t many[2 + 65532];
    struct wt_error error;
    (void)state;
    /* RFC 8446, 4.2: "There MUST NOT be more than one extension of the same type in a given extension block." */
    struct block b = read_block(WT_IN_CH, hex("0011 0017 0000 ff01 0001 00 0017 0000 0016 0000"), EVENTS);
    assert_int_equal(b.error.code, WT_DUPLICATE);
    assert_int_equal(b.error.offset, 11);
    assert_int_equal(b.error.value, 0x17);
    /* an observer reads on */
    assert_int_equal(b.e.block.n, 17);
    assert_null(trail_check(&b.trail, 19));
    assert_int_equal(wt_extensions_check(&b.e, &no_context, WT_IN_CH, b.e.block, &error), WT_OK);
    /* The most that fit: 16,383 of different types, then the last one again. */
    many[0] = 0xff;
    many[1] = 0xfc;
    for (size_t i = 0; i < 16383; i++) {
        uint16_t id = (uint16_t)(i * 4 + 1000);
        many[2 + 4 * i] = (uint8_t)(id >> 8);
        many[3 + 4 * i] = (uint8_t)id;
    }
    b = read_block(WT_IN_HRR, wt_span_of(many, sizeof many), EVENTS);
    assert_int_equal(b.error.code, WT_OK);
    memcpy(many + 2 + 4 * 16382, many + 2 + 4 * 16381, 2);
    b = read_block(WT_IN_HRR, wt_span_of(many, sizeof many), EVENTS);
    assert_int_equal(b.error.code, WT_DUPLICATE);
    assert_int_equal(b.error.offset, 2 + 4 * 16382);
}

static void test_small_trail(void **state)
{
    (void)state;
    /* Wherever the trail is full, the rest is counted and nothing is written beyond. */
    struct wt_span bytes = hex("0020 0000 0006 0004 00 0001 61 000a 0006 0004 001d 0017 0010 0006 0004 01 61 01 62");
    bytes.n = 2 + 30;
    uint8_t copy[64];
    memcpy(copy, bytes.p, bytes.n);
    copy[1] = 30;
    struct block whole = read_block(WT_IN_CH, wt_span_of(copy, bytes.n), EVENTS);
    assert_int_equal(whole.error.code, WT_OK);
    for (size_t cap = 0; cap < whole.trail.n; cap++) {
        struct block b = read_block(WT_IN_CH, wt_span_of(copy, bytes.n), cap);
        assert_int_equal(b.error.code, WT_OK);
        assert_true(b.trail.n <= cap && b.trail.lost > 0);
    }
}

static void test_places(void **state)
{
    static const enum wt_ext_where places[] = {WT_IN_CH, WT_IN_SH, WT_IN_SH12, WT_IN_EE,
                                               WT_IN_CT, WT_IN_CR, WT_IN_NST,  WT_IN_HRR};
    /* Their forms are known to their own documents alone. */
    static const uint16_t opaque[] = {WT_EXT_TLS_LTS,
                                      WT_EXT_TLMSP,
                                      WT_EXT_TLMSP_PROXYING,
                                      WT_EXT_TLMSP_DELEGATE,
                                      WT_EXT_PASSWORD_SALT,
                                      WT_EXT_ORIGIN_BOUND_CERTIFICATES,
                                      WT_EXT_ENCRYPTED_CLIENT_CERTIFICATES,
                                      WT_EXT_SEQUENCE_NUMBER_ENCRYPTION_ALGORITHMS};
    union wt_ext_body body;
    struct wt_error error;
    uint8_t room[4];
    (void)state;
    for (uint32_t id = 0; id <= 0xffff; id++)
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            const struct wt_extension_info *info = wt_extension_find((uint16_t)id);
            struct wt_writer w = wt_writer_start(room, sizeof room);
            bool known = info && !wt_is_grease((uint16_t)id) && info->where & places[i];
            for (size_t k = 0; k < sizeof opaque / sizeof *opaque; k++)
                known = known && id != opaque[k];
            enum wt_code code =
                wt_extension_decode((uint16_t)id, &no_context, places[i], wt_span_of(NULL, 0), NULL, &body, &error);
            /* Wherever the registry lets an extension stand, its form is known. */
            if (known)
                assert_int_not_equal(code, WT_UNSUPPORTED);
            if (!info) {
                assert_int_equal(code, WT_UNSUPPORTED);
                assert_int_equal(error.code, WT_OK);
                assert_false(wt_extension_encode(&w, (uint16_t)id, &no_context, places[i], &body));
            }
        }
}

/* Whatever is asked of a block, the answer is the same whether its bodies are kept decoded or not. */
static void expect_alike(const struct wt_extensions *plain)
{
    struct wt_extensions_decoded decoded;
    struct wt_extensions with = *plain;
    struct wt_error one, other;
    wt_decoded_fill(plain, &no_context, WT_IN_CH, &decoded);
    with.decoded = &decoded;
    assert_int_equal(wt_extensions_check(plain, &no_context, WT_IN_CH, plain->block, &one),
                     wt_extensions_check(&with, &no_context, WT_IN_CH, plain->block, &other));
    assert_int_equal(one.offset, other.offset);
    assert_ptr_equal(one.field, other.field);
    for (unsigned id = 0; id < 70; id++) {
        const unsigned places[] = {WT_IN_CH, WT_IN_EE};
        struct wt_span here = {0}, there = {0};
        assert_int_equal(wt_extensions_find(plain, (uint16_t)id, &here),
                         wt_extensions_find(&with, (uint16_t)id, &there));
        assert_true(here.p == there.p && here.n == there.n);
        for (unsigned i = 0; i < 2; i++) {
            enum wt_ext_where where = (enum wt_ext_where)places[i];
            union wt_ext_body a = {0}, b = {0};
            enum wt_code code = WT_OK, again = WT_OK;
            assert_int_equal(wt_extensions_take(plain, (uint16_t)id, &no_context, where, &a, &here, &code),
                             wt_extensions_take(&with, (uint16_t)id, &no_context, where, &b, &there, &again));
            assert_int_equal(code, again);
            assert_true(here.p == there.p && here.n == there.n);
            assert_memory_equal(&a, &b, sizeof a);
        }
    }
}

static void test_decoded(void **state)
{
    static uint8_t bytes[2 + 4 * 2 * WT_LIMIT_DECODED_EXTENSIONS];
    (void)state;
    struct block b = read_block(WT_IN_CH, hex(MIXED), EVENTS);
    expect_alike(&b.e);
    /* the first of two, as without */
    b = read_block(WT_IN_CH, hex("000e 0010 0005 0003 02 68 32 0010 0001 00"), EVENTS);
    expect_alike(&b.e);
    /* more than are kept: the last is found all the same */
    for (size_t count = WT_LIMIT_DECODED_EXTENSIONS - 1; count <= 2 * WT_LIMIT_DECODED_EXTENSIONS; count++) {
        memset(bytes, 0, sizeof bytes);
        bytes[0] = (uint8_t)(4 * count >> 8);
        bytes[1] = (uint8_t)(4 * count);
        for (size_t i = 0; i < count; i++)
            bytes[2 + 4 * i + 1] = (uint8_t)(count - i);
        b = read_block(WT_IN_CH, wt_span_of(bytes, 2 + 4 * count), EVENTS);
        expect_alike(&b.e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoded), cmocka_unit_test(test_trail),      cmocka_unit_test(test_check),
        cmocka_unit_test(test_framing), cmocka_unit_test(test_duplicates), cmocka_unit_test(test_small_trail),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
