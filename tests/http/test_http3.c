/* HTTP/3: RFC 9114, with field compression by RFC 9204. */
#include "http/qpack.h"
#include "registry/http3.h"
#include "registry/registry.h"
#include "streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GET(path) ":method: GET\n:scheme: https\n:authority: a.example\n:path: " path "\nuser-agent: test\n"
#define OK_ ":status: 200\nserver: test\n"

/* --- what it understands --- */

static void exchange(struct streams *s)
{
    h3_headers(s, WT_CLIENT, 0, GET("/0"));
    fin(s, WT_CLIENT, 0);
    h3_headers(s, WT_CLIENT, 4, ":method: POST\n:scheme: https\n:path: /4\nhost: from.http1\nuser-agent: test\n");
    on(s, WT_CLIENT, 4);
    h3_frame(s, 0, "abc", 3);
    h3_frame(s, 0, "d", 1);
    fin(s, WT_CLIENT, 4);
    h3_headers(s, WT_SERVER, 4, ":status: 201\ncontent-type: text/html\ncontent-encoding: br\n");
    fin(s, WT_SERVER, 4);
    h3_headers(s, WT_SERVER, 0, OK_ "content-type: text/plain\nx: y\n");
    on(s, WT_SERVER, 0);
    h3_frame(s, 0, "12345", 5);
    fin(s, WT_SERVER, 0);
}

/* Whatever the order in which streams come, and in pieces of whatever size. */
static void test_streams(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 0);
    streams_greet(&s, 0);
    exchange(&s);
    streams_always(&s, "HTTP/3\n"
                       "7 GET https a.example /0 30 +0 | 14 200 - text/plain - +5 stream 0\n"
                       "9 POST https from.http1 /4 30 +4 | 12 201 - text/html br +0 stream 4\n");
}

/* RFC 9204, 2.1.2: sections that come before the entries that they build on are blocked; before SETTINGS they cannot be
 * read at all, as 4.5.1.1 counts by the capacity. */
static void test_dynamic_table(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 4096);
    streams_greet(&s, 4096);
    const size_t before = s.count;
    exchange(&s);
    h3_headers(&s, WT_CLIENT, 8, GET("/8"));
    fin(&s, WT_CLIENT, 8);
    size_t inserts = 0;
    for (size_t i = before; i < s.count; i++)
        inserts += s.items[i].stream == C_ENCODER || s.items[i].stream == S_ENCODER;
    assert_true(inserts > 1);
    streams_always(&s, "HTTP/3\n"
                       "8 GET https a.example /0 30 +0 | 18 200 - text/plain - +5 stream 0\n"
                       "11 POST https from.http1 /4 30 +4 | 15 201 - text/html br +0 stream 4\n"
                       "21 GET https a.example /8 30 +0 | 0 0 - - - +0 stream 8\n");
}

/* RFC 9114, 4.1: interim answers, then the final one, content, and trailers, whose fields are not the answer's. */
static void test_interim_and_trailers(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 4096);
    streams_greet(&s, 4096);
    h3_headers(&s, WT_CLIENT, 0, ":method: PUT\n:scheme: https\n:authority: a\n:path: /\nx: 1\n");
    on(&s, WT_CLIENT, 0);
    h3_frame(&s, 0, "body", 4);
    h3_headers(&s, WT_CLIENT, 0, "digest: x\n:path: /no\n");
    fin(&s, WT_CLIENT, 0);
    h3_headers(&s, WT_SERVER, 0, ":status: 100\n");
    h3_headers(&s, WT_SERVER, 0, ":status: 103\ncontent-type: no/no\nlink: z\n");
    h3_headers(&s, WT_SERVER, 0, ":status: 200\ncontent-type: a/b\n");
    on(&s, WT_SERVER, 0);
    h3_frame(&s, 0, "ok", 2);
    h3_headers(&s, WT_SERVER, 0, "content-encoding: no\n:status: 500\nx-t: u\n");
    fin(&s, WT_SERVER, 0);
    streams_always(&s, "HTTP/3\n8 PUT https a / 30 +4 | 17 200 - a/b - +2 stream 0 interim 2\n");
}

/* RFC 9114, 9: frames and streams of unknown types are ignored, "GREASE" of 7.2.8 and 6.2.3 among them; extensions'
 * also on the control stream. */
static void test_unknown(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 0);
    streams_greet(&s, 0);
    on(&s, WT_CLIENT, 14);
    integer(&s, 0x1f * 7 + 0x21);
    put(&s, "whatever", 8);
    on(&s, WT_CLIENT, 14);
    put(&s, "\0\1\2", 3);
    on(&s, WT_CLIENT, C_CONTROL);
    h3_frame(&s, 0xf0700, "\0u=1", 4);
    h3_frame(&s, 0x1f * 9 + 0x21, "x", 1);
    h3_frame(&s, 0x0d, "\5", 1);
    on(&s, WT_CLIENT, 0);
    h3_frame(&s, 0x1f * 3 + 0x21, NULL, 0);
    h3_headers(&s, WT_CLIENT, 0, GET("/"));
    on(&s, WT_CLIENT, 0);
    h3_frame(&s, 0x1f * 1000000 + 0x21, "grease", 6);
    h3_frame(&s, 0, NULL, 0);
    fin(&s, WT_CLIENT, 0);
    on(&s, WT_SERVER, S_CONTROL);
    h3_frame(&s, 7, "\10", 1); /* GOAWAY */
    on(&s, WT_SERVER, 1);      /* a server's bidirectional stream: none of HTTP/3's */
    put(&s, "\1\1\1\1", 4);
    h3_headers(&s, WT_SERVER, 0, OK_);
    fin(&s, WT_SERVER, 0);
    streams_always(&s, "HTTP/3\n11 GET https a.example / 30 +0 | 16 200 - - - +0 stream 0\n");
}

/* RFC 9114, 4.6: what is promised is named behind what it was promised with, once; the stream on which it comes is
 * passed over. */
static void test_push(void **state)
{
    struct streams s;
    uint8_t promise[256];
    (void)state;
    streams_begin(&s, 0);
    streams_greet(&s, 0);
    h3_headers(&s, WT_CLIENT, 0, GET("/0"));
    fin(&s, WT_CLIENT, 0);
    for (uint8_t i = 0; i < 3; i++) {
        promise[0] = i == 2 ? 1 : i; /* the second one twice */
        const size_t n = 1 + h3_section(&s, WT_SERVER, 0, i ? GET("/b.js") : GET("/a.css"), promise + 1, 255);
        on(&s, WT_SERVER, 0);
        h3_frame(&s, 5, promise, n);
    }
    h3_headers(&s, WT_SERVER, 0, OK_);
    fin(&s, WT_SERVER, 0);
    on(&s, WT_SERVER, 15);
    put(&s, "\1\0\1\3\0\0\xd9", 7);
    h3_headers(&s, WT_CLIENT, 4, GET("/4"));
    streams_always(&s, "HTTP/3\n"
                       "7 GET https a.example /0 30 +0 | 12 200 - - - +0 stream 0\n"
                       "9 GET https a.example /a.css 30 +0 | 0 0 - - - +0 stream 0 pushed\n"
                       "10 GET https a.example /b.js 30 +0 | 0 0 - - - +0 stream 0 pushed\n"
                       "15 GET https a.example /4 30 +0 | 0 0 - - - +0 stream 4 reset\n");
}

/* RFC 9114, 4.4 and RFC 9220: CONNECT. */
static void test_connect(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 0);
    streams_greet(&s, 0);
    h3_headers(&s, WT_CLIENT, 0, ":method: CONNECT\n:authority: b.example:443\n");
    on(&s, WT_CLIENT, 0);
    h3_frame(&s, 0, "hello", 5);
    fin(&s, WT_CLIENT, 0);
    h3_headers(&s, WT_SERVER, 0, ":status: 200\n");
    fin(&s, WT_SERVER, 0);
    streams_always(&s, "HTTP/3\n7 CONNECT - b.example:443 b.example:443 30 +5 | 10 200 - - - +0 stream 0 upgraded\n");
}

/* --- what is cut off --- */

static void test_resets(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 0);
    streams_greet(&s, 0);
    h3_headers(&s, WT_CLIENT, 0, GET("/reset"));
    reset(&s, WT_CLIENT, 0);
    reset(&s, WT_SERVER, 0);
    h3_headers(&s, WT_CLIENT, 4, GET("/answered"));
    fin(&s, WT_CLIENT, 4);
    h3_headers(&s, WT_SERVER, 4, OK_);
    on(&s, WT_SERVER, 4);
    h3_frame(&s, 0, "abc", 3);
    reset(&s, WT_SERVER, 4);
    h3_headers(&s, WT_CLIENT, 8, GET("/cut"));
    on(&s, WT_CLIENT, 8);
    put(&s, "\0\12abc", 5); /* ten bytes, of which three come: RFC 9114, 7.1 */
    fin(&s, WT_CLIENT, 8);
    h3_headers(&s, WT_CLIENT, 12, GET("/open"));
    streams_always(&s, "HTTP/3\n"
                       "7 GET https a.example /reset 30 +0 | 0 0 - - - +0 stream 0 reset\n"
                       "10 GET https a.example /answered 30 +0 | 12 200 - - - +3 stream 4 reset\n"
                       "15 GET https a.example /cut 30 +3 | 0 0 - - - +0 stream 8 reset\n"
                       "18 GET https a.example /open 30 +0 | 0 0 - - - +0 stream 12 reset\n");
}

/* Bytes that are missing: of a body they are counted; of header fields, the exchange is listed without them; the other
 * streams go on. */
static void test_gaps(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 0);
    streams_greet(&s, 0);
    h3_headers(&s, WT_CLIENT, 0, GET("/0"));
    fin(&s, WT_CLIENT, 0);
    h3_headers(&s, WT_SERVER, 0, OK_);
    on(&s, WT_SERVER, 0);
    put(&s, "\0\12abc", 5);
    gap(&s, WT_SERVER, 0, 5);
    on(&s, WT_SERVER, 0);
    put(&s, "de\0\1f", 5);
    fin(&s, WT_SERVER, 0);
    gap(&s, WT_CLIENT, 4, 20);
    on(&s, WT_CLIENT, 4);
    put(&s, "\1\1\1\1", 4);
    fin(&s, WT_CLIENT, 4);
    h3_headers(&s, WT_SERVER, 4, ":status: 404\n");
    fin(&s, WT_SERVER, 4);
    h3_headers(&s, WT_CLIENT, 8, GET("/8"));
    gap(&s, WT_CLIENT, 8, 20); /* between frames: what follows cannot be told */
    fin(&s, WT_CLIENT, 8);
    h3_headers(&s, WT_SERVER, 8, OK_);
    fin(&s, WT_SERVER, 8);
    streams_always(&s, "HTTP/3\n"
                       "7 GET https a.example /0 30 +0 | 9 200 - - - +11 stream 0\n"
                       "0 - - - - 30 +0 | 17 404 - - - +0 stream 4\n"
                       "19 GET https a.example /8 30 +0 | 22 200 - - - +0 stream 8\n");
}

/* The encoder stream is torn: sections that need no entries, or those that had come, are read. */
static void test_gap_in_table(void **state)
{
    struct streams s;
    (void)state;
    streams_begin(&s, 4096);
    streams_greet(&s, 4096);
    h3_headers(&s, WT_CLIENT, 0, GET("/0"));
    fin(&s, WT_CLIENT, 0);
    gap(&s, WT_CLIENT, C_ENCODER, 10);
    h3_headers(&s, WT_CLIENT, 4, ":method: GET\n:scheme: https\n:authority: b.example\n:path: /4\n");
    fin(&s, WT_CLIENT, 4);
    on(&s, WT_CLIENT, 8);
    h3_frame(&s, 1, "\0\0\xd1\xc1", 4); /* of the static table: GET, / */
    fin(&s, WT_CLIENT, 8);
    streams_so(&s, "HTTP/3\n"
                   "8 GET https a.example /0 30 +0 | 0 0 - - - +0 stream 0\n"
                   "12 - - - - 30 +0 | 0 0 - - - +0 stream 4\n"
                   "14 GET - - / 30 +0 | 0 0 - - - +0 stream 8\n");
}

/* SETTINGS are lost: what the table's capacity would tell is taken to be the most. */
static void test_gap_in_settings(void **state)
{
    static const bool never[] = {false, true};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct streams s;
        streams_begin(&s, 4096);
        streams_greet(&s, 4096);
        if (never[i]) {
            s.items[3].n = 1; /* its type, and nothing more */
        } else {
            gap(&s, WT_SERVER, S_CONTROL, 7);
            s.items[3].n = 1;
        }
        h3_headers(&s, WT_CLIENT, 0, GET("/0"));
        fin(&s, WT_CLIENT, 0);
        streams_always(&s, never[i] ? "HTTP/3\n8 GET https a.example /0 30 +0 | 0 0 - - - +0 stream 0\n"
                                    : "HTTP/3\n9 GET https a.example /0 30 +0 | 0 0 - - - +0 stream 0\n");
    }
}

/* --- what breaks the rules --- */

static void test_errors(void **state)
{
    static const struct {
        enum wt_side side;
        uint64_t stream;
        const char *bytes;
        size_t n;
        const char *stop;
    } rows[] = {
        /* RFC 9114, 4.1: DATA before HEADERS */
        {WT_CLIENT, 4, "\0\1x", 3, "client: frame\n"},
        /* 7, table 1: frames that do not belong there */
        {WT_CLIENT, 4, "\4\0", 2, "client: frame\n"},
        {WT_SERVER, 4, "\7\1\0", 3, "server: frame\n"},
        {WT_CLIENT, 4, "\15\1\0", 3, "client: frame\n"},
        {WT_CLIENT, C_CONTROL, "\0\1x", 3, "client: frame\n"},
        {WT_SERVER, S_CONTROL, "\1\1x", 3, "server: frame\n"},
        {WT_SERVER, S_CONTROL, "\5\1\0", 3, "server: frame\n"},
        /* 7.2.4: SETTINGS "MUST NOT be sent subsequently" */
        {WT_SERVER, S_CONTROL, "\4\0", 2, "server: frame\n"},
        /* 7.2.5: "A client MUST NOT send a PUSH_PROMISE frame" */
        {WT_CLIENT, 4, "\5\3\0\0\0", 5, "client: frame\n"},
        /* a push id that is cut by its frame's end */
        {WT_SERVER, 4, "\5\1\100", 3, "server: frame\n"},
        /* 7.2.8: types of HTTP/2: PRIORITY, PING, WINDOW_UPDATE, CONTINUATION */
        {WT_CLIENT, 4, "\2\0", 2, "client: frame\n"},
        {WT_CLIENT, C_CONTROL, "\6\0", 2, "client: frame\n"},
        {WT_SERVER, S_CONTROL, "\10\0", 2, "server: frame\n"},
        {WT_SERVER, 4, "\11\0", 2, "server: frame\n"},
        /* 6.2.1, and RFC 9204, 4.2: one of each */
        {WT_CLIENT, 14, "\0", 1, "client: frame\n"},
        {WT_CLIENT, 14, "\2", 1, "client: frame\n"},
        {WT_SERVER, 15, "\3", 1, "server: frame\n"},
        /* RFC 9204, 2.2: a section that cannot be decompressed: none, a static entry of 99, an entry that was not
         * inserted, a string that is cut */
        {WT_CLIENT, 4, "\1\0", 2, "client: hpack\n"},
        {WT_CLIENT, 4, "\1\4\0\0\xff\x24", 6, "client: hpack\n"},
        {WT_CLIENT, 4, "\1\3\0\0\x80", 5, "client: hpack\n"},
        {WT_SERVER, 4, "\1\4\0\0\x21\x61", 6, "server: hpack\n"},
        /* 4.3.1: a capacity beyond SETTINGS */
        {WT_CLIENT, C_ENCODER, "\x3f\xe1\xff\x3", 4, "client: hpack\n"},
        /* 3.2.4: an entry that is not there, duplicated */
        {WT_SERVER, S_ENCODER, "\0", 1, "server: hpack\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct streams s;
        char want[256];
        streams_begin(&s, 0);
        streams_greet(&s, 4096);
        h3_headers(&s, WT_CLIENT, 0, GET("/"));
        fin(&s, WT_CLIENT, 0);
        on(&s, rows[i].side, rows[i].stream);
        put(&s, rows[i].bytes, rows[i].n);
        (void)snprintf(want, sizeof want, "HTTP/3\n7 GET https a.example / 30 +0 | 0 0 - - - +0 stream 0\n%s",
                       rows[i].stop);
        streams_so(&s, want);
    }
}

/* Before SETTINGS, and SETTINGS that end within a setting: RFC 9114, 6.2.1 and 7.1. Critical streams that are closed.
 */
static void test_control_errors(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        bool fin;
    } rows[] = {
        {"\0\7\1\0", 4, false},     {"\0\x21\0", 3, false}, {"\0\4\1\1", 4, false},
        {"\0\4\2\1\100", 5, false}, {"\0\4\0", 3, true},    {"\2\x20", 2, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct streams s;
        streams_begin(&s, 0);
        h3_headers(&s, WT_CLIENT, 0, GET("/"));
        fin(&s, WT_CLIENT, 0);
        on(&s, WT_SERVER, S_CONTROL);
        put(&s, rows[i].bytes, rows[i].n);
        if (rows[i].fin)
            fin(&s, WT_SERVER, S_CONTROL);
        streams_so(&s, "HTTP/3\n1 GET https a.example / 30 +0 | 0 0 - - - +0 stream 0\nserver: frame\n");
    }
}

/* Rows of http3.def have IANA's names. */
static void test_names(void **state)
{
    (void)state;
#define WT_HTTP3_FRAME(type, ID, streams, rfc) assert_non_null(wt_registry_name(WT_REG_HTTP3_FRAME, type));
#define WT_HTTP3_STREAM(type, ID, rfc) assert_non_null(wt_registry_name(WT_REG_HTTP3_STREAM, type));
#define WT_HTTP3_SETTING(id, ID, rfc) assert_non_null(wt_registry_name(WT_REG_HTTP3_SETTING, id));
#include "registry/http3.def"
    assert_string_equal(wt_registry_name(WT_REG_HTTP3_FRAME, WT_HTTP3_GOAWAY), "GOAWAY");
    assert_false(wt_http3_may_be_on(2, WT_HTTP3_ON_REQUEST));
    assert_true(wt_http3_may_be_on(0x21, WT_HTTP3_ON_CONTROL));
}

static void is_row(void *context, struct wt_span name, struct wt_span value)
{
    const unsigned *index = context;
    char field[128];
    (void)snprintf(field, sizeof field, "%.*s: %.*s", (int)name.n, name.p, (int)value.n, value.p);
    assert_string_equal(wt_registry_name(WT_REG_QPACK_STATIC, *index), field);
    field[name.n] = 0;
    assert_string_equal(wt_registry_name(WT_REG_QPACK_STATIC_NAME, *index), field);
}

/* RFC 9204, appendix A, as nghttp3 has it: each index in a field line of its own (4.5.2). */
static void test_static_table(void **state)
{
    enum { ROWS = 99, MOST = 0x3f };
    (void)state;
    for (unsigned i = 0; i < ROWS; i++) {
        const uint8_t section[] = {0, 0, (uint8_t)(0xc0 | (i < MOST ? i : MOST)), (uint8_t)(i < MOST ? 0 : i - MOST)};
        struct wt_qpack *q = wt_qpack_new();
        uint64_t needs;
        assert_non_null(q);
        assert_int_equal(wt_qpack_section(q, 0, wt_span_of(section, i < MOST ? 3 : 4), &needs, is_row, &i),
                         WT_QPACK_READ);
        wt_qpack_free(q);
    }
    assert_null(wt_registry_name(WT_REG_QPACK_STATIC, ROWS));
    assert_null(wt_registry_name(WT_REG_QPACK_STATIC_NAME, ROWS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_static_table),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_dynamic_table),
        cmocka_unit_test(test_interim_and_trailers),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_push),
        cmocka_unit_test(test_connect),
        cmocka_unit_test(test_resets),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_gap_in_table),
        cmocka_unit_test(test_gap_in_settings),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_control_errors),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
