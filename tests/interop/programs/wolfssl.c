/* A client or a server by wolfSSL (README.md). */
#include "peer.h"

#include <signal.h>
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

static WOLFSSL_CTX *context;

static void must(int ok, const char *what)
{
    if (ok != WOLFSSL_SUCCESS)
        give_up(what, ok);
}

static int code_of(const char *name)
{
    static const struct {
        const char *name;
        int code;
    } groups[] = {{"x25519", WOLFSSL_ECC_X25519},       {"x448", WOLFSSL_ECC_X448},
                  {"secp256r1", WOLFSSL_ECC_SECP256R1}, {"secp384r1", WOLFSSL_ECC_SECP384R1},
                  {"secp521r1", WOLFSSL_ECC_SECP521R1}, {"ffdhe2048", WOLFSSL_FFDHE_2048},
                  {"ffdhe3072", WOLFSSL_FFDHE_3072}};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(groups[i].name, name))
            return groups[i].code;
    give_up(name, 0);
}

static int groups(int *list)
{
    char name[32];
    int n = 0;
    while (n < 7 && group((size_t)n, name, sizeof name)) {
        list[n] = code_of(name);
        n++;
    }
    return n;
}

static void configure(WOLFSSL_METHOD *method, bool server)
{
    int list[8], n = groups(list);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)wolfSSL_Init();
    context = wolfSSL_CTX_new(method);
    if (!context)
        give_up("context", 0);
    if (word("chain")) {
        must(wolfSSL_CTX_use_certificate_chain_file(context, word("chain")), "chain");
        must(wolfSSL_CTX_use_PrivateKey_file(context, word("key"), WOLFSSL_FILETYPE_PEM), "key");
    }
    if (word("ca")) {
        must(wolfSSL_CTX_load_verify_locations(context, word("ca"), NULL), "ca");
        wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    } else {
        wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_NONE, NULL);
    }
    if (is("version", "1.3"))
        must(wolfSSL_CTX_set_groups(context, list, n), "groups");
    else
        for (int i = 0; i < (server ? 1 : n); i++)
            must(wolfSSL_CTX_UseSupportedCurve(context, (word16)list[i]), "curve");
    if (is("version", "1.2"))
        must(wolfSSL_CTX_set_cipher_list(context, strncmp(word("groups"), "ffdhe", 5)
                                                      ? "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"
                                                      : "DHE-RSA-AES128-GCM-SHA256"),
             "suites");
}

static WOLFSSL *one(int fd)
{
    WOLFSSL *ssl = wolfSSL_new(context);
    char alpn[] = "http/1.1";
    must(wolfSSL_set_fd(ssl, fd), "fd");
    if (is("alpn", "1"))
        must(wolfSSL_UseALPN(ssl, alpn, sizeof alpn - 1, WOLFSSL_ALPN_CONTINUE_ON_MISMATCH), "alpn");
    return ssl;
}

static void report(WOLFSSL *ssl)
{
    char *protocol = NULL, version[16];
    unsigned short n = 0;
    const char *suite = wolfSSL_get_cipher(ssl);
    (void)snprintf(version, sizeof version, "TLS %s", wolfSSL_get_version(ssl) + 4);
    tell(version, suite, wolfSSL_session_reused(ssl) != 0,
         wolfSSL_ALPN_GetProtocol(ssl, &protocol, &n) == WOLFSSL_SUCCESS ? protocol : NULL);
}

static void serve(void)
{
    configure(is("version", "1.3") ? wolfTLSv1_3_server_method() : wolfTLSv1_2_server_method(), true);
    if (is("tickets", "0"))
        (void)wolfSSL_CTX_NoTicketTLSv12(context);
    if (word("dh"))
        must(wolfSSL_CTX_SetTmpDH_file(context, word("dh"), WOLFSSL_FILETYPE_PEM), "dh");
    for (int listening = loopback(true);;) {
        int fd = accept(listening, NULL, NULL);
        char got[4096];
        WOLFSSL *ssl = one(fd);
        if (wolfSSL_accept(ssl) == WOLFSSL_SUCCESS && wolfSSL_read(ssl, got, sizeof got) > 0) {
            report(ssl);
            (void)wolfSSL_write(ssl, ANSWER, sizeof ANSWER - 1);
            (void)wolfSSL_shutdown(ssl);
            while (wolfSSL_read(ssl, got, sizeof got) > 0)
                ;
        } else {
            printf("failed: %d\n", wolfSSL_get_error(ssl, 0));
            (void)fflush(stdout);
        }
        wolfSSL_free(ssl);
        (void)close(fd);
    }
}

static void connect_to(void)
{
    WOLFSSL_SESSION *session = NULL;
    configure(is("version", "1.3") ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method(), false);
    for (int i = 0; i < number("count"); i++) {
        int fd = loopback(false), list[8], n = groups(list);
        char got[4096] = {0};
        int length = 0;
        WOLFSSL *ssl = one(fd);
        must(wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, word("host"), (unsigned short)strlen(word("host"))), "name");
        must(wolfSSL_check_domain_name(ssl, word("host")), "name");
        if (is("version", "1.2") && is("tickets", "1"))
            must(wolfSSL_UseSessionTicket(ssl), "tickets");
        if (is("version", "1.3") && n)
            must(wolfSSL_UseKeyShare(ssl, (word16)list[0]), "share");
        if (session)
            must(wolfSSL_set_session(ssl, session), "session");
        if (wolfSSL_connect(ssl) != WOLFSSL_SUCCESS)
            give_up("handshake", wolfSSL_get_error(ssl, 0));
        (void)wolfSSL_write(ssl, REQUEST, sizeof REQUEST - 1);
        for (int some; length < (int)sizeof got - 1 &&
                       (some = wolfSSL_read(ssl, got + length, (int)sizeof got - 1 - length)) > 0;)
            length += some;
        if (!strstr(got, "200 OK"))
            give_up("no answer", 0);
        report(ssl);
        session = wolfSSL_get1_session(ssl);
        (void)wolfSSL_shutdown(ssl);
        wolfSSL_free(ssl);
        (void)close(fd);
    }
}
