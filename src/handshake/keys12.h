/* Keys up to TLS 1.2: premaster → master → one protector for each side (RFC 5246, 6.3 and 8.1). Whoever has a master
 * secret, out of a key exchange, a session or a key log, leaves by the same door: wt_keys12_protectors(). */
#ifndef WT_HANDSHAKE_KEYS12_H
#define WT_HANDSHAKE_KEYS12_H

#include "handshake/handshake.h"
#include "keys/prf.h"
#include "protect/protect.h"

enum wt_keys_error {
    WT_KEYS_OK,
    WT_KEYS_NO_HELLO,    /* a hello, or a suite, is missing */
    WT_KEYS_TRANSCRIPT,  /* messages that the secret takes a hash of are missing */
    WT_KEYS_UNSUPPORTED, /* libcrypto, or we, lack what the suite names */
};

/* What derivations take of the handshake: its spans point into it. WT_KEYS_NO_HELLO, WT_KEYS_UNSUPPORTED (a suite that
 * we do not know). `steps` may be NULL. */
enum wt_keys_error wt_keys12_terms(const struct wt_handshake *h, const struct wt_steps *steps, struct wt_terms *terms);

/* Whether all is there that the master secret takes beside the premaster: with extended_master_secret (RFC 7627, 4) all
 * messages "up to and including the ClientKeyExchange". */
bool wt_keys12_is_ready(const struct wt_handshake *h);
/* The master secret of a premaster secret. */
enum wt_keys_error wt_keys12_master(struct wt_handshake *h, struct wt_span premaster, const struct wt_steps *steps,
                                    uint8_t master[WT_MASTER]);

/* A protector for each side's records after its ChangeCipherSpec. `seal` has bit 1 << side for the side that is to
 * seal; all others open. Both are NULL on failure. */
enum wt_keys_error wt_keys12_protectors(const struct wt_handshake *h, const uint8_t master[WT_MASTER], unsigned seal,
                                        const struct wt_steps *steps, struct wt_protector *out[2]);

#endif
