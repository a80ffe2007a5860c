/* Keys up to TLS 1.2: premaster → master → the keys of each side (RFC 5246, 6.3 and 8.1). Whoever has a master
 * secret, out of a key exchange, a session or a key log, leaves by the same door: wt_keys12_keys(). */
#ifndef WT_HANDSHAKE_KEYS12_H
#define WT_HANDSHAKE_KEYS12_H

#include "handshake/handshake.h"
#include "handshake/keys.h"
#include "keys/prf.h"

enum wt_keys_error {
    WT_KEYS_OK,
    WT_KEYS_NO_HELLO,    /* a hello, or a suite, is missing */
    WT_KEYS_TRANSCRIPT,  /* messages that the secret takes a hash of are missing */
    WT_KEYS_UNSUPPORTED, /* libcrypto, or we, lack what the suite names */
};

/* What derivations take of the handshake: its spans point into it. WT_KEYS_NO_HELLO, WT_KEYS_UNSUPPORTED (a suite that
 * we do not know). `steps` may be NULL. */
enum wt_keys_error wt_keys12_terms(const struct wt_handshake *h, const struct wt_steps *steps, struct wt_terms *terms);

/* Whether all is there that the master secret takes beside the premaster: with extended_master_secret (RFC 7627, 3) all
 * messages "up to and including the ClientKeyExchange". */
bool wt_keys12_is_ready(const struct wt_handshake *h);
/* The master secret of a premaster secret. */
enum wt_keys_error wt_keys12_master(struct wt_handshake *h, struct wt_span premaster, const struct wt_steps *steps,
                                    uint8_t master[WT_MASTER]);

/* Both sides' keys, by side, for their records after their ChangeCipherSpec. */
enum wt_keys_error wt_keys12_keys(const struct wt_handshake *h, const uint8_t master[WT_MASTER],
                                  const struct wt_steps *steps, struct wt_side_keys out[2]);

#endif
