/* What private keys open: premaster secrets that were encrypted for them. */
#include "crypto/rsa.h"
#include "crypto/sm2.h"
#include "observer/keys/keyring.h"
#include "observer/state.h"

enum { PREMASTER = 48 };

/* RFC 5246, 7.4.7.1: the premaster begins with "the latest (newest) version supported by the client" (GB/T 38636-2020,
 * 6.4.5.8, likewise); some clients put the negotiated one there. */
static bool is_premaster(const struct wt_tls *tls, struct wt_span p)
{
    return p.n == PREMASTER && (wt_get16(p.p) == tls->agreed.offered || wt_get16(p.p) == tls->agreed.version ||
                                (p.p[0] == 3 && p.p[1] <= 3));
}

static bool by_rsa(struct wt_observer *o, const struct wt_tls *tls, struct wt_span encrypted, uint8_t out[PREMASTER])
{
    uint8_t text[WT_RSA_MOST];
    const struct wt_private_key *key;
    bool found = false;
    for (size_t i = 0; !found && (key = wt_keys_rsa_at(o->options.keys, i)); i++) {
        size_t n = wt_private_key_decrypt(o->crypto, key, encrypted, text);
        found = is_premaster(tls, wt_span_of(text, n));
    }
    if (found)
        memcpy(out, text, PREMASTER);
    wt_wipe(text, sizeof text);
    return found;
}

/* GB/T 38636-2020, 6.4.5.8: ECC: what is encrypted for the server's encryption certificate has a hash that tells whose
 * key it is. */
static bool by_sm2(struct wt_observer *o, struct wt_span encrypted, uint8_t out[PREMASTER])
{
    uint8_t text[WT_SM2_MOST];
    const struct wt_private_key *key;
    bool found = false;
    for (size_t i = 0; !found && (key = wt_keys_sm2_at(o->options.keys, i)); i++)
        found = wt_sm2_decrypt(o->crypto, key, encrypted, text) == PREMASTER;
    if (found)
        memcpy(out, text, PREMASTER);
    wt_wipe(text, sizeof text);
    return found;
}

bool wt_keyring_has_private(const struct wt_observer *o, const struct wt_tls *tls)
{
    const bool sm2 = tls->agreed.protocol == WT_PROTOCOL_TLCP && tls->agreed.kx != WT_KX_TLCP_RSA;
    return sm2 ? wt_keys_sm2_at(o->options.keys, 0) != NULL : wt_keys_rsa_at(o->options.keys, 0) != NULL;
}

bool wt_keyring_decrypt(struct wt_observer *o, const struct wt_tls *tls, struct wt_span encrypted,
                        uint8_t premaster[PREMASTER])
{
    return tls->agreed.kx == WT_KX_SM2 ? by_sm2(o, encrypted, premaster) : by_rsa(o, tls, encrypted, premaster);
}
