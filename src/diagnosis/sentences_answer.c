/* Sentences: what a client rejects in the server's first flight apart from its certificate. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "observer/breaches.h"
#include "wording/handshake.h"

const struct wt_list_finding *wt_sentence_weak_dh(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_DH_SMALL];
    return wt_finding_say(k->tls, id, seen->frame,
                          _("The ServerKeyExchange%s has a Diffie-Hellman group of %u bits, "
                            "which the client rejected as too small with alert %s."),
                          wt_case_at(seen->frame, at), (unsigned)seen->value, wt_case_alert(k));
}

const struct wt_list_finding *wt_sentence_foreign_scheme(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[16], list[WT_CASE_LIST];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_FOREIGN_SCHEME];
    wt_breach_joins(k->tls, WT_FINDING_MALFORMED, seen->frame, seen->value);
    return wt_finding_say(k->tls, id, seen->frame,
                          _("The server signed its key exchange%s with %s, which the client does not offer; it offers "
                            "%s. The client sent alert %s."),
                          wt_case_at(seen->frame, at),
                          wt_case_name(WT_REG_SIGNATURE_SCHEME, (uint16_t)seen->value, name),
                          wt_case_list(WT_REG_SIGNATURE_SCHEME, k->offer.schemes, list), wt_case_alert(k));
}

const struct wt_list_finding *wt_sentence_foreign_group(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[16], list[WT_CASE_LIST];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_FOREIGN_GROUP];
    wt_breach_joins(k->tls, WT_FINDING_MALFORMED, seen->frame, seen->value);
    return wt_finding_say(k->tls, id, seen->frame,
                          _("The server's key exchange%s uses %s, which the client does not offer; it offers %s. The "
                            "client sent alert %s."),
                          wt_case_at(seen->frame, at), wt_case_name(WT_REG_GROUP, (uint16_t)seen->value, name),
                          wt_case_list(WT_REG_GROUP, k->offer.groups, list), wt_case_alert(k));
}

const struct wt_list_finding *wt_sentence_foreign_choice(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[16];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_FOREIGN_CHOICE];
    const uint16_t code = (uint16_t)(seen->value & 0xffff);
    wt_breach_joins(k->tls, WT_FINDING_MALFORMED, seen->frame, code);
    return wt_finding_say(k->tls, id, seen->frame,
                          _("The server chose %s, which the client does not offer; the client rejected it with alert "
                            "%s%s."),
                          wt_case_name((enum wt_registry)(seen->value >> 16), code, name), wt_case_alert(k),
                          wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_foreign_extension(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[16];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_FOREIGN_EXTENSION];
    wt_breach_joins(k->tls, WT_FINDING_MALFORMED, seen->frame, seen->value);
    return wt_finding_say(
        k->tls, id, seen->frame,
        _("The ServerHello contains the extension %s, which the ClientHello does not have; the client rejected it "
          "with alert %s%s."),
        wt_case_name(WT_REG_EXTENSION, (uint16_t)seen->value, name), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_certificate_left_out(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[16];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server sent no Certificate, although %s requires one: the client found the next message out of order "
          "and sent alert %s%s. The server left the Certificate out, or it was dropped on the way."),
        wt_case_name(WT_REG_CIPHER_SUITE, k->tls->agreed.suite, name), wt_case_alert(k),
        wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_no_renegotiation_info(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client rejected the ServerHello with alert %s%s, probably because it lacks "
                            "renegotiation_info (RFC 5746): current clients refuse servers without secure "
                            "renegotiation (OpenSSL: unsafe legacy renegotiation disabled)."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_no_master_secret(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], hello[WT_CASE_AT];
    wt_case_at(k->server_hello_frame, hello);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client offers extended_master_secret (RFC 7627), the ServerHello%s lacks it, and the "
                            "client ended the handshake with alert %s%s: probably it requires the extension, as "
                            "clients in FIPS mode do (RHEL 9, OpenSSL 3.1 and later, Java with "
                            "jdk.tls.allowLegacyMasterSecret=false). The client's log would settle it."),
                          hello, wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_client_lacks_master_secret(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s. The ClientHello offers no TLS 1.3 "
                            "and no extended_master_secret (RFC 7627): probably the server requires the extension, as "
                            "servers in FIPS mode do (RHEL 9, OpenSSL 3.1 and later). The server's log would settle "
                            "it."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* RFC 8446, 4.1.3: clients "MUST check that the last 8 bytes are not equal to either of these values" and, if they are,
 * "abort the handshake with an illegal_parameter alert". */
const struct wt_list_finding *wt_sentence_downgrade(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], chosen[16], offered[16];
    wt_breach_joins(k->tls, WT_FINDING_DOWNGRADE_DETECTED, k->server_hello_frame, 0);
    return wt_finding_say(
        k->tls, id, k->server_hello_frame,
        k->from == WT_CLIENT
            ? _("The ServerHello chose %s, but its random%s carries the downgrade sentinel: the server supports a "
                "newer version, and the client offered %s. The client rejected it with alert %s: the ClientHello was "
                "probably modified on the way.")
            : _("The ServerHello chose %s, but its random%s carries the downgrade sentinel: the server supports a "
                "newer version, and the client offered %s. The client continued, but the server found that the keys do "
                "not match and sent alert %s: the ClientHello was probably modified on the way."),
        wt_case_name(WT_REG_VERSION, k->tls->agreed.version, chosen), wt_case_at(k->server_hello_frame, at),
        wt_case_name(WT_REG_VERSION, k->tls->agreed.offered, offered), wt_case_alert(k));
}

const struct wt_list_finding *wt_sentence_fragment_ignored(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], hello[WT_CASE_AT];
    const uint8_t asked = k->tls->handshake->common.agreed.offered.max_fragment_length;
    wt_case_at(k->server_hello_frame, hello);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The client asked for records of at most %u bytes (max_fragment_length), the ServerHello%s "
                            "does not accept that, and the server sent a record of %u bytes: probably the client has "
                            "no room for it (RFC 6066, 4). It ended the handshake with alert %s%s."),
                          1u << (8 + asked), hello, (unsigned)k->seen[WT_EVIDENCE_FRAGMENT_IGNORED].value,
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_message_long(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], sent[WT_CASE_AT];
    const struct wt_handshake_message *m = wt_evidence_proof_longest(k);
    size_t bytes;
    uint32_t bound = 0;
    const char *names = wt_evidence_proof_refusers(m, &bytes, &bound);
    wt_case_at(m->frame, sent);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          /* TRANSLATORS: a message, its packet, its length, an alert and its packet, a length, libraries */
                          _("%s%s is %zu bytes long, and the other side answered with alert %s%s: probably it accepts "
                            "no message of that length. %u bytes are the default limit of some libraries (%s)."),
                          wt_wording_message(m->type), sent, bytes, wt_case_alert(k),
                          wt_case_at(k->alert->frame, at), bound, names ? names : "?");
}
