/* Messages in a few words: extensions as "ID:body ID:body …", in hex. */
#ifndef WT_TESTS_HANDSHAKE_HELLOS_H
#define WT_TESTS_HANDSHAKE_HELLOS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/writer.h"
#include "handshake/agreed.h"

enum { HELLO_ROOM = 4096 };

/* One message: its bytes, and what they decode to. */
struct made {
    uint8_t bytes[HELLO_ROOM];
    struct wt_span body;
    struct wt_message_body m;
    enum wt_code code;
};

static inline void put_hex(struct wt_writer *w, const char *text)
{
    for (; *text && *text != '/'; text++) {
        unsigned byte;
        if (*text == ' ')
            continue;
        assert_int_equal(sscanf(text, "%2x", &byte), 1);
        wt_write_u8(w, (uint8_t)byte);
        text++;
    }
}

/* A vector of hex digits with a length prefix. */
static inline void put_vector(struct wt_writer *w, unsigned width, const char *text)
{
    size_t mark = wt_write_open(w, width);
    put_hex(w, text);
    wt_write_close(w, mark, width, 0, 0xffffff, "vector");
}

/* "000a:00020017 0017:" */
static inline void put_extensions(struct wt_writer *w, const char *text)
{
    size_t mark = wt_write_open(w, 2);
    while (*text) {
        unsigned id;
        char body[HELLO_ROOM] = "";
        if (*text == ' ') {
            text++;
            continue;
        }
        assert_int_equal(sscanf(text, "%4x:", &id), 1);
        text += 5;
        size_t n = strcspn(text, " ");
        memcpy(body, text, n);
        text += n;
        wt_write_u16(w, (uint16_t)id);
        put_vector(w, 2, body);
    }
    wt_write_close(w, mark, 2, 0, 65535, "extensions");
}

static inline void made_end(struct made *x, const struct wt_writer *w, uint8_t type, struct wt_codec_context context)
{
    struct wt_error error;
    assert_int_equal(wt_writer_done(w, &x->body), WT_OK);
    x->code = wt_message_decode(&context, type, x->body, NULL, &x->m, &error);
    x->m.type = type;
}

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RETRY_RANDOM "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
#define SESSION "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"

/* extensions NULL: no block. */
static inline void made_client_hello(struct made *x, const char *version, const char *session, const char *suites,
                                     const char *compression, const char *extensions)
{
    struct wt_writer w = wt_writer_start(x->bytes, sizeof x->bytes);
    put_hex(&w, version);
    put_hex(&w, RANDOM);
    put_vector(&w, 1, session);
    put_vector(&w, 2, suites);
    put_vector(&w, 1, compression);
    if (extensions)
        put_extensions(&w, extensions);
    made_end(x, &w, WT_HANDSHAKE_CLIENT_HELLO, (struct wt_codec_context){0});
}

static inline void made_server_hello(struct made *x, const char *version, const char *random, const char *session,
                                     const char *suite, const char *compression, const char *extensions)
{
    struct wt_writer w = wt_writer_start(x->bytes, sizeof x->bytes);
    put_hex(&w, version);
    put_hex(&w, random);
    put_vector(&w, 1, session);
    put_hex(&w, suite);
    put_hex(&w, compression);
    if (extensions)
        put_extensions(&w, extensions);
    made_end(x, &w, WT_HANDSHAKE_SERVER_HELLO, (struct wt_codec_context){.from_server = 1});
}

/* A message whose body is an extension block: EncryptedExtensions. */
static inline void made_block(struct made *x, uint8_t type, const char *extensions)
{
    struct wt_writer w = wt_writer_start(x->bytes, sizeof x->bytes);
    put_extensions(&w, extensions);
    made_end(x, &w, type, (struct wt_codec_context){.version = WT_TLS13, .kx = WT_KX_TLS13, .from_server = 1});
}

/* Any other, its body in hex. */
static inline void made_hex(struct made *x, uint8_t type, struct wt_codec_context context, const char *body)
{
    struct wt_writer w = wt_writer_start(x->bytes, sizeof x->bytes);
    put_hex(&w, body);
    made_end(x, &w, type, context);
}

#endif
