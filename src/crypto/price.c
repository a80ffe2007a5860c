#include "crypto/price.h"

#include "registry/limits.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

/* Microseconds on a small machine without a fast path, by libcrypto's type: the first row counts that has the key's
 * group, or no group, and no fewer bits. RSA's are for an exponent of 17 bits. */
static const struct {
    const char *type, *group;
    int bits;
    uint32_t price;
} prices[] = {
    {"RSA", NULL, 1024, 15},
    {"RSA", NULL, 2048, 40},
    {"RSA", NULL, 4096, 130},
    {"RSA", NULL, WT_LIMIT_RSA_BITS, 500},
    {"EC", "prime256v1", 256, 100},
    {"EC", NULL, 256, 500},
    {"EC", NULL, 384, 1000},
    {"EC", NULL, 521, 2000},
    {"EC", NULL, 1024, 4000}, /* libcrypto takes no field of more than 661 bits */
    {"ED25519", NULL, 1024, 150},
    {"ED448", NULL, 1024, 600},
    {"SM2", NULL, 1024, 500},
    {"DSA", NULL, 1024, 200},
    {"DSA", NULL, 2048, 600},
    {"DSA", NULL, WT_LIMIT_DSA_BITS, 2500},
};
/* Any other: the slowest (SLH-DSA) takes some milliseconds, and has no sizes to choose. */
static const uint32_t price_of_others = 4000;
/* bits: of the exponent 65537 */
static const int usual_exponent = 17;

static int exponent_bits(const EVP_PKEY *key)
{
    BIGNUM *e = NULL;
    int bits = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) ? BN_num_bits(e) : 0;
    BN_free(e);
    return bits;
}

static bool is_group(const EVP_PKEY *key, const char *group)
{
    char name[64];
    size_t n = 0;
    return !group || (EVP_PKEY_get_group_name((EVP_PKEY *)(uintptr_t)key, name, sizeof name, &n) == 1 &&
                      strcmp(name, group) == 0);
}

uint32_t wt_price_of(const EVP_PKEY *key)
{
    const char *name = EVP_PKEY_get0_type_name(key), *type = name && !strcmp(name, "RSA-PSS") ? "RSA" : name;
    const int bits = EVP_PKEY_get_bits(key);
    bool priced = false;
    for (size_t i = 0; type && i < sizeof prices / sizeof *prices; i++) {
        if (strcmp(prices[i].type, type) != 0)
            continue;
        priced = true;
        if (bits > prices[i].bits || !is_group(key, prices[i].group))
            continue;
        if (strcmp(type, "RSA") != 0)
            return prices[i].price;
        const int exponent = exponent_bits(key);
        return exponent > WT_LIMIT_RSA_EXPONENT ? 0
               : exponent <= usual_exponent     ? prices[i].price
                                                : prices[i].price * (uint32_t)exponent / (uint32_t)usual_exponent * 2;
    }
    return priced ? 0 : price_of_others;
}

enum wt_afford wt_work_spend(struct wt_work *work, uint32_t price)
{
    if (!work->limited)
        return WT_AFFORDED;
    if (!price)
        return WT_TOO_DEAR;
    if (price > work->left || price > work->connection_left)
        return WT_OVERSPENT;
    work->left -= price;
    work->connection_left -= price;
    return WT_AFFORDED;
}

void wt_work_begin(struct wt_work *work, int64_t second)
{
    if (second != work->second || !work->begun)
        work->left = WT_LIMIT_WORK_SECOND;
    work->begun = true;
    work->second = second;
    work->connection_left = WT_LIMIT_WORK_CONNECTION;
}

bool wt_key_is_given_up(const struct wt_key_record *record, const struct wt_work *work)
{
    return work->limited && record->failed >= WT_LIMIT_KEY_FAILURES && record->second == work->second;
}

void wt_key_note(struct wt_key_record *record, const struct wt_work *work, bool held)
{
    record->held = held ? record->held + 1 : 0;
    record->failed = held ? 0 : record->failed + 1;
    if (!held)
        record->second = work->second;
}
