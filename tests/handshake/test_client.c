/* A client on src/handshake alone: TLS 1.3 and TLS 1.2 (ECDHE_RSA) with `openssl s_server` over loopback. Records are
 * src/carriage's, the order of messages and which keys start after each src/flow's, what a server may not answer
 * handshake/rules'; the X25519 share is libcrypto's. Nothing of src/observer is in here. */
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "carriage/framing.h"
#include "carriage/record.h"
#include "carriage/record_protector.h"
#include "codec/ext/ext.h"
#include "flow/flow.h"
#include "handshake/keys12.h"
#include "handshake/keys13.h"
#include "handshake/proofs.h"
#include "handshake/rules.h"

#define CHECK(so) ((so) ? (void)0 : (fprintf(stderr, "line %d: not %s\n", __LINE__, #so), exit(1)))

struct client {
    int fd;
    EVP_PKEY *share;
    uint8_t key[32], shared[32];       /* X25519: public, and what both sides come to */
    uint8_t secret[2][WT_DIGEST_MOST]; /* of Finished, by side; TLS 1.2: the master secret, the client's */
    struct wt_handshake h;
    struct wt_flow flow;
    struct wt_record_cursor cursor;
    struct wt_framing reader;
    struct wt_record_protector *now[2]; /* by side */
    struct wt_buffer record, said;
    unsigned proofs; /* that were valid */
};

static void put_record(struct client *c, uint8_t type, struct wt_span text)
{
    uint8_t room[2048] = {type, 3, 3, (uint8_t)(text.n >> 8), (uint8_t)text.n};
    size_t n = 5 + text.n;
    if (c->now[WT_CLIENT])
        n = wt_record_protector_seal(c->now[WT_CLIENT], type, WT_TLS12, text, 0, NULL, room, NULL);
    else
        memcpy(room + 5, text.p, text.n);
    CHECK(n && write(c->fd, room, n) == (ssize_t)n);
}

/* Refuses a message out of its order; which keys start after it is in its row. */
static enum wt_flow_keys step(struct client *c, unsigned side, const struct wt_message_body *m)
{
    const uint64_t facts = m ? wt_flow_facts(&c->flow, side, m, (struct wt_span){0}) : 0;
    const struct wt_flow_row *row;
    const unsigned type = m ? m->type : (unsigned)WT_FLOW_CCS;
    CHECK(wt_flow_step(&c->flow, side, type, facts, WT_FLOW_STRICT, &row) == WT_FLOW_EXPECTED);
    return (enum wt_flow_keys)row->keys;
}

static void change_keys(struct client *c, enum wt_flow_keys action)
{
    const bool both = action == WT_KEYS_BOTH_HANDSHAKE, tls13 = c->h.agreed.chosen.tls13;
    const bool changes[] = {both || action == WT_KEYS_CLIENT_PENDING || action == WT_KEYS_CLIENT_APPLICATION,
                            both || action == WT_KEYS_SERVER_PENDING || action == WT_KEYS_SERVER_APPLICATION};
    const enum wt_epoch epoch = both ? WT_EPOCH_HANDSHAKE : WT_EPOCH_TRAFFIC;
    const struct wt_keys13_input in = {.shared = {c->shared, 32}};
    uint8_t secrets[2][WT_DIGEST_MOST];
    struct wt_side_keys keys[2];
    for (unsigned side = !changes[WT_CLIENT]; side <= changes[WT_SERVER]; side++) {
        CHECK(tls13 ? wt_keys13_both(&c->h, &in, epoch, NULL, secrets, keys)
                    : wt_keys12_keys(&c->h, c->secret[WT_CLIENT], NULL, keys) == WT_KEYS_OK);
        if (tls13)
            memcpy(c->secret[side], secrets[side], sizeof secrets[side]);
        wt_record_protector_free(c->now[side]);
        c->now[side] = wt_record_protector_new(c->h.crypto, &keys[side].how, side == WT_CLIENT, NULL);
    }
}

static void put_message(struct client *c, const struct wt_message_body *m)
{
    uint8_t room[1024];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    CHECK(wt_handshake_write(&c->h, WT_CLIENT, m, &w) == WT_OK);
    enum wt_flow_keys keys = step(c, WT_CLIENT, m);
    put_record(c, WT_CONTENT_HANDSHAKE, wt_span_of(room, w.n));
    change_keys(c, keys);
}

static void client_hello(struct client *c)
{
    /* supported_versions 1.3, 1.2; supported_groups x25519; ec_point_formats; signature_algorithms rsa_pss_rsae_sha256,
     * rsa_pkcs1_sha256; extended_master_secret; renegotiation_info; key_share x25519 */
    char extensions[84] = "\0\x2b\0\5\4\3\4\3\3\0\x0a\0\4\0\2\0\x1d\0\x0b\0\2\1\0\0\x0d\0\6\0\4\x8\x4\x4\x1"
                          "\0\x17\0\0\xff\1\0\1\0\0\x33\0\x26\0\x24\0\x1d\0\x20";
    uint8_t random[32];
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_HELLO};
    CHECK(EVP_PKEY_get_raw_public_key(c->share, c->key, &(size_t){32}) == 1 && RAND_bytes(random, 32) == 1);
    memcpy(extensions + sizeof extensions - 32, c->key, 32);
    m.client_hello.legacy_version = WT_TLS12;
    m.client_hello.random = wt_span_of(random, 32);
    m.client_hello.cipher_suites = wt_span_of("\x13\x01\xc0\x2f", 4);
    m.client_hello.compression_methods = wt_span_of("\0", 1);
    m.client_hello.extensions = (struct wt_extensions){wt_span_of(extensions, sizeof extensions), true};
    put_message(c, &m);
}

static void agree_on(struct client *c, struct wt_span theirs)
{
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, theirs.p, theirs.n);
    EVP_PKEY_CTX *derive = EVP_PKEY_CTX_new(c->share, NULL);
    CHECK(EVP_PKEY_derive_init(derive) == 1 && EVP_PKEY_derive_set_peer(derive, peer) == 1);
    CHECK(EVP_PKEY_derive(derive, c->shared, &(size_t){sizeof c->shared}) == 1);
    EVP_PKEY_CTX_free(derive);
    EVP_PKEY_free(peer);
}

static void put_finished(struct client *c, size_t secret_length)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_FINISHED};
    const struct wt_span secret = {c->secret[WT_CLIENT], secret_length};
    uint8_t data[WT_DIGEST_MOST];
    size_t n = wt_proofs_verify_data(&c->h, WT_CLIENT, c->h.messages.count, secret, NULL, data);
    m.finished.verify_data = wt_span_of(data, n);
    put_message(c, &m);
}

/* TLS 1.2: the client's flight after ServerHelloDone. */
static void answer12(struct client *c)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_KEY_EXCHANGE};
    m.client_key_exchange = (struct wt_client_key_exchange){c->h.agreed.chosen.kx, .public_key = {c->key, 32}};
    put_message(c, &m);
    CHECK(wt_keys12_master(&c->h, wt_span_of(c->shared, 32), NULL, c->secret[WT_CLIENT]) == WT_KEYS_OK);
    put_record(c, WT_CONTENT_CHANGE_CIPHER_SPEC, wt_span_of("\1", 1));
    change_keys(c, step(c, WT_CLIENT, NULL));
    put_finished(c, WT_MASTER);
}

/* What the server shows is checked under the keys that it came with. */
static void check(struct client *c, const struct wt_message_body *m)
{
    const bool tls13 = c->h.agreed.chosen.tls13;
    const size_t at = c->h.messages.count - 1;
    const struct wt_span secret = {c->secret[tls13 ? WT_SERVER : WT_CLIENT], tls13 ? 32 : WT_MASTER};
    const struct wt_codec_context context = {WT_TLS13};
    union wt_ext_body e;
    if (m->type == WT_HANDSHAKE_CERTIFICATE_VERIFY || m->type == WT_HANDSHAKE_SERVER_KEY_EXCHANGE)
        CHECK(wt_proofs_check_signature(&c->h, at, NULL) == WT_REASON_NONE && ++c->proofs);
    if (m->type == WT_HANDSHAKE_FINISHED)
        CHECK(wt_proofs_finished(&c->h, at, secret, NULL) == WT_REASON_NONE && ++c->proofs);
    if (m->type == WT_HANDSHAKE_SERVER_KEY_EXCHANGE)
        agree_on(c, m->server_key_exchange.ec_point);
    if (m->type == WT_HANDSHAKE_SERVER_HELLO &&
        wt_extensions_get(&m->server_hello.extensions, WT_EXT_KEY_SHARE, &context, WT_IN_SH, &e))
        agree_on(c, e.key_share.key_exchange);
}

static void on_message(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records)
{
    struct client *c = context;
    const struct wt_agreed before = c->h.agreed;
    struct wt_breaches breaches = {0};
    struct wt_message_body m;
    CHECK(records && body.n == length);
    CHECK(wt_handshake_add(&c->h, WT_SERVER, type, body, &m, &(struct wt_error){0}) == WT_OK);
    wt_rules_check(&before, WT_SERVER, &m, body, &breaches);
    CHECK(breaches.count == 0);
    enum wt_flow_keys keys = step(c, WT_SERVER, &m);
    check(c, &m);
    change_keys(c, keys);
    if (type == WT_HANDSHAKE_SERVER_HELLO_DONE)
        answer12(c);
    if (type != WT_HANDSHAKE_FINISHED)
        return;
    if (c->h.agreed.chosen.tls13)
        put_finished(c, 32);
    put_record(c, WT_CONTENT_APPLICATION_DATA, wt_span_text("wiretale\n"));
}

static bool on_begin(void *context, const struct wt_record *r)
{
    ((struct client *)context)->record.n = 0;
    return r->length > 0;
}

static void on_body(void *context, const struct wt_record *r, uint32_t at, struct wt_span piece)
{
    CHECK(at + piece.n <= r->length && wt_buffer_add(&((struct client *)context)->record, piece.p, piece.n));
}

static void on_end(void *context, const struct wt_record *r)
{
    struct client *c = context;
    struct wt_opened in = {.text = wt_buffer_span(&c->record), .type = r->type};
    struct wt_record_protector *p = r->type == WT_CONTENT_CHANGE_CIPHER_SPEC ? NULL : c->now[WT_SERVER];
    CHECK(!p || wt_record_protector_open(p, r->type, r->version, in.text, c->record.p, false, &in, NULL) == WT_OPENED);
    if (in.type == WT_CONTENT_HANDSHAKE) {
        wt_framing_record(&c->reader);
        CHECK(wt_framing_feed(&c->reader, in.text, on_message, c));
    } else if (in.type == WT_CONTENT_APPLICATION_DATA)
        CHECK(p && wt_buffer_add(&c->said, in.text.p, in.text.n));
    else if (in.type == WT_CONTENT_CHANGE_CIPHER_SPEC && !c->h.agreed.chosen.tls13)
        change_keys(c, step(c, WT_SERVER, NULL));
    else /* RFC 8446, 5: who gets a change_cipher_spec "MUST simply drop it" */
        CHECK(in.type == WT_CONTENT_CHANGE_CIPHER_SPEC);
}

/* A server for one connection: on a free port, which it says. */
#define SERVER(options)                                                                                                \
    "d=$(mktemp -d) && openssl req -x509 -newkey rsa:2048 -nodes -keyout $d/k -out $d/c -subj /CN=me 2>&1 && "         \
    "timeout 60 openssl s_server -accept 127.0.0.1:0 -naccept 1 -key $d/k -cert $d/c -rev " options " 2>&1; rm -r $d"

static void talk(const char *command, uint16_t version)
{
    struct client c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                       .share = EVP_PKEY_Q_keygen(NULL, NULL, "X25519")};
    const struct wt_carriage_sink sink = {on_begin, on_body, on_end, NULL, &c}; /* nothing is lost of a whole stream */
    char line[512];
    unsigned port = 0;
    FILE *server = popen(command, "r");
    while (server && !port && fgets(line, sizeof line, server))
        (void)sscanf(line, "ACCEPT 127.0.0.1:%u", &port);
    struct sockaddr_in at = {.sin_family = AF_INET, htons((uint16_t)port), {htonl(INADDR_LOOPBACK)}};
    CHECK(connect(c.fd, (struct sockaddr *)&at, sizeof at) == 0);
    wt_handshake_start(&c.h, wt_crypto_new(), true);
    wt_flow_start(&c.flow);
    client_hello(&c);
    for (ssize_t n; c.said.n < 9 && (n = read(c.fd, line, sizeof line)) > 0;)
        wt_record_feed(&c.cursor, wt_span_of(line, (size_t)n), &sink);
    CHECK(c.said.n == 9 && memcmp(c.said.p, "elateriw\n", 9) == 0);
    CHECK(c.proofs == 2 && c.h.agreed.chosen.version == version);
    put_record(&c, WT_CONTENT_ALERT, wt_span_of("\1\0", 2)); /* close_notify */
    close(c.fd);
    pclose(server);
    wt_record_protector_free(c.now[WT_CLIENT]);
    wt_record_protector_free(c.now[WT_SERVER]);
    wt_framing_clear(&c.reader);
    wt_handshake_end(&c.h);
    wt_buffer_free(&c.record);
    wt_buffer_free(&c.said);
    wt_crypto_free(c.h.crypto);
    EVP_PKEY_free(c.share);
}

int main(void)
{
    if (system("openssl version >/dev/null 2>&1") != 0)
        return 77;
    talk(SERVER("-tls1_3"), WT_TLS13);
    talk(SERVER("-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256"), WT_TLS12);
    return 0;
}
