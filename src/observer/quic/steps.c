#include "observer/quic/steps.h"

#include "observer/keys/keyring.h"

enum { AES_128_GCM_SHA256 = 0x1301 }; /* RFC 9001, 5: "Initial packets ... use AEAD_AES_128_GCM" */

/* `frame`: the packet that they are of. */
static bool start_steps(struct wt_quic *q, unsigned side, uint32_t frame, const struct wt_suite *suite,
                        struct wt_step_sink *sink, struct wt_schedule *s)
{
    const struct wt_steps *steps = wt_keyring_steps(sink, q->o, q->c->tls, side);
    if (steps)
        sink->frame = frame;
    return steps && suite && wt_schedule_start(s, q->o->crypto, (enum wt_hash_id)suite->prf, WT_TLS13, steps);
}

static void tell_keys(struct wt_quic *q, unsigned side, uint32_t frame, const struct wt_suite *suite,
                      const struct wt_quic_version *row, struct wt_span secret)
{
    struct wt_step_sink sink;
    struct wt_schedule s;
    struct wt_quic_keys keys;
    const struct wt_cipher *cipher = suite ? wt_cipher_of((enum wt_cipher_id)suite->cipher) : NULL;
    if (cipher && start_steps(q, side, frame, suite, &sink, &s) && wt_quic_keys_of(&s, row, secret, cipher->key, &keys))
        wt_wipe(&keys, sizeof keys);
}

static void tell_initial(struct wt_quic *q, const struct wt_quic_version *row, const struct wt_quic_cid *id)
{
    const struct wt_suite *suite = wt_suite_find(AES_128_GCM_SHA256);
    const uint32_t frame = q->c->first_frame;
    uint8_t secret[2][WT_DIGEST_MOST];
    struct wt_step_sink sink;
    struct wt_schedule s;
    if (!row || !start_steps(q, 2, frame, suite, &sink, &s) ||
        !wt_quic_initial_secrets(&s, row, wt_quic_cid_span(id), secret[WT_CLIENT], secret[WT_SERVER]))
        return;
    for (unsigned side = 0; side < 2; side++)
        tell_keys(q, side, frame, suite, row, wt_span_of(secret[side], s.length));
    wt_wipe(secret, sizeof secret);
}

/* Before a Retry, and before the version changes under way (RFC 9368, 4), they were others. */
static void tell_initials(struct wt_quic *q)
{
    const struct wt_quic_version *first = q->tried_count ? wt_quic_version_find(q->tried[0]) : q->row;
    const struct wt_quic_cid *id = q->flags & WT_QUIC_RETRY_SEEN ? &q->original : &q->initial;
    if (q->steps_told || !(q->side[0].opened[WT_QUIC_INITIAL] + q->side[1].opened[WT_QUIC_INITIAL]))
        return;
    q->steps_told = true;
    const bool anew = q->flags & WT_QUIC_NEGOTIATED; /* another attempt, with another id */
    if (!anew && (first != q->row || id != &q->initial))
        tell_initial(q, first, id);
    tell_initial(q, q->row, &q->initial);
}

static bool is_asked(const struct wt_quic *q)
{
    return q->o->options.keep_secrets && !q->c->tls->unwanted;
}

void wt_quic_steps_keys(struct wt_quic *q, unsigned from, const struct wt_quic_opener *k)
{
    if (!is_asked(q))
        return;
    tell_initials(q);
    tell_keys(q, from, q->o->frame, k->suite, k->row, wt_span_of(k->secret, k->secret_length));
}

void wt_quic_steps_update(struct wt_quic *q, unsigned from, const struct wt_quic_opener *k, unsigned n)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)k->suite->cipher);
    uint8_t secret[WT_DIGEST_MOST];
    struct wt_step_sink sink;
    struct wt_schedule s;
    struct wt_quic_keys keys;
    if (!is_asked(q) || !start_steps(q, from, q->o->frame, k->suite, &sink, &s))
        return;
    memcpy(secret, k->secret, sizeof secret);
    for (unsigned i = 0; i < n && wt_quic_update(&s, k->updating, secret); i++)
        if (wt_quic_packet_keys(&s, k->row, wt_span_of(secret, s.length), cipher->key, &keys))
            wt_wipe(&keys, sizeof keys);
    wt_wipe(secret, sizeof secret);
}

void wt_quic_steps_end(struct wt_quic *q)
{
    if (is_asked(q) && !q->steps_told && wt_keyring_make(q->o, q->c->tls))
        tell_initials(q);
}
