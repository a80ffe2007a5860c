#include "base/der.h"

bool wt_der_peek(struct wt_reader *r, const char *field, struct wt_der *d)
{
    size_t left = wt_reader_left(r);
    *d = (struct wt_der){0};
    if (!wt_reader_has(r, field, 2))
        return false;
    d->tag = r->p[0];
    d->head = 2;
    d->n = r->p[1];
    if ((d->tag & 0x1f) == 0x1f) {
        wt_reader_fail(r, WT_UNSUPPORTED, field, d->tag, 0, "X.690, 8.1.2.4: a tag number over 30");
        return false;
    }
    if (d->n & 0x80) {
        unsigned more = d->n & 0x7f;
        if (more == 0 || more > 4) {
            wt_reader_fail(r, WT_VALUE, field, d->n, 0,
                           "X.690, 10.1: \"The definite form of length encoding shall be used\"");
            return false;
        }
        d->head = (uint8_t)(2 + more);
        if (!wt_reader_has(r, field, d->head))
            return false;
        d->n = 0;
        for (unsigned i = 0; i < more; i++)
            d->n = d->n << 8 | r->p[2 + i];
    }
    if (d->n > left - d->head) {
        wt_reader_fail(r, WT_TRUNCATED, field, left - d->head, d->n, NULL);
        return false;
    }
    return true;
}

struct wt_span wt_der_take(struct wt_reader *r, const char *field, const struct wt_der *d, unsigned skip, unsigned form,
                           uint64_t value)
{
    struct wt_span s = {r->p + d->head + skip, d->n - skip};
    r->p += d->head + skip;
    if (r->decode->trail)
        wt_reader_note(r, field, s.n, value, form, 0, d->head + skip);
    r->p += s.n;
    return s;
}

struct wt_reader wt_der_enter(struct wt_reader *r, const char *field, const struct wt_der *d, unsigned form,
                              bool silent)
{
    r->p += d->head;
    if (r->decode->trail && !silent)
        wt_reader_note(r, field, d->n, 0, form, 0, d->head);
    struct wt_reader inside = {r->p, r->p + d->n, r->decode, r->depth + !silent};
    r->p += d->n;
    return inside;
}
