#include "keys/quic.h"

#include <stdio.h>

/* RFC 9369, 3.3.2: the labels "change from "quic key" to "quicv2 key", from "quic iv" to "quicv2 iv", from "quic hp" to
 * "quicv2 hp", and from "quic ku" to "quicv2 ku"". */
static bool expand(const struct wt_schedule *s, const struct wt_quic_version *version, const char *id,
                   struct wt_span secret, const char *what, uint8_t *out, size_t n)
{
    char label[16];
    (void)snprintf(label, sizeof label, "%s %s", version->v2 ? "quicv2" : "quic", what);
    return wt_expand_label(s, id, secret, label, (struct wt_span){0}, out, n);
}

bool wt_quic_initial_secrets(const struct wt_schedule *s, const struct wt_quic_version *version, struct wt_span dcid,
                             uint8_t *client, uint8_t *server)
{
    const struct wt_span none = {0}, salt = {version->initial_salt, WT_QUIC_SALT_BYTES};
    uint8_t initial[WT_DIGEST_MOST];
    const struct wt_span secret = {initial, s->length};
    return wt_quic_initial_secret(s, salt, dcid, initial) &&
           wt_expand_label(s, "client_initial_secret", secret, "client in", none, client, s->length) &&
           wt_expand_label(s, "server_initial_secret", secret, "server in", none, server, s->length);
}

bool wt_quic_packet_keys(const struct wt_schedule *s, const struct wt_quic_version *version, struct wt_span secret,
                         size_t key_length, struct wt_quic_keys *keys)
{
    if (key_length <= WT_QUIC_KEY_MOST && expand(s, version, "quic_key", secret, "key", keys->key, key_length) &&
        expand(s, version, "quic_iv", secret, "iv", keys->iv, WT_QUIC_IV)) {
        keys->length = (uint8_t)key_length;
        return true;
    }
    wt_wipe(keys, sizeof *keys);
    return false;
}

bool wt_quic_keys_of(const struct wt_schedule *s, const struct wt_quic_version *version, struct wt_span secret,
                     size_t key_length, struct wt_quic_keys *keys)
{
    if (wt_quic_packet_keys(s, version, secret, key_length, keys) &&
        expand(s, version, "quic_hp", secret, "hp", keys->hp, key_length))
        return true;
    wt_wipe(keys, sizeof *keys);
    return false;
}

bool wt_quic_update(const struct wt_schedule *s, const struct wt_quic_version *version, uint8_t *secret)
{
    uint8_t next[WT_DIGEST_MOST];
    const bool done = expand(s, version, "quic_secret_next", wt_span_of(secret, s->length), "ku", next, s->length);
    if (done)
        memcpy(secret, next, s->length);
    wt_wipe(next, sizeof next);
    return done;
}
