/* What is kept of a connection for the next one: in a client's cache, in a server's, in a server's ticket, or as bytes
 * that a program keeps. */
#ifndef WT_ENDPOINT_SESSION_H
#define WT_ENDPOINT_SESSION_H

#include "base/writer.h"
#include "crypto/library.h"
#include "registry/limits.h"

struct wt_session {
    uint16_t version, suite;
    int64_t made;          /* milliseconds since 1970: when its ticket was made, or came */
    int64_t authenticated; /* the handshake with certificates that it goes back to */
    int64_t expires;
    int64_t peer_until; /* end of the peer's certificate, which no session outlives; 0: it has none */
    uint32_t age_add;   /* TLS 1.3 */
    uint32_t early;     /* TLS 1.3: max_early_data_size, bytes */
    bool verified;      /* the peer was, by its certificate */
    bool has_peer;      /* it had one, of that SHA-256 */
    bool of_psk;        /* TLS 1.2: it had an external PSK instead: that of wt_party_psk_of() */
    uint8_t peer[32];
    uint8_t secret_length, secret[WT_DIGEST_MOST]; /* the ticket's PSK; up to TLS 1.2 the master secret */
    uint8_t id_length, id[32];                     /* TLS 1.2: session_id */
    struct wt_span host, alpn;                     /* n = 0: none */
    uint16_t port;                                 /* client: of the server; 0: it was not said */
    struct wt_span ticket;                         /* client */
};

/* seconds: of one whose server does not say. */
enum { WT_SESSION_LIFETIME = 7200 };
/* RFC 8446, 4.2.9: PskKeyExchangeMode */
enum { WT_PSK_KE = 0, WT_PSK_DHE_KE = 1 };

/* bytes: of one as it is written, at most, without its ticket; beside it are the ticket's own. Those of that one. */
enum { WT_SESSION_MOST = 1024 };
size_t wt_session_size(const struct wt_session *s);

/* False when it does not fit. */
bool wt_session_write(const struct wt_session *s, struct wt_writer *w);
/* The spans point into `bytes`. False when they are not what wt_session_write() has made; `error` (or NULL) says where.
 */
bool wt_session_read(struct wt_span bytes, struct wt_session *out);
bool wt_session_read_at(struct wt_span bytes, struct wt_session *out, struct wt_error *error);

/* As a program keeps it: WT_SESSION_MARK, what wt_session_write() has made, and SHA-256 over both: damage is noticed
 * before a server is asked for what nobody has. */
#define WT_SESSION_MARK "wiretale"
enum { WT_SESSION_WRAP = sizeof WT_SESSION_MARK - 1 + 32 }; /* bytes: of mark and digest */
/* `out` has room for `written` and WT_SESSION_WRAP bytes. False without memory. */
bool wt_session_wrap(struct wt_crypto *crypto, struct wt_span written, uint8_t *out);
/* The spans point into `bytes`. False with *error: WT_FORMAT: it is none of ours; WT_UNSUPPORTED: of a form that is not
 * known; WT_MISMATCH: the digest is not theirs; else which field is damaged. */
bool wt_session_unwrap(struct wt_crypto *crypto, struct wt_span bytes, struct wt_session *out, struct wt_error *error);

/* Whether it may be resumed at that time. */
bool wt_session_is_current(const struct wt_session *s, int64_t now_ms);
/* When it ends, by its ticket's lifetime (seconds), its first handshake, and the peer's certificate. */
int64_t wt_session_end(const struct wt_session *s, uint32_t lifetime);

#endif
