/* What the two sides prove, when and with which keys an observer judges it (handshake/proofs.h says how).
 *
 * Nothing is judged before all that it covers has been seen: the two streams of a capture need not interleave in
 * message order. So proofs wait among the messages until the handshake is over, or goes no further. */
#include "handshake/proofs.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "observer/keys/opener.h"
#include "observer/state.h"

#include <stdio.h>

static const char *const reasons[] = {
#define WT_REASON(id, text) text,
#include "wording/proofs.def"
#undef WT_REASON
};

enum reason {
#define WT_REASON(id, text) REASON_##id,
#include "wording/proofs.def"
#undef WT_REASON
};

const char *wt_proofs_reason(uint8_t reason)
{
    return reason < sizeof reasons / sizeof *reasons ? reasons[reason] : NULL;
}

/* A proof that is being judged. */
struct judging {
    struct wt_observer *o;
    struct wt_conversation *c;
    struct wt_tls *tls;
    struct wt_handshake *h;
    size_t at; /* its message */
    unsigned side;
};

/* Reasons of src/handshake are the first of ours, by name. */
static enum reason reason_of(enum wt_proof_reason reason)
{
    static const uint8_t ours[] = {
#define WT_PROOF_REASON(id) REASON_##id,
#include "handshake/proofs.def"
#undef WT_PROOF_REASON
    };
    return (enum reason)ours[reason];
}

static void record(const struct judging *j, enum wt_proof which, enum wt_proof_result result, enum reason reason)
{
    struct wt_tls_proof *p = &j->tls->proofs[which];
    struct wt_handshake_message *m = j->h->messages.list[j->at];
    m->judged = true;
    /* of several handshakes the first is reported, unless a later one fails */
    if (p->result == WT_PROOF_ABSENT || (result == WT_PROOF_BAD && p->result != WT_PROOF_BAD))
        *p = (struct wt_tls_proof){m->frame, (uint8_t)result, (uint8_t)reason};
}

/* False: it is neither valid nor bad. */
static bool is_bad(enum wt_proof_reason reason)
{
    return reason == WT_REASON_SIGNATURE || reason == WT_REASON_WRONG_KEY || reason == WT_REASON_FINISHED ||
           reason == WT_REASON_BINDER;
}

static void answer(const struct judging *j, enum wt_proof which, enum wt_proof_reason reason)
{
    record(j, which,
           reason == WT_REASON_NONE ? WT_PROOF_OK
           : is_bad(reason)         ? WT_PROOF_BAD
                                    : WT_PROOF_UNKNOWN,
           reason_of(reason));
}

/* --- signatures -----------------------------------------------------------------------------------------------------
 */

/* A key to verify with: the certificates' own, or one that goes after use. */
struct verifier {
    struct wt_public_key *key, *own;
    struct wt_key_record *record; /* how its signatures did in this run; NULL: nobody counts */
};

static bool verifier_of(const struct judging *j, struct verifier *v)
{
    struct wt_signer signer;
    *v = (struct verifier){0};
    if (!wt_proofs_signer(j->h, j->at, &signer))
        return false;
    if (signer.key.n) {
        v->key = v->own = wt_proofs_key(j->h, &signer);
    } else {
        /* nearly always the leaf of the newest chain, which needs no lookup */
        const struct wt_authentication *seen = &j->tls->authentication;
        const struct wt_certificate_facts *facts = seen->count[j->side] ? seen->certificates[j->side][0] : NULL;
        if (!facts || !wt_span_equal(wt_certificates_der(facts), signer.certificate))
            facts = wt_certificates_intern(j->o->certificates, signer.certificate);
        if (facts)
            v->key = wt_certificates_key(j->o->certificates, facts);
        v->record = facts ? wt_certificates_record(facts) : NULL;
    }
    return v->key != NULL;
}

/* Whether this signature is to be checked at all (wiretale/observer.h, enum wt_verify). */
static bool is_skipped(const struct judging *j, const struct verifier *v)
{
    return j->o->options.verify == WT_VERIFY_AUTO && v->record && v->record->held >= WT_VERIFY_ENOUGH;
}

/* SSL 3.0: the master secret is in what a CertificateVerify signs. */
static const uint8_t *master_for(const struct judging *j)
{
    return j->tls->agreed.version == WT_SSL3 && wt_keyring_master(j->o, j->tls) ? j->tls->keys->master : NULL;
}

static const char *signed_message(const struct judging *j)
{
    if (j->h->messages.list[j->at]->type == WT_HANDSHAKE_SERVER_KEY_EXCHANGE)
        return N_("the server's ServerKeyExchange");
    return j->side == WT_SERVER ? N_("the server's CertificateVerify") : N_("the client's CertificateVerify");
}

static void signature(const struct judging *j)
{
    enum wt_proof which = j->side == WT_SERVER ? WT_PROOF_SERVER_SIGNATURE : WT_PROOF_CLIENT_SIGNATURE;
    struct verifier v = {0};
    enum wt_proof_reason reason = wt_proofs_can_judge(j->h, j->at);
    if (reason == WT_REASON_UNSIGNED) {
        j->h->messages.list[j->at]->judged = true;
    } else if (reason != WT_REASON_NONE) {
        answer(j, which, reason);
    } else if (!verifier_of(j, &v)) {
        answer(j, which, WT_REASON_KEY);
    } else if (is_skipped(j, &v)) {
        record(j, which, WT_PROOF_UNKNOWN, REASON_ENOUGH);
    } else if (v.record && wt_key_is_given_up(v.record, wt_crypto_work(j->o->crypto))) {
        record(j, which, WT_PROOF_UNKNOWN, REASON_FAILING);
        j->o->lost[WT_LOST_SIGNATURES]++;
    } else {
        reason = wt_proofs_signature(j->h, j->at, v.key, master_for(j));
        answer(j, which, reason);
        if (v.record && (reason == WT_REASON_NONE || is_bad(reason)))
            wt_key_note(v.record, wt_crypto_work(j->o->crypto), reason == WT_REASON_NONE);
        j->o->lost[WT_LOST_SIGNATURES] += reason == WT_REASON_TOO_LARGE || reason == WT_REASON_SPENT;
        if (is_bad(reason))
            wt_finding_add(j->tls, WT_FINDING_SIGNATURE_MISMATCH, j->h->messages.list[j->at]->frame, signed_message(j),
                           0, 0);
    }
    wt_public_key_free(v.own);
}

/* --- Finished -------------------------------------------------------------------------------------------------------
 */

/* The secret that a Finished is made with, as far as it is known. */
static struct wt_span finished_secret(const struct judging *j, uint8_t room[WT_DIGEST_MOST])
{
    const struct wt_tls *tls = j->tls;
    if (!wt_tls_is_13(tls))
        return wt_keyring_master(j->o, j->tls) ? wt_span_of(tls->keys->master, WT_MASTER) : (struct wt_span){0};
    if (!tls->keys)
        return (struct wt_span){0};
    if (j->h->messages.list[j->at]->place >= WT_PLACE_LATER) {
        const struct wt_opener *op = &tls->keys->by[j->side];
        return wt_span_of(op->secret, op->secret_length);
    }
    return wt_span_of(room, wt_keyring_traffic(j->o, j->tls, j->side, WT_EPOCH_HANDSHAKE, room));
}

static void finished(const struct judging *j)
{
    enum wt_proof which = j->side == WT_SERVER ? WT_PROOF_SERVER_FINISHED : WT_PROOF_CLIENT_FINISHED;
    uint8_t room[WT_DIGEST_MOST];
    if (!wt_proofs_is_whole(j->h, j->at)) {
        answer(j, which, WT_REASON_TRANSCRIPT);
        return;
    }
    struct wt_span secret = finished_secret(j, room);
    struct wt_step_sink sink;
    const struct wt_steps *steps = wt_keyring_steps(&sink, j->o, j->tls, wt_tls_is_13(j->tls) ? j->side : 2);
    /* it is verified when both have come, but the step is of its own packet */
    sink.frame = j->h->messages.list[j->at]->frame;
    enum wt_proof_reason reason = wt_proofs_finished(j->h, j->at, secret, steps);
    wt_wipe(room, sizeof room);
    answer(j, which, reason);
    if (is_bad(reason))
        wt_finding_add(j->tls, WT_FINDING_FINISHED_MISMATCH, j->h->messages.list[j->at]->frame,
                       j->side == WT_SERVER ? N_("the server") : N_("the client"), 0, 0);
}

/* --- PSK binders ----------------------------------------------------------------------------------------------------
 */

/* An identity as a finding names it: tickets are no text. */
static void identity_name(struct wt_span identity, char *out, size_t size)
{
    char name[129];
    bool text = identity.n > 0 && identity.n <= 64;
    for (size_t i = 0; i < identity.n && text; i++)
        text = identity.p[i] >= 0x20 && identity.p[i] < 0x7f;
    if (text)
        (void)snprintf(out, size, "\"%s\"", wt_printable_into(name, sizeof name, identity));
    else
        (void)snprintf(out, size, _("an identity of %zu bytes"), identity.n);
}

/* Of the identity that the server selected, or, where it answered with no hello at all, of the first. */
static void client_hello(const struct judging *j, bool last)
{
    const struct wt_chosen *c = &j->h->agreed.chosen;
    struct wt_span identity, binder, psk;
    bool external, answered = wt_flow_has(&j->tls->flow, WT_FACT_SERVER_HELLO);
    if ((answered ? !wt_tls_is_13(j->tls) || !c->has_psk : !last) ||
        !wt_proofs_identity(j->h, j->at, c->psk, &identity, &binder) ||
        !wt_keyring_psk(j->o, identity, &psk, &external))
        return;
    enum wt_proof_reason reason = wt_proofs_binder(j->h, j->at, c->psk, psk, external);
    if (reason == WT_REASON_BINDER && !wt_transport_opened(&j->c->transport, 0))
        reason = WT_REASON_TRANSCRIPT; /* another hello, and a HelloRetryRequest, may have been sent before */
    answer(j, WT_PROOF_PSK_BINDER, reason);
    if (reason == WT_REASON_BINDER) {
        char name[128];
        identity_name(identity, name, sizeof name);
        wt_finding_add(j->tls, WT_FINDING_BINDER_MISMATCH, j->h->messages.list[j->at]->frame, name, 0, 0);
    }
}

/* --- the whole handshake --------------------------------------------------------------------------------------------
 */

static void judge(struct judging *j, bool complete, bool last)
{
    const struct wt_handshake_message *m = j->h->messages.list[j->at];
    j->side = m->side;
    switch (m->type) {
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        if (j->o->options.verify != WT_VERIFY_NONE)
            signature(j);
        break;
    case WT_HANDSHAKE_FINISHED:
        if (complete)
            finished(j);
        break;
    case WT_HANDSHAKE_CLIENT_HELLO:
        client_hello(j, last);
        break;
    default:
        break;
    }
}

/* A proof that passed where nobody could read it; `here`: in the capture. */
static void hidden(struct wt_tls *tls, enum wt_proof which, bool passed, bool here)
{
    if (passed && tls->proofs[which].result == WT_PROOF_ABSENT)
        tls->proofs[which] = (struct wt_tls_proof){0, WT_PROOF_UNKNOWN, here ? REASON_HIDDEN : REASON_UNSEEN};
}

static void settle_hidden(struct wt_tls *tls)
{
    const struct wt_tls_side *client = &tls->side[WT_CLIENT], *server = &tls->side[WT_SERVER];
    bool is13 = wt_tls_is_13(tls);
    /* that a QUIC handshake is complete shows by its packets as well */
    hidden(tls, WT_PROOF_CLIENT_FINISHED, client->flags & WT_SIDE_FINISHED, !tls->quic || client->hidden);
    hidden(tls, WT_PROOF_SERVER_FINISHED, is13 ? server->hidden > 0 : server->flags & WT_SIDE_FINISHED, true);
    hidden(tls, WT_PROOF_SERVER_SIGNATURE, is13 && server->hidden && !wt_flow_has(&tls->flow, WT_FACT_RESUMED), true);
}

void wt_proofs_settle(struct wt_observer *o, struct wt_conversation *c, bool last)
{
    struct wt_tls *tls = c->tls;
    if (tls->handshake && (tls->agreed.version || last)) {
        struct judging j = {o, c, tls, &tls->handshake->common, 0, 0};
        const struct wt_messages *m = &j.h->messages;
        wt_judge_begin(o);
        bool complete = last || (wt_messages_has(m, WT_CLIENT, WT_HANDSHAKE_FINISHED) &&
                                 wt_messages_has(m, WT_SERVER, WT_HANDSHAKE_FINISHED));
        for (j.at = 0; j.at < m->count; j.at++)
            if (!m->list[j.at]->judged)
                judge(&j, complete, last);
    }
    if (last && o->options.verify != WT_VERIFY_NONE)
        settle_hidden(tls);
}
