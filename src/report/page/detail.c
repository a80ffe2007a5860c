/* What one connection is on the page. */
#include "report/page/detail.h"

#include "report/explain/head.h"
#include "report/explain/proofs.h"
#include "report/explain/records.h"
#include "report/json/json.h"
#include "report/page/block.h"
#include "report/page/fields.h"
#include "report/page/messages.h"
#include "report/text/end.h"

void wt_page_lines(struct wt_json *j, struct wt_buffer *lines)
{
    wt_json_open(j, '[');
    for (size_t at = 0; at < lines->n;) {
        uint8_t *line = lines->p + at, *end = memchr(line, '\n', lines->n - at);
        if (!end)
            break; /* no memory for the rest */
        *end = 0;
        if (end > line)
            wt_json_text(j, (const char *)line);
        at += (size_t)(end - line) + 1;
    }
    wt_json_close(j, ']');
    lines->n = 0;
}

static void told(struct wt_json *j, const char *key, size_t n, struct wt_text *x, void (*tell)(struct wt_text *x))
{
    tell(x);
    wt_json_key_of(j, key, n);
    wt_page_lines(j, x->term.output->context);
}
#define TOLD(key, tell) told(j, "" key "", sizeof(key) - 1, &x, tell)

/* The connection's line of JSON, as any program gets it. */
static void story(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    const struct wt_json_parts parts = {
        .records = true, .packets = true, .exchanges = p->options.secrets, .secrets = p->options.secrets};
    wt_json_key(j, "story");
    wt_json_connection(j, c, &parts);
}

/* As page/waits.js takes them: packet, nanoseconds since the story begins, side, number, bytes, flags, and the mark where
 * there is one. */
static void segments(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "segments");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->segment_count; i++) {
        const struct wt_segment_seen *s = &c->segments[i];
        wt_json_open(j, '[');
        wt_json_number(j, s->frame);
        wt_json_integer(j, s->time.ns - c->start.ns);
        wt_json_number(j, s->from);
        wt_json_number(j, s->sequence);
        wt_json_number(j, s->length);
        wt_json_number(j, s->flags);
        if (s->mark)
            wt_json_number(j, s->mark);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
    if (c->segments_dropped)
        wt_json_member_number(j, "segments_dropped", c->segments_dropped);
}

void wt_page_detail(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    struct wt_buffer lines = {0};
    struct wt_output output = wt_page_to(&lines);
    const struct wt_text_options options = {.size = sizeof options, .explain = true, .secrets = p->options.secrets};
    struct wt_text x;
    wt_text_begin(&x, &output, c, &options);
    x.fields_apart = true;
    wt_json_open(j, '{');
    story(p, j, c);
    TOLD("head", wt_text_head);
    TOLD("layers", wt_explain_head);
    TOLD("end", wt_text_end);
    TOLD("records", wt_explain_end);
    wt_page_messages(p, j, &x);
    wt_page_packets(p, j, c);
    segments(j, c);
    wt_json_close(j, '}');
    wt_text_finish(&x);
    wt_buffer_free(&lines);
}
