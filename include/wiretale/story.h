/* The story of one connection: everything the observer knows of it. All of it is read-only, belongs to the observer and
 * holds until the callback that hands it out returns. Bytes and names that came from the wire are spans: never trust
 * them to be text.
 *
 * Only the library makes these structs, and later versions may add members at their ends: a program reads them where
 * they are, through the pointer it was given, and neither copies them whole nor makes its own. See wiretale.h. */
#ifndef WIRETALE_STORY_H
#define WIRETALE_STORY_H

#include "wiretale/capture.h"
#include "wiretale/layer.h"
#include "wiretale/registry.h"
#include "wiretale/steps.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_side { WT_CLIENT = 0, WT_SERVER = 1 };

struct wt_address {
    uint8_t ip[16]; /* IPv4 as ::ffff:a.b.c.d */
    uint16_t port;
};

/* "192.0.2.1" or "2001:db8::1" into out (at least 46 bytes); returns out. */
WT_API const char *wt_address_format(const struct wt_address *address, char out[46]);
WT_API bool wt_address_is_v4(const struct wt_address *address);

enum wt_state {
    WT_INCOMPLETE,  /* the capture starts late or ends early */
    WT_ESTABLISHED, /* both sides finished: proved by keys, or by what only a finished peer sends */
    WT_FAILED,      /* a fatal alert or a teardown came first */
};

enum wt_protocol { WT_PROTOCOL_TLS, WT_PROTOCOL_SSL2, WT_PROTOCOL_DTLS, WT_PROTOCOL_QUIC, WT_PROTOCOL_TLCP };

enum wt_resumption { WT_RESUMPTION_NONE, WT_RESUMPTION_SESSION_ID, WT_RESUMPTION_TICKET, WT_RESUMPTION_PSK };

enum wt_early_data { WT_EARLY_NONE, WT_EARLY_ACCEPTED, WT_EARLY_REJECTED };

/* What the codec must be told to read a message's body, which does not stand in it. */
struct wt_shape {
    uint16_t version;         /* negotiated when the message passed, 0 when not yet */
    uint8_t kx;               /* key-exchange family (registry), 0 unknown */
    uint8_t certificate_type; /* RFC 7250: 0 X.509, 2 raw public key */
};

enum {
    WT_MESSAGE_TYPED = 1,      /* `type` is known */
    WT_MESSAGE_ENCRYPTED = 2,  /* it passed under keys */
    WT_MESSAGE_SSL2 = 4,       /* `type` is one of SSL 2.0's */
    WT_MESSAGE_MALFORMED = 8,  /* `error` says where */
    WT_MESSAGE_RETRY = 16,     /* a ServerHello that is a HelloRetryRequest */
    WT_MESSAGE_UNEXPECTED = 32, /* the flow table has no place for it */
    WT_MESSAGE_DECRYPTED = 64, /* `body` is plaintext recovered with keys */
    WT_MESSAGE_AFTER_GAP = 256, /* bytes of its direction are missing before or in it: the account is no longer whole */
    WT_MESSAGE_CUT = 128,      /* the capture lost a part of it; what there is is in `body` */
    WT_MESSAGE_SEQUENCE = 512, /* DTLS: `message_seq` is there */
    WT_MESSAGE_LEVEL = 1024,   /* QUIC: `level` is there */
    WT_MESSAGE_REPEATED = 2048, /* DTLS: sent again, in a record of its own: ChangeCipherSpec, an encrypted Finished */
};

/* QUIC's encryption levels, each with keys of its own (RFC 9001, 2.1). */
enum wt_quic_level { WT_LEVEL_INITIAL, WT_LEVEL_0RTT, WT_LEVEL_HANDSHAKE, WT_LEVEL_1RTT, WT_LEVEL_COUNT };

/* The part of a message that one record carried. Of DTLS the header of the first fragment is the message's own, the headers of
 * the others are no part of it; a place's offset counts from the first byte of the datagram's payload. */
struct wt_message_piece {
    uint32_t record; /* its number, from 1 in its direction: see wt_connection_record() */
    uint32_t inside; /* where the part begins: byte of the record's fragment or, with `opened`, of its plaintext */
    uint32_t length; /* bytes of the message there; a handshake message's 4-byte header counts */
    bool opened;     /* the record was opened with keys: `places` are those of the whole record, since a byte of
                        plaintext has none of its own */
    const struct wt_stream_place *places; /* by offset; what the capture lacks has none */
    size_t place_count;
};

/* One record as it was sent. */
struct wt_record_seen {
    uint64_t offset;                      /* byte of the sender's stream at which its header begins */
    uint32_t number;                      /* from 1 in its direction */
    uint32_t length;                      /* bytes of its fragment, as the header says */
    uint8_t from;                         /* enum wt_side */
    uint8_t header_length;                /* 5; SSL 2.0: 2 or 3 */
    uint8_t header[5];                    /* its bytes */
    uint8_t type;                         /* content type of the header; 22 for SSL 2.0 */
    uint16_t version;                     /* of the header; 0x0002 for SSL 2.0 */
    bool opened;                          /* with keys: what follows is known */
    uint8_t inner_type;                   /* content type of what was inside; up to TLS 1.2 that of the header */
    uint32_t plaintext_length;            /* bytes of content */
    uint32_t padding_length;              /* TLS 1.3: zeros after the content type; CBC: with the length byte */
    const struct wt_stream_place *places; /* header and fragment, by offset; what the capture lacks has none */
    size_t place_count;
};

/* The headers of a packet that carried pieces: with options.keep_packet_headers. */
struct wt_packet_headers {
    uint32_t frame;
    uint16_t link;        /* LINKTYPE_… that the bytes begin with */
    uint8_t from;         /* enum wt_side */
    bool reassembled;     /* the segment came in several IP fragments: the bytes are those of the packet that completed
                             it, up to its end or the limit */
    uint32_t length;      /* bytes before the TCP payload; more than bytes.n when a limit cut them */
    struct wt_span bytes; /* link, IP and TCP as captured */
    struct wt_time time;
    struct wt_layer_place layers[8]; /* of the bytes, outermost first; each ends where the next begins */
    size_t layer_count;
};

/* What a TCP segment is to its stream. */
enum wt_segment_mark {
    WT_SEGMENT_PLAIN,
    WT_SEGMENT_AGAIN,        /* a retransmission */
    WT_SEGMENT_OUT_OF_ORDER, /* it came after bytes that follow it */
    WT_SEGMENT_AFTER_GAP,    /* bytes before it never came */
    WT_SEGMENT_KEEP_ALIVE,   /* RFC 9293, 3.8.4 */
    WT_SEGMENT_COPY,         /* the capture has this packet twice */
};

/* One TCP segment: with options.keep_segments. */
struct wt_segment_seen {
    struct wt_time time;
    uint32_t frame;
    uint32_t sequence; /* counted from the SYN, which is 0; without one the first byte that was seen is 1 */
    uint32_t length;   /* bytes of payload, as sent */
    uint8_t from;      /* enum wt_side */
    uint8_t flags;     /* of its header: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK */
    uint8_t mark;      /* enum wt_segment_mark */
};

/* One message: a whole handshake message (however many records it took), or one record of another type. */
struct wt_message {
    uint32_t frame;          /* packet that completes it; 0 when fed as stream bytes */
    struct wt_time time;
    uint8_t from;            /* enum wt_side */
    uint8_t content_type;    /* 20 to 24; 22 for SSL 2.0's handshake messages too */
    uint8_t type;            /* with WT_MESSAGE_TYPED: handshake type, SSL 2.0 message, heartbeat type */
    uint8_t inner_type;      /* an opened record of application_data that held another content type: that one, else 0.
                                JSON: "outer_type": "application_data", "inner_type": its name */
    uint16_t flags;
    uint16_t record_version; /* of the first record that carried it */
    uint16_t records;        /* records it took */
    uint32_t length;         /* bytes: handshake body; other types: the record's */
    uint32_t record_length;  /* bytes of the first record's fragment */
    uint32_t record;         /* number of the record that completes it, from 1 in its direction */
    uint32_t plaintext_length; /* application data that was opened: its bytes */
    struct wt_shape shape;
    struct wt_span body;     /* as kept: handshake body without its 4-byte header, an alert's 2 bytes, the byte of a
                                ChangeCipherSpec; n = 0 for application data and for what passed encrypted */
    struct wt_error error;
    const struct wt_message_piece *pieces; /* the records that carried it, in order; NULL when a limit was hit */
    size_t piece_count;
    uint8_t level;        /* QUIC, with WT_MESSAGE_LEVEL: enum wt_quic_level of the packets that carried it */
    uint16_t message_seq; /* DTLS: with WT_MESSAGE_SEQUENCE (RFC 6347, 4.2.2) */
    uint64_t epoch;       /* DTLS: of the record that completes it */
};

/* The name of its type in RFC spelling ("client_hello", "hello_retry_request"), NULL when not known. */
WT_API const char *wt_message_type_name(const struct wt_message *message);

struct wt_alert_seen {
    uint32_t frame;
    uint8_t from;
    bool readable; /* false: seen only as ciphertext; level and description are then 0 */
    uint8_t level, description;
};

struct wt_text_list {
    const char *const *items;
    size_t count;
};

/* A signed certificate timestamp that a certificate carries (RFC 6962, 3.2). */
struct wt_certificate_sct {
    uint8_t version;       /* 0 is v1; of another one nothing more is known */
    uint8_t log_id[32];
    uint64_t timestamp_ms; /* since 1970 UTC */
};

/* A certificate as facts; stories of the same certificate share one as long as it is remembered, at least until the
 * callback returns. Strings are UTF-8, made printable. */
struct wt_certificate_facts {
    uint8_t sha256[32], sha1[20];
    uint32_t length;           /* bytes of DER */
    bool parsed;               /* false: not DER that libcrypto reads; all below is empty */
    const char *subject, *issuer; /* RFC 4514 */
    const char *common_name;   /* of the subject, or NULL */
    const char *serial;        /* hex */
    int64_t not_before, not_after; /* seconds since 1970 UTC */
    const char *const *san;    /* dNSName and iPAddress entries, e-mail, URI; each as text */
    size_t san_count;
    const char *key_type;      /* "RSA", "EC", "DSA", "Ed25519", … */
    int key_bits;
    const char *key_curve;     /* IANA or SECG name, or NULL */
    const char *signature_algorithm; /* OpenSSL's long-standing names: "sha256WithRSAEncryption" */
    bool is_ca, self_issued;
    /* what the extensions say (RFC 5280, 4.2); lists are cut at a limit */
    struct wt_text_list key_usage;          /* RFC 5280's names: "digitalSignature", … */
    struct wt_text_list extended_key_usage; /* "serverAuth", …; an OID when it has no name */
    int32_t path_length;                    /* of a CA: how many may follow it, -1 for no limit */
    struct wt_text_list permitted_names, excluded_names; /* constraints: "dns:example.com", "ip:192.0.2.0/255.255.255.0" */
    struct wt_text_list ocsp_urls, issuer_urls, crl_urls; /* where its status and its issuer's certificate are */
    struct wt_text_list policies;                         /* OIDs */
    const char *subject_key_id, *authority_key_id;        /* hex, or NULL */
    bool must_staple;                                     /* RFC 7633 */
    const struct wt_certificate_sct *scts;
    size_t sct_count;
    struct wt_span der;                                   /* the certificate itself */
};

enum wt_severity { WT_NOTICE, WT_WARNING, WT_ERROR, WT_FATAL };

/* Whose fault a finding is. */
enum wt_fault {
    WT_FAULT_NONE, /* nobody's, or not known */
    WT_FAULT_CLIENT,
    WT_FAULT_SERVER,
    WT_FAULT_BOTH,    /* what they are set to does not meet */
    WT_FAULT_BETWEEN, /* the network, a middlebox */
};

enum wt_noticed { WT_NOTICED_BY_NONE, WT_NOTICED_BY_CLIENT, WT_NOTICED_BY_SERVER };

/* Another root cause that fits nearly as well. */
struct wt_alternative {
    const char *id;     /* the finding that would report it */
    const char *settle; /* in the user's language: what would show which of them it is */
    uint8_t fault;      /* enum wt_fault */
};

struct wt_finding {
    const char *id; /* stable kebab case */
    uint8_t severity;
    uint32_t frame; /* 0 when it belongs to none */
    const char *text, *advice; /* in the user's language; advice may be NULL */
    uint8_t fault, noticed;    /* enum wt_fault, enum wt_noticed */
    bool probable;             /* not certain: the text says "probably" and why */
    const struct wt_alternative *alternatives; /* of the root cause; the likeliest first */
    size_t alternative_count;
    uint32_t message; /* with the messages: which of them it speaks of, from 1; 0: none of its packet is named */
};

struct wt_data_count {
    uint64_t records, bytes; /* bytes: sum of record lengths on the wire */
};

/* Where the keys came from that opened a connection. */
enum wt_decryption {
    WT_DECRYPTION_NONE,
    WT_DECRYPTION_KEYLOG,
    WT_DECRYPTION_DSB,     /* a pcapng secrets block */
    WT_DECRYPTION_RSA_KEY,
    WT_DECRYPTION_PSK,
    WT_DECRYPTION_NULL,    /* nothing to open: the suite does not encrypt */
    WT_DECRYPTION_SM2_KEY, /* TLCP: the private key of the server's encryption certificate */
};

/* Proofs that pass on the wire: `verified` of the JSON contract. */
enum wt_proof {
    WT_PROOF_SERVER_SIGNATURE, /* ServerKeyExchange's signature, or the server's CertificateVerify */
    WT_PROOF_CLIENT_SIGNATURE, /* the client's CertificateVerify */
    WT_PROOF_CLIENT_FINISHED,
    WT_PROOF_SERVER_FINISHED,
    WT_PROOF_PSK_BINDER,
    WT_PROOF_CHAIN,     /* the server's chain of certificates leads to a root that is trusted, at the time of judging */
    WT_PROOF_HOST_NAME, /* its leaf names the host that was asked for */
    WT_PROOF_COUNT
};

enum wt_proof_result {
    WT_PROOF_ABSENT, /* this handshake has no such proof, or it did not come so far */
    WT_PROOF_OK,
    WT_PROOF_BAD,
    WT_PROOF_UNKNOWN, /* it passed and could not be judged: `reason` says why */
};

struct wt_proof_verdict {
    uint8_t result;     /* enum wt_proof_result */
    const char *reason; /* English, to be translated where it is told; NULL with ABSENT and OK */
    uint32_t frame;     /* of the message that carries it */
};

enum wt_ocsp_status { WT_OCSP_NONE, WT_OCSP_GOOD, WT_OCSP_REVOKED, WT_OCSP_UNKNOWN };

/* The server's stapled OCSP answer about its own certificate. */
struct wt_ocsp {
    bool stapled;
    uint8_t status;                   /* enum wt_ocsp_status; WT_OCSP_NONE: it holds no answer about that certificate */
    int64_t this_update, next_update; /* seconds since 1970 UTC; 0: not said */
    int64_t revoked_at;
    struct wt_proof_verdict verified; /* its signature, whose it is, and its times */
};

/* Signed certificate timestamps (RFC 6962) of the server's certificate, by where they stood; and, when a list of logs
 * was given, what became of their signatures. */
struct wt_scts {
    uint16_t certificate, extension, ocsp;
    uint16_t verified, bad, unknown_log;
    bool judged; /* a list of logs was given */
};

/* RFC 9345: the leaf vouches for another key, which signs this handshake. */
struct wt_delegated {
    bool present;
    int64_t valid_until;
    uint16_t scheme; /* of the signatures that its key makes */
    struct wt_proof_verdict verified;
};

/* What a side's application said, decrypted. */
struct wt_plaintext_count {
    uint64_t bytes;
    uint8_t sha256[32]; /* with has_sha256 */
    bool has_sha256;    /* by options.digest_plaintext */
    uint64_t opened, failed; /* protected records, of any type: opened; not opened although keys were there */
};

/* A request and its answer (HTTP/1.1, HTTP/2, HTTP/3) inside the connection. Bytes of the wire: never trust them to be text. */
struct wt_exchange {
    uint32_t request_frame, response_frame; /* 0: not seen */
    struct wt_time request_time, response_time;
    uint32_t stream;          /* HTTP/2's, or QUIC's of HTTP/3, where 0 is the first, and what is pushed has its request's; 0 for HTTP/1 */
    uint8_t version;          /* 10, 11, 20, 30 */
    struct wt_span method, scheme, authority, path; /* path as sent: origin-form with its query, or what CONNECT names */
    uint16_t status;          /* 0: no answer */
    struct wt_span reason, content_type, content_encoding;
    uint64_t request_body, response_body; /* bytes, as transferred without chunk framing */
    uint32_t interim;         /* 1xx answers before the final one */
    bool pushed, upgraded, reset; /* push promise; 101, 2xx to CONNECT, h2c; RST_STREAM or the connection's end before the body's */
};

/* One step of the key derivation or of a record's protection, with the connection's own bytes. */
struct wt_told_step {
    struct wt_step step;
    uint8_t side;    /* enum wt_side it belongs to, or 2 for both */
    uint32_t frame;  /* packet of the message that it belongs to, or else at which it was done */
    const uint8_t *hashed; /* of a step with a hash over handshake messages: their types, in order; a HelloRetryRequest
                              is 6, a ClientHello before it message_hash, 254 (RFC 8446, 4.4.1) */
    size_t hashed_count;
    uint32_t record; /* in `record_steps`: number of the record, from 1 in its direction; else 0 */
};

/* ICMP errors of one kind that quote packets of the connection. */
struct wt_icmp_seen {
    uint32_t frame;           /* of the first */
    uint32_t count;
    struct wt_address sender; /* who reports; no port */
    uint8_t type, code;       /* of ICMP, or with v6 of ICMPv6 */
    bool v6;
    uint8_t about;            /* enum wt_side: who had sent the packet that it quotes */
    uint32_t mtu;             /* of the next hop, when the packet was too big; 0: not said */
    uint32_t ignored;         /* segments that were sent again afterwards and were still too big */
};

/* What TCP shows beside the stream. Times are nanoseconds, 0 where they are not known or there is nothing to tell;
 * arrays are by side. */
struct wt_tcp_seen {
    int64_t connect;             /* from the first SYN to the acknowledgment of the SYN-ACK */
    int64_t round_trip[2];       /* from the place of the capture to that side and back, by SYN and SYN-ACK */
    uint8_t hop_limit[2];        /* TTL or hop limit of its packets, the newest; RSTs apart */
    bool hop_limit_seen[2];
    uint32_t retransmissions[2]; /* segments with nothing new */
    int64_t retransmission_time; /* for how long nothing passed until something was sent again, all in all */
    uint32_t unanswered[2];      /* how often the last data were sent again and never acknowledged */
    int64_t silence;             /* the longest time without a packet, of a second or more */
    struct wt_time silence_start;
    uint32_t silence_frame;      /* that ended it */
    uint8_t silence_by;          /* who sent that */
    int64_t window_closed[2];    /* the longest time that a side kept its window at 0 */
    uint32_t reset_frame;        /* of the first RST; 0: none */
    uint8_t reset_from, reset_hop_limit;
    uint32_t reset_answer_frame; /* stream bytes from the same side afterwards, which it could not send if it had reset */
    const struct wt_icmp_seen *icmp;
    size_t icmp_count;
};

/* The program on this machine that has the connection: from the observer's option `process`, no capture knows it. Strings
 * are as the system has them, bytes of any kind. */
struct wt_process {
    uint32_t pid;
    const char *program;          /* its name, without folders */
    const char *const *arguments; /* as it was started, its own name first, as far as they are to be shown */
    size_t argument_count;
};

struct wt_quic_story; /* quic.h */
struct wt_dtls_story; /* dtls.h */

struct wt_connection {
    const char *file;
    uint32_t stream;  /* as Wireshark's tcp.stream: every TCP conversation of the file counts; over UDP udp.stream */
    uint8_t protocol; /* enum wt_protocol */
    uint8_t state;    /* enum wt_state */
    struct wt_address client, server;
    uint8_t layers[8]; /* enum wt_layer, outermost first, of the first packet */
    uint8_t layer_count;
    uint32_t first_frame, last_frame;
    struct wt_time start, end; /* first to last TLS byte */
    struct wt_time ready;      /* when both sides had finished; ns = 0 when not established */
    const char *starttls;      /* "smtp", …, or NULL */
    uint64_t missing[2];       /* bytes lost to the capture */

    uint16_t version;       /* negotiated; 0 unknown */
    uint16_t offered;       /* highest version that the client offered; 0 unknown */
    uint16_t cipher_suite;
    uint16_t suites_offered; /* how many; 0 when no ClientHello was seen */
    uint16_t group;         /* 0 unknown or none */
    uint16_t signature_scheme; /* of the server's proof; 0 unknown */
    uint8_t resumption;     /* enum wt_resumption */
    uint8_t early_data;     /* enum wt_early_data */
    bool has_suite;
    bool has_resumed_from;
    bool client_hello_seen, server_hello_seen;
    bool client_certificate_requested;
    bool retried;           /* HelloRetryRequest */
    bool announced;         /* the observer's `known` callback has been told of it */
    bool reset;             /* ended by a TCP RST */
    bool fin[2];            /* ended by a FIN of that side */
    uint8_t renegotiations; /* handshakes after the first */
    uint32_t resumed_from;  /* stream of the connection that made the session */
    struct wt_span sni, alpn;
    const char *ja3, *ja3s, *ja4;             /* NULL when there is no such hello */
    const char *ja3_string, *ja3s_string, *ja4_string; /* raw forms; only when messages are kept */

    const struct wt_certificate_facts *const *certificates[2];
    size_t certificate_count[2];
    const struct wt_alert_seen *alerts;
    size_t alert_count;
    struct wt_data_count application_data[2];
    const struct wt_finding *findings;
    size_t finding_count;

    uint8_t decryption;              /* enum wt_decryption: of what was opened */
    const char *not_decrypted;       /* why what passed encrypted was not (wholly) opened: one sentence in the user's
                                        language; NULL when it was, or when nothing passed encrypted */
    bool has_plaintext[2];           /* by side: its application data was (in part) opened */
    struct wt_plaintext_count plaintext[2];
    struct wt_proof_verdict proofs[WT_PROOF_COUNT];
    const struct wt_certificate_facts *const *path; /* the server's chain as it was built, leaf to root as far as it goes */
    size_t path_count;
    struct wt_ocsp ocsp;
    struct wt_scts scts;
    struct wt_delegated delegated;
    const struct wt_exchange *exchanges; /* with options.read_application */
    size_t exchange_count, exchanges_dropped;
    const char *application;         /* "HTTP/1.1", "HTTP/2", "HTTP/3" when recognised, else NULL */
    const struct wt_told_step *derivation; /* with options.keep_secrets: in the order in which it was done */
    size_t derivation_count;
    const char *key_log;             /* with options.keep_secrets: lines of NSS's format that open this connection, or "" */
    const struct wt_told_step *record_steps; /* with options.record: how that record was protected; with
                                               options.keep_record_steps: several, one after the other */
    size_t record_step_count;

    const struct wt_message *messages; /* NULL unless they were asked for */
    size_t message_count;
    size_t messages_dropped; /* over the limit per connection: counted, not kept */

    const struct wt_record_seen *records; /* with the messages: each side's in order, the client's first */
    size_t record_count;
    size_t records_dropped;                  /* over the limit per connection */
    const struct wt_packet_headers *packets; /* with options.keep_packet_headers, in the order in which they came */
    size_t packet_count;
    size_t packets_dropped; /* over the limit per connection, or over that of all connections */

    struct wt_tcp_seen tcp;
    const uint32_t *same_as; /* other streams of the file that are the same TLS connection, as far as is known yet */
    size_t same_count;
    bool counted_elsewhere;  /* one of them was reported before: sums count it there */

    const struct wt_segment_seen *segments; /* with options.keep_segments, in the order of the capture */
    size_t segment_count;
    size_t segments_dropped; /* over the limit per connection, or over that of all connections */

    const struct wt_quic_story *quic; /* what QUIC tells beside TLS's messages; NULL: it is not QUIC's */
    const struct wt_dtls_story *dtls; /* likewise DTLS */
    /* TLCP has two certificates on a side: which of `certificates` signs, and which others encrypt for, counted from 1; by
     * side; 0: it is not there, or this is no TLCP */
    size_t signing_certificate[2], encryption_certificate[2];
    const struct wt_process *process; /* whose it is; NULL: not known */
};

/* An element of the story's lists; NULL past the last. The structs of messages, alerts, findings, exchanges, steps,
 * records, packets and segments may grow in later versions, and with them the distance from one to the next in an array: a
 * program that is to run with a later library than it was built with asks here instead of counting through the arrays.
 */
WT_API const struct wt_message *wt_connection_message(const struct wt_connection *connection, size_t index);
WT_API const struct wt_alert_seen *wt_connection_alert(const struct wt_connection *connection, size_t index);
WT_API const struct wt_finding *wt_connection_finding(const struct wt_connection *connection, size_t index);
WT_API const struct wt_exchange *wt_connection_exchange(const struct wt_connection *connection, size_t index);
WT_API const struct wt_told_step *wt_connection_step(const struct wt_connection *connection, size_t index);
WT_API const struct wt_told_step *wt_connection_record_step(const struct wt_connection *connection, size_t index);
WT_API const struct wt_record_seen *wt_connection_record_at(const struct wt_connection *connection, size_t index);
WT_API const struct wt_packet_headers *wt_connection_packet_at(const struct wt_connection *connection, size_t index);
WT_API const struct wt_segment_seen *wt_connection_segment(const struct wt_connection *connection, size_t index);

/* The record of that number from that side; NULL when it was not kept. */
WT_API const struct wt_record_seen *wt_connection_record(const struct wt_connection *connection, enum wt_side from,
                                                         uint32_t number);
/* The headers of the packet; NULL when they were not kept. */
WT_API const struct wt_packet_headers *wt_connection_packet(const struct wt_connection *connection, uint32_t frame);

/* The same story in the language that is spoken, of one that was made with the observer's option `neutral`. It shares
 * all but its sentences with `connection`, and holds no longer than that does. The caller frees it. NULL without
 * memory. */
WT_API const struct wt_connection *wt_connection_spoken(const struct wt_connection *connection);
WT_API void wt_connection_spoken_free(const struct wt_connection *spoken);

/* What a run saw; `undecoded` counts by reason, in lower snake case. */
struct wt_undecoded {
    const char *reason;
    uint64_t count;
};

struct wt_summary {
    uint32_t files;
    uint64_t packets, bytes; /* bytes on the wire, as the capture says */
    uint64_t connections, established, failed, incomplete;
    const struct wt_undecoded *undecoded;
    size_t undecoded_count;
    double seconds; /* from the first packet to the last, over all files */
    /* UDP datagrams, other than those that TCP was tunnelled in: nothing is read of them; bytes of payload, as sent */
    uint64_t udp_packets, udp_bytes, udp_conversations;
    uint64_t elsewhere; /* connections that were reported and are not counted: the same as one that is */
    /* Each packet in exactly one bucket, named by where reading it ended, the largest first: they add up to `packets` */
    const struct wt_undecoded *account;
    size_t account_count;
    uint64_t one_sided; /* connections of which the capture has one direction alone */
};

#ifdef __cplusplus
}
#endif
#endif
