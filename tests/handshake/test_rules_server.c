/* What a client MUST refuse of a ServerHello, a HelloRetryRequest, and of what answers its extensions. */
#include "broken.h"

/* Offsets in the usual ServerHello: legacy_version, random, session id (32), suite, compression, extensions. */
enum { SESSION_AT = 2 + 32, SUITE_AT = SESSION_AT + 33, COMPRESSION_AT = SUITE_AT + 2, BLOCK_AT = COMPRESSION_AT + 1 };

#define HELLO12 "ff01:00 0000:0006000003612e62 " GROUPS SCHEMES

static void answer(const char *hello, const char *suite, const char *extensions)
{
    after_client(hello);
    server(suite, extensions);
}

static size_t at(uint16_t id)
{
    return extension_at(BLOCK_AT, id);
}

void test_server_fields(void **state)
{
    (void)state;
    answer(HELLO13, "1301", ANSWER13);
    well(WT_SERVER);
    /* RFC 8446, 4.1.3: "the legacy_version field MUST be set to 0x0303" */
    made_server_hello(&made, "0301", RANDOM, SESSION, "1301", "00", ANSWER13);
    broken_by(WT_SERVER, WT_RULE_SERVER_LEGACY_VERSION, 0, 0x0301);
    /* 4.1.3: "a legacy_session_id_echo field that does not match what it sent in the ClientHello" */
    made_server_hello(&made, "0303", RANDOM, "", "1301", "00", ANSWER13);
    broken_by(WT_SERVER, WT_RULE_SERVER_SESSION_ID, SESSION_AT, 0);
    /* up to TLS 1.2 it is the server's own */
    answer(HELLO12, "c02f", "ff01:00");
    made_server_hello(&made, "0303", RANDOM, "aabb", "c02f", "00", "ff01:00");
    well(WT_SERVER);
}

void test_server_versions(void **state)
{
    (void)state;
    /* RFC 8446, 4.2.1: "contains a version not offered by the client or contains a version prior to TLS 1.3" */
    answer(HELLO13, "1301", "0033:001d0020" KEY " 002b:0303");
    check(WT_SERVER);
    assert_int_equal(breaches.list[0].rule, WT_RULE_SERVER_VERSION);
    assert_int_equal(breaches.list[0].error.value, WT_TLS12);
    after_client(GROUPS SCHEMES "002b:020303");
    server("1301", "0033:001d0020" KEY " 002b:0304");
    check(WT_SERVER);
    assert_int_equal(breaches.list[0].rule, WT_RULE_SERVER_VERSION);
    assert_int_equal(breaches.list[0].error.offset, at(43) + 4);
    covered[WT_RULE_SERVER_VERSION] = true;
    /* RFC 5246, E.1: "If the version chosen by the server is not supported by the client" */
    answer(GROUPS SCHEMES "0033:0000 002b:020304", "c02f", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_VERSION_12, 0, WT_TLS12);
    answer(HELLO13, "c02f", NULL);
    well(WT_SERVER);
    /* RFC 5246, 7.4.1.3: "the lower of that suggested by the client in the client hello and the highest supported" */
    wt_agreed_start(&agreed, true);
    made_client_hello(&made, "0301", "", "c013", "00", NULL);
    add(WT_CLIENT);
    made_server_hello(&made, "0302", RANDOM, "", "c013", "00", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_VERSION_HIGHER, 0, WT_TLS11);
    made_server_hello(&made, "0300", RANDOM, "", "c013", "00", NULL);
    well(WT_SERVER);
    /* RFC 8446, 4.1.3: the last 8 bytes "are not equal to either of these values" */
    after_client(HELLO13);
    made_server_hello(&made, "0303", "000102030405060708090a0b0c0d0e0f1011121314151617444f574e47524401", SESSION,
                      "c02f", "00", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_DOWNGRADE, 2 + 24, 0);
    after_client(HELLO12); /* who offers no more */
    well(WT_SERVER);
}

void test_server_suites(void **state)
{
    (void)state;
    /* RFC 8446, 4.1.3: "A client which receives a cipher suite that was not offered MUST abort" */
    answer(HELLO13, "1303", ANSWER13);
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE, SUITE_AT, 0x1303);
    answer(HELLO12, "c030", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE, SUITE_AT, 0xc030);
    /* RFC 5746, 3.3: the SCSV "cannot be negotiated" */
    wt_agreed_start(&agreed, true);
    made_client_hello(&made, "0303", SESSION, "c02f00ff", "00", NULL);
    add(WT_CLIENT);
    server("00ff", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE_SIGNAL, SUITE_AT, 0x00ff);
    /* RFC 8446, B.4: "cipher suites for TLS 1.2 and lower cannot be used with TLS 1.3" */
    answer(HELLO13, "c02f", ANSWER13);
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE_13, SUITE_AT, 0xc02f);
    answer(HELLO13, "1301", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE_13, SUITE_AT, 0x1301);
    /* RFC 5288, 4: "Clients MUST check the TLS version and generate a fatal "illegal_parameter" alert" */
    after_client(HELLO12);
    made_server_hello(&made, "0302", RANDOM, "", "c02f", "00", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE_VERSION, 2 + 32 + 1, 0xc02f);
    made_server_hello(&made, "0302", RANDOM, "", "c013", "00", NULL);
    well(WT_SERVER);
    /* RFC 5246, 7.4.1.3: the compression is one of the client's */
    made_server_hello(&made, "0303", RANDOM, "", "c02f", "01", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_COMPRESSION, 2 + 32 + 1 + 2, 1);
    /* RFC 7366, 3: for a stream or AEAD suite "it MUST NOT send an encrypt-then-MAC response extension" */
    answer("0016: " HELLO12, "c02f", "0016:");
    broken_by(WT_SERVER, WT_RULE_SERVER_ENCRYPT_THEN_MAC, at(22), 22);
    answer("0016: " HELLO12, "c013", "0016:");
    well(WT_SERVER);
}

void test_server_keys(void **state)
{
    static const char psk[] = "002d:0101 " HELLO13 PSK, psk_alone[] = "002d:0100 " HELLO13 PSK;
    (void)state;
    /* RFC 8446, 6.2: "not containing an extension that is mandatory to send for the offered TLS version" */
    answer(HELLO13, "1301", "002b:0304");
    broken_by(WT_SERVER, WT_RULE_SERVER_KEYS_MISSING, 0, 51);
    /* 4.2.8: "the same group as the KeyShareEntry value offered by the client" */
    answer(HELLO13, "1301", "0033:0017000401020304 002b:0304");
    broken_by(WT_SERVER, WT_RULE_SERVER_SHARE_GROUP, at(51) + 4, 0x0017);
    /* 4.2.8.1: "padded to the left with zeros to the size of p in bytes" */
    for (unsigned n = 255; n <= 257; n++) {
        char hello[HELLO_ROOM], key[2 * 257 + 1];
        memset(key, 'a', 2 * 256);
        key[2 * 256] = '\0';
        (void)snprintf(hello, sizeof hello, "000a:00020100 " SCHEMES "0033:010401000100%s " VERSIONS, key);
        after_client(hello);
        memset(key, 'b', 2 * (size_t)n);
        key[2 * n] = '\0';
        (void)snprintf(hello, sizeof hello, "0033:0100%04x%s 002b:0304", n, key);
        server("1301", hello);
        if (n == 256)
            well(WT_SERVER);
        else
            broken_by(WT_SERVER, WT_RULE_SERVER_SHARE_LENGTH, at(51) + 6, n);
    }
    /* 4.2.11: "the server's selected_identity is within the range supplied by the client" */
    answer(psk, "1301", ANSWER13 "0029:0001");
    broken_by(WT_SERVER, WT_RULE_SERVER_PSK_INDEX, at(41) + 4, 1);
    answer(psk, "1301", ANSWER13 "0029:0000");
    well(WT_SERVER);
    /* "a server "key_share" extension is present if required by the ClientHello "psk_key_exchange_modes"" */
    answer(psk, "1301", "002b:0304 0029:0000");
    broken_by(WT_SERVER, WT_RULE_SERVER_PSK_SHARE, 0, 51);
    answer(psk_alone, "1301", "002b:0304 0029:0000");
    well(WT_SERVER);
    /* 4.2.9: "Servers MUST NOT select a key exchange mode that is not listed by the client." */
    answer(psk_alone, "1301", ANSWER13 "0029:0000");
    broken_by(WT_SERVER, WT_RULE_SERVER_PSK_MODE, at(41), 41);
}

void test_server_retry(void **state)
{
    (void)state;
    after_client(HELLO13);
    retry_request("002b:0304 0033:0017");
    well(WT_SERVER);
    retry_request("002b:0304 002c:00020102");
    well(WT_SERVER);
    /* RFC 8446, 4.1.4: "The server's extensions MUST contain "supported_versions"." */
    retry_request("0033:0017");
    broken_by(WT_SERVER, WT_RULE_RETRY_VERSION_MISSING, 0, 43);
    /* 4.1.4: "if the HelloRetryRequest would not result in any change in the ClientHello" */
    retry_request("002b:0304");
    broken_by(WT_SERVER, WT_RULE_RETRY_NO_CHANGE, 0, 51);
    /* 4.2.8: "(1) the selected_group field corresponds to a group which was provided in the "supported_groups"" */
    retry_request("002b:0304 0033:001e");
    broken_by(WT_SERVER, WT_RULE_RETRY_GROUP, at(51) + 4, 0x001e);
    /* "(2) the selected_group field does not correspond to a group which was provided in the "key_share"" */
    retry_request("002b:0304 0033:001d");
    broken_by(WT_SERVER, WT_RULE_RETRY_SHARE, at(51) + 4, 0x001d);
}

void test_server_after_retry(void **state)
{
    static const char second[] = GROUPS SCHEMES "0033:00080017000401020304 " VERSIONS;
    (void)state;
    after_retry(HELLO13, "002b:0304 0033:0017");
    client(second);
    add(WT_CLIENT);
    server("1301", "0033:0017000401020304 002b:0304");
    well(WT_SERVER);
    /* RFC 8446, 4.1.4: "clients MUST check that the cipher suite supplied in the ServerHello is the same" */
    server("1302", "0033:0017000401020304 002b:0304");
    broken_by(WT_SERVER, WT_RULE_SERVER_RETRY_SUITE, SUITE_AT, 0x1302);
    /* 4.2.8: "the selected NamedGroup in the ServerHello is the same as that in the HelloRetryRequest" */
    server("1301", "0033:001d0020" KEY " 002b:0304");
    broken_by(WT_SERVER, WT_RULE_SERVER_SHARE_RETRY, at(51) + 4, 0x001d);
    /* 4.1.4: "a client MUST abort the handshake with an "illegal_parameter" alert if the value changes" */
    agreed.retry.version = 0x0305;
    server("1301", "0033:0017000401020304 002b:0304");
    broken_by(WT_SERVER, WT_RULE_SERVER_RETRY_VERSION, at(43) + 4, WT_TLS13);
    /* the second hello was not seen: its shares are not known, nor whether it has early data still */
    after_retry(HELLO13, "002b:0304 002c:00020102");
    server("1301", "0033:0017000401020304 002b:0304");
    well(WT_SERVER);
}

void test_server_old(void **state)
{
    (void)state;
    /* RFC 6066, 4: "a maximum fragment length negotiation response that differs from the length it requested" */
    answer("0001:02 " HELLO12, "c02f", "0001:03");
    broken_by(WT_SERVER, WT_RULE_SERVER_FRAGMENT_LENGTH, at(1) + 4, 3);
    answer("0001:02 " HELLO12, "c02f", "0001:02");
    well(WT_SERVER);
    /* RFC 8449, 5: "receipt of both "max_fragment_length" and "record_size_limit"" */
    answer("0001:02 001c:4000 " HELLO12, "c02f", "0001:02 001c:4000");
    broken_by(WT_SERVER, WT_RULE_SERVER_BOTH_LIMITS, at(1), 1);
    answer("0001:02 001c:4000 " HELLO12, "c02f", "001c:4000");
    well(WT_SERVER);
    /* RFC 8422, 5.2: its point formats may be there; BIG-IP's supported_groups are waived */
    answer("000b:0100 " HELLO12, "c02f", "000b:0100 000a:00020017");
    well(WT_SERVER);
    /* RFC 5746, 3.3: the signalling suite asks for renegotiation_info */
    wt_agreed_start(&agreed, true);
    made_client_hello(&made, "0303", SESSION, "c02f00ff", "00", NULL);
    add(WT_CLIENT);
    server("c02f", "ff01:00");
    well(WT_SERVER);
}

static void renegotiation_of(const char *before, const char *hello, const char *extensions)
{
    after_server(HELLO12 "0017:", "c02f", before);
    message(WT_HANDSHAKE_FINISHED, WT_TLS12, WT_KX_ECDHE, "c0c1c2c3c4c5c6c7c8c9cacb");
    add(WT_CLIENT);
    message(WT_HANDSHAKE_FINISHED, WT_TLS12, WT_KX_ECDHE, "505152535455565758595a5b");
    add(WT_SERVER);
    wt_agreed_renegotiate(&agreed);
    agreed.interleaved = true;
    client(hello);
    add(WT_CLIENT);
    server("c02f", extensions);
}

static void renegotiation(bool secure, const char *extensions)
{
    renegotiation_of(secure ? "ff01:00" : NULL, "ff01:0cc0c1c2c3c4c5c6c7c8c9cacb", extensions);
}

void test_server_renegotiation(void **state)
{
    (void)state;
    /* RFC 5746, 3.4: "the length of the "renegotiated_connection" field is zero, and if it is not, MUST abort the
     * handshake (by sending a fatal handshake_failure alert)" */
    answer(HELLO12, "c02f", "ff01:0100");
    broken_by(WT_SERVER, WT_RULE_SERVER_RENEGOTIATED, at(0xff01) + 4, 0);
    agreed.first = false;
    well(WT_SERVER);
    answer(HELLO12, "c02f", "ff01:00");
    well(WT_SERVER);
    /* 3.5: "the client MUST verify that the "renegotiation_info" extension is present" */
    renegotiation(true, NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_RENEGOTIATION_MISSING, 0, 0xff01);
    renegotiation(false, NULL);
    well(WT_SERVER);
    /* 3.5: "the first half […] is equal to the saved client_verify_data value, and the second half …" */
    renegotiation(true, "ff01:18505152535455565758595a5bc0c1c2c3c4c5c6c7c8c9cacb");
    broken_by(WT_SERVER, WT_RULE_SERVER_RENEGOTIATION_DATA, at(0xff01) + 4, 0);
    renegotiation(true, "ff01:18c0c1c2c3c4c5c6c7c8c9cacb505152535455565758595a5b");
    well(WT_SERVER);
    /* RFC 7627, 5.2: "If a server implementing this document receives the "extended_master_secret" extension, it MUST
     * include the extension in its ServerHello message." */
    renegotiation_of("0017:", "0017:", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_EXTENDED_MASTER_AGAIN, 0, 23);
    agreed.interleaved = false; /* who only reads */
    well(WT_SERVER);
    renegotiation_of("0017:", "0017:", "0017:");
    well(WT_SERVER);
    renegotiation_of("0017:", NULL, NULL); /* the client's own fault */
    well(WT_SERVER);
    renegotiation_of(NULL, "0017:", NULL); /* it never had it */
    well(WT_SERVER);
}

void test_server_sessions(void **state)
{
    (void)state;
    /* RFC 6066, 3: "When resuming a session, the server MUST NOT include a server_name extension in the server hello."
     */
    answer(HELLO12, "c02f", "0000:");
    broken_by(WT_SERVER, WT_RULE_SERVER_NAME_RESUMED, at(0), 0);
    made_server_hello(&made, "0303", RANDOM, "aabb", "c02f", "00", "0000:");
    well(WT_SERVER);
    /* RFC 5246, 7.4.1.3: "For resumed sessions, this field is the value from the state of the session being resumed."
     */
    answer("0017: " HELLO12, "c02f", "0017:");
    agreed.session = (struct wt_session_terms){.known = true, .extended_master = true, .suite = 0xc02b};
    broken_by(WT_SERVER, WT_RULE_SESSION_SUITE, SUITE_AT, 0xc02f);
    agreed.session.suite = 0xc02f;
    well(WT_SERVER);
    /* RFC 7627, 5.3: both ways */
    agreed.session.extended_master = false;
    broken_by(WT_SERVER, WT_RULE_SESSION_EXTENDED_MASTER, at(23), 23);
    server("c02f", NULL);
    well(WT_SERVER);
    agreed.session.extended_master = true;
    broken_by(WT_SERVER, WT_RULE_SESSION_EXTENDED_MASTER_MISSING, 0, 23);
    made_server_hello(&made, "0303", RANDOM, "aabb", "c013", "00", NULL); /* it resumes nothing */
    well(WT_SERVER);
}

void test_answers(void **state)
{
    (void)state;
    /* RFC 7301, 3.2: a protocol "that is also advertised by the client" */
    answer("0010:000c02683208687474702f312e31 " HELLO12, "c02f", "0010:00050473706479");
    broken_by(WT_SERVER, WT_RULE_SERVER_PROTOCOL, at(16) + 4 + 3, 0);
    server("c02f", "0010:000908687474702f312e31");
    well(WT_SERVER);
    /* RFC 7250, 4.2; RFC 6091, 3.2 */
    answer("0014:0102 0013:0102 0009:0101 " HELLO12, "c02f", "0014:00");
    broken_by(WT_SERVER, WT_RULE_SERVER_CERTIFICATE_TYPE, at(20) + 4, 0);
    server("c02f", "0013:00");
    broken_by(WT_SERVER, WT_RULE_SERVER_CLIENT_CERTIFICATE_TYPE, at(19) + 4, 0);
    server("c02f", "0009:00");
    broken_by(WT_SERVER, WT_RULE_SERVER_CERT_TYPE, at(9) + 4, 0);
    server("c02f", "0014:02 0013:02 0009:01");
    well(WT_SERVER);
    /* RFC 5764, 4.1.1 */
    answer("000e:00040001000200 " HELLO12, "c02f", "000e:0002000700");
    broken_by(WT_SERVER, WT_RULE_SERVER_SRTP_PROFILE, at(14) + 4 + 2, 7);
    server("c02f", "000e:0002000200");
    well(WT_SERVER);
}

/* A rule that needs what was not seen says nothing. */
void test_unseen(void **state)
{
    (void)state;
    wt_agreed_start(&agreed, true);
    server("1303", ANSWER13);
    well(WT_SERVER);
    made_server_hello(&made, "0303", RANDOM, "", "c030", "01", "0017: 0023: 5a5b: 0010:0003026832 0016:");
    check(WT_SERVER);
    /* but for what the ServerHello alone shows */
    assert_int_equal(breaches.count, 1);
    assert_int_equal(breaches.list[0].rule, WT_RULE_SERVER_ENCRYPT_THEN_MAC);
    server("c02f", "0015:"); /* padding is nobody's answer, whatever was asked */
    broken_by(WT_SERVER, WT_RULE_EXTENSION_PLACE, at(21), 21);
    retry_request("002b:0304 0033:001e");
    well(WT_SERVER);
    /* a hello that broke off */
    wt_agreed_start(&agreed, true);
    client("0017: 0017:");
    wt_agreed_message(&agreed, WT_CLIENT, &made.m, false);
    server("c030", "0010:0003026832");
    well(WT_SERVER);
    /* SSL 2.0's form has suites and no extensions: RFC 5246, E.2 */
    static const uint8_t specs[] = {0x00, 0x00, 0x2f}, challenge[16] = {1};
    wt_agreed_start(&agreed, true);
    wt_agreed_ssl2_client_hello(&agreed, &(struct wt_ssl2_client_hello){.version = WT_TLS10,
                                                                        .cipher_specs = {specs, sizeof specs},
                                                                        .challenge = {challenge, sizeof challenge}});
    made_server_hello(&made, "0301", RANDOM, "aabb", "002f", "00", NULL);
    well(WT_SERVER);
    made_server_hello(&made, "0301", RANDOM, "aabb", "0035", "00", NULL);
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE, 2 + 32 + 3, 0x0035);
}

/* Drafts of TLS 1.3 have their own rules (draft-ietf-tls-tls13-18, 4.2: other places for extensions). */
void test_drafts(void **state)
{
    (void)state;
    after_client(GROUPS SCHEMES "0028:0024001d0020" KEY " 002b:047f1c7f12");
    server("1301", "0028:001d0020" KEY " 002b:7f1c");
    well(WT_SERVER);
    server("1302", "0028:001d0020" KEY " 002b:7f1c");
    well(WT_SERVER);
    server("1303", "0028:001d0020" KEY " 002b:7f1c 0010:0003026832");
    broken_by(WT_SERVER, WT_RULE_SERVER_SUITE, SUITE_AT, 0x1303);
    /* before draft 22 a ServerHello had neither session id nor compression */
    made_hex(&made, WT_HANDSHAKE_SERVER_HELLO, (struct wt_codec_context){.from_server = 1},
             "7f12" RANDOM "1301 0028 00280024 001d0020" KEY);
    well(WT_SERVER);
    made_hex(&made, WT_HANDSHAKE_SERVER_HELLO, (struct wt_codec_context){.from_server = 1},
             "0304" RANDOM "c02f 0028 00280024 001d0020" KEY);
    well(WT_SERVER);
    add(WT_SERVER);
    assert_true(agreed.chosen.draft);
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0017: 5a5b:");
    well(WT_SERVER);
    /* TLCP: GB/T 38636 */
    wt_agreed_start(&agreed, true);
    made_client_hello(&made, "0101", "", "e013e011", "00", NULL);
    add(WT_CLIENT);
    made_server_hello(&made, "0101", RANDOM, "aabb", "e013", "00", NULL);
    well(WT_SERVER);
}
