/* HTTP/2: RFC 9113, with header compression by RFC 7541. */
#include "captured.h"
#include "registry/limits.h"
#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- what it understands --- */

static void test_streams(void **state)
{
    struct script s;
    (void)state;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    headers(&s, 1, 1, GET("/1"));
    headers(&s, 0, 3, ":method: POST\n:scheme: https\n:path: /3\nhost: from.http1\nuser-agent: test\n");
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_DATA, 0, 3, "abc", 3);
    headers(&s, 1, 5, GET("/5"));
    packet(&s, WT_SERVER);
    headers(&s, 0, 5, OK_ "content-type: text/html\ncontent-encoding: br\n");
    frame(&s, NGHTTP2_DATA, 0, 5, "12345", 5);
    headers(&s, 1, 1, ":status: 304\ncontent-type: text/html\n");
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_DATA, 1, 3, "d", 1);
    packet(&s, WT_SERVER);
    frame(&s, NGHTTP2_DATA, 1, 5, NULL, 0);
    headers(&s, 0, 3, ":status: 201\n");
    frame(&s, NGHTTP2_DATA, 1, 3, "!", 1);
    ALL(&s, "HTTP/2\n"
            "4 GET https a.example /1 20 +0 | 6 304 - text/html - +0 stream 1\n"
            "4 POST https from.http1 /3 20 +4 | 8 201 - - - +1 stream 3\n"
            "5 GET https a.example /5 20 +0 | 6 200 - text/html br +5 stream 5\n");
}

/* RFC 9113, 6.1 and 6.2: padding and priority; 6.10: CONTINUATION; 5.5: frames of unknown types are discarded. */
static void test_frames(void **state)
{
    struct script s;
    uint8_t block[256], padded[512];
    (void)state;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    size_t n = deflate_fields(&s, GET("/padded"), block, sizeof block);
    /* pad length 7, priority, the first 4 bytes of the block, padding; then two CONTINUATIONs, one of them empty */
    memset(padded, 0, sizeof padded);
    padded[0] = 7;
    memcpy(padded + 6, block, 4);
    frame(&s, NGHTTP2_HEADERS, 0x1 | 0x8 | 0x20, 1, padded, 6 + 4 + 7);
    frame(&s, NGHTTP2_CONTINUATION, 0, 1, NULL, 0);
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_CONTINUATION, 4, 1, block + 4, n - 4);
    frame(&s, NGHTTP2_PRIORITY, 0, 9, "\0\0\0\0\1", 5);
    frame(&s, 0xb, 0xff, 77, "unknown", 7);
    frame(&s, NGHTTP2_PING, 0, 0, "12345678", 8);
    packet(&s, WT_SERVER);
    n = deflate_fields(&s, OK_, block, sizeof block);
    frame(&s, NGHTTP2_HEADERS, 0, 1, block, n);
    frame(&s, NGHTTP2_CONTINUATION, 4, 1, NULL, 0);
    memset(padded, 0, sizeof padded);
    padded[0] = 255;
    frame(&s, NGHTTP2_DATA, 0x8, 1, padded, 1 + 10 + 255);
    padded[0] = 0;
    frame(&s, NGHTTP2_DATA, 0x8, 1, padded, 1 + 3);
    padded[0] = 1;
    frame(&s, NGHTTP2_DATA, 0x8 | 0x1, 1, padded, 1 + 1);
    frame(&s, NGHTTP2_WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
    frame(&s, NGHTTP2_GOAWAY, 0, 0, "\0\0\0\1\0\0\0\0bye", 11);
    ALL(&s, "HTTP/2\n5 GET https a.example /padded 20 +0 | 6 200 - - - +13 stream 1\n");
}

/* RFC 9113, 8.1: interim answers, then the final one, the body, and trailers, whose fields are not the answer's. */
static void test_interim_and_trailers(void **state)
{
    struct script s;
    (void)state;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    headers(&s, 0, 1, ":method: PUT\n:scheme: https\n:authority: a\n:path: /\n");
    packet(&s, WT_SERVER);
    headers(&s, 0, 1, ":status: 100\n");
    headers(&s, 0, 1, ":status: 103\ncontent-type: no/no\n");
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_DATA, 0, 1, "body", 4);
    headers(&s, 1, 1, "digest: x\n:path: /no\n");
    packet(&s, WT_SERVER);
    headers(&s, 0, 1, ":status: 200\ncontent-type: a/b\n");
    frame(&s, NGHTTP2_DATA, 0, 1, "ok", 2);
    headers(&s, 1, 1, "content-encoding: no\n:status: 500\n");
    ALL(&s, "HTTP/2\n4 PUT https a / 20 +4 | 7 200 - a/b - +2 stream 1 interim 2\n");
}

/* RFC 9113, 8.4: what is pushed stands behind what it was pushed with. */
static void test_push(void **state)
{
    struct script s;
    uint8_t block[256];
    (void)state;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    headers(&s, 1, 1, GET("/1"));
    headers(&s, 1, 3, GET("/3"));
    packet(&s, WT_SERVER);
    memcpy(block, "\0\0\0\2", 4);
    size_t n = deflate_fields(&s, GET("/style.css"), block + 4, sizeof block - 4);
    frame(&s, NGHTTP2_PUSH_PROMISE, 4, 1, block, 4 + n);
    memcpy(block, "\2\0\0\0\4", 5);
    n = deflate_fields(&s, GET("/script.js"), block + 5, sizeof block - 7);
    memset(block + 5 + n, 0, 2);
    frame(&s, NGHTTP2_PUSH_PROMISE, 4 | 8, 1, block, 5 + n + 2);
    packet(&s, WT_SERVER);
    headers(&s, 1, 1, OK_);
    headers(&s, 1, 3, OK_);
    headers(&s, 0, 2, OK_ "content-type: text/css\n");
    frame(&s, NGHTTP2_DATA, 1, 2, "a{}", 3);
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_RST_STREAM, 0, 4, "\0\0\0\10", 4);
    ALL(&s, "HTTP/2\n"
            "4 GET https a.example /1 20 +0 | 6 200 - - - +0 stream 1\n"
            "5 GET https a.example /style.css 20 +0 | 6 200 - text/css - +3 stream 2 pushed\n"
            "5 GET https a.example /script.js 20 +0 | 0 0 - - - +0 stream 4 pushed reset\n"
            "4 GET https a.example /3 20 +0 | 6 200 - - - +0 stream 3\n");
}

/* RFC 9113, 5.4.2 and 8.1: a stream that is reset before its end; one that is reset after it is whole. */
static void test_reset(void **state)
{
    struct script s;
    (void)state;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    headers(&s, 1, 1, GET("/cancelled"));
    headers(&s, 1, 3, GET("/refused"));
    headers(&s, 1, 5, GET("/whole"));
    headers(&s, 1, 7, GET("/connection-ends"));
    headers(&s, 1, 9, GET("/unanswered"));
    headers(&s, 0, 11, ":method: POST\n:scheme: https\n:authority: a\n:path: /answered-early\n");
    packet(&s, WT_SERVER);
    headers(&s, 0, 1, OK_);
    frame(&s, NGHTTP2_DATA, 0, 1, "some", 4);
    frame(&s, NGHTTP2_RST_STREAM, 0, 3, "\0\0\0\7", 4);
    headers(&s, 1, 5, OK_);
    frame(&s, NGHTTP2_RST_STREAM, 0, 5, "\0\0\0\0", 4);
    headers(&s, 0, 7, OK_);
    headers(&s, 1, 11, ":status: 413\n");
    frame(&s, NGHTTP2_RST_STREAM, 0, 11, "\0\0\0\0", 4);
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\10", 4);
    packet(&s, WT_SERVER); /* was on its way */
    frame(&s, NGHTTP2_DATA, 0, 1, "more", 4);
    ALL(&s, "HTTP/2\n"
            "4 GET https a.example /cancelled 20 +0 | 5 200 - - - +8 stream 1 reset\n"
            "4 GET https a.example /refused 20 +0 | 0 0 - - - +0 stream 3 reset\n"
            "4 GET https a.example /whole 20 +0 | 5 200 - - - +0 stream 5\n"
            "4 GET https a.example /connection-ends 20 +0 | 5 200 - - - +0 stream 7 reset\n"
            "4 GET https a.example /unanswered 20 +0 | 0 0 - - - +0 stream 9\n"
            "4 POST https a /answered-early 20 +0 | 5 413 - - - +0 stream 11 reset\n");
}

/* RFC 9113, 8.5: CONNECT "omits" scheme and path; RFC 8441, 4: extended CONNECT has them. */
static void test_connect(void **state)
{
    struct script s;
    (void)state;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    headers(&s, 0, 1, ":method: CONNECT\n:authority: far.example:443\n");
    frame(&s, NGHTTP2_DATA, 0, 1, "hello", 5);
    headers(&s, 0, 3, ":method: CONNECT\n:protocol: websocket\n:scheme: https\n:authority: a\n:path: /chat\n");
    headers(&s, 0, 5, ":method: CONNECT\n:authority: no.example:25\n");
    packet(&s, WT_SERVER);
    headers(&s, 0, 1, OK_);
    headers(&s, 0, 3, OK_);
    frame(&s, NGHTTP2_DATA, 1, 1, "hi", 2);
    frame(&s, NGHTTP2_DATA, 1, 3, NULL, 0);
    headers(&s, 1, 5, ":status: 403\n");
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_DATA, 1, 1, NULL, 0);
    frame(&s, NGHTTP2_DATA, 1, 3, NULL, 0);
    frame(&s, NGHTTP2_DATA, 1, 5, NULL, 0);
    ALL(&s, "HTTP/2\n"
            "4 CONNECT - far.example:443 far.example:443 20 +5 | 5 200 - - - +2 stream 1 upgraded\n"
            "4 CONNECT https a /chat 20 +0 | 5 200 - - - +0 stream 3 upgraded\n"
            "4 CONNECT - no.example:25 no.example:25 20 +0 | 5 403 - - - +0 stream 5\n");
}

/* RFC 7541, 4.2 and 6.3: the table's size is its owner's word, in the block itself, whatever the order is in which the
 * other side's SETTINGS are seen. */
static void test_table_size(void **state)
{
    static const size_t sizes[] = {0, 100, 65536, WT_LIMIT_HTTP_TABLE};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct script s;
        begin(&s);
        nghttp2_hd_deflate_del(s.deflater[WT_CLIENT]);
        assert_int_equal(nghttp2_hd_deflate_new(&s.deflater[WT_CLIENT], sizes[i]), 0);
        greet(&s);
        packet(&s, WT_CLIENT);
        headers(&s, 1, 1, GET("/1"));
        assert_int_equal(nghttp2_hd_deflate_change_table_size(s.deflater[WT_CLIENT], sizes[i]), 0);
        headers(&s, 1, 3, GET("/3"));
        headers(&s, 1, 5, GET("/3"));
        packet(&s, WT_SERVER);
        headers(&s, 1, 3, OK_);
        ALL(&s, "HTTP/2\n"
                "4 GET https a.example /1 20 +0 | 0 0 - - - +0 stream 1\n"
                "4 GET https a.example /3 20 +0 | 5 200 - - - +0 stream 3\n"
                "4 GET https a.example /3 20 +0 | 0 0 - - - +0 stream 5\n");
    }
    /* A table over our bound is not followed: 0x3f.. is a size update to 2^20. */
    struct script s;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    frame(&s, NGHTTP2_HEADERS, 5, 1, "\x3f\xe1\xff\x3f\x82\x84", 6);
    ALL(&s, "HTTP/2\nclient: hpack\n");
}

/* --- how it begins --- */

/* RFC 7540, 3.2: HTTP/1.1 asks, HTTP/2 answers on stream 1 and goes on. */
static void test_h2c(void **state)
{
    struct script s;
    static const char ask[] = "GET /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                              "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    static const char first[] = "HEAD /before HTTP/1.1\r\nHost: a\r\n\r\n", none[] = "HTTP/1.1 404 No\r\n\r\n";
    (void)state;
    begin(&s);
    packet(&s, WT_CLIENT);
    raw(&s, first, sizeof first - 1);
    raw(&s, ask, sizeof ask - 1);
    packet(&s, WT_SERVER);
    raw(&s, none, sizeof none - 1);
    raw(&s, answer, sizeof answer - 1);
    frame(&s, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    packet(&s, WT_CLIENT);
    raw(&s, PREFACE, 24);
    frame(&s, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    headers(&s, 1, 3, GET("/3"));
    packet(&s, WT_SERVER);
    headers(&s, 0, 1, OK_);
    frame(&s, NGHTTP2_DATA, 1, 1, "first", 5);
    headers(&s, 1, 3, OK_);
    ALL(&s, "HTTP/2\n"
            "1 HEAD - a /before 11 +0 | 2 404 No - - +0\n"
            "1 GET - a /up 11 +0 | 4 200 Switching Protocols - - +5 stream 1 interim 1 upgraded\n"
            "3 GET https a.example /3 20 +0 | 4 200 - - - +0 stream 3\n");
    /* A server without HTTP/2 goes on as if nothing had been asked. */
    const struct say declined[] = {
        {WT_CLIENT, SAY_BYTES, ask, sizeof ask - 1},
        S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"),
        C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    };
    ALWAYS(declined, "HTTP/1.1\n1 GET - a /up 11 +0 | 2 200 OK - - +2\n3 GET - a /2 11 +0 | 4 200 OK - - +0\n");
}

/* A server of HTTP/1 alone answers the preface as it answers nonsense; a server of HTTP/2 alone does not hear HTTP/1.
 */
static void test_misunderstood(void **state)
{
    (void)state;
    const struct say two_to_one[] = {
        C(PREFACE "\0\0\0\4\0\0\0\0\0"),
        S("HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno!"),
    };
    ALWAYS(two_to_one, "HTTP/2\n0 - - - - 11 +0 | 2 400 Bad Request - - +3\n");
    const struct say one_to_two[] = {
        S("\0\0\0\4\0\0\0\0\0"),
        C("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("\0\0\10\7\0\0\0\0\0\0\0\0\0\0\0\0\1"),
    };
    ALWAYS(one_to_two, "HTTP/1.1\n2 GET - a / 11 +0 | 0 0 - - - +0\n");
}

#define LOST "gap\n"

/* Bytes are missing: that side's header compression is lost, the other's is not. */
static void test_gaps(void **state)
{
    struct script s;
    (void)state;
    begin(&s);
    greet(&s);
    packet(&s, WT_CLIENT);
    headers(&s, 1, 1, GET("/1"));
    s.said[s.count++] = (struct say){WT_CLIENT, SAY_GAP, NULL, 0};
    packet(&s, WT_CLIENT);
    headers(&s, 1, 5, GET("/5"));
    packet(&s, WT_SERVER);
    headers(&s, 1, 1, OK_);
    headers(&s, 0, 3, OK_ "content-type: a/b\n");
    frame(&s, NGHTTP2_DATA, 1, 3, "x", 1);
    expect_so(s.said, s.count,
              "HTTP/2\n"
              "4 GET https a.example /1 20 +0 | 7 200 - - - +0 stream 1\n"
              "0 - - - - 20 +0 | 7 200 - a/b - +1 stream 3\n"
              "client: " LOST);
    done(&s);
    /* The capture came late. What the first byte says of a frame's middle is no matter. */
    const struct say late[] = {
        GAP(WT_CLIENT),          C(PREFACE "\0\0\0\4\0\0\0\0\0"), GAP(WT_SERVER),
        S("\0\0\0\4\1\0\0\0\0"), S("\0\0\1\1\5\0\0\0\1\x88"),
    };
    SO(late, "HTTP/2\nserver: " LOST);
}

/* One side alone. */
static void test_one_sided(void **state)
{
    struct script s;
    (void)state;
    begin(&s);
    packet(&s, WT_SERVER);
    frame(&s, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    packet(&s, WT_SERVER);
    headers(&s, 1, 1, OK_);
    headers(&s, 0, 5, OK_);
    frame(&s, NGHTTP2_DATA, 0, 5, "x", 1);
    headers(&s, 1, 3, OK_);
    ALL(&s, "HTTP/2\n"
            "0 - - - - 20 +0 | 2 200 - - - +0 stream 1\n"
            "0 - - - - 20 +0 | 2 200 - - - +0 stream 3\n"
            "0 - - - - 20 +0 | 2 200 - - - +1 stream 5 reset\n");
}

/* --- what it refuses --- */

/* RFC 9113: errors of the connection. From there on the side is not read; what was read stays. */
static void test_malformed(void **state)
{
    static const struct {
        const char *what;
        enum wt_side side;
        const char *bytes;
        size_t n;
    } bad[] = {
#define BAD(what, side, bytes) {what, side, bytes, sizeof(bytes) - 1}
        BAD("6.1: DATA on stream 0", WT_CLIENT, "\0\0\1\0\0\0\0\0\0x"),
        BAD("6.1: padding beyond the payload", WT_CLIENT, "\0\0\2\0\10\0\0\0\1\2x"),
        BAD("6.1: padded without a pad length", WT_SERVER, "\0\0\0\0\10\0\0\0\1"),
        BAD("6.2: HEADERS on stream 0", WT_SERVER, "\0\0\1\1\4\0\0\0\0\x88"),
        BAD("6.2: HEADERS too short for its priority", WT_CLIENT, "\0\0\4\1\x24\0\0\0\3\0\0\0\0"),
        BAD("6.4: RST_STREAM of 5 bytes", WT_CLIENT, "\0\0\5\3\0\0\0\0\1\0\0\0\0\0"),
        BAD("6.5: SETTINGS of 5 bytes", WT_SERVER, "\0\0\5\4\0\0\0\0\0\0\0\0\0\0"),
        BAD("6.5: SETTINGS on a stream", WT_SERVER, "\0\0\0\4\0\0\0\0\1"),
        BAD("6.6: a client promises", WT_CLIENT, "\0\0\5\5\4\0\0\0\1\0\0\0\2\x82"),
        BAD("5.1.1: an odd promise", WT_SERVER, "\0\0\5\5\4\0\0\0\1\0\0\0\3\x82"),
        BAD("6.6: PUSH_PROMISE too short", WT_SERVER, "\0\0\3\5\4\0\0\0\1\0\0\0"),
        BAD("6.7: PING of 7 bytes", WT_CLIENT, "\0\0\7\6\0\0\0\0\0\0\0\0\0\0\0\0"),
        BAD("6.8: GOAWAY of 7 bytes", WT_CLIENT, "\0\0\7\7\0\0\0\0\0\0\0\0\0\0\0\0"),
        BAD("6.9: WINDOW_UPDATE of 3 bytes", WT_CLIENT, "\0\0\3\10\0\0\0\0\0\0\0\0"),
        BAD("6.10: CONTINUATION without HEADERS", WT_CLIENT, "\0\0\1\11\4\0\0\0\1\x82"),
        BAD("6.10: a block interrupted", WT_SERVER, "\0\0\1\1\0\0\0\0\1\x88\0\0\0\6\0\0\0\0\0"),
        BAD("6.10: CONTINUATION of another stream", WT_SERVER, "\0\0\1\1\0\0\0\0\1\x88\0\0\0\11\4\0\0\0\3"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct script s;
        char want[256], out[1024];
        begin(&s);
        greet(&s);
        packet(&s, WT_CLIENT);
        headers(&s, 1, 1, GET("/1"));
        packet(&s, bad[i].side);
        raw(&s, bad[i].bytes, bad[i].n);
        packet(&s, bad[i].side);
        headers(&s, 1, 3, bad[i].side == WT_CLIENT ? GET("/3") : OK_);
        (void)snprintf(want, sizeof want, "%s: frame\n", bad[i].side == WT_CLIENT ? "client" : "server");
        for (int way = WAY_WHOLE; way < WAY_COUNT; way++) {
            tell_way(s.said, s.count, (enum way)way, out, sizeof out);
            if (!strstr(out, want) || !strstr(out, "a.example /1") || strstr(out, "stream 3"))
                fail_msg("%s: %s", bad[i].what, out);
        }
        done(&s);
    }
    /* 4.3: "A decoding error in a field block MUST be treated as a connection error": index 0, a table's end, a block
     * that ends within a field. */
    static const char *const blocks[] = {"\x80", "\xff\xff\x03", "\x82\x41\x05\x61"};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct script s;
        begin(&s);
        greet(&s);
        packet(&s, WT_CLIENT);
        frame(&s, NGHTTP2_HEADERS, 5, 1, blocks[i], strlen(blocks[i]));
        headers(&s, 1, 3, GET("/3"));
        ALL(&s, "HTTP/2\nclient: hpack\n");
    }
    /* 3.4: after the preface SETTINGS come first. */
    const struct say unsettled[] = {C(PREFACE "\0\0\10\6\0\0\0\0\0"
                                              "12345678")};
    ALWAYS(unsettled, "HTTP/2\nclient: frame\n");
    const struct say other[] = {C(PREFACE "\0\0\0\4\0\0\0\0\0"), S("SSH-2.0-x\r\n")};
    ALWAYS(other, "HTTP/2\nserver: no preface\n");
}

/* Real peers. */
static void test_captured(void **state)
{
    (void)state;
    ALWAYS(node, "HTTP/2\n"
                 "3 GET http 127.0.0.1:18092 /t 20 +0 | 4 200 - text/plain - +13 stream 1 interim 1\n"
                 "3 GET http 127.0.0.1:18092 /p 20 +0 | 4 200 - text/html - +6 stream 3\n"
                 "4 GET http 127.0.0.1:18092 /s.css 20 +0 | 4 200 - text/css - +3 stream 2 pushed\n"
                 "3 POST http 127.0.0.1:18092 /none 20 +70 | 4 404 - - - +0 stream 5\n"
                 "6 CONNECT http a /chat 20 +4 | 7 200 - - - +4 stream 7 upgraded\n"
                 "8 GET http 127.0.0.1:18092 /r 20 +0 | 9 200 - - - +3 stream 9\n");
    ALWAYS(nginx, "HTTP/2\n1 POST http 127.0.0.1:18093 /put 20 +7 | 2 201 - text/plain - +2 stream 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_interim_and_trailers),
        cmocka_unit_test(test_push),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_connect),
        cmocka_unit_test(test_table_size),
        cmocka_unit_test(test_h2c),
        cmocka_unit_test(test_misunderstood),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_one_sided),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_captured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
