/* What carried a segment (link, IP, TCP, tunnels) with stand-ins in it: by the fields that the trail has of them, as in
 * messages. */
#ifndef WT_REDACT_HEADERS_H
#define WT_REDACT_HEADERS_H

#include "redact/standins.h"
#include "wiretale/story.h"

/* packet->bytes.n bytes to out: what is before TCP's payload. */
void wt_redact_headers(struct wt_standins *s, const struct wt_packet_headers *packet, uint8_t *out);

#endif
