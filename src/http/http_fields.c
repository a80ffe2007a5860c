#include "http/http_fields.h"

#include "registry/limits.h"

static bool is(struct wt_span name, const char *text)
{
    return wt_span_equal(name, wt_span_text(text));
}

void wt_http_fields_request(struct wt_http *h, struct wt_http_node *n, struct wt_span name, struct wt_span value)
{
    if (is(name, ":method"))
        wt_http_copy(h, n, &n->x.method, value, WT_LIMIT_HTTP_FIELD);
    else if (is(name, ":scheme"))
        wt_http_copy(h, n, &n->x.scheme, value, WT_LIMIT_HTTP_FIELD);
    else if (is(name, ":path"))
        wt_http_copy(h, n, &n->x.path, value, WT_LIMIT_HTTP_TARGET);
    /* RFC 9113, 8.3.1 and RFC 9114, 4.3.1: what comes from HTTP/1 may have Host in the place of ":authority". */
    else if (is(name, ":authority") || is(name, "host"))
        wt_http_copy(h, n, &n->x.authority, value, WT_LIMIT_HTTP_TARGET);
}

void wt_http_fields_answer(struct wt_http *h, struct wt_http_node *n, bool *final, struct wt_span name,
                           struct wt_span value)
{
    if (is(name, ":status")) {
        unsigned status = 0;
        for (size_t i = 0; i < value.n && i < 3; i++)
            status = value.p[i] >= '0' && value.p[i] <= '9' ? status * 10 + value.p[i] - '0' : 0;
        if (value.n != 3 || status < 100 || n->x.status)
            return;
        /* RFC 9113, 8.1 and RFC 9114, 4.1: "interim responses" are header blocks with a 1xx status before the final
         * one. */
        if (status < 200) {
            n->x.interim++;
            return;
        }
        n->x.status = (uint16_t)status;
        *final = true;
    } else if (*final && is(name, "content-type")) {
        wt_http_copy(h, n, &n->x.content_type, value, WT_LIMIT_HTTP_FIELD);
    } else if (*final && is(name, "content-encoding")) {
        wt_http_copy(h, n, &n->x.content_encoding, value, WT_LIMIT_HTTP_FIELD);
    }
}
