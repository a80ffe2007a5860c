#include "handshake/proofs.h"

#include "certificate/pair.h"
#include "codec/ext/ext.h"
#include "handshake/keys12.h"
#include "handshake/keys13.h"

static const struct wt_message_body *body_at(const struct wt_handshake *h, size_t at)
{
    const struct wt_codec_context context = wt_handshake_context(h, h->messages.list[at]->side);
    return wt_messages_body(&h->messages, at, &context);
}

static bool has_hellos(const struct wt_handshake *h)
{
    return h->agreed.offered.seen && h->agreed.offered.random_length == 32 && h->agreed.chosen.has_random;
}

/* --- what a proof covers --------------------------------------------------------------------------------------------
 */

/* The side's Certificate before that message: its index, SIZE_MAX when there is none. */
static size_t certificate_before(const struct wt_handshake *h, size_t at, const struct wt_certificate **out)
{
    const struct wt_messages *m = &h->messages;
    unsigned side = m->list[at]->side;
    for (size_t i = at; i-- > 0;) {
        const struct wt_handshake_message *e = m->list[i];
        if (e->side != side || (e->type != WT_HANDSHAKE_CERTIFICATE && e->type != WT_HANDSHAKE_COMPRESSED_CERTIFICATE))
            continue;
        const struct wt_message_body *body = body_at(h, i);
        if (!body || (e->type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE && !e->inner))
            return SIZE_MAX;
        *out = e->inner ? &e->inner->body.certificate : &body->certificate;
        return i;
    }
    return SIZE_MAX;
}

/* RFC 8446, 4.3.2: the certificate_request_context "MUST be unique within the scope of this connection". */
static size_t request_of(const struct wt_handshake *h, struct wt_span context)
{
    const struct wt_messages *m = &h->messages;
    for (size_t i = 0; i < m->count; i++) {
        const struct wt_message_body *body;
        if (m->list[i]->place >= WT_PLACE_LATER && m->list[i]->type == WT_HANDSHAKE_CERTIFICATE_REQUEST &&
            (body = body_at(h, i)) && wt_span_equal(body->certificate_request.request_context, context))
            return i;
    }
    return SIZE_MAX;
}

/* What a proof after the handshake covers (RFC 8446, 4.4.1 and 4.6.2): the messages of the handshake, the request that
 * the side's Certificate names, and the side's own from that Certificate on; other requests may be open beside. */
struct later {
    size_t handshake; /* messages */
    size_t request, from;
};

static bool covers_later(const struct wt_handshake *h, size_t at, struct later *out)
{
    const struct wt_certificate *certificate;
    out->handshake = at;
    while (out->handshake && h->messages.list[out->handshake - 1]->place >= WT_PLACE_LATER)
        out->handshake--;
    out->from = certificate_before(h, at, &certificate);
    if (out->from == SIZE_MAX || out->from < out->handshake)
        return false;
    out->request = request_of(h, certificate->request_context);
    return out->request != SIZE_MAX;
}

static size_t hash_later(const struct wt_handshake *h, enum wt_hash_id id, size_t at, uint8_t out[WT_DIGEST_MOST])
{
    const struct wt_messages *m = &h->messages;
    struct later later;
    struct wt_hash *hash;
    if (m->released || !covers_later(h, at, &later) || !(hash = wt_hash_new(h->crypto, id)))
        return 0;
    for (size_t i = 0; i < later.handshake; i++)
        wt_hash_add(hash, m->parts[i]);
    wt_hash_add(hash, m->parts[later.request]);
    for (size_t i = later.from; i < at; i++)
        if (m->list[i]->side == m->list[at]->side)
            wt_hash_add(hash, m->parts[i]);
    size_t n = wt_hash_end(hash, out);
    wt_hash_free(hash);
    return n;
}

static bool is_later(const struct wt_handshake *h, size_t at)
{
    return at < h->messages.count && h->messages.list[at]->place >= WT_PLACE_LATER;
}

/* TLS 1.3: Transcript-Hash of what a proof at `at` covers. */
static size_t hash13(struct wt_handshake *h, enum wt_hash_id hash, size_t at, uint8_t out[WT_DIGEST_MOST])
{
    return is_later(h, at) ? hash_later(h, hash, at, out) : wt_messages_hash(&h->messages, h->crypto, hash, at, out);
}

/* A HelloRetryRequest was seen, and not the hello that it answers. */
static bool lacks_retry(const struct wt_handshake *h)
{
    return h->agreed.retry.seen && h->messages.list[0]->type != WT_HANDSHAKE_MESSAGE_HASH;
}

/* Bytes that a capture lacks at its end leave no gap after them to be seen, so that both sides' messages have to be
 * looked for. */
bool wt_proofs_is_whole(const struct wt_handshake *h, size_t at)
{
    const struct wt_messages *m = &h->messages;
    const struct wt_chosen *c = &h->agreed.chosen;
    unsigned side = m->list[at]->side;
    struct later later;
    if (m->broken || !has_hellos(h) || lacks_retry(h))
        return false;
    if (is_later(h, at) && (wt_messages_find_in_handshake(m, WT_CLIENT, WT_HANDSHAKE_FINISHED) == SIZE_MAX ||
                            wt_messages_find_in_handshake(m, WT_SERVER, WT_HANDSHAKE_FINISHED) == SIZE_MAX ||
                            !covers_later(h, at, &later)))
        return false;
    /* RFC 8446, 4.5: EndOfEarlyData is sent under the early keys, which need not be known. There is none in QUIC (RFC
     * 9001, 8.3: "Clients MUST NOT send the EndOfEarlyData message") and DTLS (RFC 9147, 5.6: "omitted both from the
     * wire and the handshake transcript"). */
    if (c->tls13 && !h->agreed.offered.quic && !h->agreed.offered.dtls && side == WT_CLIENT &&
        c->early_data == WT_EARLY_ACCEPTED && !wt_messages_has(m, WT_CLIENT, WT_HANDSHAKE_END_OF_EARLY_DATA))
        return false;
    if (c->tls13 || c->resumption != WT_RESUMPTION_NONE)
        return side == WT_SERVER || wt_messages_has(m, WT_SERVER, WT_HANDSHAKE_FINISHED);
    return wt_messages_has(m, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO_DONE) &&
           (side == WT_CLIENT || wt_messages_has(m, WT_CLIENT, WT_HANDSHAKE_FINISHED));
}

/* --- whose key ------------------------------------------------------------------------------------------------------
 */

/* The key of a Certificate's leaf that carries a delegated credential. */
static struct wt_span delegated(const struct wt_handshake *h, const struct wt_certificate_entry *entry)
{
    const struct wt_codec_context context = {.version = h->agreed.chosen.version, .from_server = 1};
    const struct wt_extensions extensions = {.block = entry->extensions, .present = true};
    union wt_ext_body e;
    return wt_extensions_get(&extensions, WT_EXT_DELEGATED_CREDENTIAL, &context, WT_IN_CT, &e)
               ? e.delegated_credential.subject_public_key_info
               : (struct wt_span){0};
}

/* TLCP: a side's two certificates. */
struct pair {
    struct wt_span signing, encryption; /* encryption: n = 0, it is not there */
};

/* By key usage; where that cannot tell, the first one signs. `by_place`: the first signs and the second is for
 * encryption, whatever they say. False when there is none, or when both ways lead to the same two. */
static bool pair_before(const struct wt_handshake *h, size_t at, bool by_place, struct pair *out)
{
    const struct wt_certificate *certificate;
    struct wt_certificate_entry entries[WT_LIMIT_CHAIN_JUDGED];
    uint8_t roles[WT_LIMIT_CHAIN_JUDGED];
    size_t n = 0;
    if (certificate_before(h, at, &certificate) == SIZE_MAX)
        return false;
    struct wt_span rest = certificate->list;
    for (; n < WT_LIMIT_CHAIN_JUDGED && wt_certificate_next(certificate, &rest, &entries[n]); n++)
        roles[n] = (uint8_t)wt_pair_role_of(h->crypto, entries[n].data);
    const struct wt_pair pair = wt_pair_of(roles, n);
    const size_t signing = pair.signing == SIZE_MAX ? 0 : pair.signing;
    if (n < 1 || (by_place && (n < 2 || (signing == 0 && pair.encryption == 1))))
        return false;
    *out = (struct pair){.signing = entries[by_place ? 0 : signing].data};
    if (by_place || pair.encryption != SIZE_MAX)
        out->encryption = entries[by_place ? 1 : pair.encryption].data;
    return true;
}

bool wt_proofs_signer(const struct wt_handshake *h, size_t at, struct wt_signer *out)
{
    const struct wt_certificate *certificate;
    struct wt_certificate_entry entry;
    struct pair pair;
    *out = (struct wt_signer){0};
    if (h->agreed.chosen.version == WT_TLCP) {
        if (pair_before(h, at, false, &pair))
            out->certificate = pair.signing;
        return out->certificate.n;
    }
    if (certificate_before(h, at, &certificate) == SIZE_MAX)
        return false;
    struct wt_span rest = certificate->list;
    if (certificate->raw_public_key) {
        out->key = certificate->list;
        return true;
    }
    if (!wt_certificate_next(certificate, &rest, &entry))
        return false;
    bool bare = wt_handshake_context(h, h->messages.list[at]->side).certificate_type == 2;
    out->key = bare ? entry.data : delegated(h, &entry);
    if (!out->key.n)
        out->certificate = entry.data;
    return true;
}

struct wt_public_key *wt_proofs_key(const struct wt_handshake *h, const struct wt_signer *signer)
{
    return signer->key.n ? wt_public_key_of_spki(h->crypto, signer->key)
                         : wt_public_key_of_certificate(h->crypto, signer->certificate);
}

/* --- signatures -----------------------------------------------------------------------------------------------------
 */

/* GB/T 38636-2020, 6.4.5.4: a ServerKeyExchange of ECC and RSA signs what came before it. */
static enum wt_proof_reason can_judge_tlcp(const struct wt_handshake *h, size_t at)
{
    struct pair pair;
    if (h->agreed.chosen.kx == WT_KX_SM2_DHE)
        return WT_REASON_NONE;
    if (h->agreed.chosen.kx != WT_KX_SM2 && h->agreed.chosen.kx != WT_KX_TLCP_RSA)
        return WT_REASON_TLCP;
    if (!pair_before(h, at, false, &pair))
        return WT_REASON_KEY;
    return pair.encryption.n ? WT_REASON_NONE : WT_REASON_PAIR;
}

enum wt_proof_reason wt_proofs_can_judge(const struct wt_handshake *h, size_t at)
{
    const struct wt_message_body *body = body_at(h, at);
    if (h->messages.list[at]->type == WT_HANDSHAKE_CERTIFICATE_VERIFY) {
        if (!body)
            return WT_REASON_MALFORMED;
        return wt_proofs_is_whole(h, at) ? WT_REASON_NONE : WT_REASON_TRANSCRIPT;
    }
    if (h->agreed.chosen.kx == WT_KX_SM9 || h->agreed.chosen.kx == WT_KX_SM9_DHE)
        return WT_REASON_TLCP;
    if (!body || !body->server_key_exchange.is_signed)
        return WT_REASON_UNSIGNED;
    if (!has_hellos(h))
        return WT_REASON_HELLO;
    return h->agreed.chosen.version == WT_TLCP ? can_judge_tlcp(h, at) : WT_REASON_NONE;
}

/* What is signed, and how. */
struct signed_content {
    const struct wt_span *parts;
    size_t count;
    struct wt_span signature;
    bool has_scheme;
    uint16_t scheme;
    uint8_t digests[36]; /* SSL 3.0 to TLS 1.1: MD5 and SHA-1 side by side */
};

static enum wt_proof_reason reason_of(enum wt_verdict verdict)
{
    switch (verdict) {
    case WT_HOLDS:
        return WT_REASON_NONE;
    case WT_CANNOT:
        return WT_REASON_CANNOT;
    case WT_WRONG_KEY:
        return WT_REASON_WRONG_KEY;
    case WT_TOO_LARGE:
        return WT_REASON_TOO_LARGE;
    case WT_SPENT:
        return WT_REASON_SPENT;
    default:
        return WT_REASON_SIGNATURE;
    }
}

static enum wt_proof_reason verify(const struct wt_handshake *h, struct wt_public_key *key,
                                   const struct signed_content *in)
{
    return reason_of(in->has_scheme ? wt_signature_verify(h->crypto, key, in->scheme, h->agreed.chosen.tls13, in->parts,
                                                          in->count, in->signature)
                                    : wt_signature_verify_old(h->crypto, key, in->digests, in->signature));
}

static bool digests_old(const struct wt_handshake *h, struct signed_content *in)
{
    return wt_digest_parts(h->crypto, WT_HASH_MD5, in->parts, in->count, in->digests) == 16 &&
           wt_digest_parts(h->crypto, WT_HASH_SHA1, in->parts, in->count, in->digests + 16) == 20;
}

/* GB/T 38636 has RSA sign a hash, and says nothing of how: by the suite's name it is the suite's. A signature of PKCS
 * #1 has the hash's name in it, so that whichever holds was meant; TLS 1.1, of which TLCP is made, signs MD5 and SHA-1.
 */
static enum wt_proof_reason verify_rsa_tlcp(const struct wt_handshake *h, struct wt_public_key *key,
                                            struct signed_content *in)
{
    static const enum wt_hash_id hashes[] = {WT_HASH_SM3, WT_HASH_SHA256, WT_HASH_SHA1};
    enum wt_proof_reason reason = WT_REASON_SIGNATURE;
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes && reason == WT_REASON_SIGNATURE; i++)
        reason = reason_of(wt_signature_verify_pkcs1(h->crypto, key, hashes[i], in->parts, in->count, in->signature));
    if (reason != WT_REASON_SIGNATURE || !digests_old(h, in))
        return reason;
    return verify(h, key, in);
}

/* GB/T 38636-2020, 6.4.5.4: ECDHE signs "client_random, server_random, params" as TLS does; ECC and RSA "client_random,
 * server_random, ASN.1Cert": the encryption certificate with its length of three bytes. */
static enum wt_proof_reason server_key_exchange_tlcp(const struct wt_handshake *h,
                                                     const struct wt_server_key_exchange *ske, const struct pair *pair,
                                                     struct wt_public_key *key)
{
    const struct wt_span cert = pair->encryption;
    const uint8_t length[3] = {(uint8_t)(cert.n >> 16), (uint8_t)(cert.n >> 8), (uint8_t)cert.n};
    const bool rsa = h->agreed.chosen.kx == WT_KX_TLCP_RSA, ecc = rsa || h->agreed.chosen.kx == WT_KX_SM2;
    const struct wt_span parts[4] = {wt_span_of(h->agreed.offered.random, 32), wt_span_of(h->agreed.chosen.random, 32),
                                     ecc ? wt_span_of(length, sizeof length) : ske->params, cert};
    struct signed_content in = {parts, ecc ? 4 : 3, ske->signature, !rsa, WT_SCHEME_SM2SIG_SM3, {0}};
    return rsa ? verify_rsa_tlcp(h, key, &in) : verify(h, key, &in);
}

/* GB/T 38636-2020, 6.4.5.9: what is signed is the hash of the messages before it. Tongsuo signs that hash as a message
 * of its own; GmSSL takes it for the one that SM2 makes, and signs the messages. */
static enum wt_proof_reason certificate_verify_tlcp(struct wt_handshake *h, size_t at,
                                                    const struct wt_certificate_verify *m, struct wt_public_key *key)
{
    uint8_t digest[WT_DIGEST_MOST];
    const struct wt_span hash = wt_span_of(digest, wt_messages_hash(&h->messages, h->crypto, WT_HASH_SM3, at, digest));
    const struct signed_content in = {&hash, 1, m->signature, true, WT_SCHEME_SM2SIG_SM3, {0}};
    const bool rsa = wt_public_key_kind(key) == WT_KEY_RSA;
    struct signed_content bare = {h->messages.parts, at, m->signature, !rsa, WT_SCHEME_SM2SIG_SM3, {0}};
    if (rsa)
        return verify_rsa_tlcp(h, key, &bare);
    if (wt_public_key_kind(key) != WT_KEY_SM2)
        return WT_REASON_TLCP;
    const enum wt_proof_reason reason = hash.n ? verify(h, key, &in) : WT_REASON_CANNOT;
    return reason == WT_REASON_SIGNATURE ? verify(h, key, &bare) : reason;
}

static enum wt_proof_reason signature_tlcp(struct wt_handshake *h, size_t at, const struct wt_message_body *body,
                                           const struct pair *pair, struct wt_public_key *key)
{
    return h->messages.list[at]->type == WT_HANDSHAKE_CERTIFICATE_VERIFY
               ? certificate_verify_tlcp(h, at, &body->certificate_verify, key)
               : server_key_exchange_tlcp(h, &body->server_key_exchange, pair, key);
}

/* Who has the two certificates in the wrong order may go by their places all the same: then the signature holds, and
 * the order is what is wrong. */
static enum wt_proof_reason proof_tlcp(struct wt_handshake *h, size_t at, const struct wt_message_body *body,
                                       struct wt_public_key *key)
{
    struct pair pair;
    if (!pair_before(h, at, false, &pair))
        return WT_REASON_KEY;
    enum wt_proof_reason reason = signature_tlcp(h, at, body, &pair, key);
    if (reason != WT_REASON_SIGNATURE || !pair_before(h, at, true, &pair))
        return reason;
    struct wt_public_key *first = wt_public_key_of_certificate(h->crypto, pair.signing);
    if (first && signature_tlcp(h, at, body, &pair, first) == WT_REASON_NONE)
        reason = WT_REASON_NONE;
    wt_public_key_free(first);
    return reason;
}

/* RFC 5246, 7.4.3: the signature covers both randoms and the parameters. */
static enum wt_proof_reason server_key_exchange(const struct wt_handshake *h, const struct wt_server_key_exchange *ske,
                                                struct wt_public_key *key)
{
    const struct wt_span parts[3] = {wt_span_of(h->agreed.offered.random, 32), wt_span_of(h->agreed.chosen.random, 32),
                                     ske->params};
    struct signed_content in = {parts, 3, ske->signature, ske->has_scheme, ske->signature_scheme, {0}};
    if (!in.has_scheme && !digests_old(h, &in))
        return WT_REASON_CANNOT;
    return verify(h, key, &in);
}

/* SSL 3.0: the messages with the master secret (RFC 6101, 5.6.8). */
static bool digests_ssl3(struct wt_handshake *h, size_t at, const uint8_t *master, uint8_t digests[36])
{
    struct wt_buffer messages = {0};
    struct wt_terms terms;
    bool ok = wt_keys12_terms(h, NULL, &terms) == WT_KEYS_OK && wt_messages_join(&h->messages, at, &messages) &&
              wt_ssl3_certificate_digests(&terms, master, wt_buffer_span(&messages), digests);
    wt_buffer_free(&messages);
    return ok;
}

size_t wt_proofs_to_sign(struct wt_handshake *h, unsigned side, size_t at, uint8_t *out)
{
    uint8_t digest[WT_DIGEST_MOST];
    size_t n = h->agreed.chosen.has_suite ? hash13(h, wt_handshake_hash(h), at, digest) : 0;
    return n ? wt_signed13(side, wt_span_of(digest, n), out) : 0;
}

/* Up to TLS 1.2 the messages before it, in TLS 1.3 their hash in a context (RFC 8446, 4.4.3). */
static enum wt_proof_reason certificate_verify(struct wt_handshake *h, size_t at, const struct wt_certificate_verify *m,
                                               struct wt_public_key *key, const uint8_t *master)
{
    uint8_t content[WT_SIGNED13_MOST];
    struct wt_span one;
    struct signed_content in = {h->messages.parts, at, m->signature, m->has_scheme, m->signature_scheme, {0}};
    if (h->messages.released && !h->agreed.chosen.tls13)
        return WT_REASON_TRANSCRIPT;
    if (h->agreed.chosen.version == WT_SSL3) {
        if (!master || !digests_ssl3(h, at, master, in.digests))
            return WT_REASON_NO_SECRET;
        in.has_scheme = false;
    } else if (h->agreed.chosen.tls13) {
        one = wt_span_of(content, wt_proofs_to_sign(h, h->messages.list[at]->side, at, content));
        in.parts = &one;
        in.count = 1;
        in.has_scheme = true;
        if (!one.n)
            return is_later(h, at) ? WT_REASON_TRANSCRIPT : WT_REASON_CANNOT;
    } else if (!in.has_scheme && !digests_old(h, &in)) {
        return WT_REASON_CANNOT;
    }
    return verify(h, key, &in);
}

enum wt_proof_reason wt_proofs_signature(struct wt_handshake *h, size_t at, struct wt_public_key *key,
                                         const uint8_t *master)
{
    const struct wt_message_body *body = body_at(h, at);
    if (!body)
        return WT_REASON_MALFORMED;
    if (h->agreed.chosen.version == WT_TLCP)
        return h->messages.released ? WT_REASON_TRANSCRIPT : proof_tlcp(h, at, body, key);
    return h->messages.list[at]->type == WT_HANDSHAKE_CERTIFICATE_VERIFY
               ? certificate_verify(h, at, &body->certificate_verify, key, master)
               : server_key_exchange(h, &body->server_key_exchange, key);
}

enum wt_proof_reason wt_proofs_check_signature(struct wt_handshake *h, size_t at, const uint8_t *master)
{
    struct wt_signer signer;
    enum wt_proof_reason reason = wt_proofs_can_judge(h, at);
    if (reason != WT_REASON_NONE)
        return reason;
    struct wt_public_key *key = wt_proofs_signer(h, at, &signer) ? wt_proofs_key(h, &signer) : NULL;
    reason = key ? wt_proofs_signature(h, at, key, master) : WT_REASON_KEY;
    wt_public_key_free(key);
    return reason;
}

/* --- Finished -------------------------------------------------------------------------------------------------------
 */

static size_t verify_data_ssl3(struct wt_handshake *h, const struct wt_terms *terms, unsigned side, size_t at,
                               const uint8_t *master, uint8_t out[WT_DIGEST_MOST])
{
    struct wt_buffer messages = {0};
    size_t n = wt_messages_join(&h->messages, at, &messages)
                   ? wt_verify_data(terms, master, side, wt_buffer_span(&messages), out)
                   : 0;
    wt_buffer_free(&messages);
    return n;
}

static size_t verify_data12(struct wt_handshake *h, unsigned side, size_t at, const uint8_t *master,
                            const struct wt_steps *steps, uint8_t out[WT_DIGEST_MOST])
{
    uint8_t hash[WT_DIGEST_MOST];
    struct wt_terms terms;
    if (wt_keys12_terms(h, steps, &terms) != WT_KEYS_OK)
        return 0;
    if (terms.version == WT_SSL3)
        return verify_data_ssl3(h, &terms, side, at, master, out);
    size_t n = wt_messages_hash(&h->messages, h->crypto, wt_prf_hash(&terms), at, hash);
    return n ? wt_verify_data_of(&terms, master, side, wt_span_of(hash, n), out) : 0;
}

size_t wt_proofs_verify_data(struct wt_handshake *h, unsigned side, size_t at, struct wt_span secret,
                             const struct wt_steps *steps, uint8_t out[WT_DIGEST_MOST])
{
    uint8_t digest[WT_DIGEST_MOST];
    struct wt_schedule s;
    if (!h->agreed.chosen.tls13)
        return secret.n == WT_MASTER ? verify_data12(h, side, at, secret.p, steps, out) : 0;
    if (!wt_keys13_schedule(h, steps, &s))
        return 0;
    size_t n = hash13(h, s.hash, at, digest);
    return n && wt_verify_data13(&s, secret, wt_span_of(digest, n), out) ? s.length : 0;
}

enum wt_proof_reason wt_proofs_finished(struct wt_handshake *h, size_t at, struct wt_span secret,
                                        const struct wt_steps *steps)
{
    uint8_t expected[WT_DIGEST_MOST];
    const struct wt_handshake_message *m = h->messages.list[at];
    if (!wt_proofs_is_whole(h, at))
        return WT_REASON_TRANSCRIPT;
    size_t n = secret.n ? wt_proofs_verify_data(h, m->side, at, secret, steps, expected) : 0;
    if (!n)
        return WT_REASON_NO_SECRET;
    return wt_equal_secret(wt_span_of(expected, n), wt_span_cut(m->bytes, 4, m->bytes.n)) ? WT_REASON_NONE
                                                                                          : WT_REASON_FINISHED;
}

/* --- PSK binders ----------------------------------------------------------------------------------------------------
 */

static bool offered_psks(const struct wt_handshake *h, size_t at, struct wt_ext_pre_shared_key *out)
{
    static const struct wt_codec_context none;
    const struct wt_message_body *body = body_at(h, at);
    union wt_ext_body e;
    if (!body || !wt_extensions_get(&body->client_hello.extensions, WT_EXT_PRE_SHARED_KEY, &none, WT_IN_CH, &e))
        return false;
    *out = e.pre_shared_key;
    return true;
}

bool wt_proofs_identity(const struct wt_handshake *h, size_t at, unsigned i, struct wt_span *identity,
                        struct wt_span *binder)
{
    struct wt_ext_pre_shared_key e;
    uint32_t age;
    if (!offered_psks(h, at, &e))
        return false;
    for (unsigned k = 0; k <= i; k++)
        if (!wt_ext_psk_identity_next(&e.identities, identity, &age) || !wt_ext_opaque_next(&e.binders, 1, binder))
            return false;
    return true;
}

/* RFC 8446, 4.2.11: "each PSK is associated with a single Hash algorithm": the binder is as long as its digest. Where
 * no suite was chosen (the server refused the binder) that length tells the hash. */
static bool binder_schedule(const struct wt_handshake *h, size_t length, struct wt_schedule *s)
{
    const struct wt_retry *retry = &h->agreed.retry;
    if (h->agreed.chosen.has_suite)
        return wt_keys13_schedule(h, NULL, s) && s->length == length;
    if (retry->seen && retry->has_suite)
        return wt_schedule_start(s, h->crypto, wt_handshake_hash(h), retry->version, NULL) && s->length == length;
    return (length == 32 || length == 48) &&
           wt_schedule_start(s, h->crypto, length == 32 ? WT_HASH_SHA256 : WT_HASH_SHA384,
                             h->agreed.offered.highest_version, NULL);
}

/* The binder is a Finished over the hello "up to and including the PreSharedKeyExtension.identities field", under a key
 * made from the PSK alone. */
size_t wt_proofs_binder_of(struct wt_handshake *h, size_t at, struct wt_span psk, bool external, size_t length,
                           uint8_t out[WT_DIGEST_MOST])
{
    uint8_t early[WT_DIGEST_MOST], key[WT_DIGEST_MOST], digest[WT_DIGEST_MOST], none[WT_DIGEST_MOST];
    struct wt_messages *m = &h->messages;
    struct wt_ext_pre_shared_key e;
    struct wt_schedule s;
    struct wt_hash *hash;
    if (m->released || !binder_schedule(h, length, &s) || !offered_psks(h, at, &e) ||
        m->parts[at].n < e.binders.n + 2 || !(hash = wt_hash_new(h->crypto, s.hash)))
        return 0;
    for (size_t i = 0; i < at; i++)
        wt_hash_add(hash, m->parts[i]);
    wt_hash_add(hash, wt_span_cut(m->parts[at], 0, m->parts[at].n - e.binders.n - 2));
    size_t n = wt_hash_end(hash, digest), empty = wt_digest(h->crypto, s.hash, (struct wt_span){0}, none);
    wt_hash_free(hash);
    bool ok = n && empty && wt_early_secret(&s, psk, early) &&
              wt_branch_secret(&s, external ? WT_BRANCH_EXTERNAL_BINDER : WT_BRANCH_RESUMPTION_BINDER, early,
                               wt_span_of(none, empty), key) &&
              wt_verify_data13(&s, wt_span_of(key, s.length), wt_span_of(digest, n), out);
    wt_wipe(early, sizeof early);
    wt_wipe(key, sizeof key);
    return ok ? s.length : 0;
}

enum wt_proof_reason wt_proofs_binder(struct wt_handshake *h, size_t at, unsigned i, struct wt_span psk, bool external)
{
    uint8_t expected[WT_DIGEST_MOST];
    struct wt_span identity, binder;
    if (!wt_proofs_identity(h, at, i, &identity, &binder))
        return WT_REASON_MALFORMED;
    if (h->messages.broken || (at && lacks_retry(h)))
        return WT_REASON_TRANSCRIPT;
    size_t n = wt_proofs_binder_of(h, at, psk, external, binder.n, expected);
    if (!n)
        return WT_REASON_CANNOT;
    return wt_equal_secret(wt_span_of(expected, n), binder) ? WT_REASON_NONE : WT_REASON_BINDER;
}

/* What a binder covers ends before the binders, so that they are written when the rest of the hello is there. */
bool wt_proofs_bind(struct wt_handshake *h, size_t at, unsigned i, struct wt_span psk, bool external)
{
    struct wt_span identity, binder;
    uint8_t made[WT_DIGEST_MOST];
    struct wt_handshake_message *m = h->messages.list[at];
    if (h->messages.hashed > at || !wt_proofs_identity(h, at, i, &identity, &binder) ||
        wt_proofs_binder_of(h, at, psk, external, binder.n, made) != binder.n)
        return false;
    memcpy((uint8_t *)(m + 1) + (binder.p - m->bytes.p), made, binder.n);
    return true;
}
