/* What keys showed of a connection: records opened, proofs, and what HTTP said inside. */
#include "filter/fields.h"
#include "filter/values.h"
#include "story/words.h"

static void count(struct wt_filter_values *v, uint64_t number)
{
    wt_filter_add_number(v, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

void wt_filter_opened(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    unsigned side = what >= OPENED_SERVER ? WT_SERVER : WT_CLIENT;
    const struct wt_plaintext_count *p = &c->plaintext[side];
    bool keys = c->decryption != WT_DECRYPTION_NONE || p->opened || p->failed;
    switch (what & (OPENED_SERVER - 1)) {
    case PLAINTEXT_BYTES:
        if (c->has_plaintext[side])
            count(v, p->bytes);
        break;
    case PLAINTEXT_SHA256:
        if (c->has_plaintext[side] && p->has_sha256)
            wt_filter_add_bytes(v, wt_span_of(p->sha256, sizeof p->sha256));
        break;
    case RECORDS_OPENED:
        if (keys)
            count(v, p->opened);
        break;
    default: /* RECORDS_FAILED */
        if (keys)
            count(v, p->failed);
        break;
    }
}

void wt_filter_proof(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    wt_filter_add_text(v, wt_words_verdict(&c->proofs[what]));
}

static void span(struct wt_filter_values *v, struct wt_span bytes)
{
    if (bytes.n)
        wt_filter_add_bytes(v, bytes);
}

/* Without its host it would be no URI. */
static void full_uri(struct wt_filter_values *v, const struct wt_exchange *e)
{
    static const char begin[] = "https://";
    size_t head = sizeof begin - 1, n = head + e->authority.n + e->path.n;
    if (!e->authority.n || !e->path.n)
        return;
    uint8_t *p = wt_arena_alloc(v->arena, n);
    if (!p)
        return;
    memcpy(p, begin, head);
    memcpy(p + head, e->authority.p, e->authority.n);
    memcpy(p + head + e->authority.n, e->path.p, e->path.n);
    wt_filter_add_bytes(v, wt_span_of(p, n));
}

static void of_times(struct wt_filter_values *v, const struct wt_exchange *e, int what)
{
    if (what == HTTP_REQUEST_TIME && e->request_time.ns)
        wt_filter_add_number(v, e->request_time.ns);
    if (what == HTTP_RESPONSE_TIME && e->status && e->response_time.ns)
        wt_filter_add_number(v, e->response_time.ns);
    if (what == HTTP_TIME && e->status && e->request_time.ns && e->response_time.ns)
        wt_filter_add_number(v, (int64_t)((uint64_t)e->response_time.ns - (uint64_t)e->request_time.ns));
}

static void of_answer(struct wt_filter_values *v, const struct wt_exchange *e, int what)
{
    switch (what) {
    case HTTP_RESPONSE:
    case HTTP_STATUS:
        wt_filter_add_some(v, e->status);
        break;
    case HTTP_REASON:
        span(v, e->reason);
        break;
    case HTTP_CONTENT_TYPE:
        span(v, e->content_type);
        break;
    case HTTP_CONTENT_ENCODING:
        span(v, e->content_encoding);
        break;
    case HTTP_RESPONSE_BYTES:
        if (e->status)
            count(v, e->response_body);
        break;
    case HTTP_RESPONSE_FRAME:
        if (e->status)
            wt_filter_add_some(v, e->response_frame);
        break;
    case HTTP_INTERIM:
        wt_filter_add_some(v, e->interim);
        break;
    case HTTP_PUSHED:
        wt_filter_add_number(v, e->pushed);
        break;
    case HTTP_UPGRADED:
        wt_filter_add_number(v, e->upgraded);
        break;
    case HTTP_RESET:
        wt_filter_add_number(v, e->reset);
        break;
    default:
        of_times(v, e, what);
        break;
    }
}

static void of_exchange(struct wt_filter_values *v, const struct wt_exchange *e, int what)
{
    switch (what) {
    case HTTP_ANY:
        wt_filter_add_number(v, 1);
        break;
    case HTTP_REQUEST:
        if (e->method.n)
            wt_filter_add_number(v, 1);
        break;
    case HTTP_METHOD:
        span(v, e->method);
        break;
    case HTTP_SCHEME:
        span(v, e->scheme);
        break;
    case HTTP_AUTHORITY:
        span(v, e->authority);
        break;
    case HTTP_PATH:
        span(v, e->path);
        break;
    case HTTP_FULL_URI:
        full_uri(v, e);
        break;
    case HTTP_VERSION:
        wt_filter_add_text(v, wt_words_http_version(e));
        break;
    case HTTP_REQUEST_BYTES:
        if (e->method.n)
            count(v, e->request_body);
        break;
    case HTTP_REQUEST_FRAME:
        wt_filter_add_some(v, e->request_frame);
        break;
    case HTTP2_STREAM:
        wt_filter_add_some(v, e->version == 30 ? 0 : e->stream);
        break;
    case HTTP_STREAM:
        if (e->stream || e->version == 30) /* of HTTP/3 the first is 0 */
            wt_filter_add_number(v, e->stream);
        break;
    default:
        of_answer(v, e, what);
        break;
    }
}

void wt_filter_exchange(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    const uint8_t version = what >= HTTP3_ONLY ? 30 : what >= HTTP2_ONLY ? 20 : 0;
    for (size_t i = 0; i < c->exchange_count; i++)
        if (!version || c->exchanges[i].version == version)
            of_exchange(v, &c->exchanges[i], what & (HTTP2_ONLY - 1));
}
