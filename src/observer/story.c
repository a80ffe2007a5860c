/* The public view of a connection, filled when it is told. */
#include "observer/state.h"

#include "base/i18n.h"

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
        tls->alert_count ? wt_arena_alloc(&o->story, tls->alert_count * sizeof *alerts) : NULL;
    if (!alerts)
        return;
    for (const struct wt_list_alert *a = tls->alerts; a; a = a->next) {
        alerts[out->alert_count] = a->alert;
        alerts[out->alert_count++].from = (uint8_t)wt_tls_side_of(tls, a->alert.from);
    }
    out->alerts = alerts;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* The row's text is a format of findings.def, translated as a whole. */
static const char *sentence(struct wt_observer *o, const struct wt_list_finding *f, const char *format)
{
    char text[1024];
    bool named = strstr(format, "%s") != NULL;
    int n = named ? snprintf(text, sizeof text, format, f->text && *f->text ? _(f->text) : "", f->number[0], f->number[1])
                  : snprintf(text, sizeof text, format, f->number[0], f->number[1]);
    if (n < 0)
        return "";
    return (const char *)wt_arena_copy(&o->story, wt_span_text(text)).p;
}
#pragma GCC diagnostic pop

static void fill_findings(struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out)
{
    struct wt_finding *findings =
        tls->finding_count ? wt_arena_alloc(&o->story, tls->finding_count * sizeof *findings) : NULL;
    if (!findings)
        return;
    for (const struct wt_list_finding *f = tls->findings; f; f = f->next) {
        const struct wt_finding_row *row = wt_finding_row((enum wt_finding_id)f->row);
        findings[out->finding_count++] = (struct wt_finding){
            .id = row->id,
            .severity = row->severity,
            .frame = f->frame,
            .text = sentence(o, f, _(row->text)),
            .advice = row->advice ? _(row->advice) : NULL,
        };
    }
    out->findings = findings;
}

static void fill_ends(const struct wt_conversation *c, struct wt_connection *out)
{
    const struct wt_tls *tls = c->tls;
    struct wt_address *ends[2] = {&out->client, &out->server};
    for (unsigned side = 0; side < 2; side++) {
        unsigned d = side == WT_CLIENT ? tls->client : !tls->client;
        memcpy(ends[side]->ip, c->ip[d], 16);
        ends[side]->port = c->port[d];
        out->missing[side] = tls->side[d].missing;
        out->application_data[side] = tls->side[d].data;
        out->fin[side] = c->flags & (WT_CONV_FIN << d);
        out->certificates[side] = tls->certificates[side];
        out->certificate_count[side] = tls->certificate_count[side];
    }
}

static void fill_hellos(struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out)
{
    out->version = tls->version;
    out->offered = tls->offered;
    out->cipher_suite = tls->suite;
    out->has_suite = tls->has_suite;
    out->suites_offered = tls->suites_offered;
    out->group = tls->group;
    out->signature_scheme = tls->scheme;
    out->resumption = tls->resumption;
    out->has_resumed_from = tls->has_resumed_from;
    out->resumed_from = tls->resumed_from;
    out->early_data = tls->early_data;
    out->client_hello_seen = tls->flow.facts & WT_FACT_CLIENT_HELLO;
    out->server_hello_seen = tls->flow.facts & WT_FACT_SERVER_HELLO;
    out->client_certificate_requested = tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED;
    out->retried = tls->retried;
    out->announced = tls->announced;
    out->renegotiations = tls->renegotiations;
    out->sni = tls->sni;
    out->alpn = tls->alpn;
    out->ja3 = tls->has_ja3 ? hex16(o, tls->ja3) : NULL;
    out->ja3s = tls->has_ja3s ? hex16(o, tls->ja3s) : NULL;
    out->ja4 = tls->ja4[0] ? tls->ja4 : NULL;
}

void wt_story_fill(struct wt_observer *o, struct wt_conversation *c, struct wt_connection *out)
{
    struct wt_tls *tls = c->tls;
    *out = (struct wt_connection){
        .file = o->file ? o->file : "",
        .stream = c->stream,
        .protocol = tls->protocol,
        .state = tls->state,
        .layer_count = c->layer_count,
        .first_frame = c->first_frame,
        .last_frame = c->last_frame,
        .start = {tls->start_ns, c->digits},
        .end = {c->last_ns, c->digits},
        .ready = {tls->ready_ns, c->digits},
        .starttls = tls->starttls,
        .reset = c->flags & WT_CONV_RESET,
    };
    memcpy(out->layers, c->layers, sizeof out->layers);
    fill_ends(c, out);
    fill_hellos(o, tls, out);
    fill_alerts(o, tls, out);
    fill_findings(o, tls, out);
    if (tls->log) {
        out->messages = wt_log_messages(tls->log, &out->message_count, &out->messages_dropped);
        wt_log_get_strings(tls->log, &out->ja3_string, &out->ja3s_string, &out->ja4_string);
    }
}

void wt_story_clear(struct wt_observer *o)
{
    wt_arena_free(&o->story);
}
