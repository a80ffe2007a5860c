/* Header and sequence number are the caller's: what TLS, DTLS 1.2, DTLS 1.3 and QUIC put there is what is
 * authenticated, held against the bytes of RFC 9001, appendix A, and against MAC and AEAD computed here. */
#include "records.h"

#include "crypto/mac.h"

/* Protectors without TLS's count of records around them. */
struct bare {
    struct wt_protector *sealer, *opener;
};

static struct bare pair_with(uint16_t suite, uint16_t version, const char *key, const char *iv, bool quic)
{
    uint8_t bytes[2][64];
    const struct wt_protection how = {.suite = wt_suite_find(suite),
                                      .version = version,
                                      .key = unhex(key, bytes[0]),
                                      .iv = unhex(iv, bytes[1]),
                                      .no_content_type = quic};
    struct wt_error why;
    struct bare p = {0};
    assert_non_null(how.suite);
    p.sealer = wt_protector_new(crypto, &how, true, &why);
    p.opener = wt_protector_new(crypto, &how, false, &why);
    assert_non_null(p.sealer);
    assert_non_null(p.opener);
    return p;
}

static void free_bare(struct bare p)
{
    wt_protector_free(p.sealer);
    wt_protector_free(p.opener);
}

/* Seals to `sealed`, which opens to the text; under another header or number it does not. */
static void there_and_back(struct bare p, struct wt_protect_header header, uint8_t type, struct wt_span text,
                           struct wt_span sealed)
{
    static uint8_t out[ROOM], back[ROOM];
    uint8_t bytes[64];
    struct wt_opened opened;
    assert_int_equal(wt_protector_seal(p.sealer, &header, type, text, 0, NULL, out, NULL), sealed.n);
    assert_memory_equal(out, sealed.p, sealed.n);
    assert_true(wt_protector_is_seekable(p.opener));
    assert_int_equal(wt_protector_open(p.opener, &header, sealed, back, false, &opened, NULL), WT_OPENED);
    assert_true(wt_span_equal(opened.text, text));
    memcpy(bytes, header.bytes.p, header.bytes.n);
    bytes[0] ^= 1;
    const struct wt_protect_header other[] = {{wt_span_of(bytes, header.bytes.n), header.sequence},
                                              {header.bytes, header.sequence + 1}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(wt_protector_open(p.opener, &other[i], sealed, back, false, &opened, NULL), WT_OPEN_BAD_MAC);
}

static void quic(uint16_t suite, const char *key, const char *iv, const char *header, uint64_t number,
                 const char *payload, const char *sealed)
{
    uint8_t bytes[3][256];
    struct bare p = pair_with(suite, WT_TLS13, key, iv, true);
    assert_int_equal(wt_protector_overhead(p.opener), 16);
    there_and_back(p, (struct wt_protect_header){unhex(header, bytes[0]), number}, 0, unhex(payload, bytes[1]),
                   unhex(sealed, bytes[2]));
    free_bare(p);
}

/* RFC 9001, 5.3: "The associated data, A, for the AEAD is the contents of the QUIC header, starting from the first byte
 * of either the short or long header, up to and including the unprotected packet number. … The nonce, N, is formed by
 * combining the packet protection IV with the packet number." A.3 (a server's Initial packet) and A.5 (ChaCha20). */
static void quic_packets_of_rfc_9001(void **state)
{
    (void)state;
    quic(
        0x1301, "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e",
        "c1000000010008f067a5502a4262b50040750001", 1,
        "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e0033"
        "0024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304",
        "5a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3"
        "548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158"
        "407dd074ee");
    quic(0x1303, "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8", "e0459b3474bdd0e44a41c144",
         "4200bff4", 654360564, "01", "655e5cd55c41f69080575d7999c25a5bfb");
}

/* What is no AEAD of TLS 1.3 protects no QUIC packet. */
static void quic_needs_tls13_aead(void **state)
{
    (void)state;
    struct wt_error why;
    struct wt_protection how = protection_of(wt_suite_find(0xc02f), WT_TLS12);
    how.no_content_type = true;
    assert_null(wt_protector_new(crypto, &how, false, &why));
    assert_int_equal(why.code, WT_UNSUPPORTED);
}

/* RFC 9147, 4: the nonce is made of the 64-bit sequence number without the epoch, and "The entire header value shown in
 * Figure 4 (but prior to record number encryption ...) is used as the additional data": a header without length and
 * with one byte of number among them. */
static void dtls13_header_is_additional_data(void **state)
{
    (void)state;
    static const char key[] = "000102030405060708090a0b0c0d0e0f", iv[] = "101112131415161718191a1b";
    static const uint8_t headers[][5] = {{0x2f, 0x01, 0x02, 0x00, 0x16}, {0x23, 0x02}};
    static const size_t lengths[] = {5, 2};
    uint8_t bytes[2][16], nonce[12], inner[6] = "hello\x17", sealed[22];
    struct bare p = pair_with(0x1301, WT_TLS13, key, iv, false);
    for (int i = 0; i < 2; i++) {
        struct wt_protect_header header = {wt_span_of(headers[i], lengths[i]), UINT64_C(0x50000000102)};
        struct wt_cipher_context *c = wt_cipher_new(crypto, WT_CIPHER_AES_128_GCM, unhex(key, bytes[0]), true);
        memcpy(nonce, unhex(iv, bytes[1]).p, 12);
        for (int k = 0; k < 8; k++)
            nonce[11 - k] ^= (uint8_t)(header.sequence >> 8 * k);
        assert_true(wt_cipher_seal(c, nonce, header.bytes, wt_span_of(inner, 6), sealed));
        there_and_back(p, header, WT_CONTENT_APPLICATION_DATA, wt_span_text("hello"), wt_span_of(sealed, 22));
        wt_cipher_free(c);
    }
    free_bare(p);
}

/* RFC 6347, 4.1.2.1: "the sequence number used to compute the MAC is the 64-bit value formed by concatenating the epoch
 * and the sequence number in the order they appear on the wire". TLS_RSA_WITH_NULL_SHA256 shows its MAC. */
static void dtls12_mac_has_the_epoch(void **state)
{
    (void)state;
    static const uint8_t header[13] = {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 0, 37};
    static const uint8_t pseudo[13] = {0, 1, 0, 0, 0, 0, 0, 5, 23, 0xfe, 0xfd, 0, 5};
    const struct wt_protection how = protection_of(wt_suite_find(0x003b), WT_TLS12);
    struct wt_error why;
    struct bare p = {.sealer = wt_protector_new(crypto, &how, true, &why),
                     .opener = wt_protector_new(crypto, &how, false, &why)};
    uint8_t sealed[5 + WT_DIGEST_MOST] = "hello";
    const struct wt_span parts[] = {wt_span_of(pseudo, 13), wt_span_text("hello")};
    struct wt_mac *mac = wt_mac_new(crypto, WT_HASH_SHA256, how.mac_key);
    assert_int_equal(wt_mac_compute(mac, parts, 2, sealed + 5), 32);
    there_and_back(p, (struct wt_protect_header){wt_span_of(header, 13), UINT64_C(1) << 48 | 5}, 23,
                   wt_span_text("hello"), wt_span_of(sealed, 37));
    wt_mac_free(mac);
    free_bare(p);
}

/* RFC 9146, 5.1: "MAC(MAC_write_key, seq_num_placeholder + tls12_cid + cid_length + tls12_cid +
 * DTLSCiphertext.version + epoch + sequence_number + cid + length_of_DTLSInnerPlaintext + DTLSInnerPlaintext.content +
 * DTLSInnerPlaintext.real_type + DTLSInnerPlaintext.zeros)"; 5.3: what is before the content is an AEAD's additional
 * data. */
static void dtls12_counts_the_connection_id(void **state)
{
    (void)state;
    static const uint8_t header[] = {25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 0xab, 0xcd, 0, 38}, inner[] = "hello\x17";
    static const uint8_t pseudo[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 25,   2,    25, 0xfe, 0xfd,
                                     0,    1,    0,    0,    0,    0,    0,    5,    0xab, 0xcd, 0,  6};
    static const uint16_t suites[] = {0x003b, 0xc02f};
    const struct wt_protect_header at = {wt_span_of(header, sizeof header), UINT64_C(1) << 48 | 5};
    const struct wt_span text = wt_span_of(inner, 6);
    uint8_t sealed[64], other[64], expected[6 + WT_DIGEST_MOST] = "hello\x17";
    struct wt_opened opened;
    for (int i = 0; i < 2; i++) {
        const struct wt_protection how = protection_of(wt_suite_find(suites[i]), WT_TLS12);
        struct bare p = {.sealer = wt_protector_new(crypto, &how, true, NULL),
                         .opener = wt_protector_new(crypto, &how, false, NULL)};
        const size_t n = wt_protector_seal(p.sealer, &at, 25, text, 0, NULL, sealed, NULL);
        if (i == 0) {
            struct wt_mac *mac = wt_mac_new(crypto, WT_HASH_SHA256, how.mac_key);
            const struct wt_span parts[] = {wt_span_of(pseudo, sizeof pseudo), text};
            assert_int_equal(wt_mac_compute(mac, parts, 2, expected + 6), 32);
            assert_int_equal(n, 38);
            assert_memory_equal(sealed, expected, n);
            wt_mac_free(mac);
        } else {
            struct wt_cipher_context *c = wt_cipher_new(crypto, WT_CIPHER_AES_128_GCM, how.key, true);
            uint8_t nonce[12];
            memcpy(nonce, how.iv.p, 4);
            memcpy(nonce + 4, sealed, 8);
            assert_true(wt_cipher_seal(c, nonce, wt_span_of(pseudo, sizeof pseudo), text, expected));
            assert_int_equal(n, 8 + 6 + 16);
            assert_memory_equal(sealed + 8, expected, 6 + 16);
            wt_cipher_free(c);
        }
        assert_int_equal(wt_protector_open(p.opener, &at, wt_span_of(sealed, n), other, false, &opened, NULL),
                         WT_OPENED);
        assert_true(wt_span_equal(opened.text, text));
        uint8_t changed[sizeof header];
        memcpy(changed, header, sizeof header);
        changed[11] ^= 1;
        const struct wt_protect_header wrong = {wt_span_of(changed, sizeof changed), at.sequence};
        assert_int_equal(wt_protector_open(p.opener, &wrong, wt_span_of(sealed, n), other, false, &opened, NULL),
                         WT_OPEN_BAD_MAC);
        free_bare(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quic_packets_of_rfc_9001),         cmocka_unit_test(quic_needs_tls13_aead),
        cmocka_unit_test(dtls13_header_is_additional_data), cmocka_unit_test(dtls12_mac_has_the_epoch),
        cmocka_unit_test(dtls12_counts_the_connection_id),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
