/* Every key of the JSON contract appears in the right form; what does not apply is left out; hostile bytes stay text. */
#include "json_check.h"
#include "json_samples.h"

#include "base/buffer.h"
#include "registry/limits.h"
#include "wiretale/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

static bool collect(void *context, const char *bytes, size_t length)
{
    return wt_buffer_add(context, bytes, length);
}

/* With certificates that were written before, twice: nothing changes. */
static void kept_is_the_same(const struct wt_buffer *without, const struct wt_connection *c,
                             struct wt_json_options options)
{
    struct wt_buffer b = {0};
    struct wt_output output = {.write = collect, .context = &b};
    options.cache = wt_json_cache_new();
    for (unsigned i = 0; i < 2; i++) {
        b.n = 0;
        wt_report_json_connection(&output, c, &options);
        assert_int_equal(b.n, without->n);
        assert_memory_equal(b.p, without->p, b.n);
    }
    wt_json_cache_free(options.cache);
    wt_buffer_free(&b);
}

static char *told(struct wt_buffer *b, const struct wt_connection *c, bool messages)
{
    struct wt_output output = {.write = collect, .context = b};
    b->n = 0;
    const struct wt_json_options options = {.size = sizeof options, .messages = messages};
    wt_report_json_connection(&output, c, &options);
    assert_false(output.failed);
    if (!json_is_line((const char *)b->p, b->n))
        fail_msg("no JSON line: %.*s", (int)b->n, (const char *)b->p);
    kept_is_the_same(b, c, options);
    assert_true(wt_buffer_add_char(b, 0));
    return (char *)b->p;
}

static void has(const char *line, const char *part)
{
    if (!strstr(line, part))
        fail_msg("missing %s in\n%s", part, line);
}

static void lacks(const char *line, const char *part)
{
    if (strstr(line, part))
        fail_msg("unexpected %s in\n%s", part, line);
}

static void connection_keys(void **state)
{
    static const char *const parts[] = {
        "{\"type\":\"connection\",\"file\":\"capture.pcap\",\"stream\":7,\"transport\":\"tcp\",\"protocol\":\"tls\",",
        "\"client\":{\"ip\":\"192.0.2.1\",\"port\":50000},\"server\":{\"ip\":\"119.75.217.109\",\"port\":443}",
        "\"first_frame\":4,\"last_frame\":16",
        "\"layers\":[\"ethernet\",\"ipv4\",\"tcp\"]",
        "\"start\":\"2014-03-01T12:00:00.000000Z\",\"end\":\"2014-03-01T12:00:00.007000Z\",\"duration\":0.007000",
        "\"handshake_duration\":0.003000",
        "\"starttls\":\"smtp\"",
        "\"missing\":{\"client\":0,\"server\":1460}",
        "\"state\":\"failed\"",
        "\"version\":\"TLS 1.2\",\"offered_version\":\"TLS 1.3\"",
        "\"cipher_suite\":\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\",\"cipher_suite_id\":\"0xc02f\"",
        "\"cipher_suites_offered\":3",
        "\"group\":\"secp256r1\"",
        "\"signature_scheme\":\"rsa_pkcs1_sha256\"",
        "\"sni\":\"example.com\",\"alpn\":\"h2\"",
        "\"resumption\":\"ticket\",\"resumed_from\":3,\"early_data\":\"rejected\"",
        "\"hello_retry\":true,\"client_certificate_requested\":true,\"renegotiations\":2",
        "\"ja3\":\"0123456789abcdef0123456789abcdef\",\"ja3s\":\"fedcba9876543210fedcba9876543210\",\"ja4\":\"t13d",
        "\"certificates\":{\"server\":[{\"subject\":\"CN=example.com,O=Ex\\\\, Inc\",\"issuer\":\"CN=Test CA\"",
        "\"serial\":\"01f2\",\"not_before\":\"2014-01-01T00:00:00Z\",\"not_after\":\"9999-12-31T23:59:59Z\"",
        "\"san\":[\"example.com\",\"www.example.com\"],\"key\":{\"type\":\"EC\",\"bits\":256,\"curve\":\"secp256r1\"}",
        "\"signature_algorithm\":\"sha256WithRSAEncryption\",\"sha256\":\"abcd0000",
        "\"ca\":true,\"self_issued\":true",
        "\"client\":[{\"sha256\":\"03",
        "\"alerts\":[{\"frame\":14,\"from\":\"server\",\"level\":\"fatal\",\"description\":\"unknown_ca\",\"code\":48},"
        "{\"frame\":15,\"from\":\"client\"}]",
        "\"application_data\":{\"client\":{\"records\":1,\"bytes\":1200},\"server\":{\"records\":0,\"bytes\":0}}",
        "\"decryption\":\"keylog\",\"not_decrypted\":\"record 9 of the server does not open\"",
        "\"plaintext\":{\"client\":{\"bytes\":77,\"sha256\":\"c100",
        "\"server\":{\"bytes\":1234,\"sha256\":\"5e00",
        "\"records\":{\"client\":{\"opened\":3,\"failed\":0},\"server\":{\"opened\":7,\"failed\":1}}",
        "\"verified\":{\"server_signature\":\"ok\",\"client_finished\":\"unknown: a message before it is missing\","
        "\"server_finished\":\"bad: verify_data differs\",\"psk_binder\":\"ok\"}",
        "\"application\":\"HTTP/1.1\"",
        "\"exchanges\":[{\"version\":\"HTTP/1.1\",\"request_frame\":20,"
        "\"request_time\":\"2014-03-01T12:00:00.004000Z\",\"method\":\"GET\",\"authority\":\"example.com\","
        "\"path\":\"/index.html?a=\\\"b\\\"\",\"request_bytes\":0,\"interim\":1,\"response_frame\":22,"
        "\"response_time\":\"2014-03-01T12:00:00.004500Z\",\"status\":200,\"reason\":\"OK\","
        "\"content_type\":\"text/html\",\"content_encoding\":\"gzip\",\"response_bytes\":1234}",
        "{\"version\":\"HTTP/2\",\"stream\":5,\"request_frame\":30,\"request_time\":\"2014-03-01T12:00:00.005000Z\","
        "\"method\":\"POST\",\"scheme\":\"https\",\"authority\":\"example.com\",\"path\":\"/\\\\xff\\\\x1b\","
        "\"request_bytes\":77,\"pushed\":true,\"upgraded\":true,\"reset\":true}],\"exchanges_dropped\":3",
        "\"fin\":[\"client\"],\"reset\":true",
        "\"derivation\":[{\"id\":\"master_secret\",\"frame\":12,\"function\":\"PRF\","
        "\"text\":\"The premaster secret is the result of the key exchange; its length and format depend on the "
        "exchange. Together with both randoms it yields the master secret, always 48 bytes and different for every "
        "handshake.\",\"rfc\":\"RFC 5246, 8.1\","
        "\"in\":[{\"name\":\"premaster_secret\",\"bytes\":\"030309\"},{\"name\":\"label\","
        "\"text\":\"master secret\",\"bytes\":\"6d617374657220736563726574\"}],"
        "\"out\":{\"name\":\"master_secret\",\"bytes\":\"aabb\"}},"
        "{\"id\":\"client_write_key\",\"side\":\"client\",\"function\":\"cut\",\"out\":{\"name\":\"client_write_key\","
        "\"bytes\":\"aa\"}}]",
        "\"key_log\":[\"CLIENT_RANDOM 00 aa\",\"EXPORTER_SECRET 00 bb\"]",
        "\"record_steps\":[{\"id\":\"nonce\",\"side\":\"server\",\"frame\":13,\"function\":\"XOR\",\"rfc\":\"RFC 8446, 5.3\","
        "\"out\":{\"name\":\"nonce\",\"bytes\":\"0102\"}}]",
        "\"findings\":[{\"id\":\"certificate-unknown-issuer\",\"severity\":\"fatal\",\"frame\":14,"
        "\"text\":\"the root is \\\"unknown\\\"\",\"advice\":\"add it\"},"
        "{\"id\":\"sni-missing\",\"severity\":\"notice\",\"text\":\"no name\"}]",
    };
    struct wt_buffer b = {0};
    const char *line = told(&b, &sample_full, false);
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        has(line, parts[i]);
    lacks(line, "\"messages\"");
    wt_buffer_free(&b);
}

/* Of HTTP/3 the first stream is 0. */
static void http3(void **state)
{
    static const struct wt_exchange exchange = {.request_frame = 1, .version = 30, .method = SAMPLE_SAID("GET")};
    struct wt_connection c = sample_full;
    struct wt_buffer b = {0};
    (void)state;
    c.exchanges = &exchange;
    c.exchange_count = 1;
    has(told(&b, &c, false), "\"exchanges\":[{\"version\":\"HTTP/3\",\"stream\":0,\"request_frame\":1,\"method\":\"GET\",");
    wt_buffer_free(&b);
}

static void bare_connection(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    assert_string_equal(told(&b, &sample_bare, false),
                        "{\"type\":\"connection\",\"stream\":0,\"transport\":\"tcp\",\"protocol\":\"tls\","
                        "\"client\":{\"ip\":\"2001:db8::1\",\"port\":50001},"
                        "\"server\":{\"ip\":\"2001:db8::2\",\"port\":8443},"
                        "\"start\":\"2014-03-01T12:00:00Z\",\"end\":\"2014-03-01T12:00:00Z\",\"duration\":0,"
                        "\"state\":\"incomplete\"}\n");
    wt_buffer_free(&b);
}

/* A code point without a name stands as its digits where a name would stand. */
static void nameless(void **state)
{
    struct wt_buffer b = {0};
    struct wt_connection c = sample_bare;
    const struct wt_alert_seen alert = {.from = 1, .readable = true, .level = 7, .description = 199};
    c.version = 0x0399;
    c.has_suite = true;
    c.cipher_suite = 0xeeee;
    c.group = 0xeeee;
    c.alerts = &alert;
    c.alert_count = 1;
    const char *line = told(&b, &c, false);
    (void)state;
    has(line, "\"version\":\"0x0399\"");
    has(line, "\"cipher_suite\":\"0xeeee\",\"cipher_suite_id\":\"0xeeee\"");
    has(line, "\"group\":\"0xeeee\"");
    has(line, "{\"from\":\"server\",\"level\":\"0x07\",\"description\":\"0xc7\",\"code\":199}");
    wt_buffer_free(&b);
}

static void message_keys(void **state)
{
    static const char *const parts[] = {
        "\"ja3_string\":\"771,1\",\"ja3s_string\":\"771,2\",\"ja4_string\":\"t13\"",
        "{\"frame\":4,\"time\":\"2014-03-01T12:00:00.000000Z\",\"from\":\"client\",\"content_type\":\"handshake\",",
        "\"type\":\"client_hello\",\"client_hello\":{\"legacy_version\":\"0x0303\",\"random\":\"000102",
        "\"session_id\":\"aabb\",\"cipher_suites\":[\"0x0a0a\",\"0x1301\",\"0xc02f\"],\"compression_methods\":[0],",
        "{\"id\":\"0x0000\",\"name\":\"server_name\",\"length\":16,\"server_name_list\":[{\"name_type\":\"0x00\","
        "\"host_name\":\"example.com\"}]}",
        "{\"id\":\"0x1234\",\"length\":3,\"data\":\"090807\"}",
        "{\"id\":\"0x0017\",\"name\":\"extended_master_secret\",\"length\":0}",
        "\"sni\":\"example.com\",\"alpn\":[\"h2\",\"http/1.1\"],\"supported_groups\":[\"0x001d\",\"0x0017\"],"
        "\"ec_point_formats\":[0],\"signature_algorithms\":[\"0x0403\",\"0x0804\"],"
        "\"supported_versions\":[\"0x0304\",\"0x0303\"],\"key_share_groups\":[\"0x001d\"],"
        "\"ja3\":\"0123456789abcdef0123456789abcdef\",\"ja4\":\"t13d",
        "\"server_hello\":{\"legacy_version\":\"0x0303\",\"random\":\"2021",
        "\"session_id\":\"\",\"cipher_suite\":\"0xc02f\",\"compression_method\":0,\"extensions\":[{\"id\":\"0x0010\"",
        "\"alpn\":\"h2\",\"ja3s\":\"fedc",
        "\"records\":2",
        /* SHA-256 of "abc": FIPS 180-4's own example */
        "\"certificate\":{\"certificates\":[{\"sha256\":"
        "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"length\":3}",
        "\"server_key_exchange\":{\"curve_type\":\"0x03\",\"named_curve\":\"0x0017\",\"public_key\":\"040506\","
        "\"signature_scheme\":\"0x0401\",\"signature\":\"dead\"}",
        "\"type\":\"server_hello_done\",\"server_hello_done\":{}}",
        "\"content_type\":\"change_cipher_spec\",\"length\":1",
        "\"content_type\":\"handshake\",\"length\":40,\"record_version\":\"0x0303\",\"encrypted\":true}",
        "\"new_session_ticket\":{\"lifetime\":7200,\"ticket\":\"746978\",\"ticket_length\":3}",
        "\"content_type\":\"application_data\",\"length\":1200",
        "\"type\":\"heartbeat_request\",\"payload_length\":16384,\"payload\":\"78\",\"padding_length\":0,"
        "\"error\":{\"code\":\"length\",\"field\":\"payload_length\",\"offset\":1,\"value\":16384,"
        "\"rule\":\"RFC 6520, 4\",\"text\":\"",
        "\"content_type\":\"alert\",\"length\":2,\"record_version\":\"0x0303\",\"level\":\"fatal\","
        "\"description\":\"unknown_ca\",\"code\":48}",
        "\"content_type\":\"alert\",\"length\":26,\"record_version\":\"0x0303\",\"encrypted\":true}",
        "\"unexpected\":true,\"type\":\"unknown_99\",\"unknown_99\":{\"body\":\"\"}}",
        "],\"messages_dropped\":5}",
    };
    struct wt_buffer b = {0};
    const char *line = told(&b, &sample_full, true);
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        has(line, parts[i]);
    wt_buffer_free(&b);
}

/* One message in a connection of its own. */
static const char *one(struct wt_buffer *b, uint8_t type, struct wt_shape shape, unsigned flags, struct wt_span body)
{
    struct wt_message m = {.content_type = 22, .type = type, .flags = (uint16_t)(WT_MESSAGE_TYPED | flags),
                           .shape = shape, .body = body, .length = (uint32_t)body.n};
    struct wt_connection c = sample_bare;
    c.messages = &m;
    c.message_count = 1;
    return told(b, &c, true);
}

static void bodies(void **state)
{
    static const uint8_t dhe[] = {0, 2, 0x01, 0xff, 0, 1, 2, 0, 1, 9, 0x06, 0x01, 0, 1, 7};
    static const uint8_t request[] = {2, 1, 64, 0, 2, 4, 1, 0, 18, 0, 16, 0x30, 14, 0x31, 12, 0x30, 10, 6, 3, 0x55, 4,
                                      3, 0x0c, 3, 'A', ',', 'B'};
    static const uint8_t bad_name[] = {1, 1, 0, 2, 4, 1, 0, 4, 0, 2, 0x99, 0x88};
    static const uint8_t staple[] = {1, 0, 0, 2, 0x30, 0};
    static const uint8_t ticket13[] = {0, 0, 0, 60, 1, 2, 3, 4, 1, 5, 0, 1, 6, 0, 0};
    static const uint8_t certificate13[] = {1, 9, 0, 0, 8, 0, 0, 3, 'a', 'b', 'c', 0, 0};
    static const uint8_t update[] = {1};
    static const struct wt_shape tls12 = {.version = WT_TLS12, .kx = WT_KX_DHE}, tls13 = {.version = WT_TLS13};
    struct wt_buffer b = {0};
    (void)state;
    has(one(&b, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, tls12, 0, wt_span_of(dhe, sizeof dhe)),
        "{\"dh\":{\"p_bits\":9,\"g\":\"02\",\"p\":\"01ff\"},\"public_key\":\"09\",\"signature_scheme\":\"0x0601\"");
    has(one(&b, WT_HANDSHAKE_CERTIFICATE_REQUEST, tls12, 0, wt_span_of(request, sizeof request)),
        "{\"certificate_types\":[1,64],\"signature_algorithms\":[\"0x0401\"],\"authorities\":[\"CN=A\\\\,B\"]}");
    has(one(&b, WT_HANDSHAKE_CERTIFICATE_REQUEST, tls12, 0, wt_span_of(bad_name, sizeof bad_name)),
        "\"authorities\":[\"#9988\"]");
    has(one(&b, WT_HANDSHAKE_CERTIFICATE_STATUS, tls12, 0, wt_span_of(staple, sizeof staple)),
        "{\"response_type\":\"ocsp\",\"response\":\"3000\",\"response_length\":2}");
    has(one(&b, WT_HANDSHAKE_NEW_SESSION_TICKET, tls13, 0, wt_span_of(ticket13, sizeof ticket13)),
        "{\"lifetime\":60,\"age_add\":16909060,\"nonce\":\"05\",\"ticket\":\"06\",\"ticket_length\":1,"
        "\"extensions\":[]}");
    has(one(&b, WT_HANDSHAKE_CERTIFICATE, tls13, 0, wt_span_of(certificate13, sizeof certificate13)),
        "{\"request_context\":\"09\",\"certificates\":[{\"sha256\":\"ba7816bf");
    has(one(&b, WT_HANDSHAKE_KEY_UPDATE, tls13, 0, wt_span_of(update, 1)), "\"key_update\":{\"update_requested\":true}");
    /* what stood inside a record of TLS 1.3, and how much data an opened one held */
    struct wt_message m = {.content_type = WT_CONTENT_APPLICATION_DATA, .inner_type = WT_CONTENT_HANDSHAKE, .length = 50,
                           .flags = WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED, .plaintext_length = 33};
    struct wt_connection c = sample_bare;
    c.messages = &m;
    c.message_count = 1;
    has(told(&b, &c, true), "\"content_type\":\"application_data\",\"outer_type\":\"application_data\","
                            "\"inner_type\":\"handshake\",\"length\":50,\"encrypted\":true}");
    m.inner_type = 0;
    has(told(&b, &c, true), "\"length\":50,\"encrypted\":true,\"plaintext_length\":33}");
    m.flags = WT_MESSAGE_ENCRYPTED;
    has(told(&b, &c, true), "\"length\":50,\"encrypted\":true}");
    /* passed under keys: no body, whatever its type is known to be; recovered with keys: all of it */
    lacks(one(&b, WT_HANDSHAKE_KEY_UPDATE, tls13, WT_MESSAGE_ENCRYPTED, wt_span_of(update, 1)), "\"key_update\":");
    has(one(&b, WT_HANDSHAKE_KEY_UPDATE, tls13, WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED, wt_span_of(update, 1)),
        "\"encrypted\":true,\"type\":\"key_update\",\"key_update\":{");
    wt_buffer_free(&b);
}

static void ssl2(void **state)
{
    static const uint8_t hello[] = {0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
                                    15, 16};
    struct wt_buffer b = {0};
    const char *line = one(&b, 1, (struct wt_shape){.version = WT_SSL2}, WT_MESSAGE_SSL2, wt_span_of(hello, sizeof hello));
    (void)state;
    has(line, "\"content_type\":\"handshake\"");
    has(line, "{\"version\":\"0x0002\"");
    has(line, "\"cipher_specs\":[\"0x010080\"]");
    has(line, "\"challenge\":\"0102030405060708090a0b0c0d0e0f10\"");
    wt_buffer_free(&b);
}

/* What a malformed or cut message still gave is told: every prefix of a message is a line of JSON. */
static void every_prefix(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    for (size_t i = 0; i < sizeof sample_messages / sizeof *sample_messages; i++) {
        struct wt_message m = sample_messages[i];
        struct wt_connection c = sample_bare;
        c.messages = &m;
        c.message_count = 1;
        for (size_t n = 0; n <= sample_messages[i].body.n; n++) {
            /* in memory of its own, so that a sanitizer sees a byte too far */
            struct wt_buffer copy = {0};
            assert_true(wt_buffer_add(&copy, sample_messages[i].body.p, n));
            m.body = wt_buffer_span(&copy);
            lacks(told(&b, &c, true), "{},{\"id\"");
            lacks((char *)b.p, "\"extensions\":[{}");
            lacks((char *)b.p, ",{}]");
            wt_buffer_free(&copy);
        }
    }
    has(one(&b, 1, (struct wt_shape){0}, WT_MESSAGE_CUT, wt_span_of(sample_client_hello, 20)),
        "\"cut\":true,\"type\":\"client_hello\",\"client_hello\":{\"legacy_version\":\"0x0303\"}");
    wt_buffer_free(&b);
}

static void long_bytes(void **state)
{
    (void)state;
    for (unsigned n = WT_LIMIT_JSON_BYTES - 1; n <= WT_LIMIT_JSON_BYTES + 1; n++) {
        uint8_t ticket[6 + WT_LIMIT_JSON_BYTES + 1] = {0, 0, 0, 1, (uint8_t)(n >> 8), (uint8_t)n};
        struct wt_buffer b = {0};
        char length[32];
        const char *line = one(&b, WT_HANDSHAKE_NEW_SESSION_TICKET, (struct wt_shape){.version = WT_TLS12}, 0,
                               wt_span_of(ticket, 6 + n));
        const char *hex = strstr(line, "\"ticket\":\"");
        assert_non_null(hex);
        assert_int_equal(strspn(hex + 10, "0"), 2 * (n < WT_LIMIT_JSON_BYTES ? n : WT_LIMIT_JSON_BYTES));
        (void)snprintf(length, sizeof length, "\"ticket_length\":%u", n);
        has(line, length); /* once, whichever of the two says it */
        assert_null(strstr(strstr(line, length) + 1, length));
        wt_buffer_free(&b);
    }
}

static void hostile_strings(void **state)
{
    const struct {
        struct wt_span bytes;
        const char *told;
    } cases[] = {
        {SAMPLE_BYTES('a', 0xff, 'b'), "a\\\\xffb"},
        {SAMPLE_BYTES(0, 7, 10, 27, 127), "\\\\x00\\\\x07\\\\x0a\\\\x1b\\\\x7f"},
        {SAMPLE_BYTES('"', '\\'), "\\\"\\\\\\\\"},
        {SAMPLE_BYTES('\\', 'x', 'f', 'f'), "\\\\\\\\xff"},   /* not the byte 0xff */
        {SAMPLE_BYTES(0xc3, 0xa4), "\xc3\xa4"},               /* ä stays */
        {SAMPLE_BYTES(0xf0, 0x9f, 0x92, 0xa9), "\xf0\x9f\x92\xa9"},
        {SAMPLE_BYTES(0xc3), "\\\\xc3"},                      /* cut */
        {SAMPLE_BYTES(0xc0, 0x80), "\\\\xc0\\\\x80"},         /* overlong NUL */
        {SAMPLE_BYTES(0xe0, 0x80, 0x80), "\\\\xe0\\\\x80\\\\x80"},
        {SAMPLE_BYTES(0xed, 0xa0, 0x80), "\\\\xed\\\\xa0\\\\x80"}, /* surrogate */
        {SAMPLE_BYTES(0xf4, 0x90, 0x80, 0x80), "\\\\xf4\\\\x90\\\\x80\\\\x80"},
        {SAMPLE_BYTES(0xc2, 0x9b), "\\\\xc2\\\\x9b"},         /* C1: CSI */
        {SAMPLE_BYTES(0xe2, 0x80, 0xae), "\\\\xe2\\\\x80\\\\xae"}, /* right-to-left override */
    };
    struct wt_buffer b = {0};
    char want[64];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_connection c = sample_bare;
        c.sni = cases[i].bytes;
        (void)snprintf(want, sizeof want, "\"sni\":\"%s\"", cases[i].told);
        has(told(&b, &c, false), want);
    }
    wt_buffer_free(&b);
}

/* Every byte value in every place, across the writer's block borders too. */
static void any_bytes(void **state)
{
    struct wt_buffer b = {0}, bytes = {0};
    uint32_t seed = 1;
    (void)state;
    for (size_t n = 0; n < 40000; n++) {
        seed = seed * 1664525 + 1013904223;
        assert_true(wt_buffer_add_char(&bytes, (char)(seed >> 24)));
    }
    for (size_t cut = 0; cut < 64; cut++) {
        struct wt_connection c = sample_bare;
        c.sni = wt_span_cut(wt_buffer_span(&bytes), cut, 40000);
        (void)told(&b, &c, false);
    }
    wt_buffer_free(&bytes);
    wt_buffer_free(&b);
}

static void times(void **state)
{
    static const struct {
        struct wt_time start, end;
        const char *told;
    } cases[] = {
        {{0, 9}, {1, 9}, "\"start\":\"1970-01-01T00:00:00.000000000Z\",\"end\":\"1970-01-01T00:00:00.000000001Z\","
                         "\"duration\":0.000000001"},
        {{INT64_C(951782400000000000), 3}, {INT64_C(951868800000000000), 3},
         "\"start\":\"2000-02-29T00:00:00.000Z\",\"end\":\"2000-03-01T00:00:00.000Z\",\"duration\":86400.000"},
        {{-1, 9}, {-1000000000, 0},
         "\"start\":\"1969-12-31T23:59:59.999999999Z\",\"end\":\"1969-12-31T23:59:59Z\",\"duration\":-0.999999999"},
        {{INT64_MAX, 9}, {INT64_MIN, 9}, "\"start\":\"2262-04-11T23:47:16.854775807Z\""},
    };
    struct wt_buffer b = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_connection c = sample_bare;
        c.start = cases[i].start;
        c.end = cases[i].end;
        has(told(&b, &c, false), cases[i].told);
    }
    wt_buffer_free(&b);
}

static const char *summed(struct wt_buffer *b, const struct wt_summary *s)
{
    struct wt_output output = {.write = collect, .context = b};
    b->n = 0;
    wt_report_json_summary(&output, s, NULL);
    assert_true(json_is_line((const char *)b->p, b->n));
    assert_true(wt_buffer_add_char(b, 0));
    return (const char *)b->p;
}

static void summary(void **state)
{
    static const struct wt_undecoded undecoded[] = {{"truncated_packets", 3}, {"od\"d\n", 1}};
    static const struct wt_undecoded account[] = {{"tls", 90}, {"ethertype_0x88cc", 10}};
    struct wt_summary s = {2, 100, UINT64_MAX, 9, 5, 3, 1, undecoded, 2, 12.5, .account = account, .account_count = 2};
    struct wt_buffer b = {0};
    (void)state;
    assert_string_equal(summed(&b, &s),
                        "{\"type\":\"summary\",\"files\":2,\"packets\":100,\"bytes\":18446744073709551615,"
                        "\"connections\":9,\"established\":5,\"failed\":3,\"incomplete\":1,"
                        "\"account\":{\"tls\":90,\"ethertype_0x88cc\":10},"
                        "\"undecoded\":{\"truncated_packets\":3,\"od\\\"d\\\\x0a\":1},\"seconds\":12.500000000}\n");
    s.udp_packets = 7; /* said where there were any */
    s.udp_bytes = 8400;
    s.udp_conversations = 2;
    has(summed(&b, &s),
        ",\"incomplete\":1,\"udp\":{\"packets\":7,\"bytes\":8400,\"conversations\":2},\"account\":");
    s.seconds = (double)NAN;
    s.undecoded_count = 0;
    has(summed(&b, &s), "\"undecoded\":{},\"seconds\":0.000000000}");
    wt_buffer_free(&b);
}

static bool refuse(void *context, const char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    ++*(int *)context;
    return false;
}

static void closed_pipe(void **state)
{
    int calls = 0;
    struct wt_output output = {.write = refuse, .context = &calls};
    const struct wt_json_options options = {.size = sizeof options, .messages = true};
    (void)state;
    wt_report_json_connection(&output, &sample_full, &options);
    assert_true(output.failed);
    wt_report_json_connection(&output, &sample_full, &options);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection_keys), cmocka_unit_test(bare_connection), cmocka_unit_test(nameless),
        cmocka_unit_test(message_keys),    cmocka_unit_test(bodies),          cmocka_unit_test(ssl2),
        cmocka_unit_test(every_prefix),    cmocka_unit_test(long_bytes),      cmocka_unit_test(hostile_strings),
        cmocka_unit_test(any_bytes),       cmocka_unit_test(times),           cmocka_unit_test(summary),
        cmocka_unit_test(closed_pipe),     cmocka_unit_test(http3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
