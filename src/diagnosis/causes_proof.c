/* Wrong signatures, keys and records, and messages that break a rule. */
#include "base/i18n.h"
#include "diagnosis/case.h"
#include "diagnosis/causes.h"
#include "diagnosis/hypotheses.h"
#include "observer/breaches.h"
#include "observer/keys/opener.h"

static bool is_psk(const struct wt_tls *tls)
{
    return tls->agreed.kx == WT_KX_PSK || tls->agreed.kx == WT_KX_RSA_PSK || tls->agreed.kx == WT_KX_DHE_PSK ||
           tls->agreed.kx == WT_KX_ECDHE_PSK || tls->agreed.kx == WT_KX_SRP;
}

/* A proof that is bad here, too, checked by the side that rejects it. */
static bool by_proof(struct wt_case *k)
{
    static const struct {
        uint8_t proof, row, checker;
    } rows[] = {
        {WT_PROOF_PSK_BINDER, WT_FINDING_BINDER_MISMATCH, WT_SERVER},
        {WT_PROOF_SERVER_SIGNATURE, WT_FINDING_SIGNATURE_MISMATCH, WT_CLIENT},
        {WT_PROOF_CLIENT_SIGNATURE, WT_FINDING_SIGNATURE_MISMATCH, WT_SERVER},
        {WT_PROOF_SERVER_FINISHED, WT_FINDING_FINISHED_MISMATCH, WT_CLIENT},
        {WT_PROOF_CLIENT_FINISHED, WT_FINDING_FINISHED_MISMATCH, WT_SERVER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i].row);
        if (k->tls->proofs[rows[i].proof].result != WT_PROOF_BAD || !f || (k->alert && rows[i].checker != k->from))
            continue;
        /* a client that cannot even decrypt the flight has other keys, from other messages, which the signature
         * covers as well */
        if (rows[i].proof == WT_PROOF_SERVER_SIGNATURE && k->alert &&
            k->alert->description == WT_ALERT_BAD_RECORD_MAC &&
            k->tls->proofs[WT_PROOF_SERVER_FINISHED].result == WT_PROOF_BAD)
            continue;
        enum wt_fault fault = rows[i].row == WT_FINDING_BINDER_MISMATCH ? WT_FAULT_BOTH : WT_FAULT_BETWEEN;
        return wt_case_conclude(k, f, fault, wt_case_noticed(rows[i].checker), false);
    }
    return false;
}

static bool offers_psk(const struct wt_case *k)
{
    struct wt_span body;
    return k->has_hello && wt_extensions_find(&k->hello.extensions, WT_EXT_PRE_SHARED_KEY, &body);
}

/* RFC 4279, 2: "If the server does not recognize the PSK identity, it MAY respond with an unknown_psk_identity alert
 * … [or] continue the protocol as if the PSK identity existed but the key was incorrect: that is, respond with a
 * decrypt_error alert". A wrong key leads to wrong record keys, so bad_record_mac is as common; the same holds for a
 * wrong SRP password. */
static bool wrong_psk(struct wt_case *k)
{
    char at[WT_CASE_AT];
    bool answered = k->tls->flow.facts & WT_FACT_SERVER_HELLO;
    bool in_hello = !answered && k->from == WT_SERVER && offers_psk(k);
    if (!in_hello && !(is_psk(k->tls) && k->tls->flow.facts & WT_FACT_CLIENT_KEYS))
        return false;
    wt_case_at(k->alert->frame, at);
    const struct wt_list_finding *f =
        in_hello
            ? wt_finding_say(
                  k->tls, WT_FINDING_BINDER_MISMATCH, k->alert->frame,
                  _("The server rejected the PSK in the ClientHello with alert %s%s: its binder probably does not "
                    "match the server's key for that identity. Pass the key with --psk to confirm."),
                  wt_case_alert(k), at)
            : wt_finding_say(k->tls, WT_FINDING_BINDER_MISMATCH, k->alert->frame,
                             k->tls->agreed.kx == WT_KX_SRP
                                 ? _("%s could not decrypt the other side's record and sent alert %s%s: the SRP "
                                     "password is probably not the same on both sides.")
                                 : _("%s could not decrypt the other side's record and sent alert %s%s: the pre-shared "
                                     "key is probably not the same on both sides, or its identity is unknown."),
                             wt_case_side_first(k->from), wt_case_alert(k), at);
    return wt_case_conclude(k, f, WT_FAULT_BOTH, wt_case_noticed(k->from), true);
}

/* RFC 8446, 6.2: bad_record_mac is sent "if a record is received which cannot be deprotected". */
static bool corrupted(struct wt_case *k)
{
    const struct wt_list_finding *f = wt_finding_of(k->tls, WT_FINDING_RECORD_CORRUPTED);
    char at[WT_CASE_AT];
    unsigned other = !k->from;
    if (f)
        return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(k->from), false);
    if (k->alert->description == WT_ALERT_DECRYPT_ERROR)
        return false;
    const struct wt_keyring *keys = k->tls->keys;
    const struct wt_opener *op = keys ? &keys->by[other] : NULL;
    wt_case_at(k->alert->frame, at);
    f = op && op->opened && !op->failed && !op->unopened
            ? wt_finding_say(
                  k->tls, WT_FINDING_RECORD_CORRUPTED, k->alert->frame,
                  _("%s could not decrypt a record from %s and sent alert %s%s. As captured here all of these records "
                    "decrypt correctly: they were modified between this point and %s, or its keys are different."),
                  wt_case_side_first(k->from), wt_case_side(other), wt_case_alert(k), at, wt_case_side(k->from))
            : wt_finding_say(k->tls, WT_FINDING_RECORD_CORRUPTED, k->alert->frame,
                             _("%s could not decrypt a record from %s and sent alert %s%s: the record was modified on "
                               "the way, or the two sides derived different keys. A key log would settle which."),
                             wt_case_side_first(k->from), wt_case_side(other), wt_case_alert(k), at);
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(k->from), !(op && op->opened));
}

/* The client cannot verify a signature, and that of the key exchange is valid here. If the chain leads to an issuer
 * that is unknown here, the last certificate's signature is the one that could not be checked. */
static bool unchecked_signature(struct wt_case *k)
{
    const struct wt_judgement *v = k->tls->authentication.server_chain.judgement;
    char at[WT_CASE_AT];
    const struct wt_certificate_facts *last = v && v->path_count ? v->path[v->path_count - 1] : NULL;
    if (!last || !v->missing || last->self_issued)
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_CERTIFICATE_BAD_SIGNATURE, k->alert->frame,
        _("The client found a signature that does not verify and sent alert decrypt_error%s. The key exchange "
          "signature and those within the chain are valid here, so it is probably the signature of the certificate "
          "%.80s, whose issuer %.120s is unknown here. Pass the issuer's certificate with --ca-file to confirm."),
        wt_case_at(k->alert->frame, at), last->subject && *last->subject ? last->subject : "?", v->missing);
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
}

/* RFC 8446, 6.2: decrypt_error: "unable to correctly verify a signature or validate a Finished message or a PSK
 * binder". The message that was sent last shows which. */
static bool unverified(struct wt_case *k)
{
    char at[WT_CASE_AT];
    const struct wt_tls_side *sent = &k->tls->side[!k->from];
    const struct wt_list_finding *f;
    bool signs = k->from == WT_CLIENT || k->tls->authentication.count[WT_CLIENT];
    /* RFC 5246, 7.4.8: the CertificateVerify covers the same messages as the Finished after it, and is checked first */
    bool finished = k->from == WT_SERVER ? !signs && k->tls->flow.facts & (WT_FACT_CLIENT_FINISHED | WT_FACT_CLIENT_CCS)
                                         : sent->flags & WT_SIDE_FINISHED;
    enum wt_proof_result signature =
        k->tls->proofs[k->from == WT_CLIENT ? WT_PROOF_SERVER_SIGNATURE : WT_PROOF_CLIENT_SIGNATURE].result;
    if (k->alert->description != WT_ALERT_DECRYPT_ERROR || !(k->tls->flow.facts & WT_FACT_SERVER_HELLO))
        return false;
    if (!finished && k->from == WT_CLIENT && signature == WT_PROOF_OK &&
        (wt_cause_server_certificate(k) || unchecked_signature(k)))
        return true;
    wt_case_at(k->alert->frame, at);
    if ((signs && signature == WT_PROOF_UNKNOWN && !finished) || (signs && signature != WT_PROOF_OK && !finished))
        f = wt_finding_say(k->tls, WT_FINDING_SIGNATURE_MISMATCH, k->alert->frame,
                           _("%s could not verify a signature from %s and sent alert decrypt_error%s: probably the one "
                             "in its key exchange or CertificateVerify."),
                           wt_case_side_first(k->from), wt_case_side(!k->from), at);
    else if (!finished && signs)
        f = wt_finding_say(
            k->tls, WT_FINDING_SIGNATURE_MISMATCH, k->alert->frame,
            _("%s could not verify a signature from %s and sent alert decrypt_error%s, although the signature is valid "
              "as captured here: it, or a message that it covers, was probably modified after this point."),
            wt_case_side_first(k->from), wt_case_side(!k->from), at);
    else
        f = wt_finding_say(k->tls, WT_FINDING_FINISHED_MISMATCH, k->alert->frame,
                           _("%s found that the Finished from %s does not match the handshake that it saw and sent "
                             "alert decrypt_error%s: probably a message was modified on the way, or the keys are not "
                             "the same. A key log and a capture at the other end would settle it."),
                           wt_case_side_first(k->from), wt_case_side(!k->from), at);
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(k->from), true);
}

/* What remains if a client's last flight is rejected with handshake_failure and no certificate was requested: its
 * record was decrypted, otherwise the alert would be bad_record_mac. */
static bool unfinished(struct wt_case *k)
{
    char at[WT_CASE_AT];
    if (k->from != WT_SERVER || wt_tls_is_13(k->tls) || k->tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED ||
        !(k->tls->flow.facts & (WT_FACT_CLIENT_FINISHED | WT_FACT_CLIENT_CCS)))
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_FINISHED_MISMATCH, k->alert->frame,
                       _("The server rejected the client's last flight with alert %s%s: probably the Finished does not "
                         "match the handshake that the server saw, because a message was modified on the way. A key "
                         "log and a capture at the other end would settle it."),
                       wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, WT_NOTICED_BY_SERVER, true);
}

bool wt_cause_crypto(struct wt_case *k)
{
    if (wt_cause_downgrade(k))
        return true;
    if (k->alert->description == WT_ALERT_BAD_RECORD_MAC && wt_finding_of(k->tls, WT_FINDING_RECORD_CORRUPTED))
        return corrupted(k);
    if (k->alert->description == WT_ALERT_HANDSHAKE_FAILURE || k->alert->description == WT_ALERT_INSUFFICIENT_SECURITY)
        return by_proof(k) || wrong_psk(k) || unfinished(k);
    if (k->from == WT_CLIENT && k->alert->description == WT_ALERT_DECRYPT_ERROR &&
        wt_finding_of(k->tls, WT_FINDING_CERTIFICATE_BAD_SIGNATURE) && wt_cause_server_certificate(k))
        return true;
    return by_proof(k) || wrong_psk(k) || unverified(k) || corrupted(k);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* RFC 8446, 9.2: what a ClientHello for TLS 1.3 must have. */
static const char *missing_extension(const struct wt_case *k)
{
    struct wt_offer o;
    if (k->from != WT_SERVER || !k->has_hello)
        return NULL;
    o = k->offer;
    if (!offers_psk(k) && !o.has_schemes)
        return "signature_algorithms";
    if (!offers_psk(k) && !o.has_groups)
        return "supported_groups";
    if (o.has_groups && !o.has_shares)
        return "key_share";
    if (o.has_shares && !o.has_groups)
        return "supported_groups";
    return o.has_sni ? NULL : "server_name";
}

/* RFC 8446, 6.2: libraries choose among these for the same broken rule; any other alert than the rule's own is about
 * something else. */
static bool is_for_rules(uint8_t alert)
{
    return alert == WT_ALERT_ILLEGAL_PARAMETER || alert == WT_ALERT_UNSUPPORTED_EXTENSION ||
           alert == WT_ALERT_MISSING_EXTENSION;
}

/* A rule that the other side broke (observer/breaches.h), and that fits the alert, becomes the cause. */
static bool joined_breach(struct wt_case *k)
{
    const struct wt_list_finding *found = NULL;
    char at[WT_CASE_AT];
    uint8_t alert;
    for (const struct wt_list_finding *f = k->tls->report.findings; f && !found; f = f->next)
        if (wt_breach_is(f, &alert) && f->fault == (uint8_t)wt_case_fault(!k->from) &&
            (!k->alert->frame || f->frame <= k->alert->frame) &&
            (alert == k->alert->description || (is_for_rules(alert) && is_for_rules(k->alert->description))))
            found = f;
    if (!found)
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_MALFORMED, found->frame,
                       /* TRANSLATORS: a whole sentence, which side refuses it, an alert's name, " (packet 7)" */
                       _("%s That is why %s rejected it, with alert %s%s."), found->text, wt_case_side(k->from),
                       wt_case_alert(k), wt_case_at(k->alert->frame, at));
    wt_breach_joins(k->tls, (enum wt_finding_id)found->row, found->frame, found->number[1]);
    return wt_case_conclude(k, f, wt_case_fault(!k->from), wt_case_noticed(k->from), false);
}

/* The first finding of a row that is not a breach. */
static const struct wt_list_finding *plain(const struct wt_case *k, enum wt_finding_id id)
{
    uint8_t alert;
    for (const struct wt_list_finding *f = k->tls->report.findings; f; f = f->next)
        if (f->row == id && !wt_breach_is(f, &alert))
            return f;
    return NULL;
}

/* A broken rule that was found here becomes the cause, together with the alert that answered it. */
static bool joined(struct wt_case *k, enum wt_finding_id id)
{
    const struct wt_list_finding *found = plain(k, id);
    char at[WT_CASE_AT];
    if (!found || (k->alert->frame && found->frame > k->alert->frame))
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_MALFORMED, found->frame,
        id == WT_FINDING_UNEXPECTED
            ? _("%s from %s was sent where the protocol does not allow it, and %s rejected it with alert %s%s.")
            : _("%s: the message from %s is malformed, and %s rejected it with alert %s%s."),
        found->text ? found->text : "?", wt_case_side(!k->from), wt_case_side(k->from), wt_case_alert(k),
        wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, wt_case_fault(!k->from), wt_case_noticed(k->from), false);
}

/* The same for what the sender left out. */
static bool left_out(struct wt_case *k)
{
    const struct wt_list_finding *found = wt_finding_of(k->tls, WT_FINDING_STEP_SKIPPED);
    char at[WT_CASE_AT];
    if (!found || found->fault != wt_case_fault(!k->from) || (k->alert->frame && found->frame > k->alert->frame))
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_MALFORMED, found->frame, _("%s That is why %s rejected it, with alert %s%s."),
                       found->text, wt_case_side(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, wt_case_fault(!k->from), wt_case_noticed(k->from), false);
}

bool wt_cause_broken(struct wt_case *k)
{
    return by_proof(k) || wt_cause_choice(k) || joined(k, WT_FINDING_MALFORMED) || joined_breach(k) || left_out(k) ||
           joined(k, WT_FINDING_UNEXPECTED);
}

/* RFC 5246, 7.4.7: the ClientKeyExchange "is always sent by the client", before its ChangeCipherSpec (7.1); a resumed
 * handshake has none. */
static bool keyless_ccs(const struct wt_case *k)
{
    const uint64_t facts = k->tls->flow.facts;
    return k->from == WT_SERVER && !wt_tls_is_13(k->tls) && facts & WT_FACT_SERVER_DONE &&
           !(facts & (WT_FACT_CLIENT_KEYS | WT_FACT_RESUMED)) && !k->tls->side[WT_CLIENT].missing;
}

bool wt_cause_malformed(struct wt_case *k)
{
    char at[WT_CASE_AT];
    const struct wt_list_finding *f;
    const char *lacks = k->alert->description == WT_ALERT_MISSING_EXTENSION ? missing_extension(k) : NULL;
    unsigned other = !k->from;
    if (wt_cause_downgrade(k) || wt_cause_broken(k))
        return true;
    /* RFC 8446, 4.2.11: an invalid binder is answered with decrypt_error; GnuTLS sends illegal_parameter */
    if (k->alert->description == WT_ALERT_ILLEGAL_PARAMETER && wrong_psk(k))
        return true;
    if (wt_evidence_has(k, WT_EVIDENCE_HELLO_SUSPECT) && wt_hypotheses_conclude(k))
        return true;
    /* GnuTLS sends this for an empty Certificate that it does not accept */
    if (k->from == WT_SERVER && !k->tls->authentication.count[WT_CLIENT] && wt_cause_client_certificate(k))
        return true;
    wt_case_at(k->alert->frame, at);
    const struct wt_tls_side *sent = &k->tls->side[other];
    if (lacks)
        f = wt_finding_say(
            k->tls, WT_FINDING_MALFORMED, k->alert->frame,
            _("The ClientHello lacks %s, which the server requires: it answered with alert missing_extension%s."),
            lacks, at);
    else if (sent->hidden || sent->cover == WT_COVER_KEYS)
        f = wt_finding_say(k->tls, WT_FINDING_MALFORMED, k->alert->frame,
                           keyless_ccs(k)
                               ? _("%s received no ClientKeyExchange from %s before the ChangeCipherSpec and sent "
                                   "alert %s%s: the message was left out, or dropped on the way.")
                               : _("%s rejected what %s sent last, which is encrypted, with alert %s%s: probably it "
                                   "contains a message or value that is not allowed there, or something was dropped or "
                                   "modified on the way. A key log and a capture at the other end would settle it."),
                           wt_case_side_first(k->from), wt_case_side(other), wt_case_alert(k), at);
    else
        f = wt_finding_say(k->tls, WT_FINDING_MALFORMED, k->alert->frame,
                           _("%s rejected %s from %s with alert %s%s; as captured here the message is well-formed. "
                             "Probably it contains a value that is not allowed there, or it was modified on the way."),
                           wt_case_side_first(k->from), wt_case_last(k, other), wt_case_side(other), wt_case_alert(k),
                           at);
    return wt_case_conclude(k, f, wt_case_fault(other), wt_case_noticed(k->from), !lacks);
}
