/* Whether what the two sides proved holds: signatures, Finished, PSK binders.
 *
 * Nothing is judged before all that it covers has been seen: the two streams of a capture need not interleave in
 * message order. So proofs wait in the transcript until the handshake is over, or goes no further. */
#include "observer/state.h"

#include "base/i18n.h"
#include "codec/ext/ext.h"

#include <stdio.h>

static const char *const reasons[] = {
#define WT_REASON(id, text) text,
#include "observer/proofs.def"
#undef WT_REASON
};

enum reason {
#define WT_REASON(id, text) REASON_##id,
#include "observer/proofs.def"
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
    struct wt_transcript *t;
    size_t at; /* its entry */
    unsigned side;
};

static struct wt_span body_of(const struct wt_transcript *t, size_t at)
{
    const struct wt_transcript_entry *e = &t->entries[at];
    if (e->length < 4)
        return (struct wt_span){0};
    return wt_span_cut(wt_buffer_span(&t->bytes), e->offset + 4u, e->length - 4u);
}

static bool decode(const struct judging *j, size_t at, struct wt_message_body *out)
{
    const struct wt_transcript_entry *e = &j->t->entries[at];
    struct wt_error error;
    struct wt_codec_context context = {
        j->tls->version, j->tls->kx,
        e->side == WT_SERVER ? j->tls->server_certificate_type : j->tls->client_certificate_type, e->side == WT_SERVER};
    return wt_message_decode(&context, e->type, body_of(j->t, at), NULL, out, &error) == WT_OK;
}

static void note(const struct judging *j, enum wt_proof which, enum wt_proof_result result, enum reason reason)
{
    struct wt_tls_proof *p = &j->tls->proofs[which];
    j->t->entries[j->at].judged = true;
    /* of several handshakes the first is told, unless a later one fails */
    if (p->result == WT_PROOF_ABSENT || (result == WT_PROOF_BAD && p->result != WT_PROOF_BAD))
        *p = (struct wt_tls_proof){j->t->entries[j->at].frame, (uint8_t)result, (uint8_t)reason};
}

/* --- whose key -------------------------------------------------------------------------------------------------------
 */

/* RFC 9345, 4.1.1: a Certificate whose leaf carries a delegated credential: its key signs the CertificateVerify. */
static struct wt_span delegated(const struct judging *j, const struct wt_certificate_entry *entry)
{
    struct wt_codec_context context = {.version = j->tls->version, .from_server = 1};
    struct wt_extensions extensions = {entry->extensions, true};
    union wt_ext_body e;
    struct wt_error error;
    struct wt_span body;
    if (!wt_extensions_find(&extensions, WT_EXT_DELEGATED_CREDENTIAL, &body) ||
        wt_extension_decode(WT_EXT_DELEGATED_CREDENTIAL, &context, WT_IN_CT, body, NULL, &e, &error) != WT_OK)
        return (struct wt_span){0};
    return e.delegated_credential.subject_public_key_info;
}

/* A key to verify with: the certificates' own, or one that goes after use. */
struct verifier {
    struct wt_public_key *key, *own;
    uint32_t *held;
};

static void of_certificate(const struct judging *j, const struct wt_certificate *certificate, struct verifier *v)
{
    struct wt_span rest = certificate->list;
    struct wt_certificate_entry entry;
    uint8_t type = j->side == WT_SERVER ? j->tls->server_certificate_type : j->tls->client_certificate_type;
    if (certificate->raw_public_key) {
        v->key = v->own = wt_public_key_of_spki(j->o->crypto, certificate->list);
        return;
    }
    if (!wt_certificate_next(certificate, &rest, &entry))
        return;
    struct wt_span spki = type == 2 ? entry.data : delegated(j, &entry);
    if (spki.n) {
        v->key = v->own = wt_public_key_of_spki(j->o->crypto, spki);
        return;
    }
    const struct wt_certificate_facts *facts = wt_certificates_intern(j->o->certificates, entry.data);
    if (facts)
        v->key = wt_certificates_key(j->o->certificates, facts, &v->held);
}

/* The side's Certificate before the entry, decoded; its place, SIZE_MAX when there is none. */
static size_t certificate_before(const struct judging *j, struct wt_certificate *out)
{
    for (size_t i = j->at; i-- > 0;) {
        const struct wt_transcript_entry *e = &j->t->entries[i];
        struct wt_message_body m, inner;
        if (e->side != j->side ||
            (e->type != WT_HANDSHAKE_CERTIFICATE && e->type != WT_HANDSHAKE_COMPRESSED_CERTIFICATE))
            continue;
        if (!decode(j, i, &m))
            return SIZE_MAX;
        if (e->type == WT_HANDSHAKE_CERTIFICATE) {
            *out = m.certificate;
            return i;
        }
        if (!wt_tls_inflate_certificate(j->o, j->tls, j->side, &m.compressed_certificate, &inner))
            return SIZE_MAX;
        *out = inner.certificate;
        return i;
    }
    return SIZE_MAX;
}

static bool verifier_of(const struct judging *j, struct verifier *v)
{
    struct wt_certificate certificate;
    *v = (struct verifier){0};
    if (certificate_before(j, &certificate) != SIZE_MAX)
        of_certificate(j, &certificate, v);
    return v->key != NULL;
}

/* --- what a proof covers ---------------------------------------------------------------------------------------------
 */

static bool add_entry(const struct judging *j, size_t i)
{
    const struct wt_transcript_entry *e = &j->t->entries[i];
    return wt_buffer_add(&j->o->text, j->t->bytes.p + e->offset, e->length);
}

/* RFC 8446, 4.3.2: the certificate_request_context "MUST be unique within the scope of this connection". */
static size_t request_of(const struct judging *j, struct wt_span context)
{
    for (size_t i = 0; i < j->t->count; i++) {
        const struct wt_transcript_entry *e = &j->t->entries[i];
        struct wt_message_body m;
        if (e->place >= WT_PLACE_LATER && e->type == WT_HANDSHAKE_CERTIFICATE_REQUEST && decode(j, i, &m) &&
            wt_span_equal(m.certificate_request.request_context, context))
            return i;
    }
    return SIZE_MAX;
}

/* All messages before the entry. After the handshake (RFC 8446, 4.4.1 and 4.6.2): those of the handshake, the request
 * that the side's Certificate names, and the side's own from that Certificate on; other requests may be open beside.
 * False when the request was not seen. */
static bool covered(const struct judging *j, struct wt_span *out)
{
    const struct wt_transcript *t = j->t;
    struct wt_certificate certificate;
    size_t later = j->at;
    if (t->entries[j->at].place < WT_PLACE_LATER) {
        *out = wt_transcript_before(t, j->at, &j->o->text);
        return true;
    }
    while (later && t->entries[later - 1].place >= WT_PLACE_LATER)
        later--;
    size_t from = certificate_before(j, &certificate), request;
    if (from == SIZE_MAX || from < later || (request = request_of(j, certificate.request_context)) == SIZE_MAX)
        return false;
    struct wt_span handshake = wt_transcript_before(t, later, &j->o->text);
    if (handshake.p != j->o->text.p) {
        j->o->text.n = 0;
        if (!wt_buffer_add(&j->o->text, handshake.p, handshake.n))
            return false;
    }
    bool ok = add_entry(j, request);
    for (size_t i = from; i < j->at && ok; i++)
        ok = t->entries[i].side != j->side || add_entry(j, i);
    *out = wt_buffer_span(&j->o->text);
    return ok;
}

/* Whether this signature is to be checked at all (wiretale/observer.h, enum wt_verify). */
static bool skipped(const struct judging *j, const struct verifier *v)
{
    return j->o->options.verify == WT_VERIFY_AUTO && v->held && *v->held >= WT_VERIFY_ENOUGH;
}

static void signature(const struct judging *j, enum wt_proof which, const char *message, enum wt_verdict verdict,
                      const struct verifier *v)
{
    switch (verdict) {
    case WT_HOLDS:
        if (v->held)
            ++*v->held;
        note(j, which, WT_PROOF_OK, REASON_NONE);
        return;
    case WT_CANNOT:
        note(j, which, WT_PROOF_UNKNOWN, REASON_CANNOT);
        return;
    default:
        if (v->held)
            *v->held = 0; /* a key that fails is looked at again and again */
        note(j, which, WT_PROOF_BAD, verdict == WT_WRONG_KEY ? REASON_WRONG_KEY : REASON_SIGNATURE);
        wt_finding_add(j->tls, WT_FINDING_SIGNATURE_MISMATCH, j->t->entries[j->at].frame, message, 0, 0);
    }
}

/* TLS 1.3: both sides' Finished of the handshake itself were seen. */
static bool is_over(const struct judging *j)
{
    unsigned sides = 0;
    for (size_t i = 0; i < j->t->count && j->t->entries[i].place < WT_PLACE_LATER; i++)
        if (j->t->entries[i].type == WT_HANDSHAKE_FINISHED)
            sides |= 1u << j->t->entries[i].side;
    return sides == 3;
}

/* A HelloRetryRequest was seen, and not the hello that it answers. */
static bool lacks_retry(const struct judging *j)
{
    return j->tls->retried && j->t->entries[0].type != WT_HANDSHAKE_MESSAGE_HASH;
}

/* Whether all that a proof of this side covers of the other is there. Bytes that a capture lacks at its end leave no
 * gap behind them to be seen. */
static bool is_whole(const struct judging *j)
{
    const struct wt_tls_handshake *hs = j->tls->handshake;
    bool resumed = wt_flow_has(&j->tls->flow, WT_FACT_RESUMED);
    bool client = wt_transcript_find(j->t, WT_CLIENT, WT_HANDSHAKE_FINISHED) != SIZE_MAX;
    bool server = wt_transcript_find(j->t, WT_SERVER, WT_HANDSHAKE_FINISHED) != SIZE_MAX;
    if (j->t->broken || !hs->has_random[WT_CLIENT] || !hs->has_random[WT_SERVER] || lacks_retry(j))
        return false;
    if (j->t->entries[j->at].place >= WT_PLACE_LATER && !(is_over(j) && covered(j, &(struct wt_span){0})))
        return false;
    /* RFC 8446, 4.5: EndOfEarlyData passes under the early keys, which need not be known. */
    if (wt_tls_is_13(j->tls) && j->side == WT_CLIENT && j->tls->early_data == WT_EARLY_ACCEPTED &&
        wt_transcript_find(j->t, WT_CLIENT, WT_HANDSHAKE_END_OF_EARLY_DATA) == SIZE_MAX)
        return false;
    if (wt_tls_is_13(j->tls) || resumed)
        return j->side == WT_SERVER || server;
    return hs->server_done && (j->side == WT_CLIENT || client);
}

/* --- signatures
 * -------------------------------------------------------------------------------------------------------- */

/* SSL 3.0 to TLS 1.1: MD5 and SHA-1 side by side. */
static bool digests_old(const struct judging *j, const struct wt_span *parts, size_t count, uint8_t out[36])
{
    return wt_digest_parts(j->o->crypto, WT_HASH_MD5, parts, count, out) == 16 &&
           wt_digest_parts(j->o->crypto, WT_HASH_SHA1, parts, count, out + 16) == 20;
}

static enum wt_verdict verify(const struct judging *j, const struct verifier *v, bool has_scheme, uint16_t scheme,
                              const struct wt_span *parts, size_t count, struct wt_span sig)
{
    uint8_t digests[36];
    if (has_scheme)
        return wt_signature_verify(j->o->crypto, v->key, scheme, wt_tls_is_13(j->tls), parts, count, sig);
    if (!digests_old(j, parts, count, digests))
        return WT_CANNOT;
    return wt_signature_verify_old(j->o->crypto, v->key, digests, sig);
}

/* RFC 5246, 7.4.3: the signature covers both randoms and the parameters. */
static void server_key_exchange(const struct judging *j)
{
    const struct wt_tls_handshake *hs = j->tls->handshake;
    struct wt_message_body m;
    struct verifier v = {0};
    if (!decode(j, j->at, &m) || !m.server_key_exchange.is_signed) {
        j->t->entries[j->at].judged = true;
        return;
    }
    const struct wt_server_key_exchange *ske = &m.server_key_exchange;
    const struct wt_span parts[3] = {wt_span_of(hs->random[WT_CLIENT], 32), wt_span_of(hs->random[WT_SERVER], 32),
                                     ske->params};
    if (j->tls->version == WT_TLCP)
        note(j, WT_PROOF_SERVER_SIGNATURE, WT_PROOF_UNKNOWN, REASON_TLCP);
    else if (!hs->has_random[WT_CLIENT] || !hs->has_random[WT_SERVER])
        note(j, WT_PROOF_SERVER_SIGNATURE, WT_PROOF_UNKNOWN, REASON_HELLO);
    else if (!verifier_of(j, &v))
        note(j, WT_PROOF_SERVER_SIGNATURE, WT_PROOF_UNKNOWN, REASON_KEY);
    else if (skipped(j, &v))
        note(j, WT_PROOF_SERVER_SIGNATURE, WT_PROOF_UNKNOWN, REASON_ENOUGH);
    else
        signature(j, WT_PROOF_SERVER_SIGNATURE, N_("the server's ServerKeyExchange"),
                  verify(j, &v, ske->has_scheme, ske->signature_scheme, parts, 3, ske->signature), &v);
    wt_public_key_free(v.own);
}

/* What a CertificateVerify signs: up to TLS 1.2 the messages before it (SSL 3.0: with the master secret, RFC
 * 6101, 5.6.8), in TLS 1.3 their hash in a context (RFC 8446, 4.4.3). */
static enum wt_verdict verify_messages(const struct judging *j, const struct verifier *v,
                                       const struct wt_certificate_verify *m, enum reason *reason)
{
    struct wt_span messages;
    uint8_t digest[WT_DIGEST_MOST], content[WT_SIGNED13_MOST], digests[36];
    *reason = REASON_TRANSCRIPT;
    if (!covered(j, &messages))
        return WT_CANNOT;
    *reason = REASON_CANNOT;
    if (j->tls->version == WT_SSL3) {
        struct wt_terms terms;
        *reason = REASON_NO_MASTER;
        if (!wt_keyring_master(j->o, j->tls) || !wt_keyring_terms(j->o, j->tls, &terms) ||
            !wt_ssl3_certificate_digests(&terms, j->tls->keys->master, messages, digests))
            return WT_CANNOT;
        return wt_signature_verify_old(j->o->crypto, v->key, digests, m->signature);
    }
    if (!wt_tls_is_13(j->tls))
        return verify(j, v, m->has_scheme, m->signature_scheme, &messages, 1, m->signature);
    const struct wt_suite *suite = wt_suite_find(j->tls->suite);
    size_t n = suite ? wt_digest(j->o->crypto, (enum wt_hash_id)suite->prf, messages, digest) : 0;
    struct wt_span signed_content = wt_span_of(content, n ? wt_signed13(j->side, wt_span_of(digest, n), content) : 0);
    return n ? verify(j, v, true, m->signature_scheme, &signed_content, 1, m->signature) : WT_CANNOT;
}

static void certificate_verify(const struct judging *j)
{
    enum wt_proof which = j->side == WT_SERVER ? WT_PROOF_SERVER_SIGNATURE : WT_PROOF_CLIENT_SIGNATURE;
    struct wt_message_body m;
    struct verifier v = {0};
    enum reason reason;
    if (!decode(j, j->at, &m)) {
        note(j, which, WT_PROOF_UNKNOWN, REASON_MALFORMED);
    } else if (!is_whole(j)) {
        note(j, which, WT_PROOF_UNKNOWN, REASON_TRANSCRIPT);
    } else if (!verifier_of(j, &v)) {
        note(j, which, WT_PROOF_UNKNOWN, REASON_KEY);
    } else if (skipped(j, &v)) {
        note(j, which, WT_PROOF_UNKNOWN, REASON_ENOUGH);
    } else {
        enum wt_verdict verdict = verify_messages(j, &v, &m.certificate_verify, &reason);
        if (verdict == WT_CANNOT)
            note(j, which, WT_PROOF_UNKNOWN, reason);
        else
            signature(j, which,
                      j->side == WT_SERVER ? N_("the server's CertificateVerify")
                                           : N_("the client's CertificateVerify"),
                      verdict, &v);
    }
    wt_public_key_free(v.own);
}

/* --- Finished
 * ----------------------------------------------------------------------------------------------------------- */

static size_t expected12(const struct judging *j, uint8_t out[WT_DIGEST_MOST])
{
    struct wt_terms terms;
    if (!wt_keyring_master(j->o, j->tls) || !wt_keyring_terms(j->o, j->tls, &terms))
        return 0;
    return wt_verify_data(&terms, j->tls->keys->master, j->side, wt_transcript_before(j->t, j->at, &j->o->text), out);
}

/* RFC 8446, 4.4.4: the base key is the sender's handshake traffic secret; after the handshake (4.6.2) its application
 * traffic secret in force. */
static size_t expected13(const struct judging *j, uint8_t out[WT_DIGEST_MOST])
{
    uint8_t secret[WT_DIGEST_MOST], digest[WT_DIGEST_MOST];
    struct wt_schedule s;
    struct wt_span messages;
    size_t n;
    if (!j->tls->keys || !wt_keyring_schedule(j->o, j->tls, &s))
        return 0;
    s.steps = wt_keyring_steps(j->o, j->tls, j->side);
    if (j->t->entries[j->at].place >= WT_PLACE_LATER) {
        const struct wt_opener *op = &j->tls->keys->by[j->side == WT_CLIENT ? j->tls->client : !j->tls->client];
        n = op->secret_length;
        memcpy(secret, op->secret, n);
    } else {
        n = wt_keyring_traffic(j->o, j->tls, j->side, WT_EPOCH_HANDSHAKE, secret);
    }
    size_t length = n && covered(j, &messages) ? wt_digest(j->o->crypto, s.hash, messages, digest) : 0;
    bool ok = length && wt_verify_data13(&s, wt_span_of(secret, n), wt_span_of(digest, length), out);
    wt_wipe(secret, sizeof secret);
    return ok ? s.length : 0;
}

static void finished(const struct judging *j)
{
    enum wt_proof which = j->side == WT_SERVER ? WT_PROOF_SERVER_FINISHED : WT_PROOF_CLIENT_FINISHED;
    uint8_t expected[WT_DIGEST_MOST];
    if (!is_whole(j)) {
        note(j, which, WT_PROOF_UNKNOWN, REASON_TRANSCRIPT);
        return;
    }
    size_t n = wt_tls_is_13(j->tls) ? expected13(j, expected) : expected12(j, expected);
    if (!n) {
        note(j, which, WT_PROOF_UNKNOWN, REASON_NO_MASTER);
    } else if (wt_span_equal(wt_span_of(expected, n), body_of(j->t, j->at))) {
        note(j, which, WT_PROOF_OK, REASON_NONE);
    } else {
        note(j, which, WT_PROOF_BAD, REASON_FINISHED);
        wt_finding_add(j->tls, WT_FINDING_FINISHED_MISMATCH, j->t->entries[j->at].frame,
                       j->side == WT_SERVER ? N_("the server") : N_("the client"), 0, 0);
    }
}

/* --- PSK binders
 * --------------------------------------------------------------------------------------------------------- */

static bool nth(struct wt_span list, unsigned prefix, unsigned index, struct wt_span *out)
{
    for (unsigned i = 0; i <= index; i++)
        if (!wt_ext_opaque_next(&list, prefix, out))
            return false;
    return true;
}

static bool nth_identity(struct wt_span list, unsigned index, struct wt_span *out)
{
    uint32_t age;
    for (unsigned i = 0; i <= index; i++)
        if (!wt_ext_psk_identity_next(&list, out, &age))
            return false;
    return true;
}

/* RFC 8446, 4.2.11: "each PSK is associated with a single Hash algorithm": the binder is as long as its digest. Where
 * no suite was chosen (the server refused the binder) that length tells the hash. */
static bool binder_schedule(const struct judging *j, size_t length, struct wt_schedule *s)
{
    if (j->tls->has_suite)
        return wt_keyring_schedule(j->o, j->tls, s) && s->length == length;
    return (length == 32 || length == 48) &&
           wt_schedule_start(s, j->o->crypto, length == 32 ? WT_HASH_SHA256 : WT_HASH_SHA384, j->tls->offered, NULL);
}

/* RFC 8446, 4.2.11.2: the binder is a Finished over the hello "up to and including the PreSharedKeyExtension.identities
 * field", under a key made from the PSK alone. */
static bool binder(const struct judging *j, const struct wt_ext_pre_shared_key *e, struct wt_span psk, bool external,
                   size_t length, uint8_t out[WT_DIGEST_MOST])
{
    struct wt_schedule s;
    uint8_t early[WT_DIGEST_MOST], key[WT_DIGEST_MOST], digest[WT_DIGEST_MOST], none[WT_DIGEST_MOST];
    const struct wt_transcript_entry *hello = &j->t->entries[j->at];
    struct wt_span before = wt_transcript_before(j->t, j->at, &j->o->text);
    struct wt_span parts[2] = {before, wt_span_cut(wt_buffer_span(&j->t->bytes), hello->offset, hello->length)};
    if (!binder_schedule(j, length, &s) || parts[1].n < e->binders.n + 2)
        return false;
    parts[1].n -= e->binders.n + 2;
    size_t empty = wt_digest(j->o->crypto, s.hash, (struct wt_span){0}, none);
    size_t n = wt_digest_parts(j->o->crypto, s.hash, parts, 2, digest);
    bool ok = n && empty && wt_early_secret(&s, psk, early) &&
              wt_branch_secret(&s, external ? WT_BRANCH_EXTERNAL_BINDER : WT_BRANCH_RESUMPTION_BINDER, early,
                               wt_span_of(none, empty), key) &&
              wt_verify_data13(&s, wt_span_of(key, s.length), wt_span_of(digest, n), out);
    wt_wipe(early, sizeof early);
    wt_wipe(key, sizeof key);
    return ok;
}

/* An identity as a finding names it: tickets are no text. */
static void identity_name(struct wt_span identity, char *out, size_t size)
{
    bool text = identity.n > 0 && identity.n <= 64;
    for (size_t i = 0; i < identity.n && text; i++)
        text = identity.p[i] >= 0x20 && identity.p[i] < 0x7f;
    if (text)
        (void)snprintf(out, size, "\"%.*s\"", (int)identity.n, (const char *)identity.p);
    else
        (void)snprintf(out, size, _("an identity of %zu bytes"), identity.n);
}

/* Of the identity that the server selected, or, where it answered with no hello at all, of the first. */
static void client_hello(const struct judging *j, bool last)
{
    const struct wt_tls_handshake *hs = j->tls->handshake;
    struct wt_codec_context context = {0};
    struct wt_message_body m;
    union wt_ext_body e;
    struct wt_error error;
    struct wt_span body, identity, psk, claimed;
    uint8_t expected[WT_DIGEST_MOST];
    bool external, answered = wt_flow_has(&j->tls->flow, WT_FACT_SERVER_HELLO);
    if ((answered ? !wt_tls_is_13(j->tls) || !hs->has_selected_psk : !last) || !decode(j, j->at, &m) ||
        !wt_extensions_find(&m.client_hello.extensions, WT_EXT_PRE_SHARED_KEY, &body) ||
        wt_extension_decode(WT_EXT_PRE_SHARED_KEY, &context, WT_IN_CH, body, NULL, &e, &error) != WT_OK ||
        !nth_identity(e.pre_shared_key.identities, hs->selected_psk, &identity) ||
        !nth(e.pre_shared_key.binders, 1, hs->selected_psk, &claimed) ||
        !wt_keyring_psk(j->o, identity, &psk, &external))
        return;
    if (j->t->broken || (j->at && lacks_retry(j))) {
        note(j, WT_PROOF_PSK_BINDER, WT_PROOF_UNKNOWN, REASON_TRANSCRIPT);
    } else if (!binder(j, &e.pre_shared_key, psk, external, claimed.n, expected)) {
        note(j, WT_PROOF_PSK_BINDER, WT_PROOF_UNKNOWN, REASON_CANNOT);
    } else if (wt_span_equal(wt_span_of(expected, claimed.n), claimed)) {
        note(j, WT_PROOF_PSK_BINDER, WT_PROOF_OK, REASON_NONE);
    } else if (!wt_transport_opened(&j->c->transport,
                                    0)) { /* another hello, and a HelloRetryRequest, may have passed before */
        note(j, WT_PROOF_PSK_BINDER, WT_PROOF_UNKNOWN, REASON_TRANSCRIPT);
    } else {
        char name[128];
        note(j, WT_PROOF_PSK_BINDER, WT_PROOF_BAD, REASON_BINDER);
        identity_name(identity, name, sizeof name);
        wt_finding_add(j->tls, WT_FINDING_BINDER_MISMATCH, j->t->entries[j->at].frame, name, 0, 0);
    }
}

/* --- the whole handshake
 * -------------------------------------------------------------------------------------------------- */

static void judge(struct judging *j, bool complete, bool last)
{
    const struct wt_transcript_entry *e = &j->t->entries[j->at];
    j->side = e->side;
    switch (e->type) {
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        if (j->o->options.verify != WT_VERIFY_NONE)
            server_key_exchange(j);
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        if (j->o->options.verify != WT_VERIFY_NONE)
            certificate_verify(j);
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

/* A proof that passed where nobody could read it. */
static void hidden(struct wt_tls *tls, enum wt_proof which, bool passed)
{
    if (passed && tls->proofs[which].result == WT_PROOF_ABSENT)
        tls->proofs[which] = (struct wt_tls_proof){0, WT_PROOF_UNKNOWN, REASON_HIDDEN};
}

static void settle_hidden(struct wt_tls *tls)
{
    const struct wt_tls_side *client = &tls->side[tls->client], *server = &tls->side[!tls->client];
    bool is13 = wt_tls_is_13(tls);
    hidden(tls, WT_PROOF_CLIENT_FINISHED, client->flags & WT_SIDE_FINISHED);
    hidden(tls, WT_PROOF_SERVER_FINISHED, is13 ? server->hidden > 0 : server->flags & WT_SIDE_FINISHED);
    hidden(tls, WT_PROOF_SERVER_SIGNATURE, is13 && server->hidden && !wt_flow_has(&tls->flow, WT_FACT_RESUMED));
}

void wt_proofs_settle(struct wt_observer *o, struct wt_conversation *c, bool last)
{
    struct wt_tls *tls = c->tls;
    struct wt_tls_handshake *hs = tls->handshake;
    if (hs && (tls->version || last)) {
        struct judging j = {o, c, tls, &hs->transcript, 0, 0};
        for (j.at = 0; j.at < j.t->count; j.at++)
            if (!j.t->entries[j.at].judged)
                judge(&j,
                      last || (wt_transcript_find(j.t, WT_CLIENT, WT_HANDSHAKE_FINISHED) != SIZE_MAX &&
                               wt_transcript_find(j.t, WT_SERVER, WT_HANDSHAKE_FINISHED) != SIZE_MAX),
                      last);
    }
    if (last && o->options.verify != WT_VERIFY_NONE)
        settle_hidden(tls);
}
