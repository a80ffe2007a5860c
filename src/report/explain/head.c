/* The head of an explained story: where TLS sits in this very connection, and its handshake at a
 * glance. */
#include "report/explain/head.h"

#include "base/format.h"
#include "registry/registry.h"
#include "report/explain/explain.h"
#include "report/explain/proofs.h"
#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/words.h"

enum {
    FLIGHT_RESUMED = 1, /* up to TLS 1.2 */
    FLIGHT_CERTIFICATE = 2,
    FLIGHT_STATUS = 4,
    FLIGHT_SERVER_KEYS = 8,
    FLIGHT_CLIENT_AUTH = 16,
    FLIGHT_CLIENT_PROOF = 32,
    FLIGHT_TICKET = 64,
    FLIGHT_RETRY = 128,
    FLIGHT_PSK = 256,
    FLIGHT_NO_SHARE = 512,
    FLIGHT_EARLY = 1024,
    FLIGHT_EARLY_TAKEN = 2048,
    FLIGHT_SIGNED_ALONE = 4096, /* TLCP: ServerKeyExchange is a signature and nothing more */
};

enum { OLD, NEW, SSL2 };
enum { CLIENT = WT_CLIENT, SERVER = WT_SERVER, BOTH };

struct flight {
    uint8_t versions, side;
    const char *message;
    unsigned needs, never;
    const char *text;
};

static const struct flight flights[] = {
#define WT_FLIGHT(versions, side, message, needs, never, text) {versions, side, message, needs, never, text},
#include "report/explain/flights.def"
#undef WT_FLIGHT
};

/* The types of handshake messages that a side sent: a bit for each that is asked for. */
static uint32_t seen(const struct wt_connection *c, unsigned from)
{
    uint32_t types = 0;
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wt_message *m = &c->messages[i];
        if (m->from == from && m->content_type == WT_CONTENT_HANDSHAKE && m->flags & WT_MESSAGE_TYPED &&
            !(m->flags & WT_MESSAGE_SSL2) && m->type < 32)
            types |= 1u << m->type;
    }
    return types;
}

static unsigned facts_of(const struct wt_connection *c)
{
    const struct wt_suite *s = c->has_suite ? wt_suite_find(c->cipher_suite) : NULL;
    const struct wt_kx_info *kx = s ? wt_kx_info_of((enum wt_kx)s->kx) : NULL;
    const uint32_t client = seen(c, WT_CLIENT), server = seen(c, WT_SERVER);
    unsigned f = 0;
    if (c->resumption == WT_RESUMPTION_SESSION_ID || c->resumption == WT_RESUMPTION_TICKET)
        f |= FLIGHT_RESUMED;
    if (c->resumption == WT_RESUMPTION_PSK)
        f |= FLIGHT_PSK | (c->group ? 0u : FLIGHT_NO_SHARE);
    if (!kx || kx->certificate == WT_ALWAYS || server & 1u << WT_HANDSHAKE_CERTIFICATE)
        f |= FLIGHT_CERTIFICATE;
    if (server & 1u << WT_HANDSHAKE_CERTIFICATE_STATUS)
        f |= FLIGHT_STATUS;
    if ((kx && kx->server_key_exchange == WT_ALWAYS) || server & 1u << WT_HANDSHAKE_SERVER_KEY_EXCHANGE)
        f |= FLIGHT_SERVER_KEYS;
    if (s && (s->kx == WT_KX_SM2 || s->kx == WT_KX_TLCP_RSA))
        f |= FLIGHT_SIGNED_ALONE;
    if (c->client_certificate_requested || server & 1u << WT_HANDSHAKE_CERTIFICATE_REQUEST)
        f |= FLIGHT_CLIENT_AUTH;
    if (client & 1u << WT_HANDSHAKE_CERTIFICATE_VERIFY)
        f |= FLIGHT_CLIENT_PROOF;
    if (server & 1u << WT_HANDSHAKE_NEW_SESSION_TICKET)
        f |= FLIGHT_TICKET;
    if (c->retried)
        f |= FLIGHT_RETRY;
    if (c->early_data != WT_EARLY_NONE)
        f |= FLIGHT_EARLY;
    if (c->early_data == WT_EARLY_ACCEPTED)
        f |= FLIGHT_EARLY_TAKEN;
    return f;
}

static const char *title(unsigned versions, unsigned f)
{
    if (versions == SSL2)
        return _("handshake overview: SSL 2.0");
    if (versions == OLD)
        return f & FLIGHT_RESUMED ? _("handshake overview: resumption, one round trip")
               : f & FLIGHT_CLIENT_AUTH
                   ? _("handshake overview: full handshake with client certificate request, two round trips")
                   : _("handshake overview: full handshake, two round trips");
    if (f & FLIGHT_RETRY)
        return _("handshake overview: TLS 1.3 with HelloRetryRequest, two round trips");
    if (f & FLIGHT_EARLY)
        return _("handshake overview: TLS 1.3 with early data (0-RTT)");
    if (f & FLIGHT_PSK)
        return _("handshake overview: TLS 1.3 with a pre-shared key, one round trip");
    return _("handshake overview: TLS 1.3, one round trip");
}

static void flight_row(struct wt_text *x, const struct flight *r)
{
    struct wt_term *t = &x->term;
    const unsigned lane = 44;
    const char *name = r->side == BOTH || strstr(r->message, " data") ? _(r->message) : r->message;
    unsigned width = wt_width(name), dashes = lane > width + 2 ? lane - width - 2 : 0;
    unsigned side = r->side == CLIENT ? WT_STYLE_CLIENT : r->side == SERVER ? WT_STYLE_SERVER : WT_STYLE_PLAIN;
    wt_term_to(t, WT_EXPLAIN_AT);
    wt_term_style(t, (enum wt_style)side);
    if (r->side == CLIENT) {
        wt_term_text(t, name);
        wt_term_text(t, " ");
        wt_term_repeat(t, "─", dashes);
        wt_term_text(t, "▶");
    } else if (r->side == SERVER) {
        wt_term_text(t, "◀");
        wt_term_repeat(t, "─", dashes);
        wt_term_text(t, " ");
        wt_term_text(t, name);
    } else {
        dashes = dashes > 1 ? dashes - 2 : 0;
        wt_term_text(t, "◀");
        wt_term_repeat(t, "─", dashes / 2);
        wt_term_format(t, " %s ", name);
        wt_term_repeat(t, "─", dashes - dashes / 2);
        wt_term_text(t, "▶");
    }
    wt_term_style(t, WT_STYLE_PLAIN);
    if (r->text) {
        unsigned column = WT_EXPLAIN_AT + lane + 3;
        if (t->columns < column + 36) {
            wt_term_end(t);
            column = WT_EXPLAIN_AT + 6;
        }
        wt_term_wrap(t, column, t->columns, _(r->text));
    }
    wt_term_end(t);
}

static void guarantees(struct wt_text *x)
{
    wt_explain_say(x, WT_EXPLAIN_AT,
                   _("TLS gives two programs that communicate over an untrusted network three guarantees: each knows "
                     "who the peer is (authentication), modifications are detected (integrity), and nobody else can "
                     "read the data (confidentiality). It runs over a reliable transport and is transparent to the "
                     "application. Addresses, ports, sizes and times stay visible."));
}

void wt_explain_flight_of(struct wt_explain_flight *f, const struct wt_connection *c)
{
    memset(f, 0, sizeof *f);                       /* compared as bytes */
    f->drawn = c->version && c->server_hello_seen; /* else nothing was chosen that could be drawn */
    if (!f->drawn)
        return;
    f->facts = facts_of(c);
    f->versions = c->protocol == WT_PROTOCOL_SSL2 ? SSL2 : wt_version_is_tls13(c->version) ? NEW : OLD;
    f->whole = c->state == WT_ESTABLISHED;
}

void wt_explain_flight(struct wt_text *x, const struct wt_explain_flight *f)
{
    guarantees(x);
    if (!f->drawn)
        return;
    wt_text_headline(x, title(f->versions, f->facts));
    for (size_t i = 0; i < sizeof flights / sizeof *flights; i++) {
        const struct flight *r = &flights[i];
        if (r->versions == f->versions && (r->needs & f->facts) == r->needs && !(r->never & f->facts))
            flight_row(x, r);
    }
    if (f->versions == NEW)
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("{…} is encrypted with handshake keys, […] with application keys, (…) with the early data "
                         "key. Whether a client certificate was requested is not visible without keys."));
    if (!f->whole)
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("This is a successful handshake. How far this connection got is shown below."));
}

static void layer(struct wt_text *x, const char *name, const char *what)
{
    struct wt_term *t = &x->term;
    wt_term_to(t, WT_EXPLAIN_AT);
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_text(t, name);
    wt_term_style(t, WT_STYLE_PLAIN);
    if (what) {
        wt_term_text(t, "  ");
        wt_term_to(t, WT_EXPLAIN_AT + 22);
        wt_term_wrap(t, WT_EXPLAIN_AT + 22, x->prose, what);
    }
    wt_term_end(t);
}

static void line(struct wt_text *x)
{
    wt_term_to(&x->term, WT_EXPLAIN_AT);
    wt_term_style(&x->term, WT_STYLE_DIM);
    wt_term_repeat(&x->term, "─", x->prose > 80 ? 70 : x->prose - 10);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

void wt_explain_above(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    char what[256];
    wt_text_headline(x, _("protocol layers of this connection"));
    wt_words_clear(x);
    if (c->application)
        wt_words_add(x, "%s", wt_text_string(x, c->application, 20));
    if (c->alpn.n)
        wt_words_add(x, "%s", wt_text_wire(x, c->alpn, 40));
    if (c->starttls)
        wt_words_add(x, _("%s, started in plaintext and upgraded to TLS"), wt_text_string(x, c->starttls, 20));
    if (x->words.n == 0)
        wt_words_add(x, "%s",
                     wt_version_is_tls13(c->version) ? _("negotiated under encryption, if at all")
                                                     : _("not negotiated (no ALPN)"));
    (void)wt_format(what, sizeof what, "%s", wt_words_get(x));
    layer(x, _("application"), what);
    line(x);
    layer(x, c->protocol == WT_PROTOCOL_TLCP ? "TLCP" : "TLS",
          c->protocol == WT_PROTOCOL_SSL2 ? _("handshake messages and data, distinguished only by timing")
                                          : "handshake · change_cipher_spec · alert · application_data");
    (void)wt_format(what, sizeof what, "%s%s", _("fragments, protects, adds a header with type, version and length"),
                    c->version ? "" : _("; no version was negotiated"));
    layer(x, _("TLS record protocol"), what);
    line(x);
}

void wt_explain_below(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    char what[256], ip[46], other[46];
    for (unsigned i = c->layer_count < 8 ? c->layer_count : 8; i--;) {
        what[0] = 0;
        if (c->layers[i] == WT_LAYER_TCP)
            (void)wt_format(what, sizeof what, _("port %u → port %u: a reliable stream of bytes, in order"),
                            c->client.port, c->server.port);
        else if ((c->layers[i] == WT_LAYER_IPV4 || c->layers[i] == WT_LAYER_IPV6) &&
                 (c->layers[i] == WT_LAYER_IPV4) == wt_address_is_v4(&c->client) &&
                 (i + 1 >= c->layer_count || c->layers[i + 1] == WT_LAYER_TCP))
            (void)wt_format(what, sizeof what, "%s → %s", wt_address_format(&c->client, ip),
                            wt_address_format(&c->server, other));
        layer(x, wt_text_layer(c->layers[i]), what[0] ? what : NULL);
    }
    if (c->layer_count == 0) {
        (void)wt_format(what, sizeof what, _("port %u → port %u: a reliable stream of bytes, in order"), c->client.port,
                        c->server.port);
        layer(x, "TCP", what);
    }
}

void wt_explain_head(struct wt_text *x)
{
    struct wt_explain_flight flight;
    wt_explain_flight_of(&flight, x->c);
    wt_explain_above(x);
    wt_explain_below(x);
    wt_explain_flight(x, &flight);
    wt_explain_proofs(x);
}
