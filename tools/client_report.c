/* What a client says of its connection: two lines when it is established, the cause and what to do about it when not.
 */
#include "client.h"

#include "memory.h"
#include "wiretale/observer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 2048 };

/* --- what the observer has found out ------------------------------------------------------------------------------ */

void client_ended(void *context, const struct wt_connection *k)
{
    struct client *c = context;
    for (size_t i = 0; i < k->finding_count; i++) {
        const struct wt_finding *f = wt_connection_finding(k, i);
        if (f->severity != WT_FATAL || *c->cause)
            continue;
        (void)snprintf(c->cause, sizeof c->cause, "%s", f->id);
        c->text = tool_checked(strdup(f->text));
        c->advice = f->advice ? tool_checked(strdup(f->advice)) : NULL;
    }
}

/* --- established -------------------------------------------------------------------------------------------------- */

static const char *date(int64_t seconds, char out[16])
{
    const time_t t = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || !strftime(out, 16, "%Y-%m-%d", &tm))
        (void)snprintf(out, 16, "?");
    return out;
}

/* RFC 8446, 2: one round trip, and one more for a HelloRetryRequest; RFC 5246, 7.3: two, and one where a session is
 * resumed. */
static unsigned round_trips(const struct wt_endpoint_info *info)
{
    const uint16_t tls13 = 0x0304;
    return info->version == tls13 ? 1u + info->retried : 2u - info->resumed;
}

/* What is behind the certificate in the line: the timestamps that came with it. Of those that nobody has judged nothing
 * is claimed. */
static void add_timestamps(const struct wt_scts *s, char *line, size_t size)
{
    const unsigned all = (unsigned)s->certificate + s->extension + s->ocsp;
    size_t n = strlen(line);
    if (!all)
        return;
    if (!s->judged)
        (void)snprintf(line + n, size - n, ngettext_("; %u SCT, not judged", "; %u SCTs, not judged", all), all);
    else
        (void)snprintf(line + n, size - n, ngettext_("; %u SCT, %u verified", "; %u SCTs, %u verified", all), all,
                       (unsigned)s->verified);
    n = strlen(line);
    if (s->bad)
        (void)snprintf(line + n, size - n, _(", %u with an INVALID signature"), (unsigned)s->bad);
}

static void say_certificate(struct client *c, const struct wt_endpoint_info *info)
{
    const struct wt_certificate_facts *leaf = info->certificate_count ? info->certificates[0] : NULL;
    char line[ROOM], until[16];
    if (!leaf)
        return;
    const struct wt_certificate_facts *root = info->path_count ? info->path[info->path_count - 1] : NULL;
    const char *name = root ? root->common_name ? root->common_name : root->subject : NULL;
    if (name)
        /* TRANSLATORS: a host, the name of an authority, a date */
        (void)snprintf(line, sizeof line, _("certificate is for %s, leads to %s, valid until %s"), c->host.name, name,
                       date(leaf->not_after, until));
    else
        (void)snprintf(line, sizeof line, _("certificate is for %s, valid until %s"), c->host.name,
                       date(leaf->not_after, until));
    const size_t n = strlen(line);
    const char *status = info->status == WT_OCSP_GOOD      ? _("; OCSP good")
                         : info->status == WT_OCSP_REVOKED ? _("; OCSP revoked")
                                                           : "";
    (void)snprintf(line + n, sizeof line - n, "%s", status);
    add_timestamps(&info->scts, line, sizeof line);
    tool_speak_say(&c->speak, "✓", line);
}

static bool find_kind(const char *id, struct wt_finding_kind *kind)
{
    for (size_t i = 0; wt_finding_kind(i, kind); i++)
        if (!strcmp(kind->id, id))
            return true;
    return false;
}

/* Without verification the connection goes on: all that is wrong is said. */
static void say_wrong(struct client *c, const struct wt_endpoint_info *info)
{
    for (size_t i = 0; i < info->wrong_count; i++) {
        struct wt_finding_kind kind;
        char line[ROOM];
        const bool known = find_kind(info->wrong[i], &kind);
        (void)snprintf(line, sizeof line, "%s: %s", info->wrong[i], known ? kind.text : "");
        tool_speak_say(&c->speak, "✗", line);
    }
    if (info->wrong_count)
        tool_speak_say(
            &c->speak, "",
            _("not verified (--without-verification): whoever is on the path can read and change everything"));
}

void client_say_established(struct client *c)
{
    struct wt_endpoint_info info;
    char agreed[600], line[ROOM];
    wt_endpoint_info(c->e, &info);
    c->said = true;
    tool_speak_agreed(&info, agreed, sizeof agreed);
    const unsigned trips = round_trips(&info);
    /* TRANSLATORS: version, cipher suite, group, protocol; milliseconds; round trips */
    (void)snprintf(line, sizeof line, ngettext_("%s; %.1f ms, %u round trip", "%s; %.1f ms, %u round trips", trips),
                   agreed, (double)(c->ready - c->begun) / 1000, trips);
    tool_speak_say(&c->speak, "✓", line);
    if (info.verified)
        say_certificate(c, &info);
    else
        say_wrong(c, &info);
    client_session_say(c);
}

/* --- what was tried ----------------------------------------------------------------------------------------------- */

static size_t count_of(const struct tool_codes *codes, unsigned registry)
{
    size_t n = 0;
    if (codes->count)
        return codes->count;
    while (wt_endpoint_default(registry, n))
        n++;
    return n;
}

enum { TLS12 = 0x0303, TLS13 = 0x0304 };

static bool offers(const struct wt_endpoint_options *o, uint16_t version)
{
    return (!o->min_version || o->min_version <= version) && (!o->max_version || o->max_version >= version);
}

static const char *versions_of(const struct wt_endpoint_options *o)
{
    return offers(o, TLS12) && offers(o, TLS13) ? "TLS 1.2, TLS 1.3" : offers(o, TLS12) ? "TLS 1.2" : "TLS 1.3";
}

/* Suites of TLS 1.3 are those of 0x13 (RFC 8446, B.4): others are not offered for it, nor they for another version. */
static bool is_offered(const struct wt_endpoint_options *o, enum wt_registry registry, uint16_t code)
{
    if (registry != WT_REG_CIPHER_SUITE)
        return true;
    return code >> 8 == 0x13 ? offers(o, TLS13) : offers(o, TLS12);
}

static void names_of(const struct tool_codes *codes, enum wt_registry registry, const struct wt_endpoint_options *o,
                     char *out, size_t size)
{
    const size_t count = count_of(codes, registry);
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < count && n < size; i++) {
        const uint16_t code = codes->count ? codes->code[i] : wt_endpoint_default(registry, i);
        const char *name = wt_registry_name(registry, code);
        if (is_offered(o, registry, code))
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", name ? name : "?");
    }
}

/* Of a server that refuses what is offered the reason may be in the lists; a connection that is cut has others. */
static bool is_about_offer(const char *id)
{
    return !strncmp(id, "no-shared-", 10) || !strcmp(id, "rejected-by-server");
}

/* A mismatch shows beside what was offered. */
static void say_tried(struct client *c, const char *id)
{
    const struct tool_speak *s = &c->speak;
    char line[ROOM], suites[ROOM], groups[600], ip[46], alpn[400] = "";
    size_t n = 0;
    if (c->status == CLIENT_NOT_TRUSTED) { /* nothing that was offered has to do with it */
        (void)snprintf(line, sizeof line, _("tried: %s port %u, as %s"), wt_address_format(&c->remote, ip),
                       c->remote.port, c->host.name);
        tool_speak_say(&c->speak, "", line);
        return;
    }
    if (!is_about_offer(id)) {
        (void)snprintf(line, sizeof line, _("tried: %s port %u, as %s; %s"), wt_address_format(&c->remote, ip),
                       c->remote.port, c->host.name, versions_of(&s->options));
        tool_speak_say(&c->speak, "", line);
        return;
    }
    names_of(&s->suites, WT_REG_CIPHER_SUITE, &s->options, suites, sizeof suites);
    names_of(&s->groups, WT_REG_GROUP, &s->options, groups, sizeof groups);
    for (size_t i = 0; i < s->alpn_count && n < sizeof alpn; i++)
        n += (size_t)snprintf(alpn + n, sizeof alpn - n, "%s%s", i ? ", " : "", s->alpn[i]);
    (void)snprintf(line, sizeof line, _("tried: %s port %u, as %s; %s; %s; %s"), wt_address_format(&c->remote, ip),
                   c->remote.port, c->host.name, versions_of(&s->options), suites, groups);
    tool_speak_say(&c->speak, "", line);
    if (*alpn) {
        (void)snprintf(line, sizeof line, _("tried: ALPN %s"), alpn);
        tool_speak_say(&c->speak, "", line);
    }
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void put_list(struct wt_output *out, const char *key, const struct tool_codes *codes, enum wt_registry registry)
{
    tool_output_text(out, ",\"%s\":[", key);
    for (size_t i = 0; i < count_of(codes, registry); i++) {
        const char *name = wt_registry_name(registry, codes->count ? codes->code[i] : wt_endpoint_default(registry, i));
        tool_output_text(out, "%s\"%s\"", i ? "," : "", name ? name : "?");
    }
    tool_output_text(out, "]");
}

static void put_text(struct wt_output *out, const char *key, const char *text)
{
    tool_output_text(out, ",\"%s\":", key);
    tool_speak_quote(out, text);
}

static void put_addresses(struct client *c, struct wt_output *out)
{
    char ip[46];
    tool_output_text(out, ",\"addresses\":[");
    for (unsigned i = 0; i < c->tried.count; i++) {
        tool_output_text(out, "%s{\"ip\":\"%s\",\"port\":%u", i ? "," : "", wt_address_format(&c->tried.address[i], ip),
                         c->tried.address[i].port);
        if (c->tried.error[i])
            put_text(out, "error", tool_net_reason(c->tried.error[i]));
        tool_output_text(out, "}");
    }
    tool_output_text(out, "]");
}

static void put_resumption(struct client *c, struct wt_output *out, const struct wt_endpoint_info *info)
{
    char identity[1100];
    tool_output_text(out, ",\"resumed\":%s", info->resumed ? "true" : "false");
    if (info->psk.n) {
        tool_speak_bytes(info->psk, identity, sizeof identity);
        put_text(out, "psk", identity);
    }
    if (c->session_state)
        tool_output_text(out, ",\"session\":\"%s\",\"session_saved\":%s", c->session_state,
                         c->session_saved ? "true" : "false");
    if (c->early)
        tool_output_text(out, ",\"early_data\":\"%s\",\"early_data_bytes\":%" PRIu32,
                         info->early_data_accepted ? "accepted"
                         : info->early_data_sent   ? "rejected"
                                                   : "not_sent",
                         info->early_data_sent);
}

/* As in the story: where they stood, and, with logs, what became of their signatures. */
static void put_timestamps(struct wt_output *out, const struct wt_scts *s)
{
    tool_output_text(out, ",\"scts\":{\"certificate\":%u,\"extension\":%u,\"ocsp\":%u", (unsigned)s->certificate,
                     (unsigned)s->extension, (unsigned)s->ocsp);
    if (s->judged)
        tool_output_text(out, ",\"verified\":%u,\"bad\":%u,\"unknown_log\":%u", (unsigned)s->verified, (unsigned)s->bad,
                         (unsigned)s->unknown_log);
    tool_output_text(out, "}");
}

/* The last line: what became of it, and what was tried. */
static void put_json(struct client *c, const char *id, const char *text, const char *advice)
{
    struct wt_output *out = &c->speak.lines;
    struct wt_endpoint_info info = {0};
    if (!c->speak.json)
        return;
    if (c->e)
        wt_endpoint_info(c->e, &info);
    tool_output_text(out, "{\"type\":\"client\",\"status\":%d", c->status);
    put_text(out, "host", c->host.name);
    /* who has the pre-shared key is whom it was given to */
    tool_output_text(out, ",\"port\":%u,\"established\":%s,\"verified\":%s", c->host.port,
                     info.established ? "true" : "false",
                     info.verified || (info.established && info.psk.n) ? "true" : "false");
    put_resumption(c, out, &info);
    if (info.scts.certificate || info.scts.extension || info.scts.ocsp)
        put_timestamps(out, &info.scts);
    if (c->ready)
        tool_output_text(out, ",\"handshake_duration\":%.6f,\"round_trips\":%u", (double)(c->ready - c->begun) / 1e6,
                         round_trips(&info));
    if (id) {
        tool_output_text(out, ",\"cause\":{\"id\":\"%s\"", id);
        put_text(out, "text", text);
        if (advice)
            put_text(out, "advice", advice);
        tool_output_text(out, "}");
    }
    tool_output_text(out, ",\"tried\":{\"versions\":\"%s\"", versions_of(&c->speak.options));
    put_list(out, "suites", &c->speak.suites, WT_REG_CIPHER_SUITE);
    put_list(out, "groups", &c->speak.groups, WT_REG_GROUP);
    put_list(out, "schemes", &c->speak.schemes, WT_REG_SIGNATURE_SCHEME);
    put_addresses(c, out);
    tool_output_text(out, "}}\n");
}

/* --- ends --------------------------------------------------------------------------------------------------------- */

static void say_cause(struct client *c, const char *id, const char *text, const char *advice)
{
    char *line = tool_format("%s: %s", id, text);
    tool_speak_say(&c->speak, "✗", line ? line : id);
    free(line);
    if (advice)
        tool_speak_say(&c->speak, "→", advice);
}

void client_say_unreached(struct client *c)
{
    struct wt_finding_kind kind = {0};
    char line[ROOM], where[300], ip[46];
    const char *id = "tcp-no-answer";
    c->status = CLIENT_NO_TCP;
    const struct tool_host *there = c->proxy ? &c->through : &c->where;
    tool_net_format(there, where, sizeof where);
    for (unsigned i = 0; i < c->tried.count; i++)
        if (c->tried.error[i] == ECONNREFUSED)
            id = "tcp-refused";
    if (c->tried.unresolved) {
        id = "name-not-resolved";
        (void)snprintf(line, sizeof line, _("%s has no address: %s."), there->name, c->tried.unresolved);
    } else {
        (void)snprintf(line, sizeof line, _("There is no TCP connection to %s."), where);
    }
    if (!find_kind(id, &kind))
        kind.advice = _("Check how the name is spelled, and what the resolver says of it: `getent hosts` NAME.");
    say_cause(c, id, line, kind.advice);
    put_json(c, id, line, kind.advice);
    for (unsigned i = 0; i < c->tried.count; i++) {
        (void)snprintf(line, sizeof line, _("tried: %s port %u: %s"), wt_address_format(&c->tried.address[i], ip),
                       c->tried.address[i].port, tool_net_reason(c->tried.error[i]));
        tool_speak_say(&c->speak, "", line);
    }
}

/* It came up: whether what it said was whole. */
static void say_closed(struct client *c, const struct wt_finding *why)
{
    if (c->out_error && c->out_error != EPIPE) {
        tool_complain(c->speak.command, _("standard output: %s"), wt_error_reason(c->out_error));
        c->status = TOOL_BAD_INPUT;
    }
    if (why && strcmp(why->id, "truncated-close") != 0) {
        c->status = TOOL_BAD_INPUT;
        say_cause(c, why->id, why->text, why->advice);
    } else if (why) {
        if (c->reset)
            c->status = TOOL_BAD_INPUT;
        /* many servers end so: it is said, and no failure */
        tool_speak_say(&c->speak, "–",
                       c->reset
                           ? _("truncated-close: the server reset the connection: what came may have been cut")
                           : _("truncated-close: the server ended without close_notify: what came may have been cut"));
    }
    put_json(c, why ? why->id : NULL, why ? why->text : NULL, why ? why->advice : NULL);
}

void client_say_refused(struct client *c, const char *id, const char *text)
{
    struct wt_finding_kind kind;
    char line[ROOM], ip[46];
    tool_record_end(&c->speak.record, &c->tap, false);
    c->status = CLIENT_FAILED;
    const char *advice = find_kind(id, &kind) ? kind.advice : NULL;
    if (*c->cause && c->text && !strcmp(c->cause, id)) {
        text = c->text;
        advice = c->advice;
    }
    say_cause(c, id, text, advice);
    (void)snprintf(line, sizeof line, _("tried: %s port %u, as %s"), wt_address_format(&c->remote, ip), c->remote.port,
                   c->host.name);
    tool_speak_say(&c->speak, "", line);
    put_json(c, id, text, advice);
}

void client_say_end(struct client *c)
{
    const struct wt_finding *why = wt_endpoint_why(c->e);
    struct wt_endpoint_info info;
    wt_endpoint_info(c->e, &info);
    if (info.established && c->said) {
        say_closed(c, why);
        return;
    }
    const bool untrusted = why && info.wrong_count && !strcmp(why->id, info.wrong[0]) && info.alert_sent;
    struct wt_finding_kind kind;
    char waited[200];
    const char *id = why ? why->id : NULL, *text = why ? why->text : NULL, *advice = why ? why->advice : NULL;
    c->status = untrusted ? CLIENT_NOT_TRUSTED : CLIENT_FAILED;
    /* who ended it the observer of a stream cannot see */
    const bool ended = !strcmp(c->cause, "closed-during-handshake");
    if (*c->cause && c->text && !ended) { /* what `read` would say of it */
        id = c->cause;
        text = c->text;
        advice = c->advice;
    } else if (!id) {
        (void)snprintf(waited, sizeof waited,
                       !c->timed_out  ? _("The handshake was interrupted.")
                       : info.version ? _("The handshake was not done within %u seconds: the server stopped answering.")
                                      : _("The server did not answer the ClientHello within %u seconds."),
                       c->milliseconds / 1000);
        id = !c->timed_out ? "interrupted" : info.version ? "handshake-stalled" : "no-answer-to-client-hello";
        text = waited;
        advice = find_kind(id, &kind) ? kind.advice : NULL;
    }
    say_cause(c, id, text, advice);
    say_tried(c, id);
    put_json(c, id, text, advice);
}
