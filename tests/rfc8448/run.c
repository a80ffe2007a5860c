#include "run.h"
#include "wiretale/report.h"

static void keep(void *context, const struct wt_step *step)
{
    struct run *r = context;
    assert_true(r->said_n < SAID && step->in_count <= PARTS && step->out.bytes.n <= BYTES);
    assert_non_null(step->id);
    assert_non_null(wt_step_text(step));
    assert_non_null(step->rfc);
    struct said *s = &r->said[r->said_n++];
    *s = (struct said){.function = step->function, .out_n = step->out.bytes.n};
    memcpy(s->out, step->out.bytes.p, s->out_n);
    for (size_t i = 0; i < step->in_count; i++) {
        const struct wt_step_part *part = &step->in[i];
        assert_true(part->bytes.n <= BYTES);
        s->in_n[i] = part->bytes.n;
        if (part->bytes.n)
            memcpy(s->in[i], part->bytes.p, part->bytes.n);
        if (part->text)
            (void)snprintf(s->label, sizeof s->label, "%.*s", (int)part->bytes.n, (const char *)part->bytes.p);
    }
}

struct run *run_new(void)
{
    struct run *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->crypto = wt_crypto_new();
    r->suite = wt_suite_find(0x1301);
    r->sink = (struct wt_steps){keep, r};
    assert_non_null(r->crypto);
    assert_true(wt_schedule_start(&r->schedule, r->crypto, WT_HASH_SHA256, WT_TLS13, &r->sink));
    assert_int_equal(r->schedule.length, 32);
    return r;
}

void run_free(struct run *r)
{
    wt_messages_clear(&r->transcript);
    wt_buffer_free(&r->partial);
    for (unsigned side = 0; side < 2; side++) {
        wt_buffer_free(&r->pending[side]);
        EVP_PKEY_free(r->shares[side][X25519]);
        EVP_PKEY_free(r->shares[side][P256]);
        wt_public_key_free(r->certified[side]);
        wt_record_protector_free(r->seal[side]);
        wt_record_protector_free(r->open[side]);
    }
    wt_crypto_free(r->crypto);
    free(r);
}

struct wt_span run_input(struct run *r, struct trace_step *step, const char *name)
{
    struct trace_field *f = trace_field(step, name);
    assert_non_null(f);
    f->used = true;
    r->inputs++;
    return wt_buffer_span(&f->bytes);
}

void run_expect(struct run *r, struct trace_step *step, const char *name, const void *p, size_t n)
{
    struct trace_field *f = trace_field(step, name);
    if (!f || f->bytes.n != n || (n && memcmp(f->bytes.p, p, n) != 0))
        fail_msg("%s of \"%s %s\", line %u: other bytes than the RFC's", name, step->what, step->of, step->line);
    else
        f->used = true;
    r->compared++;
}

struct wt_span run_transcript_hash(struct run *r, uint8_t out[WT_DIGEST_MOST])
{
    assert_false(r->transcript.broken);
    return wt_span_of(out, wt_messages_hash(&r->transcript, r->crypto, WT_HASH_SHA256, r->transcript.count, out));
}
