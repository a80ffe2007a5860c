/* What a server MUST refuse of a ClientHello. */
#include "broken.h"

/* Offsets in the usual hello: legacy_version, random, session id (32), suites (12), compression, extensions. */
enum { SUITES_AT = 2 + 32 + 33 + 2, COMPRESSION_AT = SUITES_AT + 12 + 1, BLOCK_AT = COMPRESSION_AT + 1 };

static void first(const char *extensions)
{
    wt_agreed_start(&agreed, true);
    client(extensions);
}

static void first_of(const char *version, const char *compression, const char *extensions)
{
    wt_agreed_start(&agreed, true);
    made_client_hello(&made, version, SESSION, "13011302c02fc02bc013003c", compression, extensions);
}

void test_client_13(void **state)
{
    (void)state;
    first(HELLO13);
    well(WT_CLIENT);
    /* RFC 8446, 4.1.2: "the legacy_version field MUST be set to 0x0303" */
    first_of("0304", "00", HELLO13);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_LEGACY_VERSION, 0, 0x0304);
    first_of("0301", "00", GROUPS SCHEMES "002b:020302"); /* who does not offer TLS 1.3 */
    well(WT_CLIENT);
    /* RFC 8446, 4.1.2: "this vector MUST contain exactly one byte, set to zero" */
    first_of("0303", "0001", HELLO13);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_COMPRESSION_13, COMPRESSION_AT, 1);
    first_of("0303", "0100", GROUPS SCHEMES);
    well(WT_CLIENT);
    /* RFC 8446, 9.2: "If not containing a "pre_shared_key" extension, it MUST contain both a "signature_algorithms"
     * extension and a "supported_groups" extension." */
    first(GROUPS "0033:0024001d0020" KEY " " VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_SCHEMES_MISSING, 0, WT_EXT_SIGNATURE_ALGORITHMS);
    first(SCHEMES VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_GROUPS_MISSING, 0, WT_EXT_SUPPORTED_GROUPS);
    /* 9.2: "If containing a "supported_groups" extension, it MUST also contain a "key_share" extension, and vice versa.
     * An empty KeyShare.client_shares vector is permitted." */
    first(GROUPS SCHEMES VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_SHARE_MISSING, 0, WT_EXT_KEY_SHARE);
    first(SCHEMES "0033:0024001d0020" KEY " " VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_SHARE_MISSING, 0, WT_EXT_SUPPORTED_GROUPS);
    first(GROUPS SCHEMES "0033:0000 " VERSIONS);
    well(WT_CLIENT);
    /* without supported_versions nothing of it is asked for */
    first(GROUPS SCHEMES);
    well(WT_CLIENT);
    /* RFC 9849, 5.1: ech_outer_extensions "MUST NOT appear in either ClientHelloOuter or ClientHelloInner" */
    first(HELLO13 "fd00:02000d");
    broken_by(WT_CLIENT, WT_RULE_EXTENSION_ECH_OUTER, extension_at(BLOCK_AT, 0xfd00), 0xfd00);
    /* RFC 8446, 4.2.2: "Clients MUST NOT use cookies in their initial ClientHello in subsequent connections." */
    first(HELLO13 "002c:00020102");
    broken_by(WT_CLIENT, WT_RULE_CLIENT_COOKIE, extension_at(BLOCK_AT, 44), 44);
    wt_agreed_start(&agreed, false); /* where it began is not known */
    well(WT_CLIENT);
    after_client(HELLO13); /* the request for it may come later in the capture */
    client(HELLO13 "002c:00020102");
    well(WT_CLIENT);
}

void test_client_shares(void **state)
{
    (void)state;
    /* RFC 8446, 4.2.8: "Clients MUST NOT offer any KeyShareEntry values for groups not listed in the client's
     * "supported_groups" extension." */
    first("000a:000400170018 " SCHEMES "0033:0024001d0020" KEY " " VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_SHARE_GROUP, extension_at(BLOCK_AT, 51) + 6, 0x001d);
    /* "and MUST appear in the same order" */
    first("000a:00040017001d " SCHEMES "0033:002a001d0020" KEY "0017000201ff " VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_SHARE_ORDER, extension_at(BLOCK_AT, 51) + 6 + 36, 0x0017);
    first("000a:0006001801020017 " SCHEMES "0033:000c0018000201020017000201ff " VERSIONS);
    well(WT_CLIENT);
    /* 4.2.8.1: "padded to the left with zeros to the size of p in bytes" */
    for (unsigned n = 255; n <= 257; n++) {
        char hello[HELLO_ROOM], key[2 * 257 + 1];
        memset(key, 'a', 2 * (size_t)n);
        key[2 * n] = '\0';
        (void)snprintf(hello, sizeof hello, "000a:00020100 " SCHEMES "0033:%04x0100%04x%s " VERSIONS, n + 4, n, key);
        first(hello);
        if (n == 256)
            well(WT_CLIENT);
        else
            broken_by(WT_CLIENT, WT_RULE_CLIENT_SHARE_LENGTH, extension_at(BLOCK_AT, 51) + 8, n);
    }
    /* RFC 8701, 3.1: GREASE in both lists */
    first("000a:00060a0a001d0017 " SCHEMES "0033:00292a2a000101001d0020" KEY " " VERSIONS);
    well(WT_CLIENT);
}

void test_client_psk(void **state)
{
    (void)state;
    first("002d:0101 " HELLO13 PSK);
    well(WT_CLIENT);
    /* RFC 8446, 4.2.11: "The "pre_shared_key" extension MUST be the last extension in the ClientHello" */
    first("002d:0101 " PSK HELLO13);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_PSK_LAST, extension_at(BLOCK_AT, 41), 41);
    /* RFC 8446, 4.2.9: "If clients offer "pre_shared_key" without a "psk_key_exchange_modes" extension, servers MUST
     * abort the handshake." */
    first(HELLO13 PSK);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_PSK_MODES_MISSING, 0, 45);
    /* RFC 8446, 4.2.10: "it MUST supply both the "pre_shared_key" and "early_data" extensions" */
    first("002d:0101 002a: " HELLO13);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_EARLY_DATA_PSK, 0, 41);
    first("002d:0101 002a: " HELLO13 PSK);
    well(WT_CLIENT);
    /* 9.2: with a PSK neither signature_algorithms nor supported_groups */
    first("002d:0100 " VERSIONS PSK);
    well(WT_CLIENT);
}

void test_client_old(void **state)
{
    (void)state;
    /* RFC 5246, 7.4.1.2: "This vector MUST contain, and all implementations MUST support, CompressionMethod.null." */
    first_of("0303", "01", GROUPS SCHEMES);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_NULL_COMPRESSION, COMPRESSION_AT, 0);
    first_of("0301", "0100", NULL);
    well(WT_CLIENT);
    /* TLCP, SSL 3.0, and extensions that nobody knows */
    first_of("0101", "00", "000a:00020029");
    well(WT_CLIENT);
    first_of("0300", "00", NULL);
    well(WT_CLIENT);
    first_of("0303", "00", "5a5b:0102 0a0a: fe0d:00");
    well(WT_CLIENT);
}

static void renegotiation_of(const char *before, const char *extensions, const char *suites)
{
    after_server("ff01:00 0017: " GROUPS SCHEMES, "c02f", before);
    message(WT_HANDSHAKE_FINISHED, WT_TLS12, WT_KX_ECDHE, "c0c1c2c3c4c5c6c7c8c9cacb");
    add(WT_CLIENT);
    message(WT_HANDSHAKE_FINISHED, WT_TLS12, WT_KX_ECDHE, "505152535455565758595a5b");
    add(WT_SERVER);
    wt_agreed_renegotiate(&agreed);
    agreed.interleaved = true;
    made_client_hello(&made, "0303", "", suites, "00", extensions);
}

static void renegotiation(bool secure, const char *extensions, const char *suites)
{
    renegotiation_of(secure ? "ff01:00" : NULL, extensions, suites);
}

void test_client_renegotiation(void **state)
{
    (void)state;
    /* RFC 5746, 3.6: "The server MUST then verify that the length of the "renegotiated_connection" field is zero, and
     * if it is not, MUST abort the handshake." */
    first("ff01:03aabbcc " GROUPS SCHEMES);
    broken_by(WT_CLIENT, WT_RULE_CLIENT_RENEGOTIATED, extension_at(BLOCK_AT, 0xff01) + 4, 0);
    wt_agreed_start(&agreed, false); /* it may be a renegotiation */
    well(WT_CLIENT);
    first("ff01:00 " GROUPS SCHEMES);
    well(WT_CLIENT);
    /* RFC 5746, 3.7: "The server MUST verify that the "renegotiation_info" extension is present" */
    renegotiation(true, GROUPS, "c02f");
    broken_by(WT_CLIENT, WT_RULE_CLIENT_RENEGOTIATION_MISSING, 0, 0xff01);
    renegotiation(false, GROUPS, "c02f");
    well(WT_CLIENT);
    /* 3.7: "If the SCSV is present, the server MUST abort the handshake." */
    renegotiation(true, "ff01:0cc0c1c2c3c4c5c6c7c8c9cacb", "c02f00ff");
    broken_by(WT_CLIENT, WT_RULE_CLIENT_RENEGOTIATION_SCSV, 2 + 32 + 1 + 2, 0x00ff);
    /* 3.7: "equal to the saved client_verify_data value" */
    renegotiation(true, "ff01:0cc0c1c2c3c4c5c6c7c8c9cacc", "c02f");
    broken_by(WT_CLIENT, WT_RULE_CLIENT_RENEGOTIATION_DATA, 2 + 32 + 1 + 4 + 2 + 2 + 4, 0);
    renegotiation(true, "ff01:0cc0c1c2c3c4c5c6c7c8c9cacb", "c02f");
    well(WT_CLIENT);
    /* RFC 7627, 5.2: "In all handshakes, a client implementing this document MUST send the "extended_master_secret"
     * extension in its ClientHello." */
    renegotiation_of("0017:", GROUPS, "c02f");
    broken_by(WT_CLIENT, WT_RULE_CLIENT_EXTENDED_MASTER_AGAIN, 0, 23);
    agreed.interleaved = false; /* who only reads */
    well(WT_CLIENT);
    renegotiation_of("0017:", GROUPS "0017:", "c02f");
    well(WT_CLIENT);
}

/* --- the second hello
 * ------------------------------------------------------------------------------------------------- */

#define AGAIN GROUPS SCHEMES "0033:00080017000401020304 " VERSIONS
#define AGAIN_REST GROUPS SCHEMES VERSIONS
#define RETRY "0033:0017 002b:0304"

void test_second(void **state)
{
    static const char other[] = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    (void)state;
    after_retry(HELLO13, RETRY);
    client(AGAIN);
    well(WT_CLIENT);
    /* RFC 8446, 4.1.2: "the client MUST send the same ClientHello without modification, except as follows" */
    made_client_hello(&made, "0303", "", "13011302c02fc02bc013003c", "00", AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_SESSION_ID, 35, 0);
    made_client_hello(&made, "0303", SESSION, "1301", "00", AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_SUITES, SUITES_AT, 0);
    agreed.offered.compression_hash++;
    client(AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_COMPRESSION, COMPRESSION_AT, 0);
    agreed.offered.compression_hash--;
    agreed.offered.legacy_version = WT_TLS11;
    broken_by(WT_CLIENT, WT_RULE_SECOND_VERSION, 0, WT_TLS12);
    agreed.offered.legacy_version = WT_TLS12;
    memcpy(agreed.offered.random, other, 32);
    broken_by(WT_CLIENT, WT_RULE_SECOND_RANDOM, 2, 0);
    /* 4.2.8: "one containing only a new KeyShareEntry for the group indicated in the selected_group field" */
    after_retry(HELLO13, RETRY);
    client(HELLO13);
    broken_by(WT_CLIENT, WT_RULE_SECOND_SHARE, extension_at(BLOCK_AT, 51) + 4, 0x001d);
    client(GROUPS SCHEMES "0033:000c001700020102001800020304 " VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_SECOND_SHARE, extension_at(BLOCK_AT, 51) + 4, 0x0017);
    /* 4.2.2: "the client MUST copy the contents of the extension received in the HelloRetryRequest" */
    after_retry(HELLO13, RETRY " 002c:00020102");
    client(AGAIN "002c:00020102");
    well(WT_CLIENT);
    client(AGAIN "002c:00020103");
    broken_by(WT_CLIENT, WT_RULE_SECOND_COOKIE, extension_at(BLOCK_AT, 44), 0);
    client(AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_COOKIE, 0, 0);
    after_retry(HELLO13, RETRY);
    client(AGAIN "002c:00020102"); /* a cookie from nowhere */
    broken_by(WT_CLIENT, WT_RULE_SECOND_COOKIE, extension_at(BLOCK_AT, 44), 0);
    /* 4.2.10: "A client MUST NOT include the "early_data" extension in its followup ClientHello." */
    after_retry("002d:0101 002a: " HELLO13 PSK, RETRY);
    client("002d:0101 002a: " AGAIN PSK);
    broken_by(WT_CLIENT, WT_RULE_SECOND_EARLY_DATA, extension_at(BLOCK_AT, 42), 42);
    client("002d:0101 " AGAIN PSK);
    well(WT_CLIENT);
}

void test_second_extensions(void **state)
{
    (void)state;
    /* one more, one less, one changed */
    after_retry(HELLO13, RETRY);
    client("0017: " AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_EXTENSION, extension_at(BLOCK_AT, 23), 23);
    after_retry(HELLO13 "0017:", RETRY);
    client(AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_EXTENSION, 0, 23);
    after_retry("0010:0003026832 " HELLO13, RETRY);
    client("0010:0003026833 " AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_EXTENSION, extension_at(BLOCK_AT, 16), 16);
    /* another order is a rule of its own; what may change may move; beside another body nothing is said of the order */
    after_retry(HELLO13, RETRY);
    client(SCHEMES GROUPS "0033:00080017000401020304 " VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_SECOND_ORDER, BLOCK_AT + 2, 13);
    client(SCHEMES "0017: " GROUPS "0033:00080017000401020304 " VERSIONS);
    broken_by(WT_CLIENT, WT_RULE_SECOND_EXTENSION, extension_at(BLOCK_AT, 23), 23);
    client("0033:00080017000401020304 " AGAIN_REST);
    well(WT_CLIENT);
    after_retry("0010:0003026832 0017: " HELLO13, RETRY);
    client("0017: 0010:0003026832 " AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_ORDER, BLOCK_AT + 2, 23);
    client("0017: 0010:0003026833 " AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_EXTENSION, extension_at(BLOCK_AT, 16), 16);
    client("0017: " AGAIN);
    broken_by(WT_CLIENT, WT_RULE_SECOND_EXTENSION, 0, 16);
    client("0010:0003026832 " AGAIN " 0017:");
    broken_by(WT_CLIENT, WT_RULE_SECOND_ORDER, extension_at(BLOCK_AT, 10), 10);
    /* a HelloRetryRequest for its cookie alone leaves the shares */
    after_retry(HELLO13, "002b:0304 002c:00020102");
    client(HELLO13 "002c:00020102");
    well(WT_CLIENT);
    client(AGAIN "002c:00020102");
    broken_by(WT_CLIENT, WT_RULE_SECOND_EXTENSION, extension_at(BLOCK_AT, 51), 51);
    /* 4.1.2: "Optionally adding, removing, or changing the length of the "padding" extension"; GREASE is not compared
     */
    after_retry("0a0a: " HELLO13 "0015:00000000", RETRY);
    client("1a1a: " AGAIN "0015:0000");
    well(WT_CLIENT);
    client(AGAIN);
    well(WT_CLIENT);
    /* "Other modifications that may be allowed by an extension defined in the future and present in the
     * HelloRetryRequest." */
    after_retry("5a5b: " HELLO13, RETRY " 5a5b:");
    client("5a5b:01 " AGAIN);
    well(WT_CLIENT);
    /* RFC 9849, 6.1.5: the outer hello is sealed anew */
    after_retry("fe0d:00 " HELLO13, RETRY);
    client("fe0d:0001 " AGAIN);
    well(WT_CLIENT);
    /* an observer's streams need not interleave: the second hello before the request for it, the first behind it */
    after_client(HELLO13);
    client(AGAIN);
    well(WT_CLIENT);
    add(WT_CLIENT);
    retry_request(RETRY);
    well(WT_SERVER);
    wt_agreed_start(&agreed, true);
    retry_request(RETRY);
    add(WT_SERVER);
    client("002d:0101 002a: " HELLO13 PSK);
    well(WT_CLIENT);
    add(WT_CLIENT);
    server("1301", "0033:0017000401020304 002b:0304");
    well(WT_SERVER);
    /* a first hello that was not seen */
    wt_agreed_start(&agreed, false);
    retry_request(RETRY);
    add(WT_SERVER);
    client(AGAIN);
    well(WT_CLIENT);
}
