/* Private keys in every wrapping that servers keep them in; and what they decrypt. */
#include "crypto/rsa.h"

#include "vector.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

static char password[] = "correct horse";

struct keys {
    struct wt_crypto *crypto;
    OSSL_LIB_CTX *lib;
    EVP_PKEY *rsa, *other, *ec;
    struct wt_public_key *of_rsa, *of_other, *of_ec;
};

static struct wt_public_key *public_half(const struct keys *k, EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(pkey, &der);
    struct wt_public_key *key = wt_public_key_of_spki(k->crypto, wt_span_of(der, (size_t)n));
    OPENSSL_free(der);
    assert_non_null(key);
    return key;
}

static int make_keys(void **state)
{
    struct keys *k = calloc(1, sizeof *k);
    *state = k;
    k->crypto = wt_crypto_new();
    k->lib = wt_crypto_context(k->crypto);
    k->rsa = EVP_PKEY_Q_keygen(k->lib, NULL, "RSA", (size_t)2048);
    k->other = EVP_PKEY_Q_keygen(k->lib, NULL, "RSA", (size_t)1024);
    k->ec = EVP_PKEY_Q_keygen(k->lib, NULL, "EC", "P-256");
    k->of_rsa = public_half(k, k->rsa);
    k->of_other = public_half(k, k->other);
    k->of_ec = public_half(k, k->ec);
    return 0;
}

static int free_keys(void **state)
{
    struct keys *k = *state;
    wt_public_key_free(k->of_rsa);
    wt_public_key_free(k->of_other);
    wt_public_key_free(k->of_ec);
    EVP_PKEY_free(k->rsa);
    EVP_PKEY_free(k->other);
    EVP_PKEY_free(k->ec);
    wt_crypto_free(k->crypto);
    free(k);
    return 0;
}

static struct wt_span written(BIO *b)
{
    char *p = NULL;
    long n = BIO_get_mem_data(b, &p);
    return wt_span_of(p, (size_t)n);
}

/* It loads, is the right one, and with nothing else. */
static void loads(const struct keys *k, struct wt_span file, const char *with)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_private_key *key = wt_private_key_load(k->crypto, file, with, WT_KEY_DECRYPTS, &why);
    if (!key)
        fail_msg("%s", wt_problem_text(why));
    assert_true(wt_private_key_fits(key, k->of_rsa));
    assert_false(wt_private_key_fits(key, k->of_other));
    assert_false(wt_private_key_fits(key, k->of_ec));
    wt_private_key_free(key);
}

static void refused(const struct keys *k, struct wt_span file, const char *with, enum wt_problem_id because)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    assert_null(wt_private_key_load(k->crypto, file, with, WT_KEY_DECRYPTS, &why));
    if (why != because)
        fail_msg("\"%s\" is not \"%s\"", wt_problem_text(why), wt_problem_text(because));
}

/* PKCS #1 and PKCS #8, PEM and DER */
static void test_plain(void **state)
{
    const struct keys *k = *state;
    static const char *const structures[] = {"type-specific", "PrivateKeyInfo"};
    static const char *const formats[] = {"PEM", "DER"};
    for (int i = 0; i < 4; i++) {
        BIO *b = BIO_new(BIO_s_mem());
        OSSL_ENCODER_CTX *c =
            OSSL_ENCODER_CTX_new_for_pkey(k->rsa, EVP_PKEY_KEYPAIR, formats[i % 2], structures[i / 2], NULL);
        assert_int_equal(OSSL_ENCODER_to_bio(c, b), 1);
        loads(k, written(b), NULL);
        loads(k, written(b), password); /* which it does not need */
        OSSL_ENCODER_CTX_free(c);
        BIO_free(b);
    }
}

/* What other tools put around: text before, other keys and a certificate in front, CRLF. */
static void test_company(void **state)
{
    const struct keys *k = *state;
    BIO *b = BIO_new(BIO_s_mem());
    BIO_puts(b, "Bag Attributes\n    friendlyName: server\n");
    assert_true(PEM_write_bio_PUBKEY(b, k->of_rsa ? k->rsa : NULL) == 1);
    BIO_puts(b, "\nissuer=CN = nobody\n");
    assert_true(PEM_write_bio_PKCS8PrivateKey(b, k->ec, NULL, NULL, 0, NULL, NULL) == 1);
    assert_true(PEM_write_bio_PKCS8PrivateKey(b, k->rsa, NULL, NULL, 0, NULL, NULL) == 1);
    loads(k, written(b), NULL);

    struct wt_span unix_text = written(b);
    BIO *crlf = BIO_new(BIO_s_mem());
    for (size_t i = 0; i < unix_text.n; i++)
        BIO_write(crlf, unix_text.p[i] == '\n' ? "\r\n" : (const char *)unix_text.p + i,
                  unix_text.p[i] == '\n' ? 2 : 1);
    loads(k, written(crlf), NULL);
    BIO_free(crlf);
    BIO_free(b);
}

static void check_password(const struct keys *k, BIO *b)
{
    loads(k, written(b), password);
    refused(k, written(b), NULL, WT_PROBLEM_RSA_ENCRYPTED);
    refused(k, written(b), "incorrect horse", WT_PROBLEM_RSA_PASSWORD);
    BIO_free(b);
}

/* Keys of today (PBES2), of 1998 (PEM's own header) and of PKCS #5 v1.5, which needs the legacy provider */
static void test_encrypted(void **state)
{
    const struct keys *k = *state;
    EVP_CIPHER *aes = EVP_CIPHER_fetch(k->lib, "AES-256-CBC", NULL);
    EVP_CIPHER *des3 = EVP_CIPHER_fetch(k->lib, "DES-EDE3-CBC", NULL);
    int n = (int)strlen(password);

    BIO *b = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, k->rsa, aes, password, n, NULL, NULL), 1);
    check_password(k, b);
    b = BIO_new(BIO_s_mem());
    assert_int_equal(i2d_PKCS8PrivateKey_bio(b, k->rsa, aes, password, n, NULL, NULL), 1);
    check_password(k, b);
    b = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey_traditional(b, k->rsa, des3, (unsigned char *)password, n, NULL, NULL),
                     1);
    check_password(k, b);
    if (wt_crypto_legacy(k->crypto)) {
        PKCS8_PRIV_KEY_INFO *bare = EVP_PKEY2PKCS8(k->rsa);
        X509_SIG *sealed =
            PKCS8_encrypt_ex(NID_pbeWithMD5AndDES_CBC, NULL, password, n, NULL, 0, 2048, bare, k->lib, NULL);
        assert_non_null(sealed);
        b = BIO_new(BIO_s_mem());
        assert_int_equal(PEM_write_bio_PKCS8(b, sealed), 1);
        check_password(k, b);
        X509_SIG_free(sealed);
        PKCS8_PRIV_KEY_INFO_free(bare);
    }
    EVP_CIPHER_free(aes);
    EVP_CIPHER_free(des3);
}

static BIO *pkcs12(const struct keys *k, EVP_PKEY *key, char *with, int nid)
{
    PKCS12 *bag = PKCS12_create_ex(with, "server", key, NULL, NULL, nid, nid, 2048, 0, 0, k->lib, NULL);
    BIO *b = BIO_new(BIO_s_mem());
    assert_non_null(bag);
    assert_int_equal(i2d_PKCS12_bio(b, bag), 1);
    PKCS12_free(bag);
    return b;
}

static void test_pkcs12(void **state)
{
    const struct keys *k = *state;
    static char none[] = "";
    check_password(k, pkcs12(k, k->rsa, password, NID_aes_256_cbc));
    check_password(k, pkcs12(k, k->rsa, password, NID_pbe_WithSHA1And3_Key_TripleDES_CBC));
    if (wt_crypto_legacy(k->crypto)) /* as Windows and OpenSSL 1.x wrote them */
        check_password(k, pkcs12(k, k->rsa, password, NID_pbe_WithSHA1And40BitRC2_CBC));
    BIO *b = pkcs12(k, k->rsa, none, NID_aes_256_cbc);
    loads(k, written(b), NULL);
    loads(k, written(b), "");
    BIO_free(b);
    /* Two keys, in a safe that is encrypted as a whole: the one of RSA is found. */
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    STACK_OF(PKCS7) *safes = NULL;
    assert_non_null(PKCS12_add_key_ex(&bags, k->ec, 0, 2048, NID_aes_256_cbc, password, k->lib, NULL));
    assert_non_null(PKCS12_add_key_ex(&bags, k->rsa, 0, 2048, -1, password, k->lib, NULL));
    assert_int_equal(PKCS12_add_safe_ex(&safes, bags, NID_aes_256_cbc, 2048, password, k->lib, NULL), 1);
    PKCS12 *two = PKCS12_add_safes_ex(safes, NID_pkcs7_data, k->lib, NULL);
    b = BIO_new(BIO_s_mem());
    assert_int_equal(PKCS12_set_mac(two, password, -1, NULL, 0, 2048, NULL), 1);
    assert_int_equal(i2d_PKCS12_bio(b, two), 1);
    check_password(k, b);
    PKCS12_free(two);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    b = pkcs12(k, k->ec, password, NID_aes_256_cbc);
    refused(k, written(b), password, WT_PROBLEM_RSA_KIND);
    BIO_free(b);
}

static void test_none(void **state)
{
    const struct keys *k = *state;
    refused(k, (struct wt_span){0}, NULL, WT_PROBLEM_RSA_EMPTY);
    refused(k, wt_span_text("no key at all"), NULL, WT_PROBLEM_RSA_NONE);
    refused(k, wt_span_text("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC\n-----END RSA PRIVATE KEY-----\n"), NULL,
            WT_PROBLEM_RSA_NONE);
    BIO *b = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(b, k->rsa), 1);
    refused(k, written(b), NULL, WT_PROBLEM_RSA_NONE);
    BIO_free(b);
    b = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, k->ec, NULL, NULL, 0, NULL, NULL), 1);
    refused(k, written(b), NULL, WT_PROBLEM_RSA_KIND);
    BIO_free(b);
    size_t much = (1u << 20) + 1;
    uint8_t *zeros = calloc(1, much);
    refused(k, wt_span_of(zeros, much), NULL, WT_PROBLEM_RSA_FILE);
    free(zeros);
    wt_private_key_free(NULL);
}

/* Cut anywhere, or a byte wrong: a key or a reason, and nothing else. */
static void test_damaged(void **state)
{
    const struct keys *k = *state;
    unsigned char *der = NULL;
    int n = i2d_PrivateKey(k->rsa, &der);
    assert_true(n > 0);
    for (size_t cut = 1; cut < (size_t)n; cut += 37) {
        uint8_t *copy = malloc(cut);
        enum wt_problem_id why = WT_PROBLEM_NONE;
        memcpy(copy, der, cut);
        assert_null(wt_private_key_load(k->crypto, wt_span_of(copy, cut), NULL, WT_KEY_DECRYPTS, &why));
        assert_int_not_equal(why, WT_PROBLEM_NONE);
        free(copy);
    }
    for (size_t i = 0; i < 40; i++) {
        enum wt_problem_id why = WT_PROBLEM_NONE;
        der[i] ^= 0x11;
        struct wt_private_key *key =
            wt_private_key_load(k->crypto, wt_span_of(der, (size_t)n), NULL, WT_KEY_DECRYPTS, &why);
        assert_true(key || why);
        wt_private_key_free(key);
        der[i] ^= 0x11;
    }
    OPENSSL_free(der);
}

/* RFC 5246, 7.4.7.1: the premaster secret; what is no PKCS #1 block is refused, not answered with random bytes. */
static void test_decrypt(void **state)
{
    const struct keys *k = *state;
    uint8_t premaster[48] = {3, 3, 1, 2, 3}, sealed[256], out[WT_RSA_MOST];
    size_t n = sizeof sealed;
    BIO *b = BIO_new(BIO_s_mem());
    enum wt_problem_id why = WT_PROBLEM_NONE;
    assert_int_equal(i2d_PrivateKey_bio(b, k->rsa), 1);
    struct wt_private_key *key = wt_private_key_load(k->crypto, written(b), NULL, WT_KEY_DECRYPTS, &why);
    assert_non_null(key);

    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(k->lib, k->rsa, NULL);
    assert_true(EVP_PKEY_encrypt_init(c) == 1 && EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1);
    assert_int_equal(EVP_PKEY_encrypt(c, sealed, &n, premaster, sizeof premaster), 1);
    assert_int_equal(wt_private_key_decrypt(k->crypto, key, wt_span_of(sealed, n), out), sizeof premaster);
    assert_memory_equal(out, premaster, sizeof premaster);
    /* By chance one in some 70,000 looks like a block again: not two of fifteen. */
    unsigned opened = 0;
    for (size_t i = 1; i < n; i += 17) {
        sealed[i] ^= 1;
        opened += wt_private_key_decrypt(k->crypto, key, wt_span_of(sealed, n), out) != 0;
        sealed[i] ^= 1;
    }
    assert_true(opened < 2);
    assert_int_equal(wt_private_key_decrypt(k->crypto, key, wt_span_of(sealed, n - 1), out), 0);
    assert_int_equal(wt_private_key_decrypt(k->crypto, key, (struct wt_span){0}, out), 0);

    /* The longest that fits in the padding. */
    uint8_t most[256 - 11];
    memset(most, 0xab, sizeof most);
    n = sizeof sealed;
    assert_int_equal(EVP_PKEY_encrypt(c, sealed, &n, most, sizeof most), 1);
    assert_int_equal(wt_private_key_decrypt(k->crypto, key, wt_span_of(sealed, n), out), sizeof most);
    assert_memory_equal(out, most, sizeof most);
    EVP_PKEY_CTX_free(c);
    wt_private_key_free(key);
    BIO_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),   cmocka_unit_test(test_company), cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_pkcs12),  cmocka_unit_test(test_none),    cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_decrypt),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
