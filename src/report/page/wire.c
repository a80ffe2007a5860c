#include "report/page/wire.h"

#include "report/json/places.h"
#include "report/page/block.h"
#include "report/page/fields.h"
#include "story/words.h"

/* What repeats, in the buffer for that. */
static void start(struct wt_page *p, struct wt_json *kind, struct wt_output *output)
{
    p->like.n = 0;
    *output = wt_page_to(&p->like);
    wt_json_start(kind, output);
    wt_json_open(kind, '{');
}

static size_t finish(struct wt_page *p, struct wt_json *kind)
{
    wt_json_close(kind, '}');
    wt_json_flush(kind);
    p->values.failed |= p->like.failed;
    return wt_page_values_json(&p->values, wt_buffer_span(&p->like));
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void record(struct wt_page *p, struct wt_json *j, const struct wt_record_seen *r)
{
    struct wt_output output;
    struct wt_json kind;
    start(p, &kind, &output);
    wt_json_member_word(&kind, "from", wt_words_side(r->from));
    wt_json_record_kind(&kind, r);
    wt_json_open(j, '[');
    wt_json_number(j, finish(p, &kind));
    wt_json_number(j, r->number);
    wt_json_number(j, r->offset);
    for (size_t i = 0; i < r->place_count; i++) {
        wt_json_number(j, r->places[i].frame);
        wt_json_number(j, r->places[i].offset);
        wt_json_number(j, r->places[i].length);
    }
    wt_json_close(j, ']');
}

void wt_page_records(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "records");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->record_count; i++)
        record(p, j, &c->records[i]);
    wt_json_close(j, ']');
    if (c->records_dropped)
        wt_json_member_number(j, "records_dropped", c->records_dropped);
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

/* RFC 8259, 6: integers up to 2**53 are what software agrees on. */
#define EXACT ((int64_t)1 << 53)

/* Years in which RFC 3339 and the clocks of captures have no corners: 1970 to 2200, in ns. */
#define LAST_PLAIN ((int64_t)7258118400 * 1000000000)

static void moment(struct wt_json *j, const struct wt_connection *c, struct wt_time t)
{
    const bool plain = t.ns >= 0 && t.ns < LAST_PLAIN && c->start.ns >= 0 && c->start.ns < LAST_PLAIN &&
                       t.digits == c->start.digits;
    if (plain && t.ns - c->start.ns < EXACT && c->start.ns - t.ns < EXACT)
        wt_json_integer(j, t.ns - c->start.ns);
    else
        wt_json_time(j, t);
}

static void packet(struct wt_page *p, struct wt_json *j, const struct wt_connection *c,
                   const struct wt_packet_headers *h)
{
    struct wt_output output;
    struct wt_json kind;
    start(p, &kind, &output);
    wt_json_member_word(&kind, "from", wt_words_side(h->from));
    wt_json_member_number(&kind, "link_type", h->link);
    wt_json_member_number(&kind, "headers_length", h->length);
    wt_json_layers(&kind, h);
    wt_json_member_flag(&kind, "reassembled", h->reassembled);
    wt_json_key(&kind, "fields");
    wt_json_open(&kind, '[');
    for (size_t i = 0; i < h->layer_count; i++)
        wt_page_layer_fields(p, &kind, h, &h->layers[i]);
    wt_json_close(&kind, ']');
    wt_json_open(j, '[');
    wt_json_number(j, finish(p, &kind));
    wt_json_number(j, h->frame);
    moment(j, c, h->time);
    wt_page_json_base64(j, h->bytes);
    wt_json_close(j, ']');
}

void wt_page_packets(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "packets");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->packet_count; i++)
        packet(p, j, c, &c->packets[i]);
    wt_json_close(j, ']');
    if (c->packets_dropped)
        wt_json_member_number(j, "packets_dropped", c->packets_dropped);
}
