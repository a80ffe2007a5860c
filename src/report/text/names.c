/* What a person calls things. */
#include "report/text/names.h"

#include "base/date.h"
#include "base/format.h"
#include "registry/registry.h"
#include "report/text/rows.h"
#include "report/text/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <time.h>

#define ROOMS 8u
#define ROOM 4100u /* a name of 255 bytes, each escaped as \\xNN */

/* Per thread: an observer is for one thread, and several may run side by side. */
static char *room(void)
{
    static _Thread_local char rooms[ROOMS][ROOM];
    static _Thread_local unsigned turn;
    return rooms[turn++ % ROOMS];
}

const char *wt_text_wire(struct wt_text *x, struct wt_span wire, unsigned columns)
{
    return wt_escape_into(room(), ROOM, wire, columns, x->term.ascii ? WT_ESCAPE_ASCII : 0);
}

const char *wt_text_string(struct wt_text *x, const char *string, unsigned columns)
{
    return wt_escape_into(room(), ROOM, wt_span_text(string ? string : ""), columns,
                          WT_ESCAPE_STRING | (x->term.ascii ? WT_ESCAPE_ASCII : 0));
}

const char *wt_text_name(struct wt_text *x, enum wt_registry registry, uint64_t value)
{
    const char *name = wt_registry_name(registry, value);
    char *out = room();
    (void)x;
    if (name && strcmp(name, "GREASE") != 0)
        return name;
    unsigned width = wt_registry_width(registry);
    (void)wt_format(out, ROOM, "%s%s0x%0*" PRIx64, name ? name : "", name ? " " : "", (int)(width ? 2 * width : 2),
                    value);
    return out;
}

const char *wt_text_version(struct wt_text *x, uint16_t version)
{
    const char *name = wt_version_name(version);
    return name ? name : wt_text_name(x, WT_REG_VERSION, version);
}

const char *wt_text_suite(struct wt_text *x, uint16_t suite)
{
    const char *name = wt_registry_name(WT_REG_CIPHER_SUITE, suite);
    const char *with = name ? strstr(name, "_WITH_") : NULL;
    char *out = room();
    if (!name || strncmp(name, "TLS_", 4) != 0 || !with)
        return wt_text_name(x, WT_REG_CIPHER_SUITE, suite);
    (void)wt_format(out, ROOM, _("%.*s with %s"), (int)(with - name - 4), name + 4, with + 6);
    return out;
}

/* RFCs write the struct in camel case and the enum in snake case: certificate_status, CertificateStatus. */
static const char *camel(const char *name)
{
    char *out = room();
    size_t n = 0;
    bool up = true;
    for (; *name && n + 1 < ROOM; name++) {
        if (*name == '_') {
            up = true;
            continue;
        }
        out[n++] = up ? (char)toupper((unsigned char)*name) : *name;
        up = false;
    }
    out[n] = 0;
    return out;
}

/* The specification of SSL 2.0 writes CLIENT-MASTER-KEY. */
static const char *shouted(const char *name)
{
    char *out = room();
    size_t n = 0;
    for (; *name && n + 1 < ROOM; name++)
        out[n++] = *name == '_' ? '-' : (char)toupper((unsigned char)*name);
    out[n] = 0;
    return out;
}

const char *wt_text_message_type(struct wt_text *x, uint8_t type)
{
    const char *name = wt_registry_name(WT_REG_HANDSHAKE_TYPE, type);
    return name ? camel(name) : wt_text_name(x, WT_REG_HANDSHAKE_TYPE, type);
}

const char *wt_text_message(struct wt_text *x, const struct wt_message *m)
{
    char *out;
    const char *name = wt_message_type_name(m);
    switch (m->content_type) {
    case WT_CONTENT_HANDSHAKE:
        if (wt_rows_is_alien(m)) {
            out = room();
            if (m->error.code == WT_LIMIT)
                return _("handshake record");
            (void)wt_format(out, ROOM, _("no handshake message (type %u)"), m->type);
            return out;
        }
        if (wt_rows_is_hidden(m) || !(m->flags & WT_MESSAGE_TYPED))
            return _("encrypted handshake");
        if (name)
            return m->flags & WT_MESSAGE_SSL2 ? shouted(name) : camel(name);
        out = room();
        (void)wt_format(out, ROOM, _("handshake type %u"), m->type);
        return out;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        return "ChangeCipherSpec";
    case WT_CONTENT_ALERT:
        return wt_rows_is_hidden(m) || m->body.n == 0 ? _("encrypted Alert") : "Alert";
    case WT_CONTENT_APPLICATION_DATA:
        return _("application data");
    case WT_CONTENT_HEARTBEAT:
        return name && !wt_rows_is_hidden(m) ? camel(name) : "Heartbeat";
    default:
        if (wt_registry_name(WT_REG_CONTENT_TYPE, m->content_type)) /* "ACK" */
            return shouted(wt_registry_name(WT_REG_CONTENT_TYPE, m->content_type));
        out = room();
        (void)wt_format(out, ROOM, _("record type %u"), m->content_type);
        return out;
    }
    (void)x;
}

const char *wt_text_side(unsigned from)
{
    return from == WT_CLIENT ? _("client") : _("server");
}

const char *wt_text_address(struct wt_text *x, const struct wt_address *address)
{
    char ip[46], *out = room();
    (void)x;
    (void)wt_address_format(address, ip);
    if (wt_address_is_v4(address))
        (void)wt_format(out, ROOM, "%s:%u", ip, address->port);
    else
        (void)wt_format(out, ROOM, "[%s]:%u", ip, address->port);
    return out;
}

const char *wt_text_date(struct wt_text *x, int64_t seconds)
{
    char *out = room();
    struct tm tm;
    (void)x;
    if (!wt_date_of(seconds, &tm) || strftime(out, ROOM, "%Y-%m-%d", &tm) == 0)
        (void)wt_format(out, ROOM, "?");
    return out;
}

const char *wt_text_layer(unsigned layer)
{
    static const char *const names[] = {
        [WT_LAYER_NONE] = N_("nothing"),
        [WT_LAYER_ETHERNET] = "Ethernet",
        [WT_LAYER_VLAN] = "VLAN (802.1Q)",
        [WT_LAYER_MPLS] = "MPLS",
        [WT_LAYER_PPPOE] = "PPPoE",
        [WT_LAYER_PPP] = "PPP",
        [WT_LAYER_COOKED] = N_("Linux cooked capture"),
        [WT_LAYER_RAW] = N_("raw IP"),
        [WT_LAYER_LOOPBACK] = N_("loopback"),
        [WT_LAYER_IPV4] = "IPv4",
        [WT_LAYER_IPV6] = "IPv6",
        [WT_LAYER_GRE] = "GRE",
        [WT_LAYER_VXLAN] = "VXLAN",
        [WT_LAYER_GENEVE] = "GENEVE",
        [WT_LAYER_UDP] = "UDP",
        [WT_LAYER_TCP] = "TCP",
        [WT_LAYER_OTHER] = N_("unknown layer"),
    };
    const char *name = layer < sizeof names / sizeof *names ? names[layer] : NULL;
    return name ? _(name) : _("unknown layer");
}

struct wt_codec_context wt_text_context(const struct wt_message *m)
{
    return (struct wt_codec_context){m->shape.version, m->shape.kx, m->shape.certificate_type, m->from == WT_SERVER};
}

enum wt_ext_where wt_text_where(const struct wt_message *m)
{
    bool tls13 = wt_version_is_tls13(m->shape.version);
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        return WT_IN_CH;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        return WT_IN_HRR;
    case WT_HANDSHAKE_SERVER_HELLO:
        return m->flags & WT_MESSAGE_RETRY ? WT_IN_HRR : tls13 ? WT_IN_SH : WT_IN_SH12;
    case WT_HANDSHAKE_CERTIFICATE:
        return WT_IN_CT;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        return WT_IN_CR;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        return WT_IN_NST;
    default:
        return WT_IN_EE;
    }
}

const char *wt_text_row(struct wt_text *x, const struct wt_row *row)
{
    switch (row->kind) {
    case WT_ROW_HIDDEN:
        return _("encrypted handshake");
    case WT_ROW_EARLY:
        return _("early data");
    case WT_ROW_EXCHANGES:
        return _("more data in both directions");
    default:
        return wt_text_message(x, &x->c->messages[row->first]);
    }
}
