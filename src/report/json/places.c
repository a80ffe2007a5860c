/* Which packets and records carried what: `pieces`, `records` and `packets` of the JSON contract. */
#include "report/json/places.h"

#include "registry/registry.h"
#include "report/json/dtls.h"
#include "report/json/json.h"
#include "story/words.h"

void wt_json_places(struct wt_json *j, const struct wt_stream_place *places, size_t count)
{
    wt_json_key(j, "places");
    wt_json_open(j, '[');
    for (size_t i = 0; i < count; i++) {
        wt_json_open(j, '{');
        if (places[i].frame)
            wt_json_member_number(j, "frame", places[i].frame);
        wt_json_member_number(j, "offset", places[i].offset);
        wt_json_member_number(j, "length", places[i].length);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

void wt_json_pieces(struct wt_json *j, const struct wt_message *m)
{
    wt_json_key(j, "pieces");
    wt_json_open(j, '[');
    for (size_t i = 0; i < m->piece_count; i++) {
        const struct wt_message_piece *p = &m->pieces[i];
        wt_json_open(j, '{');
        wt_json_member_number(j, "record", p->record);
        wt_json_member_number(j, "inside", p->inside);
        wt_json_member_number(j, "length", p->length);
        wt_json_member_flag(j, "opened", p->opened);
        wt_json_places(j, p->places, p->place_count);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

void wt_json_record_kind(struct wt_json *j, const struct wt_record_seen *r)
{
    wt_json_key(j, "header");
    wt_json_hex(j, (struct wt_span){r->header, r->header_length});
    wt_json_key(j, "content_type");
    wt_json_name(j, WT_REG_CONTENT_TYPE, r->type);
    if (r->header_length == 5) { /* SSL 2.0's have no version */
        wt_json_key(j, "record_version");
        wt_json_code(j, r->version, 2);
    }
    wt_json_member_number(j, "length", r->length);
    if (r->opened) {
        wt_json_key(j, "inner_type");
        wt_json_name(j, WT_REG_CONTENT_TYPE, r->inner_type);
        wt_json_member_number(j, "plaintext_length", r->plaintext_length);
        wt_json_member_number(j, "padding_length", r->padding_length);
    }
}

static void record(struct wt_json *j, const struct wt_record_seen *r)
{
    wt_json_open(j, '{');
    wt_json_member_word(j, "from", wt_words_side(r->from));
    wt_json_member_number(j, "number", r->number);
    wt_json_member_number(j, "offset", r->offset);
    wt_json_record_kind(j, r);
    wt_json_places(j, r->places, r->place_count);
    wt_json_close(j, '}');
}

void wt_json_records(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "records");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->record_count; i++)
        record(j, &c->records[i]);
    if (c->dtls)
        wt_json_dtls_records(j, c->dtls);
    wt_json_close(j, ']');
    if (c->records_dropped)
        wt_json_member_number(j, "records_dropped", c->records_dropped);
}

void wt_json_layers(struct wt_json *j, const struct wt_packet_headers *p)
{
    wt_json_key(j, "layers");
    wt_json_open(j, '[');
    for (size_t i = 0; i < p->layer_count; i++) {
        wt_json_open(j, '{');
        wt_json_member_text(j, "layer", wt_words_layer(p->layers[i].layer));
        wt_json_member_number(j, "offset", p->layers[i].offset);
        wt_json_member_number(j, "length", p->layers[i].length);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

void wt_json_packets(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "packets");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->packet_count; i++) {
        const struct wt_packet_headers *p = &c->packets[i];
        wt_json_open(j, '{');
        wt_json_member_number(j, "frame", p->frame);
        wt_json_member_word(j, "from", wt_words_side(p->from));
        wt_json_key(j, "time");
        wt_json_time(j, p->time);
        wt_json_member_number(j, "link_type", p->link);
        wt_json_key(j, "headers");
        wt_json_hex(j, p->bytes);
        wt_json_member_number(j, "headers_length", p->length);
        wt_json_layers(j, p);
        wt_json_member_flag(j, "reassembled", p->reassembled);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
    if (c->packets_dropped)
        wt_json_member_number(j, "packets_dropped", c->packets_dropped);
}
