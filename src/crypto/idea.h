/* IDEA, which libcrypto is mostly built without; libgcrypt has it. TLS had it in CBC mode until RFC 5246, 1.2: "Removed
 * IDEA and DES cipher suites". */
#ifndef WT_CRYPTO_IDEA_H
#define WT_CRYPTO_IDEA_H

#include "base/span.h"

enum { WT_IDEA_KEY = 16, WT_IDEA_BLOCK = 8 };

struct wt_idea;

/* Whether this libgcrypt may be used for it: not in FIPS mode. */
bool wt_idea_available(void);
/* `key` has WT_IDEA_KEY bytes. `seal` false: for decryption. NULL: no memory, or not available. Free with
 * wt_idea_free(), which wipes it. */
struct wt_idea *wt_idea_new(const uint8_t *key, bool seal);
void wt_idea_free(struct wt_idea *c);
/* CBC without padding: iv has WT_IDEA_BLOCK bytes; out may be in.p. False where in.n is no multiple of WT_IDEA_BLOCK. */
bool wt_idea_cbc(const struct wt_idea *c, const uint8_t *iv, struct wt_span in, uint8_t *out);

#endif
