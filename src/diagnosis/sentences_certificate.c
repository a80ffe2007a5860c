/* Sentences: a certificate that the other side rejects. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "wording/wording.h"

#include <stdio.h>

static const struct wt_certificate_facts *leaf_of(const struct wt_case *k, unsigned side)
{
    return k->tls->authentication.certificates[side][0];
}

/* The certificate of the server's chain that the evidence is about. */
static const struct wt_certificate_facts *sent_of(const struct wt_case *k, enum wt_evidence id)
{
    return k->tls->authentication.certificates[WT_SERVER][k->seen[id].value];
}

static const char *issuer_of(const struct wt_certificate_facts *f)
{
    return f->issuer && *f->issuer ? f->issuer : "?";
}

const struct wt_list_finding *wt_sentence_found(struct wt_case *k, enum wt_finding_id id)
{
    return wt_finding_of(k->tls, id);
}

const struct wt_list_finding *wt_sentence_existing(struct wt_case *k, enum wt_finding_id id)
{
    return wt_case_judgement(k, id);
}

const struct wt_list_finding *wt_sentence_intercepted(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_list_finding *f = wt_finding_of(k->tls, WT_FINDING_TLS_INTERCEPTED);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          /* TRANSLATORS: a whole sentence, an alert's name, " (packet 7)" */
                          _("%s The client probably does not trust that proxy's root: it answered with alert %s%s."),
                          f->text, wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* --- the server's, by what was sent ------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_no_address(struct wt_case *k, enum wt_finding_id id)
{
    const unsigned server = wt_tls_direction_of(k->tls, WT_SERVER);
    const struct wt_certificate_facts *leaf = leaf_of(k, WT_SERVER);
    struct wt_address a = {.port = k->c->port[server]};
    char at[WT_CASE_AT], ip[46];
    memcpy(a.ip, k->c->ip[server], 16);
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The client sent no server name, as clients that connect to an IP address do, and the certificate %s is not "
          "valid for the address %s (it is for %s%s). Probably the client rejected it for that, with alert %s%s; if it "
          "asked for another name, pass that name with --host."),
        wt_case_subject(leaf), wt_address_format(&a, ip),
        leaf->san_count     ? leaf->san[0]
        : leaf->common_name ? leaf->common_name
                            : _("no host name"),
        leaf->san_count > 1 ? ", …" : "", wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_sent_expired(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], limit[WT_DATE_ROOM], now[WT_DATE_ROOM];
    const struct wt_certificate_facts *f = sent_of(k, WT_EVIDENCE_SENT_EXPIRED);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The certificate %s expired on %s, and the capture was taken on %s. The client "
                            "rejected it with alert %s%s."),
                          wt_case_subject(f), wt_judge_date(f->not_after, limit),
                          wt_judge_date(wt_case_seconds(k), now), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_sent_not_yet(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], limit[WT_DATE_ROOM], now[WT_DATE_ROOM];
    const struct wt_certificate_facts *f = sent_of(k, WT_EVIDENCE_SENT_NOT_YET);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The certificate %s becomes valid on %s, but the capture was taken on %s. The client "
                            "rejected it with alert %s%s."),
                          wt_case_subject(f), wt_judge_date(f->not_before, limit),
                          wt_judge_date(wt_case_seconds(k), now), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_cross_signed(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], limit[WT_DATE_ROOM];
    wt_case_at(k->alert->frame, at);
    if (wt_evidence_has(k, WT_EVIDENCE_SENT_CROSS_SIGNED)) {
        const struct wt_certificate_facts *f = sent_of(k, WT_EVIDENCE_SENT_CROSS_SIGNED);
        if (f->not_after >= wt_case_seconds(k))
            return wt_finding_say(
                k->tls, id, k->alert->frame,
                _("The server's chain ends at the cross-signed certificate %s, issued by %s, a root that has expired. "
                  "That authority also has a root of its own, which clients that look for another path trust; this "
                  "client probably followed the chain to the expired root and rejected it with alert %s%s."),
                wt_case_subject(f), issuer_of(f), wt_case_alert(k), at);
        return wt_finding_say(
            k->tls, id, k->alert->frame,
            _("The server's chain contains the cross-signed certificate %s, issued by %s, which expired on %s; the "
              "server's own certificate is not expired. Clients that look for another path, to that authority's own "
              "root, accept the chain; this client probably followed the expired one and rejected it with alert "
              "%s%s."),
            wt_case_subject(f), issuer_of(f), wt_judge_date(f->not_after, limit), wt_case_alert(k), at);
    }
    const struct wt_certificate_facts *f = sent_of(k, WT_EVIDENCE_SENT_OLD_ROOT);
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server also sent the root %s, which expired on %s; its own certificate is not expired. Clients that "
          "look for another path, through a cross-signed certificate or a newer root, accept the chain; this client "
          "probably followed it to the expired root and rejected it with alert %s%s."),
        wt_case_subject(f), wt_judge_date(f->not_after, limit), wt_case_alert(k), at);
}

const struct wt_list_finding *wt_sentence_other_name(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[72];
    const struct wt_certificate_facts *leaf = leaf_of(k, WT_SERVER);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client asked for %s, but the certificate %s is for other names (%s%s). The client "
                            "rejected it with alert %s%s."),
                          wt_case_span(k->tls->agreed.sni, name), wt_case_subject(leaf),
                          leaf->san_count ? leaf->san[0] : _("no subjectAltName"), leaf->san_count > 1 ? ", …" : "",
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_sent_weak(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_certificate_facts *f = sent_of(k, WT_EVIDENCE_SENT_WEAK);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The certificate %s (%s key of %d bits, signed with %s) is probably too weak for the "
                            "client, which rejected it with alert %s%s."),
                          wt_case_subject(f), f->key_type ? f->key_type : "?", f->key_bits,
                          f->signature_algorithm ? f->signature_algorithm : "?", wt_case_alert(k),
                          wt_case_at(k->alert->frame, at));
}

/* RFC 9525, 2: "the Common Name … is not used" to identify a service; some clients still check it. */
const struct wt_list_finding *wt_sentence_no_alt_name(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[72];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The client asked for %s, and the certificate %s has no subjectAltName: probably the client ignores the "
          "common name, as RFC 9525 requires, and rejected the certificate for that, with alert %s%s."),
        wt_case_span(k->tls->agreed.sni, name), wt_case_subject(leaf_of(k, WT_SERVER)), wt_case_alert(k),
        wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_damaged(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], chain[WT_CASE_AT];
    const unsigned n = (unsigned)k->seen[WT_EVIDENCE_SENT_DAMAGED].value + 1;
    wt_case_at(k->tls->authentication.server_chain.frame, chain);
    return wt_finding_say(k->tls, id, k->tls->authentication.server_chain.frame,
                          _("Certificate %u of the server's Certificate message%s is not valid DER: it is damaged, in "
                            "the file that the server serves or on the way. Probably the client rejected it for that, "
                            "with alert %s%s."),
                          n, chain, wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_sent_self_signed(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The certificate %s is self-signed and the client does not trust it: it answered with alert %s%s."),
        wt_case_subject(leaf_of(k, WT_SERVER)), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_sent_alone(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_certificate_facts *leaf = leaf_of(k, WT_SERVER);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server sent only the certificate %s, probably without the intermediate "
                            "certificate of its issuer, %s: the client found no path to a root that it trusts and "
                            "sent alert %s%s. If that issuer is itself a root, the client does not trust it."),
                          wt_case_subject(leaf), issuer_of(leaf), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_untrusted(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const size_t n = k->tls->authentication.count[WT_SERVER];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The chain that the server sent leads to %s, which the client probably does not trust: it "
                            "answered with alert %s%s."),
                          issuer_of(k->tls->authentication.certificates[WT_SERVER][n - 1]), wt_case_alert(k),
                          wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_clock_behind(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], now[WT_DATE_ROOM];
    wt_case_at(k->alert->frame, at);
    wt_judge_date(wt_case_seconds(k), now);
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        wt_evidence_has(k, WT_EVIDENCE_CHAIN_TRUSTED_GIVEN)
            ? _("The client rejected the server's certificate with alert %s%s, although its chain leads to a root that "
                "was given as trusted and all of it was valid at the time of the capture, %s. Probably the client's "
                "clock is behind (unset, it is often in 1970 or 2000), so that the certificate is not yet valid for "
                "it; a client that did not know the root would have sent unknown_ca. The client's clock or log would "
                "settle it.")
            : _("The client rejected the server's certificate with alert %s%s, although its chain leads to a root in "
                "this system's trust store and all of it was valid at the time of the capture, %s. Probably the "
                "client's clock is behind (unset, it is often in 1970 or 2000), or it does not have that root. The "
                "client's clock or log would settle it."),
        wt_case_alert(k), at, now);
}

const struct wt_list_finding *wt_sentence_signature_unchecked(struct wt_case *k, enum wt_finding_id id)
{
    const struct wt_judgement *v = k->tls->authentication.server_chain.judgement;
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The client found a signature that does not verify and sent alert decrypt_error%s. The key exchange "
          "signature and those within the chain are valid here, so it is probably the signature of the certificate "
          "%.80s, whose issuer %.120s is unknown here. Pass the issuer's certificate with --ca-file to confirm."),
        wt_case_at(k->alert->frame, at), wt_case_subject(v->path[v->path_count - 1]), v->missing);
}

/* --- the server's, by the alert alone ----------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_expired_unseen(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], now[WT_DATE_ROOM];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          k->tls->authentication.count[WT_SERVER]
                              ? _("The client sent alert %s%s: it considers the server's certificate expired. At the "
                                  "time of the capture, %s, everything that the server sent was valid: probably the "
                                  "client's clock is wrong, or one of the client's own certificates has expired.")
                              : _("The client sent alert %s%s at %s: it considers the server's certificate expired. "
                                  "The certificate was sent encrypted, so the capture does not show its dates."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_judge_date(wt_case_seconds(k), now));
}

const struct wt_list_finding *wt_sentence_rejected_unseen(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client rejected the server's certificate%s with alert %s%s; nothing else in the "
                            "capture shows what is wrong with it."),
                          wt_evidence_has(k, WT_EVIDENCE_SERVER_CERTIFICATE) ? "" : _(" (not visible here)"),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* The finding says what is concluded from it. */
const struct wt_list_finding *wt_sentence_alone_by_length(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        id == WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE
            ? _("The client rejected the server's certificate (not visible here) with alert %s%s. By its length, at "
                "most %u bytes, the server's Certificate message holds a single certificate, and one that an "
                "authority issued: probably the intermediate certificate of that issuer was not sent with it.")
            : _("The client rejected the server's certificate (not visible here) with alert %s%s. By its length, at "
                "most %u bytes, the server's Certificate message holds a single certificate: the intermediate "
                "certificate of its issuer was not sent with it, or it is self-signed, or its issuer is a root that "
                "the client does not trust."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at), (unsigned)k->seen[WT_EVIDENCE_ALONE_BY_LENGTH].value);
}

/* --- the stapled response ----------------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_staple_bad(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame, _("The client rejected the stapled OCSP response with alert %s%s: %s."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at),
        _(wt_wording_ocsp((enum wt_ocsp_fault)k->tls->authentication.server_chain.extras->ocsp_fault)));
}

const struct wt_list_finding *wt_sentence_staple_due(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server's certificate requires a stapled OCSP response (RFC 7633), but the server "
                            "sent none; the client rejected that with alert %s%s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_staple_rejected(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client rejected the stapled OCSP response with alert %s%s."), wt_case_alert(k),
                          wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_staple_unseen(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client sent alert %s%s: it rejected the stapled OCSP response, or got none. "
                            "The server's flight is encrypted, so the capture does not show which."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_staple_missing(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client requires a stapled OCSP response, and the server sent none: the client "
                            "answered with alert %s%s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* --- the client's ------------------------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_client_none(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        wt_evidence_has(k, WT_EVIDENCE_ALERT_VAGUE)
            ? _("The server requested a client certificate, the client sent none (an empty Certificate), and "
                "the server ended the handshake with alert %s%s: it probably requires one.")
            : _("The server requires a client certificate, and the client sent none: the server answered with "
                "alert %s%s."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

static const struct wt_list_finding *client_rejected(struct wt_case *k, enum wt_finding_id id, const char *why)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame, _("The server rejected the client's certificate %s with alert %s%s. %s"),
        wt_case_subject(leaf_of(k, WT_CLIENT)), wt_case_alert(k), wt_case_at(k->alert->frame, at), why);
}

const struct wt_list_finding *wt_sentence_client_damaged(struct wt_case *k, enum wt_finding_id id)
{
    return client_rejected(k, id, _("It is not valid DER: it is damaged, in the client's file or on the way."));
}

const struct wt_list_finding *wt_sentence_client_expired(struct wt_case *k, enum wt_finding_id id)
{
    char why[256], limit[WT_DATE_ROOM];
    (void)snprintf(why, sizeof why, _("It expired on %s."), wt_judge_date(leaf_of(k, WT_CLIENT)->not_after, limit));
    return client_rejected(k, id, why);
}

const struct wt_list_finding *wt_sentence_client_not_yet(struct wt_case *k, enum wt_finding_id id)
{
    char why[256], limit[WT_DATE_ROOM];
    (void)snprintf(why, sizeof why, _("It becomes valid only on %s."),
                   wt_judge_date(leaf_of(k, WT_CLIENT)->not_before, limit));
    return client_rejected(k, id, why);
}

const struct wt_list_finding *wt_sentence_client_self_signed(struct wt_case *k, enum wt_finding_id id)
{
    return client_rejected(k, id, _("It is self-signed."));
}

const struct wt_list_finding *wt_sentence_client_gap(struct wt_case *k, enum wt_finding_id id)
{
    const struct wt_judgement *v = k->tls->authentication.client_chain->judgement;
    char why[512];
    (void)snprintf(why, sizeof why,
                   _("The client left out the certificate of its issuer, the intermediate %.150s, which is known here "
                     "from elsewhere: without it the server probably finds no path to a root that it trusts."),
                   wt_case_subject(v->path[k->seen[WT_EVIDENCE_CLIENT_GAP].value]));
    return client_rejected(k, id, why);
}

const struct wt_list_finding *wt_sentence_client_unlisted(struct wt_case *k, enum wt_finding_id id)
{
    char why[512], at[WT_CASE_AT];
    (void)snprintf(why, sizeof why,
                   _("Its issuer, %.150s, is none of the certificate authorities that the server's "
                     "CertificateRequest%s accepts."),
                   issuer_of(leaf_of(k, WT_CLIENT)), wt_case_at(k->seen[WT_EVIDENCE_ISSUER_UNLISTED].frame, at));
    return client_rejected(k, id, why);
}

const struct wt_list_finding *wt_sentence_client_unknown_ca(struct wt_case *k, enum wt_finding_id id)
{
    char why[256];
    (void)snprintf(why, sizeof why, _("The server does not know or trust its issuer, %.150s."),
                   issuer_of(leaf_of(k, WT_CLIENT)));
    return client_rejected(k, id, why);
}

const struct wt_list_finding *wt_sentence_client_weak(struct wt_case *k, enum wt_finding_id id)
{
    char why[256];
    (void)snprintf(why, sizeof why, _("Its key has %d bits, which is probably too weak."),
                   leaf_of(k, WT_CLIENT)->key_bits);
    return client_rejected(k, id, why);
}

const struct wt_list_finding *wt_sentence_client_purpose(struct wt_case *k, enum wt_finding_id id)
{
    return client_rejected(k, id, _("It is probably not meant for client authentication (extendedKeyUsage)."));
}

const struct wt_list_finding *wt_sentence_client_revoked(struct wt_case *k, enum wt_finding_id id)
{
    return client_rejected(k, id, _("The server says that it has been revoked."));
}

const struct wt_list_finding *wt_sentence_client_rejected(struct wt_case *k, enum wt_finding_id id)
{
    char why[256];
    (void)snprintf(why, sizeof why,
                   _("Its issuer is %.150s; probably the server does not trust that issuer, or accepts only others."),
                   issuer_of(leaf_of(k, WT_CLIENT)));
    return client_rejected(k, id, why);
}

const struct wt_list_finding *wt_sentence_client_unseen(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server rejected the client's certificate with alert %s%s; the certificate is not visible here."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at));
}
