/* Stream ciphers, and no cipher at all, with a MAC: RFC 6101, 5.2.3.1; RFC 5246, 6.2.3.1. */
#include "protect/format.h"
#include "protect/record_mac.h"
#include "protect/tell.h"

static bool setup(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    if (!wt_record_mac_setup(p, how, why))
        return false;
    p->overhead = p->mac_n;
    return true;
}

static bool seekable(const struct wt_protector *p)
{
    return !p->context;
}

/* The key stream goes on by the record's length whatever comes of it, or no later record opens. */
static bool pass(struct wt_protector *p, struct wt_span in, uint8_t *out)
{
    if (p->context)
        return wt_cipher_stream(p->context, in, out);
    if (in.n > 0)
        memmove(out, in.p, in.n);
    return true;
}

static enum wt_opening open(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    wt_note(r->notes, WT_NOTE_CIPHERTEXT, r->body.p, r->body.n);
    if (!pass(p, r->body, r->out))
        return WT_OPEN_BAD_MAC;
    wt_note(r->notes, WT_NOTE_PLAIN, r->out, r->body.n);
    if (r->body.n < p->mac_n)
        return WT_OPEN_TOO_SHORT;
    struct wt_span text = wt_span_of(r->out, r->body.n - p->mac_n);
    if (p->mac_n && !wt_record_mac_holds(p, r, text, text.p + text.n))
        return WT_OPEN_BAD_MAC;
    opened->text = text;
    return WT_OPENED;
}

static size_t seal(struct wt_protector *p, const struct wt_passing *r)
{
    uint8_t mac[WT_DIGEST_MOST], *body = r->out;
    size_t n = r->body.n;
    if (n > 0)
        memmove(body, r->body.p, n);
    if (!wt_record_mac(p, r, wt_span_of(body, n), mac))
        return WT_SEAL_FAILED;
    memcpy(body + n, mac, p->mac_n);
    n += p->mac_n;
    wt_note(r->notes, WT_NOTE_PLAIN, body, n);
    if (!pass(p, wt_span_of(body, n), body))
        return WT_SEAL_FAILED;
    wt_note(r->notes, WT_NOTE_CIPHERTEXT, body, n);
    return n;
}

const struct wt_format wt_format_stream = {setup, open, seal, wt_tell_stream, seekable, false};
