/* Where messages and records of the kept connections lay: packets, stream offsets, records.
 *
 * TCP says which packet brings which bytes of a stream (wt_places_packet), the record cursor where a record begins
 * (wt_places_record), handshake framing which bytes of its fragment it is given (wt_places_fragment). A message's
 * pieces are looked up when it is kept; packets before the oldest record or message in progress are forgotten. Each
 * function does nothing for a conversation without places. */
#ifndef WT_OBSERVER_PLACES_H
#define WT_OBSERVER_PLACES_H

#include "carriage/framing.h"
#include "carriage/record.h"
#include "wiretale/story.h"

struct wt_conversation;
struct wt_observer;
struct wt_segment;
struct wt_places;

/* The packet at hand brings the next n bytes of a direction; with options.keep_messages, before they are read. */
void wt_places_packet(struct wt_observer *o, struct wt_conversation *c, unsigned direction, size_t n);
/* With options.keep_packet_headers, of each packet of UDP: its headers are at hand until the next. */
void wt_places_headers(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *segment);
/* With options.keep_packet_headers, of each packet of TCP: its headers are kept when its payload belongs to a
 * conversation of which that is asked. */
void wt_places_look(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *segment);
/* With options.keep_packet_headers, of each datagram of a connection, whose addresses' direction this is. */
void wt_places_datagram(struct wt_observer *o, struct wt_conversation *c, unsigned direction);
/* With options.keep_segments, of each segment, before the stream takes it. */
void wt_places_segment(struct wt_observer *o, struct wt_conversation *c, unsigned direction,
                       const struct wt_segment *s);
/* A conversation without TLS is over: its segments alone are kept where it may be reported as a connection that was to
 * be TLS. */
void wt_places_end(struct wt_observer *o, struct wt_conversation *c);
/* A carrier takes n bytes of TLS out of the stream; `after` bytes of what came come after them. */
void wt_places_carried(struct wt_observer *o, struct wt_conversation *c, unsigned direction, size_t n, size_t after);

/* A record's header is complete. */
void wt_places_record(struct wt_observer *o, struct wt_conversation *c, unsigned direction,
                      const struct wt_record_cursor *record);
/* It was opened: what was inside. */
void wt_places_opened(struct wt_conversation *c, unsigned direction, uint8_t type, size_t length, uint32_t padding);
/* n bytes of its fragment or plaintext, from byte `inside` on, are fed to the handshake reader next. */
void wt_places_fragment(struct wt_observer *o, struct wt_conversation *c, unsigned direction, size_t inside, size_t n,
                        const struct wt_framing *reader);

/* A message is kept: its pieces. `framed`: it comes from the handshake reader, else it is the current record. */
void wt_places_message(struct wt_observer *o, struct wt_conversation *c, bool framed, struct wt_message *message);

/* Where a datagram has a part of a message: place and the rest as struct wt_message_piece has them. */
struct wt_places_piece {
    struct wt_stream_place place;
    uint32_t record, inside, length;
    bool opened;
};
/* A message that came in datagrams is kept: its pieces, in its order. */
void wt_places_pieces(struct wt_observer *o, struct wt_conversation *c, const struct wt_places_piece *pieces,
                      size_t count, struct wt_message *message);

/* Directions become sides; holds until wt_places_free(). */
void wt_places_fill(struct wt_observer *o, struct wt_conversation *c, struct wt_connection *out);
/* Bytes that they take, apart from headers of packets and segments, which the observer counts. */
size_t wt_places_bytes(const struct wt_places *places);
/* The streams are read from their beginning once more: packets and segments were seen, and stay. */
void wt_places_read_anew(struct wt_conversation *c);
void wt_places_free(struct wt_observer *o, struct wt_conversation *c);

#endif
