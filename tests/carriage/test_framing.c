/* Handshake framing. RFC 8446, 5.1: "Handshake messages MAY be coalesced into a single TLSPlaintext record or
 * fragmented across several records". */
#include "carriage/framing.h"
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct wt_framing reader;
static struct wt_buffer told;

/* "TYPE:body/RECORDS " */
static void on_message(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records)
{
    (void)context;
    wt_buffer_format(&told, "%u:", type);
    if (body.n == length && length < 100)
        wt_buffer_add(&told, body.p, body.n);
    else
        wt_buffer_format(&told, "%zu of %u", body.n, length);
    wt_buffer_format(&told, "/%u ", records);
}

static bool feed(struct wt_span piece)
{
    return wt_framing_feed(&reader, piece, on_message, NULL);
}

static bool record(struct wt_span piece)
{
    wt_framing_record(&reader);
    return feed(piece);
}

static void expect(const char *want)
{
    assert_true(wt_buffer_add_char(&told, 0));
    assert_string_equal((char *)told.p, want);
    wt_buffer_free(&told);
    wt_framing_clear(&reader);
}

#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (const uint8_t *)(text), sizeof(text) - 1                                                                      \
    } /* of a literal with NULs in it */
#define SPAN(text) ((struct wt_span)BYTES(text))
#define HELLO "\2\0\0\5hello"
#define DONE "\16\0\0\0"
static const struct wt_span flight = BYTES(HELLO "\13\0\0\13certificate" DONE);

static void test_coalesced(void **state)
{
    (void)state;
    assert_true(record(flight));
    assert_int_equal(reader.held.n, 0);
    assert_null(reader.held.p); /* nothing was copied */
    expect("2:hello/1 11:certificate/1 14:/1 ");
}

/* Segments inside one record: the same messages, each in one record. */
static void test_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i <= flight.n; i++)
        for (size_t k = i; k <= flight.n; k++) {
            assert_true(record(wt_span_cut(flight, 0, i)));
            assert_true(feed(wt_span_cut(flight, i, k - i)));
            assert_true(feed(wt_span_cut(flight, k, flight.n)));
            expect("2:hello/1 11:certificate/1 14:/1 ");
        }
}

/* Two records, split at every byte: whoever lies over the border has touched two. */
static void test_split_records(void **state)
{
    (void)state;
    for (size_t i = 1; i < flight.n; i++) {
        assert_true(record(wt_span_cut(flight, 0, i)));
        assert_true(record(wt_span_cut(flight, i, flight.n)));
        expect(i < 9     ? "2:hello/2 11:certificate/1 14:/1 "
               : i == 9  ? "2:hello/1 11:certificate/1 14:/1 "
               : i < 24  ? "2:hello/1 11:certificate/2 14:/1 "
               : i == 24 ? "2:hello/1 11:certificate/1 14:/1 "
                         : "2:hello/1 11:certificate/1 14:/2 ");
    }
}

static void test_record_per_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < flight.n; i++)
        assert_true(record(wt_span_cut(flight, i, 1)));
    expect("2:hello/9 11:certificate/15 14:/4 ");
}

/* RFC 8446, 4: a type that the registry does not name cannot be waited for: its length would be none. */
static void test_alien(void **state)
{
    (void)state;
    assert_false(record(SPAN(HELLO "\77\0\0\1x")));
    assert_true(reader.alien);
    assert_int_equal(reader.alien_type, 0x3f);
    assert_int_equal(reader.alien_bytes, 5);
    assert_int_equal(reader.held.n, 0);
    assert_true(record(SPAN(DONE)));
    expect("2:hello/1 14:/1 ");
    /* split in its header */
    assert_true(record(SPAN("\77\0")));
    assert_false(record(SPAN("\0\1x")));
    assert_true(record(SPAN(DONE)));
    expect("14:/1 ");
}

static struct wt_span head(uint8_t type, uint32_t length, uint8_t out[4])
{
    out[0] = type;
    out[1] = (uint8_t)(length >> 16);
    out[2] = (uint8_t)(length >> 8);
    out[3] = (uint8_t)length;
    return wt_span_of(out, 4);
}

/* The largest that is kept, and one byte more: told at once without its body, and passed over to the next message. */
static void test_limit(void **state)
{
    static uint8_t body[16384];
    uint8_t four[4];
    (void)state;
    for (uint32_t over = 0; over < 2; over++) {
        uint32_t left = WT_LIMIT_HANDSHAKE_MESSAGE + over;
        assert_true(record(head(11, left, four)));
        assert_int_equal(told.n > 0, over);
        while (left) {
            size_t n = left < sizeof body ? left : sizeof body;
            assert_true(record(wt_span_of(body, n)));
            assert_true(reader.held.n <= WT_LIMIT_HANDSHAKE_MESSAGE + 4);
            left -= (uint32_t)n;
        }
        assert_int_equal(reader.held.n, 0);
        assert_true(record(SPAN(HELLO DONE)));
        expect(over ? "11:0 of 1048577/1 2:hello/1 14:/1 " : "11:1048576 of 1048576/65 2:hello/1 14:/1 ");
    }
}

/* What follows a message that was passed over may begin in the record that it ended in. */
static void test_limit_ends_inside(void **state)
{
    static uint8_t body[WT_LIMIT_HANDSHAKE_MESSAGE + 10];
    uint8_t four[4];
    (void)state;
    assert_true(record(head(11, sizeof body, four)));
    assert_true(record(wt_span_of(body, sizeof body - 3)));
    assert_true(record(SPAN("abc" HELLO)));
    expect("11:0 of 1048586/1 2:hello/1 ");
    /* the header itself split */
    assert_true(record(wt_span_of(four, 3)));
    assert_true(record(wt_span_of(four + 3, 1)));
    assert_true(feed(wt_span_of(body, sizeof body)));
    assert_true(feed(SPAN(DONE)));
    expect("11:0 of 1048586/2 14:/1 ");
}

static void test_gap(void **state)
{
    (void)state;
    assert_true(record(SPAN("\13\0\0\13certi")));
    assert_true(wt_framing_gap(&reader, 0));
    assert_false(record(SPAN("ficate"))); /* the rest of what was lost */
    assert_true(reader.lost);
    assert_true(record(SPAN(HELLO)));
    assert_false(reader.lost);
    expect("2:hello/1 ");
    /* between messages nothing is thrown away */
    assert_true(record(SPAN(DONE)));
    assert_false(wt_framing_gap(&reader, 0));
    assert_true(record(SPAN(DONE)));
    expect("14:/1 14:/1 ");
}

/* A hole within a message whose length is known: the next one is found for certain, whatever the rest looks like. */
static void test_hole(void **state)
{
    static const struct wt_span rest = BYTES("\5\0\0\0" DONE DONE); /* would be EndOfEarlyData, ServerHelloDone */
    (void)state;
    for (size_t cut = 0; cut <= rest.n; cut++) {
        assert_true(record(SPAN("\13\0\0\22certi")));
        assert_true(wt_framing_gap(&reader, 5));
        assert_false(reader.lost);
        assert_true(feed(wt_span_cut(rest, 0, cut)));
        assert_true(feed(wt_span_cut(rest, cut, rest.n)));
        expect("14:/1 ");
    }
    /* two holes in one message */
    assert_true(record(SPAN("\13\0\0\22certi")));
    assert_true(wt_framing_gap(&reader, 5));
    assert_true(feed(SPAN("\5\0")));
    assert_false(wt_framing_gap(&reader, 4));
    assert_true(feed(SPAN("\0\0" DONE)));
    expect("14:/1 ");
    /* up to its end; beyond it nothing is certain */
    assert_true(record(SPAN("\13\0\0\13certi")));
    assert_true(wt_framing_gap(&reader, 6));
    assert_true(feed(SPAN(DONE)));
    expect("14:/1 ");
    assert_true(record(SPAN("\13\0\0\13certi")));
    assert_true(wt_framing_gap(&reader, 7));
    assert_true(reader.lost);
    assert_false(feed(SPAN("\5\0\3\202")));
    expect("");
}

/* What is looked at before it is believed may come byte by byte. */
static void test_gap_then_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i <= flight.n; i++) {
        (void)wt_framing_gap(&reader, 0);
        assert_true(record(wt_span_cut(flight, 0, i)));
        assert_true(feed(wt_span_cut(flight, i, flight.n)));
        expect("2:hello/1 11:certificate/1 14:/1 ");
    }
    (void)wt_framing_gap(&reader, 0);
    wt_framing_record(&reader);
    for (size_t i = 0; i < flight.n; i++)
        assert_true(feed(wt_span_cut(flight, i, 1)));
    expect("2:hello/1 11:certificate/1 14:/1 ");
    (void)wt_framing_gap(&reader, 0);
    assert_true(record(SPAN("\13\77")));
    assert_false(feed(SPAN("\0\0"))); /* a length over the limit: not believed */
    assert_true(record(SPAN(HELLO)));
    expect("2:hello/1 ");
}

static void test_pending(void **state)
{
    uint8_t type = 0;
    uint32_t length = 0;
    (void)state;
    assert_false(wt_framing_pending(&reader, &type, &length));
    assert_true(record(SPAN("\13\0\1")));
    assert_false(wt_framing_pending(&reader, &type, &length));
    assert_true(feed(SPAN("\2x")));
    assert_true(wt_framing_pending(&reader, &type, &length));
    assert_int_equal(type, WT_HANDSHAKE_CERTIFICATE);
    assert_int_equal(length, 258);
    wt_framing_clear(&reader);
    assert_false(wt_framing_pending(&reader, &type, &length));
}

static void test_plausible(void **state)
{
    uint8_t four[4];
    (void)state;
    assert_true(wt_framing_plausible(head(1, 1, four)));
    assert_false(wt_framing_plausible(head(2, 0, four))); /* a nonce: 02 00 00 00 00 00 00 00 */
    assert_true(wt_framing_plausible(head(WT_HANDSHAKE_SERVER_HELLO_DONE, 0, four)));
    assert_false(wt_framing_plausible(head(WT_HANDSHAKE_SERVER_HELLO_DONE, 1, four)));
    assert_true(wt_framing_plausible(head(20, WT_LIMIT_HANDSHAKE_MESSAGE, four)));
    assert_false(wt_framing_plausible(head(20, WT_LIMIT_HANDSHAKE_MESSAGE + 1, four)));
    assert_false(wt_framing_plausible(head(63, 4, four)));
    assert_false(wt_framing_plausible(wt_span_of(four, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coalesced),         cmocka_unit_test(test_pieces),  cmocka_unit_test(test_split_records),
        cmocka_unit_test(test_record_per_byte),   cmocka_unit_test(test_alien),   cmocka_unit_test(test_limit),
        cmocka_unit_test(test_limit_ends_inside), cmocka_unit_test(test_gap),     cmocka_unit_test(test_hole),
        cmocka_unit_test(test_gap_then_bytes),    cmocka_unit_test(test_pending), cmocka_unit_test(test_plausible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
