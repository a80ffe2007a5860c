/* Cipher suites and what their columns mean: families of key exchange, authentication, ciphers, hashes. */
#include "registry/registry.h"
#include "registry/search.h"

#define WT_RECOMMENDED_Y true
#define WT_RECOMMENDED_N false

static const struct wt_suite suites[] = {
#define WT_SUITE(id, name, kx, auth, cipher, mac, prf, recommended, rfc)                                               \
    {id,                                                                                                               \
     name,                                                                                                             \
     WT_KX_##kx,                                                                                                       \
     WT_AUTH_##auth,                                                                                                   \
     WT_CIPHER_##cipher,                                                                                               \
     WT_HASH_##mac,                                                                                                    \
     WT_HASH_##prf,                                                                                                    \
     WT_RECOMMENDED_##recommended,                                                                                     \
     rfc},
#define WT_SCSV(id, name, rfc)
#include "registry/cipher_suites.def"
#undef WT_SUITE
#undef WT_SCSV
};

static const struct wt_cipher ciphers[WT_CIPHER_COUNT] = {
#define WT_CIPHER(id, name, openssl, parts, mode, key, effective, block, iv, tag)                                      \
    [WT_CIPHER_##id] = {name, openssl, parts, mode, key, effective, block, iv, tag},
#include "registry/ciphers.def"
#undef WT_CIPHER
};

static const struct wt_kx_info kx_infos[WT_KX_COUNT] = {
#define WT_KX(id, name, server_key_exchange, certificate, forward_secret, rfc)                                         \
    [WT_KX_##id] = {name, server_key_exchange, certificate, forward_secret, rfc},
#include "registry/key_exchanges.def"
#undef WT_KX
};

static const struct wt_auth_info auth_infos[WT_AUTH_COUNT] = {
#define WT_AUTH(id, name) [WT_AUTH_##id] = {name},
#include "registry/authentications.def"
#undef WT_AUTH
};

static const struct wt_hash_info hash_infos[WT_HASH_COUNT] = {
#define WT_HASH(id, name, openssl, length) [WT_HASH_##id] = {name, openssl, length},
#include "registry/hashes.def"
#undef WT_HASH
};

static const struct wt_ssl2_cipher ssl2_ciphers[] = {
#define WT_SSL2(id, name, cipher, key, clear, rfc) {id, name, WT_CIPHER_##cipher, key, clear, rfc},
#include "registry/ssl2_ciphers.def"
#undef WT_SSL2
};

bool wt_suite_is_signal(uint16_t id)
{
    static const uint16_t signals[] = {
#define WT_SUITE(id, name, kx, auth, cipher, mac, prf, recommended, rfc)
#define WT_SCSV(id, name, rfc) id,
#include "registry/cipher_suites.def"
#undef WT_SUITE
#undef WT_SCSV
    };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signals[i] == id)
            return true;
    return false;
}

/* Asked for several times in each handshake: tables of jumps are faster than a search. */
const struct wt_suite *wt_suite_find(uint16_t id)
{
    enum row {
#define WT_SUITE(id, name, kx, auth, cipher, mac, prf, recommended, rfc) ROW_##id,
#define WT_SCSV(id, name, rfc)
#include "registry/cipher_suites.def"
#undef WT_SUITE
    };
    switch (id) {
#define WT_SUITE(id, name, kx, auth, cipher, mac, prf, recommended, rfc)                                               \
    case id:                                                                                                           \
        return &suites[ROW_##id];
#include "registry/cipher_suites.def"
#undef WT_SUITE
#undef WT_SCSV
    default:
        return NULL;
    }
}

const struct wt_ssl2_cipher *wt_ssl2_cipher_find(uint32_t id)
{
    WT_SEARCH(ssl2_ciphers, id, id);
}

const struct wt_cipher *wt_cipher_of(enum wt_cipher_id id)
{
    return (unsigned)id < WT_CIPHER_COUNT ? &ciphers[id] : NULL;
}

const struct wt_kx_info *wt_kx_info_of(enum wt_kx kx)
{
    return (unsigned)kx < WT_KX_COUNT ? &kx_infos[kx] : NULL;
}

const struct wt_auth_info *wt_auth_info_of(enum wt_auth auth)
{
    return (unsigned)auth < WT_AUTH_COUNT ? &auth_infos[auth] : NULL;
}

const struct wt_hash_info *wt_hash_info_of(enum wt_hash_id hash)
{
    return (unsigned)hash < WT_HASH_COUNT ? &hash_infos[hash] : NULL;
}

bool wt_suite_is_export(const struct wt_suite *suite)
{
    switch (suite->kx) {
    case WT_KX_RSA_EXPORT:
    case WT_KX_DH_EXPORT:
    case WT_KX_DHE_EXPORT:
    case WT_KX_DH_ANON_EXPORT:
    case WT_KX_KRB5_EXPORT:
        return true;
    default:
        return false;
    }
}

static bool is_aead(const struct wt_suite *suite)
{
    switch (ciphers[suite->cipher].mode) {
    case WT_MODE_GCM:
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
    case WT_MODE_POLY1305:
    case WT_MODE_POLY1305_OLD:
        return true;
    default:
        return false;
    }
}

static bool is_tlcp(const struct wt_suite *suite)
{
    switch (suite->kx) {
    case WT_KX_SM2:
    case WT_KX_SM2_DHE:
    case WT_KX_SM9:
    case WT_KX_SM9_DHE:
    case WT_KX_TLCP_RSA:
        return true;
    default:
        return false;
    }
}

/* The one version that a suite is of; 0 when it is of several. */
static uint16_t only_version(const struct wt_suite *suite)
{
    if (suite->kx == WT_KX_TLS13) {
        return WT_TLS13;
    }
    if (is_tlcp(suite)) {
        return WT_TLCP;
    }
    return suite->kx == WT_KX_FORTEZZA ? WT_SSL3 : 0;
}

uint16_t wt_suite_min_version(const struct wt_suite *suite)
{
    if (only_version(suite)) {
        return only_version(suite);
    }
    /* RFC 9189, 4: the suites with Streebog are defined for TLS 1.2 alone. */
    if (suite->prf == WT_HASH_STREEBOG) {
        return WT_TLS12;
    }
    /* RFC 5288, 4: the AEAD suites "MUST NOT be negotiated in older versions of TLS" than 1.2. The MACs with SHA-2 came
     * with TLS 1.2 as well, but RFC 5487, 3 and RFC 5489, 3 let PSK use them with the PRF of earlier versions. */
    if (is_aead(suite)) {
        return WT_TLS12;
    }
    if (suite->mac != WT_HASH_SHA256 && suite->mac != WT_HASH_SHA384) {
        return WT_SSL3;
    }
    return suite->kx == WT_KX_PSK || suite->kx == WT_KX_DHE_PSK || suite->kx == WT_KX_RSA_PSK ||
                   suite->kx == WT_KX_ECDHE_PSK
               ? WT_TLS10
               : WT_TLS12;
}

uint16_t wt_suite_max_version(const struct wt_suite *suite)
{
    if (only_version(suite)) {
        return only_version(suite);
    }
    /* RFC 4346, A.5: "TLS 1.1 implementations MUST NOT negotiate these cipher suites in TLS 1.1 mode." */
    if (wt_suite_is_export(suite)) {
        return WT_TLS10;
    }
    /* RFC 5246, 1.2: "Removed IDEA and DES cipher suites." */
    if (suite->cipher == WT_CIPHER_DES_CBC || suite->cipher == WT_CIPHER_IDEA_CBC) {
        return WT_TLS11;
    }
    return WT_TLS12;
}
