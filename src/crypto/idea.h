/* IDEA, which most builds of libcrypto leave out: X. Lai, On the Design and Security of Block Ciphers, 1992. TLS had it
 * in CBC mode until RFC 5246, 1.2 "Removed IDEA and DES cipher suites".
 *
 * For reading records that others sealed; neither time nor cache accesses are kept from depending on the key. */
#ifndef WT_CRYPTO_IDEA_H
#define WT_CRYPTO_IDEA_H

#include "base/span.h"

enum { WT_IDEA_KEY = 16, WT_IDEA_BLOCK = 8, WT_IDEA_SUBKEYS = 52 };

struct wt_idea {
    uint16_t subkeys[WT_IDEA_SUBKEYS];
    bool seal;
};

/* `key` has WT_IDEA_KEY bytes. `seal` false: for decryption. The caller wipes *c. */
void wt_idea_start(struct wt_idea *c, const uint8_t *key, bool seal);
/* CBC without padding: in.n is a multiple of WT_IDEA_BLOCK, iv has WT_IDEA_BLOCK bytes; out may be in.p. */
void wt_idea_cbc(const struct wt_idea *c, const uint8_t *iv, struct wt_span in, uint8_t *out);

#endif
