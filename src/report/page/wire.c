#include "report/page/wire.h"

#include "report/json/places.h"
#include "report/page/block.h"
#include "report/page/fields.h"
#include "story/words.h"

/* RFC 8259, 6: integers up to 2**53 are what software agrees on. */
#define EXACT ((int64_t)1 << 53)

/* --- records ------------------------------------------------------------------------------------------------------ */

static uint64_t end_of(const struct wt_record_seen *r)
{
    return r->offset + r->header_length + r->length;
}

/* Whether it is the next of its side, right after the one before, and all of it came in one packet. */
static bool follows(const struct wt_record_seen *r, const struct wt_record_seen *before)
{
    const bool next = before && before->from == r->from
                          ? r->number == before->number + 1 && r->offset == end_of(before)
                          : r->number == 1 && r->offset == 0;
    return next && r->place_count == 1 && r->places[0].offset == r->offset && end_of(r) < (uint64_t)EXACT &&
           r->places[0].length == end_of(r) - r->offset;
}

static void record(struct wt_page *p, struct wt_json *j, const struct wt_record_seen *r,
                   const struct wt_record_seen *before)
{
    struct wt_output output;
    struct wt_json kind;
    wt_page_like_start(p, &kind, &output);
    wt_json_open(&kind, '{');
    wt_json_member_word(&kind, "from", wt_words_side(r->from));
    wt_json_record_kind(&kind, r);
    wt_json_close(&kind, '}');
    wt_json_open(j, '[');
    wt_json_number(j, wt_page_like_end(p, &kind));
    if (follows(r, before)) {
        wt_json_number(j, r->places[0].frame);
        wt_json_close(j, ']');
        return;
    }
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
        record(p, j, &c->records[i], i ? &c->records[i - 1] : NULL);
    wt_json_close(j, ']');
    if (c->records_dropped)
        wt_json_member_number(j, "records_dropped", c->records_dropped);
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

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
    wt_page_like_start(p, &kind, &output);
    wt_json_open(&kind, '{');
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
    wt_json_close(&kind, '}');
    wt_json_open(j, '[');
    wt_json_number(j, wt_page_like_end(p, &kind));
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
