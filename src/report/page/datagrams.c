/* Packets of QUIC and records of DTLS, each with its fields: of one that was opened all that was in it. */
#include "report/page/datagrams.h"

#include "base/memory.h"
#include "base/uninitialized.h"
#include "codec/datagram_fields.h"
#include "registry/registry.h"
#include "report/page/block.h"
#include "report/page/fields.h"
#include "report/page/layout.h"
#include "report/text/ladder.h"
#include "story/words.h"
#include "wiretale/dtls.h"
#include "wiretale/quic.h"

#include <stdlib.h>

/* What is kept of one, and what its fields are read by. */
struct unit {
    const char *protocol, *type;
    uint64_t number;
    uint32_t frame, offset, length;
    uint8_t from;
    bool opened, numbered;
    struct wt_span bytes;
    struct wt_trail trail;
    struct wt_error error;
    const char *remark; /* NULL: none */
};

/* The value with all but when, where and which one it is. */
static size_t kind_of(struct wt_page *p, const struct unit *u)
{
    const size_t layout = wt_page_layout(p, u->protocol, &u->trail, u->bytes.p);
    struct wt_output output;
    struct wt_json j WT_UNINITIALIZED;
    if (layout == SIZE_MAX)
        return SIZE_MAX;
    wt_page_like_start(p, &j, &output);
    wt_json_open(&j, '{');
    wt_json_member_word(&j, "protocol", u->protocol);
    wt_json_member_word(&j, "type", u->type);
    wt_json_member_word(&j, "from", wt_words_side(u->from));
    wt_json_member_flag(&j, "opened", u->opened);
    wt_json_member_number(&j, "fields", layout);
    wt_page_fields_ending(&j, &u->trail, &u->error);
    wt_json_close(&j, '}');
    return wt_page_like_end(p, &j);
}

/* What the application said is on no page without --secrets: zeros in its place. Its places, as JSON. */
static size_t bytes_of(struct wt_page *p, const struct unit *u, struct wt_json *j)
{
    if (p->options.secrets || !u->opened)
        return wt_page_values_bytes(&p->values, u->bytes);
    p->key.n = 0;
    if (!wt_buffer_add(&p->key, u->bytes.p, u->bytes.n)) {
        p->values.failed = true;
        return SIZE_MAX;
    }
    for (size_t i = 0; i < u->trail.n; i++) {
        const struct wt_trail_event *e = &u->trail.events[i];
        if (!wt_datagram_is_application(e))
            continue;
        memset(p->key.p + e->offset, 0, e->length);
        wt_json_number(j, e->offset);
        wt_json_number(j, e->length);
    }
    return wt_page_values_bytes(&p->values, wt_buffer_span(&p->key));
}

static void unit(struct wt_page *p, struct wt_json *j, const struct unit *u, size_t at)
{
    struct wt_output output = wt_page_to(&p->notes);
    struct wt_json hidden WT_UNINITIALIZED;
    const size_t kind = kind_of(p, u);
    if (kind == SIZE_MAX)
        return;
    wt_json_open(j, '[');
    wt_json_number(j, at);
    wt_json_number(j, kind);
    wt_json_number(j, u->frame);
    if (u->numbered)
        wt_json_number(j, u->number);
    else
        wt_json_null(j);
    wt_json_number(j, u->offset);
    wt_json_number(j, u->length);
    p->notes.n = 0;
    wt_json_start(&hidden, &output);
    wt_json_number(j, bytes_of(p, u, &hidden));
    wt_json_flush(&hidden);
    if (p->notes.n || u->remark) {
        wt_json_open(j, '[');
        wt_json_raw(j, wt_buffer_span(&p->notes));
        wt_json_close(j, ']');
    }
    if (u->remark)
        wt_json_number(j, wt_page_values_line(&p->values, u->remark, strlen(u->remark)));
    wt_json_close(j, ']');
}

static void quic(struct wt_page *p, struct wt_json *j, struct wt_text *x, struct wt_http3_places *http3, size_t at)
{
    const struct wt_quic_packet_seen *seen = &x->c->quic->packet_list[at];
    struct unit u = {.protocol = "quic",
                     .type = seen->type,
                     .number = seen->number,
                     .frame = seen->frame,
                     .offset = seen->offset,
                     .length = seen->length,
                     .from = seen->from,
                     .opened = seen->opened,
                     .numbered = seen->opened,
                     .bytes = seen->bytes};
    if (!seen->bytes.n || !wt_page_trail(p, &u.trail, wt_datagram_most_fields(seen->bytes.n)))
        return;
    if (http3)
        http3->from = seen->from;
    wt_quic_packet_fields(seen->bytes, seen->id_length, seen->opened, http3, &u.trail, &u.error);
    u.remark = wt_ladder_packet_remark(x, seen);
    unit(p, j, &u, at);
}

static void dtls(struct wt_page *p, struct wt_json *j, const struct wt_dtls_record_seen *seen, size_t at)
{
    const char *type = seen->type ? wt_registry_name(WT_REG_CONTENT_TYPE, seen->type) : NULL;
    const struct wt_dtls_layout layout = {seen->header_length, seen->id_length, seen->type};
    struct unit u = {.protocol = "dtls",
                     .type = type ? type : "",
                     .number = seen->sequence,
                     .frame = seen->frame,
                     .offset = seen->offset,
                     .length = seen->sent,
                     .from = seen->from,
                     .opened = seen->opened,
                     .numbered = seen->numbered,
                     .bytes = seen->bytes};
    if (!seen->bytes.n || !wt_page_trail(p, &u.trail, wt_datagram_most_fields(seen->bytes.n)))
        return;
    wt_dtls_record_fields(seen->bytes, &layout, &u.trail, &u.error);
    unit(p, j, &u, at);
}

void wt_page_datagrams(struct wt_page *p, struct wt_json *j, struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    const struct wt_quic_story *q = c->quic;
    const struct wt_dtls_story *d = c->dtls;
    struct wt_http3_places places = {.sections = p->options.secrets};
    if (!q && !d)
        return;
    wt_json_key(j, "datagrams");
    wt_json_open(j, '[');
    for (size_t i = 0; q && i < q->packet_list_count; i++)
        quic(p, j, x, wt_span_starts(c->alpn, "h3") ? &places : NULL, i);
    for (size_t i = 0; d && i < d->list_count; i++)
        dtls(p, j, &d->list[i], d->list[i].number);
    wt_json_close(j, ']');
}
