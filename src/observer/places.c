/* Which packets and records carried what is kept of a connection. */
#include "observer/places.h"

#include "base/array.h"
#include "base/memory.h"
#include "capture/packet.h"
#include "observer/places_kept.h"
#include "observer/state.h"

#include <stdlib.h>

enum { LEAST = 8 }; /* elements of a list that begins */

static struct wt_places *places_of(struct wt_observer *o, struct wt_conversation *c)
{
    bool wanted = c->phase == WT_PHASE_TLS ? c->tls && c->tls->log
                                           : c->phase == WT_PHASE_PLAIN && (!o->options.keep_connections ||
                                                                            o->kept < o->options.keep_connections);
    if (!wanted) {
        wt_places_free(o, c);
    } else if (!c->places) {
        c->places = wt_calloc(1, sizeof *c->places);
        if (c->places)
            c->places->arena.limit = WT_LIMIT_PLACES_BYTES;
    }
    return c->places;
}

/* --- headers of packets --------------------------------------------------------------------------------------------
 */

/* Bytes that one costs beside its own. */
enum { HEADERS_COST = sizeof(struct wt_places_packet) };

static void keep_headers(struct wt_observer *o, struct wt_places *p, unsigned direction)
{
    const struct wt_packet_headers *now = &o->headers;
    if (p->header_count && p->headers[p->header_count - 1].frame == now->frame)
        return;
    const size_t cost = now->bytes.n + HEADERS_COST, at = p->header_text.n;
    if (p->header_bytes + cost > WT_LIMIT_PACKET_HEADERS_BYTES ||
        o->header_bytes + cost > WT_LIMIT_PACKET_HEADERS_ALL ||
        !wt_array_grow(&p->headers, p->header_count, &p->header_cap, sizeof *p->headers, LEAST) ||
        !wt_buffer_add(&p->header_text, now->bytes.p, now->bytes.n)) {
        p->headers_dropped++;
        o->lost[WT_LOST_PLACES]++;
        return;
    }
    p->headers[p->header_count++] = (struct wt_places_packet){.time = now->time,
                                                              .frame = now->frame,
                                                              .length = now->length,
                                                              .at = (uint32_t)at,
                                                              .n = (uint16_t)now->bytes.n,
                                                              .link = now->link,
                                                              .direction = (uint8_t)direction,
                                                              .reassembled = now->reassembled};
    p->header_bytes += cost;
    o->header_bytes += cost;
}

void wt_places_headers(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *s)
{
    /* the payload of IP fragments that were put together is in none of them */
    bool here = s->data >= packet->data && s->data <= packet->data + packet->length;
    uint32_t length = here ? (uint32_t)(s->data - packet->data) : packet->length;
    o->headers = (struct wt_packet_headers){
        .frame = packet->frame,
        .time = packet->time,
        .link = packet->link,
        .reassembled = !here,
        .length = length,
        .bytes = wt_span_of(packet->data, length < WT_LIMIT_PACKET_HEADERS ? length : WT_LIMIT_PACKET_HEADERS),
    };
}

void wt_places_look(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *s)
{
    wt_places_headers(o, packet, s);
    /* a segment that comes early is handed on when its headers are gone */
    unsigned d;
    struct wt_conversation *c = s->length ? wt_conversations_find(o->conversations, s, &d) : NULL;
    struct wt_places *p = c && !(c->flags & WT_CONV_ENDED) ? places_of(o, c) : NULL;
    if (p)
        keep_headers(o, p, d);
}

void wt_places_datagram(struct wt_observer *o, struct wt_conversation *c, unsigned direction)
{
    struct wt_places *p = o->headers.frame == o->frame ? places_of(o, c) : NULL;
    if (p)
        keep_headers(o, p, direction);
}

void wt_places_segment(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_places *p = places_of(o, c);
    if (!p)
        return;
    if (o->segments >= WT_LIMIT_SEGMENTS_ALL) {
        p->trace.dropped++;
        o->lost[WT_LOST_PLACES]++;
    } else if (wt_trace_add(&p->trace, &c->transport.tcp[d], d, s, o->now.ns, o->frame)) {
        o->segments++;
    }
}

void wt_places_end(struct wt_observer *o, struct wt_conversation *c)
{
    if (!o->options.keep_segments || c->flags & WT_CONV_SPOKE || c->phase != WT_PHASE_PLAIN)
        wt_places_free(o, c);
}

void wt_places_packet(struct wt_observer *o, struct wt_conversation *c, unsigned direction, size_t n)
{
    struct wt_places *p = places_of(o, c);
    if (!p)
        return;
    struct wt_places_lane *l = &p->lane[direction];
    const struct wt_tcp_direction *tcp = &c->transport.tcp[direction];
    const struct wt_tls_side *side = c->tls ? &c->tls->side[wt_tls_side_of(c->tls, direction)] : NULL;
    /* what comes before TLS has no messages */
    bool plain = !side || (side->flags & (WT_SIDE_STARTED | WT_SIDE_NOT_TLS | WT_SIDE_UNREACHED)) != WT_SIDE_STARTED;
    l->map.needed = l->part_count && l->parts[0].at < l->begin ? l->parts[0].at : l->begin;
    if (side && c->tls->cursor[direction].state & WT_RECORD_LOST)
        l->map.needed = l->map.end; /* the next record begins in what comes now */
    l->map.lost = 0;
    wt_stream_map_packet(&l->map, tcp->next - tcp->base - 1, n, o->tcp.waited ? o->tcp.held.frame : o->frame,
                         plain ? WT_LIMIT_PLACES_PLAIN : WT_LIMIT_PLACES_PACKETS);
    o->lost[WT_LOST_PLACES] += plain ? 0 : l->map.lost;
    /* bytes that are read anew came in packets that are gone */
    if (o->options.keep_packet_headers && !o->tcp.waited && o->frame && o->headers.frame == o->frame)
        keep_headers(o, p, direction);
}

void wt_places_carried(struct wt_observer *o, struct wt_conversation *c, unsigned direction, size_t n, size_t after)
{
    if (!c->places)
        return;
    struct wt_stream_map *map = &c->places->lane[direction].map;
    map->lost = 0;
    wt_stream_map_carried(map, n, after);
    o->lost[WT_LOST_PLACES] += map->lost;
}

/* --- records -------------------------------------------------------------------------------------------------------
 */

void wt_places_record(struct wt_observer *o, struct wt_conversation *c, unsigned direction,
                      const struct wt_record_cursor *record)
{
    struct wt_places *p = c->places;
    if (!p)
        return;
    struct wt_places_lane *l = &p->lane[direction];
    wt_places_settle(o, p, l);
    uint8_t head = !(record->record.flags & WT_RECORD_SSL2) ? 5 : record->head[0] & 0x80 ? 2 : 3;
    l->begin = l->map.position - record->after - head;
    l->placed = true;
    if (!wt_array_grow_within(&l->records, l->record_count, &l->record_cap, sizeof *l->records, LEAST,
                              WT_LIMIT_PLACES_RECORDS)) {
        p->records_dropped++;
        o->lost[WT_LOST_PLACES]++;
        return;
    }
    l->placed = false;
    struct wt_record_seen *r = &l->records[l->record_count++];
    *r = (struct wt_record_seen){.offset = wt_stream_map_offset(&l->map, l->begin),
                                 .number = c->tls->cursor[direction].record.number,
                                 .length = record->record.length + record->padding,
                                 .from = (uint8_t)direction,
                                 .header_length = head,
                                 .type = record->record.type,
                                 .version = record->record.version};
    memcpy(r->header, record->head, head);
}

/* The current record, when it is kept. */
static struct wt_record_seen *current(const struct wt_conversation *c, struct wt_places_lane *l, unsigned direction)
{
    struct wt_record_seen *r = l->record_count ? &l->records[l->record_count - 1] : NULL;
    return r && r->number == c->tls->cursor[direction].record.number ? r : NULL;
}

void wt_places_opened(struct wt_conversation *c, unsigned direction, uint8_t type, size_t length, uint32_t padding)
{
    struct wt_record_seen *r = c->places ? current(c, &c->places->lane[direction], direction) : NULL;
    if (!r)
        return;
    r->opened = true;
    r->inner_type = type;
    r->plaintext_length = (uint32_t)length;
    r->padding_length = padding;
}

/* --- messages ------------------------------------------------------------------------------------------------------
 */

/* Takes the first n bytes of the parts away. */
static void drop_parts(struct wt_places_lane *l, uint64_t n)
{
    size_t i = 0;
    for (; i < l->part_count && n >= l->parts[i].n; i++) {
        n -= l->parts[i].n;
        l->part_bytes -= l->parts[i].n;
    }
    if (i)
        memmove(l->parts, l->parts + i, (l->part_count - i) * sizeof *l->parts);
    l->part_count -= i;
    if (!n || !l->part_count)
        return;
    l->parts[0].inside += (uint32_t)n;
    l->parts[0].at += l->parts[0].opened ? 0 : n;
    l->parts[0].n -= (uint32_t)n;
    l->part_bytes -= n;
}

void wt_places_fragment(struct wt_observer *o, struct wt_conversation *c, unsigned direction, size_t inside, size_t n,
                        const struct wt_framing *reader)
{
    if (!c->places || !n)
        return;
    struct wt_places_lane *l = &c->places->lane[direction];
    const struct wt_record_seen *r = current(c, l, direction);
    if (l->part_bytes > reader->held.n) /* the reader has thrown these away */
        drop_parts(l, l->part_bytes - reader->held.n);
    if (!reader->held.n)
        l->cut = false;
    /* the rest of a message that was kept without it */
    size_t skip = reader->skip < n ? reader->skip : n;
    if (skip == n)
        return;
    const uint32_t number = c->tls->cursor[direction].record.number;
    struct wt_places_part *last = l->part_count ? &l->parts[l->part_count - 1] : NULL;
    if (last && last->record == number && last->inside + last->n == inside + skip) {
        last->n += (uint32_t)(n - skip);
        l->part_bytes += n - skip;
        return;
    }
    if (l->cut ||
        !wt_array_grow_within(&l->parts, l->part_count, &l->part_cap, sizeof *l->parts, LEAST, WT_LIMIT_PLACES_PARTS)) {
        o->lost[WT_LOST_PLACES] += !l->cut;
        l->cut = true;
        l->part_count = 0;
        l->part_bytes = 0;
        return;
    }
    const bool opened = r && r->opened;
    const uint64_t at = opened ? l->begin : l->begin + 5 + inside + skip;
    l->part_bytes += n - skip;
    l->parts[l->part_count++] =
        (struct wt_places_part){at, number, (uint32_t)(inside + skip), (uint32_t)(n - skip), opened};
}

static void fill_piece(struct wt_observer *o, struct wt_places *p, struct wt_places_lane *l,
                       const struct wt_places_part *part, struct wt_message_piece *piece)
{
    *piece = (struct wt_message_piece){part->record, part->inside, part->n, part->opened, NULL, 0};
    if (!part->opened) {
        piece->places = wt_places_keep(o, p, l, part->at, part->n, &piece->place_count);
        return;
    }
    wt_places_settle(o, p, l);
    for (size_t i = l->record_count; i-- > 0 && l->records[i].number >= part->record;)
        if (l->records[i].number == part->record) {
            piece->places = l->records[i].places;
            piece->place_count = l->records[i].place_count;
        }
}

/* The first n bytes of what the handshake reader was given. */
static void take_parts(struct wt_observer *o, struct wt_places *p, struct wt_places_lane *l, uint64_t n,
                       struct wt_message *m)
{
    size_t count = 0;
    for (uint64_t sum = 0; count < l->part_count && sum < n; count++)
        sum += l->parts[count].n;
    struct wt_message_piece *pieces = count ? wt_arena_alloc(&p->arena, count * sizeof *pieces) : NULL;
    o->lost[WT_LOST_PLACES] += count && !pieces;
    uint64_t left = n;
    for (size_t i = 0; pieces && i < count; i++) {
        struct wt_places_part part = l->parts[i];
        part.n = part.n < left ? part.n : (uint32_t)left;
        left -= part.n;
        fill_piece(o, p, l, &part, &pieces[i]);
    }
    drop_parts(l, n);
    m->pieces = pieces;
    m->piece_count = pieces ? count : 0;
}

void wt_places_message(struct wt_observer *o, struct wt_conversation *c, bool framed, struct wt_message *m)
{
    struct wt_places *p = c->places;
    if (!p)
        return;
    const unsigned direction = wt_tls_direction_of(c->tls, m->from);
    struct wt_places_lane *l = &p->lane[direction];
    if (framed) {
        take_parts(o, p, l, 4 + (uint64_t)m->length, m);
        return;
    }
    const struct wt_record_seen *r = current(c, l, direction);
    struct wt_message_piece *piece = r ? wt_arena_alloc(&p->arena, sizeof *piece) : NULL;
    if (!piece) {
        o->lost[WT_LOST_PLACES] += r != NULL;
        return;
    }
    struct wt_places_part part = {l->begin + r->header_length, r->number, 0,
                                  r->opened ? r->plaintext_length : r->length, r->opened};
    fill_piece(o, p, l, &part, piece);
    m->pieces = piece;
    m->piece_count = 1;
}

void wt_places_pieces(struct wt_observer *o, struct wt_conversation *c, const struct wt_places_piece *pieces,
                      size_t count, struct wt_message *message)
{
    struct wt_places *p = count ? places_of(o, c) : NULL;
    struct wt_message_piece *to = p ? wt_arena_alloc(&p->arena, count * sizeof *to) : NULL;
    struct wt_stream_place *places = to ? wt_arena_alloc(&p->arena, count * sizeof *places) : NULL;
    if (!places) {
        o->lost[WT_LOST_PLACES] += count > 0;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        places[i] = pieces[i].place;
        to[i] = (struct wt_message_piece){pieces[i].record, pieces[i].inside, pieces[i].length,
                                          pieces[i].opened, &places[i],       1};
    }
    message->pieces = to;
    message->piece_count = count;
}

/* --- the end -------------------------------------------------------------------------------------------------------
 */
