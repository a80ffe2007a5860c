/* The text report of what keys opened: messages, proofs, exchanges, the keys themselves, and a record. */
#include "keyed_samples.h"

static const struct wt_text_options wide = {.size = sizeof wide, .columns = 200};

static void decrypted_handshake(void **state)
{
    struct story *s = story_tls12_keys();
    char *text = story_print(s, wide);
    (void)state;
    has(text, "decrypted with the key log, 18 records decrypted\n");
    has(text, "✓\u00a0verified: server signature, client Finished, server Finished\n");
    has(text, "signed with rsa_pss_rsae_sha256, ✓\u00a0signature verified\n");
    has(text, "Finished ══");
    has(text, "verify_data, 12 bytes, ✓\u00a0verified\n");
    has(text, "ClientHello ──");
    has(text, "◀══════════════════════ application data   12 records, 15.9 kB of plaintext\n");
    has(text, "═ Alert   warning close_notify");
    has(text, "═══ encrypted\n");
    has(text, "1.1 kB and 15.9 kB of plaintext");
    lacks(text, "hidden");
    free(text);
    story_free(s);
}

/* The records of TLS 1.3 that held a handshake message are told by the message. */
static void decrypted_tls13(void **state)
{
    struct story *s = story_tls13_keys();
    char *text = story_print(s, wide);
    (void)state;
    has(text, "═ EncryptedExtensions   1 extension, application protocol h2\n");
    has(text, "═ CertificateVerify   signed with rsa_pss_rsae_sha256, ✓\u00a0signature verified\n");
    has(text, "═ Finished   verify_data, 32 bytes, ✗\u00a0INVALID: verify_data differs\n");
    has(text, "verify_data, 32 bytes, not verified: a message before it is missing\n");
    has(text, "✗\u00a0server Finished: verification failed: verify_data differs (packet 5)\n");
    has(text, "1 record, 500 bytes of plaintext\n");
    lacks(text, "hidden");
    /* three records of data, and no row for the shells */
    const char *found = text;
    for (unsigned i = 0; i < 3; i++) {
        found = strstr(found, "of plaintext\n");
        assert_non_null(found);
        found++;
    }
    assert_null(strstr(found, "of plaintext\n"));
    free(text);
    text = story_print(s, (struct wt_text_options){.columns = 80, .color = true});
    has(text, "\033[1;31m✗\u00a0server Finished");
    free(text);
    story_free(s);
}

/* Only application secrets: the handshake stays hidden, the data behind it does not. */
static void partly_decrypted(void **state)
{
    struct story *s = story_tls13_retry();
    (void)state;
    s->c.decryption = WT_DECRYPTION_DSB;
    s->c.not_decrypted = "SERVER_HANDSHAKE_TRAFFIC_SECRET is missing";
    s->c.plaintext[WT_SERVER] = (struct wt_plaintext_count){.opened = 2, .failed = 3};
    for (size_t i = 7; i < 9; i++) {
        s->messages[i].flags |= WT_MESSAGE_DECRYPTED;
        s->messages[i].plaintext_length = 478;
    }
    char *text = story_print(s, wide);
    has(text, "decrypted with secrets embedded in the capture, 2 records decrypted, 3 records failed to decrypt\n");
    has(text, "partially decrypted: SERVER_HANDSHAKE_TRAFFIC_SECRET is missing\n");
    has(text,
        "encrypted handshake   2 records, 1.0 kB, not decrypted: handshake messages, possibly followed by data\n");
    has(text, "application data   2 records, 956 bytes of plaintext\n");
    has(text, "1 record, 250 bytes, not decrypted\n");
    free(text);
    story_free(s);
}

static void not_decrypted(void **state)
{
    struct story *s = story_tls12_full();
    char *text = story_print(s, wide);
    (void)state;
    lacks(text, "decrypted");
    free(text);
    s->c.not_decrypted = "no secret for this \033[1mclient random";
    text = story_print(s, wide);
    has(text, "not decrypted: no secret for this \\x1b[1mclient random\n");
    free(text);
    s->c.decryption = WT_DECRYPTION_NULL;
    s->c.not_decrypted = NULL;
    text = story_print(s, wide);
    has(text, "not encrypted: NULL cipher\n");
    lacks(text, "═");
    free(text);
    story_free(s);
}

static void exchanges(void **state)
{
    struct story *s = story_tls12_keys();
    char *text = story_print(s, (struct wt_text_options){.columns = 80});
    (void)state;
    has(text, "   decrypted HTTP/1.1 to www.example.com: 15 requests\n");
    has(text, "\n      15  GET /index.html                     → 200  text/html            1.2 kB\n");
    has(text, "GET /a/very/long/path/that/no/nar…  → 404");
    has(text, "GET /\\x1b[31mred\\xff                → 500");
    has(text, "GET /never                          → no response\n");
    has(text, "→ 200  truncated            1.2 kB\n");
    has(text, "→ 101  switches protocols\n");
    has(text, "… and 3 more; use --explain to list them\n");
    free(text);
    text = story_print(s, (struct wt_text_options){.columns = 120, .explain = true});
    lacks(text, "--explain to list");
    has(text, "1.2 kB    12.3 ms\n");
    has(text, "response in packet 17\n");
    free(text);
    s->c.exchange_count = 13; /* one more takes no more room than the line that would tell of it */
    s->c.exchanges_dropped = 2;
    struct wt_exchange other[13];
    memcpy(other, s->c.exchanges, sizeof other);
    other[12].authority = SAID("b.example");
    s->c.exchanges = other;
    text = story_print(s, (struct wt_text_options){.columns = 80});
    lacks(text, "more; ");
    has(text, "decrypted HTTP/1.1: 15 requests\n");
    has(text, "GET b.example/page");
    has(text, "2 more requests exceeded the limit: counted, not stored\n");
    free(text);
    story_free(s);
}

static void secrets(void **state)
{
    struct story *s = story_tls12_keys();
    char *text = story_print(s, (struct wt_text_options){.columns = 100, .secrets = true});
    (void)state;
    has(text, "\n      master_secret = PRF(pre_master_secret, label, client_random)\n"
              "        The premaster secret is the result of the key exchange; ");
    has(text, "8.1; packet 12)\n");
    has(text, "\n        pre_master_secret             32  01000302 05040706 09080b0a 0d0c0f0e\n"
              "                                          11101312 15141716 19181b1a 1d1c1f1e\n");
    has(text, "\n        label                         13  \"master secret\"\n");
    has(text, "\n      → master_secret                 48  02030001 06070405 0a0b0809 0e0f0c0d\n");
    has(text, "  02030001… master_secret, from above\n");
    has(text, "  00010203… client_random, from above\n");
    has(text, "\n      key_block, split into 4 parts, in this order (RFC 5246, 6.3)\n        ├─");
    has(text, "┤ 40\n");
    has(text,
        "\n          —     no_MAC_key             0  empty\n                No MAC key: an AEAD cipher authenticates ");
    has(text, "\n          0–15  client_write_key      16  04050607 00010203 0c0d0e0f 08090a0b\n");
    has(text, "\n         36–39  server_write_IV        4  20212223\n");
    has(text, "Key log (SSLKEYLOGFILE) lines that decrypt it:\n        CLIENT_RANDOM 00010203");
    free(text);
    text = story_print(s, (struct wt_text_options){.columns = 120, .secrets = true});
    has(text, "  01000302 05040706 09080b0a 0d0c0f0e 11101312 15141716 19181b1a 1d1c1f1e\n");
    free(text);
    s->c.derivation_count = 0;
    s->c.key_log = "";
    text = story_print(s, (struct wt_text_options){.columns = 100, .secrets = true});
    has(text, "No secrets are known for this connection.\n");
    free(text);
    story_free(s);
}

static void secrets_tls13(void **state)
{
    struct story *s = story_tls13_keys();
    char *text = story_print(s, (struct wt_text_options){.columns = 100, .secrets = true});
    (void)state;
    has(text, "\n        Early Secret ◀── PSK                      computed below\n");
    has(text, "\n        ├─ client_handshake_traffic_secret        unknown\n");
    has(text, "\n        ├─ server_handshake_traffic_secret        given\n");
    has(text, "\n        └─ resumption_master_secret               unknown\n");
    has(text, "\n      server: write_key = HKDF-Expand-Label(traffic secret, Label, Context, Length, HkdfLabel)\n");
    has(text, "\n        Context                        0  empty\n");
    has(text, "19181b1a 1d1c1f1e\n          as given: SERVER_HANDSHAKE_TRAFFIC_SECRET\n");
    has(text, "  01000302… SERVER_HANDSHAKE_TRAFFIC_SECRET, from above\n");
    has(text, "\n        Label                          9  \"tls13 key\"\n");
    free(text);
    story_free(s);
}

/* Whatever a connection carries, secrets are printed for who asks, and for nobody else. */
static void secrets_only_when_asked(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 4; how++) {
        struct story *s = how & 1 ? story_tls12_keys() : story_tls13_keys();
        char *text = story_print(s, (struct wt_text_options){.columns = 100, .explain = how & 2, .bytes = how & 2});
        lacks(text, "how the keys were derived");
        lacks(text, "01000302");
        lacks(text, "master_secret =");
        lacks(text, "write_key =");
        lacks(text, "CLIENT_RANDOM");
        lacks(text, "record 7");
        free(text);
        story_free(s);
    }
}

static void record(void **state)
{
    struct story *s = story_tls13_keys();
    struct wt_text_options options = {.size = sizeof options, .columns = 80, .record = 7, .record_side = WT_SERVER};
    char *text = story_print(s, options);
    (void)state;
    has(text, "\n   server record 7\n      From plaintext to the wire:\n");
    has(text, "server: nonce = XOR(write_iv, seq_num)\n        A nonce must never repeat under one key: ");
    has(text, "5.3; packet 5)\n");
    has(text, "\n      → ciphertext                  2000  00010203 04050607");
    has(text, "\n                                          … 1904 bytes …\n");
    lacks(text, "60616263");
    /* a record is cut in other ways than a key block, and may fail */
    has(text, "\n      server: mac = cut(write_iv)\n        (RFC 6066, 7; packet 5)\n");
    has(text, "\n      Invalid MAC or tag: ");
    free(text);
    options.bytes = true;
    text = story_print(s, options);
    lacks(text, "bytes …");
    has(text, "60616263");
    free(text);
    s->c.record_step_count = 0;
    options.record_side = WT_CLIENT;
    text = story_print(s, options);
    has(text, "\n   client record 7\n      Nothing to show:");
    free(text);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decrypted_handshake),
        cmocka_unit_test(decrypted_tls13),
        cmocka_unit_test(partly_decrypted),
        cmocka_unit_test(not_decrypted),
        cmocka_unit_test(exchanges),
        cmocka_unit_test(secrets),
        cmocka_unit_test(secrets_tls13),
        cmocka_unit_test(secrets_only_when_asked),
        cmocka_unit_test(record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
