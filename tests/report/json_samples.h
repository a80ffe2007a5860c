/* Hand-made stories for the tests of the JSON report and the filters: one that has every key of the contract, one that
 * has none, and what messages are made of. */
#ifndef TESTS_REPORT_JSON_SAMPLES_H
#define TESTS_REPORT_JSON_SAMPLES_H

#include "base/span.h"
#include "registry/registry.h"
#include "wiretale/story.h"

#define SAMPLE_V4(a, b, c, d, port_)                                                                                   \
    {.ip = {[10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d}, .port = (port_)}
#define SAMPLE_BYTES(...) {(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})}
#define SAMPLE_TIME(ns_) {.ns = (ns_), .digits = 6}

/* 2014-03-01T12:00:00Z */
#define SAMPLE_START INT64_C(1393675200000000000)

/* ClientHello: TLS 1.2, three suites (one of GREASE), server_name example.com, ALPN h2 and http/1.1, groups, point
 * formats, schemes, supported_versions, key_share x25519, an unknown extension. */
static const uint8_t sample_client_hello[] = {
    0x03, 0x03,
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    2, 0xaa, 0xbb,
    0, 6, 0x0a, 0x0a, 0x13, 0x01, 0xc0, 0x2f,
    1, 0,
    0, 98,
    0x00, 0x00, 0, 16, 0, 14, 0, 0, 11, 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'c', 'o', 'm',
    0x00, 0x10, 0, 14, 0, 12, 2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1',
    0x00, 0x0a, 0, 6, 0, 4, 0x00, 0x1d, 0x00, 0x17,
    0x00, 0x0b, 0, 2, 1, 0,
    0x00, 0x0d, 0, 6, 0, 4, 0x04, 0x03, 0x08, 0x04,
    0x00, 0x2b, 0, 5, 4, 0x03, 0x04, 0x03, 0x03,
    0x00, 0x33, 0, 10, 0, 8, 0x00, 0x1d, 0, 4, 1, 2, 3, 4,
    0x12, 0x34, 0, 3, 9, 8, 7,
    0x00, 0x17, 0, 0,
};

/* ServerHello of TLS 1.2: 0xc02f, empty session id, ALPN h2. */
static const uint8_t sample_server_hello[] = {
    0x03, 0x03,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    0, 0xc0, 0x2f, 0,
    0, 9,
    0x00, 0x10, 0, 5, 0, 3, 2, 'h', '2',
};

/* Two "certificates" of three bytes and one. */
static const uint8_t sample_certificate[] = {0, 0, 10, 0, 0, 3, 'a', 'b', 'c', 0, 0, 1, 'z'};

/* ECDHE on secp256r1, a point of three bytes, rsa_pkcs1_sha256, a signature of two. */
static const uint8_t sample_server_key_exchange[] = {3, 0, 0x17, 3, 4, 5, 6, 0x04, 0x01, 0, 2, 0xde, 0xad};

static const uint8_t sample_new_session_ticket[] = {0, 0, 0x1c, 0x20, 0, 3, 't', 'i', 'x'};

static const uint8_t sample_alert[] = {2, 48};

/* A request that claims 16,384 bytes and has one: Heartbleed. */
static const uint8_t sample_heartbeat[] = {1, 0x40, 0x00, 'x'};

#define SAMPLE_BODY(array) {(array), sizeof(array)}
#define SAMPLE_SHAPE {.version = WT_TLS12, .kx = WT_KX_ECDHE}

static const struct wt_message sample_messages[] = {
    {.frame = 4, .time = SAMPLE_TIME(SAMPLE_START), .from = WT_CLIENT, .content_type = 22, .type = 1,
     .flags = WT_MESSAGE_TYPED, .record_version = 0x0301, .records = 1, .length = sizeof sample_client_hello,
     .body = SAMPLE_BODY(sample_client_hello)},
    {.frame = 6, .time = SAMPLE_TIME(SAMPLE_START + 1000000), .from = WT_SERVER, .content_type = 22, .type = 2,
     .flags = WT_MESSAGE_TYPED, .record_version = 0x0303, .records = 1, .length = sizeof sample_server_hello,
     .body = SAMPLE_BODY(sample_server_hello)},
    {.frame = 7, .time = SAMPLE_TIME(SAMPLE_START + 1000000), .from = WT_SERVER, .content_type = 22, .type = 11,
     .flags = WT_MESSAGE_TYPED, .record_version = 0x0303, .records = 2, .length = sizeof sample_certificate,
     .shape = SAMPLE_SHAPE, .body = SAMPLE_BODY(sample_certificate)},
    {.frame = 7, .time = SAMPLE_TIME(SAMPLE_START + 1000000), .from = WT_SERVER, .content_type = 22, .type = 12,
     .flags = WT_MESSAGE_TYPED, .record_version = 0x0303, .records = 1, .length = sizeof sample_server_key_exchange,
     .shape = SAMPLE_SHAPE, .body = SAMPLE_BODY(sample_server_key_exchange)},
    {.frame = 7, .time = SAMPLE_TIME(SAMPLE_START + 1000000), .from = WT_SERVER, .content_type = 22, .type = 14,
     .flags = WT_MESSAGE_TYPED, .record_version = 0x0303, .records = 1, .shape = SAMPLE_SHAPE},
    {.frame = 9, .time = SAMPLE_TIME(SAMPLE_START + 2000000), .from = WT_CLIENT, .content_type = 20,
     .record_version = 0x0303, .records = 1, .length = 1},
    {.frame = 9, .time = SAMPLE_TIME(SAMPLE_START + 2000000), .from = WT_CLIENT, .content_type = 22,
     .flags = WT_MESSAGE_ENCRYPTED, .record_version = 0x0303, .records = 1, .length = 40},
    {.frame = 10, .time = SAMPLE_TIME(SAMPLE_START + 3000000), .from = WT_SERVER, .content_type = 22, .type = 4,
     .flags = WT_MESSAGE_TYPED, .record_version = 0x0303, .records = 1, .length = sizeof sample_new_session_ticket,
     .shape = SAMPLE_SHAPE, .body = SAMPLE_BODY(sample_new_session_ticket)},
    {.frame = 12, .time = SAMPLE_TIME(SAMPLE_START + 4000000), .from = WT_CLIENT, .content_type = 23,
     .record_version = 0x0303, .records = 1, .length = 1200},
    {.frame = 13, .time = SAMPLE_TIME(SAMPLE_START + 5000000), .from = WT_CLIENT, .content_type = 24, .type = 1,
     .flags = WT_MESSAGE_TYPED | WT_MESSAGE_MALFORMED, .record_version = 0x0303, .records = 1,
     .length = sizeof sample_heartbeat, .body = SAMPLE_BODY(sample_heartbeat),
     .error = {WT_LENGTH, "payload_length", 1, 16384, 1, "RFC 6520, 4"}},
    {.frame = 14, .time = SAMPLE_TIME(SAMPLE_START + 6000000), .from = WT_SERVER, .content_type = 21,
     .record_version = 0x0303, .records = 1, .length = 2, .body = SAMPLE_BODY(sample_alert)},
    {.frame = 15, .time = SAMPLE_TIME(SAMPLE_START + 6000000), .from = WT_CLIENT, .content_type = 21,
     .flags = WT_MESSAGE_ENCRYPTED, .record_version = 0x0303, .records = 1, .length = 26},
    {.frame = 16, .time = SAMPLE_TIME(SAMPLE_START + 7000000), .from = WT_CLIENT, .content_type = 22, .type = 99,
     .flags = WT_MESSAGE_TYPED | WT_MESSAGE_UNEXPECTED, .record_version = 0x0303, .records = 1},
};

static const char *const sample_san[] = {"example.com", "www.example.com"};
static const struct wt_certificate_facts sample_leaf = {
    .sha256 = {0xab, 0xcd}, .sha1 = {0x12}, .length = 800, .parsed = true,
    .subject = "CN=example.com,O=Ex\\, Inc", .issuer = "CN=Test CA", .common_name = "example.com", .serial = "01f2",
    .not_before = 1388534400, .not_after = INT64_C(253402300799), .san = sample_san, .san_count = 2,
    .key_type = "EC", .key_bits = 256, .key_curve = "secp256r1", .signature_algorithm = "sha256WithRSAEncryption"};
static const struct wt_certificate_facts sample_root = {
    .sha256 = {1}, .sha1 = {2}, .length = 700, .parsed = true, .subject = "CN=Test CA", .issuer = "CN=Test CA",
    .serial = "01", .key_type = "RSA", .key_bits = 2048, .signature_algorithm = "sha1WithRSAEncryption", .is_ca = true,
    .self_issued = true};
static const struct wt_certificate_facts sample_broken = {.sha256 = {3}, .sha1 = {4}, .length = 5};
static const struct wt_certificate_facts *const sample_server_chain[] = {&sample_leaf, &sample_root};
static const struct wt_certificate_facts *const sample_client_chain[] = {&sample_broken};

static const struct wt_alert_seen sample_alerts[] = {
    {.frame = 14, .from = WT_SERVER, .readable = true, .level = 2, .description = 48},
    {.frame = 15, .from = WT_CLIENT},
};

static const struct wt_finding sample_findings[] = {
    {"certificate-unknown-issuer", WT_FATAL, 14, "the root is \"unknown\"", "add it"},
    {"sni-missing", WT_NOTICE, 0, "no name", NULL},
};

#define SAMPLE_SAID(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
static const struct wt_exchange sample_exchanges[] = {
    {.request_frame = 20, .response_frame = 22, .request_time = SAMPLE_TIME(SAMPLE_START + 4000000),
     .response_time = SAMPLE_TIME(SAMPLE_START + 4500000), .version = 11, .method = SAMPLE_SAID("GET"),
     .authority = SAMPLE_SAID("example.com"), .path = SAMPLE_SAID("/index.html?a=\"b\""), .status = 200,
     .reason = SAMPLE_SAID("OK"), .content_type = SAMPLE_SAID("text/html"), .content_encoding = SAMPLE_SAID("gzip"),
     .response_body = 1234, .interim = 1},
    {.request_frame = 30, .request_time = SAMPLE_TIME(SAMPLE_START + 5000000), .stream = 5, .version = 20,
     .method = SAMPLE_SAID("POST"), .scheme = SAMPLE_SAID("https"), .authority = SAMPLE_SAID("example.com"),
     .path = SAMPLE_SAID("/\xff\x1b"), .request_body = 77, .pushed = true, .upgraded = true, .reset = true},
};

static const struct wt_step_part sample_step_in[] = {
    {"premaster_secret", SAMPLE_BYTES(3, 3, 9), false}, {"label", SAMPLE_SAID("master secret"), true}};
static const struct wt_told_step sample_steps[] = {
    {{"master_secret", "PRF", NULL, "RFC 5246, 8.1", sample_step_in, 2,
      {"master_secret", SAMPLE_BYTES(0xaa, 0xbb), false}}, 2, 12},
    {{"client_write_key", "cut", NULL, NULL, NULL, 0, {"client_write_key", SAMPLE_BYTES(0xaa), false}}, WT_CLIENT, 0},
};
static const struct wt_told_step sample_record_steps[] = {
    {{"nonce", "XOR", NULL, "RFC 8446, 5.3", NULL, 0, {"nonce", SAMPLE_BYTES(1, 2), false}}, WT_SERVER, 13}};

/* Everything at once; no connection is like that. */
static const struct wt_connection sample_full = {
    .file = "capture.pcap", .stream = 7, .protocol = WT_PROTOCOL_TLS, .state = WT_FAILED,
    .client = SAMPLE_V4(192, 0, 2, 1, 50000), .server = SAMPLE_V4(119, 75, 217, 109, 443),
    .layers = {WT_LAYER_ETHERNET, WT_LAYER_IPV4, WT_LAYER_TCP}, .layer_count = 3, .first_frame = 4, .last_frame = 16,
    .start = SAMPLE_TIME(SAMPLE_START), .end = SAMPLE_TIME(SAMPLE_START + 7000000),
    .ready = SAMPLE_TIME(SAMPLE_START + 3000000), .starttls = "smtp", .missing = {0, 1460}, .version = WT_TLS12,
    .offered = WT_TLS13, .cipher_suite = 0xc02f, .suites_offered = 3, .group = 0x0017, .signature_scheme = 0x0401,
    .resumption = WT_RESUMPTION_TICKET, .early_data = WT_EARLY_REJECTED, .has_suite = true, .has_resumed_from = true,
    .resumed_from = 3, .client_hello_seen = true, .server_hello_seen = true, .client_certificate_requested = true,
    .retried = true, .reset = true, .fin = {true, false}, .renegotiations = 2,
    .sni = {(const uint8_t *)"example.com", 11}, .alpn = {(const uint8_t *)"h2", 2},
    .ja3 = "0123456789abcdef0123456789abcdef", .ja3s = "fedcba9876543210fedcba9876543210",
    .ja4 = "t13d0309h2_aaaaaaaaaaaa_bbbbbbbbbbbb", .ja3_string = "771,1", .ja3s_string = "771,2", .ja4_string = "t13",
    .certificates = {sample_client_chain, sample_server_chain}, .certificate_count = {1, 2}, .alerts = sample_alerts,
    .alert_count = 2, .application_data = {{1, 1200}, {0, 0}}, .findings = sample_findings, .finding_count = 2,
    .decryption = WT_DECRYPTION_KEYLOG, .not_decrypted = "record 9 of the server does not open",
    .has_plaintext = {true, true},
    .plaintext = {{.bytes = 77, .sha256 = {0xc1}, .has_sha256 = true, .opened = 3},
                  {.bytes = 1234, .sha256 = {0x5e}, .has_sha256 = true, .opened = 7, .failed = 1}},
    .proofs = {[WT_PROOF_SERVER_SIGNATURE] = {WT_PROOF_OK, NULL, 8},
               [WT_PROOF_CLIENT_FINISHED] = {WT_PROOF_UNKNOWN, "a message before it is missing", 9},
               [WT_PROOF_SERVER_FINISHED] = {WT_PROOF_BAD, "verify_data differs", 10},
               [WT_PROOF_PSK_BINDER] = {WT_PROOF_OK, NULL, 4}},
    .exchanges = sample_exchanges, .exchange_count = 2, .exchanges_dropped = 3, .application = "HTTP/1.1",
    .derivation = sample_steps, .derivation_count = 2, .key_log = "CLIENT_RANDOM 00 aa\nEXPORTER_SECRET 00 bb\n",
    .record_steps = sample_record_steps, .record_step_count = 1,
    .messages = sample_messages, .message_count = sizeof sample_messages / sizeof *sample_messages,
    .messages_dropped = 5};

/* A connection of which nothing is known but that it is one, over IPv6. */
static const struct wt_connection sample_bare = {
    .client = {.ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, .port = 50001},
    .server = {.ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}, .port = 8443},
    .start = {SAMPLE_START, 0}, .end = {SAMPLE_START, 0}};

#endif
