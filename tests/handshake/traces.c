#include "traces.h"

#include <stdio.h>

struct trace_step *traced_step(const struct traced *t, unsigned side, const char *what, const char *of, size_t n)
{
    for (size_t i = 0; i < t->trace->count; i++) {
        struct trace_step *step = &t->trace->steps[i];
        if (step->side == side && strcmp(step->what, what) == 0 && strcmp(step->of, of) == 0 && n-- == 0)
            return step;
    }
    return NULL;
}

struct wt_span traced_value(struct trace_step *step, const char *name)
{
    struct trace_field *field = step ? trace_field(step, name) : NULL;
    return field ? wt_buffer_span(&field->bytes) : (struct wt_span){0};
}

/* "0 (all zero octets)" is what stands for no PSK. */
static struct wt_span unless_zero(struct wt_span bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        if (bytes.p[i])
            return bytes;
    return (struct wt_span){0};
}

/* A ClientHello with binders is whole in its record only. */
static struct wt_span bytes_of(const struct traced *t, size_t i)
{
    struct trace_step *steps = t->trace->steps;
    struct wt_span bytes = traced_value(&steps[i], "bytes");
    if (i + 2 < t->trace->count && strcmp(steps[i + 1].what, "binder") == 0)
        bytes = traced_value(&steps[i + 2], "payload");
    return bytes;
}

void traced_start(struct traced *t, unsigned section, const struct change *change, size_t most)
{
    char name[32];
    (void)snprintf(name, sizeof name, "section-%u.txt", section);
    *t = (struct traced){.trace = trace_read(RFC8448, name)};
    wt_handshake_start(&t->h, wt_crypto_new(), true);
    t->psk =
        unless_zero(traced_value(traced_step(t, section == 4 ? WT_CLIENT : WT_SERVER, "extract", "early", 0), "ikm"));
    t->shared = traced_value(traced_step(t, WT_SERVER, "extract", "handshake", 0), "ikm");
    for (size_t i = 0; i < t->trace->count && most; i++) {
        struct trace_step *step = &t->trace->steps[i];
        struct wt_error error;
        if (strcmp(step->what, "message") != 0)
            continue;
        struct wt_span bytes = bytes_of(t, i);
        assert_true(bytes.n >= 4);
        if (change && change->side == step->side && change->type == bytes.p[0]) {
            assert_true(change->at < bytes.n);
            ((uint8_t *)(uintptr_t)bytes.p)[change->at] ^= 1; /* the trace's own copy */
            change = NULL;
        }
        assert_int_equal(wt_handshake_add(&t->h, step->side, bytes.p[0], wt_span_cut(bytes, 4, bytes.n), NULL, &error),
                         WT_OK);
        most--;
    }
}

void traced_end(struct traced *t)
{
    struct wt_crypto *crypto = t->h.crypto;
    wt_handshake_end(&t->h);
    wt_crypto_free(crypto);
    trace_free(t->trace);
}
