/* Hand-made stories for the tests of the text report: the handshakes that matter, hostile names, runs of data.
 *
 *     struct story s = story_tls12_full();
 *     wt_report_text_story(&output, &s.c, &options);
 *     story_free(&s);
 *
 * Bodies are hex, made by hand after the RFCs' presentation language; keys, points and signatures in them are counting
 * bytes, since no report computes with them. */
#ifndef TESTS_REPORT_STORY_SAMPLES_H
#define TESTS_REPORT_STORY_SAMPLES_H

#include "codec/codec.h"
#include "report/term.h"
#include "wiretale/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SAMPLE_CLIENT_HELLO                                                                                            \
    "0303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00000a0a0ac02fc030009c00ff010000"             \
    "5c00000014001200000f7777772e6578616d706c652e636f6d000a00060004001d0017000b00020100000d00080006080404"             \
    "0304010010000e000c02683208687474702f312e3100170000ff0100010000230000000500050100000000"
#define SAMPLE_SERVER_HELLO                                                                                            \
    "0303404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f20808182838485868788898a8b8c8d8e"             \
    "8f909192939495969798999a9b9c9d9e9fc02f000025ff01000100000b000201000017000000230000000500050100000000"             \
    "001000050003026832"
#define SAMPLE_CERTIFICATE                                                                                             \
    "00003f0000223082010000000000000000000000000000000000000000000000000000000000000000001730812000000000"             \
    "00000000000000000000000000000000"
#define SAMPLE_CERTIFICATE_STATUS "0100000530030a0100"
#define SAMPLE_SERVER_KEY_EXCHANGE                                                                                     \
    "0300174104000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"             \
    "0000000000000000000000000000000000000008040040000102030405060708090a0b0c0d0e0f101112131415161718191a"             \
    "1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define SAMPLE_CLIENT_KEY_EXCHANGE                                                                                     \
    "4104000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"             \
    "303132333435363738393a3b3c3d3e3f"
#define SAMPLE_RSA_KEY_EXCHANGE                                                                                        \
    "0100000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"             \
    "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f6061"             \
    "62636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f90919293"             \
    "9495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5"             \
    "c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7"             \
    "f8f9fafbfcfdfeff"
#define SAMPLE_NEW_SESSION_TICKET                                                                                      \
    "0000012c0030000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b"             \
    "2c2d2e2f"
#define SAMPLE_CLIENT_HELLO_13                                                                                         \
    "0303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20808182838485868788898a8b8c8d8e"             \
    "8f909192939495969798999a9b9c9d9e9f000413011302010000be00000014001200000f7777772e6578616d706c652e636f"             \
    "6d000a00060004001d0017000d00080006080404030401002b00050403040303002d00020101003300260024001d00200001"             \
    "02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1ffe0d005300000100010120002000000000000000"             \
    "0000000000000000000000000000000000000000000000000000280000000000000000000000000000000000000000000000"             \
    "0000000000000000000000000000000000"
#define SAMPLE_HELLO_RETRY                                                                                             \
    "0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c20808182838485868788898a8b8c8d8e"             \
    "8f909192939495969798999a9b9c9d9e9f130100000c002b00020304003300020017"
#define SAMPLE_SERVER_HELLO_13                                                                                         \
    "0303404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f20808182838485868788898a8b8c8d8e"             \
    "8f909192939495969798999a9b9c9d9e9f130100002e002b0002030400330024001d0020000102030405060708090a0b0c0d"             \
    "0e0f101112131415161718191a1b1c1d1e1f"
#define SAMPLE_EVIL_HELLO                                                                                              \
    "0303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f000002c02f0100002600000022002000"             \
    "001d1b5b33316d7265641b5d303b7407e280ae676e702e657865ffc29b5c6e"
#define SAMPLE_SSL2_HELLO "0002000600000010010080030080000102030405060708090a0b0c0d0e0f"

#define STORY_MESSAGES 64u

struct story {
    struct wt_connection c;
    struct wt_message messages[STORY_MESSAGES];
    uint8_t *bodies[STORY_MESSAGES];
    struct wt_certificate_facts facts[3];
    const struct wt_certificate_facts *chain[3];
    struct wt_alert_seen alerts[4];
    struct wt_finding findings[4];
};

static inline struct wt_span story_hex(struct story *s, const char *hex)
{
    size_t n = strlen(hex) / 2;
    uint8_t *p = malloc(n + 1);
    for (size_t i = 0; p && i < n; i++) {
        unsigned byte = 0;
        (void)sscanf(hex + 2 * i, "%2x", &byte);
        p[i] = (uint8_t)byte;
    }
    s->bodies[s->c.message_count] = p;
    return (struct wt_span){p, p ? n : 0};
}

/* A message of any kind at a frame, 1 ms per frame. body NULL: none was kept. */
static inline struct wt_message *story_add(struct story *s, uint32_t frame, enum wt_side from, uint8_t content_type,
                                           uint8_t type, unsigned flags, const char *body)
{
    struct wt_message *m = &s->messages[s->c.message_count];
    *m = (struct wt_message){
        .frame = frame,
        .time = {s->c.start.ns + (int64_t)(frame - 1) * 1000000, 6},
        .from = (uint8_t)from,
        .content_type = content_type,
        .type = type,
        .flags = (uint16_t)flags,
        .record_version = 0x0303,
        .records = 1,
        .length = 40,
        .record_length = 40,
        .shape = {s->c.version, 0, 0},
    };
    if (body) {
        m->body = story_hex(s, body);
        m->length = (uint32_t)m->body.n;
        m->record_length = (uint32_t)m->body.n + 4;
    }
    s->c.message_count++;
    return m;
}

static inline struct wt_message *story_handshake(struct story *s, uint32_t frame, enum wt_side from, uint8_t type,
                                                 const char *body)
{
    return story_add(s, frame, from, WT_CONTENT_HANDSHAKE, type, WT_MESSAGE_TYPED, body);
}

/* The pointers inside point into the story: call it again when the struct has moved. */
static inline void story_settle(struct story *s)
{
    s->c.messages = s->messages;
    s->c.alerts = s->alerts;
    s->c.findings = s->findings;
    for (size_t i = 0; i < 3; i++)
        s->chain[i] = &s->facts[i];
    s->c.certificates[WT_SERVER] = s->chain;
}

static inline void story_begin(struct story *s)
{
    static const uint8_t client[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 10};
    static const uint8_t server[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 80};
    memset(s, 0, sizeof *s);
    s->c = (struct wt_connection){
        .file = "sample.pcapng",
        .stream = 7,
        .state = WT_ESTABLISHED,
        .client = {.port = 51034},
        .server = {.port = 443},
        .layers = {WT_LAYER_ETHERNET, WT_LAYER_VLAN, WT_LAYER_IPV4, WT_LAYER_TCP},
        .layer_count = 4,
        .start = {1500000000000000000, 6},
        .end = {1500000000194500000, 6},
        .ready = {1500000000061300000, 6},
        .version = WT_TLS12,
        .offered = WT_TLS12,
        .cipher_suite = 0xc02f,
        .has_suite = true,
        .suites_offered = 5,
        .group = 0x0017,
        .signature_scheme = 0x0804,
        .client_hello_seen = true,
        .server_hello_seen = true,
        .fin = {true, true},
        .sni = {(const uint8_t *)"www.example.com", 15},
        .alpn = {(const uint8_t *)"h2", 2},
        .application_data = {{3, 1200}, {12, 16200}},
    };
    memcpy(s->c.client.ip, client, 16);
    memcpy(s->c.server.ip, server, 16);
    static const char *const names[] = {"www.example.com", "example.com", "a.example", "b.example",
                                        "c.example",       "d.example",   "e.example"};
    s->facts[0] = (struct wt_certificate_facts){.length = 64,
                                                .parsed = true,
                                                .subject = "CN=www.example.com,O=Example\\, Inc.",
                                                .issuer = "CN=Example Intermediate",
                                                .common_name = "www.example.com",
                                                .not_before = 1400000000,
                                                .not_after = 1534464000,
                                                .san = names,
                                                .san_count = 7,
                                                .key_type = "RSA",
                                                .key_bits = 2048,
                                                .signature_algorithm = "sha256WithRSAEncryption"};
    s->facts[1] = (struct wt_certificate_facts){.length = 44,
                                                .parsed = true,
                                                .subject = "CN=Example Intermediate",
                                                .issuer = "CN=Example Intermediate",
                                                .key_type = "EC",
                                                .key_bits = 256,
                                                .key_curve = "secp256r1",
                                                .signature_algorithm = "ecdsa-with-SHA256",
                                                .is_ca = true,
                                                .self_issued = true};
    story_settle(s);
}

static inline void story_data(struct story *s, uint32_t frame, enum wt_side from, uint32_t length)
{
    story_add(s, frame, from, WT_CONTENT_APPLICATION_DATA, 0, WT_MESSAGE_ENCRYPTED, NULL)->length = length;
}

/* TLS 1.2, ECDHE_RSA, everything that such a handshake can have, both Finished hidden, data, hidden close_notify. */
static inline struct story *story_tls12_full(void)
{
    struct story *s = malloc(sizeof *s);
    struct wt_message *m;
    story_begin(s);
    m = story_handshake(s, 4, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, SAMPLE_CLIENT_HELLO);
    m->record_version = WT_TLS10;
    m->shape.version = 0;
    story_handshake(s, 6, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, SAMPLE_SERVER_HELLO);
    story_handshake(s, 10, WT_SERVER, WT_HANDSHAKE_CERTIFICATE, SAMPLE_CERTIFICATE);
    s->c.certificate_count[WT_SERVER] = 2;
    story_handshake(s, 10, WT_SERVER, WT_HANDSHAKE_CERTIFICATE_STATUS, SAMPLE_CERTIFICATE_STATUS);
    story_handshake(s, 10, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, SAMPLE_SERVER_KEY_EXCHANGE)->shape.kx =
        WT_KX_ECDHE;
    story_handshake(s, 10, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO_DONE, "");
    story_handshake(s, 12, WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, SAMPLE_CLIENT_KEY_EXCHANGE)->shape.kx =
        WT_KX_ECDHE;
    story_add(s, 12, WT_CLIENT, WT_CONTENT_CHANGE_CIPHER_SPEC, 0, 0, NULL);
    story_add(s, 12, WT_CLIENT, WT_CONTENT_HANDSHAKE, 0, WT_MESSAGE_ENCRYPTED, NULL);
    story_handshake(s, 13, WT_SERVER, WT_HANDSHAKE_NEW_SESSION_TICKET, SAMPLE_NEW_SESSION_TICKET);
    story_add(s, 13, WT_SERVER, WT_CONTENT_CHANGE_CIPHER_SPEC, 0, 0, NULL);
    story_add(s, 13, WT_SERVER, WT_CONTENT_HANDSHAKE, 0, WT_MESSAGE_ENCRYPTED, NULL);
    for (uint32_t i = 0; i < 3; i++)
        story_data(s, 15 + i, WT_CLIENT, 400);
    for (uint32_t i = 0; i < 12; i++)
        story_data(s, 20 + i, WT_SERVER, 1350);
    m = story_add(s, 40, WT_SERVER, WT_CONTENT_ALERT, 0, WT_MESSAGE_ENCRYPTED, NULL);
    m->record_length = m->length = 26;
    story_settle(s);
    return s;
}

/* TLS 1.3 with a HelloRetryRequest, no keys. */
static inline struct story *story_tls13_retry(void)
{
    struct story *s = malloc(sizeof *s);
    story_begin(s);
    s->c.version = s->c.offered = WT_TLS13;
    s->c.cipher_suite = 0x1301;
    s->c.group = 0x001d;
    s->c.retried = true;
    s->c.alpn.n = 0;
    story_handshake(s, 1, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, SAMPLE_CLIENT_HELLO_13)->record_version = WT_TLS10;
    story_handshake(s, 2, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, SAMPLE_HELLO_RETRY)->flags |= WT_MESSAGE_RETRY;
    story_add(s, 2, WT_SERVER, WT_CONTENT_CHANGE_CIPHER_SPEC, 0, 0, NULL);
    story_handshake(s, 3, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, SAMPLE_CLIENT_HELLO_13);
    story_handshake(s, 4, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, SAMPLE_SERVER_HELLO_13);
    for (uint32_t i = 0; i < 4; i++)
        story_data(s, 5, WT_SERVER, 500);
    story_data(s, 6, WT_CLIENT, 74);
    story_data(s, 7, WT_SERVER, 250);
    story_settle(s);
    return s;
}

/* A hello with everything in its name that a terminal should not be shown, and a fatal alert. */
static inline struct story *story_hostile(void)
{
    static const uint8_t name[] = "\033[31mred\033]0;t\a\xe2\x80\xaegnp.exe\xff\xc2\x9b\\n";
    struct story *s = malloc(sizeof *s);
    story_begin(s);
    s->c.state = WT_FAILED;
    s->c.version = 0;
    s->c.has_suite = false;
    s->c.group = 0;
    s->c.ready.ns = 0;
    s->c.server_hello_seen = false;
    s->c.sni = (struct wt_span){name, sizeof name - 1};
    s->c.alpn = (struct wt_span){name, sizeof name - 1};
    s->facts[0].subject = "CN=\033[2J";
    s->c.certificate_count[WT_SERVER] = 1;
    story_handshake(s, 4, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, SAMPLE_EVIL_HELLO);
    story_add(s, 5, WT_SERVER, WT_CONTENT_ALERT, 0, WT_MESSAGE_TYPED, "0228");
    s->alerts[0] = (struct wt_alert_seen){5, WT_SERVER, true, 2, 40};
    s->c.alert_count = 1;
    s->findings[0] = (struct wt_finding){"some-notice", WT_NOTICE, 4, "a name with \033[1m in it", NULL};
    s->findings[1] = (struct wt_finding){"no-shared-cipher-suite", WT_FATAL, 5, "The sides share no cipher suite.",
                                         "Let both offer one in common.", WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, true};
    s->c.finding_count = 2;
    story_settle(s);
    return s;
}

static inline struct story *story_ssl2(void)
{
    struct story *s = malloc(sizeof *s);
    story_begin(s);
    s->c.protocol = WT_PROTOCOL_SSL2;
    s->c.version = s->c.offered = WT_SSL2;
    s->c.has_suite = false;
    s->c.group = 0;
    story_add(s, 4, WT_CLIENT, WT_CONTENT_HANDSHAKE, WT_SSL2_CLIENT_HELLO, WT_MESSAGE_TYPED | WT_MESSAGE_SSL2,
              SAMPLE_SSL2_HELLO);
    story_add(s, 6, WT_CLIENT, WT_CONTENT_HANDSHAKE, 0, WT_MESSAGE_ENCRYPTED | WT_MESSAGE_SSL2, NULL);
    story_settle(s);
    return s;
}

static inline void story_free(struct story *s)
{
    for (size_t i = 0; i < s->c.message_count; i++)
        free(s->bodies[i]);
    free(s);
}

/* --- what was printed ----------------------------------------------------------------------------------------------
 */

struct printed {
    char *text;
    size_t n, room;
};

static inline bool printed_write(void *context, const char *bytes, size_t length)
{
    struct printed *p = context;
    if (p->n + length >= p->room) {
        const size_t room = 2 * p->room + length + 1;
        char *more = realloc(p->text, room);
        if (!more)
            return false;
        p->text = more;
        p->room = room;
    }
    memcpy(p->text + p->n, bytes, length);
    p->n += length;
    p->text[p->n] = 0;
    return true;
}

static inline char *story_print(const struct story *s, struct wt_text_options options)
{
    options.size = sizeof options;
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    wt_report_text_story(&output, &s->c, &options);
    return p.text;
}

/* Lines are broken where the width says: sentences are looked for with all runs of blanks made one. */
static inline char *story_print_flat(const struct story *s, struct wt_text_options options)
{
    options.size = sizeof options;
    char *text = story_print(s, options);
    char *out = text;
    for (const char *p = text; *p; p++) {
        if ((*p == ' ' || *p == '\n') && out > text && out[-1] == ' ')
            continue;
        *out++ = *p == '\n' ? ' ' : *p;
    }
    *out = 0;
    return text;
}

static inline void has(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text ? text : "nothing");
}

static inline void lacks(const char *text, const char *part)
{
    if (!text || strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text ? text : "nothing");
}

/* Columns of one line, without colour codes. */
static inline unsigned columns_of(char *line)
{
    char *out = line;
    for (char *p = line; *p; p++) {
        if (*p == '\033') {
            while (*p && *p != 'm')
                p++;
            continue;
        }
        *out++ = *p;
    }
    *out = 0;
    return wt_width(line);
}

static inline void fits(char *text, unsigned columns)
{
    assert_non_null(text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned width = columns_of(line);
        if (width > columns)
            fail_msg("%u of %u columns: %s", width, columns, line);
        if (*line)
            assert_true(line[strlen(line) - 1] != ' ');
    }
}

static inline char *line_of(const struct story *s, unsigned columns)
{
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    struct wt_text_options options = {.size = sizeof options, .columns = columns};
    wt_report_text_line(&output, &s->c, &options);
    return p.text;
}


#endif
