/* What a handshake's messages offered and agreed on, as values: nothing here points into a message.
 *
 * Filled by decoded messages (codec), in their order, by whoever looks: an endpoint with those that it sends and those
 * that it gets, an observer with both sides'. What has not been seen is marked so (`seen`), as is what broke its format
 * on the way (`whole`), so that nobody concludes from a silence that was only his own. Rules (rules.h) are checked
 * against it before a message is added.
 *
 * Lists are exact sets: blocks of 16 neighbouring code points, of which a usual ClientHello has thirty; what is over
 * the limit makes a set `more`, and whether it has a code point that was not found is then not known. GREASE (RFC 8701)
 * is in no set: "Correctly implemented peers will ignore these values" (section 1), and who chooses one breaks a rule
 * of its own. */
#ifndef WT_HANDSHAKE_AGREED_H
#define WT_HANDSHAKE_AGREED_H

#include "codec/codec.h"
#include "registry/limits.h"
#include "wiretale/story.h"

/* --- sets of code points ------------------------------------------------------------------------------------------ */

enum wt_offer_set {
    WT_SET_VERSIONS,                  /* supported_versions; without it those up to legacy_version */
    WT_SET_SUITES,                    /* signalling suites (SCSV) included */
    WT_SET_COMPRESSION,               /* legacy_compression_methods */
    WT_SET_GROUPS,                    /* supported_groups */
    WT_SET_SHARES,                    /* groups of key_share */
    WT_SET_SCHEMES,                   /* signature_algorithms */
    WT_SET_PSK_MODES,                 /* psk_key_exchange_modes */
    WT_SET_POINT_FORMATS,             /* ec_point_formats */
    WT_SET_CERTIFICATE_TYPES,         /* cert_type (RFC 6091): of both sides */
    WT_SET_SERVER_CERTIFICATE_TYPES,  /* server_certificate_type */
    WT_SET_CLIENT_CERTIFICATE_TYPES,  /* client_certificate_type */
    WT_SET_CERTIFICATE_COMPRESSION,   /* compress_certificate */
    WT_SET_SRTP_PROFILES,             /* use_srtp */
    WT_SET_DELEGATED_SCHEMES,         /* delegated_credential */
    WT_SET_REQUEST_SCHEMES,           /* CertificateRequest: signature_algorithms, from here on */
    WT_SET_REQUEST_TYPES,             /* certificate_types, up to TLS 1.2 */
    WT_SET_REQUEST_EXTENSIONS,        /* extensions, TLS 1.3 */
    WT_SET_REQUEST_COMPRESSION,       /* compress_certificate */
    WT_SET_REQUEST_DELEGATED_SCHEMES, /* delegated_credential */
    WT_SET_COUNT,
};

struct wt_code_block {
    uint16_t base; /* code point / 16 */
    uint16_t bits; /* bit i: code point 16 * base + i */
};

/* Where a set's blocks are in wt_agreed.blocks. */
struct wt_code_set {
    uint8_t first, count;
    bool present; /* the list was there: the extension, if it is one's */
    bool more;    /* not all of it found room */
};

enum wt_is { WT_IS_NOT, WT_IS, WT_IS_UNKNOWN };

/* --- ClientHello -------------------------------------------------------------------------------------------------- */

struct wt_offered {
    bool seen;   /* a ClientHello came */
    bool whole;  /* and kept its format, and is the one that is answered: only then its sets are known to be complete */
    bool second; /* it is, or may be, the one after a HelloRetryRequest */
    bool stale;  /* a HelloRetryRequest came, and the hello that answers it has not been seen */
    bool ssl2;   /* it came in SSL 2.0's form (RFC 5246, E.2) and has no extensions */
    bool dtls;
    bool quic; /* it has quic_transport_parameters: "Endpoints MUST NOT send this extension in a TLS connection that
                * does not use QUIC" (RFC 9001, 8.2) */
    bool more_extensions; /* than WT_LIMIT_OFFERED_EXTENSIONS */
    uint8_t extension_count;
    uint8_t session_id_length, random_length; /* bytes; random: 32, SSL 2.0's challenge 16 to 32 */
    uint8_t max_fragment_length;              /* RFC 6066, 4: 1 to 4; 0: not offered */
    uint8_t heartbeat;                        /* mode (RFC 6520, 2); 0: not offered */
    uint8_t alpn_length;                      /* bytes of `alpn` */
    bool more_alpn;                           /* the list is longer than its room: none of it is kept */
    uint8_t external_psks;                    /* bit i: identity i has age 0, RFC 8446, 4.2.11 */
    bool ticket;                              /* session_ticket with a ticket in it */
    uint16_t legacy_version;
    uint16_t highest_version;   /* of supported_versions, GREASE left out, or legacy_version */
    uint16_t suites;            /* entries of cipher_suites as they came, GREASE and repeats counted */
    uint16_t record_size_limit; /* bytes; 0: not offered */
    uint16_t psks;              /* identities in pre_shared_key; 0: not offered */
    uint8_t random[32], session_id[32];
    uint8_t alpn[WT_LIMIT_OFFERED_ALPN]; /* ProtocolNameList as it came, without its length */
    uint64_t session_ticket;             /* wt_span_hash() of the ticket; 0: none */
    uint64_t psk[WT_LIMIT_OFFERED_PSKS]; /* wt_span_hash() of the first identities; 0: none */
    /* In the order of the hello, GREASE left out; what each body hashes to is what a second hello is held against. */
    uint16_t extension[WT_LIMIT_OFFERED_EXTENSIONS];
    uint32_t body_hash[WT_LIMIT_OFFERED_EXTENSIONS];
    uint32_t suites_hash, compression_hash;
};

/* --- HelloRetryRequest, ServerHello, EncryptedExtensions -----------------------------------------------------------
 */

struct wt_retry {
    bool seen;
    bool has_suite, has_cookie; /* has_suite: false in the drafts of TLS 1.3 before 19 */
    bool other;              /* extensions that RFC 8446 does not define: they may allow other changes of the hello */
    uint16_t version, suite; /* version: selected_version */
    uint16_t group;          /* selected_group; 0: none */
    uint64_t cookie;         /* wt_span_hash() */
};

struct wt_chosen {
    bool seen;        /* a ServerHello came, no HelloRetryRequest */
    bool whole;       /* and kept its format */
    bool tls13;       /* wt_version_is_tls13(version) */
    bool draft;       /* of TLS 1.3: the rules of RFC 8446 are not its own */
    bool answered;    /* TLS 1.3: EncryptedExtensions was seen too: without it what it answers is not known */
    uint8_t kx, auth; /* enum wt_kx, enum wt_auth: of the suite */
    uint8_t compression;
    uint8_t resumption; /* enum wt_resumption: by what the client got in without a certificate, as far as it is known */
    uint8_t early_data; /* enum wt_early_data */
    uint16_t version, suite;
    uint16_t group;  /* of key_share, or of ServerKeyExchange; 0: none or not known */
    uint16_t scheme; /* that the server signs with: ServerKeyExchange, CertificateVerify; 0: not known */
    uint16_t client_scheme;
    uint16_t psk;                /* selected_identity, if has_psk */
    bool has_suite;              /* TLS_NULL_WITH_NULL_NULL is a suite too */
    bool has_psk;                /* TLS 1.3: pre_shared_key */
    bool has_share;              /* TLS 1.3: key_share; without one the PSK alone makes the keys (psk_ke) */
    bool extended_master;        /* RFC 7627, of both hellos; from here on up to TLS 1.2 */
    bool encrypt_then_mac;       /* RFC 7366 */
    bool truncated_hmac;         /* RFC 6066, 7 */
    bool secure_renegotiation;   /* RFC 5746: renegotiation_info in the ServerHello */
    bool ticket_promised;        /* RFC 5077, 3.2 */
    bool status_promised;        /* RFC 6066, 8; RFC 6961, 2.2: CertificateStatus may follow */
    bool supplemental_promised;  /* RFC 4680, 3: client_authz, server_authz, user_mapping */
    bool next_protocol_promised; /* NPN */
    bool channel_id_promised;
    bool settings_promised;                                   /* ALPS, in EncryptedExtensions */
    uint8_t server_certificate_type, client_certificate_type; /* RFC 7250: 0 X.509, 2 raw public key */
    uint8_t max_fragment_length;                              /* 0: none */
    uint8_t heartbeat;                                        /* mode; 0: none */
    uint16_t record_size_limit;                               /* that the server announces, bytes; 0: none */
    uint8_t session_id_length, alpn_length;
    bool has_random;
    uint8_t random[32], session_id[32];
    uint8_t alpn[WT_LIMIT_CHOSEN_ALPN]; /* the first bytes of the name; alpn_length is its true one */
};

/* CertificateRequest: of the handshake, or the newest one after it. */
struct wt_requested {
    bool seen, whole;
    bool several;           /* after the handshake more than one: which of them a Certificate answers is not known */
    uint8_t context_length; /* TLS 1.3: certificate_request_context */
    uint32_t context;       /* its hash */
};

/* Up to TLS 1.2: the session that the client offers to resume, for who knows it (an endpoint does). */
struct wt_session_terms {
    bool known, extended_master;
    uint16_t suite;
};

struct wt_agreed {
    struct wt_offered offered;
    struct wt_retry retry;
    struct wt_chosen chosen;
    struct wt_requested requested;
    struct wt_session_terms session; /* the caller's to fill, after the ClientHello was added */
    struct wt_code_set sets[WT_SET_COUNT];
    struct wt_code_block blocks[WT_LIMIT_OFFERED_BLOCKS];
    uint8_t block_count, hello_blocks; /* hello_blocks: those of the ClientHello's sets, which come first */
    /* For renegotiation (RFC 5746, 3.1): whether this handshake is known to be the connection's first, or known to be
     * another one; whether the connection's `secure_renegotiation` flag is set; both sides' last verify_data. */
    bool first, again;
    bool finished[2]; /* by enum wt_side: its Finished was seen */
    /* The messages come in the order in which they were sent and received, as an endpoint's do: the caller's to set. An
     * observer's two streams need not interleave so: what a request has to do with an answer is then less sure. */
    bool interleaved;
    bool was_secure, was_extended; /* of the handshake before this one: RFC 5746, RFC 7627 */
    uint8_t verify_data_length[2]; /* by enum wt_side; 0: not known */
    uint8_t verify_data[2][36];    /* of the newest Finished: at the hellos, the handshake's before */
};

/* All zero: nothing is known. `first`: the connection's very first bytes were seen, so that the handshake that comes
 * is its first. */
void wt_agreed_start(struct wt_agreed *agreed, bool first);
/* Up to TLS 1.2: another handshake begins in the same connection. Keeps what RFC 5746 and RFC 7627 need of the one
 * before, if both of its Finished were seen; else it may be any. */
void wt_agreed_renegotiate(struct wt_agreed *agreed);

/* Each adds what a message says. A message that broke its format (`whole` false) is recorded as not seen, apart from
 * what came before the break in it; rules that need the rest stay silent. */
void wt_agreed_client_hello(struct wt_agreed *agreed, const struct wt_client_hello *hello, bool whole);
/* An extension whose body a client makes anew for each hello, or gets from the server for each: keys, tickets. */
bool wt_agreed_is_made_anew(uint16_t extension);
/* The same, by what a hello like it added to one of which nothing was known, as nothing is of this one: they differ in
 * random, session id and such bodies, whose parts are as long in both. */
void wt_agreed_repeat(struct wt_agreed *agreed, const struct wt_agreed *like, const struct wt_client_hello *hello);
/* version >= 3.0 in SSL 2.0's form: suites alone. */
void wt_agreed_ssl2_client_hello(struct wt_agreed *agreed, const struct wt_ssl2_client_hello *hello);
/* ServerHello, and HelloRetryRequest in its form. */
void wt_agreed_server_hello(struct wt_agreed *agreed, const struct wt_server_hello *hello, bool whole);
void wt_agreed_retry(struct wt_agreed *agreed, const struct wt_server_hello *hello);
void wt_agreed_old_retry(struct wt_agreed *agreed, const struct wt_hello_retry_request *retry);
/* The server's; a client's (ALPS) chooses nothing. */
void wt_agreed_encrypted_extensions(struct wt_agreed *agreed, const struct wt_encrypted_extensions *in);
/* The group that a ServerKeyExchange's prime is (RFC 7919); 0: one without a name. */
uint16_t wt_agreed_ffdhe(struct wt_span p);
void wt_agreed_server_key_exchange(struct wt_agreed *agreed, const struct wt_server_key_exchange *in);
void wt_agreed_certificate_request(struct wt_agreed *agreed, const struct wt_certificate_request *in, bool whole);
void wt_agreed_certificate_verify(struct wt_agreed *agreed, unsigned side, const struct wt_certificate_verify *in);
void wt_agreed_finished(struct wt_agreed *agreed, unsigned side, struct wt_span verify_data);
/* Up to TLS 1.2: the server's ChangeCipherSpec (or NewSessionTicket) right after its ServerHello shows that it resumes
 * a session. */
void wt_agreed_resumed(struct wt_agreed *agreed);
/* Any message of a side (enum wt_side), by the functions above; others say nothing here. A ClientHello after a complete
 * handshake up to TLS 1.2 is for its caller to see: wt_agreed_renegotiate() first. */
void wt_agreed_message(struct wt_agreed *agreed, unsigned side, const struct wt_message_body *message, bool whole);

/* --- questions ---------------------------------------------------------------------------------------------------- */

/* Whether a list has the code point. WT_IS_UNKNOWN: the message was not seen, or its list is longer than its room. A
 * list that is known not to be there has nothing. */
enum wt_is wt_agreed_has(const struct wt_agreed *agreed, enum wt_offer_set set, uint16_t code);
/* Whether the ClientHello has the extension; its place in offered.extension goes to *index (may be NULL). */
enum wt_is wt_agreed_offers(const struct wt_agreed *agreed, uint16_t extension, unsigned *index);
/* RFC 8446, 4.1.2: what the ClientHello after a HelloRetryRequest may replace, remove, add or recompute. */
bool wt_agreed_may_change(uint16_t extension);
/* Whether it is not known which CertificateRequest a Certificate of the client answers: RFC 8446, 4.6.2, clients "MAY
 * respond to them in a different order than they were received", and an observer may not have seen it yet. */
bool wt_agreed_request_is_unsure(const struct wt_agreed *agreed);
/* Whether ALPN's list has the name. */
enum wt_is wt_agreed_offers_protocol(const struct wt_agreed *agreed, struct wt_span name);
/* The version that a ServerHello or HelloRetryRequest selects: supported_versions, or legacy_version. */
uint16_t wt_agreed_version_of(const struct wt_server_hello *hello);
/* Up to TLS 1.2: whether the ServerHello takes the session that the ClientHello offers, by its session_id (RFC 5246,
 * 7.4.1.3: "If the ClientHello.session_id was non-empty, the server will look in its session cache for a match. If a
 * match is found […] the server will respond with the same value"; RFC 5077, 3.4 for tickets). */
bool wt_agreed_resumes(const struct wt_agreed *agreed, const struct wt_server_hello *hello);
/* The highest version of a list, GREASE left out; drafts of TLS 1.3 count in 1.3's place. 0: none. */
uint16_t wt_agreed_highest(struct wt_span versions);

#endif
