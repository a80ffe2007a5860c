/* What is kept of places as a story has it, and what it takes. */
#include "observer/places_kept.h"

#include "base/uninitialized.h"
#include "observer/places.h"
#include "observer/state.h"

#include <stdlib.h>

enum { FEW = 4 }; /* packets: most of what is looked for lies in one or two, and is looked for once */

const struct wt_stream_place *wt_places_keep(struct wt_observer *o, struct wt_places *p, const struct wt_places_lane *l,
                                             uint64_t at, uint64_t n, size_t *count)
{
    struct wt_stream_place few[FEW] WT_UNINITIALIZED;
    *count = wt_stream_map_find(&l->map, at, n, few, FEW);
    struct wt_stream_place *places = *count ? wt_arena_alloc(&p->arena, *count * sizeof *places) : NULL;
    if (places && *count <= FEW) {
        memcpy(places, few, *count * sizeof *places);
    } else if (places) {
        (void)wt_stream_map_find(&l->map, at, n, places, *count);
    } else if (*count) {
        o->lost[WT_LOST_PLACES]++;
        *count = 0;
    }
    return places;
}

/* The newest record's places, once all of it that comes has come. */
void wt_places_settle(struct wt_observer *o, struct wt_places *p, struct wt_places_lane *l)
{
    if (!l->record_count || l->placed)
        return;
    struct wt_record_seen *r = &l->records[l->record_count - 1];
    r->places = wt_places_keep(o, p, l, l->begin, (uint64_t)r->header_length + r->length, &r->place_count);
    l->placed = true;
}

static struct wt_packet_headers headers_of(const struct wt_places *p, const struct wt_places_packet *kept)
{
    struct wt_packet_headers h = {.frame = kept->frame,
                                  .link = kept->link,
                                  .reassembled = kept->reassembled,
                                  .length = kept->length,
                                  .bytes = wt_span_cut(wt_buffer_span(&p->header_text), kept->at, kept->n),
                                  .time = kept->time};
    h.layer_count = wt_packet_layers(
        &(struct wt_packet){.data = h.bytes.p, .length = kept->n, .original = h.length, .link = h.link}, h.length,
        h.layers);
    return h;
}

static void fill_segments(struct wt_observer *o, const struct wt_conversation *c, struct wt_connection *out)
{
    const struct wt_trace *t = &c->places->trace;
    struct wt_segment_seen *all = t->count ? wt_arena_alloc(&o->story, t->count * sizeof *all) : NULL;
    for (size_t i = 0; all && i < t->count; i++) {
        const struct wt_traced *s = &t->all[i];
        all[i] = (struct wt_segment_seen){.time = {s->ns, c->digits},
                                          .frame = s->frame,
                                          .sequence = s->sequence - t->lane[s->direction].base,
                                          .length = s->length,
                                          .from = (uint8_t)wt_tls_side_of(c->tls, s->direction),
                                          .flags = s->flags,
                                          .mark = s->mark};
    }
    out->segments = all;
    out->segment_count = all ? t->count : 0;
    out->segments_dropped = t->dropped + (all ? 0 : t->count);
}

void wt_places_fill(struct wt_observer *o, struct wt_conversation *c, struct wt_connection *out)
{
    struct wt_places *p = c->places;
    if (!p)
        return;
    fill_segments(o, c, out);
    unsigned client = c->tls->client;
    for (unsigned d = 0; d < 2; d++)
        wt_places_settle(o, p, &p->lane[d]);
    size_t count = p->lane[0].record_count + p->lane[1].record_count;
    struct wt_record_seen *records = count ? wt_arena_alloc(&o->story, count * sizeof *records) : NULL;
    struct wt_packet_headers *packets =
        p->header_count ? wt_arena_alloc(&o->story, p->header_count * sizeof *packets) : NULL;
    for (unsigned side = 0; records && side < 2; side++) {
        const struct wt_places_lane *l = &p->lane[side == WT_CLIENT ? client : !client];
        for (size_t i = 0; i < l->record_count; i++) {
            struct wt_record_seen *r = &records[out->record_count++];
            *r = l->records[i];
            r->from = (uint8_t)side;
        }
    }
    for (size_t i = 0; packets && i < p->header_count; i++) {
        packets[i] = headers_of(p, &p->headers[i]);
        packets[i].from = (uint8_t)wt_tls_side_of(c->tls, p->headers[i].direction);
    }
    out->records = records;
    out->records_dropped = p->records_dropped + (records ? 0 : count);
    out->packets = packets;
    out->packet_count = packets ? p->header_count : 0;
    out->packets_dropped = p->headers_dropped + (packets ? 0 : p->header_count);
}

/* What was kept of the streams: all but packets and segments. */
static void free_lanes(struct wt_places *p)
{
    for (unsigned d = 0; d < 2; d++) {
        wt_stream_map_free(&p->lane[d].map);
        free(p->lane[d].parts);
        free(p->lane[d].records);
        p->lane[d] = (struct wt_places_lane){.part_count = 0};
    }
    wt_arena_free(&p->arena);
    p->records_dropped = 0;
}

void wt_places_read_anew(struct wt_conversation *c)
{
    if (c->places)
        free_lanes(c->places);
}

void wt_places_free(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_places *p = c->places;
    if (!p)
        return;
    free_lanes(p);
    free(p->headers);
    wt_buffer_free(&p->header_text);
    o->header_bytes -= p->header_bytes;
    o->segments -= p->trace.count;
    wt_trace_free(&p->trace);
    free(p);
    c->places = NULL;
}

static size_t lane_bytes(const struct wt_places_lane *l)
{
    return l->part_cap * sizeof *l->parts + l->record_cap * sizeof *l->records +
           l->map.packet_cap * sizeof *l->map.packets + l->map.slice_cap * sizeof *l->map.slices;
}

size_t wt_places_bytes(const struct wt_places *p)
{
    return sizeof *p + lane_bytes(&p->lane[0]) + lane_bytes(&p->lane[1]) + p->arena.used;
}
