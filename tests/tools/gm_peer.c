/* Both sides of a connection with China's algorithms, played by one program: TLCP (GB/T 38636-2020), or TLS 1.3 with
 * RFC 8998's suites. It prints what gm.py makes a capture of, a line each: `client HEX` and `server HEX` are pieces of
 * the two streams in their order, `keylog` a line of a key log, `root` the root certificate (DER), `sm2` the private
 * key of the server's encryption certificate (PKCS #8).
 *
 *     gm_peer [WORD...]    cbc: SM4-CBC, else SM4-GCM; ecdhe: else ECC; client: with the client's certificates
 *                          ccm, tls13: TLS_SM4_CCM_SM3, TLS_SM4_GCM_SM3 of TLS 1.3
 *                          verify-bare: CertificateVerify signs the messages, not their hash; keys-long: the client's
 * point has a length before it, as GmSSL has both swap, no-encryption, no-signing, expired-encryption, expired-signing,
 * other-issuer: the server's pair; client-alone: the client has no encryption certificate; client-none: it has none at
 * all flip-KIND: a byte of that proof is another: server-key-exchange, certificate-verify, client-finished,
 *                          server-finished
 *                          rsa, rsa-sha256: the server's two keys are of RSA, which signs so
 *                          alert: the client answers the server's flight with bad_certificate; alert-NAME: with that
 * one
 *
 * The premaster secret of ECDHE is drawn: only the two sides could tell that it is not what their points lead to. */
#include "sm.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENT, SERVER };
enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum {
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    ENCRYPTED_EXTENSIONS = 8,
    CERTIFICATE = 11,
    SERVER_KEY_EXCHANGE = 12,
    CERTIFICATE_REQUEST = 13,
    SERVER_HELLO_DONE = 14,
    CERTIFICATE_VERIFY = 15,
    CLIENT_KEY_EXCHANGE = 16,
    FINISHED = 20
};
enum { TLCP = 0x0101, TLS12 = 0x0303, TLS13 = 0x0304, CURVE_SM2 = 0x0029, SM2SIG_SM3 = 0x0708 };

static const char usual[] = "1234567812345678", gm_tls13[] = "TLSv1.3+GM+Cipher+Suite";

struct cover {
    bool on;
    uint8_t mac[SM3_LENGTH], key[16], iv[12];
    uint64_t sequence;
};

static struct {
    int argc;
    char **argv;
    bool tls13, cbc, ccm, ecdhe, rsa;
    EVP_PKEY *root_key, *key[2][2]; /* by side: signing, encryption */
    X509 *root, *certificate[2][2];
    uint8_t random[2][32];
    struct bytes messages;
    uint8_t master[48];
    struct cover cover[2];
} g;

static bool asked(const char *word)
{
    for (int i = 1; i < g.argc; i++)
        if (strcmp(g.argv[i], word) == 0)
            return true;
    return false;
}

static void flip(struct bytes *b, size_t at, const char *kind)
{
    char word[64];
    (void)snprintf(word, sizeof word, "flip-%s", kind);
    if (asked(word))
        b->p[at] ^= 1;
}

/* --- output ------------------------------------------------------------------------------------------------------- */

static void print_hex(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)printf("%02x", p[i]);
}

static void print(const char *what, const uint8_t *p, size_t n)
{
    (void)printf("%s ", what);
    print_hex(p, n);
    (void)printf("\n");
}

static void keylog(const char *label, const uint8_t *secret, size_t n)
{
    (void)printf("keylog %s ", label);
    print_hex(g.random[CLIENT], 32);
    (void)printf(" ");
    print_hex(secret, n);
    (void)printf("\n");
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* GB/T 38636-2020, 6.3.3.4: MAC, padding, IV in front. */
static void seal_cbc(struct cover *c, uint8_t type, struct bytes *text)
{
    struct bytes mac = {.n = 0}, whole = {.n = 0};
    uint8_t tag[SM3_LENGTH], iv[SM4_BLOCK];
    add_number(&mac, c->sequence, 8);
    add_number(&mac, type, 1);
    add_number(&mac, TLCP, 2);
    add_vector(&mac, text->p, text->n, 2);
    hmac_sm3(c->mac, sizeof c->mac, &mac, tag);
    add(text, tag, sizeof tag);
    const size_t padding = SM4_BLOCK - text->n % SM4_BLOCK;
    for (size_t i = 0; i < padding; i++)
        add_number(text, padding - 1, 1);
    need(RAND_bytes(iv, sizeof iv) == 1, "RAND_bytes");
    sm4_cbc(c->key, iv, text);
    add(&whole, iv, sizeof iv);
    add(&whole, text->p, text->n);
    *text = whole;
}

static void seal_gcm(struct cover *c, uint8_t type, struct bytes *text)
{
    struct bytes aad = {.n = 0}, nonce = {.n = 0}, whole = {.n = 0};
    add_number(&aad, c->sequence, 8);
    add_number(&aad, type, 1);
    add_number(&aad, TLCP, 2);
    add_number(&aad, text->n, 2);
    add(&nonce, c->iv, 4);
    add_number(&nonce, c->sequence, 8);
    sm4_gcm(c->key, nonce.p, &aad, text);
    add_number(&whole, c->sequence, 8);
    add(&whole, text->p, text->n);
    *text = whole;
}

static void seal13(struct cover *c, uint8_t *type, struct bytes *text)
{
    struct bytes aad = {.n = 0};
    uint8_t nonce[12];
    add_number(text, *type, 1);
    *type = DATA;
    add_number(&aad, DATA, 1);
    add_number(&aad, TLS12, 2);
    add_number(&aad, text->n + 16, 2);
    memcpy(nonce, c->iv, sizeof nonce);
    for (unsigned i = 0; i < 8; i++)
        nonce[4 + i] ^= (uint8_t)(c->sequence >> 8 * (7 - i));
    (g.ccm ? sm4_ccm : sm4_gcm)(c->key, nonce, &aad, text);
}

static void send_record(unsigned side, uint8_t type, const struct bytes *content)
{
    struct bytes text = *content, out = {.n = 0};
    struct cover *c = &g.cover[side];
    if (c->on && g.tls13 && type != CCS)
        seal13(c, &type, &text);
    else if (c->on && !g.tls13)
        (g.cbc ? seal_cbc : seal_gcm)(c, type, &text);
    c->sequence += c->on;
    add_number(&out, type, 1);
    add_number(&out, g.tls13 ? TLS12 : TLCP, 2);
    add_vector(&out, text.p, text.n, 2);
    print(side == CLIENT ? "client" : "server", out.p, out.n);
}

static void send_message(unsigned side, uint8_t type, const struct bytes *body)
{
    struct bytes message = {.n = 0};
    add_number(&message, type, 1);
    add_vector(&message, body->p, body->n, 3);
    add(&g.messages, message.p, message.n);
    send_record(side, HANDSHAKE, &message);
}

static void send_text(unsigned side, uint8_t type, const char *p, size_t n)
{
    struct bytes text = {.n = 0};
    add(&text, p, n);
    send_record(side, type, &text);
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

static X509 *issue(EVP_PKEY **key, const char *name, const char *usage, bool expired, bool elsewhere)
{
    *key = g.rsa && strchr(name, '.') ? rsa_new() : sm2_new();
    EVP_PKEY *stranger = elsewhere ? sm2_new() : NULL;
    X509 *x = sm2_certificate(&(struct certificate_of){.name = name,
                                                       .usage = usage,
                                                       .key = *key,
                                                       .issuer_key = stranger ? stranger : g.root_key,
                                                       .issuer = g.root,
                                                       .from_days = -40,
                                                       .to_days = expired ? -10 : 400});
    EVP_PKEY_free(stranger);
    return x;
}

static void make_certificates(void)
{
    g.root_key = sm2_new();
    g.root = sm2_certificate(&(struct certificate_of){.name = "Test root of the GM peers",
                                                      .usage = "critical,keyCertSign,cRLSign",
                                                      .key = g.root_key,
                                                      .issuer_key = g.root_key,
                                                      .from_days = -50,
                                                      .to_days = 4000});
    static const char signs[] = "digitalSignature,nonRepudiation";
    static const char encrypts[] = "keyEncipherment,dataEncipherment,keyAgreement";
    g.certificate[SERVER][0] = issue(&g.key[SERVER][0], "www.example.com", signs, asked("expired-signing"), false);
    g.certificate[SERVER][1] =
        issue(&g.key[SERVER][1], "www.example.com", encrypts, asked("expired-encryption"), asked("other-issuer"));
    g.certificate[CLIENT][0] = issue(&g.key[CLIENT][0], "client", signs, false, false);
    g.certificate[CLIENT][1] = issue(&g.key[CLIENT][1], "client", encrypts, false, false);
    uint8_t *der = NULL;
    int n = i2d_X509(g.root, &der);
    need(n > 0, "i2d_X509");
    print("root", der, (size_t)n);
    OPENSSL_free(der);
    der = NULL;
    n = i2d_PrivateKey(g.key[SERVER][1], &der);
    need(n > 0, "i2d_PrivateKey");
    print("sm2", der, (size_t)n);
    OPENSSL_free(der);
}

static void add_certificate(struct bytes *to, X509 *x)
{
    uint8_t *der = NULL;
    const int n = i2d_X509(x, &der);
    need(n > 0, "i2d_X509");
    add_vector(to, der, (size_t)n, 3);
    if (g.tls13)
        add_number(to, 0, 2);
    OPENSSL_free(der);
}

static void send_certificates(unsigned side)
{
    struct bytes list = {.n = 0}, body = {.n = 0};
    const bool server = side == SERVER, swap = server && asked("swap");
    const bool signs = !(server && asked("no-signing")) && !(!server && asked("client-none"));
    const bool encrypts =
        server ? !asked("no-encryption") && !g.tls13 : !asked("client-alone") && !asked("client-none");
    if (encrypts && swap)
        add_certificate(&list, g.certificate[side][1]);
    if (signs)
        add_certificate(&list, g.certificate[side][0]);
    if (encrypts && !swap)
        add_certificate(&list, g.certificate[side][1]);
    if (list.n)
        add_certificate(&list, g.root);
    if (g.tls13)
        add_number(&body, 0, 1);
    add_vector(&body, list.p, list.n, 3);
    send_message(side, CERTIFICATE, &body);
}

/* --- secrets ------------------------------------------------------------------------------------------------------ */

static void prf(const uint8_t *secret, size_t secret_n, const char *label, const struct bytes *seed, uint8_t *out,
                size_t n)
{
    struct bytes all = {.n = 0}, a;
    uint8_t block[SM3_LENGTH];
    add(&all, label, strlen(label));
    add(&all, seed->p, seed->n);
    a = all;
    for (size_t at = 0; at < n; at += SM3_LENGTH) {
        uint8_t next[SM3_LENGTH];
        hmac_sm3(secret, secret_n, &a, next);
        a.n = 0;
        add(&a, next, sizeof next);
        struct bytes with = a;
        add(&with, all.p, all.n);
        hmac_sm3(secret, secret_n, &with, block);
        memcpy(out + at, block, n - at < SM3_LENGTH ? n - at : SM3_LENGTH);
    }
}

/* GB/T 38636-2020, 6.5. */
static void make_keys(const uint8_t premaster[48])
{
    struct bytes seed = {.n = 0};
    uint8_t block[2 * (SM3_LENGTH + 16 + 16)];
    add(&seed, g.random[CLIENT], 32);
    add(&seed, g.random[SERVER], 32);
    prf(premaster, 48, "master secret", &seed, g.master, sizeof g.master);
    keylog("CLIENT_RANDOM", g.master, sizeof g.master);
    seed.n = 0;
    add(&seed, g.random[SERVER], 32);
    add(&seed, g.random[CLIENT], 32);
    prf(g.master, sizeof g.master, "key expansion", &seed, block, sizeof block);
    const size_t mac = g.cbc ? SM3_LENGTH : 0;
    for (unsigned side = 0; side < 2; side++) {
        memcpy(g.cover[side].mac, block + side * mac, mac);
        memcpy(g.cover[side].key, block + 2 * mac + side * (size_t)16, 16);
        memcpy(g.cover[side].iv, block + 2 * mac + 32 + side * (size_t)4, 4);
    }
}

/* RFC 8446, 7.1. */
static void expand_label(const uint8_t secret[SM3_LENGTH], const char *label, const uint8_t *context, size_t context_n,
                         uint8_t *out, size_t n)
{
    struct bytes info = {.n = 0};
    char whole[40];
    uint8_t block[SM3_LENGTH];
    (void)snprintf(whole, sizeof whole, "tls13 %s", label);
    add_number(&info, n, 2);
    add_vector(&info, whole, strlen(whole), 1);
    add_vector(&info, context, context_n, 1);
    add_number(&info, 1, 1);
    hmac_sm3(secret, SM3_LENGTH, &info, block);
    memcpy(out, block, n);
}

static void traffic(unsigned side, const uint8_t secret[SM3_LENGTH])
{
    struct cover *c = &g.cover[side];
    expand_label(secret, "key", NULL, 0, c->key, 16);
    expand_label(secret, "iv", NULL, 0, c->iv, 12);
    c->on = true;
    c->sequence = 0;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void add_extension(struct bytes *to, uint16_t id, const struct bytes *body)
{
    add_number(to, id, 2);
    add_vector(to, body->p, body->n, 2);
}

static void share_of(struct bytes *out)
{
    uint8_t point[SM2_POINT];
    EVP_PKEY *key = sm2_new();
    sm2_point(key, point);
    EVP_PKEY_free(key);
    out->n = 0;
    add_number(out, CURVE_SM2, 2);
    add_vector(out, point, sizeof point, 2);
}

static uint16_t suite(void)
{
    if (g.tls13)
        return g.ccm ? 0x00c7 : 0x00c6;
    if (g.rsa)
        return g.cbc ? 0xe019 : 0xe059;
    return (uint16_t)(g.ecdhe ? (g.cbc ? 0xe011 : 0xe051) : (g.cbc ? 0xe013 : 0xe053));
}

static void hello(unsigned side)
{
    static const char name[] = "\0\x12\0\0\x0fwww.example.com";
    struct bytes body = {.n = 0}, extensions = {.n = 0}, e = {.n = 0}, share;
    const bool client = side == CLIENT;
    need(RAND_bytes(g.random[side], 32) == 1, "RAND_bytes");
    add_number(&body, g.tls13 ? TLS12 : TLCP, 2);
    add(&body, g.random[side], 32);
    add_number(&body, 0, 1);
    if (client)
        add_number(&body, 2, 2);
    add_number(&body, suite(), 2);
    add_number(&body, client ? 0x0100 : 0, client ? 2 : 1);
    if (client) {
        add(&e, name, sizeof name - 1);
        add_extension(&extensions, 0, &e);
    }
    if (g.tls13) {
        e.n = 0;
        add_number(&e, client ? 2 : TLS13, client ? 1 : 2);
        add_number(&e, TLS13, client ? 2 : 0);
        add_extension(&extensions, 43, &e);
        e.n = 0;
        share_of(&share);
        if (client)
            add_vector(&e, share.p, share.n, 2);
        else
            e = share;
        add_extension(&extensions, 51, &e);
    }
    if (g.tls13 && client) {
        e.n = 0;
        add_number(&e, 0x00020029, 4);
        add_extension(&extensions, 10, &e);
        e.n = 0;
        add_number(&e, 0x00020000 | SM2SIG_SM3, 4);
        add_extension(&extensions, 13, &e);
    }
    if (extensions.n)
        add_vector(&body, extensions.p, extensions.n, 2);
    send_message(side, client ? CLIENT_HELLO : SERVER_HELLO, &body);
}

static void add_params(struct bytes *to)
{
    uint8_t point[SM2_POINT];
    EVP_PKEY *key = sm2_new();
    sm2_point(key, point);
    EVP_PKEY_free(key);
    add_number(to, 3, 1);
    add_number(to, CURVE_SM2, 2);
    add_vector(to, point, sizeof point, 1);
}

/* GB/T 38636-2020, 6.4.5.4. */
static void server_key_exchange(void)
{
    struct bytes signature, body = {.n = 0}, content = {.n = 0};
    add(&content, g.random[CLIENT], 32);
    add(&content, g.random[SERVER], 32);
    if (g.ecdhe) {
        add_params(&body);
        add(&content, body.p, body.n);
    } else {
        /* who has the two in the wrong order takes the second for the one to encrypt for */
        add_certificate(&content, g.certificate[SERVER][!asked("swap")]);
    }
    if (g.rsa)
        rsa_sign(g.key[SERVER][0], asked("rsa-sha256"), &content, &signature);
    else
        sm2_sign(g.key[SERVER][asked("swap")], usual, &content, &signature);
    flip(&signature, signature.n - 1, "server-key-exchange");
    add_vector(&body, signature.p, signature.n, 2);
    send_message(SERVER, SERVER_KEY_EXCHANGE, &body);
}

static void client_key_exchange(void)
{
    struct bytes body = {.n = 0}, inside = {.n = 0};
    uint8_t premaster[48] = {1, 1};
    need(RAND_bytes(premaster + 2, 46) == 1, "RAND_bytes");
    if (g.ecdhe) {
        add_params(&inside);
        add_number(&body, inside.n, asked("keys-long") ? 2 : 0);
        add(&body, inside.p, inside.n);
    } else {
        (g.rsa ? rsa_encrypt : sm2_encrypt)(g.key[SERVER][!asked("swap")], premaster, sizeof premaster, &inside);
        add_vector(&body, inside.p, inside.n, 2);
    }
    send_message(CLIENT, CLIENT_KEY_EXCHANGE, &body);
    make_keys(premaster);
}

static void certificate_verify(void)
{
    struct bytes hash = {.n = SM3_LENGTH}, signature, body = {.n = 0};
    sm3(&g.messages, hash.p);
    sm2_sign(g.key[CLIENT][0], usual, asked("verify-bare") ? &g.messages : &hash, &signature);
    flip(&signature, signature.n - 1, "certificate-verify");
    add_vector(&body, signature.p, signature.n, 2);
    send_message(CLIENT, CERTIFICATE_VERIFY, &body);
}

static void finished(unsigned side)
{
    struct bytes hash = {.n = SM3_LENGTH}, body = {.n = 12};
    send_text(side, CCS, "\1", 1);
    g.cover[side].on = true;
    sm3(&g.messages, hash.p);
    prf(g.master, sizeof g.master, side == CLIENT ? "client finished" : "server finished", &hash, body.p, body.n);
    flip(&body, 0, side == CLIENT ? "client-finished" : "server-finished");
    send_message(side, FINISHED, &body);
}

/* The alert with which the client refuses the server's flight; NULL: it takes it. */
static const char *refusal(void)
{
    return asked("alert")                 ? "\2\52"
           : asked("alert-decrypt-error") ? "\2\63"
           : asked("alert-expired")       ? "\2\55"
           : asked("alert-unknown-ca")    ? "\2\60"
                                          : NULL;
}

static void tlcp(void)
{
    static const struct bytes none;
    struct bytes request = {.n = 0};
    const bool client = asked("client");
    hello(CLIENT);
    hello(SERVER);
    send_certificates(SERVER);
    server_key_exchange();
    if (client) {
        add_number(&request, 0x0140, 2);
        add_number(&request, 0, 2);
        send_message(SERVER, CERTIFICATE_REQUEST, &request);
    }
    send_message(SERVER, SERVER_HELLO_DONE, &none);
    if (refusal()) {
        send_text(CLIENT, ALERT, refusal(), 2);
        return;
    }
    if (client)
        send_certificates(CLIENT);
    client_key_exchange();
    if (client && !asked("client-none"))
        certificate_verify();
    finished(CLIENT);
    finished(SERVER);
}

/* --- TLS 1.3 ------------------------------------------------------------------------------------------------------ */

static void finished13(unsigned side, const uint8_t secret[SM3_LENGTH])
{
    struct bytes hash = {.n = SM3_LENGTH}, body = {.n = SM3_LENGTH};
    uint8_t key[SM3_LENGTH];
    expand_label(secret, "finished", NULL, 0, key, sizeof key);
    sm3(&g.messages, hash.p);
    hmac_sm3(key, sizeof key, &hash, body.p);
    flip(&body, 0, side == CLIENT ? "client-finished" : "server-finished");
    send_message(side, FINISHED, &body);
}

/* RFC 8998, 3.2.1. */
static void certificate_verify13(void)
{
    static const char context[] = "TLS 1.3, server CertificateVerify";
    struct bytes content = {.n = 64}, signature, body = {.n = 0};
    uint8_t hash[SM3_LENGTH];
    memset(content.p, 0x20, 64);
    add(&content, context, sizeof context);
    sm3(&g.messages, hash);
    add(&content, hash, sizeof hash);
    sm2_sign(g.key[SERVER][0], gm_tls13, &content, &signature);
    flip(&signature, signature.n - 1, "certificate-verify");
    add_number(&body, SM2SIG_SM3, 2);
    add_vector(&body, signature.p, signature.n, 2);
    send_message(SERVER, CERTIFICATE_VERIFY, &body);
}

static void tls13(void)
{
    static const char *const labels[2][2] = {{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"},
                                             {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"}};
    struct bytes none = {.n = 2};
    uint8_t secret[2][2][SM3_LENGTH];
    hello(CLIENT);
    hello(SERVER);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned epoch = 0; epoch < 2; epoch++) {
            need(RAND_bytes(secret[side][epoch], SM3_LENGTH) == 1, "RAND_bytes");
            keylog(labels[side][epoch], secret[side][epoch], SM3_LENGTH);
        }
    memset(none.p, 0, none.n);
    traffic(SERVER, secret[SERVER][0]);
    traffic(CLIENT, secret[CLIENT][0]);
    send_message(SERVER, ENCRYPTED_EXTENSIONS, &none);
    send_certificates(SERVER);
    certificate_verify13();
    finished13(SERVER, secret[SERVER][0]);
    finished13(CLIENT, secret[CLIENT][0]);
    traffic(SERVER, secret[SERVER][1]);
    traffic(CLIENT, secret[CLIENT][1]);
}

int main(int argc, char **argv)
{
    static const char request[] = "GET /gm HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    g.argc = argc;
    g.argv = argv;
    g.ccm = asked("ccm");
    g.tls13 = asked("tls13") || g.ccm;
    g.cbc = asked("cbc");
    g.ecdhe = asked("ecdhe");
    g.rsa = asked("rsa") || asked("rsa-sha256");
    make_certificates();
    if (g.tls13)
        tls13();
    else
        tlcp();
    if (!refusal()) {
        send_text(CLIENT, DATA, request, sizeof request - 1);
        send_text(SERVER, DATA, answer, sizeof answer - 1);
        send_text(CLIENT, ALERT, "\1\0", 2);
        send_text(SERVER, ALERT, "\1\0", 2);
    }
    for (unsigned side = 0; side < 2; side++)
        for (unsigned use = 0; use < 2; use++) {
            X509_free(g.certificate[side][use]);
            EVP_PKEY_free(g.key[side][use]);
        }
    X509_free(g.root);
    EVP_PKEY_free(g.root_key);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
