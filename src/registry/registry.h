/* What the protocol's code points mean, one row per fact in the .def files of this directory, in IANA order. */
#ifndef WT_REGISTRY_REGISTRY_H
#define WT_REGISTRY_REGISTRY_H

#include "wiretale/registry.h"

#include <stddef.h>

/* Versions as they stand on the wire. Drafts of TLS 1.3 are 0x7f00 + draft. */
enum wt_version {
    WT_SSL2 = 0x0002,
    WT_SSL3 = 0x0300,
    WT_TLS10 = 0x0301,
    WT_TLS11 = 0x0302,
    WT_TLS12 = 0x0303,
    WT_TLS13 = 0x0304,
    WT_TLCP = 0x0101,   /* GB/T 38636: SSL's layout, SM2, SM3, SM4 */
    WT_DTLS10 = 0xfeff, /* DTLS counts down, in ones' complement */
    WT_DTLS12 = 0xfefd,
    WT_DTLS13 = 0xfefc,
    WT_DTLS_OLD = 0x0100, /* OpenSSL's DTLS of before RFC 4347, which Cisco's AnyConnect speaks */
};

/* DTLS 1.3 and its drafts after TLS's last: draft-ietf-tls-dtls13-43, "0x7f00 | draft version". */
static inline bool wt_version_is_dtls13(uint16_t version)
{
    return version == WT_DTLS13 || (version > 0x7f1c && version <= 0x7f2b);
}

static inline bool wt_version_is_dtls(uint16_t version)
{
    return version >> 8 == WT_DTLS12 >> 8 || version == WT_DTLS_OLD || wt_version_is_dtls13(version);
}

/* The TLS whose formats and derivations a version of DTLS shares (RFC 4347, 1; RFC 6347, 1; RFC 9147, 1); any other is
 * itself. */
static inline uint16_t wt_version_as_tls(uint16_t version)
{
    switch (version) {
    case WT_DTLS_OLD:
    case WT_DTLS10:
        return WT_TLS11;
    case WT_DTLS12:
        return WT_TLS12;
    case WT_DTLS13:
        return WT_TLS13;
    default:
        return version;
    }
}

/* A version whose handshake is TLS 1.3's: 1.3 itself and its drafts (0x7fXX, Facebook's 0xfbXX, Google's 0x7eXX). */
static inline bool wt_version_is_tls13(uint16_t version)
{
    const unsigned high = version >> 8;
    return version == WT_TLS13 || version == WT_DTLS13 || high == 0x7f || high == 0x7e || high == 0xfb;
}
/* "TLS 1.2", "TLS 1.3 (draft 18)", or NULL. */
const char *wt_version_name(uint16_t version);

/* .def rows generate WT_CONTENT_..., WT_HANDSHAKE_..., WT_ALERT_..., WT_EXT_..., WT_GROUP_..., WT_SCHEME_... */
enum wt_content_type {
#define WT_ROW(value, id, name, rfc) WT_CONTENT_##id = value,
#include "registry/content_types.def"
#undef WT_ROW
};

enum wt_handshake_type {
#define WT_ROW(value, id, name, rfc) WT_HANDSHAKE_##id = value,
#include "registry/handshake_types.def"
#undef WT_ROW
};

enum wt_alert {
#define WT_ROW(value, id, name, rfc) WT_ALERT_##id = value,
#include "registry/alerts.def"
#undef WT_ROW
};

/* Where an extension may stand: RFC 8446, 4.2, and the IANA registry's column "TLS 1.3". */
enum wt_ext_where {
    WT_IN_CH = 1,    /* ClientHello */
    WT_IN_SH = 2,    /* ServerHello of TLS 1.3 */
    WT_IN_SH12 = 4,  /* ServerHello up to TLS 1.2 */
    WT_IN_EE = 8,    /* EncryptedExtensions */
    WT_IN_CT = 16,   /* Certificate entry */
    WT_IN_CR = 32,   /* CertificateRequest */
    WT_IN_NST = 64,  /* NewSessionTicket */
    WT_IN_HRR = 128, /* HelloRetryRequest */
};

enum wt_extension_id {
#define WT_EXT(value, id, name, where, rfc) WT_EXT_##id = value,
#include "registry/extensions.def"
#undef WT_EXT
};

struct wt_extension_info {
    uint16_t id;
    uint8_t where; /* enum wt_ext_where */
    const char *name, *rfc;
};

/* NULL for an unknown id. */
const struct wt_extension_info *wt_extension_find(uint16_t id);

/* Whether the HandshakeType is one that a record can carry: has a row in handshake_types.def. */
bool wt_handshake_type_is_known(uint8_t type);

/* Key-exchange families: what the handshake needs (flow), and what the story explains. */
enum wt_kx {
    WT_KX_NULL,
    WT_KX_RSA,
    WT_KX_RSA_EXPORT,
    WT_KX_DH,        /* fixed DH: the parameters stand in the certificate */
    WT_KX_DH_EXPORT,
    WT_KX_DHE,
    WT_KX_DHE_EXPORT,
    WT_KX_DH_ANON,
    WT_KX_DH_ANON_EXPORT,
    WT_KX_ECDH,      /* fixed ECDH */
    WT_KX_ECDHE,
    WT_KX_ECDH_ANON,
    WT_KX_PSK,
    WT_KX_RSA_PSK,
    WT_KX_DHE_PSK,
    WT_KX_ECDHE_PSK,
    WT_KX_SRP,
    WT_KX_KRB5,
    WT_KX_KRB5_EXPORT,
    WT_KX_FORTEZZA,
    WT_KX_ECCPWD,
    WT_KX_GOST,
    WT_KX_SM2,       /* ECC_SM4… of TLCP */
    WT_KX_SM2_DHE,   /* ECDHE_SM4… of TLCP */
    WT_KX_SM9,       /* IBC_SM4… of TLCP */
    WT_KX_SM9_DHE,   /* IBSDH_SM4… of TLCP */
    WT_KX_TLCP_RSA,  /* RSA_SM4… of TLCP, which has a ServerKeyExchange */
    WT_KX_CECPQ1,    /* X25519 and New Hope */
    WT_KX_ECJPAKE,
    WT_KX_TLS13,     /* the suite does not say: key_share and pre_shared_key do */
    WT_KX_COUNT
};

enum wt_auth {
    WT_AUTH_NONE, /* NULL suite */
    WT_AUTH_RSA,
    WT_AUTH_DSS,
    WT_AUTH_ECDSA,
    WT_AUTH_ANON,
    WT_AUTH_PSK,
    WT_AUTH_SRP, /* the password alone */
    WT_AUTH_KRB5,
    WT_AUTH_FORTEZZA,
    WT_AUTH_ECCPWD,
    WT_AUTH_GOST,
    WT_AUTH_SM2,
    WT_AUTH_SM9,
    WT_AUTH_ECJPAKE,
    WT_AUTH_TLS13, /* signature_algorithms or the PSK say */
    WT_AUTH_COUNT
};

enum wt_cipher_mode {
    WT_MODE_NULL, WT_MODE_STREAM, WT_MODE_CBC, WT_MODE_GCM, WT_MODE_CCM, WT_MODE_CCM8, WT_MODE_POLY1305,
    WT_MODE_POLY1305_OLD, /* draft-agl-tls-chacha20poly1305: the nonce is the sequence number alone */
    WT_MODE_OTHER,
};

/* Ciphers: one row each in ciphers.def, with what record protection and the key block need. */
enum wt_cipher_id {
#define WT_CIPHER(id, name, openssl, parts, mode, key, effective, block, iv, tag) WT_CIPHER_##id,
#include "registry/ciphers.def"
#undef WT_CIPHER
    WT_CIPHER_COUNT
};

struct wt_cipher {
    const char *name;    /* as in suites' names: "AES_128_GCM" */
    const char *openssl; /* libcrypto's name for EVP_CIPHER_fetch, NULL when it has none */
    const char *parts;   /* libcrypto's name of the bare cipher that it can be made of else, or NULL */
    uint8_t mode;        /* enum wt_cipher_mode */
    uint8_t key;         /* bytes of key that the cipher takes */
    uint8_t effective;   /* bytes of key material taken from the key block (fewer for export ciphers) */
    uint8_t block;       /* block size, 0 for stream and AEAD */
    uint8_t iv;          /* CBC: IV; AEAD: implicit (fixed) part of the nonce from the key block in TLS 1.2 */
    uint8_t tag;         /* AEAD tag bytes */
};

enum wt_hash_id {
    WT_HASH_NONE, WT_HASH_MD5, WT_HASH_SHA1, WT_HASH_SHA224, WT_HASH_SHA256, WT_HASH_SHA384,
    WT_HASH_SHA512, WT_HASH_SM3, WT_HASH_GOST, WT_HASH_STREEBOG, WT_HASH_RMD160, WT_HASH_COUNT,
};

struct wt_suite {
    uint16_t id;
    const char *name;
    uint8_t kx, auth, cipher; /* enum wt_kx, wt_auth, wt_cipher_id */
    uint8_t mac;              /* enum wt_hash_id: HMAC of records; NONE for AEAD */
    uint8_t prf;              /* hash of the PRF from TLS 1.2 on, of HKDF in TLS 1.3 */
    bool recommended;         /* IANA's column */
    const char *rfc;
};

/* NULL for GREASE, signalling values (SCSV) and unknown ids. */
const struct wt_suite *wt_suite_find(uint16_t id);
/* A signalling value, which is in the list of suites but is none and cannot be negotiated (RFC 5746, 3.3; RFC 7507, 2). */
bool wt_suite_is_signal(uint16_t id);
enum { WT_SCSV_RENEGOTIATION_INFO = 0x00ff, WT_SCSV_FALLBACK = 0x5600 };
const struct wt_cipher *wt_cipher_of(enum wt_cipher_id id);

/* Whether the keys of SSL 3.0 and TLS 1.0 go through the extra derivation of exportable ciphers (RFC 2246, 6.3.1). It is
 * the suite that says so, not the cipher: EXPORT1024 with DES keeps all its 56 bits and goes through it all the same. */
bool wt_suite_is_export(const struct wt_suite *suite);
/* The first and last version that may choose the suite: AEAD and SHA-2 need TLS 1.2, RFC 4346 ended the export suites,
 * RFC 5246 ended DES and IDEA, and TLS 1.3 shares none with its elders. */
uint16_t wt_suite_min_version(const struct wt_suite *suite);
uint16_t wt_suite_max_version(const struct wt_suite *suite);

struct wt_ssl2_cipher {
    uint32_t id; /* 3 bytes on the wire */
    const char *name;
    uint8_t cipher; /* enum wt_cipher_id; the MAC is always MD5 */
    uint8_t key;    /* bytes of the master key */
    uint8_t clear;  /* how many of them pass readable in CLIENT-MASTER-KEY */
    const char *rfc;
};

/* NULL for an unknown kind. */
const struct wt_ssl2_cipher *wt_ssl2_cipher_find(uint32_t id);

/* Whether the family sends a ServerKeyExchange: always, never, or when the server likes (PSK's hint). */
enum wt_need { WT_NEVER, WT_MAYBE, WT_ALWAYS };

struct wt_kx_info {
    const char *name;           /* "ECDHE" */
    uint8_t server_key_exchange; /* enum wt_need */
    uint8_t certificate;        /* whether the server sends one */
    bool forward_secret;
    const char *rfc;
};

const struct wt_kx_info *wt_kx_info_of(enum wt_kx kx);

struct wt_auth_info {
    const char *name; /* "ECDSA" */
};

const struct wt_auth_info *wt_auth_info_of(enum wt_auth auth);

struct wt_hash_info {
    const char *name;    /* "SHA256" as in suite names */
    const char *openssl; /* for EVP_MD_fetch; NULL when libcrypto has none */
    uint8_t length;      /* bytes */
};

const struct wt_hash_info *wt_hash_info_of(enum wt_hash_id hash);

enum wt_group_kind {
    WT_GROUP_OTHER, WT_GROUP_EC, WT_GROUP_MONTGOMERY, WT_GROUP_FF, WT_GROUP_PQ, WT_GROUP_HYBRID,
};

enum wt_group_id {
#define WT_GROUP(value, id, name, kind, bits, openssl, rfc) WT_GROUP_##id = value,
#include "registry/groups.def"
#undef WT_GROUP
};

struct wt_group {
    uint16_t id;
    const char *name;
    uint8_t kind;        /* enum wt_group_kind */
    uint16_t bits;       /* of the field or modulus; 0 for unknown */
    const char *openssl; /* libcrypto's group name, or NULL */
    const char *rfc;
};

const struct wt_group *wt_group_find(uint16_t id);

enum wt_scheme_id {
#define WT_SCHEME(value, id, name, key, hash, padding, rfc) WT_SCHEME_##id = value,
#include "registry/signature_schemes.def"
#undef WT_SCHEME
};

enum wt_scheme_padding { WT_PADDING_NONE, WT_PADDING_PKCS1, WT_PADDING_PSS };

enum wt_scheme_key {
    WT_KEY_OTHER, WT_KEY_RSA, WT_KEY_RSA_PSS, WT_KEY_EC, WT_KEY_DSA, WT_KEY_ED25519, WT_KEY_ED448,
    WT_KEY_SM2, WT_KEY_GOST, WT_KEY_ML_DSA,
};

struct wt_scheme {
    uint16_t id;
    const char *name;
    uint8_t key;  /* enum wt_scheme_key: kind of key it takes */
    uint8_t hash; /* enum wt_hash_id, NONE when the scheme has its own */
    bool pss;
    const char *rfc;
};

/* TLS 1.2's hash/signature pairs that IANA has folded into the schemes are found as well. */
const struct wt_scheme *wt_scheme_find(uint16_t id);

/* The service that speaks TLS on this port from the first byte, by IANA's name ("https"), or NULL. */
const char *wt_port_service(uint16_t port);

/* Where a code point is defined ("RFC 8446, 4.2.1"), or NULL for one without a name. Static. */
const char *wt_registry_rfc(enum wt_registry registry, uint64_t value);

#endif
