/* The overview's rows: for every column a name, and what stands there. */
#include "report/page/row.h"

#include "base/i18n.h"
#include "registry/registry.h"
#include "report/json/json.h"
#include "story/cause.h"
#include "story/words.h"

static void text(struct wt_json *j, const char *value)
{
    if (value)
        wt_json_text(j, value);
    else
        wt_json_null(j);
}

static void name(struct wt_json *j, bool known, enum wt_registry registry, uint64_t value)
{
    if (known)
        wt_json_name(j, registry, value);
    else
        wt_json_null(j);
}

static void wire(struct wt_json *j, struct wt_span bytes)
{
    if (bytes.n)
        wt_json_wire(j, bytes);
    else
        wt_json_null(j);
}

static void ip(struct wt_json *j, const struct wt_address *a)
{
    char room[46];
    wt_json_text(j, wt_address_format(a, room));
}

static void seconds(struct wt_json *j, struct wt_time from, struct wt_time to)
{
    if (to.ns)
        wt_json_seconds(j, (int64_t)((uint64_t)to.ns - (uint64_t)from.ns), 9);
    else
        wt_json_null(j);
}

static const struct wt_certificate_facts *leaf(const struct wt_connection *c)
{
    return c->certificate_count[WT_SERVER] ? c->certificates[WT_SERVER][0] : NULL;
}

static void not_after(struct wt_json *j, const struct wt_connection *c)
{
    if (leaf(c) && leaf(c)->parsed)
        wt_json_integer(j, leaf(c)->not_after);
    else
        wt_json_null(j);
}

static void severity(struct wt_json *j, const struct wt_connection *c)
{
    int worst = -1;
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity > worst)
            worst = c->findings[i].severity;
    wt_json_integer(j, worst);
}

static void findings(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->finding_count; i++) {
        wt_json_open(j, '[');
        wt_json_text(j, c->findings[i].id);
        wt_json_number(j, c->findings[i].severity);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
}

/* p: the page, j: where it is written, c: the connection, f: its root cause or NULL */
#define COLUMNS(X)                                                                                                     \
    X("stream", wt_json_number(j, c->stream))                                                                          \
    X("file", wt_json_number(j, p->file_count - 1))                                                                    \
    X("start", wt_json_integer(j, (int64_t)((uint64_t)c->start.ns - (uint64_t)p->start)))                              \
    X("seen", wt_json_seconds(j, c->start.ns, c->start.digits))                                                        \
    X("duration", seconds(j, c->start, c->end))                                                                        \
    X("handshake_duration", seconds(j, c->start, c->ready))                                                            \
    X("state", wt_json_text(j, wt_words_state(c)))                                                                     \
    X("protocol", wt_json_text(j, wt_words_protocol(c)))                                                               \
    X("version", name(j, c->version, WT_REG_VERSION, c->version))                                                      \
    X("offered_version", name(j, c->offered, WT_REG_VERSION, c->offered))                                              \
    X("cipher_suite", name(j, c->has_suite, WT_REG_CIPHER_SUITE, c->cipher_suite))                                     \
    X("group", name(j, c->group, WT_REG_GROUP, c->group))                                                              \
    X("signature_scheme", name(j, c->signature_scheme, WT_REG_SIGNATURE_SCHEME, c->signature_scheme))                  \
    X("sni", wire(j, c->sni))                                                                                          \
    X("alpn", wire(j, c->alpn))                                                                                        \
    X("client_ip", ip(j, &c->client))                                                                                  \
    X("client_port", wt_json_number(j, c->client.port))                                                                \
    X("server_ip", ip(j, &c->server))                                                                                  \
    X("server_port", wt_json_number(j, c->server.port))                                                                \
    X("first_frame", wt_json_number(j, c->first_frame))                                                                \
    X("last_frame", wt_json_number(j, c->last_frame))                                                                  \
    X("resumption", text(j, wt_words_resumption(c)))                                                                   \
    X("resumed_from", c->has_resumed_from ? wt_json_number(j, c->resumed_from) : wt_json_null(j))                      \
    X("early_data", text(j, wt_words_early_data(c)))                                                                   \
    X("hello_retry", wt_json_bool(j, c->retried))                                                                      \
    X("client_certificate_requested", wt_json_bool(j, c->client_certificate_requested))                                \
    X("starttls", text(j, c->starttls))                                                                                \
    X("ja3", text(j, c->ja3))                                                                                          \
    X("ja3s", text(j, c->ja3s))                                                                                        \
    X("ja4", text(j, c->ja4))                                                                                          \
    X("decryption", text(j, wt_words_decryption(c)))                                                                   \
    X("bytes", wt_json_number(j, c->application_data[0].bytes + c->application_data[1].bytes))                         \
    X("subject", text(j, leaf(c) ? leaf(c)->subject : NULL))                                                           \
    X("not_after", not_after(j, c))                                                                                    \
    X("cause", text(j, f ? f->id : NULL))                                                                              \
    X("cause_text", text(j, f ? f->text : NULL))                                                                       \
    X("fault", text(j, f ? wt_words_fault(f) : NULL))                                                                  \
    X("certainty", text(j, f ? wt_words_certainty(f) : NULL))                                                          \
    X("severity", severity(j, c))                                                                                      \
    X("findings", findings(j, c))                                                                                      \
    X("block", wt_json_number(j, wt_page_block(p)))                                                                    \
    X("position", wt_json_number(j, p->connection_count))

void wt_page_columns(struct wt_json *j)
{
    wt_json_open(j, '[');
#define COLUMN(name, write) wt_json_text(j, name);
    COLUMNS(COLUMN)
#undef COLUMN
    wt_json_close(j, ']');
}

void wt_page_row(const struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    const struct wt_finding *f = wt_story_cause(c);
    wt_json_open(j, '[');
#define COLUMN(name, write) write;
    COLUMNS(COLUMN)
#undef COLUMN
    wt_json_close(j, ']');
}
