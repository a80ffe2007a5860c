#include "observer/quic/opener.h"

#include "base/memory.h"
#include "observer/keys/keyring.h"
#include "observer/quic/steps.h"

#include <stdlib.h>

enum { VERSION_1 = 1 };
enum { AES_128_GCM_SHA256 = 0x1301 }; /* RFC 9001, 5: "Initial packets ... use AEAD_AES_128_GCM" */

static void protectors_free(struct wt_quic_opener *k)
{
    wt_protector_free(k->now);
    wt_protector_free(k->before);
    wt_protector_free(k->next);
    k->now = k->before = k->next = NULL;
}

void wt_quic_opener_free(struct wt_quic_opener *k)
{
    if (!k)
        return;
    protectors_free(k);
    wt_mask_free(k->mask);
    wt_wipe(k, sizeof *k);
    free(k);
}

/* --- out of a secret ---------------------------------------------------------------------------------------------- */

static bool schedule_of(const struct wt_quic *q, const struct wt_suite *suite, struct wt_schedule *s)
{
    return wt_schedule_start(s, q->o->crypto, (enum wt_hash_id)suite->prf, WT_TLS13, NULL);
}

static struct wt_protector *protector_of(struct wt_crypto *crypto, const struct wt_suite *suite,
                                         const struct wt_quic_keys *keys)
{
    return wt_quic_protector_new(crypto, suite, wt_span_of(keys->key, keys->length), wt_span_of(keys->iv, WT_QUIC_IV),
                                 false, NULL);
}

/* NULL: the suite has another hash than the secret, libcrypto lacks its cipher, or it is none for QUIC. */
static struct wt_quic_opener *opener_of(const struct wt_quic *q, const struct wt_quic_version *row,
                                        const struct wt_suite *suite, struct wt_span secret)
{
    const struct wt_cipher *cipher = suite ? wt_cipher_of((enum wt_cipher_id)suite->cipher) : NULL;
    struct wt_quic_keys keys;
    struct wt_schedule s;
    if (!cipher || !row || !schedule_of(q, suite, &s) || s.length != secret.n ||
        !wt_quic_keys_of(&s, row, secret, cipher->key, &keys))
        return NULL;
    struct wt_quic_opener *k = wt_calloc(1, sizeof *k);
    if (k) {
        k->crypto = q->o->crypto;
        k->row = k->updating = row;
        k->suite = suite;
        memcpy(k->secret, secret.p, secret.n);
        k->secret_length = (uint8_t)secret.n;
        k->mask = wt_mask_new(q->o->crypto, (enum wt_cipher_id)suite->cipher, wt_span_of(keys.hp, keys.length));
        k->now = protector_of(q->o->crypto, suite, &keys);
    }
    wt_wipe(&keys, sizeof keys);
    if (k && k->mask && k->now)
        return k;
    wt_quic_opener_free(k);
    return NULL;
}

/* --- Initial packets ---------------------------------------------------------------------------------------------- */

/* Connections whose Initial keys are there: the oldest gives its own up for the newest. */
struct wt_quic_live {
    struct wt_quic *of[WT_LIMIT_QUIC_INITIAL_KEYS];
    uint32_t next;
};

void wt_quic_opener_drop_initial(struct wt_quic *q)
{
    for (unsigned side = 0; side < 2; side++) {
        wt_quic_opener_free(q->side[side].opener[WT_LEVEL_INITIAL]);
        wt_quic_opener_free(q->side[side].other);
        q->side[side].opener[WT_LEVEL_INITIAL] = q->side[side].other = NULL;
    }
    if (q->has_live)
        q->o->quic_live->of[q->live] = NULL;
    q->has_live = false;
    q->initial_row = NULL;
}

void wt_quic_opener_hand_over(struct wt_quic *q, struct wt_quic *other)
{
    wt_quic_opener_drop_initial(q);
    for (unsigned side = 0; side < 2; side++) {
        q->side[side].opener[WT_LEVEL_INITIAL] = other->side[side].opener[WT_LEVEL_INITIAL];
        q->side[side].other = other->side[side].other;
        other->side[side].opener[WT_LEVEL_INITIAL] = other->side[side].other = NULL;
    }
    q->initial_row = other->initial_row;
    memcpy(q->initial_secret, other->initial_secret, sizeof q->initial_secret);
    q->has_live = other->has_live;
    q->live = other->live;
    if (q->has_live)
        q->o->quic_live->of[q->live] = q;
    other->has_live = false;
}

void wt_quic_opener_forget(struct wt_observer *o)
{
    free(o->quic_live);
    o->quic_live = NULL;
}

static bool take_live(struct wt_quic *q)
{
    struct wt_quic_live *live = q->o->quic_live;
    if (q->has_live)
        return true;
    if (!live && !(q->o->quic_live = live = wt_calloc(1, sizeof *live)))
        return false;
    const uint32_t at = live->next++ % WT_LIMIT_QUIC_INITIAL_KEYS;
    if (live->of[at])
        wt_quic_opener_drop_initial(live->of[at]);
    live->of[at] = q;
    q->live = at;
    q->has_live = true;
    return true;
}

static struct wt_quic_opener *make_initial(struct wt_quic *q, unsigned from, const struct wt_quic_version *row)
{
    const struct wt_suite *suite = wt_suite_find(AES_128_GCM_SHA256);
    uint8_t(*secret)[32] = q->initial_secret;
    struct wt_schedule s;
    if (q->initial_row != row)
        q->initial_row = schedule_of(q, suite, &s) && wt_quic_initial_secrets(&s, row, wt_quic_cid_span(&q->initial),
                                                                              secret[WT_CLIENT], secret[WT_SERVER])
                             ? row
                             : NULL;
    return q->initial_row ? opener_of(q, row, suite, wt_span_of(secret[from], sizeof secret[from])) : NULL;
}

struct wt_quic_opener *wt_quic_opener_initial(struct wt_quic *q, unsigned from, const struct wt_quic_version *row)
{
    struct wt_quic_side *side = &q->side[from];
    struct wt_quic_opener *k = side->opener[WT_LEVEL_INITIAL];
    if (k && k->row == row)
        return k;
    if (side->other && side->other->row == row) { /* the version changes under way: RFC 9368, 4 */
        side->opener[WT_LEVEL_INITIAL] = side->other;
        side->other = k;
        return side->opener[WT_LEVEL_INITIAL];
    }
    if (!take_live(q) || !(k = make_initial(q, from, row)))
        return NULL;
    wt_quic_opener_free(side->other);
    side->other = side->opener[WT_LEVEL_INITIAL];
    return side->opener[WT_LEVEL_INITIAL] = k;
}

/* --- the handshake's secrets -------------------------------------------------------------------------------------- */

bool wt_quic_opener_may_come(const struct wt_quic *q, enum wt_quic_level level)
{
    const struct wt_tls *tls = q->c->tls;
    const uint64_t need = level == WT_LEVEL_0RTT ? WT_FACT_CLIENT_HELLO : WT_FACT_SERVER_HELLO;
    return wt_keyring_awaited(q->o) && (tls->keys || !wt_flow_has(&tls->flow, need));
}

static bool has_asked(struct wt_quic *q, unsigned from, enum wt_quic_level level)
{
    const uint32_t now = (uint32_t)wt_keys_count(q->o->options.keys).secrets + 1;
    const bool asked = q->side[from].asked[level] == now;
    q->side[from].asked[level] = now;
    return asked;
}

struct wt_quic_opener *wt_quic_opener_of(struct wt_quic *q, unsigned from, enum wt_quic_level level,
                                         const struct wt_quic_version *row)
{
    struct wt_quic_opener *k = q->side[from].opener[level];
    struct wt_tls *tls = q->c->tls;
    uint8_t secret[WT_DIGEST_MOST];
    if (k)
        return k;
    if (!wt_keyring_awaited(q->o) || !wt_flow_has(&tls->flow, WT_FACT_SERVER_HELLO) || !tls->agreed.has_suite ||
        !wt_keyring_of(q->o, tls) || has_asked(q, from, level))
        return NULL;
    const size_t n = wt_keyring_traffic(q->o, tls, from,
                                        level == WT_LEVEL_HANDSHAKE ? WT_EPOCH_HANDSHAKE : WT_EPOCH_TRAFFIC, secret);
    if (n)
        k = opener_of(q, row, wt_suite_find(tls->agreed.suite), wt_span_of(secret, n));
    wt_wipe(secret, sizeof secret);
    if (k)
        wt_quic_steps_keys(q, from, k);
    return q->side[from].opener[level] = k;
}

struct wt_quic_opener *wt_quic_opener_early(struct wt_quic *q, const struct wt_quic_version *row, size_t *i)
{
    struct wt_tls *tls = q->c->tls;
    struct wt_quic_opener *k = NULL;
    const struct wt_suite *suite;
    uint8_t secret[WT_DIGEST_MOST];
    size_t n;
    if (!wt_keyring_awaited(q->o) || !wt_flow_has(&tls->flow, WT_FACT_CLIENT_HELLO) || !wt_keyring_of(q->o, tls))
        return NULL;
    while (!k && (n = wt_keyring_early(q->o, tls, (*i)++, &suite, secret)))
        k = opener_of(q, row, suite, wt_span_of(secret, n));
    wt_wipe(secret, sizeof secret);
    return k;
}

/* --- key updates -------------------------------------------------------------------------------------------------- */

/* RFC 9001, 6.1: "The header protection key is not updated." */
bool wt_quic_opener_ahead(struct wt_quic_opener *k, unsigned n, struct wt_protector **ahead,
                          uint8_t secret[WT_DIGEST_MOST])
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)k->suite->cipher);
    struct wt_quic_keys keys;
    struct wt_schedule s;
    *ahead = NULL;
    memcpy(secret, k->secret, WT_DIGEST_MOST);
    if (!wt_schedule_start(&s, k->crypto, (enum wt_hash_id)k->suite->prf, WT_TLS13, NULL))
        return false;
    for (unsigned i = 0; i < n; i++)
        if (!wt_quic_update(&s, k->updating, secret))
            return false;
    if (wt_quic_keys_of(&s, k->row, wt_span_of(secret, s.length), cipher->key, &keys))
        *ahead = protector_of(k->crypto, k->suite, &keys);
    wt_wipe(&keys, sizeof keys);
    return *ahead != NULL;
}

struct wt_protector *wt_quic_opener_next(struct wt_quic_opener *k)
{
    uint8_t secret[WT_DIGEST_MOST];
    if (!k->next)
        (void)wt_quic_opener_ahead(k, 1, &k->next, secret);
    wt_wipe(secret, sizeof secret);
    return k->next;
}

bool wt_quic_opener_relabel(struct wt_quic_opener *k)
{
    if (!k->row->v2 || k->updated)
        return false;
    k->updating = k->updating == k->row ? wt_quic_version_find(VERSION_1) : k->row;
    wt_protector_free(k->next);
    k->next = NULL;
    return true;
}

void wt_quic_opener_jump(struct wt_quic_opener *k, unsigned n, struct wt_protector *ahead,
                         const uint8_t secret[WT_DIGEST_MOST], uint64_t number)
{
    wt_protector_free(k->before);
    k->before = n == 1 ? k->now : NULL;
    if (n != 1)
        wt_protector_free(k->now);
    if (k->next != ahead)
        wt_protector_free(k->next);
    k->next = NULL;
    k->now = ahead;
    k->updated = true;
    memcpy(k->secret, secret, WT_DIGEST_MOST);
    k->phase ^= n & 1;
    k->first = number;
}

bool wt_quic_opener_step(struct wt_quic_opener *k, uint64_t number)
{
    uint8_t secret[WT_DIGEST_MOST];
    struct wt_schedule s;
    memcpy(secret, k->secret, sizeof secret);
    const bool done = wt_schedule_start(&s, k->crypto, (enum wt_hash_id)k->suite->prf, WT_TLS13, NULL) &&
                      wt_quic_update(&s, k->updating, secret);
    if (done)
        wt_quic_opener_jump(k, 1, k->next, secret, number);
    wt_wipe(secret, sizeof secret);
    return done;
}
