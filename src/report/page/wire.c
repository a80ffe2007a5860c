#include "report/page/wire.h"

#include "base/uninitialized.h"
#include "codec/header_fields.h"
#include "report/json/places.h"
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

/* The value of what it has in common with other records, SIZE_MAX without memory. */
static size_t record_kind(struct wt_page *p, const struct wt_record_seen *r)
{
    struct {
        uint32_t length, plaintext_length, padding_length;
        uint16_t version;
        uint8_t from, type, opened, inner_type, header_length, header[5];
    } facts;
    _Static_assert(sizeof facts == 24, "compared as bytes, without room between the members");
    struct wt_output output;
    struct wt_json kind WT_UNINITIALIZED;
    bool is_new;
    facts.length = r->length;
    facts.plaintext_length = r->plaintext_length;
    facts.padding_length = r->padding_length;
    facts.version = r->version;
    facts.from = r->from;
    facts.type = r->type;
    facts.opened = r->opened;
    facts.inner_type = r->inner_type;
    facts.header_length = r->header_length;
    memcpy(facts.header, r->header, sizeof facts.header);
    const size_t at =
        wt_page_values_enter(&p->known, WT_PAGE_RECORD, wt_span_of((uint8_t *)&facts, sizeof facts), &is_new);
    if (at == SIZE_MAX || !is_new)
        return at == SIZE_MAX ? SIZE_MAX : p->known.list[at].first;
    wt_page_like_start(p, &kind, &output);
    wt_json_open(&kind, '{');
    wt_json_member_word(&kind, "from", wt_words_side(r->from));
    wt_json_record_kind(&kind, r);
    wt_json_close(&kind, '}');
    return p->known.list[at].first = (uint32_t)wt_page_like_end(p, &kind);
}

static void record(struct wt_page *p, struct wt_json *j, const struct wt_record_seen *r,
                   const struct wt_record_seen *before)
{
    wt_json_open(j, '[');
    wt_json_number(j, record_kind(p, r));
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

/* What decides all that is said of packets in common: in p->key. */
static void packet_facts(struct wt_page *p, const struct wt_packet_headers *h)
{
    const uint8_t first[] = {h->from,
                             h->reassembled,
                             (uint8_t)(h->link >> 8),
                             (uint8_t)h->link,
                             (uint8_t)h->layer_count};
    p->key.n = 0;
    (void)wt_buffer_add(&p->key, first, sizeof first);
    (void)wt_buffer_add(&p->key, &h->length, sizeof h->length);
    (void)wt_buffer_add(&p->key, &h->bytes.n, sizeof h->bytes.n);
    for (size_t i = 0; i < h->layer_count; i++) {
        const struct wt_layer_place *place = &h->layers[i];
        const struct wt_span bytes = wt_span_cut(h->bytes, place->offset, place->length);
        const uint32_t numbers[] = {place->layer, place->offset, place->length, (uint32_t)bytes.n};
        (void)wt_buffer_add(&p->key, numbers, sizeof numbers);
        wt_header_shape((enum wt_layer)place->layer, bytes, &p->key);
    }
}

/* The value of what it has in common with other packets, SIZE_MAX without memory. */
static size_t packet_kind(struct wt_page *p, const struct wt_packet_headers *h)
{
    struct wt_output output;
    struct wt_json kind WT_UNINITIALIZED;
    bool is_new;
    packet_facts(p, h);
    p->values.failed |= p->key.failed;
    const size_t at = wt_page_values_enter(&p->known, WT_PAGE_PACKET, wt_buffer_span(&p->key), &is_new);
    if (at == SIZE_MAX || !is_new)
        return at == SIZE_MAX ? SIZE_MAX : p->known.list[at].first;
    wt_page_like_start(p, &kind, &output);
    wt_json_open(&kind, '{');
    wt_json_member_word(&kind, "from", wt_words_side(h->from));
    wt_json_member_number(&kind, "link_type", h->link);
    wt_json_member_number(&kind, "headers_length", h->length);
    wt_json_member_number(&kind, "kept", h->bytes.n);
    wt_json_layers(&kind, h);
    wt_json_member_flag(&kind, "reassembled", h->reassembled);
    wt_json_key(&kind, "fields");
    wt_json_open(&kind, '[');
    for (size_t i = 0; i < h->layer_count; i++)
        wt_page_layer_fields(p, &kind, h, &h->layers[i]);
    wt_json_close(&kind, ']');
    wt_json_close(&kind, '}');
    return p->known.list[at].first = (uint32_t)wt_page_like_end(p, &kind);
}

static void packet(struct wt_page *p, struct wt_json *j, const struct wt_connection *c,
                   const struct wt_packet_headers *h)
{
    wt_json_open(j, '[');
    wt_json_number(j, packet_kind(p, h));
    wt_json_number(j, h->frame);
    moment(j, c, h->time);
    wt_json_close(j, ']');
    (void)wt_buffer_add(&p->values.bytes, h->bytes.p, h->bytes.n);
}

void wt_page_packets(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    wt_json_member_number(j, "headers", p->values.bytes.n);
    wt_json_key(j, "packets");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->packet_count; i++)
        packet(p, j, c, &c->packets[i]);
    wt_json_close(j, ']');
    if (c->packets_dropped)
        wt_json_member_number(j, "packets_dropped", c->packets_dropped);
}
