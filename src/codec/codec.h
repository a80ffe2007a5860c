/* Handshake messages, alerts and SSL 2.0's messages: bytes ⇄ struct, pure functions, one message per file.
 *
 * Decoding never copies: spans point into the message. What the wire does not carry is passed by value in a
 * wt_codec_context. A decoder reads from a wt_reader and asks nothing; its caller asks the wt_decode once. With a trail
 * attached it leaves every field there under the RFC's name. Encoders write the same bytes back. */
#ifndef WT_CODEC_CODEC_H
#define WT_CODEC_CODEC_H

#include "base/reader.h"
#include "base/writer.h"
#include "registry/registry.h"

/* What decides a message's shape and does not stand in it. All zero means: not known, take TLS 1.2's shape. */
struct wt_codec_context {
    uint16_t version;         /* negotiated, 0 before ServerHello; enum wt_version */
    uint8_t kx;               /* enum wt_kx of the chosen suite */
    uint8_t certificate_type; /* of the side that sends: 0 X.509, 2 raw public key (RFC 7250) */
    uint8_t from_server;      /* the message's sender */
};

/* A message's extension block: `extensions` as it lies, framing checked, order and unknown ones kept. */
struct wt_extensions {
    struct wt_span block; /* without the two length bytes */
    bool present;         /* the length bytes were there; a hello may end before them */
    bool indexed;         /* it was read whole: an extension whose bit in `types` is 0 is not in it */
    uint64_t types;       /* bit (extension_type % 64) of each */
    /* Its bodies, for as long as somebody keeps them decoded (codec/ext/decoded.h); NULL: decoded when asked for. */
    const struct wt_extensions_decoded *decoded;
};

struct wt_client_hello {
    uint16_t legacy_version;
    struct wt_span random;              /* 32 bytes; SSL 2.0's challenge: 16 to 32 */
    struct wt_span session_id;          /* 0 to 32 bytes */
    struct wt_span cookie;              /* DTLS only */
    struct wt_span cipher_suites;       /* 16-bit code points, wt_codes_at() */
    struct wt_span compression_methods; /* one byte each */
    struct wt_extensions extensions;
    bool complete; /* read to its end: rules may be broken, but nothing is missing here */
};

/* ServerHello and HelloRetryRequest, told apart by wt_server_hello_is_retry(). */
struct wt_server_hello {
    uint16_t legacy_version;
    struct wt_span random;     /* 32 bytes */
    struct wt_span session_id; /* absent (n = 0) in the drafts of TLS 1.3 before 22 */
    uint16_t cipher_suite;
    uint8_t compression_method;
    bool has_session_id; /* false in those drafts: neither session_id nor compression_method stand there */
    struct wt_extensions extensions;
};

/* HelloRetryRequest while it was a message of its own (type 6): the drafts of TLS 1.3 before 22. */
struct wt_hello_retry_request {
    uint16_t server_version;
    bool has_cipher_suite; /* drafts 19 to 21 */
    uint16_t cipher_suite;
    struct wt_extensions extensions;
};

/* Certificate: TLS 1.2 certificate_list, or TLS 1.3 request_context and entries with extensions. */
struct wt_certificate {
    struct wt_span request_context; /* TLS 1.3 */
    struct wt_span list;            /* the entries as they lie; walk with wt_certificate_next() */
    bool tls13;
    bool entry_extensions; /* each entry is followed by extensions: TLS 1.3 from draft 17 on */
    bool raw_public_key;   /* RFC 7250: list is one SubjectPublicKeyInfo (TLS 1.2) */
};

struct wt_certificate_entry {
    struct wt_span data; /* DER */
    struct wt_span extensions;
};

struct wt_server_key_exchange {
    uint8_t kx; /* which of the parts below are there */
    struct wt_span psk_identity_hint;
    struct wt_span dh_p, dh_g, dh_ys;
    struct wt_span rsa_modulus, rsa_exponent;  /* RSA_EXPORT */
    struct wt_span srp_n, srp_g, srp_s, srp_b; /* RFC 5054 */
    struct wt_span fortezza_r;                 /* SSL 3.0: r_s, 128 bytes */
    uint8_t curve_type;                        /* 3 named_curve; explicit ones are kept in ec_explicit */
    uint16_t named_curve;
    struct wt_span ec_explicit;
    struct wt_span ec_point;
    struct wt_span params; /* everything that the signature covers */
    bool is_signed;        /* a signature follows the params; never so for anonymous suites and PSK */
    bool has_scheme;       /* TLS 1.2: SignatureAndHashAlgorithm stands in front */
    uint16_t signature_scheme;
    struct wt_span signature; /* n = 0 when the family has none */
};

struct wt_certificate_request {
    struct wt_span request_context;        /* TLS 1.3 */
    struct wt_span certificate_types;      /* up to TLS 1.2 */
    struct wt_span signature_algorithms;   /* TLS 1.2: of the message; TLS 1.3: of the extension */
    struct wt_span authorities;            /* DistinguishedName list as it lies: wt_dn_next() */
    struct wt_extensions extensions;       /* TLS 1.3 */
    struct wt_span certificate_extensions; /* drafts of TLS 1.3 up to 18: OIDs and values as they lie */
};

struct wt_client_key_exchange {
    uint8_t kx;
    struct wt_span psk_identity;
    bool has_length;                    /* ECDHE of TLCP: a length stands in front of it all */
    struct wt_span encrypted_premaster; /* RSA, RSA_PSK, ECC of TLCP */
    struct wt_span curve_params;        /* ECDHE of TLCP */
    struct wt_span public_key;          /* DH Yc, EC point, SRP A; n = 0 when implicit in the certificate */
    struct wt_span other;               /* Kerberos, Fortezza, GOST, ECCPWD, SM9: as it lies */
};

struct wt_certificate_verify {
    bool has_scheme;
    uint16_t signature_scheme;
    struct wt_span signature;
};

struct wt_finished {
    struct wt_span verify_data;
};

struct wt_new_session_ticket {
    bool tls13;
    uint32_t lifetime; /* seconds: ticket_lifetime_hint, ticket_lifetime */
    uint32_t age_add;
    struct wt_span nonce, ticket;
    struct wt_extensions extensions;
};

struct wt_encrypted_extensions {
    struct wt_extensions extensions;
};

struct wt_certificate_status {
    uint8_t status_type;      /* 1 ocsp, 2 ocsp_multi */
    struct wt_span response;  /* ocsp: DER; of any other type: all that follows the type */
    struct wt_span responses; /* ocsp_multi: list as it lies */
};

struct wt_certificate_url {
    uint8_t type;
    struct wt_span list;
};

struct wt_supplemental_data {
    struct wt_span list;
};

struct wt_compressed_certificate {
    uint16_t algorithm;
    uint32_t uncompressed_length;
    struct wt_span compressed;
};

struct wt_next_protocol {
    struct wt_span selected_protocol, padding;
};

struct wt_key_update {
    uint8_t request_update; /* 0, 1 */
};

struct wt_hello_verify_request {
    uint16_t server_version;
    struct wt_span cookie;
};

struct wt_message_hash {
    struct wt_span hash;
};

/* SSL 2.0 (the "SSL 0.2 protocol specification"), messages inside its two-byte record header. */
struct wt_ssl2_client_hello {
    uint16_t version;
    struct wt_span cipher_specs; /* three bytes each */
    struct wt_span session_id, challenge;
};

struct wt_ssl2_server_hello {
    uint8_t session_id_hit, certificate_type;
    uint16_t version;
    struct wt_span certificate, cipher_specs, connection_id;
};

struct wt_ssl2_other {
    struct wt_span body;
};

/* Any handshake message. */
struct wt_message_body {
    uint8_t type; /* enum wt_handshake_type */
    union {
        struct wt_client_hello client_hello;
        struct wt_server_hello server_hello;
        struct wt_hello_retry_request hello_retry_request;
        struct wt_certificate certificate;
        struct wt_server_key_exchange server_key_exchange;
        struct wt_certificate_request certificate_request;
        struct wt_client_key_exchange client_key_exchange;
        struct wt_certificate_verify certificate_verify;
        struct wt_finished finished;
        struct wt_new_session_ticket new_session_ticket;
        struct wt_encrypted_extensions encrypted_extensions;
        struct wt_certificate_status certificate_status;
        struct wt_certificate_url certificate_url;
        struct wt_supplemental_data supplemental_data;
        struct wt_compressed_certificate compressed_certificate;
        struct wt_next_protocol next_protocol;
        struct wt_key_update key_update;
        struct wt_hello_verify_request hello_verify_request;
        struct wt_message_hash message_hash;
        struct wt_span other; /* types that we do not know: the body as it lies */
    };
};

/* How many fields n bytes of a message, or of DER, can have, as far as a trail keeps them. */
size_t wt_message_most_fields(size_t n);

/* Decodes the body of one handshake message (without its 4-byte header). On failure *error says where and why and
 * *out holds what was read before. `trail` may be NULL. Messages whose type we do not know succeed with `other`.
 * With a trail, bodies of extensions are decoded too; without, see wt_extension_decode(). */
enum wt_code wt_message_decode(const struct wt_codec_context *context, uint8_t type, struct wt_span body,
                               struct wt_trail *trail, struct wt_message_body *out, struct wt_error *error);
/* Writes it back: the same bytes for every message that decoded. */
void wt_message_encode(struct wt_writer *w, const struct wt_codec_context *context, const struct wt_message_body *in);

/* Each message's own pair; the table in message.c is made of these. */
#define WT_CODEC(name)                                                                                                 \
    void wt_##name##_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_##name *out);               \
    void wt_##name##_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_##name *in);
WT_CODEC(client_hello)
WT_CODEC(server_hello)
WT_CODEC(hello_retry_request)
WT_CODEC(certificate)
WT_CODEC(server_key_exchange)
WT_CODEC(certificate_request)
WT_CODEC(client_key_exchange)
WT_CODEC(certificate_verify)
WT_CODEC(finished)
WT_CODEC(new_session_ticket)
WT_CODEC(encrypted_extensions)
WT_CODEC(certificate_status)
WT_CODEC(certificate_url)
WT_CODEC(supplemental_data)
WT_CODEC(compressed_certificate)
WT_CODEC(next_protocol)
WT_CODEC(key_update)
WT_CODEC(hello_verify_request)
WT_CODEC(message_hash)
WT_CODEC(ssl2_client_hello)
WT_CODEC(ssl2_server_hello)
#undef WT_CODEC

/* RFC 8446, 4.1.3: the random that makes a ServerHello a HelloRetryRequest. */
extern const uint8_t wt_hello_retry_random[32];
bool wt_server_hello_is_retry(const struct wt_server_hello *hello);
/* RFC 8446, 4.1.3: 0 none, else the version that the downgrade sentinel in the random stands for (WT_TLS12:
 * "DOWNGRD\1", WT_TLS11: "DOWNGRD\0"). */
uint16_t wt_server_hello_downgrade(const struct wt_server_hello *hello);

/* Walks a Certificate's entries; false at the end. The list was checked when the message was decoded. */
bool wt_certificate_next(const struct wt_certificate *certificate, struct wt_span *rest,
                         struct wt_certificate_entry *entry);
/* Walks a list of DistinguishedName<1..2^16-1>. */
bool wt_dn_next(struct wt_span *rest, struct wt_span *name);

/* Inflates a CompressedCertificate (RFC 8879: zlib 1, brotli 2, zstd 3) into room of exactly uncompressed_length bytes
 * that the caller allocated within WT_LIMIT_HANDSHAKE_MESSAGE. WT_OK, WT_UNSUPPORTED, or WT_VALUE when the data is
 * damaged or has another length. */
enum wt_code wt_compressed_certificate_inflate(const struct wt_compressed_certificate *in, uint8_t *room, size_t size);
struct wt_buffer;
/* The other way: zlib or zstd, as densely as they can. WT_UNSUPPORTED, WT_MEMORY. */
enum wt_code wt_compressed_certificate_deflate(uint16_t algorithm, struct wt_span in, struct wt_buffer *out);

/* --- extensions ------------------------------------------------------------------------------------------------- */

struct wt_extension {
    uint16_t id;
    struct wt_span body;
};

/* Reads the block with its two length bytes, checks every framing, notes duplicates (RFC 8446, 4.2: "There MUST NOT be
 * more than one extension of the same type in a given extension block") as WT_DUPLICATE. With a trail each body is
 * decoded; a body that is malformed stands there as opaque bytes and does not hinder its neighbours. */
void wt_extensions_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where, size_t min,
                        struct wt_extensions *out);
void wt_extensions_write(struct wt_writer *w, const struct wt_extensions *in, size_t min);

/* Walks a block: start with rest = block; false at the end. */
static inline bool wt_extensions_next(struct wt_span *rest, struct wt_extension *out)
{
    if (rest->n < 4 || rest->n - 4 < wt_get16(rest->p + 2))
        return false; /* the end, or damage that was reported when the block was read */
    out->id = wt_get16(rest->p);
    out->body = (struct wt_span){rest->p + 4, wt_get16(rest->p + 2)};
    rest->p += 4 + out->body.n;
    rest->n -= 4 + out->body.n;
    return true;
}
/* Whether one with this id may be there; most of those that are asked for are not, and that is known without a look at
 * the block. */
static inline bool wt_extensions_may_have(const struct wt_extensions *extensions, uint16_t id)
{
    return !extensions->indexed || extensions->types >> (id & 63) & 1;
}
bool wt_extensions_search(const struct wt_extensions *extensions, uint16_t id, struct wt_span *body);
/* The first with this id. */
static inline bool wt_extensions_find(const struct wt_extensions *extensions, uint16_t id, struct wt_span *body)
{
    return wt_extensions_may_have(extensions, id) && wt_extensions_search(extensions, id, body);
}

static inline bool wt_extensions_has(const struct wt_extensions *extensions, uint16_t id)
{
    struct wt_span body;
    return wt_extensions_find(extensions, id, &body);
}

/* Decodes every body of a block and reports the first malformed one in *error. Its offset counts as those of all errors
 * of a message do, from the start of its body: `message`, in which the block lies. WT_OK when all are well. */
enum wt_code wt_extensions_check(const struct wt_extensions *extensions, const struct wt_codec_context *c,
                                 enum wt_ext_where where, struct wt_span message, struct wt_error *error);

union wt_ext_body; /* codec/ext/ext.h */

/* Decodes one body. WT_UNSUPPORTED (and no error) for an id without a decoder. */
enum wt_code wt_extension_decode(uint16_t id, const struct wt_codec_context *c, enum wt_ext_where where,
                                 struct wt_span body, struct wt_trail *trail, union wt_ext_body *out,
                                 struct wt_error *error);
/* The first with this id, decoded; *body (may be NULL) is its extension_data. False when there is none. *code is the
 * decoder's: whatever it is, what was read of the body is in *out. */
bool wt_extensions_take_there(const struct wt_extensions *extensions, uint16_t id, const struct wt_codec_context *c,
                              enum wt_ext_where where, union wt_ext_body *out, struct wt_span *body,
                              enum wt_code *code);
static inline bool wt_extensions_take(const struct wt_extensions *extensions, uint16_t id,
                                      const struct wt_codec_context *c, enum wt_ext_where where, union wt_ext_body *out,
                                      struct wt_span *body, enum wt_code *code)
{
    return wt_extensions_may_have(extensions, id) &&
           wt_extensions_take_there(extensions, id, c, where, out, body, code);
}
/* The body of the first with this id, decoded. False when there is none, or it breaks its format; what was read of it
 * stands in *out all the same. */
bool wt_extensions_get(const struct wt_extensions *extensions, uint16_t id, const struct wt_codec_context *c,
                       enum wt_ext_where where, union wt_ext_body *out);
/* Writes the body back, without id and length. False for an id without an encoder. */
bool wt_extension_encode(struct wt_writer *w, uint16_t id, const struct wt_codec_context *c, enum wt_ext_where where,
                         const union wt_ext_body *in);

/* --- alert ------------------------------------------------------------------------------------------------------- */

struct wt_alert_body {
    uint8_t level, description;
};

enum wt_code wt_alert_decode(struct wt_span body, struct wt_trail *trail, struct wt_alert_body *out,
                             struct wt_error *error);

/* --- ChangeCipherSpec -------------------------------------------------------------------------------------------- */

/* Its one byte says nothing: there is nothing to give out. */
enum wt_code wt_change_cipher_spec_decode(struct wt_span body, struct wt_trail *trail, struct wt_error *error);

/* --- heartbeat (RFC 6520) ---------------------------------------------------------------------------------------- */

struct wt_heartbeat {
    uint8_t type;
    uint16_t payload_length;
    struct wt_span payload, padding; /* as far as they are there: the length may lie (CVE-2014-0160) */
};

enum wt_code wt_heartbeat_decode(struct wt_span body, struct wt_trail *trail, struct wt_heartbeat *out,
                                 struct wt_error *error);

/* --- SSL 2.0 ------------------------------------------------------------------------------------------------------ */

enum wt_ssl2_type {
    WT_SSL2_ERROR = 0,
    WT_SSL2_CLIENT_HELLO = 1,
    WT_SSL2_CLIENT_MASTER_KEY = 2,
    WT_SSL2_CLIENT_FINISHED = 3,
    WT_SSL2_SERVER_HELLO = 4,
    WT_SSL2_SERVER_VERIFY = 5,
    WT_SSL2_SERVER_FINISHED = 6,
    WT_SSL2_REQUEST_CERTIFICATE = 7,
    WT_SSL2_CLIENT_CERTIFICATE = 8,
};

/* Decodes the body behind the type byte, for the trail; types without a decoder of their own leave it as opaque. */
enum wt_code wt_ssl2_decode(uint8_t type, struct wt_span body, struct wt_trail *trail, struct wt_error *error);

#endif
