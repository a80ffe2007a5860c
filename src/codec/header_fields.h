/* Headers below TLS for the trail: which field is where. */
#ifndef WT_CODEC_HEADER_FIELDS_H
#define WT_CODEC_HEADER_FIELDS_H

#include "base/buffer.h"
#include "base/span.h"
#include "base/trail.h"
#include "wiretale/layer.h"

/* The fields of one layer's header, as far as its bytes are there; every byte is in one of them. */
void wt_header_fields(enum wt_layer layer, struct wt_span header, struct wt_trail *trail);
/* Appends what decides, beside a header's length, which fields it has and where: two that have the same here and are
 * equally long have the same fields in the same places. */
void wt_header_shape(enum wt_layer layer, struct wt_span header, struct wt_buffer *shape);
/* A record's: RFC 8446, 5.1. */
void wt_record_header_fields(struct wt_span header, struct wt_trail *trail);
/* A handshake message's: RFC 8446, 4. */
void wt_handshake_header_fields(struct wt_span header, struct wt_trail *trail);

/* What a layer's fields are explained under: "ipv4", "tcp". */
const char *wt_header_name(enum wt_layer layer);

#endif
