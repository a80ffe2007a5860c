/* Names of the code points that stand on the wire, as IANA spells them. */
#ifndef WIRETALE_REGISTRY_H
#define WIRETALE_REGISTRY_H

#include "wiretale/error.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One value per registry; a field that carries a code point says which. */
enum wt_registry {
    WT_REG_NONE = 0,
    WT_REG_CONTENT_TYPE,          /* 1 byte: RFC 8446, 5.1 */
    WT_REG_HANDSHAKE_TYPE,        /* 1 byte: RFC 8446, 4 */
    WT_REG_VERSION,               /* 2 bytes: "TLS 1.2" */
    WT_REG_CIPHER_SUITE,          /* 2 bytes */
    WT_REG_SSL2_CIPHER,           /* 3 bytes: SSL 2.0's cipher kinds */
    WT_REG_COMPRESSION_METHOD,    /* 1 byte: RFC 3749 */
    WT_REG_ALERT_LEVEL,           /* 1 byte */
    WT_REG_ALERT,                 /* 1 byte */
    WT_REG_EXTENSION,             /* 2 bytes */
    WT_REG_GROUP,                 /* 2 bytes */
    WT_REG_EC_POINT_FORMAT,       /* 1 byte */
    WT_REG_EC_CURVE_TYPE,         /* 1 byte: RFC 8422, 5.4 */
    WT_REG_SIGNATURE_SCHEME,      /* 2 bytes; TLS 1.2 pairs too */
    WT_REG_CLIENT_CERTIFICATE_TYPE, /* 1 byte: ClientCertificateType of CertificateRequest */
    WT_REG_CERTIFICATE_TYPE,      /* 1 byte: RFC 7250 */
    WT_REG_CERTIFICATE_STATUS_TYPE, /* 1 byte: RFC 6066, 6961 */
    WT_REG_CERTIFICATE_COMPRESSION, /* 2 bytes: RFC 8879 */
    WT_REG_PSK_KEY_EXCHANGE_MODE, /* 1 byte: RFC 8446, 4.2.9 */
    WT_REG_NAME_TYPE,             /* 1 byte: RFC 6066, 3 */
    WT_REG_MAX_FRAGMENT_LENGTH,   /* 1 byte: RFC 6066, 4 */
    WT_REG_HEARTBEAT_MODE,        /* 1 byte: RFC 6520 */
    WT_REG_HEARTBEAT_TYPE,        /* 1 byte: RFC 6520 */
    WT_REG_SRTP_PROFILE,          /* 2 bytes: RFC 5764 */
    WT_REG_TOKEN_BINDING_KEY,     /* 1 byte: RFC 8472 */
    WT_REG_HPKE_KEM,              /* 2 bytes: RFC 9180 */
    WT_REG_HPKE_KDF,              /* 2 bytes */
    WT_REG_HPKE_AEAD,             /* 2 bytes */
    WT_REG_QUIC_PARAMETER,        /* varint: RFC 9000, 18.2 */
    WT_REG_USER_MAPPING,          /* 1 byte: RFC 4681 */
    WT_REG_AUTHZ_FORMAT,          /* 1 byte: RFC 5878 */
    WT_REG_SUPPLEMENTAL_DATA,     /* 2 bytes: RFC 4680 */
    WT_REG_IDENTIFIER_TYPE,       /* 1 byte: trusted_ca_keys, RFC 6066, 6 */
    WT_REG_CERT_CHAIN_TYPE,       /* 1 byte: client_certificate_url, RFC 6066, 5 */
    WT_REG_KEY_UPDATE_REQUEST,    /* 1 byte: RFC 8446, 4.6.3 */
    WT_REG_CACHED_INFO,           /* 1 byte: RFC 7924 */
    WT_REG_ECH_CLIENT_HELLO_TYPE, /* 1 byte: encrypted_client_hello */
    WT_REG_CT_VERSION,            /* 1 byte: RFC 6962, 3.2 */
    WT_REG_HASH_ALGORITHM,        /* 1 byte: TLS 1.2's HashAlgorithm */
    WT_REG_SIGNATURE_ALGORITHM,   /* 1 byte: TLS 1.2's SignatureAlgorithm */
    WT_REG_QUIC_VERSION,          /* 4 bytes: RFC 9000, 15 */
    WT_REG_QUIC_FRAME,            /* varint: RFC 9000, 19 */
    WT_REG_QUIC_ERROR,            /* varint: RFC 9000, 20.1 */
    WT_REG_HTTP3_ERROR,           /* varint: RFC 9114, 8.1; RFC 9204, 6 */
    WT_REG_HTTP3_FRAME,           /* varint: RFC 9114, 7.2 */
    WT_REG_HTTP3_SETTING,         /* varint: RFC 9114, 7.2.4.1; RFC 9204, 5 */
    WT_REG_HTTP3_STREAM,          /* varint, unidirectional: RFC 9114, 6.2; RFC 9204, 4.2 */
    WT_REG_QPACK_STATIC,          /* an integer behind a prefix: RFC 9204, appendix A: ":method: GET" */
    WT_REG_QPACK_STATIC_NAME,     /* the same index, for the name alone */
    WT_REG_COUNT
};

/* The IANA name ("TLS_AES_128_GCM_SHA256", "server_name", "unknown_ca"), or NULL for a code point without one.
 * GREASE values of RFC 8701 are named "GREASE". Static. */
WT_API const char *wt_registry_name(enum wt_registry registry, uint64_t value);

/* Bytes that a code point of this registry takes on the wire (hex digits / 2 in JSON); 0 for variable. */
WT_API unsigned wt_registry_width(enum wt_registry registry);

/* RFC 8701: 0x0a0a, 0x1a1a … 0xfafa. */
static inline bool wt_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

#ifdef __cplusplus
}
#endif
#endif
