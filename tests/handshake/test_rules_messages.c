/* What a peer MUST refuse of what comes after the hellos. */
#include "broken.h"

void test_encrypted_extensions(void **state)
{
    (void)state;
    after_13("0010:000c02683208687474702f312e31 0001:02 001c:4000 ");
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0010:0003026832 001c:4001 000a:00020017");
    well(WT_SERVER);
    /* RFC 7301, 3.2 */
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0010:0003026833");
    broken_by(WT_SERVER, WT_RULE_SERVER_PROTOCOL, 2 + 4 + 3, 0);
    /* RFC 8449, 5 */
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0001:02 001c:4001");
    broken_by(WT_SERVER, WT_RULE_SERVER_BOTH_LIMITS, 2, 1);
    /* RFC 8446, 4.2.11: "the client MUST verify that the server's selected_identity is 0" */
    after_server("002d:0101 002a: " HELLO13 "0029:00100002aaaa000000010002bbbb000000020042" BINDER BINDER, "1301",
                 ANSWER13 "0029:0001");
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "002a:");
    broken_by(WT_SERVER, WT_RULE_EARLY_DATA_PSK, 2, 42);
    agreed.chosen.psk = 0;
    well(WT_SERVER);
    agreed.chosen.has_psk = false;
    broken_by(WT_SERVER, WT_RULE_EARLY_DATA_PSK, 2, 42);
    /* draft-vvv-tls-alps-01, 4: a client's own answers the server's, and chooses nothing */
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "4469:");
    well(WT_CLIENT);
}

void test_key_exchange(void **state)
{
    (void)state;
    after_server(GROUPS SCHEMES, "c02f", NULL);
    message(WT_HANDSHAKE_SERVER_KEY_EXCHANGE, WT_TLS12, WT_KX_ECDHE, "03001d0401020304 0804 0002aabb");
    well(WT_SERVER);
    /* RFC 8422, 5.1: "while restricting itself to the enumerated curves" */
    message(WT_HANDSHAKE_SERVER_KEY_EXCHANGE, WT_TLS12, WT_KX_ECDHE, "03001e0401020304 0804 0002aabb");
    broken_by(WT_SERVER, WT_RULE_KEY_EXCHANGE_GROUP, 1, 0x001e);
    message(WT_HANDSHAKE_SERVER_KEY_EXCHANGE, WT_TLS12, WT_KX_ECDHE, "030a0a0401020304 0804 0002aabb");
    broken_by(WT_SERVER, WT_RULE_KEY_EXCHANGE_GROUP, 1, 0x0a0a);
    /* RFC 5246, 7.4.3: "the signature algorithm and hash algorithm MUST be a pair listed in that extension" */
    message(WT_HANDSHAKE_SERVER_KEY_EXCHANGE, WT_TLS12, WT_KX_ECDHE, "03001d0401020304 0601 0002aabb");
    broken_by(WT_SERVER, WT_RULE_KEY_EXCHANGE_SCHEME, 8, 0x0601);
    /* 7.4.3: they "MUST be compatible with the key in the server's end-entity certificate" */
    message(WT_HANDSHAKE_SERVER_KEY_EXCHANGE, WT_TLS12, WT_KX_ECDHE, "03001d0401020304 0403 0002aabb");
    broken_by(WT_SERVER, WT_RULE_KEY_EXCHANGE_SCHEME_KEY, 8, 0x0403);
    after_server(GROUPS SCHEMES, "c02b", NULL);
    well(WT_SERVER);
    message(WT_HANDSHAKE_SERVER_KEY_EXCHANGE, WT_TLS12, WT_KX_ECDHE, "03001d0401020304 0807 0002aabb");
    well(WT_SERVER);
    /* who names no groups and no schemes takes what comes: RFC 8422, 4; RFC 5246, 7.4.1.4.1 */
    after_server("ff01:00", "c02f", NULL);
    message(WT_HANDSHAKE_SERVER_KEY_EXCHANGE, WT_TLS12, WT_KX_ECDHE, "03001e0401020304 0601 0002aabb");
    well(WT_SERVER);
}

static void verify(uint16_t version, const char *scheme)
{
    char body[32];
    (void)snprintf(body, sizeof body, "%s0002aabb", scheme);
    message(WT_HANDSHAKE_CERTIFICATE_VERIFY, version, version == WT_TLS13 ? WT_KX_TLS13 : WT_KX_ECDHE, body);
}

void test_verify(void **state)
{
    (void)state;
    after_13("");
    verify(WT_TLS13, "0804");
    well(WT_SERVER);
    /* RFC 8446, 4.4.3: "the signature algorithm MUST be one offered in the client's "signature_algorithms"" */
    verify(WT_TLS13, "0805");
    broken_by(WT_SERVER, WT_RULE_VERIFY_SCHEME, 0, 0x0805);
    /* "RSA signatures MUST use an RSASSA-PSS algorithm" */
    verify(WT_TLS13, "0401");
    broken_by(WT_SERVER, WT_RULE_VERIFY_PKCS1, 0, 0x0401);
    /* "The SHA-1 algorithm MUST NOT be used in any signatures of CertificateVerify messages." */
    verify(WT_TLS13, "0203");
    broken_by(WT_SERVER, WT_RULE_VERIFY_SHA1, 0, 0x0203);
    /* the client's: "one of those present in the supported_signature_algorithms field […] in the CertificateRequest" */
    verify(WT_TLS13, "0805"); /* the request was not seen */
    well(WT_CLIENT);
    message(WT_HANDSHAKE_CERTIFICATE_REQUEST, WT_TLS13, WT_KX_TLS13, "00 0008 000d0004 00020403");
    add(WT_SERVER);
    verify(WT_TLS13, "0804");
    broken_by(WT_CLIENT, WT_RULE_VERIFY_SCHEME_CLIENT, 0, 0x0804);
    verify(WT_TLS13, "0403");
    well(WT_CLIENT);
    /* RFC 5246, 7.4.8 */
    after_server(GROUPS SCHEMES, "c02f", NULL);
    message(WT_HANDSHAKE_CERTIFICATE_REQUEST, WT_TLS12, WT_KX_ECDHE, "0101 0002 0401 0000");
    add(WT_SERVER);
    verify(WT_TLS12, "0501");
    broken_by(WT_CLIENT, WT_RULE_VERIFY_SCHEME_CLIENT_12, 0, 0x0501);
    verify(WT_TLS12, "0401");
    well(WT_CLIENT);
}

static void certificate(const char *body)
{
    message(WT_HANDSHAKE_CERTIFICATE, WT_TLS13, WT_KX_TLS13, body);
}

void test_certificates(void **state)
{
    (void)state;
    after_13("0012: 0005:0100000000 ");
    certificate("00 000007 0000023082 0000");
    well(WT_SERVER);
    /* RFC 8446, 4.4.2.4: "If the server supplies an empty Certificate message, the client MUST abort" */
    certificate("00 000000");
    broken_by(WT_SERVER, WT_RULE_CERTIFICATE_EMPTY, 1, 0);
    well(WT_CLIENT); /* who has none says so */
    /* 4.4.2: "in the case of server authentication […] this field SHALL be zero length" */
    certificate("01aa 000007 0000023082 0000");
    broken_by(WT_SERVER, WT_RULE_CERTIFICATE_CONTEXT, 0, 0);
    /* 4.4.2: "MUST correspond to ones from the ClientHello message" */
    certificate("00 00000f 0000023082 0008 00120004 0002aabb");
    well(WT_SERVER);
    certificate("00 00000c 0000023082 0005 5a5b0001 00");
    broken_by(WT_SERVER, WT_RULE_CERTIFICATE_EXTENSION, 11, 0x5a5b);
    /* RFC 9345, 4.1.1: without having asked "the client MUST abort the handshake with an "unexpected_message" alert" */
    certificate("00 00000c 0000023082 0005 00220001 00");
    broken_by(WT_SERVER, WT_RULE_CERTIFICATE_DELEGATED, 11, 34);
    /* RFC 8446, 4.2: what has no place there */
    certificate("00 00000c 0000023082 0005 00100001 00");
    broken_by(WT_SERVER, WT_RULE_EXTENSION_PLACE, 11, 16);
    /* RFC 8446, 4.4.2: "no more than one CertificateEntry" */
    after_13("0014:0102 ");
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0014:02");
    add(WT_SERVER);
    certificate("00 00000e 0000023082 0000 0000023082 0000");
    broken_by(WT_SERVER, WT_RULE_CERTIFICATE_RAW_KEYS, 11, 2);
    /* RFC 8879, 4: "one of the algorithms listed in the peer's "compress_certificate" extension" */
    after_13("001b:020002 ");
    message(WT_HANDSHAKE_COMPRESSED_CERTIFICATE, WT_TLS13, WT_KX_TLS13, "0001 000010 000001 aa");
    broken_by(WT_SERVER, WT_RULE_COMPRESSION_ALGORITHM, 0, 1);
    message(WT_HANDSHAKE_COMPRESSED_CERTIFICATE, WT_TLS13, WT_KX_TLS13, "0002 000010 000001 aa");
    well(WT_SERVER);
    /* RFC 5246, 7.4.2: up to TLS 1.2 the server's is not empty either */
    after_server(GROUPS SCHEMES, "c02f", NULL);
    message(WT_HANDSHAKE_CERTIFICATE, WT_TLS12, WT_KX_ECDHE, "000000");
    broken_by(WT_SERVER, WT_RULE_CERTIFICATE_EMPTY, 0, 0);
    well(WT_CLIENT);
}

static void request(const char *body)
{
    message(WT_HANDSHAKE_CERTIFICATE_REQUEST, WT_TLS13, WT_KX_TLS13, body);
}

static void finished(unsigned side)
{
    message(WT_HANDSHAKE_FINISHED, WT_TLS13, WT_KX_TLS13, KEY);
    add(side);
}

void test_requests(void **state)
{
    (void)state;
    after_13("0031: ");
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "");
    add(WT_SERVER);
    request("00 0014 000d0004 00020403 00120000 0a0a0000 5a5b0000");
    well(WT_SERVER); /* RFC 8446, 4.3.2: "Clients MUST ignore unrecognized extensions"; RFC 8701, 4.2 */
    add(WT_SERVER);
    /* RFC 8446, 4.4.2: the client's entries answer the request */
    certificate("00 00000c 0000023082 0005 00050001 00");
    broken_by(WT_CLIENT, WT_RULE_CERTIFICATE_EXTENSION_CLIENT, 11, 5);
    certificate("00 00000f 0000023082 0008 00120004 0002aabb");
    well(WT_CLIENT);
    certificate("01aa 000007 0000023082 0000");
    broken_by(WT_CLIENT, WT_RULE_CERTIFICATE_CONTEXT, 0, 0);
    /* RFC 8446, 4.3.2: "The "signature_algorithms" extension MUST be specified" */
    request("00 0004 00120000");
    broken_by(WT_SERVER, WT_RULE_REQUEST_SCHEMES_MISSING, 0, 13);
    /* 4.3.2: "This field SHALL be zero length unless used for the post-handshake authentication exchanges" */
    request("01aa 0008 000d0004 00020403");
    broken_by(WT_SERVER, WT_RULE_REQUEST_CONTEXT, 0, 1);
    finished(WT_SERVER);
    finished(WT_CLIENT);
    request("01aa 0008 000d0004 00020403");
    well(WT_SERVER);
    add(WT_SERVER);
    /* 4.6.2: clients "MAY respond to them in a different order than they were received" */
    certificate("01bb 000007 0000023082 0000");
    well(WT_CLIENT);
    agreed.interleaved = true; /* two are asked for */
    well(WT_CLIENT);
    agreed.requested.several = false;
    broken_by(WT_CLIENT, WT_RULE_CERTIFICATE_CONTEXT, 0, 0);
    /* 4.6.2: "without having sent the "post_handshake_auth" extension" */
    after_13("");
    finished(WT_SERVER);
    request("01aa 0008 000d0004 00020403");
    broken_by(WT_SERVER, WT_RULE_REQUEST_UNASKED, 0, 0);
}

void test_tickets(void **state)
{
    (void)state;
    after_13("");
    /* RFC 8446, 4.6.1: "Servers MUST NOT use any value greater than 604800 seconds (7 days)." */
    message(WT_HANDSHAKE_NEW_SESSION_TICKET, WT_TLS13, WT_KX_TLS13, "00093a81 00000000 0100 0002aabb 0000");
    broken_by(WT_SERVER, WT_RULE_TICKET_LIFETIME, 0, 604801);
    message(WT_HANDSHAKE_NEW_SESSION_TICKET, WT_TLS13, WT_KX_TLS13, "00093a80 00000000 0100 0002aabb 0000");
    well(WT_SERVER);
    /* "Clients MUST ignore unrecognized extensions."; one that they know has no place here */
    message(WT_HANDSHAKE_NEW_SESSION_TICKET, WT_TLS13, WT_KX_TLS13,
            "00093a80 00000000 0100 0002aabb 0010 002a0004 00000400 5a5b0000 1a1a0000");
    well(WT_SERVER);
    message(WT_HANDSHAKE_NEW_SESSION_TICKET, WT_TLS13, WT_KX_TLS13, "00093a80 00000000 0100 0002aabb 0004 00170000");
    broken_by(WT_SERVER, WT_RULE_EXTENSION_PLACE, 16, 23);
    /* up to TLS 1.2 it is a hint: RFC 5077, 3.3 */
    after_server(GROUPS SCHEMES "0023:", "c02f", "0023:");
    message(WT_HANDSHAKE_NEW_SESSION_TICKET, WT_TLS12, WT_KX_ECDHE, "ffffffff 0002aabb");
    well(WT_SERVER);
}

/* A record of so many bytes breaks the rule; with one byte less it keeps it. */
static void too_long(struct wt_record_shape r, enum wt_rule_id rule, uint64_t value, uint64_t bound)
{
    wt_rules_record(WT_SERVER, &r, &breaches);
    assert_int_equal(breaches.count, 1);
    assert_int_equal(breaches.list[0].rule, rule);
    assert_int_equal(breaches.list[0].side, WT_SERVER);
    assert_int_equal(breaches.list[0].alert, WT_ALERT_RECORD_OVERFLOW);
    assert_int_equal(breaches.list[0].error.value, value);
    assert_int_equal(breaches.list[0].error.bound, bound);
    covered[rule] = true;
    r.length--;
    r.plaintext--;
    wt_rules_record(WT_SERVER, &r, &breaches);
    assert_int_equal(breaches.count, 0);
}

static struct wt_record_shape shape(uint16_t version, bool is_protected, uint32_t length, uint32_t plaintext)
{
    return (struct wt_record_shape){
        .version = version, .is_protected = is_protected, .length = length, .plaintext = plaintext};
}

void test_records(void **state)
{
    struct wt_record_shape r;
    bool is_size;
    (void)state;
    /* RFC 8446, 5.1: "The length MUST NOT exceed 2^14 bytes"; 5.2: "The length MUST NOT exceed 2^14 + 256 bytes" */
    too_long(shape(WT_TLS13, false, 16385, 16385), WT_RULE_RECORD_PLAINTEXT, 16385, 16384);
    too_long(shape(WT_TLS13, true, 16641, 16625), WT_RULE_RECORD_CIPHERTEXT, 16641, 16640);
    /* RFC 5246, 6.2.1: "The length MUST NOT exceed 2^14."; 6.2.3: "The length MUST NOT exceed 2^14 + 2048." */
    too_long(shape(WT_TLS12, false, 16385, 16385), WT_RULE_RECORD_PLAINTEXT_12, 16385, 16384);
    too_long(shape(WT_TLS10, true, 18433, 16385), WT_RULE_RECORD_CIPHERTEXT_12, 18433, 18432);
    too_long(shape(0, true, 18433, 0), WT_RULE_RECORD_CIPHERTEXT_12, 18433, 18432);
    /* RFC 6066, 4: "no fragment larger than the negotiated length is sent", handshake messages included */
    after_server("0001:01 " GROUPS SCHEMES, "c02f", "0001:01");
    r = shape(WT_TLS12, false, 513, 513);
    r.most = wt_rules_record_most(&agreed, WT_SERVER, &is_size);
    assert_int_equal(wt_rules_record_most(&agreed, WT_CLIENT, &is_size), 512);
    assert_false(is_size);
    too_long(r, WT_RULE_RECORD_FRAGMENT, 513, 512);
    r = shape(WT_TLS12, true, 600, 513);
    r.most = 512;
    too_long(r, WT_RULE_RECORD_FRAGMENT, 513, 512);
    /* offered alone, it holds for nothing */
    after_server("0001:01 " GROUPS SCHEMES, "c02f", NULL);
    assert_int_equal(wt_rules_record_most(&agreed, WT_SERVER, &is_size), 0);
    /* RFC 8446, 5.4: "the reduced limit applies to the full plaintext, including the content type and padding" */
    after_13("0001:04 ");
    made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0001:04");
    add(WT_SERVER);
    assert_int_equal(wt_rules_record_most(&agreed, WT_SERVER, &is_size), 4096 + 1);
    /* RFC 8449, 4: each side's own limit is for what the other sends; "Unprotected messages are not subject to this
     * limit." */
    after_server("001c:0200 " GROUPS SCHEMES, "c02f", "001c:0100");
    r = shape(WT_TLS12, true, 600, 513);
    r.most = wt_rules_record_most(&agreed, WT_SERVER, &r.most_is_size);
    assert_int_equal(wt_rules_record_most(&agreed, WT_CLIENT, &is_size), 256);
    too_long(r, WT_RULE_RECORD_SIZE, 513, 512);
    r.is_protected = false;
    r.length = r.plaintext = 4000;
    wt_rules_record(WT_SERVER, &r, &breaches);
    assert_int_equal(breaches.count, 0);
}
