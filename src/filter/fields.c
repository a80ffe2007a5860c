/* The table of fields, and what they are in a connection. */
#include "filter/fields.h"

#include "base/i18n.h"
#include "filter/values.h"
#include "registry/limits.h"
#include "story/cause.h"
#include "story/words.h"

#include <stdlib.h>

/* gcc's -Woverride-init and friends have no quarrel with a plain list of rows. */
static const struct wt_filter_field fields[] = {
#define WT_FIELD(name, kind, registry, bits, words, needs, getter, what, text)                                         \
    {name,  WT_FILTER_##kind,    WT_REG_##registry, bits, WT_WORDS_##words,                                            \
     needs, wt_filter_##getter, what,              text},
#include "filter/fields.def"
#undef WT_FIELD
};

size_t wt_filter_field_count(void)
{
    return sizeof fields / sizeof *fields;
}

const struct wt_filter_field *wt_filter_field_at(size_t i)
{
    return &fields[i];
}

/* --- names ---------------------------------------------------------------------------------------------------------- */

enum { LONGEST = 64 };

/* Wireshark called TLS "ssl" until 3.0 and still understands it. False when the name is longer than any. */
static bool modern(struct wt_span name, char out[LONGEST])
{
    if (name.n == 0 || name.n >= LONGEST)
        return false;
    memcpy(out, name.p, name.n);
    out[name.n] = 0;
    if (strncmp(out, "ssl", 3) == 0 && (out[3] == 0 || out[3] == '.'))
        memcpy(out, "tls", 3);
    return true;
}

const struct wt_filter_field *wt_filter_field_find(struct wt_span name)
{
    char wanted[LONGEST];
    if (!modern(name, wanted))
        return NULL;
    for (size_t i = 0; i < wt_filter_field_count(); i++)
        if (strcmp(fields[i].name, wanted) == 0)
            return &fields[i];
    return NULL;
}

/* Letters to insert, drop, change or swap with a neighbour; LONGEST when there are `most` or more. */
static unsigned distance(const char *a, const char *b, unsigned most)
{
    unsigned rows[3][LONGEST];
    size_t n = strlen(a), m = strlen(b);
    if (n >= LONGEST || m >= LONGEST)
        return LONGEST;
    for (size_t k = 0; k <= m; k++)
        rows[0][k] = (unsigned)k;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        unsigned least = now[0] = (unsigned)i;
        for (size_t k = 1; k <= m; k++) {
            unsigned best = before[k - 1] + (a[i - 1] != b[k - 1]);
            if (before[k] + 1 < best)
                best = before[k] + 1;
            if (now[k - 1] + 1 < best)
                best = now[k - 1] + 1;
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && earlier[k - 2] + 1 < best)
                best = earlier[k - 2] + 1;
            now[k] = best;
            least = best < least ? best : least;
        }
        /* no later row has less: a swap is a step from the row before this one, whose least is less by one at most */
        if (least >= most)
            return LONGEST;
    }
    return rows[n % 3][m] < most ? rows[n % 3][m] : LONGEST;
}

const char *wt_filter_field_nearest(struct wt_span name)
{
    char wanted[LONGEST];
    const char *nearest = NULL;
    if (!modern(name, wanted))
        return NULL;
    unsigned best = (unsigned)name.n / 3 + 2; /* farther away it is another word */
    for (size_t i = 0; i < wt_filter_field_count(); i++) {
        const size_t n = strlen(fields[i].name);
        if ((n > name.n ? n - name.n : name.n - n) >= best)
            continue; /* each letter more or less is one step */
        unsigned d = distance(wanted, fields[i].name, best);
        if (d < best) {
            best = d;
            nearest = fields[i].name;
        }
    }
    return nearest;
}

/* --- getters -------------------------------------------------------------------------------------------------------- */

static bool is_v4(const struct wt_address *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(a->ip, mapped, sizeof mapped) == 0;
}

static bool is_udp(const struct wt_connection *c)
{
    return c->protocol == WT_PROTOCOL_DTLS || c->protocol == WT_PROTOCOL_QUIC;
}

static bool has_layer(const struct wt_connection *c, enum wt_layer layer)
{
    for (size_t i = 0; i < c->layer_count && i < sizeof c->layers; i++)
        if (c->layers[i] == layer)
            return true;
    return false;
}

static bool is_present(const struct wt_connection *c, int what)
{
    switch (what) {
    case IS_TLS:
        return !is_udp(c);
    case IS_SSL2:
        return c->protocol == WT_PROTOCOL_SSL2;
    case IS_DTLS:
        return c->protocol == WT_PROTOCOL_DTLS;
    case IS_QUIC:
        return c->protocol == WT_PROTOCOL_QUIC;
    case IS_TCP:
        return !is_udp(c);
    case IS_UDP:
        return is_udp(c) || has_layer(c, WT_LAYER_UDP);
    case IS_IP:
        return is_v4(&c->client) || has_layer(c, WT_LAYER_IPV4);
    case IS_IPV6:
        return !is_v4(&c->client) || has_layer(c, WT_LAYER_IPV6);
    case HAS_ALERT:
        return c->alert_count > 0;
    case HAS_DATA:
        return c->application_data[0].records || c->application_data[1].records;
    default: /* HAS_CERTIFICATE */
        return c->certificate_count[0] || c->certificate_count[1];
    }
}

void wt_filter_presence(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    if (is_present(c, what))
        wt_filter_add_number(v, 1);
}

static void one_address(struct wt_filter_values *v, const struct wt_address *a, int what)
{
    if ((what == IP_ENDS && !is_v4(a)) || (what == IPV6_ENDS && is_v4(a)))
        return;
    wt_filter_add_address(v, a);
}

void wt_filter_addresses(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    if (what != OF_SERVER)
        one_address(v, &c->client, what);
    if (what != OF_CLIENT)
        one_address(v, &c->server, what);
}

void wt_filter_ports(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    if ((what == TCP_ENDS && is_udp(c)) || (what == UDP_ENDS && !is_udp(c)))
        return;
    if (what != OF_SERVER)
        wt_filter_add_number(v, c->client.port);
    if (what != OF_CLIENT)
        wt_filter_add_number(v, c->server.port);
}

static void frames(struct wt_filter_values *v, const struct wt_connection *c)
{
    wt_filter_add_some(v, c->first_frame);
    wt_filter_add_some(v, c->last_frame);
    for (size_t i = 0; i < c->message_count; i++)
        wt_filter_add_some(v, c->messages[i].frame);
}

static void data_count(struct wt_filter_values *v, const struct wt_connection *c, uint64_t count)
{
    if (is_present(c, HAS_DATA))
        wt_filter_add_number(v, count > INT64_MAX ? INT64_MAX : (int64_t)count);
}

static void choice(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    switch (what) {
    case VERSION:
        wt_filter_add_some(v, c->version);
        break;
    case OFFERED_VERSION:
        wt_filter_add_some(v, c->offered);
        break;
    case CIPHER_SUITE:
        if (c->has_suite)
            wt_filter_add_number(v, c->cipher_suite);
        break;
    case SUITES_OFFERED:
        wt_filter_add_some(v, c->suites_offered);
        break;
    case GROUP:
        wt_filter_add_some(v, c->group);
        break;
    case SIGNATURE_SCHEME:
        wt_filter_add_some(v, c->signature_scheme);
        break;
    case RESUMED_FROM:
        if (c->has_resumed_from)
            wt_filter_add_number(v, c->resumed_from);
        break;
    default: /* RENEGOTIATIONS */
        wt_filter_add_some(v, c->renegotiations);
        break;
    }
}

void wt_filter_number(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    switch (what) {
    case STREAM:
        wt_filter_add_number(v, c->stream);
        break;
    case TCP_STREAM:
    case UDP_STREAM:
        if (is_udp(c) == (what == UDP_STREAM))
            wt_filter_add_number(v, c->stream);
        break;
    case FIRST_FRAME:
        wt_filter_add_some(v, c->first_frame);
        break;
    case LAST_FRAME:
        wt_filter_add_some(v, c->last_frame);
        break;
    case FRAMES:
        frames(v, c);
        break;
    case SAME_AS:
        for (size_t i = 0; i < c->same_count; i++)
            wt_filter_add_number(v, c->same_as[i]);
        break;
    case IP_PROTO:
        if (is_present(c, IS_IP))
            wt_filter_add_number(v, is_udp(c) ? 17 : 6);
        break;
    case IP_VERSION:
        wt_filter_add_number(v, is_v4(&c->client) ? 4 : 6);
        break;
    case MESSAGES_DROPPED:
        wt_filter_add_some(v, c->messages_dropped);
        break;
    case EXCHANGES_DROPPED:
        wt_filter_add_some(v, c->exchanges_dropped);
        break;
    case MISSING_CLIENT:
    case MISSING_SERVER:
        wt_filter_add_some(v, c->missing[what == MISSING_SERVER]);
        break;
    case CLIENT_RECORDS:
        data_count(v, c, c->application_data[WT_CLIENT].records);
        break;
    case CLIENT_BYTES:
        data_count(v, c, c->application_data[WT_CLIENT].bytes);
        break;
    case SERVER_RECORDS:
        data_count(v, c, c->application_data[WT_SERVER].records);
        break;
    case SERVER_BYTES:
        data_count(v, c, c->application_data[WT_SERVER].bytes);
        break;
    default:
        choice(v, c, what);
        break;
    }
}

void wt_filter_boolean(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    switch (what) {
    case RETRIED:
        wt_filter_add_number(v, c->retried);
        break;
    case CERTIFICATE_REQUESTED:
        wt_filter_add_number(v, c->client_certificate_requested);
        break;
    case RESET:
        wt_filter_add_number(v, c->reset);
        break;
    case FAILED_LATER:
        wt_filter_add_number(v, wt_story_failed_later(c));
        break;
    default: {
        /* of every packet: most do not end anything, one may */
        bool ended = what == TCP_RESET ? c->reset : c->fin[0] || c->fin[1];
        if (is_udp(c))
            break;
        wt_filter_add_number(v, 0);
        if (ended)
            wt_filter_add_number(v, 1);
        break;
    }
    }
}

void wt_filter_times(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    if (what == TIME_START || what == TIME_BOTH)
        wt_filter_add_number(v, c->start.ns);
    if (what == TIME_END || what == TIME_BOTH)
        wt_filter_add_number(v, c->end.ns);
    if (what == DURATION)
        wt_filter_add_number(v, (int64_t)((uint64_t)c->end.ns - (uint64_t)c->start.ns));
    if (what == HANDSHAKE_DURATION && c->ready.ns)
        wt_filter_add_number(v, (int64_t)((uint64_t)c->ready.ns - (uint64_t)c->start.ns));
}

static const char *text_of(const struct wt_connection *c, int what)
{
    switch (what) {
    case TYPE:
        return "connection";
    case FILE_NAME:
        return c->file;
    case STATE:
        return wt_words_state(c);
    case PROTOCOL:
        return wt_words_protocol(c);
    case TRANSPORT:
        return wt_words_transport(c);
    case STARTTLS:
        return c->starttls;
    case RESUMPTION:
        return wt_words_resumption(c);
    case EARLY_DATA:
        return wt_words_early_data(c);
    case JA3:
        return c->ja3;
    case JA3S:
        return c->ja3s;
    case JA4:
        return c->ja4;
    case DECRYPTION:
        return wt_words_decryption(c);
    case NOT_DECRYPTED:
        return c->not_decrypted;
    case APPLICATION:
        return c->application;
    case JA3_FULL:
        return c->ja3_string;
    case JA3S_FULL:
        return c->ja3s_string;
    case JA4_FULL:
        return c->ja4_string;
    default:
        return NULL;
    }
}

void wt_filter_text(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    if (what == SNI && c->sni.n)
        wt_filter_add_bytes(v, c->sni);
    else if (what == ALPN && c->alpn.n)
        wt_filter_add_bytes(v, c->alpn);
    else if (what == LAYERS)
        for (size_t i = 0; i < c->layer_count && i < sizeof c->layers; i++)
            wt_filter_add_text(v, wt_words_layer(c->layers[i]));
    else if (what == FIN)
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++)
            wt_filter_add_text(v, c->fin[side] ? wt_words_side(side) : NULL);
    else
        wt_filter_add_text(v, text_of(c, what));
}
