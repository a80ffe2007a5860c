/* The client and the server: TLS 1.2 and 1.3 without a socket, a clock or a thread. Bytes go in, bytes come out.
 *
 *     struct wt_endpoint_options options = {.size = sizeof options, .host = "www.example.com"};
 *     struct wt_party *client = wt_client_new(&options, &why);
 *     struct wt_endpoint *e = wt_client_connect(client, NULL, (int64_t)time(NULL) * 1000);
 *     wt_endpoint_write(e, "GET / HTTP/1.0\r\n\r\n", 18);             // waits for the handshake
 *     for (unsigned w; !((w = wt_endpoint_wants(e)) & WT_ENDED);) {
 *         struct wt_span s = wt_endpoint_outgoing(e);
 *         if (w & WT_HAS_BYTES) {
 *             wt_endpoint_sent(e, (size_t)write(fd, s.p, s.n));
 *         } else if (w & WT_HAS_DATA) {
 *             s = wt_endpoint_data(e);
 *             wt_endpoint_taken(e, fwrite(s.p, 1, s.n, stdout));
 *         } else {
 *             size_t room;
 *             uint8_t *p = wt_endpoint_room(e, &room);
 *             ssize_t n = read(fd, p, room);
 *             n > 0 ? wt_endpoint_received(e, (size_t)n) : wt_endpoint_closed(e, n == 0);
 *         }
 *     }
 *
 * The same loop serves handshake, data and end: nothing has to be called again with the same arguments, and errno says
 * nothing. A party (a client's or server's options, keys and caches) has many endpoints, each of them one connection; a
 * party and its endpoints are for one thread, several parties may run side by side. The party must outlive its
 * endpoints.
 *
 * Secrets are wiped when they are no longer needed, at the latest by wt_endpoint_free(). */
#ifndef WIRETALE_ENDPOINT_H
#define WIRETALE_ENDPOINT_H

#include "wiretale/error.h"
#include "wiretale/problem.h"
#include "wiretale/span.h"
#include "wiretale/story.h"
#include "wiretale/trust.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- identities --------------------------------------------------------------------------------------------------- */

/* A certificate chain and its private key. Never changed by connections: several parties, and several threads, may have
 * one identity. */
struct wt_identity;

/* `chain`: certificates in PEM, the identity's own first, or one in DER. `key`: its private key in PEM or DER; NULL: it
 * is elsewhere (a smart card, an HSM, another process), and each signature is asked for (WT_ASK_SIGNATURE). `password`
 * (or NULL) is for an encrypted key. Nothing of the arguments is kept. NULL with the reason in *why. */
WT_API struct wt_identity *wt_identity_new(const void *chain, size_t chain_length, const void *key, size_t key_length,
                                           const char *password, enum wt_problem_id *why);
/* An OCSP response (RFC 6960, DER) about its certificate, to be stapled from now on; copied, NULL for none. False
 * without memory. */
WT_API bool wt_identity_staple(struct wt_identity *identity, const void *response, size_t length);
/* Signed certificate timestamps of its certificate, for clients that ask for them: a SignedCertificateTimestampList
 * (RFC 6962, 3.3) with its length before it, of 8192 bytes at most; copied, NULL for none. False without memory, and
 * for what is no such list. */
WT_API bool wt_identity_timestamps(struct wt_identity *identity, const void *list, size_t length);
/* From now on peers of TLS 1.3 that can inflate it get the chain compressed (RFC 8879), by zstd or zlib: done here,
 * once. False without memory. */
WT_API bool wt_identity_compress(struct wt_identity *identity);
/* Compresses `in`, a Certificate message without its header, into `out`. Returns how many bytes that are; 0: it cannot,
 * or there is no room: 1024 bytes more than `in` has. */
typedef size_t wt_deflate(void *context, struct wt_span in, uint8_t *out, size_t room);
/* The same by the program, for peers that can inflate it: by brotli, or by an algorithm for private use (RFC 8879, 7.3).
 * It is called when the chain or what goes with it changes, here first, and never by a connection. What it makes is sent
 * also when it is longer, in preference to what is made here, and in the order of the calls. False without memory, where
 * it returns 0, for the algorithm 0, and after four of them. */
WT_API bool wt_identity_compress_by(struct wt_identity *identity, uint16_t algorithm, wt_deflate *deflate,
                                    void *context);
WT_API void wt_identity_free(struct wt_identity *identity);

/* --- pre-shared keys ---------------------------------------------------------------------------------------------- */

/* A key that both sides have from elsewhere (TLS 1.3: RFC 8446, 2.2; TLS 1.2: RFC 4279, RFC 5489): it authenticates
 * them in place of certificates.
 *
 * TLS 1.2 takes it with suites of its own: those that `suites` of the options names, or, of a party whose max_version
 * is TLS 1.2, ECDHE_PSK with AEAD by itself. Of PSK alone (TLS_PSK_WITH_...), which is to be named, whoever gets the
 * key later on can read everything. Who names such suites for a party of both versions uses the keys in both, of which
 * RFC 8446, E.7, says that there is no known attack, and little analysis. A server that chooses such a suite has no
 * other way left when the client's identity turns out to be unknown.
 *
 * A key is for one client and one server, and for these roles alone: where both know it and either may be the client, a
 * client can be made to talk with itself (the Selfie attack, RFC 9257, 4.1), since nothing in the handshake says who is
 * who. So each has the role that its holder has, a party takes no key of the other role, and no key twice. Who must
 * talk in both directions has a key for each. */
struct wt_external_psk {
    struct wt_span identity; /* 1 to 1024 bytes; whoever is on the path can read it. Of a party with suites of TLS 1.2
                                it may be empty: then it is for these alone */
    struct wt_span key;      /* 16 to 1024 bytes, random ones (RFC 9257, 6): no password. See `short_psks` */
    bool sha384;             /* TLS 1.3: the hash that it is bound to (RFC 8446, 4.2.11); false: SHA-256 */
    uint8_t role;            /* of the party that has it: enum wt_side */
};

/* --- options ------------------------------------------------------------------------------------------------------ */

/* Questions to the program. Each comes as WT_EVENT_ASK and is answered by its own function, at once or at any time
 * later; until then the handshake stands still, and the peer waits. */
enum wt_ask {
    WT_ASK_IDENTITY = 1,  /* server: for a ClientHello; client: for a CertificateRequest */
    WT_ASK_SIGNATURE = 2, /* by a key that is elsewhere: always asked */
    WT_ASK_VERDICT = 4,   /* on the peer's certificates, which the library has judged: wt_endpoint_info() has them, and
                             what is wrong */
    WT_ASK_ALPN = 8,      /* server: one of the protocols that a client offers */
    WT_ASK_RESUMED = 16,  /* client: whether the session that the server resumes, which goes back to the certificate
                             `certificate_sha256` of wt_endpoint_info(), is trusted still */
    WT_ASK_PSK = 32,      /* server: the external PSK of an identity that a client offers, which is neither in the list
                             of the options nor a ticket of ours; of TLS 1.3 for each of them, up to the first that is
                             known, of the first four. Client, TLS 1.2: the one that goes with the server's hint */
};

/* Whether a server asks clients for a certificate (RFC 8446, 4.3.2). */
enum wt_request { WT_REQUEST_NONE, WT_REQUEST_OPTIONAL, WT_REQUEST_REQUIRED };

/* All zero but `size` is the default of each. What pointers point to must outlive the party, but for what is said to be
 * copied. */
struct wt_endpoint_options {
    size_t size;      /* sizeof(struct wt_endpoint_options), as the program knows it */
    const char *host; /* client: the name or address of the server: it goes into server_name (RFC 6066, 3; not an
                         address), and the certificate must be for it. Required, here or at connect, unless
                         `without_verification` is set. Copied */
    uint16_t port;    /* client: of the server: sessions are for a host and a port; 0: it is not said */
    const struct wt_trust *trust; /* by what the peer's certificates are judged; NULL: the system's store */
    const struct wt_identity *const *identities; /* server: one at least; the first is for unknown names */
    size_t identity_count;
    uint16_t min_version, max_version; /* 0x0303 or 0x0304; 0: 0x0303 and 0x0304 */
    const uint16_t *suites;            /* code points in order of preference; NULL: wt_endpoint_default() */
    size_t suite_count;
    const uint8_t *suite_ranks; /* server: `suite_count` numbers, one for each of `suites`: of those that stand next to
                                   each other and have the same, the client's order decides (RFC 8446, 4.1.2: its list
                                   is "in descending order of client preference"). NULL: ours does, throughout */
    const uint16_t *groups;
    size_t group_count;
    const uint16_t *schemes; /* that the peer may sign with */
    size_t scheme_count;
    const uint16_t *own_schemes; /* that we sign with, as far as the key can; NULL: wt_endpoint_default() */
    size_t own_scheme_count;
    const char *const *alpn; /* protocols in order of preference (RFC 7301), each of 1 to 255 bytes */
    size_t alpn_count;
    bool alpn_required; /* server: a client without a protocol in common gets no_application_protocol even when it
                           offered none; client: a server that chooses none is an error */
    bool without_verification;    /* DANGEROUS: any certificate for any name is accepted: whoever is on the path can
                                     read and change everything. What is wrong with it is in wt_endpoint_info() all the
                                     same. A server: any certificate of a client */
    uint8_t request;              /* server: enum wt_request */
    uint16_t key_shares;          /* client: how many of the groups it sends a share of, from the first; 0: one,
                                     and where that has ML-KEM also the first that has not */
    uint16_t record_size_limit;   /* bytes of plaintext that one record of the peer may have, 64 to 16385, TLS 1.3's
                                     content   type and padding included (RFC 8449); 0: as many as the protocol allows */
    uint16_t max_fragment_length; /* client: the same for servers that do not know record_size_limit: 512, 1024, 2048 or
                                     4096 bytes (RFC 6066, 4); 0: not asked for. A server grants what it is asked */
    uint16_t record_size;         /* bytes of plaintext that one record of ours has at most, 64 to 16384, where the peer
                                     takes more; 0: 16384 */
    uint16_t padding;             /* TLS 1.3: records of ours are padded to a multiple of so many bytes, at most 16384
                                     (RFC 8446, 5.4); 0: not at all */
    const uint16_t *certificate_schemes; /* by which certificates may be signed (RFC 8446, 4.2.3,
                                            signature_algorithms_cert); NULL: as `schemes` */
    size_t certificate_scheme_count;
    const struct wt_span *authorities; /* server: whose certificates a client is asked for: a DistinguishedName in DER
                                          each (RFC 8446, 4.2.4); NULL: anyone's */
    size_t authority_count;
    bool without_encrypt_then_mac; /* TLS 1.2, CBC: RFC 7366 is neither offered nor granted, for peers that get it wrong
                                    */
    bool inflates;                 /* compressed certificates are taken (RFC 8879): fewer bytes, more work */
    bool staple_required; /* client: a server that staples no OCSP response is refused, also one whose certificate
                             does not ask for it (RFC 7633) */
    bool timestamps; /* client: servers are asked for signed certificate timestamps (RFC 6962, 3.3.1), and what they
                        send is in wt_endpoint_info(): it is held against the keys of the logs that `trust` has
                        (wt_trust_add_logs()), and refuses nobody */
    bool false_start; /* client, TLS 1.2: what is written is sent a round trip earlier, behind the client's Finished, before
                         the server's has shown that nobody has meddled with the handshake (RFC 7918): where the server
                         is verified, has chosen a suite with AEAD, ECDHE or DHE among them, and a protocol (ALPN).
                         Somebody on the path may have had a say in which of the suites that are offered it is */
    bool post_handshake_auth; /* TLS 1.3: a client may be asked for its certificate after the handshake (RFC
                                 8446, 4.6.2); the handshake's messages are kept for it. Client: offered; server: see
                                 wt_endpoint_ask_certificate() */
    bool renegotiation; /* TLS 1.2: another handshake may follow in the same connection, with renegotiation_info (RFC
                           5746) and extended_master_secret (RFC 7627); else it is refused by no_renegotiation */
    bool grease;        /* values that mean nothing are offered, so that peers stay tolerant (RFC 8701); a server of TLS
                           1.3 has them in its requests for a certificate, and with its tickets */
    bool fallback;      /* client: this is another attempt, with a lower max_version than the one before, which
                           failed: a server that has a higher one refuses it (RFC 7507) */
    uint16_t min_dh;    /* client, TLS 1.2: bits of the prime of a finite field that a server may choose (DHE), 1024 to
                           2048; 0: 2048 (RFC 9325, 4.5). Fewer are for servers that nobody can mend: who can spend
                           enough reads what was recorded */
    uint16_t asks;      /* what the program is asked: bits of enum wt_ask */
    bool without_compatibility; /* TLS 1.3: without middlebox compatibility mode (RFC 8446, D.4) */
    /* Resumption: a client keeps sessions in memory, by host and port, and a server makes tickets. Both hold what the
     * handshake with certificates has shown: name, protocol (ALPN), and who the peer is; a session of TLS 1.2 has
     * extended_master_secret. A session ends 7 days after that handshake, or with the peer's certificate. One of
     * TLS 1.2 may go back to a PSK of `psks` instead: it ends where that is gone, or changed. TLS 1.3 has none of
     * those. */
    bool without_resumption;
    uint8_t tickets; /* server: of TLS 1.3, after a full handshake; 0: two; at most 8. After a resumption: one */
    uint32_t ticket_lifetime;  /* server: seconds; 0: 7200; at most 604800. The keys of tickets change as often */
    struct wt_span ticket_key; /* server: at least 32 bytes that several servers, or one that starts again, share, and
                                  with it all tickets: they must have the same `trust` and `request`. It is as secret as
                                  a private key: who gets it reads the connections that resumed with psk_ke, and of
                                  TLS 1.2, and can be any client. n = 0: keys of this party alone, which are random.
                                  Copied */
    const struct wt_external_psk
        *psks; /* a client offers the first of them (TLS 1.3: four); a server may do without an identity */
    size_t psk_count;
    bool hides_psks; /* server without `identities`: nobody learns whether it knows an identity: it answers one that it
                        does not know as it answers a wrong key, and with the same work (RFC 8446, E.6). A client's
                        mistake is then harder to find. With certificates it cannot be hidden. How long a program takes
                        for WT_ASK_PSK is to be the same for either, too. TLS 1.2: the same, with certificates as well
                        (RFC 4279, 2) */
    bool psk_ke;     /* TLS 1.3: also resume without a Diffie-Hellman exchange (psk_ke; RFC 8446, 4.2.9): who gets the
                        pre-shared key, later on, can read everything */
    /* TLS 1.3: early data, with which a client that resumes a session need not wait for the server. REPLAY: whoever is
     * on the path can send them to the server again, and what they ask for may be done twice: only requests that do no
     * harm then may be early (RFC 8446, 8 and E.5). Nor are they as secret as the rest: who gets the ticket's key reads
     * them.
     *
     * A client sends what is written before the server has answered as early data, as far as the session allows. If
     * the server does not take them they are dropped, and wt_endpoint_info() says that they were not accepted: it is
     * the program that knows whether they can be sent again (RFC 8446, 4.2.10). A server takes those of a ticket once,
     * and within ten seconds (`early_window`); servers that share `ticket_key` once each. Data that it hands out before
     * WT_EVENT_ESTABLISHED are early; what it then writes is sent at once, to a client that may be a replay (4.4.4).
     *
     * bytes: of one connection at most; a client sends 16384 at most, a server takes 65536 at most. 0: none */
    uint32_t early_data;
    uint16_t early_window; /* server: seconds by which a client's view of its ticket's age may be off, either way, for its
                              early data to be taken (RFC 8446, 8.3), at most 600; 0: ten. As long each ticket is
                              remembered, of which there is room for so many: a longer window takes fewer */
    bool early_data_again; /* client: early data that the server does not take are sent again after the handshake, if it
                              has chosen the protocol (ALPN) of the session */
    bool cookie; /* server: every client of TLS 1.3 has to show that it gets our answers, by another round trip: a
                    HelloRetryRequest with a cookie, good for a minute (RFC 8446, 4.2.2). Nothing is kept until it comes
                    back, to this or, with the same `ticket_key`, another party: the endpoint may be freed once what it
                    has to send was sent */
    /* Lines of NSS's key log, each without its end. They open all that the connections sent: only for finding faults.
     */
    void (*keylog)(void *context, const char *line);
    /* In place of the system's random numbers, for tests with known ones. False: there are none, and the connection
     * ends. */
    bool (*random)(void *context, uint8_t *out, size_t n);
    void *context;
    struct wt_span psk_hint; /* server, TLS 1.2: psk_identity_hint, at most 1024 bytes: what clients are to make of it
                                is for the application to define; n = 0: none (RFC 4279, 5.2: none otherwise) */
    bool short_psks; /* DANGEROUS: keys of 1 to 15 bytes are taken, for suites of TLS 1.2 alone: who has a connection's
                        bytes (PSK), or plays the peer once (ECDHE_PSK), can try out all keys (RFC 4279, 7.2) */
};

/* What lists stand for when they are NULL. kind: the registry, WT_REGISTRY_CIPHER_SUITE, WT_REGISTRY_GROUP or
 * WT_REGISTRY_SIGNATURE_SCHEME. The i-th code point; 0 past the last. */
WT_API uint16_t wt_endpoint_default(unsigned kind, size_t i);

/* --- parties and endpoints ---------------------------------------------------------------------------------------- */

struct wt_party;
struct wt_endpoint;

/* NULL with the reason in *error (may be NULL): WT_MEMORY; WT_VALUE, or WT_LIMIT, with `field` naming the option, and
 * its value; WT_UNSUPPORTED when an option is set that this library does not know, or a code point that it, or
 * libcrypto, does not have; WT_MISSING: a server without an identity, suites that take a PSK without one. */
WT_API struct wt_party *wt_client_new(const struct wt_endpoint_options *options, struct wt_error *error);
WT_API struct wt_party *wt_server_new(const struct wt_endpoint_options *options, struct wt_error *error);
WT_API void wt_party_free(struct wt_party *party);

/* A connection. `now_ms`: milliseconds since 1970 (UTC), by which certificates, tickets and the age of early data are
 * judged; see wt_endpoint_time(). `host` NULL: that of the options. NULL without memory, or (client) without a host
 * where one is needed. */
WT_API struct wt_endpoint *wt_client_connect(struct wt_party *client, const char *host, int64_t now_ms);
WT_API struct wt_endpoint *wt_server_accept(struct wt_party *server, int64_t now_ms);
/* The same with a session that wt_endpoint_session() has given, of this party or another with the same options; it is
 * used once at most. One that does not fit (another name, too old) is as none. */
WT_API struct wt_endpoint *wt_client_resume(struct wt_party *client, const char *host, int64_t now_ms,
                                            struct wt_span session);
/* The same for a port that is not that of the options. n = 0: of the party's own sessions the newest that fits. */
WT_API struct wt_endpoint *wt_client_connect_to(struct wt_party *client, const char *host, uint16_t port, int64_t now_ms,
                                                struct wt_span session);
/* Wipes its secrets. Nothing is sent: see wt_endpoint_end(). */
WT_API void wt_endpoint_free(struct wt_endpoint *e);

WT_API enum wt_side wt_endpoint_side(const struct wt_endpoint *e);

/* It is that time now, in milliseconds as above: before bytes are received, so that a session's age counts from when
 * its ticket came. */
WT_API void wt_endpoint_time(struct wt_endpoint *e, int64_t now_ms);

/* --- four ports --------------------------------------------------------------------------------------------------- */

/* What an endpoint can do next. */
enum wt_wants {
    WT_HAS_BYTES = 1,   /* to be sent: wt_endpoint_outgoing() */
    WT_WANTS_BYTES = 2, /* of the peer: wt_endpoint_room() */
    WT_HAS_DATA = 4,    /* of the peer's application: wt_endpoint_data(). Until all is taken nothing more is read */
    WT_TAKES_DATA = 8,  /* of ours: wt_endpoint_write() takes at least one byte */
    WT_ASKS = 16,       /* a question is open: its event may have been fetched already. Nothing is read meanwhile */
    WT_ENDED = 32,      /* nothing more will come, and nothing more is to be sent or taken */
};
WT_API unsigned wt_endpoint_wants(const struct wt_endpoint *e);

/* Where the peer's next bytes go: *n bytes of room, at least one while WT_WANTS_BYTES is set; holds until the next call
 * on the endpoint. NULL when none are wanted, or without memory. */
WT_API uint8_t *wt_endpoint_room(struct wt_endpoint *e, size_t *n);
/* n bytes were put there. n = 0: none came, and none are expected soon: the room, some 36 KB, is given back; an
 * endpoint keeps it until the call, or while a record is incomplete. */
WT_API void wt_endpoint_received(struct wt_endpoint *e, size_t n);
/* The same for bytes that are elsewhere: copies. Returns how many were taken; fewer than n when data has to be taken
 * first. */
WT_API size_t wt_endpoint_receive(struct wt_endpoint *e, const void *bytes, size_t n);

/* Bytes for the peer, in order; hold until the next call on the endpoint. n = 0: none. */
WT_API struct wt_span wt_endpoint_outgoing(const struct wt_endpoint *e);
/* The first n of them were sent. */
WT_API void wt_endpoint_sent(struct wt_endpoint *e, size_t n);

/* What the peer's application sent; holds until the next call on the endpoint. */
WT_API struct wt_span wt_endpoint_data(const struct wt_endpoint *e);
/* The first n bytes of it were used. */
WT_API void wt_endpoint_taken(struct wt_endpoint *e, size_t n);

/* Application data for the peer. Before the handshake is done it waits for its end (or less: `early_data`,
 * `false_start`). Returns how many bytes were taken,
 * all of them unless too many wait already to be sent, or the connection has ended. */
WT_API size_t wt_endpoint_write(struct wt_endpoint *e, const void *bytes, size_t n);

/* The transport is at its end: `clean`: in order (a FIN), else by an error. Without a close_notify before it the data
 * may have been cut (RFC 8446, 6.1): wt_endpoint_why() then says so. */
WT_API void wt_endpoint_closed(struct wt_endpoint *e, bool clean);

/* --- events ------------------------------------------------------------------------------------------------------- */

enum wt_event_kind {
    WT_EVENT_NONE,
    WT_EVENT_HELLO,       /* server: a ClientHello came, and is not answered yet: `host`, `alpn` */
    WT_EVENT_ESTABLISHED, /* the handshake is done, or (TLS 1.2) another one */
    WT_EVENT_KEY_UPDATE,  /* of the peer */
    WT_EVENT_CERTIFICATE, /* after the handshake the client was asked for a certificate, and has answered (RFC 8446,
                             4.6.2): wt_endpoint_info() has what came */
    WT_EVENT_ALERT,       /* `alert` came, or (sent) was sent */
    WT_EVENT_TICKET,      /* client: there is a session: wt_endpoint_session() */
    WT_EVENT_WARNING,     /* `finding`: something is wrong with the peer's certificates, or with the order in its second
                             ClientHello (RFC 8446, 4.1.2), and is taken all the same */
    WT_EVENT_ASK,         /* `ask`, and what it is about. Comes after all that waits, and is never dropped */
};

/* Spans hold until the next call on the endpoint but wt_endpoint_next_event(). */
struct wt_event {
    uint8_t kind;        /* enum wt_event_kind */
    uint8_t alert;       /* AlertDescription */
    uint8_t ask;         /* enum wt_ask */
    const char *finding; /* its id (docs/findings.md); static */
    bool sent, fatal;
    uint16_t scheme;                    /* WT_ASK_SIGNATURE: that is to be signed with (RFC 8446, 4.2.3) */
    struct wt_span host, alpn;          /* of the ClientHello: the name, the list of ProtocolName<1..2^8-1> */
    struct wt_span psk;                 /* WT_ASK_PSK: server: the identity, of 1 to 1024 bytes, TLS 1.2: of 0 to 1024;
                                           client: the server's hint, n = 0: none */
    struct wt_span schemes;             /* WT_ASK_IDENTITY: that the peer accepts, two bytes each */
    struct wt_span authorities;         /* client, WT_ASK_IDENTITY: DistinguishedName<1..2^16-1>, whose certificates the
                                           server takes; n = 0: any (RFC 8446, 4.2.4) */
    const struct wt_identity *identity; /* WT_ASK_SIGNATURE: whose key */
    struct wt_span to_sign;             /* the message, not its hash */
};

/* The next one; false when there is none. Those that nobody fetches are dropped, the oldest first. */
WT_API bool wt_endpoint_next_event(struct wt_endpoint *e, struct wt_event *event);

/* Answers. False when that is not what is asked; then nothing changes.
 *
 * An identity must outlive the party. NULL: server: the party's own choice among its identities; client: none. */
WT_API bool wt_endpoint_answer_identity(struct wt_endpoint *e, const struct wt_identity *identity);
/* One of those offered, else false; NULL: none is selected. */
WT_API bool wt_endpoint_answer_alpn(struct wt_endpoint *e, const char *protocol);
/* As the scheme has it (ECDSA: DER); n = 0: there is none, and the connection ends with internal_error. Copied. False
 * for more than the longest signature has. */
WT_API bool wt_endpoint_answer_signature(struct wt_endpoint *e, const void *signature, size_t n);
/* The PSK of the identity that is asked for; its own `identity` may be empty. A client says with `identity` which it
 * is. Copied; wiped when the handshake is done. NULL: there is none, and the next identity has its turn; a client then
 * takes the first of the options, or ends the connection with handshake_failure. False also for one that the options
 * would not take: of the other role (see struct wt_external_psk), or of a length that is not allowed, in that version.
 */
WT_API bool wt_endpoint_answer_psk(struct wt_endpoint *e, const struct wt_external_psk *psk);
/* True: they are trusted, whatever the library has found; false: the connection ends with the alert for the worst
 * fault, or certificate_unknown. */
WT_API bool wt_endpoint_answer_verdict(struct wt_endpoint *e, bool accept);
/* WT_ASK_RESUMED. False: the connection ends with certificate_unknown. */
WT_API bool wt_endpoint_answer_resumed(struct wt_endpoint *e, bool accept);

/* --- the rest of a connection's life ------------------------------------------------------------------------------ */

/* Ends it in order: what was written is sent, then close_notify (RFC 8446, 6.1); the peer's data is still read until
 * its own. */
WT_API void wt_endpoint_end(struct wt_endpoint *e);

/* Ends it at once by a fatal alert, an AlertDescription (RFC 8446, 6.2), for a reason that only the program knows: also
 * while a question is open, and before a hello is answered. False where that is not possible: after the end, and for
 * close_notify and user_canceled, which are no errors. */
WT_API bool wt_endpoint_abort(struct wt_endpoint *e, uint8_t alert);

/* New keys for what we send (TLS 1.3; RFC 8446, 4.6.3); `ask`: the peer is to do the same. False where that is not
 * possible: before the handshake is done, in TLS 1.2, after the end. */
WT_API bool wt_endpoint_key_update(struct wt_endpoint *e, bool ask);

/* Server, TLS 1.3: the client is asked for a certificate now (RFC 8446, 4.6.2); WT_EVENT_CERTIFICATE says that it has
 * answered. With WT_REQUEST_REQUIRED an answer without one ends the connection. False where that is not possible:
 * before the handshake is done, in TLS 1.2, where `post_handshake_auth` is not set here or the client has not offered
 * it, while another request is open, after 32 of them; a client of ours answers no more. */
WT_API bool wt_endpoint_ask_certificate(struct wt_endpoint *e);

/* TLS 1.2: another handshake; a server asks for it. What is written meanwhile waits. False where that is not possible:
 * without `renegotiation`, or where the peer lacks RFC 5746 or RFC 7627; before the handshake is done; while one is
 * under way. A client whose server declines ends the connection. */
WT_API bool wt_endpoint_renegotiate(struct wt_endpoint *e);

/* n bytes of keying material (RFC 8446, 7.5; RFC 5705) under a label, and a context (p NULL: none, which is not the
 * same as an empty one in TLS 1.2). False before the handshake is done, and in TLS 1.2 without extended_master_secret
 * (RFC 7627, 5.4) or while another one is under way. */
WT_API bool wt_endpoint_export(struct wt_endpoint *e, const char *label, struct wt_span context, uint8_t *out,
                               size_t n);

/* TLS 1.2: what binds the program's own authentication to the connection, "tls-unique" (RFC 5929, 3): the first
 * Finished of its newest handshake. False before that is done, and in TLS 1.3, where "tls-exporter" takes its place
 * (RFC 9266): wt_endpoint_export() with the label "EXPORTER-Channel-Binding", an empty context and 32 bytes. */
WT_API bool wt_endpoint_unique(const struct wt_endpoint *e, uint8_t out[12]);

/* Client: the newest session that the server has given, as bytes for wt_client_resume(), into `out` if it has room for
 * them. Returns how many bytes they are, at most 10240; 0: there is none. It is then the program's: the party does not
 * use it. Whoever has the bytes can be this client: they are to be kept as a private key is. */
WT_API size_t wt_endpoint_session(struct wt_endpoint *e, uint8_t *out, size_t room);

/* What such bytes are. */
struct wt_session_info {
    struct wt_span host, alpn; /* inside the bytes; n = 0: none */
    uint16_t port;             /* 0: it was not said */
    uint16_t version, suite;
    int64_t made, expires; /* milliseconds since 1970 */
    uint32_t early_data;   /* bytes: that its server takes; 0: none */
    bool verified;         /* the server was, by its certificate */
};
/* False with the reason and place in *error (may be NULL): WT_FORMAT: they are none of this library; WT_UNSUPPORTED: of
 * a form that it does not know; else they are damaged. */
WT_API bool wt_session_info(struct wt_span session, struct wt_session_info *info, struct wt_error *error);

/* Why a client would not offer it: the first that applies. */
enum wt_session_fault {
    WT_SESSION_FITS,
    WT_SESSION_MALFORMED,
    WT_SESSION_OTHER_HOST,
    WT_SESSION_OTHER_PORT,
    WT_SESSION_EXPIRED,    /* or of a time to come */
    WT_SESSION_UNVERIFIED, /* nobody has verified its server, and this client would */
    WT_SESSION_OTHER_VERSION,
    WT_SESSION_OTHER_SUITE,
    WT_SESSION_OTHER_ALPN, /* its protocol is not among the client's */
    WT_SESSION_OTHER_PSK,  /* nor the pre-shared key that it goes back to */
};
/* `host` NULL: that of the options. */
WT_API enum wt_session_fault wt_client_session_fault(const struct wt_party *client, const char *host, uint16_t port,
                                                     int64_t now_ms, struct wt_span session);

/* Why it failed, or ended other than in order: the root cause as the observer names it, with its sentence and what to
 * do about it in the user's language. NULL when nothing is wrong. Holds until the next call on the endpoint. */
WT_API const struct wt_finding *wt_endpoint_why(struct wt_endpoint *e);

/* What was agreed on and found out, as far as the connection has come; zeros are what is not known. While another
 * handshake is under way (TLS 1.2) it is what the one before has agreed on; the certificates are the newest that came.
 * Spans hold as long as the endpoint, but for `alpn`, which does until the next call on it. */
struct wt_endpoint_info {
    bool established, retried;
    bool verified;            /* the peer's certificates lead to what is trusted and are for its name */
    bool requested;           /* the server has asked for the client's certificate */
    bool extended_master;     /* TLS 1.2: RFC 7627 */
    bool early_data_accepted; /* early data were taken; not established yet: the data that came are early */
    uint32_t
        early_data_sent;   /* client: bytes; established without `early_data_accepted`: the server did not take them */
    bool false_started;    /* client, TLS 1.2: data may be, or were, sent before the server's Finished (RFC 7918) */
    bool resumed;          /* `verified` and `certificate_sha256` are of the handshake that the session goes back to */
    int32_t ticket_age_skew; /* server, TLS 1.3, resumed by a ticket: seconds by which the client's view of its age is
                                ahead of ours (RFC 8446, 8.3); negative: behind */
    bool encrypt_then_mac; /* TLS 1.2: RFC 7366 */
    uint8_t status;        /* enum wt_ocsp_status: what a valid OCSP response says that the server has stapled */
    uint8_t alert;         /* AlertDescription that ended the connection; with `alert_sent`: ours */
    bool has_alert, alert_sent;
    uint16_t version, suite;
    uint16_t group;                                         /* also of TLS 1.2's DHE, if it is one of RFC 7919 */
    uint16_t scheme;                                        /* that the peer signed with */
    struct wt_span host;                                    /* that the client asked for */
    struct wt_span alpn;                                    /* the protocol; n = 0: none */
    const struct wt_certificate_facts *const *certificates; /* the peer's, its own first */
    size_t certificate_count;
    const struct wt_certificate_facts *const *path; /* their chain as it was built, as far as it goes to a root */
    size_t path_count;
    struct wt_span staple;     /* client: the OCSP response (RFC 6960, DER) that the server has stapled to its
                                  certificate, whatever it is worth: see `status`; n = 0: none */
    struct wt_span timestamps; /* client: the SignedCertificateTimestampList (RFC 6962, 3.3) of the extension,
                                  with its length before it, whatever it is worth: see `scts`; n = 0: none */
    struct wt_scts scts;       /* client: how many signed certificate timestamps came for the certificate, in the
                                  extension (`timestamps`), in itself and in `staple`, and, where `trust` has
                                  logs (`judged`), what became of their signatures; zeros where a session is
                                  resumed */
    const uint8_t *certificate_sha256; /* 32 bytes: of the peer's own, also where it was shown in an earlier handshake;
                                          NULL: none */
    struct wt_span psk;       /* identity of the external PSK that is in use; p NULL: none; n = 0: it is empty */
    const char *const *wrong; /* ids of the findings about them (docs/findings.md), the worst first */
    size_t wrong_count;
};
WT_API void wt_endpoint_info(const struct wt_endpoint *e, struct wt_endpoint_info *info);

/* --- its record --------------------------------------------------------------------------------------------------- */

/* What a tap is told of how the transport ended. */
enum wt_tap_end {
    WT_TAP_CLOSED, /* the peer has closed it in order: wt_endpoint_closed() */
    WT_TAP_BROKEN, /* the same, by an error */
    WT_TAP_GONE,   /* wt_endpoint_free(): the last call */
};

/* What goes over an endpoint's connection, as it goes. Members may be NULL. None of them may call the endpoint. */
struct wt_endpoint_tap {
    /* `bytes` were sent, or came from the peer, in the order in which that happened as this side sees it. Of what the
     * peer sends all is told, also what is not read any more; of what is sent only what wt_endpoint_sent() has said. */
    void (*bytes)(void *context, bool sent, struct wt_span bytes);
    /* A line of NSS's key log, without its end, before any bytes that it opens, and the ClientHello's random that it
     * names; wiped when the call returns. It opens all that the connection sends. */
    void (*secret)(void *context, const uint8_t random[32], const char *line);
    void (*end)(void *context, enum wt_tap_end how);
    void *context;
};

/* From now on; one at a time. `tap` must hold until WT_TAP_GONE. To be called before the endpoint's first bytes were
 * sent or came: before that nothing is told. See watch.h, which feeds an observer. */
WT_API void wt_endpoint_tap(struct wt_endpoint *e, const struct wt_endpoint_tap *tap);

#ifdef __cplusplus
}
#endif
#endif
