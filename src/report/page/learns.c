#include "report/page/learns.h"

#include "base/i18n.h"
#include "base/uninitialized.h"
#include "codec/codec.h"
#include "registry/registry.h"

enum { OLD = 1, NEW = 2, ANY = OLD | NEW };
enum { CLIENT = 1, SERVER = 2, LISTENER = 4, ALL = CLIENT | SERVER | LISTENER };
enum { RESUMED = 1, PSK = 2, PSK_ONLY = 4, EARLY = 8, SHARES = 16, RSA = 32, SIGNED = 64 };

static const struct {
    uint8_t versions, side, message, needs, never, who;
    const char *item;
} rows[] = {
#define WT_LEARNT(versions, side, message, needs, never, who, item)                                                    \
    {versions, WT_##side, WT_HANDSHAKE_##message, needs, never, who, item},
#include "report/page/learns.def"
#undef WT_LEARNT
};

/* What this handshake is, as the rows ask for it. */
static unsigned facts(const struct wt_connection *c, const struct wt_message *m)
{
    const struct wt_suite *s = c->has_suite ? wt_suite_find(c->cipher_suite) : NULL;
    const struct wt_kx_info *kx = s ? wt_kx_info_of((enum wt_kx)s->kx) : NULL;
    unsigned f = 0;
    if (c->resumption == WT_RESUMPTION_SESSION_ID || c->resumption == WT_RESUMPTION_TICKET)
        f |= RESUMED;
    if (c->resumption == WT_RESUMPTION_PSK)
        f |= PSK | (c->group ? 0u : PSK_ONLY);
    if (c->early_data == WT_EARLY_ACCEPTED)
        f |= EARLY;
    if (m->shape.kx == WT_KX_RSA || m->shape.kx == WT_KX_RSA_EXPORT || m->shape.kx == WT_KX_RSA_PSK ||
        m->shape.kx == WT_KX_SM2 || m->shape.kx == WT_KX_TLCP_RSA)
        f |= RSA;
    else if (m->shape.kx != WT_KX_PSK)
        f |= SHARES;
    if (kx && kx->certificate == WT_ALWAYS)
        f |= SIGNED;
    return f;
}

_Static_assert(sizeof rows / sizeof *rows <= UINT8_MAX, "a row is numbered by a byte");

enum { RANDOM_AT = 2, RANDOM = 32 };

/* Whether it is the random of a hello, which both have at the same place (RFC 5246, 7.4.1.2). */
static bool is_random(const struct wt_message *m, const char *item)
{
    const bool hello = m->type == WT_HANDSHAKE_CLIENT_HELLO || m->type == WT_HANDSHAKE_SERVER_HELLO;
    return hello && (strcmp(item, "client random") == 0 || strcmp(item, "server random") == 0) &&
           m->body.n >= RANDOM_AT + RANDOM;
}

static void learnt(struct wt_json *j, unsigned who, const char *item, bool random)
{
    for (unsigned i = 0; i < 3; i++) {
        if (!(who & 1u << i))
            continue;
        wt_json_open(j, '[');
        wt_json_number(j, i);
        wt_json_text(j, _(item));
        if (random) {
            wt_json_number(j, RANDOM_AT);
            wt_json_number(j, RANDOM);
        }
        wt_json_close(j, ']');
    }
}

static bool counts(size_t i, unsigned versions, const struct wt_row *row, unsigned type, unsigned f)
{
    return rows[i].versions & versions && rows[i].side == row->from && rows[i].message == type &&
           (f & rows[i].needs) == rows[i].needs && !(f & rows[i].never);
}

/* Of a flight of TLS 1.3 that nobody opened it is known what is in it, though not where. */
static bool in_flight(const struct wt_connection *c, const struct wt_row *row, unsigned type)
{
    const bool certificate = type == WT_HANDSHAKE_CERTIFICATE || type == WT_HANDSHAKE_CERTIFICATE_VERIFY;
    if (type == WT_HANDSHAKE_FINISHED)
        return true;
    if (row->from == WT_SERVER)
        return type == WT_HANDSHAKE_ENCRYPTED_EXTENSIONS || (certificate && c->resumption != WT_RESUMPTION_PSK);
    return false;
}

/* The value for such rows of the table. */
static size_t value(struct wt_page *p, const struct wt_message *m, const uint8_t *learns, size_t n)
{
    struct wt_output output;
    struct wt_json j WT_UNINITIALIZED;
    bool is_new;
    const size_t number = wt_page_values_enter(&p->values, WT_PAGE_LEARNS, wt_span_of(learns, n + 1), &is_new);
    if (!is_new)
        return number;
    wt_page_values_write(&p->values, &j, &output);
    wt_json_open(&j, '[');
    for (size_t i = 0; i < n; i++)
        learnt(&j, rows[learns[i]].who, rows[learns[i]].item, is_random(m, rows[learns[i]].item));
    wt_json_close(&j, ']');
    wt_json_flush(&j);
    return number;
}

unsigned wt_page_learns_from(const struct wt_connection *c, const struct wt_message *m)
{
    return (c->group != 0) | (unsigned)(m->body.n >= RANDOM_AT + RANDOM) << 1;
}

size_t wt_page_learns(struct wt_page *p, const struct wt_connection *c, const struct wt_row *row)
{
    enum { ROWS = sizeof rows / sizeof *rows };
    uint8_t learns[ROWS + 1];
    size_t n = 0;
    const struct wt_message *m = &c->messages[row->first];
    const uint16_t version = c->version ? c->version : m->shape.version;
    const unsigned versions = wt_version_is_tls13(version ? version : c->offered) ? NEW : OLD;
    const bool typed = row->kind == WT_ROW_MESSAGE && m->content_type == WT_CONTENT_HANDSHAKE &&
                       m->flags & WT_MESSAGE_TYPED && !wt_rows_is_hidden(m) && !(m->flags & WT_MESSAGE_SSL2);
    if (!typed && !row->finished_here && row->kind != WT_ROW_HIDDEN)
        return SIZE_MAX;
    const unsigned f = facts(c, m);
    const unsigned type = row->finished_here            ? (unsigned)WT_HANDSHAKE_FINISHED
                          : m->flags & WT_MESSAGE_RETRY ? (unsigned)WT_HANDSHAKE_HELLO_RETRY_REQUEST
                                                        : m->type;
    for (size_t i = 0; i < ROWS; i++) {
        const bool hidden = row->kind == WT_ROW_HIDDEN && in_flight(c, row, rows[i].message);
        if ((hidden || typed || row->finished_here) && counts(i, versions, row, hidden ? rows[i].message : type, f))
            learns[n++] = (uint8_t)i;
    }
    if (!n)
        return SIZE_MAX;
    /* a hello that ends before its random has none to show */
    learns[n] = m->body.n >= RANDOM_AT + RANDOM;
    return value(p, m, learns, n);
}
