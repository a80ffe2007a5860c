/* Bodies of hello extensions, one extension per file of this directory.
 *
 * A new one takes: its struct, its WT_EXT_CODEC row and its member of union wt_ext_body here, its row in ext.def, its
 * file (and that file's name in meson.build).
 *
 * Lists are kept as they lie: the span without the length prefix, checked when it was decoded, so that the walkers
 * below it need no errors. Walkers start with rest = list and return false at the end. An encoder writes what the
 * struct holds; it does not ask whether the values are wise.
 *
 * What a decoder finds wrong is of two kinds. A broken structure (WT_TRUNCATED, WT_TRAILING, WT_LENGTH) leaves no
 * trail, and in *out what could be read in spite of it. A value that a rule forbids (WT_VALUE, WT_DUPLICATE, WT_LIMIT)
 * is told after the last byte was read: all fields of *out and the whole trail stand. */
#ifndef WT_CODEC_EXT_EXT_H
#define WT_CODEC_EXT_EXT_H

#include "codec/codec.h"

/* Extensions whose presence is all they say. */
struct wt_ext_empty {
    bool present;
};

/* RFC 6066, 3. */
struct wt_ext_server_name {
    struct wt_span server_name_list; /* ClientHello: wt_ext_server_name_next() */
    struct wt_span host_name;        /* the first one in it; n = 0 when there is none */
};
bool wt_ext_server_name_next(struct wt_span *rest, uint8_t *name_type, struct wt_span *name);

/* RFC 6066, 4. */
struct wt_ext_max_fragment_length {
    uint8_t max_fragment_length; /* 1: 2^9 bytes … 4: 2^12 */
};

/* RFC 6066, 6. */
struct wt_ext_trusted_ca_keys {
    struct wt_span trusted_authorities_list;
};
bool wt_ext_trusted_ca_keys_next(struct wt_span *rest, uint8_t *identifier_type, struct wt_span *identifier);

/* RFC 6066, 8; RFC 8446, 4.4.2.1. */
struct wt_ext_status_request {
    uint8_t status_type;
    struct wt_span responder_id_list;  /* ClientHello: ResponderID<1..2^16-1>, wt_ext_opaque_next(…, 2, …) */
    struct wt_span request_extensions; /* ClientHello: DER */
    struct wt_span response;           /* Certificate entry: OCSPResponse, DER */
};

/* RFC 6961, 2.2. */
struct wt_ext_status_request_v2 {
    struct wt_span certificate_status_req_list;
};
/* `request` is the item's OCSPStatusRequest as it lies, or other bytes for a status_type that we do not know. */
bool wt_ext_status_request_v2_next(struct wt_span *rest, uint8_t *status_type, struct wt_span *request);

/* RFC 4681, 2. */
struct wt_ext_user_mapping {
    struct wt_span user_mapping_types; /* one byte each */
};

/* client_authz, server_authz: RFC 5878, 2. */
struct wt_ext_authz {
    struct wt_span authz_format_list; /* one byte each */
};

/* cert_type: RFC 6091, 3.1; client_certificate_type and server_certificate_type: RFC 7250, 3. */
struct wt_ext_certificate_type {
    struct wt_span certificate_types; /* ClientHello: one byte each */
    uint8_t certificate_type;         /* the server's answer */
};

/* RFC 8446, 4.2.7; RFC 8422, 5.1.1. */
struct wt_ext_supported_groups {
    struct wt_span named_group_list; /* wt_codes_at() */
};

/* RFC 8422, 5.1.2. */
struct wt_ext_ec_point_formats {
    struct wt_span ec_point_format_list; /* one byte each */
};

/* RFC 5054, 2.8.1. */
struct wt_ext_srp {
    struct wt_span srp_i; /* the user's name, UTF-8 if the peer is right */
};

/* signature_algorithms, signature_algorithms_cert: RFC 8446, 4.2.3. */
struct wt_ext_signature_algorithms {
    struct wt_span supported_signature_algorithms; /* wt_codes_at() */
};

/* RFC 5764, 4.1.1. */
struct wt_ext_use_srtp {
    struct wt_span srtp_protection_profiles; /* wt_codes_at() */
    struct wt_span srtp_mki;
};

/* RFC 6520, 2. */
struct wt_ext_heartbeat {
    uint8_t mode;
};

/* application_layer_protocol_negotiation: RFC 7301, 3.1. */
struct wt_ext_alpn {
    struct wt_span protocol_name_list; /* ProtocolName<1..2^8-1>, wt_ext_opaque_next(…, 1, …) */
};

/* RFC 6962, 3.3. */
struct wt_ext_signed_certificate_timestamp {
    struct wt_span sct_list; /* wt_ext_sct_next(); n = 0 in a request */
};
struct wt_sct {
    uint8_t sct_version; /* 0 is v1; of another version only `serialized` is known */
    struct wt_span serialized;
    struct wt_span id;  /* 32 bytes: SHA-256 of the log's key */
    uint64_t timestamp; /* milliseconds since 1970 */
    struct wt_span extensions;
    uint16_t algorithm; /* TLS 1.2's hash and signature algorithm */
    struct wt_span signature;
};
bool wt_ext_sct_next(struct wt_span *rest, struct wt_sct *sct);
/* Reads a SignedCertificateTimestampList with its length, from an extension, an OCSP answer or a certificate. */
struct wt_span wt_ext_sct_list_read(struct wt_reader *r);

/* RFC 7685. */
struct wt_ext_padding {
    struct wt_span padding;
};

/* RFC 8472, 2. */
struct wt_ext_token_binding {
    uint8_t major, minor;
    struct wt_span key_parameters_list; /* one byte each */
};

/* RFC 7924, 3. */
struct wt_ext_cached_info {
    struct wt_span cached_info;
    bool types_only; /* the server's form: no hash_value */
};
bool wt_ext_cached_info_next(struct wt_span *rest, bool types_only, uint8_t *type, struct wt_span *hash_value);

/* RFC 8879, 3. */
struct wt_ext_compress_certificate {
    struct wt_span algorithms; /* wt_codes_at() */
};

/* RFC 8449, 4. */
struct wt_ext_record_size_limit {
    uint16_t record_size_limit; /* bytes */
};

/* pwd_protect, pwd_clear: RFC 8492, 4.2. */
struct wt_ext_pwd {
    struct wt_span name; /* bits when protected, UTF-8 in the clear */
};

/* RFC 8672, 3. */
struct wt_ext_ticket_pinning {
    struct wt_span proof; /* server */
    struct wt_span ticket;
    uint32_t lifetime; /* server: seconds */
};

/* RFC 9345, 4.1. */
struct wt_ext_delegated_credential {
    struct wt_span supported_signature_algorithms; /* ClientHello, CertificateRequest: wt_codes_at() */
    uint32_t valid_time;                           /* Certificate entry, from here on; seconds */
    uint16_t dc_cert_verify_algorithm;
    struct wt_span subject_public_key_info; /* DER */
    uint16_t algorithm;
    struct wt_span signature;
};

/* RFC 5077, 3.2. */
struct wt_ext_session_ticket {
    struct wt_span ticket;
};

/* RFC 8870, 5.2. */
struct wt_ext_supported_ekt_ciphers {
    struct wt_span supported_ciphers; /* ClientHello: one byte each */
    uint8_t selected_cipher;          /* the server's answer */
};

/* RFC 8446, 4.2.11. */
struct wt_ext_pre_shared_key {
    struct wt_span identities;  /* ClientHello: wt_ext_psk_identity_next() */
    struct wt_span binders;     /* ClientHello: PskBinderEntry<32..255>, wt_ext_opaque_next(…, 1, …) */
    uint16_t selected_identity; /* ServerHello */
};
bool wt_ext_psk_identity_next(struct wt_span *rest, struct wt_span *identity, uint32_t *obfuscated_ticket_age);

/* RFC 8446, 4.2.10. */
struct wt_ext_early_data {
    uint32_t max_early_data_size; /* NewSessionTicket: bytes */
};

/* RFC 8446, 4.2.1. */
struct wt_ext_supported_versions {
    struct wt_span versions;   /* ClientHello: wt_codes_at() */
    uint16_t selected_version; /* ServerHello, HelloRetryRequest */
};

/* RFC 8446, 4.2.2. */
struct wt_ext_cookie {
    struct wt_span cookie;
};

/* RFC 8446, 4.2.9. */
struct wt_ext_psk_key_exchange_modes {
    struct wt_span ke_modes; /* one byte each */
};

/* RFC 8446, 4.2.4. */
struct wt_ext_certificate_authorities {
    struct wt_span authorities; /* DistinguishedName<1..2^16-1>, wt_ext_opaque_next(…, 2, …) */
};

/* RFC 8446, 4.2.5. */
struct wt_ext_oid_filters {
    struct wt_span filters;
};
/* oid: DER of the OBJECT IDENTIFIER; values: DER. */
bool wt_ext_oid_filters_next(struct wt_span *rest, struct wt_span *oid, struct wt_span *values);

/* RFC 8446, 4.2.8. */
struct wt_ext_key_share {
    struct wt_span client_shares; /* ClientHello: wt_ext_key_share_next() */
    uint16_t group;               /* ServerHello; HelloRetryRequest: selected_group */
    struct wt_span key_exchange;  /* ServerHello */
};
bool wt_ext_key_share_next(struct wt_span *rest, uint16_t *group, struct wt_span *key_exchange);

/* RFC 9162, 6.3 to 6.5. */
struct wt_ext_transparency_info {
    struct wt_span trans_item_list; /* SerializedTransItem<1..2^16-1>; n = 0 in a request */
};

/* RFC 9146, 3; the draft's old number too. */
struct wt_ext_connection_id {
    struct wt_span cid;
};

/* RFC 8844, 3.2. */
struct wt_ext_external_id_hash {
    struct wt_span binding_hash;
};

/* RFC 8844, 4.2. */
struct wt_ext_external_session_id {
    struct wt_span session_id;
};

/* RFC 9000, 18; RFC 9001, 8.2; draft-ietf-quic-transport-26, 18. */
struct wt_ext_quic_transport_parameters {
    struct wt_span parameters; /* one after the other: the whole body, or what is behind its length */
    bool old;                  /* ids and lengths are numbers of 16 bits, and the body begins with its length */
};
/* Those of a body of that extension, in the form that it has. */
struct wt_ext_quic_transport_parameters wt_ext_quic_of(uint16_t extension, struct wt_span body);
/* Whether a parameter's value is one (RFC 9000, 18.2). */
bool wt_ext_quic_is_number(uint64_t id);
/* Takes the next one off. */
bool wt_ext_quic_next(struct wt_ext_quic_transport_parameters *rest, uint64_t *id, struct wt_span *value);
/* The number that a parameter's value holds; false when it is not exactly one variable-length integer. */
bool wt_ext_quic_number(struct wt_span value, uint64_t *number);

/* RFC 9149, 3. */
struct wt_ext_ticket_request {
    uint8_t new_session_count, resumption_count; /* ClientHello */
    uint8_t expected_count;                      /* EncryptedExtensions */
};

/* RFC 9102, 2. */
struct wt_ext_dnssec_chain {
    uint16_t port_number;          /* ClientHello */
    uint16_t ext_support_lifetime; /* the server's: hours */
    struct wt_span authentication_chain;
};

/* draft-ietf-tls-tlsflags. */
struct wt_ext_tls_flags {
    struct wt_span flags; /* flag i is bit i % 8 of byte i / 8 */
};

/* draft-agl-tls-nextprotoneg. */
struct wt_ext_next_protocol_negotiation {
    struct wt_span protocols; /* ServerHello: names of 1 to 255 bytes, wt_ext_opaque_next(…, 1, …) */
};

/* draft-vvv-tls-alps. */
struct wt_ext_application_settings {
    struct wt_span supported_protocols; /* ClientHello: wt_ext_opaque_next(…, 1, …) */
    struct wt_span settings;            /* EncryptedExtensions: the application's own */
};

/* RFC 9849, 5.1. */
struct wt_ext_ech_outer_extensions {
    struct wt_span outer_extensions; /* wt_codes_at() */
};

/* RFC 9849, 5. */
struct wt_ext_encrypted_client_hello {
    uint8_t type; /* ClientHello: 0 outer, 1 inner; of the outer one from here on */
    uint16_t kdf_id, aead_id;
    uint8_t config_id;
    struct wt_span enc, payload;
    struct wt_span retry_configs; /* EncryptedExtensions: wt_ext_ech_config_next() */
    struct wt_span confirmation;  /* HelloRetryRequest: 8 bytes */
};
struct wt_ech_config {
    uint16_t version; /* 0xfe0d; of another version only `contents` is known */
    struct wt_span contents;
    uint8_t config_id;
    uint16_t kem_id;
    struct wt_span public_key;
    struct wt_span cipher_suites; /* kdf_id and aead_id, two bytes each */
    uint8_t maximum_name_length;
    struct wt_span public_name;
    struct wt_span extensions;
};
bool wt_ext_ech_config_next(struct wt_span *rest, struct wt_ech_config *config);

/* draft-ietf-tls-esni-02 to -06. */
struct wt_ext_encrypted_server_name {
    uint16_t suite; /* ClientHello, from here on */
    uint16_t group;
    struct wt_span key_exchange, record_digest, encrypted_sni;
    bool has_response_type; /* EncryptedExtensions: since draft 03 */
    uint8_t response_type;
    struct wt_span nonce;
    struct wt_span retry_keys;
};

/* RFC 5746, 3.2. */
struct wt_ext_renegotiation_info {
    struct wt_span renegotiated_connection;
};

union wt_ext_body {
    struct wt_ext_empty empty;
    struct wt_ext_server_name server_name;
    struct wt_ext_max_fragment_length max_fragment_length;
    struct wt_ext_trusted_ca_keys trusted_ca_keys;
    struct wt_ext_status_request status_request;
    struct wt_ext_status_request_v2 status_request_v2;
    struct wt_ext_user_mapping user_mapping;
    struct wt_ext_authz authz;
    struct wt_ext_certificate_type certificate_type;
    struct wt_ext_supported_groups supported_groups;
    struct wt_ext_ec_point_formats ec_point_formats;
    struct wt_ext_srp srp;
    struct wt_ext_signature_algorithms signature_algorithms;
    struct wt_ext_use_srtp use_srtp;
    struct wt_ext_heartbeat heartbeat;
    struct wt_ext_alpn alpn;
    struct wt_ext_signed_certificate_timestamp signed_certificate_timestamp;
    struct wt_ext_padding padding;
    struct wt_ext_token_binding token_binding;
    struct wt_ext_cached_info cached_info;
    struct wt_ext_compress_certificate compress_certificate;
    struct wt_ext_record_size_limit record_size_limit;
    struct wt_ext_pwd pwd;
    struct wt_ext_ticket_pinning ticket_pinning;
    struct wt_ext_delegated_credential delegated_credential;
    struct wt_ext_session_ticket session_ticket;
    struct wt_ext_supported_ekt_ciphers supported_ekt_ciphers;
    struct wt_ext_pre_shared_key pre_shared_key;
    struct wt_ext_early_data early_data;
    struct wt_ext_supported_versions supported_versions;
    struct wt_ext_cookie cookie;
    struct wt_ext_psk_key_exchange_modes psk_key_exchange_modes;
    struct wt_ext_certificate_authorities certificate_authorities;
    struct wt_ext_oid_filters oid_filters;
    struct wt_ext_key_share key_share;
    struct wt_ext_transparency_info transparency_info;
    struct wt_ext_connection_id connection_id;
    struct wt_ext_external_id_hash external_id_hash;
    struct wt_ext_external_session_id external_session_id;
    struct wt_ext_quic_transport_parameters quic_transport_parameters;
    struct wt_ext_ticket_request ticket_request;
    struct wt_ext_dnssec_chain dnssec_chain;
    struct wt_ext_tls_flags tls_flags;
    struct wt_ext_next_protocol_negotiation next_protocol_negotiation;
    struct wt_ext_application_settings application_settings;
    struct wt_ext_ech_outer_extensions ech_outer_extensions;
    struct wt_ext_encrypted_client_hello encrypted_client_hello;
    struct wt_ext_encrypted_server_name encrypted_server_name;
    struct wt_ext_renegotiation_info renegotiation_info;
};

/* Each codec's pair. The table in ../extension.c is made of ext.def's rows, which name these. */
#define WT_EXT_CODEC(name)                                                                                             \
    void wt_ext_##name##_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,          \
                              union wt_ext_body *out);                                                                 \
    void wt_ext_##name##_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,         \
                               const union wt_ext_body *in);
WT_EXT_CODEC(empty)
WT_EXT_CODEC(server_name)
WT_EXT_CODEC(max_fragment_length)
WT_EXT_CODEC(trusted_ca_keys)
WT_EXT_CODEC(status_request)
WT_EXT_CODEC(status_request_v2)
WT_EXT_CODEC(user_mapping)
WT_EXT_CODEC(authz)
WT_EXT_CODEC(cert_type)
WT_EXT_CODEC(supported_groups)
WT_EXT_CODEC(ec_point_formats)
WT_EXT_CODEC(srp)
WT_EXT_CODEC(signature_algorithms)
WT_EXT_CODEC(use_srtp)
WT_EXT_CODEC(heartbeat)
WT_EXT_CODEC(alpn)
WT_EXT_CODEC(signed_certificate_timestamp)
WT_EXT_CODEC(client_certificate_type)
WT_EXT_CODEC(server_certificate_type)
WT_EXT_CODEC(padding)
WT_EXT_CODEC(token_binding)
WT_EXT_CODEC(cached_info)
WT_EXT_CODEC(compress_certificate)
WT_EXT_CODEC(record_size_limit)
WT_EXT_CODEC(pwd)
WT_EXT_CODEC(ticket_pinning)
WT_EXT_CODEC(delegated_credential)
WT_EXT_CODEC(session_ticket)
WT_EXT_CODEC(supported_ekt_ciphers)
WT_EXT_CODEC(pre_shared_key)
WT_EXT_CODEC(early_data)
WT_EXT_CODEC(supported_versions)
WT_EXT_CODEC(cookie)
WT_EXT_CODEC(psk_key_exchange_modes)
WT_EXT_CODEC(certificate_authorities)
WT_EXT_CODEC(oid_filters)
WT_EXT_CODEC(key_share)
WT_EXT_CODEC(transparency_info)
WT_EXT_CODEC(connection_id)
WT_EXT_CODEC(external_id_hash)
WT_EXT_CODEC(external_session_id)
WT_EXT_CODEC(quic_transport_parameters)
WT_EXT_CODEC(quic_transport_parameters_draft)
WT_EXT_CODEC(ticket_request)
WT_EXT_CODEC(dnssec_chain)
WT_EXT_CODEC(tls_flags)
WT_EXT_CODEC(next_protocol_negotiation)
WT_EXT_CODEC(application_settings)
WT_EXT_CODEC(ech_outer_extensions)
WT_EXT_CODEC(encrypted_client_hello)
WT_EXT_CODEC(encrypted_server_name)
WT_EXT_CODEC(renegotiation_info)
#undef WT_EXT_CODEC

/* Walks a checked list of opaque vectors with length prefixes of `width` bytes. */
static inline bool wt_ext_opaque_next(struct wt_span *rest, unsigned width, struct wt_span *element)
{
    size_t n = 0;
    if (rest->n < width || rest->n == 0)
        return false;
    for (unsigned i = 0; i < width; i++)
        n = n << 8 | rest->p[i];
    *element = wt_span_cut(*rest, width, n);
    *rest = wt_span_cut(*rest, width + n, SIZE_MAX);
    return true;
}

/* --- for the files of this directory ----------------------------------------------------------------------------- */

/* A list `field<min..max>` of opaque vectors `element<element_min..element_max>`: its span when every one is well. */
struct wt_span wt_ext_read_opaques(struct wt_reader *r, const char *field, unsigned width, size_t min, size_t max,
                                   const char *element, unsigned element_width, size_t element_min, size_t element_max,
                                   enum wt_trail_form form);

/* The messages of a server that answer a ClientHello. */
#define WT_EXT_ANSWER (WT_IN_SH | WT_IN_SH12 | WT_IN_EE)

/* A set of 16-bit numbers that costs nothing to clear: a word of `bits` counts only once `used` says so. */
struct wt_ext_seen {
    uint64_t used[16];
    uint64_t bits[1024];
};

static inline void wt_ext_seen_clear(struct wt_ext_seen *s)
{
    memset(s->used, 0, sizeof s->used);
}

/* Adds v; true when it was there already. */
static inline bool wt_ext_seen_add(struct wt_ext_seen *s, uint16_t v)
{
    unsigned word = v >> 6;
    uint64_t bit = (uint64_t)1 << (v & 63), use = (uint64_t)1 << (word & 63);
    if (!(s->used[word >> 6] & use)) {
        s->used[word >> 6] |= use;
        s->bits[word] = 0;
    }
    bool was = s->bits[word] & bit;
    s->bits[word] |= bit;
    return was;
}

#endif
