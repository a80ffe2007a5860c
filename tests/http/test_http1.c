/* HTTP/1.0 and 1.1: RFC 9112, and what of RFC 9110 decides where a message ends. */
#include "dialogue.h"
#include "registry/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_plain(void **state)
{
    (void)state;
    const struct say said[] = {
        C("GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: "
          "5\r\n\r\nhello"),
        C("POST /form HTTP/1.1\r\nhOST:example.org\r\ncontent-LENGTH: 3\r\n\r\na=b"),
        S("HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 GET - example.org /a?b=c 11 +0 | 2 200 OK text/html; charset=utf-8 gzip +5\n"
                 "3 POST - example.org /form 11 +3 | 4 404 Not Found - - +0\n");
}

/* RFC 9112, 2.2: "a recipient MAY recognize a single LF as a line terminator and ignore any preceding CR"; and a server
 * "SHOULD ignore at least one empty line (CRLF) received prior to the request-line". */
static void test_line_ends(void **state)
{
    (void)state;
    const struct say said[] = {
        C("\r\nGET / HTTP/1.1\nHost: a\n\n"),
        S("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"),
        C("\r\n\nGET /2 HTTP/1.1\r\nHost: a\n\r\n"),
        S("HTTP/1.1 200\r\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 GET - a / 11 +0 | 2 200 OK - - +2\n"
                 "3 GET - a /2 11 +0 | 4 200 - - - +3\n");
}

/* RFC 9112, 5.2: a user agent "MUST replace each received obs-fold with one or more SP octets"; and 2.2: lines that
 * begin with white space between the start line and the first field are to be consumed "without further processing". */
static void test_folds(void **state)
{
    (void)state;
    const struct say said[] = {
        C("GET / HTTP/1.1\r\n Content-Length: 9\r\n\tmore\r\nHost:\r\n example.org\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Type: text/plain;\r\n\tcharset=utf-8\r\nContent-Length:\r\n  4\r\n\r\nbody"),
    };
    ALWAYS(said, "HTTP/1.1\n1 GET - example.org / 11 +0 | 2 200 OK text/plain;  \tcharset=utf-8 - +4\n");
}

/* RFC 9112, 7.1: chunks with extensions, trailers; "A recipient MUST be able to parse and decode the chunked transfer
 * coding"; 7.1.1: it "MUST ignore unrecognized chunk extensions". */
static void test_chunked(void **state)
{
    (void)state;
    const struct say said[] = {
        C("PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
          "5;name=\"va;lue\"\r\nhello\r\n00A \r\n0123456789\r\n0\r\nDigest: x\r\n y\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\nContent-Length: 3\r\n\r\n"
          "1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0;last\r\n\r\n"),
        C("GET /next HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 PUT - a /x 11 +15 | 2 200 OK - - +26\n"
                 "3 GET - a /next 11 +0 | 4 204 No Content - - +0\n");
}

/* RFC 9112, 6.3: "Any response to a HEAD request and any response with a 1xx (Informational), 204 (No Content), or 304
 * (Not Modified) status code is always terminated by the first empty line after the header fields". */
static void test_without_body(void **state)
{
    (void)state;
    const struct say said[] = {
        C("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        C("GET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"),
        C("POST /c HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"),
        S("HTTP/1.1 100 Continue\r\n\r\n"),
        C("abcd"),
        S("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Type: no/no\r\n\r\nHTTP/1.1 201 Created\r\n"
          "Content-Type: a/b\r\nContent-Length: 1\r\n\r\nx"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 HEAD - a /a 11 +0 | 2 200 OK - - +0\n"
                 "3 GET - a /b 11 +0 | 4 304 Not Modified - - +0\n"
                 "5 POST - a /c 11 +4 | 8 201 Created a/b - +1 interim 2\n");
}

/* RFC 9112, 9.3.2: a server "MUST send the corresponding responses in the same order that the requests were received".
 */
static void test_pipelined(void **state)
{
    (void)state;
    const struct say said[] = {
        C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 One\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 Two\r\nContent-Length: 3\r\n\r\n"
          "HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 Three\r\nContent-Length: 5\r\n\r\nthree"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 GET - a /1 11 +0 | 2 200 One - - +3\n"
                 "1 HEAD - a /2 11 +0 | 2 200 Two - - +0\n"
                 "1 GET - a /3 11 +0 | 2 200 Three - - +5 interim 1\n");
}

/* RFC 9112, 6.3: "this is a response message without a declared message body length, so … the number of octets received
 * prior to the server closing the connection"; 8: a message whose length was declared is "incomplete" then. */
static void test_until_close(void **state)
{
    (void)state;
    const struct say closes[] = {
        C("GET / HTTP/1.0\r\n\r\n"),
        S("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nsome body\r\n\r\nHTTP/1.1 200 no answer"),
    };
    ALWAYS(closes, "HTTP/1.0\n1 GET - - / 10 +0 | 2 200 OK text/plain - +35\n");
    const struct say breaks[] = {
        C("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"),
        S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc"),
    };
    ALWAYS(breaks, "HTTP/1.1\n1 POST - a / 11 +3 | 2 200 OK - - +3 reset\n");
    const struct say unanswered[] = {C("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHos")};
    ALWAYS(unanswered, "HTTP/1.1\n1 GET - a / 11 +0 | 0 0 - - - +0\n");
}

/* The version is the request's: a server of 1.1 answers a client of 1.0 with its own (RFC 9110, 2.5). */
static void test_versions(void **state)
{
    (void)state;
    const struct say said[] = {
        C("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
    };
    ALWAYS(said, "HTTP/1.0\n1 GET - - / 10 +0 | 2 200 OK - - +1\n");
    const struct say minor[] = {
        C("GET / HTTP/1.7\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    };
    ALWAYS(minor, "HTTP/1.1\n1 GET - a / 11 +0 | 2 200 OK - - +0\n");
}

/* RFC 9112, 3.2: the four forms of a target; 3.2.2: for absolute-form the server "MUST ignore the received Host". */
static void test_targets(void **state)
{
    (void)state;
    const struct say said[] = {
        C("GET https://example.org:8443/x?y HTTP/1.1\r\nHost: other\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        C("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        C("GET /?u=http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        C("GET http://c?q HTTP/1.1\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 GET https example.org:8443 https://example.org:8443/x?y 11 +0 | 2 200 OK - - +0\n"
                 "3 OPTIONS - a * 11 +0 | 4 200 OK - - +0\n"
                 "5 GET - a /?u=http://b/ 11 +0 | 6 200 OK - - +0\n"
                 "7 GET http c http://c?q 11 +0 | 8 200 OK - - +0\n");
}

/* RFC 9110, 9.3.6: any 2xx to CONNECT "will switch to tunnel mode"; any other answer leaves HTTP as it was. */
static void test_connect(void **state)
{
    (void)state;
    const struct say said[] = {
        C("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
        S("HTTP/1.1 407 Who?\r\nContent-Length: 2\r\n\r\nno"),
        C("CONNECT b:443 HTTP/1.1\r\n\r\n"),
        S("HTTP/1.1 200 Connection established\r\nContent-Length: 7\r\n\r\n"),
        C("\x16\x03\x01 GET / HTTP/1.1\r\n\r\n"),
        S("\x16\x03\x03 HTTP/1.1 200 OK\r\n\r\n"),
        C("GET / HTTP/1.1\r\n\r\n"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 CONNECT - a:443 a:443 11 +0 | 2 407 Who? - - +2\n"
                 "3 CONNECT - b:443 b:443 11 +0 | 4 200 Connection established - - +0 upgraded\n");
}

/* RFC 9110, 7.8 and 15.2.2: after 101 it is the other protocol's connection; without 101 nothing has changed. */
static void test_upgrade(void **state)
{
    (void)state;
    const struct say said[] = {
        C("GET /no HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        S("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"),
        C("GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        S("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello"),
        C("\x81\x85xxxxabcde"),
        S("HTTP/1.1 200 OK\r\n\r\n"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 GET - a /no 11 +0 | 2 400 No - - +0\n"
                 "3 GET - a /chat 11 +0 | 4 101 Switching Protocols - - +0 upgraded\n");
    const struct say unasked[] = {
        C("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 101 Surprise\r\n\r\n\1\2\3"),
        C("\1\2\3"),
    };
    IN_ORDER(unasked, "HTTP/1.1\n1 GET - a / 11 +0 | 2 101 Surprise - - +0 upgraded\n");
}

/* RFC 9112, 6.3: framing that contradicts itself. Several equal lengths are one; different ones are "invalid"; in a
 * request, a coding that is not chunked at its end leaves the length unknown. */
static void test_framing(void **state)
{
    (void)state;
    const struct say same[] = {
        C("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\nContent-Length: 3\r\n\r\nabc"),
        S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, x\r\n\r\nuntil the end"),
    };
    ALWAYS(same, "HTTP/1.1\n1 POST - a / 11 +3 | 2 200 OK - - +13\n");
#define BROKEN "framing\n"
    const struct say lengths[] = {
        C("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcGET / HTTP/1.1\r\n\r\n"),
        S("HTTP/1.1 400 Bad Request\r\nContent-Length: +1\r\n\r\n."),
    };
    ALWAYS(lengths, "HTTP/1.1\n1 POST - a / 11 +0 | 2 400 Bad Request - - +0\nclient: " BROKEN "server: " BROKEN);
    const struct say codings[] = {
        C("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, x\r\nContent-Length: 1\r\n\r\nabc")};
    ALWAYS(codings, "HTTP/1.1\n1 POST - - / 11 +0 | 0 0 - - - +0\nclient: " BROKEN);
    static const char *const bad[] = {"x\r\n",
                                      "\r\n",
                                      "-1\r\n",
                                      "3\r\nabcd\r\n",
                                      "3\r\nabc\rx",
                                      "3 3;\r\nabcGET",
                                      "10000000000000000\r\n",
                                      "ffffffffffffffff1\r\n",
                                      "5!\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct say chunk[] = {
            C("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            {WT_CLIENT, SAY_BYTES, bad[i], strlen(bad[i])},
        };
        char out[1024];
        tell_way(chunk, 2, WAY_BYTES, out, sizeof out);
        assert_non_null(strstr(out, "client: " BROKEN));
    }
}

/* RFC 9112, 7.1: "prevent parsing errors due to integer conversion overflows". Largest lengths, and a count of them. */
static void test_huge(void **state)
{
    (void)state;
    struct wt_arena arena = {0};
    struct wt_http *h = wt_http_new(&arena);
    static uint8_t block[1 << 20];
    const struct wt_time time = {1, 9};
    const char *ask = "PUT /huge HTTP/1.1\r\nContent-Length: 900000000000000000\r\n\r\n";
    const char *answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n";
    assert_non_null(h);
    wt_http_feed(h, WT_CLIENT, (struct wt_span){(const uint8_t *)ask, strlen(ask)}, 1, time);
    wt_http_feed(h, WT_SERVER, (struct wt_span){(const uint8_t *)answer, strlen(answer)}, 1, time);
    for (int i = 0; i < 100000; i++) {
        wt_http_feed(h, WT_CLIENT, (struct wt_span){block, sizeof block}, 2, time);
        wt_http_feed(h, WT_SERVER, (struct wt_span){block, sizeof block}, 2, time);
    }
    size_t count, dropped;
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_int_equal(count, 1);
    assert_int_equal(x->request_body, 100000ull * sizeof block);
    assert_int_equal(x->response_body, 100000ull * sizeof block);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* Bytes of a side are missing: what was open stays as far as it came, and what follows finds its partner again. */
static void test_gaps(void **state)
{
    (void)state;
    const struct say body[] = {
        C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        GAP(WT_SERVER),
        S("ij"),
        C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    };
    SO(body, "HTTP/1.1\n"
             "1 GET - a /1 11 +0 | 2 200 OK - - +3\n"
             "5 GET - a /2 11 +0 | 6 200 OK - - +2\n");
    const struct say answer[] = {
        C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"), GAP(WT_SERVER),
        C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"), S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        C("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"), S("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nho!"),
    };
    SO(answer, "HTTP/1.1\n"
               "1 GET - a /1 11 +0 | 0 0 - - - +0\n"
               "3 GET - a /2 11 +0 | 4 200 OK - - +2\n"
               "5 GET - a /3 11 +0 | 6 200 OK - - +3\n");
    const struct say request[] = {
        C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        GAP(WT_CLIENT),
        S("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
        C("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 202 OK\r\nContent-Length: 3\r\n\r\nho!"),
    };
    SO(request, "HTTP/1.1\n"
                "1 GET - a /1 11 +0 | 2 200 OK - - +2\n"
                "0 - - - - 11 +0 | 4 201 Created - - +0\n"
                "5 GET - a /3 11 +0 | 6 202 OK - - +3\n");
    const struct say header[] = {
        C("GET /1 HTTP/1.1\r\nHo"),
        GAP(WT_CLIENT),
        C("t: a\r\n\r\n"),
        C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nho!"),
    };
    SO(header, "HTTP/1.1\n4 GET - a /2 11 +0 | 5 200 OK - - +3\n");
}

/* The capture came late: one side begins within a message, or it is said beforehand. */
static void test_late(void **state)
{
    (void)state;
    const struct say server[] = {
        S("of a body\r\nHTTP/1.1 200 in it"),
        C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    };
    SO(server, "HTTP/1.1\n2 GET - a /2 11 +0 | 3 200 OK - - +2\n");
    const struct say client[] = {
        C("the end of a form"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nhi"),
    };
    SO(client, "HTTP/1.1\n"
               "0 - - - - 11 +0 | 2 200 OK - - +2\n"
               "3 GET - a /2 11 +0 | 4 201 OK - - +2\n");
    const struct say told[] = {
        GAP(WT_CLIENT),  GAP(WT_SERVER),
        S("a body"),     C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("more of it"), S("HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nhi"),
    };
    SO(told, "HTTP/1.1\n4 GET - a /2 11 +0 | 6 201 OK - - +2\n");
    const struct say answer_first[] = {
        GAP(WT_CLIENT),
        GAP(WT_SERVER),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        C("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nhi"),
    };
    SO(answer_first, "HTTP/1.1\n"
                     "0 - - - - 11 +0 | 3 200 OK - - +0\n"
                     "4 GET - a /2 11 +0 | 5 201 OK - - +2\n");
}

/* One side alone tells its half. RFC 9110, 15.5.9: a server may say 408 to a client that asked nothing. */
static void test_one_sided(void **state)
{
    (void)state;
    const struct say client[] = {
        C("GET /1 HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n")};
    ALWAYS(client, "HTTP/1.1\n1 GET - a /1 11 +0 | 0 0 - - - +0\n1 HEAD - a /2 11 +0 | 0 0 - - - +0\n");
    const struct say server[] = {S("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")};
    ALWAYS(server, "HTTP/1.1\n0 - - - - 11 +0 | 1 408 Request Timeout - - +0\n");
}

/* More than waits for the other side goes on without it. */
static void test_held(void **state)
{
    (void)state;
    static char body[2 * WT_LIMIT_HTTP_HELD];
    memset(body, 'x', sizeof body);
    char head[128];
    int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", sizeof body);
    const struct say said[] = {
        {WT_SERVER, SAY_BYTES, head, (size_t)n},
        {WT_SERVER, SAY_BYTES, body, sizeof body},
        C("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
    };
    const char *want = "HTTP/1.1\n"
                       "3 GET - a / 11 +0 | 1 200 OK - - +131072\n"
                       "3 GET - a /2 11 +0 | 4 404 No - - +0\n";
    SO(said, want);
    char out[1024];
    for (unsigned seed = 0; seed < 20; seed++) {
        tell_random(said, 4, seed, out, sizeof out);
        assert_string_equal(out, want);
    }
}

/* A field that is kept whole, and one that is a byte longer. */
static void test_field_limit(void **state)
{
    (void)state;
    for (unsigned n = WT_LIMIT_HTTP_FIELD - 1; n <= WT_LIMIT_HTTP_FIELD + 1; n++) {
        static const char ask[] = "GET / HTTP/1.1\r\n\r\n";
        char answer[WT_LIMIT_HTTP_FIELD + 64], reason[WT_LIMIT_HTTP_FIELD + 2] = "";
        struct wt_arena arena = {0};
        struct wt_http *h = wt_http_new(&arena);
        size_t count, dropped;
        memset(reason, 'r', n);
        const int length = snprintf(answer, sizeof answer, "HTTP/1.1 200 %s\r\n\r\n", reason);
        wt_http_feed(h, WT_CLIENT, wt_span_of(ask, sizeof ask - 1), 1, (struct wt_time){1000, 9});
        wt_http_feed(h, WT_SERVER, wt_span_of(answer, (size_t)length), 1, (struct wt_time){1000, 9});
        const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
        assert_int_equal(count, 1);
        assert_int_equal(x->reason.n, n < WT_LIMIT_HTTP_FIELD ? n : WT_LIMIT_HTTP_FIELD);
        wt_http_free(h);
        wt_arena_free(&arena);
    }
}

/* Bounds: a header, the fields, the list. */
static void test_limits(void **state)
{
    (void)state;
    static char header[2 * WT_LIMIT_HTTP_HEADER], out[1 << 20];
    int n = snprintf(header, sizeof header, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    memset(header + n, 'x', sizeof header - (size_t)n);
    const struct say bomb[] = {{WT_CLIENT, SAY_BYTES, header, sizeof header}, C("\r\n\r\n")};
    for (int way = WAY_WHOLE; way <= WAY_BYTES; way++) {
        tell_way(bomb, 2, (enum way)way, out, sizeof out);
        assert_string_equal(out, "nothing\nclient: header long\n");
    }
    for (unsigned more = 0; more < 2; more++) { /* with the empty line */
        n = snprintf(header, sizeof header, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
        const size_t size = WT_LIMIT_HTTP_HEADER + more;
        memset(header + n, 'x', size - (size_t)n);
        memcpy(header + size - 4, "\r\n\r\n", 4);
        const struct say one = {WT_CLIENT, SAY_BYTES, header, size};
        tell_way(&one, 1, WAY_WHOLE, out, sizeof out);
        assert_int_equal(strstr(out, "client: header long\n") != NULL, more);
    }
    n = snprintf(header, sizeof header, "GET /");
    memset(header + n, 'p', 8000);
    n += 8000;
    n += snprintf(header + n, sizeof header - (size_t)n, " HTTP/1.1\r\n\r\n");
    struct wt_arena arena = {0};
    struct wt_http *h = wt_http_new(&arena);
    size_t count, dropped;
    wt_http_feed(h, WT_CLIENT, (struct wt_span){(uint8_t *)header, (size_t)n}, 1, (struct wt_time){1000, 9});
    assert_int_equal(wt_http_exchanges(h, &count, &dropped)->path.n, WT_LIMIT_HTTP_TARGET);
    wt_http_free(h);
    wt_arena_free(&arena);
    h = wt_http_new(&arena);
    for (unsigned i = 0; i < WT_LIMIT_EXCHANGES + 5000; i++) {
        const char *ask = i % 2 ? "HEAD / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n";
        const char *answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        wt_http_feed(h, WT_CLIENT, (struct wt_span){(const uint8_t *)ask, strlen(ask)}, 1, (struct wt_time){1000, 9});
        wt_http_feed(h, WT_SERVER, (struct wt_span){(const uint8_t *)answer, strlen(answer) - (i % 2 ? 3 : 0)}, 1,
                     (struct wt_time){1000, 9});
    }
    size_t before = arena.used;
    assert_non_null(wt_http_exchanges(h, &count, &dropped));
    assert_int_equal(count, WT_LIMIT_EXCHANGES);
    assert_int_equal(dropped, 5000);
    assert_int_equal(wt_http_stopped(h, WT_SERVER), WT_HTTP_STOP_NONE);
    /* And when nobody answers, the bound is said. */
    for (unsigned i = 0; i < WT_LIMIT_HTTP_STREAMS + 5; i++)
        wt_http_feed(h, WT_CLIENT, (struct wt_span){(const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18}, 1,
                     (struct wt_time){1000, 9});
    assert_int_equal(wt_http_stopped(h, WT_CLIENT), WT_HTTP_STOP_REQUESTS);
    assert_true(before < 4096 * 1024);
    wt_http_free(h);
    wt_arena_free(&arena);
    /* An arena at its end is said as well, and what it holds is listed. */
    arena = (struct wt_arena){.limit = 4096};
    h = wt_http_new(&arena);
    for (unsigned i = 0; i < 100; i++)
        wt_http_feed(h, WT_CLIENT, (struct wt_span){(const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18}, 1,
                     (struct wt_time){1000, 9});
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_in_range(count, 5, 99);
    assert_int_equal(x[count - 1].path.n, 1);
    assert_true(dropped > 0 && arena.refused);
    assert_int_not_equal(wt_http_stopped(h, WT_CLIENT), WT_HTTP_STOP_NONE);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* Nothing that only resembles HTTP is taken for it; and nobody is asked twice. */
static void test_others(void **state)
{
    (void)state;
    static const struct say others[][3] = {
        {S("220 mail ESMTP\r\n"), C("EHLO there\r\n"), S("250 HELP\r\n")},
        {C("A1 LOGIN me secret\r\n"), S("* OK ready\r\n"), C("GET /\r\n")},
        {C("\0\0\0\11\4\3\2\1\0"), S("\0\0\0\4\1"), C("\0")},
        {C("OPTIONS rtsp://a RTSP/1.0\r\n\r\n"), S("RTSP/1.0 200 OK\r\n\r\n"), C("x")},
        {C("GET / HTTP/2.0\r\n\r\n"), S("HTTP/2.0 200 OK\r\n\r\n"), C("GET / HTTP/1.1\r\n\r\n")},
        {C("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ"), S("HTTP/2 200 OK\r\n"), C(" / HTTP/1.1\r\n\r\n")},
        {C("hello world"), S("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64"), C("!")},
        {C("GET /\1 HTTP/1.1\r\n\r\n"), S("HTTP/1.x"), C("GET /  HTTP/1.1\r\n\r\n")},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (i != 7)
            ALWAYS(others[i], "nothing\n");
}

/* What does not begin as a message does ends the account of that side, with its reason; the other's goes on. */
static void test_malformed(void **state)
{
    (void)state;
    const struct say said[] = {
        C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\1\2\3\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"),
    };
    ALWAYS(said, "HTTP/1.1\n"
                 "1 GET - a /1 11 +0 | 2 200 OK - - +0\n"
                 "0 - - - - 11 +0 | 2 400 Bad Request - - +2\n"
                 "client: not http\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),       cmocka_unit_test(test_line_ends),    cmocka_unit_test(test_folds),
        cmocka_unit_test(test_chunked),     cmocka_unit_test(test_without_body), cmocka_unit_test(test_pipelined),
        cmocka_unit_test(test_until_close), cmocka_unit_test(test_versions),     cmocka_unit_test(test_targets),
        cmocka_unit_test(test_connect),     cmocka_unit_test(test_upgrade),      cmocka_unit_test(test_framing),
        cmocka_unit_test(test_huge),        cmocka_unit_test(test_gaps),         cmocka_unit_test(test_late),
        cmocka_unit_test(test_one_sided),   cmocka_unit_test(test_held),         cmocka_unit_test(test_limits),
        cmocka_unit_test(test_field_limit), cmocka_unit_test(test_others),       cmocka_unit_test(test_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
