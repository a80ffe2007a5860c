/* Where it was. */
#ifndef WT_JSON_PLACES_H
#define WT_JSON_PLACES_H

#include "report/json/writer.h"
#include "wiretale/story.h"

/* The member "places". */
void wt_json_places(struct wt_json *j, const struct wt_stream_place *places, size_t count);

/* The pieces of a message; the arrays `records` and `packets` of a connection. */
void wt_json_pieces(struct wt_json *j, const struct wt_message *m);
void wt_json_records(struct wt_json *j, const struct wt_connection *c);
void wt_json_packets(struct wt_json *j, const struct wt_connection *c);

/* What a record is, without who sent it and where: the members from "header" to "padding_length". */
void wt_json_record_kind(struct wt_json *j, const struct wt_record_seen *r);
/* The member "layers" of a packet. */
void wt_json_layers(struct wt_json *j, const struct wt_packet_headers *p);

#endif
