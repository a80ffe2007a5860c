/* What the tests of record protection share: hex, noise, and a pair of protectors, one to seal and one to open. */
#ifndef WT_TESTS_PROTECT_RECORDS_H
#define WT_TESTS_PROTECT_RECORDS_H

#include "carriage/record_protector.h"
#include "crypto/cipher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROOM = 1 << 16 };

static struct wt_crypto *crypto;

static int open_crypto(void **state)
{
    (void)state;
    crypto = wt_crypto_new();
    return crypto ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    wt_crypto_free(crypto);
    return 0;
}

/* The same numbers in each run. */
static inline uint32_t noise(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static inline void make_noise(uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)noise();
}

/* Bytes of the hex text, into memory that is never given back before the test ends: freed by the caller. */
static inline struct wt_span unhex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        const char byte[3] = {hex[2 * i], hex[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    return wt_span_of(out, n);
}

/* Keys of the right lengths, out of noise. Static: good until the next call. */
static inline struct wt_protection protection_of(const struct wt_suite *suite, uint16_t version)
{
    static uint8_t material[3][64];
    const struct wt_cipher *cipher = wt_cipher_of(suite->cipher);
    bool tls13 = wt_version_is_tls13(version);
    make_noise(material[0], sizeof material);
    return (struct wt_protection){
        .suite = suite,
        .version = version,
        .mac_key = {material[0], wt_hash_info_of(suite->mac)->length},
        .key = {material[1], cipher->key},
        .iv = {material[2], tls13 && cipher->mode != WT_MODE_OTHER ? 12u : cipher->iv},
    };
}

struct pair {
    struct wt_record_protector *seal, *open;
};

static inline struct pair pair_of(const struct wt_protection *how)
{
    struct wt_error why;
    struct pair p = {wt_record_protector_new(crypto, how, true, &why),
                     wt_record_protector_new(crypto, how, false, &why)};
    assert_non_null(p.seal);
    assert_non_null(p.open);
    return p;
}

static inline struct pair pair_of_suite(uint16_t suite, uint16_t version)
{
    const struct wt_protection how = protection_of(wt_suite_find(suite), version);
    return pair_of(&how);
}

static inline void free_pair(struct pair p)
{
    wt_record_protector_free(p.seal);
    wt_record_protector_free(p.open);
}

/* A whole record, header first, as it comes from the wire. `out` NULL: in place. */
static inline enum wt_opening open_whole(struct wt_record_protector *p, uint8_t *record, size_t n, uint8_t *out,
                                         struct wt_opened *opened)
{
    return wt_record_protector_open(p, record[0], wt_get16(record + 1), wt_span_of(record + 5, n - 5),
                                    out ? out : record + 5, false, opened, NULL);
}

#endif
