/* A client or a server by mbedTLS 2.28 (README.md). */
#include "peer.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/dhm.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ticket.h>
#include <signal.h>

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_numbers;
static mbedtls_ssl_config config;
static mbedtls_x509_crt chain, ca;
static mbedtls_pk_context key;
static mbedtls_ssl_cache_context cache;
static mbedtls_ssl_ticket_context tickets;

static void must(int code, const char *what)
{
    if (code)
        give_up(what, code);
}

static void groups(void)
{
    static mbedtls_ecp_group_id list[8];
    char name[32];
    size_t n = 0;
    for (size_t i = 0; i < 7 && group(i, name, sizeof name); i++) {
        const mbedtls_ecp_curve_info *c = mbedtls_ecp_curve_info_from_name(name);
        if (c)
            list[n++] = c->grp_id;
    }
    if (n)
        mbedtls_ssl_conf_curves(&config, list);
}

/* RFC 7919's groups are not negotiated: a server has one of them as its parameters. */
static void parameters(void)
{
    static const unsigned char p2048[] = MBEDTLS_DHM_RFC7919_FFDHE2048_P_BIN,
                               g2048[] = MBEDTLS_DHM_RFC7919_FFDHE2048_G_BIN,
                               p3072[] = MBEDTLS_DHM_RFC7919_FFDHE3072_P_BIN,
                               g3072[] = MBEDTLS_DHM_RFC7919_FFDHE3072_G_BIN;
    static const int suites[] = {MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384, 0};
    if (strncmp(word("groups"), "ffdhe", 5) != 0)
        return;
    mbedtls_ssl_conf_ciphersuites(&config, suites);
    if (!strncmp(word("groups"), "ffdhe2048", 9))
        must(mbedtls_ssl_conf_dh_param_bin(&config, p2048, sizeof p2048, g2048, sizeof g2048), "dh");
    else
        must(mbedtls_ssl_conf_dh_param_bin(&config, p3072, sizeof p3072, g3072, sizeof g3072), "dh");
}

static void configure(int side)
{
    static const char *alpn[] = {"http/1.1", NULL};
    (void)signal(SIGPIPE, SIG_IGN);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_numbers);
    must(mbedtls_ctr_drbg_seed(&random_numbers, mbedtls_entropy_func, &entropy, NULL, 0), "random");
    mbedtls_ssl_config_init(&config);
    must(mbedtls_ssl_config_defaults(&config, side, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
         "defaults");
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_numbers);
    mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_authmode(&config, word("ca") ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_x509_crt_init(&chain);
    mbedtls_x509_crt_init(&ca);
    mbedtls_pk_init(&key);
    if (word("ca")) {
        must(mbedtls_x509_crt_parse_file(&ca, word("ca")), "ca");
        mbedtls_ssl_conf_ca_chain(&config, &ca, NULL);
    }
    if (word("chain")) {
        must(mbedtls_x509_crt_parse_file(&chain, word("chain")), "chain");
        must(mbedtls_pk_parse_keyfile(&key, word("key"), NULL), "key");
        must(mbedtls_ssl_conf_own_cert(&config, &chain, &key), "identity");
    }
    if (is("alpn", "1"))
        must(mbedtls_ssl_conf_alpn_protocols(&config, alpn), "alpn");
    groups();
    parameters();
}

static void report(mbedtls_ssl_context *ssl, int resumed)
{
    char suite[80];
    (void)snprintf(suite, sizeof suite, "%s", mbedtls_ssl_get_ciphersuite(ssl));
    for (char *p = suite; *p; p++)
        *p = *p == '-' ? '_' : *p;
    tell("TLS 1.2", suite, resumed, mbedtls_ssl_get_alpn_protocol(ssl));
}

static int hands(mbedtls_ssl_context *ssl)
{
    int code;
    while ((code = mbedtls_ssl_handshake(ssl)) == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE)
        ;
    return code;
}

static void serve(void)
{
    configure(MBEDTLS_SSL_IS_SERVER);
    mbedtls_ssl_cache_init(&cache);
    mbedtls_ssl_conf_session_cache(&config, &cache, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
    if (is("tickets", "1")) {
        mbedtls_ssl_ticket_init(&tickets);
        must(mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &random_numbers, MBEDTLS_CIPHER_AES_256_GCM,
                                      3600),
             "tickets");
        mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &tickets);
    }
    for (int listening = loopback(true);;) {
        mbedtls_net_context net = {accept(listening, NULL, NULL)};
        mbedtls_ssl_context ssl;
        unsigned char got[4096];
        mbedtls_ssl_init(&ssl);
        must(mbedtls_ssl_setup(&ssl, &config), "setup");
        mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
        int code = hands(&ssl);
        if (!code && mbedtls_ssl_read(&ssl, got, sizeof got) > 0) {
            report(&ssl, -1);
            (void)mbedtls_ssl_write(&ssl, (const unsigned char *)ANSWER, sizeof ANSWER - 1);
            (void)mbedtls_ssl_close_notify(&ssl);
            while (mbedtls_ssl_read(&ssl, got, sizeof got) > 0)
                ;
        } else {
            printf("failed: -0x%x\n", (unsigned)-code);
        }
        mbedtls_net_free(&net);
        mbedtls_ssl_free(&ssl);
    }
}

static void connect_to(void)
{
    mbedtls_ssl_session session;
    configure(MBEDTLS_SSL_IS_CLIENT);
    mbedtls_ssl_conf_session_tickets(&config, is("tickets", "1") ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                                                                 : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    mbedtls_ssl_session_init(&session);
    for (int i = 0; i < number("count"); i++) {
        mbedtls_net_context net = {loopback(false)};
        mbedtls_ssl_context ssl;
        unsigned char got[4096] = {0};
        size_t n = 0;
        mbedtls_ssl_init(&ssl);
        must(mbedtls_ssl_setup(&ssl, &config), "setup");
        must(mbedtls_ssl_set_hostname(&ssl, word("host")), "host");
        mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
        if (i)
            must(mbedtls_ssl_set_session(&ssl, &session), "session");
        must(hands(&ssl), "handshake");
        must(mbedtls_ssl_get_session(&ssl, &session), "session");
        (void)mbedtls_ssl_write(&ssl, (const unsigned char *)REQUEST, sizeof REQUEST - 1);
        for (int some; n < sizeof got - 1 && (some = mbedtls_ssl_read(&ssl, got + n, sizeof got - 1 - n)) > 0;)
            n += (size_t)some;
        if (!strstr((char *)got, "200 OK"))
            give_up("no answer", 0);
        report(&ssl, -1);
        (void)mbedtls_ssl_close_notify(&ssl);
        mbedtls_net_free(&net);
        mbedtls_ssl_free(&ssl);
    }
}
