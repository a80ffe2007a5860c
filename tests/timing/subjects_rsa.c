/* Encrypted premaster secrets: a right one against what is no PKCS #1 block, one byte too short, or of another version.
 */
#include "timing.h"

#include "crypto/mac.h"
#include "crypto/premaster.h"
#include "crypto/rsa.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* The shortest that holds a premaster secret: the less the arithmetic takes, the better the rest is seen. */
enum { BITS = 512, MODULUS = BITS / 8 };

enum kind { RIGHT, NO_BLOCK, SHORT, VERSION };

struct how {
    bool endpoint;
    enum kind class[CLASSES];
};

struct rsa {
    struct wt_crypto *crypto;
    struct wt_private_key *key;
    struct wt_random random;
    bool endpoint;
    uint8_t inputs[CLASSES][INPUTS][MODULUS];
    uint8_t sealed[MODULUS];
    uint8_t out[WT_RSA_MOST];
};

/* As it is before RSA. */
static void lay_out(uint8_t block[MODULUS], enum kind kind)
{
    const size_t n = kind == SHORT ? WT_PREMASTER - 1 : WT_PREMASTER;
    for (size_t i = 0; i < MODULUS; i++)
        do
            block[i] = (uint8_t)noise();
        while (!block[i]);
    block[0] = 0;
    block[1] = kind == NO_BLOCK ? 7 : 2;
    block[MODULUS - n - 1] = 0;
    block[MODULUS - n] = 3;
    block[MODULUS - n + 1] = kind == VERSION ? 1 : 3;
}

static bool seal(const struct rsa *r, EVP_PKEY *pkey, const uint8_t block[MODULUS], uint8_t *out)
{
    size_t n = MODULUS;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(r->crypto), pkey, NULL);
    const bool sealed = EVP_PKEY_encrypt_init(c) == 1 && EVP_PKEY_CTX_set_rsa_padding(c, RSA_NO_PADDING) == 1 &&
                        EVP_PKEY_encrypt(c, out, &n, block, MODULUS) == 1;
    EVP_PKEY_CTX_free(c);
    return sealed;
}

static void *make(struct wt_crypto *crypto, const void *context)
{
    const struct how *how = context;
    struct rsa *r = calloc(1, sizeof *r);
    unsigned char *der = NULL;
    enum wt_problem_id why;
    r->crypto = crypto;
    r->random = (struct wt_random){.crypto = crypto};
    r->endpoint = how->endpoint;
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(wt_crypto_context(crypto), NULL, "RSA", (size_t)BITS);
    const int n = i2d_PrivateKey(pkey, &der);
    r->key = wt_private_key_load(crypto, wt_span_of(der, (size_t)n), NULL, WT_KEY_DECRYPTS, &why);
    bool made = r->key != NULL;
    for (unsigned i = 0; made && i < CLASSES * INPUTS; i++) {
        uint8_t block[MODULUS];
        lay_out(block, how->class[i % CLASSES]);
        made = seal(r, pkey, block, r->inputs[i % CLASSES][i / CLASSES]);
    }
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    return made ? r : NULL;
}

static void release(void *made)
{
    struct rsa *r = made;
    wt_private_key_free(r->key);
    free(r);
}

static void prepare(void *made, unsigned class, unsigned input)
{
    struct rsa *r = made;
    memcpy(r->sealed, r->inputs[class][input], MODULUS);
}

/* libcrypto's decryption takes the same time for both as well. What shows is that an observer goes on to the master
 * secret (RFC 5246, 8.1) with what it could decrypt, and with nothing else. */
static void observe(struct rsa *r, struct wt_span sealed)
{
    static const uint8_t label_and_randoms[13 + 64] = "master secret";
    const struct wt_span seed = wt_span_of(label_and_randoms, sizeof label_and_randoms);
    uint8_t master[48];
    const size_t n = wt_private_key_decrypt(r->crypto, r->key, sealed, r->out);
    if (n == WT_PREMASTER)
        (void)wt_p_hash(r->crypto, WT_HASH_SHA256, wt_span_of(r->out, n), &seed, 1, master, sizeof master);
}

static void run(void *made)
{
    struct rsa *r = made;
    const struct wt_span sealed = wt_span_of(r->sealed, MODULUS);
    if (r->endpoint)
        (void)wt_premaster_decrypt(r->crypto, r->key, &r->random, sealed, WT_TLS12, r->out);
    else
        observe(r, sealed);
}

const struct subject subjects_rsa[] = {
    {"rsa: right, no block", false, &(const struct how){true, {RIGHT, NO_BLOCK}}, make, release, prepare, run},
    {"rsa: right, too short", false, &(const struct how){true, {RIGHT, SHORT}}, make, release, prepare, run},
    {"rsa: right, another version", false, &(const struct how){true, {RIGHT, VERSION}}, make, release, prepare, run},
    {"rsa of an observer: right, no block", true, &(const struct how){false, {RIGHT, NO_BLOCK}}, make, release, prepare,
     run},
    {0},
};
