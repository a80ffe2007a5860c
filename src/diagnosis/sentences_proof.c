/* Sentences: wrong signatures, keys and records, and messages that break a rule. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "observer/breaches.h"
#include "wording/handshake.h"

#include <inttypes.h>

static const char *other_side(const struct wt_case *k)
{
    return wt_case_side(!k->from);
}

/* --- keys and signatures ------------------------------------------------------------------------------------------ */

const struct wt_list_finding *wt_sentence_wrong_binder(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server rejected the PSK in the ClientHello with alert %s%s: its binder probably does not "
          "match the server's key for that identity. Pass the key with --psk to confirm."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* RFC 4279, 2: "If the server does not recognize the PSK identity, it MAY respond with an unknown_psk_identity alert
 * … [or] continue the protocol as if the PSK identity existed but the key was incorrect: that is, respond with a
 * decrypt_error alert". A wrong key leads to wrong record keys, so bad_record_mac is as common; the same holds for a
 * wrong SRP password. */
const struct wt_list_finding *wt_sentence_wrong_psk(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          k->tls->agreed.kx == WT_KX_SRP
                              ? _("%s could not decrypt the other side's record and sent alert %s%s: the SRP "
                                  "password is probably not the same on both sides.")
                              : _("%s could not decrypt the other side's record and sent alert %s%s: the pre-shared "
                                  "key is probably not the same on both sides, or its identity is unknown."),
                          wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_psk_unheard(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_FINISHED_UNHEARD];
    return wt_finding_say(k->tls, id, seen->frame,
                          _("The server never answered the client's Finished%s, which was sent again: DTLS discards "
                            "silently what it cannot decrypt. The pre-shared key is probably not the same on both "
                            "sides, or its identity is unknown."),
                          wt_case_at(seen->frame, at));
}

/* RFC 8446, 6.2: bad_record_mac is sent "if a record is received which cannot be deprotected". */
const struct wt_list_finding *wt_sentence_record(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    wt_case_at(k->alert->frame, at);
    if (wt_evidence_has(k, WT_EVIDENCE_RECORDS_INTACT))
        return wt_finding_say(
            k->tls, id, k->alert->frame,
            _("%s could not decrypt a record from %s and sent alert %s%s. As captured here all of these records "
              "decrypt correctly: they were modified between this point and %s, or its keys are different."),
            wt_case_side_first(k->from), other_side(k), wt_case_alert(k), at, wt_case_side(k->from));
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("%s could not decrypt a record from %s and sent alert %s%s: the record was modified on "
                            "the way, or the two sides derived different keys. A key log would settle which."),
                          wt_case_side_first(k->from), other_side(k), wt_case_alert(k), at);
}

const struct wt_list_finding *wt_sentence_signature(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    wt_case_at(k->alert->frame, at);
    if (wt_evidence_has(k, WT_EVIDENCE_SIGNATURE_VALID))
        return wt_finding_say(
            k->tls, id, k->alert->frame,
            _("%s could not verify a signature from %s and sent alert decrypt_error%s, although the signature is valid "
              "as captured here: it, or a message that it covers, was probably modified after this point."),
            wt_case_side_first(k->from), other_side(k), at);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("%s could not verify a signature from %s and sent alert decrypt_error%s: probably the one "
                            "in its key exchange or CertificateVerify."),
                          wt_case_side_first(k->from), other_side(k), at);
}

const struct wt_list_finding *wt_sentence_finished(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("%s found that the Finished from %s does not match the handshake that it saw and sent "
                            "alert decrypt_error%s: probably a message was modified on the way, or the keys are not "
                            "the same. A key log and a capture at the other end would settle it."),
                          wt_case_side_first(k->from), other_side(k), wt_case_at(k->alert->frame, at));
}

/* What remains if a client's last flight is rejected with handshake_failure and no certificate was requested: its
 * record was decrypted, otherwise the alert would be bad_record_mac. */
const struct wt_list_finding *wt_sentence_unfinished(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the client's last flight with alert %s%s: probably the Finished does "
                            "not match the handshake that the server saw, because a message was modified on the way. A "
                            "key log and a capture at the other end would settle it."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* RFC 6520, 4 requires such a heartbeat to be discarded, and forbids any during a handshake. */
const struct wt_list_finding *wt_sentence_claims(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], seen[WT_CASE_AT];
    const char *sender = wt_tls_sender(!k->from);
    const bool length = wt_evidence_has(k, WT_EVIDENCE_CLAIMS_LENGTH);
    const struct wt_list_finding *found =
        wt_finding_of(k->tls, length ? WT_FINDING_MESSAGE_TOO_LONG : WT_FINDING_HEARTBLEED_ATTEMPT);
    wt_case_at(found->frame, seen);
    wt_case_at(k->alert->frame, at);
    if (length)
        return wt_finding_say(
            k->tls, id, found->frame,
            _("%s announced a handshake message of %" PRIu64 " bytes%s, and %s rejected it with alert %s%s."),
            _(sender), found->number[0], seen, wt_case_side(k->from), wt_case_alert(k), at);
    return wt_finding_say(k->tls, id, found->frame,
                          _("%s sent a heartbeat that claims %" PRIu64 " bytes but has %" PRIu64
                            "%s, and %s rejected it with alert %s%s."),
                          _(sender), found->number[0], found->number[1], seen, wt_case_side(k->from), wt_case_alert(k),
                          at);
}

/* A whole sentence of what was done wrong, with the alert that answered it. */
static const struct wt_list_finding *that_is_why(struct wt_case *k, enum wt_finding_id id, uint32_t frame,
                                                 const char *text)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, frame,
                          /* TRANSLATORS: a whole sentence, which side refuses it, an alert's name, " (packet 7)" */
                          _("%s That is why %s rejected it, with alert %s%s."), text, wt_case_side(k->from),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* A rule that the other side broke (observer/breaches.h), and that fits the alert, becomes the cause. */
const struct wt_list_finding *wt_sentence_broken_rule(struct wt_case *k, enum wt_finding_id id)
{
    const struct wt_list_finding *found = wt_evidence_proof_breach(k);
    const struct wt_list_finding *f = that_is_why(k, id, found->frame, found->text);
    wt_breach_joins(k->tls, (enum wt_finding_id)found->row, found->frame, found->number[1]);
    return f;
}

const struct wt_list_finding *wt_sentence_broken_rule_silent(struct wt_case *k, enum wt_finding_id id)
{
    const unsigned side = (unsigned)k->seen[WT_EVIDENCE_BROKEN_RULE_SILENT].value;
    const struct wt_list_finding *found = wt_evidence_proof_silent_breach(k, side);
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, id, found->frame,
        /* TRANSLATORS: a whole sentence; which side ends the connection */
        _("%s Probably that is why %s ended the connection; no alert can be read."), found->text, wt_case_side(side));
    k->from = side;
    wt_breach_joins(k->tls, (enum wt_finding_id)found->row, found->frame, found->number[1]);
    return f;
}

const struct wt_list_finding *wt_sentence_step_skipped(struct wt_case *k, enum wt_finding_id id)
{
    const struct wt_list_finding *found = wt_finding_of(k->tls, WT_FINDING_STEP_SKIPPED);
    return that_is_why(k, id, found->frame, found->text);
}

const struct wt_list_finding *wt_sentence_broken_form(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_list_finding *found = wt_evidence_proof_plain(k, WT_FINDING_MALFORMED);
    if (found->told)
        return that_is_why(k, id, found->frame, found->text);
    return wt_finding_say(k->tls, id, found->frame,
                          _("%s: the message from %s is malformed, and %s rejected it with alert %s%s."),
                          found->text ? found->text : "?", other_side(k), wt_case_side(k->from), wt_case_alert(k),
                          wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_broken_order(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_list_finding *found = wt_evidence_proof_plain(k, WT_FINDING_UNEXPECTED);
    unsigned message;
    if (!wt_finding_message(found, &message)) /* a rule's sentence, which says it all */
        return that_is_why(k, id, found->frame, found->text);
    return wt_finding_say(
        k->tls, id, found->frame,
        _("%s from %s was sent where the protocol does not allow it, and %s rejected it with alert %s%s."),
        wt_wording_message(message), other_side(k), wt_case_side(k->from), wt_case_alert(k),
        wt_case_at(k->alert->frame, at));
}

/* RFC 8446, 9.2: what a ClientHello for TLS 1.3 must have. */
static const char *missing_extension(const struct wt_case *k)
{
    const struct wt_offer *o = &k->offer;
    const bool psk = wt_evidence_has(k, WT_EVIDENCE_PSK_OFFERED);
    if (!psk && !o->has_schemes)
        return "signature_algorithms";
    if (!psk && !o->has_groups)
        return "supported_groups";
    if (o->has_groups && !o->has_shares)
        return "key_share";
    if (o->has_shares && !o->has_groups)
        return "supported_groups";
    return "server_name";
}

const struct wt_list_finding *wt_sentence_extension_missing(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The ClientHello lacks %s, which the server requires: it answered with alert missing_extension%s."),
        missing_extension(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_rejected_encrypted(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          wt_evidence_has(k, WT_EVIDENCE_KEYLESS_CCS)
                              ? _("%s received no ClientKeyExchange from %s before the ChangeCipherSpec and sent "
                                  "alert %s%s: the message was left out, or dropped on the way.")
                              : _("%s rejected what %s sent last, which is encrypted, with alert %s%s: probably it "
                                  "contains a message or value that is not allowed there, or something was dropped or "
                                  "modified on the way. A key log and a capture at the other end would settle it."),
                          wt_case_side_first(k->from), other_side(k), wt_case_alert(k),
                          wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_rejected_intact(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("%s rejected %s from %s with alert %s%s; as captured here the message is well-formed. "
                            "Probably it contains a value that is not allowed there, or it was modified on the way."),
                          wt_case_side_first(k->from), wt_case_last(k, !k->from), other_side(k), wt_case_alert(k),
                          wt_case_at(k->alert->frame, at));
}

/* An alert that gives no reason known here, or one that does not fit where it was sent. */
const struct wt_list_finding *wt_sentence_rejected(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    if (wt_transport_is_one_sided(&k->c->transport))
        return wt_finding_say(
            k->tls, id, k->alert->frame,
            wt_tls_record_count(k->tls, k->from) == 1 ? _("%s answered the first message from %s with alert %s%s and "
                                                          "nothing else: it refused that message, which "
                                                          "is not in the capture.")
                                                      : _("%s ended the handshake: what it last received from %s, "
                                                          "which is not in the capture, it answered with "
                                                          "alert %s%s."),
            wt_case_side_first(k->from), other_side(k), wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("%s ended the handshake with alert %s%s after %s from %s; the capture does not show what it objected to."),
        wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_last(k, !k->from),
        other_side(k));
}
