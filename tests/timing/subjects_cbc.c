/* CBC records that are not authentic: wrong padding against a wrong MAC, and padding of different lengths before which
 * the MAC is wrong (Lucky Thirteen). */
#include "timing.h"

#include "crypto/cipher.h"
#include "protect/protect.h"

#include <stdlib.h>

enum { BLOCK = 16, PLAIN = 40 * BLOCK, LENGTH = BLOCK + PLAIN };

enum wrong { PADDING, MAC_SHORT, MAC_LONG };

struct how {
    uint16_t suite;
    bool endpoint;
    enum wrong class[CLASSES];
};

struct cbc {
    struct wt_protector *open;
    uint8_t inputs[CLASSES][INPUTS][LENGTH];
    uint8_t record[LENGTH];
};

static void lay_out(uint8_t *plain, enum wrong wrong)
{
    const unsigned last = wrong == MAC_LONG ? 255 : wrong == MAC_SHORT ? 0 : 99;
    make_noise(plain, PLAIN);
    memset(plain + PLAIN - 1 - last, (int)last, last + 1);
    if (wrong == PADDING)
        plain[PLAIN - 1 - last] ^= 0x55;
}

static void *make(struct wt_crypto *crypto, const void *context)
{
    const struct how *how = context;
    const struct wt_suite *suite = wt_suite_find(how->suite);
    uint8_t key[32], mac_key[WT_DIGEST_MOST];
    struct cbc *c = calloc(1, sizeof *c);
    make_noise(key, sizeof key);
    make_noise(mac_key, sizeof mac_key);
    const struct wt_protection protection = {
        .suite = suite,
        .version = WT_TLS12,
        .key = wt_span_of(key, wt_cipher_of(suite->cipher)->key),
        .mac_key = wt_span_of(mac_key, wt_hash_info_of(suite->mac)->length),
        .endpoint = how->endpoint,
    };
    struct wt_error why;
    struct wt_cipher_context *cipher = wt_cipher_new(crypto, suite->cipher, protection.key, true);
    c->open = wt_protector_new(crypto, &protection, false, &why);
    for (unsigned i = 0; i < CLASSES * INPUTS; i++) {
        uint8_t *input = c->inputs[i % CLASSES][i / CLASSES];
        make_noise(input, BLOCK);
        lay_out(input + BLOCK, how->class[i % CLASSES]);
        wt_cipher_cbc(cipher, input, wt_span_of(input + BLOCK, PLAIN), input + BLOCK);
    }
    wt_cipher_free(cipher);
    return c;
}

static void release(void *made)
{
    struct cbc *c = made;
    wt_protector_free(c->open);
    free(c);
}

static void prepare(void *made, unsigned class, unsigned input)
{
    struct cbc *c = made;
    memcpy(c->record, c->inputs[class][input], LENGTH);
}

static void run(void *made)
{
    static const uint8_t header[] = {WT_CONTENT_APPLICATION_DATA, 3, 3, LENGTH >> 8, LENGTH & 0xff};
    static const struct wt_protect_header of = {{header, sizeof header}, 0};
    struct cbc *c = made;
    struct wt_opened opened;
    (void)wt_protector_open(c->open, &of, wt_span_of(c->record, LENGTH), c->record, false, &opened, NULL);
}

#define SUBJECTS(suite, name)                                                                                          \
    {"cbc " name ": padding, MAC",                                                                                     \
     false,                                                                                                            \
     &(const struct how){suite, true, {PADDING, MAC_SHORT}},                                                           \
     make,                                                                                                             \
     release,                                                                                                          \
     prepare,                                                                                                          \
     run},                                                                                                             \
        {"cbc " name ": MAC, short and long padding",                                                                  \
         false,                                                                                                        \
         &(const struct how){suite, true, {MAC_SHORT, MAC_LONG}},                                                      \
         make,                                                                                                         \
         release,                                                                                                      \
         prepare,                                                                                                      \
         run},                                                                                                         \
        {"cbc " name " of an observer: padding, MAC",                                                                  \
         true,                                                                                                         \
         &(const struct how){suite, false, {PADDING, MAC_SHORT}},                                                      \
         make,                                                                                                         \
         release,                                                                                                      \
         prepare,                                                                                                      \
         run},                                                                                                         \
    {                                                                                                                  \
        "cbc " name " of an observer: short and long", true, &(const struct how){suite, false, {MAC_SHORT, MAC_LONG}}, \
            make, release, prepare, run                                                                                \
    }

const struct subject subjects_cbc[] = {
    SUBJECTS(0x002f, "SHA-1"),   /* RSA_WITH_AES_128_CBC_SHA */
    SUBJECTS(0x003c, "SHA-256"), /* RSA_WITH_AES_128_CBC_SHA256 */
    SUBJECTS(0xc024, "SHA-384"), /* ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 */
    {0},
};
