/* qlog 0.3 (draft-ietf-quic-qlog-main-schema-06, draft-ietf-quic-qlog-quic-events-05), by packets.
 *
 * From 0.4 on events have other names with each draft; what reads qlogs (qvis) reads 0.3. The vantage point is the
 * network, whose events say by `flow` whose they are: "client" makes packet_sent of what the client sends. */
#include "base/memory.h"
#include "base/span.h"
#include "report/json/json.h"
#include "report/json/qlog_frame.h"
#include "wiretale/quic_packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wt_qlog {
    bool begun, ready, closed;
    int64_t start_ns; /* reference_time: whole milliseconds */
    uint32_t key_phase[2];
};

struct wt_qlog *wt_qlog_new(void)
{
    return wt_calloc(1, sizeof(struct wt_qlog));
}

void wt_qlog_free(struct wt_qlog *qlog)
{
    free(qlog);
}

/* Milliseconds since the connection's reference time, to the nanosecond. */
static void milliseconds(struct wt_json *j, int64_t ns)
{
    const int64_t ms = 1000000, most = INT64_MAX / 1000;
    ns = ns > most ? most : ns < -most ? -most : ns;
    wt_json_seconds(j, ns / ms * 1000 * ms + ns % ms * 1000, 6);
}

static void head(struct wt_json *j, const struct wt_quic_packet_told *p)
{
    wt_json_open(j, '{');
    wt_json_member_word(j, "qlog_version", "0.3");
    wt_json_member_word(j, "qlog_format", "JSON");
    wt_json_member_word(j, "title", "wiretale");
    wt_json_member_text(j, "description", p->file);
    wt_json_key(j, "traces");
    wt_json_open(j, '[');
    wt_json_open(j, '{');
    wt_json_key(j, "vantage_point");
    wt_json_open(j, '{');
    wt_json_member_word(j, "name", "wiretale");
    wt_json_member_word(j, "type", "network");
    wt_json_member_word(j, "flow", "client");
    wt_json_close(j, '}');
    wt_json_key(j, "common_fields");
    wt_json_open(j, '{');
    wt_json_key(j, "ODCID");
    wt_json_hex(j, p->odcid);
    wt_json_key(j, "group_id");
    wt_json_hex(j, p->odcid);
    wt_json_key(j, "protocol_type");
    wt_json_open(j, '[');
    wt_json_word(j, "QUIC");
    wt_json_close(j, ']');
    wt_json_member_word(j, "time_format", "relative");
    wt_json_key(j, "reference_time");
    wt_json_integer(j, p->time.ns / 1000000);
    wt_json_close(j, '}');
    wt_json_key(j, "events");
    wt_json_open(j, '[');
}

static void foot(struct wt_json *j)
{
    wt_json_close(j, ']');
    wt_json_close(j, '}');
    wt_json_close(j, ']');
    wt_json_close(j, '}');
    wt_json_line(j);
}

static void begin_event(const struct wt_qlog *q, struct wt_json *j, const struct wt_quic_packet_told *p,
                        const char *name)
{
    wt_json_open(j, '{');
    wt_json_key(j, "time");
    milliseconds(j, p->time.ns - q->start_ns);
    wt_json_member_word(j, "name", name);
    wt_json_key(j, "data");
    wt_json_open(j, '{');
}

static void end_event(struct wt_json *j)
{
    wt_json_close(j, '}');
    wt_json_close(j, '}');
}

/* --- events of the connection ------------------------------------------------------------------------------------- */

static void address(struct wt_json *j, const char *ip, const char *port, const struct wt_address *a)
{
    char text[46];
    wt_json_key_word(j, ip);
    wt_json_text(j, wt_address_format(a, text));
    wt_json_key_word(j, port);
    wt_json_number(j, a->port);
}

static void started(const struct wt_qlog *q, struct wt_json *j, const struct wt_quic_packet_told *p)
{
    begin_event(q, j, p, "connectivity:connection_started");
    wt_json_member_word(j, "ip_version", wt_address_is_v4(&p->client) ? "v4" : "v6");
    address(j, "src_ip", "src_port", &p->client);
    address(j, "dst_ip", "dst_port", &p->server);
    wt_json_member_word(j, "protocol", "QUIC");
    wt_json_key_word(j, p->from == WT_CLIENT ? "src_cid" : "dst_cid");
    wt_json_hex(j, p->scid);
    wt_json_key_word(j, p->from == WT_CLIENT ? "dst_cid" : "src_cid");
    wt_json_hex(j, p->dcid);
    end_event(j);
}

static void state(const struct wt_qlog *q, struct wt_json *j, const struct wt_quic_packet_told *p, const char *now)
{
    begin_event(q, j, p, "connectivity:connection_state_updated");
    wt_json_member_word(j, "new", now);
    end_event(j);
}

/* "local" is the client, as with `flow`. */
static const char *owner(unsigned side)
{
    return side == WT_CLIENT ? "local" : "remote";
}

static void hex(struct wt_json *j, const char *key, struct wt_span bytes)
{
    wt_json_key_word(j, key);
    wt_json_hex(j, bytes);
}

/* RFC 9000, 18.2, figure 22: as the draft's PreferredAddress; false when it is not whole. */
static bool preferred_address(struct wt_json *j, struct wt_span value)
{
    enum { V4 = 0, V4_PORT = 4, V6 = 6, V6_PORT = 22, ID = 24, TOKEN = 16 };
    const struct wt_span id = wt_span_cut(value, ID + 1, value.n > ID ? value.p[ID] : 0);
    struct wt_address v4 = {.port = 0}, v6 = {.port = 0};
    char text[46];
    if (value.n <= ID || value.n != ID + 1u + value.p[ID] + TOKEN)
        return false;
    v4.ip[10] = v4.ip[11] = 0xff;
    memcpy(v4.ip + 12, value.p + V4, 4);
    memcpy(v6.ip, value.p + V6, sizeof v6.ip);
    wt_json_open(j, '{');
    wt_json_key(j, "ip_v4");
    wt_json_text(j, wt_address_format(&v4, text));
    wt_json_key(j, "ip_v6");
    wt_json_text(j, wt_address_format(&v6, text));
    wt_json_member_number(j, "port_v4", wt_get16(value.p + V4_PORT));
    wt_json_member_number(j, "port_v6", wt_get16(value.p + V6_PORT));
    hex(j, "connection_id", id);
    wt_json_key(j, "stateless_reset_token");
    wt_qlog_frame_token(j, wt_span_cut(value, value.n - TOKEN, TOKEN));
    wt_json_close(j, '}');
    return true;
}

/* Whose value may be no bytes, and is one all the same: the others are there or not. */
static bool is_connection_id(const char *name)
{
    static const char end[] = "_connection_id";
    const size_t n = strlen(name);
    return n >= sizeof end - 1 && strcmp(name + n - (sizeof end - 1), end) == 0;
}

static void parameter(struct wt_json *j, const struct wt_quic_parameter_told *p)
{
    static const struct wt_span nothing;
    const bool preferred = strcmp(p->name, "preferred_address") == 0;
    wt_json_key_text(j, p->name);
    if (strcmp(p->name, "stateless_reset_token") == 0)
        wt_qlog_frame_token(j, p->value);
    else if (p->has_number)
        wt_json_number(j, p->number);
    else if (p->value.n == 0 && !is_connection_id(p->name)) /* disable_active_migration, grease_quic_bit */
        wt_json_bool(j, true);
    else if (!preferred || !preferred_address(j, p->value))
        wt_json_hex(j, preferred ? nothing : p->value); /* it may have a token in it */
}

/* Of a hello that breaks RFC 9000, 7.4 ("MUST NOT send a parameter more than once") the first counts. */
static bool came_before(const struct wt_quic_packet_told *p, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (p->parameters[i].id == p->parameters[at].id)
            return true;
    return false;
}

/* The draft's keys are the registry's names. Values that are bytes are hex digits, but for tokens, which end the
 * connection. */
static void parameters(const struct wt_qlog *q, struct wt_json *j, const struct wt_quic_packet_told *p)
{
    begin_event(q, j, p, "transport:parameters_set");
    wt_json_member_word(j, "owner", owner(p->from));
    for (size_t i = 0; i < p->parameter_count; i++) {
        if (p->parameters[i].name && !came_before(p, i))
            parameter(j, &p->parameters[i]);
    }
    end_event(j);
}

static void key_updated(struct wt_qlog *q, struct wt_json *j, const struct wt_quic_packet_told *p)
{
    if (!p->opened || p->key_phase <= q->key_phase[p->from])
        return;
    q->key_phase[p->from] = p->key_phase;
    begin_event(q, j, p, "security:key_updated");
    wt_json_member_word(j, "key_type", p->from == WT_CLIENT ? "client_1rtt_secret" : "server_1rtt_secret");
    wt_json_member_number(j, "generation", p->key_phase);
    wt_json_member_word(j, "trigger", p->from == WT_CLIENT ? "local_update" : "remote_update");
    end_event(j);
}

static void closed(struct wt_qlog *q, struct wt_json *j, const struct wt_quic_packet_told *p)
{
    for (size_t i = 0; i < p->frame_count && !q->closed; i++) {
        const struct wt_quic_frame_told *f = &p->frames[i];
        if (strcmp(f->id, "connection_close") != 0)
            continue;
        q->closed = true;
        begin_event(q, j, p, "connectivity:connection_closed");
        wt_json_member_word(j, "owner", owner(p->from));
        wt_json_key_word(j, f->application ? "application_code" : "connection_code");
        wt_qlog_frame_code(j, f);
        wt_json_member_wire(j, "reason", f->reason);
        end_event(j);
        state(q, j, p, "closed");
    }
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

/* The draft's names of packet types differ from RFC 9000's in snake case in these. */
static const char *type_of(const struct wt_quic_packet_told *p)
{
    return !strcmp(p->type, "0rtt") ? "0RTT" : !strcmp(p->type, "1rtt") ? "1RTT" : p->type;
}

static void version(struct wt_json *j, uint32_t number)
{
    char text[9];
    (void)snprintf(text, sizeof text, "%08x", number);
    wt_json_text(j, text);
}

static void supported_versions(struct wt_json *j, struct wt_span list)
{
    if (list.n < 4)
        return;
    wt_json_key(j, "supported_versions");
    wt_json_open(j, '[');
    for (size_t at = 0; at + 4 <= list.n; at += 4)
        version(j, wt_get32(list.p + at));
    wt_json_close(j, ']');
}

static void packet(const struct wt_qlog *q, struct wt_json *j, const struct wt_quic_packet_told *p)
{
    const bool retry = strcmp(p->type, "retry") == 0;
    begin_event(q, j, p, p->from == WT_CLIENT ? "transport:packet_sent" : "transport:packet_received");
    wt_json_key(j, "header");
    wt_json_open(j, '{');
    wt_json_member_word(j, "packet_type", type_of(p));
    if (p->opened)
        wt_json_member_number(j, "packet_number", p->number);
    if (p->version) {
        wt_json_key(j, "version");
        version(j, p->version);
        wt_json_member_number(j, "scil", p->scid.n);
        hex(j, "scid", p->scid);
    }
    wt_json_member_number(j, "dcil", p->dcid.n);
    hex(j, "dcid", p->dcid);
    if (p->token.n && !retry) {
        wt_json_key(j, "token");
        wt_qlog_frame_token(j, p->token);
    }
    wt_json_close(j, '}');
    if (p->token.n && retry) {
        wt_json_key(j, "retry_token");
        wt_qlog_frame_token(j, p->token);
    }
    supported_versions(j, p->supported_versions);
    wt_json_key(j, "raw");
    wt_json_open(j, '{');
    wt_json_member_number(j, "length", p->length);
    wt_json_close(j, '}');
    wt_json_member_number(j, "capture_frame", p->frame);
    wt_json_key(j, "frames");
    wt_json_open(j, '[');
    for (size_t i = 0; i < p->frame_count; i++)
        wt_qlog_frame(j, &p->frames[i]);
    wt_json_close(j, ']');
    end_event(j);
}

void wt_qlog_packet(struct wt_qlog *q, struct wt_output *output, const struct wt_quic_packet_told *p)
{
    struct wt_json j;
    wt_json_start(&j, output);
    if (!q->begun) {
        q->begun = true;
        q->start_ns = p->time.ns / 1000000 * 1000000;
        head(&j, p);
        started(q, &j, p);
        state(q, &j, p, "attempted");
    } else {
        j.comma = true;
    }
    if (p->end) {
        foot(&j);
        return;
    }
    key_updated(q, &j, p);
    packet(q, &j, p);
    if (p->parameter_count)
        parameters(q, &j, p);
    if (p->ready && !q->ready)
        state(q, &j, p, "handshake_complete");
    q->ready |= p->ready;
    closed(q, &j, p);
    wt_json_flush(&j);
}
