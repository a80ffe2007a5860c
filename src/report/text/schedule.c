/* The key schedule of TLS 1.3 as a tree: which of its secrets are known, and over which messages each is. */
#include "report/text/schedule.h"

#include "registry/registry.h"

#include <string.h>

#define STEP_AT 6u /* as the steps have it */
#define PART_AT 8u

/* RFC 8446, 7.1. `label` is the key log's name of it, NULL where none has one. */
static const struct branch {
    bool trunk;
    const char *id, *name, *log;
    const char *messages; /* that go into its transcript hash, as the RFC has them; NULL: none */
} tree[] = {
    {true, "early_secret", "Early Secret ◀── PSK", NULL, NULL},
    {false, "ext_binder_key", "ext_binder_key", NULL, NULL},
    {false, "res_binder_key", "res_binder_key", NULL, NULL},
    {false, "client_early_traffic_secret", "client_early_traffic_secret", "CLIENT_EARLY_TRAFFIC_SECRET ",
     "ClientHello"},
    {false, "early_exporter_master_secret", "early_exporter_master_secret", "EARLY_EXPORTER_SECRET ", "ClientHello"},
    {true, "handshake_secret", "Handshake Secret ◀── (EC)DHE", NULL, NULL},
    {false, "client_handshake_traffic_secret", "client_handshake_traffic_secret", "CLIENT_HANDSHAKE_TRAFFIC_SECRET ",
     "ClientHello…ServerHello"},
    {false, "server_handshake_traffic_secret", "server_handshake_traffic_secret", "SERVER_HANDSHAKE_TRAFFIC_SECRET ",
     "ClientHello…ServerHello"},
    {true, "master_secret", "Master Secret ◀── 0", NULL, NULL},
    {false, "client_application_traffic_secret_0", "client_application_traffic_secret_0", "CLIENT_TRAFFIC_SECRET_0 ",
     "ClientHello…server Finished"},
    {false, "server_application_traffic_secret_0", "server_application_traffic_secret_0", "SERVER_TRAFFIC_SECRET_0 ",
     "ClientHello…server Finished"},
    {false, "exporter_master_secret", "exporter_master_secret", "EXPORTER_SECRET ", "ClientHello…server Finished"},
    {false, "resumption_master_secret", "resumption_master_secret", NULL, "ClientHello…client Finished"},
};

static bool computed(const struct wt_connection *c, const char *id)
{
    for (size_t i = 0; i < c->derivation_count; i++)
        if (c->derivation[i].step.id && strcmp(c->derivation[i].step.id, id) == 0)
            return true;
    return false;
}

static bool given(const struct wt_connection *c, const char *log)
{
    const char *line = log ? c->key_log : NULL;
    while (line && *line) {
        if (strncmp(line, log, strlen(log)) == 0)
            return true;
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return false;
}

void wt_text_schedule(struct wt_text *x)
{
    struct wt_term *t = &x->term;
    const size_t n = sizeof tree / sizeof *tree;
    for (size_t i = 0; i < n; i++) {
        const struct branch *b = &tree[i];
        bool made = computed(x->c, b->id), told = !made && given(x->c, b->log);
        bool last = i + 1 == n || tree[i + 1].trunk;
        wt_term_to(t, PART_AT);
        if (!b->trunk)
            wt_term_text(t, last && i + 1 == n ? "└─ " : "├─ ");
        wt_term_style(t, !made && !told ? WT_STYLE_DIM : b->trunk ? WT_STYLE_BOLD : WT_STYLE_PLAIN);
        wt_term_text(t, b->name);
        wt_term_text(t, "  ");
        wt_term_to(t, 50);
        wt_term_text(t, made ? _("computed below") : told ? _("given") : _("unknown"));
        wt_term_style(t, WT_STYLE_PLAIN);
        wt_term_end(t);
        if (b->messages) {
            wt_term_to(t, PART_AT);
            wt_term_text(t, i + 1 == n || tree[i + 1].trunk ? " " : "│");
            wt_term_to(t, PART_AT + 5);
            wt_term_style(t, WT_STYLE_DIM);
            wt_term_text(t, b->messages);
            wt_term_style(t, WT_STYLE_PLAIN);
            wt_term_end(t);
        }
        if (last && i + 1 < n) {
            wt_term_to(t, PART_AT);
            wt_term_text(t, "│");
            wt_term_end(t);
        }
    }
}

static void say(struct wt_text *x, const char *text)
{
    wt_term_to(&x->term, STEP_AT);
    wt_term_wrap(&x->term, STEP_AT, x->prose, text);
    wt_term_end(&x->term);
}

/* What a key log gives is made from secrets that it does not have, and no function leads back to them. */
void wt_text_not_shown(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    if (wt_version_is_tls13(c->version)) {
        if (!computed(c, "handshake_secret") && given(c, "CLIENT_HANDSHAKE_TRAFFIC_SECRET "))
            say(x,
                _("The key log begins with the traffic secrets. The (EC)DHE secret, the Early, Handshake and Master "
                  "Secret above them, and the steps that lead to them, are not in it and cannot be computed from it."));
        return;
    }
    if (computed(c, "master_secret") || !given(c, "CLIENT_RANDOM "))
        return;
    say(x, c->resumption == WT_RESUMPTION_SESSION_ID || c->resumption == WT_RESUMPTION_TICKET
               ? _("The key log begins with the master secret, which is that of the resumed session.")
               : _("The key log begins with the master secret. The premaster secret and the step from it to the master "
                   "secret are not in it and cannot be computed from it; only one side's private key gives them."));
}
