/* Stories of connections that keys opened: decrypted messages, proofs, what HTTP said, and steps of derivation. Secrets
 * are counting bytes: no report computes with them. */
#ifndef TESTS_REPORT_KEYED_SAMPLES_H
#define TESTS_REPORT_KEYED_SAMPLES_H

#include "story_samples.h"

#define OPENED (WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED)
#define SAMPLE_ENCRYPTED_EXTENSIONS                                                                                    \
    "000900100005000302"                                                                                               \
    "6832"
#define SAMPLE_CERTIFICATE_13 "0000000f00000a308200060000000000000000"
#define SAMPLE_CERTIFICATE_VERIFY                                                                                      \
    "08040040000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"         \
    "303132333435363738393a3b3c3d3e3f"
#define SAMPLE_FINISHED_13 "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
#define SAMPLE_FINISHED_12 "a0a1a2a3a4a5a6a7a8a9aaab"
#define SAID(literal) ((struct wt_span){(const uint8_t *)(literal), sizeof(literal) - 1})

/* 256 counting bytes: secrets are pieces of them. */
static inline struct wt_span keyed_bytes(size_t from, size_t n)
{
    static uint8_t bytes[4096];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i ^ i >> 8);
    return wt_span_cut(wt_span_of(bytes, sizeof bytes), from, n);
}

/* The message at an index, hidden until now, as keys show it. */
static inline struct wt_message *keyed_open(struct story *s, size_t index, uint8_t type, const char *body)
{
    struct wt_message *m = &s->messages[index];
    size_t count = s->c.message_count;
    s->c.message_count = index;
    m->body = story_hex(s, body);
    s->c.message_count = count;
    m->type = type;
    m->length = (uint32_t)m->body.n;
    m->flags = OPENED | WT_MESSAGE_TYPED;
    return m;
}

static inline struct wt_exchange keyed_exchange(uint32_t frame, const char *path, uint16_t status)
{
    return (struct wt_exchange){.request_frame = frame,
                                .response_frame = frame + 2,
                                .request_time = {1500000000070000000, 6},
                                .response_time = {1500000000082300000, 6},
                                .version = 11,
                                .method = SAID("GET"),
                                .authority = SAID("www.example.com"),
                                .path = wt_span_text(path),
                                .status = status,
                                .content_type = SAID("text/html; charset=utf-8"),
                                .response_body = 1234};
}

static inline void keyed_exchanges(struct story *s)
{
    static struct wt_exchange e[15];
    for (size_t i = 0; i < 15; i++)
        e[i] = keyed_exchange(15 + (uint32_t)i, "/page", 200);
    e[0] = keyed_exchange(15, "/index.html", 200);
    e[1] = keyed_exchange(16, "/a/very/long/path/that/no/narrow/terminal/has/the/room/to/show/in/one/line?q=1", 404);
    e[2] = keyed_exchange(17, "/\033[31mred\xff", 500);
    e[3] = keyed_exchange(18, "/never", 0);
    e[4] = keyed_exchange(19, "/cut", 200);
    e[4].reset = true;
    e[5] = keyed_exchange(20, "/chat", 101);
    e[5].upgraded = true;
    e[5].response_body = 0;
    e[5].content_type.n = 0;
    s->c.exchanges = e;
    s->c.exchange_count = 15;
    s->c.application = "HTTP/1.1";
}

/* TLS 1.2, ECDHE_RSA with AES_128_GCM, all opened with a key log. */
static inline struct story *story_tls12_keys(void)
{
    static struct wt_step_part master_in[3], block_in[4], cut_in[1];
    static struct wt_told_step steps[7];
    struct story *s = story_tls12_full();
    keyed_open(s, 8, WT_HANDSHAKE_FINISHED, SAMPLE_FINISHED_12);
    keyed_open(s, 11, WT_HANDSHAKE_FINISHED, SAMPLE_FINISHED_12);
    for (size_t i = 12; i < 27; i++) {
        s->messages[i].flags = OPENED;
        s->messages[i].plaintext_length = s->messages[i].length - 24;
    }
    struct wt_message *alert = keyed_open(s, 27, 0, "0100");
    alert->flags = OPENED;
    alert->length = alert->record_length = 26;
    s->c.decryption = WT_DECRYPTION_KEYLOG;
    s->c.has_plaintext[0] = s->c.has_plaintext[1] = true;
    s->c.plaintext[0] = (struct wt_plaintext_count){.bytes = 1128, .opened = 4};
    s->c.plaintext[1] = (struct wt_plaintext_count){.bytes = 15912, .opened = 14};
    s->c.proofs[WT_PROOF_SERVER_SIGNATURE] = (struct wt_proof_verdict){WT_PROOF_OK, NULL, 10};
    s->c.proofs[WT_PROOF_CLIENT_FINISHED] = (struct wt_proof_verdict){WT_PROOF_OK, NULL, 12};
    s->c.proofs[WT_PROOF_SERVER_FINISHED] = (struct wt_proof_verdict){WT_PROOF_OK, NULL, 13};
    keyed_exchanges(s);

    struct wt_span client_random = keyed_bytes(0, 32), server_random = keyed_bytes(64, 32);
    struct wt_span master = keyed_bytes(512, 48), block = keyed_bytes(1024, 40);
    master_in[0] = (struct wt_step_part){"pre_master_secret", keyed_bytes(256, 32), false};
    master_in[1] = (struct wt_step_part){"label", SAID("master secret"), true};
    master_in[2] = (struct wt_step_part){"client_random", client_random, false};
    block_in[0] = (struct wt_step_part){"master_secret", master, false};
    block_in[1] = (struct wt_step_part){"label", SAID("key expansion"), true};
    block_in[2] = (struct wt_step_part){"server_random", server_random, false};
    block_in[3] = (struct wt_step_part){"client_random", client_random, false};
    cut_in[0] = (struct wt_step_part){"key_block", block, false};
    steps[0] = (struct wt_told_step){
        {"master_secret", "PRF", NULL, "RFC 5246, 8.1", master_in, 3, {"master_secret", master, false}}, 2, 12};
    steps[1] = (struct wt_told_step){
        {"key_block", "PRF", NULL, "RFC 5246, 6.3", block_in, 4, {"key_block", block, false}}, 2, 12};
    static const struct {
        const char *name;
        size_t at, n;
    } cut[] = {{"no_MAC_key", 0, 0},
               {"client_write_key", 0, 16},
               {"server_write_key", 16, 16},
               {"client_write_IV", 32, 4},
               {"server_write_IV", 36, 4}};
    for (size_t i = 0; i < 5; i++)
        steps[2 + i] = (struct wt_told_step){{cut[i].name,
                                              "cut",
                                              cut[i].n ? NULL : "no_mac_key_aead",
                                              "RFC 5246, 6.3",
                                              cut_in,
                                              cut[i].n ? 1 : 0,
                                              {cut[i].name, wt_span_cut(block, cut[i].at, cut[i].n), false}},
                                             2,
                                             12};
    s->c.derivation = steps;
    s->c.derivation_count = 7;
    s->c.key_log = "CLIENT_RANDOM 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
                   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f\n";
    return s;
}

/* The shell of a record, as the observer tells it, and one message that it held. */
static inline struct wt_message *keyed_inside(struct story *s, uint32_t frame, enum wt_side from, uint8_t content_type,
                                              uint8_t type, const char *body)
{
    struct wt_message *shell = story_add(s, frame, from, WT_CONTENT_APPLICATION_DATA, 0, OPENED, NULL);
    shell->inner_type = content_type;
    shell->length = shell->record_length = (uint32_t)strlen(body) / 2 + 21;
    struct wt_message *m =
        story_add(s, frame, from, content_type, type,
                  OPENED | (content_type == WT_CONTENT_HANDSHAKE ? (unsigned)WT_MESSAGE_TYPED : 0u), body);
    m->record_length = shell->record_length;
    return m;
}

/* TLS 1.3, opened with the handshake and application traffic secrets of a key log. */
static inline struct story *story_tls13_keys(void)
{
    static struct wt_step_part key_in[5], record_in[2];
    static struct wt_told_step steps[3], record[4];
    struct story *s = malloc(sizeof *s);
    story_begin(s);
    s->c.version = s->c.offered = WT_TLS13;
    s->c.cipher_suite = 0x1301;
    s->c.group = 0x001d;
    story_handshake(s, 1, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, SAMPLE_CLIENT_HELLO_13)->record_version = WT_TLS10;
    story_handshake(s, 4, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, SAMPLE_SERVER_HELLO_13);
    story_add(s, 4, WT_SERVER, WT_CONTENT_CHANGE_CIPHER_SPEC, 0, 0, NULL);
    keyed_inside(s, 4, WT_SERVER, 22, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, SAMPLE_ENCRYPTED_EXTENSIONS);
    keyed_inside(s, 4, WT_SERVER, 22, WT_HANDSHAKE_CERTIFICATE, SAMPLE_CERTIFICATE_13);
    keyed_inside(s, 5, WT_SERVER, 22, WT_HANDSHAKE_CERTIFICATE_VERIFY, SAMPLE_CERTIFICATE_VERIFY);
    keyed_inside(s, 5, WT_SERVER, 22, WT_HANDSHAKE_FINISHED, SAMPLE_FINISHED_13);
    keyed_inside(s, 6, WT_CLIENT, 22, WT_HANDSHAKE_FINISHED, SAMPLE_FINISHED_13);
    for (uint32_t i = 0; i < 3; i++) {
        struct wt_message *m = story_add(s, 7 + i, i & 1, WT_CONTENT_APPLICATION_DATA, 0, OPENED, NULL);
        m->length = 517;
        m->plaintext_length = 500;
    }
    keyed_inside(s, 11, WT_SERVER, 21, 0, "0100");
    s->c.decryption = WT_DECRYPTION_KEYLOG;
    s->c.has_plaintext[0] = s->c.has_plaintext[1] = true;
    s->c.plaintext[0] = (struct wt_plaintext_count){.bytes = 1000, .opened = 3};
    s->c.plaintext[1] = (struct wt_plaintext_count){.bytes = 500, .opened = 6};
    s->c.proofs[WT_PROOF_SERVER_SIGNATURE] = (struct wt_proof_verdict){WT_PROOF_OK, NULL, 5};
    s->c.proofs[WT_PROOF_SERVER_FINISHED] = (struct wt_proof_verdict){WT_PROOF_BAD, "verify_data differs", 5};
    s->c.proofs[WT_PROOF_CLIENT_FINISHED] =
        (struct wt_proof_verdict){WT_PROOF_UNKNOWN, "a message before it is missing", 6};
    key_in[0] = (struct wt_step_part){"traffic secret", keyed_bytes(256, 32), false};
    key_in[1] = (struct wt_step_part){"Label", SAID("tls13 key"), true};
    key_in[2] = (struct wt_step_part){"Context", {0}, false};
    key_in[3] = (struct wt_step_part){"Length", keyed_bytes(16, 2), false};
    key_in[4] = (struct wt_step_part){"HkdfLabel", keyed_bytes(700, 13), false};
    steps[0] = (struct wt_told_step){{"write_key",
                                      "HKDF-Expand-Label",
                                      NULL,
                                      "RFC 8446, 7.3",
                                      key_in,
                                      5,
                                      {"write_key", keyed_bytes(900, 16), false}},
                                     WT_SERVER,
                                     4};
    steps[1] = (struct wt_told_step){
        {"early_secret", "HKDF-Extract", NULL, "RFC 8446, 7.1", NULL, 0, {"Early Secret", keyed_bytes(300, 32), false}},
        2,
        4};
    steps[2] = (struct wt_told_step){
        {"write_iv", "HKDF-Expand-Label", NULL, "RFC 8446, 7.3", key_in, 3, {"write_iv", keyed_bytes(900, 12), false}},
        WT_SERVER,
        4};
    s->c.derivation = steps;
    s->c.derivation_count = 3;
    s->c.key_log = "SERVER_HANDSHAKE_TRAFFIC_SECRET 00 "
                   "0100030205040706"
                   "09080B0A0D0C0F0E"
                   "1110131215141716"
                   "19181b1a1d1c1f1e\n"
                   "CLIENT_TRAFFIC_SECRET_0 00 02\n";
    record_in[0] = (struct wt_step_part){"write_iv", keyed_bytes(900, 12), false};
    record_in[1] = (struct wt_step_part){"seq_num", keyed_bytes(0, 8), false};
    record[0] = (struct wt_told_step){
        {"nonce", "XOR", "nonce_xored", "RFC 8446, 5.3", record_in, 2, {"nonce", keyed_bytes(910, 12), false}},
        WT_SERVER,
        5};
    record[1] = (struct wt_told_step){
        {"ciphertext", "AES_128_GCM", NULL, NULL, NULL, 0, {"ciphertext", keyed_bytes(0, 2000), false}}, WT_SERVER, 5};
    record[2] = (struct wt_told_step){
        {"mac_cut", "cut", NULL, "RFC 6066, 7", record_in, 1, {"mac", keyed_bytes(900, 10), false}}, WT_SERVER, 5};
    record[3] =
        (struct wt_told_step){{"failure", "open", "open_bad_mac", NULL, NULL, 0, {NULL, {0}, false}}, WT_SERVER, 5};
    s->c.record_steps = record;
    s->c.record_step_count = 4;
    story_settle(s);
    return s;
}

#endif
