/* The connection and summary lines of the JSON contract (docs/json.md). Keys that do not apply are left out. */
#include "report/json/json.h"

#include "base/i18n.h"
#include "base/options.h"
#include "base/uninitialized.h"
#include "registry/registry.h"
#include "report/json/cache.h"
#include "report/json/certificate.h"
#include "report/json/dtls.h"
#include "report/json/keys.h"
#include "report/json/memo.h"
#include "report/json/message.h"
#include "report/json/overview.h"
#include "report/json/places.h"
#include "report/json/process.h"
#include "report/json/quic.h"
#include "report/json/tcp.h"
#include "story/cause.h"
#include "story/words.h"

#include <math.h>

void wt_json_name(struct wt_json *j, enum wt_registry registry, uint64_t value)
{
    const char *name = wt_registry_name(registry, value);
    if (name)
        wt_json_word(j, name);
    else
        wt_json_code(j, value, wt_registry_width(registry));
}

static void address(struct wt_json *j, enum wt_json_memo_of of, const char *key, const struct wt_address *a)
{
    char text[46];
    struct wt_json_memo_key known = {.of = of};
    memcpy(known.more, a->ip, sizeof known.more);
    if (!wt_json_memo_write(j, &known)) {
        const size_t start = wt_json_memo_begin(j);
        wt_json_key_word(j, key);
        wt_json_open(j, '{');
        wt_json_key(j, "ip");
        wt_json_word(j, wt_address_format(a, text));
        wt_json_key(j, "port");
        wt_json_memo_end(j, &known, start);
    }
    wt_json_number(j, a->port);
    wt_json_close(j, '}');
}

static void origin(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "type");
    wt_json_word(j, "connection");
    if (c->file) {
        wt_json_key(j, "file");
        wt_json_text(j, c->file);
    }
}

static void stream(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "stream");
    wt_json_number(j, c->stream);
}

static void protocol(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "transport");
    wt_json_word(j, wt_words_transport(c));
    wt_json_key(j, "protocol");
    wt_json_word(j, wt_words_protocol(c));
}

static void client(struct wt_json *j, const struct wt_connection *c)
{
    address(j, WT_JSON_MEMO_CLIENT, "client", &c->client);
}

static void server(struct wt_json *j, const struct wt_connection *c)
{
    address(j, WT_JSON_MEMO_SERVER, "server", &c->server);
}

static void frames(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->first_frame)
        return;
    wt_json_key(j, "first_frame");
    wt_json_number(j, c->first_frame);
    wt_json_key(j, "last_frame");
    wt_json_number(j, c->last_frame);
}

static void layers(struct wt_json *j, const struct wt_connection *c)
{
    const size_t count = c->layer_count < sizeof c->layers ? c->layer_count : sizeof c->layers;
    struct wt_json_memo_key known = {.of = WT_JSON_MEMO_LAYERS};
    if (!count)
        return;
    memcpy(known.more, c->layers, count);
    known.more[1] = count;
    if (wt_json_memo_write(j, &known))
        return;
    const size_t start = wt_json_memo_begin(j);
    wt_json_key(j, "layers");
    wt_json_open(j, '[');
    for (size_t i = 0; i < count; i++)
        wt_json_word(j, wt_words_layer(c->layers[i]));
    wt_json_close(j, ']');
    wt_json_memo_end(j, &known, start);
}

/* Both clocks are one capture's; with several interfaces the finer one counts. */
static void span(struct wt_json *j, struct wt_time from, struct wt_time to)
{
    int64_t ns = (int64_t)((uint64_t)to.ns - (uint64_t)from.ns);
    wt_json_seconds(j, ns, from.digits > to.digits ? from.digits : to.digits);
}

static void times(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "start");
    wt_json_time(j, c->start);
    wt_json_key(j, "end");
    wt_json_time(j, c->end);
    wt_json_key(j, "duration");
    span(j, c->start, c->end);
    if (c->ready.ns) {
        wt_json_key(j, "handshake_duration");
        span(j, c->start, c->ready);
    }
}

static void missing(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->missing[0] && !c->missing[1])
        return;
    wt_json_key(j, "missing");
    wt_json_open(j, '{');
    wt_json_key(j, "client");
    wt_json_number(j, c->missing[WT_CLIENT]);
    wt_json_key(j, "server");
    wt_json_number(j, c->missing[WT_SERVER]);
    wt_json_close(j, '}');
}

static void same_as(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->same_count)
        return;
    wt_json_key(j, "same_as");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->same_count; i++)
        wt_json_number(j, c->same_as[i]);
    wt_json_close(j, ']');
}

static void negotiated(struct wt_json *j, const struct wt_connection *c)
{
    if (c->version) {
        wt_json_key(j, "version");
        wt_json_name(j, WT_REG_VERSION, c->version);
    }
    if (c->offered) {
        wt_json_key(j, "offered_version");
        wt_json_name(j, WT_REG_VERSION, c->offered);
    }
    if (c->has_suite) {
        wt_json_key(j, "cipher_suite");
        wt_json_name(j, WT_REG_CIPHER_SUITE, c->cipher_suite);
        wt_json_key(j, "cipher_suite_id");
        wt_json_code(j, c->cipher_suite, 2);
    }
    if (c->suites_offered) {
        wt_json_key(j, "cipher_suites_offered");
        wt_json_number(j, c->suites_offered);
    }
    if (c->group) {
        wt_json_key(j, "group");
        wt_json_name(j, WT_REG_GROUP, c->group);
    }
    if (c->signature_scheme) {
        wt_json_key(j, "signature_scheme");
        wt_json_name(j, WT_REG_SIGNATURE_SCHEME, c->signature_scheme);
    }
}

static void choice(struct wt_json *j, const struct wt_connection *c)
{
    const struct wt_json_memo_key known = {
        .of = WT_JSON_MEMO_CHOICE | (uint64_t)c->has_suite << 8 | (uint64_t)c->version << 16 |
              (uint64_t)c->offered << 32 | (uint64_t)c->cipher_suite << 48,
        .more = {(uint64_t)c->suites_offered | (uint64_t)c->group << 16 | (uint64_t)c->signature_scheme << 32}};
    if (wt_json_memo_write(j, &known))
        return;
    const size_t start = wt_json_memo_begin(j);
    negotiated(j, c);
    wt_json_memo_end(j, &known, start);
}

static void session(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_member_word(j, "resumption", wt_words_resumption(c));
    if (c->has_resumed_from) {
        wt_json_key(j, "resumed_from");
        wt_json_number(j, c->resumed_from);
    }
    wt_json_member_word(j, "early_data", wt_words_early_data(c));
    wt_json_member_flag(j, "hello_retry", c->retried);
    wt_json_member_flag(j, "client_certificate_requested", c->client_certificate_requested);
    if (c->renegotiations) {
        wt_json_key(j, "renegotiations");
        wt_json_number(j, c->renegotiations);
    }
    wt_json_member_word(j, "ja3", c->ja3);
    wt_json_member_word(j, "ja3s", c->ja3s);
    wt_json_member_word(j, "ja4", c->ja4);
}

static void certificate(struct wt_json *j, const struct wt_certificate_facts *f, const char *role,
                        struct wt_json_cache *cache)
{
    struct wt_span json = cache && !role ? wt_json_cache_certificate(cache, f) : wt_span_of(NULL, 0);
    if (json.n)
        wt_json_raw(j, json);
    else
        wt_json_certificate_as(j, f, role);
}

static void certificates(struct wt_json *j, const struct wt_connection *c, struct wt_json_cache *cache)
{
    if (!c->certificate_count[0] && !c->certificate_count[1])
        return;
    wt_json_key(j, "certificates");
    wt_json_open(j, '{');
    for (int side = WT_SERVER; side >= WT_CLIENT; side--) {
        if (!c->certificate_count[side])
            continue;
        wt_json_key_side(j, (unsigned)side);
        wt_json_open(j, '[');
        for (size_t i = 0; i < c->certificate_count[side]; i++)
            certificate(j, c->certificates[side][i], wt_words_role(c, (unsigned)side, i), cache);
        wt_json_close(j, ']');
    }
    wt_json_close(j, '}');
}

static void frame_of(struct wt_json *j, uint32_t frame)
{
    if (!frame)
        return;
    wt_json_key(j, "frame");
    wt_json_number(j, frame);
}

static void alerts(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->alert_count)
        return;
    wt_json_key(j, "alerts");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->alert_count; i++) {
        const struct wt_alert_seen *a = &c->alerts[i];
        wt_json_open(j, '{');
        frame_of(j, a->frame);
        wt_json_key(j, "from");
        wt_json_side(j, a->from);
        if (a->readable)
            wt_json_alert(j, a->level, a->description);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

void wt_json_alert(struct wt_json *j, uint8_t level, uint8_t description)
{
    wt_json_key(j, "level");
    wt_json_name(j, WT_REG_ALERT_LEVEL, level);
    wt_json_key(j, "description");
    wt_json_name(j, WT_REG_ALERT, description);
    wt_json_key(j, "code");
    wt_json_number(j, description);
}

static void application_data(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->application_data[0].records && !c->application_data[1].records)
        return;
    wt_json_key(j, "application_data");
    wt_json_open(j, '{');
    for (int side = WT_CLIENT; side <= WT_SERVER; side++) {
        wt_json_key_side(j, (unsigned)side);
        wt_json_open(j, '{');
        wt_json_key(j, "records");
        wt_json_number(j, c->application_data[side].records);
        wt_json_key(j, "bytes");
        wt_json_number(j, c->application_data[side].bytes);
        wt_json_close(j, '}');
    }
    wt_json_close(j, '}');
}

/* How TCP ended it: the sides that sent a FIN, and a RST. */
static void ending(struct wt_json *j, const struct wt_connection *c)
{
    const struct wt_json_memo_key known = {.of = WT_JSON_MEMO_ENDING | (uint64_t)c->fin[WT_CLIENT] << 8 |
                                                 (uint64_t)c->fin[WT_SERVER] << 9 | (uint64_t)c->reset << 10};
    if (known.of == WT_JSON_MEMO_ENDING || wt_json_memo_write(j, &known))
        return;
    const size_t start = wt_json_memo_begin(j);
    if (c->fin[0] || c->fin[1]) {
        wt_json_key(j, "fin");
        wt_json_open(j, '[');
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++)
            if (c->fin[side])
                wt_json_side(j, side);
        wt_json_close(j, ']');
    }
    wt_json_member_flag(j, "reset", c->reset);
    wt_json_memo_end(j, &known, start);
}

static const char *const faults[] = {[WT_FAULT_NONE] = NULL,
                                     [WT_FAULT_CLIENT] = "client",
                                     [WT_FAULT_SERVER] = "server",
                                     [WT_FAULT_BOTH] = "both",
                                     [WT_FAULT_BETWEEN] = "between"};

static void alternatives(struct wt_json *j, const struct wt_finding *f)
{
    if (!f->alternative_count)
        return;
    wt_json_key(j, "alternatives");
    wt_json_open(j, '[');
    for (size_t i = 0; i < f->alternative_count; i++) {
        wt_json_open(j, '{');
        wt_json_member_word(j, "id", f->alternatives[i].id);
        if (f->alternatives[i].fault < sizeof faults / sizeof *faults)
            wt_json_member_word(j, "fault", faults[f->alternatives[i].fault]);
        wt_json_member_text(j, "settled_by", f->alternatives[i].settle);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

/* What a finding says, in words. */
static void words(struct wt_json *j, const struct wt_finding *f, const char *message)
{
    wt_json_member_text(j, "message", message);
    wt_json_member_text(j, "text", f->text);
    wt_json_member_text(j, "advice", f->advice);
    wt_json_member_word(j, "fault", wt_words_fault(f));
    wt_json_member_word(j, "noticed_by", wt_words_noticed_by(f));
    wt_json_member_word(j, "certainty", wt_words_certainty(f));
    alternatives(j, f);
}

/* The same, which many connections have in common; but for those of a root cause, which has alternatives. */
static void known_words(struct wt_json *j, const struct wt_finding *f, const char *message)
{
    const char *texts[3];
    struct wt_json_memo_key known = {.of = WT_JSON_MEMO_WORDS | (uint64_t)f->fault << 8 | (uint64_t)f->noticed << 16 |
                                           (uint64_t)f->probable << 24 | (uint64_t)!message << 32 |
                                           (uint64_t)!f->text << 33 | (uint64_t)!f->advice << 34 |
                                           (uint64_t)wt_text_is_neutral() << 35,
                                     .more = {(uintptr_t)f->id},
                                     .texts = texts};
    if (message)
        texts[known.count++] = message;
    if (f->text)
        texts[known.count++] = f->text;
    if (f->advice)
        texts[known.count++] = f->advice;
    if (f->alternative_count) {
        words(j, f, message);
    } else if (!wt_json_memo_write(j, &known)) {
        const size_t start = wt_json_memo_begin(j);
        words(j, f, message);
        wt_json_memo_end(j, &known, start);
    }
}

void wt_json_finding(struct wt_json *j, const struct wt_connection *c, const struct wt_finding *f, uint32_t frame)
{
    wt_json_member_word(j, "id", f->id);
    wt_json_member_word(j, "severity", wt_words_severity(f));
    frame_of(j, frame);
    known_words(j, f, f->message ? wt_words_finding_message(c, f) : NULL);
}

static void findings(struct wt_json *j, const struct wt_connection *c)
{
    if (!c->finding_count)
        return;
    wt_json_key(j, "findings");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->finding_count; i++) {
        wt_json_open(j, '{');
        wt_json_finding(j, c, &c->findings[i], c->findings[i].frame);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

/* --- the same in two, for who tells what connections have in common once -------------------------------------------
 */

void wt_json_connection_kind(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_open(j, '{');
    origin(j, c);
    protocol(j, c);
    server(j, c);
    layers(j, c);
    wt_json_member_word(j, "starttls", c->starttls);
    wt_json_member_word(j, "state", wt_words_state(c));
    wt_json_member_flag(j, "failed_later", wt_story_failed_later(c));
    choice(j, c);
    wt_json_member_wire(j, "alpn", c->alpn);
    session(j, c);
    wt_json_trust(j, c);
    wt_json_decryption(j, c);
    ending(j, c);
    wt_json_close(j, '}');
}

void wt_json_connection_own(struct wt_json *j, const struct wt_connection *c, bool secrets)
{
    wt_json_open(j, '{');
    stream(j, c);
    client(j, c);
    wt_json_process(j, c);
    frames(j, c);
    times(j, c);
    missing(j, c);
    same_as(j, c);
    wt_json_member_wire(j, "sni", c->sni);
    application_data(j, c);
    alerts(j, c);
    wt_json_tcp(j, c);
    wt_json_dtls(j, c, false);
    wt_json_quic(j, c, false);
    if (secrets) {
        wt_json_exchanges(j, c);
        wt_json_secrets(j, c);
    }
    wt_json_close(j, '}');
}

void wt_json_connection(struct wt_json *j, const struct wt_connection *c, const struct wt_json_parts *parts)
{
    wt_json_open(j, '{');
    origin(j, c);
    stream(j, c);
    protocol(j, c);
    client(j, c);
    server(j, c);
    wt_json_process(j, c);
    frames(j, c);
    layers(j, c);
    times(j, c);
    wt_json_member_word(j, "starttls", c->starttls);
    missing(j, c);
    wt_json_member_word(j, "state", wt_words_state(c));
    same_as(j, c);
    wt_json_member_flag(j, "failed_later", wt_story_failed_later(c));
    choice(j, c);
    wt_json_member_wire(j, "sni", c->sni);
    wt_json_member_wire(j, "alpn", c->alpn);
    session(j, c);
    certificates(j, c, parts->cache);
    wt_json_trust(j, c);
    alerts(j, c);
    application_data(j, c);
    wt_json_decryption(j, c);
    if (parts->exchanges)
        wt_json_exchanges(j, c);
    ending(j, c);
    wt_json_tcp(j, c);
    wt_json_dtls(j, c, parts->messages);
    wt_json_quic(j, c, parts->messages);
    findings(j, c);
    if (parts->secrets)
        wt_json_secrets(j, c);
    if (parts->messages)
        wt_json_messages(j, c, parts);
    if (parts->records)
        wt_json_records(j, c);
    if (parts->packets)
        wt_json_packets(j, c);
    wt_json_close(j, '}');
}

void wt_report_json_connection(struct wt_output *output, const struct wt_connection *connection,
                               const struct wt_json_options *options)
{
    struct wt_json_options known = {0};
    struct wt_json j WT_UNINITIALIZED;
    if (options && !wt_options_take(&known, sizeof known, options, NULL)) {
        output->failed = true;
        return;
    }
    const struct wt_json_parts parts = {.messages = known.messages,
                                        .places = known.places,
                                        .fields = known.fields,
                                        .records = known.messages && known.places,
                                        .packets = known.packets,
                                        .exchanges = true,
                                        .secrets = true,
                                        .cache = known.cache};
    wt_json_start(&j, output);
    j.memo = known.cache ? wt_json_cache_memo(known.cache) : NULL;
    wt_json_connection(&j, connection, &parts);
    wt_json_line(&j);
}

/* What cannot be a number in JSON, or not in nanoseconds, is none of ours: 0. */
static void duration(struct wt_json *j, double seconds)
{
    bool fits = isfinite(seconds) && fabs(seconds) < 9e9;
    wt_json_seconds(j, fits ? (int64_t)(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5)) : 0, 9);
}

static void counts_of(struct wt_json *j, const char *key, const struct wt_undecoded *counts, size_t n)
{
    wt_json_key_of(j, key, strlen(key));
    wt_json_open(j, '{');
    for (size_t i = 0; i < n; i++) {
        wt_json_key_text(j, counts[i].reason);
        wt_json_number(j, counts[i].count);
    }
    wt_json_close(j, '}');
}

static void udp(struct wt_json *j, const struct wt_summary *summary)
{
    wt_json_key(j, "udp");
    wt_json_open(j, '{');
    wt_json_key(j, "packets");
    wt_json_number(j, summary->udp_packets);
    wt_json_key(j, "bytes");
    wt_json_number(j, summary->udp_bytes);
    wt_json_key(j, "conversations");
    wt_json_number(j, summary->udp_conversations);
    wt_json_close(j, '}');
}

void wt_report_json_summary(struct wt_output *output, const struct wt_summary *summary,
                            const struct wt_overview *overview)
{
    struct wt_json j WT_UNINITIALIZED;
    const struct {
        const char *key;
        uint64_t value;
    } counts[] = {
        {"files", summary->files},
        {"packets", summary->packets},
        {"bytes", summary->bytes},
        {"connections", summary->connections},
        {"established", summary->established},
        {"failed", summary->failed},
        {"incomplete", summary->incomplete},
    };
    wt_json_start(&j, output);
    wt_json_open(&j, '{');
    wt_json_member_text(&j, "type", "summary");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        wt_json_key_of(&j, counts[i].key, strlen(counts[i].key));
        wt_json_number(&j, counts[i].value);
    }
    if (summary->elsewhere)
        wt_json_member_number(&j, "elsewhere", summary->elsewhere);
    if (summary->udp_packets)
        udp(&j, summary);
    counts_of(&j, "account", summary->account, summary->account_count);
    counts_of(&j, "undecoded", summary->undecoded, summary->undecoded_count);
    wt_json_key(&j, "seconds");
    duration(&j, summary->seconds);
    if (overview)
        wt_json_overview(&j, overview);
    wt_json_close(&j, '}');
    wt_json_line(&j);
}
