/* What is kept of the derivation of keys: its steps, and lines of a key log. */
#include "observer/state.h"

/* --- steps -------------------------------------------------------------------------------------------------------- */

static struct wt_span keep(struct wt_keyring *s, struct wt_span bytes)
{
    return bytes.n ? wt_arena_copy(&s->told, bytes) : (struct wt_span){0};
}

static void on_step(void *context, const struct wt_step *step)
{
    const struct wt_step_sink *sink = context;
    struct wt_keyring *s = sink->keys;
    if (s->step_count >= WT_LIMIT_STEPS)
        return;
    struct wt_list_step *kept = wt_arena_alloc(&s->told, sizeof *kept);
    struct wt_step_part *in = step->in_count ? wt_arena_alloc(&s->told, step->in_count * sizeof *in) : NULL;
    if (!kept || (step->in_count && !in))
        return;
    for (size_t i = 0; i < step->in_count; i++) {
        in[i] = step->in[i];
        in[i].bytes = keep(s, in[i].bytes);
    }
    kept->told = (struct wt_told_step){*step, sink->side, sink->frame};
    kept->told.step.in = in;
    kept->told.step.out.bytes = keep(s, step->out.bytes);
    struct wt_list_step ***last = sink->record ? &s->last_record_step : &s->last_step;
    **last = kept;
    *last = &kept->next;
    s->step_count++;
}

static const struct wt_steps *steps_to(struct wt_step_sink *sink, const struct wt_observer *o, struct wt_keyring *keys,
                                       unsigned side, bool record)
{
    *sink = (struct wt_step_sink){{on_step, sink}, keys, o->frame, (uint8_t)side, record};
    return &sink->steps;
}

const struct wt_steps *wt_keyring_steps(struct wt_step_sink *sink, const struct wt_observer *o,
                                        const struct wt_tls *tls, unsigned side)
{
    return o->options.keep_secrets && tls->keys ? steps_to(sink, o, tls->keys, side, false) : NULL;
}

const struct wt_steps *wt_keyring_record_steps(struct wt_step_sink *sink, const struct wt_observer *o,
                                               const struct wt_tls *tls, unsigned side)
{
    return tls->keys ? steps_to(sink, o, tls->keys, side, true) : NULL;
}

/* --- lines of a key log that open this connection -------------------------------------------------------------------
 */

void wt_keyring_line(struct wt_observer *o, struct wt_tls *tls, enum wt_label label, struct wt_span secret)
{
    struct wt_keyring *s = tls->keys;
    if (!o->options.keep_secrets || s->lines & 1u << label)
        return;
    s->lines |= 1u << label;
    struct wt_list_line *line = wt_arena_alloc(&s->told, sizeof *line);
    if (!line)
        return;
    line->label = (uint8_t)label;
    line->random = keep(s, wt_span_of(tls->handshake->common.agreed.offered.random, 32));
    line->secret = keep(s, secret);
    line->next = s->key_log;
    s->key_log = line;
}
