#include "redact/certificates.h"

#include "base/memory.h"
#include "certificate/certificates.h"
#include "redact/fields.h"

#include <stdlib.h>

struct wt_redact_certificates {
    struct wt_standins *s;
    struct wt_certificates *table;
};

struct wt_redact_certificates *wt_redact_certificates_new(struct wt_crypto *crypto, struct wt_standins *s)
{
    struct wt_redact_certificates *c = wt_calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->s = s;
    c->table = wt_certificates_new(crypto);
    if (c->table)
        return c;
    free(c);
    return NULL;
}

void wt_redact_certificates_free(struct wt_redact_certificates *c)
{
    if (!c)
        return;
    wt_certificates_free(c->table);
    free(c);
}

const struct wt_certificate_facts *wt_redact_certificate_facts(struct wt_redact_certificates *c,
                                                               const struct wt_certificate_facts *in)
{
    uint8_t *der = wt_malloc(in->der.n ? in->der.n : 1);
    if (!der)
        return NULL;
    wt_redact_certificate(c->s, in->der, der);
    const struct wt_certificate_facts *out = wt_certificates_intern(c->table, wt_span_of(der, in->der.n));
    free(der);
    /* libcrypto has no size for a key that is a stand-in */
    if (out && out->parsed && !out->key_bits)
        ((struct wt_certificate_facts *)(uintptr_t)out)->key_bits = in->key_bits;
    return out;
}
