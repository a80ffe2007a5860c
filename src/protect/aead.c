/* AEAD: RFC 5246, 6.2.3.3 with the nonces of RFC 5288 (GCM), RFC 6655 (CCM) and RFC 7905 (ChaCha20-Poly1305); RFC 8446,
 * 5.2 and 5.3, of which DTLS 1.3 (RFC 9147, 4.2) and QUIC (RFC 9001, 5.3) change the header alone. */
#include "protect/format.h"
#include "protect/inner.h"
#include "protect/tell.h"

enum { NONCE = 12, EXPLICIT = 8 };

static bool setup_iv(struct wt_protector *p, const struct wt_protection *how, size_t n, struct wt_error *why)
{
    if (how->iv.n != n)
        return wt_setup_fails(why, WT_LENGTH, "iv", how->iv.n, n, p->cipher->name);
    if (n > 0)
        memcpy(p->iv, how->iv.p, n);
    p->iv_n = (uint8_t)n;
    p->mac_n = p->cipher->tag;
    return true;
}

static bool setup12(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    if (!setup_iv(p, how, p->cipher->iv, why))
        return false;
    p->explicit_iv = p->cipher->iv == NONCE - EXPLICIT;
    p->overhead = p->cipher->tag + (p->explicit_iv ? EXPLICIT : 0u);
    return true;
}

static bool setup13(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    p->overhead = p->cipher->tag + (p->typeless ? 0u : 1u);
    p->bare = wt_tls13_bare(p->version);
    return setup_iv(p, how, NONCE, why);
}

static bool seekable(const struct wt_protector *p)
{
    (void)p;
    return true;
}

/* `given` or NULL. RFC 5288, 3 and RFC 6655, 3: salt from the key block, nonce_explicit from the record. RFC 7905, 2:
 * as TLS 1.3. Google's first ChaCha20-Poly1305 has the sequence number alone, which is the same over an IV of zeros. */
static void make_nonce(const struct wt_protector *p, const struct wt_passing *r, const uint8_t *given,
                       uint8_t nonce[NONCE])
{
    if (given) {
        memcpy(nonce, p->iv, NONCE - EXPLICIT);
        memcpy(nonce + NONCE - EXPLICIT, given, EXPLICIT);
        wt_note(r->notes, WT_NOTE_EXPLICIT, given, EXPLICIT);
    } else {
        wt_xor_sequence(nonce, p->iv, NONCE, r->sequence);
    }
    wt_note(r->notes, WT_NOTE_FIXED, p->iv, p->iv_n);
    wt_note(r->notes, WT_NOTE_NONCE, nonce, NONCE);
}

static bool open_aead(struct wt_protector *p, const struct wt_passing *r, const uint8_t nonce[NONCE],
                      struct wt_span aad, struct wt_span sealed, uint8_t *out)
{
    size_t n = sealed.n - p->mac_n;
    wt_note(r->notes, WT_NOTE_ADDITIONAL, aad.p, aad.n);
    wt_note(r->notes, WT_NOTE_CIPHERTEXT, sealed.p, n);
    wt_note(r->notes, WT_NOTE_TAG, sealed.p + n, p->mac_n);
    return wt_cipher_open(p->context, nonce, aad, sealed, out);
}

static enum wt_opening end12(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    const size_t before = p->explicit_iv ? EXPLICIT : 0;
    opened->text = wt_span_of(r->out + before, r->body.n - before - p->mac_n);
    return WT_OPENED;
}

static enum wt_opening open12(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    uint8_t nonce[NONCE], pseudo[WT_PSEUDO_MOST];
    size_t before = p->explicit_iv ? EXPLICIT : 0;
    if (r->body.n < before + p->mac_n)
        return WT_OPEN_TOO_SHORT;
    struct wt_span sealed = wt_span_of(r->body.p + before, r->body.n - before);
    make_nonce(p, r, p->explicit_iv ? r->body.p : NULL, nonce);
    const size_t additional = wt_put_pseudo(pseudo, r, sealed.n - p->mac_n);
    /* In place means byte over byte: the plaintext stands where its ciphertext stood. */
    if (!open_aead(p, r, nonce, wt_span_of(pseudo, additional), sealed, r->out + before))
        return WT_OPEN_BAD_MAC;
    return end12(p, r, opened);
}

static size_t begin12(struct wt_protector *p, const struct wt_passing *r, size_t length)
{
    uint8_t nonce[NONCE], pseudo[WT_PSEUDO_MOST];
    const size_t before = p->explicit_iv ? EXPLICIT : 0;
    if (length < before + p->mac_n || r->body.n < before)
        return WT_NOT_IN_PIECES;
    make_nonce(p, r, p->explicit_iv ? r->body.p : NULL, nonce);
    const size_t additional = wt_put_pseudo(pseudo, r, length - before - p->mac_n);
    return wt_cipher_open_begin(p->context, nonce, wt_span_of(pseudo, additional)) ? before : WT_NOT_IN_PIECES;
}

static size_t seal12(struct wt_protector *p, const struct wt_passing *r)
{
    uint8_t nonce[NONCE], pseudo[WT_PSEUDO_MOST], given[EXPLICIT];
    size_t before = p->explicit_iv ? EXPLICIT : 0;
    uint8_t *body = r->out + before;
    /* RFC 5288, 3: "The nonce_explicit MAY be the 64-bit sequence number", which never comes twice. */
    wt_put64(given, r->sequence);
    if (r->nonce)
        memcpy(given, r->nonce, EXPLICIT);
    make_nonce(p, r, p->explicit_iv ? given : NULL, nonce);
    const size_t additional = wt_put_pseudo(pseudo, r, r->body.n);
    wt_note(r->notes, WT_NOTE_ADDITIONAL, pseudo, additional);
    if (!wt_cipher_seal(p->context, nonce, wt_span_of(pseudo, additional), r->body, body))
        return WT_SEAL_FAILED;
    memcpy(r->out, given, before);
    wt_note(r->notes, WT_NOTE_CIPHERTEXT, body, r->body.n);
    wt_note(r->notes, WT_NOTE_TAG, body + r->body.n, p->mac_n);
    return before + r->body.n + p->mac_n;
}

/* RFC 8446, 5.2: "additional_data = TLSCiphertext.opaque_type || TLSCiphertext.legacy_record_version ||
 * TLSCiphertext.length": the header, as in DTLS 1.3 and QUIC. */
static struct wt_span additional13(const struct wt_protector *p, const struct wt_passing *r)
{
    return !p->bare ? r->header : (struct wt_span){0};
}

static enum wt_opening end13(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    return wt_inner_open(p, r, wt_span_of(r->out, r->body.n - p->mac_n), opened);
}

static enum wt_opening open13(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    uint8_t nonce[NONCE];
    if (r->body.n < p->mac_n)
        return WT_OPEN_TOO_SHORT;
    make_nonce(p, r, NULL, nonce);
    if (!open_aead(p, r, nonce, additional13(p, r), r->body, r->out))
        return WT_OPEN_BAD_MAC;
    return end13(p, r, opened);
}

static size_t begin13(struct wt_protector *p, const struct wt_passing *r, size_t length)
{
    uint8_t nonce[NONCE];
    (void)length;
    make_nonce(p, r, NULL, nonce);
    return wt_cipher_open_begin(p->context, nonce, additional13(p, r)) ? 0 : WT_NOT_IN_PIECES;
}

/* libcrypto enciphers what lies elsewhere, or in its very place. */
static bool is_apart(struct wt_span text, const uint8_t *out, size_t room)
{
    const uintptr_t from = (uintptr_t)text.p, to = (uintptr_t)out;
    return from == to || from + text.n <= to || to + room <= from;
}

/* Whether the content can be enciphered on its way to its place, and is now: a copy of a record takes a tenth of the
 * cipher's own time. */
static bool begin_on_the_way(struct wt_protector *p, const struct wt_passing *r, const uint8_t nonce[NONCE])
{
    return !r->notes && is_apart(r->body, r->out, r->body.n + 1 + r->padding + p->mac_n) &&
           wt_cipher_seal_begin(p->context, nonce, additional13(p, r));
}

/* What is behind the content is put into its own place before. */
static size_t seal_on_the_way(struct wt_protector *p, const struct wt_passing *r)
{
    uint8_t *at = r->out + r->body.n;
    const size_t rest = wt_inner_rest(p, r, at);
    const bool sealed = rest != WT_SEAL_FAILED && wt_cipher_seal_more(p->context, r->body, r->out) &&
                        wt_cipher_seal_more(p->context, wt_span_of(at, rest), at) &&
                        wt_cipher_seal_end(p->context, at + rest);
    return sealed ? r->body.n + rest + p->mac_n : WT_SEAL_FAILED;
}

static size_t seal13(struct wt_protector *p, const struct wt_passing *r)
{
    uint8_t nonce[NONCE];
    make_nonce(p, r, NULL, nonce);
    if (begin_on_the_way(p, r, nonce))
        return seal_on_the_way(p, r);
    const size_t inner = wt_inner_seal(p, r, r->out);
    if (inner == WT_SEAL_FAILED)
        return WT_SEAL_FAILED;
    struct wt_span aad = additional13(p, r);
    wt_note(r->notes, WT_NOTE_ADDITIONAL, aad.p, aad.n);
    if (!wt_cipher_seal(p->context, nonce, aad, wt_span_of(r->out, inner), r->out))
        return WT_SEAL_FAILED;
    wt_note(r->notes, WT_NOTE_CIPHERTEXT, r->out, inner);
    wt_note(r->notes, WT_NOTE_TAG, r->out + inner, p->mac_n);
    return inner + p->mac_n;
}

const struct wt_format wt_format_aead12 = {
    .setup = setup12,
    .open = open12,
    .begin = begin12,
    .end = end12,
    .seal = seal12,
    .tell = wt_tell_aead12,
    .seekable = seekable,
};
const struct wt_format wt_format_aead13 = {
    .setup = setup13,
    .open = open13,
    .begin = begin13,
    .end = end13,
    .seal = seal13,
    .tell = wt_tell_aead13,
    .seekable = seekable,
    .header_is_additional = true,
};
