/* The public fields: the first byte chooses a certificate, an OCSP answer, a list of SCTs or a message, whose type is
 * the second; the rest is its bytes. With 0x40 in the first, a message's certificates are walked too.
 *
 * Held to: fields inside what was handed in, with their bytes where they say; an error that is the last; depths that go
 * down one level at a time. */
#include "report/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct wt_span whole;
    unsigned depth;
    bool any, error, deep;
};

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_fields: %s\n", what);
    abort();
}

static bool on_field(void *context, const struct wt_field *f)
{
    struct seen *s = context;
    hold(s->deep || !s->error, "a field after the error");
    hold(f->offset <= s->whole.n && f->length <= s->whole.n - f->offset, "a field outside what was handed in");
    hold(strlen(f->path) < 512, "a long path");
    s->error = f->kind == WT_FIELD_ERROR;
    if (s->error)
        return true;
    hold(f->prefix <= f->offset && f->bytes.n == f->length, "a prefix before the beginning");
    hold(f->depth <= s->depth + s->any, "a depth that skips a level");
    hold(f->kind != WT_FIELD_OID || f->text, "an OID without text");
    s->depth = f->depth;
    s->any = true;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool (*const walks[])(struct wt_span, wt_field_sink *, void *) = {wt_fields_certificate, wt_fields_ocsp,
                                                                             wt_fields_scts};
    if (size < 2)
        return 0;
    /* in memory of its own, so that a sanitizer sees who reads past it */
    uint8_t *exact = malloc(size - 2 + (size == 2));
    if (!exact)
        return 0;
    memcpy(exact, data + 2, size - 2);
    struct seen s = {.whole = {exact, size - 2}};
    bool all;
    if (data[0] % 4 == 3) {
        const struct wt_message m = {.content_type = 22, .type = data[1], .flags = WT_MESSAGE_TYPED, .body = s.whole};
        s.deep = data[0] & 0x40; /* certificates in it too: each may end with an error of its own */
        if (s.deep) {
            (void)wt_fields_whole(&m, on_field, &s);
            free(exact);
            return 0;
        }
        all = wt_fields_message(&m, on_field, &s);
    } else {
        all = walks[data[0] % 4](s.whole, on_field, &s);
    }
    hold(all != s.error, "an answer that differs from the fields");
    free(exact);
    return 0;
}
