/* The public view of a connection, filled when it is told. */
#include "observer/story.h"

#include "base/i18n.h"
#include "diagnosis/about.h"
#include "http/http.h"
#include "observer/dtls/settle.h"
#include "observer/keys/opener.h"
#include "observer/keys/why.h"
#include "observer/message/log.h"
#include "observer/message/same.h"
#include "observer/quic/story.h"
#include "observer/state.h"
#include "wiretale/dtls.h"

#include <inttypes.h>
#include <stdio.h>

static const char *hex16(struct wt_observer *o, const uint8_t digest[16])
{
    struct wt_buffer text = {0};
    const char *out = NULL;
    if (wt_buffer_add_hex(&text, wt_span_of(digest, 16)))
        out = (const char *)wt_arena_copy(&o->story, wt_buffer_span(&text)).p;
    wt_buffer_free(&text);
    return out;
}

static void fill_alerts(struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out)
{
    struct wt_alert_seen *alerts =
        tls->report.alert_count ? wt_arena_alloc(&o->story, tls->report.alert_count * sizeof *alerts) : NULL;
    if (!alerts)
        return;
    for (const struct wt_list_alert *a = tls->report.alerts; a; a = a->next) {
        alerts[out->alert_count] = a->alert;
        out->alert_count++;
    }
    out->alerts = alerts;
}

/* What a finding puts in where its sentence has a string. */
static const char *word_of(const struct wt_list_finding *f)
{
    return f->text && *f->text ? _(f->text) : "";
}

/* A format with one string, or none, to put in: what most findings have, without the work of printf. NULL: it has more.
 */
static const char *simple_sentence(struct wt_observer *o, const struct wt_list_finding *f, const char *format)
{
    const char *hole = strchr(format, '%');
    if (hole && (hole[1] != 's' || strchr(hole + 2, '%')))
        return NULL;
    const char *word = hole ? word_of(f) : "";
    const size_t before = hole ? (size_t)(hole - format) : strlen(format);
    const size_t after = hole ? strlen(hole + 2) : 0, n = strlen(word);
    char *text = wt_arena_alloc(&o->story, before + n + after + 1);
    if (!text)
        return "";
    memcpy(text, format, before);
    if (hole) {
        memcpy(text + before, word, n);
        memcpy(text + before + n, hole + 2, after);
    }
    text[before + n + after] = 0;
    return text;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* The row's text is a format of findings.def, translated as a whole. */
static const char *sentence(struct wt_observer *o, const struct wt_list_finding *f, const char *format)
{
    char text[1024];
    const char *simple = simple_sentence(o, f, format);
    if (simple)
        return simple;
    int n = strstr(format, "%s") ? snprintf(text, sizeof text, format, word_of(f), f->number[0], f->number[1])
                                 : snprintf(text, sizeof text, format, f->number[0], f->number[1]);
    if (n < 0)
        return "";
    return (const char *)wt_arena_copy(&o->story, wt_span_text(text)).p;
}
#pragma GCC diagnostic pop

static void fill_alternatives(struct wt_observer *o, const struct wt_tls *tls, struct wt_finding *out)
{
    struct wt_alternative found, *list = NULL;
    for (unsigned n = 0; wt_finding_alternative(tls, n, &found); n++) {
        if (!list && !(list = wt_arena_alloc(&o->story, WT_FINDING_ALTERNATIVES * sizeof *list)))
            return;
        found.settle = _(found.settle);
        list[out->alternative_count++] = found;
    }
    out->alternatives = list;
}

static void fill_findings(struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out)
{
    struct wt_finding *findings =
        tls->report.finding_count ? wt_arena_alloc(&o->story, tls->report.finding_count * sizeof *findings) : NULL;
    if (!findings)
        return;
    for (const struct wt_list_finding *f = tls->report.findings; f; f = f->next) {
        const struct wt_finding_row *row = wt_finding_row((enum wt_finding_id)f->row);
        /* a root cause needs a failure, and there is one of it; the others of its kind are observations */
        uint8_t severity = f == tls->report.cause      ? WT_FATAL
                           : f->grade                  ? (uint8_t)(f->grade - 1)
                           : row->severity == WT_FATAL ? WT_ERROR
                                                       : row->severity;
        findings[out->finding_count++] = (struct wt_finding){
            .id = row->id,
            .severity = severity,
            .frame = f->frame,
            .message = tls->log ? wt_finding_about(f, f == tls->report.cause, out->messages, out->message_count) : 0,
            .text = f->told ? (const char *)wt_arena_copy(&o->story, wt_span_text(f->text)).p
                            : sentence(o, f, _(row->text)),
            .advice = wt_finding_advice(f) ? _(wt_finding_advice(f)) : NULL,
            .fault = f->fault,
            .noticed = f->noticed,
            .probable = f->probable,
        };
        if (f == tls->report.cause)
            fill_alternatives(o, tls, &findings[out->finding_count - 1]);
    }
    out->findings = findings;
}

static void fill_ends(const struct wt_conversation *c, struct wt_connection *out)
{
    const struct wt_tls *tls = c->tls;
    struct wt_address *ends[2] = {&out->client, &out->server};
    for (unsigned side = 0; side < 2; side++) {
        unsigned d = wt_tls_direction_of(tls, side);
        memcpy(ends[side]->ip, c->ip[d], 16);
        ends[side]->port = c->port[d];
        out->missing[side] = tls->side[side].missing;
        out->application_data[side] = tls->side[side].data;
        out->fin[side] = wt_transport_ended(&c->transport, d);
        out->certificates[side] = tls->authentication.certificates[side];
        const struct wt_pair pair = wt_judge_pair_of(tls, side);
        out->signing_certificate[side] = pair.signing + 1;
        out->encryption_certificate[side] = pair.encryption + 1;
        out->certificate_count[side] = tls->authentication.count[side];
    }
}

static void fill_hellos(struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out)
{
    out->version = tls->agreed.version;
    out->offered = tls->agreed.offered;
    out->cipher_suite = tls->agreed.suite;
    out->has_suite = tls->agreed.has_suite;
    out->suites_offered = tls->agreed.suites_offered;
    out->group = tls->agreed.group;
    out->signature_scheme = tls->agreed.scheme;
    out->resumption = tls->agreed.resumption;
    out->has_resumed_from = tls->agreed.has_resumed_from;
    out->resumed_from = tls->agreed.resumed_from;
    out->early_data = tls->agreed.early_data;
    out->client_hello_seen = tls->flow.facts & WT_FACT_CLIENT_HELLO;
    out->server_hello_seen = tls->flow.facts & WT_FACT_SERVER_HELLO;
    out->client_certificate_requested = tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED;
    out->retried = tls->agreed.retried;
    out->announced = tls->announced;
    out->renegotiations = tls->agreed.renegotiations;
    out->sni = tls->agreed.sni;
    out->alpn = tls->agreed.alpn;
    out->ja3 = tls->fingerprints.has_ja3 ? hex16(o, tls->fingerprints.ja3) : NULL;
    out->ja3s = tls->fingerprints.has_ja3s ? hex16(o, tls->fingerprints.ja3s) : NULL;
    out->ja4 = tls->fingerprints.ja4[0] ? tls->fingerprints.ja4 : NULL;
}

/* --- keys ----------------------------------------------------------------------------------------------------------
 */

static uint8_t decryption(const struct wt_tls *tls)
{
    static const uint8_t of[] = {
        [WT_SOURCE_NONE] = WT_DECRYPTION_NULL,       [WT_SOURCE_KEYLOG] = WT_DECRYPTION_KEYLOG,
        [WT_SOURCE_DSB] = WT_DECRYPTION_DSB,         [WT_SOURCE_RSA_KEY] = WT_DECRYPTION_RSA_KEY,
        [WT_SOURCE_SM2_KEY] = WT_DECRYPTION_SM2_KEY, [WT_SOURCE_PSK] = WT_DECRYPTION_PSK};
    const struct wt_keyring *s = tls->keys;
    if (!s || !(s->by[0].opened || s->by[1].opened || s->by[0].digest || s->by[1].digest || s->by[0].plaintext ||
                s->by[1].plaintext))
        return WT_DECRYPTION_NONE;
    return of[s->source];
}

static void fill_plaintext(const struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out)
{
    for (unsigned side = 0; tls->keys && side < 2; side++) {
        struct wt_opener *op = &tls->keys->by[side];
        uint8_t digest[WT_DIGEST_MOST];
        out->has_plaintext[side] = op->opened || op->plaintext;
        out->plaintext[side] =
            (struct wt_plaintext_count){.bytes = op->plaintext, .opened = op->opened, .failed = op->failed};
        if (o->options.digest_plaintext && out->has_plaintext[side] && !op->plaintext && !op->digest)
            op->digest = wt_hash_new(o->crypto, WT_HASH_SHA256); /* nothing has a digest, too */
        wt_opener_finish_digest(op);
        out->plaintext[side].has_sha256 = op->digest && wt_hash_peek(op->digest, digest) == 32;
        if (out->plaintext[side].has_sha256)
            memcpy(out->plaintext[side].sha256, digest, 32);
    }
}

static const struct wt_told_step *fill_steps(struct wt_observer *o, const struct wt_list_step *list, size_t *count)
{
    size_t n = 0;
    for (const struct wt_list_step *s = list; s; s = s->next)
        n++;
    struct wt_told_step *steps = n ? wt_arena_alloc(&o->story, n * sizeof *steps) : NULL;
    for (*count = 0; steps && list; list = list->next)
        steps[(*count)++] = list->told;
    return steps;
}

/* Lines of NSS's format, oldest first. */
static const char *fill_key_log(struct wt_observer *o, const struct wt_list_line *newest)
{
    struct wt_buffer text = {0};
    size_t n = 0, size = 0;
    for (const struct wt_list_line *l = newest; l; l = l->next, n++)
        size += strlen(wt_label_name((enum wt_label)l->label)) + 2 * (l->random.n + l->secret.n) + 3;
    const char *out = "";
    if (!wt_buffer_room(&text, size + 64)) /* at once: what holds secrets must not move */
        return out;
    for (; n; n--) {
        const struct wt_list_line *l = newest;
        for (size_t i = 1; i < n; i++)
            l = l->next;
        wt_buffer_add_text(&text, wt_label_name((enum wt_label)l->label));
        wt_buffer_add_char(&text, ' ');
        wt_buffer_add_hex(&text, l->random);
        wt_buffer_add_char(&text, ' ');
        wt_buffer_add_hex(&text, l->secret);
        wt_buffer_add_char(&text, '\n');
    }
    out = (const char *)wt_arena_copy(&o->story, wt_buffer_span(&text)).p;
    wt_buffer_wipe(&text);
    return out ? out : "";
}

static void fill_keys(struct wt_observer *o, const struct wt_conversation *c, struct wt_connection *out)
{
    const struct wt_tls *tls = c->tls;
    struct wt_keyring *s = tls->keys;
    out->decryption = decryption(tls);
    out->not_decrypted = wt_why_not(o, c);
    fill_plaintext(o, tls, out);
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++) {
        const char *reason = wt_proofs_reason(tls->proofs[i].reason);
        out->proofs[i] = (struct wt_proof_verdict){tls->proofs[i].result, reason, tls->proofs[i].frame};
    }
    if (!s)
        return;
    if (s->http) {
        out->exchanges = wt_http_exchanges(s->http, &out->exchange_count, &out->exchanges_dropped);
        out->application = wt_http_name(s->http);
    }
    out->derivation = fill_steps(o, s->steps, &out->derivation_count);
    out->record_steps = fill_steps(o, s->record_steps, &out->record_step_count);
    if (o->options.keep_secrets)
        out->key_log = fill_key_log(o, s->key_log);
}

static void fill_icmp(struct wt_observer *o, const struct wt_conversation *c, struct wt_tcp_seen *out)
{
    size_t n = !c->icmp ? 0 : c->icmp->count < WT_LIMIT_ICMP_KINDS ? c->icmp->count : WT_LIMIT_ICMP_KINDS;
    struct wt_icmp_seen *seen = n ? wt_arena_alloc(&o->story, n * sizeof *seen) : NULL;
    for (size_t i = 0; seen && i < n; i++) {
        const struct wt_icmp_kept *k = &c->icmp->kept[i];
        seen[i] = (struct wt_icmp_seen){
            .frame = k->frame,
            .count = k->count,
            .type = k->error.type,
            .code = k->error.code,
            .v6 = k->error.v6,
            .about = (uint8_t)wt_tls_side_of(c->tls, k->direction),
            .mtu = k->error.mtu,
            .ignored = k->ignored,
        };
        memcpy(seen[i].sender.ip, k->error.sender, sizeof seen[i].sender.ip);
    }
    out->icmp = seen;
    out->icmp_count = seen ? n : 0;
}

static void fill_life(struct wt_observer *o, const struct wt_conversation *c, struct wt_tcp_seen *out)
{
    const int64_t us = 1000;
    const struct wt_life *l = wt_life_of(c->tls);
    out->connect = c->path.connect_us * us;
    for (unsigned side = 0; side < 2; side++) {
        unsigned d = wt_tls_direction_of(c->tls, side);
        int64_t open = l ? wt_life_closed_ns(o, c, d) : 0;
        out->round_trip[side] = c->path.round_trip_us[d] * us;
        out->hop_limit_seen[side] = c->path.hop_limit_seen & 1u << d;
        out->hop_limit[side] = c->path.hop_limit[d];
        if (!l)
            continue;
        out->retransmissions[side] = l->resent[d];
        out->unanswered[side] = wt_life_unanswered(c, d);
        out->window_closed[side] = open > l->window[d].longest_ns ? open : l->window[d].longest_ns;
    }
    fill_icmp(o, c, out);
    if (!l)
        return;
    out->retransmission_time = l->resent_ns;
    out->silence = l->longest.ns;
    out->silence_start = (struct wt_time){l->longest.from_ns, c->digits};
    out->silence_frame = l->longest.frame;
    out->silence_by = (uint8_t)wt_tls_side_of(c->tls, l->longest.by);
    if (!l->reset.seen || !c->tls->end.reset_seen)
        return;
    out->reset_frame = l->reset.frame;
    out->reset_from = (uint8_t)wt_tls_side_of(c->tls, c->tls->end.reset_by);
    out->reset_hop_limit = l->reset.hop_limit;
    out->reset_answer_frame = l->reset.answer_frame;
}

static void fill_same(struct wt_observer *o, const struct wt_conversation *c, struct wt_connection *out)
{
    uint32_t streams[WT_LIMIT_SAME_PLACES];
    size_t n = wt_same_streams(o, c, streams);
    uint32_t *kept = n ? wt_arena_alloc(&o->story, n * sizeof *kept) : NULL;
    if (!kept)
        return;
    memcpy(kept, streams, n * sizeof *kept);
    out->same_as = kept;
    out->same_count = n;
}

/* In the middle of a connection records say what it is, as far as that is TLCP. */
static uint8_t protocol_of(const struct wt_tls *tls)
{
    const bool tlcp = tls->cursor[0].record.version == WT_TLCP || tls->cursor[1].record.version == WT_TLCP;
    return tlcp && !tls->agreed.version && !tls->agreed.offered ? WT_PROTOCOL_TLCP : tls->agreed.protocol;
}

void wt_story_fill(struct wt_observer *o, struct wt_conversation *c, struct wt_connection *out)
{
    struct wt_tls *tls = c->tls;
    *out = (struct wt_connection){
        .file = o->file ? o->file : "",
        .stream = c->stream,
        .protocol = protocol_of(tls),
        .state = tls->outcome.state,
        .layer_count = c->layer_count,
        .first_frame = c->first_frame,
        .last_frame = c->last_frame,
        .start = {tls->outcome.start_ns, c->digits},
        .end = {c->last_ns, c->digits},
        .ready = {tls->outcome.ready_ns, c->digits},
        .starttls = tls->starttls,
        .reset = wt_transport_is_reset(&c->transport),
    };
    memcpy(out->layers, c->layers, sizeof out->layers);
    fill_ends(c, out);
    if (c->transport.kind == WT_TRANSPORT_TCP)
        fill_life(o, c, &out->tcp);
    out->dtls = wt_dtls_settle_story(o, c);
    fill_hellos(o, tls, out);
    fill_same(o, c, out);
    fill_alerts(o, tls, out);
    if (tls->log) {
        out->messages = wt_log_messages(tls->log, &out->message_count, &out->messages_dropped);
        wt_log_get_strings(tls->log, &out->ja3_string, &out->ja3s_string, &out->ja4_string);
    }
    fill_findings(o, tls, out);
    fill_keys(o, c, out);
    if (out->dtls && out->dtls->inside)
        out->application = out->dtls->inside;
    wt_judge_fill(o, tls, out);
    if (tls->quic)
        out->quic = wt_quic_story_make(o, tls->quic);
}

void wt_story_clear(struct wt_observer *o)
{
    wt_arena_wipe(&o->story);
}
