/* The record cursor: RFC 8446, 5.1; RFC 5246, 6.2.1; SSL 2.0's records as RFC 5246, E.2 lets a client open. */
#include "base/buffer.h"
#include "carriage/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What a sink was told, as text: "22/303/5:hello " for a wanted body, "23/303/9 " for one passed over, "lost ". */
struct told {
    struct wt_record_cursor cursor;
    struct wt_buffer text;
    bool wanted; /* also of application data */
    uint32_t number, at;
};

static bool on_begin(void *context, const struct wt_record *r)
{
    struct told *t = context;
    assert_int_equal(r->number, ++t->number);
    t->at = 0;
    wt_buffer_format(&t->text, "%u/%x/%u", r->type, r->version, r->length);
    bool wanted = t->wanted || r->type != WT_CONTENT_APPLICATION_DATA;
    if (wanted)
        wt_buffer_add_char(&t->text, ':');
    return wanted;
}

static void on_body(void *context, const struct wt_record *r, uint32_t at, struct wt_span piece)
{
    struct told *t = context;
    if (!(r->flags & (WT_RECORD_TORN | WT_RECORD_SSL2)))
        assert_int_equal(at, t->at);
    t->at += (uint32_t)piece.n;
    wt_buffer_add(&t->text, piece.p, piece.n);
}

static void on_end(void *context, const struct wt_record *r)
{
    struct told *t = context;
    assert_int_equal(t->cursor.left, 0);
    wt_buffer_add_text(&t->text, r->flags & WT_RECORD_TORN ? "~ " : " ");
}

static void on_lost(void *context, const uint8_t head[5])
{
    struct told *t = context;
    (void)head;
    wt_buffer_add_text(&t->text, "lost ");
}

static void feed(struct told *t, struct wt_span s)
{
    const struct wt_carriage_sink sink = {on_begin, on_body, on_end, on_lost, t};
    wt_record_feed(&t->cursor, s, &sink);
}

static bool gap(struct told *t, uint64_t n)
{
    const struct wt_carriage_sink sink = {on_begin, on_body, on_end, on_lost, t};
    return wt_record_gap(&t->cursor, n, &sink);
}

static void expect(struct told *t, const char *want)
{
    assert_true(wt_buffer_add_char(&t->text, 0));
    assert_string_equal((char *)t->text.p, want);
    wt_buffer_free(&t->text);
}

#define HELLO "\26\3\1\0\5hello"
#define CCS "\24\3\3\0\1\1"
#define DATA "\27\3\3\0\11some-data"
#define EMPTY "\27\3\3\0\0"
#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (const uint8_t *)(text), sizeof(text) - 1                                                                      \
    } /* of a literal with NULs in it */
#define SPAN(text) ((struct wt_span)BYTES(text))

static const struct wt_span stream = BYTES(HELLO CCS DATA EMPTY "\25\3\3\0\2al" HELLO);
static const char *const story = "22/301/5:hello 20/303/1:\1 23/303/9:some-data 23/303/0: 21/303/2:al 22/301/5:hello ";

static void test_whole(void **state)
{
    struct told t = {.wanted = true};
    (void)state;
    feed(&t, stream);
    expect(&t, story);
    assert_int_equal(t.cursor.have, 0);
    assert_false(t.cursor.state & WT_RECORD_OPEN);
}

/* RFC 8446, 5.1: the record boundaries are the stream's, not those of TCP's segments. */
static void test_split_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i <= stream.n; i++)
        for (size_t k = i; k <= stream.n; k += 3) {
            struct told t = {.wanted = true};
            feed(&t, wt_span_cut(stream, 0, i));
            feed(&t, wt_span_cut(stream, i, k - i));
            feed(&t, wt_span_cut(stream, k, stream.n));
            expect(&t, story);
        }
    struct told t = {.wanted = true};
    for (size_t i = 0; i < stream.n; i++)
        feed(&t, wt_span_cut(stream, i, 1));
    expect(&t, story);
}

/* wt_record_skips() is a short cut of wt_record_feed(), never another way. */
static void test_fast_path(void **state)
{
    (void)state;
    for (size_t size = 1; size < 12; size++) {
        struct told fast = {0}, slow = {0};
        for (size_t at = 0; at < stream.n; at += size) {
            struct wt_span piece = wt_span_cut(stream, at, size);
            if (!wt_record_skips(&fast.cursor, piece.n))
                feed(&fast, piece);
            feed(&slow, piece);
            assert_memory_equal(&fast.cursor, &slow.cursor, sizeof fast.cursor);
        }
        expect(&fast, "22/301/5:hello 20/303/1:\1 23/303/9 23/303/0 21/303/2:al 22/301/5:hello ");
        wt_buffer_free(&slow.text);
    }
    struct told t = {0};
    feed(&t, SPAN("\27\3\3\0\11so"));
    assert_false(wt_record_skips(&t.cursor, 7)); /* the record's end has to be told */
    assert_true(wt_record_skips(&t.cursor, 6));
    assert_false(wt_record_skips(&t.cursor, 1));
    feed(&t, SPAN("x"));
    expect(&t, "23/303/9 ");
}

static void test_plausible(void **state)
{
    static const struct {
        uint8_t head[5];
        bool is;
    } rows[] = {
        {{22, 3, 1, 0, 1}, true},
        {{19, 3, 1, 0, 1}, false},
        {{20, 3, 0, 0, 1}, true},
        {{24, 3, 3, 0, 1}, true},
        {{25, 3, 3, 0, 1}, false},
        {{22, 2, 0, 0, 1}, false},
        {{22, 3, 4, 0, 1}, true},
        {{22, 3, 5, 0, 1}, false},
        {{23, 3, 3, 0, 0}, true},
        /* RFC 5246, 6.2.3: "The length MUST NOT exceed 2^14 + 2048." */
        {{23, 3, 3, 0x48, 0}, true},
        {{23, 3, 3, 0x48, 1}, false},
        {{23, 3, 3, 0xff, 0xff}, false},
        /* GB/T 38636-2020, 6.3.3: TLCP */
        {{22, 1, 1, 0, 1}, true},
        {{22, 1, 0, 0, 1}, false},
        {{22, 1, 2, 0, 1}, false},
        {{22, 0, 1, 0, 1}, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(wt_record_plausible(rows[i].head), rows[i].is);
        struct told t = {0};
        feed(&t, wt_span_of(rows[i].head, 5));
        assert_int_equal(!(t.cursor.state & WT_RECORD_LOST), rows[i].is);
        wt_buffer_free(&t.text);
    }
}

/* What is no header where one should stand is told once; reading goes on at the next record. */
static void test_lost_and_found(void **state)
{
    struct told t = {0};
    (void)state;
    feed(&t, SPAN(HELLO "nonsense"));
    assert_true(t.cursor.state & WT_RECORD_LOST);
    feed(&t, SPAN("more nonsense"));
    feed(&t, SPAN("\26\3\1\0\5again"));
    feed(&t, SPAN(CCS));
    expect(&t, "22/301/5:hello lost 22/301/5:again 20/303/1:\1 ");
    /* found inside a segment: only with another record behind it as proof */
    t = (struct told){0};
    feed(&t, SPAN(HELLO "GET / HTTP/1.1\r\n"));
    feed(&t, SPAN("xyz\26\3\1\0\5again\26\3\1\0\3end"));
    expect(&t, "22/301/5:hello lost 22/301/5:again 22/301/3:end ");
    t = (struct told){0};
    feed(&t, SPAN(HELLO "GET / HTTP/1.1\r\n"));
    feed(&t, SPAN("xyz\26\3\1\0\77again"));
    expect(&t, "22/301/5:hello lost ");
}

static void test_gap_inside(void **state)
{
    (void)state;
    for (unsigned missing = 1; missing <= 7; missing++) {
        struct told t = {.wanted = true};
        feed(&t, SPAN("\27\3\3\0\11so"));
        assert_true(gap(&t, missing));
        feed(&t, wt_span_cut(SPAN("some-data"), 2 + missing, 9));
        feed(&t, SPAN(CCS));
        char want[64] = "23/303/9:so";
        strncat(want, &"some-data"[2 + missing], 9);
        strcat(want, "~ 20/303/1:\1 ");
        expect(&t, want);
    }
}

/* A gap over a boundary: lost, and found again where a segment begins with a record of the stream's version. */
static void test_gap_over_boundary(void **state)
{
    struct told t = {0};
    (void)state;
    feed(&t, SPAN("\27\3\3\0\11so"));
    assert_false(gap(&t, 8));
    feed(&t, SPAN("tail of something"));
    feed(&t, SPAN("\27\3\1\0\3old")); /* another version than this stream's */
    assert_true(t.cursor.state & WT_RECORD_LOST);
    feed(&t, SPAN(DATA CCS));
    feed(&t, SPAN(HELLO));
    expect(&t, "23/303/923/303/9 20/303/1:\1 22/301/5:hello ");
    /* in the middle of a header */
    t = (struct told){0};
    feed(&t, SPAN(CCS "\27\3"));
    assert_false(gap(&t, 3));
    feed(&t, SPAN("\27\3\3\0\3abc"));
    expect(&t, "20/303/1:\1 23/303/3 ");
    /* between two records: n bytes may have held any number of records */
    t = (struct told){0};
    feed(&t, SPAN(CCS));
    assert_false(gap(&t, 1));
    assert_false(gap(&t, 1));
    feed(&t, SPAN("\27\3\3\0\3abc"));
    expect(&t, "20/303/1:\1 23/303/3 ");
    /* before anything was seen: any version will do */
    t = (struct told){0};
    assert_false(gap(&t, 100));
    feed(&t, SPAN("\27\3\2\0\3abc"));
    expect(&t, "23/302/3 ");
}

static void test_huge_gap(void **state)
{
    struct told t = {0};
    (void)state;
    feed(&t, SPAN("\27\3\3\0\11so"));
    assert_false(gap(&t, UINT64_MAX));
    feed(&t, SPAN(CCS));
    expect(&t, "23/303/920/303/1:\1 ");
}

/* SSL 2.0: two bytes of header with the high bit set, or three with a padding length. */
static void test_ssl2(void **state)
{
    static const struct wt_span s = BYTES("\200\5first"
                                          "\0\7\2secnd!!"
                                          "\26\3\1\0\3tls"
                                          "\200\0"
                                          "\200\1z");
    (void)state;
    for (size_t i = 0; i <= s.n; i++) {
        struct told t = {.cursor.state = WT_RECORD_SSL2_MAY};
        feed(&t, wt_span_cut(s, 0, i));
        feed(&t, wt_span_cut(s, i, s.n));
        expect(&t, "22/2/5:first 22/2/5:secnd!! 22/301/3:tls 22/2/0: 22/2/1:z ");
    }
    /* only where it was agreed on */
    struct told t = {0};
    feed(&t, s);
    assert_int_equal(memcmp(t.text.p, "lost ", 5), 0);
    wt_buffer_free(&t.text);
}

/* Lengths that a padding exceeds. */
static void test_ssl2_padding(void **state)
{
    struct told t = {.cursor.state = WT_RECORD_SSL2_MAY};
    (void)state;
    feed(&t, SPAN("\0\2\11ab\200\1z"));
    expect(&t, "22/2/0:ab 22/2/1:z ");
}

static void test_is_hello(void **state)
{
    uint8_t b[11] = {22, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3}, type = 0;
    bool more;
    (void)state;
    assert_true(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
    assert_int_equal(type, WT_HANDSHAKE_CLIENT_HELLO);
    for (size_t n = 0; n < 11; n++) {
        assert_false(wt_record_is_hello(wt_span_of(b, n), &type, &more));
        assert_int_equal(more, n > 0);
    }
    b[5] = 2;
    assert_true(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
    assert_int_equal(type, WT_HANDSHAKE_SERVER_HELLO);
    static const struct {
        uint8_t at, value;
    } wrong[] = {{0, 23}, {1, 2}, {2, 9}, {3, 0xff}, {5, 3}, {6, 0x20}, {8, 37}, {9, 2}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t was = b[wrong[i].at];
        b[wrong[i].at] = wrong[i].value;
        assert_false(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
        b[wrong[i].at] = was;
    }
    assert_true(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
    /* RFC 5246, appendix E.1: "If a TLS server receives a ClientHello containing a version number greater than the
     * highest version supported by the server, it MUST reply according to the highest version supported by the
     * server." Any version, when the lengths of record and message agree; a server has to choose one that there is. */
    for (uint8_t major = 0; major < 6; major += 2) {
        b[5] = 1;
        b[9] = major;
        assert_true(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
        b[4]++;
        assert_false(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
        b[4]--;
        b[5] = 2;
        assert_false(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
    }
    /* TLCP's version stands in the header as well, so that its hellos need no more proof */
    b[1] = b[2] = b[9] = b[10] = 1;
    for (b[5] = 1; b[5] < 3; b[5]++) {
        b[4] += 9;
        assert_true(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
        b[4] -= 9;
    }
    b[1] = b[9] = b[10] = 3;
    b[5] = 2;
    /* a record that ends before the version does, and another one that is not there, or is none */
    b[4] = 5;
    assert_false(wt_record_is_hello(wt_span_of(b, 10), &type, &more));
    assert_true(more);
    assert_false(wt_record_is_hello(wt_span_of(b, 11), &type, &more));
    assert_false(more);
}

/* RFC 8446, 5.1: "Handshake messages MAY be coalesced into a single TLSPlaintext record or fragmented across several
 * records": down to a byte in each. */
static void test_is_hello_in_pieces(void **state)
{
    static const uint8_t head[] = {1, 0, 0, 56, 3, 3};
    (void)state;
    for (size_t size = 1; size <= sizeof head; size++) {
        uint8_t b[36], type;
        size_t n = 0;
        bool more;
        for (size_t i = 0; i < sizeof head; i += size) {
            const size_t part = sizeof head - i < size ? sizeof head - i : size;
            const uint8_t record[5] = {22, 3, 1, 0, (uint8_t)part};
            memcpy(b + n, record, 5);
            memcpy(b + n + 5, head + i, part);
            n += 5 + part;
        }
        assert_true(wt_record_is_hello(wt_span_of(b, n), &type, &more));
        assert_int_equal(type, WT_HANDSHAKE_CLIENT_HELLO);
        for (size_t cut = 1; cut < n; cut++) {
            assert_false(wt_record_is_hello(wt_span_of(b, cut), &type, &more));
            assert_true(more);
        }
        b[5] = 11; /* a Certificate */
        assert_false(wt_record_is_hello(wt_span_of(b, n), &type, &more));
        assert_false(more);
        b[5] = 1;
        b[4] = 0; /* "Implementations MUST NOT send zero-length fragments of Handshake types" */
        assert_false(wt_record_is_hello(wt_span_of(b, n), &type, &more));
        assert_false(more);
    }
}

static void test_is_ssl2_hello(void **state)
{
    uint8_t b[11] = {0x80, 9 + 6 + 16, 1, 3, 1, 0, 6, 0, 0, 0, 16};
    (void)state;
    assert_true(wt_record_is_ssl2_hello(wt_span_of(b, 11)));
    assert_false(wt_record_is_ssl2_hello(wt_span_of(b, 10)));
    static const struct {
        uint8_t at, value;
    } wrong[] = {{0, 0}, {1, 30}, {2, 2}, {3, 9}, {6, 7}, {6, 0}, {8, 5}, {10, 15}, {10, 33}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t was = b[wrong[i].at];
        b[wrong[i].at] = wrong[i].value;
        assert_false(wt_record_is_ssl2_hello(wt_span_of(b, 11)));
        b[wrong[i].at] = was;
    }
    /* RFC 5246, E.2: of challenge_length "permissible values are between 16 and 32 bytes inclusive"; session_id_length
     * "MUST have a value of zero for a client that claims to support TLS 1.2"; SSL 2.0's own may have 16 */
    b[3] = 0;
    b[4] = 2;
    b[8] = 16;
    b[1] = 9 + 6 + 16 + 16;
    assert_true(wt_record_is_ssl2_hello(wt_span_of(b, 11)));
}

/* RFC 5246, 7.2.2, record_overflow: "a length more than 2^14+2048 bytes". After a whole record such a header is
 * believed and its bytes are passed over; where nothing was whole before, it is none. */
static void test_overlong(void **state)
{
    struct told t = {0};
    uint8_t bytes[6 + 5 + 18433 + 6] = {22, 3, 3, 0, 1, 'a', 22, 3, 3, 0x48, 0x01};
    const uint8_t after[6] = {22, 3, 3, 0, 1, 'b'};
    (void)state;
    memset(bytes + 11, 'x', 18433);
    memcpy(bytes + sizeof bytes - 6, after, 6);
    feed(&t, wt_span_of(bytes, 11));
    assert_int_equal(t.cursor.record.flags, WT_RECORD_OVERLONG);
    assert_int_equal(t.cursor.left, 18433);
    t.wanted = false;
    feed(&t, wt_span_cut(wt_span_of(bytes, sizeof bytes), 11, SIZE_MAX));
    assert_int_equal(t.cursor.record.flags, 0);
    wt_buffer_add(&t.text, "", 1);
    assert_non_null(strstr((char *)t.text.p, "22/303/1:a 22/303/18433:x"));
    assert_non_null(strstr((char *)t.text.p, "x 22/303/1:b "));
    assert_null(strstr((char *)t.text.p, "lost"));
    wt_buffer_free(&t.text);
    t = (struct told){0};
    feed(&t, wt_span_of(bytes + 6, 5));
    assert_int_equal(t.cursor.state & WT_RECORD_LOST, WT_RECORD_LOST);
    wt_buffer_free(&t.text);
    /* neither is one of another version */
    t = (struct told){0};
    bytes[7] = 4;
    feed(&t, wt_span_of(bytes, 11));
    assert_int_equal(t.cursor.state & WT_RECORD_LOST, WT_RECORD_LOST);
    wt_buffer_free(&t.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_split_anywhere),
        cmocka_unit_test(test_fast_path),
        cmocka_unit_test(test_plausible),
        cmocka_unit_test(test_lost_and_found),
        cmocka_unit_test(test_overlong),
        cmocka_unit_test(test_gap_inside),
        cmocka_unit_test(test_gap_over_boundary),
        cmocka_unit_test(test_huge_gap),
        cmocka_unit_test(test_ssl2),
        cmocka_unit_test(test_ssl2_padding),
        cmocka_unit_test(test_is_hello),
        cmocka_unit_test(test_is_hello_in_pieces),
        cmocka_unit_test(test_is_ssl2_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
