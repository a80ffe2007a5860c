/* Up to TLS 1.2: RFC 5246, 7.3. */
#include "codec/ext/ext.h"
#include "keys/key_block.h"
#include "peers.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

static struct wt_terms terms_of(const struct peers *p)
{
    return (struct wt_terms){.crypto = p->crypto,
                             .suite = p->suite,
                             .version = p->plan.version,
                             .client_random = p->random[WT_CLIENT],
                             .server_random = p->random[WT_SERVER]};
}

/* --- hellos ------------------------------------------------------------------------------------------------------- */

static void put_ticket(struct wt_writer *w, const char *ticket)
{
    peers_extension(w, WT_EXT_SESSION_TICKET, ticket, ticket ? strlen(ticket) : 0);
}

static void put_agreed(const struct plan *plan, struct wt_writer *w)
{
    if (plan->extended_master)
        peers_extension(w, WT_EXT_EXTENDED_MASTER_SECRET, NULL, 0);
    if (plan->encrypt_then_mac)
        peers_extension(w, WT_EXT_ENCRYPT_THEN_MAC, NULL, 0);
}

static void client_hello(struct peers *p)
{
    const struct plan *plan = &p->plan;
    uint8_t id[32], room[512];
    const uint8_t suites[] = {(uint8_t)(plan->suite >> 8), (uint8_t)plan->suite, 0, 0xff}, both[] = {1, 0};
    struct wt_writer w = wt_writer_start(room, sizeof room);
    memset(id, plan->offered_session, sizeof id);
    peers_extension(&w, WT_EXT_SUPPORTED_GROUPS, "\0\2\0\35", 4);
    peers_extension(&w, WT_EXT_SIGNATURE_ALGORITHMS, "\0\4\4\3\4\1", 6);
    if (plan->ticket || plan->offered_ticket)
        put_ticket(&w, plan->offered_ticket);
    put_agreed(plan, &w);
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_HELLO};
    m.client_hello = (struct wt_client_hello){
        .legacy_version = plan->version,
        .random = wt_span_of(p->random[WT_CLIENT], 32),
        .session_id = wt_span_of(id, plan->offered_session ? 32 : 0),
        .cipher_suites = wt_span_of(suites, 4),
        .compression_methods = wt_span_of(plan->compression ? both : both + 1, plan->compression ? 2 : 1),
        .extensions = {wt_span_of(room, w.n), plan->version != WT_SSL3}};
    peers_encode(p, WT_CLIENT, &m);
}

static void server_hello(struct peers *p)
{
    const struct plan *plan = &p->plan;
    uint8_t id[32], room[512];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    uint8_t fill = plan->resumed ? plan->offered_session : plan->session;
    memset(id, fill, sizeof id);
    if (plan->ticket)
        put_ticket(&w, NULL);
    put_agreed(plan, &w);
    struct wt_message_body m = {.type = WT_HANDSHAKE_SERVER_HELLO};
    m.server_hello = (struct wt_server_hello){.legacy_version = plan->version,
                                              .random = wt_span_of(p->random[WT_SERVER], 32),
                                              .session_id = wt_span_of(id, fill ? 32 : 0),
                                              .cipher_suite = plan->suite,
                                              .compression_method = plan->compression,
                                              .has_session_id = true,
                                              .extensions = {wt_span_of(room, w.n), w.n > 0}};
    peers_encode(p, WT_SERVER, &m);
}

/* --- the key exchange ----------------------------------------------------------------------------------------------
 */

static bool has_certificate(const struct peers *p)
{
    return p->suite->kx != WT_KX_PSK && p->suite->kx != WT_KX_ECDHE_PSK;
}

static void server_key_exchange(struct peers *p)
{
    uint8_t point[32], params[36], signature[600];
    bool is_signed = p->suite->kx == WT_KX_ECDHE;
    uint16_t scheme = 0;
    if (p->suite->kx != WT_KX_ECDHE && p->suite->kx != WT_KX_ECDHE_PSK)
        return;
    memset(point, 0x51, sizeof point);
    memcpy(params, "\3\0\35\40", 4);
    memcpy(params + 4, point, 32);
    struct wt_message_body m = {.type = WT_HANDSHAKE_SERVER_KEY_EXCHANGE};
    m.server_key_exchange = (struct wt_server_key_exchange){.kx = p->suite->kx,
                                                            .curve_type = 3,
                                                            .named_curve = WT_GROUP_X25519,
                                                            .ec_point = wt_span_of(point, 32),
                                                            .params = wt_span_of(params, sizeof params)};
    if (is_signed) {
        const struct wt_span parts[3] = {wt_span_of(p->random[WT_CLIENT], 32), wt_span_of(p->random[WT_SERVER], 32),
                                         wt_span_of(params, sizeof params)};
        size_t n = peers_sign(p, WT_SERVER, parts, 3, signature, &scheme);
        m.server_key_exchange.is_signed = true;
        m.server_key_exchange.has_scheme = p->plan.version == WT_TLS12;
        m.server_key_exchange.signature_scheme = scheme;
        m.server_key_exchange.signature = wt_span_of(signature, n);
    }
    peers_encode(p, WT_SERVER, &m);
}

static void certificate_request(struct peers *p)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE_REQUEST};
    m.certificate_request = (struct wt_certificate_request){.certificate_types = wt_span_of("\1\100", 2),
                                                            .signature_algorithms = wt_span_of("\4\3\4\1", 4)};
    peers_encode(p, WT_SERVER, &m);
}

static void encrypt(struct peers *p, struct wt_span secret)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(peers_key(false), NULL);
    p->encrypted_n = sizeof p->encrypted;
    assert_int_equal(EVP_PKEY_encrypt_init(c), 1);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) > 0);
    assert_int_equal(EVP_PKEY_encrypt(c, p->encrypted, &p->encrypted_n, secret.p, secret.n), 1);
    EVP_PKEY_CTX_free(c);
}

/* RFC 5246, 7.4.7.1: the client's version, then 46 bytes; RFC 4279, 2 to 4, where a PSK goes in. */
static void premaster(struct peers *p)
{
    uint8_t other[48];
    memset(other, 0x33 + p->plan.seed, sizeof other);
    size_t n = 48;
    if (p->suite->kx == WT_KX_RSA || p->suite->kx == WT_KX_RSA_PSK) {
        other[0] = 3;
        other[1] = (uint8_t)p->plan.version;
        encrypt(p, wt_span_of(other, n));
    } else {
        n = p->suite->kx == WT_KX_PSK ? 0 : 32;
    }
    if (p->plan.psk.n) {
        p->premaster_n = wt_psk_premaster(p->plan.psk, wt_span_of(other, n), p->premaster, sizeof p->premaster);
    } else {
        memcpy(p->premaster, other, n);
        p->premaster_n = n;
    }
    assert_true(p->premaster_n);
}

static void client_key_exchange(struct peers *p)
{
    uint8_t point[32];
    memset(point, 0xc5, sizeof point);
    premaster(p);
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_KEY_EXCHANGE};
    m.client_key_exchange =
        (struct wt_client_key_exchange){.kx = p->suite->kx,
                                        .psk_identity = wt_span_text(p->plan.identity ? p->plan.identity : ""),
                                        .encrypted_premaster = wt_span_of(p->encrypted, p->encrypted_n),
                                        .public_key = wt_span_of(point, 32)};
    peers_encode(p, WT_CLIENT, &m);
}

static void certificate_verify(struct peers *p)
{
    uint8_t signature[600];
    struct wt_span messages = wt_buffer_span(&p->messages);
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE_VERIFY};
    m.certificate_verify.has_scheme = p->plan.version == WT_TLS12;
    size_t n = peers_sign(p, WT_CLIENT, &messages, 1, signature, &m.certificate_verify.signature_scheme);
    m.certificate_verify.signature = wt_span_of(signature, n);
    peers_encode(p, WT_CLIENT, &m);
}

static void derive(struct peers *p)
{
    struct wt_terms terms = terms_of(p);
    struct wt_span random = wt_span_of(p->random[WT_CLIENT], 32), pre = wt_span_of(p->premaster, p->premaster_n);
    uint8_t hash[WT_DIGEST_MOST];
    size_t n = p->plan.extended_master ? wt_session_hash_of(&terms, wt_buffer_span(&p->messages), hash) : 0;
    assert_true(wt_master_secret(&terms, pre, wt_span_of(hash, n), p->master));
    peers_note(p, WT_LABEL_MASTER, random, wt_span_of(p->master, WT_MASTER));
    if (p->premaster_n <= 64)
        peers_note(p, WT_LABEL_PREMASTER, random, pre);
    if (p->encrypted_n && p->premaster_n == 48)
        peers_note(p, WT_LABEL_RSA, wt_span_of(p->encrypted, 8), pre);
}

/* --- the ends ------------------------------------------------------------------------------------------------------
 */

static void change(struct peers *p, enum wt_side from)
{
    struct wt_terms terms = terms_of(p);
    struct wt_key_block block;
    peers_record(p, from, WT_CONTENT_CHANGE_CIPHER_SPEC, wt_span_of("\1", 1));
    assert_true(wt_key_block(&terms, p->master, &block));
    struct wt_protection how = {.suite = p->suite,
                                .version = p->plan.version,
                                .mac_key = block.mac_key[from],
                                .key = block.key[from],
                                .iv = block.iv[from],
                                .encrypt_then_mac = p->plan.encrypt_then_mac,
                                .compression = p->plan.compression};
    wt_record_protector_free(p->seal[from]);
    p->seal[from] = peers_protector(p, &how);
}

static void finished(struct peers *p, enum wt_side from)
{
    struct wt_terms terms = terms_of(p);
    uint8_t right[36], sent[36];
    size_t n = wt_verify_data(&terms, p->master, from, wt_buffer_span(&p->messages), right);
    assert_true(n);
    memcpy(sent, right, n);
    sent[n - 1] ^= p->plan.damage == (from == WT_CLIENT ? CLIENT_FINISHED : SERVER_FINISHED);
    peers_message(p, from, WT_HANDSHAKE_FINISHED, wt_span_of(right, n), wt_span_of(sent, n));
}

static void new_ticket(struct peers *p)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_NEW_SESSION_TICKET};
    if (!p->plan.ticket)
        return;
    m.new_session_ticket.lifetime = 3600;
    m.new_session_ticket.ticket = wt_span_text(p->plan.ticket);
    peers_encode(p, WT_SERVER, &m);
}

static void resume(struct peers *p)
{
    memcpy(p->master, p->plan.master, WT_MASTER);
    peers_note(p, WT_LABEL_MASTER, wt_span_of(p->random[WT_CLIENT], 32), wt_span_of(p->master, WT_MASTER));
    new_ticket(p);
    change(p, WT_SERVER);
    finished(p, WT_SERVER);
    change(p, WT_CLIENT);
    finished(p, WT_CLIENT);
}

void peers_meet12(struct peers *p)
{
    client_hello(p);
    server_hello(p);
    if (p->plan.resumed) {
        resume(p);
        return;
    }
    if (has_certificate(p))
        peers_certificate(p, WT_SERVER, (struct wt_span){0});
    server_key_exchange(p);
    if (p->plan.client_certificate)
        certificate_request(p);
    peers_message(p, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO_DONE, (struct wt_span){0}, (struct wt_span){0});
    if (p->plan.refuses) {
        peers_alert(p, WT_CLIENT, 2, WT_ALERT_DECRYPT_ERROR);
        return;
    }
    if (p->plan.client_certificate)
        peers_certificate(p, WT_CLIENT, (struct wt_span){0});
    client_key_exchange(p);
    derive(p);
    if (p->plan.client_certificate)
        certificate_verify(p);
    change(p, WT_CLIENT);
    finished(p, WT_CLIENT);
    new_ticket(p);
    change(p, WT_SERVER);
    finished(p, WT_SERVER);
}
