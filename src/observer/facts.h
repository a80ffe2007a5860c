/* What passes and is noted for the findings (observations.c concludes from it). */
#ifndef WT_OBSERVER_FACTS_H
#define WT_OBSERVER_FACTS_H

#include "codec/codec.h"
#include "wiretale/story.h"

struct wt_observer;
struct wt_tls;

/* What was seen on the way and counts for findings: `flags`. */
enum {
    WT_SEEN_SNI = 1, /* the ClientHello has a server_name */
    WT_SEEN_ECH = 2, /* and encrypted_client_hello */
    WT_SEEN_EXTENDED_MASTER_OFFERED = 4,
    WT_SEEN_EXTENDED_MASTER = 8, /* both hellos have it */
    WT_SEEN_SECURE_RENEGOTIATION_OFFERED = 16,
    WT_SEEN_SECURE_RENEGOTIATION = 32,
    WT_SEEN_COMPRESSION = 64,
    WT_SEEN_PSK_ALONE = 128,   /* TLS 1.3: no key share in the ServerHello */
    WT_SEEN_CLIENT_SHA1 = 256, /* the client's proof is signed over MD5 or SHA-1 */
    WT_SEEN_HELLO_REQUEST = 512,
    WT_SEEN_CLIENT_RENEGOTIATION = 1024,
    WT_SEEN_CUT = 2048,                 /* the client closed before any close_notify; and shifted by one: the server */
    WT_SEEN_CUT_RESET = 8192,           /* by a RST */
    WT_SEEN_EMPTY_CERTIFICATE = 131072, /* TLS 1.3: by its length, a record of the client holds an empty Certificate */
    WT_SEEN_UNPADDED_HEARTBEAT = 65536, /* the newest heartbeat request has less padding than it must have */
    WT_SEEN_DIALOGUE = 32768,           /* something was said before TLS */
    WT_SEEN_GREASE = 262144,            /* the ClientHello has GREASE values (RFC 8701) */
    WT_SEEN_LET_GO = 524288,            /* its end was not waited for, for want of memory */
    WT_SEEN_NEVER_TLS = 16384,          /* one side was no TLS peer at all: the connection failed */
};

struct wt_seen {
    uint32_t flags;          /* WT_SEEN_... */
    uint32_t hello_frame[2]; /* packets of the hellos, by side */
    uint32_t key_frame;      /* of ServerKeyExchange */
    uint32_t proof_frame;    /* of the client's CertificateVerify */
    uint32_t renegotiation_frame;
    uint32_t early_frame;  /* the last packet of early data that was read */
    uint16_t heartbeat[2]; /* by side: payload bytes that its newest request really has, plus one */
};

/* The longest wait in the handshake, and who spoke last. */
struct wt_pace {
    uint32_t us, frame; /* how long; the packet that ended it */
    uint8_t from;       /* side that sent that */
    uint8_t last_from;  /* side that sent the newest stream bytes */
};

/* Hellos: the ClientHello's with wt_hello_client_seen(), the ServerHello's once its version is known. A
 * HelloRetryRequest names a group, or 0. */
void wt_facts_client_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_client_hello *hello,
                           uint32_t seen);
void wt_facts_server_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_server_hello *hello);
void wt_facts_retry(struct wt_observer *o, struct wt_tls *tls, uint16_t group);
/* Any other handshake message. */
void wt_facts_message(struct wt_observer *o, struct wt_tls *tls, unsigned from, const struct wt_message_body *m);
/* A handshake record that nobody could read, before it is taken for a Finished. */
void wt_facts_hidden_handshake(struct wt_observer *o, struct wt_tls *tls, unsigned from);
/* A HeartbeatMessage of `length` bytes in all, of which at least the first three are in `head`. */
void wt_facts_heartbeat(struct wt_observer *o, struct wt_tls *tls, unsigned from, struct wt_span head, uint32_t length);
/* One that nobody could read, in a record of so many bytes. */
void wt_facts_hidden_heartbeat(struct wt_observer *o, struct wt_tls *tls, unsigned from, uint32_t length);
/* Stream bytes come after a wait that began at `since`. */
void wt_facts_pause(const struct wt_observer *o, struct wt_tls *tls, unsigned from, int64_t since);
/* How many bytes of a record of a side are plaintext at the very least, keys or none; TLS 1.3: content type and padding
 * among them. 0 where the suite is not known. */
uint32_t wt_facts_plaintext(const struct wt_tls *tls, uint32_t length);
/* A from ends, by FIN or RST. */
void wt_facts_closed(struct wt_tls *tls, unsigned from, bool reset);
/* It has not, after all: the RST was none of its own. */
void wt_facts_not_closed(struct wt_tls *tls, unsigned from);
/* Whether it said goodbye, or may have: by an alert that was read, or that nobody could read. */
bool wt_facts_has_closed(const struct wt_tls *tls, unsigned from);
/* A session up to TLS 1.2, known by the hash of its id or ticket, is resumed. */
void wt_facts_resumed(struct wt_observer *o, struct wt_tls *tls, uint64_t hash);
/* A name's hash, letters of either case; 0 for none. */
uint32_t wt_facts_host(struct wt_span name);

#endif
