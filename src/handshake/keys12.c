#include "handshake/keys12.h"

#include "keys/derive.h"
#include "keys/key_block.h"

enum wt_keys_error wt_keys12_terms(const struct wt_handshake *h, const struct wt_steps *steps, struct wt_terms *terms)
{
    const struct wt_offered *o = &h->agreed.offered;
    const struct wt_chosen *c = &h->agreed.chosen;
    const struct wt_suite *suite = c->has_suite ? wt_suite_find(c->suite) : NULL;
    if (c->has_random && c->has_suite && !suite)
        return WT_KEYS_UNSUPPORTED;
    if (!o->seen || o->random_length != 32 || !c->has_random || !suite)
        return WT_KEYS_NO_HELLO;
    *terms = (struct wt_terms){.crypto = h->crypto,
                               .suite = suite,
                               .version = c->version,
                               .client_random = o->random,
                               .server_random = c->random,
                               .steps = steps};
    return WT_KEYS_OK;
}

static size_t last_covered(const struct wt_handshake *h)
{
    return wt_messages_find(&h->messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE);
}

/* The server's part may still be on its way to who watches, or wait after a gap. */
bool wt_keys12_is_ready(const struct wt_handshake *h)
{
    return !h->agreed.chosen.extended_master ||
           (!h->messages.broken && last_covered(h) != SIZE_MAX &&
            wt_messages_has(&h->messages, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO_DONE));
}

/* RFC 7627, 3: "session_hash = Hash(handshake_messages)", of the messages "up to and including the
 * ClientKeyExchange". */
enum wt_keys_error wt_keys12_master(struct wt_handshake *h, struct wt_span premaster, const struct wt_steps *steps,
                                    uint8_t master[WT_MASTER])
{
    uint8_t hash[WT_DIGEST_MOST];
    struct wt_terms terms;
    size_t n = 0;
    enum wt_keys_error error = wt_keys12_terms(h, steps, &terms);
    if (error != WT_KEYS_OK)
        return error;
    if (!wt_keys12_is_ready(h))
        return WT_KEYS_TRANSCRIPT;
    if (h->agreed.chosen.extended_master) {
        /* RFC 7627, 5.1: "clients and servers … MUST NOT … [with] SSL 3.0" */
        n = terms.version == WT_SSL3
                ? 0
                : wt_messages_hash(&h->messages, h->crypto, wt_prf_hash(&terms), last_covered(h) + 1, hash);
        if (!n)
            return WT_KEYS_UNSUPPORTED;
        wt_derive_say_hash(&terms, WT_DERIVED_SESSION_HASH, wt_span_of(hash, n));
    }
    return wt_master_secret(&terms, premaster, wt_span_of(hash, n), master) ? WT_KEYS_OK : WT_KEYS_UNSUPPORTED;
}

static bool copy(struct wt_span from, uint8_t room[64], struct wt_span *to)
{
    if (from.n > 64)
        return false;
    if (from.n)
        memcpy(room, from.p, from.n);
    *to = wt_span_of(room, from.n);
    return true;
}

enum wt_keys_error wt_keys12_keys(const struct wt_handshake *h, const uint8_t master[WT_MASTER],
                                  const struct wt_steps *steps, struct wt_side_keys out[2])
{
    const struct wt_chosen *c = &h->agreed.chosen;
    struct wt_key_block block;
    struct wt_terms terms;
    enum wt_keys_error error = wt_keys12_terms(h, steps, &terms);
    if (error != WT_KEYS_OK)
        return error;
    bool ok = wt_key_block(&terms, master, &block);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER && ok; side++) {
        struct wt_protection *how = &out[side].how;
        *how = (struct wt_protection){.suite = terms.suite,
                                      .version = wt_version_as_tls(terms.version),
                                      .encrypt_then_mac = c->encrypt_then_mac,
                                      .truncated_hmac = c->truncated_hmac,
                                      .compression = c->compression};
        ok = copy(block.mac_key[side], out[side].mac_key, &how->mac_key) &&
             copy(block.key[side], out[side].key, &how->key) && copy(block.iv[side], out[side].iv, &how->iv);
    }
    wt_wipe(&block, sizeof block);
    return ok ? WT_KEYS_OK : WT_KEYS_UNSUPPORTED;
}
