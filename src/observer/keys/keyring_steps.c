/* What is kept of the derivation of keys: its steps, and lines of a key log. */
#include "observer/state.h"

/* --- steps -------------------------------------------------------------------------------------------------------- */

static struct wt_span keep(struct wt_keyring *s, struct wt_span bytes)
{
    return bytes.n ? wt_arena_copy(&s->told, bytes) : (struct wt_span){0};
}

/* Steps that a hash over handshake messages goes into, or that make it. RFC 5246, 7.4.9: "handshake_messages: All of
 * the data from all messages in this handshake (not including any HelloRequest messages) up to, but not including, this
 * message."; RFC 7627, 3: up to and including ClientKeyExchange; RFC 8446, 7.1 and 4.4.1. */
static bool is_over_messages(const char *id)
{
    static const char *const ids[] = {"session_hash",
                                      "handshake_hash",
                                      "md5_hash",
                                      "sha_hash",
                                      "client_early_traffic_secret",
                                      "early_exporter_master_secret",
                                      "client_handshake_traffic_secret",
                                      "server_handshake_traffic_secret",
                                      "client_application_traffic_secret_0",
                                      "server_application_traffic_secret_0",
                                      "exporter_master_secret",
                                      "resumption_master_secret",
                                      "verify_data"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strcmp(id, ids[i]) == 0)
            return true;
    return false;
}

/* The messages of the hash that was made last: it is made for the step. */
static void keep_hashed(struct wt_keyring *s, const struct wt_messages *m, struct wt_told_step *told)
{
    const size_t n = m && told->step.id && is_over_messages(told->step.id) ? m->covered : 0;
    uint8_t *types = n && n <= m->count ? wt_arena_alloc(&s->told, n) : NULL;
    for (size_t i = 0; types && i < n; i++)
        types[i] = m->list[i]->place == WT_PLACE_RETRY && m->list[i]->type == WT_HANDSHAKE_SERVER_HELLO
                       ? WT_HANDSHAKE_HELLO_RETRY_REQUEST
                       : m->list[i]->type;
    told->hashed = types;
    told->hashed_count = types ? n : 0;
}

static void on_step(void *context, const struct wt_step *step)
{
    const struct wt_step_sink *sink = context;
    struct wt_keyring *s = sink->keys;
    if (s->step_count >= WT_LIMIT_STEPS) {
        *(sink->record ? &s->record_steps_lost : &s->steps_lost) += 1;
        return;
    }
    struct wt_list_step *kept = wt_arena_alloc(&s->told, sizeof *kept);
    struct wt_step_part *in = step->in_count ? wt_arena_alloc(&s->told, step->in_count * sizeof *in) : NULL;
    if (!kept || (step->in_count && !in))
        return;
    for (size_t i = 0; i < step->in_count; i++) {
        in[i] = step->in[i];
        in[i].bytes = keep(s, in[i].bytes);
    }
    kept->told = (struct wt_told_step){.step = *step, .side = sink->side, .frame = sink->frame, .record = sink->record};
    if (!sink->record)
        keep_hashed(s, sink->messages, &kept->told);
    kept->told.step.in = in;
    kept->told.step.out.bytes = keep(s, step->out.bytes);
    struct wt_list_step ***last = sink->record ? &s->last_record_step : &s->last_step;
    **last = kept;
    *last = &kept->next;
    s->step_count++;
}

static const struct wt_steps *steps_to(struct wt_step_sink *sink, const struct wt_observer *o, const struct wt_tls *tls,
                                       unsigned side, uint32_t record)
{
    const struct wt_messages *messages = tls->handshake ? &tls->handshake->common.messages : NULL;
    *sink = (struct wt_step_sink){{on_step, sink}, tls->keys, messages, o->frame, (uint8_t)side, record};
    return &sink->steps;
}

const struct wt_steps *wt_keyring_steps(struct wt_step_sink *sink, const struct wt_observer *o,
                                        const struct wt_tls *tls, unsigned side)
{
    return o->options.keep_secrets && tls->keys ? steps_to(sink, o, tls, side, 0) : NULL;
}

const struct wt_steps *wt_keyring_record_steps(struct wt_step_sink *sink, const struct wt_observer *o,
                                               const struct wt_tls *tls, unsigned side, uint32_t record)
{
    return tls->keys ? steps_to(sink, o, tls, side, record) : NULL;
}

bool wt_keyring_shows(const struct wt_observer *o, struct wt_tls *tls, unsigned side, uint32_t record, size_t bytes)
{
    struct wt_keyring *s = tls->keys;
    const bool again = s->record_begin && s->record_number == record && s->record_side == side;
    const bool one = o->options.record && o->options.record == record && o->options.record_side == side;
    const bool all = !o->options.record && s->record_count[side] < o->options.keep_record_steps &&
                     bytes <= WT_LIMIT_RECORD_STEPS_BYTES - s->record_bytes;
    if (!again) {
        if (!one && !all)
            return false;
        s->record_number = record;
        s->record_side = (uint8_t)side;
        s->record_begin = s->last_record_step;
        s->record_count[side]++;
        s->record_bytes += all ? (uint32_t)bytes : 0;
    }
    /* of several tries the last is reported */
    for (const struct wt_list_step *tried = *s->record_begin; tried; tried = tried->next)
        s->step_count--;
    s->steps_lost += again ? 0 : s->record_steps_lost;
    s->record_steps_lost = 0;
    *s->record_begin = NULL;
    s->last_record_step = s->record_begin;
    return true;
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
