/* What the hellos offered and agreed on: RFC 8446, 4.1 and 4.2; RFC 5246, 7.4.1. */
#include "hellos.h"

#include "base/span_hash.h"

#define OFFER                                                                                                          \
    "0a0a: 0000:000b00000863612e6e61626c65 0017: ff01:00 000a:00080a0a001d00170018 000b:0100 0023: "                   \
    "0010:000c02683208687474702f312e31 0005:0100000000 000d:000804030804080b0601 0033:0024"                            \
    "001d0020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 002d:0101 002b:060a0a03040303 "          \
    "001c:4001"

static struct made x;
static struct wt_agreed a;

static void hello(const char *session, const char *suites, const char *extensions)
{
    made_client_hello(&x, "0303", session, suites, "00", extensions);
    wt_agreed_message(&a, WT_CLIENT, &x.m, x.code == WT_OK);
}

static void answer(const char *version, const char *suite, const char *extensions)
{
    made_server_hello(&x, version, RANDOM, SESSION, suite, "00", extensions);
    assert_int_equal(x.code, WT_OK);
    wt_agreed_message(&a, WT_SERVER, &x.m, true);
}

static void start(void)
{
    wt_agreed_start(&a, true);
    hello(SESSION, "3a3a130113021303c02bc02f00ff", OFFER);
    assert_int_equal(x.code, WT_OK);
}

static void test_nothing(void **state)
{
    (void)state;
    wt_agreed_start(&a, false);
    /* what was not seen says nothing */
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1301), WT_IS_UNKNOWN);
    assert_int_equal(wt_agreed_offers(&a, WT_EXT_ALPN, NULL), WT_IS_UNKNOWN);
    assert_int_equal(wt_agreed_offers_protocol(&a, wt_span_text("h2")), WT_IS_UNKNOWN);
}

/* "head00tail head01tail ...", n times. */
static char *repeated(char *out, const char *head, const char *tail, unsigned n)
{
    out[0] = '\0';
    for (unsigned i = 0; i < n; i++)
        (void)sprintf(out + strlen(out), "%s%02x%s", head, i, tail);
    return out;
}

/* Of what a ClientHello offers: blocks of code points, extensions, ALPN's list, identities of PSKs. What is over is not
 * known, and nothing that is not there is said to be missing. */
static void test_offer_limits(void **state)
{
    char text[4096], more_text[4096];
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        wt_agreed_start(&a, true);
        hello(SESSION, repeated(text, "", "00", WT_LIMIT_OFFERED_BLOCKS + more), NULL);
        assert_int_equal(x.code, WT_OK);
        assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x00ff), more ? WT_IS_UNKNOWN : WT_IS_NOT);
        wt_agreed_start(&a, true);
        hello(SESSION, "1301", repeated(text, " 7f", ":", WT_LIMIT_OFFERED_EXTENSIONS + more));
        assert_int_equal(x.code, WT_OK);
        assert_int_equal(a.offered.extension_count, WT_LIMIT_OFFERED_EXTENSIONS);
        assert_int_equal(wt_agreed_offers(&a, 0x7eee, NULL), more ? WT_IS_UNKNOWN : WT_IS_NOT);
        /* names of one byte take two, and the last is longer by what is over */
        (void)sprintf(more_text, "0010:%04x%s%02x61%s", WT_LIMIT_OFFERED_ALPN + more,
                      repeated(text, "01", "", WT_LIMIT_OFFERED_ALPN / 2 - 1), 1 + more, more ? "61" : "");
        wt_agreed_start(&a, true);
        hello(SESSION, "1301", more_text);
        assert_int_equal(x.code, WT_OK);
        assert_int_equal(wt_agreed_offers_protocol(&a, wt_span_text("h2")), more ? WT_IS_UNKNOWN : WT_IS_NOT);
    }
}

/* Of the protocol that the server chose the first bytes, with its true length; of PSKs the first identities, with how
 * many there were. */
static void test_chosen_limits(void **state)
{
    char text[1024], more_text[4096], list[1024];
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        const unsigned n = WT_LIMIT_CHOSEN_ALPN + more, psks = WT_LIMIT_OFFERED_PSKS + more;
        start();
        (void)sprintf(text, "0010:%04x%02x", n + 1, n);
        for (unsigned i = 0; i < n; i++)
            (void)sprintf(text + strlen(text), "%02x", 'a' + i);
        answer("0303", "c02f", text);
        assert_int_equal(a.chosen.alpn_length, n);
        for (unsigned i = 0; i < WT_LIMIT_CHOSEN_ALPN; i++)
            assert_int_equal(a.chosen.alpn[i], 'a' + i);
        wt_agreed_start(&a, true);
        list[0] = '\0';
        for (unsigned i = 0; i < psks; i++)
            (void)sprintf(list + strlen(list), "0001%02x00000000", i);
        (void)sprintf(more_text, "002d:0101 0029:%04x%s%04x%s", 7 * psks, list, 33 * psks,
                      repeated(text, "20", "00112233445566778899aabbccddeeff00112233445566778899aabbccddee", psks));
        hello(SESSION, "1301", more_text);
        assert_int_equal(x.code, WT_OK);
        assert_int_equal(a.offered.psks, psks);
        for (unsigned i = 0; i < WT_LIMIT_OFFERED_PSKS; i++)
            assert_int_equal(a.offered.psk[i], wt_span_hash(wt_span_of(&(uint8_t){(uint8_t)i}, 1)));
        assert_int_equal(a.offered.external_psks, (1u << WT_LIMIT_OFFERED_PSKS) - 1); /* of age 0: RFC 8446, 4.2.11 */
    }
}

static void test_offer(void **state)
{
    unsigned at;
    (void)state;
    start();
    assert_int_equal(a.offered.legacy_version, 0x0303);
    assert_int_equal(a.offered.highest_version, 0x0304);
    assert_int_equal(a.offered.suites, 7);
    assert_int_equal(a.offered.random_length, 32);
    assert_int_equal(a.offered.session_id_length, 32);
    assert_int_equal(a.offered.record_size_limit, 0x4001);
    assert_false(a.offered.ticket);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, (uint16_t)(0x1301 + i)), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x00ff), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1304), WT_IS_NOT);
    /* RFC 8701, 3.1: GREASE is nothing that could be chosen */
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x3a3a), WT_IS_NOT);
    assert_int_equal(wt_agreed_offers(&a, 0x0a0a, NULL), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_TLS13), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_TLS11), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_GROUPS, 0x0018), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SHARES, 0x001d), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SHARES, 0x0018), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SCHEMES, 0x0804), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SCHEMES, 0x0805), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_COMPRESSION, 0), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_COMPRESSION, 1), WT_IS_NOT);
    assert_int_equal(wt_agreed_offers(&a, WT_EXT_ALPN, &at), WT_IS);
    assert_int_equal(a.offered.extension[at], WT_EXT_ALPN);
    assert_int_equal(wt_agreed_offers(&a, WT_EXT_HEARTBEAT, NULL), WT_IS_NOT);
    assert_int_equal(wt_agreed_offers_protocol(&a, wt_span_text("http/1.1")), WT_IS);
    assert_int_equal(wt_agreed_offers_protocol(&a, wt_span_text("http/1.0")), WT_IS_NOT);
}

/* RFC 8446, 4.2.1: "If this extension is not present, servers […] MUST negotiate TLS 1.2 or prior". */
static void test_versions(void **state)
{
    (void)state;
    wt_agreed_start(&a, true);
    hello("", "002f", NULL);
    assert_int_equal(a.offered.highest_version, WT_TLS12);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_SSL3), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_TLS12), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_TLS13), WT_IS_NOT);
    made_client_hello(&x, "0301", "", "002f", "00", NULL);
    wt_agreed_start(&a, true);
    wt_agreed_message(&a, WT_CLIENT, &x.m, true);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_TLS11), WT_IS_NOT);
    made_client_hello(&x, "0101", "", "e013", "00", NULL);
    wt_agreed_message(&a, WT_CLIENT, &x.m, true);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_TLCP), WT_IS);
    /* drafts */
    hello("", "1301", "002b:067f1c7f170303");
    assert_int_equal(a.offered.highest_version, 0x7f1c);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, 0x7f17), WT_IS);
}

/* A hello with more than there is room for: what was not found may yet have been there. */
static void test_limits(void **state)
{
    char suites[8 * 200 + 1] = "", extensions[8 * 40] = "";
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        (void)snprintf(suites + 4 * i, 5, "%04x", 0x1000 + 16 * i);
    for (unsigned i = 0; i < 36; i++)
        (void)snprintf(extensions + 6 * i, 7, "%04x: ", 0x4000 + i);
    wt_agreed_start(&a, true);
    hello("", suites, extensions);
    assert_int_equal(x.code, WT_OK);
    assert_int_equal(a.offered.suites, 200);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1000), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1001), WT_IS_UNKNOWN);
    assert_int_equal(wt_agreed_offers(&a, 0x4000, NULL), WT_IS);
    assert_int_equal(wt_agreed_offers(&a, 0x5000, NULL), WT_IS_UNKNOWN);
}

static void test_protocols_limit(void **state)
{
    char text[300] = "0010:0050";
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        memcpy(text + strlen(text), "0161", 5);
    wt_agreed_start(&a, true);
    hello("", "1301", text);
    assert_int_equal(wt_agreed_offers_protocol(&a, wt_span_text("h2")), WT_IS_UNKNOWN);
}

/* RFC 8446, 4.1.2: a second one comes "when the server has responded to its ClientHello with a HelloRetryRequest".
 * Without one, what is not in the second may be in the first, and that be the one that is answered. */
static void test_second_unasked(void **state)
{
    (void)state;
    start();
    hello(SESSION, "1301c02b", "0017:");
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0xc02b), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1302), WT_IS_UNKNOWN);
    assert_int_equal(wt_agreed_offers(&a, WT_EXT_SUPPORTED_VERSIONS, NULL), WT_IS_UNKNOWN);
}

/* One that breaks off: what was in it is known, what was not is not. */
static void test_broken(void **state)
{
    (void)state;
    wt_agreed_start(&a, true);
    made_client_hello(&x, "0303", "", "13011302", "00", "0017: 0017:");
    assert_int_equal(x.code, WT_DUPLICATE);
    wt_agreed_message(&a, WT_CLIENT, &x.m, false);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1301), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1303), WT_IS_UNKNOWN);
    /* an extension whose body breaks off */
    wt_agreed_start(&a, true);
    hello("", "1301", "000a:0008001d");
    assert_int_equal(wt_agreed_has(&a, WT_SET_GROUPS, 0x0017), WT_IS_UNKNOWN);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SHARES, 0x0017), WT_IS_NOT);
}

static void test_tls12(void **state)
{
    (void)state;
    start();
    answer("0303", "c02f", "ff01:00 0017: 0023: 0005: 0010:0003026832 0016: 000b:0100 001c:4000");
    assert_true(a.chosen.seen && a.chosen.has_suite && !a.chosen.tls13);
    assert_int_equal(a.chosen.version, WT_TLS12);
    assert_int_equal(a.chosen.kx, WT_KX_ECDHE);
    assert_int_equal(a.chosen.auth, WT_AUTH_RSA);
    assert_true(a.chosen.extended_master && a.chosen.encrypt_then_mac && a.chosen.secure_renegotiation);
    assert_false(a.chosen.truncated_hmac);
    assert_true(a.chosen.status_promised && a.chosen.ticket_promised);
    assert_int_equal(a.chosen.record_size_limit, 0x4000);
    assert_int_equal(a.chosen.alpn_length, 2);
    assert_memory_equal(a.chosen.alpn, "h2", 2);
    made_hex(&x, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, (struct wt_codec_context){WT_TLS12, WT_KX_ECDHE, 0, 1},
             "03001d0401020304 0804 0002aabb");
    assert_int_equal(x.code, WT_OK);
    wt_agreed_message(&a, WT_SERVER, &x.m, true);
    assert_int_equal(a.chosen.group, 0x001d);
    assert_int_equal(a.chosen.scheme, 0x0804);
    wt_agreed_resumed(&a);
    assert_int_equal(a.chosen.resumption, WT_RESUMPTION_SESSION_ID);
    made_hex(&x, WT_HANDSHAKE_FINISHED, (struct wt_codec_context){WT_TLS12, WT_KX_ECDHE, 0, 1},
             "0102030405060708090a0b0c");
    wt_agreed_message(&a, WT_SERVER, &x.m, true);
    /* RFC 5746, 3.1: what a renegotiation is held against outlives the handshake, if it is known */
    struct wt_agreed half = a;
    wt_agreed_renegotiate(&half);
    assert_true(!half.again && !half.first && !half.offered.seen && !half.chosen.seen);
    wt_agreed_message(&a, WT_CLIENT, &x.m, true);
    wt_agreed_renegotiate(&a);
    assert_true(a.again && a.was_secure && !a.first && !a.offered.seen && !a.chosen.seen);
    assert_int_equal(a.verify_data_length[WT_SERVER], 12);
    assert_int_equal(a.verify_data_length[WT_CLIENT], 12);
}

#define SHARE_ANSWER "0033:001d0020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void test_tls13(void **state)
{
    (void)state;
    start();
    answer("0303", "1302", SHARE_ANSWER " 002b:0304");
    assert_true(a.chosen.tls13 && a.chosen.has_share && !a.chosen.has_psk && !a.chosen.answered);
    assert_int_equal(a.chosen.version, WT_TLS13);
    assert_int_equal(a.chosen.group, 0x001d);
    assert_int_equal(a.chosen.early_data, WT_EARLY_NONE);
    made_block(&x, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0010:0003026832 4469: 0014:02");
    wt_agreed_message(&a, WT_SERVER, &x.m, true);
    assert_true(a.chosen.answered && a.chosen.settings_promised);
    assert_int_equal(a.chosen.alpn_length, 2);
    assert_int_equal(a.chosen.server_certificate_type, 2);
    made_hex(&x, WT_HANDSHAKE_CERTIFICATE_REQUEST, (struct wt_codec_context){WT_TLS13, WT_KX_TLS13, 0, 1},
             "02aabb 0013 000d00040002 0403 00120000 001b0003020001");
    assert_int_equal(x.code, WT_OK);
    wt_agreed_message(&a, WT_SERVER, &x.m, true);
    assert_int_equal(wt_agreed_has(&a, WT_SET_REQUEST_SCHEMES, 0x0403), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_REQUEST_SCHEMES, 0x0804), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_REQUEST_EXTENSIONS, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_REQUEST_EXTENSIONS, WT_EXT_STATUS_REQUEST), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_REQUEST_COMPRESSION, 1), WT_IS);
    /* the hello's sets are as they were */
    assert_int_equal(wt_agreed_has(&a, WT_SET_SCHEMES, 0x0804), WT_IS);
    assert_int_equal(a.requested.context_length, 2);
}

static void test_psk(void **state)
{
    (void)state;
    wt_agreed_start(&a, true);
    /* two identities, the first without an age; early data */
    hello("", "1301",
          "002b:020304 002a: 002d:0101 0029:0010"
          "0002aaaa00000000"
          "0002bbbb00000001"
          "0042"
          "200000000000000000000000000000000000000000000000000000000000000000"
          "200000000000000000000000000000000000000000000000000000000000000000");
    assert_int_equal(x.code, WT_OK);
    assert_int_equal(a.offered.psks, 2);
    assert_int_equal(a.offered.external_psks, 1);
    assert_true(a.offered.psk[0] && a.offered.psk[1] && a.offered.psk[0] != a.offered.psk[1]);
    struct wt_agreed hello_only = a;
    answer("0303", "1301", "0029:0001 002b:0304");
    assert_true(a.chosen.has_psk && !a.chosen.has_share);
    assert_int_equal(a.chosen.psk, 1);
    assert_int_equal(a.chosen.resumption, WT_RESUMPTION_PSK);
    made_block(&x, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "002a:");
    wt_agreed_message(&a, WT_SERVER, &x.m, true);
    assert_int_equal(a.chosen.early_data, WT_EARLY_ACCEPTED);
    /* an identity from elsewhere resumes nothing */
    a = hello_only;
    answer("0303", "1301", "0029:0000 002b:0304");
    assert_int_equal(a.chosen.resumption, WT_RESUMPTION_NONE);
    /* of a ClientHello that was not seen nobody knows where its identities are from */
    wt_agreed_start(&a, true);
    answer("0303", "1301", "0029:0000 002b:0304");
    assert_true(a.chosen.has_psk);
    assert_int_equal(a.chosen.resumption, WT_RESUMPTION_NONE);
    /* no PSK, no early data */
    a = hello_only;
    answer("0303", "1301", SHARE_ANSWER " 002b:0304");
    assert_int_equal(a.chosen.early_data, WT_EARLY_REJECTED);
}

static void test_retry(void **state)
{
    (void)state;
    start();
    made_server_hello(&x, "0303", RETRY_RANDOM, SESSION, "1302", "00", "002b:0304 0033:0017 002c:0002abcd");
    wt_agreed_message(&a, WT_SERVER, &x.m, true);
    assert_true(a.retry.seen && a.retry.has_cookie && a.retry.has_suite && !a.chosen.seen);
    assert_int_equal(a.retry.group, 0x0017);
    assert_int_equal(a.retry.suite, 0x1302);
    assert_int_equal(a.retry.version, WT_TLS13);
    hello(SESSION, "1302", OFFER);
    assert_true(a.offered.second && a.retry.seen);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x1301), WT_IS_NOT);
}

/* RFC 5246, E.2. */
static void test_ssl2(void **state)
{
    static const uint8_t specs[] = {0x00, 0x00, 0x2f, 0x01, 0x00, 0x80, 0x00, 0x00, 0xff}, challenge[16] = {1};
    const struct wt_ssl2_client_hello in = {
        .version = WT_TLS10, .cipher_specs = {specs, sizeof specs}, .challenge = {challenge, sizeof challenge}};
    (void)state;
    wt_agreed_start(&a, true);
    wt_agreed_ssl2_client_hello(&a, &in);
    assert_true(a.offered.seen && a.offered.ssl2);
    assert_int_equal(a.offered.suites, 3);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x002f), WT_IS);
    assert_int_equal(wt_agreed_has(&a, WT_SET_SUITES, 0x0080), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_COMPRESSION, 0), WT_IS);
    assert_int_equal(wt_agreed_offers(&a, WT_EXT_RENEGOTIATION_INFO, NULL), WT_IS_NOT);
    assert_int_equal(wt_agreed_has(&a, WT_SET_VERSIONS, WT_TLS11), WT_IS_NOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),        cmocka_unit_test(test_offer),    cmocka_unit_test(test_offer_limits),
        cmocka_unit_test(test_chosen_limits),  cmocka_unit_test(test_versions), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_second_unasked), cmocka_unit_test(test_broken),   cmocka_unit_test(test_protocols_limit),
        cmocka_unit_test(test_tls12),          cmocka_unit_test(test_tls13),    cmocka_unit_test(test_psk),
        cmocka_unit_test(test_retry),          cmocka_unit_test(test_ssl2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
