/* All secrets that a reader was given (wiretale/keys.h), as the engine looks them up. */
#ifndef WT_KEYS_STORE_H
#define WT_KEYS_STORE_H

#include "crypto/private_key.h"
#include "keys/keylog.h"
#include "wiretale/keys.h"

/* The key log of the store: lookups, and secrets that a connection made known for its resumptions. */
struct wt_keylog *wt_keys_keylog(const struct wt_keys *keys);

/* Whether the store can open anything at all. */
bool wt_keys_any(const struct wt_keys *keys);
/* Whether it can, or may be able to later: more secrets may come. */
bool wt_keys_may_open(const struct wt_keys *keys);

/* The private key that belongs to the public one; NULL when none does. */
const struct wt_private_key *wt_keys_rsa(const struct wt_keys *keys, const struct wt_public_key *of);
/* The i-th private key, NULL behind the last: for handshakes whose certificate was not seen. */
const struct wt_private_key *wt_keys_rsa_at(const struct wt_keys *keys, size_t i);
/* The same of SM2 keys. */
const struct wt_private_key *wt_keys_sm2_at(const struct wt_keys *keys, size_t i);

/* The pre-shared key of an identity: the one given for it, else the i-th of those given for any. `i` counts from 0 over
 * both; false behind the last. */
bool wt_keys_psk(const struct wt_keys *keys, struct wt_span identity, size_t i, struct wt_span *psk);

/* Room for the crypto handle that the store's keys were made with. */
struct wt_crypto *wt_keys_crypto(const struct wt_keys *keys);

#endif
