/* The story, field by field: what is not named here does not leave. */
#include "wiretale/redact.h"

#include "base/arena.h"
#include "base/memory.h"
#include "redact/certificates.h"
#include "redact/datagrams.h"
#include "redact/fields.h"
#include "redact/headers.h"
#include "redact/sentences.h"

#include <stdio.h>
#include <stdlib.h>

struct wt_redaction {
    struct wt_crypto *crypto;
    struct wt_standins *s;
    struct wt_vocabulary *vocabulary;
    struct wt_redact_certificates *certificates;
    struct wt_arena arena; /* of the story that was made last */
    struct wt_connection story;
    int64_t packets_ns[2]; /* from the first packet to the newest */
    char file[32];
};

struct wt_redaction *wt_redaction_new(void)
{
    struct wt_redaction *r = wt_calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->crypto = wt_crypto_new();
    r->s = r->crypto ? wt_standins_new(r->crypto) : NULL;
    r->certificates = r->s ? wt_redact_certificates_new(r->crypto, r->s) : NULL;
    r->vocabulary = wt_vocabulary_new();
    if (r->certificates && r->vocabulary)
        return r;
    wt_redaction_free(r);
    return NULL;
}

void wt_redaction_free(struct wt_redaction *r)
{
    if (!r)
        return;
    wt_arena_free(&r->arena);
    wt_vocabulary_free(r->vocabulary);
    wt_redact_certificates_free(r->certificates);
    wt_standins_free(r->s);
    wt_crypto_free(r->crypto);
    free(r);
}

const char *wt_redaction_file(struct wt_redaction *r, const char *name)
{
    const struct wt_span original = wt_span_text(name ? name : "");
    (void)snprintf(r->file, sizeof r->file, "capture-%llu",
                   (unsigned long long)wt_standin_number(r->s, WT_STANDIN_FILE, original));
    return r->file;
}

int64_t wt_redaction_date(const struct wt_redaction *r, int64_t seconds)
{
    return wt_standin_date(r->s, seconds);
}

/* --- parts ---------------------------------------------------------------------------------------------------------
 */

static void *room(struct wt_redaction *r, size_t count, size_t size)
{
    return count ? wt_arena_alloc(&r->arena, count * size) : NULL;
}

static struct wt_time time_of(const struct wt_redaction *r, struct wt_time t)
{
    return (struct wt_time){wt_standin_time(r->s, t.ns), t.digits};
}

static struct wt_address address(struct wt_redaction *r, const struct wt_address *a)
{
    struct wt_address out = {.port = wt_standin_port(r->s, a->port)};
    wt_standin_address(r->s, a->ip, out.ip);
    return out;
}

/* Text is what the RFC calls so; bytes of it that cannot be read become x. */
static struct wt_span text(struct wt_redaction *r, struct wt_span in,
                           void (*make)(struct wt_standins *, struct wt_span, uint8_t *))
{
    uint8_t *out = in.n ? wt_arena_alloc(&r->arena, in.n + 1) : NULL;
    if (!out)
        return (struct wt_span){0};
    make(r->s, in, out);
    return wt_span_of(out, in.n);
}

static void readable(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    if (wt_is_readable(in))
        wt_standin_text(s, in, out);
    else
        wt_standin_bytes(s, in, out);
}

/* A copy of a span that is the protocol's own. */
static struct wt_span kept(struct wt_redaction *r, struct wt_span in)
{
    return in.n ? wt_arena_copy(&r->arena, in) : (struct wt_span){0};
}

/* As neutral as it was. */
static const char *sentence(struct wt_redaction *r, const char *in)
{
    struct wt_buffer made = {0};
    if (!in)
        return NULL;
    wt_redact_sentence(r->s, r->vocabulary, r->packets_ns, in, &made);
    struct wt_span copy = {0};
    if (!made.failed)
        copy = wt_arena_copy(&r->arena, wt_buffer_span(&made));
    wt_buffer_free(&made);
    return copy.p ? (const char *)copy.p : "";
}

static struct wt_error error_of(const struct wt_error *in)
{
    struct wt_error out =
        *in; /* fields and rules are the code's own; what was found there is wire, and large values names */
    if (out.value > 0xffffff)
        out.value = 0;
    return out;
}

/* --- messages, records, packets ------------------------------------------------------------------------------------
 */

static struct wt_message message(struct wt_redaction *r, const struct wt_message *in)
{
    struct wt_message out = {
        .frame = in->frame,
        .time = time_of(r, in->time),
        .from = in->from,
        .content_type = in->content_type,
        .type = in->type,
        .inner_type = in->inner_type,
        .flags = in->flags,
        .record_version = in->record_version,
        .records = in->records,
        .length = in->length,
        .record_length = in->record_length,
        .record = in->record,
        .plaintext_length = in->plaintext_length,
        .shape = in->shape,
        .error = error_of(&in->error),
        .pieces = in->pieces,
        .piece_count = in->piece_count,
        .level = in->level,
        .message_seq = in->message_seq,
        .epoch = in->epoch,
    };
    uint8_t *body = in->body.n ? wt_arena_alloc(&r->arena, in->body.n) : NULL;
    if (body) {
        wt_redact_message(r->s, in, body);
        out.body = wt_span_of(body, in->body.n);
    }
    return out;
}

static void messages(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    struct wt_message *list = room(r, in->message_count, sizeof *list);
    out->messages_dropped = in->messages_dropped;
    for (size_t i = 0; list && i < in->message_count; i++)
        list[i] = message(r, &in->messages[i]);
    out->messages = list;
    out->message_count = list ? in->message_count : 0;
    /* headers of records, sizes and places hold no name */
    out->records = in->records;
    out->record_count = in->record_count;
    out->records_dropped = in->records_dropped;
}

static void packets(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    struct wt_packet_headers *list = room(r, in->packet_count, sizeof *list);
    out->packets_dropped = in->packets_dropped;
    for (size_t i = 0; list && i < in->packet_count; i++) {
        const struct wt_packet_headers *p = &in->packets[i];
        uint8_t *bytes = p->bytes.n ? wt_arena_alloc(&r->arena, p->bytes.n) : NULL;
        list[i] = (struct wt_packet_headers){.frame = p->frame,
                                             .link = p->link,
                                             .from = p->from,
                                             .reassembled = p->reassembled,
                                             .length = p->length,
                                             .time = time_of(r, p->time),
                                             .layer_count = p->layer_count};
        memcpy(list[i].layers, p->layers, sizeof list[i].layers);
        if (!bytes)
            continue;
        wt_redact_headers(r->s, p, bytes);
        list[i].bytes = wt_span_of(bytes, p->bytes.n);
    }
    out->packets = list;
    out->packet_count = list ? in->packet_count : 0;
}

static void segments(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    struct wt_segment_seen *list = room(r, in->segment_count, sizeof *list);
    out->segments_dropped = in->segments_dropped;
    for (size_t i = 0; list && i < in->segment_count; i++) {
        const struct wt_segment_seen *g = &in->segments[i];
        list[i] = (struct wt_segment_seen){.time = time_of(r, g->time),
                                           .frame = g->frame,
                                           .sequence = g->sequence, /* counted from the SYN */
                                           .length = g->length,
                                           .from = g->from,
                                           .flags = g->flags,
                                           .mark = g->mark};
    }
    out->segments = list;
    out->segment_count = list ? in->segment_count : 0;
}

/* --- findings, certificates, HTTP ----------------------------------------------------------------------------------
 */

static const struct wt_alternative *alternatives(struct wt_redaction *r, const struct wt_finding *in)
{
    struct wt_alternative *list = room(r, in->alternative_count, sizeof *list);
    for (size_t i = 0; list && i < in->alternative_count; i++)
        list[i] = (struct wt_alternative){.id = in->alternatives[i].id,
                                          .settle = sentence(r, in->alternatives[i].settle),
                                          .fault = in->alternatives[i].fault};
    return list;
}

static void findings(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    struct wt_finding *list = room(r, in->finding_count, sizeof *list);
    for (size_t i = 0; list && i < in->finding_count; i++) {
        const struct wt_finding *f = &in->findings[i];
        list[i] = (struct wt_finding){.id = f->id,
                                      .severity = f->severity,
                                      .frame = f->frame,
                                      .message = f->message,
                                      .text = sentence(r, f->text),
                                      .advice = sentence(r, f->advice),
                                      .fault = f->fault,
                                      .noticed = f->noticed,
                                      .probable = f->probable,
                                      .alternatives = alternatives(r, f)};
        list[i].alternative_count = list[i].alternatives ? f->alternative_count : 0;
    }
    out->findings = list;
    out->finding_count = list ? in->finding_count : 0;
}

static const struct wt_certificate_facts *const *chain(struct wt_redaction *r,
                                                       const struct wt_certificate_facts *const *in, size_t *count)
{
    const struct wt_certificate_facts **list =
        room(r, *count, sizeof *list); /* NOLINT(bugprone-sizeof-expression): of pointers */
    size_t n = 0;
    for (size_t i = 0; list && i < *count; i++)
        if ((list[n] = wt_redact_certificate_facts(r->certificates, in[i])))
            n++;
    *count = n;
    return list;
}

static void certificates(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    for (unsigned side = 0; side < 2; side++) {
        out->certificate_count[side] = in->certificate_count[side];
        out->certificates[side] = chain(r, in->certificates[side], &out->certificate_count[side]);
        if (out->certificate_count[side] != in->certificate_count[side])
            continue; /* without memory one is left out */
        out->signing_certificate[side] = in->signing_certificate[side];
        out->encryption_certificate[side] = in->encryption_certificate[side];
    }
    out->path_count = in->path_count;
    out->path = chain(r, in->path, &out->path_count);
    out->ocsp = (struct wt_ocsp){.stapled = in->ocsp.stapled,
                                 .status = in->ocsp.status,
                                 .this_update = wt_standin_date(r->s, in->ocsp.this_update),
                                 .next_update = wt_standin_date(r->s, in->ocsp.next_update),
                                 .revoked_at = wt_standin_date(r->s, in->ocsp.revoked_at),
                                 .verified = in->ocsp.verified};
    out->scts = in->scts;
    out->delegated = (struct wt_delegated){.present = in->delegated.present,
                                           .valid_until = wt_standin_date(r->s, in->delegated.valid_until),
                                           .scheme = in->delegated.scheme,
                                           .verified = in->delegated.verified};
    memcpy(out->proofs, in->proofs, sizeof out->proofs);
}

static bool is_one_of(struct wt_span in, const char *const *words)
{
    for (; *words; words++)
        if (wt_span_equal(in, wt_span_text(*words)))
            return true;
    return false;
}

static struct wt_span unless(struct wt_redaction *r, struct wt_span in, const char *const *words)
{
    return is_one_of(in, words) ? kept(r, in) : text(r, in, readable);
}

static void exchanges(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    static const char *const methods[] = {"GET",   "HEAD",    "POST",     "PUT",   "DELETE", "CONNECT",
                                          "TRACE", "OPTIONS", "PROPFIND", "PATCH", "REPORT", NULL};
    static const char *const schemes[] = {"http", "https", NULL};
    static const char *const paths[] = {"/", "*", "/favicon.ico", "/robots.txt", NULL};
    static const char *const types[] = {"text/html",
                                        "text/plain",
                                        "text/css",
                                        "text/javascript",
                                        "application/javascript",
                                        "application/json",
                                        "application/octet-stream",
                                        "application/xml",
                                        "image/png",
                                        "image/jpeg",
                                        "image/gif",
                                        "image/svg+xml",
                                        "image/webp",
                                        "font/woff2",
                                        NULL};
    static const char *const codings[] = {"gzip", "deflate", "br", "zstd", "compress", "identity", NULL};
    struct wt_exchange *list = room(r, in->exchange_count, sizeof *list);
    out->exchanges_dropped = in->exchanges_dropped;
    for (size_t i = 0; list && i < in->exchange_count; i++) {
        const struct wt_exchange *e = &in->exchanges[i];
        list[i] = (struct wt_exchange){.request_frame = e->request_frame,
                                       .response_frame = e->response_frame,
                                       .request_time = time_of(r, e->request_time),
                                       .response_time = time_of(r, e->response_time),
                                       .stream = e->stream,
                                       .version = e->version,
                                       .method = unless(r, e->method, methods),
                                       .scheme = unless(r, e->scheme, schemes),
                                       .authority = text(r, e->authority, readable),
                                       .path = unless(r, e->path, paths),
                                       .status = e->status,
                                       .reason = text(r, e->reason, readable),
                                       .content_type = unless(r, e->content_type, types),
                                       .content_encoding = unless(r, e->content_encoding, codings),
                                       .request_body = e->request_body,
                                       .response_body = e->response_body,
                                       .interim = e->interim,
                                       .pushed = e->pushed,
                                       .upgraded = e->upgraded,
                                       .reset = e->reset};
    }
    out->exchanges = list;
    out->exchange_count = list ? in->exchange_count : 0;
    out->application = in->application;
}

/* --- the rest ------------------------------------------------------------------------------------------------------
 */

static void tcp(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    struct wt_icmp_seen *icmp = room(r, in->tcp.icmp_count, sizeof *icmp);
    out->tcp = in->tcp; /* durations, counts, packets' numbers and sides */
    out->tcp.silence_start = time_of(r, in->tcp.silence_start);
    for (size_t i = 0; icmp && i < in->tcp.icmp_count; i++) {
        icmp[i] = in->tcp.icmp[i];
        icmp[i].sender = address(r, &in->tcp.icmp[i].sender);
    }
    out->tcp.icmp = icmp;
    out->tcp.icmp_count = icmp ? in->tcp.icmp_count : 0;
}

static void ends(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    out->file = (const char *)wt_arena_copy(&r->arena, wt_span_text(wt_redaction_file(r, in->file))).p;
    out->stream = in->stream;
    out->protocol = in->protocol;
    out->state = in->state;
    out->client = address(r, &in->client);
    out->server = address(r, &in->server);
    memcpy(out->layers, in->layers, sizeof out->layers);
    out->layer_count = in->layer_count;
    out->first_frame = in->first_frame;
    out->last_frame = in->last_frame;
    out->start = time_of(r, in->start);
    out->end = time_of(r, in->end);
    out->ready = time_of(r, in->ready);
    out->starttls = in->starttls;
    memcpy(out->missing, in->missing, sizeof out->missing);
    out->announced = in->announced;
    out->reset = in->reset;
    memcpy(out->fin, in->fin, sizeof out->fin);
    out->same_as = in->same_as;
    out->same_count = in->same_count;
    out->counted_elsewhere = in->counted_elsewhere;
    memcpy(out->application_data, in->application_data, sizeof out->application_data);
    out->alerts = in->alerts;
    out->alert_count = in->alert_count;
}

/* FoxIO's JA4, "ALPN Extension Value": the first and the last letter of the first protocol are its 9th and 10th. */
static const char *ja4(struct wt_redaction *r, const char *in)
{
    enum { ALPN = 8 };
    char *copy = in ? (char *)(uintptr_t)wt_arena_copy(&r->arena, wt_span_text(in)).p : NULL;
    if (copy && strlen(copy) > ALPN + 2 && !wt_is_alpn_ends(copy + ALPN))
        copy[ALPN] = copy[ALPN + 1] = '9';
    return copy;
}

static void choice(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    out->version = in->version;
    out->offered = in->offered;
    out->cipher_suite = in->cipher_suite;
    out->suites_offered = in->suites_offered;
    out->group = in->group;
    out->signature_scheme = in->signature_scheme;
    out->resumption = in->resumption;
    out->early_data = in->early_data;
    out->has_suite = in->has_suite;
    out->has_resumed_from = in->has_resumed_from;
    out->client_hello_seen = in->client_hello_seen;
    out->server_hello_seen = in->server_hello_seen;
    out->client_certificate_requested = in->client_certificate_requested;
    out->retried = in->retried;
    out->renegotiations = in->renegotiations;
    out->resumed_from = in->resumed_from;
    out->sni = text(r, in->sni, readable);
    out->alpn = text(r, in->alpn, wt_standin_alpn);
    out->ja3 = in->ja3;
    out->ja3s = in->ja3s;
    out->ja4 = ja4(r, in->ja4);
    out->ja3_string = in->ja3_string;
    out->ja3s_string = in->ja3s_string;
    out->ja4_string = ja4(r, in->ja4_string);
}

/* Neither derivation, key log nor the steps of a record: they are made of secrets. */
static void decryption(struct wt_redaction *r, const struct wt_connection *in, struct wt_connection *out)
{
    out->decryption = in->decryption;
    out->not_decrypted = sentence(r, in->not_decrypted);
    memcpy(out->has_plaintext, in->has_plaintext, sizeof out->has_plaintext);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_plaintext_count *p = &in->plaintext[side];
        out->plaintext[side] = (struct wt_plaintext_count){
            .bytes = p->bytes, .opened = p->opened, .failed = p->failed, .has_sha256 = p->has_sha256};
        wt_standin_bytes(r->s, wt_span_of(p->sha256, sizeof p->sha256), out->plaintext[side].sha256);
    }
}

const struct wt_connection *wt_redaction_story(struct wt_redaction *r, const struct wt_connection *in)
{
    struct wt_connection *out = &r->story;
    wt_arena_free(&r->arena);
    r->arena = (struct wt_arena){0};
    *out = (struct wt_connection){0};
    if (!r->packets_ns[0])
        r->packets_ns[0] = in->start.ns;
    if (in->end.ns > r->packets_ns[1])
        r->packets_ns[1] = in->end.ns;
    wt_standins_start(r->s, in->start.ns);
    ends(r, in, out);
    choice(r, in, out);
    certificates(r, in, out);
    messages(r, in, out);
    packets(r, in, out);
    segments(r, in, out);
    exchanges(r, in, out);
    tcp(r, in, out);
    out->quic = wt_redact_quic(r->s, &r->arena, in->quic);
    out->dtls = wt_redact_dtls(r->s, &r->arena, in->dtls);
    /* last: sentences have names that are known by now */
    decryption(r, in, out);
    findings(r, in, out);
    return r->arena.refused ? NULL : out;
}
