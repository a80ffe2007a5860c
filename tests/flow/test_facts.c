/* What messages show that decides what may follow them. */
#include "flow/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { C, S };

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Extensions without a body, in one block; `ids` ends with 0xffff. */
static struct wt_extensions extensions(uint8_t room[64], const uint16_t *ids)
{
    size_t n = 0;
    for (; *ids != 0xffff; ids++, n += 4) {
        room[n] = (uint8_t)(*ids >> 8);
        room[n + 1] = (uint8_t)*ids;
        room[n + 2] = room[n + 3] = 0;
    }
    return (struct wt_extensions){wt_span_of(room, n), true};
}

#define NO_EXTENSIONS ((const uint16_t[]){0xffff})
#define EXTENSIONS(...) ((const uint16_t[]){__VA_ARGS__, 0xffff})

static uint64_t of_client_hello(uint16_t version, const uint16_t *ids)
{
    uint8_t room[64];
    struct wt_flow f;
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_HELLO,
                                .client_hello = {.legacy_version = version, .extensions = extensions(room, ids)}};
    wt_flow_start(&f);
    return wt_flow_facts(&f, C, &m, (struct wt_span){0});
}

static struct wt_message_body server_hello(uint16_t version, uint16_t suite, uint8_t room[64], const uint16_t *ids)
{
    return (struct wt_message_body){
        .type = WT_HANDSHAKE_SERVER_HELLO,
        .server_hello = {.legacy_version = version, .cipher_suite = suite, .extensions = extensions(room, ids)}};
}

/* Of a ServerHello after a ClientHello that offers no session. */
static uint64_t of_server_hello(uint16_t version, uint16_t suite, const uint16_t *ids)
{
    uint8_t room[64];
    struct wt_message_body m = server_hello(version, suite, room, ids);
    struct wt_flow f;
    wt_flow_start(&f);
    (void)wt_flow_step(&f, C, WT_HANDSHAKE_CLIENT_HELLO, 0, WT_FLOW_STRICT, NULL);
    return wt_flow_facts(&f, S, &m, (struct wt_span){0});
}

static void test_client_hello(void **state)
{
    (void)state;
    assert_true(of_client_hello(WT_TLS12, NO_EXTENSIONS) == 0);
    assert_true(of_client_hello(WT_DTLS12, NO_EXTENSIONS) == WT_FACT_DTLS);
    assert_true(of_client_hello(WT_TLS12, EXTENSIONS(WT_EXT_EARLY_DATA)) == WT_FACT_EARLY_OFFERED);
    assert_true(of_client_hello(WT_TLS12, EXTENSIONS(WT_EXT_POST_HANDSHAKE_AUTH)) == WT_FACT_POST_AUTH_OFFERED);
    assert_true(of_client_hello(WT_TLS12, EXTENSIONS(WT_EXT_COMPRESS_CERTIFICATE)) == WT_FACT_CLIENT_INFLATES);
    /* RFC 5077, 3.2: an empty extension only says that tickets are understood */
    assert_true(of_client_hello(WT_TLS12, EXTENSIONS(WT_EXT_SESSION_TICKET)) == 0);
    static const uint8_t ticket[] = {0, 35, 0, 1, 'x'};
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_HELLO,
                                .client_hello.extensions = {wt_span_of(ticket, sizeof ticket), true}};
    struct wt_flow f;
    wt_flow_start(&f);
    assert_true(wt_flow_facts(&f, C, &m, (struct wt_span){0}) == WT_FACT_TICKET_OFFERED);
}

/* RFC 5246, 7.4.2: the Certificate comes "whenever the agreed-upon key exchange method uses certificates for
 * authentication"; 7.4.3: "It is not legal to send the ServerKeyExchange message for [...] RSA, DH_DSS, DH_RSA", which
 * RFC 2246, 7.4.3 allowed RSA_EXPORT; RFC 4279, 2: a PSK's hint is optional. */
static void test_suites(void **state)
{
    const uint64_t yes = WT_FACT_NEEDS_SERVER_CERTIFICATE, no = WT_FACT_NO_SERVER_CERTIFICATE;
    const uint64_t keys = WT_FACT_NEEDS_SERVER_KEYS, none = WT_FACT_NO_SERVER_KEYS;
    const struct {
        uint16_t suite;
        uint64_t facts;
    } rows[] = {
        {0x002f, yes | none},                           /* RSA */
        {0x0003, yes},                                  /* RSA_EXPORT */
        {0x0031, yes | none | WT_FACT_IMPLICIT_VERIFY}, /* DH_RSA */
        {0xc00e, yes | none | WT_FACT_IMPLICIT_VERIFY}, /* ECDH_RSA */
        {0x0033, yes | keys},                           /* DHE_RSA */
        {0xc02f, yes | keys},                           /* ECDHE_RSA */
        {0x0034, no | keys},                            /* DH_anon */
        {0xc018, no | keys},                            /* ECDH_anon */
        {0x008c, no},                                   /* PSK */
        {0x0094, yes},                                  /* RSA_PSK */
        {0x0090, no | keys},                            /* DHE_PSK */
        {0xc035, no | keys},                            /* ECDHE_PSK */
        {0xc01d, no | keys},                            /* SRP_SHA: the password alone */
        {0xc01e, yes | keys},                           /* SRP_SHA_RSA */
        {0x001e, no | none},                            /* KRB5 */
        {0xfeed, 0},                                    /* nobody's */
        {0x0000, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_true(of_server_hello(WT_TLS12, rows[i].suite, NO_EXTENSIONS) == rows[i].facts);
}

static void test_promises(void **state)
{
    static const struct {
        uint16_t id;
        uint64_t facts;
    } rows[] = {
        {WT_EXT_STATUS_REQUEST, WT_FACT_STATUS_PROMISED},
        {WT_EXT_STATUS_REQUEST_V2, WT_FACT_STATUS_PROMISED},
        {WT_EXT_SESSION_TICKET, WT_FACT_TICKET_PROMISED},
        {WT_EXT_CLIENT_CERTIFICATE_URL, WT_FACT_URL_AGREED},
        {WT_EXT_NEXT_PROTOCOL_NEGOTIATION, WT_FACT_NEXT_PROTOCOL_PROMISED},
        {WT_EXT_CHANNEL_ID, WT_FACT_CHANNEL_ID_PROMISED},
        {WT_EXT_USER_MAPPING, WT_FACT_CLIENT_MAY_SUPPLEMENT | WT_FACT_SERVER_MAY_SUPPLEMENT},
        {WT_EXT_ALPN, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_true(of_server_hello(WT_TLS12, 0xfeed, EXTENSIONS(rows[i].id)) == rows[i].facts);
    /* RFC 5246, 7.4.6: "MUST send a certificate message containing no certificates"; RFC 4346, 7.4.6: "SHOULD" */
    assert_true(of_server_hello(WT_TLS11, 0xfeed, NO_EXTENSIONS) == WT_FACT_CERTIFICATE_MAY_BE_OMITTED);
    assert_true(of_server_hello(WT_SSL3, 0xfeed, NO_EXTENSIONS) == WT_FACT_CERTIFICATE_MAY_BE_OMITTED);
    assert_true(of_server_hello(WT_DTLS12, 0xfeed, NO_EXTENSIONS) == 0);
}

/* RFC 5246, 7.4.1.3; RFC 5077, 3.4. */
static void test_resumption(void **state)
{
    const uint64_t may = WT_FACT_MAY_RESUME, must = WT_FACT_MAY_RESUME | WT_FACT_MUST_RESUME;
    const struct {
        const char *offered, *answer;
        bool ticket;
        uint64_t facts;
    } rows[] = {{"", "", false, 0},        {"", "id", false, 0},  {"id", "", false, 0},  {"id", "ID", false, 0},
                {"id", "id", false, must}, {"", "", true, may},   {"", "id", true, may}, {"id", "id", true, must},
                {"id", "", true, 0},       {"id", "idx", true, 0}};
    uint8_t room[64];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wt_message_body m = server_hello(WT_TLS12, 0xfeed, room, NO_EXTENSIONS);
        struct wt_flow f;
        m.server_hello.session_id = wt_span_text(rows[i].answer);
        wt_flow_start(&f);
        assert_true(wt_flow_facts(&f, S, &m, wt_span_text(rows[i].offered)) == may); /* no hello: who knows */
        (void)wt_flow_step(&f, C, WT_HANDSHAKE_CLIENT_HELLO, rows[i].ticket ? WT_FACT_TICKET_OFFERED : 0,
                           WT_FLOW_STRICT, NULL);
        assert_true(wt_flow_facts(&f, S, &m, wt_span_text(rows[i].offered)) == rows[i].facts);
    }
}

static void test_tls13(void **state)
{
    const uint64_t psk = WT_FACT_TLS13 | WT_FACT_RESUMED;
    (void)state;
    assert_true(of_server_hello(0x7f1c, 0x1301, NO_EXTENSIONS) == (WT_FACT_TLS13 | WT_FACT_NEEDS_SERVER_CERTIFICATE));
    assert_true(of_server_hello(WT_TLS13, 0x1301, EXTENSIONS(WT_EXT_PRE_SHARED_KEY)) ==
                (psk | WT_FACT_NO_SERVER_CERTIFICATE));
    assert_true(of_server_hello(WT_TLS13, 0x1301, EXTENSIONS(WT_EXT_PRE_SHARED_KEY, WT_EXT_TLS_CERT_WITH_EXTERN_PSK)) ==
                (psk | WT_FACT_NEEDS_SERVER_CERTIFICATE));
    static const uint8_t version[] = {0, 43, 0, 2, 3, 4};
    uint8_t room[64];
    struct wt_message_body m = server_hello(WT_TLS12, 0x1301, room, NO_EXTENSIONS);
    struct wt_flow f;
    m.server_hello.extensions = (struct wt_extensions){wt_span_of(version, sizeof version), true};
    wt_flow_start(&f);
    assert_true(wt_flow_facts(&f, S, &m, (struct wt_span){0}) & WT_FACT_TLS13);
    m.server_hello.random = wt_span_of(wt_hello_retry_random, 32);
    assert_true(wt_flow_facts(&f, S, &m, (struct wt_span){0}) == 0);
}

/* RFC 8446, 4.2.10: what was not offered, or was offered before a HelloRetryRequest, is not accepted. */
static void test_encrypted_extensions(void **state)
{
    uint8_t room[64];
    struct wt_message_body m = {.type = WT_HANDSHAKE_ENCRYPTED_EXTENSIONS,
                                .encrypted_extensions.extensions =
                                    extensions(room, EXTENSIONS(WT_EXT_EARLY_DATA, WT_EXT_APPLICATION_SETTINGS))};
    struct wt_flow f;
    (void)state;
    wt_flow_start(&f);
    assert_true(wt_flow_facts(&f, S, &m, (struct wt_span){0}) == WT_FACT_SETTINGS_PROMISED);
    assert_true(wt_flow_facts(&f, C, &m, (struct wt_span){0}) == 0);
    f.facts = WT_FACT_EARLY_OFFERED | WT_FACT_RESUMED;
    assert_true(wt_flow_facts(&f, S, &m, (struct wt_span){0}) == (WT_FACT_SETTINGS_PROMISED | WT_FACT_EARLY_ACCEPTED));
    f.facts |= WT_FACT_DTLS; /* RFC 9147, 5.7, figure 9: there is no EndOfEarlyData to wait for */
    assert_true(wt_flow_facts(&f, S, &m, (struct wt_span){0}) == WT_FACT_SETTINGS_PROMISED);
    f.facts = WT_FACT_EARLY_OFFERED | WT_FACT_RESUMED | WT_FACT_QUIC; /* RFC 9001, 8.3: nor over QUIC */
    assert_true(wt_flow_facts(&f, S, &m, (struct wt_span){0}) == WT_FACT_SETTINGS_PROMISED);
    f.facts = WT_FACT_EARLY_OFFERED | WT_FACT_RESUMED | WT_FACT_RETRY;
    assert_true(wt_flow_facts(&f, S, &m, (struct wt_span){0}) == WT_FACT_SETTINGS_PROMISED);
}

/* RFC 5246, 7.4.8: "all certificates except those containing fixed Diffie-Hellman parameters"; RFC 8446, 4.4.3. */
static void test_certificate(void **state)
{
    uint8_t room[64];
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE},
                           compressed = {.type = WT_HANDSHAKE_COMPRESSED_CERTIFICATE};
    struct wt_message_body request = {.type = WT_HANDSHAKE_CERTIFICATE_REQUEST,
                                      .certificate_request.extensions =
                                          extensions(room, EXTENSIONS(WT_EXT_COMPRESS_CERTIFICATE))};
    const struct wt_span none = {0};
    struct wt_flow f;
    (void)state;
    wt_flow_start(&f);
    assert_true(wt_flow_facts(&f, C, &m, none) == WT_FACT_NO_CLIENT_VERIFY);
    assert_true(wt_flow_facts(&f, S, &m, none) == 0);
    m.certificate.list = wt_span_text("certificates");
    assert_true(wt_flow_facts(&f, C, &m, none) == WT_FACT_NEEDS_CLIENT_VERIFY);
    f.facts = WT_FACT_IMPLICIT_VERIFY;
    assert_true(wt_flow_facts(&f, C, &m, none) == 0);
    f.facts = 0;
    compressed.compressed_certificate.uncompressed_length = 4;
    assert_true(wt_flow_facts(&f, C, &compressed, none) == WT_FACT_NO_CLIENT_VERIFY);
    compressed.compressed_certificate.uncompressed_length = 900;
    assert_true(wt_flow_facts(&f, C, &compressed, none) == WT_FACT_NEEDS_CLIENT_VERIFY);
    f.state[C] = WT_STATE_C13_DONE; /* a context of any length is inside */
    assert_true(wt_flow_facts(&f, C, &compressed, none) == 0);
    assert_true(wt_flow_facts(&f, S, &request, none) == WT_FACT_SERVER_INFLATES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_hello), cmocka_unit_test(test_suites), cmocka_unit_test(test_promises),
        cmocka_unit_test(test_resumption),   cmocka_unit_test(test_tls13),  cmocka_unit_test(test_encrypted_extensions),
        cmocka_unit_test(test_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
