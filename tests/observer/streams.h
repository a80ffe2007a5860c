/* TLS connections made byte by byte, told to an observer, and heard. Nothing in them is encrypted in earnest: what an
 * observer without keys can see is lengths and types. */
#ifndef WT_TESTS_OBSERVER_STREAMS_H
#define WT_TESTS_OBSERVER_STREAMS_H

#include "base/buffer.h"
#include "base/writer.h"
#include "conclusions.h"
#include "registry/limits.h"
#include "registry/registry.h"
#include "undecoded.h"
#include "wiretale/observer.h"
#include "wiretale/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- bytes -----------------------------------------------------------------------------------------------------------
 */

/* A hello's choices; all zero is TLS 1.2 without session, ticket and extensions beyond those that are always there. */
struct hello {
    bool tls13, early_data, psk, ticket_extension, retry;
    bool second;                     /* behind a HelloRetryRequest: the key shares are of its group */
    uint8_t session;                 /* all bytes of a 32-byte session id; 0 for an empty one */
    uint8_t random;                  /* the first byte of a random of 32 different ones; 0: one byte, repeated */
    const char *ticket, *sni, *alpn; /* alpn: one protocol */
    bool status_request_v2;
    bool compresses; /* compress_certificate is offered */
    uint16_t suite;  /* chosen, or offered first; 0: ECDHE_RSA with AES_128_GCM, or TLS_AES_128_GCM_SHA256 */
};

static inline void put_extension(struct wt_writer *w, uint16_t id, const void *body, size_t n)
{
    wt_write_u16(w, id);
    wt_write_opaque(w, wt_span_of(body, n), 2, 0, 65535, "extension");
}

static inline void put_session(struct wt_writer *w, uint8_t fill)
{
    uint8_t id[32];
    memset(id, fill, sizeof id);
    wt_write_opaque(w, wt_span_of(id, fill ? 32 : 0), 1, 0, 32, "session_id");
}

static inline void put_server_name(struct wt_writer *w, const char *name)
{
    uint8_t body[256];
    struct wt_writer e = wt_writer_start(body, sizeof body);
    size_t list = wt_write_open(&e, 2);
    wt_write_u8(&e, 0);
    wt_write_opaque(&e, wt_span_text(name), 2, 1, 200, "host_name");
    wt_write_close(&e, list, 2, 1, 255, "list");
    put_extension(w, WT_EXT_SERVER_NAME, body, e.n);
}

static inline void put_client_extensions(struct wt_writer *w, const struct hello *h)
{
    const uint8_t share[38] = {0, 36, 0, h->second ? 0x17 : 0x1d, 0, 32};
    if (h->sni)
        put_server_name(w, h->sni);
    put_extension(w, WT_EXT_SUPPORTED_GROUPS, "\0\4\0\35\0\27", 6);
    put_extension(w, WT_EXT_SIGNATURE_ALGORITHMS, "\0\2\4\1", 4);
    if (h->status_request_v2)
        put_extension(w, WT_EXT_STATUS_REQUEST_V2, "\0\7\2\0\4\0\0\0\0", 9);
    if (h->alpn) {
        const size_t n = strlen(h->alpn);
        uint8_t body[40] = {0, (uint8_t)(n + 1), (uint8_t)n};
        assert_true(n <= sizeof body - 3);
        memcpy(body + 3, h->alpn, n);
        put_extension(w, WT_EXT_ALPN, body, n + 3);
    }
    if (h->compresses)
        put_extension(w, WT_EXT_COMPRESS_CERTIFICATE, "\2\0\2", 3);
    if (h->ticket_extension || h->ticket)
        put_extension(w, WT_EXT_SESSION_TICKET, h->ticket, h->ticket ? strlen(h->ticket) : 0);
    if (!h->tls13)
        return;
    put_extension(w, WT_EXT_SUPPORTED_VERSIONS, "\2\3\4", 3);
    put_extension(w, WT_EXT_KEY_SHARE, share, sizeof share);
    if (h->early_data)
        put_extension(w, WT_EXT_EARLY_DATA, "", 0);
    if (h->psk) {
        static const uint8_t identity[] = "\0\13\0\5named\1\2\3\4\0\41\40";
        uint8_t body[13 + 2 + 33] = {0};
        memcpy(body, identity, sizeof identity - 1);
        put_extension(w, WT_EXT_PSK_KEY_EXCHANGE_MODES, "\1\1", 2);
        put_extension(w, WT_EXT_PRE_SHARED_KEY, body, sizeof body);
    }
}

static inline void put_server_extensions(struct wt_writer *w, const struct hello *h)
{
    const uint8_t share[36] = {0, h->second ? 0x17 : 0x1d, 0, 32};
    if (h->ticket_extension)
        put_extension(w, WT_EXT_SESSION_TICKET, "", 0);
    if (!h->tls13)
        return;
    put_extension(w, WT_EXT_SUPPORTED_VERSIONS, "\3\4", 2);
    put_extension(w, WT_EXT_KEY_SHARE, h->retry ? (const void *)"\0\27" : share, h->retry ? 2 : sizeof share);
    if (h->psk)
        put_extension(w, WT_EXT_PRE_SHARED_KEY, "\0\0", 2);
}

/* RFC 8446, 4.1.3: the random by which a HelloRetryRequest is known, the SHA-256 of "HelloRetryRequest". */
static const uint8_t retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                         0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                         0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/* A flight: records of one side, in one buffer. */
struct flight {
    struct wt_buffer b;
};

static inline void add_record(struct flight *f, uint8_t type, struct wt_span fragment)
{
    const uint8_t head[5] = {type, 3, 3, (uint8_t)(fragment.n >> 8), (uint8_t)fragment.n};
    wt_buffer_add(&f->b, head, sizeof head);
    wt_buffer_add(&f->b, fragment.p, fragment.n);
}

static inline void add_handshake(struct flight *f, uint8_t type, const void *body, size_t n)
{
    uint8_t room[4096];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    wt_write_u8(&w, type);
    wt_write_opaque(&w, wt_span_of(body, n), 3, 0, 4000, "body");
    add_record(f, WT_CONTENT_HANDSHAKE, (struct wt_span){room, w.n});
}

static inline void add_hello(struct flight *f, uint8_t type, const struct hello *h)
{
    uint8_t room[3072], random[32];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    bool client = type == WT_HANDSHAKE_CLIENT_HELLO;
    memset(random, client ? 0xc1 : 0x5e, sizeof random);
    for (unsigned i = 0; h->random && i < sizeof random; i++)
        random[i] = (uint8_t)(h->random + i + (client ? 0 : 100));
    wt_write_u16(&w, WT_TLS12);
    wt_write_bytes(&w, wt_span_of(!client && h->retry ? retry_random : random, 32));
    put_session(&w, h->session);
    if (client) {
        const uint16_t chosen = h->suite ? h->suite : 0xc02f;
        const uint8_t suites[] = {0, 6, (uint8_t)(chosen >> 8), (uint8_t)chosen, 0xc0, 0x30, 0x13, 1, 1, 0};
        wt_write_bytes(&w, wt_span_of(suites, sizeof suites));
    } else {
        wt_write_u16(&w, h->suite ? h->suite : h->tls13 ? 0x1301 : 0xc02f);
    }
    if (!client)
        wt_write_u8(&w, 0);
    size_t extensions = wt_write_open(&w, 2);
    if (client)
        put_client_extensions(&w, h);
    else
        put_server_extensions(&w, h);
    wt_write_close(&w, extensions, 2, 0, 65535, "extensions");
    assert_int_equal(w.error.code, WT_OK);
    add_handshake(f, type, room, w.n);
}

static inline void client_hello(struct flight *f, struct hello h)
{
    add_hello(f, WT_HANDSHAKE_CLIENT_HELLO, &h);
}

static inline void server_hello(struct flight *f, struct hello h)
{
    add_hello(f, WT_HANDSHAKE_SERVER_HELLO, &h);
}

static inline void certificate(struct flight *f)
{
    add_handshake(f, WT_HANDSHAKE_CERTIFICATE, "\0\0\7\0\0\4\60\2\5\0", 10);
}

static inline void server_key_exchange(struct flight *f)
{
    uint8_t body[4 + 32 + 4 + 4] = {3, 0, 0x1d, 32};
    memcpy(body + 36, "\4\1\0\4sign", 8);
    add_handshake(f, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, body, sizeof body);
}

static inline void server_hello_done(struct flight *f)
{
    add_handshake(f, WT_HANDSHAKE_SERVER_HELLO_DONE, NULL, 0);
}

static inline void client_key_exchange(struct flight *f)
{
    const uint8_t body[33] = {32};
    add_handshake(f, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, body, sizeof body);
}

static inline void new_session_ticket(struct flight *f, const char *ticket)
{
    uint8_t body[64];
    struct wt_writer w = wt_writer_start(body, sizeof body);
    wt_write_u32(&w, 3600);
    wt_write_opaque(&w, wt_span_text(ticket), 2, 0, 50, "ticket");
    add_handshake(f, WT_HANDSHAKE_NEW_SESSION_TICKET, body, w.n);
}

static inline void change_cipher_spec(struct flight *f)
{
    add_record(f, WT_CONTENT_CHANGE_CIPHER_SPEC, wt_span_of("\1", 1));
}

static inline void alert(struct flight *f, uint8_t level, uint8_t description)
{
    const uint8_t two[2] = {level, description};
    add_record(f, WT_CONTENT_ALERT, wt_span_of(two, 2));
}

/* A record of n bytes that nobody can read. */
static inline void hidden(struct flight *f, uint8_t type, size_t n)
{
    uint8_t bytes[WT_LIMIT_RECORD];
    assert_in_range(n, 0, sizeof bytes);
    memset(bytes, 0xee, n);
    add_record(f, type, wt_span_of(bytes, n));
}

static inline void ccs_finished(struct flight *f)
{
    change_cipher_spec(f);
    hidden(f, WT_CONTENT_HANDSHAKE, 40);
}

static inline void data(struct flight *f, size_t n)
{
    hidden(f, WT_CONTENT_APPLICATION_DATA, n);
}

static inline void text(struct flight *f, const char *said)
{
    wt_buffer_add_text(&f->b, said);
}

/* TLS 1.3 records as long as their contents make them (RFC 8446, 5.2): content, its type, and a tag of 16. */
enum { FINISHED13 = 4 + 32 + 1 + 16, ALERT13 = 2 + 1 + 16, END_OF_EARLY_DATA13 = 4 + 1 + 16 };

/* --- what was heard
 * --------------------------------------------------------------------------------------------------- */

struct heard {
    struct wt_observer *observer;
    struct wt_buffer json; /* of the connection last told, with messages */
    struct wt_buffer all;  /* of all connections, without */
    unsigned told, known;
    uint32_t streams[64];                           /* in the order of telling */
    struct wt_connection c;                         /* of the last; only what is no pointer holds */
    char cause[64], cause_text[1024], advice[1024]; /* the fatal one of the last, and how many there are */
    size_t causes;
    uint8_t fault, noticed;
    bool probable;
    char findings[512];    /* ids of the last, a blank behind each */
    char conclusions[512]; /* likewise, of causes.def and observations.def */
    char starttls[32], sni[64], last_text[512];
    size_t messages, alerts;
    size_t pieces, places; /* of the last one's messages */
    uint8_t alert_level, alert_description, alert_from;
    bool alert_readable;
};

static inline bool write_json(void *context, const char *bytes, size_t length)
{
    return wt_buffer_add(context, bytes, length);
}

static inline void on_connection(void *context, const struct wt_connection *c)
{
    struct heard *h = context;
    if (h->told < 64)
        h->streams[h->told] = c->stream;
    h->told++;
    h->c = *c;
    h->findings[0] = h->starttls[0] = h->last_text[0] = '\0';
    h->conclusions[0] = h->cause[0] = '\0';
    h->causes = 0;
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_FATAL) {
            h->causes++;
            h->fault = c->findings[i].fault;
            h->noticed = c->findings[i].noticed;
            h->probable = c->findings[i].probable;
            (void)snprintf(h->cause, sizeof h->cause, "%s", c->findings[i].id);
            (void)snprintf(h->cause_text, sizeof h->cause_text, "%s", c->findings[i].text);
            (void)snprintf(h->advice, sizeof h->advice, "%s", c->findings[i].advice ? c->findings[i].advice : "");
        }
    for (size_t i = 0; i < c->finding_count && strlen(h->findings) < 400; i++) {
        if (is_conclusion(c->findings[i].id)) {
            if (strlen(h->conclusions) < 400)
                strcat(strcat(h->conclusions, c->findings[i].id), " ");
            continue;
        }
        strcat(strcat(h->findings, c->findings[i].id), " ");
        (void)snprintf(h->last_text, sizeof h->last_text, "%s", c->findings[i].text);
    }
    if (c->starttls)
        (void)snprintf(h->starttls, sizeof h->starttls, "%s", c->starttls);
    (void)snprintf(h->sni, sizeof h->sni, "%.*s", (int)c->sni.n, (const char *)c->sni.p);
    h->messages = c->message_count;
    h->pieces = h->places = 0;
    for (size_t i = 0; c->messages && i < c->message_count; i++) {
        h->pieces += c->messages[i].piece_count;
        for (size_t k = 0; k < c->messages[i].piece_count; k++)
            h->places += c->messages[i].pieces[k].place_count;
    }
    h->alerts = c->alert_count;
    if (c->alert_count) {
        h->alert_level = c->alerts[0].level;
        h->alert_description = c->alerts[0].description;
        h->alert_from = c->alerts[0].from;
        h->alert_readable = c->alerts[0].readable;
    }
    h->json.n = 0;
    struct wt_output output = {write_json, &h->json, false};
    const struct wt_json_options options = {.size = sizeof options, .messages = true};
    wt_report_json_connection(&output, c, &options);
    struct wt_output every = {write_json, &h->all, false};
    wt_report_json_connection(&every, c, NULL);
    wt_buffer_add(&h->all, "", 1);
    h->all.n--;
    wt_buffer_add(&h->json, "", 1); /* ends the string that tests look into */
    h->json.n--;
}

static inline void on_known(void *context, const struct wt_connection *c)
{
    struct heard *h = context;
    (void)c;
    h->known++;
}

/* Into a `heard` that is new or was stopped; size, connection and context of the options are set here. */
static inline void hear_with(struct heard *h, struct wt_observer_options options, const char *file)
{
    options.size = sizeof options;
    options.connection = on_connection;
    options.context = h;
    memset(h, 0, sizeof *h);
    h->observer = wt_observer_new(&options, NULL);
    assert_non_null(h->observer);
    wt_observer_file(h->observer, file);
}

static inline void hear(struct heard *h, const char *file)
{
    hear_with(h, (struct wt_observer_options){.keep_messages = true}, file);
}

static inline uint64_t undecoded(const struct heard *h, const char *reason)
{
    return undecoded_by(h->observer, reason);
}

static inline void stop(struct heard *h)
{
    wt_observer_free(h->observer);
    h->observer = NULL;
    wt_buffer_free(&h->json);
    wt_buffer_free(&h->all);
}

/* --- stream bytes
 * ------------------------------------------------------------------------------------------------------ */

/* A dialogue: flights in the order in which they pass. */
struct turn {
    enum wt_side from;
    struct flight flight;
};

struct dialogue {
    struct turn turns[16];
    size_t n;
};

static inline struct flight *say(struct dialogue *d, enum wt_side from)
{
    assert_true(d->n < 16);
    d->turns[d->n].from = from;
    return &d->turns[d->n++].flight;
}

/* What follows the ClientHello until TLS 1.2 has come up, in full. */
static inline void complete12(struct dialogue *d, struct hello hello)
{
    struct flight *f = say(d, WT_SERVER);
    server_hello(f, hello);
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
    f = say(d, WT_CLIENT);
    client_key_exchange(f);
    ccs_finished(f);
    ccs_finished(say(d, WT_SERVER));
}

static inline void forget(struct dialogue *d)
{
    for (size_t i = 0; i < d->n; i++)
        wt_buffer_free(&d->turns[i].flight.b);
    d->n = 0;
}

/* A full handshake of TLS 1.2, with these hellos. */
static inline void tls12_handshake_of(struct dialogue *d, struct hello client, struct hello server)
{
    client_hello(say(d, WT_CLIENT), client);
    struct flight *f = say(d, WT_SERVER);
    server_hello(f, server);
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
    f = say(d, WT_CLIENT);
    client_key_exchange(f);
    ccs_finished(f);
    ccs_finished(say(d, WT_SERVER));
}

/* One for example.org. */
static inline void tls12_handshake(struct dialogue *d)
{
    tls12_handshake_of(d, (struct hello){.sni = "example.org"}, (struct hello){.session = 9});
}

enum ending { OPEN_END, FIN, RST };

static const struct wt_address client_address = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1}, 40000},
                               server_address = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 2}, 443};

/* The dialogue as one stream in pieces of `piece` bytes; 0 for whole flights. */
static inline void tell_stream(struct heard *h, const struct dialogue *d, size_t piece, enum ending ending)
{
    struct wt_time time = {1700000000000000000, 9};
    struct wt_stream *s = wt_observer_stream(h->observer, &client_address, &server_address);
    assert_non_null(s);
    for (size_t i = 0; i < d->n; i++) {
        struct wt_span rest = wt_buffer_span(&d->turns[i].flight.b);
        time.ns += 1000000;
        while (rest.n) {
            struct wt_span now = wt_span_cut(rest, 0, piece ? piece : rest.n);
            uint8_t *copy = malloc(now.n);
            memcpy(copy, now.p, now.n);
            wt_stream_bytes(s, d->turns[i].from, time, copy, now.n);
            free(copy);
            rest = wt_span_cut(rest, now.n, rest.n);
        }
    }
    if (ending == OPEN_END) {
        wt_observer_finish(h->observer);
        wt_stream_close(s, time, false);
    } else {
        wt_stream_close(s, time, ending == RST);
    }
}

/* The whole of a test with one connection: hears the dialogue whole, then in pieces of every small size, and holds all
 * to one story. */
static inline void hear_alone(struct heard *h, struct dialogue *d, enum ending ending)
{
    struct heard other;
    hear(h, "whole");
    tell_stream(h, d, 0, ending);
    for (size_t piece = 1; piece <= 12; piece++) {
        hear(&other, "whole");
        tell_stream(&other, d, piece, ending);
        assert_int_equal(other.told, h->told);
        assert_int_equal(other.json.n, h->json.n);
        if (h->json.n)
            assert_memory_equal(other.json.p, h->json.p, h->json.n);
        stop(&other);
    }
    forget(d);
}

#endif
