/* A client or a server by BearSSL (README.md): TLS 1.2. */
#include "peer.h"

#include <bearssl.h>
#include <signal.h>

enum { CERTIFICATES = 4, ANCHORS = 2, SMALL = 4096 };

/* --- PEM ---------------------------------------------------------------------------------------------------------- */

struct bytes {
    unsigned char p[SMALL];
    size_t n;
};

static void append(void *context, const void *data, size_t n)
{
    struct bytes *b = context;
    if (b->n + n > sizeof b->p)
        give_up("too long", 0);
    memcpy(b->p + b->n, data, n);
    b->n += n;
}

/* The objects of a PEM file; returns how many. */
static size_t objects(const char *path, struct bytes *out, size_t most)
{
    size_t n, count = 0;
    unsigned char *text = load(path, &n), *p = text;
    br_pem_decoder_context decoder;
    br_pem_decoder_init(&decoder);
    while (n) {
        const size_t used = br_pem_decoder_push(&decoder, p, n);
        p += used;
        n -= used;
        const int event = br_pem_decoder_event(&decoder);
        if (event == BR_PEM_BEGIN_OBJ && count < most)
            br_pem_decoder_setdest(&decoder, append, &out[count]);
        else if (event == BR_PEM_END_OBJ && count < most)
            count++;
        else if (event == BR_PEM_ERROR || count == most)
            give_up(path, event);
    }
    free(text);
    return count;
}

/* --- certificates and keys ---------------------------------------------------------------------------------------- */

static struct bytes own[CERTIFICATES], key_bytes, anchors_bytes[ANCHORS], names[ANCHORS];
static br_x509_certificate chain[CERTIFICATES];
static br_x509_trust_anchor anchors[ANCHORS];
static br_x509_decoder_context decoders[ANCHORS];
static br_skey_decoder_context key;
static size_t chain_n, anchor_n;

static void load_identity(void)
{
    if (!word("chain"))
        return;
    chain_n = objects(word("chain"), own, CERTIFICATES);
    for (size_t i = 0; i < chain_n; i++)
        chain[i] = (br_x509_certificate){own[i].p, own[i].n};
    if (objects(word("key"), &key_bytes, 1) != 1)
        give_up("key", 0);
    br_skey_decoder_init(&key);
    br_skey_decoder_push(&key, key_bytes.p, key_bytes.n);
    if (!br_skey_decoder_key_type(&key))
        give_up("key", br_skey_decoder_last_error(&key));
}

static void load_anchors(void)
{
    if (!word("ca"))
        return;
    anchor_n = objects(word("ca"), anchors_bytes, ANCHORS);
    for (size_t i = 0; i < anchor_n; i++) {
        br_x509_decoder_init(&decoders[i], append, &names[i]);
        br_x509_decoder_push(&decoders[i], anchors_bytes[i].p, anchors_bytes[i].n);
        const br_x509_pkey *public = br_x509_decoder_get_pkey(&decoders[i]);
        if (!public)
            give_up("ca", br_x509_decoder_last_error(&decoders[i]));
        anchors[i] = (br_x509_trust_anchor){{names[i].p, names[i].n}, BR_X509_TA_CA, *public};
    }
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

static br_ec_impl curves;

/* BearSSL offers what its implementation of curves says that it has. */
static void limit(br_ssl_engine_context *engine, bool one)
{
    static const struct {
        const char *name;
        int code;
    } known[] = {{"x25519", BR_EC_curve25519},
                 {"secp256r1", BR_EC_secp256r1},
                 {"secp384r1", BR_EC_secp384r1},
                 {"secp521r1", BR_EC_secp521r1}};
    char name[32];
    curves = *br_ec_get_default();
    curves.supported_curves = 0;
    for (size_t i = 0; group(i, name, sizeof name) && !(one && i); i++)
        for (size_t j = 0; j < sizeof known / sizeof *known; j++)
            if (!strcmp(known[j].name, name))
                curves.supported_curves |= (uint32_t)1 << known[j].code;
    br_ssl_engine_set_ec(engine, &curves);
}

/* --- connections -------------------------------------------------------------------------------------------------- */

static unsigned char room[BR_SSL_BUFSIZE_BIDI];
static br_x509_minimal_context judge;

static int from(void *context, unsigned char *p, size_t n)
{
    const ssize_t got = read(*(int *)context, p, n);
    return got > 0 ? (int)got : -1;
}

static int to(void *context, const unsigned char *p, size_t n)
{
    const ssize_t sent = write(*(int *)context, p, n);
    return sent > 0 ? (int)sent : -1;
}

static void report(br_ssl_engine_context *engine)
{
    static const struct {
        uint16_t code;
        const char *name;
    } suites[] = {{BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
                  {BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
                  {BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
                  {BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
                  {BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
                  {BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}};
    br_ssl_session_parameters session;
    const char *name = NULL;
    br_ssl_engine_get_session_parameters(engine, &session);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (suites[i].code == session.cipher_suite)
            name = suites[i].name;
    tell(session.version == BR_TLS12 ? "TLS 1.2" : "?", name, -1, br_ssl_engine_get_selected_protocol(engine));
}

static void common(br_ssl_engine_context *engine)
{
    static const char *protocols[] = {"http/1.1"};
    br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_buffer(engine, room, sizeof room, 1);
    if (is("alpn", "1"))
        br_ssl_engine_set_protocol_names(engine, protocols, 1);
}

static void serve(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    load_identity();
    load_anchors();
    for (int listening = loopback(true);;) {
        int fd = accept(listening, NULL, NULL);
        br_ssl_server_context server;
        br_sslio_context io;
        unsigned char got[SMALL];
        if (br_skey_decoder_key_type(&key) == BR_KEYTYPE_RSA)
            br_ssl_server_init_full_rsa(&server, chain, chain_n, br_skey_decoder_get_rsa(&key));
        else
            br_ssl_server_init_full_ec(&server, chain, chain_n, BR_KEYTYPE_RSA, br_skey_decoder_get_ec(&key));
        common(&server.eng);
        if (anchor_n) {
            br_x509_minimal_init_full(&judge, anchors, anchor_n);
            br_ssl_engine_set_default_rsavrfy(&server.eng);
            br_ssl_engine_set_default_ecdsa(&server.eng);
            br_ssl_engine_set_x509(&server.eng, &judge.vtable);
            br_ssl_server_set_trust_anchor_names_alt(&server, anchors, anchor_n);
        }
        limit(&server.eng, !anchor_n); /* a client's signature is verified by the same curves */
        (void)br_ssl_server_reset(&server);
        br_sslio_init(&io, &server.eng, from, &fd, to, &fd);
        if (br_sslio_read(&io, got, sizeof got) > 0) {
            report(&server.eng);
            (void)br_sslio_write_all(&io, ANSWER, sizeof ANSWER - 1);
            (void)br_sslio_close(&io);
        } else {
            printf("failed: %d\n", br_ssl_engine_last_error(&server.eng));
            (void)fflush(stdout);
        }
        (void)close(fd);
    }
}

static void connect_to(void)
{
    int fd = loopback(false);
    br_ssl_client_context client;
    br_sslio_context io;
    unsigned char got[SMALL] = {0};
    size_t n = 0;
    (void)signal(SIGPIPE, SIG_IGN);
    load_identity();
    load_anchors();
    br_ssl_client_init_full(&client, &judge, anchors, anchor_n);
    common(&client.eng);
    limit(&client.eng, false);
    if (chain_n && br_skey_decoder_key_type(&key) == BR_KEYTYPE_RSA)
        br_ssl_client_set_single_rsa(&client, chain, chain_n, br_skey_decoder_get_rsa(&key),
                                     br_rsa_pkcs1_sign_get_default());
    else if (chain_n)
        br_ssl_client_set_single_ec(&client, chain, chain_n, br_skey_decoder_get_ec(&key), BR_KEYTYPE_SIGN,
                                    BR_KEYTYPE_RSA, br_ec_get_default(), br_ecdsa_sign_asn1_get_default());
    (void)br_ssl_client_reset(&client, word("host"), 0);
    br_sslio_init(&io, &client.eng, from, &fd, to, &fd);
    (void)br_sslio_write_all(&io, REQUEST, sizeof REQUEST - 1);
    (void)br_sslio_flush(&io);
    for (int some; n < sizeof got - 1 && (some = br_sslio_read(&io, got + n, sizeof got - 1 - n)) > 0;)
        n += (size_t)some;
    if (!strstr((char *)got, "200 OK"))
        give_up("no answer", br_ssl_engine_last_error(&client.eng));
    report(&client.eng);
    (void)br_sslio_close(&io);
    (void)close(fd);
}
