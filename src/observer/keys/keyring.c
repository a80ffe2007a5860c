/* Where a connection's keys come from: the store's logs, private keys and PSKs, and sessions made before. Up to TLS 1.2
 * here, TLS 1.3 in keyring13.c. */
#include "base/memory.h"
#include "base/recent.h"
#include "base/span_hash.h"
#include "http/http.h"
#include "observer/keys/opener.h"
#include "observer/keys/why.h"
#include "observer/state.h"

#include <stdlib.h>

/* --- the connection's own ------------------------------------------------------------------------------------------
 */

static void opener_free(struct wt_opener *op)
{
    wt_record_protector_free(op->now);
    wt_record_protector_free(op->next);
    wt_opener_finish_digest(op);
    wt_hash_free(op->digest);
    wt_buffer_wipe(&op->partial);
}

void wt_keyring_free(struct wt_keyring *s)
{
    if (!s)
        return;
    if (s->forgets) {
        wt_keys_forget(s->forgets, s->client_random);
        wt_crypto_wipe_scratch(s->crypto);
    }
    opener_free(&s->by[0]);
    opener_free(&s->by[1]);
    wt_http_free(s->http);
    wt_buffer_wipe(&s->early);
    wt_arena_free(&s->exchanges);
    wt_arena_wipe(&s->told);
    wt_wipe(s, sizeof *s);
    free(s);
}

/* All that the store holds for this ClientHello, for `key_log`. */
static void lines(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_secret secret;
    for (unsigned label = 0; label < WT_LABEL_COUNT && o->options.keep_secrets; label++)
        if (label != WT_LABEL_RSA && label != WT_LABEL_SESSION &&
            wt_keylog_find(wt_keys_keylog(o->options.keys), (enum wt_label)label,
                           wt_span_of(tls->handshake->common.agreed.offered.random, 32), &secret))
            wt_keyring_line(o, tls, (enum wt_label)label, secret.bytes);
}

/* Early data pass before an endpoint that logs its secrets has any: they are counted all the same. */
static bool has_early(const struct wt_tls *tls)
{
    return wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED) && tls->flow.state[WT_CLIENT] == WT_STATE_C_FLIGHT;
}

/* Whether the store may hold something for this handshake. Private keys and PSKs may fit any. */
static bool may_open(const struct wt_observer *o, const struct wt_tls *tls)
{
    const struct wt_tls_handshake *hs = tls->handshake;
    struct wt_keys_count count = wt_keys_count(o->options.keys);
    if (!hs || hs->common.agreed.offered.random_length != 32)
        return false;
    return wt_keylog_has(wt_keys_keylog(o->options.keys), hs->common.agreed.offered.random) || count.rsa_keys ||
           count.sm2_keys || count.psks || count.secrets || has_early(tls);
}

size_t wt_keyring_bytes(const struct wt_keyring *keys)
{
    const size_t http = keys->http ? wt_http_bytes(keys->http) : 0;
    return sizeof *keys + keys->told.used + keys->exchanges.used + keys->early.cap + http;
}

struct wt_keyring *wt_keyring_make(struct wt_observer *o, struct wt_tls *tls)
{
    if (tls->keys)
        return tls->keys;
    struct wt_keyring *s = wt_calloc(1, sizeof *s);
    if (!s || (!o->record && !(o->record = wt_malloc(WT_LIMIT_RECORD)))) {
        free(s);
        return NULL;
    }
    s->exchanges.limit = WT_LIMIT_MESSAGE_BYTES;
    s->forgets = o->options.forget_secrets ? o->options.keys : NULL;
    s->crypto = o->crypto;
    s->last_step = &s->steps;
    s->last_record_step = &s->record_steps;
    if (tls->handshake)
        memcpy(s->client_random, tls->handshake->common.agreed.offered.random, sizeof s->client_random);
    s->by[0].epoch = s->by[1].epoch = WT_EPOCH_HANDSHAKE;
    /* Early data that were refused may go on until the client hears of it (RFC 8446, 4.2.10). */
    if (has_early(tls))
        s->by[WT_CLIENT].epoch = WT_EPOCH_EARLY;
    return tls->keys = s;
}

void wt_keyring_turn(struct wt_keyring *s)
{
    const struct wt_opener opener = s->by[0];
    s->by[0] = s->by[1];
    s->by[1] = opener;
}

static void count_fit(struct wt_observer *o, struct wt_tls *tls)
{
    if (tls->keys->in_log ||
        !wt_keylog_has(wt_keys_keylog(o->options.keys), tls->handshake->common.agreed.offered.random))
        return;
    tls->keys->in_log = true;
    o->fits.connections++;
}

bool wt_keyring_awaited(const struct wt_observer *o)
{
    return o->options.keys && wt_keys_may_open(o->options.keys);
}

struct wt_keyring *wt_keyring_of(struct wt_observer *o, struct wt_tls *tls)
{
    if (!wt_keyring_awaited(o))
        return NULL;
    if (!tls->handshake)
        return tls->keys;
    /* Asked again only when the store has grown: key logs may lag behind the packets of a live capture. */
    uint32_t now = (uint32_t)wt_keys_count(o->options.keys).secrets + 1;
    if (tls->asked == now)
        return tls->keys;
    tls->asked = now;
    if (!tls->keys && !may_open(o, tls))
        return NULL;
    if (wt_keyring_make(o, tls)) {
        count_fit(o, tls);
        lines(o, tls);
    }
    return tls->keys;
}

void wt_keyring_hello(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_keyring *s = tls->keys;
    if (!s)
        return;
    const uint8_t *const random = tls->handshake->common.agreed.offered.random;
    if (s->forgets && memcmp(s->client_random, random, sizeof s->client_random) != 0)
        wt_keys_forget(s->forgets, s->client_random); /* keys in use are made */
    memcpy(s->client_random, random, sizeof s->client_random);
    s->has_master = false;
    s->lines = 0;
    lines(o, tls);
    for (unsigned d = 0; d < 2; d++) {
        wt_record_protector_free(s->by[d].next);
        s->by[d].next = NULL;
    }
}

/* --- sessions ------------------------------------------------------------------------------------------------------
 */

/* Each that has a place has room, and one more; what has moved is wiped. */
static bool room_for_one(struct wt_observer *o)
{
    enum { LEAST = 16 };
    const size_t used = wt_recent_count(o->secret_places), room = used ? 2 * used : LEAST;
    if (used < o->session_secret_room || used == WT_LIMIT_SESSIONS)
        return true;
    struct wt_session_secret *old = o->session_secrets, *list = wt_calloc(room, sizeof *list);
    if (!list)
        return false;
    if (old) {
        memcpy(list, old, used * sizeof *list);
        wt_wipe(old, used * sizeof *list);
        free(old);
    }
    o->session_secrets = list;
    o->session_secret_room = room;
    return true;
}

void wt_keyring_remember(struct wt_observer *o, uint64_t hash, struct wt_span secret, uint8_t source)
{
    if (!hash || secret.n > WT_DIGEST_MOST)
        return;
    if (!wt_recent_ensure(&o->secret_places, WT_LIMIT_SESSIONS))
        return;
    if (!room_for_one(o))
        return;
    bool is_new;
    struct wt_session_secret *slot = &o->session_secrets[wt_recent_take(o->secret_places, hash, &is_new)];
    *slot = (struct wt_session_secret){.length = (uint8_t)secret.n, .source = source};
    memcpy(slot->bytes, secret.p, secret.n);
}

const struct wt_session_secret *wt_keyring_recall(const struct wt_observer *o, uint64_t hash)
{
    const uint32_t at = hash ? wt_recent_find(o->secret_places, hash) : WT_RECENT_NONE;
    return at == WT_RECENT_NONE ? NULL : &o->session_secrets[at];
}

/* RFC 5246, F.1.4: a resumed session keeps its master secret: what opens this connection opens its resumptions. */
void wt_keyring_session(struct wt_observer *o, struct wt_tls *tls)
{
    const struct wt_keyring *s = tls->keys;
    if (!s || !s->has_master || !tls->handshake)
        return;
    for (unsigned i = 0; i < 2; i++)
        wt_keyring_remember(o, tls->handshake->made[i], wt_span_of(s->master, WT_MASTER), s->source);
}

/* --- the master secret -----------------------------------------------------------------------------------------------
 */

static void why(struct wt_keyring *s, enum wt_why why, uint64_t a, uint64_t b)
{
    for (unsigned d = 0; d < 2; d++) {
        s->by[d].why = (uint8_t)why;
        s->by[d].why_a = a;
        s->by[d].why_b = b;
    }
}

static bool from_premaster(struct wt_observer *o, struct wt_tls *tls, struct wt_span premaster, uint8_t source)
{
    struct wt_keyring *s = tls->keys;
    struct wt_step_sink sink;
    switch (wt_keys12_master(&tls->handshake->common, premaster, wt_keyring_steps(&sink, o, tls, 2), s->master)) {
    case WT_KEYS_OK:
        s->source = source;
        return true;
    case WT_KEYS_TRANSCRIPT:
        why(s, WT_WHY_TRANSCRIPT, 0, 0);
        return false;
    default:
        return false;
    }
}

/* The ClientKeyExchange of this handshake; NULL without. */
static const struct wt_client_key_exchange *client_keys(const struct wt_tls *tls)
{
    const struct wt_messages *m = &tls->handshake->common.messages;
    const struct wt_codec_context context = wt_handshake_context(&tls->handshake->common, WT_CLIENT);
    size_t at = wt_messages_find(m, WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE);
    const struct wt_message_body *body = at != SIZE_MAX ? wt_messages_body(m, at, &context) : NULL;
    return body ? &body->client_key_exchange : NULL;
}

static bool from_private_key(struct wt_observer *o, struct wt_tls *tls, const struct wt_client_key_exchange *keys)
{
    const bool sm2 = tls->agreed.kx == WT_KX_SM2;
    uint8_t premaster[48];
    if (!keys->encrypted_premaster.n || tls->agreed.kx == WT_KX_RSA_PSK || !wt_keyring_has_private(o, tls))
        return false;
    if (!wt_keyring_decrypt(o, tls, keys->encrypted_premaster, premaster)) {
        why(tls->keys, WT_WHY_RSA, 0, 0);
        return false;
    }
    bool ok = from_premaster(o, tls, wt_span_of(premaster, 48), sm2 ? WT_SOURCE_SM2_KEY : WT_SOURCE_RSA_KEY);
    wt_wipe(premaster, sizeof premaster);
    return ok;
}

/* RFC 4279: plain PSK, and RSA_PSK with the server's private key beside. DHE_PSK and ECDHE_PSK need the exchanged
 * secret. Which of several keys is right shows when the Finished opens; the identity decides before that. */
static bool from_psk(struct wt_observer *o, struct wt_tls *tls, const struct wt_client_key_exchange *keys)
{
    uint8_t other[48], premaster[4 + 2 * WT_LIMIT_PSK];
    struct wt_span psk;
    size_t n = tls->agreed.kx == WT_KX_RSA_PSK ? 48 : 0;
    if ((tls->agreed.kx != WT_KX_PSK && tls->agreed.kx != WT_KX_RSA_PSK) ||
        !wt_keys_psk(o->options.keys, keys->psk_identity, 0, &psk))
        return false;
    if (n && !wt_keyring_decrypt(o, tls, keys->encrypted_premaster, other)) {
        why(tls->keys, WT_WHY_RSA, 0, 0);
        return false;
    }
    n = wt_psk_premaster(psk, wt_span_of(other, n), premaster, sizeof premaster);
    bool ok = n && from_premaster(o, tls, wt_span_of(premaster, n), WT_SOURCE_PSK);
    wt_wipe(other, sizeof other);
    wt_wipe(premaster, sizeof premaster);
    return ok;
}

static bool from_log(struct wt_observer *o, struct wt_tls *tls, const struct wt_client_key_exchange *keys)
{
    const struct wt_keylog *log = wt_keys_keylog(o->options.keys);
    struct wt_span random = wt_span_of(tls->handshake->common.agreed.offered.random, 32);
    struct wt_secret secret;
    const unsigned again = tls->agreed.renegotiations;
    const bool later = again && again <= WT_KEYLOG_MASTERS &&
                       wt_keylog_find(log, (enum wt_label)(WT_LABEL_MASTER_AGAIN + again - 1), random, &secret);
    if ((later || wt_keylog_find(log, WT_LABEL_MASTER, random, &secret)) && secret.bytes.n == WT_MASTER) {
        memcpy(tls->keys->master, secret.bytes.p, WT_MASTER);
        tls->keys->source = secret.source;
        return true;
    }
    if (wt_keylog_find(log, WT_LABEL_PREMASTER, random, &secret))
        return from_premaster(o, tls, secret.bytes, secret.source);
    return keys && keys->encrypted_premaster.n >= 8 &&
           wt_keylog_find(log, WT_LABEL_RSA, wt_span_cut(keys->encrypted_premaster, 0, 8), &secret) &&
           from_premaster(o, tls, secret.bytes, secret.source);
}

static bool from_session(struct wt_observer *o, struct wt_tls *tls)
{
    const struct wt_offered *offered = &tls->handshake->common.agreed.offered;
    const struct wt_chosen *chosen = &tls->handshake->common.agreed.chosen;
    const struct wt_session_secret *session = NULL;
    struct wt_secret secret;
    if (chosen->session_id_length &&
        wt_keylog_find(wt_keys_keylog(o->options.keys), WT_LABEL_SESSION,
                       wt_span_of(chosen->session_id, chosen->session_id_length), &secret)) {
        memcpy(tls->keys->master, secret.bytes.p, WT_MASTER);
        tls->keys->source = secret.source;
        return true;
    }
    if (!wt_flow_has(&tls->flow, WT_FACT_RESUMED))
        return false;
    if (offered->ticket)
        session = wt_keyring_recall(o, offered->session_ticket);
    if (!session && offered->session_id_length)
        session = wt_keyring_recall(o, wt_span_hash(wt_span_of(offered->session_id, offered->session_id_length)));
    if (!session || session->length != WT_MASTER)
        return false;
    memcpy(tls->keys->master, session->bytes, WT_MASTER);
    tls->keys->source = session->source;
    return true;
}

/* A private key or PSK was given that would fit, were it not for a secret that both sides made anew. */
static bool is_fresh(const struct wt_observer *o, const struct wt_tls *tls)
{
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)tls->agreed.kx);
    struct wt_keys_count count = wt_keys_count(o->options.keys);
    return kx && kx->forward_secret && (count.rsa_keys || count.sm2_keys || count.psks);
}

static bool find_master(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_keyring *s = tls->keys;
    if (s->has_master)
        return true;
    const struct wt_client_key_exchange *keys = client_keys(tls);
    why(s, WT_WHY_NO_SECRET, 0, 0);
    s->has_master = from_log(o, tls, keys) || from_session(o, tls) ||
                    (keys && (from_private_key(o, tls, keys) || from_psk(o, tls, keys)));
    if (!s->has_master && s->by[0].why == WT_WHY_NO_SECRET) {
        if (is_fresh(o, tls))
            why(s, WT_WHY_FRESH, 0, 0);
        else if (wt_keyring_has_private(o, tls) && wt_flow_has(&tls->flow, WT_FACT_RESUMED))
            why(s, WT_WHY_RESUMED, 0, 0);
    }
    if (!s->has_master)
        return false;
    why(s, WT_WHY_NONE, 0, 0);
    wt_keyring_line(o, tls, WT_LABEL_MASTER, wt_span_of(s->master, WT_MASTER));
    wt_keyring_session(o, tls);
    return true;
}

bool wt_keyring_master(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_terms terms;
    return wt_keyring_of(o, tls) && tls->handshake && !wt_tls_is_13(tls) &&
           wt_keys12_terms(&tls->handshake->common, NULL, &terms) == WT_KEYS_OK && find_master(o, tls);
}

/* Both directions' protectors wait for their ChangeCipherSpec. */
static bool make_keys12(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_keyring *s = tls->keys;
    const struct wt_handshake *h = tls->handshake ? &tls->handshake->common : NULL;
    struct wt_side_keys keys[2];
    struct wt_step_sink sink;
    struct wt_terms terms;
    enum wt_keys_error error = h ? wt_keys12_terms(h, NULL, &terms) : WT_KEYS_NO_HELLO;
    if (error == WT_KEYS_OK) {
        if (!find_master(o, tls))
            return false;
        error = wt_keys12_keys(h, s->master, wt_keyring_steps(&sink, o, tls, 2), keys);
    }
    for (unsigned d = 0; d < 2 && error == WT_KEYS_OK; d++) {
        struct wt_error why_not;
        wt_record_protector_free(s->by[d].next);
        s->by[d].next = wt_record_protector_new(o->crypto, &keys[d].how, false, &why_not);
        if (!s->by[d].next)
            error = WT_KEYS_UNSUPPORTED;
    }
    wt_wipe(keys, sizeof keys);
    if (error != WT_KEYS_OK)
        why(s, error == WT_KEYS_NO_HELLO ? WT_WHY_NO_HELLO : WT_WHY_CIPHER, 0, 0);
    return error == WT_KEYS_OK;
}

/* Keys that came late: only where a record's number is all that its protection hangs on can opening begin in the
 * middle. */
static bool catch_up(struct wt_opener *op)
{
    op->now = op->next;
    op->next = NULL;
    if (!op->passed)
        return true;
    op->why = WT_WHY_LATE;
    op->why_a = op->passed;
    op->stopped = !wt_record_protector_set_sequence(op->now, op->passed);
    return !op->stopped;
}

bool wt_keyring_prepare12(struct wt_observer *o, struct wt_tls *tls, unsigned side)
{
    struct wt_opener *op = &tls->keys->by[side];
    if (!op->next && !make_keys12(o, tls))
        return false;
    return catch_up(op);
}

/* RFC 5246, 7.1: "The ChangeCipherSpec message is sent … to notify the receiving party that subsequent records will be
 * protected under the newly negotiated CipherSpec and keys." */
void wt_keyring_change(struct wt_observer *o, struct wt_tls *tls, unsigned side)
{
    struct wt_keyring *s = wt_keyring_of(o, tls);
    if (!s)
        return;
    struct wt_opener *op = &s->by[side];
    wt_record_protector_free(op->now);
    op->now = NULL;
    op->passed = 0;
    op->epoch = WT_EPOCH_TRAFFIC;
    op->failures_in_row = 0;
    if (!op->stopped && (op->next || make_keys12(o, tls))) {
        op->now = op->next;
        op->next = NULL;
    }
}

void wt_keyring_gap(struct wt_tls *tls, unsigned side, uint64_t n)
{
    struct wt_opener *op = tls->keys ? &tls->keys->by[side] : NULL;
    if (!op || op->stopped)
        return;
    wt_opener_lost(tls, side);
    op->stopped = true;
    op->why = WT_WHY_GAP;
    op->why_a = n;
    op->why_b = wt_tls_record_count(tls, side) + 1u;
    op->partial.n = 0;
}
