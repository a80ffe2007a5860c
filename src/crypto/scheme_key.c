#include "crypto/scheme_key.h"

#include <openssl/evp.h>
#include <string.h>

/* libcrypto's types. An SM2 key stands in certificates as id-ecPublicKey with a curve of its own; libcrypto tells it
 * apart. */
static const struct {
    const char *type;
    enum wt_scheme_key kind;
} kinds[] = {
    {"RSA", WT_KEY_RSA},          {"RSA-PSS", WT_KEY_RSA_PSS},  {"EC", WT_KEY_EC},   {"DSA", WT_KEY_DSA},
    {"ED25519", WT_KEY_ED25519},  {"ED448", WT_KEY_ED448},      {"SM2", WT_KEY_SM2}, {"ML-DSA-44", WT_KEY_ML_DSA},
    {"ML-DSA-65", WT_KEY_ML_DSA}, {"ML-DSA-87", WT_KEY_ML_DSA},
};

/* Schemes that say more of the key than its kind: a curve in TLS 1.3, a parameter set. */
static const struct {
    uint16_t scheme, group;
} curves[] = {
    {WT_SCHEME_ECDSA_SECP256R1_SHA256, WT_GROUP_SECP256R1},
    {WT_SCHEME_ECDSA_SECP384R1_SHA384, WT_GROUP_SECP384R1},
    {WT_SCHEME_ECDSA_SECP521R1_SHA512, WT_GROUP_SECP521R1},
    {WT_SCHEME_ECDSA_BRAINPOOLP256R1TLS13_SHA256, WT_GROUP_BRAINPOOLP256R1},
    {WT_SCHEME_ECDSA_BRAINPOOLP384R1TLS13_SHA384, WT_GROUP_BRAINPOOLP384R1},
    {WT_SCHEME_ECDSA_BRAINPOOLP512R1TLS13_SHA512, WT_GROUP_BRAINPOOLP512R1},
};
static const struct {
    uint16_t scheme;
    const char *type;
} sets[] = {
    {WT_SCHEME_MLDSA44, "ML-DSA-44"},
    {WT_SCHEME_MLDSA65, "ML-DSA-65"},
    {WT_SCHEME_MLDSA87, "ML-DSA-87"},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum wt_scheme_key wt_scheme_key_of(const EVP_PKEY *key)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (EVP_PKEY_is_a(key, kinds[i].type))
            return kinds[i].kind;
    return WT_KEY_OTHER;
}

static bool on_curve(const EVP_PKEY *key, uint16_t id)
{
    const struct wt_group *group = wt_group_find(id);
    char name[64];
    size_t n = 0;
    return group && group->openssl && EVP_PKEY_get_group_name((EVP_PKEY *)(uintptr_t)key, name, sizeof name, &n) == 1 &&
           strcmp(name, group->openssl) == 0;
}

uint16_t wt_scheme_key_curve(const EVP_PKEY *key)
{
    static const uint16_t all[] = {
#define WT_GROUP(value, id, name, kind, bits, openssl, rfc) value,
#include "registry/groups.def"
#undef WT_GROUP
    };
    for (size_t i = 0; i < COUNT(all); i++)
        if (wt_group_find(all[i])->kind == WT_GROUP_EC && on_curve(key, all[i]))
            return all[i];
    return 0;
}

bool wt_scheme_key_fits(const EVP_PKEY *key, enum wt_scheme_key kind, const struct wt_scheme *scheme, bool tls13)
{
    if (kind != scheme->key)
        return false;
    /* RFC 8446, 4.2.3: "ECDSA signature schemes align with TLS 1.2's ECDSA hash/signature pairs. However, the old
     * semantics did not constrain the signing curve." */
    for (size_t i = 0; tls13 && i < COUNT(curves); i++)
        if (curves[i].scheme == scheme->id)
            return on_curve(key, curves[i].group);
    for (size_t i = 0; i < COUNT(sets); i++)
        if (sets[i].scheme == scheme->id)
            return EVP_PKEY_is_a(key, sets[i].type);
    return true;
}
