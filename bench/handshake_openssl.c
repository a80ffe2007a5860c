#include "handshake.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

struct side {
    SSL_CTX *ctx;
    SSL_SESSION *session; /* client: the newest */
    bool server, resume;
};

static void side_free(void *side)
{
    struct side *s = side;
    if (!s)
        return;
    SSL_SESSION_free(s->session);
    SSL_CTX_free(s->ctx);
    free(s);
}

static X509 *read_certificate(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return x;
}

static bool use(SSL_CTX *ctx, const char *chain, const char *key)
{
    X509 *x = read_certificate(chain);
    BIO *bio = BIO_new_mem_buf(key, -1);
    EVP_PKEY *k = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    bool ok = x && k && SSL_CTX_use_certificate(ctx, x) == 1 && SSL_CTX_use_PrivateKey(ctx, k) == 1;
    BIO_free(bio);
    X509_free(x);
    EVP_PKEY_free(k);
    return ok;
}

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    struct side *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    SSL_SESSION_free(s->session);
    s->session = session;
    return 1;
}

static void *side_new(const struct scenario *scenario, const struct material *m, bool server)
{
    struct side *s = calloc(1, sizeof *s);
    const int version = scenario->tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
    if (!s)
        return NULL;
    s->server = server;
    s->resume = scenario->resumed;
    s->ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    SSL_CTX_set_app_data(s->ctx, s);
    bool ok = SSL_CTX_set_min_proto_version(s->ctx, version) && SSL_CTX_set_max_proto_version(s->ctx, version) &&
              SSL_CTX_set1_groups_list(s->ctx, "X25519:P-256") &&
              SSL_CTX_set_ciphersuites(s->ctx, "TLS_AES_128_GCM_SHA256") &&
              SSL_CTX_set_cipher_list(s->ctx, "ECDHE+AES128+AESGCM");
    if (!scenario->resumed) {
        SSL_CTX_set_num_tickets(s->ctx, 0);
        SSL_CTX_set_options(s->ctx, SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode(s->ctx, SSL_SESS_CACHE_OFF);
    } else {
        SSL_CTX_set_num_tickets(s->ctx, 1);
        SSL_CTX_set_session_cache_mode(s->ctx, SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(s->ctx, server ? NULL : on_session);
    }
    if (server) {
        ok = ok && use(s->ctx, m->chain[scenario->rsa], m->key[scenario->rsa]);
    } else {
        X509 *ca = read_certificate(m->ca);
        ok = ok && ca && X509_STORE_add_cert(SSL_CTX_get_cert_store(s->ctx), ca);
        X509_free(ca);
        SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER, NULL);
    }
    if (ok)
        return s;
    side_free(s);
    return NULL;
}

static void *connection(void *side)
{
    struct side *s = side;
    SSL *ssl = SSL_new(s->ctx);
    if (!ssl)
        return NULL;
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (s->server) {
        SSL_set_accept_state(ssl);
    } else {
        SSL_set_connect_state(ssl);
        SSL_set_tlsext_host_name(ssl, "www.example.com");
        SSL_set1_host(ssl, "www.example.com");
        if (s->session)
            SSL_set_session(ssl, s->session);
    }
    return ssl;
}

static bool step(void *connection, const struct bytes *in, struct bytes *out, bool *done)
{
    SSL *ssl = connection;
    uint8_t byte;
    if (in->n)
        BIO_write(SSL_get_rbio(ssl), in->p, (int)in->n);
    if (SSL_is_init_finished(ssl) && in->n) /* tickets come after the handshake */
        (void)SSL_read(ssl, &byte, 1);
    else if (SSL_do_handshake(ssl) != 1 && SSL_get_error(ssl, -1) != SSL_ERROR_WANT_READ)
        return false;
    int n = BIO_read(SSL_get_wbio(ssl), out->p, BYTES);
    out->n = n > 0 ? (size_t)n : 0;
    *done = SSL_is_init_finished(ssl);
    return true;
}

static bool resumed(void *connection)
{
    return SSL_session_reused(connection);
}

static void connection_free(void *connection)
{
    SSL_set_shutdown(connection, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* or its session is none to resume */
    SSL_free(connection);
}

static bool seal(void *connection, const uint8_t *p, size_t n, struct bytes *out)
{
    if (SSL_write(connection, p, (int)n) != (int)n)
        return false;
    int got = BIO_read(SSL_get_wbio(connection), out->p, BYTES);
    out->n = got > 0 ? (size_t)got : 0;
    return true;
}

static size_t open_data(void *connection, const struct bytes *in)
{
    static uint8_t room[BYTES];
    size_t sum = 0;
    BIO_write(SSL_get_rbio(connection), in->p, (int)in->n);
    for (int n; (n = SSL_read(connection, room, sizeof room)) > 0;)
        sum += (size_t)n;
    return sum;
}

const struct library openssl = {"libssl", side_new,        side_free, connection, step,
                                resumed,  connection_free, seal,      open_data};
