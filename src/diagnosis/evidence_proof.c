/* Evidence: signatures, Finished messages, binders and records that do not verify, and rules that a message broke. */
#include "diagnosis/case.h"
#include "observer/breaches.h"
#include "observer/keys/opener.h"

static void add(struct wt_case *k, enum wt_evidence id, uint32_t frame, bool seen)
{
    if (seen)
        wt_evidence_add(k, id, frame, 0);
}

/* --- proofs ------------------------------------------------------------------------------------------------------- */

/* A proof that is bad here, too, checked by the side that ended the handshake. */
static void proofs(struct wt_case *k)
{
    static const struct {
        uint8_t proof, row, checker, evidence;
    } rows[] = {
        {WT_PROOF_PSK_BINDER, WT_FINDING_BINDER_MISMATCH, WT_SERVER, WT_EVIDENCE_PROOF_BINDER},
        {WT_PROOF_SERVER_SIGNATURE, WT_FINDING_SIGNATURE_MISMATCH, WT_CLIENT, WT_EVIDENCE_PROOF_SERVER_SIGNATURE},
        {WT_PROOF_CLIENT_SIGNATURE, WT_FINDING_SIGNATURE_MISMATCH, WT_SERVER, WT_EVIDENCE_PROOF_CLIENT_SIGNATURE},
        {WT_PROOF_SERVER_FINISHED, WT_FINDING_FINISHED_MISMATCH, WT_CLIENT, WT_EVIDENCE_PROOF_FINISHED},
        {WT_PROOF_CLIENT_FINISHED, WT_FINDING_FINISHED_MISMATCH, WT_SERVER, WT_EVIDENCE_PROOF_FINISHED},
    };
    /* if both are wrong, the two sides have different transcripts, and the signature is not the cause; a client that
     * cannot even decrypt the flight has other keys, from other messages, which the signature covers as well */
    bool other = k->tls->proofs[WT_PROOF_SERVER_FINISHED].result == WT_PROOF_BAD &&
                 (!k->alert || k->alert->description == WT_ALERT_BAD_RECORD_MAC);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i].row);
        if (k->tls->proofs[rows[i].proof].result == WT_PROOF_BAD && f && (!k->alert || rows[i].checker == k->from) &&
            !(other && rows[i].proof == WT_PROOF_SERVER_SIGNATURE))
            wt_evidence_add(k, (enum wt_evidence)rows[i].evidence, f->frame, 0);
    }
    const struct wt_list_finding *f = wt_finding_of(k->tls, WT_FINDING_RECORD_CORRUPTED);
    add(k, WT_EVIDENCE_RECORD_CORRUPTED, f ? f->frame : 0, f);
}

/* RFC 8446, 6.2: decrypt_error: "unable to correctly verify a signature or validate a Finished message or a PSK
 * binder". The message that was sent last shows which. RFC 5246, 7.4.8: the CertificateVerify covers the same messages
 * as the Finished after it, and is checked first. */
static void checked_last(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    if (!k->alert)
        return;
    bool signs = k->from == WT_CLIENT || tls->authentication.count[WT_CLIENT];
    bool finished = k->from == WT_SERVER ? !signs && tls->flow.facts & (WT_FACT_CLIENT_FINISHED | WT_FACT_CLIENT_CCS)
                                         : tls->side[!k->from].flags & WT_SIDE_FINISHED;
    enum wt_proof_result signature =
        tls->proofs[k->from == WT_CLIENT ? WT_PROOF_SERVER_SIGNATURE : WT_PROOF_CLIENT_SIGNATURE].result;
    add(k, WT_EVIDENCE_SIGNATURE_LAST, 0, signs && !finished);
    add(k, WT_EVIDENCE_SIGNATURE_VALID, 0, signature == WT_PROOF_OK);
    add(k, WT_EVIDENCE_CLIENT_ENDS, 0,
        k->from == WT_SERVER && !wt_tls_is_13(tls) && !(tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED) &&
            tls->flow.facts & (WT_FACT_CLIENT_FINISHED | WT_FACT_CLIENT_CCS));
}

static void keys(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const uint8_t kx = tls->agreed.kx;
    const struct wt_opener *op = tls->keys ? &tls->keys->by[!k->from] : NULL;
    add(k, WT_EVIDENCE_RECORDS_OPENED, 0, op && op->opened);
    add(k, WT_EVIDENCE_RECORDS_INTACT, 0, op && op->opened && !op->failed && !op->unopened);
    add(k, WT_EVIDENCE_PSK_KEYS, 0,
        (kx == WT_KX_PSK || kx == WT_KX_RSA_PSK || kx == WT_KX_DHE_PSK || kx == WT_KX_ECDHE_PSK || kx == WT_KX_SRP) &&
            tls->flow.facts & WT_FACT_CLIENT_KEYS && !(tls->flow.facts & WT_FACT_SERVER_FINISHED));
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* RFC 8446, 6.2: libraries choose among these for the same broken rule; any other alert than the rule's own is about
 * something else. */
static bool is_for_rules(uint8_t alert)
{
    return alert == WT_ALERT_ILLEGAL_PARAMETER || alert == WT_ALERT_UNSUPPORTED_EXTENSION ||
           alert == WT_ALERT_MISSING_EXTENSION;
}

/* What the other side did wrong had come when a side sent that packet. */
static bool had_come(const struct wt_case *k, const struct wt_list_finding *f, struct wt_case_end at)
{
    return wt_case_had_come(f->reach[wt_tls_direction_of(k->tls, !at.side)], f->frame, at);
}

/* A finding of what the other side did wrong, before the alert. */
static bool is_before(const struct wt_case *k, const struct wt_list_finding *f)
{
    const struct wt_case_end alert = {.side = k->from, .frame = k->alert->frame, .acknowledgment = k->acknowledgment};
    return f && (!alert.frame || had_come(k, f, alert));
}

const struct wt_list_finding *wt_evidence_proof_breach(const struct wt_case *k)
{
    uint8_t alert;
    for (const struct wt_list_finding *f = k->tls->report.findings; f; f = f->next)
        if (wt_breach_is(f, &alert) && f->fault == (uint8_t)wt_case_fault(!k->from) && is_before(k, f) &&
            (alert == k->alert->description || (is_for_rules(alert) && is_for_rules(k->alert->description))))
            return f;
    return NULL;
}

const struct wt_list_finding *wt_evidence_proof_silent_breach(const struct wt_case *k, unsigned side)
{
    uint8_t alert;
    for (const struct wt_list_finding *f = k->tls->report.findings; f; f = f->next)
        if (wt_breach_is(f, &alert) && f->fault == (uint8_t)wt_case_fault(!side) && had_come(k, f, k->end))
            return f;
    return NULL;
}

const struct wt_list_finding *wt_evidence_proof_plain(const struct wt_case *k, enum wt_finding_id id)
{
    uint8_t alert;
    for (const struct wt_list_finding *f = k->tls->report.findings; f; f = f->next)
        if (f->row == id && !wt_breach_is(f, &alert))
            return is_before(k, f) && (!f->told || !f->fault || f->fault == (uint8_t)wt_case_fault(!k->from)) ? f
                                                                                                              : NULL;
    return NULL;
}

/* RFC 5246, 7.4.7: the ClientKeyExchange "is always sent by the client", before its ChangeCipherSpec (7.1); a resumed
 * handshake has none. */
static bool keyless_ccs(const struct wt_case *k)
{
    const uint64_t facts = k->tls->flow.facts;
    return k->from == WT_SERVER && !wt_tls_is_13(k->tls) && facts & WT_FACT_SERVER_DONE &&
           !(facts & (WT_FACT_CLIENT_KEYS | WT_FACT_RESUMED)) && !k->tls->side[WT_CLIENT].missing;
}

/* One side claims more than the other accepts: in the length of a message, or of a heartbeat's payload. */
static bool claims(const struct wt_case *k, enum wt_finding_id id)
{
    const struct wt_list_finding *f = wt_finding_of(k->tls, id);
    return f && f->text && strcmp(f->text, wt_tls_sender(!k->from)) == 0 && is_before(k, f);
}

enum { HEADER = 4 }; /* of a handshake message */

const struct wt_handshake_message *wt_evidence_proof_longest(const struct wt_case *k)
{
    const struct wt_tls_handshake *hs = k->tls->handshake;
    const struct wt_handshake_message *found = NULL;
    for (size_t i = 0; hs && i < hs->common.messages.count; i++) {
        const struct wt_handshake_message *m = hs->common.messages.list[i];
        bool before = !k->alert->frame || m->frame <= k->alert->frame;
        if (m->side != k->from && before && m->bytes.n > HEADER && (!found || m->bytes.n > found->bytes.n))
            found = m;
    }
    return found;
}

const char *wt_evidence_proof_refusers(const struct wt_handshake_message *m, size_t *bytes, uint32_t *bound)
{
    static const struct {
        uint32_t bytes;
        bool certificates;
        const char *names;
    } rows[] = {
#define WT_KNOWN_LENGTH(bytes, certificates, names) {bytes, certificates, names},
#include "diagnosis/known_lengths.def"
#undef WT_KNOWN_LENGTH
    };
    *bytes = m->bytes.n - HEADER;
    for (size_t i = sizeof rows / sizeof *rows; i-- > 0;)
        if (*bytes > rows[i].bytes && (rows[i].certificates || m->type != WT_HANDSHAKE_CERTIFICATE)) {
            *bound = rows[i].bytes;
            return rows[i].names;
        }
    return NULL;
}

/* RFC 6066, 4: a server that does not know max_fragment_length, or does not want it, leaves it out of its ServerHello
 * and sends what it likes; the client asked since it has no room for more. */
static void lengths(struct wt_case *k)
{
    const struct wt_handshake_message *m = wt_evidence_proof_longest(k);
    const struct wt_agreed *a = k->tls->handshake ? &k->tls->handshake->common.agreed : NULL;
    size_t bytes;
    uint32_t bound;
    if (m && wt_evidence_proof_refusers(m, &bytes, &bound))
        wt_evidence_add(k, WT_EVIDENCE_MESSAGE_LONG, m->frame, bytes);
    if (!a || k->from != WT_CLIENT || !(k->tls->flow.facts & WT_FACT_SERVER_HELLO))
        return;
    const uint8_t asked = a->offered.max_fragment_length;
    const uint16_t sent = k->tls->handshake->longest[WT_SERVER];
    if (asked && asked <= 4 && !a->chosen.max_fragment_length && sent > 1u << (8 + asked))
        wt_evidence_add(k, WT_EVIDENCE_FRAGMENT_IGNORED, k->server_hello_frame, sent);
}

static void messages(struct wt_case *k)
{
    const struct wt_list_finding *f;
    const struct wt_tls_side *sent = &k->tls->side[!k->from];
    if (!k->alert)
        return;
    lengths(k);
    add(k, WT_EVIDENCE_CLAIMS_LENGTH, 0, claims(k, WT_FINDING_MESSAGE_TOO_LONG));
    add(k, WT_EVIDENCE_CLAIMS_HEARTBEAT, 0, claims(k, WT_FINDING_HEARTBLEED_ATTEMPT));
    f = wt_evidence_proof_plain(k, WT_FINDING_MALFORMED);
    add(k, WT_EVIDENCE_BROKEN_FORM, f ? f->frame : 0, f);
    f = wt_evidence_proof_breach(k);
    add(k, WT_EVIDENCE_BROKEN_RULE, f ? f->frame : 0, f);
    f = wt_finding_of(k->tls, WT_FINDING_STEP_SKIPPED);
    add(k, WT_EVIDENCE_STEP_SKIPPED, f ? f->frame : 0,
        f && f->fault == (uint8_t)wt_case_fault(!k->from) && is_before(k, f));
    f = wt_evidence_proof_plain(k, WT_FINDING_UNEXPECTED);
    add(k, WT_EVIDENCE_BROKEN_ORDER, f ? f->frame : 0, f);
    add(k, WT_EVIDENCE_LAST_ENCRYPTED, 0, sent->hidden || sent->cover == WT_COVER_KEYS);
    add(k, WT_EVIDENCE_KEYLESS_CCS, 0, keyless_ccs(k));
    add(k, WT_EVIDENCE_EXTENSION_MISSING, k->hello_frame,
        k->has_hello &&
            (!k->offer.has_sni || k->offer.has_groups != k->offer.has_shares ||
             (!wt_evidence_has(k, WT_EVIDENCE_PSK_OFFERED) && (!k->offer.has_schemes || !k->offer.has_groups))));
}

/* One side does not speak TLS: that explains everything after it. */
static void not_tls(struct wt_case *k)
{
    static const uint8_t rows[][2] = {
        {WT_FINDING_STARTTLS_REFUSED, WT_EVIDENCE_STARTTLS_REFUSED},
        {WT_FINDING_PEER_NOT_TLS, WT_EVIDENCE_SERVER_NOT_TLS},
        {WT_FINDING_CLIENT_NOT_TLS, WT_EVIDENCE_CLIENT_NOT_TLS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i][0]);
        add(k, (enum wt_evidence)rows[i][1], f ? f->frame : 0, f);
    }
}

void wt_evidence_proof(struct wt_case *k)
{
    proofs(k);
    checked_last(k);
    keys(k);
    messages(k);
    not_tls(k);
}
