/* What all versions' keys have in common. */
#ifndef WT_HANDSHAKE_KEYS_H
#define WT_HANDSHAKE_KEYS_H

#include "protect/protect.h"

/* One side's keys: all that a secret leads to, for whichever carriage (TLS records, DTLS, QUIC) to make its protector
 * of. `how` points into its own struct, which is not to be copied; wipe it after use. */
struct wt_side_keys {
    struct wt_protection how;
    uint8_t mac_key[64], key[64], iv[64];
};

#endif
