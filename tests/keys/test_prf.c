/* Keys up to TLS 1.2. TLS's PRF is held against libcrypto's own (EVP_KDF TLS1-PRF), SSL 3.0 and the exportable ciphers
 * against values that a short Python program computed from the text of RFC 6101 and RFC 2246. */
#include "base/buffer.h"
#include "crypto/library.h"
#include "keys/key_block.h"
#include "keys/prf.h"
#include "wiretale/report.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { CLIENT, SERVER };

static uint8_t client_random[32], server_random[32], premaster[48];
static struct wt_crypto *crypto;
static const char messages[] = "all handshake messages";

static int start(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 32; i++) {
        client_random[i] = (uint8_t)i;
        server_random[i] = (uint8_t)(0x40 + i);
    }
    premaster[0] = 3;
    for (unsigned i = 2; i < 48; i++)
        premaster[i] = (uint8_t)(0x80 + i - 2);
    crypto = wt_crypto_new();
    return crypto ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    wt_crypto_free(crypto);
    return 0;
}

static struct wt_terms terms_of(uint16_t version, uint16_t suite)
{
    struct wt_terms t = {crypto, wt_suite_find(suite), version, client_random, server_random, NULL};
    assert_non_null(t.suite);
    return t;
}

static void hex_equal(const void *p, size_t n, const char *expected)
{
    char text[512];
    assert_true(2 * n < sizeof text);
    text[0] = 0;
    for (size_t i = 0; i < n; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)p)[i]);
    assert_string_equal(text, expected);
}

static struct wt_span pre(void)
{
    return wt_span_of(premaster, sizeof premaster);
}

static struct wt_span all_messages(void)
{
    return wt_span_text(messages);
}

/* libcrypto's PRF: `digest` "MD5-SHA1" for TLS 1.0 and 1.1. */
static void oracle(const char *digest, struct wt_span secret, const char *label, const struct wt_span *seed,
                   size_t count, uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[10];
    size_t i = 0;
    params[i++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)digest, 0);
    params[i++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)(uintptr_t)secret.p, secret.n);
    params[i++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, (void *)(uintptr_t)label, strlen(label));
    for (size_t k = 0; k < count; k++)
        params[i++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, (void *)(uintptr_t)seed[k].p, seed[k].n);
    params[i] = OSSL_PARAM_construct_end();
    assert_true(EVP_KDF_derive(ctx, out, n, params) == 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* Version, suite, and which hash the PRF of both has: RFC 5246, 5: "New cipher suites MUST explicitly specify a PRF
 * and, in general, SHOULD use the TLS PRF with SHA-256 or a stronger standard hash function." */
static const struct {
    uint16_t version, suite;
    const char *digest, *function;
} prfs[] = {
    {WT_TLS10, 0x002f, "MD5-SHA1", "PRF (P_MD5 XOR P_SHA-1)"},
    {WT_TLS11, 0x0035, "MD5-SHA1", "PRF (P_MD5 XOR P_SHA-1)"},
    {WT_TLS10, 0x00af, "MD5-SHA1", "PRF (P_MD5 XOR P_SHA-1)"}, // RFC 5487, 3.1: a MAC of SHA-2 does not change the PRF
    {WT_TLS12, 0x002f, "SHA256", "PRF (P_SHA256)"},
    {WT_TLS12, 0xc02f, "SHA256", "PRF (P_SHA256)"},
    {WT_TLS12, 0xc030, "SHA384", "PRF (P_SHA384)"},
    {WT_TLS12, 0xc028, "SHA384", "PRF (P_SHA384)"},
    {WT_TLCP, 0xe013, "SM3", "PRF (P_SM3)"},
};

/* What steps were said, as "id[n] function\n". */
static void on_step(void *context, const struct wt_step *step)
{
    struct wt_buffer *b = context;
    wt_buffer_format(b, "%s[%u] %s", step->id, (unsigned)step->out.bytes.n, step->function);
    for (size_t i = 0; i < step->in_count; i++) {
        const struct wt_step_part *p = &step->in[i];
        if (p->text)
            wt_buffer_format(b, " %s=%.*s", p->name, (int)p->bytes.n, (const char *)p->bytes.p);
        else
            wt_buffer_format(b, " %s[%u]", p->name, (unsigned)p->bytes.n);
    }
    wt_buffer_add_char(b, '\n');
    assert_non_null(wt_step_text(step));
    assert_non_null(step->rfc);
    assert_string_equal(step->out.name, step->id);
}

static void said(struct wt_buffer *b, const char *expected)
{
    wt_buffer_add(b, "", 1);
    assert_string_equal((const char *)b->p, expected);
    wt_buffer_free(b);
}

static void test_prf(void **state)
{
    (void)state;
    static const uint8_t secret[] = {1, 2, 3, 4, 5, 6, 7}; // of odd length: both halves have its middle byte
    for (size_t i = 0; i < sizeof prfs / sizeof prfs[0]; i++) {
        struct wt_terms t = terms_of(prfs[i].version, prfs[i].suite);
        const struct wt_span seed[] = {wt_span_of(client_random, 32), wt_span_of("x", 1)};
        for (size_t n = 1; n < 200; n += 33) {
            uint8_t expected[200], out[201];
            out[n] = 0xaa;
            for (size_t k = sizeof secret - 1; k <= sizeof secret; k++) {
                oracle(prfs[i].digest, wt_span_of(secret, k), "some label", seed, 2, expected, n);
                assert_true(wt_prf(&t, wt_span_of(secret, k), "some label", seed, 2, out, n));
                assert_memory_equal(out, expected, n);
                assert_int_equal(out[n], 0xaa);
            }
        }
    }
    struct wt_terms t = terms_of(WT_SSL3, 0x002f);
    uint8_t out[4];
    assert_false(wt_prf(&t, wt_span_of(secret, 7), "l", NULL, 0, out, 4));
    t.version = WT_TLS13;
    assert_false(wt_prf(&t, wt_span_of(secret, 7), "l", NULL, 0, out, 4));
    t = terms_of(WT_TLS12, 0xc100); // a Russian one: libcrypto lacks its hash
    assert_false(wt_prf(&t, wt_span_of(secret, 7), "l", NULL, 0, out, 4));
}

/* A vector that was posted to the TLS working group's list for P_SHA256 ("PRF Testvectors for the new TLS 1.2"). */
static void test_prf_vector(void **state)
{
    (void)state;
    static const uint8_t secret[] = {0x9b, 0xbe, 0x43, 0x6b, 0xa9, 0x40, 0xf0, 0x17,
                                     0xb1, 0x76, 0x52, 0x84, 0x9a, 0x71, 0xdb, 0x35};
    static const uint8_t seed[] = {0xa0, 0xba, 0x9f, 0x93, 0x6c, 0xda, 0x31, 0x18,
                                   0x27, 0xa6, 0xf7, 0x96, 0xff, 0xd5, 0x19, 0x8c};
    struct wt_terms t = terms_of(WT_TLS12, 0x002f);
    const struct wt_span s = wt_span_of(seed, sizeof seed);
    uint8_t out[100];
    assert_true(wt_prf(&t, wt_span_of(secret, sizeof secret), "test label", &s, 1, out, sizeof out));
    hex_equal(out, sizeof out,
              "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa0"
              "22f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66");
}

static void test_master_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof prfs / sizeof prfs[0]; i++) {
        struct wt_terms t = terms_of(prfs[i].version, prfs[i].suite);
        struct wt_buffer steps = {0};
        const struct wt_steps sink = {on_step, &steps};
        const struct wt_span randoms[] = {wt_span_of(client_random, 32), wt_span_of(server_random, 32)};
        uint8_t expected[48], master[WT_MASTER], hash[WT_DIGEST_MOST];
        char line[200];
        t.steps = &sink;
        oracle(prfs[i].digest, pre(), "master secret", randoms, 2, expected, 48);
        assert_true(wt_master_secret(&t, pre(), (struct wt_span){0}, master));
        assert_memory_equal(master, expected, 48);
        (void)snprintf(line, sizeof line,
                       "master_secret[48] %s pre_master_secret[48] label=master secret client_random[32] "
                       "server_random[32]\n",
                       prfs[i].function);
        said(&steps, line);
        /* RFC 7627, 4: "master_secret = PRF(pre_master_secret, "extended master secret", session_hash)[0..47]" */
        steps = (struct wt_buffer){0};
        size_t n = wt_session_hash_of(&t, all_messages(), hash);
        uint8_t digest[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        assert_true(
            EVP_Digest(messages, strlen(messages), digest, &length, EVP_get_digestbyname(prfs[i].digest), NULL));
        assert_int_equal(n, length);
        assert_memory_equal(hash, digest, n);
        const struct wt_span session_hash = wt_span_of(digest, length);
        oracle(prfs[i].digest, pre(), "extended master secret", &session_hash, 1, expected, 48);
        assert_true(wt_master_secret(&t, pre(), session_hash, master));
        assert_memory_equal(master, expected, 48);
        wt_buffer_free(&steps);
    }
}

/* The key block of each kind of cipher: lengths of MAC keys, keys and IVs, held against the oracle's bytes. */
static const struct {
    uint16_t version, suite;
    uint8_t mac, key, iv;
} blocks[] = {
    {WT_TLS10, 0x002f, 20, 16, 16}, // AES_128_CBC_SHA
    {WT_TLS11, 0x002f, 20, 16, 0},  // RFC 4346, 6.3 cuts no IV
    {WT_TLS12, 0x002f, 20, 16, 0},  // RFC 5246, 6.3: "only generated for implicit nonce techniques"
    {WT_TLS10, 0x000a, 20, 24, 8},  // 3DES_EDE_CBC_SHA
    {WT_TLS10, 0x0005, 20, 16, 0},  // RC4_128_SHA
    {WT_TLS10, 0x0002, 20, 0, 0},   // NULL_SHA
    {WT_TLS12, 0xc028, 48, 32, 0},  // AES_256_CBC_SHA384
    {WT_TLS12, 0xc02f, 0, 16, 4},   // AES_128_GCM: RFC 5288, 3
    {WT_TLS12, 0xc09c, 0, 16, 4},   // AES_128_CCM: RFC 6655, 3
    {WT_TLS12, 0xcca8, 0, 32, 12},  // CHACHA20_POLY1305: RFC 7905, 2
    {WT_TLS12, 0xcc13, 0, 32, 0},   // its first form
    {WT_TLCP, 0xe013, 32, 16, 0},   // ECC_SM4_CBC_SM3
    {WT_TLCP, 0xe053, 0, 16, 4},    // ECC_SM4_GCM_SM3
};

static const char *digest_of(const struct wt_terms *t)
{
    if (t->version == WT_TLS10 || t->version == WT_TLS11)
        return "MD5-SHA1";
    return wt_hash_info_of((enum wt_hash_id)t->suite->prf)->name;
}

static void test_key_block(void **state)
{
    (void)state;
    uint8_t master[WT_MASTER] = {1, 2, 3};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        struct wt_terms t = terms_of(blocks[i].version, blocks[i].suite);
        const struct wt_span randoms[] = {wt_span_of(server_random, 32), wt_span_of(client_random, 32)};
        struct wt_key_block b;
        uint8_t expected[300];
        size_t mac = blocks[i].mac, key = blocks[i].key, iv = blocks[i].iv, n = 2 * (mac + key + iv);
        oracle(digest_of(&t), wt_span_of(master, 48), "key expansion", randoms, 2, expected, n);
        assert_true(wt_key_block(&t, master, &b));
        assert_int_equal(b.n, n);
        assert_memory_equal(b.bytes, expected, n);
        for (unsigned side = CLIENT; side <= SERVER; side++) {
            assert_int_equal(b.mac_key[side].n, mac);
            assert_int_equal(b.key[side].n, key);
            assert_int_equal(b.iv[side].n, iv);
            assert_ptr_equal(b.mac_key[side].p, b.bytes + side * mac);
            assert_ptr_equal(b.key[side].p, b.bytes + 2 * mac + side * key);
            assert_ptr_equal(b.iv[side].p, b.bytes + 2 * (mac + key) + side * iv);
        }
    }
}

static void test_key_block_refuses(void **state)
{
    (void)state;
    uint8_t master[WT_MASTER] = {0};
    struct wt_key_block b;
    struct wt_terms t = terms_of(WT_TLS12, 0x1301); // a suite of TLS 1.3
    assert_false(wt_key_block(&t, master, &b));
    t = terms_of(WT_TLS13, 0xc02f);
    assert_false(wt_key_block(&t, master, &b));
    t = terms_of(WT_TLS12, 0xc100);
    assert_false(wt_key_block(&t, master, &b));
    t.suite = NULL;
    assert_false(wt_key_block(&t, master, &b));
    /* Every suite of the registry fits in the key block, and none derives what libcrypto lacks. */
    for (unsigned id = 0; id <= 0xffff; id++) {
        static const uint16_t versions[] = {WT_SSL3, WT_TLS10, WT_TLS11, WT_TLS12, WT_TLCP};
        t.suite = wt_suite_find((uint16_t)id);
        for (size_t v = 0; t.suite && v < sizeof versions / sizeof versions[0]; v++) {
            t.version = versions[v];
            if (wt_key_block(&t, master, &b))
                assert_true(b.n <= sizeof b.bytes && b.key[0].n <= 64 && b.iv[1].n <= 64);
        }
    }
}

static void test_cut_said(void **state)
{
    (void)state;
    uint8_t master[WT_MASTER] = {0};
    struct wt_buffer steps = {0};
    const struct wt_steps sink = {on_step, &steps};
    struct wt_key_block b;
    struct wt_terms t = terms_of(WT_TLS10, 0x002f);
    t.steps = &sink;
    assert_true(wt_key_block(&t, master, &b));
    said(&steps, "key_block[104] PRF (P_MD5 XOR P_SHA-1) master_secret[48] label=key expansion server_random[32] "
                 "client_random[32]\n"
                 "client_write_MAC_key[20] cut key_block[104] bytes=0..19\n"
                 "server_write_MAC_key[20] cut key_block[104] bytes=20..39\n"
                 "client_write_key[16] cut key_block[104] bytes=40..55\n"
                 "server_write_key[16] cut key_block[104] bytes=56..71\n"
                 "client_write_IV[16] cut key_block[104] bytes=72..87\n"
                 "server_write_IV[16] cut key_block[104] bytes=88..103\n");
    steps = (struct wt_buffer){0};
    t = terms_of(WT_TLS12, 0xc02f);
    t.steps = &sink;
    assert_true(wt_key_block(&t, master, &b));
    said(&steps, "key_block[40] PRF (P_SHA256) master_secret[48] label=key expansion server_random[32] "
                 "client_random[32]\n"
                 "no_MAC_key[0] cut\n"
                 "client_write_key[16] cut key_block[40] bytes=0..15\n"
                 "server_write_key[16] cut key_block[40] bytes=16..31\n"
                 "client_write_IV[4] cut key_block[40] bytes=32..35\n"
                 "server_write_IV[4] cut key_block[40] bytes=36..39\n");
}

#define MASTER3 "b897f3b649b1fafa1294df23fd6ca05ee70baeeb2df97991c376f51067a8ea9040f54d091662767a59b2f54c8deb2c42"

static void test_ssl3(void **state)
{
    (void)state;
    struct wt_buffer steps = {0};
    const struct wt_steps sink = {on_step, &steps};
    struct wt_terms t = terms_of(WT_SSL3, 0x000a); // 3DES_EDE_CBC_SHA
    uint8_t master[WT_MASTER], proof[36];
    struct wt_key_block b;
    t.steps = &sink;
    assert_true(wt_master_secret(&t, pre(), (struct wt_span){0}, master));
    hex_equal(master, sizeof master, MASTER3);
    said(&steps, "master_secret[48] MD5(secret + SHA('A', 'BB', … + secret + randoms)) pre_master_secret[48] "
                 "client_random[32] server_random[32]\n");
    t.steps = NULL;
    assert_true(wt_key_block(&t, master, &b));
    hex_equal(
        b.bytes, b.n,
        "dc6527e3f05be6c5821442cd56daffd10a11c99cb422864da91985111cdd32e9daf7e00984a589a3e20ddb942ee65bd6379628c5"
        "298076d08c50b22f410ebf3c79ebfff0954ad1855b964922e598bafdce748aca595adc4f844c6324651b49f08adcbadd9d7ba861");
    assert_int_equal(b.iv[SERVER].n, 8);
    steps = (struct wt_buffer){0};
    t.steps = &sink;
    assert_int_equal(wt_verify_data(&t, master, CLIENT, all_messages(), proof), 36);
    hex_equal(proof, 36, "5dc6e2665f634da9d5b144c294c1d44e21c9047a68ea28f2b01ed005904c4a9fbd61582c");
    said(&steps, "md5_hash[16] MD5(master_secret + pad2 + MD5(messages + Sender + master_secret + pad1)) "
                 "master_secret[48] inner hash[16] Sender=CLNT\n"
                 "sha_hash[20] SHA(master_secret + pad2 + SHA(messages + Sender + master_secret + pad1)) "
                 "master_secret[48] inner hash[20] Sender=CLNT\n");
    t.steps = NULL;
    assert_int_equal(wt_verify_data(&t, master, SERVER, all_messages(), proof), 36);
    hex_equal(proof, 36, "27aaa1684064f51cb4907b4ee1e8642d245421d98095f733de63a73b509e94421bda0a71");
    assert_true(wt_ssl3_certificate_digests(&t, master, all_messages(), proof));
    hex_equal(proof, 36, "1e263d3bef091de594c8c401352f7308ef998dab3dd229177085518f975307350562ccc7");
    uint8_t hash[WT_DIGEST_MOST];
    assert_int_equal(wt_session_hash_of(&t, all_messages(), hash), 0); // it has no extended master secret
}

/* RFC 6101, 6.2.2.1 and RFC 2246, 6.3.1. */
static void test_export(void **state)
{
    (void)state;
    uint8_t master[WT_MASTER];
    struct wt_key_block b;
    struct wt_buffer steps = {0};
    const struct wt_steps sink = {on_step, &steps};
    struct wt_terms t = terms_of(WT_SSL3, 0x0006); // RSA_EXPORT_WITH_RC2_CBC_40_MD5
    assert_true(wt_master_secret(&t, pre(), (struct wt_span){0}, master));
    assert_true(wt_key_block(&t, master, &b));
    hex_equal(b.bytes, b.n, "dc6527e3f05be6c5821442cd56daffd10a11c99cb422864da91985111cdd32e9daf7e00984a589a3e20d");
    hex_equal(b.key[CLIENT].p, b.key[CLIENT].n, "d45b127b216dfa4434b71323c9035f37");
    hex_equal(b.key[SERVER].p, b.key[SERVER].n, "c39417e8beeec9766db73cbe314042b7");
    hex_equal(b.iv[CLIENT].p, b.iv[CLIENT].n, "55570032f1a7b533");
    hex_equal(b.iv[SERVER].p, b.iv[SERVER].n, "ab06290224f1ac5e");
    t = terms_of(WT_TLS10, 0x0008); // RSA_EXPORT_WITH_DES40_CBC_SHA
    assert_true(wt_master_secret(&t, pre(), (struct wt_span){0}, master));
    hex_equal(master, sizeof master,
              "f76404d215b3b09716aa6cd41cbe3f1cc2d541fb43651667d3cdb2cdbc3f2297449a9e433db10c19a10023b558cbbe94");
    t.steps = &sink;
    assert_true(wt_key_block(&t, master, &b));
    hex_equal(b.bytes, b.n,
              "4db7ea561f811d3e447d77621cb18e278efb9f17668c7b16f27419eadd7ae3c8683bdede9f1369ee048489eef6e08c43810e");
    hex_equal(b.key[CLIENT].p, b.key[CLIENT].n, "4177b8f9e217e64c");
    hex_equal(b.key[SERVER].p, b.key[SERVER].n, "394b4078a9077698");
    hex_equal(b.iv[CLIENT].p, b.iv[CLIENT].n, "32a141592a0476a4");
    hex_equal(b.iv[SERVER].p, b.iv[SERVER].n, "d3139f4f76b6f780");
    said(&steps, "key_block[50] PRF (P_MD5 XOR P_SHA-1) master_secret[48] label=key expansion server_random[32] "
                 "client_random[32]\n"
                 "client_write_MAC_key[20] cut key_block[50] bytes=0..19\n"
                 "server_write_MAC_key[20] cut key_block[50] bytes=20..39\n"
                 "client_write_key[5] cut key_block[50] bytes=40..44\n"
                 "server_write_key[5] cut key_block[50] bytes=45..49\n"
                 "no_IV[0] cut\n"
                 "final_client_write_key[8] PRF (P_MD5 XOR P_SHA-1) client_write_key[5] label=client write key "
                 "client_random[32] server_random[32]\n"
                 "final_server_write_key[8] PRF (P_MD5 XOR P_SHA-1) server_write_key[5] label=server write key "
                 "client_random[32] server_random[32]\n"
                 "iv_block[16] PRF (P_MD5 XOR P_SHA-1) secret[0] label=IV block client_random[32] server_random[32]\n");
    t = terms_of(WT_TLS10, 0x0003); // RSA_EXPORT_WITH_RC4_40_MD5: no IVs
    assert_true(wt_key_block(&t, master, &b));
    assert_int_equal(b.key[CLIENT].n, 16);
    assert_int_equal(b.iv[CLIENT].n, 0);
    t = terms_of(WT_TLS10, 0x0062); // RSA_EXPORT1024_WITH_DES_CBC_SHA: all 56 bits, and through it all the same
    assert_true(wt_key_block(&t, master, &b));
    assert_ptr_equal(b.key[SERVER].p, b.made[SERVER][0]);
    assert_int_equal(b.key[SERVER].n, 8);
}

static void test_verify_data(void **state)
{
    (void)state;
    uint8_t master[WT_MASTER] = {9};
    for (size_t i = 0; i < sizeof prfs / sizeof prfs[0]; i++) {
        struct wt_terms t = terms_of(prfs[i].version, prfs[i].suite);
        uint8_t digest[EVP_MAX_MD_SIZE], expected[12], out[36];
        unsigned n = 0;
        assert_true(EVP_Digest(messages, strlen(messages), digest, &n, EVP_get_digestbyname(prfs[i].digest), NULL));
        const struct wt_span hash = wt_span_of(digest, n);
        for (unsigned side = CLIENT; side <= SERVER; side++) {
            oracle(prfs[i].digest, wt_span_of(master, 48), side ? "server finished" : "client finished", &hash, 1,
                   expected, 12);
            assert_int_equal(wt_verify_data(&t, master, side, all_messages(), out), 12);
            assert_memory_equal(out, expected, 12);
        }
    }
    struct wt_buffer steps = {0};
    const struct wt_steps sink = {on_step, &steps};
    struct wt_terms t = terms_of(WT_TLS12, 0xc030);
    uint8_t out[36];
    t.steps = &sink;
    assert_int_equal(wt_verify_data(&t, master, SERVER, all_messages(), out), 12);
    said(&steps, "handshake_hash[48] SHA384\n"
                 "server_verify_data[12] PRF (P_SHA384) master_secret[48] label=server finished handshake_hash[48]\n");
}

/* RFC 4279, 2, and RFC 5705, 4. */
static void test_psk_and_exporter(void **state)
{
    (void)state;
    uint8_t out[64], expected[40];
    const struct wt_span psk = wt_span_of("\x0a\x0b\x0c", 3), other = wt_span_of("\x01\x02", 2);
    size_t n = wt_psk_premaster(psk, (struct wt_span){0}, out, sizeof out);
    hex_equal(out, n, "000300000000030a0b0c");
    n = wt_psk_premaster(psk, other, out, sizeof out);
    hex_equal(out, n, "0002010200030a0b0c");
    assert_int_equal(wt_psk_premaster(psk, other, out, 8), 0);
    assert_int_equal(wt_psk_premaster(psk, other, out, 9), 9);
    assert_int_equal(wt_psk_premaster(wt_span_of(out, 65536), other, out, SIZE_MAX), 0);
    uint8_t master[WT_MASTER] = {5};
    struct wt_terms t = terms_of(WT_TLS12, 0xc02f);
    const struct wt_span seed[] = {wt_span_of(client_random, 32), wt_span_of(server_random, 32),
                                   wt_span_of("\x00\x03"
                                              "abc",
                                              5)};
    oracle("SHA256", wt_span_of(master, 48), "EXPERIMENTAL x", seed, 2, expected, 40);
    assert_true(wt_exporter12(&t, master, "EXPERIMENTAL x", (struct wt_span){0}, out, 40));
    assert_memory_equal(out, expected, 40);
    oracle("SHA256", wt_span_of(master, 48), "EXPERIMENTAL x", seed, 3, expected, 40);
    assert_true(wt_exporter12(&t, master, "EXPERIMENTAL x", wt_span_of("abc", 3), out, 40));
    assert_memory_equal(out, expected, 40);
    /* RFC 5705, 4: a context of no bytes still has its length, and so is not the same as none */
    assert_true(wt_exporter12(&t, master, "EXPERIMENTAL x", wt_span_of("", 0), out, 20));
    assert_true(wt_exporter12(&t, master, "EXPERIMENTAL x", (struct wt_span){0}, out + 20, 20));
    assert_memory_not_equal(out, out + 20, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prf),
        cmocka_unit_test(test_prf_vector),
        cmocka_unit_test(test_master_secret),
        cmocka_unit_test(test_key_block),
        cmocka_unit_test(test_key_block_refuses),
        cmocka_unit_test(test_cut_said),
        cmocka_unit_test(test_ssl3),
        cmocka_unit_test(test_export),
        cmocka_unit_test(test_verify_data),
        cmocka_unit_test(test_psk_and_exporter),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
