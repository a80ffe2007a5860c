/* Setup and choice of the format; the formats themselves have a file each. */
#include "protect/protect.h"

#include "base/memory.h"
#include "protect/compress.h"
#include "protect/format.h"

#include <assert.h>
#include <stdlib.h>

/* By the cipher's mode, so that a cipher which libcrypto learns later needs no line here. NULL: no format of ours. */
static const struct wt_format *format_of(const struct wt_protection *how, const struct wt_cipher *cipher, bool seal)
{
    bool tls13 = wt_version_is_tls13(how->version);
    switch (cipher->mode) {
    case WT_MODE_NULL:
    case WT_MODE_STREAM:
        return tls13 ? NULL : &wt_format_stream;
    case WT_MODE_CBC:
        return tls13 ? NULL : how->endpoint && !seal ? &wt_format_block_endpoint : &wt_format_block;
    case WT_MODE_GCM:
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
    case WT_MODE_POLY1305:
        return tls13 ? &wt_format_aead13 : &wt_format_aead12;
    case WT_MODE_POLY1305_OLD:
        return tls13 ? NULL : &wt_format_aead12;
    default:
        break;
    }
    if (how->suite->cipher == WT_CIPHER_HMAC_SHA256 || how->suite->cipher == WT_CIPHER_HMAC_SHA384)
        return tls13 ? &wt_format_integrity : NULL;
    return NULL;
}

static bool setup_cipher(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    const bool own = p->format == &wt_format_integrity || (p->format == &wt_format_block_endpoint && !p->mac_outside);
    if (p->cipher->mode == WT_MODE_NULL || own)
        return true;
    if (!wt_cipher_available(p->crypto, how->suite->cipher))
        return wt_setup_fails(why, WT_UNSUPPORTED, "cipher", how->suite->id, 0, p->cipher->name);
    if (how->key.n != p->cipher->key)
        return wt_setup_fails(why, WT_LENGTH, "key", how->key.n, p->cipher->key, p->cipher->name);
    p->context = wt_cipher_new(p->crypto, how->suite->cipher, how->key, p->seals);
    return p->context || wt_setup_fails(why, WT_MEMORY, "cipher", how->suite->id, 0, NULL);
}

static bool setup_compression(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    /* RFC 8446, 4.1.2: TLS 1.3 knows no compression, whatever the hello's list said. */
    if (how->compression == 0 || wt_version_is_tls13(how->version))
        return true;
    if (how->compression != 1)
        return wt_setup_fails(why, WT_UNSUPPORTED, "compression", how->compression, 0, NULL);
    return wt_deflate_new(p, why);
}

static bool setup(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    p->suite = how->suite;
    p->cipher = wt_cipher_of(how->suite->cipher);
    p->version = how->version;
    p->endpoint = how->endpoint;
    /* RFC 7366, 3 has no form for SSL 3.0, which has no extensions to agree on it. */
    p->mac_outside = how->encrypt_then_mac && how->version != WT_SSL3;
    p->typeless = how->no_content_type;
    uint32_t most = p->typeless ? UINT16_MAX : WT_FRAGMENT_MOST;
    p->fragment = how->fragment && how->fragment < most ? how->fragment : most;
    p->format = p->cipher ? format_of(how, p->cipher, p->seals) : NULL;
    if (!p->format || (p->typeless && p->format != &wt_format_aead13))
        return wt_setup_fails(why, WT_UNSUPPORTED, "cipher", how->suite->id, 0, p->cipher ? p->cipher->name : NULL);
    return setup_cipher(p, how, why) && p->format->setup(p, how, why) && setup_compression(p, how, why);
}

struct wt_protector *wt_protector_new(struct wt_crypto *crypto, const struct wt_protection *how, bool seal,
                                      struct wt_error *why)
{
    struct wt_error ignored;
    if (!why)
        why = &ignored;
    *why = (struct wt_error){0};
    struct wt_protector *p = wt_calloc(1, sizeof *p);
    if (!p) {
        why->code = WT_MEMORY;
        return NULL;
    }
    p->crypto = crypto;
    p->seals = seal;
    if (setup(p, how, why))
        return p;
    wt_protector_free(p);
    return NULL;
}

void wt_protector_free(struct wt_protector *p)
{
    if (!p)
        return;
    wt_cipher_free(p->context);
    wt_cbc_record_free(p->cbc);
    wt_mac_free(p->mac);
    wt_hash_free(p->hash);
    wt_deflate_free(p->deflate, p->seals);
    free(p->spare);
    wt_wipe(p, sizeof *p);
    free(p);
}

static enum wt_opening open_record(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    /* The length field has 16 bits: what is longer was no record. */
    enum wt_opening result = r->body.n <= UINT16_MAX ? p->format->open(p, r, opened) : WT_OPEN_TOO_LONG;
    if (p->deflate && result == WT_OPENED) {
        wt_note(r->notes, WT_NOTE_COMPRESSED, opened->text.p, opened->text.n);
        result = wt_deflate_open(p->deflate, &opened->text);
    } else if (p->deflate && !r->trial) {
        wt_deflate_lost(p->deflate);
    }
    if (p->endpoint && result == WT_OPEN_TOO_SHORT)
        return WT_OPEN_BAD_MAC;
    return result == WT_OPENED && opened->text.n > p->fragment ? WT_OPEN_TOO_LONG : result;
}

/* A trial that fails in place gives back what it spoiled: a cipher wipes what it cannot vouch for. */
static enum wt_opening try_in_place(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    if (!p->spare)
        p->spare = wt_malloc(UINT16_MAX);
    if (!p->spare || r->body.n > UINT16_MAX)
        return WT_OPEN_TOO_LONG;
    memcpy(p->spare, r->body.p, r->body.n);
    enum wt_opening result = open_record(p, r, opened);
    if (result != WT_OPENED)
        memcpy(r->out, p->spare, r->body.n);
    return result;
}

static void tell(struct wt_protector *p, const struct wt_passing *r, const struct wt_opened *opened,
                 enum wt_opening result, const struct wt_steps *steps)
{
    wt_notes_take(r->notes, WT_NOTE_HEADER, r->header.p, r->header.n);
    if (opened->text.p)
        wt_notes_take(r->notes, WT_NOTE_TEXT, opened->text.p, opened->text.n);
    r->notes->result = result;
    p->format->tell(p, r->notes, steps);
    wt_notes_clear(r->notes);
}

/* The older formats take type and version from there. */
static bool header_fits(const struct wt_protector *p, const struct wt_protect_header *header)
{
    return p->format->header_is_additional || header->bytes.n >= 5;
}

enum wt_opening wt_protector_open(struct wt_protector *p, const struct wt_protect_header *header,
                                  struct wt_span fragment, uint8_t *out, bool trial, struct wt_opened *opened,
                                  const struct wt_steps *steps)
{
    assert(!p->seals && header_fits(p, header));
    struct wt_notes notes = {.sequence = header->sequence};
    if (p->endpoint)
        steps = NULL;
    const struct wt_passing r = {.header = header->bytes,
                                 .sequence = header->sequence,
                                 .body = fragment,
                                 .out = out,
                                 .trial = trial,
                                 .notes = steps ? &notes : NULL};
    *opened = (struct wt_opened){.type = header->bytes.n ? header->bytes.p[0] : 0};
    wt_note(r.notes, WT_NOTE_BODY, fragment.p, fragment.n);
    enum wt_opening result =
        trial && out == fragment.p && fragment.n > 0 ? try_in_place(p, &r, opened) : open_record(p, &r, opened);
    if (steps)
        tell(p, &r, opened, result, steps);
    return result;
}

bool wt_protector_open_begin(struct wt_protector *p, const struct wt_protect_header *header, size_t length,
                             struct wt_span first)
{
    assert(!p->seals && header_fits(p, header));
    if (!p->format->begin || p->deflate || length > UINT16_MAX || length < p->mac_n)
        return false;
    const struct wt_passing r = {.header = header->bytes, .sequence = header->sequence, .body = first};
    const size_t before = p->format->begin(p, &r, length);
    if (before == WT_NOT_IN_PIECES)
        return false;
    p->pieces.begun = true;
    p->pieces.before = before;
    p->pieces.waiting = 0;
    p->pieces.text = length - before - p->mac_n;
    return true;
}

/* libcrypto takes GCM by six blocks, and byte by byte what is no whole block: where each call was given a segment, that
 * took a fifth of deciphering. Some segments are put together first. */
enum { BURST = 4096, SIX_BLOCKS = 96 };

void wt_protector_open_more(struct wt_protector *p, struct wt_span piece, uint8_t *out)
{
    const size_t before = piece.n < p->pieces.before ? piece.n : p->pieces.before;
    const size_t left = piece.n - before, text = left < p->pieces.text ? left : p->pieces.text;
    memcpy(out, piece.p, piece.n);
    p->pieces.before -= before;
    p->pieces.text -= text;
    p->pieces.waiting += text;
    if (p->pieces.waiting < BURST && p->pieces.text)
        return;
    uint8_t *at = out + before + text - p->pieces.waiting;
    const size_t rest = p->pieces.text ? p->pieces.waiting % SIX_BLOCKS : 0, n = p->pieces.waiting - rest;
    if (!wt_cipher_open_more(p->context, wt_span_of(at, n), at))
        memset(at, 0, n); /* whose tag will not fit */
    p->pieces.waiting = rest;
}

enum wt_opening wt_protector_open_end(struct wt_protector *p, const struct wt_protect_header *header, uint8_t *fragment,
                                      size_t length, struct wt_opened *opened)
{
    const struct wt_passing r = {
        .header = header->bytes, .sequence = header->sequence, .body = wt_span_of(fragment, length), .out = fragment};
    *opened = (struct wt_opened){.type = header->bytes.n ? header->bytes.p[0] : 0};
    const bool whole = p->pieces.begun && !p->pieces.before && !p->pieces.text;
    p->pieces.begun = false;
    if (!whole || !wt_cipher_open_end(p->context, fragment + length - p->mac_n)) {
        wt_wipe(fragment, length);
        return WT_OPEN_BAD_MAC;
    }
    const enum wt_opening result = p->format->end(p, &r, opened);
    return result == WT_OPENED && opened->text.n > p->fragment ? WT_OPEN_TOO_LONG : result;
}

/* The older formats' headers end with the length, which compression does not let anybody know before. */
static void note_header(const struct wt_protector *p, struct wt_notes *notes, struct wt_span header, size_t length)
{
    uint8_t sent[64];
    if (!notes || header.n > sizeof sent)
        return;
    memcpy(sent, header.p, header.n);
    if (!p->format->header_is_additional)
        wt_put16(sent + header.n - 2, (unsigned)length);
    wt_note(notes, WT_NOTE_HEADER, sent, header.n);
}

size_t wt_protector_seal(struct wt_protector *p, const struct wt_protect_header *header, uint8_t type,
                         struct wt_span text, unsigned padding, const uint8_t *nonce, uint8_t *out,
                         const struct wt_steps *steps)
{
    assert(p->seals && header_fits(p, header));
    if (text.n > p->fragment)
        return WT_SEAL_FAILED;
    struct wt_notes notes = {.sequence = header->sequence};
    struct wt_passing r = {.type = type,
                           .header = header->bytes,
                           .sequence = header->sequence,
                           .body = text,
                           .out = out,
                           .padding = padding,
                           .nonce = nonce,
                           .notes = steps ? &notes : NULL};
    wt_note(r.notes, WT_NOTE_TEXT, text.p, text.n);
    if (p->deflate) {
        if (!wt_deflate_seal(p->deflate, &r.body))
            return WT_SEAL_FAILED;
        wt_note(r.notes, WT_NOTE_COMPRESSED, r.body.p, r.body.n);
    }
    size_t n = p->format->seal(p, &r);
    if (n != WT_SEAL_FAILED) {
        note_header(p, r.notes, r.header, n);
        if (steps)
            p->format->tell(p, &notes, steps);
    }
    wt_notes_clear(&notes);
    return n;
}

bool wt_protector_is_seekable(const struct wt_protector *p)
{
    return !p->deflate && p->format->seekable(p);
}

uint32_t wt_protector_overhead(const struct wt_protector *p)
{
    return p->overhead;
}
