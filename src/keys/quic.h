/* QUIC's keys (RFC 9001, 5.1, 5.2 and 6.1; RFC 9369, 3.3): what the handshake's secrets become, and the secrets of
 * Initial packets, which anyone can have. */
#ifndef WT_KEYS_QUIC_H
#define WT_KEYS_QUIC_H

#include "keys/schedule.h"
#include "registry/quic.h"

enum { WT_QUIC_KEY_MOST = 32, WT_QUIC_IV = 12 };

struct wt_quic_keys {
    uint8_t key[WT_QUIC_KEY_MOST], hp[WT_QUIC_KEY_MOST]; /* packet protection and header protection */
    uint8_t iv[WT_QUIC_IV];
    uint8_t length; /* bytes of key and hp each */
};

/* The secrets of both sides' Initial packets: `dcid` is the Destination Connection ID of the client's first Initial,
 * or, after a Retry, of the one that follows it (RFC 9001, 5.2). The schedule's hash is SHA-256, `client` and `server`
 * have 32 bytes each. */
bool wt_quic_initial_secrets(const struct wt_schedule *s, const struct wt_quic_version *version, struct wt_span dcid,
                             uint8_t *client, uint8_t *server);

/* key, IV and header protection key of a secret. key_length from the suite's cipher, at most WT_QUIC_KEY_MOST. False
 * when libcrypto fails; *keys is then wiped. Wipe *keys after use. */
bool wt_quic_keys_of(const struct wt_schedule *s, const struct wt_quic_version *version, struct wt_span secret,
                     size_t key_length, struct wt_quic_keys *keys);

/* The first two alone: after a key update. */
bool wt_quic_packet_keys(const struct wt_schedule *s, const struct wt_quic_version *version, struct wt_span secret,
                         size_t key_length, struct wt_quic_keys *keys);

/* RFC 9001, 6.1: the secret after a key update, in place. The header protection key does not change with it: "The
 * header protection key is not updated." */
bool wt_quic_update(const struct wt_schedule *s, const struct wt_quic_version *version, uint8_t *secret);

#endif
