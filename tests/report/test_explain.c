/* --explain: every message, alert and extension has its explanation, and what is said of a capture is right. */
#include "keyed_samples.h"

#include "codec/header_fields.h"
#include "report/explain/tables.h"

static char *explained(const struct story *s, bool bytes)
{
    return story_print_flat(s, (struct wt_text_options){.columns = 110, .explain = true, .bytes = bytes});
}

static void every_message_is_explained(void **state)
{
    (void)state;
#define WT_ROW(value, id, name, section)                                                                               \
    assert_non_null(wt_explain_handshake(value, false));                                                               \
    assert_non_null(wt_explain_handshake(value, true));                                                                \
    assert_non_null(wt_explain_handshake(value, true)->rfc);
#include "registry/handshake_types.def"
#undef WT_ROW
#define WT_ROW(value, id, name, section)                                                                               \
    assert_non_null(wt_explain_content(value, false));                                                                 \
    assert_non_null(wt_explain_content(value, true));
#include "registry/content_types.def"
#undef WT_ROW
    for (unsigned type = WT_SSL2_ERROR; type <= WT_SSL2_CLIENT_CERTIFICATE; type++)
        assert_non_null(wt_explain_ssl2((uint8_t)type));
    assert_null(wt_explain_handshake(99, false));
}

static void every_alert_is_explained(void **state)
{
    (void)state;
#define WT_ROW(value, id, name, section)                                                                               \
    if (!wt_explain_alert(value) || !*wt_explain_alert(value)->cause)                                                  \
        fail_msg("%s", name);
#include "registry/alerts.def"
#undef WT_ROW
    assert_null(wt_explain_alert(250));
}

static void every_extension_is_explained(void **state)
{
    (void)state;
#define WT_EXT(value, id, name, where, section)                                                                        \
    if (!wt_explain_extension(value))                                                                                  \
        fail_msg("%s", name);
#include "registry/extensions.def"
#undef WT_EXT
    assert_non_null(wt_explain_extension(0x1a1a)); /* GREASE */
    assert_null(wt_explain_extension(0x1234));
}

static void every_part_of_a_suite_is_explained(void **state)
{
    (void)state;
    for (int i = 0; i < WT_KX_COUNT; i++)
        assert_non_null(wt_explain_key_exchange((enum wt_kx)i));
    for (int i = 0; i < WT_AUTH_COUNT; i++)
        assert_non_null(wt_explain_authentication((enum wt_auth)i));
    for (int i = 0; i < WT_CIPHER_COUNT; i++)
        assert_non_null(wt_explain_cipher((enum wt_cipher_id)i));
    assert_null(wt_explain_key_exchange(WT_KX_COUNT));
    assert_null(wt_explain_authentication(WT_AUTH_COUNT));
    assert_null(wt_explain_cipher(WT_CIPHER_COUNT));
}

/* A field's row is worth nothing when its place or its name is misspelt. */
static void field_rows_name_known_places(void **state)
{
    static const struct {
        const char *where, *field;
    } rows[] = {
#define WT_FIELD_TOLD(where, field, text) {where, field},
#include "report/explain/fields.def"
#undef WT_FIELD_TOLD
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool known = !*rows[i].where || strcmp(rows[i].where, "ssl2") == 0 || strcmp(rows[i].where, "alert") == 0 ||
                     strcmp(rows[i].where, "change_cipher_spec") == 0 ||
                     strcmp(rows[i].where, "hello_retry_request") == 0 || strcmp(rows[i].where, "x509") == 0 ||
                     strcmp(rows[i].where, "ocsp") == 0 || strcmp(rows[i].where, "record") == 0 ||
                     strcmp(rows[i].where, "handshake") == 0;
        for (unsigned layer = 1; layer < WT_LAYER_COUNT; layer++)
            known |= strcmp(wt_header_name((enum wt_layer)layer), rows[i].where) == 0;
        for (unsigned type = 0; type < 256; type++) {
            const char *name = wt_registry_name(WT_REG_HANDSHAKE_TYPE, type);
            known |= name && strcmp(name, rows[i].where) == 0;
        }
        for (unsigned id = 0; id < 65536; id++) {
            const struct wt_extension_info *info = wt_extension_find((uint16_t)id);
            known |= info && strcmp(info->name, rows[i].where) == 0;
        }
        if (!known)
            fail_msg("%s of %s", rows[i].field, rows[i].where);
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(rows[i].where, rows[j].where) == 0 && strcmp(rows[i].field, rows[j].field) == 0);
    }
}

/* The record version is not the protocol version: many articles confuse the two. */
static void record_version_is_not_the_protocols(void **state)
{
    struct story *s = story_tls12_full();
    char *text = explained(s, false);
    (void)state;
    has(text, "with version TLS 1.0 (0x0301)");
    has(text, "The record version TLS 1.0 is not the protocol version: this client offers TLS 1.2, and TLS 1.2 will be "
              "selected");
    free(text);
    story_free(s);
    s = story_tls13_retry();
    text = explained(s, false);
    has(text, "this client offers TLS 1.3");
    has(text, "Always TLS 1.2: the actual offer is in supported_versions");
    has(text, "Record and hello both say TLS 1.2 for middlebox compatibility; supported_versions has the selected "
              "version: TLS 1.3.");
    free(text);
    story_free(s);
}

static void stack_and_flight(void **state)
{
    struct story *s = story_tls12_full();
    char *text = explained(s, false);
    (void)state;
    has(text, "TCP port 51034 → port 443");
    has(text, "IPv4 192.0.2.10 → 192.0.2.80");
    has(text, "VLAN (802.1Q) Ethernet");
    has(text, "handshake overview: full handshake, two round trips");
    has(text, "both derive premaster, master secret, key block");
    lacks(text, "CertificateRequest ");
    free(text);
    s->c.resumption = WT_RESUMPTION_TICKET;
    s->c.has_resumed_from = true;
    s->c.resumed_from = 3;
    text = explained(s, false);
    has(text, "resumes the session of stream 3 by session ticket");
    has(text, "handshake overview: resumption, one round trip");
    has(text, "both derive new keys from the old master secret");
    free(text);
    story_free(s);
    s = story_tls13_retry();
    text = explained(s, false);
    has(text, "TLS 1.3 with HelloRetryRequest, two round trips");
    has(text, "{EncryptedExtensions}");
    free(text);
    s->c.retried = false;
    s->c.resumption = WT_RESUMPTION_PSK;
    s->c.early_data = WT_EARLY_ACCEPTED;
    text = explained(s, false);
    has(text, "TLS 1.3 with early data");
    has(text, "(EndOfEarlyData)");
    lacks(text, "◀─ {Certificate}");
    free(text);
    story_free(s);
}

static void suite_is_taken_apart(void **state)
{
    struct story *s = story_tls12_full();
    char *text = explained(s, false);
    (void)state;
    has(text, "0xc02f TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ECDHE · RSA · AES_128_GCM · SHA256");
    has(text, "key exchange ECDHE: ");
    has(text, "authentication RSA: ");
    has(text, "cipher AES_128_GCM: ");
    has(text, "hash SHA256: the hash for the PRF");
    has(text, "GREASE");
    /* 0x0a0a is first of five */
    has(text, "Number 2 of the 4 that the client offered");
    free(text);
    story_free(s);
}

static void fields_of_this_capture(void **state)
{
    struct story *s = story_tls12_full();
    char *text = explained(s, false);
    (void)state;
    has(text, "random 0001020304050607 08090a0b0c0d0e0f");
    has(text, "Empty: no session to resume.");
    has(text, "The ID under which this session can be resumed.");
    has(text, "host_name www.example.com");
    has(text, "protocol_name_list h2, http/1.1");
    has(text, "named_group_list x25519, secp256r1");
    has(text, "CN=www.example.com,O=Example\\, Inc., issued by CN=Example Intermediate.");
    has(text, "CN=Example Intermediate, self-issued.");
    has(text, "Made with the private key of the server's certificate, over client_random, server_random and params.");
    has(text, "How long the ticket may be used: 300 s.");
    /* AEAD: 8 + 4 + 12 + 16 and 8 + 2 + 16 */
    has(text, "Its 40 bytes are: 8 of nonce, 4 of handshake header and 12 of verify_data (encrypted), 16 of tag.");
    has(text, "Its 26 bytes are: 8 of nonce, 2 of alert (encrypted), 16 of tag.");
    has(text, "its contents were not verified");
    /* twice the same lesson bores */
    has(text, "As above, from the server.");
    free(text);
    text = explained(s, true);
    has(text, "[000a] 0a0ac02fc030009c 00ff @35");
    free(text);
    story_free(s);
}

static void records_and_keys(void **state)
{
    struct story *s = story_tls12_full();
    char *text = explained(s, false);
    (void)state;
    has(text, "A record with n bytes of plaintext is n + 24 bytes long: 8 of nonce, n of ciphertext, 16 of tag.");
    has(text, "extended_master_secret was negotiated (RFC 7627, 4)");
    has(text, "40 bytes here, split into six parts in this order");
    has(text, "client MAC key 0, server MAC key 0, client key 16, server key 16, client IV 4, server IV 4 bytes.");
    free(text);
    s->c.cipher_suite = 0xc013; /* TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA */
    text = explained(s, false);
    has(text, "HMAC-SHA (20 bytes)");
    has(text, "Each record starts with its own IV of 16 bytes");
    has(text, "client MAC key 20, server MAC key 20, client key 16, server key 16, client IV 0, server IV 0 bytes.");
    free(text);
    s->c.version = WT_TLS10;
    text = explained(s, false);
    has(text, "client IV 16, server IV 16 bytes.");
    has(text, "BEAST");
    free(text);
    s->c.version = WT_TLS12;
    s->c.cipher_suite = 0xcca8; /* TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 */
    text = explained(s, false);
    has(text, "is n + 16 bytes long: 0 of nonce");
    has(text, "client IV 12, server IV 12 bytes.");
    free(text);
    s->c.cipher_suite = 0x009c; /* TLS_RSA_WITH_AES_128_GCM_SHA256 */
    text = explained(s, false);
    has(text, "48 bytes generated by the client (2 of version, 46 random) and sent encrypted");
    free(text);
    story_free(s);
    s = story_tls13_retry();
    text = explained(s, false);
    has(text, "is n + 1 + padding + 16 bytes long");
    has(text, "early secret = Extract(0, PSK)");
    lacks(text, "key block =");
    free(text);
    story_free(s);
}

/* Anonymous and PSK families sign nothing: RFC 5246, 7.4.3 "dh_anon: ServerDHParams params". */
static void unsigned_families_verify_nothing(void **state)
{
    static const uint8_t families[] = {WT_KX_ECDH_ANON, WT_KX_ECDHE_PSK};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct story *s = story_tls12_full();
        s->messages[4].shape.kx = families[i];
        char *text = explained(s, false);
        lacks(text, "The client verifies the signature");
        has(text, i == 0 ? "it cannot know who sent these parameters" : "only a peer that knows the shared key");
        free(text);
        story_free(s);
    }
}

static void hidden_is_not_claimed(void **state)
{
    struct story *s = story_tls13_retry();
    char *text = explained(s, false);
    (void)state;
    has(text, "per the protocol they start with EncryptedExtensions and end with Finished");
    has(text, "Data may follow immediately; where it starts is not visible.");
    has(text, "middlebox compatibility only");
    free(text);
    story_free(s);
}

static void alerts_and_ssl2(void **state)
{
    struct story *s = story_hostile();
    char *text = explained(s, false);
    (void)state;
    has(text, "level 0x02 fatal");
    has(text, "description 0x28 handshake_failure");
    has(text, "Compare the two hellos.");
    has(text, "Fatal: the connection ends immediately");
    free(text);
    story_free(s);
    s = story_ssl2();
    text = explained(s, false);
    has(text, "CLIENT-HELLO");
    has(text, "offers SSL 2.0, 2 cipher kinds, in SSL 2.0 format");
    has(text, "SSL_CK_RC4_128_WITH_MD5");
    has(text, "CLIENT-MASTER-KEY");
    free(text);
    story_free(s);
}

/* The sample's certificates are damaged DER: where it stops is said, and what is after it is shown as bytes. */
static void damaged_der_is_shown(void **state)
{
    struct story *s = story_tls12_full();
    (void)state;
    char *text = explained(s, true);
    has(text, "Certificate at byte 6");
    has(text, "Certificate at byte 43");
    has(text, "not decoded");
    free(text);
    text = explained(s, false);
    lacks(text, "not decoded");
    free(text);
    story_free(s);
}

/* Whatever body a message of whatever type has, it is told and the report goes on. */
static void any_bytes_under_any_type(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type++)
        for (unsigned version = 0; version < 2; version++) {
            struct story *s = story_tls12_full();
            for (size_t i = 0; i < 5; i++) {
                s->messages[i].type = (uint8_t)type;
                s->messages[i].shape.version = version ? WT_TLS13 : WT_TLS12;
                s->messages[i].shape.kx = (uint8_t)(type % WT_KX_COUNT);
            }
            free(explained(s, true));
            story_free(s);
        }
}

/* Decrypted messages are explained as those that passed readable are; what was checked is said, and where keys change.
 */
static void decrypted_messages(void **state)
{
    struct story *s = story_tls13_keys();
    char *text = explained(s, true);
    (void)state;
    has(text, "The server's responses to extensions that the key exchange does not need");
    has(text, "Decrypted: 11 bytes after a 4-byte handshake header (type and length). It was sent in a record with 32 "
              "bytes of ciphertext and type 23 (application_data) on the outside.");
    has(text, "protocol_name_list h2");
    has(text, "✓\u00a0Verified: rsa_pss_rsae_sha256 signature over 64 spaces, the string");
    has(text, "✗\u00a0Verification failed: verify_data differs (HMAC with a key derived from");
    has(text, "Not verified: a message before it is missing. Method: HMAC");
    has(text, "verification ✓ server signature (packet 5) verified: signature over 64 spaces");
    has(text, "✗ server Finished (packet 5): verification failed: verify_data differs.");
    has(text, "– client Finished (packet 6): could not be verified: a message before it is missing.");
    has(text, "Keys: from here on the server's records are encrypted with the key derived from "
              "server_handshake_traffic_secret, the client's with the one from client_handshake_traffic_secret; "
              "sequence numbers start at 0 (AES_128_GCM).");
    has(text, "Keys: from here on the server's records are encrypted with the key derived from "
              "server_application_traffic_secret_0");
    has(text, "Keys: from here on the client's records are encrypted with the key derived from "
              "client_application_traffic_secret_0");
    has(text, "Decrypted. It was sent in a record with 23 bytes of ciphertext and type 23");
    has(text, "For this connection's actual values use --secrets;");
    /* what follows from a Finished does not follow from one that is wrong */
    lacks(text, "After this: The receiver computes the same value and compares.");
    free(text);
    story_free(s);
    s = story_tls12_keys();
    text = explained(s, false);
    has(text, "of ciphertext and type 22 (handshake) on the outside");
    has(text, "✓\u00a0Verified: rsa_pss_rsae_sha256 signature over client_random, server_random and the parameters");
    has(text, "Keys: from here on the client's records are encrypted with client_write_key (AES_128_GCM); sequence "
              "numbers start at 0.");
    has(text, "After this: The receiver computes the same value and compares.");
    lacks(text, "no keys were given");
    free(text);
    story_free(s);
    s = story_tls12_full();
    text = explained(s, false);
    lacks(text, "verification");
    lacks(text, "Decrypted");
    lacks(text, "--secrets");
    free(text);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_explained),
        cmocka_unit_test(every_alert_is_explained),
        cmocka_unit_test(every_extension_is_explained),
        cmocka_unit_test(every_part_of_a_suite_is_explained),
        cmocka_unit_test(field_rows_name_known_places),
        cmocka_unit_test(record_version_is_not_the_protocols),
        cmocka_unit_test(stack_and_flight),
        cmocka_unit_test(suite_is_taken_apart),
        cmocka_unit_test(fields_of_this_capture),
        cmocka_unit_test(records_and_keys),
        cmocka_unit_test(unsigned_families_verify_nothing),
        cmocka_unit_test(hidden_is_not_claimed),
        cmocka_unit_test(alerts_and_ssl2),
        cmocka_unit_test(decrypted_messages),
        cmocka_unit_test(any_bytes_under_any_type),
        cmocka_unit_test(damaged_der_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
