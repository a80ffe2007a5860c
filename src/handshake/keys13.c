#include "handshake/keys13.h"

enum wt_label wt_keys13_label(unsigned side, enum wt_epoch epoch)
{
    static const uint8_t labels[2][3] = {
        [WT_CLIENT] = {WT_LABEL_EARLY_TRAFFIC, WT_LABEL_CLIENT_HANDSHAKE, WT_LABEL_CLIENT_TRAFFIC},
        [WT_SERVER] = {WT_LABEL_COUNT, WT_LABEL_SERVER_HANDSHAKE, WT_LABEL_SERVER_TRAFFIC},
    };
    return (enum wt_label)labels[side][epoch];
}

bool wt_keys13_schedule(const struct wt_handshake *h, const struct wt_steps *steps, struct wt_schedule *s)
{
    const struct wt_chosen *c = &h->agreed.chosen;
    const struct wt_suite *suite = c->has_suite ? wt_suite_find(c->suite) : NULL;
    return suite && wt_schedule_start(s, h->crypto, (enum wt_hash_id)suite->prf, c->version, steps);
}

static bool climb(const struct wt_schedule *s, const struct wt_keys13_input *in, struct wt_keys13_trunk *t)
{
    switch ((enum wt_epoch)t->climbed++) {
    case WT_EPOCH_EARLY:
        return wt_early_secret(s, in->psk, t->secret);
    case WT_EPOCH_HANDSHAKE:
        return wt_handshake_secret(s, t->secret, in->shared, t->secret);
    case WT_EPOCH_TRAFFIC:
        return wt_master_secret13(s, t->secret, t->secret);
    }
    return false;
}

/* Extracted up to the epoch's own: early, handshake, master secret. */
static bool extract(const struct wt_schedule *s, const struct wt_keys13_input *in, enum wt_epoch epoch,
                    uint8_t secret[WT_DIGEST_MOST])
{
    struct wt_keys13_trunk own = {.climbed = 0};
    struct wt_keys13_trunk *t = in->trunk && in->trunk->climbed <= (unsigned)epoch + 1 ? in->trunk : &own;
    bool ok = true;
    while (ok && t->climbed <= (unsigned)epoch)
        ok = climb(s, in, t);
    if (ok)
        memcpy(secret, t->secret, sizeof t->secret);
    else
        wt_wipe(t, sizeof *t);
    wt_wipe(&own, sizeof own);
    return ok;
}

/* Transcript-Hash over all messages of the handshake up to and including the newest of a side and type. What
 * authenticates later (RFC 8446, 4.6.2) is no part of it. */
static size_t hash_through(struct wt_handshake *h, enum wt_hash_id hash, unsigned side, uint8_t type,
                           uint8_t out[WT_DIGEST_MOST])
{
    size_t at = wt_messages_find_in_handshake(&h->messages, side, type);
    if (at == SIZE_MAX || h->messages.broken)
        return 0;
    return wt_messages_hash(&h->messages, h->crypto, hash, at + 1, out);
}

static size_t derive(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                     enum wt_epoch epoch, enum wt_branch branch, uint8_t last_side, uint8_t last,
                     uint8_t secret[WT_DIGEST_MOST])
{
    uint8_t extracted[WT_DIGEST_MOST], hash[WT_DIGEST_MOST];
    size_t n = hash_through(h, s->hash, last_side, last, hash);
    bool ok =
        n && extract(s, in, epoch, extracted) && wt_branch_secret(s, branch, extracted, wt_span_of(hash, n), secret);
    wt_wipe(extracted, sizeof extracted);
    return ok ? s->length : 0;
}

size_t wt_keys13_traffic(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                         unsigned side, enum wt_epoch epoch, uint8_t secret[WT_DIGEST_MOST])
{
    static const uint8_t branches[2][3] = {
        [WT_CLIENT] = {WT_BRANCH_CLIENT_EARLY, WT_BRANCH_CLIENT_HANDSHAKE, WT_BRANCH_CLIENT_TRAFFIC},
        [WT_SERVER] = {0, WT_BRANCH_SERVER_HANDSHAKE, WT_BRANCH_SERVER_TRAFFIC},
    };
    static const uint8_t last[3][2] = {
        [WT_EPOCH_EARLY] = {WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO},
        [WT_EPOCH_HANDSHAKE] = {WT_SERVER, WT_HANDSHAKE_SERVER_HELLO},
        [WT_EPOCH_TRAFFIC] = {WT_SERVER, WT_HANDSHAKE_FINISHED},
    };
    if (side == WT_SERVER && epoch == WT_EPOCH_EARLY)
        return 0;
    return derive(h, s, in, epoch, (enum wt_branch)branches[side][epoch], last[epoch][0], last[epoch][1], secret);
}

size_t wt_keys13_resumption(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                            uint8_t secret[WT_DIGEST_MOST])
{
    return derive(h, s, in, WT_EPOCH_TRAFFIC, WT_BRANCH_RESUMPTION, WT_CLIENT, WT_HANDSHAKE_FINISHED, secret);
}

size_t wt_keys13_ticket(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                        struct wt_span nonce, uint8_t psk[WT_DIGEST_MOST])
{
    uint8_t resumption[WT_DIGEST_MOST];
    bool ok = wt_keys13_resumption(h, s, in, resumption) && wt_ticket_psk(s, resumption, nonce, psk);
    wt_wipe(resumption, sizeof resumption);
    return ok ? s->length : 0;
}

size_t wt_keys13_exporter(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                          uint8_t secret[WT_DIGEST_MOST])
{
    return derive(h, s, in, WT_EPOCH_TRAFFIC, WT_BRANCH_EXPORTER, WT_SERVER, WT_HANDSHAKE_FINISHED, secret);
}

const struct wt_suite *wt_keys13_early_suite(const struct wt_client_hello *hello, size_t i, size_t length)
{
    for (size_t k = 0; k < wt_codes_count(hello->cipher_suites); k++) {
        const struct wt_suite *suite = wt_suite_find(wt_codes_at(hello->cipher_suites, k));
        const struct wt_hash_info *hash =
            suite && suite->kx == WT_KX_TLS13 ? wt_hash_info_of((enum wt_hash_id)suite->prf) : NULL;
        if (hash && (!length || hash->length == length) && i-- == 0)
            return suite;
    }
    return NULL;
}

bool wt_keys13_keys(const struct wt_schedule *s, const struct wt_suite *suite, struct wt_span secret,
                    struct wt_side_keys *out)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)suite->cipher);
    /* RFC 9150, 5: the suites without encryption take a nonce as long as their hash. */
    size_t iv_length = cipher->iv > 12 ? cipher->iv : 12;
    if (cipher->key > sizeof out->key || iv_length > sizeof out->iv ||
        !wt_traffic_key(s, secret, cipher->key, out->key, out->iv) ||
        (iv_length > 12 && !wt_expand_label(s, "write_iv", secret, "iv", (struct wt_span){0}, out->iv, iv_length)))
        return false;
    out->how = (struct wt_protection){.suite = suite,
                                      .version = s->version,
                                      .key = wt_span_of(out->key, cipher->key),
                                      .iv = wt_span_of(out->iv, iv_length)};
    return true;
}

bool wt_keys13_both(struct wt_handshake *h, const struct wt_keys13_input *in, enum wt_epoch epoch,
                    const struct wt_steps *steps, uint8_t (*secrets)[WT_DIGEST_MOST], struct wt_side_keys out[2])
{
    const struct wt_suite *suite = wt_suite_find(h->agreed.chosen.suite);
    struct wt_schedule s;
    bool ok = wt_keys13_schedule(h, steps, &s);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER && ok; side++) {
        size_t n = wt_keys13_traffic(h, &s, in, side, epoch, secrets[side]);
        ok = n && wt_keys13_keys(&s, suite, wt_span_of(secrets[side], n), &out[side]);
    }
    return ok;
}
