/* Derivations up to TLS 1.2, each said as a step under its row of prf.def. */
#ifndef WT_KEYS_DERIVE_H
#define WT_KEYS_DERIVE_H

#include "keys/prf.h"

enum wt_derived {
#define WT_DERIVED(ID, id, label, ssl3, tls10, tls11, tls12, tlcp, why) WT_DERIVED_##ID,
#include "keys/prf.def"
#undef WT_DERIVED
};

/* The versions by how they derive. WT_ERAS: none of these. */
enum wt_era { WT_ERA_SSL3, WT_ERA_TLS10, WT_ERA_TLS11, WT_ERA_TLS12, WT_ERA_TLCP, WT_ERAS };
enum wt_era wt_era_of(uint16_t version);

/* A step of that row. `function` is static. */
void wt_derive_say(const struct wt_terms *terms, enum wt_derived what, const char *function,
                   const struct wt_step_part *in, size_t count, struct wt_span out);

/* One that is a hash of messages, as the terms take it. */
void wt_derive_say_hash(const struct wt_terms *terms, enum wt_derived what, struct wt_span hash);

/* The row's value by the PRF of TLS under the row's label: the seed's parts (at most three) in order. */
bool wt_derive(const struct wt_terms *terms, enum wt_derived what, struct wt_step_part secret,
               const struct wt_step_part *seed, size_t count, uint8_t *out, size_t n);
/* SSL 3.0's: MD5 over its parts, of which n <= 16 bytes stay. */
bool wt_derive_md5(const struct wt_terms *terms, enum wt_derived what, const char *function,
                   const struct wt_step_part *parts, size_t count, uint8_t *out, size_t n);
/* SSL 3.0's expansion of a secret by two randoms: RFC 6101, 6.1 and 6.2.2. */
bool wt_derive_ssl3(const struct wt_terms *terms, enum wt_derived what, struct wt_step_part secret,
                    const struct wt_step_part randoms[2], uint8_t *out, size_t n);

#endif
