/* Who is told what goes over the connection. What came is told when it has been read, so that the secrets that open it
 * are known before it: whoever is told could not read it otherwise, and would have to keep it. While a question is open
 * it waits for the answer, as the secrets do. */
#include "endpoint/tap.h"

#include "base/memory.h"
#include "endpoint/secrets.h"

void wt_endpoint_tap(struct wt_endpoint *e, const struct wt_endpoint_tap *tap)
{
    e->tap = tap;
    wt_endpoint_tell_early(e);
}

static void tell(const struct wt_endpoint *e, bool sent, struct wt_span bytes)
{
    if (e->tap && e->tap->bytes && bytes.n)
        e->tap->bytes(e->tap->context, sent, bytes);
}

static void tell_rest(struct wt_endpoint *e)
{
    tell(e, false, wt_buffer_span(&e->untold));
    wt_buffer_free(&e->untold);
}

void wt_tap_bytes(struct wt_endpoint *e, bool sent, struct wt_span bytes)
{
    const bool waits = !sent && e->ask && e->tap && e->tap->bytes;
    if (waits && wt_buffer_add(&e->untold, bytes.p, bytes.n))
        return;
    tell_rest(e);
    tell(e, sent, bytes);
}

/* Without memory for a copy they are told now: none may be missing. */
void wt_tap_take(struct wt_endpoint *e, struct wt_span bytes, struct wt_tapped *out)
{
    *out = (struct wt_tapped){0};
    if (!e->tap || !e->tap->bytes || !bytes.n)
        return;
    out->p = wt_malloc(bytes.n);
    if (!out->p) {
        wt_tap_bytes(e, false, bytes);
        return;
    }
    memcpy(out->p, bytes.p, bytes.n);
    out->n = bytes.n;
}

void wt_tap_taken(struct wt_endpoint *e, struct wt_tapped *tapped)
{
    if (!tapped->p)
        return;
    wt_tap_bytes(e, false, wt_span_of(tapped->p, tapped->n));
    free(tapped->p);
}

void wt_tap_end(struct wt_endpoint *e, enum wt_tap_end how)
{
    tell_rest(e);
    if (e->tap && e->tap->end)
        e->tap->end(e->tap->context, how);
}

bool wt_tap_wants_secrets(const struct wt_endpoint *e)
{
    return e->tap && e->tap->secret;
}

void wt_tap_secret(const struct wt_endpoint *e, const char *line)
{
    if (wt_tap_wants_secrets(e))
        e->tap->secret(e->tap->context, e->h.agreed.offered.random, line);
}
