/* TLS 1.3's secrets of a connection: out of a key log by their labels, or out of a PSK by the schedule (RFC 8446, 7.1).
 */
#include "base/span_hash.h"
#include "handshake/proofs.h"
#include "observer/keys/opener.h"
#include "observer/keys/why.h"
#include "observer/state.h"

/* --- PSKs -------------------------------------------------------------------------------------------------------- */

bool wt_keyring_psk(struct wt_observer *o, struct wt_span identity, struct wt_span *psk, bool *external)
{
    const struct wt_session_secret *session = wt_keyring_recall(o, wt_span_hash(identity));
    *external = !session;
    if (session) {
        *psk = wt_span_of(session->bytes, session->length);
        return true;
    }
    return o->options.keys && wt_keys_psk(o->options.keys, identity, 0, psk);
}

/* The ClientHello that the schedule goes on from: the newest. SIZE_MAX when it was not kept. */
static size_t client_hello(const struct wt_tls *tls)
{
    return wt_messages_find(&tls->handshake->common.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
}

/* The PSK of the i-th identity that the client offers. */
static bool offered_psk(struct wt_observer *o, const struct wt_tls *tls, unsigned i, struct wt_span *psk)
{
    struct wt_span identity, binder;
    bool external;
    size_t at = client_hello(tls);
    return at != SIZE_MAX && wt_proofs_identity(&tls->handshake->common, at, i, &identity, &binder) &&
           wt_keyring_psk(o, identity, psk, &external);
}

/* What the schedule begins with where no (EC)DHE secret goes in: psk_ke (RFC 8446, 4.2.9), or early data, which are
 * before it. */
static bool input(struct wt_observer *o, const struct wt_tls *tls, enum wt_epoch epoch, struct wt_keys13_input *in)
{
    const struct wt_chosen *c = &tls->handshake->common.agreed.chosen;
    *in = (struct wt_keys13_input){0};
    if (epoch == WT_EPOCH_EARLY)
        return offered_psk(o, tls, 0, &in->psk);
    return !c->has_share && c->has_psk && offered_psk(o, tls, c->psk, &in->psk);
}

/* Its steps go to `sink`. */
static bool schedule(struct wt_observer *o, struct wt_tls *tls, struct wt_step_sink *sink, struct wt_schedule *s)
{
    return wt_keys13_schedule(&tls->handshake->common, wt_keyring_steps(sink, o, tls, 2), s);
}

static size_t from_psk(struct wt_observer *o, struct wt_tls *tls, const struct wt_schedule *s, unsigned side,
                       enum wt_epoch epoch, uint8_t secret[WT_DIGEST_MOST])
{
    struct wt_keys13_input in;
    return input(o, tls, epoch, &in) ? wt_keys13_traffic(&tls->handshake->common, s, &in, side, epoch, secret) : 0;
}

void wt_keyring_ticket13(struct wt_observer *o, struct wt_tls *tls, struct wt_span ticket, struct wt_span nonce)
{
    struct wt_step_sink sink;
    struct wt_schedule s;
    struct wt_keys13_input in;
    uint8_t psk[WT_DIGEST_MOST];
    if (!tls->keys || !tls->handshake || !schedule(o, tls, &sink, &s) || !input(o, tls, WT_EPOCH_TRAFFIC, &in))
        return;
    size_t n = wt_keys13_ticket(&tls->handshake->common, &s, &in, nonce, psk);
    if (n)
        wt_keyring_remember(o, wt_span_hash(ticket), wt_span_of(psk, n), WT_SOURCE_PSK);
    wt_wipe(psk, sizeof psk);
}

/* --- traffic secrets ------------------------------------------------------------------------------------------------
 */

/* The secret of any length that the log holds for the epoch. */
static bool logged(struct wt_observer *o, const struct wt_tls *tls, unsigned side, enum wt_epoch epoch,
                   struct wt_secret *out)
{
    enum wt_label label = wt_keys13_label(side, epoch);
    return label < WT_LABEL_COUNT && wt_keylog_find(wt_keys_keylog(o->options.keys), label,
                                                    wt_span_of(tls->handshake->common.agreed.offered.random, 32), out);
}

static void note_why(struct wt_tls *tls, unsigned side, enum wt_why why, uint8_t label, uint64_t a, uint64_t b)
{
    struct wt_opener *op = &tls->keys->by[side];
    op->why = (uint8_t)why;
    op->label = label;
    op->why_a = a;
    op->why_b = b;
}

static size_t traffic(struct wt_observer *o, struct wt_tls *tls, const struct wt_schedule *s, unsigned side,
                      enum wt_epoch epoch, uint8_t secret[WT_DIGEST_MOST])
{
    struct wt_secret found;
    if (logged(o, tls, side, epoch, &found)) {
        if (found.bytes.n != s->length) {
            note_why(tls, side, WT_WHY_LENGTH, (uint8_t)wt_keys13_label(side, epoch), found.bytes.n, s->length);
            return 0;
        }
        memcpy(secret, found.bytes.p, found.bytes.n);
        tls->keys->source = found.source;
        return found.bytes.n;
    }
    size_t n = from_psk(o, tls, s, side, epoch, secret);
    if (n) {
        tls->keys->source = WT_SOURCE_PSK;
        wt_keyring_line(o, tls, wt_keys13_label(side, epoch), wt_span_of(secret, n));
        return n;
    }
    const struct wt_chosen *c = &tls->handshake->common.agreed.chosen;
    struct wt_span psk;
    if (c->has_psk && c->has_share && epoch != WT_EPOCH_EARLY && offered_psk(o, tls, c->psk, &psk)) {
        note_why(tls, side, WT_WHY_FRESH, 0, 0, 0);
        return 0;
    }
    bool any = wt_keylog_has(wt_keys_keylog(o->options.keys), tls->handshake->common.agreed.offered.random);
    struct wt_keys_count given = wt_keys_count(o->options.keys);
    if (!any && c->has_share && epoch != WT_EPOCH_EARLY && (given.rsa_keys || given.sm2_keys)) {
        note_why(tls, side, WT_WHY_FRESH, 0, 0, 0); /* RFC 8446, 7.1: no private key goes into the schedule */
        return 0;
    }
    note_why(tls, side, any ? WT_WHY_NO_LABEL : WT_WHY_NO_SECRET, (uint8_t)wt_keys13_label(side, epoch), 0, 0);
    return 0;
}

size_t wt_keyring_traffic(struct wt_observer *o, struct wt_tls *tls, unsigned side, enum wt_epoch epoch,
                          uint8_t secret[WT_DIGEST_MOST])
{
    struct wt_step_sink sink;
    struct wt_schedule s;
    if (!tls->keys || !tls->handshake || !schedule(o, tls, &sink, &s))
        return 0;
    return traffic(o, tls, &s, side, epoch, secret);
}

static struct wt_record_protector *protector(struct wt_observer *o, struct wt_tls *tls, const struct wt_schedule *s,
                                             const struct wt_suite *suite, unsigned side, struct wt_span secret)
{
    struct wt_schedule reported = *s;
    struct wt_step_sink sink;
    struct wt_side_keys keys;
    struct wt_error error;
    reported.steps = wt_keyring_steps(&sink, o, tls, side);
    if (!wt_keys13_keys(&reported, suite, secret, &keys))
        return NULL;
    struct wt_record_protector *p = wt_record_protector_new(o->crypto, &keys.how, false, &error);
    wt_wipe(&keys, sizeof keys);
    if (!p)
        note_why(tls, side, WT_WHY_CIPHER, 0, 0, 0);
    return p;
}

/* Early data are under the PSK's suite before any ServerHello names it (RFC 8446, 4.2.10). */
static const struct wt_suite *early_suite(const struct wt_tls *tls, size_t i, size_t length)
{
    const struct wt_messages *m = &tls->handshake->common.messages;
    size_t at = client_hello(tls);
    return at == SIZE_MAX || m->list[at]->code != WT_OK || m->list[at]->headless
               ? NULL
               : wt_keys13_early_suite(&m->list[at]->body.client_hello, i, length);
}

/* What is started for it: the schedule of the i-th suite. */
static const struct wt_suite *start_early(struct wt_observer *o, struct wt_tls *tls, size_t i,
                                          struct wt_step_sink *sink, struct wt_schedule *s)
{
    struct wt_secret found = {0};
    bool have = logged(o, tls, WT_CLIENT, WT_EPOCH_EARLY, &found);
    const struct wt_suite *suite = early_suite(tls, i, have ? found.bytes.n : 0);
    uint16_t version = wt_version_is_tls13(tls->agreed.version) ? tls->agreed.version : tls->agreed.offered;
    return suite && wt_schedule_start(s, o->crypto, (enum wt_hash_id)suite->prf, version,
                                      wt_keyring_steps(sink, o, tls, 2))
               ? suite
               : NULL;
}

size_t wt_keyring_early(struct wt_observer *o, struct wt_tls *tls, size_t i, const struct wt_suite **suite,
                        uint8_t secret[WT_DIGEST_MOST])
{
    struct wt_step_sink sink;
    struct wt_schedule s;
    *suite = tls->keys && tls->handshake ? start_early(o, tls, i, &sink, &s) : NULL;
    return *suite ? traffic(o, tls, &s, WT_CLIENT, WT_EPOCH_EARLY, secret) : 0;
}

static struct wt_record_protector *try_early(struct wt_observer *o, struct wt_tls *tls, size_t i,
                                             struct wt_opener *candidate)
{
    struct wt_step_sink sink;
    struct wt_schedule s;
    const struct wt_suite *suite = start_early(o, tls, i, &sink, &s);
    if (!suite)
        return NULL;
    candidate->secret_length = (uint8_t)traffic(o, tls, &s, WT_CLIENT, WT_EPOCH_EARLY, candidate->secret);
    if (!candidate->secret_length)
        return NULL;
    return protector(o, tls, &s, suite, WT_CLIENT, wt_span_of(candidate->secret, candidate->secret_length));
}

struct wt_record_protector *wt_keyring_try(struct wt_observer *o, struct wt_tls *tls, unsigned side,
                                           enum wt_epoch epoch, size_t i, struct wt_opener *candidate)
{
    struct wt_step_sink sink;
    struct wt_schedule s;
    candidate->epoch = (uint8_t)epoch;
    if (epoch == WT_EPOCH_EARLY)
        return side == WT_CLIENT ? try_early(o, tls, i, candidate) : NULL;
    if (i || !wt_flow_has(&tls->flow, WT_FACT_SERVER_HELLO))
        return NULL;
    if (!schedule(o, tls, &sink, &s)) {
        note_why(tls, side, WT_WHY_CIPHER, 0, 0, 0);
        return NULL;
    }
    candidate->secret_length = (uint8_t)traffic(o, tls, &s, side, epoch, candidate->secret);
    if (!candidate->secret_length)
        return NULL;
    return protector(o, tls, &s, wt_suite_find(tls->agreed.suite), side,
                     wt_span_of(candidate->secret, candidate->secret_length));
}

/* --- epochs ---------------------------------------------------------------------------------------------------------
 */

bool wt_keyring_prepare13(struct wt_observer *o, struct wt_tls *tls, unsigned side)
{
    struct wt_opener *op = &tls->keys->by[side];
    struct wt_opener found = {0};
    uint64_t passed = op->passed;
    if (passed) /* asked again: the store may have grown */
        op->why = WT_WHY_NONE;
    unsigned why = op->why, label = op->label;
    for (unsigned epoch = op->epoch; !op->now && epoch <= WT_EPOCH_TRAFFIC; epoch++) {
        op->now = wt_keyring_try(o, tls, side, (enum wt_epoch)epoch, 0, &found);
        if (op->now) {
            memcpy(op->secret, found.secret, sizeof op->secret);
            op->secret_length = found.secret_length;
            op->trying = epoch != op->epoch || op->passed;
            op->epoch = (uint8_t)epoch;
        } else if (why == WT_WHY_NONE) { /* the first thing that lacks is what there is to say */
            why = op->why;
            label = op->label;
        }
    }
    wt_wipe(&found, sizeof found);
    if (why != WT_WHY_NONE) {
        op->why = (uint8_t)why;
        op->label = (uint8_t)label;
    } else if (passed) {
        op->why = WT_WHY_LATE;
        op->why_a = passed;
    }
    return op->now != NULL;
}

void wt_keyring_epoch(struct wt_tls *tls, unsigned side, enum wt_epoch epoch)
{
    struct wt_opener *op = tls->keys ? &tls->keys->by[side] : NULL;
    if (!op || op->epoch >= epoch)
        return;
    wt_record_protector_free(op->now);
    op->now = NULL;
    op->epoch = (uint8_t)epoch;
    op->trying = false;
    op->passed = 0;
}

/* RFC 8446, 4.6.3: "After sending a KeyUpdate message, the sender SHALL send all its traffic using the next generation
 * of keys". */
void wt_keyring_update(struct wt_observer *o, struct wt_tls *tls, unsigned side)
{
    struct wt_opener *op = tls->keys ? &tls->keys->by[side] : NULL;
    struct wt_step_sink sink;
    struct wt_schedule s;
    if (!op || !op->now || !op->secret_length || !schedule(o, tls, &sink, &s))
        return;
    s.steps = wt_keyring_steps(&sink, o, tls, side);
    if (!wt_traffic_update(&s, op->secret))
        return;
    wt_record_protector_free(op->now);
    op->now = protector(o, tls, &s, wt_suite_find(tls->agreed.suite), side, wt_span_of(op->secret, op->secret_length));
    op->stopped = op->now == NULL;
}
