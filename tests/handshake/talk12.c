#include "talk12.h"

#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

static EVP_PKEY *key;
static X509 *certificate;

static void make_certificate(void)
{
    if (certificate)
        return;
    key = EVP_RSA_gen(2048);
    certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const uint8_t *)"me", -1, -1,
                               0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
}

static void decrypt_premaster(struct talk *t, struct wt_span encrypted)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    uint8_t out[256];
    size_t n = sizeof out;
    assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_decrypt(ctx, out, &n, encrypted.p, encrypted.n), 1);
    assert_true(wt_buffer_add(&t->premaster, out, n));
    EVP_PKEY_CTX_free(ctx);
}

/* What the client sends and gets, in its order, each with its header. */
static void on_message(int sent, int version, int type, const void *p, size_t n, SSL *ssl, void *context)
{
    struct talk *t = context;
    const struct talk_options *o = t->options;
    const unsigned side = sent ? WT_CLIENT : WT_SERVER;
    struct wt_message_body m;
    struct wt_error error;
    uint8_t bytes[4096];
    (void)version, (void)ssl;
    if (type != SSL3_RT_HANDSHAKE)
        return;
    assert_in_range(n, 4, sizeof bytes);
    memcpy(bytes, p, n);
    bool changes = !t->changed && o->type && o->type == bytes[0] && o->side == side;
    t->changed |= changes;
    if (changes && o->left_out)
        return;
    if (changes)
        bytes[o->at] ^= 1;
    assert_int_equal(wt_handshake_add(&t->h, side, bytes[0], wt_span_of(bytes + 4, n - 4), &m, &error), WT_OK);
    if (m.type == WT_HANDSHAKE_CLIENT_KEY_EXCHANGE && t->h.agreed.chosen.kx == WT_KX_RSA)
        decrypt_premaster(t, m.client_key_exchange.encrypted_premaster);
}

/* "CLIENT_RANDOM <random> <master secret>", in hex; of RSA there is a line with the premaster secret too. */
static void on_keylog(const SSL *ssl, const char *line)
{
    struct talk *t = SSL_get_app_data(ssl);
    if (strncmp(line, "CLIENT_RANDOM ", 14) != 0)
        return;
    for (size_t i = 0; i < WT_MASTER; i++) {
        const char digits[3] = {line[14 + 64 + 1 + 2 * i], line[14 + 64 + 2 + 2 * i], 0};
        t->master[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static int accept_all(int ok, X509_STORE_CTX *ctx)
{
    (void)ok, (void)ctx;
    return 1;
}

static SSL *seat(struct talk *t, SSL_CTX **ctx, bool server)
{
    const struct talk_options *o = t->options;
    *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    assert_true(SSL_CTX_set_min_proto_version(*ctx, o->version) && SSL_CTX_set_max_proto_version(*ctx, o->version));
    assert_int_equal(SSL_CTX_set_cipher_list(*ctx, o->ciphers), 1);
    SSL_CTX_set_options(*ctx, SSL_OP_NO_TICKET | (o->no_extended_master ? SSL_OP_NO_EXTENDED_MASTER_SECRET : 0));
    SSL_CTX_set_verify(*ctx, server && !o->certificate ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, accept_all);
    SSL_CTX_set_dh_auto(*ctx, 1);
    if (server || o->certificate)
        assert_true(SSL_CTX_use_certificate(*ctx, certificate) && SSL_CTX_use_PrivateKey(*ctx, key));
    SSL *ssl = SSL_new(*ctx);
    assert_non_null(ssl);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (!server) {
        SSL_CTX_set_keylog_callback(*ctx, on_keylog);
        SSL_set_app_data(ssl, t);
        SSL_set_msg_callback(ssl, on_message);
        SSL_set_msg_callback_arg(ssl, t);
        SSL_set_connect_state(ssl);
    } else {
        SSL_set_accept_state(ssl);
    }
    return ssl;
}

/* What a side has written goes to the other. */
static void carry(struct talk *t, SSL *from, SSL *to, unsigned side)
{
    uint8_t bytes[4096];
    for (int n; (n = BIO_read(SSL_get_wbio(from), bytes, sizeof bytes)) > 0;) {
        assert_true(wt_buffer_add(&t->records[side], bytes, (size_t)n));
        assert_int_equal(BIO_write(SSL_get_rbio(to), bytes, n), n);
    }
}

void talk_start(struct talk *t, const struct talk_options *options)
{
    SSL_CTX *ctx[2];
    *t = (struct talk){.options = options};
    make_certificate();
    t->key = key;
    wt_handshake_start(&t->h, wt_crypto_new(), true);
    SSL *client = seat(t, &ctx[0], false), *server = seat(t, &ctx[1], true);
    for (unsigned i = 0; i < 8; i++) {
        (void)SSL_do_handshake(client);
        carry(t, client, server, WT_CLIENT);
        (void)SSL_do_handshake(server);
        carry(t, server, client, WT_SERVER);
    }
    assert_true(SSL_is_init_finished(client) && SSL_is_init_finished(server));
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(ctx[0]);
    SSL_CTX_free(ctx[1]);
}

void talk_end(struct talk *t)
{
    struct wt_crypto *crypto = t->h.crypto;
    wt_handshake_end(&t->h);
    wt_crypto_free(crypto);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++)
        wt_buffer_free(&t->records[side]);
    wt_buffer_free(&t->premaster);
}
